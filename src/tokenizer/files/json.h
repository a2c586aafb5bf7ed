/*
 * json.h - what the readers of the parts of a tokenizer.json share.
 *
 * Errors name the place in the file and the JSON Pointer of the part: /pre_tokenizer/pretokenizers/0.
 */
#ifndef SP_VOCABULARY_JSON_H
#define SP_VOCABULARY_JSON_H

#include "base/parse_json.h"
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"

typedef struct sp_json_reader {
    const sp_vocab_file *file;
    sp_arena *arena; /* until the file is read */
    sp_tokenizer *tokenizer;
    sp_err *err;
    void *scratch;      /* for the regexes of normalizers; NULL: there are none */
    bool is_byte_level; /* the pre-tokenizer writes bytes as letters: the vocabulary is one of bytes */
} sp_json_reader;

/* SP_ERR_INPUT at that offset of the file. */
sp_status sp_json_fail(const sp_json_reader *reader, size_t offset, const char *format, ...) SP_PRINTF(3, 4);
/* The same for what is not JSON, or for memory. */
sp_status sp_json_walk_failed(const sp_json_reader *reader, const sp_json_walk *walk);

/* The tree of one part of the file, of which node has only the text; where names it in errors. */
SP_MUST_USE sp_status sp_json_expand(const sp_json_reader *reader, const sp_json_node *node, const char *where,
                                     const sp_json_node **ret, sp_err *err);

/* A copy that lives as long as the tokenizer; ptr is NULL when memory is short. */
static inline sp_str sp_json_keep(const sp_json_reader *reader, sp_str text)
{
    return sp_str_dup(&reader->tokenizer->arena, text);
}

/* ---- the parts: each is a value of the file, or NULL where there is none ------------------------------------ */

SP_MUST_USE sp_status sp_json_read_model(const sp_json_reader *reader, const sp_json_node *model);
SP_MUST_USE sp_status sp_json_read_added(const sp_json_reader *reader, const sp_json_node *added);
SP_MUST_USE sp_status sp_json_read_normalizer(sp_json_reader *reader, const sp_json_node *normalizer);
SP_MUST_USE sp_status sp_json_read_cutters(sp_json_reader *reader, const sp_json_node *pre_tokenizer);
SP_MUST_USE sp_status sp_json_read_decoder(sp_json_reader *reader, const sp_json_node *decoder);

#endif
