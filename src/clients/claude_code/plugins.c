/*
 * plugins.c - agents that come with plugins: everything in and below agents/, or the files that the manifest names
 * (rules agent.plugin and agent.plugin-files).
 */
#include "clients/claude_code/plugins.h"

#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "model/source.h"

static sp_status read_manifest(sp_arena *arena, const sp_place *here, sp_plugin *p, sp_err *err)
{
    sp_file file;
    sp_str path = sp_path_join(arena, p->folder, SP_STR(".claude-plugin/plugin.json"));
    if (!path.ptr)
        return sp_err_memory(err);
    uint64_t max_bytes = (uint64_t)sp_rule_value(here->profile, SP_RULE_SETTINGS_MAX_BYTES);
    sp_read_limits limits = { .max_bytes = max_bytes, .root = here->allowed };
    SP_TRY(sp_reader_read(here->reader, arena, path, limits, &file, err));
    if (file.state == SP_FILE_ABSENT)
        return SP_OK; /* it is optional */
    p->manifest = (sp_json_doc){ .path = sp_place_shown(here, path), .absolute = path, .text = file.bytes };
    if (file.state == SP_FILE_EXTERNAL)
        return sp_place_refuse(arena, here, &(sp_wanted){ .path = path, .kind = SP_SOURCE_AGENT }, &file, err);
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, p->manifest.path, &file);
    SP_TRY(sp_json_doc_parse(arena, &p->manifest, err));
    if (!p->manifest.root)
        return sp_err_at(err, SP_ERR_INPUT, p->manifest.path, p->manifest.text, p->manifest.problem.offset,
                         sp_rule_id(SP_RULE_AGENT_PLUGIN), "is not JSON: %s", p->manifest.problem.what);
    return SP_OK;
}

sp_status sp_plugin_read(sp_arena *arena, const sp_place *here, sp_str folder, sp_plugin *ret, sp_err *err)
{
    sp_plugin p = { .folder = folder };
    SP_TRY(read_manifest(arena, here, &p, err));
    const sp_json_node *name = sp_json_member(p.manifest.root, "name");
    bool has_name = name && name->kind == SP_JSON_TEXT && name->text.len > 0;
    p.name = has_name ? name->text : sp_path_base(folder);
    *ret = p;
    return SP_OK;
}

/* ---- its agents ----------------------------------------------------------------------------------------- */

static sp_status warn(sp_loader *loader, const sp_plugin *p, const sp_json_node *value, sp_err *err, const char *what)
{
    return sp_diag_add(loader->diags, err, SP_WARNING, p->manifest.path, p->manifest.text, value->offset,
                       SP_RULE_AGENT_PLUGIN_FILES, "%s", what);
}

static sp_status add_named_file(sp_agent_finder *finder, const sp_plugin *p, const sp_agent_place *place,
                                const sp_json_node *value, sp_err *err)
{
    sp_loader *loader = finder->loader;
    if (value->kind != SP_JSON_TEXT)
        return warn(loader, p, value, err, "agents has to be the path of a file, or a list of such paths");
    if (!sp_str_ends(value->text, SP_STR(".md")) || memchr(value->text.ptr, '\0', value->text.len))
        return warn(loader, p, value, err, "agents names files that end in .md; a folder is not read");
    sp_str path = sp_path_join(loader->arena, p->folder, value->text);
    if (!path.ptr)
        return sp_err_memory(err);
    if (sp_str_starts(value->text, SP_STR("/")) || !sp_path_is_within(path, p->folder))
        return warn(loader, p, value, err, "leads out of the plugin, so the client does not read it");
    return sp_agents_add_file(finder, place, path, err);
}

/* The manifest's agents take the place of the folder's. */
static sp_status add_named_files(sp_agent_finder *finder, const sp_plugin *p, const sp_agent_place *place,
                                 const sp_json_node *agents, sp_err *err)
{
    if (agents->kind == SP_JSON_ARRAY)
        for (const sp_json_node *item = agents->first; item; item = item->next)
            SP_TRY(add_named_file(finder, p, place, item, err));
    else
        SP_TRY(add_named_file(finder, p, place, agents, err));
    finder->tree++;
    return SP_OK;
}

/* A folder that holds no agents, and nothing else that plugins have, was hardly what was meant. */
static sp_status warn_of_none(sp_loader *loader, const sp_plugin *p, sp_err *err)
{
    static const char *const others[] = { "skills", "commands", "hooks", ".mcp.json" };
    if (sp_json_member(p->manifest.root, "skills"))
        return SP_OK;
    sp_listing listing;
    SP_TRY(sp_reader_list(loader->here->reader, loader->arena, p->folder,
                          (sp_read_limits){ .root = loader->here->allowed }, &listing, err));
    for (size_t i = 0; i < SP_COUNT_OF(others); i++)
        if (sp_listing_may_have(&listing, sp_str_of(others[i])))
            return SP_OK;
    return sp_diag_add(
        loader->diags, err, SP_WARNING, sp_place_shown(loader->here, p->folder), (sp_str){ 0 }, SP_WHOLE_FILE,
        SP_RULE_AGENT_PLUGIN,
        p->manifest.root
            ? "the plugin has no agents: its folder agents/ has no file, and its manifest names none"
            : "is no plugin with agents: there is neither a .claude-plugin/plugin.json nor a file in agents/");
}

static sp_status add_plugin(sp_agent_finder *finder, sp_str folder, sp_err *err)
{
    sp_loader *loader = finder->loader;
    sp_plugin p;
    SP_TRY(sp_plugin_read(loader->arena, loader->here, folder, &p, err));
    const sp_json_node *agents = sp_json_member(p.manifest.root, "agents");
    sp_agent_place place = { .scope = SP_SCOPE_PLUGIN, .plugin = p.name };
    place.folder = sp_path_join(loader->arena, folder, SP_STR("agents"));
    if (!place.folder.ptr)
        return sp_err_memory(err);
    if (agents)
        return add_named_files(finder, &p, &place, agents, err);
    size_t count = finder->found->count;
    SP_TRY(sp_agents_add_tree(finder, &place, place.folder, err));
    return finder->found->count == count ? warn_of_none(loader, &p, err) : SP_OK;
}

sp_status sp_agents_add_plugins(sp_agent_finder *finder, sp_err *err)
{
    for (size_t i = 0; i < finder->loader->here->plugins.count; i++)
        SP_TRY(add_plugin(finder, finder->loader->here->plugins.items[i], err));
    return SP_OK;
}
