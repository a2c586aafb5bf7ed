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

/* A checkout may come without .git: then the working or launch directory counts, unless it is home or holds that. */
static sp_str in_place_of_repository(const named_walk *w, sp_str folder)
{
    const sp_str candidates[] = { w->here->launch, w->here->current };
    for (size_t i = 0; i < SP_COUNT_OF(candidates); i++)
        if (sp_path_is_within(folder, candidates[i]) &&
            !(w->here->home.ptr && sp_path_is_within(w->here->home, candidates[i])))
            return candidates[i];
    return (sp_str){ NULL, 0 };
}

/* A link, or at last the file itself, lies in that directory. */
static sp_status bind_to(named_walk *w, sp_str folder, sp_err *err)
{
    sp_str repository;
    sp_paths trees = { 0 };
    if (w->is_bound)
        return SP_OK;
    SP_TRY(sp_place_repository_of(w->arena, w->here, folder, &repository, err));
    bool is_repository = repository.ptr != NULL;
    if (!is_repository)
        repository = in_place_of_repository(w, folder);
    if (!repository.ptr || repository.len <= sp_bounds_own_length(w->here->home, w->own, folder))
        return SP_OK;
    SP_TRY(is_repository ? sp_place_find_family(w->arena, w->here, repository, &trees, err)
                         : sp_paths_add(w->arena, &trees, repository, err));
    w->bounds = sp_bounds_of_trees(w->here, &trees);
    w->what = is_repository ? "the repository" : "the working directory";
    w->is_bound = true;
    return SP_OK;
}

static sp_status bind_link(void *context, sp_str link, sp_err *err)
{
    named_walk *w = context;
    sp_str folder = sp_str_dup(w->arena, sp_path_folder(link));
    return folder.ptr ? bind_to(w, folder, err) : sp_err_memory(err);
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
