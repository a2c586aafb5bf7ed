/*
 * whole.c - the whole first request: a sum, not a text.
 *
 * Files count as they do in the prompt. Everything else is the client's, and its size comes from the rows that
 * tests/clients/measure wrote (rules/overheads.h): so no template of ours is in this sum. What a row leaves out, such
 * as the launch directory and the entries of a listing, is counted here.
 */
#include "workspace/whole.h"

#include "attribute/list.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/agents/agent_tools.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/skills.h"
#include "load/git.h"
#include "model/agent.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/overheads.h"
#include "sources/source.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"
#include "workspace/directory.h"

#include <stdlib.h>

typedef struct summing {
    sp_workspace *workspace;
    sp_arena *arena;
    const sp_docs *docs; /* of the prompt */
    sp_prompt *prompt;
    sp_counter *counter;
    sp_overheads measured;
    sp_whole *whole;
    sp_list(sp_whole_part) parts;
    sp_list(sp_str) tools; /* that the request has */
    size_t path_tokens;    /* of the launch directory */
    sp_err *err;
} summing;

static sp_status count(summing *s, sp_str text, size_t *tokens)
{
    return sp_list_add_tokens(s->counter, text, tokens, NULL, s->err);
}

/* Adds to the part of that name, which may shrink it. */
static sp_status add(summing *s, sp_str name, bool is_client, int64_t tokens, size_t more)
{
    sp_whole_part *part = NULL;
    for (size_t i = 0; i < s->parts.count && !part; i++)
        if (sp_str_eq(s->parts.items[i].name, name) && s->parts.items[i].is_client == is_client)
            part = &s->parts.items[i];
    if (!part) {
        part = SP_LIST_PUSH(s->arena, &s->parts);
        if (!part)
            return sp_err_memory(s->err);
        *part = (sp_whole_part){ .name = name, .is_client = is_client };
    }
    int64_t sum = (int64_t)part->tokens + tokens;
    part->tokens = sum > 0 ? (size_t)sum : 0;
    part->count += more;
    return SP_OK;
}

/* As the client would see the path where --root stands for /. */
static sp_str seen_path(const sp_place *here, sp_str path)
{
    bool is_below = !sp_str_eq(here->root, SP_STR("/")) && sp_str_starts(path, here->root);
    return is_below && path.len > here->root.len ? sp_str_slice(path, here->root.len, path.len) : path;
}

static int64_t tokens_of(const summing *s, const sp_overhead *row)
{
    return row ? row->tokens[s->measured.encoding] + (int64_t)row->paths * (int64_t)s->path_tokens : 0;
}

static const sp_overhead *row_of(const summing *s, const char *part)
{
    return sp_overhead_of(&s->measured, part, (sp_str){ NULL, 0 });
}

static sp_status add_row(summing *s, const char *part, const char *name)
{
    return add(s, sp_str_of(name), true, tokens_of(s, row_of(s, part)), 0);
}

/* ---- tools
 * ----------------------------------------------------------------------------------------------------------- */

static bool has_word(sp_str words, sp_str word)
{
    for (size_t at = sp_str_find(words, word, 0); word.len && at != SIZE_MAX; at = sp_str_find(words, word, at + 1)) {
        size_t end = at + word.len;
        if ((at == 0 || words.ptr[at - 1] == ' ') && (end == words.len || words.ptr[end] == ' '))
            return true;
    }
    return false;
}

static bool has_tool(const summing *s, sp_str name)
{
    for (size_t i = 0; i < s->tools.count; i++)
        if (sp_str_eq(s->tools.items[i], name))
            return true;
    return false;
}

static sp_status push_tool(summing *s, sp_str name)
{
    if (has_tool(s, name))
        return SP_OK;
    sp_str *tool = SP_LIST_PUSH(s->arena, &s->tools);
    if (!tool)
        return sp_err_memory(s->err);
    *tool = name;
    return SP_OK;
}

