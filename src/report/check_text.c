/* check_text.c - for people: findings as compilers print them, the table of budgets, a line of totals. */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "check/result.h"
#include "report/check.h"
#include "report/encodings.h"
#include "report/reports.h"
#include "report/table.h"
#include "sources/client.h"

#include <stdlib.h>

static void add_finding(sp_buf *out, const sp_diagnostic *finding, const sp_style *style)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_diagnostic_render(finding, sp_rule_name(finding->rule), style->color, style, &bytes, &len, &err) != SP_OK) {
        out->failed = true;
        return;
    }
    sp_buf_add(out, (sp_str){ bytes, len });
    free(bytes);
}

static sp_str number_or_dash(char buffer[32], size_t tokens)
{
    return tokens == SP_NO_TOKENS ? SP_STR("-") : sp_number_text(buffer, tokens);
}

/* How far an item is on its way to the limit. */
static sp_str share(char buffer[32], const sp_measure *measure)
{
    if (measure->limit_tokens == SP_NO_TOKENS || measure->limit_tokens == 0)
        return SP_STR("-");
    sp_str whole =
        sp_number_text(buffer, (uint64_t)((double)measure->bound_tokens * 100 / (double)measure->limit_tokens));
    buffer[whole.len] = '%';
    return (sp_str){ buffer, whole.len + 1 };
}

static double fullness(const sp_measure *measure)
{
    return measure->limit_tokens == SP_NO_TOKENS || measure->limit_tokens == 0
               ? 0
               : (double)measure->bound_tokens / (double)measure->limit_tokens;
}

/* What does not fit first, then the fullest; what is equal stays in the configuration's order. */
static int compare(const void *a, const void *b)
{
    const sp_measure *x = *(const sp_measure *const *)a, *y = *(const sp_measure *const *)b;
    if (!x->failed_rule != !y->failed_rule)
        return x->failed_rule ? -1 : 1;
    if (fullness(x) != fullness(y))
        return fullness(x) > fullness(y) ? -1 : 1;
    return (x > y) - (x < y);
}

static sp_str result_of(const sp_measure *measure)
{
    if (measure->failed_rule)
        return sp_rule_name(measure->failed_rule);
    bool has_limit = measure->limit_tokens != SP_NO_TOKENS || measure->growth_tokens != SP_NO_TOKENS;
    return has_limit ? SP_STR("fits") : SP_STR("no limit");
}

static void add_row(sp_table *table, const sp_measure *measure)
{
    char tokens[SP_TOKENS_ROOM];
    char limit[32];
    char used[32];
    char baseline[32];
    sp_table_row(table, (sp_str[]){ measure->budget, measure->item,
                                    sp_str_of(sp_tokens_text(tokens, measure->exact, measure->tokens, measure->range)),
                                    number_or_dash(limit, measure->limit_tokens), share(used, measure),
                                    number_or_dash(baseline, measure->baseline_tokens), result_of(measure) });
}

enum { MAX_FITTING = 10 }; /* rows of items that fit: what does not is always there */

/* All of them are the provider's counts, or none is. */
static void add_unit(sp_buf *out, const sp_check *check)
{
    sp_str day = { NULL, 0 };
    for (size_t i = 0; i < check->measure_count; i++)
        if (check->measures[i].counted_on.ptr && (!day.ptr || sp_str_cmp(check->measures[i].counted_on, day) < 0))
            day = check->measures[i].counted_on;
    if (day.ptr) {
        sp_buf_format(out, "Tokens as the provider counts them, each as a request of its own (api-count %.*s).\n",
                      SP_STR_ARG(day));
        return;
    }
    sp_buf_format(out, "Budgets, in tokens (%s):\n", sp_encoding_name(check->encoding));
    sp_part_encoding_note(out, check->encoding_note);
}

static void add_measures(sp_buf *out, const sp_check *check, const sp_style *style)
{
    static const sp_column columns[] = { { "budget", false }, { "item", false }, { "tokens", true },
                                         { "limit", true },   { "used", true },  { "baseline", true },
                                         { "result", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    const sp_measure **sorted = calloc(check->measure_count + 1, sizeof(const sp_measure *));
    size_t fitting = 0;
    out->failed = out->failed || !sorted;
    if (!sorted || check->measure_count == 0) {
        free(sorted);
        return;
    }
    for (size_t i = 0; i < check->measure_count; i++)
        sorted[i] = &check->measures[i];
    qsort(sorted, check->measure_count, sizeof(const sp_measure *), compare);
    for (size_t i = 0; i < check->measure_count; i++)
        if (sorted[i]->failed_rule || ++fitting <= MAX_FITTING)
            add_row(&table, sorted[i]);
    free(sorted);
    sp_buf_add(out, check->finding_count ? SP_STR("\n") : SP_STR(""));
    add_unit(out, check);
    sp_table_end(&table);
    if (fitting > MAX_FITTING)
        sp_buf_format(out, "and %zu more that fit\n", fitting - MAX_FITTING);
    sp_check_others(out, check, sp_table_text);
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
    if (check->lock_count) {
        sp_buf_add(out, SP_STR(", "));
        add_count(out, check->lock_count, "lock");
    }
    sp_buf_format(out, " (%s)\n", sp_profile_name(check->profile));
}

void sp_emit_check_text(sp_buf *out, const sp_check *check, const sp_style *style)
{
    for (size_t i = 0; i < check->finding_count; i++)
        add_finding(out, &check->findings[i], style);
    add_measures(out, check, style);
    add_totals(out, check);
}
