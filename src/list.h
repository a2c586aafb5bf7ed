/* list.h - what check.c takes from list.c. */
#ifndef SP_LIST_H
#define SP_LIST_H

#include "base/diag.h"
#include "profile/profile.h"

/* Fills in the tokens of the names and descriptions of a list of agents (encoding, agents and agent_count are set), and
 * warns where they are too long together. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_list_count_descriptions(const sp_profile *profile, sp_agent_list *list, sp_diags *diags,
                                                 sp_err *err);

#endif
