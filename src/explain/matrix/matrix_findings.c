/*
 * matrix_findings.c - what of a table of files is worth a sentence: an empty file that hides another, a file that no
 * client comes to, an order that surprises, text that is sent twice, words that a client takes for imports.
 */
#include "base/file.h"
#include "base/types.h"
#include "explain/matrix/matrix.h"
#include "sources/client.h"

typedef struct judge {
    sp_arena *arena;
    sp_matrix *matrix;
    sp_str *places; /* of each row the absolute path; ptr NULL: below the home directory */
    sp_list(sp_matrix_finding) findings;
} judge;

/* Of one text about one file there is one finding, which names all columns. text ptr NULL: memory was short. */
static sp_status add(judge *j, sp_matrix_finding finding, size_t column, sp_err *err)
{
    sp_matrix_finding *found = NULL;
    if (!finding.text.ptr)
        return sp_err_memory(err);
    for (size_t i = 0; i < j->findings.count && !found; i++) {
        sp_matrix_finding *other = &j->findings.items[i];
        if (other->rule == finding.rule && other->row == finding.row && other->line == finding.line &&
            sp_str_eq(other->path, finding.path) && sp_str_eq(other->text, finding.text))
            found = other;
    }
    if (!found) {
        found = SP_LIST_PUSH(j->arena, &j->findings);
        finding.columns = SP_ARENA_ARRAY(j->arena, uint32_t, j->matrix->column_count);
        if (!found || !finding.columns)
            return sp_err_memory(err);
        *found = finding;
    }
    if (found->column_count == 0 || found->columns[found->column_count - 1] != column)
        found->columns[found->column_count++] = (uint32_t)column;
    return SP_OK;
}

static const sp_matrix_cell *cell_at(const judge *j, size_t row, size_t column)
{
    return &j->matrix->rows[row].cells[column];
}

static bool loads(const sp_matrix_cell *cell)
{
    return cell->state == SP_CELL_LOADS || cell->state == SP_CELL_PART;
}

/* ---- hidden files ---------------------------------------------------------------------------------------- */

/* A file that some clients would read if another one were not there, in every column. An empty one there has a finding
 * of its own. */
static sp_status judge_unreached(judge *j, size_t row, sp_err *err)
{
    uint32_t hidden = SP_NONE;
    for (size_t c = 0; c < j->matrix->column_count; c++) {
        const sp_matrix_cell *cell = cell_at(j, row, c);
        if (cell->state != SP_CELL_UNREAD && cell->state != SP_CELL_HIDDEN)
            return SP_OK;
        if (cell->state == SP_CELL_HIDDEN && hidden == SP_NONE)
            hidden = (uint32_t)c;
    }
    if (hidden == SP_NONE)
        return SP_OK;
    const sp_matrix_cell *cell = cell_at(j, row, hidden);
    for (size_t c = hidden; c < j->matrix->column_count; c++) {
        sp_matrix_finding finding = { .rule = SP_RULE_MATRIX_UNREACHED, .level = SP_WARNING, .row = (uint32_t)row };
        uint32_t rival = cell_at(j, row, c)->rival;
        if (cell_at(j, row, c)->state != SP_CELL_HIDDEN || (rival != SP_NONE && j->matrix->rows[rival].is_empty))
            continue;
        finding.text = cell->rival != SP_NONE ? sp_str_format(j->arena, "is never reached: %.*s comes before it",
                                                              SP_STR_ARG(j->matrix->rows[cell->rival].path))
                                              : SP_STR("is never reached: another file comes before it");
        SP_TRY(add(j, finding, c, err));
    }
    return SP_OK;
}

/* ---- order ------------------------------------------------------------------------------------------------ */

/* Of a session in a subdirectory the paths of files above it are absolute, and those below it are not. */
static sp_status find_places(judge *j, sp_err *err)
{
    j->places = SP_ARENA_ARRAY(j->arena, sp_str, j->matrix->row_count);
    for (size_t row = 0; j->places && row < j->matrix->row_count; row++) {
        if (sp_str_starts(j->matrix->rows[row].path, SP_STR("~")))
            continue;
        j->places[row] = sp_path_join(j->arena, j->matrix->current, j->matrix->rows[row].path);
        if (!j->places[row].ptr)
            return sp_err_memory(err);
    }
    return j->places ? SP_OK : sp_err_memory(err);
}

/* Whether inner lies in a directory below outer's, and not in a hidden one, whose files are about the directory around
 * it. */
static bool is_below(sp_str inner, sp_str outer)
{
    if (!inner.ptr || !outer.ptr)
        return false;
    sp_str folder = sp_path_folder(outer);
    if (!sp_path_is_within(inner, folder))
        return false;
    sp_str rest = sp_path_below(inner, folder);
    return memchr(rest.ptr, '/', rest.len) != NULL && !sp_str_starts(rest, SP_STR("."));
}

