#include "check/site.h"

#include "attribute/attribute.h"
#include "attribute/list.h"
#include "base/types.h"
#include "explain/passes.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"

sp_status sp_site_open(sp_site *site, const sp_request *request, const sp_profile *profile, sp_err *err)
{
    *site = (sp_site){ .profile = profile, .request = *request };
    site->diags.arena = &site->arena;
    site->prompt.profile = profile;
    SP_TRY(sp_load_shared(&site->arena, profile, &site->request, &sp_reader_disk, sp_explain_passes, &site->diags,
                          &site->shared, err));
    return sp_compose(&site->arena, profile, SP_LAYOUT_FLAT, &site->shared.docs, &site->diags, &site->prompt, err);
}

sp_status sp_site_find_agents(sp_site *site, sp_err *err)
{
    sp_agent_list *list = &site->descriptions;
    if (!sp_client_has(site->profile->client, SP_HAS_AGENTS))
        return SP_OK;
    sp_loader loader = sp_shared_loader(&site->shared, &site->arena, &site->diags);
    SP_TRY(sp_agents_find(&loader, &site->agents, err));
    SP_TRY(sp_agents_report(&loader, &site->agents, err));
    list->encoding = site->request.encoding;
    list->exact = sp_encoding_is_exact(list->encoding);
    list->agent_count = site->agents.count;
    list->agents = SP_ARENA_ARRAY(&site->arena, sp_listed_agent, site->agents.count + 1);
    if (!list->agents)
        return sp_err_memory(err);
    for (size_t i = 0; i < site->agents.count; i++)
        list->agents[i] = site->agents.items[i].listed;
    return sp_list_count(site->profile, list, false, NULL, &site->diags, err);
}

void sp_site_close(sp_site *site)
{
    sp_arena_release(&site->arena);
}

sp_status sp_site_agent_prompt(const sp_site *site, sp_arena *arena, const sp_found_agent *agent, sp_diags *diags,
                               sp_docs *ret_docs, sp_prompt *ret_prompt, sp_err *err)
{
    *ret_prompt = (sp_prompt){ .profile = site->profile };
    SP_TRY(sp_load_with_agent(&site->shared, arena, agent, diags, ret_docs, err));
    return sp_compose(arena, site->profile, SP_LAYOUT_FLAT, ret_docs, diags, ret_prompt, err);
}
