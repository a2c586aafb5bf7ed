/*
 * vocab.h - finding tokens in the tables of the image. All of it is inlined into the loops that need it.
 */
#ifndef SP_TOKENIZE_VOCAB_H
#define SP_TOKENIZE_VOCAB_H

#include "tokenize/tokenize.h"

#define SP_SHORT_KEY_BYTES 8u
#define SP_LONG_KEY_BYTES 16u

static inline uint64_t sp_load64(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The low len bytes of word, for len 1 to 8. */
static inline uint64_t sp_low_bytes(uint64_t word, size_t len)
{
    return word & (UINT64_MAX >> (64 - 8 * len));
}

static inline uint32_t sp_id_at(const uint8_t *ids, uint32_t slot)
{
    uint32_t word; /* three bytes each, and a fourth may be read: the table has one to spare */
    memcpy(&word, ids + 3 * (size_t)slot, sizeof word);
    return word & 0xFFFFFF;
}

static inline uint32_t sp_short_slot(const sp_vocab *v, uint64_t key)
{
    const sp_image_hash *hash = &v->image->short_hash;
    uint64_t mixed = sp_image_mix(key, hash->seed);
    return sp_image_slot(mixed, v->short_multipliers[mixed >> hash->shift], hash->slots);
}

static inline uint32_t sp_long_slot(const sp_vocab *v, uint64_t low, uint64_t high)
{
    const sp_image_hash *hash = &v->image->long_hash;
    uint64_t mixed = sp_image_mix2(low, high, hash->seed);
    return sp_image_slot(mixed, v->long_multipliers[mixed >> hash->shift], hash->slots);
}

/* The question whether a piece is a token as it stands, asked early: sp_probe_start finds the place of the answer and
 * has it fetched, sp_probe_token reads it. */
typedef enum sp_probe_kind {
    SP_PROBE_NONE, /* not in the tables: too long, or it ends in NUL; merging finds such a token, too */
    SP_PROBE_SHORT,
    SP_PROBE_LONG,
} sp_probe_kind;

typedef struct sp_probe {
    uint64_t low, high; /* the piece, padded with zeros */
    uint32_t slot;
    sp_probe_kind kind;
} sp_probe;

/* At least 16 bytes have to be readable at p. */
static inline void sp_probe_start(const sp_vocab *v, sp_probe *probe, const uint8_t *p, size_t len)
{
    if (len > SP_LONG_KEY_BYTES || p[len - 1] == 0) {
        probe->kind = SP_PROBE_NONE;
        return;
    }
    probe->low = sp_load64(p);
    probe->high = 0;
    if (len <= SP_SHORT_KEY_BYTES) {
        probe->kind = SP_PROBE_SHORT;
        probe->low = sp_low_bytes(probe->low, len);
        probe->slot = sp_short_slot(v, probe->low);
        __builtin_prefetch(&v->short_keys[probe->slot]);
    } else {
        probe->kind = SP_PROBE_LONG;
        probe->high = sp_low_bytes(sp_load64(p + SP_SHORT_KEY_BYTES), len - SP_SHORT_KEY_BYTES);
        probe->slot = sp_long_slot(v, probe->low, probe->high);
        __builtin_prefetch(&v->long_keys[2 * (size_t)probe->slot]);
    }
}

/* The token, or SP_NO_TOKEN. Without want_id it is any other number, and the ids are not read. */
static inline uint32_t sp_probe_token(const sp_vocab *v, const sp_probe *probe, bool want_id)
{
    switch (probe->kind) {
    case SP_PROBE_SHORT:
        if (v->short_keys[probe->slot] == probe->low)
            return want_id ? sp_id_at(v->short_ids, probe->slot) : 0;
        break;
    case SP_PROBE_LONG:
        if (v->long_keys[2 * (size_t)probe->slot] == probe->low &&
            v->long_keys[2 * (size_t)probe->slot + 1] == probe->high)
            return want_id ? sp_id_at(v->long_ids, probe->slot) : 0;
        break;
    case SP_PROBE_NONE:
        break;
    }
    return SP_NO_TOKEN;
}

/* The token that left and right merge into, or SP_NO_TOKEN. */
static inline uint32_t sp_pair_token(const sp_vocab *v, uint32_t left, uint32_t right)
{
    const sp_image_hash *hash = &v->image->pair_hash;
    uint64_t mixed = sp_image_mix(sp_pair_key(left, right), hash->seed);
    uint32_t slot = v->pairs[sp_image_slot(mixed, v->pair_multipliers[mixed >> hash->shift], hash->slots)];
    if (slot >> SP_TOKEN_BITS != sp_pair_fingerprint(mixed))
        return SP_NO_TOKEN;
    uint32_t token = slot & SP_TOKEN_MASK;
    uint64_t record = v->records[token];
    return sp_record_left(record) == left && sp_record_right(record) == right ? token : SP_NO_TOKEN;
}

/* The longest token that bytes[0..len) starts with; len is at least 1. */
static inline uint32_t sp_longest_token(const sp_vocab *v, const uint8_t *bytes, size_t len)
{
    if (v->single_blanks && len > 1 && bytes[0] == ' ' && bytes[1] == ' ')
        len = 1; /* the trie has p50k's runs of blanks, but no token of r50k starts with two */
    uint32_t unit = v->trie[v->trie_root ^ bytes[0]]; /* every single byte is a token */
    uint32_t last = unit;
    for (size_t i = 1; i < len && !(unit & SP_TRIE_LEAF); i++) {
        unit = v->trie[(unit >> SP_TRIE_SHIFT) ^ bytes[i]];
        if ((unit & SP_TRIE_LABEL) != bytes[i])
            break;
        last = unit & (SP_TRIE_LEAF | SP_TRIE_TOKEN) ? unit : last;
    }
    if (last & SP_TRIE_LEAF)
        return last >> SP_TRIE_SHIFT;
    return v->trie[(last >> SP_TRIE_SHIFT) ^ SP_TRIE_VALUE_LABEL] >> SP_TRIE_SHIFT;
}

#endif
