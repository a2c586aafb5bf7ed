/*
 * place.c - where a session is started.
 *
 * All paths in here are absolute and built on the launch directory's real path, so that comparing them as text
 * tells where a file lies.
 */
#include "sources/place.h"

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/without.h"

#include <limits.h>
#include <unistd.h>

/* A directory that may not be searched: else the first file that is looked for in it would be named. */
static sp_status check_searchable(sp_arena *arena, const sp_place *here, sp_str folder, sp_str shown, sp_err *err)
{
    sp_file file;
    sp_str itself = sp_str_format(arena, "%.*s/.", SP_STR_ARG(folder));
    if (!itself.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(here->reader, arena, itself, (sp_read_limits){ 0 }, &file, err));
    return file.state == SP_FILE_DENIED ? sp_err_unread(err, shown, &file) : SP_OK;
}

sp_status sp_place_resolve_folder(sp_arena *arena, const sp_place *here, const char *path, const char *option,
                                  sp_str *ret, sp_err *err)
{
    sp_str shown = sp_str_of(path);
    sp_file file;
    sp_str absolute = sp_path_append(arena, here->current, shown);
    if (!absolute.ptr)
        return sp_err_memory(err);
    if (here->reader == &sp_reader_disk && sp_str_eq(absolute, here->current)) {
        *ret = absolute; /* the system gave it without a link in it */
        return SP_OK;
    }
    SP_TRY(sp_reader_read(here->reader, arena, absolute, (sp_read_limits){ 0 }, &file, err));
    if (file.state == SP_FILE_DENIED)
        return sp_err_unread(err, shown, &file);
    if (file.state != SP_FILE_FOLDER)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, NULL, "%s: %s", option,
                         file.state == SP_FILE_ABSENT || file.state == SP_FILE_DANGLING ? "there is no such folder"
                                                                                        : "is not a folder");
    *ret = file.real_path;
    return here->reader == &sp_reader_disk ? check_searchable(arena, here, *ret, shown, err) : SP_OK;
}

/* The real path of a folder that need not be there: then nothing will be found in it. */
static sp_status find_folder(sp_arena *arena, const sp_place *here, const char *path, sp_str *ret, sp_err *err)
{
    sp_file file;
    *ret = sp_path_append(arena, here->current, sp_str_of(path));
    if (!ret->ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(here->reader, arena, *ret, (sp_read_limits){ 0 }, &file, err));
    if (file.state == SP_FILE_FOLDER)
        *ret = file.real_path;
    return SP_OK;
}

sp_status sp_place_find_home(sp_arena *arena, sp_place *here, sp_err *err)
{
    const sp_request *request = here->request;
    if (request->home_dir)
        SP_TRY(find_folder(arena, here, request->home_dir, &here->home, err));
    if (request->config_dir)
        return find_folder(arena, here, request->config_dir, &here->user_dir, err);
    if (here->home.ptr)
        here->user_dir = sp_path_join(arena, here->home, SP_STR(".claude"));
    return here->user_dir.ptr || !here->home.ptr ? SP_OK : sp_err_memory(err);
}

/* The directories that a variable names, such as "/a,/b". */
static sp_status find_added(sp_arena *arena, sp_place *here, sp_err *err)
{
    const sp_client *client = here->profile->client;
    sp_str value = sp_str_of(client->added_by ? sp_place_variable(here->request, client->added_by) : NULL);
    for (size_t at = 0; at < value.len;) {
        size_t comma = sp_str_find(value, SP_STR(","), at);
        size_t end = comma == SIZE_MAX ? value.len : comma;
        sp_str folder = sp_str_trim(sp_str_slice(value, at, end));
        sp_str path = { NULL, 0 };
        if (folder.len) {
            sp_str name = sp_str_dup(arena, folder); /* which ends in NUL */
            if (!name.ptr)
                return sp_err_memory(err);
            SP_TRY(find_folder(arena, here, name.ptr, &path, err));
            SP_TRY(sp_paths_add(arena, &here->added, path, err));
        }
        at = end + 1;
    }
    return SP_OK;
}

