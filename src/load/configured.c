/*
 * configured.c - instruction files that the client's own configuration names, by path, by pattern or by address.
 *
 * A pattern is taken apart into a folder, which is as far as it has no wildcard, and the rest, which the files below
 * that folder are compared with.
 */
#include "base/diagnostic.h"
#include "base/glob.h"
#include "base/types.h"
#include "load/steps.h"
#include "model/source.h"

enum {
    MAX_ENTRIES = 20000,      /* that are looked at for one pattern: "**" at the root of a large project is a mistake */
    MAX_ALL_ENTRIES = 200000, /* and for all of them */
    MAX_DEPTH = 64,
    MAX_EXPANDED = 1000, /* patterns that the braces of all patterns stand for, */
    MAX_EXPANDED_BYTES = 1 << 20,
};

/* What may still be spent on all patterns together. */
typedef struct allowance {
    size_t entries;
    sp_glob_budget budget;
} allowance;

/* A directory to be searched, at that depth below the pattern's base. */
typedef struct search_step {
    sp_str folder;
    size_t depth;
} search_step;

typedef struct search {
    sp_loader *loader;
    const sp_configured *asked;
    allowance *left;
    sp_str base; /* absolute */
    sp_glob glob;
    size_t depth;               /* how many folders below base may hold a match */
    sp_list(search_step) steps; /* done and to be done */
    size_t entries;
    size_t found;
    bool is_cut; /* there are more entries than may be looked at */
} search;

static sp_status warn(const search *s, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(s->loader->diags, err, SP_WARNING, sp_place_shown(s->loader->here, s->asked->config),
                       s->asked->text, s->asked->offset, SP_RULE_CHAIN_CONFIGURED, "%.*s", SP_STR_ARG(message));
}

static sp_wanted wanted_of(const search *s, sp_str path)
{
    return (sp_wanted){
        .path = path,
        .kind = SP_SOURCE_INSTRUCTIONS,
        .scope = s->asked->scope,
        .reason = "configured",
        .importer = SP_NONE,
    };
}

static sp_status add_path(search *s, sp_str path, sp_err *err)
{
    sp_wanted wanted = wanted_of(s, path);
    bool exists = false;
    SP_TRY(sp_place_exists(s->loader->arena, s->loader->here, path, (sp_places){ 0 }, &exists, err));
    if (!exists)
        return SP_OK;
    s->found++;
    for (uint32_t i = 0; i < s->loader->sources.count; i++) /* by a link, a client may send it again */
        if (s->loader->sources.items[i].is_loaded &&
            sp_str_eq(s->loader->sources.items[i].path, sp_place_shown(s->loader->here, path)))
            return SP_OK;
    return sp_chain_add_file(s->loader, &wanted, err);
}

static bool may_look(search *s)
{
    s->is_cut = s->is_cut || s->entries == MAX_ENTRIES || s->left->entries == 0;
    if (s->is_cut)
        return false;
    s->entries++;
    s->left->entries--;
    return true;
}

/* The nth entry that opencode comes to: with --order=directory from the last to the first, as was measured. */
static const sp_entry *entry_at(const search *s, const sp_listing *listing, size_t n)
{
    bool is_reversed = s->loader->here->request->is_directory_order;
    return &listing->entries[is_reversed ? listing->count - 1 - n : n];
}

/* Links to folders are not followed, as they may go round. */
static sp_status search_entries(search *s, const sp_listing *listing, const search_step *at, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    for (size_t i = 0; i < listing->count && may_look(s); i++) {
        const sp_entry *entry = entry_at(s, listing, i);
        sp_str path = sp_path_join(arena, at->folder, entry->name);
        if (!path.ptr)
            return sp_err_memory(err);
        if (entry->is_file && sp_glob_match(&s->glob, sp_path_below(path, s->base), true))
            SP_TRY(add_path(s, path, err));
        if (!entry->is_folder || entry->is_link || sp_str_eq(entry->name, SP_STR(".git")) || at->depth >= s->depth)
            continue;
        search_step *below = SP_LIST_PUSH(arena, &s->steps);
        if (!below)
            return sp_err_memory(err);
        *below = (search_step){ path, at->depth + 1 };
    }
    return SP_OK;
}

