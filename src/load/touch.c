/*
 * touch.c - what loads once the agent reads or writes a file: rules whose patterns match it, and the instruction files
 * of the folders between the launch directory and the file.
 *
 * The session has begun by then, so nothing of what loaded at the start changes or moves: what comes now stands behind
 * it (rule instructions.touched). The files are taken one after the other, as the agent would touch them.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "load/ignored.h"
#include "load/steps.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"

/* ---- the file ------------------------------------------------------------------------------------------------ */

typedef struct touched {
    sp_str path; /* absolute, the folder's links resolved */
    sp_str shown;
} touched;

static sp_status look_at(sp_arena *arena, const sp_place *here, sp_str path, sp_file *ret, sp_err *err)
{
    *ret = (sp_file){ .state = SP_FILE_ABSENT };
    if (!path.ptr)
        return sp_err_memory(err);
    return sp_reader_read(here->reader, arena, path, (sp_read_limits){ .root = here->allowed }, ret, err);
}

/* The path with the links of its folders resolved, as far as they are there. */
static sp_status resolve(sp_arena *arena, const sp_place *here, sp_str path, sp_str *ret, sp_err *err)
{
    for (sp_str folder = sp_path_folder(path);; folder = sp_path_folder(folder)) {
        sp_file file;
        SP_TRY(look_at(arena, here, folder, &file, err));
        if (file.state == SP_FILE_FOLDER || sp_str_eq(folder, SP_STR("/"))) {
            sp_str real = file.state == SP_FILE_FOLDER ? file.real_path : folder;
            size_t begin = folder.len + (folder.ptr[folder.len - 1] != '/');
            *ret = sp_path_join(arena, real, sp_str_slice(path, begin, path.len));
            return ret->ptr ? SP_OK : sp_err_memory(err);
        }
    }
}

static sp_status note(const sp_loader *loader, const touched *t, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(loader->diags, err, SP_NOTE, t->shown, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_CHAIN_TOUCHED,
                       "%.*s", SP_STR_ARG(message));
}

/* A file that the agent is going to make is fine, and a path that was meant from the launch directory is not. */
static sp_status note_missing(const sp_loader *loader, const touched *t, sp_str given, sp_err *err)
{
    sp_file file;
    sp_file folder;
    sp_file meant_folder;
    sp_str hint = SP_STR("");
    sp_str meant = sp_path_join(loader->arena, loader->here->launch, given);
    SP_TRY(look_at(loader->arena, loader->here, meant, &file, err));
    SP_TRY(look_at(loader->arena, loader->here, sp_path_folder(t->path), &folder, err));
    SP_TRY(look_at(loader->arena, loader->here, sp_path_folder(meant), &meant_folder, err));
    bool is_folder_there = folder.state != SP_FILE_FOLDER && meant_folder.state == SP_FILE_FOLDER;
    if (file.state == SP_FILE_READ || file.state == SP_FILE_LARGE || is_folder_there)
        hint = sp_str_format(loader->arena, "; did you mean %.*s?", SP_STR_ARG(sp_place_shown(loader->here, meant)));
    if (!hint.ptr)
        return sp_err_memory(err);
    return note(
        loader, t,
        sp_str_format(loader->arena, "there is no such file; this is what loads when it is made%.*s", SP_STR_ARG(hint)),
        err);
}

static sp_status find_touched(const sp_loader *loader, const char *name, touched *ret, sp_err *err)
{
    sp_file file;
    sp_str given = sp_str_of(name);
    sp_str path = sp_path_append(loader->arena, loader->here->current, given);
    SP_TRY(look_at(loader->arena, loader->here, path, &file, err));
    if (file.state == SP_FILE_FOLDER || file.state == SP_FILE_SPECIAL)
        return sp_err_unread(err, given, &file);
    SP_TRY(resolve(loader->arena, loader->here, path, &ret->path, err));
    if (file.state == SP_FILE_OUTSIDE || !sp_places_hold(loader->here->allowed, ret->path))
        return sp_err_at(err, SP_ERR_INPUT, given, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_CHAIN_OUTSIDE_ROOT),
                         "leads outside of --root");
    ret->shown = sp_place_shown(loader->here, ret->path);
    if (file.state == SP_FILE_ABSENT || file.state == SP_FILE_DANGLING)
        return note_missing(loader, ret, given, err);
    return SP_OK;
}

