/* check.h - the state of one check, which src/check.c runs. */
#ifndef SP_CHECK_CHECK_H
#define SP_CHECK_CHECK_H

#include "base/types.h"
#include "check/budgets.h"
#include "check/result.h"
#include "check/site.h"
#include "model/profile.h"

typedef struct sp_checker {
    sp_arena *arena; /* the result's */
    const sp_check_request *asked;
    const sp_profile *profile;     /* of the request */
    const sp_check_config *config; /* never NULL */
    sp_findings findings;
    sp_budgets budgets;
    sp_str launch; /* absolute */
    sp_check *check;
} sp_checker;

/* The budgets that --init proposes, in place of those of a configuration. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_check_propose(sp_arena *arena, sp_str launch, sp_check_config *ret, sp_err *err);

#endif
