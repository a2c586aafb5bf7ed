/*
 * lists.c - the names and descriptions of agents and skills that a request has beside the prompt, for a client whose
 * table says where.
 */
#include "workspace/lists.h"

#include "attribute/list.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/plain/described.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

typedef struct listing {
    sp_workspace *workspace;
    sp_arena *arena;
    const sp_prompt *prompt;
    sp_counter *counter;
    sp_list(sp_client_list) lists;
    sp_err *err;
} listing;

static int compare_names(const void *a, const void *b)
{
    const sp_list_entry *x = a, *y = b;
    int order = sp_str_cmp(x->name, y->name);
    return order ? order : sp_str_cmp(x->path, y->path);
}

static int compare_letters(const void *a, const void *b)
{
    const sp_list_entry *x = a, *y = b;
    for (size_t i = 0; i < x->name.len && i < y->name.len; i++) {
        int difference = (unsigned char)sp_lower(x->name.ptr[i]) - (unsigned char)sp_lower(y->name.ptr[i]);
        if (difference)
            return difference;
    }
    return x->name.len == y->name.len ? compare_names(a, b) : x->name.len < y->name.len ? -1 : 1;
}

/* Neighbours of one group are sorted by name; where all are, they are one group. */
static void sort(sp_list_entry *entries, size_t count, bool all)
{
    for (size_t begin = 0, end = 0; begin < count; begin = end) {
        while (end < count && (all || entries[end].group == entries[begin].group))
            end++;
        qsort(entries + begin, end - begin, sizeof *entries, compare_names);
    }
}

static bool is_subagent(const sp_workspace *workspace, const sp_prompt *prompt)
{
    return prompt->agent && !workspace->request.as_session;
}

/* Takes over the entries. A subagent's own text comes before all lists. */
static sp_status finish(listing *l, const char *of, sp_list_place place, bool is_sorted, sp_list_entry *entries,
                        size_t count)
{
    sp_client_list *list = count ? SP_LIST_PUSH(l->arena, &l->lists) : NULL;
    if (!count)
        return SP_OK;
    if (!list)
        return sp_err_memory(l->err);
    sort(entries, count, is_sorted);
    *list = (sp_client_list){ .of = of,
                              .role = place == SP_LIST_TOOL   ? SP_ROLE_TOOLS
                                      : place == SP_LIST_USER ? SP_ROLE_USER
                                                              : SP_ROLE_SYSTEM,
                              .is_before = (place == SP_LIST_BEFORE || place == SP_LIST_USER) &&
                                           !is_subagent(l->workspace, l->prompt),
                              .entries = entries,
                              .count = count };
    for (size_t i = 0; i < count; i++) {
        SP_TRY(sp_list_add_tokens(l->counter, entries[i].name, &entries[i].tokens, NULL, l->err));
        SP_TRY(sp_list_add_tokens(l->counter, entries[i].description, &entries[i].tokens, NULL, l->err));
        list->tokens += entries[i].tokens;
    }
    return SP_OK;
}

/* Those that only a table describes. */
static sp_status add_described(listing *l, const sp_client *client)
{
    sp_described_list found;
    size_t count = 0;
    sp_loader loader = sp_workspace_loader(l->workspace);
    SP_TRY(sp_described_agents_find(&loader, &found, l->err));
    sp_list_entry *entries = SP_ARENA_ARRAY(l->arena, sp_list_entry, found.count + 1);
    if (!entries)
        return sp_err_memory(l->err);
    for (size_t i = 0; i < found.count; i++) {
        const sp_described_agent *agent = &found.items[i];
        if (!agent->why.ptr)
            entries[count++] = (sp_list_entry){ agent->name, agent->description,
                                                sp_place_shown(loader.here, agent->path), (unsigned)i, 0 };
    }
    return finish(l, "agents", client->lists_agents, client->has_agents_by_name, entries, count);
}

