/*
 * site.h - one place where a client is started, by one client's rules: what loads there, and the agents that are found.
 *
 *   sp_site site;
 *   SP_TRY(sp_site_open(&site, request, profile, with_agents, err));
 *   SP_TRY(sp_site_agent_prompt(&site, &arena, agent, &diags, &docs, &prompt, err));
 *   sp_site_close(&site);                      also after a failure
 */
#ifndef SP_CHECK_SITE_H
#define SP_CHECK_SITE_H

#include "base/types.h"
#include "compose/compose.h"
#include "load/shared.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"

typedef struct sp_site {
    sp_arena arena;
    const sp_profile *profile;
    sp_request request; /* with launch_dir set to this place, and the encoding of the whole check */
    sp_diags diags;     /* about what loads without an agent */
    sp_shared shared;
    sp_prompt prompt;           /* of the request, without counts of tokens */
    sp_found_agents agents;     /* none for a client whose agents cannot be listed */
    sp_agent_list descriptions; /* the agents' tokens */
} sp_site;

/* Loads what a session (or the agent of the request) starts with. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_site_open(sp_site *site, const sp_request *request, const sp_profile *profile, sp_err *err);
/* Finds the agents, and says what is wrong with them as a whole. Errors as for sp_agent_list_build. */
SP_MUST_USE sp_status sp_site_find_agents(sp_site *site, sp_err *err);
void sp_site_close(sp_site *site);

/* The prompt of one of them, without counts of tokens. Lives in arena. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_site_agent_prompt(const sp_site *site, sp_arena *arena, const sp_found_agent *agent,
                                           sp_diags *diags, sp_docs *ret_docs, sp_prompt *ret_prompt, sp_err *err);

#endif
