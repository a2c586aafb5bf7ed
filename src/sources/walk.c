/* walk.c - every Markdown file below a folder. */
#include "sources/walk.h"
#include "base/diagnostic.h"
#include "base/map.h"
#include "base/types.h"

#include <stdlib.h>

typedef struct walker {
    sp_arena *arena;
    const sp_place *here;
    sp_read_limits limits;
    sp_paths folders; /* a worklist: those before `next` are done; only the first one in an unsorted walk */
    size_t next;
    sp_map visited; /* real paths, so that links in a circle end */
    sp_walk *found;
    sp_str ending;     /* of the files that are looked for */
    sp_diags *lenient; /* as in the options */
    bool is_unsorted;
    bool ignores_case;
    bool is_nothing; /* the last directory that was walked is not there */
} walker;

static int compare_paths(const void *a, const void *b)
{
    return sp_str_cmp(*(const sp_str *)a, *(const sp_str *)b);
}

/* Compares the names of the directories, one level after the other: a/ is before a.md. */
static int compare_names(const void *a, const void *b)
{
    sp_str x = *(const sp_str *)a;
    sp_str y = *(const sp_str *)b;
    size_t i = 0;
    while (i < x.len && i < y.len && x.ptr[i] == y.ptr[i])
        i++;
    if (i == x.len || i == y.len || (x.ptr[i] != '/' && y.ptr[i] != '/'))
        return sp_str_cmp(x, y);
    return x.ptr[i] == '/' ? -1 : 1;
}

/* From now on it was. */
static sp_status was_visited(walker *w, sp_str real_path, bool *ret, sp_err *err)
{
    uint32_t *slot = sp_map_slot(w->arena, &w->visited, real_path);
    if (!slot)
        return sp_err_memory(err);
    *ret = *slot != SP_NONE;
    *slot = 1;
    return SP_OK;
}

static sp_status walk_folder(walker *w, sp_str folder, sp_err *err);

/* A directory is walked where it stands in an unsorted walk, and later in any other. No path is longer than PATH_MAX,
 * which bounds the recursion. */
static sp_status add_folder(walker *w, sp_str folder, sp_err *err)
{
    if (!folder.ptr)
        return sp_err_memory(err);
    return w->is_unsorted ? walk_folder(w, folder, err) : sp_paths_add(w->arena, &w->folders, folder, err);
}

static bool has_ending(const walker *w, sp_str name)
{
    if (!w->ignores_case || name.len < w->ending.len)
        return sp_str_ends(name, w->ending);
    return sp_str_eq_nocase(sp_str_slice(name, name.len - w->ending.len, name.len), w->ending);
}

static sp_status add_entries(walker *w, sp_str folder, const sp_listing *listing, sp_err *err)
{
    sp_arena *arena = w->arena;
    for (size_t i = 0; i < listing->count; i++) {
        const sp_entry *entry = &listing->entries[i];
        sp_paths *paths = &w->found->files;
        if (entry->is_folder) {
            SP_TRY(add_folder(w, sp_path_join(arena, folder, entry->name), err));
            continue;
        }
        if (!has_ending(w, entry->name))
            paths = sp_str_starts(entry->name, SP_STR(".")) ? NULL : &w->found->others;
        if (paths)
            SP_TRY(sp_paths_add(arena, paths, sp_path_join(arena, folder, entry->name), err));
    }
    return SP_OK;
}

static sp_status walk_folder(walker *w, sp_str folder, sp_err *err)
{
    sp_arena *arena = w->arena;
    sp_listing listing;
    bool again = false;
    SP_TRY(sp_reader_list(w->here->reader, arena, folder, w->limits, &listing, err));
    w->is_nothing = listing.is_nothing;
    if (listing.state == SP_FILE_OUTSIDE || listing.state == SP_FILE_DANGLING)
        return sp_paths_add(arena, &w->found->outside, folder, err);
    if (listing.state == SP_FILE_EXTERNAL)
        return sp_paths_add(arena, &w->found->external, folder, err);
    if (listing.state == SP_FILE_DENIED && w->lenient)
        return sp_diag_add(w->lenient, err, SP_WARNING, sp_place_shown(w->here, folder), (sp_str){ 0 }, SP_WHOLE_FILE,
                           SP_RULE_CHAIN_SEARCHED, "not looked through for files that do not load: permission denied");
    if (listing.state == SP_FILE_DENIED)
        return sp_err_at(err, SP_ERR_INPUT, sp_place_shown(w->here, folder), (sp_str){ 0 }, 0, NULL,
                         "cannot list the directory: permission denied");
    if (listing.state != SP_FILE_FOLDER)
        return SP_OK;
    SP_TRY(was_visited(w, listing.real_path, &again, err));
    return again ? sp_paths_add(arena, &w->found->again, folder, err) : add_entries(w, folder, &listing, err);
}

static void sort(sp_paths *paths, int (*compare)(const void *, const void *))
{
    if (paths->count)
        qsort(paths->items, paths->count, sizeof *paths->items, compare);
}

sp_status sp_place_walk_with(sp_arena *arena, const sp_place *here, sp_str folder, const sp_walk_options *options,
                             sp_walk *ret, sp_err *err)
{
    *ret = (sp_walk){ 0 };
    walker w = {
        .arena = arena,
        .here = here,
        .limits = { .within = options->within,
                    .root = here->allowed,
                    .origin = options->origin,
                    .is_unsorted = options->is_unsorted },
        .found = ret,
        .ending = sp_str_of(options->ending),
        .lenient = options->lenient,
        .is_unsorted = options->is_unsorted,
        .ignores_case = options->ignores_case,
    };
    SP_TRY(sp_paths_add(arena, &w.folders, folder, err));
    while (w.next < w.folders.count)
        SP_TRY(walk_folder(&w, w.folders.items[w.next++], err));
    if (w.visited.count == 0 && !w.is_nothing)
        SP_TRY(sp_place_exists(arena, here, folder, options->within, &ret->is_file, err));
    if (!w.is_unsorted)
        sort(&ret->files, options->sorts_each_directory ? compare_names : compare_paths);
    sort(&ret->others, compare_paths);
    return SP_OK;
}

sp_status sp_place_walk(sp_arena *arena, const sp_place *here, sp_str folder, sp_places within, sp_walk *ret,
                        sp_err *err)
{
    const sp_walk_options options = { .ending = ".md", .within = within };
    return sp_place_walk_with(arena, here, folder, &options, ret, err);
}
