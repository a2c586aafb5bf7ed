/*
 * unread.c - more that does not load, for who asks why: files of other clients, notes beside a memory file, and what
 * below.c finds in the folders below the launch directory.
 */
#include "explain/unread.h"

#include "explain/passes.h"

#include "base/types.h"
#include "clients/claude_code/memory_scopes.h"
#include "clients/clients.h"
#include "model/source.h"

sp_status sp_unread_tell(const sp_unread *unread, sp_wanted wanted, sp_rule_key rule, sp_str why, sp_err *err)
{
    sp_loader *loader = unread->loader;
    sp_file file;
    if (!wanted.path.ptr || !why.ptr)
        return sp_err_memory(err);
    wanted.reason = "passed over";
    wanted.importer = SP_NONE;
    SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    bool is_there = file.state == SP_FILE_READ || file.state == SP_FILE_LARGE || file.state == SP_FILE_DENIED ||
                    file.state == SP_FILE_EXTERNAL;
    if (!is_there || sp_sources_find(&loader->sources, &file) != SP_NONE ||
        sp_loader_has_listed(loader, &wanted, &file))
        return SP_OK;
    return sp_loader_skip(loader, &wanted, &file, rule, why, err);
}

/* ---- other clients -------------------------------------------------------------------------------------------- */

static bool is_in_project(sp_anchor anchor)
{
    return sp_anchor_reaches_below(anchor) || anchor == SP_ANCHOR_REPOSITORY || anchor == SP_ANCHOR_LAUNCH ||
           anchor == SP_ANCHOR_LAUNCH_BELOW;
}

static bool is_own(const sp_client_setup *setup, sp_str path)
{
    for (size_t i = 0; i < setup->place_count; i++)
        if (sp_anchor_reaches_below(setup->places[i].anchor) && sp_str_eq(path, sp_str_of(setup->places[i].path)))
            return true;
    return false;
}

static void add_reader(sp_other_place *other, sp_str reader)
{
    if (!reader.ptr)
        return;
    for (size_t i = 0; i < other->reader_count && i < SP_COUNT_OF(other->readers); i++)
        if (sp_str_eq(other->readers[i], reader))
            return;
    if (other->reader_count < SP_COUNT_OF(other->readers))
        other->readers[other->reader_count] = reader;
    other->reader_count++;
}

static sp_status add_other(sp_unread *unread, const sp_other_place *wanted, sp_str reader, sp_err *err)
{
    for (size_t i = 0; i < unread->others.count; i++)
        if (sp_str_eq(unread->others.items[i].path, wanted->path)) {
            add_reader(&unread->others.items[i], reader);
            return SP_OK;
        }
    sp_other_place *slot = SP_LIST_PUSH(unread->loader->arena, &unread->others);
    if (!slot)
        return sp_err_memory(err);
    *slot = *wanted;
    if (!reader.ptr || !sp_str_eq(reader, sp_client_who(unread->loader->here->profile->client)))
        add_reader(slot, reader);
    return SP_OK;
}

static sp_status add_strays(sp_unread *unread, sp_err *err)
{
    for (size_t i = 0; i < sp_stray_count; i++) {
        const sp_stray *stray = &sp_strays[i];
        bool is_named = sp_rule_holds(unread->loader->here->profile, stray->rule);
        sp_other_place other = {
            .path = sp_str_of(stray->path),
            .kind = stray->kind,
            .rule = is_named ? stray->rule : SP_RULE_CHAIN_OTHER_CLIENT,
        };
        if ((stray->title || is_named) && !is_own(unread->loader->setup, other.path))
            SP_TRY(add_other(unread, &other, sp_str_of(stray->title), err));
    }
    return SP_OK;
}

