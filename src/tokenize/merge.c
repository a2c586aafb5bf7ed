/*
 * merge.c - a piece into tokens, in time linear in its length.
 *
 * Byte-pair encoding is defined by merging: join the adjacent pair of lowest rank, the leftmost first, until
 * no pair is a token. Done literally that is quadratic, and with a heap it is still slow on a megabyte of the
 * same letter. This does not merge at all. It rests on two facts (Hendrik van Antwerpen and Alexander Neubeck,
 * "So many tokens, so little time", GitHub 2024; the crate bpe of github/rust-gems):
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
#include "tokenize/vocab.h"

#include <stdlib.h>

void sp_merger_init(sp_merger *merger)
{
    merger->tokens = NULL;
    merger->dead = NULL;
    merger->count = merger->tokens_cap = merger->dead_cap = 0;
    merger->has_steps = false;
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

/* The token to try next at at, after before: one that goes with it and ends at a live position. SP_NO_TOKEN if there
 * is none. Any order of trying them is right; the longest first is the best guess, but what came of the same two
 * tokens the last time is a better one. It saves most checks in text that repeats itself, and nearly all dead ends in
 * hostile text: in a run of = the longest token is 96 of them, which never leads anywhere. */
static uint32_t choose(const sp_vocab *v, sp_merger *m, uint32_t before, uint32_t longest, size_t at)
{
    uint64_t key = sp_pair_key(before & SP_TOKEN_MASK, longest);
    sp_merge_step *step = &m->steps[(key * 0x9E3779B97F4A7C15u) >> (64 - SP_MERGE_STEP_BITS)];
    if (step->key == key && before != SP_NO_TOKEN && !is_dead(m, at + sp_record_len(v->records[step->token])))
        return step->token;
    uint32_t token = longest;
    for (; token != SP_NO_TOKEN; token = shorter(v, token))
        if (!is_dead(m, at + sp_record_len(v->records[token])) &&
            (before == SP_NO_TOKEN || are_neighbours(v, before, token)))
            break;
    if (token != SP_NO_TOKEN && before != SP_NO_TOKEN)
        *step = (sp_merge_step){ key, token };
    return token;
}

/* Returns the number of tokens; 0 when memory is short or when the piece cannot follow first_before. */
static size_t merge(const sp_vocab *v, sp_merger *m, uint32_t first_before, const uint8_t *piece, size_t len)
{
    if (!reserve_dead(m, len))
        return 0;
    if (!m->has_steps) {
        memset(m->steps, 0, sizeof m->steps);
        m->has_steps = true;
    }
    size_t at = 0, count = 0;
    while (at < len) {
        uint32_t before = count > 0 ? m->tokens[count - 1] : first_before;
        uint32_t token = choose(v, m, before, sp_longest_token(v, piece + at, len - at), at);
        if (token != SP_NO_TOKEN) {
            if (!reserve_tokens(m, count + 1))
                return 0;
            m->tokens[count++] = token;
            at += sp_record_len(v->records[token]);
        } else {
            if (count == 0)
                return 0;
            bury(m, at);
            at -= sp_record_len(v->records[m->tokens[--count]]);
        }
    }
    m->count = count;
    return count;
}

size_t sp_merge(const sp_vocab *vocab, sp_merger *merger, const uint8_t *piece, size_t len)
{
    return merge(vocab, merger, SP_NO_TOKEN, piece, len);
}

size_t sp_merge_after(const sp_vocab *vocab, sp_merger *merger, uint32_t before, const uint8_t *piece, size_t len)
{
    return merge(vocab, merger, before, piece, len);
}
