/*
 * found_places.c - places of instruction files that lie in directories with names of their own: those of extensions,
 * and the user's file for one project. They join the places of home, so they must be in the order of their paths.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/plain/client_config.h"
#include "model/source.h"

typedef struct finder {
    sp_arena *arena;
    const sp_place *here;
    sp_diags *diags;
    sp_list(sp_location) places;
    sp_err *err;
} finder;

static sp_status add(finder *f, sp_scope scope, sp_str path)
{
    sp_location *slot = path.ptr ? SP_LIST_PUSH(f->arena, &f->places) : NULL;
    if (!slot)
        return sp_err_memory(f->err);
    *slot = (sp_location){
        .anchor = SP_ANCHOR_HOME, .path = path.ptr, .kind = SP_SOURCE_INSTRUCTIONS, .scope = scope, .pick = SP_PICK_ALL
    };
    return SP_OK;
}

static sp_status say_malformed(finder *f, sp_str path, sp_str text, size_t offset, sp_rule_key rule, const char *what,
                               const char *consequence)
{
    return sp_diag_add(f->diags, f->err, SP_WARNING, sp_place_shown(f->here, path), text, offset, rule,
                       "expected a JSON object: %s; %s; mend the file", what, consequence);
}

/* The JSON object of a file in home; NULL: there is none. One that is malformed is said, with what becomes of it. */
static sp_status read_json(finder *f, sp_str name, sp_scope scope, sp_rule_key rule, const char *consequence,
                           const sp_json_node **ret)
{
    sp_wanted wanted = { .kind = SP_SOURCE_AGENT, .scope = scope, .importer = SP_NONE };
    sp_json_node *root = NULL;
    sp_json_problem problem;
    sp_file file;
    *ret = NULL;
    wanted.path = name.ptr ? sp_path_join(f->arena, f->here->home, name) : name;
    if (!wanted.path.ptr)
        return sp_err_memory(f->err);
    SP_TRY(sp_place_read(f->arena, f->here, &wanted, &file, f->err));
    if (file.state == SP_FILE_READ)
        SP_TRY(sp_json_parse(f->arena, file.bytes, (unsigned)sp_own_limit(SP_RULE_SETTINGS_MAX_DEPTH), &root, &problem,
                             f->err));
    if (root && root->kind == SP_JSON_OBJECT)
        *ret = root;
    else if (file.state == SP_FILE_READ)
        return say_malformed(f, wanted.path, file.bytes, root ? root->offset : problem.offset, rule,
                             root ? "this is another value" : problem.what, consequence);
    return SP_OK;
}

/* ---- extensions ---------------------------------------------------------------------------------------------- */

/* A name that leads out of the extension does not count. */
static sp_status add_named(finder *f, const sp_extension_folder *at, sp_str extension, sp_str name)
{
    bool is_inside = name.len && name.ptr[0] != '/' && !sp_config_leads_up(name) && !memchr(name.ptr, '\0', name.len);
    return is_inside ? add(f, SP_SCOPE_PLUGIN,
                           sp_str_format(f->arena, "%s/%.*s/%.*s", at->path, SP_STR_ARG(extension), SP_STR_ARG(name)))
                     : SP_OK;
}

/* Whether the pattern of a switch is the directory, which ends in a slash, or one above it. */
static bool matches(sp_str pattern, sp_str directory)
{
    if (sp_str_ends(pattern, SP_STR("*")))
        return sp_str_starts(directory, sp_str_slice(pattern, 0, pattern.len - 1));
    return sp_str_eq(pattern, directory);
}

/* Whether the extension is switched on; directory is the launch directory with a slash at its end. */
static bool is_on(const sp_json_node *switches, sp_str extension, sp_str directory)
{
    bool is_on = true;
    const sp_json_node *own = switches ? switches->first : NULL;
    while (own && !sp_str_eq(own->key, extension))
        own = own->next;
    const sp_json_node *list = own && own->kind == SP_JSON_OBJECT ? sp_json_member(own, "overrides") : NULL;
    for (const sp_json_node *item = list && list->kind == SP_JSON_ARRAY ? list->first : NULL; item; item = item->next) {
        bool is_off = item->kind == SP_JSON_TEXT && sp_str_starts(item->text, SP_STR("!"));
        if (item->kind == SP_JSON_TEXT && matches(sp_str_slice(item->text, is_off, item->text.len), directory))
            is_on = !is_off;
    }
    return is_on;
}

/* The switches, and what they compare; NULL: there are none. */
static sp_status read_switches(finder *f, const sp_extension_folder *at, const sp_json_node **ret,
                               sp_str *ret_directory)
{
    sp_str launch = sp_place_seen(f->arena, f->here, f->here->launch);
    *ret = NULL;
    if (!at->switches)
        return SP_OK;
    *ret_directory =
        launch.ptr ? sp_str_format(f->arena, sp_str_ends(launch, SP_STR("/")) ? "%.*s" : "%.*s/", SP_STR_ARG(launch))
                   : launch;
    return ret_directory->ptr ? read_json(f, sp_str_of(at->switches), SP_SCOPE_USER, SP_RULE_CHAIN_PLUGIN,
                                          "no extension is switched off", ret)
                              : sp_err_memory(f->err);
}

