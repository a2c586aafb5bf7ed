/*
 * repo.h - a git repository that is asked for commits and for what stood in them. Nothing is checked out, written,
 * fetched, or run but git itself.
 *
 *   sp_repo *repo;
 *   SP_TRY(sp_repo_open(&where, &repo, err));
 *   SP_TRY(sp_repo_find_commit(repo, SP_STR("HEAD~3"), &commit, err));
 *   ...
 *   sp_repo_close(repo);
 *
 * Contents come from one `git cat-file --batch`, which is started when it is needed first. For one thread at a time.
 */
#ifndef SP_REPO_H
#define SP_REPO_H

#include "base/file.h"
#include "base/types.h"

typedef struct sp_repo sp_repo;

/* Where a repository is looked for. */
typedef struct sp_repo_where {
    sp_str folder;     /* in its work tree; absolute */
    sp_str home;       /* whose configuration of git counts, and that has no versions itself; ptr NULL: nobody's */
    sp_str root;       /* real path that it has to lie in, "/" for anywhere */
    bool may_lead_out; /* as of sp_git_dir; only where the root is "/" */
} sp_repo_where;

typedef struct sp_commit {
    sp_str id;       /* in full */
    sp_str short_id; /* as git shortens it */
    sp_str date;     /* of the author, 2026-11-21 */
    sp_str subject;
} sp_commit;

/* On success *ret_repo is the caller's, to be dropped with sp_repo_close (NULL is fine). Errors: SP_ERR_INPUT where git
 * cannot be run, folder is in no repository or in a bare one, it belongs to somebody else, or it leads out of root. */
SP_MUST_USE sp_status sp_repo_open(const sp_repo_where *where, sp_repo **ret_repo, sp_err *err);
void sp_repo_close(sp_repo *repo);

/* What lives as long as the repository is open goes here. */
sp_arena *sp_repo_arena(sp_repo *repo);
/* The real path of its work tree. */
sp_str sp_repo_top(const sp_repo *repo);

/* What is not under version control in the work tree, on purpose: what git ignores, and the home directory if it lies
 * in there. Paths relative to the top, sorted by bytes; a folder stands for all that is in it. */
SP_MUST_USE sp_status sp_repo_unversioned(sp_repo *repo, const sp_str **ret, size_t *ret_count, sp_err *err);

/* What git prints for these words, at most max_bytes, in arena. SP_ERR_INPUT with git's own words when it fails. */
SP_MUST_USE sp_status sp_repo_ask(sp_repo *repo, sp_arena *arena, const char *const *words, size_t max_bytes,
                                  sp_str *ret, sp_err *err);

/* The commit of that name: a branch, a tag, HEAD~3, the beginning of an id, whatever git takes for one commit. It lives
 * as long as the repository is open. SP_ERR_INPUT for one that is not known, with the nearest branch or tag. */
SP_MUST_USE sp_status sp_repo_find_commit(sp_repo *repo, sp_str name, sp_commit *ret, sp_err *err);

/* The id of the newest commit that both come from; it lives as long as the repository is open. SP_ERR_INPUT where there
 * is none. */
SP_MUST_USE sp_status sp_repo_find_ancestor(sp_repo *repo, const sp_commit *a, const sp_commit *b, sp_str *ret_id,
                                            sp_err *err);

/* The content of an object, unless it is larger than max_bytes: file's state is SP_FILE_READ or SP_FILE_LARGE, its size
 * is set, and bytes are in arena. path is for messages. SP_ERR_INPUT where the object is missing, as in a partial
 * clone, unless only its size is asked for (max_bytes 0), which is 0 then. */
SP_MUST_USE sp_status sp_repo_read(sp_repo *repo, sp_arena *arena, sp_str object, sp_str path, uint64_t max_bytes,
                                   sp_file *file, sp_err *err);

#endif