sp_status sp_place_find_named(sp_arena *arena, sp_place *here, sp_err *err)
{
    const sp_client *client = here->profile->client;
    const char *value = client->moved_by ? sp_place_variable(here->request, client->moved_by) : NULL;
    const char *named = client->named_by ? sp_place_variable(here->request, client->named_by) : NULL;
    const char *home = client->home_by ? sp_place_variable(here->request, client->home_by) : NULL;
    if (home)
        SP_TRY(find_folder(arena, here, home, &here->home, err));
    if (value)
        SP_TRY(find_folder(arena, here, value, &here->moved, err));
    if (named)
        SP_TRY(find_folder(arena, here, named, &here->named, err));
    return find_added(arena, here, err);
}

/* The folders that an option names; they may be read wherever they are. */
static sp_status resolve_folders(sp_arena *arena, const sp_place *here, const char *const *paths, size_t count,
                                 const char *option, sp_paths *ret, sp_err *err)
{
    for (size_t i = 0; i < count; i++) {
        sp_str *slot = SP_LIST_PUSH(arena, ret);
        if (!slot)
            return sp_err_memory(err);
        SP_TRY(sp_place_resolve_folder(arena, here, paths[i], option, slot, err));
    }
    return SP_OK;
}

static sp_status set_allowed(sp_arena *arena, sp_place *here, sp_err *err)
{
    sp_paths places = { 0 };
    const sp_paths *named[] = { &here->added, &here->plugins };
    if (sp_str_eq(here->root, SP_STR("/")))
        return SP_OK;
    size_t count = 5 + here->added.count + here->plugins.count;
    places.items = SP_ARENA_ARRAY(arena, sp_str, count);
    if (!places.items)
        return sp_err_memory(err);
    places.items[places.count++] = here->root;
    if (here->home.ptr)
        places.items[places.count++] = here->home;
    if (here->request->config_dir)
        places.items[places.count++] = here->user_dir;
    if (here->moved.ptr)
        places.items[places.count++] = here->moved;
    if (here->named.ptr)
        places.items[places.count++] = here->named;
    for (size_t i = 0; i < SP_COUNT_OF(named); i++)
        for (size_t j = 0; j < named[i]->count; j++)
            places.items[places.count++] = named[i]->items[j];
    here->allowed = (sp_places){ places.items, places.count };
    return SP_OK;
}

/* --setting-sources: "user,project,local" or some of them. */
static sp_status take_sources(sp_place *here, sp_err *err)
{
    static const sp_scope scopes[] = { SP_SCOPE_USER, SP_SCOPE_PROJECT, SP_SCOPE_LOCAL };
    static const char *const names[] = { "user", "project", "local" };
    sp_str text = sp_str_of(here->request->setting_sources);
    if (!text.ptr || !sp_client_has(here->profile->client, SP_HAS_SETTINGS))
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(scopes); i++)
        here->leaves_out |= 1u << scopes[i];
    for (size_t at = 0; at < text.len;) {
        size_t comma = sp_str_find(text, SP_STR(","), at);
        sp_str name = sp_str_trim(sp_str_slice(text, at, comma == SIZE_MAX ? text.len : comma));
        size_t i = 0;
        while (i < SP_COUNT_OF(names) && !sp_str_eq(name, sp_str_of(names[i])))
            i++;
        if (i == SP_COUNT_OF(names))
            return sp_err_set(err, SP_ERR_USAGE,
                              "--setting-sources takes user, project and local, with commas between them, not \"%.*s\"",
                              SP_STR_ARG(name));
        here->leaves_out &= ~(1u << scopes[i]);
        at = comma == SIZE_MAX ? text.len : comma + 1;
    }
    return SP_OK;
}

