/* agents.c - the files of a place of agents, and who has which name: the first that loads (rule agent.order). */
#include "clients/agents/agents.h"

#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"

/* ---- one file ------------------------------------------------------------------------------------- */

sp_status sp_agents_push(sp_agent_finder *finder, const sp_agent_place *place, sp_str path, sp_found_agent **ret,
                         sp_err *err)
{
    sp_found_agent *found = SP_LIST_PUSH(finder->loader->arena, finder->found);
    if (!found || !path.ptr)
        return sp_err_memory(err);
    found->path = path;
    found->tree = finder->tree;
    found->form = place->plugin.ptr ? SP_AGENT_PLUGIN_FILE : SP_AGENT_FILE;
    found->diags.arena = finder->loader->arena;
    found->listed.path = sp_place_shown(finder->loader->here, path);
    found->listed.scope = place->scope;
    found->listed.agent.source = SP_NONE;
    found->listed.winner = SP_NONE;
    *ret = found;
    return SP_OK;
}

sp_status sp_agents_add_file(sp_agent_finder *finder, const sp_agent_place *place, sp_str path, sp_err *err)
{
    sp_found_agent *found = NULL;
    SP_TRY(sp_agents_push(finder, place, path, &found, err));
    return sp_agents_read(finder->loader->arena, finder->loader->here, place, found, 1, err);
}

/* ---- one folder ----------------------------------------------------------------------------------- */

/* A directory that a link leads to out of the repository is told as its files would be. */
static sp_status add_external(sp_agent_finder *finder, const sp_agent_place *place, sp_str folder, sp_err *err)
{
    sp_found_agent *found = NULL;
    SP_TRY(sp_agents_push(finder, place, folder, &found, err));
    return sp_agents_read(finder->loader->arena, finder->loader->here, place, found, 1, err);
}

sp_status sp_agents_add_tree(sp_agent_finder *finder, const sp_agent_place *place, sp_str folder, sp_err *err)
{
    sp_loader *loader = finder->loader;
    sp_walk walk;
    uint32_t *slot = folder.ptr ? sp_map_slot(loader->arena, &finder->folders, folder) : NULL;
    if (!slot)
        return sp_err_memory(err);
    if (*slot != SP_NONE)
        return SP_OK;
    *slot = finder->tree;
    SP_TRY(sp_place_walk(loader->arena, loader->here, folder, (sp_places){ 0 }, &walk, err));
    size_t first = finder->found->count;
    for (size_t i = 0; i < walk.files.count; i++) {
        sp_found_agent *found = NULL;
        SP_TRY(sp_agents_push(finder, place, walk.files.items[i], &found, err));
    }
    if (walk.files.count)
        SP_TRY(sp_agents_read(loader->arena, loader->here, place, finder->found->items + first, walk.files.count, err));
    for (size_t i = 0; i < walk.others.count; i++) {
        sp_found_agent *found = NULL;
        SP_TRY(sp_agents_push(finder, place, walk.others.items[i], &found, err));
        SP_TRY(sp_agents_skip(found, SP_RULE_AGENT_EXTENSION,
                              SP_STR("its name does not end in .md; rename it if it is an agent"), err));
    }
    if (walk.is_file) {
        sp_found_agent *found = NULL;
        SP_TRY(sp_agents_push(finder, place, folder, &found, err));
        SP_TRY(sp_agents_skip(found, SP_RULE_AGENT_UNREADABLE,
                              SP_STR("it is a file where the folder of agents should be; if it was a symbolic link and "
                                     "was checked out as text, make it a link again"),
                              err));
    }
    for (size_t i = 0; i < walk.external.count; i++)
        SP_TRY(add_external(finder, place, walk.external.items[i], err));
    for (size_t i = 0; i < walk.outside.count; i++)
        SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, walk.outside.items[i]),
                           (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_AGENT_ORDER,
                           "no agent is looked up here: it is a link to nothing, or out of --root"));
    finder->tree++;
    return SP_OK;
}

/* ---- who has which name ------------------------------------------------------------------------------- */

static sp_status shadow(sp_arena *arena, const sp_found_agents *all, uint32_t index, uint32_t winner, sp_err *err)
{
    sp_listed_agent *listed = &all->items[index].listed;
    const sp_listed_agent *first = &all->items[winner].listed;
    bool is_twin = all->items[index].tree == all->items[winner].tree;
    listed->status = SP_AGENT_SHADOWED;
    listed->winner = winner;
    listed->rule = is_twin ? SP_RULE_AGENT_SAME_NAME : SP_RULE_AGENT_ORDER;
    listed->line = listed->column = 0;
    listed->why = sp_str_format(arena,
                                is_twin ? "%.*s has the same name, and which one the client takes is not defined; "
                                          "rename one"
                                        : "%.*s comes first and has the name; rename one to have both",
                                SP_STR_ARG(first->path));
    return listed->why.ptr ? SP_OK : sp_err_memory(err);
}

/* By another path or link it is still one agent. */
static sp_status skip_if_seen(sp_arena *arena, sp_map *seen, const sp_found_agents *all, uint32_t index, sp_err *err)
{
    sp_found_agent *found = &all->items[index];
    if (!found->file.real_path.ptr || found->file.state != SP_FILE_READ)
        return SP_OK;
    uint32_t *slot = sp_map_slot(arena, seen, found->file.real_path);
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE) {
        *slot = index;
        return SP_OK;
    }
    return sp_agents_skip(
        found, SP_RULE_CHAIN_ONCE,
        sp_str_format(arena, "it is the same file as %.*s", SP_STR_ARG(all->items[*slot].listed.path)), err);
}

