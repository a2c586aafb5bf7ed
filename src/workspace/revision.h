/* revision.h - from what a request says to the repository and the files that it means. */
#ifndef SP_REQUEST_REVISION_H
#define SP_REQUEST_REVISION_H

#include "base/types.h"
#include "git/revision_reader.h"
#include "model/request.h"

/* The repository around the launch directory of a request; the caller's, to be closed. */
SP_MUST_USE sp_status sp_request_repo(const sp_request *request, sp_repo **ret_repo, sp_err *err);

/* A revision of files that are the caller's. */
SP_MUST_USE sp_status sp_revision_wrap(sp_arena *arena, const sp_commit *commit, sp_repo *repo, sp_tree_files *files,
                                       sp_revision **ret, sp_err *err);

/* What a revision has read. */
sp_tree_files *sp_revision_files(const sp_revision *revision);

/* The reader of a request: that of its revision, its own, or the disk. */
const sp_reader *sp_request_reader(const sp_request *request);

#endif
