/*
 * loader.c - where we are, and how a file becomes a source.
 *
 * All paths in here are absolute and built on the launch directory's real path, so that comparing them as text
 * tells where a file lies. A file's identity is its device and inode: the same file by another path, through a
 * symbolic link or a hard link, is the same file.
 */
#include "sources/loader.h"

#include "base/diagnostic.h"
#include "base/escape.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"
#include "syntax/front_matter.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- where we are ----------------------------------------------------------------------------- */

sp_status sp_loader_resolve_folder(const sp_loader *loader, const char *path, const char *option, sp_str *ret,
                                   sp_err *err)
{
    sp_str shown = sp_str_of(path);
    sp_file file;
    sp_str absolute = sp_path_append(loader->arena, loader->current, shown);
    if (!absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(loader->reader, loader->arena, absolute, (sp_read_limits){ 0 }, &file, err));
    if (file.state == SP_FILE_DENIED)
        return sp_err_unread(err, shown, &file);
    if (file.state != SP_FILE_FOLDER)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, NULL, "%s: %s", option,
                         file.state == SP_FILE_ABSENT || file.state == SP_FILE_DANGLING ? "there is no such folder"
                                                                                        : "is not a folder");
    *ret = file.real_path;
    return SP_OK;
}

/* The real path of a folder that need not be there: then nothing will be found in it. */
static sp_status find_folder(const sp_loader *loader, const char *path, sp_str *ret, sp_err *err)
{
    sp_file file;
    *ret = sp_path_append(loader->arena, loader->current, sp_str_of(path));
    if (!ret->ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(loader->reader, loader->arena, *ret, (sp_read_limits){ 0 }, &file, err));
    if (file.state == SP_FILE_FOLDER)
        *ret = file.real_path;
    return SP_OK;
}

static sp_status find_home(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->request;
    if (request->home_dir)
        SP_TRY(find_folder(loader, request->home_dir, &loader->home, err));
    if (request->config_dir)
        return find_folder(loader, request->config_dir, &loader->user_dir, err);
    if (loader->home.ptr)
        loader->user_dir = sp_path_join(loader->arena, loader->home, SP_STR(".claude"));
    return loader->user_dir.ptr || !loader->home.ptr ? SP_OK : sp_err_memory(err);
}

/* The folders that an option names; they may be read wherever they are. */
static sp_status resolve_folders(sp_loader *loader, const char *const *paths, size_t count, const char *option,
                                 sp_paths *ret, sp_err *err)
{
    for (size_t i = 0; i < count; i++) {
        sp_str *slot = SP_LIST_PUSH(loader->arena, ret);
        if (!slot)
            return sp_err_memory(err);
        SP_TRY(sp_loader_resolve_folder(loader, paths[i], option, slot, err));
    }
    return SP_OK;
}

static sp_status set_allowed(sp_loader *loader, sp_err *err)
{
    sp_paths places = { 0 };
    const sp_paths *named[] = { &loader->added, &loader->plugins };
    if (sp_str_eq(loader->root, SP_STR("/")))
        return SP_OK;
    size_t count = 3 + loader->added.count + loader->plugins.count;
    places.items = SP_ARENA_ARRAY(loader->arena, sp_str, count);
    if (!places.items)
        return sp_err_memory(err);
    places.items[places.count++] = loader->root;
    if (loader->home.ptr)
        places.items[places.count++] = loader->home;
    if (loader->request->config_dir)
        places.items[places.count++] = loader->user_dir;
    for (size_t i = 0; i < SP_COUNT_OF(named); i++)
        for (size_t j = 0; j < named[i]->count; j++)
            places.items[places.count++] = named[i]->items[j];
    loader->allowed = (sp_places){ places.items, places.count };
    return SP_OK;
}

