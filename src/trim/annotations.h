/* annotations.h - what the comments in a file say of its priorities. Private to trim/. */
#ifndef SP_TRIM_ANNOTATIONS_H
#define SP_TRIM_ANNOTATIONS_H

#include "base/types.h"
#include "model/source.h"
#include "trim/trim.h"

typedef struct sp_note {
    bool is_set;
    bool pinned;
    uint8_t priority;
    const char *reason;
} sp_note;

/* What the annotations say of each block, ret_notes[0..block_count), NULL if there are none. A note of a heading is for
 * its section. What is no annotation that is known gets a warning. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_trim_read_notes(sp_arena *arena, const sp_source *source, sp_diags *diags,
                                         const sp_note **ret_notes, sp_err *err);

#endif
