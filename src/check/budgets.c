/* budgets.c - what is measured, and what becomes of it. */
#include "check/budgets.h"

#include "attribute/attribute.h"
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "check/offers.h"
#include "check/result.h"
#include "check/tree.h"
#include "model/prompt.h"
#include "model/source.h"
#include "remote/provider.h"
#include "sources/client.h"
#include "syntax/headings.h"
#include "tokenizer/models/model.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- begin and end ------------------------------------------------------------------------------------ */

static bool make_state(sp_arena *arena, const sp_budget *budget, sp_budget_state *state)
{
    const struct {
        bool **flags;
        size_t count;
    } rows[] = {
        { &state->agents, budget->agents.count },     { &state->directories, budget->directories.count },
        { &state->files, budget->files.count },       { &state->exceptions, budget->exception_count },
        { &state->expired, budget->exception_count },
    };
    state->fullest = SP_NONE;
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        *rows[i].flags = SP_ARENA_ARRAY(arena, bool, rows[i].count + 1);
        if (!*rows[i].flags)
            return false;
    }
    return true;
}

static bool has_baseline(const sp_budgets *budgets)
{
    for (size_t i = 0; i < budgets->config->budget_count; i++)
        if (budgets->config->budgets[i].ratchet || budgets->config->budgets[i].increase.is_given)
            return true;
    return false;
}

sp_status sp_budgets_start(sp_budgets *budgets, sp_err *err)
{
    const sp_check_config *config = budgets->config;
    budgets->states = SP_ARENA_ARRAY(budgets->arena, sp_budget_state, config->budget_count + 1);
    if (!budgets->states)
        return sp_err_memory(err);
    for (size_t i = 0; i < config->budget_count; i++)
        if (!make_state(budgets->arena, &config->budgets[i], &budgets->states[i]))
            return sp_err_memory(err);
    if (!has_baseline(budgets))
        return SP_OK;
    if (budgets->api)
        return sp_err_set(err, SP_ERR_USAGE,
                          "a budget has ratchet: or increase:, which compare with what was counted here; leave out "
                          "--via, or those budgets");
    const sp_baseline_request wanted = { config, budgets->current, !budgets->compares, budgets->new_baseline };
    SP_TRY(sp_baseline_open(budgets->arena, &wanted, &budgets->baseline, err));
    return budgets->compares
               ? sp_baseline_read(budgets->arena, budgets->encoding, budgets->request->bound, &budgets->baseline, err)
               : sp_baseline_check(budgets->arena, &budgets->baseline, err);
}

void sp_budgets_release(sp_budgets *budgets)
{
    sp_meter_release(&budgets->meter);
}

sp_str sp_budgets_item(const sp_budgets *budgets, sp_str absolute)
{
    if (sp_str_eq(absolute, budgets->base))
        return SP_STR(".");
    return sp_path_below(absolute, budgets->base);
}

/* Whether one of the patterns matches; every one that does is marked. */
static bool match(const sp_globs *globs, bool *used, sp_str path)
{
    bool is_matched = false;
    for (size_t i = 0; i < globs->count; i++)
        if (sp_glob_match(&globs->globs[i], path, true) || sp_str_eq(globs->texts[i], path))
            used[i] = is_matched = true;
    return is_matched;
}

/* ---- places ------------------------------------------------------------------------------------------- */

static bool is_planned(const sp_launch_list *places, sp_str folder, sp_str profile)
{
    for (size_t i = 0; i < places->count; i++)
        if (sp_str_eq(places->items[i].folder, folder) && sp_str_eq(places->items[i].profile, profile) &&
            !places->items[i].profile.ptr == !profile.ptr)
            return true;
    return false;
}

static sp_status plan_place(sp_budgets *budgets, sp_launch_list *places, sp_str folder, sp_str profile, sp_err *err)
{
    if (is_planned(places, folder, profile))
        return SP_OK;
    sp_launch *place = SP_LIST_PUSH(budgets->arena, places);
    if (!place)
        return sp_err_memory(err);
    *place = (sp_launch){ .folder = folder, .item = sp_budgets_item(budgets, folder), .profile = profile };
    for (size_t i = 0; i + 1 < places->count; i++)
        place->is_at_target =
            place->is_at_target || (places->items[i].is_target && sp_str_eq(places->items[i].folder, folder));
    return SP_OK;
}

/* The place as it is, or by the rules of each of the budget's profiles. */
static sp_status plan_profiles(sp_budgets *budgets, const sp_budget *budget, sp_launch_list *places, sp_str folder,
                               sp_err *err)
{
    if (budget->profiles.count == 0)
        return plan_place(budgets, places, folder, (sp_str){ NULL, 0 }, err);
    for (size_t i = 0; i < budget->profiles.count; i++)
        SP_TRY(plan_place(budgets, places, folder, budget->profiles.texts[i], err));
    return SP_OK;
}

/* Every folder with a file below it, as the tree knows it; each once. */
static sp_status list_folders(sp_budgets *budgets, sp_path_list *ret, sp_err *err)
{
    sp_path_list files = { NULL, 0, 0 };
    sp_map seen = { 0 };
    memset(ret, 0, sizeof *ret);
    SP_TRY(sp_tree_list(budgets->arena, budgets->reader, budgets->base, true, &files, err));
    for (size_t i = 0; i < files.count; i++)
        for (sp_str folder = sp_path_folder(files.items[i]);; folder = sp_path_folder(folder)) {
            uint32_t *slot = sp_map_slot(budgets->arena, &seen, folder);
            if (!slot)
                return sp_err_memory(err);
            if (*slot != SP_NONE)
                break;
            *slot = 0;
            sp_str *added = SP_LIST_PUSH(budgets->arena, ret);
            if (!added)
                return sp_err_memory(err);
            *added = folder;
            if (sp_str_eq(folder, SP_STR(".")))
                break;
        }
    return SP_OK;
}

