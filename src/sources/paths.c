/* paths.c - a list of paths. */
#include "sources/paths.h"
#include "base/types.h"

sp_status sp_paths_add(sp_arena *arena, sp_paths *paths, sp_str path, sp_err *err)
{
    sp_str *slot = path.ptr ? SP_LIST_PUSH(arena, paths) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = path;
    return SP_OK;
}
