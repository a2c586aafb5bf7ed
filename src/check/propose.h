/* propose.h - the configuration that check --init begins with. */
#ifndef SP_CHECK_PROPOSE_H
#define SP_CHECK_PROPOSE_H

#include "base/types.h"
#include "check/config.h"

/* The budgets that --init proposes, in place of those of a configuration. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_check_propose(sp_arena *arena, sp_str launch, bool with_request, sp_check_config *ret,
                                       sp_err *err);

#endif