bool sp_agents_is_built_in(const sp_place *here, sp_str name)
{
    const char *const *built_in = here->profile->client->built_in_agents;
    for (; built_in && *built_in && sp_rule_holds(here->profile, SP_RULE_AGENT_BUILT_IN); built_in++)
        if (sp_str_eq(name, sp_str_of(*built_in)))
            return true;
    return false;
}

static sp_status settle(sp_arena *arena, const sp_place *here, const sp_found_agents *all, sp_err *err)
{
    sp_map seen = { 0 };
    sp_map names = { 0 };
    for (uint32_t i = 0; i < all->count; i++) {
        sp_listed_agent *listed = &all->items[i].listed;
        SP_TRY(skip_if_seen(arena, &seen, all, i, err));
        if (listed->status == SP_AGENT_SKIPPED || !listed->name.ptr)
            continue;
        uint32_t *slot = sp_map_slot(arena, &names, listed->name);
        if (!slot)
            return sp_err_memory(err);
        if (*slot != SP_NONE) {
            SP_TRY(shadow(arena, all, i, *slot, err));
            continue;
        }
        *slot = i;
        listed->replaces_built_in = sp_agents_is_built_in(here, listed->name);
    }
    return SP_OK;
}

sp_status sp_agents_find(sp_loader *loader, sp_found_agents *ret, sp_err *err)
{
    *ret = (sp_found_agents){ 0 };
    sp_agent_finder finder = { .loader = loader, .found = ret };
    SP_TRY(loader->here->profile->client->ops->add_agents(&finder, err));
    return settle(loader->arena, loader->here, ret, err);
}

/* ---- for the list ---------------------------------------------------------------------------------- */

enum { MAX_TWINS_REPORTED = 50 };

static sp_status report_twin(sp_loader *loader, const sp_found_agents *all, const sp_listed_agent *listed,
                             size_t *reported, sp_err *err)
{
    if (++*reported > MAX_TWINS_REPORTED)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_FINDING, listed->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_AGENT_SAME_NAME,
                       "%.*s has the same name, %.*s; which one the client takes is not defined, so rename one",
                       SP_STR_ARG(all->items[listed->winner].listed.path), SP_STR_ARG(listed->name));
}

static sp_status report_twins(sp_loader *loader, const sp_found_agents *all, sp_err *err)
{
    const sp_rule_key rule = SP_RULE_AGENT_SAME_NAME;
    size_t reported = 0;
    const sp_listed_agent *last = NULL;
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].listed.rule != rule)
            continue;
        last = &all->items[i].listed;
        SP_TRY(report_twin(loader, all, last, &reported, err));
    }
    if (reported <= MAX_TWINS_REPORTED)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_FINDING, last->path, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                       "and %zu more have the name of another in their folder; the list has them all",
                       reported - MAX_TWINS_REPORTED);
}

/* Two names that the client's look-up may take for one. */
static sp_status report_alike(sp_loader *loader, const sp_found_agents *all, sp_err *err)
{
    sp_map names = { 0 };
    size_t reported = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const sp_listed_agent *listed = &all->items[i].listed;
        if (listed->status != SP_AGENT_LOADS && listed->status != SP_AGENT_REFUSED)
            continue;
        sp_str plain = sp_near_plain(loader->arena, listed->name);
        uint32_t *slot = plain.ptr ? sp_map_slot(loader->arena, &names, plain) : NULL;
        if (!slot)
            return sp_err_memory(err);
        if (*slot == SP_NONE)
            *slot = i;
        else if (reported++ < MAX_TWINS_REPORTED)
            SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, listed->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                               SP_RULE_AGENT_LOOKUP,
                               "%.*s and %.*s (%.*s) are one name to the client's look-up, which leaves out case and "
                               "separators; rename one",
                               SP_STR_ARG(listed->name), SP_STR_ARG(all->items[*slot].listed.name),
                               SP_STR_ARG(all->items[*slot].listed.path)));
    }
    if (reported <= MAX_TWINS_REPORTED)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, all->items[0].listed.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_AGENT_LOOKUP, "of all agents, %zu more have such names", reported - MAX_TWINS_REPORTED);
}

sp_status sp_agents_report_links(const sp_found_agents *all, sp_diags *diags, sp_err *err)
{
    for (size_t i = 0; i < all->count; i++)
        if (sp_agents_is_external(&all->items[i]))
            SP_TRY(sp_diag_add(diags, err, SP_FINDING, all->items[i].listed.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                               SP_RULE_LINK_EXTERNAL, "not loaded: %.*s", SP_STR_ARG(all->items[i].listed.why)));
    return SP_OK;
}

sp_status sp_agents_report(sp_loader *loader, const sp_found_agents *all, sp_err *err)
{
    SP_TRY(sp_agents_report_links(all, loader->diags, err));
    SP_TRY(report_twins(loader, all, err));
    SP_TRY(report_alike(loader, all, err));
    const sp_client_ops *ops = loader->here->profile->client->ops;
    return ops->report_agents ? ops->report_agents(loader, err) : SP_OK;
}

sp_status sp_agents_list(sp_loader *loader, const sp_found_agents *found, sp_agent_list *ret, sp_err *err)
{
    const sp_client_ops *ops = loader->here->profile->client->ops;
    sp_listed_agent *listed = SP_ARENA_ARRAY(loader->arena, sp_listed_agent, found->count + 1);
    if (!listed)
        return sp_err_memory(err);
    for (size_t i = 0; i < found->count; i++) {
        listed[i] = found->items[i].listed;
        SP_TRY(ops->resolve_agent(loader, &listed[i].agent, err));
    }
    ret->agents = listed;
    ret->agent_count = found->count;
    ret->model = loader->here->settings.model.text;
    return SP_OK;
}
