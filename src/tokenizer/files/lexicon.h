/* lexicon.h - the tokens of a vocabulary: found by their spelling, and by the two that merge into them. */
#ifndef SP_VOCABULARY_LEXICON_H
#define SP_VOCABULARY_LEXICON_H

#include "base/base.h"
#include "base/types.h"

#define SP_LEXICON_NONE UINT32_MAX /* no token */

enum {
    SP_LEXICON_MAX_TOKENS = 1 << 22,
    SP_LEXICON_MAX_ID = 1 << 24,    /* ids are below it */
    SP_LEXICON_MAX_BYTES = 1 << 30, /* of all spellings */
};

/* Two tokens, what they merge into, and which merge goes first: that of the lowest rank. */
typedef struct sp_lexicon_pair {
    uint32_t left; /* SP_LEXICON_NONE: an empty place */
    uint32_t right;
    uint32_t rank;
    uint32_t token;
} sp_lexicon_pair;

/* Tokens are known by their index: that is their place in the order of ids. */
typedef struct sp_lexicon {
    uint32_t count;
    uint32_t *ids;  /* count of them, going up */
    uint32_t *ends; /* of the spellings, one behind the other: count of them */
    char *spellings;
    uint32_t slot_count; /* a power of two */
    uint32_t *slots;     /* by spelling: an index, or SP_LEXICON_NONE */
    uint32_t pair_count; /* a power of two, or 0 */
    sp_lexicon_pair *pairs;
    bool is_borrowed;    /* the arrays are another's */
    uint32_t longest;    /* bytes of the longest token that can be found */
    uint32_t bytes[256]; /* the token of a byte, or SP_LEXICON_NONE */
} sp_lexicon;

void sp_lexicon_release(sp_lexicon *lexicon);

/* Room for so many tokens with so many bytes; then they are added with their ids going up. False when memory is short.
 */
bool sp_lexicon_reserve(sp_lexicon *lexicon, size_t count, size_t bytes);
void sp_lexicon_add(sp_lexicon *lexicon, uint32_t id, sp_str spelling);

/* Makes a token be found by its spelling, once all have been added. Returns the token that is found by it already, or
 * SP_LEXICON_NONE. */
uint32_t sp_lexicon_index(sp_lexicon *lexicon, uint32_t token);

/* Room for so many pairs. */
bool sp_lexicon_reserve_pairs(sp_lexicon *lexicon, size_t count);
/* Of two ranks for one pair the last one given stands. */
void sp_lexicon_add_pair(sp_lexicon *lexicon, sp_lexicon_pair pair);

/* ---- asking ------------------------------------------------------------------------------------------------ */

static inline sp_str sp_lexicon_spelling(const sp_lexicon *l, uint32_t token)
{
    uint32_t begin = token > 0 ? l->ends[token - 1] : 0;
    return (sp_str){ l->spellings + begin, l->ends[token] - begin };
}

/* The token with that spelling, or SP_LEXICON_NONE. */
uint32_t sp_lexicon_find(const sp_lexicon *lexicon, sp_str spelling);

enum { SP_LEXICON_MAX_PREFIX = 512 };

/* The beginnings of one text, which are looked up length by length: { .text = text }. What is known of a shorter one is
 * not worked out again for a longer one, so that all lengths together take as long as that many short texts. */
typedef struct sp_lexicon_prefixes {
    const char *text;
    size_t words; /* that are in mixed */
    uint64_t mixed[SP_LEXICON_MAX_PREFIX / sizeof(uint64_t)];
} sp_lexicon_prefixes;

/* The token that is the first len bytes of the text, at most SP_LEXICON_MAX_PREFIX; or SP_LEXICON_NONE. */
uint32_t sp_lexicon_find_prefix(const sp_lexicon *lexicon, sp_lexicon_prefixes *prefixes, size_t len);

/* The token with that id, or SP_LEXICON_NONE. */
uint32_t sp_lexicon_find_id(const sp_lexicon *lexicon, uint32_t id);

static inline uint32_t sp_lexicon_pair_place(const sp_lexicon *l, uint32_t left, uint32_t right)
{
    uint64_t mixed = ((uint64_t)left << 32 | right) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(mixed >> 32) & (l->pair_count - 1);
}

/* The pair, or NULL: they do not merge. */
static inline const sp_lexicon_pair *sp_lexicon_pair_of(const sp_lexicon *l, uint32_t left, uint32_t right)
{
    if (l->pair_count == 0)
        return NULL;
    uint32_t place = sp_lexicon_pair_place(l, left, right);
    while (l->pairs[place].left != SP_LEXICON_NONE) {
        if (l->pairs[place].left == left && l->pairs[place].right == right)
            return &l->pairs[place];
        place = (place + 1) & (l->pair_count - 1);
    }
    return NULL;
}

#endif
