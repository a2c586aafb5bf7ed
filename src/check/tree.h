/* tree.h - the files below a folder, without what git ignores, as paths seen from it. */
#ifndef SP_CHECK_TREE_H
#define SP_CHECK_TREE_H

#include "base/base.h"
#include "base/types.h"

typedef sp_list(sp_str) sp_path_list;

/* folder is absolute. What cannot be listed is left out. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_tree_list(sp_arena *arena, sp_str folder, bool gitignore, sp_path_list *ret, sp_err *err);

#endif