/* Whether a part begins with a dot: .claude, web/.github; in a pattern also {.claude,web}. */
static bool is_hidden(sp_str path, const char *before, const char *after)
{
    for (size_t i = 0; i + 1 < path.len; i++)
        if (path.ptr[i] == '.' && !strchr(after, path.ptr[i + 1]) && (i == 0 || strchr(before, path.ptr[i - 1])))
            return true;
    return false;
}

/* Wildcards match no hidden directory, as few sessions start in one; a pattern with such a part does. */
static bool is_meant(const sp_globs *globs, sp_str folder)
{
    if (!is_hidden(folder, "/", "/"))
        return true;
    for (size_t i = 0; i < globs->count; i++)
        if (is_hidden(globs->texts[i], "/{,[", "/,}") && sp_glob_match(&globs->globs[i], folder, true))
            return true;
    return false;
}

static sp_status plan_folders(sp_budgets *budgets, const sp_budget *budget, const sp_path_list *folders,
                              sp_launch_list *places, sp_err *err)
{
    sp_budget_state *state = &budgets->states[budget - budgets->config->budgets];
    for (size_t i = 0; i < folders->count; i++) {
        if (!is_meant(&budget->directories, folders->items[i]) ||
            !match(&budget->directories, state->directories, folders->items[i]))
            continue;
        sp_str folder = sp_path_join(budgets->arena, budgets->base, folders->items[i]);
        if (!folder.ptr)
            return sp_err_memory(err);
        SP_TRY(plan_profiles(budgets, budget, places, folder, err));
    }
    return SP_OK;
}

static sp_status plan_targets(sp_budgets *budgets, const sp_budget *budget, sp_launch_list *places, size_t target_count,
                              sp_err *err)
{
    for (size_t i = 0; i < target_count; i++)
        if (budget->directories.count == 0 || sp_globs_match(&budget->directories, places->items[i].item))
            SP_TRY(plan_profiles(budgets, budget, places, places->items[i].folder, err));
    return SP_OK;
}

sp_status sp_budgets_plan(sp_budgets *budgets, sp_launch_list *places, sp_err *err)
{
    size_t target_count = places->count;
    sp_path_list folders = { NULL, 0, 0 };
    for (size_t i = 0; i < budgets->config->budget_count; i++) {
        const sp_budget *budget = &budgets->config->budgets[i];
        bool is_matrix = budgets->is_complete && budget->directories.count > 0;
        if (budget->files.count)
            continue;
        if (is_matrix && folders.count == 0)
            SP_TRY(list_folders(budgets, &folders, err));
        SP_TRY(is_matrix ? plan_folders(budgets, budget, &folders, places, err)
                         : plan_targets(budgets, budget, places, target_count, err));
    }
    return SP_OK;
}

static bool is_about_place(const sp_budgets *budgets, size_t index, const sp_launch *place)
{
    const sp_budget *budget = &budgets->config->budgets[index];
    bool is_profile = budget->profiles.count == 0 && !place->profile.ptr;
    for (size_t i = 0; i < budget->profiles.count && place->profile.ptr; i++)
        is_profile = is_profile || sp_str_eq(budget->profiles.texts[i], place->profile);
    if (budget->files.count || !is_profile)
        return false;
    if (budget->directories.count && !place->is_target && !is_meant(&budget->directories, place->item))
        return false;
    return budget->directories.count ? match(&budget->directories, budgets->states[index].directories, place->item)
                                     : place->is_at_target;
}

bool sp_budgets_want_agent(const sp_budgets *budgets, const sp_launch *place, sp_str name)
{
    for (size_t i = 0; i < budgets->config->budget_count; i++) {
        const sp_globs *agents = &budgets->config->budgets[i].agents;
        if (agents->count && (!name.ptr || sp_globs_match(agents, name)) && is_about_place(budgets, i, place))
            return true;
    }
    return false;
}

static bool is_about(const sp_budgets *budgets, size_t index, const sp_launch *place, sp_str name)
{
    const sp_globs *agents = &budgets->config->budgets[index].agents;
    bool is_agents = name.ptr ? agents->count && match(agents, budgets->states[index].agents, name) : !agents->count;
    return is_agents && is_about_place(budgets, index, place);
}

sp_status sp_budgets_want_request(const sp_budgets *budgets, const sp_launch *place, sp_str name,
                                  const sp_profile *profile, bool *ret, sp_err *err)
{
    const sp_check_config *config = budgets->config;
    *ret = false;
    for (size_t i = 0; i < config->budget_count; i++) {
        if (!config->budgets[i].of_request || !is_about(budgets, i, place, name))
            continue;
        *ret = true;
        if (budgets->api)
            return sp_err_set(err, SP_ERR_USAGE, "of: request of the budget %.*s is measured here; leave out --via",
                              SP_STR_ARG(config->budgets[i].name));
        if (!profile->is_pinned)
            return sp_err_at(
                err, SP_ERR_USAGE, config->path, config->text, config->budgets[i].offset, NULL,
                "of: request of the budget %.*s needs a version of the client, whose own text changes with "
                "each; write profile: %s",
                SP_STR_ARG(config->budgets[i].name), sp_profile_name(profile));
    }
    return SP_OK;
}

