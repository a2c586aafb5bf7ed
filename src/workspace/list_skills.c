/* list_skills.c - the stages of a list of skills: what there is, what the session lists of it, and what that costs. */
#include "attribute/list.h"

#include "attribute/attribute.h"
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/claude_code/skills.h"
#include "compose/compose.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/skill_list.h"
#include "rules/overheads.h"
#include "sources/client.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"
#include "workspace/products.h"
#include "workspace/workspace.h"

#include <stdlib.h>

static bool has_name_listed(const sp_listed_skill *listed)
{
    return listed->status == SP_SKILL_LISTED || listed->status == SP_SKILL_NAME_ONLY;
}

/* ---- one skill ---------------------------------------------------------------------------------------------- */

static sp_status count_skill(sp_counter *counter, sp_skill_list *list, sp_listed_skill *listed, sp_err *err)
{
    sp_span body = sp_compose_body_span(listed->body, 0);
    SP_TRY(
        sp_list_add_tokens(counter, sp_str_slice(listed->body, body.begin, body.end), &listed->body_tokens, NULL, err));
    if (!has_name_listed(listed))
        return SP_OK;
    SP_TRY(sp_list_add_tokens(counter, listed->name, &listed->listed_tokens, &list->listed_range, err));
    return sp_list_add_tokens(counter, listed->listed, &listed->listed_tokens, &list->listed_range, err);
}

static sp_status count_skills(sp_skill_list *list, sp_err *err)
{
    sp_counter *counter;
    sp_status status = sp_counter_new(list->encoding, SP_SPECIAL_AS_TEXT, &counter, err);
    if (status != SP_OK)
        return status;
    for (size_t i = 0; i < list->skill_count && status == SP_OK; i++) {
        sp_listed_skill *listed = &list->skills[i];
        status = count_skill(counter, list, listed, err);
        list->listed_tokens += listed->listed_tokens;
    }
    sp_counter_free(counter);
    return status;
}

/* ---- the limits ------------------------------------------------------------------------------------------------ */

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The client drops whole descriptions, those of the least used skills first. How often each is used is not known here:
 * if the longest go, few have to, and if the shortest go, many. */
static sp_status count_dropped(sp_arena *arena, sp_skill_list *list, sp_err *err)
{
    size_t needed = sp_skill_list_needs(list);
    size_t over = needed > list->budget_chars ? needed - list->budget_chars : 0;
    size_t *sizes = SP_ARENA_ARRAY(arena, size_t, list->skill_count + 1);
    size_t count = 0;
    if (!sizes)
        return sp_err_memory(err);
    for (size_t i = 0; i < list->skill_count; i++)
        if (list->skills[i].listed.len)
            sizes[count++] = sp_utf8_count(list->skills[i].listed);
    if (count)
        qsort(sizes, count, sizeof *sizes, compare_sizes);
    for (size_t freed = 0; freed < over && list->dropped_most < count;)
        freed += sizes[list->dropped_most++];
    for (size_t freed = 0; freed < over && list->dropped_least < count;)
        freed += sizes[count - ++list->dropped_least];
    return SP_OK;
}

static const sp_listed_skill *find_longest(const sp_skill_list *list)
{
    const sp_listed_skill *longest = &list->skills[0];
    for (size_t i = 1; i < list->skill_count; i++)
        if (list->skills[i].listed_chars > longest->listed_chars)
            longest = &list->skills[i];
    return longest;
}

static sp_status warn_of_budget(const sp_skill_list *list, const sp_profile *profile, sp_diags *diags, sp_err *err)
{
    if (list->dropped_most == 0)
        return SP_OK;
    bool has_share = sp_rule_holds(profile, SP_RULE_SKILL_LISTING_SHARE);
    const sp_listed_skill *longest = find_longest(list);
    sp_str range = sp_str_format(diags->arena, list->dropped_least == list->dropped_most ? "%zu" : "%zu to %zu",
                                 list->dropped_least, list->dropped_most);
    if (!range.ptr)
        return sp_err_memory(err);
    return sp_diag_add(diags, err, SP_WARNING, longest->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       has_share ? SP_RULE_SKILL_LISTING_SHARE : SP_RULE_SKILL_LISTING_CHARACTERS,
                       "the listing of all skills needs %s characters, and it may have %s "
                       "(%.*s): the client drops the descriptions of the %.*s least used; shorten them, this one first",
                       SP_NUMBER(sp_skill_list_needs(list)), SP_NUMBER(list->budget_chars),
                       SP_STR_ARG(list->budget_reason), SP_STR_ARG(range));
}

