/* check_text.c - for people: findings as compilers print them, the table of budgets, a line of totals. */
#include "emit/check.h"
#include "emit/table.h"

#include <stdlib.h>

static void add_finding(sp_buf *out, const sp_diagnostic *finding, const sp_style *style)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_diagnostic_render(finding, style->color, style, &bytes, &len, &err) != SP_OK) {
        out->failed = true;
        return;
    }
    sp_buf_add(out, (sp_str){ bytes, len });
    free(bytes);
}

static sp_str number_or_dash(char buffer[32], size_t tokens)
{
    return tokens == SP_NO_TOKENS ? SP_STR("-") : sp_table_number(buffer, tokens);
}

/* How far an item is on its way to the limit. */
static sp_str share(char buffer[32], const sp_measure *measure)
{
    if (measure->limit_tokens == SP_NO_TOKENS || measure->limit_tokens == 0)
        return SP_STR("-");
    sp_str whole = sp_table_number(buffer, (uint64_t)((double)measure->tokens * 100 / (double)measure->limit_tokens));
    buffer[whole.len] = '%';
    return (sp_str){ buffer, whole.len + 1 };
}

enum { MAX_FITTING = 10 }; /* rows of items that fit: what does not is always there */

static void add_measures(sp_buf *out, const sp_check *check, const sp_style *style)
{
    static const sp_column columns[] = { { "budget", false }, { "item", false }, { "tokens", true },
                                         { "limit", true },   { "used", true },  { "baseline", true },
                                         { "result", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    size_t fitting = 0;
    for (size_t i = 0; i < check->measure_count; i++) {
        const sp_measure *measure = &check->measures[i];
        char tokens[32], limit[32], used[32], baseline[32];
        if (!measure->failed_rule.ptr && ++fitting > MAX_FITTING)
            continue;
        sp_table_row(&table, (sp_str[]){ measure->budget, measure->item, sp_table_number(tokens, measure->tokens),
                                         number_or_dash(limit, measure->limit_tokens), share(used, measure),
                                         number_or_dash(baseline, measure->baseline_tokens),
                                         measure->failed_rule.ptr ? measure->failed_rule : SP_STR("fits") });
    }
    if (table.row_count == 0)
        return;
    sp_buf_add(out, check->finding_count ? SP_STR("\n") : SP_STR(""));
    sp_table_end(&table);
    if (fitting > MAX_FITTING)
        sp_buf_format(out, "and %zu more that fit\n", fitting - MAX_FITTING);
}

static void add_count(sp_buf *out, size_t count, const char *what)
{
    sp_buf_format(out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void add_totals(sp_buf *out, const sp_check *check)
{
    sp_buf_add(out, check->finding_count || check->measure_count ? SP_STR("\n") : SP_STR(""));
    add_count(out, check->level_counts[SP_FINDING], "error");
    sp_buf_add(out, SP_STR(", "));
    add_count(out, check->level_counts[SP_WARNING], "warning");
    sp_buf_add(out, SP_STR(", "));
    add_count(out, check->level_counts[SP_NOTE], "note");
    if (check->ignored_count)
        sp_buf_format(out, " (and %zu ignored)", check->ignored_count);
    sp_buf_add(out, SP_STR(" in "));
    add_count(out, check->files.count, "file");
    sp_buf_add(out, SP_STR(", "));
    add_count(out, check->agent_count, "agent");
    sp_buf_format(out, " (%s)\n", sp_profile_name(check->profile));
}

void sp_emit_check_text(sp_buf *out, const sp_check *check, const sp_style *style)
{
    for (size_t i = 0; i < check->finding_count; i++)
        add_finding(out, &check->findings[i], style);
    add_measures(out, check, style);
    add_totals(out, check);
}
