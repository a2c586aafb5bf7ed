/*
 * matrix.c - files down, columns across.
 *
 * For people, equal columns are one, whose names are below each other in the head; where the terminal is too narrow,
 * the columns go on in a further table. Reasons and findings follow.
 */
#include "report/matrix.h"
#include "base/escape.h"
#include "base/json.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/markdown.h"
#include "report/parts.h"
#include "report/render.h"
#include "report/table.h"
#include "rules/profile.h"
#include "sources/client.h"

#include <stdio.h>

enum { CELL_ROOM = 48, MIN_FILE_COLUMN = 16, GAP = 2 };

/* ---- words ----------------------------------------------------------------------------------------------- */

static const char *const state_names[] = {
    [SP_CELL_UNREAD] = "unread", [SP_CELL_LOADS] = "loads",     [SP_CELL_PART] = "part", [SP_CELL_DEMAND] = "on-demand",
    [SP_CELL_HIDDEN] = "hidden", [SP_CELL_OMITTED] = "omitted", [SP_CELL_SAME] = "same",
};
static const char *const by_names[] = {
    [SP_MATRIX_BY_CLIENT] = "client",
    [SP_MATRIX_BY_DIRECTORY] = "directory",
    [SP_MATRIX_BY_AGENT] = "agent",
};
static const char *const column_words[][2] = {
    [SP_MATRIX_BY_CLIENT] = { "client", "clients" },
    [SP_MATRIX_BY_DIRECTORY] = { "directory", "directories" },
    [SP_MATRIX_BY_AGENT] = { "prompt", "prompts" },
};

/* "1,204", "900 (2x)", "+80" for a touched file, "on demand", ... as it is in a cell. */
static sp_str cell_text(char buffer[CELL_ROOM], const sp_matrix *matrix, const sp_matrix_row *row, size_t column)
{
    const sp_matrix_cell *cell = &row->cells[column];
    char number[32];
    int length = 0;
    switch (cell->state) {
    case SP_CELL_UNREAD:
        return matrix->columns[column].is_measured ? SP_STR("-") : SP_STR("?");
    case SP_CELL_DEMAND:
        return SP_STR("on demand");
    case SP_CELL_HIDDEN:
        return SP_STR("hidden");
    case SP_CELL_OMITTED:
        return SP_STR("omitted");
    case SP_CELL_SAME:
        return SP_STR("same");
    case SP_CELL_LOADS:
    case SP_CELL_PART:
        break;
    }
    sp_str tokens = sp_estimate_text(number, matrix->exact, cell->tokens);
    length = snprintf(buffer, CELL_ROOM, "%s%.*s", cell->trigger.ptr ? "+" : "", SP_STR_ARG(tokens));
    if (cell->times > 1)
        length += snprintf(buffer + length, CELL_ROOM - (size_t)length, " (%ux)", cell->times);
    if (cell->state == SP_CELL_PART)
        length += snprintf(buffer + length, CELL_ROOM - (size_t)length, " cut");
    return (sp_str){ buffer, (size_t)length };
}

/* ---- the table for people -------------------------------------------------------------------------------- */

typedef struct drawing {
    sp_buf *out;
    const sp_matrix *matrix;
    const sp_style *style;
    size_t file_width;
} drawing;

static size_t column_width(const drawing *d, size_t column)
{
    char buffer[CELL_ROOM];
    size_t width = sp_table_width(sp_estimate_text(buffer, d->matrix->exact, d->matrix->columns[column].tokens));
    for (size_t i = 0; i < d->matrix->column_count; i++) {
        if (d->matrix->columns[i].same_as != column)
            continue;
        size_t name = sp_table_name_width(d->out, d->matrix->columns[i].name);
        width = name > width ? name : width;
    }
    for (size_t i = 0; i < d->matrix->row_count; i++) {
        sp_str text = cell_text(buffer, d->matrix, &d->matrix->rows[i], column);
        if (sp_table_width(text) > width)
            width = sp_table_width(text);
    }
    return width;
}

