/* list.h - the tokens of a list of agents, or of skills. */
#ifndef SP_LIST_H
#define SP_LIST_H

#include "base/diag.h"
#include "base/types.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/request.h"
#include "rules/profile.h"
#include "tokenizer/tokens.h"

/* Fills in the tokens of a list of agents (encoding, agents and agent_count are set), and warns where their
 * descriptions are too long together. threads may be NULL. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_list_count(const sp_profile *profile, sp_agent_list *list, bool with_bodies,
                                    const sp_threads *threads, sp_diags *diags, sp_err *err);

/* Adds the tokens of a text, and theirs to range unless it is NULL. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_list_add_tokens(sp_counter *counter, sp_str text, size_t *tokens, sp_range *range,
                                         sp_err *err);

#endif
