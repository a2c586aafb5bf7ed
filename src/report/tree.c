/* tree.c - where the tokens are: a tree for people, for screen readers, for spreadsheets and for scripts. */
#include "attribute/tree.h"
#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/emit.h"
#include "report/parts.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "report/tree_rows.h"
#include "rules/names.h"

#include <inttypes.h>

/* A row on its way out, and what it is a row of. */
typedef struct shown_row {
    const sp_prompt *prompt;
    const sp_tree *tree;
    const sp_tree_row *row;
    const sp_node *node;      /* NULL unless the row is one */
    const sp_node_cost *cost; /* NULL where that is not asked, or not known */
    size_t text_cells;        /* of the label */
    size_t bar_cells;
    sp_bars bars;
} shown_row;

static shown_row show(const sp_prompt *prompt, const sp_tree_view *view, const sp_tree_row *row)
{
    const sp_node *node = row->kind == SP_ROW_NODE ? &view->tree->nodes[row->node] : NULL;
    const sp_node_cost *cost = node && view->costs ? &view->costs[row->node] : NULL;
    return (shown_row){ .prompt = prompt,
                        .tree = view->tree,
                        .row = row,
                        .node = node,
                        .cost = cost && cost->is_known ? cost : NULL,
                        .text_cells = SP_LABEL_WHOLE };
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

static void add_tokens(sp_buf *out, const shown_row *r)
{
    char number[32];
    sp_buf_add(out, sp_estimate_text(number, r->prompt->exact, r->row->tokens));
}

static void add_share(sp_buf *out, const shown_row *r)
{
    char share[16];
    sp_buf_add(out, sp_table_share(share, r->row->tokens, r->prompt->tokens));
}

/* "?" for a row of which it is not known; nothing for what is no row of the tree. */
static bool add_unknown(sp_buf *out, const shown_row *r)
{
    if (r->node && !r->cost)
        sp_buf_add_char(out, '?');
    return !r->cost;
}

static void add_standalone(sp_buf *out, const shown_row *r)
{
    char number[32];
    if (!add_unknown(out, r))
        sp_buf_add(out, sp_estimate_text(number, r->prompt->exact, r->cost->standalone));
}

static void add_marginal(sp_buf *out, const shown_row *r)
{
    char number[32];
    if (add_unknown(out, r))
        return;
    if (r->cost->marginal < 0)
        sp_buf_add_char(out, '-');
    uint64_t amount = r->cost->marginal < 0 ? 0 - (uint64_t)r->cost->marginal : (uint64_t)r->cost->marginal;
    sp_buf_add(out, sp_estimate_text(number, r->prompt->exact, amount));
}

static void add_lines(sp_buf *out, const shown_row *r)
{
    if (!r->node || !r->node->first_line)
        return;
    sp_buf_format(out, "%" PRIu32, r->node->first_line);
    if (r->node->last_line != r->node->first_line)
        sp_buf_format(out, "-%" PRIu32, r->node->last_line);
}

/* As wide as the column in any case, so that no table makes it narrower. */
static void add_bar(sp_buf *out, const shown_row *r)
{
    enum { EIGHTHS = 8 };
    size_t whole = r->prompt->tokens ? r->prompt->tokens : 1;
    size_t eighths = r->row->tokens * r->bar_cells * EIGHTHS / whole;
    size_t cells = 0;
    for (; cells < eighths / EIGHTHS; cells++)
        sp_buf_add(out, r->bars == SP_BARS_BLOCKS ? SP_STR("\xE2\x96\x88") : SP_STR("#"));
    if (r->bars == SP_BARS_BLOCKS && eighths % EIGHTHS) {
        char part[] = "\xE2\x96\x88"; /* and the seven behind it, down to an eighth */
        part[2] = (char)(part[2] + EIGHTHS - (char)(eighths % EIGHTHS));
        sp_buf_add(out, sp_str_of(part));
        cells++;
    }
    for (; cells < r->bar_cells; cells++)
        sp_buf_add_char(out, ' ');
}

static void add_label(sp_buf *out, const shown_row *r)
{
    sp_tree_row_label(out, r->prompt, r->tree, r->row, r->text_cells);
}

/* A tab would push the rest of the line out of its column. */
static void add_indented_label(sp_buf *out, const shown_row *r)
{
    for (uint32_t i = 0; i < r->row->depth; i++)
        sp_buf_add(out, SP_STR("  "));
    add_label(out, r);
    for (size_t i = 0; i < out->len; i++)
        if (out->ptr[i] == '\t')
            out->ptr[i] = ' ';
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

typedef struct tree_column {
    sp_column column;
    void (*add)(sp_buf *out, const shown_row *row);
} tree_column;

enum {
    WIDE_TERMINAL = 100,
    WIDE_BAR = 24,
    NARROW_TERMINAL = 60,
    NARROW_BAR = 10,
};

static size_t bar_cells_of(const sp_style *style)
{
    if (style->bars == SP_BARS_NONE || (style->width_columns && style->width_columns < NARROW_TERMINAL))
        return 0;
    return style->width_columns < WIDE_TERMINAL ? NARROW_BAR : WIDE_BAR;
}

typedef struct tree_table {
    const sp_prompt *prompt;
    const sp_tree_view *view;
    const sp_style *style;
    tree_column columns[SP_TABLE_MAX_COLUMNS];
    sp_column titles[SP_TABLE_MAX_COLUMNS];
    size_t count;
    size_t bar_cells;
    size_t label_cells;
} tree_table;

static shown_row show_in_table(const tree_table *t, const sp_tree_row *row)
{
    shown_row shown = show(t->prompt, t->view, row);
    shown.bar_cells = t->bar_cells;
    shown.bars = t->style->bars;
    shown.text_cells = t->label_cells;
    return shown;
}

/* What the other columns leave of the terminal. */
static size_t label_cells_of(const tree_table *t, const sp_tree_rows *rows)
{
    enum { GAP = 2 };
    size_t taken = 0;
    if (t->style->width_columns == 0)
        return SP_LABEL_ANY_CELLS;
    for (size_t i = 0; i + 1 < t->count; i++) {
        size_t widest = strlen(t->titles[i].title);
        for (size_t k = 0; k < rows->count; k++) {
            sp_buf cell = { 0 };
            shown_row row = show_in_table(t, &rows->items[k]);
            t->columns[i].add(&cell, &row);
            size_t cells = sp_table_width(sp_buf_str(&cell));
            widest = cells > widest ? cells : widest;
            sp_buf_release(&cell);
        }
        taken += widest + GAP;
    }
    return t->style->width_columns > taken ? t->style->width_columns - taken : 1;
}

static void add_table_row(sp_table *table, const tree_table *t, const sp_tree_row *row)
{
    sp_buf cells[SP_TABLE_MAX_COLUMNS] = { 0 };
    sp_str texts[SP_TABLE_MAX_COLUMNS] = { 0 };
    shown_row shown = show_in_table(t, row);
    for (size_t i = 0; i < t->count; i++) {
        t->columns[i].add(&cells[i], &shown);
        table->out->failed = table->out->failed || cells[i].failed;
        texts[i] = sp_buf_str(&cells[i]);
    }
    sp_table_row(table, texts);
    for (size_t i = 0; i < t->count; i++)
        sp_buf_release(&cells[i]);
}

/* What is not in the prompt has no tokens in it. */
static void add_left_out(sp_buf *out, const sp_prompt *prompt)
{
    char number[32];
    size_t places = 0;
    for (size_t i = 0; i < prompt->cut_count; i++)
        places += !sp_part_is_trifle(&prompt->cuts[i]);
    if (places == 0)
        return;
    sp_buf_add_char(out, '\n');
    sp_buf_add(out, sp_number_text(number, places));
    sp_buf_add(out, places == 1 ? SP_STR(" place is") : SP_STR(" places are"));
    sp_buf_add(out, SP_STR(" not in the prompt: explain without a tree says which, and why.\n"));
}

static bool is_asked(const sp_tree_view *view, const tree_column *column)
{
    return (view->standalone || column->add != add_standalone) && (view->marginal || column->add != add_marginal);
}

static void emit_table(sp_buf *out, const sp_prompt *prompt, const sp_tree_view *view, const sp_tree_rows *rows,
                       const sp_style *style)
{
    static const tree_column all[] = { { { "tokens", true }, add_tokens },
                                       { { "share", true }, add_share },
                                       { { "alone", true }, add_standalone },
                                       { { "saves", true }, add_marginal },
                                       { { "", true }, add_bar },
                                       { { "lines", true }, add_lines },
                                       { { "part", false }, add_indented_label } };
    tree_table t = { .prompt = prompt, .view = view, .style = style, .bar_cells = bar_cells_of(style) };
    for (size_t i = 0; i < SP_COUNT_OF(all); i++) {
        if ((all[i].add == add_bar && t.bar_cells == 0) || !is_asked(view, &all[i]))
            continue;
        t.columns[t.count] = all[i];
        t.titles[t.count++] = all[i].column;
    }
    t.label_cells = label_cells_of(&t, rows);
    sp_table table = { .out = out, .columns = t.titles, .column_count = t.count, .style = style };
    sp_part_head(out, prompt, style);
    for (size_t i = 0; i < rows->count; i++)
        add_table_row(&table, &t, &rows->items[i]);
    sp_table_end(&table);
    add_left_out(out, prompt);
    if (view->lists_straddlers)
        sp_emit_straddlers(out, prompt, view->straddlers, view->straddler_count, style);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* "level 2: Style, lines 12 to 40, 512 tokens, 12.3%" */
static void add_sentence(sp_buf *out, const shown_row *r, bool standalone, bool marginal)
{
    sp_buf label = { 0 };
    add_label(&label, r);
    sp_buf_format(out, "level %" PRIu32 ": ", r->row->depth);
    sp_table_text(out, sp_buf_str(&label));
    out->failed = out->failed || label.failed;
    sp_buf_release(&label);
    if (r->node && r->node->first_line && r->node->first_line == r->node->last_line)
        sp_buf_format(out, ", line %" PRIu32, r->node->first_line);
    else if (r->node && r->node->first_line)
        sp_buf_format(out, ", lines %" PRIu32 " to %" PRIu32, r->node->first_line, r->node->last_line);
    sp_buf_add(out, r->prompt->exact ? SP_STR(", ") : SP_STR(", about "));
    char number[32];
    sp_buf_add(out, sp_number_text(number, r->row->tokens));
    sp_buf_add(out, r->row->tokens == 1 ? SP_STR(" token, ") : SP_STR(" tokens, "));
    add_share(out, r);
    if (r->node && standalone) {
        sp_buf_add(out, SP_STR(", alone "));
        add_standalone(out, r);
    }
    if (r->node && marginal) {
        sp_buf_add(out, SP_STR(", saves "));
        add_marginal(out, r);
    }
    sp_buf_add_char(out, '\n');
}

static void emit_plain(sp_buf *out, const sp_prompt *prompt, const sp_tree_view *view, const sp_tree_rows *rows,
                       const sp_style *style)
{
    sp_part_head(out, prompt, style);
    for (size_t i = 0; i < rows->count; i++) {
        shown_row row = show(prompt, view, &rows->items[i]);
        row.text_cells = SP_LABEL_ANY_CELLS;
        add_sentence(out, &row, view->standalone, view->marginal);
    }
    add_left_out(out, prompt);
    if (view->lists_straddlers)
        sp_emit_straddlers(out, prompt, view->straddlers, view->straddler_count, NULL);
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

static sp_str level_of(const shown_row *r)
{
    static const char *const levels[] = {
        [SP_TREE_PROMPT] = "prompt", [SP_TREE_FILE] = "file",   [SP_TREE_HEADING] = "heading",
        [SP_TREE_KIND] = "kind",     [SP_TREE_BLOCK] = "block", [SP_TREE_LINE] = "line",
    };
    return r->node ? sp_str_of(levels[r->node->level]) : r->row->kind == SP_ROW_OWN ? SP_STR("text") : SP_STR("others");
}

static void add_depth(sp_buf *out, const shown_row *r)
{
    sp_buf_format(out, "%" PRIu32, r->row->depth);
}

static void add_level(sp_buf *out, const shown_row *r)
{
    sp_buf_add(out, level_of(r));
}

static void add_path(sp_buf *out, const shown_row *r)
{
    if (r->node && r->node->source != SP_NONE)
        sp_buf_add(out, r->prompt->sources[r->node->source].path);
}

static void add_first_line(sp_buf *out, const shown_row *r)
{
    if (r->node && r->node->first_line)
        sp_buf_format(out, "%" PRIu32, r->node->first_line);
}

static void add_last_line(sp_buf *out, const shown_row *r)
{
    if (r->node && r->node->last_line)
        sp_buf_format(out, "%" PRIu32, r->node->last_line);
}

static void add_bytes(sp_buf *out, const shown_row *r)
{
    sp_buf_format(out, "%zu", r->row->bytes);
}

static void add_count(sp_buf *out, const shown_row *r)
{
    sp_buf_format(out, "%zu", r->row->tokens);
}

static void add_plain_standalone(sp_buf *out, const shown_row *r)
{
    if (r->cost)
        sp_buf_format(out, "%zu", r->cost->standalone);
}

static void add_plain_marginal(sp_buf *out, const shown_row *r)
{
    if (r->cost)
        sp_buf_format(out, "%" PRId64, r->cost->marginal);
}

/* What a spreadsheet takes for a formula, also in full width, gets an apostrophe: names come from files that anybody
 * may have written. https://owasp.org/www-community/attacks/CSV_Injection */
static bool is_formula(sp_str text)
{
    static const char *const marks[] = {
        "=", "+", "-", "@", "\t", "\r", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"
    };
    for (size_t i = 0; i < SP_COUNT_OF(marks); i++)
        if (sp_str_starts(text, sp_str_of(marks[i])))
            return true;
    return false;
}

/* A semicolon or a tab separates fields in some countries. */
static bool needs_quotes(sp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(",;\t\"\r\n", text.ptr[i]))
            return true;
    return is_formula(text);
}

static void add_field(sp_buf *out, sp_str text)
{
    if (!needs_quotes(text)) {
        sp_table_exact(out, text);
        return;
    }
    sp_buf escaped = { 0 };
    sp_table_exact(&escaped, text);
    sp_buf_add(out, is_formula(text) ? SP_STR("\"'") : SP_STR("\""));
    for (size_t i = 0; i < escaped.len; i++) {
        if (escaped.ptr[i] == '"')
            sp_buf_add_char(out, '"');
        sp_buf_add_char(out, escaped.ptr[i]);
    }
    sp_buf_add_char(out, '"');
    out->failed = out->failed || escaped.failed;
    sp_buf_release(&escaped);
}

static bool is_field_asked(const sp_tree_view *view, const tree_column *field)
{
    return (view->standalone || field->add != add_plain_standalone) &&
           (view->marginal || field->add != add_plain_marginal);
}

static void emit_csv(sp_buf *out, const sp_prompt *prompt, const sp_tree_view *view, const sp_tree_rows *rows,
                     const sp_style *style)
{
    static const tree_column fields[] = {
        { { "depth", true }, add_depth },
        { { "level", false }, add_level },
        { { "name", false }, add_label },
        { { "path", false }, add_path },
        { { "first_line", true }, add_first_line },
        { { "last_line", true }, add_last_line },
        { { "bytes", true }, add_bytes },
        { { "tokens", true }, add_count },
        { { "standalone_tokens", true }, add_plain_standalone },
        { { "marginal_tokens", true }, add_plain_marginal },
    };
    sp_buf field = { 0 };
    (void)style;
    for (size_t f = 0; f < SP_COUNT_OF(fields); f++)
        if (is_field_asked(view, &fields[f]))
            sp_buf_format(out, "%s%s", f ? "," : "", fields[f].column.title);
    sp_buf_add(out, SP_STR("\n"));
    for (size_t i = 0; i < rows->count; i++) {
        shown_row row = show(prompt, view, &rows->items[i]);
        for (size_t f = 0; f < SP_COUNT_OF(fields); f++) {
            if (!is_field_asked(view, &fields[f]))
                continue;
            field.len = 0;
            fields[f].add(&field, &row);
            sp_buf_add(out, f ? SP_STR(",") : SP_STR(""));
            if (fields[f].column.is_right) /* a number, and -1 is no formula */
                sp_buf_add(out, sp_buf_str(&field));
            else
                add_field(out, sp_buf_str(&field));
        }
        sp_buf_add(out, SP_STR("\n"));
    }
    out->failed = out->failed || field.failed;
    sp_buf_release(&field);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void add_node_members(sp_json *json, const shown_row *r)
{
    const sp_node *node = r->node;
    const sp_source *source = node->source == SP_NONE ? NULL : &r->prompt->sources[node->source];
    sp_json_str(json, "name", node->name);
    if (source)
        sp_json_path(json, "path", source->path);
    else
        sp_json_null(json, "path");
    sp_part_lines(json, node->first_line, node->last_line);
    sp_json_str(json, "kind",
                node->level == SP_TREE_KIND || node->is_generated ? sp_name_of_segment(node->kind)
                                                                  : (sp_str){ NULL, 0 });
    bool is_block = source && node->level == SP_TREE_BLOCK && node->block != SP_NONE;
    sp_json_str(json, "block", is_block ? sp_name_of_block(source->blocks[node->block].kind) : (sp_str){ NULL, 0 });
    sp_json_bool(json, "generated", node->is_generated);
    sp_json_uint(json, "own_tokens", node->own_tokens);
}

static void add_json_number(sp_json *json, const char *key, const shown_row *r,
                            void (*add)(sp_buf *, const shown_row *))
{
    sp_buf number = { 0 };
    add(&number, r);
    if (number.len)
        sp_json_number(json, key, sp_buf_str(&number));
    else
        sp_json_null(json, key);
    json->out->failed = json->out->failed || number.failed;
    sp_buf_release(&number);
}

static void add_json_row(sp_json *json, const sp_tree_view *view, const shown_row *r)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_str(json, "level", level_of(r));
    sp_json_uint(json, "depth", r->row->depth);
    if (r->row->parent == SP_NONE)
        sp_json_null(json, "parent");
    else
        sp_json_uint(json, "parent", r->row->parent);
    sp_json_uint(json, "bytes", r->row->bytes);
    sp_json_uint(json, "tokens", r->row->tokens);
    if (r->node)
        add_node_members(json, r);
    if (r->node && view->standalone)
        add_json_number(json, "standalone_tokens", r, add_plain_standalone);
    if (r->node && view->marginal)
        add_json_number(json, "marginal_tokens", r, add_plain_marginal);
    if (r->row->kind == SP_ROW_OTHERS)
        sp_json_uint(json, "count", r->row->count);
    sp_json_end(json);
}

static void emit_json(sp_buf *out, const sp_prompt *prompt, const sp_tree_view *view, const sp_tree_rows *rows,
                      const sp_style *style)
{
    sp_json json = { .out = out };
    (void)style;
    sp_json_begin(&json, NULL, '{');
    sp_part_explain(&json, prompt);
    sp_json_begin(&json, "tree", '[');
    for (size_t i = 0; i < rows->count; i++) {
        shown_row row = show(prompt, view, &rows->items[i]);
        add_json_row(&json, view, &row);
    }
    sp_json_end(&json);
    if (view->lists_straddlers)
        sp_part_straddlers(&json, prompt, view->straddlers, view->straddler_count);
    sp_json_end(&json);
}

/* ---- which of them ------------------------------------------------------------------------------------------------
 */

sp_status sp_tree_render(const sp_prompt *prompt, const sp_tree_view *view, sp_tree_format format,
                         const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { 0 };
    static const struct {
        void (*emit)(sp_buf *, const sp_prompt *, const sp_tree_view *, const sp_tree_rows *, const sp_style *);
        bool is_short;
    } formats[] = {
        [SP_TREE_TABLE] = { emit_table, true },
        [SP_TREE_PLAIN] = { emit_plain, true },
        [SP_TREE_CSV] = { emit_csv, false },
        [SP_TREE_JSON] = { emit_json, false },
    };
    sp_buf out = { 0 };
    sp_tree_rows rows = { 0 };
    if ((size_t)format >= SP_COUNT_OF(formats))
        return sp_err_set(err, SP_ERR_USAGE, "trees have no format %d", (int)format);
    if (!sp_tree_rows_make(view->tree, view, formats[format].is_short, &rows))
        return sp_err_memory(err);
    formats[format].emit(&out, prompt, view, &rows, style ? style : &plain);
    sp_tree_rows_release(&rows);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