/* What the touched files bring in. */
typedef struct touching {
    sp_loader *loader;
    sp_bystanders *beside;
    sp_docs *docs;
    sp_on_demand *found;
    sp_ignored ignored;
} touching;

/* ---- what it loads ------------------------------------------------------------------------------------------- */

static sp_status add_on_demand(touching *c, uint32_t index, sp_err *err)
{
    sp_loader *loader = c->loader;
    uint32_t *slot = SP_LIST_PUSH(loader->arena, c->found);
    if (!slot)
        return sp_err_memory(err);
    *slot = index;
    loader->sources.items[index].parsed->is_on_demand = true;
    return SP_OK;
}

/* A rule that waits for a file such as this one loads, unless an import has brought it in. */
static sp_status load_if_it_matches(touching *c, uint32_t index, const touched *t, sp_err *err)
{
    sp_loader *loader = c->loader;
    sp_source *source = &loader->sources.items[index];
    sp_parsed *parsed = loader->sources.items[index].parsed;
    sp_file file = { .device = parsed->device, .inode = parsed->inode };
    if (source->is_loaded || parsed->patterns.count == 0)
        return SP_OK;
    sp_str pattern = sp_patterns_match(&parsed->patterns, parsed->base, t->path);
    if (!pattern.ptr)
        return SP_OK;
    uint32_t twin = sp_sources_find(&loader->sources, &file);
    if (twin != SP_NONE) {
        parsed->skip_rule = SP_RULE_CHAIN_ONCE;
        parsed->skip_why =
            sp_str_format(loader->arena, "it is loaded already, as %.*s", SP_STR_ARG(loader->sources.items[twin].path));
        return parsed->skip_why.ptr ? SP_OK : sp_err_memory(err);
    }
    source->reason = SP_STR("path_glob_match");
    source->trigger = t->shown;
    source->pattern = pattern;
    SP_TRY(sp_loader_load_after_all(loader, index, err));
    return add_on_demand(c, index, err);
}

/* The folders from below the launch directory down to the file's, but for those that were looked at before. */
static sp_status find_nested(touching *c, const touched *t, sp_paths *ret, sp_err *err)
{
    sp_loader *loader = c->loader;
    sp_str folder = sp_path_folder(t->path);
    size_t begin = loader->here->launch.len + !sp_str_eq(loader->here->launch, SP_STR("/"));
    *ret = (sp_paths){ 0 };
    if (!sp_path_is_within(folder, loader->here->launch))
        return SP_OK;
    for (size_t end = begin; end < folder.len; end++) {
        size_t slash = sp_str_find(folder, SP_STR("/"), end);
        end = slash == SIZE_MAX ? folder.len : slash;
        sp_str nested = sp_str_slice(folder, 0, end);
        if (!sp_docs_has_nested(c->docs, nested)) {
            SP_TRY(sp_paths_add(loader->arena, ret, nested, err));
            SP_TRY(sp_paths_add(loader->arena, &c->docs->nested, nested, err));
        }
    }
    return SP_OK;
}

bool sp_docs_has_nested(const sp_docs *docs, sp_str folder)
{
    for (size_t i = 0; i < docs->nested.count; i++)
        if (sp_str_eq(docs->nested.items[i], folder))
            return true;
    return false;
}

/* Looks for some places of the directories, and puts what loads in the order of the prompt: a directory's rules without
 * paths come before those that match. */
