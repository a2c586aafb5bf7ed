/*
 * skills.c - the places of skills, in order (rule skills.order): managed, the user's, the project's from the launch
 * directory up to the repository root, added directories, plugins; then the files in commands folders, which are skills
 * of an older form. The first that loads has the name.
 */
#include "clients/claude_code/skills.h"

#include "base/diagnostic.h"
#include "base/map.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/plugins.h"
#include "clients/claude_code/settings.h"
#include "clients/plain/client_config.h"
#include "model/skill_list.h"
#include "model/source.h"

typedef struct finder {
    sp_loader *loader;
    sp_found_skills *found;
    bool for_commands;
    sp_client_setup setup; /* of a client's table: what its configuration says of skills */
    sp_map folders;        /* those that are done: below home, the user's folder is a project's too */
    sp_err *err;
} finder;

typedef struct place {
    sp_scope scope;
    sp_str plugin; /* the plugin's name; ptr NULL for others */
    sp_str above;  /* of a command: the directories below commands/ that it is in, "a:b:"; empty for none */
} place;

static sp_status push(finder *f, const place *p, sp_str path, sp_found_skill **ret)
{
    sp_found_skill *found = path.ptr ? SP_LIST_PUSH(f->loader->arena, f->found) : NULL;
    if (!found)
        return sp_err_memory(f->err);
    found->path = path;
    found->diags.arena = f->loader->arena;
    found->listed.path = sp_place_shown(f->loader->here, path);
    found->listed.scope = p->scope;
    found->listed.is_command = f->for_commands;
    found->listed.winner = SP_NONE;
    *ret = found;
    return SP_OK;
}

static void set_status(sp_found_skill *found, sp_skill_status status, sp_rule_key rule, sp_str why)
{
    found->listed.status = status;
    found->listed.rule = rule;
    found->listed.why = why;
    found->listed.line = 0;
}

static sp_status add_none(finder *f, const place *p, sp_str path, sp_rule_key rule, sp_str why)
{
    sp_found_skill *found = NULL;
    SP_TRY(push(f, p, path, &found));
    set_status(found, SP_SKILL_SKIPPED, rule, why);
    return SP_OK;
}

/* ---- one file ------------------------------------------------------------------------------------------- */

static bool is_reserved(const finder *f, sp_str name)
{
    if (f->loader->here->profile->client->skill_place_count)
        return false;
    return sp_str_eq_nocase(name, SP_STR("synced")) || sp_str_eq(name, SP_STR("anthropic-skills")) ||
           sp_str_starts(name, SP_STR("anthropic-skills:"));
}

/* What the settings make of a skill that would be listed. */
static sp_status take_override(finder *f, sp_found_skill *found)
{
    sp_setting_text says;
    sp_arena *arena = f->loader->arena;
    SP_TRY(sp_settings_find_override(f->loader->arena, f->loader->here, found->listed.name, &says, f->err));
    if (!says.text.ptr || sp_str_eq(says.text, SP_STR("on")))
        return SP_OK;
    sp_str why = sp_str_format(arena, "%.*s is %.*s", SP_STR_ARG(says.by), SP_STR_ARG(says.text));
    if (!why.ptr)
        return sp_err_memory(f->err);
    if (sp_str_eq(says.text, SP_STR("name-only"))) {
        set_status(found, SP_SKILL_NAME_ONLY, SP_RULE_SKILL_OVERRIDES, why);
    } else if (sp_str_eq(says.text, SP_STR("off")) || sp_str_eq(says.text, SP_STR("user-invocable-only"))) {
        set_status(found, SP_SKILL_HIDDEN, SP_RULE_SKILL_OVERRIDES, why);
    } else {
        return sp_diag_add(&found->diags, f->err, SP_WARNING, found->listed.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                           SP_RULE_SKILL_OVERRIDES,
                           "%.*s, which has to be on, name-only, user-invocable-only or off; it is ignored",
                           SP_STR_ARG(why));
    }
    return SP_OK;
}

