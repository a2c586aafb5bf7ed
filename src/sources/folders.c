/* folders.c - in which directories a place of a client's table is looked for. */
#include "base/types.h"
#include "sources/place.h"
#include "sources/setup.h"

static sp_status add_folders(sp_arena *arena, sp_paths *folders, const sp_paths *from, sp_err *err)
{
    for (size_t i = 0; i < from->count; i++)
        SP_TRY(sp_paths_add(arena, folders, from->items[i], err));
    return SP_OK;
}

/* The directory that holds that one, but none above the root. */
static sp_str above(const sp_place *here, sp_str folder)
{
    sp_str parent = sp_path_folder(folder);
    return sp_path_is_within(parent, here->root) ? parent : here->root;
}

/* The outermost folder of a walk down to the launch directory. */
static sp_str top_of(const sp_place *here, sp_anchor anchor)
{
    bool is_below_home = here->home.ptr && sp_path_is_within(here->launch, here->home);
    switch (anchor) {
    case SP_ANCHOR_FROM_ROOT:
        return here->root;
    case SP_ANCHOR_FROM_TOP:
        return here->has_repository ? here->repository : here->root;
    case SP_ANCHOR_FROM_ABOVE:
        return above(here, here->has_repository ? here->repository : is_below_home ? here->home : here->root);
    case SP_ANCHOR_FROM_HOME:
        return !here->has_repository && is_below_home ? here->home : here->repository;
    case SP_ANCHOR_FROM_REPOSITORY:
    case SP_ANCHOR_FROM_REPOSITORIES:
    case SP_ANCHOR_BETWEEN:
        return here->repository;
    default:
        return here->launch;
    }
}

static bool has_path(const sp_paths *paths, sp_str path)
{
    for (size_t i = 0; i < paths->count; i++)
        if (sp_str_eq(paths->items[i], path))
            return true;
    return false;
}

/* Each added directory with those above it, up to the root of its repository. */
static sp_status add_repositories(sp_arena *arena, const sp_place *here, sp_paths *folders, sp_err *err)
{
    for (size_t i = 0; i < here->added.count; i++) {
        sp_str top;
        SP_TRY(sp_place_repository_of(arena, here, here->added.items[i], &top, err));
        for (sp_str folder = here->added.items[i];; folder = sp_path_folder(folder)) {
            if (!has_path(folders, folder))
                SP_TRY(sp_paths_add(arena, folders, folder, err));
            if (!top.ptr || sp_str_eq(folder, top) || sp_str_eq(folder, sp_path_folder(folder)))
                break;
        }
    }
    return SP_OK;
}

sp_status sp_place_folders(sp_arena *arena, const sp_place *here, sp_anchor anchor, sp_paths *ret, sp_err *err)
{
    *ret = (sp_paths){ 0 };
    if ((anchor == SP_ANCHOR_HOME && !here->home.ptr) || anchor == SP_ANCHOR_BELOW)
        return SP_OK;
    if (anchor == SP_ANCHOR_USER)
        return here->user_dir.ptr ? sp_paths_add(arena, ret, here->user_dir, err) : SP_OK;
    if (anchor == SP_ANCHOR_ADDED)
        return add_folders(arena, ret, &here->added, err);
    if (anchor == SP_ANCHOR_ROOT || anchor == SP_ANCHOR_HOME || anchor == SP_ANCHOR_REPOSITORY)
        return sp_paths_add(arena, ret,
                            anchor == SP_ANCHOR_ROOT   ? here->root
                            : anchor == SP_ANCHOR_HOME ? here->home
                                                       : here->repository,
                            err);
    if (anchor == SP_ANCHOR_LAUNCH_BELOW && sp_str_eq(here->launch, here->repository))
        return SP_OK;
    sp_str top = top_of(here, anchor);
    for (sp_str folder = here->launch;; folder = sp_path_folder(folder)) {
        bool is_end = sp_str_eq(folder, here->launch) || sp_str_eq(folder, top);
        if (anchor != SP_ANCHOR_BETWEEN || !is_end)
            SP_TRY(sp_paths_add(arena, ret, folder, err));
        if (sp_str_eq(folder, top))
            break;
    }
    for (size_t i = 0, j = ret->count; i + 1 < j; i++, j--) {
        sp_str swapped = ret->items[i];
        ret->items[i] = ret->items[j - 1];
        ret->items[j - 1] = swapped;
    }
    return anchor == SP_ANCHOR_FROM_REPOSITORIES ? add_repositories(arena, here, ret, err) : SP_OK;
}

sp_str sp_place_path(sp_arena *arena, const sp_place *here, sp_anchor anchor, sp_str folder, const char *path)
{
    const char *moved = here->profile->client->moved_folder;
    size_t length = here->moved.ptr ? strlen(moved) : 0;
    const char *below = path[0] == '$' ? strchr(path, '/') : NULL;
    const char *value = path[0] == '$' && !below ? sp_place_variable(here->request, path + 1) : NULL;
    if (value)
        return sp_path_append(arena, here->current, sp_str_of(value));
    if (below && here->named.ptr)
        return sp_path_join(arena, here->named, sp_str_of(below + 1));
    if (anchor != SP_ANCHOR_HOME || !length || strncmp(path, moved, length) != 0 || path[length] != '/')
        return sp_path_join(arena, folder, sp_str_of(path));
    return sp_path_join(arena, here->moved, sp_str_of(path + length + 1));
}

bool sp_setup_next_run(const sp_client_setup *setup, size_t *begin, size_t *end)
{
    *begin = *end;
    while (*end < setup->place_count && setup->places[*end].anchor == setup->places[*begin].anchor)
        ++*end;
    return *begin < *end;
}

bool sp_anchor_reaches_below(sp_anchor anchor)
{
    return anchor == SP_ANCHOR_FROM_ROOT || anchor == SP_ANCHOR_FROM_REPOSITORY || anchor == SP_ANCHOR_FROM_HOME ||
           anchor == SP_ANCHOR_FROM_TOP || anchor == SP_ANCHOR_FROM_ABOVE || anchor == SP_ANCHOR_BETWEEN ||
           anchor == SP_ANCHOR_FROM_REPOSITORIES || anchor == SP_ANCHOR_BELOW;
}