/* --setting-sources: "user,project,local" or some of them. */
static sp_status take_sources(sp_loader *loader, sp_err *err)
{
    static const sp_scope scopes[] = { SP_SCOPE_USER, SP_SCOPE_PROJECT, SP_SCOPE_LOCAL };
    static const char *const names[] = { "user", "project", "local" };
    sp_str text = sp_str_of(loader->request->setting_sources);
    if (!text.ptr || !sp_client_has(loader->profile->client, SP_HAS_SETTINGS))
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(scopes); i++)
        loader->leaves_out |= 1u << scopes[i];
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
        loader->leaves_out &= ~(1u << scopes[i]);
        at = comma == SIZE_MAX ? text.len : comma + 1;
    }
    return SP_OK;
}

/* What an option names loads all the same, and that is not looked for. */
static bool is_looked_for(sp_scope scope)
{
    return scope == SP_SCOPE_MANAGED || scope == SP_SCOPE_USER || scope == SP_SCOPE_PROJECT || scope == SP_SCOPE_LOCAL;
}

sp_rule_key sp_loader_leaves_out(const sp_loader *loader, sp_scope scope, sp_source_kind kind, sp_str *ret_why)
{
    if (loader->bare_by.ptr && is_looked_for(scope)) {
        *ret_why = kind == SP_SOURCE_AGENT   ? SP_STR("in bare mode nothing is looked for; give the path of the file")
                   : kind == SP_SOURCE_SKILL ? SP_STR("in bare mode nothing is looked for; --add-dir or --plugin-dir "
                                                      "brings skills")
                                             : SP_STR("in bare mode nothing is looked for; --instructions names a file "
                                                      "that loads");
        return SP_RULE_SESSION_BARE;
    }
    *ret_why = SP_STR("--setting-sources does not name its scope");
    return loader->leaves_out >> scope & 1 ? SP_RULE_SETTINGS_SOURCES : SP_RULE_NONE;
}

/* --bare sets CLAUDE_CODE_SIMPLE, which does the same by itself. */
static sp_status take_bare(sp_loader *loader, sp_err *err)
{
    const char *const *variables = loader->request->client_env;
    bool has_mode = sp_rule_holds(loader->profile, SP_RULE_SESSION_BARE);
    if (loader->request->bare && !has_mode)
        return sp_err_set(err, SP_ERR_USAGE, "%s has no bare mode; leave out --bare, or choose another profile",
                          sp_profile_name(loader->profile));
    if (loader->request->bare)
        loader->bare_by = SP_STR("--bare");
    for (; has_mode && !loader->request->bare && variables && *variables; variables++)
        if (strcmp(*variables, "CLAUDE_CODE_SIMPLE=1") == 0 || strcmp(*variables, "CLAUDE_CODE_SIMPLE=true") == 0)
            loader->bare_by = SP_STR("CLAUDE_CODE_SIMPLE in the environment");
    return SP_OK;
}

/* What only Claude Code has is without effect under another profile. A comparison of two builds both all the same. */
static sp_status warn_of_options(const sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->request;
    const struct {
        const char *name;
        bool is_given;
    } options[] = {
        { "--agents", request->agents_json },
        { "--add-dir", request->added_dir_count > 0 },
        { "--plugin-dir", request->plugin_dir_count > 0 },
        { "--settings", request->settings_json },
        { "--setting-sources", request->setting_sources },
    };
    for (size_t i = 0; i < SP_COUNT_OF(options) && !sp_client_has(loader->profile->client, SP_HAS_SETTINGS); i++)
        if (options[i].is_given)
            SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, sp_str_of(options[i].name), (sp_str){ 0 }, SP_WHOLE_FILE,
                               sp_rule_id(SP_RULE_OPTION_OTHER_CLIENT),
                               "is an option of Claude Code, and %.*s has none like it; it is without effect",
                               SP_STR_ARG(sp_client_who(loader->profile->client))));
    return SP_OK;
}

