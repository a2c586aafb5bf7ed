/* agent_fields.h - the fields of an agent of Claude Code. */
#ifndef SP_AGENT_FIELDS_H
#define SP_AGENT_FIELDS_H

#include "base/types.h"
#include "clients/agents/agent.h"
#include "model/agent.h"
#include "model/profile.h"
#include "sources/loader.h"
#include "tokenizer/models/model.h"

/* As sp_agent_read, for Claude Code. */
SP_MUST_USE sp_status sp_claude_code_read_agent(sp_arena *arena, const sp_profile *profile,
                                                const sp_models *known_models, sp_str path, sp_str text,
                                                sp_agent_form form, sp_front_matter_mode mode, sp_diags *diags,
                                                sp_agent *ret, size_t *ret_body_begin, sp_err *err);
/* The same for fields that were read otherwise, from text. */
SP_MUST_USE sp_status sp_agent_take(sp_arena *arena, const sp_profile *profile, const sp_models *known_models,
                                    sp_str path, sp_str text, sp_agent_form form, const sp_front_matter *fields,
                                    sp_diags *diags, sp_agent *ret, sp_err *err);
/* Fills in what settings and rules make of an agent's model and tools. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_claude_code_resolve_agent(const sp_loader *loader, sp_agent *agent, sp_err *err);
/* Adds every agent of every place. Errors as for sp_agents_find. */
SP_MUST_USE sp_status sp_claude_code_add_agents(struct sp_agent_finder *finder, sp_err *err);

#endif