/* Whether the client's configuration switches it off, by path or name. */
static sp_status take_switch(finder *f, sp_found_skill *found)
{
    sp_arena *arena = f->loader->arena;
    const sp_place *here = f->loader->here;
    sp_str seen = f->setup.skills_off.count ? sp_place_seen(arena, here, found->path) : found->path;
    if (!seen.ptr)
        return sp_err_memory(f->err);
    for (size_t i = 0; i < f->setup.skills_off.count; i++) {
        const sp_configured *off = &f->setup.skills_off.items[i];
        if (!sp_str_eq(off->pattern, seen) && !sp_str_eq(off->pattern, found->listed.name))
            continue;
        sp_str why = sp_str_format(arena, "%.*s switches it off", SP_STR_ARG(sp_place_shown(here, off->config)));
        set_status(found, SP_SKILL_SKIPPED, SP_RULE_CHAIN_CONFIGURED, why);
        return why.ptr ? SP_OK : sp_err_memory(f->err);
    }
    return SP_OK;
}

/* Names and settings, for a skill that was read. */
static sp_status take_file(finder *f, const place *p, sp_found_skill *found)
{
    sp_str why;
    SP_TRY(sp_skill_read(f->loader, found, f->err));
    sp_scope asked = p->scope == SP_SCOPE_ADDED ? SP_SCOPE_PROJECT : p->scope; /* they go with the project's */
    sp_rule_key left_out = sp_place_leaves_out(f->loader->here, asked, SP_SOURCE_SKILL, &why);
    if (left_out == SP_RULE_SESSION_BARE && p->scope == SP_SCOPE_ADDED)
        left_out = SP_RULE_NONE;
    if (left_out != SP_RULE_NONE)
        set_status(found, SP_SKILL_SKIPPED, left_out, why);
    if (found->listed.status != SP_SKILL_SKIPPED)
        SP_TRY(take_switch(f, found));
    if (found->listed.status == SP_SKILL_SKIPPED)
        return SP_OK;
    if (!p->plugin.ptr && is_reserved(f, found->listed.name))
        set_status(found, SP_SKILL_SKIPPED, SP_RULE_SKILL_RESERVED,
                   SP_STR("the client keeps this name for itself; rename the skill"));
    else if (!p->plugin.ptr && found->listed.status == SP_SKILL_LISTED)
        SP_TRY(take_override(f, found));
    if (!p->plugin.ptr)
        return SP_OK;
    found->listed.name =
        sp_str_format(f->loader->arena, "%.*s:%.*s", SP_STR_ARG(p->plugin), SP_STR_ARG(found->listed.name));
    return found->listed.name.ptr ? SP_OK : sp_err_memory(f->err);
}

static sp_status add_file(finder *f, const place *p, sp_str path, sp_str name)
{
    sp_found_skill *found = NULL;
    sp_wanted wanted = { .path = path, .kind = SP_SOURCE_SKILL, .scope = p->scope, .importer = SP_NONE };
    SP_TRY(push(f, p, path, &found));
    found->folder_name = name;
    SP_TRY(sp_place_read(f->loader->arena, f->loader->here, &wanted, &found->file, f->err));
    if (found->file.state == SP_FILE_READ)
        return take_file(f, p, found);
    bool is_absent = found->file.state == SP_FILE_ABSENT;
    sp_str why = is_absent ? SP_STR("there is no SKILL.md in the directory")
                           : sp_agents_why_not_read(f->loader->arena, f->loader->here, path, &found->file);
    set_status(found, SP_SKILL_SKIPPED, sp_skill_is_external(found) ? SP_RULE_LINK_EXTERNAL : SP_RULE_SKILL_FILE, why);
    return why.ptr ? SP_OK : sp_err_memory(f->err);
}

