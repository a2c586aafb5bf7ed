/* folders.c - in which directories a place of a client's table is looked for. */
#include "base/types.h"
#include "sources/loader.h"

static sp_status add_folders(sp_arena *arena, sp_paths *folders, const sp_paths *from, sp_err *err)
{
    for (size_t i = 0; i < from->count; i++)
        SP_TRY(sp_paths_add(arena, folders, from->items[i], err));
    return SP_OK;
}

/* The outermost folder of a walk down to the launch directory. */
static sp_str top_of(const sp_loader *loader, sp_anchor anchor)
{
    bool is_below_home = loader->home.ptr && sp_path_is_within(loader->launch, loader->home);
    switch (anchor) {
    case SP_ANCHOR_FROM_ROOT:
        return loader->root;
    case SP_ANCHOR_FROM_HOME:
        return !loader->has_repository && is_below_home ? loader->home : loader->repository;
    case SP_ANCHOR_FROM_REPOSITORY:
        return loader->repository;
    default:
        return loader->launch;
    }
}

sp_status sp_loader_folders(const sp_loader *loader, sp_anchor anchor, sp_paths *ret, sp_err *err)
{
    *ret = (sp_paths){ 0 };
    if (anchor == SP_ANCHOR_HOME && !loader->home.ptr)
        return SP_OK;
    if (anchor == SP_ANCHOR_USER)
        return loader->user_dir.ptr ? sp_paths_add(loader->arena, ret, loader->user_dir, err) : SP_OK;
    if (anchor == SP_ANCHOR_ADDED)
        return add_folders(loader->arena, ret, &loader->added, err);
    if (anchor == SP_ANCHOR_ROOT || anchor == SP_ANCHOR_HOME || anchor == SP_ANCHOR_REPOSITORY)
        return sp_paths_add(loader->arena, ret,
                            anchor == SP_ANCHOR_ROOT   ? loader->root
                            : anchor == SP_ANCHOR_HOME ? loader->home
                                                       : loader->repository,
                            err);
    sp_str top = top_of(loader, anchor);
    for (sp_str folder = loader->launch;; folder = sp_path_folder(folder)) {
        SP_TRY(sp_paths_add(loader->arena, ret, folder, err));
        if (sp_str_eq(folder, top))
            break;
    }
    for (size_t i = 0, j = ret->count - 1; i < j; i++, j--) {
        sp_str swapped = ret->items[i];
        ret->items[i] = ret->items[j];
        ret->items[j] = swapped;
    }
    return SP_OK;
}

bool sp_loader_next_run(const sp_loader *loader, size_t *begin, size_t *end)
{
    *begin = *end;
    while (*end < loader->place_count && loader->places[*end].anchor == loader->places[*begin].anchor)
        ++*end;
    return *begin < *end;
}

bool sp_anchor_reaches_below(sp_anchor anchor)
{
    return anchor == SP_ANCHOR_FROM_ROOT || anchor == SP_ANCHOR_FROM_REPOSITORY || anchor == SP_ANCHOR_FROM_HOME;
}
