/*
 * copies.c - runs of blocks that have come before.
 *
 * As a compressor looks for matches: from left to right, the longest run that stands there already is taken, and the
 * search goes on behind it. Where a text begins is found in chains, one for each text, which lead back from one place
 * to the one before. A chain is followed only so far, because a line such as --- may stand in thousands of places; the
 * very first place is always tried, so that of many copies each names the same original.
 */
#include "base/types.h"
#include "explain/duplicates/duplicates.h"

enum {
    MAX_TRIED = 32,    /* places of a text */
    MAX_OPENINGS = 16, /* headings with nothing between them: what is behind more of them is another run */
};

typedef struct finder {
    const sp_piece *pieces;
    uint32_t count;
    uint32_t *first_of; /* of each class: its first piece, */
    uint32_t *last_of;  /* and the last one so far */
    uint32_t *before;   /* of each piece: the one before with the same text */
} finder;

static bool goes_on(const sp_piece *a, const sp_piece *b, uint32_t at)
{
    return a[at].class == b[at].class && a[at].source != SP_NONE && b[at].source != SP_NONE &&
           (at == 0 || (sp_piece_follows(&a[at - 1], &a[at]) && sp_piece_follows(&b[at - 1], &b[at])));
}

/* Pieces that are the same from first and copy on. */
static uint32_t match_at(const finder *f, uint32_t first, uint32_t copy, size_t *ret_weight)
{
    const sp_piece *a = f->pieces + first;
    const sp_piece *b = f->pieces + copy;
    uint32_t most = copy - first < f->count - copy ? copy - first : f->count - copy;
    uint32_t length = 0;
    uint32_t end = 0; /* behind the last one that is no opening */
    *ret_weight = 0;
    for (size_t weight = 0; length < most && length - end < MAX_OPENINGS && goes_on(a, b, length); length++) {
        weight += b[length].weight;
        if (b[length].is_opening)
            continue;
        *ret_weight = weight;
        end = length + 1;
    }
    return end;
}

static void try_at(const finder *f, uint32_t first, uint32_t copy, size_t min_weight, size_t *best_weight,
                   sp_repeat *best)
{
    size_t weight;
    uint32_t length = match_at(f, first, copy, &weight);
    bool is_better = weight > *best_weight || (weight == *best_weight && length > 0 && first < best->first);
    if (weight < min_weight || !is_better)
        return;
    *best_weight = weight;
    *best = (sp_repeat){ first, copy, length, length, 100 };
}

static sp_repeat longest_at(const finder *f, uint32_t copy, size_t min_weight)
{
    sp_repeat best = { .first = SP_NONE, .copy = copy };
    size_t weight = 0;
    uint32_t class = f->pieces[copy].class;
    uint32_t first = f->first_of[class];
    if (first == SP_NONE || first >= copy)
        return best;
    try_at(f, first, copy, min_weight, &weight, &best);
    uint32_t at = f->before[copy];
    for (int tried = 0; at != SP_NONE && tried < MAX_TRIED; tried++, at = f->before[at])
        try_at(f, at, copy, min_weight, &weight, &best);
    return best;
}

static void link_up(const finder *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t class = f->pieces[i].class;
        f->before[i] = f->last_of[class];
        f->last_of[class] = i;
        if (f->first_of[class] == SP_NONE)
            f->first_of[class] = i;
    }
}

static uint32_t *numbers(sp_arena *arena, size_t count)
{
    uint32_t *array = SP_ARENA_ARRAY(arena, uint32_t, count + 1);
    for (size_t i = 0; array && i < count; i++)
        array[i] = SP_NONE;
    return array;
}

sp_status sp_copies_find(sp_arena *arena, const sp_pieces *pieces, uint32_t from, size_t min_weight, sp_repeats *ret,
                         sp_err *err)
{
    finder f = { .pieces = pieces->list.items, .count = (uint32_t)pieces->list.count };
    f.first_of = numbers(arena, pieces->class_count);
    f.last_of = numbers(arena, pieces->class_count);
    f.before = numbers(arena, f.count);
    if (!f.first_of || !f.last_of || !f.before)
        return sp_err_memory(err);
    link_up(&f);
    for (uint32_t at = from; at < f.count;) {
        sp_repeat best = longest_at(&f, at, min_weight);
        at += best.copy_count ? best.copy_count : 1;
        sp_repeat *match = best.copy_count ? SP_LIST_PUSH(arena, &ret->list) : NULL;
        if (best.copy_count && !match)
            return sp_err_memory(err);
        if (match)
            *match = best;
    }
    return SP_OK;
}
