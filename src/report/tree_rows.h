/*
 * tree_rows.h - which rows of a tree are shown, and in which order.
 *
 *   sp_tree_rows rows = { 0 };
 *   if (sp_tree_rows_make(tree, &view, &rows)) ... rows.items[0] is the whole prompt
 *   sp_tree_rows_release(&rows);
 *
 * What a row does not show of what is in it stands in one more row, so that the rows in a row always sum to it; unless
 * it shows nothing at all of it.
 */
#ifndef SP_EMIT_TREE_ROWS_H
#define SP_EMIT_TREE_ROWS_H

#include "attribute/tree.h"
#include "base/base.h"
#include "model/prompt.h"
#include "report/reports.h"

typedef enum sp_tree_row_kind {
    SP_ROW_NODE,
    SP_ROW_OWN,    /* the text of the row above it that is in none of its rows */
    SP_ROW_OTHERS, /* what was too many or too small */
} sp_tree_row_kind;

typedef struct sp_tree_row {
    sp_tree_row_kind kind;
    uint32_t node; /* the node, or the one whose text or whose others they are */
    uint32_t depth;
    uint32_t parent; /* the row it stands in; SP_NONE for the first */
    uint32_t count;  /* of the others */
    size_t tokens;
    size_t bytes;
} sp_tree_row;

typedef struct sp_tree_rows {
    sp_tree_row *items;
    size_t count;
} sp_tree_rows;

/* False when memory is short. With is_short, a row that would only say that there is no heading is left out where it is
 * alone. */
bool sp_tree_rows_make(const sp_tree *tree, const sp_tree_view *view, bool is_short, sp_tree_rows *ret);
void sp_tree_rows_release(sp_tree_rows *rows);

/* Of a label that has a line of text: as much of the line as a table of any width has, and all of it. */
#define SP_LABEL_ANY_CELLS (SIZE_MAX - 1)
#define SP_LABEL_WHOLE SIZE_MAX

/* What the row is called: "(before the first heading)", "paragraph: First line", ... A line of text, which may be of
 * any length, ends in three dots where out with the label would have more cells; a short beginning of it stands there
 * always. */
void sp_tree_row_label(sp_buf *out, const sp_prompt *prompt, const sp_tree *tree, const sp_tree_row *row,
                       size_t label_cells);

#endif
