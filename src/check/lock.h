/* lock.h - comparing a prompt with what a lock file says it was. */
#ifndef SP_LOCK_H
#define SP_LOCK_H

#include "base/base.h"

/* As sp_lock_compare, in an arena. */
SP_MUST_USE sp_status sp_lock_compare_in(sp_arena *arena, const sp_prompt *prompt, sp_str lock, sp_str path,
                                         const sp_diagnostic **ret, size_t *ret_count, sp_err *err);

#endif
