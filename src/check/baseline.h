/*
 * baseline.h - the sizes of an earlier day: a file with a line for each thing that a budget compares.
 *
 *   encoding: o200k_base
 *   estimate: middle            of what is no count; where this is not there, upper
 *   budgets:
 *     agents:
 *       reviewer: 4102
 */
#ifndef SP_CHECK_BASELINE_H
#define SP_CHECK_BASELINE_H

#include "base/file.h"
#include "base/map.h"
#include "base/types.h"
#include "check/config.h"
#include "tokenizer/tokens.h"

typedef struct sp_baseline {
    sp_str path; /* as messages show it */
    sp_file_place place;
    sp_str text;
    sp_map tokens;
} sp_baseline;

/* Who wants the baseline, and what for. */
typedef struct sp_baseline_request {
    const sp_check_config *config;
    sp_str current;     /* the current directory: paths are shown from here */
    bool is_replaced;   /* a new one is about to be written */
    const char *chosen; /* is_replaced: the user's own path for it; NULL: the configuration says where it lies */
} sp_baseline_request;

/* Finds the baseline and reads its text; one that is not there is SP_OK. A configuration comes with a repository that
 * anybody may have made, so the path that it names must lie beneath its own directory, links resolved, outside any
 * .git, and lead to a regular file or to none. Errors: SP_ERR_INPUT for any other path, and for a file that cannot be
 * read. */
SP_MUST_USE sp_status sp_baseline_open(sp_arena *arena, const sp_baseline_request *request, sp_baseline *ret,
                                       sp_err *err);
/* Fills in tokens. Errors: SP_ERR_INPUT for a file that is not a baseline, or that counts in another encoding or by
 * another bound. */
SP_MUST_USE sp_status sp_baseline_read(sp_arena *arena, const sp_encoding *encoding, sp_bound bound,
                                       sp_baseline *baseline, sp_err *err);
/* SP_ERR_INPUT for a file that is not a baseline, whatever it counts in: nothing else may be overwritten. */
SP_MUST_USE sp_status sp_baseline_check(sp_arena *arena, const sp_baseline *baseline, sp_err *err);

/* What it has of that item, or SP_NO_TOKENS. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_baseline_find(sp_arena *arena, const sp_baseline *baseline, sp_str budget, sp_str item,
                                       size_t *ret_tokens, sp_err *err);

#endif
