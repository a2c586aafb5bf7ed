/*
 * duplicates.h - text that stands twice.
 *
 *   pieces.c    a prompt, or the sources of one, as a row of leaf blocks
 *   copies.c    runs of blocks that have come before, word for word
 *   similar.c   sections and blocks that nearly have
 *   duplicates.c  what both cost in a prompt
 *
 * The first three know no tokens and no prompt: a piece has a weight, and whoever makes the pieces says which. So check
 * finds the same copies in sources that nobody has counted.
 */
#ifndef SP_DUPLICATES_H
#define SP_DUPLICATES_H

#include "base/map.h"
#include "base/types.h"
#include "load/load.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/profile.h"

/* A leaf block where it stands. */
typedef struct sp_piece {
    sp_str text;          /* without white space around it: what is compared */
    uint32_t source;      /* SP_NONE: text of our own, which is a copy of nothing */
    sp_segment_kind kind; /* of its first segment; of a piece of sources always 0 */
    uint32_t block;
    uint32_t heading; /* as in sp_block; of a heading its own block */
    uint32_t first_line;
    uint32_t last_line;
    size_t message; /* bytes begin to end of that message; of a piece of sources, 0 and bytes of its source */
    size_t begin;
    size_t end;
    size_t weight;   /* tokens or bytes */
    bool is_opening; /* a heading or a line: part of a copy only with what follows it */
    uint32_t class;  /* pieces with the same text have the same one */
} sp_piece;

typedef struct sp_pieces {
    sp_list(sp_piece) list;
    sp_map classes;       /* text to class */
    const sp_map *others; /* classes that are known already, or NULL */
    uint32_t class_count; /* with those */
} sp_pieces;

/* Blocks copy to copy + count (not included) are those from first on. */
typedef struct sp_repeat {
    uint32_t first;
    uint32_t copy;
    uint32_t first_count; /* of what is only similar the two may differ */
    uint32_t copy_count;
    unsigned percent; /* how much of the two is the same: 100 for a copy */
} sp_repeat;

typedef struct sp_repeats {
    sp_list(sp_repeat) list;
    size_t uncompared_count; /* sections that are too long to look for similar ones */
} sp_repeats;

/* The pieces of a prompt, by weight in tokens. They borrow from it. Fails only with SP_ERR_NO_MEMORY, as all here do.
 */
SP_MUST_USE sp_status sp_pieces_of_prompt(sp_arena *arena, const sp_prompt *prompt, sp_pieces *pieces, sp_err *err);
/* Adds the blocks of a source, by weight in bytes; not those that lie in one of the comments, which are in order. */
SP_MUST_USE sp_status sp_pieces_add_source(sp_arena *arena, sp_pieces *pieces, uint32_t index, const sp_source *source,
                                           const sp_span *comments, size_t comment_count, sp_err *err);
/* Those of pieces, to which more can be added; other is borrowed. */
SP_MUST_USE sp_status sp_pieces_copy(sp_arena *arena, const sp_pieces *other, sp_pieces *ret, sp_err *err);

/* Whether b is the next piece of the same file behind a, with nothing between them. */
static inline bool sp_piece_follows(const sp_piece *a, const sp_piece *b)
{
    return a->source == b->source && a->message == b->message && a->end == b->begin;
}

/* Runs of pieces from index from on that stand before, as long as can be, of at least that weight: each in one file,
 * and there too; none overlaps another, or what it is a copy of. The first time a text stands there it is never a
 * copy. */
SP_MUST_USE sp_status sp_copies_find(sp_arena *arena, const sp_pieces *pieces, uint32_t from, size_t min_weight,
                                     sp_repeats *ret, sp_err *err);

/* The same for what is at least that similar, of pieces that no match of copies holds. */
SP_MUST_USE sp_status sp_similar_find(sp_arena *arena, const sp_pieces *pieces, const sp_repeats *copies,
                                      size_t min_weight, unsigned min_percent, sp_repeats *ret, sp_err *err);

/* Whether a match is all of a file, and all of another one. */
bool sp_repeat_is_file(const sp_pieces *pieces, const sp_repeat *match);

#endif
