/*
 * merge.c - a piece into tokens, in time linear in its length.
 *
 * Byte-pair encoding is defined by merging: join the adjacent pair of lowest rank, the leftmost first, until
 * no pair is a token. Done literally that is quadratic, and with a heap it is still slow on a megabyte of the
 * same letter. So only words, of up to 63 bytes, are merged like that (words.c). What is longer is not merged at all,
 * and rests on two facts (Hendrik van Antwerpen and Alexander Neubeck, "So many tokens, so little time", GitHub 2024;
 * the crate bpe of github/rust-gems):
 *
 *   1. A sequence of tokens is the encoding of its bytes if and only if every two neighbours are: if merging
 *      the bytes of both gives the same two tokens again. So there is only one such sequence.
 *   2. Whether two tokens are such neighbours can be told without their bytes, by undoing merges along the
 *      seam from the latest to the first and asking whether an earlier merge would have crossed it.
 *
 * So: take the longest token that fits, check it against the one before; if it does not go, take the next
 * shorter one; if none goes, the position is a dead end: remember it, drop the last token and try another one
 * in its place. A position dies once at most, which keeps the whole linear.
 */
#include "tokenizer/vocab.h"

#include <stdlib.h>

void sp_merger_init(sp_merger *merger)
{
    merger->tokens = NULL;
    merger->dead = NULL;
    merger->count = merger->tokens_cap = merger->dead_cap = 0;
    merger->has_memo = false;
}

void sp_merger_release(sp_merger *merger)
{
    free(merger->tokens);
    free(merger->dead);
    sp_merger_init(merger);
}

/* Would the bytes of left and right, merged, be left and right again? limit is the rank from which on a merge
 * across the seam comes too late: the merge that is undone next, made on its own side of the seam, was
 * earlier. Of two equal ones the left is the earlier, hence the + 1 on the right. */
static bool are_neighbours(const sp_vocab *v, uint32_t left, uint32_t right)
{
    uint32_t limit = v->rank_limit;
    for (;;) {
        if (sp_pair_token(v, left, right) < limit)
            return false;
        uint32_t left_end = sp_record_right(v->records[left]);
        uint32_t right_begin = sp_record_left(v->records[right]);
        bool left_is_byte = left_end == left, right_is_byte = right_begin == right;
        if (left_is_byte && right_is_byte)
            return true;
        if (right_is_byte || (left > right && !left_is_byte)) {
            limit = left;
            left = left_end;
        } else {
            limit = right + 1;
            right = right_begin;
        }
    }
}

/* ---- memory ----------------------------------------------------------------------------------------- */

static bool reserve_tokens(sp_merger *m, size_t wanted)
{
    if (wanted <= m->tokens_cap)
        return true;
    size_t cap = m->tokens_cap ? 2 * m->tokens_cap : 256;
    cap = cap < wanted ? wanted : cap;
    uint32_t *tokens = realloc(m->tokens, cap * sizeof *tokens);
    if (!tokens)
        return false;
    m->tokens = tokens;
    m->tokens_cap = cap;
    return true;
}

/* One bit for every position of a piece, all alive. */
static bool reserve_dead(sp_merger *m, size_t len)
{
    size_t words = len / 64 + 1;
    if (words > m->dead_cap) {
        size_t cap = words < 64 ? 64 : words;
        free(m->dead);
        m->dead = malloc(cap * sizeof *m->dead);
        m->dead_cap = m->dead ? cap : 0;
        if (!m->dead)
            return false;
    }
    memset(m->dead, 0, words * sizeof *m->dead);
    return true;
}

static bool is_dead(const sp_merger *m, size_t position)
{
    return m->dead[position / 64] >> (position % 64) & 1;
}

static void bury(sp_merger *m, size_t position)
{
    m->dead[position / 64] |= (uint64_t)1 << (position % 64);
}

/* ---- merging ------------------------------------------------------------------------------------------ */

/* The longest proper prefix of token that is a token too; or SP_NO_TOKEN. */
static uint32_t shorter(const sp_vocab *v, uint32_t token)
{
    uint64_t record = v->records[token];
    return sp_record_len(record) == 1 ? SP_NO_TOKEN : sp_record_prefix(record);
}

/* What was found out about two tokens is kept: it depends on nothing else, and text repeats itself, hostile text most
 * of all. A slot is the pair above, the answer in the SP_TOKEN_BITS below. */
