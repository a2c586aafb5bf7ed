/*
 * words.c - merging pieces that are no longer than words, many of them side by side.
 *
 * A few bytes are merged the way that the definition says: there is nothing to be quadratic in, and each step asks for
 * two pairs only. One word alone would wait for memory at every step, and for every guess that was wrong. So all words
 * take a step at a time, and the steps have no branches that depend on the text.
 *
 * A place is that of a byte. In pairs stands, at the place of a token, what it and the one behind it merge into, which
 * is the rank of that merge, above the place: so the least one is the leftmost of the lowest rank. A pair stands there
 * if its print says so, which is right nearly always; the record of the merged token, which takes longer to come, is
 * asked only when the pair is merged.
 */
#include "tokenizer/targets.h"
#include "tokenizer/vocab.h"

enum {
    PLACE_BITS = 6,
    WORD_END = SP_TOKEN_MASK, /* stands behind the last token, and merges with none */
    MAX_QUESTIONS = 2 * SP_WORDS_MAX,
};

#define NO_PAIR UINT32_MAX
#define WORDS_INLINE static inline __attribute__((always_inline))

/* What do pairs of tokens merge into? The answer to keys[i], see sp_pair_key, goes to pairs[to[i]]. */
typedef struct questions {
    unsigned count;
    uint64_t keys[MAX_QUESTIONS];
    uint32_t to[MAX_QUESTIONS];
} questions;

WORDS_INLINE uint32_t make_pair(const sp_vocab *v, uint32_t token, unsigned place, bool is_one)
{
    uint32_t none = (uint32_t)(is_one & (token < v->rank_limit)) - 1; /* all bits, or none */
    return token << PLACE_BITS | place | none;
}

WORDS_INLINE uint32_t least_of(const uint32_t *pairs, unsigned room)
{
    uint32_t least = NO_PAIR;
    for (unsigned i = 0; i < room; i++)
        least = pairs[i] < least ? pairs[i] : least;
    return least;
}

WORDS_INLINE void ask(questions *q, uint32_t left, uint32_t right, uint32_t to)
{
    q->keys[q->count] = sp_pair_key(left, right);
    q->to[q->count++] = to;
}

/* Merges the pair at its place, and asks what the new token merges into with the one behind it and the one before it;
 * or the first twice, if there is none before it. Takes the pair back if it was none. */
WORDS_INLINE void merge_pair(const sp_vocab *v, sp_words *w, unsigned word, unsigned room, uint32_t pair, questions *q)
{
    uint32_t token = pair >> PLACE_BITS, first = word * room, *tokens = w->tokens + first;
    unsigned place = pair & ((1u << PLACE_BITS) - 1);
    uint64_t begins = w->begins[word], below = begins & (((uint64_t)1 << place) - 1);
    uint64_t behind = begins & (UINT64_MAX << 1 << place);
    unsigned gone = (unsigned)__builtin_ctzll(behind);
    if (!sp_is_pair(v, token, tokens[place], tokens[gone])) {
        w->pairs[first + place] = NO_PAIR;
        return;
    }
    w->begins[word] = begins & ~((uint64_t)1 << gone);
    w->pairs[first + gone] = NO_PAIR;
    tokens[place] = token;
    uint32_t is_first = (uint32_t)(below != 0) - 1; /* all bits, or none */
    unsigned last = 63 - (unsigned)__builtin_clzll(below | 1);
    last ^= (last ^ place) & is_first;
    uint32_t right = tokens[__builtin_ctzll(behind & (behind - 1))];
    ask(q, token, right, first + place);
    ask(q, tokens[last], token ^ ((token ^ right) & is_first), first + last);
}