static sp_status add_agents(listing *l)
{
    const sp_client *client = l->workspace->profile->client;
    const sp_found_agents *found;
    size_t count = 0;
    bool has_tool = client->subagents_have_agents || !is_subagent(l->workspace, l->prompt);
    if (client->lists_agents == SP_LIST_NOWHERE || !has_tool)
        return SP_OK;
    if (client->described_agents)
        return add_described(l, client);
    SP_TRY(sp_workspace_agents(l->workspace, &found, l->err));
    sp_list_entry *entries = SP_ARENA_ARRAY(l->arena, sp_list_entry, found->count + 1);
    if (!entries)
        return sp_err_memory(l->err);
    for (size_t i = 0; i < found->count; i++) {
        const sp_listed_agent *listed = &found->items[i].listed;
        bool is_listed = !listed->agent.is_unlisted && (listed->scope == SP_SCOPE_USER || !client->lists_users_agents);
        if (listed->status == SP_AGENT_LOADS && is_listed && listed->agent.description.ptr)
            entries[count++] = (sp_list_entry){ listed->name, listed->agent.description, listed->path, 0, 0 };
    }
    return finish(l, "agents", client->lists_agents, client->has_agents_by_name, entries, count);
}

/* Skills of one group are neighbours, by name. In the order of places each is a group. */
static unsigned group_of(const sp_client *client, const sp_found_skills *found, size_t index)
{
    if (client->skills_by == SP_SKILLS_BY_SCOPE)
        return (unsigned)found->items[index].listed.scope;
    return client->skills_by == SP_SKILLS_BY_PLACE ? found->items[index].rank : found->items[index].group;
}

static int compare_groups(const void *a, const void *b)
{
    const sp_list_entry *x = a, *y = b;
    return (x->group > y->group) - (x->group < y->group);
}

static sp_status add_skills(listing *l)
{
    const sp_client *client = l->workspace->profile->client;
    const sp_found_skills *found;
    size_t count = 0;
    if (client->lists_skills == SP_LIST_NOWHERE)
        return SP_OK;
    SP_TRY(sp_workspace_skills(l->workspace, &found, l->err));
    sp_list_entry *entries = SP_ARENA_ARRAY(l->arena, sp_list_entry, found->count + 1);
    if (!entries)
        return sp_err_memory(l->err);
    for (size_t i = 0; i < found->count; i++) {
        const sp_listed_skill *listed = &found->items[i].listed;
        if (listed->status == SP_SKILL_LISTED)
            entries[count++] =
                (sp_list_entry){ listed->name, listed->description, listed->path, group_of(client, found, i), 0 };
    }
    if (client->skills_by == SP_SKILLS_BY_PLACE)
        qsort(entries, count, sizeof *entries, compare_groups);
    SP_TRY(finish(l, "skills", client->lists_skills, client->skills_by == SP_SKILLS_BY_NAME, entries, count));
    if (client->skills_by == SP_SKILLS_BY_LETTERS)
        qsort(entries, count, sizeof *entries, compare_letters);
    return SP_OK;
}

sp_status sp_workspace_lists(sp_workspace *workspace, sp_prompt *prompt, sp_err *err)
{
    const sp_client *client = workspace->profile->client;
    listing l = { .workspace = workspace, .arena = workspace->arena, .prompt = prompt, .err = err };
    size_t said = workspace->diags.count; /* what is wrong with agents and skills list and check say */
    if (client->lists_agents == SP_LIST_NOWHERE && client->lists_skills == SP_LIST_NOWHERE)
        return SP_OK;
    SP_TRY(sp_counter_new(prompt->encoding, SP_SPECIAL_AS_TEXT, &l.counter, err));
    sp_status status = client->lists_agents_first ? add_agents(&l) : add_skills(&l);
    if (status == SP_OK)
        status = client->lists_agents_first ? add_skills(&l) : add_agents(&l);
    sp_counter_free(l.counter);
    workspace->diags.count = said;
    prompt->lists = l.lists.items;
    prompt->list_count = l.lists.count;
    return status;
}
