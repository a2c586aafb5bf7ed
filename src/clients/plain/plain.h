/* plain.h - clients that tables describe: agents and configuration files by their rows. */
#ifndef SP_PLAIN_H
#define SP_PLAIN_H

#include "base/types.h"
#include "clients/agents/agents.h"
#include "model/agent.h"
#include "model/profile.h"
#include "tokenizer/models/model.h"

/* As sp_agent_read, for a client whose fields are in its table. */
SP_MUST_USE sp_status sp_plain_read_agent(sp_arena *arena, const sp_profile *profile, const sp_models *known_models,
                                          sp_str path, sp_str text, sp_agent_form form, sp_front_matter_mode mode,
                                          sp_diags *diags, sp_agent *ret, size_t *ret_body_begin, sp_err *err);
/* Where the agent of the request lies, by its name. SP_ERR_INPUT where there is none. */
SP_MUST_USE sp_status sp_plain_find_agent(sp_loader *loader, sp_wanted *wanted, sp_err *err);
/* Every agent of the places in the client's table. Errors as for sp_agents_find. */
SP_MUST_USE sp_status sp_plain_add_agents(sp_agent_finder *finder, sp_err *err);
/* Those that the client's own configuration defines. Errors as for sp_load_client_config. */
SP_MUST_USE sp_status sp_plain_add_configured_agents(sp_agent_finder *finder, sp_err *err);

#endif
