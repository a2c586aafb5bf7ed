/* budget.h - budgets as people write them. */
#ifndef SP_TRIM_BUDGET_H
#define SP_TRIM_BUDGET_H

#include "base/types.h"

/* Reads a number of tokens as people write it (base/amount.h); a share is one of the window of a model, rounded down.
 * window_tokens is 0 where it is not known, and model its name, or has ptr NULL (see sp_prompt). SP_ERR_USAGE for
 * anything else, and for a share of a window that is not known. */
SP_MUST_USE sp_status sp_budget_parse(sp_str text, sp_str model, size_t window_tokens, size_t *ret_tokens, sp_err *err);

typedef enum sp_trim_mode {
    SP_TRIM_PLAN,     /* only says what would be cut: prompt->trim */
    SP_TRIM_APPLY,    /* cuts it, if the budget can be met */
    SP_TRIM_SMALLEST, /* and if it cannot, makes the prompt as small as can be */
} sp_trim_mode;

#endif
