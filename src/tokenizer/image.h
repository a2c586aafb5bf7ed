/*
 * image.h - the layout of the read-only image that holds every vocabulary, shared by the host tool that
 * writes it (tokenizers/image-build.c) and the library that reads it (encodings.c, vocab.h).
 *
 * The image is one block of bytes without pointers: every place in it is an offset from its first byte, so
 * it needs no relocation, no parsing and no memory, and only the pages that a text touches are ever read.
 * It is little-endian, like every machine this is built for.
 *
 * A vocabulary is five tables:
 *
 *   short    every token of up to 8 bytes, whole, as a 64-bit key; and the ids, apart from the keys, because
 *            counting needs to know only that a piece is a token, not which
 *   long     the same for 9 to 16 bytes, two 64-bit words a key
 *   records  for every token: the two tokens it was merged from, its longest proper prefix that is a token,
 *            and its length. This is also the spelling of the token: the bytes at the leaves of its splits
 *   pairs    from two tokens to the token that they merge into
 *   trie     every token, byte by byte, to find the longest one that starts at a given place
 *
 * short, long and pairs are perfect hash tables: a small array of multipliers, found when the image is
 * built, sends every key to a slot of its own. A lookup is one load from the small array and one load from the
 * slot, whether the key is there or not: no probing, no chains. Most keys that are asked for are not there, and most
 * of those are told by a print: one byte for each slot, in a table apart; in pairs some bits beside the token.
 */
#ifndef SP_TOKENIZE_IMAGE_H
#define SP_TOKENIZE_IMAGE_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "sysprompt needs a little-endian machine: its vocabularies are stored that way");

#define SP_IMAGE_MAGIC 0x314B4F5450535953u /* "SYSPTOK1" */
#define SP_IMAGE_ALIGNMENT 64u             /* of every table: a cache line */

enum {
    SP_VOCAB_P50K, /* also serves r50k: its tokens are the first 50,256 of p50k's, byte for byte */
    SP_VOCAB_CL100K,
    SP_VOCAB_O200K,
    SP_VOCAB_COUNT,
};

/* ---- perfect hashing ---------------------------------------------------------------------------
 * A key is mixed to 64 bits. The top bits choose a bucket, the bucket's multiplier and the low 32 bits
 * choose the slot. */

typedef struct sp_image_hash {
    uint64_t seed;        /* odd; the builder takes the first that works */
    uint32_t slots;       /* size of the table */
    uint32_t shift;       /* mixed >> shift is the bucket */
    uint32_t multipliers; /* offset of uint16_t[buckets] */
    uint32_t prints;      /* offset of uint8_t[slots]: sp_image_print of the key in the slot; pairs have their own */
} sp_image_hash;

static inline uint64_t sp_image_mix(uint64_t key, uint64_t seed)
{
    key *= seed;
    key ^= key >> 32;
    return key * 0x9E3779B97F4A7C15u;
}

static inline uint64_t sp_image_mix2(uint64_t low, uint64_t high, uint64_t seed)
{
    uint64_t other = high * 0xC2B2AE3D27D4EB4Fu;
    return sp_image_mix(low ^ (other >> 29) ^ other, seed);
}

static inline uint32_t sp_image_slot(uint64_t mixed, uint16_t multiplier, uint32_t slots)
{
    uint32_t spread = (uint32_t)mixed * multiplier;
    return (uint32_t)((uint64_t)spread * slots >> 32);
}

/* A byte that tells nearly all keys that are not there, from a table that is small enough to stay near. */
static inline uint8_t sp_image_print(uint64_t mixed)
{
    return (uint8_t)(mixed >> 40);
}

/* ---- a vocabulary ------------------------------------------------------------------------------- */

typedef struct sp_image_vocab {
    sp_image_hash short_hash; /* over the key */
    sp_image_hash long_hash;  /* over both words of the key */
    sp_image_hash pair_hash;  /* over sp_pair_key */
    uint32_t short_keys;      /* uint64_t[slots]; an empty slot is 0. A key is the token's bytes, the first one
                                 lowest, padded with zeros: so no token that ends in NUL is in here */
    uint32_t short_ids;       /* three bytes a slot, and one more byte at the end */
    uint32_t long_keys;       /* uint64_t[slots][2] */
    uint32_t long_ids;
    uint32_t records;     /* uint64_t[token_count], see below */
    uint32_t token_count; /* highest rank + 1 */
    uint32_t pairs;       /* uint32_t[slots]: the merged token, and sp_pair_print above it */
    uint32_t trie;        /* uint32_t[], see below */
    uint32_t trie_root;   /* the base of the root */
    uint32_t byte_values; /* uint8_t[256]: the byte that a rank below 256 stands for */
    uint32_t byte_ranks;  /* uint8_t[256]: the rank of a byte */
    uint32_t byte_pairs;  /* uint16_t[65536]: by two bytes, the first one high, the token that they merge into; or 0 */
} sp_image_vocab;

