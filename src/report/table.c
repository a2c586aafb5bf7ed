#include "report/table.h"
#include "base/escape.h"
#include "base/types.h"
#include "report/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Nearly every cell, and no reason to ask about each character. */
static bool is_printable_ascii(sp_str text)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] >= ' ' && text.ptr[at] <= '~')
        at++;
    return at == text.len;
}

void sp_table_exact(sp_buf *out, sp_str text)
{
    char *escaped;
    size_t length;
    sp_err err;
    if (is_printable_ascii(text)) {
        sp_buf_add(out, text);
        return;
    }
    if (sp_text_escape(text, &escaped, &length, &err) != SP_OK) {
        out->failed = true;
        return;
    }
    sp_buf_add(out, (sp_str){ escaped, length });
    free(escaped);
}

/* ---- commands of a workflow ----------------------------------------------------------------------------------
 * The log of a job in GitHub's workflows is read for commands: ##[group] anywhere in a line, and ::error:: at its head,
 * after white space. A file of a repository may have such a name. It is broken wherever text is printed, as nothing
 * tells whether a log comes of it: pipes and files do, too. */

void sp_table_text(sp_buf *out, sp_str text)
{
    const sp_str mark = SP_STR("##[");
    for (size_t at; (at = sp_str_find(text, mark, 0)) != SIZE_MAX;) {
        sp_table_exact(out, sp_str_slice(text, 0, at));
        sp_buf_add(out, SP_STR("##\\x5b"));
        text = sp_str_slice(text, at + mark.len, text.len);
    }
    sp_table_exact(out, text);
}

/* Also after the white space of any script, which GitHub takes off. */
static bool is_workflow_command(sp_str name)
{
    for (size_t at = 0; at < name.len;) {
        uint32_t code = 0;
        size_t bad = 0, length = sp_utf8_decode(name, at, &code, &bad);
        if (length == 0 || (code != '\t' && utf8proc_category((utf8proc_int32_t)code) != UTF8PROC_CATEGORY_ZS))
            return sp_str_starts(sp_str_slice(name, at, name.len), SP_STR("::"));
        at += length;
    }
    return false;
}

void sp_table_name(sp_buf *out, sp_str text)
{
    if (is_workflow_command(text))
        sp_buf_add(out, SP_STR("./"));
    while (text.len > 0) {
        const char *tab = memchr(text.ptr, '\t', text.len);
        size_t length = tab ? (size_t)(tab - text.ptr) : text.len;
        sp_table_text(out, sp_str_slice(text, 0, length));
        if (tab)
            sp_buf_add(out, SP_STR("\\x09"));
        text = sp_str_slice(text, length + (tab ? 1 : 0), text.len);
    }
}

sp_str sp_table_share(char buffer[16], size_t part, size_t whole)
{
    size_t permille = whole ? (part * 1000 + whole / 2) / whole : 0;
    int length = snprintf(buffer, 16, "%zu.%zu%%", permille / 10, permille % 10);
    return (sp_str){ buffer, (size_t)length };
}

sp_str sp_table_signed(char buffer[34], bool is_exact, uint64_t before, uint64_t after)
{
    sp_str digits = sp_number_text(buffer + 2, after >= before ? after - before : before - after);
    buffer[0] = '~';
    buffer[1] = after >= before ? '+' : '-';
    size_t skipped = is_exact || before == after;
    return (sp_str){ buffer + skipped, digits.len + 2 - skipped };
}

void sp_table_paint(sp_buf *out, const sp_style *style, sp_paint paint, sp_str text)
{
    static const char *const codes[] = { [SP_PAINT_BOLD] = "\x1b[1m", [SP_PAINT_DIM] = "\x1b[2m" };
    if (style->color)
        sp_buf_add(out, sp_str_of(codes[paint]));
    sp_buf_add(out, text);
    if (style->color)
        sp_buf_add(out, SP_STR("\x1b[0m"));
}

size_t sp_table_width(sp_str text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 1;
        if (text.ptr[at] >= ' ' && text.ptr[at] <= '~') { /* by far the most */
            width++;
            at++;
            continue;
        }
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        int cells = length ? utf8proc_charwidth((utf8proc_int32_t)code) : 1;
        width += cells > 0 ? (size_t)cells : 0;
        at += length ? length : bad;
    }
    return width;
}

size_t sp_table_name_width(sp_buf *out, sp_str text)
{
    sp_buf name = { 0 };
    if (is_printable_ascii(text) && !memchr(text.ptr, '#', text.len) && !memchr(text.ptr, ':', text.len))
        return text.len;
    sp_table_name(&name, text);
    size_t width = sp_table_width(sp_buf_str(&name));
    out->failed = out->failed || name.failed;
    sp_buf_release(&name);
    return width;
}

void sp_table_row(sp_table *table, const sp_str *cells)
{
    for (size_t i = 0; i < table->column_count; i++) {
        sp_table_name(&table->cells, cells[i]);
        sp_buf_add_char(&table->cells, '\0');
    }
    table->row_count++;
}

static void add_spaces(sp_buf *out, size_t count)
{
    static const char spaces[] = "                                ";
    const size_t most = sizeof spaces - 1;
    for (; count > most; count -= most)
        sp_buf_add(out, (sp_str){ spaces, most });
    sp_buf_add(out, (sp_str){ spaces, count });
}