sp_status sp_loader_locate(sp_loader *loader, sp_err *err)
{
    char current[PATH_MAX];
    if (!getcwd(current, sizeof current))
        return sp_err_set(err, SP_ERR_INPUT, "the current directory cannot be found; change to one that exists");
    loader->current = sp_str_dup(loader->arena, sp_str_of(current));
    if (!loader->current.ptr)
        return sp_err_memory(err);

    const sp_request *request = loader->request;
    loader->root = SP_STR("/");
    if (request->root_dir)
        SP_TRY(sp_loader_resolve_folder(loader, request->root_dir, "--root", &loader->root, err));
    SP_TRY(
        sp_loader_resolve_folder(loader, request->launch_dir ? request->launch_dir : ".", "-C", &loader->launch, err));
    if (!sp_path_is_within(loader->launch, loader->root))
        return sp_err_at(err, SP_ERR_USAGE, sp_loader_shown(loader, loader->launch), (sp_str){ 0 }, 0, NULL,
                         "the launch directory lies outside --root; name one inside it with -C");
    return SP_OK;
}

/* The client finds nothing of the user's there, and says nothing. */
static sp_status warn_of_user_dir(const sp_loader *loader, sp_err *err)
{
    sp_file file;
    sp_str why;
    bool is_read = sp_loader_leaves_out(loader, SP_SCOPE_USER, SP_SOURCE_INSTRUCTIONS, &why) == SP_RULE_NONE;
    if (!is_read || !loader->user_dir.ptr || !sp_client_has(loader->profile->client, SP_HAS_SETTINGS))
        return SP_OK;
    SP_TRY(sp_reader_read(loader->reader, loader->arena, loader->user_dir, (sp_read_limits){ 0 }, &file, err));
    if (file.state != SP_FILE_DANGLING)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_loader_shown(loader, loader->user_dir), (sp_str){ 0 },
                       SP_WHOLE_FILE, sp_rule_id(SP_RULE_CHAIN_DANGLING),
                       "is a link whose target does not exist: nothing of the user's loads; "
                       "link it to a folder, or remove it");
}

sp_status sp_loader_init(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->request;
    loader->places = loader->profile->client->places;
    loader->place_count = loader->profile->client->place_count;
    SP_TRY(warn_of_options(loader, err));
    SP_TRY(sp_loader_locate(loader, err));
    SP_TRY(find_home(loader, err));
    SP_TRY(resolve_folders(loader, request->added_dirs, request->added_dir_count, "--add-dir", &loader->added, err));
    SP_TRY(resolve_folders(loader, request->plugin_dirs, request->plugin_dir_count, "--plugin-dir", &loader->plugins,
                           err));
    SP_TRY(set_allowed(loader, err));
    SP_TRY(sp_loader_find_repository(loader, err));
    SP_TRY(sp_origins_init(loader, err));
    SP_TRY(take_sources(loader, err));
    SP_TRY(take_bare(loader, err));
    SP_TRY(warn_of_user_dir(loader, err));
    return loader->profile->client->ops->read_settings ? loader->profile->client->ops->read_settings(loader, err)
                                                       : SP_OK;
}

sp_str sp_loader_shown(const sp_loader *loader, sp_str path)
{
    return sp_str_eq(path, loader->current) ? SP_STR(".") : sp_path_below(path, loader->current);
}

sp_str sp_loader_importer_name(const sp_loader *loader, uint32_t index)
{
    const sp_source *source = &loader->sources[index];
    if (source->importer == SP_NONE)
        return SP_STR("");
    return sp_str_format(loader->arena, "%.*s:%u", SP_STR_ARG(loader->sources[source->importer].path),
                         source->importer_line);
}

/* The path from the launch directory, with ../ for each folder up. */
static sp_str name_above(const sp_loader *loader, sp_str path)
{
    sp_buf name = { 0 };
    sp_str folder = loader->launch;
    while (!sp_path_is_within(path, folder)) {
        sp_buf_add(&name, SP_STR("../"));
        folder = sp_path_folder(folder);
    }
    sp_buf_add(&name, sp_path_below(path, folder));
    return sp_buf_move(&name, loader->arena);
}

/* Whether a path in home is better told from there: home lies in the repository (or is one, for dotfiles), and the path
 * not below a launch directory within home. */
static bool is_home_nearer(const sp_loader *loader, sp_str path)
{
    bool is_below_launch = sp_path_is_within(path, loader->launch) && sp_path_is_within(loader->launch, loader->home);
    return sp_path_is_within(loader->home, loader->repository) && !is_below_launch;
}

