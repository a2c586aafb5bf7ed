/* past.h - a file as a side of a comparison: where it lies, and what it was at a revision. */
#ifndef SP_PAST_H
#define SP_PAST_H

#include "base/types.h"
#include "workspace/sides.h"

/* The absolute path of a file, which need not be there, without links on the way but perhaps the last part. Lives in
 * arena. Fails as reading a folder does. */
SP_MUST_USE sp_status sp_place_of_file(sp_arena *arena, const char *path, sp_str *ret, sp_err *err);

/* The same of a path as in REV:PATH, in the repository of the side's revision. */
SP_MUST_USE sp_status sp_place_in_revision(sp_arena *arena, const sp_side *side, const char *path, sp_str *ret,
                                           sp_err *err);

/* Makes a side that is a revision the text that the file at place has in it; is_absent where it has none. Errors:
 * SP_ERR_INPUT for a file outside of the repository, for a folder, and as for sp_repo_read. */
SP_MUST_USE sp_status sp_side_take_past(sp_arena *arena, sp_side *side, sp_str place, sp_err *err);

/* Makes a side the text that is at place in the working tree of a repository; is_absent where nothing is. */
SP_MUST_USE sp_status sp_side_take_present(sp_arena *arena, sp_side *side, sp_str place, sp_str top, sp_err *err);

#endif