/* Spaces are owed, not written: those behind the last text of a line never are. */
static void add_cell(sp_table *table, size_t column, sp_str text, size_t indent, size_t width, size_t *owed)
{
    size_t padding = width - indent - sp_table_width(text);
    bool is_right = table->columns[column].is_right;
    *owed += (column > 0 ? 2 : 0) + indent + (is_right ? padding : 0);
    if (text.len) {
        add_spaces(table->out, *owed);
        sp_buf_add(table->out, text);
        *owed = 0;
    }
    *owed += is_right ? 0 : padding;
}

/* ---- cells that are wider than their column ----------------------------------------------------------------- */

/* Where the part of text ends that fits into width: before a blank, or behind a slash or dash, if there is one, and
 * never before the first character. */
static size_t end_of_piece(sp_str text, size_t width)
{
    size_t used = 0;
    size_t best = 0;
    size_t at = 0;
    if (text.len <= width) /* no character takes more cells than bytes */
        return text.len;
    while (at < text.len) {
        uint32_t code;
        size_t bad = 1;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        size_t end = at + (length ? length : bad);
        used += sp_table_width(sp_str_slice(text, at, end));
        if (text.ptr[at] == ' ' && at > 0)
            best = at;
        if (used > width)
            return best ? best : at ? at : end;
        if (text.ptr[at] == '/' || text.ptr[at] == '-')
            best = end;
        at = end;
    }
    return at;
}

/* The part of a cell that goes on this line; *rest is what is left for the next. */
static sp_str take_piece(sp_str *rest, size_t width)
{
    size_t end = end_of_piece(*rest, width);
    sp_str piece = sp_str_slice(*rest, 0, end);
    while (end < rest->len && rest->ptr[end] == ' ')
        end++;
    *rest = sp_str_slice(*rest, end, rest->len);
    return piece;
}

enum { MIN_COLUMN = 13 }; /* a narrower one is no help to anybody */

/* The widest column that can give way, or SIZE_MAX. */
static size_t widest(const sp_table *table, const size_t *widths)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t least = sp_table_width(sp_str_of(table->columns[i].title));
        bool gives_way = !table->columns[i].is_right && widths[i] > MIN_COLUMN && widths[i] > least;
        if (gives_way && (found == SIZE_MAX || widths[i] > widths[found]))
            found = i;
    }
    return found;
}

static void fit(const sp_table *table, size_t *widths)
{
    size_t total = 2 * (table->column_count - 1);
    for (size_t i = 0; i < table->column_count; i++)
        total += widths[i];
    for (; table->style->width_columns && total > table->style->width_columns; total--) {
        size_t column = widest(table, widths);
        if (column == SIZE_MAX)
            return;
        widths[column]--;
    }
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

static void measure(const sp_table *table, size_t *widths)
{
    const char *cell = table->cells.ptr;
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = sp_table_width(sp_str_of(table->columns[i].title));
    for (size_t i = 0; i < table->row_count * table->column_count; i++, cell += strlen(cell) + 1) {
        size_t width = sp_table_width(sp_str_of(cell));
        if (width > widths[i % table->column_count])
            widths[i % table->column_count] = width;
    }
}

static void add_titles(sp_table *table, const size_t *widths)
{
    sp_buf line = { 0 };
    sp_buf *out = table->out;
    size_t owed = 0;
    table->out = &line;
    for (size_t i = 0; i < table->column_count; i++)
        add_cell(table, i, sp_str_of(table->columns[i].title), 0, widths[i], &owed);
    table->out = out;
    sp_table_paint(out, table->style, SP_PAINT_BOLD, sp_buf_str(&line));
    sp_buf_add_char(out, '\n');
    out->failed = out->failed || line.failed;
    sp_buf_release(&line);
}

/* How far in the text of a cell begins: not so far that nothing fits beside it. */
static size_t take_indent(sp_str *text, bool is_right, size_t width)
{
    size_t indent = 0;
    while (!is_right && indent < text->len && text->ptr[indent] == ' ')
        indent++;
    *text = sp_str_slice(*text, indent, text->len);
    return indent > width / 2 && sp_table_width(*text) + indent > width ? width / 2 : indent;
}

/* A row in as many lines as its longest cell takes. Returns where the next row begins. */
static const char *add_row(sp_table *table, const char *cell, const size_t *widths)
{
    sp_str rest[SP_TABLE_MAX_COLUMNS] = { 0 };
    size_t indents[SP_TABLE_MAX_COLUMNS] = { 0 };
    bool has_more = true;
    for (size_t i = 0; i < table->column_count; i++, cell += strlen(cell) + 1) {
        rest[i] = sp_str_of(cell);
        indents[i] = take_indent(&rest[i], table->columns[i].is_right, widths[i]);
    }
    while (has_more) {
        size_t owed = 0;
        has_more = false;
        for (size_t i = 0; i < table->column_count; i++) {
            add_cell(table, i, take_piece(&rest[i], widths[i] - indents[i]), indents[i], widths[i], &owed);
            has_more = has_more || rest[i].len > 0;
        }
        sp_buf_add_char(table->out, '\n');
    }
    return cell;
}

void sp_table_end(sp_table *table)
{
    size_t widths[SP_TABLE_MAX_COLUMNS] = { 0 };
    table->out->failed = table->out->failed || table->cells.failed;
    if (!table->out->failed) {
        const char *cell = table->cells.ptr;
        measure(table, widths);
        fit(table, widths);
        add_titles(table, widths);
        for (size_t i = 0; i < table->row_count; i++)
            cell = add_row(table, cell, widths);
    }
    sp_buf_release(&table->cells);
}

void sp_table_end_apart(sp_table *table)
{
    if (table->row_count == 0)
        return;
    sp_buf_add_char(table->out, '\n');
    sp_table_end(table);
}
