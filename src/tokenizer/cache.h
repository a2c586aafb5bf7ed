/*
 * cache.h - what the pieces of a text were the last time.
 *
 * A table from a piece of up to 15 bytes to the number of its tokens, or to the tokens themselves. Four
 * pieces in five of any text are among its 4,096 commonest ones, so this table answers nearly always, from memory that
 * is near, with one comparison, and without asking what kind of piece it is. Counters on several threads may have the
 * table together: cache.c.
 */
#ifndef SP_TOKENIZE_CACHE_H
#define SP_TOKENIZE_CACHE_H

#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

enum {
    SP_CACHE_MAX_PIECE = 15, /* bytes */
    SP_CACHE_MAX_TOKENS = 15,
    SP_CACHE_GROUP = 4, /* places in a cache line */
    SP_CACHE_IDS = 4,   /* tokens of a piece that are kept where the ids are wanted */
    SP_CACHE_PAD = 16,  /* bytes that have to be readable where a piece begins */
    SP_CACHE_TURN = 29, /* bits: see sp_cache_place */
};

#define SP_CACHE_FACTOR 0x9E3779B97F4A7C15u /* the same */

static inline sp_cache_key sp_cache_key_of(const uint8_t *piece, size_t len)
{
    static const uint64_t masks[SP_CACHE_MAX_PIECE + 2][3] = {
#define MASK(n) (UINT64_MAX >> (64 - 8 * (n)) % 64)
#define LOW(n) { MASK(n), 0, (uint64_t)(n) << 56 }
#define HIGH(n)                                                                                                        \
    {                                                                                                                  \
        UINT64_MAX, MASK(n), (uint64_t)(8 + (n)) << 56                                                                 \
    }
        { 0, 0, 1 }, LOW(1),      LOW(2),
        LOW(3),      LOW(4),      LOW(5),
        LOW(6),      LOW(7),      { UINT64_MAX, 0, (uint64_t)8 << 56 },
        HIGH(1),     HIGH(2),     HIGH(3),
        HIGH(4),     HIGH(5),     HIGH(6),
        HIGH(7),     { 0, 0, 1 },
#undef MASK
#undef LOW
#undef HIGH
    };
    const uint64_t *mask = masks[len <= SP_CACHE_MAX_PIECE ? len : SP_CACHE_MAX_PIECE + 1];
    sp_cache_key key;
    memcpy(&key, piece, sizeof key);
    return (sp_cache_key){ key.low & mask[0], (key.high & mask[1]) | mask[2] };
}

/* The piece of a key, or a word of length 0. */
static inline sp_word sp_cache_word(sp_cache_key key)
{
    return (sp_word){ key.low, key.high << 8 >> 8, key.high >> 56 };
}

/* Where a key stands, if it is not beside that: see sp_cache_find. */
static inline uint32_t sp_cache_place(const sp_cache *cache, sp_cache_key key)
{
    uint64_t mixed = (key.low ^ (key.high << SP_CACHE_TURN | key.high >> (64 - SP_CACHE_TURN))) * SP_CACHE_FACTOR;
    return (uint32_t)(mixed >> (64 - cache->bits));
}

/* What stands in a place. Another thread may be putting it there: its high word is the last to come, and the first to
 * be looked at. (Builtins, for where nobody else is about these are plain words.) */
static inline sp_cache_key sp_cache_at(const sp_cache *cache, uint32_t place)
{
    const sp_cache_key *at = &cache->keys[place];
    uint64_t high = __atomic_load_n(&at->high, __ATOMIC_ACQUIRE);
    return (sp_cache_key){ __atomic_load_n(&at->low, __ATOMIC_RELAXED), high };
}

static inline bool sp_cache_is_key(sp_cache_key in_table, sp_cache_key key)
{
    return ((in_table.low ^ key.low) | (in_table.high ^ key.high) << 4) == 0;
}

/* Number of tokens of key, if it stands in that place; or 0. Without a branch. */
static inline size_t sp_cache_tokens(sp_cache_key in_table, sp_cache_key key)
{
    return (size_t)(in_table.high >> 60) & (0 - (size_t)sp_cache_is_key(in_table, key));
}

/* A key that found its place taken stands in another one of that group. The commonest pieces come first in a text, and
 * so stand where they are looked for first. Returns place if the key stands nowhere. */
static inline uint32_t sp_cache_find(const sp_cache *cache, uint32_t place, sp_cache_key key)
{
    for (uint32_t i = 0; i < SP_CACHE_GROUP; i++)
        if (sp_cache_tokens(sp_cache_at(cache, place ^ i), key) > 0)
            return place ^ i;
    return place;
}

/* Number of tokens of key, wherever it stands; or 0. Where it stands twice, both say the same. */
static inline size_t sp_cache_known(const sp_cache *cache, uint32_t place, sp_cache_key key)
{
    size_t known = 0;
    for (uint32_t i = 0; i < SP_CACHE_GROUP; i++)
        known |= sp_cache_tokens(sp_cache_at(cache, place ^ i), key);
    return known;
}

/* ---- findings --------------------------------------------------------------------------------------------
 * Of an estimate a finding is kept. Its kind is where others have the number of tokens; its ticks, which are never 0,
 * are where pieces of 14 and 15 bytes have their last two. So those go to the longer pieces. */

