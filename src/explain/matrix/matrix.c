/*
 * matrix.c - rows and cells: what each prompt says of each file, by path.
 *
 * A prompt lists all files that its client reads, and, because it was asked to, those that it does not. A file that no
 * column reads gets no row.
 */
#include "explain/matrix/matrix.h"
#include "base/file.h"
#include "base/map.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/client.h"

#include <stdlib.h>

typedef struct filler {
    sp_arena *arena;
    sp_matrix *matrix;
    sp_map rows_by_path;
    sp_list(sp_matrix_row) rows;
} filler;

/* ---- what a rule that keeps a file out means ------------------------------------------------------------- */

static const sp_rule_key unread_rules[] = {
    SP_RULE_CHAIN_OTHER_CLIENT,
    SP_RULE_CHAIN_AGENTS_MD_OTHERS,
    SP_RULE_CHAIN_CONFIGURED,
    SP_RULE_RULE_EXTENSION,
};
static const sp_rule_key demand_rules[] = {
    SP_RULE_RULE_SCOPED,
    SP_RULE_RULE_GLOBS,
    SP_RULE_RULE_MODEL,
    SP_RULE_RULE_MANUAL,
};
static const sp_rule_key hidden_rules[] = {
    SP_RULE_CHAIN_FIRST,
    SP_RULE_CHAIN_NEAREST,
    SP_RULE_CHAIN_AGENTS_MD,
    SP_RULE_CHAIN_WORKTREE,
};

static bool is_one_of(sp_rule_key rule, const sp_rule_key *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rules[i] == rule)
            return true;
    return false;
}

static sp_cell_state state_of_rule(const sp_profile *profile, sp_rule_key rule)
{
    if (is_one_of(rule, unread_rules, SP_COUNT_OF(unread_rules)))
        return SP_CELL_UNREAD;
    if (is_one_of(rule, demand_rules, SP_COUNT_OF(demand_rules)))
        return SP_CELL_DEMAND;
    if (is_one_of(rule, hidden_rules, SP_COUNT_OF(hidden_rules)))
        return SP_CELL_HIDDEN;
    if (rule == SP_RULE_CHAIN_NESTED)
        return profile->client->reads_nested ? SP_CELL_DEMAND : SP_CELL_UNREAD;
    return rule == SP_RULE_CHAIN_ONCE ? SP_CELL_SAME : SP_CELL_OMITTED;
}

/* ---- what is kept of a prompt ------------------------------------------------------------------------------ */

enum { MIN_TWIN_BYTES = 100 };

/* What an import asks for and does not get need not be a file at all. */
static bool is_file(const sp_source *source)
{
    return source->kind != SP_SOURCE_CLIENT && source->kind != SP_SOURCE_TOOL && source->kind != SP_SOURCE_APPENDED &&
           (source->kind != SP_SOURCE_IMPORT || source->is_loaded);
}

/* Below home as ~/..., which is short and the same for everybody. */
static sp_str path_of(const sp_source *source)
{
    return sp_str_starts(source->name, SP_STR("~/")) ? source->name : source->path;
}

/* Whether a cut takes nothing that anybody would miss of a source that loads. */
static bool is_markup(const sp_source *source, const sp_cut *cut)
{
    bool is_syntax = cut->rule == SP_RULE_CHAIN_FRONT_MATTER || cut->rule == SP_RULE_RULE_FRONT_MATTER ||
                     cut->rule == SP_RULE_AGENT_FRONT_MATTER || cut->rule == SP_RULE_CHAIN_COMMENT ||
                     cut->rule == SP_RULE_TEXT_BOM || cut->rule == SP_RULE_AGENT_TRIM ||
                     cut->rule == SP_RULE_IMPORT_INLINE || cut->rule == SP_RULE_IMPORT_FAILED;
    bool is_blank = source->was_read && cut->end <= source->bytes.len &&
                    sp_str_trim(sp_str_slice(source->bytes, cut->begin, cut->end)).len == 0;
    return source->is_loaded && (is_syntax || is_blank);
}

/* Of each source the cut that says most: of one that loads the first within it, of another the one of the file. */
static const sp_cut **find_cuts(sp_arena *scratch, const sp_prompt *prompt)
{
    const sp_cut **cuts = SP_ARENA_ARRAY(scratch, const sp_cut *, prompt->source_count + 1);
    for (size_t i = 0; cuts && i < prompt->cut_count; i++) {
        const sp_cut *cut = &prompt->cuts[i];
        if (cut->source != SP_NONE && !cuts[cut->source] && !is_markup(&prompt->sources[cut->source], cut))
            cuts[cut->source] = cut;
    }
    return cuts;
}

