/*
 * below.c - a walk through the directories below the launch directory, for instruction files that do not load.
 *
 * It goes level by level, so that where it has to end (rule instructions.searched-folders) it has seen what is near.
 * Hidden directories, node_modules, links and ignored directories are not searched: what lies there is seldom meant,
 * and there is much of it.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "explain/unread.h"
#include "git/ignore.h"
#include "model/profile.h"

/* Patterns of ignored files: those of one folder, and of the folders above it. */
typedef struct level {
    sp_ignore_list list;
    const struct level *above;
} level;

typedef struct pending {
    sp_str path;
    const level *levels;
} pending;

typedef struct walker {
    const sp_unread *unread;
    sp_loader *loader;
    sp_str top;       /* what patterns of ignored files are seen from */
    sp_arena scratch; /* for the names in one directory */
    sp_list(pending) folders;
    size_t next;
    size_t unlisted; /* folders that could not be listed, and the first of them */
    sp_str first_unlisted;
} walker;

/* ---- ignored folders ------------------------------------------------------------------------------------------- */

/* Adds the patterns of a text. base is the directory that they are seen from: empty, or ends in a slash. */
static sp_status add_patterns(walker *w, sp_str text, sp_str base, const level **levels, sp_err *err)
{
    if (text.len == 0)
        return SP_OK;
    level *added = SP_ARENA_NEW(w->loader->arena, level);
    if (!added)
        return sp_err_memory(err);
    added->above = *levels;
    *levels = added;
    return sp_ignore_parse(w->loader->arena, text, base, &added->list, err);
}

/* Those of a folder's own .gitignore. */
static sp_status add_gitignore(walker *w, sp_str folder, const level **levels, sp_err *err)
{
    sp_arena *arena = w->loader->arena;
    sp_str text, base = SP_STR("");
    sp_str path = sp_path_join(arena, folder, SP_STR(".gitignore"));
    if (!sp_str_eq(folder, w->top))
        base = sp_str_format(arena, "%.*s/", SP_STR_ARG(sp_path_below(folder, w->top)));
    if (!path.ptr || !base.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_place_read_ignored(arena, w->loader->here, path, w->loader->diags, &text, err));
    return add_patterns(w, text, base, levels, err);
}

/* Those of this clone alone, which all its worktrees share. */
static sp_status add_exclude(walker *w, const level **levels, sp_err *err)
{
    sp_str text;
    SP_TRY(sp_place_read_exclude(w->loader->arena, w->loader->here, w->loader->diags, &text, err));
    return add_patterns(w, text, SP_STR(""), levels, err);
}

static bool is_ignored(const walker *w, const level *levels, sp_str folder)
{
    sp_str path = sp_path_below(folder, w->top);
    for (; levels; levels = levels->above) {
        sp_ignore_answer answer = sp_ignore_ask(&levels->list, path, true);
        if (answer != SP_IGNORE_SILENT)
            return answer == SP_IGNORE_YES;
    }
    return false;
}

/* The patterns that hold in the launch directory, but for its own. */
static sp_status find_levels_above(walker *w, const level **ret, sp_err *err)
{
    sp_paths folders;
    *ret = NULL;
    SP_TRY(add_exclude(w, ret, err));
    SP_TRY(sp_place_folders(w->loader->arena, w->loader->here, SP_ANCHOR_FROM_REPOSITORY, &folders, err));
    for (size_t i = 0; i + 1 < folders.count; i++)
        SP_TRY(add_gitignore(w, folders.items[i], ret, err));
    return SP_OK;
}

/* ---- one folder ------------------------------------------------------------------------------------------------ */

static sp_status add_folders(walker *w, const pending *at, const sp_listing *listing, const level *levels, sp_err *err)
{
    for (size_t i = 0; i < listing->count; i++) {
        const sp_entry *entry = &listing->entries[i];
        if (!entry->is_folder || entry->is_link || sp_str_starts(entry->name, SP_STR(".")) ||
            sp_str_eq(entry->name, SP_STR("node_modules")))
            continue;
        sp_str path = sp_path_join(w->loader->arena, at->path, entry->name);
        if (!path.ptr)
            return sp_err_memory(err);
        if (is_ignored(w, levels, path))
            continue;
        pending *slot = SP_LIST_PUSH(w->loader->arena, &w->folders);
        if (!slot)
            return sp_err_memory(err);
        *slot = (pending){ path, levels };
    }
    return SP_OK;
}

/* Why the files of a folder below the launch directory are not in the prompt. */
static sp_status hold(const walker *w, sp_str folder, size_t index, sp_look *ret, sp_err *err)
{
    const sp_profile *profile = w->loader->here->profile;
    sp_arena *arena = w->loader->arena;
    sp_str shown = sp_place_shown(w->loader->here, folder);
    long long searched = (long long)sp_rule_value(profile, SP_RULE_CHAIN_NESTED_FOLDERS);
    *ret = (sp_look){ .reason = "nested_traversal", .is_nested = true, .hold = SP_RULE_CHAIN_NESTED };
    if (!profile->client->reads_nested) {
        ret->hold_why = SP_STR("the client reads nothing below the launch directory; start it in that folder");
    } else if ((long long)index >= searched) {
        ret->hold = SP_RULE_CHAIN_NESTED_FOLDERS;
        ret->hold_why = sp_str_format(arena,
                                      "the client looks through %lld folders, and this one comes behind them; it loads "
                                      "when a file in %.*s/ is touched",
                                      searched, SP_STR_ARG(shown));
    } else {
        ret->hold_why = sp_str_format(arena, "it loads when a file in %.*s/ is touched", SP_STR_ARG(shown));
    }
    return ret->hold_why.ptr ? SP_OK : sp_err_memory(err);
}