enum {
    SP_CACHE_MAX_FOUND = 13,
    SP_CACHE_TICKS_AT = 40, /* bits of the high word */
    SP_CACHE_TICKS_MASK = 0xFFFF,
    SP_CACHE_MAX_TICKS = 0x3FFF, /* that a finding has */
    SP_CACHE_KIND_AT = 60,
};

#define SP_CACHE_FOUND_KEY 0x0F0000FFFFFFFFFFu /* of the high word: what belongs to the key */

static inline sp_cache_key sp_cache_found_entry(sp_cache_key key, sp_finding found)
{
    uint64_t ticks = found.ticks << SP_CACHE_TICKS_AT, kind = (uint64_t)found.kind << SP_CACHE_KIND_AT;
    return (sp_cache_key){ key.low, key.high | ticks | kind };
}

/* The high word of an entry, if it is that of key; or 0. Without a branch. */
static inline uint64_t sp_cache_kept(sp_cache_key in_table, sp_cache_key key)
{
    bool is_key = ((in_table.low ^ key.low) | ((in_table.high ^ key.high) & SP_CACHE_FOUND_KEY)) == 0;
    return in_table.high & (0 - (uint64_t)is_key);
}

/* The finding in such a word. In 0 it is one of no ticks, which is none. */
static inline sp_finding sp_cache_finding(uint64_t kept)
{
    return (sp_finding){ kept >> SP_CACHE_TICKS_AT & SP_CACHE_TICKS_MASK, (sp_kind)(kept >> SP_CACHE_KIND_AT) };
}

/* The finding of key, anywhere in its group. */
static inline sp_finding sp_cache_found(const sp_cache *cache, uint32_t place, sp_cache_key key)
{
    uint64_t kept = 0;
    for (uint32_t i = 0; i < SP_CACHE_GROUP; i++)
        kept |= sp_cache_kept(sp_cache_at(cache, place ^ i), key);
    return sp_cache_finding(kept);
}

/* ---- longer pieces ------------------------------------------------------------------------------------
 * Rulers, runs of blanks and words in scripts of three bytes a letter come again and again, too. Only their numbers are
 * kept, in groups of entries one behind the other: its length, its tokens or a finding, its bytes. The newest is the
 * first, and the last ones fall off. Length 0 is the end of them. */

enum {
    SP_CACHE_LONG_GROUP = 256, /* bytes */
    SP_CACHE_LONG_HEAD = 5,
    SP_CACHE_LONG_BYTES = SP_CACHE_LONG_GROUP - SP_CACHE_LONG_HEAD,
};

/* The number of the group that a piece stands in. len is more than SP_CACHE_MAX_FOUND, and no more than
 * SP_CACHE_LONG_BYTES. */
static inline uint32_t sp_cache_long_place(const sp_cache *cache, const uint8_t *piece, size_t len)
{
    uint64_t word, mixed = len;
    for (size_t at = 0; at < len; at += sizeof word) {
        memcpy(&word, piece + (at + sizeof word <= len ? at : len - sizeof word), sizeof word);
        mixed = (mixed ^ word) * 0x9E3779B97F4A7C15u;
        mixed ^= mixed >> 32;
    }
    return (uint32_t)(mixed * 0xC2B2AE3D27D4EB4Fu >> (64 - cache->long_bits));
}

static inline uint8_t *sp_cache_long_group(const sp_cache *cache, uint32_t place)
{
    return cache->longs + (size_t)place * SP_CACHE_LONG_GROUP;
}

/* The entries of a group one after the other, from *at on; NULL behind the last. */
static inline const uint8_t *sp_cache_long_next(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *entry = *at;
    if (end - entry <= SP_CACHE_LONG_HEAD || entry[0] == 0 || end - entry < SP_CACHE_LONG_HEAD + entry[0])
        return NULL;
    *at = entry + SP_CACHE_LONG_HEAD + entry[0];
    return entry;
}

/* Whether the piece is there, with what was found out about it. */
static inline bool sp_cache_long_find(const uint8_t *group, const uint8_t *piece, size_t len, uint32_t *ret_found)
{
    const uint8_t *end = group + SP_CACHE_LONG_GROUP;
    for (const uint8_t *entry; (entry = sp_cache_long_next(&group, end)) != NULL;)
        if (entry[0] == len && memcmp(entry + SP_CACHE_LONG_HEAD, piece, len) == 0) {
            memcpy(ret_found, entry + 1, sizeof *ret_found);
            return true;
        }
    return false;
}

/* ---- memory: cache.c ----------------------------------------------------------------------------------- */

void sp_cache_release(sp_cache *cache);
const sp_encoding *sp_shared_cache_encoding(const sp_shared_cache *shared);

/* Tells those that share the table how many places were taken. */
void sp_cache_tell(sp_cache *cache);
/* Whether there is memory, and room in it. */
bool sp_cache_will_do(const sp_cache *cache);
/* What is known goes over to a larger one; the first one is for a text of text_len bytes. Where that cannot be had the
 * old one serves; false if there is none. */
bool sp_cache_grow(sp_cache *cache, size_t text_len);

/* entry is a key and the number of its tokens, of which count ids are kept if ids are. place is that of the key;
 * returns the one that it got, or place if it got none, which is so only in a table that is shared. */
uint32_t sp_cache_put(sp_cache *cache, uint32_t place, sp_cache_key entry, const uint32_t *ids, size_t count);
/* A longer piece, which is not there, goes into its group. */
void sp_cache_keep_long(sp_cache *cache, uint8_t *group, const uint8_t *piece, size_t len, uint32_t found);

#endif
