/*
 * diff.c - a comparison as tables: for people, or in Markdown for a pull request.
 *
 * Only what changed has a row, the largest change first; what is too much for the rows, and files that are the same,
 * stand together in one, so that the rows of files always sum to the whole.
 */
#include "report/diff.h"

#include "base/types.h"
#include "diff/result.h"
#include "report/encodings.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    COLUMNS = 7,
    SUBJECT_BYTES = 60,
};

typedef struct printer {
    sp_buf *out;
    const sp_style *style;
    bool is_markdown;
    bool is_blamed;
    bool is_of_texts;
    size_t max_rows;
    sp_table table;
    const sp_diff_prompt *prompt;
} printer;

/* A line: tokens before and after, and what they are of. */
typedef struct line {
    size_t before;
    size_t after;
    sp_str part;
    sp_str what;
    const sp_blame *blame;
} line;

/* ---- lines ------------------------------------------------------------------------------------------ */

static const sp_column columns[COLUMNS] = {
    { "tokens", true }, { "%", true }, { "was", true },         { "now", true },
    { "part", false },  { "", false }, { "most of it", false },
};

static size_t column_count(const printer *p)
{
    return p->is_blamed ? COLUMNS : COLUMNS - 1;
}

static void begin_table(printer *p)
{
    p->table = (sp_table){ .out = p->out, .columns = columns, .column_count = column_count(p), .style = p->style };
    if (!p->is_markdown)
        return;
    sp_buf_add(p->out, SP_STR("\n|"));
    for (size_t i = 0; i < column_count(p); i++)
        sp_buf_format(p->out, " %s |", columns[i].title);
    sp_buf_add(p->out, SP_STR("\n|"));
    for (size_t i = 0; i < column_count(p); i++)
        sp_buf_format(p->out, " %s |", columns[i].is_right ? "---:" : "---");
    sp_buf_add_char(p->out, '\n');
}

static void add_cells(printer *p, const sp_str *cells)
{
    if (!p->is_markdown) {
        sp_table_row(&p->table, cells);
        return;
    }
    sp_buf_add_char(p->out, '|');
    for (size_t i = 0; i < column_count(p); i++)
        sp_markdown_cell(p->out, cells[i]);
    sp_buf_add_char(p->out, '\n');
}

static void end_table(printer *p)
{
    if (!p->is_markdown)
        sp_table_end_apart(&p->table);
}

static sp_str signed_tokens(const printer *p, char buffer[40], size_t before, size_t after)
{
    return before == after ? SP_STR("0") : sp_table_signed(buffer, p->prompt->exact, before, after);
}

static sp_str short_subject(sp_str subject)
{
    size_t end = subject.len;
    if (end > SUBJECT_BYTES)
        for (end = SUBJECT_BYTES; end > 0 && !sp_utf8_begins(subject.ptr[end]);)
            end--;
    return sp_str_slice(subject, 0, end);
}

static void describe_blame(const printer *p, const sp_blame *blame, sp_buf *out)
{
    char number[40];
    if (!blame)
        return;
    sp_str added = signed_tokens(p, number, 0, blame->added_tokens);
    sp_buf_format(out, "%.*s ", SP_STR_ARG(added));
    if (!blame->id.ptr) {
        sp_buf_add(out, SP_STR("not committed yet"));
        return;
    }
    sp_str subject = short_subject(blame->subject);
    sp_buf_format(out, "%.*s %.*s %.*s%s", SP_STR_ARG(blame->short_id), SP_STR_ARG(blame->date), SP_STR_ARG(subject),
                  subject.len < blame->subject.len ? "..." : "");
}

static void add_line(printer *p, const line *l)
{
    char delta[40], percent[48], was[32], now[32];
    sp_buf blame = { 0 };
    sp_str share = { NULL, 0 };
    if (l->before != l->after && l->after > 0) /* what is gone says so */
        share = sp_diff_percent(percent, l->before, l->after);
    if (share.ptr)
        percent[share.len++] = '%';
    describe_blame(p, l->blame, &blame);
    add_cells(p, (sp_str[COLUMNS]){ signed_tokens(p, delta, l->before, l->after), share,
                                    sp_estimate_text(was, p->prompt->exact, l->before),
                                    sp_estimate_text(now, p->prompt->exact, l->after), l->part, l->what,
                                    sp_buf_str(&blame) });
    p->out->failed = p->out->failed || blame.failed;
    sp_buf_release(&blame);
}

