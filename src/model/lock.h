/* lock.h - a lock file as it was read, and the prompt that is compared with it. */
#ifndef SP_MODEL_LOCK_H
#define SP_MODEL_LOCK_H

#include "base/types.h"
#include "model/prompt.h"

/* How the prompt of a lock is built again. */
typedef struct sp_lock_origin {
    sp_str directory;      /* where sysprompt build was run, seen from the folder that the lock lies in, such as "." or
                            * "../shop"; ptr NULL: nothing of this is known */
    sp_str_list arguments; /* behind sysprompt build: options and the agent */
    size_t offset;         /* of the arguments, in a lock that was read */
} sp_lock_origin;

/* A lock that was read. */
typedef struct sp_lock {
    sp_str path;      /* as it was given */
    sp_str real_path; /* ptr NULL: it came from a descriptor */
    sp_str text;
    sp_lock_origin origin;
    void *owner; /* what all of the above lives in; for sp_lock_free */
} sp_lock;

/* A lock, and the prompt as it is built now. */
typedef struct sp_lock_check {
    const sp_lock *lock;
    const sp_prompt *prompt; /* NULL: it cannot be built any more, */
    const sp_err *failure;   /* and why */
} sp_lock_check;

#endif