/* A copy; what has no text stays without. */
static bool keep(sp_arena *arena, sp_str text, sp_str *ret)
{
    *ret = text.ptr ? sp_str_dup(arena, text) : text;
    return !text.ptr || ret->ptr;
}

static bool keep_file(sp_arena *arena, const sp_source *source, const sp_cut *cut, sp_matrix_file *ret)
{
    sp_str why = cut ? cut->why : (sp_str){ NULL, 0 };
    *ret = (sp_matrix_file){ .kind = source->kind,
                             .is_loaded = source->is_loaded,
                             .is_blank = source->was_read && sp_str_trim(source->bytes).len == 0,
                             .is_omitted = cut,
                             .first_line = cut ? cut->first_line : 0,
                             .rule = cut ? cut->rule : SP_RULE_NONE,
                             .tokens = source->tokens,
                             .text = SP_NONE };
    return keep(arena, path_of(source), &ret->path) && keep(arena, source->name, &ret->name) &&
           keep(arena, source->real_path, &ret->real_path) && keep(arena, source->trigger, &ret->trigger) &&
           keep(arena, why, &ret->why);
}

/* Files of the same text have the same number. */
static bool number_text(sp_arena *scratch, sp_map *texts, const sp_source *source, uint32_t index, uint32_t *ret)
{
    sp_str text = source->was_read && source->is_loaded ? sp_str_trim(source->bytes) : (sp_str){ NULL, 0 };
    if (text.len < MIN_TWIN_BYTES)
        return true;
    uint32_t *slot = sp_map_slot(scratch, texts, text);
    if (slot && *slot == SP_NONE)
        *slot = index;
    if (slot)
        *ret = *slot;
    return slot;
}

static bool keep_files(sp_arena *arena, sp_arena *scratch, const sp_prompt *prompt, sp_matrix_column *column)
{
    sp_map texts = { 0 };
    const sp_cut **cuts = find_cuts(scratch, prompt);
    column->files = SP_ARENA_ARRAY(arena, sp_matrix_file, prompt->source_count + 1);
    for (uint32_t i = 0; cuts && column->files && i < prompt->source_count; i++) {
        sp_matrix_file *file = &column->files[column->file_count];
        if (!is_file(&prompt->sources[i]))
            continue;
        if (!keep_file(arena, &prompt->sources[i], cuts[i], file) ||
            !number_text(scratch, &texts, &prompt->sources[i], i, &file->text))
            return false;
        column->file_count++;
    }
    return cuts && column->files;
}

/* Words that are taken for imports, empty files that hide others, files of --touch for which nothing loads. */
static bool is_worth_a_finding(sp_rule_key rule)
{
    return rule == SP_RULE_IMPORT_WORD || rule == SP_RULE_CHAIN_EMPTY_HIDES || rule == SP_RULE_CHAIN_TOUCHED;
}

static bool keep_diagnostics(sp_arena *arena, const sp_prompt *prompt, sp_matrix_column *column)
{
    sp_list(sp_diagnostic) kept = { 0 };
    for (size_t i = 0; i < prompt->diagnostic_count; i++) {
        if (!is_worth_a_finding(prompt->diagnostics[i].rule))
            continue;
        sp_diagnostic *slot = SP_LIST_PUSH(arena, &kept);
        if (!slot)
            return false;
        *slot = prompt->diagnostics[i];
        slot->source_line = (sp_str){ NULL, 0 };
        if (!keep(arena, prompt->diagnostics[i].path, &slot->path) ||
            !keep(arena, prompt->diagnostics[i].message, &slot->message))
            return false;
    }
    column->diagnostics = kept.items;
    column->diagnostic_count = kept.count;
    return true;
}

sp_status sp_matrix_take(sp_arena *arena, const sp_prompt *prompt, sp_matrix_column *column, sp_err *err)
{
    sp_arena scratch = { 0 };
    bool is_done = keep_files(arena, &scratch, prompt, column) && keep_diagnostics(arena, prompt, column);
    sp_arena_release(&scratch);
    return is_done ? SP_OK : sp_err_memory(err);
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static sp_status row_of(filler *f, const sp_matrix_file *file, uint32_t *ret, sp_err *err)
{
    uint32_t *slot = sp_map_slot(f->arena, &f->rows_by_path, file->path);
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE) {
        sp_matrix_row *row = SP_LIST_PUSH(f->arena, &f->rows);
        if (!row)
            return sp_err_memory(err);
        *row = (sp_matrix_row){ .path = file->path,
                                .cells = SP_ARENA_ARRAY(f->arena, sp_matrix_cell, f->matrix->column_count) };
        if (!row->cells)
            return sp_err_memory(err);
        for (size_t i = 0; i < f->matrix->column_count; i++)
            row->cells[i].rival = row->cells[i].text = SP_NONE;
        *slot = (uint32_t)(f->rows.count - 1);
    }
    f->rows.items[*slot].is_empty |= file->is_blank;
    if (!f->rows.items[*slot].real_path.ptr)
        f->rows.items[*slot].real_path = file->real_path;
    *ret = *slot;
    return SP_OK;
}

