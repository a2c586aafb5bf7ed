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

#include "base/map.h"
#include "base/types.h"
#include "check/config.h"
#include "tokenizer/tokens.h"

typedef struct sp_baseline {
    bool exists;
    sp_str absolute;
    sp_str path; /* as messages show it */
    sp_map tokens;
} sp_baseline;

/* Where the file that the configuration names is. current is the current directory, which paths are shown from. Fails
 * only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_baseline_locate(sp_arena *arena, const sp_check_config *config, sp_str current,
                                         sp_baseline *ret, sp_err *err);
/* Reads it; one that is not there is SP_OK. Errors: SP_ERR_INPUT for what cannot be read, what is no baseline and one
 * that counts in another encoding or by another bound. */
SP_MUST_USE sp_status sp_baseline_read(sp_arena *arena, const sp_encoding *encoding, sp_bound bound,
                                       sp_baseline *baseline, sp_err *err);

/* What it has of that item, or SP_NO_TOKENS. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_baseline_find(sp_arena *arena, const sp_baseline *baseline, sp_str budget, sp_str item,
                                       size_t *ret_tokens, sp_err *err);

#endif
