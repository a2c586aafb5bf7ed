/* walk.h - the files of a directory, without those that git ignores. */
#ifndef SP_GIT_WALK_H
#define SP_GIT_WALK_H

#include "base/types.h"

/* Which files of a folder sp_folder_walk finds. Zero-initialised finds all. The patterns are those of a .gitignore
 * file, seen from the folder that is walked; strings are borrowed for the call. */
typedef struct sp_folder_options {
    bool gitignore;        /* leave out what git ignores: .gitignore files from the root of the repository down, and its
                            * .git/info/exclude. A user's own list of ignored files is not read, nor is the index */
    sp_str_list includes;  /* if there are any, only files that match one of them, or lie in a folder that does; where
                            * patterns with ! say otherwise, what is said of the nearest counts */
    sp_str_list excludes;  /* no files and folders that match one of them */
    bool *include_matched; /* of the caller's, one for each include: set where it matches a file, or a folder with files
                            * in it; or NULL */
    bool *exclude_matched; /* the same for the excludes, with folders */
} sp_folder_options;

/* Gets each path that sp_folder_walk finds, and why something could not be read (failure, else NULL). path is borrowed
 * for the call. False ends the walk: there is no memory for what is found. */
typedef bool sp_folder_visit(void *context, const char *path, const sp_err *failure);

/* Finds the regular files in a folder and the folders in it, in the order of their names' bytes; a path that is no
 * folder is found as it is. Links are not followed but for path itself, and what is called .git is left out. What
 * cannot be listed is told to visit, and the walk goes on. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_folder_walk(const char *path, const sp_folder_options *options, sp_folder_visit *visit,
                                     void *context, sp_err *err);

#endif