/* ---- measuring ------------------------------------------------------------------------------------------ */

static sp_status add_offers_to_message(sp_budgets *budgets, sp_measure *measure, sp_err *err)
{
    sp_buf message = { 0 };
    bool is_exact = measure->exact && !measure->counted_on.ptr; /* the provider counts no parts */
    static const char *const words[] = {
        [SP_OFFERS_NONE] = "",
        [SP_OFFERS_EACH] = "; cuts that suffice, each alone: ",
        [SP_OFFERS_TOGETHER] = "; cuts that suffice together: ",
        [SP_OFFERS_TOO_SMALL] = "; the largest cuts, which do not suffice: ",
    };
    sp_buf_add(&message, measure->message);
    bool is_one = measure->offers_do == SP_OFFERS_EACH && measure->offer_count == 1;
    sp_buf_add(&message, is_one ? SP_STR("; a cut that suffices: ") : sp_str_of(words[measure->offers_do]));
    for (size_t i = 0; i < measure->offer_count; i++) {
        const sp_offer *offer = &measure->offers[i];
        sp_buf_format(&message, "%s%.*s", i ? ", " : "", SP_STR_ARG(offer->path));
        if (offer->heading.ptr)
            sp_buf_format(&message, ":%u \"%.*s\"", offer->first_line, SP_STR_ARG(offer->heading));
        char tokens[32];
        sp_buf_format(&message, " (%s)", sp_estimate_text(tokens, is_exact, offer->tokens).ptr);
    }
    measure->message = sp_buf_move(&message, budgets->arena);
    return measure->message.ptr ? SP_OK : sp_err_memory(err);
}

static uint64_t fullness(const sp_measure *measure)
{
    return measure->limit_tokens == SP_NO_TOKENS || measure->limit_tokens == 0
               ? 0
               : (uint64_t)measure->bound_tokens * 1000000 / measure->limit_tokens;
}

static sp_status keep(sp_budgets *budgets, size_t index, const sp_measure *made, sp_err *err)
{
    sp_budget_state *state = &budgets->states[index];
    sp_measure *measure = SP_LIST_PUSH(budgets->arena, &budgets->measures);
    if (!measure)
        return sp_err_memory(err);
    *measure = *made;
    measure->path = sp_str_dup(budgets->arena, made->path);
    if (!measure->path.ptr)
        return sp_err_memory(err);
    state->measure_count++;
    state->has_failed = state->has_failed || made->failed_rule != SP_RULE_NONE;
    if (state->fullest == SP_NONE || fullness(measure) > fullness(&budgets->measures.items[state->fullest]))
        state->fullest = (uint32_t)(budgets->measures.count - 1);
    return SP_OK;
}

/* "reviewer", "packages/api", "reviewer in packages/api"; with @PROFILE where a budget names it: "reviewer@codex in
 * api" */
static sp_status name_item(const sp_budgets *budgets, const sp_launch *place, sp_str name, sp_measure *measure,
                           sp_err *err)
{
    sp_buf item = { 0 };
    sp_buf_add(&item, name.ptr ? name : place->item);
    if (place->profile.ptr)
        sp_buf_format(&item, "@%.*s", SP_STR_ARG(place->profile));
    if (name.ptr && !sp_str_eq(place->item, SP_STR(".")))
        sp_buf_format(&item, " in %.*s", SP_STR_ARG(place->item));
    measure->item = sp_buf_move(&item, budgets->arena);
    return measure->item.ptr ? SP_OK : sp_err_memory(err);
}

/* The file to look at: the agent's. A session has many files, and none of them is to blame alone: its budget. */
static void find_place(const sp_budgets *budgets, const sp_budget *budget, const sp_prompt *prompt, sp_measure *measure)
{
    measure->path = SP_STR(".");
    if (prompt->agent) {
        measure->path = prompt->sources[prompt->agent->source].path;
    } else if (budgets->config->path.ptr) {
        sp_position place = sp_position_of(budgets->config->text, budget->offset);
        measure->path = budgets->config->path;
        measure->line = (uint32_t)place.line;
    }
}

/* ---- counting --------------------------------------------------------------------------------------------- */

/* Whose count it is: the model of the request, else of the prompt. */
static sp_status name_model(const sp_budgets *budgets, sp_str own, sp_str *ret, sp_err *err)
{
    *ret = budgets->request->model ? sp_str_of(budgets->request->model) : own;
    if (ret->ptr)
        return SP_OK;
    return sp_err_set(err, SP_ERR_USAGE,
                      "the provider counts for a model, and some budget is about a prompt or a file that has none; "
                      "name one with --model");
}

/* Of several counts the oldest day. */
static sp_status add_count(sp_budgets *budgets, const sp_api_count *count, sp_subject *subject, sp_err *err)
{
    sp_str day = sp_str_of(count->counted_on);
    subject->size.tokens += count->tokens;
    subject->size.range = (sp_range){ subject->size.tokens, subject->size.tokens };
    if (subject->counted_on.ptr && sp_str_cmp(subject->counted_on, day) <= 0)
        return SP_OK;
    subject->counted_on = sp_str_dup(budgets->arena, day);
    return subject->counted_on.ptr ? SP_OK : sp_err_memory(err);
}

