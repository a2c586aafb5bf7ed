#include "check/tree.h"

#include "base/file.h"
#include "base/types.h"
#include "git/walk.h"

typedef struct lister {
    sp_arena *arena;
    sp_str folder;
    sp_path_list *found;
} lister;

static bool visit(void *context, const char *path, const sp_err *failure)
{
    lister *l = context;
    if (failure)
        return true;
    sp_str copy = sp_str_dup(l->arena, sp_path_below(sp_str_of(path), l->folder));
    sp_str *slot = copy.ptr ? SP_LIST_PUSH(l->arena, l->found) : NULL;
    if (!slot)
        return false;
    *slot = copy;
    return true;
}

sp_status sp_tree_list(sp_arena *arena, sp_str folder, bool gitignore, sp_path_list *ret, sp_err *err)
{
    const sp_folder_options options = { .gitignore = gitignore };
    lister l = { arena, folder, ret };
    memset(ret, 0, sizeof *ret);
    sp_str path = sp_str_dup(arena, folder);
    if (!path.ptr)
        return sp_err_memory(err);
    return sp_folder_walk(path.ptr, &options, visit, &l, err);
}
