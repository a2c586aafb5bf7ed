/* walk.c - every Markdown file below a folder. */
#include "load/loader.h"

#include <stdlib.h>

enum { MAX_FOLDER_DEPTH = 32 }; /* of nested folders; links are not counted twice, so this only stops the absurd */

typedef struct folder {
    sp_str path;
    unsigned depth;
} folder;

typedef struct walk {
    const sp_loader *loader;
    sp_list(folder) folders; /* a worklist: those before `next` are done */
    size_t next;
    sp_paths visited; /* real paths, so that links in a circle end */
    sp_paths *found;
} walk;

static int compare_paths(const void *a, const void *b)
{
    return sp_str_cmp(*(const sp_str *)a, *(const sp_str *)b);
}

static bool add_path(sp_arena *arena, sp_paths *paths, sp_str path)
{
    sp_str *slot = path.ptr ? SP_LIST_PUSH(arena, paths) : NULL;
    if (slot)
        *slot = path;
    return slot;
}

static bool was_visited(const sp_paths *visited, sp_str real)
{
    for (size_t i = 0; i < visited->count; i++)
        if (sp_str_eq(visited->items[i], real))
            return true;
    return false;
}

static sp_status walk_folder(walk *w, folder at, sp_err *err)
{
    sp_arena *arena = w->loader->arena;
    const sp_reader *reader = w->loader->reader;
    sp_entry *entries;
    size_t count;
    sp_str real;
    SP_TRY(reader->resolve(arena, at.path, &real, err));
    if (!real.ptr || was_visited(&w->visited, real))
        return SP_OK;
    if (!add_path(arena, &w->visited, real))
        return sp_err_memory(err);
    SP_TRY(reader->list(arena, at.path, &entries, &count, err));
    for (size_t i = 0; i < count; i++) {
        sp_str path = sp_path_join(arena, at.path, entries[i].name);
        if (!path.ptr)
            return sp_err_memory(err);
        if (entries[i].is_folder && at.depth < MAX_FOLDER_DEPTH) {
            folder *more = SP_LIST_PUSH(arena, &w->folders);
            if (!more)
                return sp_err_memory(err);
            *more = (folder){ path, at.depth + 1 };
        } else if (!entries[i].is_folder && sp_str_ends(entries[i].name, SP_STR(".md"))) {
            if (!add_path(arena, w->found, path))
                return sp_err_memory(err);
        }
    }
    return SP_OK;
}

sp_status sp_loader_walk(const sp_loader *loader, sp_str path, sp_paths *ret, sp_err *err)
{
    *ret = (sp_paths){ 0 };
    walk w = { .loader = loader, .found = ret };
    folder *first = SP_LIST_PUSH(loader->arena, &w.folders);
    if (!first)
        return sp_err_memory(err);
    first->path = path;
    while (w.next < w.folders.count)
        SP_TRY(walk_folder(&w, w.folders.items[w.next++], err));
    if (ret->count)
        qsort(ret->items, ret->count, sizeof *ret->items, compare_paths);
    return SP_OK;
}
