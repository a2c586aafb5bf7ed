/*
 * find_agent.c - agents of a client whose places are in its table: all of them, and one by its name.
 *
 * The name is the one in the front matter, or that of the file. Rules say which of them a client knows.
 */
#include "base/near.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/plain/plain.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/source.h"

/* ---- one agent --------------------------------------------------------------------------------------------- */

typedef struct search {
    sp_loader *loader;
    sp_str wanted;
    sp_found_agents found;
} search;

/* Whether the client knows an agent by the name of its file, whatever its front matter says. */
static bool is_called_by_file(const sp_place *here)
{
    return sp_rule_holds(here->profile, SP_RULE_AGENT_FILE_NAME) &&
           !sp_rule_holds(here->profile, SP_RULE_AGENT_SUBDIRECTORY);
}

/* What is said of an agent that was found: its name, or that of its file. */
static sp_str name_of(const search *s, const sp_found_agent *found)
{
    bool is_known = found->listed.name.ptr && !is_called_by_file(s->loader->here);
    return is_known ? found->listed.name : sp_agent_file_name(found->path);
}

static bool is_match(const search *s, const sp_found_agent *found)
{
    bool by_file = is_called_by_file(s->loader->here) || sp_agents_is_external(found);
    return sp_str_eq(found->listed.name, s->wanted) ||
           (by_file && sp_str_eq(sp_agent_file_name(found->path), s->wanted));
}

/* The first that the client loads; if it loads none, the first that it skips, so that the reason can be told. */
static const sp_found_agent *best_match(const search *s)
{
    const sp_found_agent *skipped = NULL;
    for (size_t i = 0; i < s->found.count; i++) {
        const sp_found_agent *found = &s->found.items[i];
        if (!is_match(s, found))
            continue;
        if (found->listed.status != SP_AGENT_SKIPPED)
            return found;
        skipped = skipped ? skipped : found;
    }
    return skipped;
}

/* The first directory that a link leads to out of the repository: it may hold any agent. */
static const sp_found_agent *external_folder(const search *s)
{
    for (size_t i = 0; i < s->found.count; i++)
        if (sp_agents_is_external(&s->found.items[i]) && !sp_str_ends(s->found.items[i].path, SP_STR(".md")))
            return &s->found.items[i];
    return NULL;
}

/* ".github/agents and ~/.copilot/agents" */
static sp_str list_places(sp_arena *arena, const sp_place *here)
{
    const sp_client *client = here->profile->client;
    sp_buf places = { 0 };
    for (size_t i = 0; i < client->agent_place_count; i++)
        sp_buf_format(&places, "%s%s%s",
                      i == 0                               ? ""
                      : i + 1 == client->agent_place_count ? " and "
                                                           : ", ",
                      client->agent_places[i].anchor == SP_ANCHOR_HOME && client->agent_places[i].path[0] != '$' ? "~/"
                                                                                                                 : "",
                      client->agent_places[i].path);
    return sp_buf_move(&places, arena);
}

static sp_status not_found(const search *s, sp_err *err)
{
    const sp_profile *profile = s->loader->here->profile;
    if (profile->client->agent_place_count == 0)
        return sp_err_set(err, SP_ERR_INPUT, "%.*s has no agents to look up by name; give the path of a file",
                          SP_STR_ARG(sp_client_who(profile->client)));
    sp_str places = list_places(s->loader->arena, s->loader->here);
    sp_str *names = SP_ARENA_ARRAY(s->loader->arena, sp_str, s->found.count + 1);
    if (!names || !places.ptr)
        return sp_err_memory(err);
    for (size_t i = 0; i < s->found.count; i++)
        names[i] = name_of(s, &s->found.items[i]);
    size_t near = sp_near(s->wanted, names, s->found.count);
    if (near != SIZE_MAX)
        return sp_err_set(err, SP_ERR_INPUT, "%.*s has no agent named %.*s; did you mean %.*s? (%.*s)",
                          SP_STR_ARG(sp_client_who(profile->client)), SP_STR_ARG(s->wanted), SP_STR_ARG(names[near]),
                          SP_STR_ARG(s->found.items[near].listed.path));
    return sp_err_set(err, SP_ERR_INPUT, "%.*s has no agent named %.*s in %.*s; a path to a file works too",
                      SP_STR_ARG(sp_client_who(profile->client)), SP_STR_ARG(s->wanted), SP_STR_ARG(places));
}

sp_status sp_plain_find_agent(sp_loader *loader, sp_wanted *wanted, sp_err *err)
{
    search s = { .loader = loader, .wanted = sp_str_of(loader->here->request->agent) };
    SP_TRY(sp_agents_find(loader, &s.found, err));
    const sp_found_agent *best = best_match(&s);
    best = best ? best : external_folder(&s);
    if (!best)
        return not_found(&s, err);
    loader->found_agent = best;
    wanted->path = best->path;
    wanted->scope = best->listed.scope;
    return SP_OK;
}

/* ---- every agent ----------------------------------------------------------------------------------------- */

static sp_status add_folder(sp_agent_finder *finder, const sp_agent_folder *place, sp_str above, sp_err *err)
{
    const sp_loader *loader = finder->loader;
    sp_str folder = sp_place_path(loader->arena, loader->here, place->anchor, above, place->path);
    const sp_agent_place as = { .scope = place->scope, .folder = folder };
    return sp_agents_add_tree(finder, &as, folder, err);
}

/* The folders of a client: those of one anchor from the launch directory up, or down to it, folder by folder. */
sp_status sp_plain_add_agents(sp_agent_finder *finder, sp_err *err)
{
    sp_loader *loader = finder->loader;
    const sp_client *client = loader->here->profile->client;
    for (size_t begin = 0, end = 0; begin < client->agent_place_count; begin = end) {
        sp_paths folders;
        while (end < client->agent_place_count &&
               client->agent_places[end].anchor == client->agent_places[begin].anchor)
            end++;
        SP_TRY(sp_place_folders(loader->arena, loader->here, client->agent_places[begin].anchor, &folders, err));
        for (size_t f = 0; f < folders.count; f++)
            for (size_t i = begin; i < end; i++)
                SP_TRY(add_folder(finder, &client->agent_places[i],
                                  folders.items[client->has_outer_agents_first ? f : folders.count - 1 - f], err));
    }
    return sp_plain_add_configured_agents(finder, err);
}
