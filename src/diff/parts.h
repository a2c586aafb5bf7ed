/*
 * parts.h - a prompt as the pieces that are compared: for every heading of every file the text right under it.
 *
 * Parts come from the tree of a built prompt, from a saved sysprompt.build/1, or from a text by itself. Their tokens
 * sum to the prompt's.
 */
#ifndef SP_DIFF_PARTS_H
#define SP_DIFF_PARTS_H

#include "base/sha256.h"
#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

typedef struct sp_part {
    uint32_t file;   /* of sp_parts.files */
    uint32_t parent; /* the part of the heading above, or SP_NONE */
    sp_str_list headings;
    size_t tokens;
    char whole[SP_SHA256_HEX]; /* hashes of its text, with the heading */
    char body[SP_SHA256_HEX];  /* and without; short text and what is not known: "" */
} sp_part;

typedef struct sp_part_file {
    sp_str path; /* ptr NULL: our own wording */
    size_t tokens;
} sp_part_file;

typedef struct sp_parts {
    sp_str agent; /* ptr NULL for a main session */
    size_t tokens;
    sp_range range;
    sp_str encoding_note;              /* as in sp_prompt */
    const sp_encoding *model_encoding; /* as in sp_diff_prompt */
    bool has_text;                     /* hashes are known */
    sp_part *parts;
    uint32_t count;
    sp_part_file *files;
    uint32_t file_count;
} sp_parts;

/* All copy what they keep into arena. Fail only with SP_ERR_NO_MEMORY but for what is said. by_path: files go by the
 * path that the user sees and not by the name that the prompt has for them, and parts of one with the same headings
 * are one, both as in a saved result. */
SP_MUST_USE sp_status sp_parts_of_prompt(sp_arena *arena, const sp_prompt *prompt, bool by_path, sp_parts *ret,
                                         sp_err *err);
/* Also fails as sp_token_ends does. */
SP_MUST_USE sp_status sp_parts_of_text(sp_arena *arena, const sp_encoding *encoding, sp_str path, sp_str text,
                                       sp_parts *ret, sp_err *err);
/* SP_ERR_INPUT with line and column for what is no sysprompt.build/1. *ret_encoding is the name of its encoding. */
SP_MUST_USE sp_status sp_parts_of_result(sp_arena *arena, sp_str path, sp_str json, sp_parts *ret, sp_str *ret_encoding,
                                         sp_err *err);

#endif