static void add_spaces(sp_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sp_buf_add_char(out, ' ');
}

static void add_right(sp_buf *out, sp_str text, size_t width)
{
    size_t used = sp_table_name_width(out, text);
    add_spaces(out, GAP + (used < width ? width - used : 0));
    sp_table_name(out, text);
}

/* A path that is too wide loses its beginning. */
static void add_file(const drawing *d, sp_str path)
{
    sp_buf name = { 0 };
    sp_table_name(&name, path);
    sp_str text = sp_buf_str(&name);
    size_t width = sp_table_width(text);
    if (width > d->file_width && d->file_width > 3) {
        size_t begin = 0;
        while (begin < text.len && sp_table_width(sp_str_slice(text, begin, text.len)) > d->file_width - 3)
            do
                begin++;
            while (begin < text.len && (text.ptr[begin] & 0xc0) == 0x80);
        sp_buf_add(d->out, SP_STR("..."));
        text = sp_str_slice(text, begin, text.len);
        width = 3 + sp_table_width(text);
    }
    sp_buf_add(d->out, text);
    add_spaces(d->out, width < d->file_width ? d->file_width - width : 0);
    d->out->failed = d->out->failed || name.failed;
    sp_buf_release(&name);
}

/* The nth name of a folded column, counted from 0, or ptr NULL. */
static sp_str name_at(const sp_matrix *matrix, size_t column, size_t n)
{
    for (size_t i = 0; i < matrix->column_count; i++)
        if (matrix->columns[i].same_as == column && n-- == 0)
            return matrix->columns[i].name;
    return (sp_str){ NULL, 0 };
}

static size_t count_names(const sp_matrix *matrix, size_t column)
{
    size_t count = 0;
    for (size_t i = 0; i < matrix->column_count; i++)
        count += matrix->columns[i].same_as == column;
    return count;
}

static void end_line(const drawing *d)
{
    while (d->out->len && !d->out->failed && d->out->ptr[d->out->len - 1] == ' ')
        d->out->len--;
    sp_buf_add_char(d->out, '\n');
}

static void draw_head(const drawing *d, const size_t *columns, size_t count)
{
    size_t lines = 1;
    for (size_t i = 0; i < count; i++)
        if (count_names(d->matrix, columns[i]) > lines)
            lines = count_names(d->matrix, columns[i]);
    for (size_t line = 0; line < lines; line++) {
        sp_buf text = { 0 };
        drawing head = *d;
        head.out = &text;
        add_file(&head, line + 1 == lines ? SP_STR("file") : SP_STR(""));
        for (size_t i = 0; i < count; i++) {
            size_t names = count_names(d->matrix, columns[i]);
            sp_str name = line + names < lines ? SP_STR("") : name_at(d->matrix, columns[i], line + names - lines);
            add_right(&text, name, column_width(d, columns[i]));
        }
        end_line(&head);
        if (text.len)
            sp_table_paint(d->out, d->style, SP_PAINT_DIM, sp_str_slice(sp_buf_str(&text), 0, text.len - 1));
        d->out->failed |= text.failed;
        sp_buf_add_char(d->out, '\n');
        sp_buf_release(&text);
    }
}

static void draw_block(const drawing *d, const size_t *columns, size_t count)
{
    char buffer[CELL_ROOM];
    draw_head(d, columns, count);
    for (size_t r = 0; r < d->matrix->row_count; r++) {
        add_file(d, d->matrix->rows[r].path);
        for (size_t i = 0; i < count; i++)
            add_right(d->out, cell_text(buffer, d->matrix, &d->matrix->rows[r], columns[i]),
                      column_width(d, columns[i]));
        end_line(d);
    }
    add_file(d, SP_STR("total"));
    for (size_t i = 0; i < count; i++)
        add_right(d->out, sp_estimate_text(buffer, d->matrix->exact, d->matrix->columns[columns[i]].tokens),
                  column_width(d, columns[i]));
    end_line(d);
}

