/*
 * revision.h - a git revision as an sp_reader: what is under version control there, laid over the working tree.
 *
 * Inside the repository a path leads to what the commit has at it, or to nothing. Outside, in .git, in what git
 * ignores today and in the home directory it leads to the disk, as do links that lead there. Contents are those that
 * git stores: no filter and no conversion of line ends is applied. A submodule is an empty folder.
 */
#ifndef SP_REVISION_H
#define SP_REVISION_H

#include "base/types.h"
#include "git/repo.h"

/* What stands in one commit. */
typedef struct sp_tree_files sp_tree_files;

/* Lists the files of a commit. *ret is the caller's, to be dropped with sp_tree_files_close (NULL is fine) before the
 * repository is closed. */
SP_MUST_USE sp_status sp_tree_files_open(sp_repo *repo, const sp_commit *commit, sp_tree_files **ret, sp_err *err);
void sp_tree_files_close(sp_tree_files *files);

/* The reader; good until they are closed. */
const sp_reader *sp_tree_files_reader(sp_tree_files *files);

/* Whether what such a reader found is the commit's, and not the disk's. */
bool sp_file_is_committed(const sp_file *file);

/* Whether a change at a path, relative to the top, could change what was read until now. */
bool sp_tree_files_depend_on(const sp_tree_files *files, sp_str path);

#endif
