/* build.c - one prompt, and what becomes of it afterwards: trimming, comparing with a lock. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "capture/assemble.h"
#include "model/prompt.h"
#include "model/request.h"
#include "report/lock.h"
#include "trim/budget.h"
#include "trim/trim.h"
#include "workspace/lists.h"
#include "workspace/owner.h"
#include "workspace/products.h"
#include "workspace/whole.h"
#include "workspace/workspace.h"

static sp_status make(sp_arena *arena, void *made, const void *request, sp_err *err)
{
    sp_prompt_owner *owner = made;
    sp_workspace workspace;
    sp_prompt *prompt;
    owner->arena = arena;
    SP_TRY(sp_workspace_open(&workspace, arena, request, err));
    SP_TRY(sp_workspace_attribute(&workspace, &prompt, err));
    SP_TRY(sp_workspace_lists(&workspace, prompt, err));
    if (((const sp_request *)request)->with_whole)
        SP_TRY(sp_workspace_whole(&workspace, workspace.arena, &workspace.shared.docs, prompt, err));
    prompt->owner = owner;
    prompt->diagnostics = workspace.diags.items;
    prompt->diagnostic_count = workspace.diags.count;
    owner->prompt = owner->whole = *prompt;
    owner->budget_cut = workspace.shared.docs.texts[SP_TEXT_BUDGET_CUT];
    return SP_OK;
}

sp_status sp_prompt_build(const sp_request *request, sp_prompt **ret_prompt, sp_err *err)
{
    void *made;
    if (request->layout != SP_LAYOUT_FLAT && request->layout != SP_LAYOUT_SPLIT)
        return sp_err_set(err, SP_ERR_USAGE, "there is no layout %d", (int)request->layout);
    SP_TRY(sp_arena_build(sizeof(sp_prompt_owner), make, request, &made, err));
    *ret_prompt = &((sp_prompt_owner *)made)->prompt;
    return SP_OK;
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

/* What is cut from files is not in the whole request either. Its parts stay those of the prompt before. */
static sp_status keep_whole(sp_arena *arena, const sp_prompt *prompt, sp_prompt *trimmed, sp_err *err)
{
    if (!prompt->whole || !prompt->whole->is_known)
        return SP_OK;
    sp_whole *whole = SP_ARENA_ARRAY(arena, sp_whole, 1);
    if (!whole)
        return sp_err_memory(err);
    *whole = *prompt->whole;
    size_t files = prompt->tokens - prompt->generated_tokens, left = trimmed->tokens - trimmed->generated_tokens;
    size_t less = files > left ? files - left : 0;
    whole->tokens -= less;
    whole->file_tokens -= less;
    whole->range.low -= less < whole->range.low ? less : whole->range.low;
    whole->range.high -= less;
    trimmed->whole = whole;
    return SP_OK;
}

sp_status sp_prompt_trim(sp_prompt *prompt, size_t budget_tokens, sp_trim_mode mode, sp_err *err)
{
    sp_prompt_owner *owner = prompt->owner;
    sp_prompt trimmed;
    SP_TRY(sp_trim_prompt(owner->arena, &owner->whole, owner->budget_cut, budget_tokens, mode, &trimmed, err));
    keep_frame(&owner->whole, &trimmed);
    SP_TRY(keep_whole(owner->arena, &owner->whole, &trimmed, err));
    *prompt = trimmed;
    return SP_OK;
}

sp_status sp_lock_compare(const sp_prompt *prompt, sp_str lock, sp_str path, const sp_diagnostic **ret,
                          size_t *ret_count, sp_err *err)
{
    sp_prompt_owner *owner = prompt->owner;
    return sp_lock_compare_in(owner->arena, prompt, lock, path, (sp_str){ NULL, 0 }, ret, ret_count, err);
}

sp_status sp_prompt_mask(sp_prompt *prompt, sp_err *err)
{
    sp_prompt_owner *owner = prompt->owner;
    if (!prompt->templates.ptr)
        return SP_OK;
    SP_TRY(sp_capture_mask(owner->arena, prompt, err));
    owner->whole = *prompt;
    return SP_OK;
}

void sp_prompt_free(sp_prompt *prompt)
{
    if (prompt)
        sp_arena_free(((sp_prompt_owner *)prompt->owner)->arena);
}