enum { MAX_BLOCK = 64 };

/* As many columns to a table as fit. */
static void draw_table(drawing *d)
{
    size_t limit = d->style->width_columns;
    size_t widest = sizeof "total" - 1;
    for (size_t i = 0; i < d->matrix->row_count; i++) {
        size_t path = sp_table_name_width(d->out, d->matrix->rows[i].path);
        widest = path > widest ? path : widest;
    }
    d->file_width = limit && widest > limit * 2 / 5 ? limit * 2 / 5 : widest;
    if (d->file_width < MIN_FILE_COLUMN && widest > d->file_width)
        d->file_width = MIN_FILE_COLUMN;
    for (size_t next = 0; next < d->matrix->column_count;) {
        size_t columns[MAX_BLOCK];
        size_t count = 0;
        size_t used = d->file_width;
        for (; next < d->matrix->column_count && count < MAX_BLOCK; next++) {
            if (d->matrix->columns[next].same_as != next)
                continue;
            size_t width = GAP + column_width(d, next);
            if (count && limit && used + width > limit)
                break;
            used += width;
            columns[count++] = next;
        }
        if (count == 0)
            return;
        sp_buf_add_char(d->out, '\n');
        draw_block(d, columns, count);
    }
}

/* ---- what follows the table --------------------------------------------------------------------------------- */

/* text in lines of at most width cells, those after the first with an indent. */
static void add_wrapped(sp_buf *out, sp_str text, size_t width, size_t indent)
{
    size_t used = 0;
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != ' ')
            end++;
        sp_str word = sp_str_slice(text, at, end);
        size_t wide = sp_table_width(word);
        if (used && width && used + 1 + wide > width) {
            sp_buf_add_char(out, '\n');
            add_spaces(out, indent);
            used = indent;
        } else if (used) {
            sp_buf_add_char(out, ' ');
            used++;
        }
        sp_table_name(out, word);
        used += wide;
        at = end + (end < text.len);
    }
    sp_buf_add_char(out, '\n');
}

static void add_names(sp_buf *out, const sp_matrix *matrix, const uint32_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sp_buf_format(out, "%s%.*s", i ? ", " : "", SP_STR_ARG(matrix->columns[columns[i]].name));
}

static bool has_reason(const sp_matrix_cell *cell)
{
    return cell->why.ptr && cell->state != SP_CELL_UNREAD && cell->state != SP_CELL_LOADS;
}

/* The columns of a row that have a cell's state and reason: false where an earlier column has them already. */
static bool collect_reason(const sp_matrix *matrix, size_t row, size_t column, uint32_t *columns, size_t *count)
{
    const sp_matrix_cell *cell = &matrix->rows[row].cells[column];
    *count = 0;
    for (uint32_t i = 0; i < matrix->column_count; i++) {
        const sp_matrix_cell *other = &matrix->rows[row].cells[i];
        if (!has_reason(other) || other->state != cell->state || !sp_str_eq(other->why, cell->why))
            continue;
        if (i < column)
            return false;
        if (*count < MAX_BLOCK)
            columns[(*count)++] = i;
    }
    return true;
}

static void draw_reasons(const drawing *d)
{
    static const sp_column titles[] = { { "not loaded whole", false }, { "where", false }, { "why", false } };
    sp_table table = { .out = d->out, .columns = titles, .column_count = 3, .style = d->style };
    for (size_t r = 0; r < d->matrix->row_count; r++)
        for (size_t c = 0; c < d->matrix->column_count; c++) {
            uint32_t columns[MAX_BLOCK];
            size_t count;
            const sp_matrix_cell *cell = &d->matrix->rows[r].cells[c];
            if (!has_reason(cell) || !collect_reason(d->matrix, r, c, columns, &count))
                continue;
            sp_buf names = { 0 };
            add_names(&names, d->matrix, columns, count);
            sp_str cells[] = { d->matrix->rows[r].path, sp_buf_str(&names), cell->why };
            sp_table_row(&table, cells);
            d->out->failed |= names.failed;
            sp_buf_release(&names);
        }
    sp_table_end_apart(&table);
}