/* A command in directories below commands/ has their names before its own. */
static sp_status add_command(finder *f, const place *p, sp_str path, sp_str file_name)
{
    sp_str name = sp_str_slice(file_name, 0, file_name.len - strlen(".md"));
    sp_str full =
        p->above.len ? sp_str_format(f->loader->arena, "%.*s%.*s", SP_STR_ARG(p->above), SP_STR_ARG(name)) : name;
    return full.ptr ? add_file(f, p, path, full) : sp_err_memory(f->err);
}

/* ---- folders -------------------------------------------------------------------------------------------- */

static sp_status add_folder(finder *f, const place *p, sp_str folder, bool *ret_is_there);

/* A directory among the skills: one, or a directory of further ones. */
static sp_status add_skill_folder(finder *f, const place *p, sp_str path, sp_str name)
{
    bool is_skill = true, ignored;
    sp_str file = sp_path_join(f->loader->arena, path, SP_STR("SKILL.md"));
    if (!file.ptr)
        return sp_err_memory(f->err);
    if (f->loader->here->profile->client->has_deep_skills)
        SP_TRY(sp_place_exists(f->loader->arena, f->loader->here, file, (sp_places){ 0 }, &is_skill, f->err));
    return is_skill ? add_file(f, p, file, name) : add_folder(f, p, path, &ignored);
}

static sp_status add_entry(finder *f, const place *p, sp_str folder, const sp_entry *entry)
{
    sp_arena *arena = f->loader->arena;
    sp_str path = sp_path_join(arena, folder, entry->name);
    bool ends_as_text = sp_str_ends(entry->name, SP_STR(".md")), is_text = ends_as_text && entry->is_file;
    if (!path.ptr)
        return sp_err_memory(f->err);
    if (sp_str_starts(entry->name, SP_STR(".")) && !f->loader->here->profile->client->has_hidden_skills)
        return SP_OK;
    if (f->for_commands) /* a link to nothing, too: add_file says that */
        return ends_as_text && !entry->is_folder ? add_command(f, p, path, entry->name) : SP_OK;
    if (is_text)
        return add_none(f, p, path, SP_RULE_SKILL_FILE,
                        SP_STR("a skill is a directory; move the file to a SKILL.md in a directory of its own"));
    if (!entry->is_folder)
        return add_none(f, p, path, SP_RULE_SKILL_FILE,
                        entry->is_file
                            ? SP_STR("a skill is a directory, and this is a file; if it was a symbolic link and "
                                     "was checked out as text, make it a link again")
                            : SP_STR("it is a link whose target does not exist, or no file"));
    if (!p->plugin.ptr && is_reserved(f, entry->name))
        return add_none(f, p, path, SP_RULE_SKILL_RESERVED,
                        SP_STR("the client keeps this name for itself; rename the skill"));
    return add_skill_folder(f, p, path, entry->name);
}

/* From now on it was. */
static sp_status was_done(finder *f, sp_str folder, bool *ret)
{
    uint32_t *slot = sp_map_slot(f->loader->arena, &f->folders, folder);
    if (!slot)
        return sp_err_memory(f->err);
    *ret = *slot != SP_NONE;
    *slot = 1;
    return SP_OK;
}

static sp_status add_unlisted(finder *f, const place *p, sp_str folder, const sp_listing *listing)
{
    bool again = false;
    SP_TRY(was_done(f, folder, &again));
    if (again)
        return SP_OK;
    if (listing->state == SP_FILE_EXTERNAL)
        return add_file(f, p, folder, (sp_str){ "", 0 });
    if (listing->state == SP_FILE_DANGLING)
        return add_none(f, p, folder, SP_RULE_SKILL_FILE, SP_STR("it is a link whose target does not exist"));
    return add_none(f, p, folder, SP_RULE_CHAIN_OUTSIDE_ROOT, SP_STR("it is a link that leads outside of --root"));
}

