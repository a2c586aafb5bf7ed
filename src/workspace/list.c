/* list.c - the stages of a list of agents: what there is, and how many tokens it has. */
#include "attribute/list.h"
#include "attribute/attribute.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/request.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"
#include "workspace/products.h"
#include "workspace/workspace.h"

/* One for all rows, by the session's model. */
static void choose_encoding(const sp_workspace *workspace, sp_agent_list *list)
{
    const sp_counted_with counted_with = sp_workspace_counted_with(workspace, list->model);
    list->encoding = counted_with.encoding;
    list->encoding_note = counted_with.note;
    list->exact = sp_encoding_is_exact(list->encoding);
    for (size_t i = 0; i < list->agent_count; i++)
        list->agents[i].model_encoding = sp_attribute_other(&workspace->request, workspace->profile, list->encoding,
                                                            list->agents[i].agent.model_resolved);
}

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const sp_request *request = asked;
    sp_agent_list *list = made;
    sp_workspace workspace;
    const sp_found_agents *found;
    list->owner = arena;
    SP_TRY(sp_workspace_open(&workspace, arena, request, err));
    if (!sp_client_has(workspace.profile->client, SP_HAS_AGENTS))
        return sp_err_set(err, SP_ERR_USAGE,
                          "no agents of %.*s are known here; without --profile those of Claude Code are listed",
                          SP_STR_ARG(sp_client_who(workspace.profile->client)));
    SP_TRY(sp_workspace_agents(&workspace, &found, err));
    sp_loader loader = sp_workspace_loader(&workspace);
    SP_TRY(sp_agents_list(&loader, found, list, err));
    choose_encoding(&workspace, list);
    SP_TRY(sp_list_count(workspace.profile, list, true, request->threads, &workspace.diags, err));
    list->diagnostics = workspace.diags.items;
    list->diagnostic_count = workspace.diags.count;
    return SP_OK;
}

sp_status sp_agent_list_build(const sp_request *request, sp_agent_list **ret_list, sp_err *err)
{
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_list, make, request, &made, err));
    *ret_list = made;
    return SP_OK;
}

void sp_agent_list_free(sp_agent_list *list)
{
    if (list)
        sp_arena_free(list->owner);
}