/* Of a recorded request the text of files, as it was counted in the request: what the client adds has no budget. */
static sp_size size_of_files(const sp_prompt *prompt)
{
    sp_size size = { 0 };
    for (size_t i = 0; i < prompt->segment_count; i++)
        if (prompt->segments[i].kind != SP_SEGMENT_CLIENT && prompt->segments[i].kind != SP_SEGMENT_TOOL)
            size.tokens += prompt->segments[i].tokens;
    double share = prompt->tokens ? (double)size.tokens / (double)prompt->tokens : 0;
    size.range = (sp_range){ size.tokens, size.tokens };
    if (!prompt->exact)
        size.range =
            (sp_range){ (size_t)((double)prompt->range.low * share), (size_t)((double)prompt->range.high * share + 1) };
    return size;
}

static sp_status count_prompt(sp_budgets *budgets, sp_prompt *prompt, sp_subject *subject, sp_err *err)
{
    sp_str model;
    if (prompt->is_recorded) {
        subject->size = size_of_files(prompt);
        return SP_OK;
    }
    if (!budgets->api || prompt->message_count == 0)
        return sp_meter_prompt(&budgets->meter, subject->encoding, prompt, &subject->size, err);
    SP_TRY(name_model(budgets, prompt->own_model, &model, err));
    SP_TRY(sp_api_count_prompt(budgets->api, model, prompt, err));
    return add_count(budgets, &prompt->api_count, subject, err);
}

static sp_status count_here(sp_budgets *budgets, sp_str text, sp_size *sum, sp_err *err)
{
    sp_size size;
    SP_TRY(sp_meter_text(&budgets->meter, budgets->encoding, text, &size, err));
    sum->tokens += size.tokens;
    sum->range.low += size.range.low;
    sum->range.high += size.range.high;
    return SP_OK;
}

/* Adds to subject->size. path is for messages. */
static sp_status count_text(sp_budgets *budgets, sp_str path, sp_str text, sp_subject *subject, sp_err *err)
{
    sp_str model;
    sp_api_count count;
    if (!budgets->api || text.len == 0)
        return count_here(budgets, text, &subject->size, err);
    SP_TRY(name_model(budgets, (sp_str){ NULL, 0 }, &model, err));
    sp_status status = sp_api_count_text(budgets->api, model, text, &count, err);
    if (status != SP_OK && strcmp(err->rule, "api.endpoint") != 0) /* it is about this text */
        snprintf(err->path, sizeof err->path, "%.*s", SP_STR_ARG(path));
    SP_TRY(status);
    return add_count(budgets, &count, subject, err);
}

/* ---- prompts ---------------------------------------------------------------------------------------------- */

/* To find cuts each block is counted, which takes longer than the prompt. */
static bool may_offer(sp_budgets *budgets, const sp_prompt *prompt)
{
    budgets->offered_bytes += sp_prompt_bytes(prompt);
    return budgets->offered_bytes <= (size_t)sp_own_limit(SP_RULE_CHECK_OFFERS);
}

/* subject has all but thing. */
static sp_status measure_prompt(sp_budgets *budgets, size_t index, const sp_launch *place, sp_subject subject,
                                sp_prompt *prompt, sp_err *err)
{
    const sp_budget *budget = &budgets->config->budgets[index];
    sp_str agent = subject.name;
    sp_measure measure = { .budget = budget->name };
    size_t over;
    find_place(budgets, budget, prompt, &measure);
    SP_TRY(name_item(budgets, place, agent, &measure, err));
    subject.thing = sp_str_format(budgets->arena, "%s%s %.*s", budget->of_request ? "the request of " : "",
                                  agent.ptr ? "the agent" : "a session in", SP_STR_ARG(measure.item));
    subject.name = agent.ptr ? agent : measure.item;
    if (!subject.thing.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_budget_judge(budgets, index, &subject, &measure, &over, err));
    if (over > 0 && may_offer(budgets, prompt)) {
        if (prompt->tokens == 0)
            SP_TRY(sp_attribute(subject.encoding, prompt, err));
        SP_TRY(sp_offers_of_prompt(budgets->arena, prompt, over, &measure, err));
        SP_TRY(add_offers_to_message(budgets, &measure, err));
    }
    return keep(budgets, index, &measure, err);
}

static size_t window_of(const sp_model *model)
{
    return model ? (size_t)model->window_tokens : 0;
}

static bool is_request_known(const sp_prompt *prompt)
{
    return prompt->is_recorded || (prompt->whole && prompt->whole->is_known);
}

/* The size of the whole request: as it was recorded, or the sum of files and of what was measured of the client. */
static sp_status take_request(const sp_budgets *budgets, size_t index, const sp_prompt *prompt, sp_subject *subject,
                              sp_err *err)
{
    const sp_check_config *config = budgets->config;
    const sp_whole *whole = prompt->whole;
    subject->of_request = true;
    if (prompt->is_recorded) {
        subject->size = (sp_size){ prompt->tokens, prompt->range };
        return SP_OK;
    }
    if (!is_request_known(prompt))
        return sp_err_at(
            err, SP_ERR_USAGE, config->path, config->text, config->budgets[index].offset, NULL,
            "of: request of the budget %.*s cannot be measured: %.*s; write of: prompt, or another version",
            SP_STR_ARG(config->budgets[index].name),
            SP_STR_ARG(whole ? whole->problem : SP_STR("the request is not known")));
    subject->size = (sp_size){ whole->tokens, whole->range };
    if (!subject->window_tokens)
        subject->window_tokens = whole->window_tokens;
    return SP_OK;
}