static const char *level_name(sp_level level)
{
    return level == SP_FINDING ? "error" : level == SP_WARNING ? "warning" : "note";
}

static sp_str path_of(const sp_matrix *matrix, const sp_matrix_finding *finding)
{
    return finding->row == SP_NONE ? finding->path : matrix->rows[finding->row].path;
}

static void add_finding(sp_buf *out, const sp_matrix *matrix, const sp_matrix_finding *finding)
{
    sp_buf_add(out, path_of(matrix, finding));
    if (finding->line)
        sp_buf_format(out, ":%u", finding->line);
    sp_buf_format(out, ": %s: %.*s (", level_name(finding->level), SP_STR_ARG(finding->text));
    add_names(out, matrix, finding->columns, finding->column_count);
    sp_buf_format(out, ") [%.*s]", SP_STR_ARG(sp_rule_name(finding->rule)));
}

static void draw_findings(const drawing *d)
{
    for (size_t i = 0; i < d->matrix->finding_count; i++) {
        sp_buf text = { 0 };
        add_finding(&text, d->matrix, &d->matrix->findings[i]);
        sp_buf_add(d->out, i ? SP_STR("") : SP_STR("\n"));
        add_wrapped(d->out, sp_buf_str(&text), d->style->width_columns, 4);
        d->out->failed |= text.failed;
        sp_buf_release(&text);
    }
}

static void draw_problems(const drawing *d)
{
    bool is_first = true;
    for (size_t i = 0; i < d->matrix->column_count; i++) {
        const sp_matrix_column *column = &d->matrix->columns[i];
        if (!column->problem.ptr)
            continue;
        sp_buf text = { 0 };
        sp_buf_format(&text, "%.*s: error: %.*s", SP_STR_ARG(column->name), SP_STR_ARG(column->problem));
        sp_buf_add(d->out, is_first ? SP_STR("\n") : SP_STR(""));
        add_wrapped(d->out, sp_buf_str(&text), d->style->width_columns, 4);
        d->out->failed |= text.failed;
        sp_buf_release(&text);
        is_first = false;
    }
}

/* The meaning of the + in a cell. */
static void draw_touched(const drawing *d)
{
    for (size_t r = 0; r < d->matrix->row_count; r++)
        for (size_t c = 0; c < d->matrix->column_count; c++)
            if (d->matrix->rows[r].cells[c].trigger.ptr) {
                sp_buf_add_char(d->out, '\n');
                add_wrapped(d->out, SP_STR("+ loads for a file of --touch, after the files of the start."),
                            d->style->width_columns, 0);
                return;
            }
}

/* Which clients are from documents alone; directories and agents have one for all columns. */
static void draw_grades(const drawing *d)
{
    sp_buf text = { 0 };
    bool is_by_client = d->matrix->by == SP_MATRIX_BY_CLIENT;
    size_t columns = is_by_client || d->matrix->column_count == 0 ? d->matrix->column_count : 1;
    for (size_t i = 0; i < columns; i++)
        if (!d->matrix->columns[i].is_measured)
            sp_buf_format(&text, "%s%s",
                          text.len ? ", " : "Documented, not measured: ", d->matrix->columns[i].profile->client->name);
    if (text.len) {
        sp_buf_format(&text, ". There ? is a file that %s not documented to read.",
                      is_by_client ? "they are" : "it is");
        sp_buf_add_char(d->out, '\n');
        add_wrapped(d->out, sp_buf_str(&text), d->style->width_columns, 0);
    }
    d->out->failed |= text.failed;
    sp_buf_release(&text);
}