#define SP_TOKEN_BITS 18 /* o200k has 199,998 tokens */
#define SP_TOKEN_MASK ((1u << SP_TOKEN_BITS) - 1)
#define SP_TOKEN_MAX_BYTES 128 /* the longest token of every vocabulary */
#define SP_NO_TOKEN UINT32_MAX

/* A record: left, right and prefix in 18 bits each from the bottom, length - 1 in the 7 bits above. A single
 * byte is its own left, right and prefix. A rank without a token (50256 in p50k) is its own too. */
static inline uint64_t sp_record_make(uint32_t left, uint32_t right, uint32_t prefix, uint32_t len)
{
    return (uint64_t)left | (uint64_t)right << SP_TOKEN_BITS | (uint64_t)prefix << (2 * SP_TOKEN_BITS) |
           (uint64_t)(len - 1) << (3 * SP_TOKEN_BITS);
}
static inline uint32_t sp_record_left(uint64_t record)
{
    return (uint32_t)record & SP_TOKEN_MASK;
}
static inline uint32_t sp_record_right(uint64_t record)
{
    return (uint32_t)(record >> SP_TOKEN_BITS) & SP_TOKEN_MASK;
}
static inline uint64_t sp_record_sides(uint64_t record)
{
    return record & (((uint64_t)1 << (2 * SP_TOKEN_BITS)) - 1); /* left and right */
}
static inline uint32_t sp_record_prefix(uint64_t record)
{
    return (uint32_t)(record >> (2 * SP_TOKEN_BITS)) & SP_TOKEN_MASK;
}
static inline uint32_t sp_record_len(uint64_t record)
{
    return (uint32_t)(record >> (3 * SP_TOKEN_BITS)) + 1;
}

/* A pair's print stands above its token, so that one load answers: nearly all pairs that merge into nothing are told by
 * it, and the rest are settled by the record of the merged token. */
static inline uint32_t sp_pair_print(uint64_t mixed)
{
    return (uint32_t)(mixed >> 32) & ~SP_TOKEN_MASK;
}

static inline uint64_t sp_pair_key(uint32_t left, uint32_t right)
{
    return (uint64_t)1 << (2 * SP_TOKEN_BITS) | (uint64_t)left << SP_TOKEN_BITS | right; /* never 0 */
}

#define SP_BYTE_PAIR_ASK UINT16_MAX /* in byte_pairs: a token that has no room there */

/* The trie is a double array with one 32-bit unit a node. A node's child for byte c is at base ^ c, and is
 * there if the unit at that place carries the label c; bases are unique, so the label is proof enough.
 *   bits 0..8    label: the byte that leads here, 256 for a value, 511 for an unused unit
 *   bit  9       leaf: a token that is no prefix of another; the upper bits are the token
 *   bit  10      the node is a token; its value is the unit at base ^ 256
 *   bits 11..31  base, or the token in a leaf or a value */
#define SP_TRIE_LABEL 0x1FFu
#define SP_TRIE_LEAF 0x200u
#define SP_TRIE_TOKEN 0x400u
#define SP_TRIE_SHIFT 11
#define SP_TRIE_VALUE_LABEL 256u

/* ---- character classes ----------------------------------------------------------------------------
 * What the split patterns can tell apart, by Unicode 16.0. */

/* One bit each, so that a class is a set of one and belonging to a set is one AND. */
typedef enum sp_class {
    SP_CLASS_OTHER = 1,
    SP_CLASS_UPPER = 2,   /* Lu, Lt */
    SP_CLASS_LOWER = 4,   /* Ll */
    SP_CLASS_LETTER = 8,  /* Lm, Lo */
    SP_CLASS_NUMBER = 16, /* N */
    SP_CLASS_SPACE = 32,  /* White_Space */
    SP_CLASS_MARK = 64,   /* M */
} sp_class;

#define SP_CLASS_BLOCK_BITS 7 /* code points a block: 128, so that ASCII is the first */

/* ---- the whole ------------------------------------------------------------------------------------ */

#define SP_IMAGE_FAMILIES 2        /* of tokenizers that are estimated */
#define SP_IMAGE_COSTS 7           /* tables of what a token costs: of small letters, of symbols and so on */
#define SP_IMAGE_NO_COST INT16_MIN /* too large for the table */

typedef struct sp_image_header {
    uint64_t magic;
    uint32_t class_blocks; /* uint8_t[0x110000 >> 7]: the number of the block that holds a code point's class */
    uint32_t class_values; /* uint8_t[][128] */
    sp_image_vocab vocabs[SP_VOCAB_COUNT];
    uint32_t estimates[SP_IMAGE_FAMILIES][2]; /* uint32_t[slots of short and long of cl100k_base]: what pieces that are
                                                 these tokens are estimated at. See tokenizers/estimates-build.c */
    uint32_t costs[SP_IMAGE_FAMILIES];        /* int16_t[SP_IMAGE_COSTS][token_count of cl100k_base] */
} sp_image_header;

#endif
