/*
 * costs.c - what each row of a tree would cost alone, and what the prompt would lose without it.
 *
 * Both are the count of some ranges of a message put together: those of the row, or all others.
 */
#include "attribute/recount.h"
#include "attribute/tree.h"
#include "base/types.h"
#include "model/prompt.h"

#include <stdlib.h>

/* Ranges of a row, from left to right. */
typedef struct span {
    size_t begin;
    size_t end;
    size_t next; /* index, or SIZE_MAX */
    size_t message;
} span;

typedef struct costing {
    sp_arena arena;
    const sp_tree *tree;
    sp_recount recount;
    sp_list(span) spans;
    size_t *first; /* of each row; SIZE_MAX for none */
    size_t *last;
} costing;

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

/* ---- what they come to ------------------------------------------------------------------------------------------ */

/* The ranges of a row in one message, alone and left out; *at is the first of them, and then the first of the next. */
static sp_status count_in_message(costing *c, size_t *at, sp_node_cost *cost, sp_err *err)
{
    const span *spans = c->spans.items;
    size_t message = spans[*at].message;
    const sp_message *whole = &c->recount.prompt->messages[message];
    size_t alone = 0;
    size_t left = 0;
    size_t behind = 0;
    size_t next = *at;
    for (; next != SIZE_MAX && spans[next].message == message; next = spans[next].next)
        SP_TRY(sp_recount_add(&c->recount, message, spans[next].begin, spans[next].end, err));
    SP_TRY(sp_recount_end(&c->recount, &alone, err));
    for (size_t i = *at; i != next; behind = spans[i].end, i = spans[i].next)
        SP_TRY(sp_recount_add(&c->recount, message, behind, spans[i].begin, err));
    SP_TRY(sp_recount_add(&c->recount, message, behind, whole->text.len, err));
    SP_TRY(sp_recount_end(&c->recount, &left, err));
    cost->standalone += alone;
    cost->marginal += (int64_t)whole->tokens - (int64_t)left;
    *at = next;
    return SP_OK;
}

static sp_status count_row(costing *c, uint32_t row, sp_node_cost *cost, sp_err *err)
{
    cost->is_known = !sp_recount_is_too_much(&c->recount);
    for (size_t at = c->first[row]; at != SIZE_MAX && cost->is_known;)
        SP_TRY(count_in_message(c, &at, cost, err));
    return SP_OK;
}

static sp_status count_all(costing *c, const sp_prompt *prompt, sp_node_cost *costs, sp_err *err)
{
    SP_TRY(find_spans(c, err));
    SP_TRY(sp_recount_init(&c->recount, prompt, err));
    sp_status status = SP_OK;
    for (uint32_t row = 0; row < c->tree->node_count && status == SP_OK; row++)
        status = count_row(c, row, &costs[row], err);
    sp_recount_release(&c->recount);
    return status;
}

sp_status sp_tree_costs(const sp_prompt *prompt, const sp_tree *tree, sp_node_cost **ret_costs, sp_err *err)
{
    costing c = { .tree = tree };
    sp_node_cost *costs = calloc(tree->node_count, sizeof *costs);
    sp_status status = costs ? count_all(&c, prompt, costs, err) : sp_err_memory(err);
    sp_arena_release(&c.arena);
    if (status != SP_OK) {
        free(costs);
        return status;
    }
    *ret_costs = costs;
    return SP_OK;
}
