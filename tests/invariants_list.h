/* invariants_list.h - what holds for every list of agents, and for what stands on disk beside a prompt or a list. */
#ifndef TESTS_INVARIANTS_LIST_H
#define TESTS_INVARIANTS_LIST_H

#include "base/types.h"
#include "invariants_json.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "report/format.h"
#include "report/reports.h"

static inline bool inv_has_name(const sp_listed_agent *listed)
{
    return listed->status == SP_AGENT_LOADS || listed->status == SP_AGENT_REFUSED;
}

/* A name belongs to one agent; who does not load says why, and who lost a name says to whom. */
static inline bool inv_listed(const sp_agent_list *list, size_t index, char *why)
{
    const sp_listed_agent *listed = &list->agents[index];
    bool is_shadowed = listed->status == SP_AGENT_SHADOWED;
    INV(listed->path.len > 0, "agent %zu has no path", index);
    INV((listed->status == SP_AGENT_LOADS) == (listed->rule == SP_RULE_NONE && listed->why.len == 0),
        "%.*s: status %d, rule %.*s", SP_STR_ARG(listed->path), (int)listed->status, SP_STR_ARG(sp_rule_name(listed->rule)));
    INV(is_shadowed == (listed->winner != SP_NONE), "%.*s: winner %u", SP_STR_ARG(listed->path), listed->winner);
    INV((listed->line == 0) == (listed->column == 0), "%.*s: at %u:%u", SP_STR_ARG(listed->path), listed->line,
        listed->column);
    if (is_shadowed) {
        const sp_listed_agent *winner = &list->agents[listed->winner];
        INV(listed->winner < index && inv_has_name(winner) && sp_str_eq(winner->name, listed->name),
            "%.*s: %.*s has not its name", SP_STR_ARG(listed->path), SP_STR_ARG(winner->path));
    }
    INV(!inv_has_name(listed) || listed->name.len > 0, "%.*s loads and has no name", SP_STR_ARG(listed->path));
    for (size_t i = 0; i < index && inv_has_name(listed); i++)
        INV(!inv_has_name(&list->agents[i]) || !sp_str_eq(list->agents[i].name, listed->name),
            "%.*s and %.*s have one name", SP_STR_ARG(list->agents[i].path), SP_STR_ARG(listed->path));
    return true;
}

static inline bool inv_list_json(const sp_agent_list *list, char *why)
{
    char *bytes;
    size_t len;
    sp_err err;
    json_error_t problem;
    INV(sp_agent_list_render(list, SP_FORMAT_JSON, NULL, &bytes, &len, &err) == SP_OK, "%s", err.message);
    json_t *root = json_loadb(bytes, len, 0, &problem);
    free(bytes);
    INV(root, "the list is not JSON: %s", problem.text);
    size_t count = json_array_size(json_object_get(root, "agents"));
    json_decref(root);
    INV(count == list->agent_count, "JSON has %zu agents of %zu", count, list->agent_count);
    INV(sp_agent_list_render(list, SP_FORMAT_TEXT, NULL, &bytes, &len, &err) == SP_OK, "%s", err.message);
    free(bytes);
    return true;
}

static inline bool inv_list(const sp_agent_list *list, char *why)
{
    size_t loaded = 0;
    size_t tokens = 0;
    for (size_t i = 0; i < list->agent_count; i++) {
        if (!inv_listed(list, i, why))
            return false;
        loaded += inv_has_name(&list->agents[i]);
        tokens += inv_has_name(&list->agents[i]) ? list->agents[i].description_tokens : 0;
    }
    INV(loaded == list->loaded_count && tokens == list->description_tokens, "the sums are wrong");
    return inv_list_json(list, why);
}

/* ---- what is on disk ------------------------------------------------------------------------------- */

static inline bool inv_lists_path(const sp_agent_list *list, const char *path)
{
    size_t found = 0;
    for (size_t i = 0; i < list->agent_count; i++)
        found += sp_str_eq(list->agents[i].path, sp_str_of(path));
    return found == 1;
}

/* A file that the client knows is a source, loaded or with a reason. */
static inline bool inv_has_source(const sp_prompt *prompt, const char *path)
{
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (sp_str_eq(prompt->sources[i].path, sp_str_of(path)) ||
            sp_str_eq(prompt->sources[i].real_path, sp_str_of(path)))
            return true;
    return false;
}

#endif
