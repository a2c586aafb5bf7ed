/* workspace.c - the stages, one after the other. Start reading here. */
#include "workspace/workspace.h"

#include "attribute/attribute.h"
#include "base/types.h"
#include "compose/compose.h"
#include "explain/passes.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "sources/client.h"
#include "sources/without.h"
#include "tokenizer/models/model.h"
#include "trim/trim.h"
#include "workspace/revision.h"

#include <stdio.h>

typedef enum stage {
    PLACE = 1,
    LOAD = 2,
    COMPOSE = 4,
    ATTRIBUTE = 8,
    AGENTS = 16,
    SKILLS = 32,
} stage;

/* Whether the stage has yet to run; it is about to. */
static bool begin(sp_workspace *workspace, stage which)
{
    bool is_new = !(workspace->done & (unsigned)which);
    workspace->done |= (unsigned)which;
    return is_new;
}

sp_status sp_workspace_open(sp_workspace *workspace, sp_arena *arena, const sp_request *request, sp_err *err)
{
    *workspace = (sp_workspace){ .arena = arena, .request = *request, .reader = sp_request_reader(request) };
    workspace->diags.arena = arena;
    SP_TRY(sp_profile_choose(arena, request->profile, &workspace->profile, err));
    workspace->request.profile = workspace->profile;
    return SP_OK;
}

sp_status sp_workspace_open_beside(sp_workspace *workspace, sp_arena *arena, const sp_request *request,
                                   const sp_workspace *other, sp_err *err)
{
    SP_TRY(sp_workspace_open(workspace, arena, request, err));
    if (!(other->done & PLACE))
        return SP_OK;
    workspace->done |= PLACE;
    workspace->place = other->place;
    workspace->place.request = &workspace->request;
    workspace->place.profile = workspace->profile;
    for (size_t i = 0; i < other->diags.count; i++) {
        sp_diagnostic *told = SP_LIST_PUSH(arena, &workspace->diags);
        if (!told)
            return sp_err_memory(err);
        *told = other->diags.items[i];
    }
    return SP_OK;
}

sp_status sp_workspace_place(sp_workspace *workspace, const sp_place **ret, sp_err *err)
{
    if (begin(workspace, PLACE))
        SP_TRY(sp_place_init(workspace->arena, workspace->profile, &workspace->request, workspace->reader,
                             &workspace->diags, &workspace->place, err));
    *ret = &workspace->place;
    return SP_OK;
}

sp_status sp_workspace_load(sp_workspace *workspace, const sp_shared **ret, sp_err *err)
{
    const sp_place *here;
    SP_TRY(sp_workspace_place(workspace, &here, err));
    if (begin(workspace, LOAD))
        SP_TRY(sp_load_shared(workspace->arena, here, sp_explain_passes, &workspace->diags, &workspace->shared, err));
    *ret = &workspace->shared;
    return SP_OK;
}

/* Whether each file of --without is in the prompt: what loads is asked in a place where nothing is hidden. */
static sp_status check_without(const sp_workspace *workspace, sp_err *err)
{
    sp_request request = workspace->request;
    sp_arena arena = { 0 };
    sp_workspace plain;
    const sp_shared *shared;
    if (request.checks_all)
        return sp_without_check(workspace->arena, &workspace->place, NULL, 0, err);
    request.without_count = 0;
    request.finds_unread = false;
    request.why = NULL;
    sp_status status = sp_workspace_open(&plain, &arena, &request, err);
    if (status == SP_OK)
        status = sp_workspace_load(&plain, &shared, err);
    if (status == SP_OK)
        status = sp_without_check(&arena, &workspace->place, shared->docs.sources, shared->docs.count, err);
    sp_arena_release(&arena);
    return status;
}

sp_status sp_workspace_compose(sp_workspace *workspace, sp_prompt **ret, sp_err *err)
{
    const sp_shared *shared;
    SP_TRY(sp_workspace_load(workspace, &shared, err));
    if (begin(workspace, COMPOSE)) {
        if (workspace->request.without_count)
            SP_TRY(check_without(workspace, err));
        workspace->prompt.profile = workspace->profile;
        SP_TRY(sp_compose(workspace->arena, workspace->profile, workspace->request.layout, &shared->docs,
                          &workspace->diags, &workspace->prompt, err));
    }
    *ret = &workspace->prompt;
    return SP_OK;
}

/* ---- counts ------------------------------------------------------------------------------------------------------ */

sp_counted_with sp_workspace_counted_with(const sp_workspace *workspace, sp_str model)
{
    return sp_attribute_choose(&workspace->request, workspace->profile, model);
}

/* What the provider counts for a request with this prompt: its texts and a frame. */
static void add_frame(sp_prompt *prompt, const sp_model *model, sp_str name)
{
    if (model->frame_tokens == 0 || prompt->encoding != sp_attribute_encoding_of(model))
        return;
    size_t frame = (size_t)(model->frame_tokens + model->message_tokens * prompt->message_count),
           margin = (size_t)model->margin_tokens;
    size_t least = prompt->range.low + frame;
    prompt->request = (sp_request_tokens){
        .is_known = true,
        .tokens = prompt->tokens + frame,
        .range = { least > margin ? least - margin : 0, prompt->range.high + frame + margin },
        .frame_tokens = frame,
        .tools_tokens = (size_t)model->tools_tokens,
        .forced_tools_tokens = (size_t)model->forced_tools_tokens,
        .function_tokens = (size_t)model->function_tokens,
        .not_estimated = { "the user's own message", "descriptions of tools" },
        .not_estimated_count = 2,
    };
    snprintf(prompt->request.model, sizeof prompt->request.model, "%.*s", SP_STR_ARG(name));
}

