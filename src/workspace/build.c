/* build.c - the stages, one after the other. Start reading here. */
#include "attribute/attribute.h"
#include "base/diagnostic.h"
#include "base/types.h"
#include "compose/compose.h"
#include "explain/passes.h"
#include "load/load.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "report/lock.h"
#include "tokenizer/models/model.h"
#include "trim/budget.h"
#include "trim/trim.h"
#include "workspace/revision.h"
#include "workspace/stages.h"
#include "workspace/workspace.h"

#include <stdio.h>

/* What the provider counts for a request with this prompt: its texts and a frame. */
static void add_frame(sp_prompt *prompt, const sp_model *model)
{
    if (!model || model->frame_tokens == 0 || prompt->encoding != sp_attribute_encoding_of(model))
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
    };
    snprintf(prompt->request.model, sizeof prompt->request.model, "%.*s", SP_STR_ARG(model->id));
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

sp_status sp_build_stages(sp_arena *arena, const sp_request *request, sp_prompt *prompt, sp_docs *ret_docs, sp_err *err)
{
    sp_diags diags = { .arena = arena };
    sp_docs docs;
    const sp_profile *profile = NULL;
    SP_TRY(sp_profile_choose(arena, request->profile, &profile, err));
    prompt->profile = profile;
    SP_TRY(sp_load(arena, profile, request, sp_request_reader(request), sp_explain_passes, &diags, &docs, err));
    SP_TRY(sp_compose(arena, profile, request->layout, &docs, &diags, prompt, err));
    const sp_model *model = sp_attribute_target(request, docs.model);
    const sp_model *own = docs.model.ptr ? sp_model_find(request->models, docs.model) : NULL;
    prompt->model_encoding = sp_attribute_encoding_of(own);
    SP_TRY(name_model(arena, request, model, prompt, err));
    SP_TRY(sp_prioritise(arena, &docs, request, &diags, prompt, err));
    const sp_counted_with counted_with = sp_attribute_choose(request, profile, docs.model);
    prompt->encoding_note = counted_with.note;
    SP_TRY(sp_attribute(counted_with.encoding, prompt, err));
    add_frame(prompt, model);
    prompt->diagnostics = diags.items;
    prompt->diagnostic_count = diags.count;
    *ret_docs = docs;
    return SP_OK;
}

static sp_status run_stages(sp_prompt_owner *owner, const sp_request *request, sp_err *err)
{
    sp_docs docs;
    SP_TRY(sp_build_stages(owner->arena, request, &owner->prompt, &docs, err));
    owner->whole = owner->prompt;
    owner->budget_cut = docs.texts[SP_TEXT_BUDGET_CUT];
    return SP_OK;
}

sp_status sp_prompt_build(const sp_request *request, sp_prompt **ret_prompt, sp_err *err)
{
    if (request->layout != SP_LAYOUT_FLAT && request->layout != SP_LAYOUT_SPLIT)
        return sp_err_set(err, SP_ERR_USAGE, "there is no layout %d", (int)request->layout);
    sp_arena *arena;
    sp_prompt_owner *made = sp_arena_new(&arena, sizeof *made);
    if (!made)
        return sp_err_memory(err);
    made->arena = arena;
    made->prompt.owner = made;
    sp_status status = run_stages(made, request, err);
    if (status == SP_OK)
        *ret_prompt = &made->prompt;
    else
        sp_prompt_free(&made->prompt);
    return status;
}

/* The frame of a request stays what it is when the prompt in it shrinks. */
static void keep_frame(const sp_prompt *whole, sp_prompt *trimmed)
{
    sp_request_tokens *request = &trimmed->request;
    if (!request->is_known)
        return;
    size_t margin = request->range.high - request->frame_tokens - whole->range.high;
    size_t least = trimmed->range.low + request->frame_tokens;
    request->tokens = trimmed->tokens + request->frame_tokens;
    request->range.low = least > margin ? least - margin : 0;
    request->range.high = trimmed->range.high + request->frame_tokens + margin;
}

sp_status sp_prompt_trim(sp_prompt *prompt, size_t budget_tokens, sp_trim_mode mode, sp_err *err)
{
    sp_prompt_owner *owner = prompt->owner;
    sp_prompt trimmed;
    SP_TRY(sp_trim_prompt(owner->arena, &owner->whole, owner->budget_cut, budget_tokens, mode, &trimmed, err));
    keep_frame(&owner->whole, &trimmed);
    *prompt = trimmed;
    return SP_OK;
}

sp_status sp_lock_compare(const sp_prompt *prompt, sp_str lock, sp_str path, const sp_diagnostic **ret,
                          size_t *ret_count, sp_err *err)
{
    sp_prompt_owner *owner = prompt->owner;
    return sp_lock_compare_in(owner->arena, prompt, lock, path, (sp_str){ NULL, 0 }, ret, ret_count, err);
}

void sp_prompt_free(sp_prompt *prompt)
{
    if (prompt)
        sp_arena_free(((sp_prompt_owner *)prompt->owner)->arena);
}
