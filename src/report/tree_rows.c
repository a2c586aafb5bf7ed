/*
 * tree_rows.c - from the nodes of a tree to the rows that are shown.
 *
 * Rows that wait for their turn are kept on a stack: a row is taken from it, and what is to be shown in it is put
 * there, the first on top.
 */
#include "report/tree_rows.h"

#include "attribute/tree.h"
#include "base/types.h"
#include "model/prompt.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"

#include <stdlib.h>

typedef struct row_maker {
    const sp_tree *tree;
    const sp_tree_view *view;
    bool is_short;
    sp_tree_row *stack; /* together never more than the nodes, twice: each has itself and its own text */
    size_t waiting;
    sp_tree_rows rows;
} row_maker;

/* ---- order -------------------------------------------------------------------------------------------------- */

static int by_order(const void *a, const void *b)
{
    const sp_tree_row *x = a;
    const sp_tree_row *y = b;
    if (x->kind != y->kind)
        return x->kind == SP_ROW_OWN ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static int by_tokens(const void *a, const void *b)
{
    const sp_tree_row *x = a;
    const sp_tree_row *y = b;
    if (x->tokens != y->tokens)
        return x->tokens > y->tokens ? -1 : 1;
    return by_order(a, b);
}

/* qsort passes nothing along, so a row is sorted with the name of its node beside it. */
typedef struct named_row {
    sp_tree_row row; /* the first member: by_order takes it */
    sp_str name;
} named_row;

static int by_name(const void *a, const void *b)
{
    const named_row *x = a;
    const named_row *y = b;
    int order = sp_str_cmp(x->name, y->name);
    return order ? order : by_order(a, b);
}

static bool sort_by_name(const sp_tree *tree, sp_tree_row *rows, size_t count)
{
    named_row *named = calloc(count, sizeof *named);
    if (!named)
        return false;
    for (size_t i = 0; i < count; i++) {
        sp_str name = rows[i].kind == SP_ROW_NODE ? tree->nodes[rows[i].node].name : (sp_str){ "", 0 };
        named[i] = (named_row){ rows[i], name.ptr ? name : (sp_str){ "", 0 } };
    }
    qsort(named, count, sizeof *named, by_name);
    for (size_t i = 0; i < count; i++)
        rows[i] = named[i].row;
    free(named);
    return true;
}

/* ---- what is in a row ------------------------------------------------------------------------------------------ */

/* A single row that says no more than the one it is in. */
static bool is_empty_word(const sp_tree *tree, const sp_node *node)
{
    const sp_node *child = &tree->nodes[node->first_child];
    return node->child_count == 1 && child->level == SP_TREE_HEADING && child->block == SP_NONE;
}

/* Puts what is in the row on the stack, and returns how many they are. */
static size_t push_contents(row_maker *m, uint32_t parent)
{
    const sp_tree_row *above = &m->rows.items[parent];
    const sp_node *node = &m->tree->nodes[above->node];
    sp_tree_row row = { .parent = parent, .depth = above->depth + 1 };
    size_t begin = m->waiting;
    size_t bytes = 0;
    while (m->is_short && is_empty_word(m->tree, node))
        node = &m->tree->nodes[node->first_child];
    if (node->child_count == 0)
        return 0;
    for (uint32_t at = node->first_child; at != SP_NONE; at = m->tree->nodes[at].next) {
        row.node = at;
        row.tokens = m->tree->nodes[at].tokens;
        row.bytes = m->tree->nodes[at].bytes;
        bytes += row.bytes;
        m->stack[m->waiting++] = row;
    }
    if (bytes < node->bytes)
        m->stack[m->waiting++] = (sp_tree_row){ .kind = SP_ROW_OWN,
                                                .node = (uint32_t)(node - m->tree->nodes),
                                                .depth = row.depth,
                                                .parent = parent,
                                                .tokens = node->own_tokens,
                                                .bytes = node->bytes - bytes };
    return m->waiting - begin;
}

/* Of rows from the largest to the smallest: how many are shown. */
static size_t shown_of(const sp_tree_view *view, const sp_tree_row *rows, size_t count)
{
    size_t shown = view->row_limit && view->row_limit < count ? view->row_limit : count;
    while (shown > 0 && rows[shown - 1].tokens < view->min_tokens)
        shown--;
    return shown;
}

/* Puts the rows on top of the stack in order, the first on top, and those that are not shown together in one. */
static bool arrange(row_maker *m, size_t count)
{
    sp_tree_row *rows = m->stack + m->waiting - count;
    qsort(rows, count, sizeof *rows, by_tokens);
    size_t shown = shown_of(m->view, rows, count);
    sp_tree_row others = { .kind = SP_ROW_OTHERS,
                           .node = m->rows.items[rows[0].parent].node,
                           .depth = rows[0].depth,
                           .parent = rows[0].parent,
                           .count = (uint32_t)(count - shown) };
    for (size_t i = shown; i < count; i++) {
        others.tokens += rows[i].tokens;
        others.bytes += rows[i].bytes;
    }
    if (m->view->sort == SP_TREE_BY_ORDER)
        qsort(rows, shown, sizeof *rows, by_order);
    if (m->view->sort == SP_TREE_BY_NAME && shown && !sort_by_name(m->tree, rows, shown))
        return false;
    if (others.count && shown) /* with none of them the row above says it all */
        rows[shown++] = others;
    for (size_t i = 0; i < shown / 2; i++) {
        sp_tree_row last = rows[shown - 1 - i];
        rows[shown - 1 - i] = rows[i];
        rows[i] = last;
    }
    m->waiting = m->waiting - count + shown;
    return true;
}

static bool make(row_maker *m)
{
    m->stack[m->waiting++] =
        (sp_tree_row){ .parent = SP_NONE, .tokens = m->tree->nodes[0].tokens, .bytes = m->tree->nodes[0].bytes };
    while (m->waiting > 0) {
        const sp_tree_row *row = &m->rows.items[m->rows.count];
        m->rows.items[m->rows.count++] = m->stack[--m->waiting];
        bool is_deep = m->view->depth_limit && row->depth >= m->view->depth_limit;
        size_t count = row->kind == SP_ROW_NODE && !is_deep ? push_contents(m, (uint32_t)m->rows.count - 1) : 0;
        if (count && !arrange(m, count))
            return false;
    }
    return true;
}

bool sp_tree_rows_make(const sp_tree *tree, const sp_tree_view *view, bool is_short, sp_tree_rows *ret)
{
    size_t room = 2 * (size_t)tree->node_count;
    row_maker m = { .tree = tree, .view = view, .is_short = is_short };
    m.stack = calloc(room, sizeof *m.stack);
    m.rows.items = calloc(room, sizeof *m.rows.items);
    bool made = m.stack && m.rows.items && make(&m);
    free(m.stack);
    if (made)
        *ret = m.rows;
    else
        free(m.rows.items);
    return made;
}

void sp_tree_rows_release(sp_tree_rows *rows)
{
    free(rows->items);
    *rows = (sp_tree_rows){ 0 };
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* The cells of a line of text behind what stands in the label. */
static size_t excerpt_cells(const sp_buf *label, size_t label_cells)
{
    enum { MOST = 60, LEAST = 20, DOTS = 3 };
    size_t taken = sp_table_width(sp_buf_str(label)) + DOTS;
    if (label_cells == SP_LABEL_WHOLE || label_cells >= taken + MOST)
        return label_cells == SP_LABEL_WHOLE ? SIZE_MAX : MOST;
    return label_cells < taken + LEAST ? LEAST : label_cells - taken;
}

static void add_excerpt(sp_buf *out, sp_str text, size_t label_cells)
{
    size_t room = excerpt_cells(out, label_cells);
    size_t cells = 0;
    size_t at = 0;
    while (at < text.len) {
        uint32_t code;
        size_t bad = 1;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        length = length ? length : bad;
        cells += sp_table_width(sp_str_slice(text, at, at + length));
        if (cells > room)
            break;
        at += length;
    }
    sp_buf_add(out, sp_str_slice(text, 0, at));
    if (at < text.len)
        sp_buf_add(out, SP_STR("..."));
}

static void add_heading(sp_buf *out, const sp_node *node)
{
    if (node->is_generated)
        sp_buf_add(out, sp_name_of_segment(node->kind));
    else if (node->block == SP_NONE)
        sp_buf_add(out, SP_STR("(before the first heading)"));
    else if (node->name.len)
        sp_buf_add(out, node->name);
    else
        sp_buf_add(out, SP_STR("(heading without text)"));
}

static void add_block(sp_buf *out, const sp_prompt *prompt, const sp_node *node, size_t label_cells)
{
    bool is_block = node->source != SP_NONE && node->block != SP_NONE;
    sp_buf_add(out, is_block ? sp_name_of_block(prompt->sources[node->source].blocks[node->block].kind)
                             : sp_name_of_segment(node->kind));
    if (node->name.len)
        sp_buf_add(out, SP_STR(": "));
    add_excerpt(out, node->name, label_cells);
}

static void add_line(sp_buf *out, sp_str line, size_t label_cells)
{
    if (sp_str_trim(line).len)
        add_excerpt(out, line, label_cells);
    else
        sp_buf_add(out, SP_STR("(blank line)"));
}

static void add_node(sp_buf *out, const sp_prompt *prompt, const sp_tree *tree, const sp_node *node, size_t label_cells)
{
    const sp_node *parent = &tree->nodes[node->parent];
    bool is_text = node->level == SP_TREE_HEADING || node->level == SP_TREE_BLOCK || node->level == SP_TREE_LINE;
    if (node->source != SP_NONE && node->level != SP_TREE_FILE && parent->source == SP_NONE) {
        sp_buf_add(out, prompt->sources[node->source].path);
        sp_buf_add(out, SP_STR(": "));
    } else if (is_text && node->is_generated && !parent->is_generated) {
        sp_buf_add(out, SP_STR("(sysprompt): "));
    }
    switch (node->level) {
    case SP_TREE_PROMPT:
        sp_buf_add(out, SP_STR("prompt"));
        return;
    case SP_TREE_FILE:
        sp_buf_add(out, node->is_generated ? SP_STR("(sysprompt)") : node->name);
        return;
    case SP_TREE_HEADING:
        add_heading(out, node);
        return;
    case SP_TREE_KIND:
        sp_buf_add(out, sp_name_of_segment(node->kind));
        return;
    case SP_TREE_BLOCK:
        add_block(out, prompt, node, label_cells);
        return;
    case SP_TREE_LINE:
        add_line(out, node->name, label_cells);
        return;
    }
}

void sp_tree_row_label(sp_buf *out, const sp_prompt *prompt, const sp_tree *tree, const sp_tree_row *row,
                       size_t label_cells)
{
    if (row->kind == SP_ROW_OWN)
        sp_buf_add(out, SP_STR("(text right below)"));
    else if (row->kind == SP_ROW_OTHERS)
        sp_buf_format(out, row->count == 1 ? "[%u other]" : "[%u others]", row->count);
    else
        add_node(out, prompt, tree, &tree->nodes[row->node], label_cells);
}
