/*
 * without.h - --without: a reader for which files, or sections of files, are not there.
 *
 *   SP_TRY(sp_without_init(arena, here, err));     from here on here->reader hides them
 *
 * A file is hidden under each path that leads to it.
 */
#ifndef SP_WITHOUT_H
#define SP_WITHOUT_H

#include "base/base.h"
#include "base/types.h"

struct sp_place;
struct sp_source;

/* Wraps the reader of the place as its request says. SP_ERR_USAGE for a file or heading that is not there, with a
 * suggestion. Lives in the arena. */
SP_MUST_USE sp_status sp_without_init(sp_arena *arena, struct sp_place *here, sp_err *err);

/* Whether it is one of those files. path is plain, as sp_path_join makes it. */
bool sp_without_hides(const struct sp_place *here, sp_str path);

/* SP_ERR_USAGE for a file that is none of the sources, all loaded without that option, with a suggestion. Without
 * sources, for one that does not exist. */
SP_MUST_USE sp_status sp_without_check(sp_arena *arena, const struct sp_place *here, const struct sp_source *sources,
                                       uint32_t count, sp_err *err);

#endif
