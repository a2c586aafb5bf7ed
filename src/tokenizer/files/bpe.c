/*
 * bpe.c - few symbols are merged by looking at all of them again and again; many with a heap of the merges that are
 * possible. A merge that has become impossible stays in the heap, and is told when it comes out: the tokens that it was
 * meant for are not there any more. A symbol only ever grows, so it cannot be mistaken for another.
 */
#include "tokenizer/files/bpe.h"

#include <stdlib.h>

enum {
    FEW = 24, /* symbols */
};

#define NO_SYMBOL UINT32_MAX

typedef struct sp_bpe_merge {
    uint32_t rank;
    uint32_t at; /* the left one of the two symbols */
    uint32_t left, right;
    uint32_t token;
} merge;

void sp_bpe_release(sp_bpe *b)
{
    free(b->symbols);
    free(b->heap);
    *b = (sp_bpe){ 0 };
}

void sp_bpe_clear(sp_bpe *b)
{
    b->count = 0;
}

bool sp_bpe_add(sp_bpe *b, uint32_t token, uint32_t len)
{
    if (b->count > UINT32_MAX / 2 || !sp_heap_grow((void **)&b->symbols, b->count, &b->capacity, sizeof *b->symbols))
        return false;
    b->symbols[b->count++] = (sp_bpe_symbol){ .token = token, .len = len };
    return true;
}

/* ---- few ---------------------------------------------------------------------------------------------------- */

static const sp_lexicon_pair *pair_at(const sp_bpe *b, const sp_lexicon *l, size_t at)
{
    return at + 1 < b->count ? sp_lexicon_pair_of(l, b->symbols[at].token, b->symbols[at + 1].token) : NULL;
}

static void merge_few(sp_bpe *b, const sp_lexicon *l)
{
    const sp_lexicon_pair *pairs[FEW];
    for (size_t i = 0; i < b->count; i++)
        pairs[i] = pair_at(b, l, i);
    for (;;) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < b->count; i++)
            if (pairs[i] && (best == SIZE_MAX || pairs[i]->rank < pairs[best]->rank))
                best = i;
        if (best == SIZE_MAX)
            return;
        size_t behind = b->count - best - 2; /* symbols after the two */
        b->symbols[best].token = pairs[best]->token;
        b->symbols[best].len += b->symbols[best + 1].len;
        memmove(&b->symbols[best + 1], &b->symbols[best + 2], behind * sizeof *b->symbols);
        memmove(&pairs[best + 1], &pairs[best + 2], behind * sizeof(const sp_lexicon_pair *));
        b->count--;
        pairs[best] = pair_at(b, l, best);
        if (best > 0)
            pairs[best - 1] = pair_at(b, l, best - 1);
    }
}

/* ---- many --------------------------------------------------------------------------------------------------- */

static bool is_before(const merge *a, const merge *b)
{
    return a->rank < b->rank || (a->rank == b->rank && a->at < b->at);
}

static bool push(sp_bpe *b, merge item)
{
    if (!sp_heap_grow((void **)&b->heap, b->heap_count, &b->heap_capacity, sizeof *b->heap))
        return false;
    size_t at = b->heap_count++;
    for (; at > 0 && is_before(&item, &b->heap[(at - 1) / 2]); at = (at - 1) / 2)
        b->heap[at] = b->heap[(at - 1) / 2];
    b->heap[at] = item;
    return true;
}

static merge pop(sp_bpe *b)
{
    merge first = b->heap[0], last = b->heap[--b->heap_count];
    size_t at = 0;
    for (size_t child = 1; child < b->heap_count; child = 2 * at + 1) {
        child += child + 1 < b->heap_count && is_before(&b->heap[child + 1], &b->heap[child]);
        if (!is_before(&b->heap[child], &last))
            break;
        b->heap[at] = b->heap[child];
        at = child;
    }
    b->heap[at] = last;
    return first;
}

/* The merge of a symbol with the next one, if there is one. */
static bool push_pair(sp_bpe *b, const sp_lexicon *l, uint32_t at)
{
    uint32_t next = b->symbols[at].next;
    if (next == NO_SYMBOL)
        return true;
    uint32_t left = b->symbols[at].token, right = b->symbols[next].token;
    const sp_lexicon_pair *pair = sp_lexicon_pair_of(l, left, right);
    return !pair || push(b, (merge){ pair->rank, at, left, right, pair->token });
}

static bool is_possible(const sp_bpe *b, const merge *m)
{
    const sp_bpe_symbol *left = &b->symbols[m->at];
    return left->len > 0 && left->token == m->left && left->next != NO_SYMBOL &&
           b->symbols[left->next].token == m->right;
}

static bool apply(sp_bpe *b, const sp_lexicon *l, const merge *m)
{
    sp_bpe_symbol *left = &b->symbols[m->at], *right = &b->symbols[left->next];
    left->token = m->token;
    left->len += right->len;
    right->len = 0;
    left->next = right->next;
    if (left->next != NO_SYMBOL)
        b->symbols[left->next].previous = m->at;
    return push_pair(b, l, m->at) && (left->previous == NO_SYMBOL || push_pair(b, l, left->previous));
}

static bool merge_many(sp_bpe *b, const sp_lexicon *l)
{
    b->heap_count = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        b->symbols[i].previous = i > 0 ? i - 1 : NO_SYMBOL;
        b->symbols[i].next = i + 1 < b->count ? i + 1 : NO_SYMBOL;
    }
    for (uint32_t i = 0; i < b->count; i++)
        if (!push_pair(b, l, i))
            return false;
    while (b->heap_count > 0) {
        merge next = pop(b);
        if (is_possible(b, &next) && !apply(b, l, &next))
            return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++)
        if (b->symbols[i].len > 0)
            b->symbols[count++] = b->symbols[i];
    b->count = count;
    return true;
}

bool sp_bpe_merge(sp_bpe *b, const sp_lexicon *l)
{
    if (b->count > FEW)
        return merge_many(b, l);
    merge_few(b, l);
    return true;
}
