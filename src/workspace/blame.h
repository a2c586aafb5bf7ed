/* blame.h - which commit added the most to each part of a prompt. */
#ifndef SP_BLAME_H
#define SP_BLAME_H

#include "base/types.h"
#include "diff/result.h"
#include "tokenizer/tokens.h"
#include "workspace/sides.h"

typedef struct sp_blamed {
    const sp_blame **of_new; /* of each part of the new side; NULL: nothing added any */
    size_t commit_count;
    size_t looked_at_count;
    size_t built_count;
    size_t failed_count; /* of these */
    sp_str failed_id;    /* short, of the last of them; and why */
    sp_str failed_why;
} sp_blamed;

/* Builds the prompt along first parents from one side to the other, at each commit that could change it, and follows
 * its parts. new_parts are those of the new side. At most SP_BLAME_MAX_COMMITS, the newest, are looked at. A commit at
 * which the prompt cannot be built is passed over, and what it added is the next one's. Errors as for sp_diff_run. */
SP_MUST_USE sp_status sp_blame_parts(sp_arena *arena, const sp_sides *sides, const char *agent,
                                     const sp_encoding *encoding, const sp_parts *new_parts, sp_blamed *ret,
                                     sp_err *err);

#endif