/* Where a folder of skills should be: git's core.symlinks=false, or an archive, makes a file of a link. */
static sp_status add_if_file(finder *f, const place *p, sp_str folder, const sp_listing *listing)
{
    bool is_file = false, again = false;
    if (listing->is_nothing)
        return SP_OK;
    SP_TRY(sp_place_exists(f->loader->arena, f->loader->here, folder, (sp_places){ 0 }, &is_file, f->err));
    if (!is_file)
        return SP_OK;
    SP_TRY(was_done(f, folder, &again));
    if (again)
        return SP_OK;
    return add_none(f, p, folder, SP_RULE_SKILL_FILE,
                    SP_STR("it is a file where a directory should be; if it was a symbolic link and was checked out as "
                           "text, make it a link again"));
}

static sp_status add_commands_below(finder *f, const place *p, sp_str folder, sp_str name);

static sp_status add_folder(finder *f, const place *p, sp_str folder, bool *ret_is_there)
{
    sp_loader *loader = f->loader;
    sp_listing listing;
    bool again = false;
    sp_read_limits limits = { .root = loader->here->allowed };
    if (!folder.ptr)
        return sp_err_memory(f->err);
    SP_TRY(sp_reader_list(loader->here->reader, loader->arena, folder, limits, &listing, f->err));
    if (listing.state == SP_FILE_DENIED)
        return sp_err_at(f->err, SP_ERR_INPUT, sp_place_shown(loader->here, folder), (sp_str){ 0 }, 0, NULL,
                         "cannot list the directory: permission denied");
    *ret_is_there = listing.state == SP_FILE_FOLDER;
    if (listing.state == SP_FILE_OUTSIDE || listing.state == SP_FILE_EXTERNAL || listing.state == SP_FILE_DANGLING)
        return add_unlisted(f, p, folder, &listing);
    if (!*ret_is_there)
        return add_if_file(f, p, folder, &listing);
    SP_TRY(was_done(f, listing.real_path, &again));
    if (again)
        return SP_OK;
    for (size_t i = 0; i < listing.count; i++) {
        SP_TRY(add_entry(f, p, folder, &listing.entries[i]));
        if (f->for_commands && listing.entries[i].is_folder)
            SP_TRY(add_commands_below(f, p, folder, listing.entries[i].name));
    }
    return SP_OK;
}

/* Rule skills.order. */
static sp_status add_commands_below(finder *f, const place *p, sp_str folder, sp_str name)
{
    bool ignored;
    place below = *p;
    bool is_named = sp_rule_holds(f->loader->here->profile, SP_RULE_SKILL_COMMAND_NAME);
    below.above =
        is_named ? sp_str_format(f->loader->arena, "%.*s%.*s:", SP_STR_ARG(p->above), SP_STR_ARG(name)) : SP_STR("");
    if (!below.above.ptr)
        return sp_err_memory(f->err);
    return add_folder(f, &below, sp_path_join(f->loader->arena, folder, name), &ignored);
}

/* skills/ or commands/ in a folder like .claude. Commands may lie in folders below. */
static sp_status add_in(finder *f, sp_scope scope, sp_str claude_dir, bool *ret_is_there)
{
    const place p = { .scope = scope };
    sp_str folder = sp_path_join(f->loader->arena, claude_dir, f->for_commands ? SP_STR("commands") : SP_STR("skills"));
    return add_folder(f, &p, folder, ret_is_there);
}

static sp_status add_of(finder *f, sp_scope scope, sp_str above, bool *ret_is_there)
{
    sp_str claude_dir = sp_path_join(f->loader->arena, above, SP_STR(".claude"));
    return claude_dir.ptr ? add_in(f, scope, claude_dir, ret_is_there) : sp_err_memory(f->err);
}

/* The topmost directory with skills of the project: without a repository, the root of all (rule skills.above). */
static sp_str top_of_skills(const sp_place *here)
{
    bool is_above = !here->has_repository && sp_rule_holds(here->profile, SP_RULE_SKILL_ABOVE);
    return is_above ? here->root : here->repository;
}

