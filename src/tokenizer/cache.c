/*
 * cache.c - memory for the cache: how much of it, what goes where, how it grows, and what threads share of it.
 *
 * Counters on several threads have one table of keys together, and each its own longer pieces, which are few. Nothing
 * that is in the table changes or moves: a place is claimed, filled and then shown, once (put_shared), and a larger
 * table comes beside the one that is full, for each counter to go over to when it comes to that. So whoever reads needs
 * no lock.
 */
#include "tokenizer/cache.h"
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    MIN_BITS = 7,
    SMALL_BITS = 13, /* 128 KiB, and half of it for longer pieces */
    MAX_BITS = 19,   /* 8 MiB */
    GROWTH_BITS = 2,
    TEXT_BITS = 4,       /* in the beginning a place for 2^4 bytes of text, */
    LARGE_TEXT_BITS = 6, /* and, where those would be more than 2^13, for 2^6 */
    LONG_BITS_LESS = 5,  /* for every 2^5 places a group of longer pieces, */
    LONGS_OF_GROUP = 4,  /* which should not have to hold more: they are looked through one by one */
};

struct sp_shared_table {
    sp_shared_table *older; /* which others may still be using */
    sp_cache_key *keys;
    void *keys_memory;
    unsigned bits;
    atomic_size_t used; /* places that were taken, as far as it was told */
};

struct sp_shared_cache {
    const sp_encoding *encoding;
    pthread_mutex_t growing;
    _Atomic(sp_shared_table *) newest;
};

void sp_cache_release(sp_cache *cache)
{
    free(cache->keys_memory);
    free(cache->longs_memory);
    free(cache->ids);
}

/* ---- what goes where ----------------------------------------------------------------------------------- */

/* What stands there while a thread is putting something there: a key that is never found. */
#define CLAIMED ((uint64_t)1)