static sp_status search_folder(search *s, const search_step *at, sp_err *err)
{
    sp_loader *loader = s->loader;
    sp_listing listing;
    const sp_read_limits limits = { .root = loader->here->allowed,
                                    .is_unsorted = loader->here->request->is_directory_order };
    SP_TRY(sp_reader_list(loader->here->reader, loader->arena, at->folder, limits, &listing, err));
    if (listing.state == SP_FILE_EXTERNAL) {
        sp_wanted wanted = wanted_of(s, at->folder);
        s->found++;
        return sp_chain_add_file(loader, &wanted, err);
    }
    return listing.state == SP_FILE_FOLDER ? search_entries(s, &listing, at, err) : SP_OK;
}

/* The files of all directories of one depth come before those of deeper ones. */
static sp_status search_below(search *s, sp_str folder, sp_err *err)
{
    search_step *first = SP_LIST_PUSH(s->loader->arena, &s->steps);
    if (!first)
        return sp_err_memory(err);
    *first = (search_step){ folder, 0 };
    for (size_t i = s->steps.count - 1; i < s->steps.count && !s->is_cut; i++) {
        const search_step at = s->steps.items[i];
        SP_TRY(search_folder(s, &at, err));
    }
    s->steps.count = 0;
    return SP_OK;
}

/* Offset of the part of the path that holds the first wildcard, or the length when there is none. */
static size_t wildcard_part(sp_str pattern)
{
    size_t part = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        if (strchr("*?[{", pattern.ptr[i]))
            return part;
        part = pattern.ptr[i] == '/' ? i + 1 : part;
    }
    return pattern.len;
}

static size_t depth_of(sp_str pattern)
{
    size_t depth = 0;
    for (size_t i = 0; i < pattern.len; i++)
        depth += pattern.ptr[i] == '/';
    bool is_deep = sp_str_find(pattern, SP_STR("**"), 0) != SIZE_MAX || memchr(pattern.ptr, '{', pattern.len);
    return is_deep ? MAX_DEPTH : depth;
}

/* A pattern of the repository's own configuration leads out of it: the same as a link that leads there. */
static sp_status refuse_pattern(search *s, const sp_file *file, sp_err *err)
{
    sp_loader *loader = s->loader;
    sp_wanted wanted = wanted_of(s, s->base);
    const sp_file unread = { .state = SP_FILE_EXTERNAL,
                             .real_path = file->real_path,
                             .what = file->what,
                             .device = file->device,
                             .inode = file->inode };
    sp_str why =
        sp_str_format(loader->arena, "%.*s in %.*s leads out of %s, to %.*s; --external-links=allow follows it",
                      SP_STR_ARG(s->asked->pattern), SP_STR_ARG(sp_place_shown(loader->here, s->asked->config)),
                      sp_origin_of_launch(loader->here), SP_STR_ARG(sp_place_shown(loader->here, file->real_path)));
    s->found++;
    SP_TRY(sp_loader_skip(loader, &wanted, &unread, SP_RULE_LINK_EXTERNAL, why, err));
    return sp_diag_add(loader->diags, err, SP_FINDING, sp_place_shown(loader->here, s->asked->config), s->asked->text,
                       s->asked->offset, SP_RULE_LINK_EXTERNAL, "not loaded: %.*s", SP_STR_ARG(why));
}

/* Whether the pattern leads out, by its own text, to something that is there. */
static sp_status leads_out(const search *s, sp_file *ret_file, bool *ret, sp_err *err)
{
    const sp_loader *loader = s->loader;
    bool is_below_config =
        !loader->here->has_repository && sp_path_is_within(s->base, sp_path_folder(s->asked->config));
    *ret = s->asked->scope == SP_SCOPE_PROJECT && !sp_origin_holds(loader->here, s->base) && !is_below_config;
    if (!*ret)
        return SP_OK;
    SP_TRY(sp_reader_read(loader->here->reader, loader->arena, s->base,
                          (sp_read_limits){ .root = loader->here->allowed }, ret_file, err));
    *ret = ret_file->real_path.ptr && ret_file->state != SP_FILE_OUTSIDE;
    return SP_OK;
}

/* The pattern as seen from one folder; prefix is its part before the wildcards. */
static sp_status search_from(search *s, sp_str folder, sp_str prefix, bool has_wildcard, sp_err *err)
{
    sp_file file;
    bool is_out = false;
    s->base = sp_path_join(s->loader->arena, folder, prefix);
    if (!s->base.ptr)
        return sp_err_memory(err);
    SP_TRY(leads_out(s, &file, &is_out, err));
    if (is_out)
        return refuse_pattern(s, &file, err);
    return has_wildcard ? search_below(s, s->base, err) : add_path(s, s->base, err);
}

