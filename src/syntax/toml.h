/*
 * toml.h - reading TOML into the tree that JSON has, too, so that one reader of settings serves both.
 *
 *   sp_json_node *root;
 *   sp_toml_problem problem;
 *   SP_TRY(sp_toml_parse(arena, text, &root, &problem, err));
 *   if (!root)
 *       ... problem.what at problem.offset
 *
 * vendor/tomlc17 does the reading. A table is an SP_JSON_OBJECT, a date or a time an SP_JSON_DATE. The text of a whole
 * number is decimal, however it was written; that of other numbers and of dates is as in the file. offset is where the
 * value begins; of a table, where its header or its first key does. key_offset is the same.
 */
#ifndef SP_TOML_H
#define SP_TOML_H

#include "base/base.h"
#include "base/parse_json.h"
#include "base/types.h"

/* Why a text was not read: a sentence without its subject. The parser tells lines only, so offset is the first byte of
 * that line that is not a space. */
typedef struct sp_toml_problem {
    size_t offset;
    sp_str what;
    bool is_limit; /* it may be TOML, but is deeper or larger than this reader takes */
} sp_toml_problem;

/* Parses text. *ret_root is NULL when it was not read, and then *ret_problem says why. Everything lives in arena or
 * borrows from text. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_toml_parse(sp_arena *arena, sp_str text, sp_json_node **ret_root, sp_toml_problem *ret_problem,
                                    sp_err *err);

#endif