/* A file may be called anything; in the prompt its name stays on one line and is UTF-8. */
static sp_status escaped_name(const sp_loader *loader, sp_str name, sp_str *ret, sp_err *err)
{
    char *escaped;
    size_t length;
    SP_TRY(sp_text_escape(name, &escaped, &length, err));
    *ret = sp_str_dup(loader->arena, (sp_str){ escaped, length });
    free(escaped);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_loader_name(const sp_loader *loader, sp_str path, sp_str *ret, sp_err *err)
{
    sp_str name;
    bool is_in_home = loader->home.ptr && sp_path_is_within(path, loader->home);
    if (sp_path_is_within(path, loader->repository) && !(is_in_home && is_home_nearer(loader, path)))
        name = name_above(loader, path);
    else if (is_in_home)
        name = sp_str_format(loader->arena, "~/%.*s", SP_STR_ARG(sp_path_below(path, loader->home)));
    else if (sp_path_is_within(path, loader->root) && !sp_str_eq(loader->root, SP_STR("/")))
        name = sp_str_format(loader->arena, "/%.*s", SP_STR_ARG(sp_path_below(path, loader->root)));
    else
        name = path;
    if (!name.ptr)
        return sp_err_memory(err);
    return escaped_name(loader, name, ret, err);
}

/* ---- files become sources --------------------------------------------------------------------- */

/* The client's limit on the files of the chain, where it has one, and ours on the rest. */
sp_rule_key sp_loader_size_rule(const sp_loader *loader, sp_source_kind kind)
{
    return sp_is_of_chain(kind) && sp_rule_holds(loader->profile, SP_RULE_CHAIN_MAX_BYTES) ? SP_RULE_CHAIN_MAX_BYTES
                                                                                           : SP_RULE_FILE_MAX_BYTES;
}

static uint64_t max_bytes_of(const sp_loader *loader, sp_source_kind kind)
{
    return (uint64_t)sp_rule_value(loader->profile, sp_loader_size_rule(loader, kind));
}

/* One file that one importer asked for, as the key of loader->asked. No padding: it is compared byte by byte. */
typedef struct asked_key {
    uint64_t device;
    uint64_t inode;
    uint64_t importer;
} asked_key;

static bool was_asked(const sp_loader *loader, const asked_key *key)
{
    return sp_map_find(&loader->asked, (sp_str){ (const char *)key, sizeof *key }) != SP_NONE;
}

static sp_status note_asked(sp_loader *loader, const asked_key *key, sp_err *err)
{
    if (was_asked(loader, key))
        return SP_OK;
    sp_str kept = sp_str_dup(loader->arena, (sp_str){ (const char *)key, sizeof *key });
    uint32_t *slot = kept.ptr ? sp_map_slot(loader->arena, &loader->asked, kept) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = 0;
    return SP_OK;
}

/* A file of the chain that is loaded, or that this importer asked for already, need not be read again. */
typedef struct known_files {
    const sp_loader *loader;
    uint32_t importer;
} known_files;

static uint32_t *slot_of(const sp_loader *loader, uint64_t device, uint64_t inode)
{
    size_t mask = loader->identity_slots - 1;
    size_t at = (size_t)((inode ^ device << 32) * 0x9E3779B97F4A7C15u >> 20) & mask;
    for (;; at = (at + 1) & mask) {
        uint32_t *slot = &loader->by_identity[at];
        if (*slot == 0 || (loader->parsed[*slot - 1].device == device && loader->parsed[*slot - 1].inode == inode))
            return slot;
    }
}

static bool is_known(const void *context, uint64_t device, uint64_t inode)
{
    const known_files *known = context;
    uint32_t index = known->loader->identity_slots ? *slot_of(known->loader, device, inode) : 0;
    if (index == 0)
        return false;
    const sp_parsed *parsed = &known->loader->parsed[index - 1];
    bool is_loaded = known->loader->sources[index - 1].is_loaded;
    if (!is_loaded && (parsed->skip_rule == SP_RULE_SETTINGS_EXCLUDES || parsed->skip_rule == SP_RULE_CHAIN_ADDED ||
                       parsed->skip_rule == SP_RULE_LINK_EXTERNAL))
        return false; /* by this path, or for another reason, it may load */
    return is_loaded || was_asked(known->loader, &(asked_key){ device, inode, known->importer });
}

bool sp_loader_has_listed(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file)
{
    uint32_t index = loader->identity_slots ? *slot_of(loader, file->device, file->inode) : 0;
    return index && !loader->sources[index - 1].is_loaded &&
           sp_str_eq(loader->sources[index - 1].path, sp_loader_shown(loader, wanted->path));
}

/* Imports and rules have a bound of their own (rule import.external), and an option that takes it away. */
static bool is_trusted(const sp_loader *loader, sp_source_kind kind)
{
    return loader->request->allow_external_imports && (kind == SP_SOURCE_IMPORT || kind == SP_SOURCE_RULE);
}

sp_read_limits sp_loader_limits(const sp_loader *loader, const sp_wanted *wanted)
{
    sp_read_limits limits = { .max_bytes = max_bytes_of(loader, wanted->kind),
                              .within = wanted->within,
                              .origin = wanted->origin };
    bool was_named = wanted->scope == SP_SCOPE_NAMED && wanted->importer == SP_NONE;
    if (!was_named)
        limits.root = loader->allowed;
    if (limits.origin == SP_ORIGIN_SEARCH && was_named)
        limits.origin = SP_ORIGIN_COMMAND_LINE;
    if (limits.origin == SP_ORIGIN_SEARCH && is_trusted(loader, wanted->kind))
        limits.origin = SP_ORIGIN_TRUSTED;
    return limits;
}

sp_status sp_loader_read(const sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    known_files known = { loader, wanted->importer };
    sp_read_limits limits = sp_loader_limits(loader, wanted);
    if (sp_is_of_chain(wanted->kind)) {
        limits.is_known = is_known;
        limits.context = &known;
    }
    return sp_reader_read(loader->reader, loader->arena, wanted->path, limits, ret, err);
}

sp_status sp_loader_exists(const sp_loader *loader, sp_str path, sp_places within, bool *ret, sp_err *err)
{
    sp_file file;
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(loader->reader, loader->arena, path,
                          (sp_read_limits){ .within = within, .root = loader->allowed }, &file, err));
    *ret = sp_file_exists(&file);
    return SP_OK;
}