static sp_str past_slashes(sp_str path, size_t at)
{
    while (at < path.len && path.ptr[at] == '/')
        at++;
    return sp_str_slice(path, at, path.len);
}

/* Where the pattern is looked for, and the rest of it as seen from there. */
static sp_status find_folders(sp_arena *arena, const sp_place *here, sp_str *pattern, sp_paths *ret, sp_err *err)
{
    *ret = (sp_paths){ 0 };
    if (sp_str_starts(*pattern, SP_STR("~/"))) {
        *pattern = past_slashes(*pattern, 2);
        return here->home.ptr ? sp_paths_add(arena, ret, here->home, err) : SP_OK;
    }
    if (sp_str_starts(*pattern, SP_STR("/"))) {
        *pattern = past_slashes(*pattern, 1);
        return sp_paths_add(arena, ret, here->root, err);
    }
    return sp_place_folders(arena, here, SP_ANCHOR_FROM_TOP, ret, err);
}

static sp_status search_pattern(search *s, sp_err *err)
{
    sp_str pattern = s->asked->pattern;
    sp_paths folders;
    SP_TRY(find_folders(s->loader->arena, s->loader->here, &pattern, &folders, err));
    size_t at = wildcard_part(pattern);
    sp_str rest = sp_str_slice(pattern, at, pattern.len);
    SP_TRY(sp_glob_compile(s->loader->arena, rest, &s->left->budget, &s->glob, err));
    s->depth = depth_of(rest);
    for (size_t i = folders.count; i-- > 0;)
        SP_TRY(search_from(s, folders.items[i], sp_str_slice(pattern, 0, at), rest.len > 0, err));
    return SP_OK;
}

/* Nothing is fetched: the list of what is left out has it. */
static sp_status leave_out_address(search *s, sp_err *err)
{
    sp_wanted wanted = wanted_of(s, s->asked->pattern);
    sp_file file = { .state = SP_FILE_ABSENT, .real_path = s->asked->pattern };
    SP_TRY(warn(s, SP_STR("what stands at this address is not fetched here, so it is not in the prompt"), err));
    return sp_loader_skip(s->loader, &wanted, &file, SP_RULE_CHAIN_CONFIGURED,
                          SP_STR("an address is not fetched here; save it as a file, and name that"), err);
}

static sp_status warn_of_result(const search *s, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    if (s->is_cut && s->entries == MAX_ENTRIES)
        return warn(s,
                    sp_str_format(arena,
                                  "more than %d files and folders may match this, and the rest is not "
                                  "looked at; begin it with a folder",
                                  MAX_ENTRIES),
                    err);
    if (s->is_cut)
        return warn(s,
                    sp_str_format(arena,
                                  "%d files and folders were looked at for this and the patterns before it, and the "
                                  "rest is not; begin each with a folder",
                                  MAX_ALL_ENTRIES),
                    err);
    if (s->glob.state == SP_GLOB_INVALID)
        return warn(s, SP_STR("nothing closes a [ in this pattern, so it matches nothing"), err);
    if (s->glob.state != SP_GLOB_FINE)
        return warn(s,
                    SP_STR("the braces of all these patterns stand for too many, so these are taken as they are; use "
                           "a wildcard"),
                    err);
    return s->found ? SP_OK : warn(s, SP_STR("no file matches this"), err);
}

static sp_status add_configured(sp_loader *loader, const sp_configured *asked, allowance *left, sp_err *err)
{
    search s = { .loader = loader, .asked = asked, .left = left };
    sp_str pattern = asked->pattern;
    if (sp_str_starts(pattern, SP_STR("http://")) || sp_str_starts(pattern, SP_STR("https://")))
        return leave_out_address(&s, err);
    if (pattern.len == 0 || memchr(pattern.ptr, '\0', pattern.len))
        return warn(&s, SP_STR("this names no file; it does not count"), err);
    SP_TRY(search_pattern(&s, err));
    return warn_of_result(&s, err);
}

sp_status sp_load_configured(sp_loader *loader, sp_err *err)
{
    allowance left = { MAX_ALL_ENTRIES, { MAX_EXPANDED, MAX_EXPANDED_BYTES } };
    for (size_t i = 0; i < loader->setup->configured.count; i++)
        SP_TRY(add_configured(loader, &loader->setup->configured.items[i], &left, err));
    return SP_OK;
}