/* The project's: from the launch directory up; a linked worktree without any gets its main repository's. */
static sp_status add_project(finder *f)
{
    const sp_loader *loader = f->loader;
    bool is_there = false;
    sp_str main_repository;
    for (sp_str folder = loader->here->launch;; folder = sp_path_folder(folder)) {
        if (sp_place_ends_at_home(loader->here, folder))
            break;
        SP_TRY(add_of(f, SP_SCOPE_PROJECT, folder, &is_there));
        if (sp_str_eq(folder, top_of_skills(loader->here)))
            break;
    }
    if (is_there || f->for_commands || !sp_rule_holds(loader->here->profile, SP_RULE_SKILL_WORKTREE))
        return SP_OK;
    SP_TRY(sp_place_main_repository(f->loader->arena, f->loader->here, &main_repository, f->err));
    return add_of(f, SP_SCOPE_PROJECT, main_repository, &is_there);
}

/* ---- plugins -------------------------------------------------------------------------------------------- */

static sp_status warn_of_path(finder *f, const sp_plugin *plugin, const sp_json_node *value)
{
    return sp_diag_add(f->loader->diags, f->err, SP_WARNING, plugin->manifest.path, plugin->manifest.text,
                       value->offset, SP_RULE_SKILL_FILE,
                       "skills has to name folders in the plugin, each as a text; this is ignored");
}

/* The manifest's folders come on top of skills/. */
static sp_status add_named(finder *f, const place *p, const sp_plugin *plugin, const sp_json_node *value)
{
    bool ignored;
    bool is_path = value->kind == SP_JSON_TEXT && value->text.len && value->text.ptr[0] != '/' &&
                   !memchr(value->text.ptr, '\0', value->text.len);
    sp_str folder = is_path ? sp_path_join(f->loader->arena, plugin->folder, value->text) : plugin->folder;
    if (!folder.ptr)
        return sp_err_memory(f->err);
    if (!is_path || !sp_path_is_within(folder, plugin->folder))
        return warn_of_path(f, plugin, value);
    return add_folder(f, p, folder, &ignored);
}

static sp_status add_plugin(finder *f, sp_str folder)
{
    sp_plugin plugin;
    bool ignored;
    SP_TRY(sp_plugin_read(f->loader->arena, f->loader->here, folder, &plugin, f->err));
    const place p = { .scope = SP_SCOPE_PLUGIN, .plugin = plugin.name };
    sp_str usual = f->for_commands ? SP_STR("commands") : SP_STR("skills");
    const sp_json_node *more = f->for_commands ? NULL : sp_json_member(plugin.manifest.root, "skills");
    SP_TRY(add_folder(f, &p, sp_path_join(f->loader->arena, folder, usual), &ignored));
    if (!more)
        return SP_OK;
    if (more->kind != SP_JSON_ARRAY)
        return add_named(f, &p, &plugin, more);
    for (const sp_json_node *item = more->first; item; item = item->next)
        SP_TRY(add_named(f, &p, &plugin, item));
    return SP_OK;
}

static sp_status add_place_in(finder *f, const sp_skill_folder *at, sp_str directory, unsigned group)
{
    const place p = { .scope = at->scope };
    bool ignored;
    size_t first = f->found->count;
    f->for_commands = at->is_commands;
    SP_TRY(
        add_folder(f, &p, sp_place_path(f->loader->arena, f->loader->here, at->anchor, directory, at->path), &ignored));
    for (size_t i = first; i < f->found->count; i++)
        f->found->items[i].group = group;
    return SP_OK;
}

/* Places of a client's table that belong together: from the launch directory up. */
static sp_status add_run(finder *f, const sp_skill_folder *run, size_t count, unsigned user_group)
{
    const sp_place *here = f->loader->here;
    sp_paths folders;
    SP_TRY(sp_place_folders(f->loader->arena, here, run->anchor, &folders, f->err));
    for (size_t n = folders.count; n-- > 0;)
        for (size_t i = 0; i < count; i++) {
            bool is_users = run[i].anchor == SP_ANCHOR_HOME || run[i].is_commands;
            unsigned group = is_users ? user_group + (unsigned)i : !sp_str_eq(folders.items[n], here->launch);
            if (!sp_place_off_by(here, run[i].off_by))
                SP_TRY(add_place_in(f, &run[i], folders.items[n], group));
        }
    return SP_OK;
}