/* ---- cells ----------------------------------------------------------------------------------------------- */

static void add_file(sp_matrix_cell *cell, const sp_profile *profile, const sp_matrix_file *file, uint32_t *order)
{
    if (file->is_loaded) {
        if (cell->state != SP_CELL_LOADS && cell->state != SP_CELL_PART)
            *cell = (sp_matrix_cell){ .order = ++*order,
                                      .rival = SP_NONE,
                                      .text = file->text,
                                      .state = SP_CELL_LOADS,
                                      .kind = file->kind,
                                      .trigger = file->trigger };
        cell->times++;
        cell->tokens += file->tokens;
        if (!file->is_omitted || file->first_line == 0)
            return;
        cell->state = SP_CELL_PART;
        cell->line = file->first_line;
    } else if (cell->order)
        return;
    else
        cell->state = file->kind == SP_SOURCE_MEMORY ? SP_CELL_UNREAD /* another agent's, or notes beside an index */
                      : file->is_omitted             ? state_of_rule(profile, file->rule)
                                                     : SP_CELL_OMITTED;
    cell->rule = file->rule;
    cell->why = file->why;
}

static sp_status fill_column(filler *f, size_t index, sp_err *err)
{
    sp_matrix_column *column = &f->matrix->columns[index];
    uint32_t order = 0;
    for (size_t i = 0; i < column->file_count; i++) {
        uint32_t row = 0;
        SP_TRY(row_of(f, &column->files[i], &row, err));
        add_file(&f->rows.items[row].cells[index], column->profile, &column->files[i], &order);
        column->tokens += column->files[i].is_loaded ? column->files[i].tokens : 0;
    }
    return SP_OK;
}

/* ---- order, equal columns ---------------------------------------------------------------------------------- */

static bool is_read_by_any(const sp_matrix *matrix, const sp_matrix_row *row)
{
    for (size_t i = 0; i < matrix->column_count; i++)
        if (row->cells[i].state != SP_CELL_UNREAD)
            return true;
    return false;
}

static void keep_read(sp_matrix *matrix)
{
    size_t kept = 0;
    for (size_t i = 0; i < matrix->row_count; i++)
        if (is_read_by_any(matrix, &matrix->rows[i]))
            matrix->rows[kept++] = matrix->rows[i];
    matrix->row_count = kept;
}

/* The project's files before others, the files of a directory before its directories. */
static int compare_rows(const void *a, const void *b)
{
    sp_str x = ((const sp_matrix_row *)a)->path;
    sp_str y = ((const sp_matrix_row *)b)->path;
    bool x_is_out = x.len && (x.ptr[0] == '~' || x.ptr[0] == '/' || sp_str_starts(x, SP_STR("../")));
    bool y_is_out = y.len && (y.ptr[0] == '~' || y.ptr[0] == '/' || sp_str_starts(y, SP_STR("../")));
    size_t same = 0;
    if (x_is_out != y_is_out)
        return x_is_out ? 1 : -1;
    while (same < x.len && same < y.len && x.ptr[same] == y.ptr[same])
        same++;
    bool x_goes_on = memchr(x.ptr + same, '/', x.len - same) != NULL;
    bool y_goes_on = memchr(y.ptr + same, '/', y.len - same) != NULL;
    if (x_goes_on != y_goes_on)
        return x_goes_on ? 1 : -1;
    return sp_str_cmp(x, y);
}

static bool are_equal(const sp_matrix *matrix, size_t a, size_t b)
{
    const sp_matrix_column *x = &matrix->columns[a];
    const sp_matrix_column *y = &matrix->columns[b];
    if (x->is_measured != y->is_measured || x->problem.ptr || y->problem.ptr)
        return false;
    for (size_t i = 0; i < matrix->row_count; i++) {
        const sp_matrix_cell *left = &matrix->rows[i].cells[a];
        const sp_matrix_cell *right = &matrix->rows[i].cells[b];
        if (left->state != right->state || left->times != right->times || left->tokens != right->tokens ||
            left->line != right->line || left->order != right->order || !left->trigger.ptr != !right->trigger.ptr)
            return false;
    }
    return true;
}

