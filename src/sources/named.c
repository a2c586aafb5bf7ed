/* named.c - files that the command line names: the user's choice, but for links that a repository brings. */
#include "sources/named.h"

#include "model/request.h"
#include "sources/origin.h"
#include "sources/place.h"

/* The walk along a path, and what its first link that is not the user's own must not lead out of. */
typedef struct named_walk {
    sp_arena *arena;
    sp_place here;
    bool is_bound;
    sp_bounds bounds;
    const char *what;
} named_walk;

/* Of the hidden directory at home, or that of the client, that holds the path: links in it lead anywhere. */
static size_t own_length(const sp_place *here, sp_str path)
{
    size_t hidden = sp_origin_hidden_length(here->home, path);
    bool is_clients = here->user_dir.ptr && sp_path_is_within(path, here->user_dir);
    return is_clients && here->user_dir.len > hidden ? here->user_dir.len : hidden;
}

static sp_status real_launch(named_walk *w, sp_err *err)
{
    sp_file folder;
    const char *launch = w->here.request->launch_dir;
    w->here.launch = w->here.current;
    if (!launch)
        return SP_OK;
    SP_TRY(sp_reader_read(&sp_reader_disk, w->arena, sp_str_of(launch), (sp_read_limits){ 0 }, &folder, err));
    if (folder.state == SP_FILE_FOLDER)
        w->here.launch = folder.real_path;
    return SP_OK;
}

/* A checkout may come without .git: then the working or launch directory counts, unless it is home or holds that. */
static sp_str in_place_of_repository(const named_walk *w, sp_str folder)
{
    const sp_str candidates[] = { w->here.launch, w->here.current };
    for (size_t i = 0; i < SP_COUNT_OF(candidates); i++)
        if (sp_path_is_within(folder, candidates[i]) &&
            !(w->here.home.ptr && sp_path_is_within(w->here.home, candidates[i])))
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
    SP_TRY(sp_place_repository_of(w->arena, &w->here, folder, &repository, err));
    bool is_repository = repository.ptr != NULL;
    if (!is_repository)
        repository = in_place_of_repository(w, folder);
    if (!repository.ptr || repository.len <= own_length(&w->here, folder))
        return SP_OK;
    SP_TRY(is_repository ? sp_place_find_family(w->arena, &w->here, repository, &trees, err)
                         : sp_paths_add(w->arena, &trees, repository, err));
    w->bounds = sp_origin_bounds(&w->here, &trees);
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
static sp_status walk_named(named_walk *w, sp_str path, sp_err *err)
{
    sp_str real;
    SP_TRY(sp_place_find_current(w->arena, &w->here.current, err));
    SP_TRY(sp_place_find_home(w->arena, &w->here, err));
    SP_TRY(real_launch(w, err));
    sp_str absolute = sp_path_append(w->arena, w->here.current, path);
    if (!absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_file_follow(w->arena, absolute, bind_link, w, &real, err));
    if (w->is_bound)
        return SP_OK;
    SP_TRY(bind_to(w, sp_path_folder(real), err));
    if (!sp_bounds_hold(&w->bounds, real))
        w->bounds = (sp_bounds){ 0 };
    return SP_OK;
}

sp_status sp_named_read(sp_arena *arena, const sp_request *request, sp_str path, uint64_t max_bytes, sp_file *ret,
                        sp_err *err)
{
    named_walk w = { .arena = arena, .here = { .request = request, .reader = &sp_reader_disk, .root = SP_STR("/") } };
    if (!request->allow_external_links)
        SP_TRY(walk_named(&w, path, err));
    const sp_read_limits limits = { .max_bytes = max_bytes, .bounds = w.bounds };
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, path, limits, ret, err));
    if (ret->state != SP_FILE_EXTERNAL)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_LINK_EXTERNAL),
                     "is not read: it leads %s%s, to %.*s; name that file itself if you mean it",
                     sp_path_is_in_git(ret->real_path) ? "into a .git directory" : "out of ",
                     sp_path_is_in_git(ret->real_path) ? "" : w.what, SP_STR_ARG(ret->real_path));
}