/* The client's own names, where its configuration gives others. */
static sp_status add_usual(sp_unread *unread, sp_err *err)
{
    const sp_client *client = unread->loader->here->profile->client;
    for (size_t i = 0; i < client->place_count; i++) {
        const sp_location *place = &client->places[i];
        sp_other_place other = {
            .path = sp_str_of(place->path),
            .kind = place->kind,
            .rule = SP_RULE_CHAIN_CONFIGURED,
        };
        if (sp_anchor_reaches_below(place->anchor) && !is_own(unread->loader->setup, other.path))
            SP_TRY(add_other(unread, &other, (sp_str){ NULL, 0 }, err));
    }
    return SP_OK;
}

static sp_status add_places_of(sp_unread *unread, const sp_client *client, sp_err *err)
{
    sp_str own = sp_client_who(unread->loader->here->profile->client);
    sp_str who = sp_client_who(client);
    if (sp_str_eq(own, who))
        return SP_OK; /* another product of the same name */
    for (size_t i = 0; i < client->place_count; i++) {
        const sp_location *place = &client->places[i];
        sp_other_place other = {
            .path = sp_str_of(place->path),
            .kind = place->kind,
            .rule = SP_RULE_CHAIN_OTHER_CLIENT,
        };
        if (is_in_project(place->anchor) && !is_own(unread->loader->setup, other.path))
            SP_TRY(add_other(unread, &other, who, err));
    }
    return SP_OK;
}

/* A client whose rules are another's first of all is that other one. */
static bool is_same_client(const sp_client *a, const sp_client *b)
{
    return a == b || a->places == b->places;
}

static sp_status find_other_places(sp_unread *unread, sp_err *err)
{
    SP_TRY(add_usual(unread, err));
    SP_TRY(add_strays(unread, err));
    for (size_t i = 0; i < sp_client_count; i++)
        if (!is_same_client(sp_clients[i], unread->loader->here->profile->client))
            SP_TRY(add_places_of(unread, sp_clients[i], err));
    return SP_OK;
}

static sp_str why_other(const sp_unread *unread, const sp_other_place *other)
{
    const sp_loader *loader = unread->loader;
    sp_str own = sp_client_who(loader->here->profile->client);
    const char *advice = sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH)
                             ? "import it with @ if it should count"
                             : "copy what should count";
    const char *verb = sp_profile_is_measured(loader->here->profile) ? "does not read" : "is not documented to read";
    if (other->rule == SP_RULE_CHAIN_CONFIGURED)
        return SP_STR("the client's settings name other files");
    if (other->reader_count == 0)
        return sp_str_format(loader->arena, "%.*s %s it; %s", SP_STR_ARG(own), verb, advice);
    return sp_str_format(loader->arena, "a file of %.*s%s%.*s%s, which %.*s %s; %s", SP_STR_ARG(other->readers[0]),
                         other->reader_count > 2    ? ", "
                         : other->reader_count == 2 ? " and "
                                                    : "",
                         SP_STR_ARG(other->readers[1]), other->reader_count > 2 ? " and others" : "", SP_STR_ARG(own),
                         verb, advice);
}

/* The client's own place of that path which is looked for in one directory alone, or NULL: a file of that name
 * elsewhere is read by a session that starts there. */
static const sp_location *find_own_place(const sp_unread *unread, const sp_other_place *other)
{
    const sp_client_setup *setup = unread->loader->setup;
    for (size_t i = 0; i < setup->place_count; i++) {
        const sp_location *place = &setup->places[i];
        bool is_alone = place->anchor == SP_ANCHOR_LAUNCH || place->anchor == SP_ANCHOR_REPOSITORY;
        if (is_alone && place->kind == other->kind && sp_str_eq(sp_str_of(place->path), other->path))
            return place;
    }
    return NULL;
}

static sp_str why_elsewhere(const sp_unread *unread, const sp_location *own)
{
    sp_str who = sp_client_who(unread->loader->here->profile->client);
    bool is_launch = own->anchor == SP_ANCHOR_LAUNCH;
    return sp_str_format(unread->loader->arena, "%.*s reads %s of the %s alone%s", SP_STR_ARG(who), own->path,
                         is_launch ? "launch directory" : "repository's root",
                         is_launch ? "; start it in this directory, or copy what should count" : "");
}

