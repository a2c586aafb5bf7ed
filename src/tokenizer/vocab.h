/*
 * vocab.h - finding tokens in the tables of the image. All of it is inlined into the loops that need it.
 */
#ifndef SP_TOKENIZE_VOCAB_H
#define SP_TOKENIZE_VOCAB_H

#include "tokenizer/tokenize.h"

#define SP_SHORT_KEY_BYTES 8u

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

/* Which of sp_vocab.words; and in it, a key is so many words and one. Nothing here branches on it: every other word is
 * long. */
static inline size_t sp_word_is_long(const sp_word *w)
{
    return w->len > SP_SHORT_KEY_BYTES;
}

static inline uint64_t sp_word_last(const sp_word *w)
{
    return sp_word_is_long(w) ? w->high : w->low;
}

/* No token that ends in NUL is in the tables, for it could not be told from one without. Merging finds it all the
 * same. */
static inline bool sp_word_ends_in_nul(const sp_word *w)
{
    return sp_word_last(w) >> (8 * ((w->len - 1) % SP_SHORT_KEY_BYTES)) == 0;
}

static inline sp_probe sp_probe_word(const sp_vocab *v, const sp_word *w)
{
    const sp_word_table *table = &v->words[sp_word_is_long(w)];
    uint64_t mixed = sp_image_mix2(w->low, w->high, table->hash->seed); /* high is 0 in a short one */
    uint32_t slot = sp_image_slot(mixed, table->multipliers[mixed >> table->hash->shift], table->hash->slots);
    unsigned other = table->prints[slot] ^ sp_image_print(mixed);
    return (sp_probe){ slot, (other | sp_word_ends_in_nul(w)) == 0 };
}

static inline const uint64_t *sp_probe_key(const sp_vocab *v, const sp_word *w, sp_probe probe)
{
    return v->words[sp_word_is_long(w)].keys + ((size_t)probe.slot << sp_word_is_long(w));
}

/* Also where it will not be asked for: to guess whether it will takes longer. */
static inline void sp_probe_fetch(const sp_vocab *v, const sp_word *w, sp_probe probe)
{
    __builtin_prefetch(sp_probe_key(v, w, probe));
}

/* Where the ids are wanted, too. */
static inline void sp_probe_fetch_id(const sp_vocab *v, const sp_word *w, sp_probe probe)
{
    __builtin_prefetch(v->words[sp_word_is_long(w)].ids + 3 * (size_t)probe.slot);
}

/* The token, or SP_NO_TOKEN. Without want_id it is any other number, and the ids are not read. */
static inline uint32_t sp_probe_token(const sp_vocab *v, const sp_word *w, sp_probe probe, bool want_id)
{
    const uint64_t *key = sp_probe_key(v, w, probe);
    if (!probe.is_likely || key[0] != w->low || key[sp_word_is_long(w)] != sp_word_last(w))
        return SP_NO_TOKEN;
    return want_id ? sp_id_at(v->words[sp_word_is_long(w)].ids, probe.slot) : 0;
}

/* Is token what left and right merge into? */
static inline bool sp_is_pair(const sp_vocab *v, uint32_t token, uint32_t left, uint32_t right)
{
    return sp_record_sides(v->records[token]) == (left | (uint64_t)right << SP_TOKEN_BITS);
}

/* Where that token would stand, by sp_image_mix of their key. */
static inline uint32_t sp_pair_slot(const sp_vocab *v, uint64_t mixed)
{
    const sp_image_hash *hash = &v->image->pair_hash;
    return sp_image_slot(mixed, v->pair_multipliers[mixed >> hash->shift], hash->slots);
}

/* What left and right merge into, or SP_NO_TOKEN. */
static inline uint32_t sp_pair_token(const sp_vocab *v, uint32_t left, uint32_t right)
{
    uint64_t mixed = sp_image_mix(sp_pair_key(left, right), v->image->pair_hash.seed);
    uint32_t found = v->pairs[sp_pair_slot(v, mixed)], token = found & SP_TOKEN_MASK;
    if ((found & ~SP_TOKEN_MASK) != sp_pair_print(mixed))
        return SP_NO_TOKEN;
    return sp_is_pair(v, token, left, right) ? token : SP_NO_TOKEN;
}

/* The token at a node of the trie that has one. */
static inline uint32_t sp_trie_token(const sp_vocab *v, uint32_t unit)
{
    if (unit & SP_TRIE_LEAF)
        return unit >> SP_TRIE_SHIFT;
    return v->trie[(unit >> SP_TRIE_SHIFT) ^ SP_TRIE_VALUE_LABEL] >> SP_TRIE_SHIFT;
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
    return sp_trie_token(v, last);
}

#endif