sp_status sp_budgets_prompt(sp_budgets *budgets, const sp_launch *place, sp_str name, sp_prompt *prompt, sp_err *err)
{
    sp_subject subject = { .name = name };
    for (size_t i = 0; i < budgets->config->budget_count; i++) {
        if (!is_about(budgets, i, place, name))
            continue;
        if (!subject.encoding) {
            const sp_encoding *other =
                sp_attribute_other(budgets->request, prompt->profile, budgets->encoding, prompt->own_model);
            bool is_own = place->profile.ptr && other; /* of another client, whose tokens the limit is about */
            subject.encoding = is_own ? other : budgets->encoding;
            subject.model_encoding = is_own ? NULL : other;
            subject.window_tokens = window_of(sp_attribute_target(budgets->request, prompt->own_model));
            SP_TRY(count_prompt(budgets, prompt, &subject, err));
        }
        sp_subject measured = subject;
        bool of_request = budgets->config->budgets[i].of_request;
        if (of_request && !budgets->config->path.ptr && !is_request_known(prompt))
            continue; /* nobody asked for that: check --init proposes what can be measured */
        if (of_request)
            SP_TRY(take_request(budgets, i, prompt, &measured, err));
        SP_TRY(measure_prompt(budgets, i, place, measured, prompt, err));
    }
    return SP_OK;
}

/* ---- files ---------------------------------------------------------------------------------------------- */

/* A section, or the whole file, as it was counted. */
typedef struct counted_part {
    sp_str heading; /* without its marks; ptr NULL: the whole file */
    sp_size size;
    sp_str counted_on;
    uint32_t line; /* of the first section; 0: there is none */
} counted_part;

/* A file while budgets look at it. Each part is counted once, however many budgets are about it. */
typedef struct counted_file {
    sp_arena *arena;
    sp_source source;
    sp_list(counted_part) parts;
    size_t *block_tokens; /* NULL: not counted yet */
} counted_file;

/* "## Style" and "Style" are the same heading. */
static sp_str heading_text(sp_str text)
{
    while (text.len > 0 && text.ptr[0] == '#')
        text = sp_str_slice(text, 1, text.len);
    return sp_str_trim(text);
}

/* The block behind a heading's section. */
static uint32_t end_of_section(const sp_source *source, uint32_t heading)
{
    uint32_t end = heading + 1;
    while (end < source->block_count && !(source->blocks[end].kind == SP_BLOCK_HEADING &&
                                          source->blocks[end].level <= source->blocks[heading].level))
        end++;
    return end;
}

/* All sections of that heading; *ret_line is the first one's, 0 for none. One inside another counts with it. */
static sp_status count_sections(sp_budgets *budgets, const sp_source *source, sp_str heading, sp_subject *subject,
                                uint32_t *ret_line, sp_err *err)
{
    *ret_line = 0;
    for (uint32_t i = 0; i < source->block_count;) {
        uint32_t begin = i++;
        const sp_block *block = &source->blocks[begin];
        if (block->kind != SP_BLOCK_HEADING || !sp_str_eq(sp_heading_text(source, begin), heading))
            continue;
        i = end_of_section(source, begin);
        sp_str section = sp_str_slice(source->bytes, block->begin, source->blocks[i - 1].end);
        SP_TRY(count_text(budgets, source->path, section, subject, err));
        *ret_line = *ret_line ? *ret_line : block->first_line;
    }
    return SP_OK;
}

/* Its blocks, which only headings and cuts need. */
static sp_status scan(sp_arena *arena, sp_source *source, sp_err *err)
{
    sp_markdown markdown;
    if (source->blocks)
        return SP_OK;
    SP_TRY(sp_markdown_scan(arena, source->bytes, 0, &markdown, err));
    source->blocks = markdown.blocks;
    source->block_count = markdown.block_count;
    return SP_OK;
}

static bool is_same_heading(sp_str a, sp_str b)
{
    return !a.ptr == !b.ptr && sp_str_eq(a, b);
}

/* The part of that heading, which heading_text made, counted now if it is new. */
static sp_status count_part(sp_budgets *budgets, counted_file *file, sp_str heading, sp_subject *subject,
                            uint32_t *ret_line, sp_err *err)
{
    for (size_t i = 0; i < file->parts.count; i++) {
        const counted_part *part = &file->parts.items[i];
        if (!is_same_heading(part->heading, heading))
            continue;
        subject->size = part->size;
        subject->counted_on = part->counted_on;
        *ret_line = part->line;
        return SP_OK;
    }
    if (heading.ptr) {
        SP_TRY(scan(file->arena, &file->source, err));
        SP_TRY(count_sections(budgets, &file->source, heading, subject, ret_line, err));
    } else {
        SP_TRY(count_text(budgets, file->source.path, file->source.bytes, subject, err));
    }
    counted_part *part = SP_LIST_PUSH(file->arena, &file->parts);
    if (!part)
        return sp_err_memory(err);
    *part = (counted_part){ heading, subject->size, subject->counted_on, *ret_line };
    return SP_OK;
}

