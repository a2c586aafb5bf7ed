/* cache.c - memory for the cache: how much of it, what goes where, and how it grows. */
#include "tokenize/cache.h"

#include <stdlib.h>

enum {
    MIN_BITS = 7,
    GROWTH_BITS = 2,
    MAX_BITS = 19, /* 8 MiB, and half of it for longer pieces */
    BEGIN_BITS = 13,
    TEXT_BITS = 4,       /* in the beginning a place for 2^4 bytes of text, */
    LARGE_TEXT_BITS = 6, /* and, where those would be more than 2^13, for 2^6 */
    LONG_BITS_LESS = 5,  /* for every 2^5 places a group of longer pieces */
    LONG_PLACES = 4,     /* places that a longer piece counts for: there are about eight to a group */
};

void sp_cache_release(sp_cache *cache)
{
    free(cache->keys);
    free(cache->longs);
    free(cache->ids);
    free(cache->findings);
}

/* All places of a key lie in one cache line. A large table is used all over, so its pages are large ones. */
static void *table_alloc(size_t bytes)
{
    return bytes >= SP_LARGE_PAGE_BYTES ? sp_large_pages(bytes) : aligned_alloc(SP_IMAGE_ALIGNMENT, bytes);
}

bool sp_cache_init(sp_cache *cache, unsigned bits, bool with_ids, bool with_findings)
{
    *cache = (sp_cache){ .bits = bits, .long_bits = bits - LONG_BITS_LESS };
    size_t places = (size_t)1 << bits, longs_bytes = (size_t)SP_CACHE_LONG_GROUP << cache->long_bits;
    cache->keys = table_alloc(places * sizeof *cache->keys);
    cache->ids = with_ids ? malloc(places * sizeof *cache->ids) : NULL;
    cache->longs = with_ids ? NULL : table_alloc(longs_bytes);
    cache->findings = with_findings ? malloc(places * sizeof *cache->findings) : NULL;
    if (!cache->keys || !(cache->ids || cache->longs) || (with_findings && !cache->findings))
        return false;
    memset(cache->keys, 0, places * sizeof *cache->keys);
    if (cache->longs)
        memset(cache->longs, 0, longs_bytes);
    return true;
}

static bool is_taken(const sp_cache *cache, uint32_t place)
{
    return cache->keys[place].high != 0;
}

uint32_t sp_cache_put(sp_cache *cache, uint32_t place, sp_cache_key entry, const uint32_t *ids, size_t count)
{
    uint32_t i = 0;
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
    cache->used += LONG_PLACES;
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

void sp_cache_copy(sp_cache *to, const sp_cache *from)
{
    for (size_t i = 0; i >> from->bits == 0; i++) {
        sp_cache_key key = from->keys[i];
        key.high &= UINT64_MAX >> 4;
        if (key.high == 0)
            continue;
        uint32_t place =
            sp_cache_put(to, sp_cache_place(to, key), from->keys[i], from->ids ? from->ids[i] : NULL, SP_CACHE_IDS);
        if (to->findings)
            to->findings[place] = from->findings[i];
    }
    if (to->longs)
        copy_longs(to, from);
}

static unsigned first_bits(size_t text_len)
{
    unsigned bits = MIN_BITS;
    while (bits < BEGIN_BITS && text_len >> TEXT_BITS >> bits > 0)
        bits += GROWTH_BITS;
    while (bits < MAX_BITS && text_len >> LARGE_TEXT_BITS >> bits > 0)
        bits += GROWTH_BITS;
    return bits;
}

static bool is_full(const sp_cache *cache)
{
    return cache->used > ((size_t)3 << cache->bits) / 4;
}

unsigned sp_cache_wanted_bits(const sp_cache *cache, size_t text_len)
{
    if (!cache->keys)
        return first_bits(text_len);
    return cache->bits < MAX_BITS && is_full(cache) ? cache->bits + GROWTH_BITS : 0;
}