static bool may_have_any(const sp_listing *listing, const sp_location *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sp_listing_may_have(listing, sp_str_of(places[i].path)))
            return true;
    return false;
}

static sp_status tell_own(const walker *w, sp_str folder, size_t index, const sp_listing *listing, sp_err *err)
{
    sp_paths folders = { .items = &folder, .count = 1 };
    sp_bystanders beside = { 0 };
    uint32_t first = w->loader->sources.count;
    for (size_t begin = 0, end = 0; sp_setup_next_run(w->loader->setup, &begin, &end);) {
        const sp_location *places = w->loader->setup->places + begin;
        sp_look look;
        if (!sp_anchor_reaches_below(places->anchor) || !may_have_any(listing, places, end - begin))
            continue;
        SP_TRY(hold(w, folder, index, &look, err));
        look.listing = listing;
        SP_TRY(sp_loader_look(w->loader, &beside, places, end - begin, &folders, &look, err));
    }
    for (uint32_t i = first, end = w->loader->sources.count; i < end; i++)
        SP_TRY(sp_unread_follow(w->unread, i, err));
    return sp_load_bystanders(w->loader, &beside, err);
}

static bool has_ignore_file(const sp_listing *listing)
{
    return sp_listing_may_have(listing, SP_STR(".gitignore"));
}

static sp_status look_into(walker *w, size_t index, const sp_listing *listing, sp_err *err)
{
    const pending at = w->folders.items[index];
    const level *levels = at.levels;
    bool is_launch = index == 0;
    if (has_ignore_file(listing))
        SP_TRY(add_gitignore(w, at.path, &levels, err));
    if (!is_launch && !sp_docs_has_nested(w->unread->docs, at.path))
        SP_TRY(tell_own(w, at.path, index, listing, err));
    SP_TRY(sp_unread_others_in(w->unread, at.path, listing, err));
    return add_folders(w, &at, listing, levels, err);
}

static bool may_lead_out(const sp_entry *entry)
{
    return entry->is_link || (entry->is_folder && sp_str_starts(entry->name, SP_STR(".")));
}

/* For a search that is only for links. A directory that has neither a link nor a hidden directory, such as .claude, in
 * which there may be one, loses its files: there is no need to look at them. */
static void omit_files(sp_listing *listing)
{
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++)
        if (may_lead_out(&listing->entries[i]))
            return;
    for (size_t i = 0; i < listing->count; i++)
        if (!listing->entries[i].is_file || sp_str_eq(listing->entries[i].name, SP_STR(".gitignore")))
            listing->entries[kept++] = listing->entries[i];
    listing->count = kept;
}

static sp_status visit(walker *w, size_t index, sp_err *err)
{
    sp_listing listing;
    sp_arena_reuse(&w->scratch);
    SP_TRY(sp_reader_list(w->loader->here->reader, &w->scratch, w->folders.items[index].path,
                          (sp_read_limits){ .root = w->loader->here->allowed }, &listing, err));
    if (listing.state != SP_FILE_FOLDER) {
        if (w->unlisted++ == 0)
            w->first_unlisted = w->folders.items[index].path;
        return SP_OK;
    }
    if (w->loader->only_looks)
        omit_files(&listing);
    return look_into(w, index, &listing, err);
}

/* What was not seen is said. */
static sp_status say_unseen(const walker *w, sp_err *err)
{
    sp_loader *loader = w->loader;
    sp_str launch = sp_place_shown(loader->here, loader->here->launch);
    const sp_rule_key rule = SP_RULE_CHAIN_SEARCHED;
    if (w->unlisted)
        SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, launch, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                           "below it %zu folder%s could not be looked through for files that do not load; the first "
                           "is %.*s",
                           w->unlisted, w->unlisted == 1 ? "" : "s",
                           SP_STR_ARG(sp_place_shown(loader->here, w->first_unlisted))));
    if (w->next == w->folders.count)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, launch, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                       "has more than %lld folders below it; further ones, from %.*s on, were not looked through for "
                       "files that do not load",
                       (long long)sp_rule_value(loader->here->profile, SP_RULE_CHAIN_SEARCHED),
                       SP_STR_ARG(sp_place_shown(loader->here, w->folders.items[w->next].path)));
}

static sp_status walk_below(walker *w, sp_err *err)
{
    sp_loader *loader = w->loader;
    size_t most = (size_t)sp_rule_value(loader->here->profile, SP_RULE_CHAIN_SEARCHED);
    const level *levels;
    SP_TRY(find_levels_above(w, &levels, err));
    pending *first = SP_LIST_PUSH(loader->arena, &w->folders);
    if (!first)
        return sp_err_memory(err);
    *first = (pending){ loader->here->launch, levels };
    while (w->next < w->folders.count && w->next < most)
        SP_TRY(visit(w, w->next++, err));
    return say_unseen(w, err);
}

sp_status sp_unread_below(const sp_unread *unread, sp_err *err)
{
    walker w = { .unread = unread, .loader = unread->loader, .top = unread->loader->here->repository };
    sp_status status = walk_below(&w, err);
    sp_arena_release(&w.scratch);
    return status;
}
