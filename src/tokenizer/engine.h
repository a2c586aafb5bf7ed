/*
 * engine.h - tokenizers that are not built in: what one has to do to be counted with like those that are.
 *
 * An encoding whose vocabulary was read from a file is an sp_engine_encoding, with the family SP_ENGINE. Every call of
 * the tokens part of sysprompt.h comes here with it, and is made of the few functions of its engine. The readers are
 * in files/; nothing here knows of files.
 */
#ifndef SP_TOKENIZE_ENGINE_H
#define SP_TOKENIZE_ENGINE_H

#include "base/types.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

/* Where the tokens of a text go, and what of them is wanted. */
typedef struct sp_tokens {
    sp_ids *ids;                    /* NULL: not wanted */
    sp_ids *ends;                   /* NULL, or gets where each token ends: an offset in the text */
    size_t count;                   /* is added to */
    size_t max_tokens;              /* may stop when there are more */
    sp_range range;                 /* of an engine that estimates: is added to */
    char problem[SP_PROBLEM_BYTES]; /* empty, or why the text cannot be counted: a sentence */
} sp_tokens;

/* Adds one token, whose end is an offset in the text. False when memory is short. */
bool sp_tokens_add(sp_tokens *tokens, uint32_t id, size_t end);

/* Says why the text cannot be counted; NULL: memory is short. Returns false. */
bool sp_tokens_fail(sp_tokens *tokens, const char *problem);

typedef struct sp_engine {
    bool is_exact; /* else it is an estimate, and there are no ids */

    /* What a thread needs to count: caches, buffers. NULL when memory is short. */
    void *(*hand_new)(const sp_encoding *encoding);
    void (*hand_free)(void *hand);

    /* Adds the tokens of a text, any bytes. Ends never go down. Where a text ends in what no token is made of, the last
     * is before text.len. False when memory is short, or with tokens->problem. */
    bool (*add)(void *hand, sp_str text, sp_special special, sp_tokens *tokens);

    /* Whether the counts of text[0..at) and of the rest surely add up to that of the whole, whatever else is on both
     * sides: of the text only text[at - 1] and up to 6 bytes from at on may be looked at. 0 < at < text.len. */
    bool (*is_cut)(const sp_encoding *encoding, sp_str text, size_t at);

    /* Adds the bytes of the tokens to out, and returns count; or the index of the first id that there is none of. NULL
     * for an engine that has no ids. */
    size_t (*decode)(const sp_encoding *encoding, const uint32_t *ids, size_t count, sp_buf *out);

    /* Drops the encoding and all that it has. */
    void (*free)(sp_encoding *encoding);
} sp_engine;

typedef struct sp_engine_encoding {
    sp_encoding encoding; /* first, so that a pointer to it is one to this */
    const sp_engine *engine;
    const char *name; /* for messages and reports */
} sp_engine_encoding;

/* The engine of an encoding, or NULL for one that is built in. */
static inline const sp_engine *sp_engine_of(const sp_encoding *encoding)
{
    return encoding->family == SP_ENGINE ? ((const sp_engine_encoding *)encoding)->engine : NULL;
}

/* The error of an engine that could not count: its problem, or nothing for memory that was short. */
sp_status sp_engine_failed(const sp_encoding *encoding, const char *problem, sp_err *err);

/* The calls of sysprompt.h for an encoding that has an engine. */
SP_MUST_USE sp_status sp_engine_token_ends(const sp_encoding *encoding, sp_str text, sp_special special,
                                           uint32_t **ret_ends, size_t *ret_count, sp_err *err);
SP_MUST_USE sp_status sp_engine_truncate(const sp_encoding *encoding, sp_str text, sp_special special,
                                         size_t max_tokens, size_t *ret_len, size_t *ret_tokens, sp_err *err);
SP_MUST_USE sp_status sp_engine_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, char **ret_bytes,
                                       size_t *ret_len, sp_err *err);
SP_MUST_USE sp_status sp_engine_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                                       size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err);
size_t sp_engine_cut_after(const sp_encoding *encoding, sp_str text, size_t from);

#endif
