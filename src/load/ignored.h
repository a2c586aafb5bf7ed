/*
 * ignored.h - whether a client's tools ignore a file, so that nothing loads for it.
 *
 *   sp_ignored ignored = { .loader = loader };
 *   SP_TRY(sp_ignored_ask(&ignored, path, &is_ignored, err));
 *
 * Ignore files are read once, when the first file below their directory is asked about.
 */
#ifndef SP_LOAD_IGNORED_H
#define SP_LOAD_IGNORED_H

#include "base/map.h"
#include "base/types.h"
#include "git/ignore.h"
#include "sources/loader.h"

typedef struct sp_ignored {
    sp_loader *loader;
    sp_map directories;          /* which of .gitignores is theirs */
    sp_list(sp_ignore_list) git; /* the repository's own list, then .gitignore files */
    sp_list(sp_ignore_list) own; /* the client's */
    bool is_begun;
} sp_ignored;

/* path is absolute. Files outside of the launch directory are not ignored. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_ignored_ask(sp_ignored *ignored, sp_str path, bool *ret, sp_err *err);

#endif