static sp_status add_extension(finder *f, const sp_extension_folder *at, sp_str extension)
{
    const sp_json_node *root;
    SP_TRY(read_json(f, sp_str_format(f->arena, "%s/%.*s/%s", at->path, SP_STR_ARG(extension), at->manifest),
                     SP_SCOPE_PLUGIN, SP_RULE_CHAIN_PLUGIN, "the client does not load the extension", &root));
    if (!root)
        return SP_OK;
    const sp_json_node *names = sp_json_member(root, at->names_key);
    if (!names || names->kind == SP_JSON_NULL)
        return add_named(f, at, extension, sp_str_of(at->usual));
    if (names->kind == SP_JSON_TEXT)
        return add_named(f, at, extension, names->text);
    for (const sp_json_node *item = names->kind == SP_JSON_ARRAY ? names->first : NULL; item; item = item->next)
        if (item->kind == SP_JSON_TEXT)
            SP_TRY(add_named(f, at, extension, item->text));
    return SP_OK;
}

static sp_status add_extensions(finder *f, const sp_extension_folder *at)
{
    const sp_json_node *switches;
    sp_listing listing;
    sp_str directory = { NULL, 0 };
    sp_str folder = sp_path_join(f->arena, f->here->home, sp_str_of(at->path));
    SP_TRY(read_switches(f, at, &switches, &directory));
    if (!folder.ptr)
        return sp_err_memory(f->err);
    SP_TRY(sp_reader_list(f->here->reader, f->arena, folder, (sp_read_limits){ .root = f->here->allowed }, &listing,
                          f->err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++)
        if (listing.entries[i].is_folder && is_on(switches, listing.entries[i].name, directory))
            SP_TRY(add_extension(f, at, listing.entries[i].name));
    return SP_OK;
}

/* ---- the user's file for the project ------------------------------------------------------------------------- */

/* The launch directory's name in lower case, with a dash for each run of other characters. */
static sp_status slug_of(finder *f, sp_str *ret)
{
    sp_str name = sp_path_base(f->here->launch);
    sp_buf out = { 0 };
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] - 'A' + 'a') : name.ptr[i];
        bool is_kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_kept)
            sp_buf_add_char(&out, c);
        else if (out.len && out.ptr[out.len - 1] != '-')
            sp_buf_add_char(&out, '-');
    }
    *ret = sp_buf_move(&out, f->arena);
    return ret->ptr ? SP_OK : sp_err_memory(f->err);
}

static sp_status add_project_file(finder *f, const sp_project_file *at)
{
    const sp_json_node *root;
    sp_str name;
    sp_str launch = sp_place_seen(f->arena, f->here, f->here->launch);
    if (!launch.ptr)
        return sp_err_memory(f->err);
    SP_TRY(slug_of(f, &name));
    SP_TRY(read_json(f, sp_str_of(at->names), SP_SCOPE_USER, SP_RULE_CHAIN_HOME, "the launch directory's name counts",
                     &root));
    const sp_json_node *all = root ? sp_json_member(root, at->names_key) : NULL;
    for (const sp_json_node *one = all && all->kind == SP_JSON_OBJECT ? all->first : NULL; one; one = one->next)
        if (one->kind == SP_JSON_TEXT && sp_str_eq(one->key, launch))
            name = one->text;
    if (!name.len || sp_config_leads_up(name) || memchr(name.ptr, '/', name.len) || memchr(name.ptr, '\0', name.len))
        return SP_OK;
    return add(f, SP_SCOPE_USER, sp_str_format(f->arena, "%s/%.*s/%s", at->above, SP_STR_ARG(name), at->below));
}

sp_status sp_config_find_places(sp_arena *arena, const sp_place *here, sp_client_setup *setup, sp_diags *diags,
                                sp_err *err)
{
    const sp_client *client = here->profile->client;
    finder f = { .arena = arena, .here = here, .diags = diags, .err = err };
    if (!here->home.ptr || (!client->extensions && !client->project_file))
        return SP_OK;
    if (client->extensions)
        SP_TRY(add_extensions(&f, client->extensions));
    if (client->project_file)
        SP_TRY(add_project_file(&f, client->project_file));
    for (size_t i = 0; i < setup->place_count; i++) {
        sp_location *slot = SP_LIST_PUSH(arena, &f.places);
        if (!slot)
            return sp_err_memory(err);
        *slot = setup->places[i];
    }
    setup->places = f.places.items;
    setup->place_count = f.places.count;
    return SP_OK;
}
