/* lock_file.h - sysprompt.lock/1: what a prompt was made of. */
#ifndef SP_REPORT_LOCK_FILE_H
#define SP_REPORT_LOCK_FILE_H

#include "base/types.h"
#include "model/prompt.h"

/* How the prompt of a lock is built again. */
typedef struct sp_lock_origin {
    sp_str directory;      /* where sysprompt build was run, seen from the folder that the lock lies in, such as "." or
                            * "../shop"; ptr NULL: nothing of this is known */
    sp_str_list arguments; /* behind sysprompt build: options and the agent */
} sp_lock_origin;

/* Renders a lock of the prompt, as JSON (sysprompt.lock/1): its files in order with their hashes, the profile, the
 * encoding, hash, bytes and tokens of the text, and the hash of each line about machine, day and git status. origin may
 * be NULL. Allocation and errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_lock_render(const sp_prompt *prompt, const sp_lock_origin *origin, char **ret_bytes,
                                     size_t *ret_len, sp_err *err);

/* A lock that was read. */
typedef struct sp_lock {
    sp_str path; /* as it was given */
    sp_str text;
    sp_lock_origin origin;
    void *owner; /* what all of the above lives in; for sp_lock_free */
} sp_lock;

/* Reads a lock. On success *ret_lock is the caller's, to be dropped with sp_lock_free (NULL is fine). Errors:
 * SP_ERR_INPUT, with line and column where it can be read but is no lock; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_lock_open(const char *path, sp_lock **ret_lock, sp_err *err);

void sp_lock_free(sp_lock *lock);

#endif