static uint64_t *memo_of(uint64_t *memo, uint32_t left, uint32_t right)
{
    uint64_t key = sp_pair_key(left, right) << SP_TOKEN_BITS;
    uint64_t *slot = &memo[(key * 0x9E3779B97F4A7C15u) >> (64 - SP_MERGE_MEMO_BITS)];
    if (*slot >> SP_TOKEN_BITS != key >> SP_TOKEN_BITS)
        *slot = key | SP_TOKEN_MASK; /* no token has this number: not known */
    return slot;
}

static bool go_together(const sp_vocab *v, sp_merger *m, uint32_t left, uint32_t right)
{
    uint64_t *slot = memo_of(m->neighbours, left, right);
    if ((*slot & SP_TOKEN_MASK) == SP_TOKEN_MASK)
        *slot = (*slot & ~(uint64_t)SP_TOKEN_MASK) | are_neighbours(v, left, right);
    return *slot & 1;
}

enum {
    NONE = SP_TOKEN_MASK - 1, /* this is no token's number either */
};

/* The longest of token and the shorter ones in it that goes with before; or SP_NO_TOKEN. */
static uint32_t longest_after(const sp_vocab *v, sp_merger *m, uint32_t before, uint32_t token)
{
    uint64_t *slot = memo_of(m->longest, before, token);
    uint32_t found = (uint32_t)*slot & SP_TOKEN_MASK;
    if (found == SP_TOKEN_MASK) {
        while (token != SP_NO_TOKEN && !go_together(v, m, before, token))
            token = shorter(v, token);
        found = token == SP_NO_TOKEN ? (uint32_t)NONE : token;
        *slot = (*slot & ~(uint64_t)SP_TOKEN_MASK) | found;
    }
    return found == NONE ? SP_NO_TOKEN : found;
}

/* The token to try next at at, after before: the longest that goes with it and ends at a live position. SP_NO_TOKEN if
 * there is none. */
static uint32_t choose(const sp_vocab *v, sp_merger *m, uint32_t before, uint32_t token, size_t at)
{
    if (before != SP_NO_TOKEN)
        token = longest_after(v, m, before, token);
    while (token != SP_NO_TOKEN && is_dead(m, at + sp_record_len(v->records[token]))) {
        token = shorter(v, token);
        if (token != SP_NO_TOKEN && before != SP_NO_TOKEN)
            token = longest_after(v, m, before, token);
    }
    return token;
}

/* ---- text that repeats itself --------------------------------------------------------------------------
 * Tokens that are neighbours stay neighbours. So where the text since an earlier token comes again, and the tokens
 * since then ended in that same token, they can be put down again without another look, as often as the text is there.
 */

enum {
    CYCLE_MIN_PIECE = 1024,
    CYCLE_LAG = 4,                         /* tokens */
    CYCLE_MARGIN = 4 * SP_TOKEN_MAX_BYTES, /* left over for the end, where longer tokens do not fit any more */
};

/* A token to compare with, some tokens back, because the latest ones may be taken back. It moves ahead in growing
 * steps, so that cycles of every length are found (R. P. Brent, "An improved Monte Carlo factorization algorithm",
 * 1980). */
typedef struct cycle {
    size_t count; /* tokens up to it, and bytes; 0: there is none */
    size_t at;
    size_t next;  /* number of tokens at which it moves */
    size_t retry; /* no comparison before this place: all of them together take no longer than one walk */

    /* Where only the number of tokens is wanted, copies of a cycle are left out, so many of so many tokens each. They
     * would stand behind the first level tokens, the last of which are a copy, too. */
    bool counts;
    size_t copies;
    size_t tokens;
    size_t level;
} cycle;

static size_t common_len(const uint8_t *left, const uint8_t *right, size_t max)
{
    size_t len = 0;
    while (max - len >= sizeof(uint64_t) && sp_load64(left + len) == sp_load64(right + len))
        len += sizeof(uint64_t);
    while (len < max && left[len] == right[len])
        len++;
    return len;
}

static void move_cycle(const sp_vocab *v, const sp_merger *m, cycle *c, size_t at, size_t count)
{
    for (size_t i = count; i > count - CYCLE_LAG; i--)
        at -= sp_record_len(v->records[m->tokens[i - 1]]);
    c->count = count - CYCLE_LAG;
    c->next = 2 * count;
    c->at = c->retry = at;
}

