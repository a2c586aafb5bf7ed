/*
 * costs.c - what each row of a tree would cost alone, and what the prompt would lose without it.
 *
 * Both are the count of some ranges of a message put together: those of the row, or all others. A message is counted
 * once, with a mark at some of the places where counts add up (tokenize/cut.c) and the tokens before each. From the
 * first mark in a range to the last its count is a difference; only what is around the joints is counted again, a few
 * words for each. Whether a place is a mark is told by the byte before it and a few behind it, so it stays one whatever
 * stands around the range.
 *
 * A text can be made so that it has no such places, and then every row means counting all of it: after MOST_BYTES of
 * that the rest of the rows is not told.
 */
#include "tokenize/tokenize.h"

#include <stdlib.h>

enum {
    STEP = 64, /* bytes from one mark to the next, or a little more */
    SEEN = 6,  /* bytes behind a place that tell whether it is a mark, at most */
    MOST_BYTES = 256 << 20,
};

typedef struct mark {
    size_t at;
    size_t counted; /* before it */
} mark;

typedef struct ruler {
    sp_str text;
    mark *marks; /* the first is at 0 */
    size_t count;
} ruler;

/* Ranges of a row, from left to right. */
typedef struct span {
    size_t begin;
    size_t end;
    size_t next; /* index, or SIZE_MAX */
    size_t message;
} span;

typedef struct costing {
    sp_arena arena;
    const sp_prompt *prompt;
    const sp_tree *tree;
    sp_counter *counter;
    ruler *rulers; /* of the messages */
    sp_list(span) spans;
    size_t *first; /* of each row; SIZE_MAX for none */
    size_t *last;
    sp_buf joint;
    size_t work_bytes;
} costing;

static sp_status count(costing *c, sp_str text, size_t *counted, sp_err *err)
{
    size_t tokens;
    if (text.len == 0)
        return SP_OK;
    c->work_bytes += text.len;
    SP_TRY(sp_counter_count(c->counter, text, &tokens, err));
    *counted += c->counter->tokens;
    return SP_OK;
}

/* ---- marks ------------------------------------------------------------------------------------------------------ */

static sp_status measure(costing *c, sp_str text, ruler *ret, sp_err *err)
{
    const sp_encoding *encoding = c->prompt->encoding;
    ret->text = text;
    ret->marks = SP_ARENA_ARRAY(&c->arena, mark, text.len / STEP + 2);
    if (!ret->marks)
        return sp_err_memory(err);
    mark *last = &ret->marks[0];
    for (ret->count = 1;; last = &ret->marks[ret->count++]) {
        sp_str rest = sp_str_slice(text, last->at, text.len);
        size_t step = rest.len > STEP ? sp_cut_after(encoding, rest, STEP) : rest.len;
        if (step >= rest.len)
            return SP_OK;
        last[1] = (mark){ last->at + step, last->counted };
        SP_TRY(count(c, sp_str_slice(rest, 0, step), &last[1].counted, err));
    }
}