static sp_status look_for(touching *c, const sp_paths *folders, sp_look_part part, const touched *t, sp_err *err)
{
    sp_loader *loader = c->loader;
    const sp_client_setup *setup = loader->setup;
    sp_look look = { .reason = "nested_traversal", .trigger = t->shown, .is_nested = true, .part = part };
    uint32_t first = loader->sources.count;
    for (size_t begin = 0, end = 0; sp_setup_next_run(setup, &begin, &end);)
        if (sp_anchor_reaches_below(setup->places[begin].anchor))
            SP_TRY(sp_loader_look(loader, c->beside, setup->places + begin, end - begin, folders, &look, err));
    uint32_t end = loader->sources.count;
    for (uint32_t i = first; i < end; i++) {
        const sp_source *source = &loader->sources.items[i];
        if (source->importer == SP_NONE && source->is_loaded)
            SP_TRY(add_on_demand(c, i, err));
        else if (source->importer == SP_NONE && part == SP_LOOK_ALL)
            SP_TRY(load_if_it_matches(c, i, t, err));
    }
    for (uint32_t i = first; part != SP_LOOK_ALL && i < end; i++) {
        const sp_source *source = &loader->sources.items[i];
        if (source->importer == SP_NONE && !source->is_loaded)
            SP_TRY(load_if_it_matches(c, i, t, err));
    }
    return SP_OK;
}

/* All of a directory before the next one above it. */
static sp_status load_upwards(touching *c, const sp_paths *folders, const touched *t, sp_err *err)
{
    for (size_t i = folders->count; i > 0; i--) {
        const sp_paths one = { .items = &folders->items[i - 1], .count = 1 };
        SP_TRY(look_for(c, &one, SP_LOOK_ALL, t, err));
    }
    return SP_OK;
}

static bool are_fallbacks_first(const touching *c)
{
    return sp_rule_holds(c->loader->here->profile, SP_RULE_CHAIN_AGENTS_MD_FIRST);
}

static bool are_fallbacks_last(const touching *c)
{
    return sp_rule_holds(c->loader->here->profile, SP_RULE_CHAIN_AGENTS_MD_LAST);
}

static sp_status load_nested(touching *c, const sp_paths *folders, const touched *t, sp_err *err)
{
    static const sp_look_part parts[] = { SP_LOOK_FILES, SP_LOOK_RULES, SP_LOOK_FALLBACKS };
    const sp_profile *profile = c->loader->here->profile;
    if (!profile->client->reads_nested)
        return SP_OK;
    if (profile->client->is_nearest_first && !profile->client->nested_from_outside)
        return load_upwards(c, folders, t, err);
    if (!sp_rule_holds(profile, SP_RULE_CHAIN_TOUCHED_ORDER))
        return look_for(c, folders, SP_LOOK_ALL, t, err);
    bool has_fallbacks = !are_fallbacks_first(c) && !are_fallbacks_last(c);
    for (size_t i = 0; i < folders->count; i++) {
        const sp_paths one = { .items = &folders->items[i], .count = 1 };
        for (size_t part = 0; part < SP_COUNT_OF(parts) - !has_fallbacks; part++)
            SP_TRY(look_for(c, &one, parts[part], t, err));
    }
    return SP_OK;
}

/* Imports of what loads now, for clients that do not follow them at once: the shallowest first as always. */
static sp_status load_imports(touching *c, size_t first_root, uint32_t first_new, sp_err *err)
{
    sp_loader *loader = c->loader;
    for (size_t i = first_root; i < c->found->count; i++)
        if (c->found->items[i] < first_new)
            SP_TRY(sp_load_imports_of(loader, c->found->items[i], err));
    return sp_load_imports(loader, first_new, err);
}

static bool has_patterns(const sp_client *client)
{
    for (size_t i = 0; i < client->mode_count; i++)
        if (client->modes[i].patterns)
            return true;
    return false;
}