/* Of so many copies, those that are put down: all, or one. No cycle is looked for across those that are not. */
static size_t leave_out(cycle *c, size_t count, size_t tokens, size_t copies)
{
    if (!c->counts || c->copies > 0 || copies < 2)
        return copies;
    c->level = count;
    c->tokens = tokens;
    c->copies = copies - 1;
    c->count = 0;
    c->next = count + tokens + CYCLE_LAG + 1;
    return 1;
}

/* Puts down tokens again if they repeat. Returns false when memory is short. */
static bool repeat(sp_merger *m, cycle *c, const uint8_t *piece, size_t len, size_t *at, size_t *count)
{
    size_t tokens = *count - c->count, bytes = *at - c->at;
    if (c->count == 0 || *at < c->retry || m->tokens[c->count - 1] != m->tokens[*count - 1])
        return true;
    size_t same = common_len(piece + c->at, piece + *at, len - *at);
    c->retry = *at + same;
    size_t times = same > CYCLE_MARGIN ? (same - CYCLE_MARGIN) / bytes : 0;
    size_t added = leave_out(c, *count, tokens, times) * tokens;
    if (!reserve_tokens(m, *count + added))
        return false;
    for (size_t i = 0; i < added; i++, ++*count)
        m->tokens[*count] = m->tokens[*count - tokens];
    *at += times * bytes;
    return true;
}

/* ---- pieces ---------------------------------------------------------------------------------------------- */

/* Before the first piece: most short texts do without. */
static void clear_memos(sp_merger *m)
{
    memset(m->neighbours, 0, sizeof m->neighbours);
    memset(m->longest, 0, sizeof m->longest);
    m->has_memo = true;
}

/* Returns the number of tokens; 0 when memory is short or when the piece cannot follow first_before. */
static size_t merge(const sp_vocab *v, sp_merger *m, uint32_t first_before, const uint8_t *piece, size_t len,
                    bool counts)
{
    if (!reserve_dead(m, len))
        return 0;
    if (!m->has_memo)
        clear_memos(m);
    size_t at = 0, count = 0;
    cycle c = { .next = CYCLE_LAG + 1, .counts = counts };
    while (at < len) {
        uint32_t before = count > 0 ? m->tokens[count - 1] : first_before;
        uint32_t token = choose(v, m, before, sp_longest_token(v, piece + at, len - at), at);
        if (token != SP_NO_TOKEN) {
            if (!reserve_tokens(m, count + 1))
                return 0;
            m->tokens[count++] = token;
            at += sp_record_len(v->records[token]);
            if (len >= CYCLE_MIN_PIECE && !repeat(m, &c, piece, len, &at, &count))
                return 0;
            if (len >= CYCLE_MIN_PIECE && count >= c.next)
                move_cycle(v, m, &c, at, count);
        } else {
            if (count == 0)
                return 0;
            if (c.copies > 0 && count == c.level) /* back to where tokens were left out: once more with all of them */
                return merge(v, m, first_before, piece, len, false);
            bury(m, at);
            at -= sp_record_len(v->records[m->tokens[--count]]);
            if (count <= c.count)
                c.count = 0;
        }
    }
    m->count = count;
    return count + c.copies * c.tokens;
}

/* ---- words ------------------------------------------------------------------------------------------------ */

static size_t merge_word(const sp_vocab *v, sp_merger *m, const uint8_t *piece, size_t len)
{
    if (!reserve_tokens(m, len))
        return 0;
    sp_words_init(&m->word, len < SP_WORDS_SHORT ? SP_WORDS_SHORT : SP_WORDS_LONG);
    sp_words_add(v, &m->word, piece, len);
    v->merge_words(v, &m->word);
    m->count = sp_words_ids(&m->word, 0, m->tokens);
    return m->count;
}

static size_t merge_piece(const sp_vocab *v, sp_merger *m, const uint8_t *piece, size_t len, bool counts)
{
    return len < SP_WORDS_LONG ? merge_word(v, m, piece, len) : merge(v, m, SP_NO_TOKEN, piece, len, counts);
}

size_t sp_merge(const sp_vocab *vocab, sp_merger *merger, const uint8_t *piece, size_t len)
{
    return merge_piece(vocab, merger, piece, len, false);
}

size_t sp_merge_count(const sp_vocab *vocab, sp_merger *merger, const uint8_t *piece, size_t len)
{
    return merge_piece(vocab, merger, piece, len, true);
}

size_t sp_merge_after(const sp_vocab *vocab, sp_merger *merger, uint32_t before, const uint8_t *piece, size_t len)
{
    return merge(vocab, merger, before, piece, len, false);
}