/* The id that a request sends: a full id as it is written, such as one with its date. */
static sp_str id_of(const sp_model *model, const sp_model *own, sp_str written)
{
    bool is_id = own && own == model && sp_model_is_full_id(written);
    size_t window = is_id ? sp_str_find(written, SP_STR("["), 0) : 0; /* "[1m]" */
    return is_id ? sp_str_slice(written, 0, window < written.len ? window : written.len) : SP_MODEL_STR(model, id);
}

/* The model whose window a budget may be a share of. */
static sp_status name_model(sp_arena *arena, const sp_request *request, const sp_model *model, sp_prompt *prompt,
                            sp_err *err)
{
    prompt->bound = request->bound;
    prompt->window_tokens = model ? (size_t)model->window_tokens : 0;
    if (!request->model)
        return SP_OK;
    prompt->model = sp_str_dup(arena, sp_str_of(request->model));
    return prompt->model.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status attribute(const sp_workspace *workspace, sp_arena *arena, const sp_docs *docs, sp_diags *diags,
                           sp_prompt *prompt, sp_err *err)
{
    const sp_request *request = &workspace->request;
    const sp_model *model = sp_attribute_target(request, docs->model);
    const sp_model *own = docs->model.ptr ? sp_model_find(request->models, docs->model) : NULL;
    prompt->model_encoding = sp_attribute_encoding_of(own);
    SP_TRY(name_model(arena, request, model, prompt, err));
    SP_TRY(sp_prioritise(arena, docs, request, diags, prompt, err));
    const sp_counted_with counted_with = sp_workspace_counted_with(workspace, docs->model);
    prompt->encoding_note = counted_with.note;
    SP_TRY(sp_attribute(counted_with.encoding, prompt, err));
    if (model)
        add_frame(prompt, model, id_of(model, own, docs->model));
    return SP_OK;
}

sp_status sp_workspace_attribute(sp_workspace *workspace, sp_prompt **ret, sp_err *err)
{
    SP_TRY(sp_workspace_compose(workspace, ret, err));
    return begin(workspace, ATTRIBUTE)
               ? attribute(workspace, workspace->arena, &workspace->shared.docs, &workspace->diags, *ret, err)
               : SP_OK;
}

/* ---- agents and skills ------------------------------------------------------------------------------------------- */

sp_loader sp_workspace_loader(sp_workspace *workspace)
{
    return (sp_loader){ .arena = workspace->arena, .diags = &workspace->diags, .here = &workspace->place };
}

static sp_status find_agents(sp_workspace *workspace, sp_err *err)
{
    sp_loader loader = sp_workspace_loader(workspace);
    SP_TRY(sp_agents_find(&loader, &workspace->agents, err));
    return sp_agents_report(&loader, &workspace->agents, err);
}

sp_status sp_workspace_agents(sp_workspace *workspace, const sp_found_agents **ret, sp_err *err)
{
    const sp_place *here;
    *ret = &workspace->agents;
    SP_TRY(sp_workspace_place(workspace, &here, err));
    if (!sp_client_has(workspace->profile->client, SP_HAS_AGENTS) || !begin(workspace, AGENTS))
        return SP_OK;
    return find_agents(workspace, err);
}

static sp_status find_skills(sp_workspace *workspace, sp_err *err)
{
    sp_loader loader = sp_workspace_loader(workspace);
    SP_TRY(sp_skills_find(&loader, &workspace->skills, err));
    return sp_skills_report(&workspace->skills, &workspace->diags, err);
}

sp_status sp_workspace_skills(sp_workspace *workspace, const sp_found_skills **ret, sp_err *err)
{
    const sp_place *here;
    *ret = &workspace->skills;
    SP_TRY(sp_workspace_place(workspace, &here, err));
    return begin(workspace, SKILLS) ? find_skills(workspace, err) : SP_OK;
}

sp_status sp_workspace_agent_prompt(const sp_workspace *workspace, sp_arena *arena, const sp_found_agent *agent,
                                    sp_diags *diags, sp_docs *ret_docs, sp_prompt *ret_prompt, sp_err *err)
{
    *ret_prompt = (sp_prompt){ .profile = workspace->profile };
    SP_TRY(sp_load_with_agent(&workspace->shared, arena, agent, diags, ret_docs, err));
    return sp_compose(arena, workspace->profile, workspace->request.layout, ret_docs, diags, ret_prompt, err);
}

sp_status sp_workspace_count_agent(const sp_workspace *workspace, sp_arena *arena, const sp_found_agent *agent,
                                   sp_diags *diags, sp_prompt *ret, sp_err *err)
{
    sp_docs docs;
    SP_TRY(sp_workspace_agent_prompt(workspace, arena, agent, diags, &docs, ret, err));
    return attribute(workspace, arena, &docs, diags, ret, err);
}
