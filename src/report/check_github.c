/*
 * check_github.c - annotations for GitHub's workflows, and a job summary.
 *
 * GitHub shows ten annotations of each kind and step, and drops the rest without a word: so the worst ten go out, and a
 * line says how many there are besides. A summary of more than 1 MiB is dropped as a whole.
 */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "check/result.h"
#include "report/check.h"
#include "report/encodings.h"
#include "report/markdown.h"
#include "report/reports.h"
#include "report/table.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

enum {
    MAX_OF_A_KIND = 10,
    MAX_SUMMARY_BYTES = 1000 * 1000, /* a little less than GitHub takes */
};

static const char *const kinds[] = { [SP_NOTE] = "notice", [SP_WARNING] = "warning", [SP_FINDING] = "error" };

/* ---- annotations ------------------------------------------------------------------------------------- */

static const char *escape_of(char c, bool is_property)
{
    switch (c) {
    case '%':
        return "%25";
    case '\r':
        return "%0D";
    case '\n':
        return "%0A";
    case ':':
        return is_property ? "%3A" : NULL;
    case ',':
        return is_property ? "%2C" : NULL;
    default:
        return NULL;
    }
}

static void add_escaped(sp_buf *out, sp_str text, bool is_property)
{
    size_t plain = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = escape_of(text.ptr[i], is_property);
        if (!escape)
            continue;
        sp_table_exact(out, sp_str_slice(text, plain, i));
        sp_buf_add(out, sp_str_of(escape));
        plain = i + 1;
    }
    sp_table_exact(out, sp_str_slice(text, plain, text.len));
}

static void add_annotation(sp_buf *out, const sp_diagnostic *finding)
{
    sp_buf_format(out, "::%s file=", kinds[finding->level]);
    add_escaped(out, finding->path, true);
    if (finding->line)
        sp_buf_format(out, ",line=%u,col=%u", finding->line, finding->column);
    sp_buf_add(out, SP_STR(",title="));
    add_escaped(out, sp_rule_name(finding->rule), true);
    sp_buf_add(out, SP_STR("::"));
    add_escaped(out, finding->message, false);
    sp_buf_add_char(out, '\n');
}

static void add_rest(sp_buf *out, const size_t counts[3])
{
    bool is_first = true;
    for (int level = SP_FINDING; level >= SP_NOTE; level--) {
        if (counts[level] <= MAX_OF_A_KIND)
            continue;
        size_t more = counts[level] - MAX_OF_A_KIND;
        sp_buf_format(out, "%s%zu more %s%s", is_first ? "not annotated: " : ", ", more, kinds[level],
                      more == 1 ? "" : "s");
        is_first = false;
    }
    sp_buf_add(out, is_first ? SP_STR("") : SP_STR("\n"));
}

void sp_emit_check_github(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    size_t counts[3] = { 0 };
    for (size_t i = 0; i < check->finding_count; i++)
        if (counts[check->findings[i].level]++ < MAX_OF_A_KIND)
            add_annotation(out, &check->findings[i]);
    add_rest(out, counts);
}

/* ---- summary ------------------------------------------------------------------------------------------- */

static void add_number_cell(sp_buf *out, size_t tokens)
{
    char number[32];
    sp_markdown_cell(out, tokens == SP_NO_TOKENS ? SP_STR("-") : sp_number_text(number, tokens));
}

static void add_measure_row(sp_buf *out, const sp_measure *measure)
{
    char tokens[SP_TOKENS_ROOM];
    sp_buf_add_char(out, '|');
    sp_markdown_cell(out, measure->budget);
    sp_markdown_cell(out, measure->item);
    sp_markdown_cell(out, sp_str_of(sp_tokens_text(tokens, measure->exact, measure->tokens, measure->range)));
    add_number_cell(out, measure->limit_tokens);
    add_number_cell(out, measure->baseline_tokens);
    sp_markdown_cell(out, measure->failed_rule ? sp_rule_name(measure->failed_rule) : SP_STR("fits"));
    sp_buf_add_char(out, '\n');
}

static void add_finding_row(sp_buf *out, const sp_diagnostic *finding)
{
    sp_buf place = { 0 };
    sp_buf_add(&place, finding->path);
    if (finding->line)
        sp_buf_format(&place, ":%u", finding->line);
    sp_buf_add_char(out, '|');
    sp_markdown_cell(out, sp_str_of(finding->level == SP_NOTE ? "note" : kinds[finding->level]));
    sp_markdown_cell(out, sp_buf_str(&place));
    sp_markdown_cell(out, finding->message);
    sp_markdown_cell(out, sp_rule_name(finding->rule));
    sp_buf_add_char(out, '\n');
    out->failed = out->failed || place.failed;
    sp_buf_release(&place);
}

/* Drops the last row when it does not fit any more. */
static bool fits(sp_buf *out, size_t before)
{
    if (out->failed || out->len <= MAX_SUMMARY_BYTES)
        return true;
    out->len = before;
    return false;
}

static void add_measure_table(sp_buf *out, const sp_check *check)
{
    size_t shown = 0;
    if (check->measure_count == 0)
        return;
    sp_buf_add(
        out,
        SP_STR("\n| budget | item | tokens | limit | baseline | result |\n| --- | --- | ---: | ---: | ---: | --- |\n"));
    for (; shown < check->measure_count; shown++) {
        size_t before = out->len;
        add_measure_row(out, &check->measures[shown]);
        if (!fits(out, before))
            break;
    }
    if (shown < check->measure_count)
        sp_buf_format(out, "\nand %zu more\n", check->measure_count - shown);
}

static void add_finding_table(sp_buf *out, const sp_check *check)
{
    size_t shown = 0;
    if (check->finding_count == 0)
        return;
    sp_buf_add(out, SP_STR("\n| level | place | message | rule |\n| --- | --- | --- | --- |\n"));
    for (; shown < check->finding_count; shown++) {
        size_t before = out->len;
        add_finding_row(out, &check->findings[shown]);
        if (!fits(out, before))
            break;
    }
    if (shown < check->finding_count)
        sp_buf_format(out, "\nand %zu more\n", check->finding_count - shown);
}

static void add_others(sp_buf *out, const sp_check *check)
{
    sp_buf others = { 0 };
    size_t before = out->len;
    sp_check_others(&others, check, sp_markdown_text);
    sp_buf_add(out, others.len ? SP_STR("\n") : SP_STR(""));
    sp_buf_add(out, sp_buf_str(&others));
    out->failed = out->failed || others.failed;
    sp_buf_release(&others);
    fits(out, before);
}

/* "1 file, " */
static void add_count(sp_buf *out, size_t count, const char *noun, const char *after)
{
    sp_buf_format(out, "%zu %s%s%s", count, noun, count == 1 ? "" : "s", after);
}

void sp_emit_check_summary(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    sp_buf_add(out, SP_STR("### sysprompt: "));
    add_count(out, check->level_counts[SP_FINDING], "error", ", ");
    add_count(out, check->level_counts[SP_WARNING], "warning", ", ");
    add_count(out, check->level_counts[SP_NOTE], "note", "\n\n");
    add_count(out, check->files.count, "file", ", ");
    add_count(out, check->agent_count, "agent", ", ");
    sp_buf_format(out, "%s, %s\n", sp_profile_name(check->profile), sp_encoding_name(check->encoding));
    if (check->encoding_note.ptr)
        sp_buf_add(out, SP_STR("\n"));
    sp_part_encoding_note(out, check->encoding_note);
    add_finding_table(out, check);
    add_measure_table(out, check);
    add_others(out, check);
}