/* What the caller has open already: a process substitution, a redirected file, a pipe. */
static sp_status read_stream(const sp_loader *loader, int descriptor, sp_str name, uint64_t max_bytes, sp_file *file,
                             sp_err *err)
{
    sp_buf bytes = { 0 };
    sp_status status = sp_read_descriptor(descriptor, name, max_bytes, &bytes, err);
    size_t length = bytes.len;
    sp_str moved = sp_buf_move(&bytes, loader->arena);
    if (status != SP_OK)
        return status;
    if (!moved.ptr)
        return sp_err_memory(err);
    *file = (sp_file){ .state = SP_FILE_READ, .bytes = moved, .size_bytes = length };
    file->real_path =
        sp_path_join(loader->arena, loader->launch, SP_STR("-")); /* what it imports is relative to that */
    if (!file->real_path.ptr)
        return sp_err_memory(err);
    file->device = UINT64_MAX; /* no file has that, so it is the same as no other */
    file->inode = (uint64_t)descriptor;
    return SP_OK;
}

sp_status sp_loader_refuse(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    sp_str shown = sp_loader_shown(loader, wanted->path);
    if (file->state == SP_FILE_LARGE)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_FILE_MAX_BYTES),
                         "has %s bytes; at most %s are read as a part of a prompt", SP_NUMBER(file->size_bytes),
                         SP_NUMBER(max_bytes_of(loader, wanted->kind)));
    if (file->state == SP_FILE_OUTSIDE)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_CHAIN_OUTSIDE_ROOT),
                         "leads outside of --root");
    if (file->state == SP_FILE_EXTERNAL) {
        sp_str why = sp_origin_why(loader, wanted->path, file->real_path);
        return why.ptr ? sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_LINK_EXTERNAL),
                                   "is not read: %.*s", SP_STR_ARG(why))
                       : sp_err_memory(err);
    }
    return sp_err_unread(err, shown, file);
}

