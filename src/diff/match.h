/*
 * match.h - which part of the old prompt became which part of the new one, and what that makes of every file.
 */
#ifndef SP_DIFF_MATCH_H
#define SP_DIFF_MATCH_H

#include "base/types.h"
#include "diff/parts.h"
#include "diff/result.h"

typedef struct sp_match {
    const sp_parts *old_parts;
    const sp_parts *new_parts;
    uint32_t *old_of_new; /* parts; SP_NONE: it has none */
    uint32_t *new_of_old;
    uint32_t *old_file_of_new;
    uint32_t *new_file_of_old;
} sp_match;

/* Matches every part with at most one of the other side. Both are borrowed for as long as the match is used. Linear in
 * the number of parts. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_match_parts(sp_arena *arena, const sp_parts *old_parts, const sp_parts *new_parts,
                                     sp_match *ret, sp_err *err);

/* Whether a part differs from the old one that it is matched with. */
bool sp_match_is_edited(const sp_match *match, uint32_t old_index, uint32_t new_index);

/* The match as files and rows. blame_of_new has a blame for each of the new parts, or is NULL. */
SP_MUST_USE sp_status sp_match_rows(sp_arena *arena, const sp_match *match, const sp_blame *const *blame_of_new,
                                    sp_diff_prompt *ret, sp_err *err);

#endif
