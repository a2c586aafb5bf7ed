/* bounds.c - how far links on a path that the command line names may lead. */
#include "sources/bounds.h"

#include "sources/place.h"

size_t sp_bounds_hidden_length(sp_str home, sp_str path)
{
    if (!home.ptr || !sp_path_is_within(path, home))
        return 0;
    sp_str below = sp_path_below(path, home);
    size_t slash = sp_str_find(below, SP_STR("/"), 0);
    size_t first = slash == SIZE_MAX ? below.len : slash;
    return below.ptr != path.ptr && below.ptr[0] == '.' ? (size_t)(below.ptr + first - path.ptr) : 0;
}

size_t sp_bounds_own_length(sp_str home, const sp_paths *own, sp_str path)
{
    size_t length = sp_bounds_hidden_length(home, path);
    for (size_t i = 0; i < own->count; i++)
        if (sp_path_is_within(path, own->items[i]) && own->items[i].len > length)
            length = own->items[i].len;
    return length;
}

sp_bounds sp_bounds_of_trees(const sp_place *here, const sp_paths *trees)
{
    sp_str home = here->home;
    sp_bounds bounds = { .places = { trees->items, trees->count } };
    for (size_t i = 0; home.ptr && i < trees->count; i++)
        if (sp_path_is_within(home, trees->items[i]) && !sp_str_eq(home, trees->items[i]))
            bounds.except = home;
    return bounds;
}

/* ---- a link ------------------------------------------------------------------------------------------------- */

/* Home, and a directory that holds it, are full of the user's own links. */
static sp_str in_place_of_repository(const sp_place *here, sp_str directory)
{
    const sp_str candidates[] = { here->launch, here->current };
    for (size_t i = 0; i < SP_COUNT_OF(candidates); i++)
        if (sp_path_is_within(directory, candidates[i]) &&
            !(here->home.ptr && sp_path_is_within(here->home, candidates[i])))
            return candidates[i];
    return (sp_str){ NULL, 0 };
}

sp_status sp_link_trees_find(sp_arena *arena, const sp_place *here, sp_str directory, sp_link_trees *ret, sp_err *err)
{
    sp_link_trees found = { .is_repository = false };
    SP_TRY(sp_place_repository_of(arena, here, directory, &found.top, err));
    found.is_repository = found.top.ptr != NULL;
    if (!found.is_repository)
        found.top = in_place_of_repository(here, directory);
    bool is_launch = found.top.ptr && !sp_str_eq(found.top, here->current);
    found.what = found.is_repository ? "the repository" : is_launch ? "the launch directory" : "the working directory";
    *ret = found;
    return SP_OK;
}

sp_status sp_link_trees_list(sp_arena *arena, const sp_place *here, const sp_link_trees *found, sp_paths *ret,
                             sp_err *err)
{
    return found->is_repository ? sp_place_find_family(arena, here, found->top, ret, err)
                                : sp_paths_add(arena, ret, found->top, err);
}

/* ---- a path that is named -------------------------------------------------------------------------------------- */

/* The walk along a path, and what its first link that is not the user's own must not lead out of. */
typedef struct named_walk {
    sp_arena *arena;
    const sp_place *here;
    const sp_paths *own;
    bool is_bound;
    sp_bounds bounds;
    const char *what;
} named_walk;

/* A link, or at last the file itself, lies in that directory. */
static sp_status bind_to(named_walk *w, sp_str directory, sp_err *err)
{
    sp_link_trees found = { .is_repository = false };
    sp_paths trees = { 0 };
    if (w->is_bound)
        return SP_OK;
    SP_TRY(sp_link_trees_find(w->arena, w->here, directory, &found, err));
    if (!found.top.ptr || found.top.len <= sp_bounds_own_length(w->here->home, w->own, directory))
        return SP_OK;
    SP_TRY(sp_link_trees_list(w->arena, w->here, &found, &trees, err));
    w->bounds = sp_bounds_of_trees(w->here, &trees);
    w->what = found.what;
    w->is_bound = true;
    return SP_OK;
}

static sp_status bind_link(void *context, sp_str link, sp_err *err)
{
    named_walk *w = context;
    sp_str directory = sp_str_dup(w->arena, sp_path_folder(link));
    return directory.ptr ? bind_to(w, directory, err) : sp_err_memory(err);
}

/* The walk says whose links the path goes through, and the descriptor that is read from where it leads. A path without
 * such a link is bound, too, so that nothing changes if one takes its place meanwhile; but .git that is named is meant.
 */
sp_status sp_bounds_of_named(sp_arena *arena, const sp_place *here, const sp_paths *own, sp_str absolute,
                             sp_bounds *ret, const char **ret_what, sp_err *err)
{
    named_walk w = { .arena = arena, .here = here, .own = own };
    sp_str real;
    SP_TRY(sp_file_follow(arena, absolute, bind_link, &w, &real, err));
    if (!w.is_bound) {
        SP_TRY(bind_to(&w, sp_path_folder(real), err));
        if (!sp_bounds_hold(&w.bounds, real))
            w.bounds = (sp_bounds){ 0 };
    }
    *ret = w.bounds;
    *ret_what = w.what;
    return SP_OK;
}
