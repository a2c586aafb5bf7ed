/*
 * git_dir.h - the repository around a directory, its git directory, and whether git may be run in it.
 *
 *   sp_git_dir found;
 *   SP_TRY(sp_git_dir_find(arena, reader, directory, root, places, &found, err));
 *   if (found.top.ptr && !found.problem.ptr)
 *       SP_TRY(sp_git_dir_judge(arena, &found, err));
 *
 * Everything below a directory that was cloned may be made to look like a repository, and a .git that came in an
 * archive may name any directory of the machine. So git does not search for a repository itself: it is told the one
 * that is found here. A git directory elsewhere counts only if it names the work tree back, as that of a linked
 * worktree and of a submodule does, because nobody else can have written that.
 */
#ifndef SP_GIT_DIR_H
#define SP_GIT_DIR_H

#include "base/file.h"
#include "base/types.h"

typedef struct sp_git_dir {
    sp_str top;        /* real path of the work tree: the nearest directory with a .git; ptr NULL: there is none */
    sp_str dir;        /* real path of its git directory; ptr NULL: none that counts */
    sp_str common;     /* the one that has the objects and the configuration: dir, or that of the main work tree */
    sp_str problem;    /* why git must not be run there, a clause; ptr NULL: it may be */
    sp_str places[3];  /* where what git reads may lie */
    bool is_bare;      /* the problem is that a directory on the way to top looks like a repository of its own */
    bool is_bounded;   /* it was looked for below a root that is not "/", which nothing may lead out of */
    bool may_lead_out; /* the user allows links out of it, borrowed objects, and configuration from outside */
} sp_git_dir;

static inline sp_places sp_git_dir_places(const sp_git_dir *git)
{
    return (sp_places){ git->places, 3 };
}

/* Looks at directory, a real path, and above it up to root. What is read lies within places, else it is not found.
 * Everything that is found lives in the arena. */
SP_MUST_USE sp_status sp_git_dir_find(sp_arena *arena, const sp_reader *reader, sp_str directory, sp_str root,
                                      sp_places places, sp_git_dir *ret, sp_err *err);

/* Looks at the disk for links in the git directory that lead elsewhere, for a list of another repository's
 * objects, and for files that git would wait for. Sets git->problem. */
SP_MUST_USE sp_status sp_git_dir_judge(sp_arena *arena, sp_git_dir *git, sp_err *err);

#endif
