/*
 * table.h - columns for people, in a fixed-width font.
 *
 *   sp_table table = { .out = out, .columns = columns, .column_count = 3 };
 *   sp_table_row(&table, cells);   ... for every row
 *   sp_table_end(&table);
 *
 * Width is measured in terminal cells: wide characters take two, combining ones none. Rows are kept until the end,
 * when the widths are known. Where the style has a width and the table is wider, the widest columns give way: their
 * cells go on in further lines, at a blank, or behind a slash or dash, where there is one, as far in as they begin.
 */
#ifndef SP_EMIT_TABLE_H
#define SP_EMIT_TABLE_H

#include "base/numbers.h"
#include "base/types.h"
#include "report/reports.h"

enum { SP_TABLE_MAX_COLUMNS = 8 };

typedef struct sp_column {
    const char *title;
    bool is_right; /* numbers */
} sp_column;

typedef struct sp_table {
    sp_buf *out;
    const sp_column *columns;
    size_t column_count;
    const sp_style *style;
    sp_buf cells; /* every cell, escaped, ended by a NUL */
    size_t row_count;
} sp_table;

void sp_table_row(sp_table *table, const sp_str *cells);
void sp_table_end(sp_table *table);
/* The same behind an empty line; nothing at all for a table without rows. */
void sp_table_end_apart(sp_table *table);

/* text, escaped as sp_text_escape does: for what programs read. */
void sp_table_exact(sp_buf *out, sp_str text);
/* The same for people: "##[" is ##\x5b, which no log of a workflow takes for a command. */
void sp_table_text(sp_buf *out, sp_str text);
/* The same of a name at the head of a line or a cell. A tab is \x09: it would push the rest of the line out of its
 * column. "::" at its head has ./ before it, as it would be a command of a workflow, too. */
void sp_table_name(sp_buf *out, sp_str text);
/* Terminal cells that this takes. Without memory, *out fails. */
size_t sp_table_name_width(sp_buf *out, sp_str text);
/* Terminal cells that text takes. */
size_t sp_table_width(sp_str text);
/* How much more, or less, after is than before: +1,234. A difference of estimates is one, too: ~+1,234. */
sp_str sp_table_signed(char buffer[34], bool is_exact, uint64_t before, uint64_t after);
/* "12.3%", or "0.0%" of nothing. */
sp_str sp_table_share(char buffer[16], size_t part, size_t whole);

/* The styles a terminal knows; without colour all are plain. */
typedef enum sp_paint {
    SP_PAINT_BOLD,
    SP_PAINT_DIM,
} sp_paint;
void sp_table_paint(sp_buf *out, const sp_style *style, sp_paint paint, sp_str text);

#endif