/* What an agent gets that names no tools; without ToolSearch those as well that it would have to look for. */
static sp_status take_default_tools(summing *s, const sp_agent *agent)
{
    sp_str names = sp_overhead_tools_of(&s->measured, false);
    sp_str all = sp_overhead_tools_of(&s->measured, true);
    if (agent && all.ptr && sp_tool_is_removed(agent, SP_STR("ToolSearch")))
        names = all;
    while (names.len) {
        size_t space = sp_str_find(names, SP_STR(" "), 0);
        sp_str name = sp_str_slice(names, 0, space == SIZE_MAX ? names.len : space);
        names = sp_str_slice(names, space == SIZE_MAX ? names.len : space + 1, names.len);
        if (!sp_tool_is_removed(agent, name))
            SP_TRY(push_tool(s, name));
    }
    return SP_OK;
}

/* The tools that can be named were measured: one without a row is not there in print mode, such as TodoWrite, or is
 * none. MCP servers do not run, and their tools are not there either. */
static bool has_definition(const summing *s, sp_str name)
{
    return sp_overhead_of(&s->measured, "tool", name) != NULL;
}

/* Those that it names, but for what it has to look for with ToolSearch. A session that has tools has the placeholder
 * for those that wait, too. */
static sp_status take_named_tools(summing *s, const sp_agent *agent)
{
    sp_str shown = sp_overhead_tools_of(&s->measured, false);
    sp_str all = sp_overhead_tools_of(&s->measured, true);
    bool searches = false, is_deferred = false;
    for (size_t i = 0; i < agent->tools_resolved.count; i++)
        searches = searches || sp_str_eq(agent->tools_resolved.items[i], SP_STR("ToolSearch"));
    for (size_t i = 0; i < agent->tools_resolved.count; i++) {
        sp_str name = agent->tools_resolved.items[i];
        bool is_sent = !searches || !has_word(all, name) || has_word(shown, name);
        is_deferred = is_deferred || !is_sent || sp_tool_is_mcp(name);
        if (is_sent && has_definition(s, name))
            SP_TRY(push_tool(s, name));
    }
    const sp_str placeholder = SP_STR("DeferredToolPlaceholder");
    is_deferred = is_deferred || (s->whole->start == SP_START_AS_SESSION && s->tools.count > 0);
    return is_deferred && has_definition(s, placeholder) ? push_tool(s, placeholder) : SP_OK;
}

static sp_status add_tools(summing *s)
{
    const sp_agent *agent = s->prompt->agent;
    SP_TRY(agent && !agent->inherits_tools ? take_named_tools(s, agent) : take_default_tools(s, agent));
    for (size_t i = 0; i < s->tools.count; i++) {
        const sp_overhead *row = sp_overhead_of(&s->measured, "tool", s->tools.items[i]);
        SP_TRY(add(s, SP_STR("tools"), true, tokens_of(s, row), 1));
    }
    return SP_OK;
}

/* ---- what the client says
 * -------------------------------------------------------------------------------------------- */

/* The parts that are always there, or with a tool; agents and skills are added with their entries. */
static sp_status add_fixed(summing *s)
{
    static const struct {
        const char *part;
        const char *name;
    } fixed[] = { { "system", "system prompt" }, { "reminder", "reminders" }, { "environment", "environment" } };
    const sp_overhead *row = NULL;
    while ((row = sp_overhead_next(&s->measured, row)) != NULL)
        for (size_t i = 0; i < SP_COUNT_OF(fixed); i++)
            if (strcmp(row->part, fixed[i].part) == 0 && (!row->of[0] || has_tool(s, sp_str_of(row->of))))
                SP_TRY(add(s, sp_str_of(fixed[i].name), true, tokens_of(s, row), 0));
    return SP_OK;
}

/* What settings take away of the reminders that a tool brings, and of its definition. */
static sp_status add_switched_off(summing *s)
{
    const sp_settings *settings = &s->workspace->place.settings;
    const bool signs_nothing = settings->attribution_off.is_on && !settings->git_off.is_on;
    const struct {
        bool is_off;
        const char *part;
        const char *name;
    } switched[] = { { settings->git_off.is_on, "git-off", "reminders" },
                     { settings->git_off.is_on, "git-off-tool", "tools" },
                     { signs_nothing, "attribution-off", "reminders" },
                     { signs_nothing, "attribution-off-tool", "tools" } };
    for (size_t i = 0; i < SP_COUNT_OF(switched); i++) {
        const sp_overhead *row = switched[i].is_off ? row_of(s, switched[i].part) : NULL;
        if (row && has_tool(s, sp_str_of(row->of)))
            SP_TRY(add_row(s, switched[i].part, switched[i].name));
    }
    return SP_OK;
}