/* A directory that the client's configuration names; it is seen from the launch directory. */
static sp_status add_configured(finder *f, const sp_configured *asked, unsigned group)
{
    const sp_place *here = f->loader->here;
    const place p = { .scope = asked->scope };
    bool ignored, is_home = sp_str_eq(asked->pattern, SP_STR("~")) || sp_str_starts(asked->pattern, SP_STR("~/"));
    size_t first = f->found->count;
    if (is_home && !here->home.ptr)
        return SP_OK;
    sp_str path = is_home
                      ? sp_path_join(f->loader->arena, here->home,
                                     sp_str_slice(asked->pattern, asked->pattern.len > 1 ? 2 : 1, asked->pattern.len))
                      : sp_path_append(f->loader->arena, here->launch, asked->pattern);
    if (!path.ptr)
        return sp_err_memory(f->err);
    if (asked->scope == SP_SCOPE_PROJECT && !sp_origin_holds(here, path))
        return SP_OK;
    SP_TRY(add_folder(f, &p, path, &ignored));
    for (size_t i = first; i < f->found->count; i++)
        f->found->items[i].group = group;
    return SP_OK;
}

static sp_status add_all_configured(finder *f)
{
    unsigned group = (unsigned)f->loader->here->profile->client->skill_place_count + 2;
    f->for_commands = false;
    for (size_t i = 0; i < f->setup.skills.count; i++)
        SP_TRY(add_configured(f, &f->setup.skills.items[i], group));
    return SP_OK;
}

static sp_status add_places(finder *f)
{
    const sp_client *client = f->loader->here->profile->client;
    sp_diags unsaid = { .arena = f->loader->arena }; /* loading says it */
    SP_TRY(sp_load_client_config(f->loader->arena, f->loader->here, &unsaid, &f->setup, f->err));
    for (size_t begin = 0, end = 0; begin < client->skill_place_count; begin = end) {
        do
            end++;
        while (client->has_skills_by_directory && end < client->skill_place_count &&
               client->skill_places[end].anchor == client->skill_places[begin].anchor);
        SP_TRY(add_run(f, &client->skill_places[begin], end - begin, (unsigned)begin + 2));
    }
    return add_all_configured(f);
}

static sp_status add_all(finder *f)
{
    sp_loader *loader = f->loader;
    bool ignored;
    sp_str managed = sp_path_join(loader->arena, loader->here->root, SP_STR("etc/claude-code"));
    if (!managed.ptr)
        return sp_err_memory(f->err);
    SP_TRY(add_of(f, SP_SCOPE_MANAGED, managed, &ignored));
    if (loader->here->user_dir.ptr)
        SP_TRY(add_in(f, SP_SCOPE_USER, loader->here->user_dir, &ignored));
    SP_TRY(add_project(f));
    for (size_t i = 0; i < loader->here->added.count; i++)
        SP_TRY(add_of(f, SP_SCOPE_ADDED, loader->here->added.items[i], &ignored));
    for (size_t i = 0; i < loader->here->plugins.count; i++)
        SP_TRY(add_plugin(f, loader->here->plugins.items[i]));
    return SP_OK;
}

/* ---- who has which name ------------------------------------------------------------------------------------- */

static sp_status shadow(finder *f, uint32_t loser, uint32_t winner)
{
    sp_found_skill *found = &f->found->items[loser];
    sp_str why = sp_str_format(f->loader->arena, "%.*s comes %s and has the name; rename one to have both",
                               SP_STR_ARG(f->found->items[winner].listed.path), winner < loser ? "first" : "last");
    set_status(found, SP_SKILL_SHADOWED, SP_RULE_SKILL_ORDER, why);
    found->listed.winner = winner;
    return why.ptr ? SP_OK : sp_err_memory(f->err);
}

