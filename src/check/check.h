/* check.h - the state of one check, which src/check.c runs. */
#ifndef SP_CHECK_CHECK_H
#define SP_CHECK_CHECK_H

#include "check/findings.h"
#include "check/site.h"

typedef sp_list(sp_measure) sp_measure_list;

typedef struct sp_checker {
    sp_arena *arena; /* the result's */
    const sp_check_request *asked;
    const sp_profile *profile;     /* of the request */
    const sp_check_config *config; /* never NULL */
    sp_findings findings;
    sp_check *check;
} sp_checker;

#endif