/* ---- what a line is about --------------------------------------------------------------------------- */

static void add_headings(sp_buf *out, sp_str_list headings)
{
    if (headings.count == 0)
        sp_buf_add(out, SP_STR("(before the first heading)"));
    for (size_t i = 0; i < headings.count; i++) {
        sp_buf_add(out, i ? SP_STR(" > ") : SP_STR(""));
        sp_buf_add(out, headings.items[i]);
    }
}

static sp_str name_of_file(sp_str path)
{
    return path.ptr ? path : SP_STR("(sysprompt)");
}

/* Where it was, or went: the file only if it is another one, the headings only where they have another end. */
static void describe_row(const sp_diff_file *file, const sp_diff_row *row, sp_buf *out)
{
    static const char *const words[] = {
        [SP_CHANGE_NONE] = "",     [SP_CHANGE_EDITED] = "",    [SP_CHANGE_NEW] = "new",
        [SP_CHANGE_GONE] = "gone", [SP_CHANGE_MOVED] = "from", [SP_CHANGE_LEFT] = "moved to"
    };
    sp_str here = row->change == SP_CHANGE_MOVED && file->old_path.ptr ? file->old_path : name_of_file(file->path);
    bool has_other = row->change == SP_CHANGE_MOVED || row->change == SP_CHANGE_LEFT;
    sp_buf_add(out, row->change == SP_CHANGE_MOVED ? SP_STR("moved ") : SP_STR(""));
    sp_buf_add(out, sp_str_of(words[row->change]));
    if (row->change == SP_CHANGE_EDITED && row->old_tokens == row->new_tokens)
        sp_buf_add(out, SP_STR("edited"));
    if (!has_other)
        return;
    if (!sp_str_eq(here, name_of_file(row->other_path)))
        sp_buf_format(out, " %.*s:", SP_STR_ARG(name_of_file(row->other_path)));
    sp_buf_add_char(out, ' ');
    add_headings(out, row->other_headings);
}

static void describe_file(const sp_diff_file *file, sp_buf *out)
{
    if (file->change == SP_CHANGE_MOVED)
        sp_buf_format(out, "moved from %.*s", SP_STR_ARG(file->old_path));
    else if (file->change == SP_CHANGE_EDITED)
        sp_buf_add(out, file->old_tokens == file->new_tokens ? SP_STR("edited") : SP_STR(""));
    else
        sp_buf_add(out, sp_name_of_change(file->change));
}

/* ---- which lines ------------------------------------------------------------------------------------ */

typedef struct ranked {
    size_t index;
    size_t change;
    bool is_told; /* by the row above; behind all that is not */
} ranked;

