/* directory.h - the listing of the launch directory that some clients send with the first request. */
#ifndef SP_DIRECTORY_H
#define SP_DIRECTORY_H

#include "sources/place.h"

/* Its lines, which live in the arena; empty where the profile has no rule on it. Fails with SP_ERR_NO_MEMORY, and as
 * the reader does. */
SP_MUST_USE sp_status sp_directory_text(sp_arena *arena, const sp_place *here, sp_str *ret, sp_err *err);

#endif
