/*
 * batch.h - a few hundred pieces of a text at a time, looked up in the cache together.
 *
 * First where each of them would stand, so that the memory that they are in has time to arrive; then what stands there.
 */
#ifndef SP_TOKENIZE_BATCH_H
#define SP_TOKENIZE_BATCH_H

#include "tokenize/cache.h"
#include "tokenize/vocab.h"

enum {
    SP_BATCH = 384,    /* pieces */
    SP_BATCH_STEP = 8, /* that may be looked at at once */
    SP_BATCH_ROOM = SP_BATCH + SP_BATCH_STEP,
};

typedef struct sp_batch {
    size_t bounds[SP_BATCH_ROOM + 1]; /* piece i is text[bounds[i]..bounds[i + 1]) */
    uint64_t lows[SP_BATCH_ROOM];     /* of the key: see sp_cache_key */
    uint64_t highs[SP_BATCH_ROOM];
    uint32_t places[SP_BATCH_ROOM];
    uint16_t missed[SP_BATCH_ROOM]; /* numbers of pieces */
    sp_probe probes[SP_BATCH];      /* of those that were missed */
} sp_batch;

typedef struct sp_lookup {
    /* Keys and places of the first count pieces. Each needs SP_CACHE_PAD bytes that can be read from where it begins.
     */
    void (*find)(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t count);
    /* Adds up the tokens of those that stand in their place, and lists the others in missed. Returns how many. */
    size_t (*count)(const sp_cache *cache, sp_batch *b, size_t count, size_t *tokens);
} sp_lookup;

const sp_lookup *sp_lookup_of(sp_path path);

static inline sp_cache_key sp_batch_key(const sp_batch *b, size_t i)
{
    return (sp_cache_key){ b->lows[i], b->highs[i] };
}

#endif
