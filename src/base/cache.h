/*
 * cache.h - files that can be made again, in a folder that may be deleted at any time.
 *
 * A file is named after what it was made of (a hash), so it never has to be brought up to date. Who reads one checks
 * what is in it: anybody may have written it.
 */
#ifndef SP_CACHE_H
#define SP_CACHE_H

#include "base/base.h"
#include "base/types.h"

/* The file of that name. *ret has ptr NULL where there is none, or none that can be read. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_cache_read(sp_arena *arena, const char *folder, const char *name, uint64_t max_bytes,
                                    sp_str *ret, sp_err *err);

/* Makes the folder, and those above it, for the user alone. False where that cannot be done. */
bool sp_cache_make(const char *folder);

/* Writes it beside its place and renames it, so that nobody ever reads half of it. The folder, and those above it, are
 * made, for the user alone. False where that cannot be done: then it has to be made again next time. */
bool sp_cache_write(const char *folder, const char *name, sp_str bytes);

#endif
