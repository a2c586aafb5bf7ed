/* walk.c - every Markdown file below a folder. */
#include "load/loader.h"

#include <stdlib.h>

typedef struct walker {
    const sp_loader *loader;
    sp_read_limits limits;
    sp_paths folders; /* a worklist: those before `next` are done */
    size_t next;
    sp_paths visited; /* real paths, so that links in a circle end */
    sp_walk *found;
    sp_str ending; /* of files that are found besides *.md */
} walker;

static int compare_paths(const void *a, const void *b)
{
    return sp_str_cmp(*(const sp_str *)a, *(const sp_str *)b);
}

static sp_status add_path(sp_arena *arena, sp_paths *paths, sp_str path, sp_err *err)
{
    sp_str *slot = path.ptr ? SP_LIST_PUSH(arena, paths) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = path;
    return SP_OK;
}

static bool was_visited(const sp_paths *visited, sp_str real)
{
    for (size_t i = 0; i < visited->count; i++)
        if (sp_str_eq(visited->items[i], real))
            return true;
    return false;
}

static sp_status add_entries(walker *w, sp_str folder, const sp_listing *listing, sp_err *err)
{
    sp_arena *arena = w->loader->arena;
    for (size_t i = 0; i < listing->count; i++) {
        const sp_entry *entry = &listing->entries[i];
        if (entry->is_folder)
            SP_TRY(add_path(arena, &w->folders, sp_path_join(arena, folder, entry->name), err));
        else if (sp_str_ends(entry->name, SP_STR(".md")) || sp_str_ends(entry->name, w->ending))
            SP_TRY(add_path(arena, &w->found->files, sp_path_join(arena, folder, entry->name), err));
    }
    return SP_OK;
}

static sp_status walk_folder(walker *w, sp_str folder, sp_err *err)
{
    sp_arena *arena = w->loader->arena;
    sp_listing listing;
    SP_TRY(w->loader->reader->list(arena, folder, w->limits, &listing, err));
    if (listing.state == SP_FILE_OUTSIDE || listing.state == SP_FILE_DANGLING)
        return add_path(arena, &w->found->outside, folder, err);
    if (listing.state == SP_FILE_DENIED)
        return sp_err_at(err, SP_ERR_INPUT, sp_loader_shown(w->loader, folder), (sp_str){ 0 }, 0, NULL,
                         "cannot list the folder: permission denied");
    if (listing.state != SP_FILE_FOLDER || was_visited(&w->visited, listing.real_path))
        return SP_OK;
    SP_TRY(add_path(arena, &w->visited, listing.real_path, err));
    return add_entries(w, folder, &listing, err);
}

sp_status sp_loader_walk_with(const sp_loader *loader, sp_str folder, const char *ending, sp_places within,
                              sp_walk *ret, sp_err *err)
{
    *ret = (sp_walk){ 0 };
    walker w = {
        .loader = loader,
        .limits = { .within = within, .root = loader->allowed },
        .found = ret,
        .ending = sp_str_of(ending),
    };
    SP_TRY(add_path(loader->arena, &w.folders, folder, err));
    while (w.next < w.folders.count)
        SP_TRY(walk_folder(&w, w.folders.items[w.next++], err));
    if (ret->files.count)
        qsort(ret->files.items, ret->files.count, sizeof *ret->files.items, compare_paths);
    return SP_OK;
}

sp_status sp_loader_walk(const sp_loader *loader, sp_str folder, sp_places within, sp_walk *ret, sp_err *err)
{
    return sp_loader_walk_with(loader, folder, ".md", within, ret, err);
}