static sp_status warn_of_skill(const sp_skill_list *list, const sp_profile *profile, const sp_listed_skill *listed,
                               sp_diags *diags, sp_err *err)
{
    size_t advice = (size_t)sp_rule_value(profile, SP_RULE_SKILL_ADVICE_TOKENS);
    char tokens[32], most[32];
    if (advice && listed->status != SP_SKILL_SKIPPED && listed->body_tokens > advice)
        SP_TRY(sp_diag_add(diags, err, SP_WARNING, listed->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                           SP_RULE_SKILL_ADVICE_TOKENS,
                           "has %s tokens (%s), and the advice is at most %s; move details into files beside it",
                           sp_estimate_text(tokens, list->exact, listed->body_tokens).ptr,
                           sp_encoding_name(list->encoding), sp_number_text(most, advice).ptr));
    if (listed->status != SP_SKILL_LISTED || listed->description_chars <= list->max_description_chars)
        return SP_OK;
    return sp_diag_add(diags, err, SP_WARNING, listed->path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_SKILL_DESCRIPTION,
                       "description and when_to_use have %s characters, and the listing has only the first %s; put "
                       "what matters first, or shorten them",
                       SP_NUMBER(listed->description_chars), SP_NUMBER(list->max_description_chars));
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* The parts of the listing that come with the client, where they were measured. */
static void omit(sp_skill_list *list, const sp_workspace *workspace)
{
    sp_overheads measured;
    const sp_str any = { NULL, 0 };
    const sp_overhead *row = NULL, *entry = NULL;
    const sp_model *model = list->model.ptr ? sp_model_find(workspace->request.models, list->model) : NULL;
    sp_str name = model ? SP_MODEL_STR(model, id) : list->model;
    sp_overheads_find(workspace->profile, SP_START_SESSION, name, list->encoding, &measured);
    if (!measured.set)
        sp_overheads_find(workspace->profile, SP_START_SESSION, any, list->encoding, &measured);
    if (measured.set) {
        row = sp_overhead_of(&measured, "skills", any);
        entry = sp_overhead_of(&measured, "skills-entry", any);
    }
    sp_skills_omit(list, row ? (size_t)row->size_bytes : 0, entry ? (size_t)entry->size_bytes : 0);
}

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    sp_skill_list *list = made;
    sp_workspace workspace;
    const sp_found_skills *found;
    list->owner = arena;
    SP_TRY(sp_workspace_open(&workspace, arena, asked, err));
    const sp_profile *profile = workspace.profile;
    sp_diags *diags = &workspace.diags;
    if (!sp_client_has_skills(profile))
        return sp_err_set(err, SP_ERR_USAGE,
                          "the skills of %.*s cannot be listed: in which places it looks for them was not measured yet",
                          SP_STR_ARG(sp_client_who(profile->client)));
    SP_TRY(sp_workspace_skills(&workspace, &found, err));
    sp_loader loader = sp_workspace_loader(&workspace);
    SP_TRY(sp_skills_list(&loader, found, list, err));
    list->encoding = sp_workspace_counted_with(&workspace, list->model).encoding;
    list->exact = sp_encoding_is_exact(list->encoding);
    SP_TRY(count_skills(list, err));
    omit(list, &workspace);
    SP_TRY(count_dropped(arena, list, err));
    for (size_t i = 0; i < list->skill_count; i++)
        SP_TRY(warn_of_skill(list, profile, &list->skills[i], diags, err));
    SP_TRY(warn_of_budget(list, profile, diags, err));
    list->diagnostics = diags->items;
    list->diagnostic_count = diags->count;
    return SP_OK;
}

sp_status sp_skill_list_build(const sp_request *request, sp_skill_list **ret_list, sp_err *err)
{
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_list, make, request, &made, err));
    *ret_list = made;
    return SP_OK;
}

void sp_skill_list_free(sp_skill_list *list)
{
    if (list)
        sp_arena_free(list->owner);
}
