/* lock.h - comparing a prompt with what a lock file says it was. */
#ifndef SP_LOCK_H
#define SP_LOCK_H

#include "base/base.h"
#include "base/diagnostic.h"
#include "base/types.h"
#include "model/prompt.h"

/* As sp_lock_compare, in an arena. With a current directory (or ptr NULL) files are shown as they are seen from there:
 * the prompt may have been built in another one. */
SP_MUST_USE sp_status sp_lock_compare_in(sp_arena *arena, const sp_prompt *prompt, sp_str lock, sp_str path,
                                         sp_str current, const sp_diagnostic **ret, size_t *ret_count, sp_err *err);

#endif