/* The first mark behind an offset; their number if there is none. */
static size_t mark_behind(const ruler *r, size_t at)
{
    size_t low = 0;
    size_t high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->marks[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- ranges put together ------------------------------------------------------------------------------------------
 */

static sp_status close_joint(costing *c, size_t *counted, sp_err *err)
{
    if (c->joint.failed)
        return sp_err_memory(err);
    SP_TRY(count(c, sp_buf_str(&c->joint), counted, err));
    c->joint.len = 0;
    return SP_OK;
}

static sp_status add_range(costing *c, const ruler *r, size_t begin, size_t end, size_t *counted, sp_err *err)
{
    size_t first = mark_behind(r, begin);
    size_t last = end < SEEN ? 0 : mark_behind(r, end - SEEN);
    if (begin >= end)
        return SP_OK;
    if (last <= first) { /* the last mark that stays one is the one before it */
        sp_buf_add(&c->joint, sp_str_slice(r->text, begin, end));
        return SP_OK;
    }
    sp_buf_add(&c->joint, sp_str_slice(r->text, begin, r->marks[first].at));
    SP_TRY(close_joint(c, counted, err));
    *counted += r->marks[last - 1].counted - r->marks[first].counted;
    sp_buf_add(&c->joint, sp_str_slice(r->text, r->marks[last - 1].at, end));
    return SP_OK;
}

/* The ranges of a row in one message, alone and left out; *at is the first of them, and then the first of the next. */
static sp_status count_in_message(costing *c, size_t *at, sp_node_cost *cost, sp_err *err)
{
    const sp_encoding *encoding = c->prompt->encoding;
    size_t message = c->spans.items[*at].message;
    const ruler *r = &c->rulers[message];
    size_t alone = 0;
    size_t left = 0;
    size_t behind = 0;
    size_t next = *at;
    c->joint.len = 0;
    for (; next != SIZE_MAX && c->spans.items[next].message == message; next = c->spans.items[next].next)
        SP_TRY(add_range(c, r, c->spans.items[next].begin, c->spans.items[next].end, &alone, err));
    SP_TRY(close_joint(c, &alone, err));
    for (size_t i = *at; i != next; behind = c->spans.items[i].end, i = c->spans.items[i].next)
        SP_TRY(add_range(c, r, behind, c->spans.items[i].begin, &left, err));
    SP_TRY(add_range(c, r, behind, r->text.len, &left, err));
    SP_TRY(close_joint(c, &left, err));
    cost->standalone += sp_tokens_of(encoding, alone);
    cost->marginal += (int64_t)c->prompt->messages[message].tokens - (int64_t)sp_tokens_of(encoding, left);
    *at = next;
    return SP_OK;
}

static sp_status count_row(costing *c, uint32_t row, sp_node_cost *cost, sp_err *err)
{
    cost->is_known = c->work_bytes <= MOST_BYTES;
    for (size_t at = c->first[row]; at != SIZE_MAX && cost->is_known;)
        SP_TRY(count_in_message(c, &at, cost, err));
    return SP_OK;
}

/* ---- which ranges a row has ----------------------------------------------------------------------------------------
 */

static sp_status add_span(costing *c, uint32_t row, const sp_tree_run *run, sp_err *err)
{
    span *last = c->last[row] == SIZE_MAX ? NULL : &c->spans.items[c->last[row]];
    if (last && last->message == run->message && last->end == run->begin) {
        last->end = run->end;
        return SP_OK;
    }
    size_t index = c->spans.count;
    span *added = SP_LIST_PUSH(&c->arena, &c->spans);
    if (!added)
        return sp_err_memory(err);
    *added = (span){ run->begin, run->end, SIZE_MAX, run->message };
    *(c->last[row] == SIZE_MAX ? &c->first[row] : &c->spans.items[c->last[row]].next) = index;
    c->last[row] = index;
    return SP_OK;
}

static sp_status find_spans(costing *c, sp_err *err)
{
    size_t rows = c->tree->node_count;
    c->first = SP_ARENA_ARRAY(&c->arena, size_t, 2 * rows);
    if (!c->first)
        return sp_err_memory(err);
    c->last = c->first + rows;
    memset(c->first, 0xFF, 2 * rows * sizeof *c->first);
    for (size_t i = 0; i < c->tree->run_count; i++)
        for (uint32_t row = c->tree->runs[i].node; row != SP_NONE; row = c->tree->nodes[row].parent)
            SP_TRY(add_span(c, row, &c->tree->runs[i], err));
    return SP_OK;
}

static sp_status count_all(costing *c, sp_node_cost *costs, sp_err *err)
{
    SP_TRY(sp_counter_new(c->prompt->encoding, SP_SPECIAL_AS_TEXT, &c->counter, err));
    c->rulers = SP_ARENA_ARRAY(&c->arena, ruler, c->prompt->message_count + 1);
    if (!c->rulers)
        return sp_err_memory(err);
    for (size_t i = 0; i < c->prompt->message_count; i++)
        SP_TRY(measure(c, c->prompt->messages[i].text, &c->rulers[i], err));
    SP_TRY(find_spans(c, err));
    c->work_bytes = 0;
    for (uint32_t row = 0; row < c->tree->node_count; row++)
        SP_TRY(count_row(c, row, &costs[row], err));
    return SP_OK;
}

sp_status sp_tree_costs(const sp_prompt *prompt, const sp_tree *tree, sp_node_cost **ret_costs, sp_err *err)
{
    costing c = { .prompt = prompt, .tree = tree };
    sp_node_cost *costs = calloc(tree->node_count, sizeof *costs);
    sp_status status = costs ? count_all(&c, costs, err) : sp_err_memory(err);
    sp_arena_release(&c.arena);
    sp_buf_release(&c.joint);
    sp_counter_free(c.counter);
    if (status != SP_OK) {
        free(costs);
        return status;
    }
    *ret_costs = costs;
    return SP_OK;
}