static bool claim(sp_cache_key *at)
{
    uint64_t none = 0;
    return __atomic_load_n(&at->high, __ATOMIC_RELAXED) == none &&
           __atomic_compare_exchange_n(&at->high, &none, CLAIMED, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* As below, where others read and put at the same time. A place that is taken stays so: what has been read of it is
 * true for ever. Where all are taken the key is not kept. The order of the two stores is what makes it right, and what
 * no test shows: see sp_cache_at. */
static uint32_t put_shared(sp_cache *cache, uint32_t place, sp_cache_key entry)
{
    for (uint32_t i = 0; i < SP_CACHE_GROUP; i++) {
        sp_cache_key *at = &cache->keys[place ^ i];
        if (claim(at)) {
            __atomic_store_n(&at->low, entry.low, __ATOMIC_RELAXED);
            __atomic_store_n(&at->high, entry.high, __ATOMIC_RELEASE);
            cache->used++;
            return place ^ i;
        }
        if (sp_cache_is_key(sp_cache_at(cache, place ^ i), entry))
            return place ^ i;
    }
    return place;
}

static bool is_taken(const sp_cache *cache, uint32_t place)
{
    return cache->keys[place].high != 0;
}

uint32_t sp_cache_put(sp_cache *cache, uint32_t place, sp_cache_key entry, const uint32_t *ids, size_t count)
{
    uint32_t i = 0;
    if (cache->table)
        return put_shared(cache, place, entry);
    while (i < SP_CACHE_GROUP && is_taken(cache, place ^ i) && !sp_cache_is_key(cache->keys[place ^ i], entry))
        i++;
    place ^= i % SP_CACHE_GROUP;
    cache->used += !sp_cache_is_key(cache->keys[place], entry);
    cache->keys[place] = entry;
    if (cache->ids)
        memcpy(cache->ids[place], ids, count * sizeof *ids);
    return place;
}

void sp_cache_keep_long(sp_cache *cache, uint8_t *group, const uint8_t *piece, size_t len, uint32_t found)
{
    size_t taken = SP_CACHE_LONG_HEAD + len;
    memmove(group + taken, group, SP_CACHE_LONG_GROUP - taken);
    group[0] = (uint8_t)len;
    memcpy(group + 1, &found, sizeof found);
    memcpy(group + SP_CACHE_LONG_HEAD, piece, len);
    cache->longs_used++;
}

/* ---- growing -------------------------------------------------------------------------------------------- */

static void copy_keys(sp_cache *to, const sp_cache *from)
{
    for (uint32_t i = 0; i >> from->bits == 0; i++) {
        sp_cache_key entry = sp_cache_at(from, i);
        if (entry.high >> 56 == 0) /* it has no length */
            continue;
        sp_cache_key key = { entry.low, from->has_findings ? entry.high & SP_CACHE_FOUND_KEY : entry.high << 4 >> 4 };
        (void)sp_cache_put(to, sp_cache_place(to, key), entry, from->ids ? from->ids[i] : NULL, SP_CACHE_IDS);
    }
}

static void copy_longs(sp_cache *to, const sp_cache *from)
{
    for (uint32_t i = 0; i >> from->long_bits == 0; i++) {
        const uint8_t *group = sp_cache_long_group(from, i), *end = group + SP_CACHE_LONG_GROUP;
        for (const uint8_t *entry; (entry = sp_cache_long_next(&group, end)) != NULL;) {
            uint32_t found;
            const uint8_t *piece = entry + SP_CACHE_LONG_HEAD;
            memcpy(&found, entry + 1, sizeof found);
            sp_cache_keep_long(to, sp_cache_long_group(to, sp_cache_long_place(to, piece, *entry)), piece, *entry,
                               found);
        }
    }
}

/* Where no end is known the largest follows: zeroing that is cheaper than moving once more what is there. */
static unsigned next_bits(const sp_cache *cache)
{
    return cache->goes_on && cache->bits >= SMALL_BITS ? MAX_BITS : cache->bits + GROWTH_BITS;
}

static unsigned first_bits(size_t text_len)
{
    unsigned bits = MIN_BITS;
    while (bits < SMALL_BITS && text_len >> TEXT_BITS >> bits > 0)
        bits += GROWTH_BITS;
    while (bits < MAX_BITS && text_len >> LARGE_TEXT_BITS >> bits > 0)
        bits += GROWTH_BITS;
    return bits;
}

/* All places of a key lie in one cache line. */
static sp_cache_key *keys_new(unsigned bits, void **ret_memory)
{
    return sp_table_new(sizeof(sp_cache_key) << bits, ret_memory);
}

/* ---- the table that is shared -------------------------------------------------------------------------- */

sp_status sp_shared_cache_new(const sp_encoding *encoding, sp_shared_cache **ret_shared, sp_err *err)
{
    sp_shared_cache *shared = malloc(sizeof *shared);
    if (!shared)
        return sp_err_memory(err);
    shared->encoding = encoding;
    pthread_mutex_init(&shared->growing, NULL);
    atomic_init(&shared->newest, NULL);
    *ret_shared = shared;
    return SP_OK;
}

void sp_shared_cache_free(sp_shared_cache *shared)
{
    if (!shared)
        return;
    for (sp_shared_table *table = shared->newest, *older; table; table = older) {
        older = table->older;
        free(table->keys_memory);
        free(table);
    }
    pthread_mutex_destroy(&shared->growing);
    free(shared);
}

const sp_encoding *sp_shared_cache_encoding(const sp_shared_cache *shared)
{
    return shared->encoding;
}

/* With what is in the cache, if there is anything. */
static sp_shared_table *table_new(const sp_cache *cache, unsigned bits)
{
    sp_shared_table *table = malloc(sizeof *table);
    sp_cache view = { .bits = bits };
    if (!table)
        return NULL;
    view.keys = keys_new(bits, &table->keys_memory);
    if (!view.keys) {
        free(table);
        return NULL;
    }
    if (cache->keys)
        copy_keys(&view, cache);
    table->older = cache->table;
    table->keys = view.keys;
    table->bits = bits;
    atomic_init(&table->used, view.used);
    return table;
}

/* The table that follows that of the cache; where there is none yet, one with 2^bits places. NULL: memory is short, or
 * another thread is making it, which is worth waiting for only if there is nothing else. */
static sp_shared_table *next_table(const sp_cache *cache, unsigned bits)
{
    sp_shared_cache *shared = cache->shared;
    int failed = cache->table ? pthread_mutex_trylock(&shared->growing) : pthread_mutex_lock(&shared->growing);
    if (failed)
        return NULL;
    sp_shared_table *next = shared->newest;
    if (next == cache->table) {
        next = table_new(cache, bits);
        if (next)
            shared->newest = next;
    }
    pthread_mutex_unlock(&shared->growing);
    return next;
}

void sp_cache_tell(sp_cache *cache)
{
    if (cache->table && cache->used > 0) {
        atomic_fetch_add_explicit(&cache->table->used, cache->used, memory_order_relaxed);
        cache->used = 0;
    }
}

/* ---- the next one ---------------------------------------------------------------------------------------- */

/* Half of the places: with more, many a key would not stand where it is looked for first. But a larger table is not
 * worth its memory soon where the text may be over soon. */
static bool is_full(const sp_cache *cache)
{
    size_t told = cache->table ? atomic_load_explicit(&cache->table->used, memory_order_relaxed) : 0;
    size_t room = ((size_t)1 << cache->bits) / 4 * (cache->goes_on ? 2 : 3);
    return told + cache->used > room;
}

static bool has_full_longs(const sp_cache *cache)
{
    return cache->longs && cache->longs_used / LONGS_OF_GROUP >> cache->long_bits > 0;
}

bool sp_cache_will_do(const sp_cache *cache)
{
    if (!cache->keys || (cache->shared && cache->shared->newest != cache->table))
        return false;
    if (cache->bits == MAX_BITS)
        return !cache->table || !is_full(cache);
    return !is_full(cache) && !has_full_longs(cache);
}

static bool get_memory(sp_cache *cache)
{
    size_t places = (size_t)1 << cache->bits;
    cache->long_bits = cache->bits - LONG_BITS_LESS;
    if (cache->table)
        cache->keys = cache->table->keys;
    else
        cache->keys = keys_new(cache->bits, &cache->keys_memory);
    if (cache->has_ids)
        cache->ids = malloc(places * sizeof *cache->ids);
    else
        cache->longs = sp_table_new((size_t)SP_CACHE_LONG_GROUP << cache->long_bits, &cache->longs_memory);
    return cache->keys && (cache->ids || cache->longs);
}

/* The largest table that is shared does not change any more when it is full. The cache then goes on with its own, where
 * new pieces take the places of old ones. */
static bool follow(sp_cache *next, const sp_cache *cache, size_t text_len)
{
    bool leaves = cache->table && cache->table == cache->shared->newest && cache->bits == MAX_BITS;
    *next = (sp_cache){
        .has_ids = cache->has_ids,
        .has_findings = cache->has_findings,
        .goes_on = cache->goes_on,
        .bits = cache->keys ? next_bits(cache) : first_bits(text_len),
        .shared = leaves ? NULL : cache->shared,
    };
    if (next->shared) {
        next->table = next_table(cache, next->bits);
        if (!next->table)
            return false;
        next->bits = next->table->bits;
    }
    return get_memory(next);
}

bool sp_cache_grow(sp_cache *cache, size_t text_len)
{
    sp_cache next;
    if (!follow(&next, cache, text_len)) {
        sp_cache_release(&next);
        return cache->keys;
    }
    if (cache->keys && !next.table)
        copy_keys(&next, cache);
    if (cache->longs)
        copy_longs(&next, cache);
    sp_cache_release(cache);
    *cache = next;
    return true;
}
