/* calibration.c - how far an estimate is off, as lines for people and as sysprompt.calibrate/1. */
#include "base/json.h"
#include "base/types.h"
#include "report/format.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

static void add_asked(sp_buf *out, const sp_calibration *c)
{
    sp_buf_format(out, "counted by the provider: %zu", c->asked_count);
    if (c->asked_count == 0) {
        sp_buf_add(out, SP_STR(", as every text has its tokens\n"));
        return;
    }
    sp_buf_format(out, " (api-count %s", c->counted_from);
    if (strcmp(c->counted_from, c->counted_until) != 0)
        sp_buf_format(out, " to %s", c->counted_until);
    sp_buf_add(out, SP_STR(", "));
    sp_table_text(out, sp_str_of(c->model));
    sp_buf_add(out, SP_STR(")\n"));
}

static void add_text(sp_buf *out, const sp_calibration *c)
{
    sp_buf_format(out,
                  "%zu text%s, estimated by %s\n"
                  "error: median %.2f %%, 95th percentile %.2f %%, worst %+.2f %% (line %llu), mean %+.2f %%\n"
                  "within the range: %zu (%.1f %%)\n",
                  c->text_count, c->text_count == 1 ? "" : "s", sp_encoding_name(c->encoding), c->median_percent,
                  c->p95_percent, c->worst_percent, (unsigned long long)c->worst_line, c->mean_percent, c->within_count,
                  (double)c->within_count * 100 / (double)c->text_count);
    if (c->asks_provider)
        add_asked(out, c);
}

static void add_percent(sp_json *json, const char *key, double percent)
{
    char number[64];
    int len = snprintf(number, sizeof number, "%.2f", percent);
    sp_json_number(json, key, (sp_str){ number, (size_t)len });
}

static void add_json(sp_buf *out, const sp_calibration *c)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.calibrate/1"));
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(c->encoding)));
    sp_json_uint(&json, "texts", c->text_count);
    add_percent(&json, "median_percent", c->median_percent);
    add_percent(&json, "p95_percent", c->p95_percent);
    add_percent(&json, "worst_percent", c->worst_percent);
    sp_json_uint(&json, "worst_line", c->worst_line);
    add_percent(&json, "mean_percent", c->mean_percent);
    sp_json_uint(&json, "within_range", c->within_count);
    if (c->asks_provider) {
        sp_json_uint(&json, "counted", c->asked_count);
        sp_json_str(&json, "counted_by", SP_STR("api-count"));
    }
    if (c->asked_count > 0) {
        sp_json_str(&json, "model", sp_str_of(c->model));
        sp_json_begin_line(&json, "counted_on", '[');
        sp_json_str(&json, NULL, sp_str_of(c->counted_from));
        sp_json_str(&json, NULL, sp_str_of(c->counted_until));
        sp_json_end(&json);
    }
    sp_json_end(&json);
}

sp_status sp_calibration_render(const sp_calibration *calibration, sp_format format, char **ret_bytes, size_t *ret_len,
                                sp_err *err)
{
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "a calibration has no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        add_json(&out, calibration);
    else
        add_text(&out, calibration);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
