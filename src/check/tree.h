/* tree.h - the files below a directory, without those that git ignores, as paths seen from it. */
#ifndef SP_CHECK_TREE_H
#define SP_CHECK_TREE_H

#include "base/base.h"
#include "base/file.h"
#include "base/types.h"

typedef sp_list(sp_str) sp_path_list;

/* folder is absolute. With another reader than the disk's git ignores all but what the commit has. What cannot be
 * listed is left out. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_tree_list(sp_arena *arena, const sp_reader *reader, sp_str folder, bool gitignore,
                                   sp_path_list *ret, sp_err *err);

#endif