/* One for each column: the first file that comes before one of a directory above it. */
static sp_status judge_order(judge *j, size_t column, sp_err *err)
{
    for (size_t outer = 0; outer < j->matrix->row_count; outer++)
        for (size_t inner = 0; inner < j->matrix->row_count; inner++) {
            const sp_matrix_row *a = &j->matrix->rows[outer];
            const sp_matrix_row *b = &j->matrix->rows[inner];
            if (a->cells[column].kind != SP_SOURCE_INSTRUCTIONS || b->cells[column].kind != SP_SOURCE_INSTRUCTIONS ||
                !loads(&a->cells[column]) || !loads(&b->cells[column]) ||
                b->cells[column].order > a->cells[column].order || !is_below(j->places[inner], j->places[outer]))
                continue;
            sp_matrix_finding finding = {
                .rule = SP_RULE_MATRIX_ORDER,
                .level = SP_NOTE,
                .row = (uint32_t)inner,
                .text = sp_str_format(j->arena,
                                      "comes before %.*s, which lies further up: the text that is read last is the "
                                      "outer one",
                                      SP_STR_ARG(a->path)),
            };
            return add(j, finding, column, err);
        }
    return SP_OK;
}

/* ---- twice -------------------------------------------------------------------------------------------------- */

static sp_status judge_times(judge *j, size_t row, size_t column, sp_err *err)
{
    const sp_matrix_cell *cell = cell_at(j, row, column);
    if (cell->times < 2)
        return SP_OK;
    sp_matrix_finding finding = {
        .rule = SP_RULE_MATRIX_TWICE,
        .level = SP_WARNING,
        .row = (uint32_t)row,
        .text =
            sp_str_format(j->arena, "is in the prompt %u times, with %zu tokens together", cell->times, cell->tokens),
    };
    return add(j, finding, column, err);
}

/* Two files of the same text, both of which load. */
static sp_status judge_twins(judge *j, size_t row, size_t column, sp_err *err)
{
    uint32_t text = cell_at(j, row, column)->text;
    if (text == SP_NONE)
        return SP_OK;
    for (size_t other = row + 1; other < j->matrix->row_count; other++) {
        if (cell_at(j, other, column)->text != text)
            continue;
        sp_matrix_finding finding = {
            .rule = SP_RULE_MATRIX_TWICE,
            .level = SP_WARNING,
            .row = (uint32_t)other,
            .text = sp_str_format(j->arena, "has the same text as %.*s, and both load: %zu tokens are sent twice",
                                  SP_STR_ARG(j->matrix->rows[row].path), cell_at(j, other, column)->tokens),
        };
        SP_TRY(add(j, finding, column, err));
    }
    return SP_OK;
}

/* ---- what loading has found ----------------------------------------------------------------------------------- */

static uint32_t find_row(const sp_matrix *matrix, sp_str path)
{
    for (uint32_t row = 0; row < matrix->row_count; row++)
        if (sp_str_eq(matrix->rows[row].path, path))
            return row;
    return SP_NONE;
}

static sp_status judge_read(judge *j, size_t column, sp_err *err)
{
    for (size_t i = 0; i < j->matrix->columns[column].diagnostic_count; i++) {
        const sp_diagnostic *diagnostic = &j->matrix->columns[column].diagnostics[i];
        sp_matrix_finding finding = { .rule = diagnostic->rule,
                                      .level = sp_rule_severity(diagnostic->rule, diagnostic->level),
                                      .row = find_row(j->matrix, diagnostic->path),
                                      .line = diagnostic->line,
                                      .text = diagnostic->message };
        if (finding.row == SP_NONE)
            finding.path = diagnostic->path;
        SP_TRY(add(j, finding, column, err));
    }
    return SP_OK;
}

sp_status sp_matrix_judge(sp_arena *arena, sp_matrix *matrix, sp_err *err)
{
    judge j = { .arena = arena, .matrix = matrix };
    SP_TRY(find_places(&j, err));
    for (size_t row = 0; row < matrix->row_count; row++) {
        for (size_t column = 0; column < matrix->column_count; column++) {
            SP_TRY(judge_times(&j, row, column, err));
            SP_TRY(judge_twins(&j, row, column, err));
        }
        if (matrix->by == SP_MATRIX_BY_CLIENT)
            SP_TRY(judge_unreached(&j, row, err));
    }
    for (size_t column = 0; column < matrix->column_count; column++) {
        SP_TRY(judge_read(&j, column, err));
        SP_TRY(judge_order(&j, column, err));
    }
    matrix->findings = j.findings.items;
    matrix->finding_count = j.findings.count;
    return SP_OK;
}
