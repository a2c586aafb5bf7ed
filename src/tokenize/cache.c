/* cache.c - memory for the cache: how much of it, what goes where, and how it grows. */
#include "tokenize/cache.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    MIN_BITS = 7,
    SMALL_BITS = 13, /* 128 KiB, and half of it for longer pieces */
    MAX_BITS = 19,   /* 8 MiB. Nothing is in between: zeroing that is cheaper than moving once more what is there */
    GROWTH_BITS = 2,
    TEXT_BITS = 4,       /* in the beginning a place for 2^4 bytes of text; */
    LARGE_TEXT_BITS = 6, /* if there are small ones for every 2^6, they will do */
    LONG_BITS_LESS = 5,  /* for every 2^5 places a group of longer pieces, */
    LONGS_OF_GROUP = 4,  /* which should not have to hold more: they are looked through one by one */
    TELL_PLACES = 64,    /* that one counter has taken before it tells the others */
};

void sp_cache_release(sp_cache *cache)
{
    free(cache->keys_memory);
    free(cache->longs_memory);
    free(cache->ids);
    free(cache->findings);
}

/* ---- what goes where ----------------------------------------------------------------------------------- */

/* What stands there while a thread is putting something there: a key that is never found. */
#define CLAIMED ((uint64_t)1)

/* As below, where others read and put at the same time. A place that is taken stays so: what has been read of it is
 * true for ever. Where all are taken the key is not kept. */