/* Each block on its own, for what could be cut. */
static sp_status count_blocks(const sp_budgets *budgets, counted_file *file, sp_err *err)
{
    if (file->block_tokens)
        return SP_OK;
    SP_TRY(scan(file->arena, &file->source, err));
    const sp_source *source = &file->source;
    size_t *tokens = SP_ARENA_ARRAY(file->arena, size_t, (size_t)source->block_count + 1);
    if (!tokens)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < source->block_count; i++)
        SP_TRY(sp_count(budgets->encoding, sp_str_slice(source->bytes, source->blocks[i].begin, source->blocks[i].end),
                        SP_SPECIAL_AS_TEXT, &tokens[i], err));
    file->block_tokens = tokens;
    return SP_OK;
}

static sp_status measure_file(sp_budgets *budgets, size_t index, counted_file *file, sp_str item, sp_err *err)
{
    const sp_source *source = &file->source;
    const sp_budget *budget = &budgets->config->budgets[index];
    sp_measure measure = { .budget = budget->name, .item = item, .path = source->path, .of_file = true };
    sp_subject subject = {
        .name = item,
        .thing = item,
        .encoding = budgets->encoding,
        .window_tokens = window_of(sp_attribute_target(budgets->request, (sp_str){ NULL, 0 })),
    };
    size_t over;
    sp_str heading = budget->heading.ptr ? heading_text(budget->heading) : budget->heading;
    SP_TRY(count_part(budgets, file, heading, &subject, &measure.line, err));
    if (heading.ptr && measure.line == 0)
        return SP_OK;
    if (heading.ptr)
        subject.thing = sp_str_format(budgets->arena, "\"%.*s\" in %.*s", SP_STR_ARG(heading), SP_STR_ARG(item));
    if (!subject.thing.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_budget_judge(budgets, index, &subject, &measure, &over, err));
    if (over > 0) {
        SP_TRY(count_blocks(budgets, file, err));
        SP_TRY(sp_offers_of_file(budgets->arena, file->block_tokens, source, heading, over, &measure, err));
        SP_TRY(add_offers_to_message(budgets, &measure, err));
    }
    return keep(budgets, index, &measure, err);
}

/* A file that a budget is about and that cannot be read is a finding, and the others are measured. */
static sp_status report_unread(sp_budgets *budgets, sp_str path, const sp_file *file, sp_err *err)
{
    sp_diags diags = { .arena = budgets->arena };
    path = sp_str_dup(budgets->arena, path);
    if (!path.ptr)
        return sp_err_memory(err);
    if (file->state == SP_FILE_LARGE)
        SP_TRY(sp_diag_add(&diags, err, SP_FINDING, path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_FILE_MAX_BYTES,
                           "not measured: it has %s bytes, and %s are read", SP_NUMBER(file->size_bytes),
                           SP_NUMBER(sp_own_limit(SP_RULE_FILE_MAX_BYTES))));
    else
        SP_TRY(sp_diag_add(&diags, err, SP_FINDING, path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_AGENT_UNREADABLE,
                           "not measured: it cannot be read"));
    return sp_findings_take(budgets->findings, &diags, err);
}

static sp_status measure_path(sp_budgets *budgets, sp_arena *arena, sp_str item, sp_err *err)
{
    const sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES) };
    counted_file counted = { .arena = arena, .source.kind = SP_SOURCE_INSTRUCTIONS };
    sp_file file = { .state = SP_FILE_ABSENT };
    for (size_t i = 0; i < budgets->config->budget_count; i++) {
        const sp_budget *budget = &budgets->config->budgets[i];
        if (!budget->files.count || !match(&budget->files, budgets->states[i].files, item))
            continue;
        if (file.state == SP_FILE_ABSENT) {
            sp_str path = sp_path_join(arena, budgets->base, item);
            if (!path.ptr)
                return sp_err_memory(err);
            SP_TRY(sp_reader_read(budgets->reader, arena, path, limits, &file, err));
            counted.source.path = sp_path_below(path, budgets->current);
            if (file.state != SP_FILE_READ)
                return report_unread(budgets, counted.source.path, &file, err);
            counted.source.bytes = file.bytes;
            item = sp_str_dup(budgets->arena, item);
            if (!item.ptr)
                return sp_err_memory(err);
        }
        SP_TRY(measure_file(budgets, i, &counted, item, err));
    }
    return SP_OK;
}

static bool is_asked_for(const sp_budgets *budgets, const sp_str *only, size_t only_count, sp_arena *arena, sp_str item)
{
    sp_str path = sp_path_join(arena, budgets->base, item);
    bool is_in = only_count == 0;
    for (size_t i = 0; i < only_count && path.ptr; i++)
        is_in = is_in || sp_path_is_within(path, only[i]);
    return is_in;
}

sp_status sp_budgets_files(sp_budgets *budgets, const sp_str *only, size_t only_count, sp_err *err)
{
    sp_arena tree = { NULL };
    sp_path_list files = { NULL, 0, 0 };
    bool is_about_files = false;
    for (size_t i = 0; i < budgets->config->budget_count; i++)
        is_about_files = is_about_files || budgets->config->budgets[i].files.count;
    if (!is_about_files)
        return SP_OK;
    sp_status status = sp_tree_list(&tree, budgets->reader, budgets->base, true, &files, err);
    for (size_t i = 0; i < files.count && status == SP_OK; i++) {
        sp_arena arena = { NULL };
        if (is_asked_for(budgets, only, only_count, &arena, files.items[i]))
            status = measure_path(budgets, &arena, files.items[i], err);
        sp_arena_release(&arena);
    }
    sp_arena_release(&tree);
    return status;
}

