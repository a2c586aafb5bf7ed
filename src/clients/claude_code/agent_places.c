/*
 * agent_places.c - the places of agents, in order: managed, --agents, the project from the launch directory up to the
 * repository root, added directories, the user's, plugins. The first that loads has the name (rule agent.order).
 */
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/agent_fields.h"
#include "model/source.h"

/* agents/ in a folder like .claude. */
static sp_status add_agents_in(sp_agent_finder *finder, sp_scope scope, sp_str claude_dir, sp_err *err)
{
    const sp_agent_place place = { .scope = scope };
    return sp_agents_add_tree(finder, &place, sp_path_join(finder->loader->arena, claude_dir, SP_STR("agents")), err);
}

static sp_status add_agents_of(sp_agent_finder *finder, sp_scope scope, sp_str above, sp_err *err)
{
    sp_str claude_dir = sp_path_join(finder->loader->arena, above, SP_STR(".claude"));
    return claude_dir.ptr ? add_agents_in(finder, scope, claude_dir, err) : sp_err_memory(err);
}

/* A linked worktree also sees the agents of its main repository (2.1.47). */
static sp_status add_main_repository(sp_agent_finder *finder, sp_err *err)
{
    sp_str repository;
    SP_TRY(sp_place_main_repository(finder->loader->arena, finder->loader->here, &repository, err));
    if (sp_str_eq(repository, finder->loader->here->repository))
        return SP_OK;
    return add_agents_of(finder, SP_SCOPE_PROJECT, repository, err);
}

/* The topmost directory with agents of the project: without a repository, the root of all (rule agent.above). */
static sp_str top_of_agents(const sp_place *here)
{
    bool is_above = !here->has_repository && sp_rule_holds(here->profile, SP_RULE_AGENT_ABOVE);
    return is_above ? here->root : here->repository;
}

sp_status sp_claude_code_add_agents(sp_agent_finder *finder, sp_err *err)
{
    sp_loader *loader = finder->loader;
    sp_str managed = sp_path_join(loader->arena, loader->here->root, SP_STR("etc/claude-code"));
    if (!managed.ptr)
        return sp_err_memory(err);
    SP_TRY(add_agents_of(finder, SP_SCOPE_MANAGED, managed, err));
    SP_TRY(sp_agents_add_json(finder, err));
    for (sp_str folder = loader->here->launch;; folder = sp_path_folder(folder)) {
        if (sp_place_ends_at_home(loader->here, folder))
            break;
        SP_TRY(add_agents_of(finder, SP_SCOPE_PROJECT, folder, err));
        if (sp_str_eq(folder, top_of_agents(loader->here)))
            break;
    }
    SP_TRY(add_main_repository(finder, err));
    for (size_t i = 0; i < loader->here->added.count; i++)
        SP_TRY(add_agents_of(finder, SP_SCOPE_ADDED, loader->here->added.items[i], err));
    if (loader->here->user_dir.ptr)
        SP_TRY(add_agents_in(finder, SP_SCOPE_USER, loader->here->user_dir, err));
    return sp_agents_add_plugins(finder, err);
}
