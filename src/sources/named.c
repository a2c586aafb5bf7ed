/* named.c - files that the command line names: the user's choice, but for links that a repository brings. */
#include "sources/named.h"

#include "model/request.h"
#include "sources/bounds.h"
#include "sources/place.h"

/* What the bounds of the path are seen from. */
static sp_status locate(sp_arena *arena, sp_place *here, sp_err *err)
{
    sp_file folder;
    const char *launch = here->request->launch_dir;
    SP_TRY(sp_place_find_current(arena, &here->current, err));
    SP_TRY(sp_place_find_home(arena, here, err));
    here->launch = here->current;
    if (!launch)
        return SP_OK;
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, sp_str_of(launch), (sp_read_limits){ 0 }, &folder, err));
    if (folder.state == SP_FILE_FOLDER)
        here->launch = folder.real_path;
    return SP_OK;
}

static sp_status find_bounds(sp_arena *arena, const sp_request *request, sp_str path, sp_bounds *ret,
                             const char **ret_what, sp_err *err)
{
    sp_place here = { .request = request, .reader = &sp_reader_disk, .root = SP_STR("/") };
    SP_TRY(locate(arena, &here, err));
    const sp_paths own = { .items = &here.user_dir, .count = here.user_dir.ptr ? 1 : 0 };
    sp_str absolute = sp_path_append(arena, here.current, path);
    if (!absolute.ptr)
        return sp_err_memory(err);
    return sp_bounds_of_named(arena, &here, &own, absolute, ret, ret_what, err);
}

sp_status sp_named_read(sp_arena *arena, const sp_request *request, sp_str path, uint64_t max_bytes, sp_file *ret,
                        sp_err *err)
{
    sp_read_limits limits = { .max_bytes = max_bytes };
    const char *what = NULL;
    if (!request->allow_external_links)
        SP_TRY(find_bounds(arena, request, path, &limits.bounds, &what, err));
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, path, limits, ret, err));
    if (ret->state != SP_FILE_EXTERNAL)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_LINK_EXTERNAL),
                     "is not read: it leads %s%s, to %.*s; name that file itself if you mean it",
                     sp_path_is_in_git(ret->real_path) ? "into a .git directory" : "out of ",
                     sp_path_is_in_git(ret->real_path) ? "" : what, SP_STR_ARG(ret->real_path));
}
