/* plain.c - what clients do that tables describe. */
#include "clients/plain/plain.h"

#include "base/types.h"
#include "clients/agents/agent_tools.h"
#include "model/agent.h"

/* A client whose tools and switches are not known gives what the file asks for. */
static sp_status resolve_agent(const sp_loader *loader, sp_agent *agent, sp_err *err)
{
    if (agent->model.len > 0 && !sp_str_eq(agent->model, SP_STR("inherit"))) {
        agent->model_resolved = agent->model;
        agent->model_reason = SP_STR("front matter");
    }
    if (loader->here->profile->client->tool_name_count)
        return sp_tools_resolve_by_table(loader->arena, loader->here->profile, agent, err);
    agent->inherits_tools = !agent->has_tools;
    agent->tools_resolved = agent->tools;
    return SP_OK;
}

const sp_client_ops sp_plain_ops = {
    .add_agents = sp_plain_add_agents,
    .find_agent = sp_plain_find_agent,
    .read_agent = sp_plain_read_agent,
    .resolve_agent = resolve_agent,
    .take_agent = sp_agent_take_source,
};