static sp_status read_given(sp_loader *loader, const sp_wanted *wanted, sp_file *file, sp_err *err)
{
    int descriptor = sp_descriptor_of(wanted->path);
    if (descriptor >= 0)
        return read_stream(loader, descriptor, wanted->path, max_bytes_of(loader, wanted->kind), file, err);
    return sp_loader_read(loader, wanted, file, err);
}

static bool is_there(const sp_file *file)
{
    return file->state == SP_FILE_READ || file->state == SP_FILE_KNOWN;
}

sp_status sp_loader_read_named(sp_loader *loader, const sp_wanted *wanted, sp_file *file, sp_err *err)
{
    SP_TRY(read_given(loader, wanted, file, err));
    return is_there(file) ? SP_OK : sp_loader_refuse(loader, wanted, file, err);
}

sp_status sp_loader_read_part(sp_loader *loader, const sp_wanted *wanted, sp_file *file, sp_err *err)
{
    SP_TRY(read_given(loader, wanted, file, err));
    if (file->state == SP_FILE_EXTERNAL)
        return sp_loader_leave_out_link(loader, wanted, file, err);
    return is_there(file) ? SP_OK : sp_loader_refuse(loader, wanted, file, err);
}

uint32_t sp_loader_find(const sp_loader *loader, const sp_file *file)
{
    uint32_t index = loader->identity_slots ? *slot_of(loader, file->device, file->inode) : 0;
    return index && loader->sources[index - 1].is_loaded ? index - 1 : SP_NONE;
}

sp_status sp_loader_ask(sp_loader *loader, uint32_t importer, const sp_file *file, bool *ret_again, sp_err *err)
{
    asked_key key = { file->device, file->inode, importer };
    *ret_again = was_asked(loader, &key);
    return note_asked(loader, &key, err);
}

/* Half of the slots stay free. Of several sources with one identity the loaded one is found, else the last one. The
 * agent, its memory and its skills are not remembered: they are sent in parts, so that an instruction file that is the
 * same still loads. */
static bool remember_identity(sp_loader *loader, uint32_t index)
{
    const sp_parsed *parsed = &loader->parsed[index];
    if (!sp_is_of_chain(loader->sources[index].kind))
        return true;
    if ((size_t)index * 2 >= loader->identity_slots) {
        loader->identity_slots = loader->identity_slots ? loader->identity_slots * 4 : 64;
        loader->by_identity = SP_ARENA_ARRAY(loader->arena, uint32_t, loader->identity_slots);
        if (!loader->by_identity)
            return false;
        for (uint32_t i = 0; i < index; i++)
            if (!remember_identity(loader, i))
                return false;
    }
    uint32_t *slot = slot_of(loader, parsed->device, parsed->inode);
    if (*slot == 0 || !loader->sources[*slot - 1].is_loaded)
        *slot = index + 1;
    return true;
}

static sp_status push(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, bool is_loaded,
                      uint32_t *ret_index, sp_err *err)
{
    if (!sp_list_grow(loader->arena, (void **)&loader->sources, loader->count, &loader->source_capacity,
                      sizeof *loader->sources) ||
        !sp_list_grow(loader->arena, (void **)&loader->parsed, loader->count, &loader->parsed_capacity,
                      sizeof *loader->parsed))
        return sp_err_memory(err);
    sp_source source = {
        .kind = wanted->kind,
        .scope = wanted->scope,
        .path = sp_loader_shown(loader, wanted->path),
        .real_path = file->real_path,
        .reason = sp_str_of(wanted->reason),
        .bytes = file->bytes,
        .was_read = file->state == SP_FILE_READ,
        .size_bytes = file->size_bytes,
        .importer = wanted->importer,
        .importer_line = wanted->importer_line,
        .depth = wanted->depth,
        .trigger = wanted->trigger,
    };
    SP_TRY(sp_loader_name(loader, wanted->path, &source.name, err));
    source.is_loaded = is_loaded;
    loader->sources[loader->count] = source;
    loader->parsed[loader->count] = (sp_parsed){
        .limit_rule = wanted->limit,
        .import_ref = wanted->import_ref,
        .device = file->device,
        .inode = file->inode,
        .is_external = file->state == SP_FILE_EXTERNAL,
        .base = wanted->base,
        .rules_folder = wanted->folder,
    };
    if (!remember_identity(loader, loader->count))
        return sp_err_memory(err);
    *ret_index = loader->count++;
    if (!sp_is_of_chain(wanted->kind))
        return SP_OK;
    return note_asked(loader, &(asked_key){ file->device, file->inode, wanted->importer }, err);
}