/* --bare sets CLAUDE_CODE_SIMPLE, which does the same by itself. */
static sp_status take_bare(sp_place *here, sp_err *err)
{
    bool has_mode = sp_rule_holds(here->profile, SP_RULE_SESSION_BARE);
    if (here->request->bare && !has_mode)
        return sp_err_set(err, SP_ERR_USAGE, "%s has no bare mode; leave out --bare, or choose another profile",
                          sp_profile_name(here->profile));
    if (here->request->bare)
        here->bare_by = SP_STR("--bare");
    else if (has_mode && sp_place_is_on(here->request, "CLAUDE_CODE_SIMPLE"))
        here->bare_by = SP_STR("CLAUDE_CODE_SIMPLE in the environment");
    return SP_OK;
}

static bool takes_added(const sp_client *client)
{
    for (size_t i = 0; i < client->place_count; i++)
        if (client->places[i].anchor == SP_ANCHOR_FROM_REPOSITORIES)
            return true;
    return false;
}

/* What only Claude Code has is without effect under another profile. A comparison of two builds both all the same. */
static sp_status warn_of_options(const sp_profile *profile, const sp_request *request, sp_diags *diags, sp_err *err)
{
    const struct {
        const char *name;
        bool is_given;
    } options[] = {
        { "--agents", request->agents_json },
        { "--add-dir", request->added_dir_count > 0 && !takes_added(profile->client) },
        { "--plugin-dir", request->plugin_dir_count > 0 },
        { "--settings", request->settings_json },
        { "--setting-sources", request->setting_sources },
    };
    for (size_t i = 0; i < SP_COUNT_OF(options) && !sp_client_has(profile->client, SP_HAS_SETTINGS); i++)
        if (options[i].is_given)
            SP_TRY(sp_diag_add(diags, err, SP_WARNING, sp_str_of(options[i].name), (sp_str){ 0 }, SP_WHOLE_FILE,
                               SP_RULE_OPTION_OTHER_CLIENT,
                               "is an option of Claude Code, and %.*s has none like it; it is without effect",
                               SP_STR_ARG(sp_client_who(profile->client))));
    return SP_OK;
}