/* What the prints say. */
WORDS_INLINE void answer(const sp_vocab *v, sp_words *w, unsigned room, const questions *q)
{
    const sp_image_hash *hash = &v->image->pair_hash;
    uint32_t slots[MAX_QUESTIONS], prints[MAX_QUESTIONS];
    for (unsigned i = 0; i < q->count; i++) {
        uint64_t mixed = sp_image_mix(q->keys[i], hash->seed);
        slots[i] = sp_pair_slot(v, mixed);
        prints[i] = sp_pair_print(mixed);
        __builtin_prefetch(&v->pairs[slots[i]]);
    }
    for (unsigned i = 0; i < q->count; i++) {
        uint32_t found = v->pairs[slots[i]], token = found & SP_TOKEN_MASK;
        bool is_likely = (found ^ prints[i]) >> SP_TOKEN_BITS == 0;
        __builtin_prefetch(&v->records[token & (0 - (uint32_t)is_likely)]);
        w->pairs[q->to[i]] = make_pair(v, token, q->to[i] & (room - 1), is_likely);
    }
}

WORDS_INLINE void merge_words(const sp_vocab *v, sp_words *w, unsigned room)
{
    questions q;
    uint32_t pairs[SP_WORDS_MAX];
    uint8_t words[SP_WORDS_MAX]; /* that are not done */
    unsigned count = w->count;
    for (unsigned i = 0; i < count; i++)
        words[i] = (uint8_t)i;
    while (count > 0) {
        unsigned left = 0;
        for (unsigned i = 0; i < count; i++) {
            words[left] = words[i];
            pairs[left] = least_of(w->pairs + (size_t)words[i] * room, room);
            left += pairs[left] != NO_PAIR;
        }
        count = left;
        q.count = 0;
        for (size_t i = 0; i < count; i++)
            merge_pair(v, w, words[i], room, pairs[i], &q);
        answer(v, w, room, &q);
    }
}

#define MERGE_WORDS(path, target)                                                                                      \
    static target void merge_words_##path(const sp_vocab *v, sp_words *w)                                              \
    {                                                                                                                  \
        if (w->room == SP_WORDS_SHORT)                                                                                 \
            merge_words(v, w, SP_WORDS_SHORT);                                                                         \
        else                                                                                                           \
            merge_words(v, w, SP_WORDS_LONG);                                                                          \
    }

MERGE_WORDS(portable, )
#if defined(__x86_64__)
MERGE_WORDS(avx2, SP_TARGET_AVX2)
#endif

sp_words_merger *sp_words_merger_of(sp_path path)
{
#if defined(__x86_64__)
    if (sp_path_taken(path) >= SP_PATH_AVX2)
        return merge_words_avx2;
#else
    (void)path;
#endif
    return merge_words_portable;
}

void sp_words_init(sp_words *words, unsigned room)
{
    words->room = room;
    words->count = 0;
}

WORDS_INLINE void add_word(const sp_vocab *v, sp_words *w, const uint8_t *piece, size_t len, unsigned room)
{
    unsigned word = w->count++, last = (unsigned)len - 1;
    uint32_t *tokens = w->tokens + (size_t)word * room, *pairs = w->pairs + (size_t)word * room;
    w->begins[word] = UINT64_MAX >> (SP_WORDS_LONG - 1 - len);
    memset(pairs, 0xFF, room * sizeof *pairs);
    for (unsigned i = 0; i < last; i++) {
        uint32_t token = v->byte_pairs[piece[i] << 8 | piece[i + 1]];
        tokens[i] = v->byte_ranks[piece[i]];
        if (token == SP_BYTE_PAIR_ASK)
            token = sp_pair_token(v, tokens[i], v->byte_ranks[piece[i + 1]]);
        pairs[i] = make_pair(v, token, i, token != 0);
    }
    tokens[last] = v->byte_ranks[piece[last]];
    tokens[len] = WORD_END;
}

void sp_words_add(const sp_vocab *v, sp_words *w, const uint8_t *piece, size_t len)
{
    if (w->room == SP_WORDS_SHORT)
        add_word(v, w, piece, len, SP_WORDS_SHORT);
    else
        add_word(v, w, piece, len, SP_WORDS_LONG);
}

size_t sp_words_tokens(const sp_words *words, unsigned i)
{
    return (size_t)__builtin_popcountll(words->begins[i]) - 1;
}

size_t sp_words_ids(const sp_words *words, unsigned i, uint32_t *ids)
{
    size_t count = 0;
    for (uint64_t begins = words->begins[i]; begins & (begins - 1); begins &= begins - 1)
        ids[count++] = words->tokens[i * words->room + (unsigned)__builtin_ctzll(begins)];
    return count;
}