sp_status sp_loader_skip(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_rule_key rule, sp_str why,
                         sp_err *err)
{
    uint32_t index = SP_NONE;
    if (!why.ptr)
        return sp_err_memory(err);
    SP_TRY(push(loader, wanted, file, false, &index, err));
    loader->parsed[index].skip_rule = rule;
    loader->parsed[index].skip_why = why;
    return SP_OK;
}

sp_status sp_loader_skip_link(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    return sp_loader_skip(loader, wanted, file, SP_RULE_LINK_EXTERNAL,
                          sp_origin_why(loader, wanted->path, file->real_path), err);
}

sp_status sp_loader_leave_out_link(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    if (sp_loader_has_listed(loader, wanted, file))
        return SP_OK;
    SP_TRY(sp_loader_skip_link(loader, wanted, file, err));
    return sp_diag_add(loader->diags, err, SP_FINDING, sp_loader_shown(loader, wanted->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, sp_rule_id(SP_RULE_LINK_EXTERNAL), "not loaded: %.*s",
                       SP_STR_ARG(loader->parsed[loader->count - 1].skip_why));
}

sp_status sp_loader_skip_twin(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_rule_key rule,
                              sp_str why, sp_err *err)
{
    sp_file unread = *file;
    unread.state = SP_FILE_KNOWN;
    unread.bytes = (sp_str){ NULL, 0 };
    SP_TRY(sp_loader_skip(loader, wanted, &unread, rule, why, err));
    loader->parsed[loader->count - 1].is_twin = true;
    return SP_OK;
}

static const char *encoding_hint(sp_str text)
{
    if (sp_str_starts(text, SP_STR("\xFF\xFE")) || sp_str_starts(text, SP_STR("\xFE\xFF")))
        return "the file looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8";
    return "convert the file to UTF-8, or use --invalid-utf8=replace";
}

static sp_status refuse_bytes(const sp_source *source, sp_span bad, sp_err *err)
{
    unsigned byte = (unsigned char)source->bytes.ptr[bad.begin];
    bool is_nul = byte == 0;
    return sp_err_at(err, SP_ERR_INPUT, source->path, source->bytes, bad.begin,
                     sp_rule_id(is_nul ? SP_RULE_TEXT_NUL : SP_RULE_TEXT_UTF8), "%s at byte offset %zu%s; %s",
                     is_nul ? "a NUL byte" : "not UTF-8", bad.begin, is_nul ? "" : " (a stray or cut-off byte)",
                     encoding_hint(source->bytes));
}

/* NULs and maximal subparts that are not UTF-8, in order. Linear: of the two searches only the one whose hit was used
 * up goes on. */
static sp_status check_bytes(sp_loader *loader, const sp_source *source, sp_parsed *parsed, sp_err *err)
{
    sp_list(sp_span) found = { 0 };
    sp_str text = source->bytes;
    size_t invalid = sp_utf8_find_invalid(text, 0);
    size_t nul = sp_str_find(text, SP_STR("\0"), 0);
    while (invalid != SIZE_MAX || nul != SIZE_MAX) {
        sp_span bad = { nul, nul + 1 };
        if (invalid < nul) {
            uint32_t code;
            size_t length = 1;
            sp_utf8_decode(text, invalid, &code, &length);
            bad = (sp_span){ invalid, invalid + length };
        }
        if (!loader->request->replace_invalid_utf8)
            return refuse_bytes(source, bad, err);
        sp_span *span = SP_LIST_PUSH(loader->arena, &found);
        if (!span)
            return sp_err_memory(err);
        *span = bad;
        if (bad.begin == nul)
            nul = sp_str_find(text, SP_STR("\0"), bad.end);
        else
            invalid = sp_utf8_find_invalid(text, bad.end);
    }
    parsed->invalid = found.items;
    parsed->invalid_count = found.count;
    if (found.count == 0)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, text, found.items[0].begin,
                       sp_rule_id(SP_RULE_TEXT_UTF8),
                       "%zu sequence%s that %s not UTF-8, or NUL, replaced by U+FFFD; the first one is here",
                       found.count, found.count == 1 ? "" : "s", found.count == 1 ? "is" : "are");
}