sp_status sp_place_find_current(sp_arena *arena, sp_str *ret, sp_err *err)
{
    char current[PATH_MAX];
    if (!getcwd(current, sizeof current))
        return sp_err_set(err, SP_ERR_INPUT, "the current directory cannot be found; change to one that exists");
    *ret = sp_str_dup(arena, sp_str_of(current));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_place_locate(sp_arena *arena, const sp_request *request, const sp_reader *reader, sp_place *ret,
                          sp_err *err)
{
    *ret = (sp_place){ .request = request, .reader = reader, .root = SP_STR("/") };
    SP_TRY(sp_place_find_current(arena, &ret->current, err));
    if (request->root_dir)
        SP_TRY(sp_place_resolve_folder(arena, ret, request->root_dir, "--root", &ret->root, err));
    SP_TRY(
        sp_place_resolve_folder(arena, ret, request->launch_dir ? request->launch_dir : ".", "-C", &ret->launch, err));
    if (!sp_path_is_within(ret->launch, ret->root))
        return sp_err_at(err, SP_ERR_USAGE, sp_place_shown(ret, ret->launch), (sp_str){ 0 }, 0, NULL,
                         "the launch directory lies outside --root; name one inside it with -C");
    return SP_OK;
}

static sp_status warn_if_dangling(sp_arena *arena, const sp_place *here, sp_str folder, const char *whose,
                                  sp_diags *diags, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_reader_read(here->reader, arena, folder, (sp_read_limits){ 0 }, &file, err));
    if (file.state != SP_FILE_DANGLING)
        return SP_OK;
    return sp_diag_add(
        diags, err, SP_WARNING, sp_place_shown(here, folder), (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_CHAIN_DANGLING,
        "is a link whose target does not exist: nothing of %s loads; link it to a folder, or remove it", whose);
}

/* The client finds nothing in such a directory, and says nothing. */
static sp_status warn_of_directories(sp_arena *arena, const sp_place *here, sp_diags *diags, sp_err *err)
{
    sp_str why;
    sp_paths folders;
    if (!sp_client_has(here->profile->client, SP_HAS_SETTINGS))
        return SP_OK;
    if (here->user_dir.ptr && sp_place_leaves_out(here, SP_SCOPE_USER, SP_SOURCE_INSTRUCTIONS, &why) == SP_RULE_NONE)
        SP_TRY(warn_if_dangling(arena, here, here->user_dir, "the user's", diags, err));
    if (sp_place_leaves_out(here, SP_SCOPE_PROJECT, SP_SOURCE_INSTRUCTIONS, &why) != SP_RULE_NONE)
        return SP_OK;
    SP_TRY(sp_place_folders(arena, here, SP_ANCHOR_FROM_REPOSITORY, &folders, err));
    for (size_t i = 0; i < folders.count; i++) {
        sp_str folder = sp_path_join(arena, folders.items[i], SP_STR(".claude"));
        if (!folder.ptr)
            return sp_err_memory(err);
        if (!sp_str_eq(folder, here->user_dir))
            SP_TRY(warn_if_dangling(arena, here, folder, "it", diags, err));
    }
    return SP_OK;
}

/* The main repository, where the launch directory is in a worktree inside it. */
static sp_status find_checkout(sp_arena *arena, sp_place *here, sp_err *err)
{
    sp_str checkout;
    if (!here->has_repository || !sp_rule_holds(here->profile, SP_RULE_CHAIN_WORKTREE))
        return SP_OK;
    SP_TRY(sp_place_main_repository(arena, here, &checkout, err));
    if (!sp_str_eq(checkout, here->repository) && sp_path_is_within(here->repository, checkout))
        here->checkout = checkout;
    return SP_OK;
}

sp_status sp_place_init(sp_arena *arena, const sp_profile *profile, const sp_request *request, const sp_reader *reader,
                        sp_diags *diags, sp_place *ret, sp_err *err)
{
    const sp_client_ops *ops = profile->client->ops;
    SP_TRY(warn_of_options(profile, request, diags, err));
    SP_TRY(sp_place_locate(arena, request, reader, ret, err));
    ret->profile = profile;
    SP_TRY(sp_place_find_home(arena, ret, err));
    SP_TRY(resolve_folders(arena, ret, request->added_dirs, request->added_dir_count, "--add-dir", &ret->added, err));
    SP_TRY(sp_place_find_named(arena, ret, err));
    SP_TRY(resolve_folders(arena, ret, request->plugin_dirs, request->plugin_dir_count, "--plugin-dir", &ret->plugins,
                           err));
    SP_TRY(set_allowed(arena, ret, err));
    SP_TRY(sp_place_find_repository(arena, ret, err));
    SP_TRY(sp_without_init(arena, ret, err));
    SP_TRY(sp_origins_init(arena, ret, err));
    SP_TRY(take_sources(ret, err));
    SP_TRY(take_bare(ret, err));
    SP_TRY(warn_of_directories(arena, ret, diags, err));
    if (ops->read_settings)
        SP_TRY(ops->read_settings(arena, ret, diags, err));
    return find_checkout(arena, ret, err);
}

sp_status sp_place_exists(sp_arena *arena, const sp_place *here, sp_str path, sp_places within, bool *ret, sp_err *err)
{
    sp_file file;
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(here->reader, arena, path, (sp_read_limits){ .within = within, .root = here->allowed }, &file,
                          err));
    *ret = sp_file_exists(&file);
    return SP_OK;
}

bool sp_place_has_git_status(const sp_place *here)
{
    return here->has_repository && !here->settings.git_off.is_on;
}