static uint32_t put_shared(sp_cache *cache, uint32_t place, sp_cache_key entry)
{
    for (uint32_t i = 0; i < SP_CACHE_GROUP; i++) {
        sp_cache_key *at = &cache->keys[place ^ i];
        sp_cache_key there = sp_cache_at(cache, place ^ i);
        if (there.high == 0 &&
            __atomic_compare_exchange_n(&at->high, &there.high, CLAIMED, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            __atomic_store_n(&at->low, entry.low, __ATOMIC_RELAXED);
            __atomic_store_n(&at->high, entry.high, __ATOMIC_RELEASE);
            cache->used++;
            return place ^ i;
        }
        if (sp_cache_is_key(there, entry))
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
        if (entry.high >> 60 == 0)
            continue;
        sp_cache_key key = { entry.low, entry.high << 4 >> 4 };
        uint32_t place =
            sp_cache_put(to, sp_cache_place(to, key), entry, from->ids ? from->ids[i] : NULL, SP_CACHE_IDS);
        if (to->findings)
            to->findings[place] = from->findings[i];
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

static unsigned next_bits(unsigned bits)
{
    return bits < SMALL_BITS ? bits + GROWTH_BITS : MAX_BITS;
}

static unsigned first_bits(size_t text_len)
{
    unsigned bits = MIN_BITS;
    while (bits < SMALL_BITS && text_len >> TEXT_BITS >> bits > 0)
        bits = next_bits(bits);
    return text_len >> LARGE_TEXT_BITS >> bits > 0 ? MAX_BITS : bits;
}

/* All places of a key lie in one cache line. */
static sp_cache_key *keys_new(unsigned bits, void **ret_memory)
{
    return sp_table_new(sizeof(sp_cache_key) << bits, ret_memory);
}

/* ---- sharing --------------------------------------------------------------------------------------------
 * Counters on several threads have one table of keys together, and each its own longer pieces, which are few. Nothing
 * that is in the table changes or moves: a place is claimed, filled and then shown, once (put_shared), and a larger
 * table comes beside the one that is full, for each counter to go over to when it comes to that. So whoever reads needs
 * no lock. */

struct sp_shared_table {
    sp_shared_table *older; /* which others may still be using */
    sp_cache_key *keys;
    void *keys_memory;
    unsigned bits;
    size_t used;
};

struct sp_shared_cache {
    const sp_encoding *encoding;
    pthread_mutex_t growing;
    sp_shared_table *newest;
};

sp_status sp_shared_cache_new(const sp_encoding *encoding, sp_shared_cache **ret_shared, sp_err *err)
{
    sp_shared_cache *shared = malloc(sizeof *shared);
    if (!shared)
        return sp_err_memory(err);
    *shared = (sp_shared_cache){ .encoding = encoding };
    pthread_mutex_init(&shared->growing, NULL);
    *ret_shared = shared;
    return SP_OK;
}

void sp_shared_cache_free(sp_shared_cache *shared)
{
    while (shared && shared->newest) {
        sp_shared_table *table = shared->newest;
        shared->newest = table->older;
        free(table->keys_memory);
        free(table);
    }
    if (shared)
        pthread_mutex_destroy(&shared->growing);
    free(shared);
}

const sp_encoding *sp_shared_cache_encoding(const sp_shared_cache *shared)
{
    return shared->encoding;
}

static sp_shared_table *newest_of(const sp_shared_cache *shared)
{
    return __atomic_load_n(&shared->newest, __ATOMIC_ACQUIRE);
}

/* A table with what is in the cache, if there is anything. */
static sp_shared_table *table_new(const sp_cache *cache, unsigned bits)
{
    sp_shared_table *table = malloc(sizeof *table);
    if (!table)
        return NULL;
    *table = (sp_shared_table){ .older = cache->table, .bits = bits };
    table->keys = keys_new(bits, &table->keys_memory);
    if (!table->keys) {
        free(table);
        return NULL;
    }
    sp_cache view = { .keys = table->keys, .bits = bits };
    if (cache->keys)
        copy_keys(&view, cache);
    table->used = view.used;
    return table;
}

/* The one that follows the table of the cache, which another thread may have made. NULL where there is none yet: memory
 * is short, or another thread is making it, which is worth waiting for if there is no other. */
static sp_shared_table *next_table(const sp_cache *cache, unsigned bits)
{
    sp_shared_cache *shared = cache->shared;
    int failed = cache->table ? pthread_mutex_trylock(&shared->growing) : pthread_mutex_lock(&shared->growing);
    if (failed)
        return NULL;
    if (shared->newest == cache->table) {
        sp_shared_table *table = table_new(cache, bits);
        if (table)
            __atomic_store_n(&shared->newest, table, __ATOMIC_RELEASE);
    }
    sp_shared_table *newest = shared->newest;
    pthread_mutex_unlock(&shared->growing);
    return newest != cache->table ? newest : NULL;
}

/* ---- the next one ---------------------------------------------------------------------------------------- */

/* Places that are taken, by others too if they share it. */
static size_t used_of(sp_cache *cache)
{
    if (!cache->table)
        return cache->used;
    if (cache->used >= TELL_PLACES) {
        __atomic_fetch_add(&cache->table->used, cache->used, __ATOMIC_RELAXED);
        cache->used = 0;
    }
    return __atomic_load_n(&cache->table->used, __ATOMIC_RELAXED);
}

/* Half of the places: with more, many a key would not stand where it is looked for first. */
static bool is_full(sp_cache *cache)
{
    return used_of(cache) >> (cache->bits - 1) > 0;
}

static bool has_full_longs(const sp_cache *cache)
{
    return cache->longs && cache->longs_used / LONGS_OF_GROUP >> cache->long_bits > 0;
}

/* The largest table that is shared does not change any more when it is full. The cache then goes on with its own, where
 * new pieces take the places of old ones. */
unsigned sp_cache_wanted_bits(sp_cache *cache, size_t text_len)
{
    const sp_shared_table *newest = cache->shared ? newest_of(cache->shared) : NULL;
    if (newest != cache->table)
        return newest->bits;
    if (!cache->keys)
        return first_bits(text_len);
    if (cache->bits == MAX_BITS)
        return cache->table && is_full(cache) ? MAX_BITS : 0;
    return is_full(cache) || has_full_longs(cache) ? next_bits(cache->bits) : 0;
}

/* The memory of one that follows cache. */
static bool follow(sp_cache *next, const sp_cache *cache, unsigned bits)
{
    *next = (sp_cache){ .has_ids = cache->has_ids, .has_findings = cache->has_findings, .bits = bits };
    bool is_last = cache->table && cache->bits == MAX_BITS;
    next->shared = is_last ? NULL : cache->shared;
    if (next->shared) {
        next->table = next_table(cache, bits);
        if (!next->table)
            return false;
        next->bits = next->table->bits;
    }
    size_t places = (size_t)1 << next->bits;
    next->long_bits = next->bits - LONG_BITS_LESS;
    next->keys = next->table ? next->table->keys : keys_new(next->bits, &next->keys_memory);
    next->longs =
        next->has_ids ? NULL : sp_table_new((size_t)SP_CACHE_LONG_GROUP << next->long_bits, &next->longs_memory);
    next->ids = next->has_ids ? malloc(places * sizeof *next->ids) : NULL;
    next->findings = next->has_findings ? malloc(places * sizeof *next->findings) : NULL;
    return next->keys && (next->ids || next->longs) && (next->findings || !next->has_findings);
}

bool sp_cache_grow(sp_cache *cache, unsigned bits)
{
    sp_cache next;
    if (!follow(&next, cache, bits)) {
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
