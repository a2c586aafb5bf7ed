/* paths.h - a list of paths. */
#ifndef SP_PATHS_H
#define SP_PATHS_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_paths {
    sp_str *items;
    size_t count;
    size_t capacity;
} sp_paths;

/* Adds a path to a list; one with ptr NULL is SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_paths_add(sp_arena *arena, sp_paths *paths, sp_str path, sp_err *err);

#endif
