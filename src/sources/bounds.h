/* bounds.h - how far links on a path that the command line names may lead: the user's choice, but for the links that a
 * repository brings. origin.c asks it for a prompt's files, named.c for all others. */
#ifndef SP_BOUNDS_H
#define SP_BOUNDS_H

#include "base/file.h"
#include "sources/paths.h"

struct sp_place;

/* How long the path of the hidden directory at home is that holds this one; 0: none does. home.ptr may be NULL. */
size_t sp_bounds_hidden_length(sp_str home, sp_str path);
/* The same for the innermost directory whose links lead anywhere: such a one, or one of own. */
size_t sp_bounds_own_length(sp_str home, const sp_paths *own, sp_str path);
/* The bounds of work trees, which it borrows: a home in a repository does not belong to it. */
sp_bounds sp_bounds_of_trees(const struct sp_place *here, const sp_paths *trees);

/* The work trees that a link in a directory must stay in. */
typedef struct sp_link_trees {
    sp_str
        top; /* of the repository around the directory, or what takes its place; ptr NULL: a link may lead anywhere */
    bool is_repository;
    const char *what; /* "the repository", "the launch directory" or "the working directory" */
} sp_link_trees;

/* The repository around a directory. A checkout may come without .git: then the launch or working directory takes its
 * place, unless it is home or holds that. Of here as sp_bounds_of_named. */
SP_MUST_USE sp_status sp_link_trees_find(sp_arena *arena, const struct sp_place *here, sp_str directory,
                                         sp_link_trees *ret, sp_err *err);
/* Their real paths: the top, and of a repository its other work trees. */
SP_MUST_USE sp_status sp_link_trees_list(sp_arena *arena, const struct sp_place *here, const sp_link_trees *found,
                                         sp_paths *ret, sp_err *err);

/* The user's own links on the absolute path are followed; the first that lies in a repository, or below the working or
 * launch directory where there is no repository, must not lead out of that. own: directories whose links lead
 * anywhere. *ret has no places where the path may lead anywhere; *ret_what is what it must not lead out of. The
 * place's current and launch directory and its home have to be known; what it needs is looked up by its reader. */
SP_MUST_USE sp_status sp_bounds_of_named(sp_arena *arena, const struct sp_place *here, const sp_paths *own,
                                         sp_str absolute, sp_bounds *ret, const char **ret_what, sp_err *err);

#endif