static sp_status note_nothing(const sp_loader *loader, const touched *t, sp_err *err)
{
    const sp_client *client = loader->here->profile->client;
    bool has_rules = has_patterns(client);
    if (!has_rules && !client->reads_nested)
        return note(loader, t, SP_STR("nothing more loads for it: the client reads all of its files at the start"),
                    err);
    return note(loader, t,
                sp_str_format(loader->arena, "nothing more loads for it: %s%s%s",
                              has_rules ? "no rule that waits has a pattern that matches it" : "",
                              has_rules && client->reads_nested ? ", and " : "",
                              !client->reads_nested ? ""
                              : sp_path_is_within(t->path, loader->here->launch)
                                  ? "no more instructions lie in its folders"
                                  : "it lies outside of the launch directory"),
                err);
}

static bool is_in_reach(const sp_place *here, sp_str path)
{
    bool is_within = sp_path_is_within(path, here->launch) || !sp_rule_holds(here->profile, SP_RULE_RULE_OUTSIDE);
    for (size_t i = 0; !is_within && i < here->added.count; i++)
        is_within = sp_path_is_within(path, here->added.items[i]);
    return is_within;
}

/* Rules found at the start that wait for such a file: those of the user, and those of all others. */
static sp_status load_waiting(touching *c, uint32_t count, bool users, bool others, const touched *t, sp_err *err)
{
    for (uint32_t i = 0; i < count && is_in_reach(c->loader->here, t->path); i++) {
        bool is_users = c->loader->sources.items[i].scope == SP_SCOPE_USER;
        if (is_users ? users : others)
            SP_TRY(load_if_it_matches(c, i, t, err));
    }
    return SP_OK;
}

static sp_status touch(touching *c, const touched *t, sp_err *err)
{
    bool is_ignored;
    SP_TRY(sp_ignored_ask(&c->ignored, t->path, &is_ignored, err));
    if (is_ignored)
        return note(c->loader, t, SP_STR("nothing more loads for it: the client does not read files that are ignored"),
                    err);
    sp_loader *loader = c->loader;
    size_t first_root = c->found->count;
    uint32_t first_new = loader->sources.count;
    bool is_project_last = sp_rule_holds(loader->here->profile, SP_RULE_CHAIN_TOUCHED_ORDER);
    sp_paths folders = { .count = 0 };
    if (loader->here->profile->client->reads_nested)
        SP_TRY(find_nested(c, t, &folders, err));
    if (are_fallbacks_first(c))
        SP_TRY(look_for(c, &folders, SP_LOOK_FALLBACKS, t, err));
    SP_TRY(load_waiting(c, first_new, true, !is_project_last, t, err));
    SP_TRY(load_nested(c, &folders, t, err));
    SP_TRY(load_waiting(c, first_new, false, is_project_last, t, err));
    if (are_fallbacks_last(c))
        SP_TRY(look_for(c, &folders, SP_LOOK_FALLBACKS, t, err));
    if (c->found->count == first_root)
        return note_nothing(loader, t, err);
    return load_imports(c, first_root, first_new, err);
}

sp_status sp_load_touched(sp_loader *loader, sp_bystanders *beside, sp_docs *docs, sp_on_demand *ret, sp_err *err)
{
    touching c = { .loader = loader, .beside = beside, .docs = docs, .found = ret, .ignored = { .loader = loader } };
    const sp_request *request = loader->here->request;
    if (request->touched_file_count && request->instruction_files)
        return sp_err_set(err, SP_ERR_USAGE,
                          "with --instructions no other instruction file loads, also not for a "
                          "touched file; leave out --touch, or --instructions");
    for (size_t i = 0; i < request->touched_file_count; i++) {
        touched t = { 0 };
        SP_TRY(find_touched(loader, request->touched_files[i], &t, err));
        SP_TRY(touch(&c, &t, err));
    }
    return SP_OK;
}
