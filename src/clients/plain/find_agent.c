/*
 * find_agent.c - an agent by name, for a client whose agents lie elsewhere than Claude Code's.
 *
 * Where they lie is the client's table. The name is that of the file or, where the profile says so, the one in the
 * front matter; the first place that has it wins.
 */
#include "base/near.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/plain/plain.h"
#include "model/profile.h"
#include "model/source.h"

typedef struct candidate {
    sp_str path;
    sp_str name;
    sp_scope scope;
} candidate;

typedef struct search {
    sp_loader *loader;
    sp_str wanted;
    sp_list(candidate) found;
    candidate external; /* the first directory that a link leads to out of the repository; path ptr NULL: none */
} search;

/* The name in the front matter, or ptr NULL. What is wrong with other files than the wanted one is not said here. */
static sp_status read_name(search *s, candidate *found, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    sp_diags unsaid = { .arena = arena };
    sp_wanted wanted = { .path = found->path, .kind = SP_SOURCE_AGENT, .scope = found->scope, .importer = SP_NONE };
    sp_front_matter front;
    sp_file file;
    SP_TRY(sp_place_read(s->loader->arena, s->loader->here, &wanted, &file, err));
    if (file.state == SP_FILE_EXTERNAL)
        found->name = sp_agent_file_name(found->path); /* which is all that is known of it */
    if (file.state != SP_FILE_READ)
        return SP_OK;
    SP_TRY(sp_front_matter_read(arena, s->loader->here->profile, found->path, file.bytes, SP_FRONT_MATTER_RECOVER,
                                &unsaid, &front, err));
    const sp_field *name = sp_front_matter_find(&front, "name");
    if (name && name->kind == SP_VALUE_SCALAR)
        found->name = name->value;
    return SP_OK;
}

static sp_status add_folder(search *s, const sp_agent_folder *place, sp_str above, sp_err *err)
{
    sp_loader *loader = s->loader;
    sp_walk walk;
    sp_str folder = sp_place_path(loader->arena, loader->here, place->anchor, above, place->path);
    if (!folder.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_place_walk(loader->arena, loader->here, folder, (sp_places){ 0 }, &walk, err));
    if (walk.external.count && !s->external.path.ptr)
        s->external = (candidate){ walk.external.items[0], { NULL, 0 }, place->scope };
    for (size_t i = 0; i < walk.files.count; i++) {
        candidate *found = SP_LIST_PUSH(loader->arena, &s->found);
        if (!found)
            return sp_err_memory(err);
        *found = (candidate){ walk.files.items[i], sp_agent_file_name(walk.files.items[i]), place->scope };
        if (!sp_rule_holds(loader->here->profile, SP_RULE_AGENT_FILE_NAME)) {
            found->name = (sp_str){ NULL, 0 };
            SP_TRY(read_name(s, found, err));
        }
    }
    return SP_OK;
}

static sp_status search_places(search *s, sp_err *err)
{
    const sp_client *client = s->loader->here->profile->client;
    for (size_t begin = 0, end = 0; begin < client->agent_place_count; begin = end) {
        sp_paths folders;
        while (end < client->agent_place_count &&
               client->agent_places[end].anchor == client->agent_places[begin].anchor)
            end++;
        SP_TRY(sp_place_folders(s->loader->arena, s->loader->here, client->agent_places[begin].anchor, &folders, err));
        for (size_t f = folders.count; f-- > 0;)
            for (size_t i = begin; i < end; i++)
                SP_TRY(add_folder(s, &client->agent_places[i], folders.items[f], err));
    }
    return SP_OK;
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
                      client->agent_places[i].anchor == SP_ANCHOR_HOME ? "~/" : "", client->agent_places[i].path);
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
        names[i] = s->found.items[i].name;
    size_t near = sp_near(s->wanted, names, s->found.count);
    if (near != SIZE_MAX)
        return sp_err_set(err, SP_ERR_INPUT, "%.*s has no agent named %.*s; did you mean %.*s? (%.*s)",
                          SP_STR_ARG(sp_client_who(profile->client)), SP_STR_ARG(s->wanted), SP_STR_ARG(names[near]),
                          SP_STR_ARG(sp_place_shown(s->loader->here, s->found.items[near].path)));
    return sp_err_set(err, SP_ERR_INPUT, "%.*s has no agent named %.*s in %.*s; a path to a file works too",
                      SP_STR_ARG(sp_client_who(profile->client)), SP_STR_ARG(s->wanted), SP_STR_ARG(places));
}

sp_status sp_plain_find_agent(sp_loader *loader, sp_wanted *wanted, sp_err *err)
{
    search s = { .loader = loader, .wanted = sp_str_of(loader->here->request->agent) };
    SP_TRY(search_places(&s, err));
    for (size_t i = 0; i < s.found.count; i++) {
        const candidate *found = &s.found.items[i];
        if (!found->name.ptr || !sp_str_eq(found->name, s.wanted))
            continue;
        wanted->path = found->path;
        wanted->scope = found->scope;
        return SP_OK;
    }
    if (!s.external.path.ptr)
        return not_found(&s, err);
    wanted->path = s.external.path; /* it may lie in there */
    wanted->scope = s.external.scope;
    return SP_OK;
}

/* ---- every agent ----------------------------------------------------------------------------------------- */

/* The folders of a client: those of one anchor from the launch directory up, folder by folder.
 */
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
        for (size_t f = folders.count; f-- > 0;)
            for (size_t i = begin; i < end; i++) {
                const sp_agent_place place = { .scope = client->agent_places[i].scope };
                sp_str folder = sp_place_path(loader->arena, loader->here, client->agent_places[i].anchor,
                                              folders.items[f], client->agent_places[i].path);
                SP_TRY(sp_agents_add_tree(finder, &place, folder, err));
            }
    }
    return SP_OK;
}
