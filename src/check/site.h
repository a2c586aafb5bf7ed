/*
 * site.h - one place where a client is started, by one client's rules, as the lint passes see it: what loads there, and
 * the agents that are found. A workspace makes all of it.
 */
#ifndef SP_CHECK_SITE_H
#define SP_CHECK_SITE_H

#include "base/types.h"
#include "clients/agents/agents.h"
#include "load/shared.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"

typedef struct sp_site {
    const sp_profile *profile;
    const sp_reader *reader; /* of files: the disk, or a revision */
    const sp_shared *shared;
    const sp_prompt *prompt;       /* of the session, or of the agent that is checked; without counts of tokens */
    const sp_found_agents *agents; /* none for a client whose agents cannot be listed */
    sp_agent_list descriptions;    /* the agents' tokens */
} sp_site;

#endif