/* ---- findings ------------------------------------------------------------------------------------------- */

/* About a place in the configuration. */
SP_PRINTF(5, 6)
static sp_status say_of_config(sp_budgets *budgets, sp_level level, sp_rule_key rule, size_t offset, const char *format,
                               ...)
{
    sp_err err;
    sp_diags *diags = &budgets->diags;
    va_list args;
    diags->arena = budgets->arena;
    diags->count = 0;
    va_start(args, format);
    sp_status status =
        sp_diag_vadd(diags, &err, level, budgets->config->path, budgets->config->text, offset, rule, format, args);
    va_end(args);
    SP_TRY(status);
    return sp_findings_take(budgets->findings, diags, &err);
}

static size_t excess(const sp_measure *measure)
{
    return measure->limit_tokens != SP_NO_TOKENS && measure->bound_tokens > measure->limit_tokens
               ? measure->bound_tokens - measure->limit_tokens
               : 0;
}

static int compare_measures(const void *a, const void *b)
{
    const sp_measure *x = *(const sp_measure *const *)a, *y = *(const sp_measure *const *)b;
    if (excess(x) != excess(y))
        return excess(x) > excess(y) ? -1 : 1;
    int order = sp_str_cmp(x->budget, y->budget);
    return order ? order : sp_str_cmp(x->item, y->item);
}

/* A file that is too large is to blame itself. A prompt has many files, so the limit is shown that it does not keep. */
static sp_diagnostic finding_of(const sp_budgets *budgets, const sp_measure *measure)
{
    sp_diagnostic finding = {
        .level = measure->failed_rule == SP_RULE_BUDGET_NEAR ? SP_WARNING : SP_FINDING,
        .path = measure->path,
        .line = measure->line,
        .column = measure->line > 0,
        .message = measure->message,
        .rule = measure->failed_rule,
    };
    if (measure->of_file)
        return finding;
    finding.path = budgets->config->path;
    finding.line = measure->limit_place.line;
    finding.column = measure->limit_place.column;
    return finding;
}

static int compare_limits(const void *a, const void *b)
{
    const sp_measure *x = *(const sp_measure *const *)a, *y = *(const sp_measure *const *)b;
    return (x->limit_offset > y->limit_offset) - (x->limit_offset < y->limit_offset);
}

/* The places of all limits, in one walk over the configuration. */
static void place_limits(sp_str text, sp_measure **measures, size_t count)
{
    sp_position place = { 1, 1 };
    size_t at = 0;
    qsort(measures, count, sizeof(sp_measure *), compare_limits);
    for (size_t i = 0; i < count; at = measures[i++]->limit_offset)
        measures[i]->limit_place = place = sp_position_after(text, place, at, measures[i]->limit_offset);
}

static sp_status report_measures(sp_budgets *budgets, sp_err *err)
{
    size_t count = budgets->measures.count;
    sp_measure **sorted = SP_ARENA_ARRAY(budgets->arena, sp_measure *, count + 1);
    if (!sorted)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &budgets->measures.items[i];
    place_limits(budgets->config->text, sorted, count);
    qsort(sorted, count, sizeof(sp_measure *), compare_measures);
    for (size_t i = 0; i < count; i++) {
        const sp_diagnostic finding = finding_of(budgets, sorted[i]);
        if (finding.rule != SP_RULE_NONE)
            SP_TRY(sp_findings_add(budgets->findings, &finding, err));
    }
    return SP_OK;
}

static sp_status report_patterns(sp_budgets *budgets, const sp_budget *budget, const sp_globs *globs, const bool *used,
                                 const char *what)
{
    for (size_t i = 0; i < globs->count; i++)
        if (!used[i])
            SP_TRY(say_of_config(budgets, SP_WARNING, SP_RULE_BUDGET_UNMATCHED, budget->offset,
                                 "the budget %.*s is about %s %.*s, and there is none", SP_STR_ARG(budget->name), what,
                                 SP_STR_ARG(globs->texts[i])));
    return SP_OK;
}

static sp_status report_exceptions(sp_budgets *budgets, const sp_budget *budget, const sp_budget_state *state)
{
    for (size_t i = 0; i < budget->exception_count; i++) {
        const sp_exception *exception = &budget->exceptions[i];
        if (state->expired[i])
            SP_TRY(say_of_config(budgets, SP_WARNING, SP_RULE_BUDGET_EXPIRED, exception->offset,
                                 "this exception ended on %04u-%02u-%02u, so max: of the budget counts again; take it "
                                 "out, or set a later day",
                                 exception->until / 10000, exception->until / 100 % 100, exception->until % 100));
        else if (!state->exceptions[i] && budgets->is_complete)
            SP_TRY(say_of_config(budgets, SP_WARNING, SP_RULE_BUDGET_UNMATCHED, exception->offset,
                                 "nothing that the budget %.*s measures is called like this exception; take it out",
                                 SP_STR_ARG(budget->name)));
    }
    return SP_OK;
}

/* Today's size and a tenth, in two digits. */
size_t sp_budget_suggest(size_t tokens)
{
    size_t wanted = tokens + tokens / 10 + 1;
    size_t step = 1;
    while (wanted / step >= 100)
        step *= 10;
    return (wanted + step - 1) / step * step;
}