static void draw_title(const drawing *d)
{
    const sp_matrix *matrix = d->matrix;
    sp_buf text = { 0 };
    sp_buf_format(&text, "%zu %s, ", matrix->row_count, matrix->row_count == 1 ? "file" : "files");
    sp_buf_format(&text, "%zu %s", matrix->column_count, column_words[matrix->by][matrix->column_count != 1]);
    if (matrix->distinct_count < matrix->column_count && matrix->row_count)
        sp_buf_format(&text, matrix->distinct_count == 1 ? ", all alike" : " in %zu columns", matrix->distinct_count);
    sp_buf_format(&text, "; tokens by %s", sp_encoding_name(matrix->encoding));
    if (matrix->by != SP_MATRIX_BY_CLIENT && matrix->column_count)
        sp_buf_format(&text, ", by the rules of %s", sp_profile_name(matrix->columns[0].profile));
    add_wrapped(d->out, sp_buf_str(&text), d->style->width_columns, 0);
    d->out->failed |= text.failed;
    sp_buf_release(&text);
}

static void emit_text(sp_buf *out, const sp_matrix *matrix, const sp_style *style)
{
    drawing d = { .out = out, .matrix = matrix, .style = style };
    draw_title(&d);
    if (matrix->row_count == 0)
        sp_buf_add(out, SP_STR("\nNone of them finds a file to read.\n"));
    else
        draw_table(&d);
    draw_touched(&d);
    draw_grades(&d);
    draw_problems(&d);
    draw_findings(&d);
    draw_reasons(&d);
}

/* ---- Markdown ------------------------------------------------------------------------------------------------ */