/* Directories that a link leads to out of the repository: nobody knows what they hold. The agent's own memory was
 * looked for, so that has been told. */
static sp_status tell_external(const sp_unread *unread, const sp_walk *walk, sp_wanted wanted, sp_err *err)
{
    sp_loader *loader = unread->loader;
    sp_str own = unread->docs->memory_dir;
    wanted.reason = "passed over";
    wanted.importer = SP_NONE;
    for (size_t i = 0; i < walk->external.count; i++) {
        sp_file file;
        wanted.path = walk->external.items[i];
        if (own.ptr && (sp_path_is_within(own, wanted.path) || sp_path_is_within(wanted.path, own)))
            continue;
        SP_TRY(sp_loader_read(loader, &wanted, &file, err));
        if (file.state == SP_FILE_EXTERNAL && !sp_loader_has_listed(loader, &wanted, &file))
            SP_TRY(sp_loader_skip_link(loader, &wanted, &file, err));
    }
    return SP_OK;
}

/* The files of a folder, but for hidden ones. Where a file stands for the folder, that one. */
static sp_status tell_folder(const sp_unread *unread, sp_wanted wanted, sp_rule_key rule, sp_str why, sp_err *err)
{
    sp_walk walk;
    sp_str folder = wanted.path;
    const sp_walk_options options = { .ending = "", .within = { &folder, 1 }, .lenient = unread->loader->diags };
    SP_TRY(sp_place_walk_with(unread->loader->arena, unread->loader->here, folder, &options, &walk, err));
    if (walk.is_file)
        return sp_unread_tell(unread, wanted, rule, why, err);
    for (size_t i = 0; i < walk.files.count; i++) {
        wanted.path = walk.files.items[i];
        if (!sp_str_starts(sp_path_base(wanted.path), SP_STR(".")))
            SP_TRY(sp_unread_tell(unread, wanted, rule, why, err));
    }
    return tell_external(unread, &walk, wanted, err);
}

sp_status sp_unread_others_in(const sp_unread *unread, sp_str folder, const sp_listing *listing, sp_err *err)
{
    for (size_t i = 0; i < unread->others.count; i++) {
        const sp_other_place *other = &unread->others.items[i];
        sp_wanted wanted = { .kind = other->kind, .scope = SP_SCOPE_PROJECT };
        if (!sp_listing_may_have(listing, other->path))
            continue;
        wanted.path = sp_path_join(unread->loader->arena, folder, other->path);
        const sp_location *own = find_own_place(unread, other);
        sp_str why = own ? why_elsewhere(unread, own) : why_other(unread, other);
        bool is_nested = own && sp_rule_holds(unread->loader->here->profile, SP_RULE_CHAIN_NESTED);
        sp_rule_key rule = is_nested ? SP_RULE_CHAIN_NESTED : other->rule;
        if (!wanted.path.ptr || !why.ptr)
            return sp_err_memory(err);
        SP_TRY(other->kind == SP_SOURCE_RULE ? tell_folder(unread, wanted, rule, why, err)
                                             : sp_unread_tell(unread, wanted, rule, why, err));
    }
    return SP_OK;
}