/* Each file of the instructions has a line above it, with its path. */
static sp_status add_instructions(summing *s)
{
    const sp_prompt *prompt = s->prompt;
    size_t files = 0, paths = 0;
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        const sp_source *source = &prompt->sources[i];
        bool is_session_memory = source->kind == SP_SOURCE_MEMORY && sp_str_eq(source->reason, SP_STR("auto_memory"));
        if (!source->is_loaded || (!sp_is_of_chain(source->kind) && !is_session_memory))
            continue;
        files++;
        SP_TRY(count(s, seen_path(&s->workspace->place, source->real_path), &paths));
    }
    const sp_overhead *each = row_of(s, "file");
    if (files == 0)
        return SP_OK;
    SP_TRY(add_row(s, "instructions", "headers of instructions"));
    int64_t frames = each ? (int64_t)files * each->tokens[s->measured.encoding] : 0;
    int64_t named = each ? (int64_t)(each->paths * paths) : 0;
    return add(s, SP_STR("headers of instructions"), true, frames + named, 0);
}

static sp_status add_memory(summing *s)
{
    const sp_docs *docs = s->docs;
    if (s->whole->start == SP_START_SESSION)
        return s->workspace->place.settings.memory_off.is_on ? add_row(s, "memory-off", "system prompt") : SP_OK;
    if (!docs->has_memory)
        return SP_OK;
    bool has_text = docs->memory_source != SP_NONE && s->prompt->sources[docs->memory_source].tokens;
    return add_row(s, has_text ? "memory" : "memory-empty", "memory instructions");
}

/* Of an agent's skills: each is named twice, and that of a directory has its path. */
static sp_status add_preloaded(summing *s)
{
    enum { NAMED = 2 }; /* times */
    for (uint32_t i = 0; i < s->prompt->source_count; i++) {
        const sp_source *source = &s->prompt->sources[i];
        if (!source->is_loaded || source->kind != SP_SOURCE_SKILL)
            continue;
        sp_str path = seen_path(&s->workspace->place, source->real_path);
        bool is_command = !sp_str_eq(sp_path_base(path), SP_STR("SKILL.md"));
        const sp_overhead *row = row_of(s, is_command ? "command" : "skill");
        sp_str directory = sp_path_folder(path);
        sp_str name =
            is_command ? sp_path_base(sp_str_slice(path, 0, path.len - strlen(".md"))) : sp_path_base(directory);
        size_t names = 0, paths = 0;
        if (!row)
            continue;
        SP_TRY(count(s, name, &names));
        SP_TRY(count(s, directory, &paths));
        int64_t tokens = row->tokens[s->measured.encoding] + (int64_t)(NAMED * names + row->paths * paths);
        SP_TRY(add(s, SP_STR("headers of skills"), true, tokens, 1));
    }
    return SP_OK;
}

static sp_status add_git(summing *s)
{
    const sp_place *here = &s->workspace->place;
    const sp_overhead *row = row_of(s, "git");
    sp_git_facts facts;
    size_t tokens = 0;
    if (!row || !sp_place_has_git_status(here))
        return SP_OK;
    sp_loader loader = sp_workspace_loader(s->workspace);
    SP_TRY(sp_git_ask(&loader, &facts, s->err));
    if (facts.problem)
        return add(s, SP_STR("git status"), true, tokens_of(s, row), 0);
    bool is_clean = sp_str_eq(facts.status, SP_STR("(none)"));
    SP_TRY(count(s, facts.branch, &tokens));
    SP_TRY(count(s, facts.main_branch, &tokens));
    SP_TRY(count(s, is_clean ? SP_STR("") : facts.status, &tokens));
    SP_TRY(count(s, facts.commits, &tokens));
    return add(s, SP_STR("git status"), true, tokens_of(s, row) + (int64_t)tokens, 0);
}