static size_t after_bom(sp_str text)
{
    return sp_str_starts(text, SP_STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static sp_status warn_of_open_comment(sp_loader *loader, const sp_source *source, const sp_parsed *parsed, sp_err *err)
{
    if (!parsed->strips_comments || parsed->markdown.unclosed_comment == SIZE_MAX)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, parsed->markdown.unclosed_comment,
                       sp_rule_id(SP_RULE_CHAIN_OPEN_COMMENT),
                       "nothing closes this comment, so it stays in the prompt; add --> where it should end");
}

/* Blocks for what stands before the text (front matter), then those of the text. */
static sp_status scan(sp_loader *loader, sp_source *source, sp_parsed *parsed, sp_err *err)
{
    SP_TRY(sp_markdown_scan(loader->arena, source->bytes, source->content_begin, &parsed->markdown, err));
    uint32_t extra = source->content_begin > 0;
    sp_block *blocks = SP_ARENA_ARRAY(loader->arena, sp_block, (size_t)parsed->markdown.block_count + extra);
    if (!blocks)
        return sp_err_memory(err);
    if (extra)
        blocks[0] = (sp_block){
            .kind = SP_BLOCK_FRONT_MATTER,
            .first_line = 1,
            .last_line = sp_place_of(source->bytes, source->content_begin - 1).line,
            .heading = SP_NONE,
            .end = source->content_begin,
        };
    for (uint32_t i = 0; i < parsed->markdown.block_count; i++) {
        blocks[i + extra] = parsed->markdown.blocks[i];
        if (blocks[i + extra].heading != SP_NONE)
            blocks[i + extra].heading += extra;
    }
    source->blocks = blocks;
    source->block_count = parsed->markdown.block_count + extra;
    return SP_OK;
}

static bool strips_comments(const sp_loader *loader, sp_source_kind kind)
{
    if (kind != SP_SOURCE_MEMORY && !sp_is_of_chain(kind))
        return false;
    return sp_rule_holds(loader->profile, kind == SP_SOURCE_MEMORY ? SP_RULE_MEMORY_COMMENT : SP_RULE_CHAIN_COMMENT);
}

sp_status sp_loader_add(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t *ret_index,
                        sp_err *err)
{
    uint32_t index = SP_NONE;
    SP_TRY(push(loader, wanted, file, true, &index, err));
    sp_source *source = &loader->sources[index];
    sp_parsed *parsed = &loader->parsed[index];
    source->content_begin = after_bom(source->bytes);
    parsed->strips_comments = strips_comments(loader, source->kind);
    parsed->front_rule = SP_RULE_TEXT_BOM;
    SP_TRY(sp_source_read_front(loader, source, parsed, err));
    if (source->is_loaded)
        SP_TRY(check_bytes(loader, source, parsed, err));
    SP_TRY(scan(loader, source, parsed, err));
    SP_TRY(warn_of_open_comment(loader, source, parsed, err));
    *ret_index = index;
    return loader->next ? loader->next(loader, index, err) : SP_OK;
}

sp_status sp_loader_load_after_all(sp_loader *loader, uint32_t index, sp_err *err)
{
    loader->sources[index].is_loaded = true;
    if (!remember_identity(loader, index))
        return sp_err_memory(err);
    SP_TRY(check_bytes(loader, &loader->sources[index], &loader->parsed[index], err));
    return loader->next ? loader->next(loader, index, err) : SP_OK;
}
