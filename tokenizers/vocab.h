/*
 * vocab.h - a vocabulary while the build works on it. Shared by the host tools in this folder; none of it
 * ends up in the program.
 */
#ifndef SP_BUILD_VOCAB_H
#define SP_BUILD_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

typedef struct token {
    uint32_t at;          /* offset in vocab.bytes */
    uint32_t len;         /* 0: no token has this rank */
    uint32_t left, right; /* the two tokens it is the merge of; itself for a single byte */
} token;

typedef struct vocab {
    token *tokens; /* by rank */
    uint32_t count;
    uint8_t *bytes; /* all tokens, one after the other */
    size_t bytes_len;
    uint32_t *map; /* hash of the bytes -> rank + 1, open addressing */
    uint32_t map_mask;
} vocab;

noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *allocate(size_t count, size_t size);

/* Ends with a message on anything that is not a well-formed file: canonical base64, ranks rising from 0 with
 * gaps allowed, no token twice, every single byte present. */
void vocab_read_tiktoken(vocab *v, const char *path);
void vocab_write_tiktoken(const vocab *v, uint32_t count, const char *path);

/* Starts an empty vocabulary for count ranks and bytes_cap bytes; add in order of rank. */
void vocab_start(vocab *v, uint32_t count, size_t bytes_cap);
void vocab_add(vocab *v, uint32_t rank, const uint8_t *bytes, uint32_t len);

/* Rank of these bytes, or UINT32_MAX. */
uint32_t vocab_find(const vocab *v, const uint8_t *bytes, uint32_t len);

/* Fills left and right of every token by merging its bytes with the tokens of lower rank, as tiktoken merges
 * any text. Ends with a message if a token does not come down to exactly two. */
void vocab_split(vocab *v);

/* A whole file. */
uint8_t *read_file(const char *path, size_t *ret_len);
void write_file(const char *path, const void *bytes, size_t len);

#endif