/* The lines alone: what is around them is a part of the environment. */
static sp_status add_directory(summing *s)
{
    sp_str text;
    size_t tokens = 0;
    SP_TRY(sp_directory_text(s->arena, &s->workspace->place, &text, s->err));
    SP_TRY(count(s, text, &tokens));
    return tokens ? add(s, SP_STR("directory listing"), false, (int64_t)tokens, 0) : SP_OK;
}

/* What an output style and a language add beside the file and the name. Tokens of the measured name are in the rows. */
static sp_status add_style(summing *s)
{
    const sp_settings *settings = &s->workspace->place.settings;
    enum { LANGUAGE_NAMED = 3 }; /* times */
    size_t tokens = 0;
    if (s->whole->start == SP_START_AGENT)
        return SP_OK;
    for (uint32_t i = 0; i < s->prompt->source_count; i++)
        if (s->prompt->sources[i].is_loaded && sp_is_output_style(&s->prompt->sources[i]))
            SP_TRY(add_row(s, "output-style", "output style"));
    if (!settings->language.text.len || !sp_rule_holds(s->workspace->profile, SP_RULE_SETTINGS_LANGUAGE))
        return SP_OK;
    SP_TRY(count(s, settings->language.text, &tokens));
    SP_TRY(add(s, SP_STR("language"), false, (int64_t)tokens * LANGUAGE_NAMED, 1));
    return add_row(s, "language", "language");
}

/* ---- listings
 * --------------------------------------------------------------------------------------------------------- */

/* "Read, Grep", or with what it does not get; the row has what an agent with all tools gets there. */
static sp_status count_tools(summing *s, const sp_agent *agent, size_t *tokens)
{
    const sp_str_list *names = agent->has_tools ? &agent->tools_resolved : &agent->disallowed_tools;
    for (size_t i = 0; i < names->count; i++) {
        SP_TRY(count(s, names->items[i], tokens));
        *tokens += i + 1 < names->count; /* the comma; a space goes with the name */
    }
    return SP_OK;
}

static sp_status add_agents(summing *s)
{
    const sp_overhead *row = row_of(s, "agents");
    const sp_overhead *entry = row_of(s, "agents-entry");
    const sp_found_agents *found;
    if (!row || (row->of[0] && !has_tool(s, sp_str_of(row->of))))
        return SP_OK;
    SP_TRY(add_row(s, "agents", "agent listing"));
    if (!entry)
        return SP_OK;
    SP_TRY(sp_workspace_agents(s->workspace, &found, s->err));
    size_t tokens = 0, entries = 0;
    for (size_t i = 0; i < found->count; i++) {
        const sp_listed_agent *listed = &found->items[i].listed;
        if (listed->status != SP_AGENT_LOADS)
            continue;
        entries++;
        tokens += (size_t)entry->tokens[s->measured.encoding];
        SP_TRY(count(s, listed->name, &tokens));
        SP_TRY(count(s, listed->agent.description, &tokens));
        SP_TRY(count_tools(s, &listed->agent, &tokens));
    }
    return entries ? add(s, SP_STR("agent listing"), false, (int64_t)tokens, entries) : SP_OK;
}

static sp_status count_skills(summing *s, sp_skill_list *list, const sp_overhead *row, const sp_overhead *entry)
{
    size_t tokens = 0;
    sp_skills_omit(list, (size_t)row->size_bytes, (size_t)entry->size_bytes);
    for (size_t i = 0; i < list->skill_count; i++) {
        const sp_listed_skill *listed = &list->skills[i];
        if (listed->status != SP_SKILL_LISTED && listed->status != SP_SKILL_NAME_ONLY)
            continue;
        tokens += (size_t)entry->tokens[s->measured.encoding];
        SP_TRY(count(s, listed->name, &tokens));
        if (!listed->is_omitted)
            SP_TRY(count(s, listed->listed, &tokens));
    }
    size_t entries = list->listed_count;
    return entries ? add(s, SP_STR("skill listing"), false, (int64_t)tokens, entries) : SP_OK;
}