static int by_change(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;
    if (x->is_told != y->is_told)
        return x->is_told ? 1 : -1;
    if (x->change != y->change)
        return x->change < y->change ? 1 : -1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static size_t distance(size_t before, size_t after)
{
    return after > before ? after - before : before - after;
}

static size_t shown_of(const printer *p, size_t count)
{
    return p->max_rows && p->max_rows < count ? p->max_rows : count;
}

static void add_row(printer *p, const sp_diff_file *file, const sp_diff_row *row)
{
    sp_buf part = { 0 };
    sp_buf what = { 0 };
    sp_buf_add(&part, p->is_markdown ? SP_STR("- ") : SP_STR("  "));
    add_headings(&part, row->headings);
    describe_row(file, row, &what);
    add_line(p, &(line){ row->old_tokens, row->new_tokens, sp_buf_str(&part), sp_buf_str(&what), row->blame });
    p->out->failed = p->out->failed || part.failed || what.failed;
    sp_buf_release(&part);
    sp_buf_release(&what);
}

/* Why tokens of equal text differ. */
static sp_str name_of_residue(const printer *p, const line *sum)
{
    if (sum->before == sum->after)
        return SP_STR("");
    return p->prompt->exact ? SP_STR("token boundaries") : SP_STR("rounding");
}

/* Many lines in one; also is what else is in it. */
static void add_sum_with(printer *p, const line *sum, size_t count, const char *indent, const char *what,
                         const char *also)
{
    sp_buf part = { 0 };
    if (count == 0)
        return;
    sp_buf_format(&part, "%s[%zu %s%s%s]", indent, count, what, count == 1 ? "" : "s", also);
    add_line(p, &(line){ .before = sum->before, .after = sum->after, .part = sp_buf_str(&part), .what = sum->what });
    p->out->failed = p->out->failed || part.failed;
    sp_buf_release(&part);
}

static void add_sum(printer *p, const line *sum, size_t count, const char *indent, const char *what)
{
    add_sum_with(p, sum, count, indent, what, "");
}

/* A file whose text has one row has no other line than its own. */
static bool is_one_row(const sp_diff_file *file)
{
    return file->row_count == 1 && file->rows[0].headings.count == 0 && file->rows[0].change != SP_CHANGE_MOVED &&
           file->rows[0].change != SP_CHANGE_LEFT;
}

/* That all of a new file is new needs no saying, unless somebody asks where it comes from. */
static bool is_told_by_file(const printer *p, const sp_diff_file *file, const sp_diff_row *row)
{
    return !p->is_blamed && row->change == file->change &&
           (row->change == SP_CHANGE_NEW || row->change == SP_CHANGE_GONE);
}

/* How many of the rows have a line. A line for one other row would say less than the row does. */
static size_t shown_rows_of(const printer *p, size_t count, size_t told)
{
    size_t shown = count > told ? shown_of(p, count - told) : 0;
    return shown && shown + 1 == count ? count : shown;
}

static void add_rows(printer *p, const sp_diff_file *file)
{
    ranked *rows = malloc((file->row_count + 1) * sizeof *rows);
    size_t count = 0;
    size_t told = 0;
    size_t same = 0;
    line others = { .before = 0 };
    line unchanged = { .before = 0 };
    p->out->failed = p->out->failed || !rows;
    for (size_t i = 0; rows && i < file->row_count; i++) {
        const sp_diff_row *row = &file->rows[i];
        bool is_told = is_told_by_file(p, file, row);
        if (row->change == SP_CHANGE_NONE) {
            same++;
            unchanged.before += row->old_tokens;
            unchanged.after += row->new_tokens;
            continue;
        }
        rows[count++] = (ranked){ i, distance(row->old_tokens, row->new_tokens), is_told };
        told += is_told;
    }
    if (count)
        qsort(rows, count, sizeof *rows, by_change);
    size_t shown = shown_rows_of(p, count, told);
    for (size_t i = 0; i < count; i++) {
        const sp_diff_row *row = &file->rows[rows[i].index];
        if (i < shown) {
            add_row(p, file, row);
            continue;
        }
        others.before += row->old_tokens;
        others.after += row->new_tokens;
    }
    add_sum(p, &others, shown ? count - shown : 0, p->is_markdown ? "- " : "  ", "other");
    unchanged.what = name_of_residue(p, &unchanged);
    if (unchanged.what.len)
        add_sum(p, &unchanged, same, p->is_markdown ? "- " : "  ", "unchanged part");
    free(rows);
}

static void add_file(printer *p, const sp_diff_file *file)
{
    sp_buf what = { 0 };
    describe_file(file, &what);
    add_line(p, &(line){ file->old_tokens, file->new_tokens, name_of_file(file->path), sp_buf_str(&what),
                         is_one_row(file) ? file->rows[0].blame : NULL });
    p->out->failed = p->out->failed || what.failed;
    sp_buf_release(&what);
    if (!is_one_row(file))
        add_rows(p, file);
}

static void add_files(printer *p)
{
    const sp_diff_prompt *prompt = p->prompt;
    ranked *files = malloc((prompt->file_count + 1) * sizeof *files);
    size_t count = 0;
    size_t same = 0;
    bool is_wording_same = false;
    line unchanged = { .before = 0 };
    line others = { .before = 0 };
    p->out->failed = p->out->failed || !files;
    for (size_t i = 0; files && i < prompt->file_count; i++) {
        const sp_diff_file *file = &prompt->files[i];
        if (file->change != SP_CHANGE_NONE) {
            files[count++] = (ranked){ i, distance(file->old_tokens, file->new_tokens), false };
            continue;
        }
        is_wording_same |= !file->path.ptr; /* which is not a file */
        same += file->path.ptr != NULL;
        unchanged.before += file->old_tokens;
        unchanged.after += file->new_tokens;
    }
    if (count)
        qsort(files, count, sizeof *files, by_change);
    for (size_t i = 0; i < count; i++) {
        const sp_diff_file *file = &prompt->files[files[i].index];
        if (i < shown_of(p, count)) {
            add_file(p, file);
            continue;
        }
        others.before += file->old_tokens;
        others.after += file->new_tokens;
    }
    add_sum(p, &others, count - shown_of(p, count), "", "other");
    unchanged.what = name_of_residue(p, &unchanged);
    if (same)
        add_sum_with(p, &unchanged, same, "", "unchanged file", is_wording_same ? " and (sysprompt)" : "");
    else if (is_wording_same)
        add_line(p, &(line){ unchanged.before, unchanged.after, name_of_file((sp_str){ 0 }), unchanged.what, NULL });
    free(files);
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static void add_base(printer *p, const char *side, const sp_base *base)
{
    void (*const add)(sp_buf *, sp_str) = p->is_markdown ? sp_markdown_text : sp_table_text;
    sp_buf_format(p->out, p->is_markdown ? "- %s: " : "%s: ", side);
    if (base->kind == SP_BASE_WORKING_TREE)
        sp_buf_add(p->out, SP_STR("the working tree"));
    else
        add(p->out, base->name);
    if (base->id.ptr) {
        sp_buf_format(p->out, " (%.*s %.*s ", SP_STR_ARG(base->short_id), SP_STR_ARG(base->date));
        add(p->out, base->subject);
        sp_buf_add_char(p->out, ')');
    }
    sp_buf_add_char(p->out, '\n');
}

static void add_lack_note(printer *p, const sp_base *base)
{
    if (!base->lacks_text)
        return;
    sp_buf_add_char(p->out, '\n');
    (p->is_markdown ? sp_markdown_text : sp_table_text)(p->out, base->name);
    sp_buf_add(p->out, SP_STR(" does not say which text is whose, so what has as many tokens as before passes for "
                              "unchanged; build --format=json saves it.\n"));
}

static void add_title(printer *p)
{
    const sp_diff_prompt *prompt = p->prompt;
    char was[32], now[32], delta[40], percent[40];
    sp_buf_add(p->out, p->is_markdown ? SP_STR("\n### ") : SP_STR("\n"));
    if (prompt->agent.ptr) {
        sp_buf_add(p->out, SP_STR("agent "));
        (p->is_markdown ? sp_markdown_text : sp_table_text)(p->out, prompt->agent);
        sp_buf_add(p->out, SP_STR(": "));
    } else if (!p->is_of_texts) {
        sp_buf_add(p->out, SP_STR("main session: "));
    }
    sp_buf_add(p->out, sp_estimate_text(was, prompt->exact, prompt->old_tokens));
    sp_buf_add_range(p->out, prompt->exact, prompt->old_range);
    sp_buf_add(p->out, SP_STR(" to "));
    sp_buf_add(p->out, sp_estimate_text(now, prompt->exact, prompt->new_tokens));
    sp_buf_add_range(p->out, prompt->exact, prompt->new_range);
    sp_buf_format(p->out, " tokens (%s), ", sp_encoding_name(prompt->encoding));
    sp_str total = signed_tokens(p, delta, prompt->old_tokens, prompt->new_tokens);
    if (p->is_markdown)
        sp_markdown_text(p->out, total);
    else
        sp_table_paint(p->out, p->style, SP_PAINT_BOLD, total);
    sp_str share = sp_diff_percent(percent, prompt->old_tokens, prompt->new_tokens);
    if (share.ptr && prompt->old_tokens != prompt->new_tokens)
        sp_buf_format(p->out, " (%.*s%%)", SP_STR_ARG(share));
    if (prompt->change == SP_CHANGE_NEW || prompt->change == SP_CHANGE_GONE)
        sp_buf_format(p->out, ", %s", prompt->change == SP_CHANGE_NEW ? "a new agent" : "the agent is gone");
    sp_buf_add_char(p->out, '\n');
}

static void add_prompt(printer *p)
{
    add_title(p);
    if (p->prompt->change == SP_CHANGE_NONE && p->prompt->old_tokens == p->prompt->new_tokens) {
        sp_buf_add(p->out, SP_STR("\nNothing in it changed.\n"));
        return;
    }
    begin_table(p);
    add_files(p);
    end_table(p);
}

static void add_blame_note(printer *p, const sp_diff *diff)
{
    if (!diff->is_blamed)
        return;
    if (diff->commit_count == 0) {
        sp_buf_add(p->out, SP_STR("\nNo commit lies between the two.\n"));
        return;
    }
    sp_buf_format(p->out, "\n%zu of %zu commit%s change%s files that the prompt depends on", diff->built_count,
                  diff->looked_at_count, diff->looked_at_count == 1 ? "" : "s", diff->built_count == 1 ? "s" : "");
    if (diff->failed_count) {
        sp_buf_format(p->out, "; %zu could not be built, and the next commit has the tokens added there (%.*s: ",
                      diff->failed_count, SP_STR_ARG(diff->failed_id));
        (p->is_markdown ? sp_markdown_text : sp_table_text)(p->out, diff->failed_why);
        sp_buf_add(p->out, SP_STR(")"));
    }
    sp_buf_add_char(p->out, '.');
    if (diff->looked_at_count < diff->commit_count)
        sp_buf_format(p->out, " Older commits were not examined: there are %zu in all.", diff->commit_count);
    sp_buf_add_char(p->out, '\n');
}

static void add_others(printer *p, const sp_diff *diff)
{
    sp_other_encodings others = { .add_text = p->is_markdown ? sp_markdown_text : sp_table_text };
    for (size_t i = 0; i < diff->prompt_count; i++)
        if (diff->prompts[i].agent.ptr)
            sp_other_encodings_add(&others, diff->prompts[i].agent, diff->prompts[i].model_encoding);
    sp_buf_add(p->out, others.count ? SP_STR("\n") : SP_STR(""));
    sp_other_encodings_end(&others, p->out, SP_OTHERS_OF_MODEL("Agents"),
                           "sysprompt diff --agent=NAME counts with it.");
}

static void emit_tables(sp_buf *out, const sp_diff *diff, const sp_diff_options *options, const sp_style *style,
                        bool is_markdown)
{
    printer p = { .out = out, .style = style, .is_markdown = is_markdown, .is_blamed = diff->is_blamed };
    p.is_of_texts = diff->old_base.kind == SP_BASE_FILE;
    p.max_rows = options ? options->max_rows : 0;
    add_base(&p, "old", &diff->old_base);
    add_base(&p, "new", &diff->new_base);
    add_lack_note(&p, &diff->old_base);
    add_lack_note(&p, &diff->new_base);
    sp_buf_add(out, diff->encoding_note.ptr ? SP_STR("\n") : SP_STR(""));
    sp_part_encoding_note(out, diff->encoding_note);
    for (size_t i = 0; i < diff->prompt_count; i++) {
        p.prompt = &diff->prompts[i];
        add_prompt(&p);
    }
    add_blame_note(&p, diff);
    add_others(&p, diff);
}

sp_status sp_diff_render(const sp_diff *diff, sp_format format, const sp_diff_options *options, const sp_style *style,
                         char **ret_bytes, size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { 0 };
    sp_buf out = { 0 };
    if (format == SP_FORMAT_JSON)
        sp_emit_diff_json(&out, diff);
    else if (format == SP_FORMAT_TEXT || format == SP_FORMAT_MARKDOWN)
        emit_tables(&out, diff, options, style ? style : &plain, format == SP_FORMAT_MARKDOWN);
    else
        return sp_err_set(err, SP_ERR_USAGE, "a comparison has no format %d", (int)format);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