/* From the repository's root down to the folder above the launch directory, which the walk begins with. */
static sp_status find_others_above(const sp_unread *unread, sp_err *err)
{
    sp_loader *loader = unread->loader;
    sp_paths folders;
    SP_TRY(sp_place_folders(loader->arena, loader->here, SP_ANCHOR_FROM_REPOSITORY, &folders, err));
    for (size_t i = 0; i + 1 < folders.count; i++) {
        sp_listing listing;
        SP_TRY(sp_reader_list(loader->here->reader, loader->arena, folders.items[i],
                              (sp_read_limits){ .root = loader->here->allowed }, &listing, err));
        if (listing.state == SP_FILE_FOLDER)
            SP_TRY(sp_unread_others_in(unread, folders.items[i], &listing, err));
    }
    return SP_OK;
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static sp_status tell_own_memory(const sp_unread *unread, sp_str folder, sp_err *err)
{
    sp_wanted wanted = { .kind = SP_SOURCE_MEMORY, .scope = SP_SCOPE_PROJECT };
    sp_str index = sp_path_join(unread->loader->arena, folder, SP_STR("MEMORY.md"));
    sp_walk walk;
    if (!index.ptr)
        return sp_err_memory(err);
    const sp_walk_options options = { .ending = "", .lenient = unread->loader->diags };
    SP_TRY(sp_place_walk_with(unread->loader->arena, unread->loader->here, folder, &options, &walk, err));
    for (size_t i = 0; i < walk.files.count; i++) {
        wanted.path = walk.files.items[i];
        bool is_index = sp_str_eq(wanted.path, index);
        if (sp_str_starts(sp_path_base(wanted.path), SP_STR(".")) ||
            (is_index && !unread->loader->here->request->memory_file))
            continue;
        SP_TRY(sp_unread_tell(unread, wanted, SP_RULE_MEMORY_TOPIC,
                              is_index ? SP_STR("--memory reads another file in its place")
                                       : SP_STR("only MEMORY.md loads at the start; this is read on demand"),
                              err));
    }
    return tell_external(unread, &walk, wanted, err);
}

/* The memory of project and local scope of all agents but this one. */
static sp_status tell_others_memory(const sp_unread *unread, const sp_memory_scope *scope, sp_err *err)
{
    sp_loader *loader = unread->loader;
    sp_wanted wanted = { .kind = SP_SOURCE_MEMORY, .scope = scope->scope };
    sp_str above = sp_path_join(loader->arena, loader->here->launch, sp_str_of(scope->folder));
    sp_walk walk;
    if (!above.ptr)
        return sp_err_memory(err);
    const sp_walk_options options = { .ending = "", .within = { &loader->here->launch, 1 }, .lenient = loader->diags };
    SP_TRY(sp_place_walk_with(loader->arena, loader->here, above, &options, &walk, err));
    for (size_t i = 0; i < walk.files.count; i++) {
        wanted.path = walk.files.items[i];
        sp_str below = sp_path_below(wanted.path, above);
        size_t slash = sp_str_find(below, SP_STR("/"), 0);
        bool is_own_file = unread->docs->memory_dir.ptr && sp_path_is_within(wanted.path, unread->docs->memory_dir);
        if (is_own_file || sp_str_starts(sp_path_base(wanted.path), SP_STR(".")))
            continue;
        SP_TRY(sp_unread_tell(unread, wanted, SP_RULE_MEMORY_OF_OTHERS,
                              slash == SIZE_MAX
                                  ? SP_STR("it lies in no agent's folder")
                                  : sp_str_format(loader->arena,
                                                  "it belongs to the agent %.*s, and to its prompt with memory: %.*s",
                                                  (int)slash, below.ptr, SP_STR_ARG(scope->name)),
                              err));
    }
    return tell_external(unread, &walk, wanted, err);
}

static sp_status tell_memory(const sp_unread *unread, sp_err *err)
{
    if (!sp_rule_holds(unread->loader->here->profile, SP_RULE_MEMORY_TOPIC))
        return SP_OK;
    if (unread->docs->memory_dir.ptr)
        SP_TRY(tell_own_memory(unread, unread->docs->memory_dir, err));
    for (size_t i = 0; i < SP_MEMORY_SCOPE_COUNT; i++)
        if (sp_memory_scopes[i].scope != SP_SCOPE_USER)
            SP_TRY(tell_others_memory(unread, &sp_memory_scopes[i], err));
    return SP_OK;
}

sp_status sp_unread_above(sp_unread *unread, sp_err *err)
{
    SP_TRY(tell_memory(unread, err));
    if (unread->loader->here->request->instruction_files)
        return SP_OK;
    SP_TRY(find_other_places(unread, err));
    return find_others_above(unread, err);
}