static sp_status report_slack(sp_budgets *budgets, const sp_budget *budget, const sp_budget_state *state)
{
    const sp_measure *fullest = state->fullest == SP_NONE ? NULL : &budgets->measures.items[state->fullest];
    uint64_t percent = (uint64_t)sp_own_limit(SP_RULE_BUDGET_SLACK);
    if (!fullest || fullest->limit_tokens == SP_NO_TOKENS || state->has_failed || fullness(fullest) >= percent * 10000)
        return SP_OK;
    char size[SP_TOKENS_ROOM], limit[32];
    return say_of_config(budgets, SP_NOTE, SP_RULE_BUDGET_SLACK, budget->offset,
                         "the fullest of the budget %.*s is %.*s with %s of %s tokens; max: %zu would do",
                         SP_STR_ARG(budget->name), SP_STR_ARG(fullest->item),
                         sp_tokens_text(size, fullest->exact, fullest->tokens, fullest->range),
                         sp_number_text(limit, fullest->limit_tokens).ptr, sp_budget_suggest(fullest->bound_tokens));
}

enum { FEW_TOKENS = 100 }; /* a warning that begins so early was meant to be a share */

static sp_status report_warn_at(sp_budgets *budgets, const sp_budget *budget)
{
    const sp_amount *warn_at = &budget->warn_at;
    bool is_far = budget->max.is_share || budget->max.value / 10 >= FEW_TOKENS;
    if (!warn_at->is_given || warn_at->is_share || warn_at->value > FEW_TOKENS || !is_far)
        return SP_OK;
    return say_of_config(budgets, SP_NOTE, SP_RULE_BUDGET_NEAR, warn_at->offset,
                         "warn-at: of the budget %.*s is %zu tokens; a share of max: has a percent sign: %zu%%",
                         SP_STR_ARG(budget->name), (size_t)warn_at->value, (size_t)warn_at->value);
}

static sp_status report_windows(sp_budgets *budgets, const sp_budget *budget, const sp_budget_state *state)
{
    if (state->windowless_count == 0)
        return SP_OK;
    char more[64] = "";
    if (state->windowless_count > 1)
        snprintf(more, sizeof more, " and %zu more", state->windowless_count - 1);
    return say_of_config(
        budgets, SP_FINDING, SP_RULE_BUDGET_WINDOW, budget->max.offset,
        "max: of the budget %.*s is a share of the model's window, and for %.*s%s no model with a known "
        "window is named; give a number of tokens, or model: in the agent or at the top of this file, "
        "or --model",
        SP_STR_ARG(budget->name), SP_STR_ARG(state->windowless), more);
}

static sp_status report_baseline(sp_budgets *budgets, const sp_budget *budget)
{
    size_t missing = 0;
    const sp_measure *first = NULL;
    if (!budgets->compares || !(budget->ratchet || budget->increase.is_given))
        return SP_OK;
    for (size_t i = 0; i < budgets->measures.count; i++) {
        const sp_measure *measure = &budgets->measures.items[i];
        if (!sp_str_eq(measure->budget, budget->name) || measure->baseline_tokens != SP_NO_TOKENS)
            continue;
        first = first ? first : measure;
        missing++;
    }
    if (missing == 0)
        return SP_OK;
    if (!budgets->baseline.place.exists)
        return say_of_config(budgets, SP_WARNING, SP_RULE_BUDGET_BASELINE, budget->offset,
                             "the budget %.*s compares with a baseline, and there is no %.*s; sysprompt check "
                             "--update-baseline writes one",
                             SP_STR_ARG(budget->name), SP_STR_ARG(budgets->baseline.path));
    return say_of_config(budgets, SP_NOTE, SP_RULE_BUDGET_BASELINE, budget->offset,
                         "%zu of what the budget %.*s compares, such as %.*s, %s not in %.*s; sysprompt check "
                         "--update-baseline adds %s",
                         missing, SP_STR_ARG(budget->name), SP_STR_ARG(first->item), missing == 1 ? "is" : "are",
                         SP_STR_ARG(budgets->baseline.path), missing == 1 ? "it" : "them");
}

static sp_status report_budget(sp_budgets *budgets, size_t index)
{
    const sp_budget *budget = &budgets->config->budgets[index];
    const sp_budget_state *state = &budgets->states[index];
    SP_TRY(report_warn_at(budgets, budget));
    SP_TRY(report_windows(budgets, budget, state));
    SP_TRY(report_exceptions(budgets, budget, state));
    SP_TRY(report_baseline(budgets, budget));
    if (!budgets->is_complete)
        return SP_OK;
    SP_TRY(report_patterns(budgets, budget, &budget->directories, state->directories,
                           "directories with a file in them, called"));
    SP_TRY(report_patterns(budgets, budget, &budget->agents, state->agents, "agents called"));
    SP_TRY(report_patterns(budgets, budget, &budget->files, state->files, "files called"));
    if (budget->heading.ptr && state->measure_count == 0)
        SP_TRY(say_of_config(budgets, SP_WARNING, SP_RULE_BUDGET_UNMATCHED, budget->offset,
                             "none of the files of the budget %.*s has the heading %.*s", SP_STR_ARG(budget->name),
                             SP_STR_ARG(budget->heading)));
    return report_slack(budgets, budget, state);
}

sp_status sp_budgets_finish(sp_budgets *budgets, sp_err *err)
{
    SP_TRY(report_measures(budgets, err));
    for (size_t i = 0; i < budgets->config->budget_count && budgets->config->path.ptr; i++)
        if (report_budget(budgets, i) != SP_OK)
            return sp_err_memory(err);
    return SP_OK;
}