static sp_status add_skills(summing *s)
{
    const sp_overhead *row = row_of(s, "skills");
    const sp_overhead *entry = row_of(s, "skills-entry");
    const sp_found_skills *found;
    sp_skill_list list = { 0 };
    sp_diags unsaid = { .arena = s->arena };
    if (!row || (row->of[0] && !has_tool(s, sp_str_of(row->of))))
        return SP_OK;
    SP_TRY(add_row(s, "skills", "skill listing"));
    if (!entry)
        return SP_OK;
    sp_loader loader = sp_workspace_loader(s->workspace);
    loader.diags = &unsaid; /* list --skills and check say it */
    SP_TRY(sp_workspace_skills(s->workspace, &found, s->err));
    SP_TRY(sp_skills_list(&loader, found, &list, s->err));
    return count_skills(s, &list, row, entry);
}

/* Of a client whose table says that it lists them: without its words around an entry. */
static sp_status add_lists(summing *s)
{
    for (size_t i = 0; i < s->prompt->list_count; i++) {
        const sp_client_list *list = &s->prompt->lists[i];
        bool is_skills = strcmp(list->of, "skills") == 0;
        SP_TRY(add(s, is_skills ? SP_STR("skill listing") : SP_STR("agent listing"), false, (int64_t)list->tokens,
                   list->count));
    }
    return SP_OK;
}

/* ---- the sum
 * ------------------------------------------------------------------------------------------------------------ */

static sp_status add_files(summing *s)
{
    const sp_prompt *prompt = s->prompt;
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded && prompt->sources[i].tokens)
            SP_TRY(add(s, prompt->sources[i].path, false, (int64_t)prompt->sources[i].tokens, 1));
    return SP_OK;
}