static sp_status settle_name(finder *f, sp_map *names, uint32_t index)
{
    sp_skill_name rule = f->loader->here->profile->client->skill_names;
    sp_found_skill *found = &f->found->items[index];
    uint32_t *name = sp_map_slot(f->loader->arena, names, found->listed.name);
    if (!name)
        return sp_err_memory(f->err);
    uint32_t first = *name;
    found->rank = index;
    if (first != SP_NONE && rule == SP_NAME_IS_FIRSTS)
        return shadow(f, index, first);
    *name = index;
    if (first == SP_NONE || rule == SP_NAME_IS_SHARED)
        return SP_OK;
    found->rank = f->found->items[first].rank;
    f->found->items[first].listed.status = SP_SKILL_SHADOWED; /* by the last one, which is not known yet */
    return SP_OK;
}

static sp_status shadow_all_but_last(finder *f, const sp_map *names)
{
    for (uint32_t i = 0; i < f->found->count; i++)
        if (f->found->items[i].listed.status == SP_SKILL_SHADOWED)
            SP_TRY(shadow(f, i, sp_map_find(names, f->found->items[i].listed.name)));
    return SP_OK;
}

/* By another path or link it is still one skill. */
static sp_status settle_one(finder *f, sp_map *files, sp_map *names, uint32_t index)
{
    sp_found_skill *found = &f->found->items[index];
    sp_arena *arena = f->loader->arena;
    if (found->listed.status == SP_SKILL_SKIPPED)
        return SP_OK;
    uint32_t *file = sp_map_slot(arena, files, found->file.real_path);
    if (!file)
        return sp_err_memory(f->err);
    if (*file != SP_NONE) {
        sp_str why =
            sp_str_format(arena, "it is the same file as %.*s", SP_STR_ARG(f->found->items[*file].listed.path));
        set_status(found, SP_SKILL_SKIPPED, SP_RULE_CHAIN_ONCE, why);
        found->listed.winner = *file;
        return why.ptr ? SP_OK : sp_err_memory(f->err);
    }
    *file = index;
    return settle_name(f, names, index);
}

bool sp_skill_is_external(const sp_found_skill *skill)
{
    return skill->file.state == SP_FILE_EXTERNAL;
}

sp_status sp_skills_report(const sp_found_skills *all, sp_diags *diags, sp_err *err)
{
    for (size_t i = 0; i < all->count; i++)
        if (sp_skill_is_external(&all->items[i]))
            SP_TRY(sp_diag_add(diags, err, SP_FINDING, all->items[i].listed.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                               SP_RULE_LINK_EXTERNAL, "not loaded: %.*s", SP_STR_ARG(all->items[i].listed.why)));
    return SP_OK;
}

sp_status sp_skills_find(sp_loader *loader, sp_found_skills *ret, sp_err *err)
{
    finder f = { .loader = loader, .found = ret, .err = err };
    sp_map files = { 0 };
    sp_map names = { 0 };
    *ret = (sp_found_skills){ 0 };
    bool is_table = loader->here->profile->client->skill_place_count > 0;
    SP_TRY(is_table ? add_places(&f) : add_all(&f));
    f.for_commands = true;
    if (!is_table)
        SP_TRY(add_all(&f));
    for (uint32_t i = 0; i < ret->count; i++) {
        SP_TRY(settle_one(&f, &files, &names, i));
        for (size_t d = 0; d < ret->items[i].diags.count; d++)
            ret->items[i].listed.warning_count += ret->items[i].diags.items[d].level >= SP_WARNING;
    }
    return loader->here->profile->client->skill_names == SP_NAME_IS_LASTS ? shadow_all_but_last(&f, &names) : SP_OK;
}
