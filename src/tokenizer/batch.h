/*
 * batch.h - a few hundred pieces of a text at a time, looked up in the cache together.
 *
 * First where each of them would stand, so that the memory that they are in has time to arrive; then what stands there.
 */
#ifndef SP_TOKENIZE_BATCH_H
#define SP_TOKENIZE_BATCH_H

#include "tokenizer/cache.h"
#include "tokenizer/vocab.h"

enum {
    SP_BATCH = SP_SPLIT_MAX, /* pieces */
};

typedef struct sp_batch_list {
    size_t count;
    uint16_t pieces[SP_BATCH]; /* their numbers */
} sp_batch_list;

/* It begins with a cache line, and so do the first four of these: steps of eight do not cross one. */
typedef struct sp_batch {
    uint64_t lows[SP_BATCH]; /* of the key: see sp_cache_key */
    uint64_t highs[SP_BATCH];
    uint32_t places[SP_BATCH];
    size_t bounds[SP_BATCH + 1]; /* piece i is text[bounds[i]..bounds[i + 1]) */
    sp_reach reach;              /* of the pieces of an estimate, whose keys have it, too; 0 of exact counts */
    sp_batch_list missed, longs;
    sp_batch_list likely;     /* tokens, */
    uint32_t slots[SP_BATCH]; /* and in that order their slots: sp_probe_word */
} sp_batch;

_Static_assert(SP_BATCH % 64 == 0 && offsetof(sp_batch, bounds) % 64 == 0,
               "whole words of bits, and whole cache lines");

typedef struct sp_lookup {
    /* Keys and places of count pieces. SP_CACHE_PAD bytes have to be readable from where each begins. */
    void (*find)(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t count);
    /* The tokens of those that stand in their place; lists the others in missed. */
    size_t (*count)(const sp_cache *cache, sp_batch *b, size_t count);
    /* The same of an estimate: its ticks are added to kinds. May list pieces that are there, too, whose
     * ticks it did not add. */
    void (*sum)(const sp_cache *cache, sp_batch *b, size_t count, uint64_t kinds[SP_KINDS]);
    /* And of those in missed that are anywhere in their group. The others are left in the list, or go to longs if they
     * are too long for the table. */
    void (*sum_groups)(const sp_cache *cache, sp_batch *b, uint64_t kinds[SP_KINDS]);
} sp_lookup;

const sp_lookup *sp_lookup_of(sp_path path);

static inline sp_cache_key sp_batch_key(const sp_batch *b, size_t i)
{
    return (sp_cache_key){ b->lows[i], b->highs[i] };
}

/* How many bytes piece i has, with its reach. */
static inline size_t sp_batch_len(const sp_batch *b, size_t i)
{
    return b->bounds[i + 1] - b->bounds[i] + (b->reach.does[i / 64] >> i % 64 & 1);
}

/* Adds piece i if it belongs there, without a branch. */
static inline void sp_batch_list_if(sp_batch_list *list, size_t i, bool belongs)
{
    list->pieces[list->count] = (uint16_t)i;
    list->count += belongs;
}

#endif
