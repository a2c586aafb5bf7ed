/* lock_file.h - sysprompt.lock/1: what a prompt was made of. */
#ifndef SP_REPORT_LOCK_FILE_H
#define SP_REPORT_LOCK_FILE_H

#include "base/types.h"
#include "model/lock.h"
#include "model/prompt.h"
#include "sources/origin.h"

/* Renders a lock of the prompt, as JSON (sysprompt.lock/1): its files in order with their hashes, the profile, the
 * encoding, hash, bytes and tokens of the text, and the hash of each line about machine, day and git status. origin may
 * be NULL. Allocation and errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_lock_render(const sp_prompt *prompt, const sp_lock_origin *origin, char **ret_bytes,
                                     size_t *ret_len, sp_err *err);

/* Reads a lock; namer is the file that names it, NULL the command line. On success *ret_lock is the caller's, to be
 * dropped with sp_lock_free (NULL is fine). Errors: SP_ERR_INPUT, with line and column where it can be read but is no
 * lock; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_lock_open(const char *path, const sp_namer *namer, sp_lock **ret_lock, sp_err *err);

void sp_lock_free(sp_lock *lock);

#endif