static void fold(sp_matrix *matrix)
{
    for (uint32_t i = 0; i < matrix->column_count; i++) {
        matrix->columns[i].same_as = i;
        for (uint32_t j = 0; j < i; j++)
            if (matrix->columns[j].same_as == j && are_equal(matrix, j, i)) {
                matrix->columns[i].same_as = j;
                break;
            }
        matrix->distinct_count += matrix->columns[i].same_as == i;
    }
}

/* A cell of a link to a file that loads in that column. */
static sp_status join_twin(sp_arena *arena, sp_matrix *matrix, size_t row, uint32_t twin, sp_matrix_cell *cell,
                           sp_err *err)
{
    bool is_read = cell->state != SP_CELL_UNREAD && cell->state != SP_CELL_HIDDEN;
    if (is_read || twin == SP_NONE || twin == row)
        return SP_OK;
    cell->state = SP_CELL_SAME;
    cell->rule = SP_RULE_CHAIN_ONCE;
    cell->why =
        sp_str_format(arena, "it is the same file as %.*s, which is loaded", SP_STR_ARG(matrix->rows[twin].path));
    return cell->why.ptr ? SP_OK : sp_err_memory(err);
}

/* A client that reads a file by one path says nothing of the links to it, or that they are hidden. */
static sp_status find_twins(sp_arena *arena, sp_matrix *matrix, size_t column, sp_err *err)
{
    sp_map loaded = { 0 };
    for (uint32_t r = 0; r < matrix->row_count; r++) {
        sp_str real_path = matrix->rows[r].real_path;
        bool loads = matrix->rows[r].cells[column].order && real_path.len;
        uint32_t *slot = loads ? sp_map_slot(arena, &loaded, real_path) : NULL;
        if (loads && !slot)
            return sp_err_memory(err);
        if (slot && *slot == SP_NONE)
            *slot = r;
    }
    for (uint32_t r = 0; r < matrix->row_count; r++)
        if (matrix->rows[r].real_path.len)
            SP_TRY(join_twin(arena, matrix, r, sp_map_find(&loaded, matrix->rows[r].real_path),
                             &matrix->rows[r].cells[column], err));
    return SP_OK;
}

/* What is read in the place of a hidden file, as far as it lies in the same directory: rows of one are neighbours. */
static uint32_t find_rival(const sp_matrix *matrix, size_t row, size_t column)
{
    const sp_matrix_cell *cell = &matrix->rows[row].cells[column];
    sp_str folder = sp_path_folder(matrix->rows[row].path);
    size_t first = row;
    while (first > 0 && sp_str_eq(sp_path_folder(matrix->rows[first - 1].path), folder))
        first--;
    for (size_t o = first; o < matrix->row_count && sp_str_eq(sp_path_folder(matrix->rows[o].path), folder); o++)
        if (o != row && cell->why.ptr && sp_str_find(cell->why, sp_path_base(matrix->rows[o].path), 0) != SIZE_MAX)
            return (uint32_t)o;
    return SP_NONE;
}

static void find_rivals(sp_matrix *matrix)
{
    for (size_t r = 0; r < matrix->row_count; r++)
        for (size_t c = 0; c < matrix->column_count; c++)
            if (matrix->rows[r].cells[c].state == SP_CELL_HIDDEN)
                matrix->rows[r].cells[c].rival = find_rival(matrix, r, c);
}

/* Below the launch directory a file may be hidden by one that the client does not read there either. */
static void unhide(sp_matrix *matrix)
{
    find_rivals(matrix);
    for (size_t r = 0; r < matrix->row_count; r++)
        for (size_t c = 0; c < matrix->column_count; c++) {
            sp_matrix_cell *cell = &matrix->rows[r].cells[c];
            if (cell->rival != SP_NONE && matrix->rows[cell->rival].cells[c].state == SP_CELL_UNREAD)
                cell->state = SP_CELL_UNREAD;
            cell->rival = SP_NONE;
        }
}

sp_status sp_matrix_fill(sp_arena *arena, sp_matrix *matrix, sp_err *err)
{
    filler f = { .arena = arena, .matrix = matrix };
    for (size_t i = 0; i < matrix->column_count; i++)
        SP_TRY(fill_column(&f, i, err));
    matrix->rows = f.rows.items;
    matrix->row_count = f.rows.count;
    if (matrix->row_count)
        qsort(matrix->rows, matrix->row_count, sizeof *matrix->rows, compare_rows);
    unhide(matrix);
    keep_read(matrix);
    for (size_t i = 0; i < matrix->column_count; i++)
        SP_TRY(find_twins(arena, matrix, i, err));
    find_rivals(matrix);
    fold(matrix);
    return sp_matrix_judge(arena, matrix, err);
}
