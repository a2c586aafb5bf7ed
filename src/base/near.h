/*
 * near.h - the known name that a misspelt one was probably meant to be.
 *
 *   size_t hit = sp_near(name, known, SP_COUNT_OF(known));
 *   if (hit != SIZE_MAX)
 *       ... "did you mean %.*s?", SP_STR_ARG(known[hit])
 */
#ifndef SP_NEAR_H
#define SP_NEAR_H

#include "base/base.h"
#include "base/types.h"

/* Index of the candidate nearest to name, or SIZE_MAX when none is near. Case, blanks, dots, dashes and underscores do
 * not count; beyond that a name may be off by one edit (insert, delete, replace, swap two neighbours), and by two when
 * it is at least six letters long. Of equally near candidates the first wins. Names of more than 64 bytes are near to
 * nothing. */
size_t sp_near(sp_str name, const sp_str *candidates, size_t count);

/* The first candidate that begins with name (of more than two bytes), as o200k_base does with o200k; else the nearest,
 * or SIZE_MAX. */
size_t sp_near_or_longer(sp_str name, const sp_str *candidates, size_t count);

/* Whether two names differ in nothing but case (of ASCII letters), blanks, dots, dashes and underscores. */
bool sp_near_same(sp_str a, sp_str b);

/* The name without all that: of two names that are the same, the same text. ptr NULL when memory is short. */
sp_str sp_near_plain(sp_arena *arena, sp_str name);

/* Index of the candidate that name was probably meant to be (small edit distance, case apart), or SIZE_MAX. */
size_t sp_nearest_name(sp_str name, const sp_str *candidates, size_t count);

#endif