static void emit_markdown(sp_buf *out, const sp_matrix *matrix)
{
    char buffer[CELL_ROOM];
    sp_buf_format(out, "%zu %s by %s, tokens by %s\n\n| file |", matrix->row_count,
                  matrix->row_count == 1 ? "file" : "files", by_names[matrix->by], sp_encoding_name(matrix->encoding));
    for (size_t c = 0; c < matrix->column_count; c++) {
        if (matrix->columns[c].same_as != c)
            continue;
        sp_buf names = { 0 };
        for (size_t n = 0; n < count_names(matrix, c); n++)
            sp_buf_format(&names, "%s%.*s", n ? ", " : "", SP_STR_ARG(name_at(matrix, c, n)));
        sp_markdown_cell(out, sp_buf_str(&names));
        out->failed |= names.failed;
        sp_buf_release(&names);
    }
    sp_buf_add(out, SP_STR("\n|---|"));
    for (size_t c = 0; c < matrix->column_count; c++)
        sp_buf_add(out, matrix->columns[c].same_as == c ? SP_STR("--:|") : SP_STR(""));
    sp_buf_add_char(out, '\n');
    for (size_t r = 0; r <= matrix->row_count; r++) {
        bool is_total = r == matrix->row_count;
        sp_buf_add_char(out, '|');
        sp_markdown_cell(out, is_total ? SP_STR("total") : matrix->rows[r].path);
        for (size_t c = 0; c < matrix->column_count; c++) {
            if (matrix->columns[c].same_as != c)
                continue;
            sp_markdown_cell(out, is_total ? sp_estimate_text(buffer, matrix->exact, matrix->columns[c].tokens)
                                           : cell_text(buffer, matrix, &matrix->rows[r], c));
        }
        sp_buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < matrix->finding_count; i++) {
        sp_buf text = { 0 };
        add_finding(&text, matrix, &matrix->findings[i]);
        sp_buf_add(out, i ? SP_STR("- ") : SP_STR("\n- "));
        sp_markdown_text(out, sp_buf_str(&text));
        sp_buf_add_char(out, '\n');
        out->failed |= text.failed;
        sp_buf_release(&text);
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void add_json_columns(sp_json *json, const sp_matrix *matrix)
{
    sp_json_begin(json, "columns", '[');
    for (size_t i = 0; i < matrix->column_count; i++) {
        const sp_matrix_column *column = &matrix->columns[i];
        sp_json_begin(json, NULL, '{');
        sp_json_str(json, "name", column->name);
        sp_json_str(json, "profile", sp_str_of(sp_profile_name(column->profile)));
        sp_json_bool(json, "measured", column->is_measured);
        sp_json_uint(json, "tokens", column->tokens);
        sp_json_str(json, "same_as",
                    column->same_as == i ? (sp_str){ NULL, 0 } : matrix->columns[column->same_as].name);
        sp_json_str(json, "problem", column->problem);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_json_cell(sp_json *json, const sp_matrix *matrix, const sp_matrix_cell *cell, size_t column)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "column", matrix->columns[column].name);
    sp_json_str(json, "state", sp_str_of(state_names[cell->state]));
    sp_json_uint(json, "tokens", cell->tokens);
    sp_json_uint(json, "times", cell->times);
    sp_json_uint_or_null(json, "order", cell->order);
    sp_json_path(json, "trigger", cell->trigger);
    sp_json_uint_or_null(json, "omitted_at_line", cell->line);
    sp_json_str(json, "rule", cell->rule == SP_RULE_NONE ? (sp_str){ NULL, 0 } : sp_rule_name(cell->rule));
    sp_json_str(json, "why", cell->why);
    sp_json_path(json, "instead", cell->rival == SP_NONE ? (sp_str){ NULL, 0 } : matrix->rows[cell->rival].path);
    sp_json_end(json);
}

static void add_json_files(sp_json *json, const sp_matrix *matrix)
{
    sp_json_begin(json, "files", '[');
    for (size_t r = 0; r < matrix->row_count; r++) {
        sp_json_begin(json, NULL, '{');
        sp_json_path(json, "path", matrix->rows[r].path);
        sp_json_bool(json, "empty", matrix->rows[r].is_empty);
        sp_json_begin(json, "cells", '[');
        for (size_t c = 0; c < matrix->column_count; c++)
            add_json_cell(json, matrix, &matrix->rows[r].cells[c], c);
        sp_json_end(json);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_json_findings(sp_json *json, const sp_matrix *matrix)
{
    sp_json_begin(json, "findings", '[');
    for (size_t i = 0; i < matrix->finding_count; i++) {
        const sp_matrix_finding *finding = &matrix->findings[i];
        sp_json_begin(json, NULL, '{');
        sp_json_str(json, "rule", sp_rule_name(finding->rule));
        sp_json_str(json, "level", sp_str_of(level_name(finding->level)));
        sp_json_path(json, "path", path_of(matrix, finding));
        sp_json_uint_or_null(json, "line", finding->line);
        sp_json_str(json, "message", finding->text);
        sp_json_begin(json, "columns", '[');
        for (size_t c = 0; c < finding->column_count; c++)
            sp_json_str(json, NULL, matrix->columns[finding->columns[c]].name);
        sp_json_end(json);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void emit_json(sp_buf *out, const sp_matrix *matrix)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.matrix/1"));
    sp_json_str(&json, "by", sp_str_of(by_names[matrix->by]));
    sp_part_encoding(&json, matrix->encoding, matrix->exact, (sp_str){ NULL, 0 });
    add_json_columns(&json, matrix);
    add_json_files(&json, matrix);
    add_json_findings(&json, matrix);
    sp_json_end(&json);
}

sp_status sp_matrix_render(const sp_matrix *matrix, sp_format format, const sp_style *style, char **ret_bytes,
                           size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { .width_columns = 0 };
    sp_buf out = { 0 };
    switch (format) {
    case SP_FORMAT_TEXT:
        emit_text(&out, matrix, style ? style : &plain);
        break;
    case SP_FORMAT_MARKDOWN:
        emit_markdown(&out, matrix);
        break;
    case SP_FORMAT_JSON:
        emit_json(&out, matrix);
        break;
    default:
        return sp_err_set(err, SP_ERR_USAGE, "there is no format %d of a matrix", (int)format);
    }
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