static int compare_parts(const void *x, const void *y)
{
    const sp_whole_part *a = x, *b = y;
    if (a->tokens != b->tokens)
        return a->tokens < b->tokens ? 1 : -1;
    return sp_str_cmp(a->name, b->name);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Of an estimate: as far off as such requests were estimated when they were measured, and no less than the prompt may
 * be off, whose files may be in other languages than those. */
static void set_range(const summing *s, sp_whole *whole)
{
    const sp_prompt *prompt = s->prompt;
    whole->range = (sp_range){ whole->tokens, whole->tokens };
    if (s->prompt->exact || s->measured.encoding + SP_OVERHEAD_ESTIMATES < SP_OVERHEAD_ENCODINGS)
        return;
    size_t index = s->measured.encoding - (SP_OVERHEAD_ENCODINGS - SP_OVERHEAD_ESTIMATES);
    size_t below = whole->tokens * s->measured.set->spread[index].below / 1000;
    size_t above = whole->tokens * s->measured.set->spread[index].above / 1000;
    whole->range.low -= larger(below, prompt->tokens - prompt->range.low);
    whole->range.high += larger(above, prompt->range.high - prompt->tokens);
}

static void sum_up(const summing *s, sp_whole *whole)
{
    if (s->parts.count)
        qsort(s->parts.items, s->parts.count, sizeof *s->parts.items, compare_parts);
    for (size_t i = 0; i < s->parts.count; i++)
        *(s->parts.items[i].is_client ? &whole->client_tokens : &whole->file_tokens) += s->parts.items[i].tokens;
    whole->is_known = true;
    whole->tokens = whole->client_tokens + whole->file_tokens;
    whole->version = s->measured.set->version;
    whole->model = s->measured.set->model;
    whole->measured_on = s->measured.set->date;
    sp_str asked = s->workspace->request.model ? sp_str_of(s->workspace->request.model) : sp_str_of(whole->model);
    const sp_model *model = sp_model_find(s->workspace->request.models, asked);
    whole->window_tokens = model ? (size_t)model->window_tokens : 0;
    whole->parts = s->parts.items;
    whole->part_count = s->parts.count;
    whole->tools = (sp_str_list){ s->tools.items, s->tools.count };
    set_range(s, whole);
}

static sp_status sum(summing *s)
{
    const sp_place *here = &s->workspace->place;
    sp_str launch = sp_str_eq(here->launch, here->root) ? SP_STR("/") : seen_path(here, here->launch);
    SP_TRY(count(s, launch, &s->path_tokens));
    SP_TRY(add_files(s));
    SP_TRY(add_tools(s));
    SP_TRY(add_fixed(s));
    SP_TRY(add_switched_off(s));
    SP_TRY(add_instructions(s));
    SP_TRY(add_memory(s));
    SP_TRY(add_preloaded(s));
    SP_TRY(add_git(s));
    SP_TRY(add_style(s));
    if (s->workspace->place.has_repository)
        SP_TRY(add_row(s, "repository", "system prompt"));
    SP_TRY(add_directory(s));
    SP_TRY(add_agents(s));
    SP_TRY(add_skills(s));
    return add_lists(s);
}

static sp_str describe_problem(const summing *s, sp_overheads_state state, sp_str model)
{
    char versions[80];
    const char *name = sp_profile_name(s->workspace->profile);
    switch (state) {
    case SP_OVERHEADS_NO_VERSION:
        return sp_str_format(s->arena, "the parts of %s were not measured; those of %.*s were", name,
                             SP_STR_ARG(sp_overhead_versions(s->workspace->profile, versions)));
    case SP_OVERHEADS_NO_MODEL:
        return sp_str_format(s->arena, "the parts of %s were not measured with the model %.*s", name,
                             SP_STR_ARG(model));
    case SP_OVERHEADS_NO_KIND:
        return sp_str_format(s->arena, "the parts of such a request of %s were not measured", name);
    case SP_OVERHEADS_NO_ENCODING:
        return sp_str_format(s->arena, "the parts of %s were not counted with %s", name,
                             sp_encoding_name(s->prompt->encoding));
    case SP_OVERHEADS_KNOWN:
    case SP_OVERHEADS_NO_CLIENT:
        break;
    }
    return sp_str_format(s->arena, "the parts of %s were not measured", name);
}

/* The id of an alias, as far as models are known: a version may take another one for it. */
static sp_overheads_state find_measured(summing *s, sp_str model)
{
    const sp_workspace *workspace = s->workspace;
    const sp_model *known = model.ptr ? sp_model_find(workspace->request.models, model) : NULL;
    sp_overheads_state state = SP_OVERHEADS_NO_MODEL;
    if (known)
        state = sp_overheads_find(workspace->profile, s->whole->start, SP_MODEL_STR(known, id), s->prompt->encoding,
                                  &s->measured);
    if (state == SP_OVERHEADS_NO_MODEL)
        state = sp_overheads_find(workspace->profile, s->whole->start, model, s->prompt->encoding, &s->measured);
    return state;
}

sp_status sp_workspace_whole(sp_workspace *workspace, sp_arena *arena, const sp_docs *docs, sp_prompt *prompt,
                             sp_err *err)
{
    const sp_request *request = &workspace->request;
    sp_whole *whole = SP_ARENA_ARRAY(arena, sp_whole, 1);
    summing s = { .workspace = workspace, .arena = arena, .docs = docs, .prompt = prompt, .whole = whole, .err = err };
    if (!whole)
        return sp_err_memory(err);
    prompt->whole = whole;
    whole->start = !prompt->agent ? SP_START_SESSION : request->as_session ? SP_START_AS_SESSION : SP_START_AGENT;
    sp_str model = request->model ? sp_str_of(request->model) : docs->model;
    sp_overheads_state state = find_measured(&s, model);
    if (state != SP_OVERHEADS_KNOWN) {
        whole->problem = describe_problem(&s, state, model);
        return whole->problem.ptr ? SP_OK : sp_err_memory(err);
    }
    size_t said = workspace->diags.count; /* what is wrong with agents and skills list and check say */
    SP_TRY(sp_counter_new(prompt->encoding, SP_SPECIAL_AS_TEXT, &s.counter, err));
    sp_status status = sum(&s);
    sp_counter_free(s.counter);
    workspace->diags.count = said;
    if (status == SP_OK)
        sum_up(&s, whole);
    return status;
}
