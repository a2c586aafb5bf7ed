/* counts.c - tokens of files, like wc and as sysprompt.count/1. */
#include "base/json.h"
#include "report/emit.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

/* Of counts by the provider it has the oldest day. */
static sp_file_count total_of(const sp_file_count *files, size_t count)
{
    sp_file_count total = { .tokens = 0 };
    for (size_t i = 0; i < count; i++) {
        total.tokens += files[i].tokens;
        total.range.low += files[i].range.low;
        total.range.high += files[i].range.high;
        bool is_older = strcmp(files[i].api.counted_on, total.api.counted_on) < 0;
        if (files[i].api.tokens && (is_older || total.api.tokens == 0))
            total.api = files[i].api;
    }
    return total;
}

enum { COUNT_SIZE = 96 };

/* "12340", or for an estimate "~12,340 (11,900..12,800)", or "12340 (api-count 2026-11-21)". */
static int write_count(char buffer[COUNT_SIZE], const sp_encoding *encoding, const sp_file_count *count)
{
    char tokens[32], low[32], high[32];
    if (count->api.tokens)
        return snprintf(buffer, COUNT_SIZE, "%zu (api-count %s)", count->tokens, count->api.counted_on);
    if (sp_encoding_is_exact(encoding))
        return snprintf(buffer, COUNT_SIZE, "%zu", count->tokens);
    return snprintf(buffer, COUNT_SIZE, "~%.*s (%.*s..%.*s)", SP_STR_ARG(sp_number_text(tokens, count->tokens)),
                    SP_STR_ARG(sp_number_text(low, count->range.low)),
                    SP_STR_ARG(sp_number_text(high, count->range.high)));
}

void sp_emit_counts(sp_buf *out, const sp_encoding *encoding, const sp_file_count *files, size_t count, sp_total when)
{
    char number[COUNT_SIZE];
    sp_file_count total = total_of(files, count);
    int width = write_count(number, encoding, &total);
    for (size_t i = 0; i < count && when != SP_TOTAL_ONLY; i++) {
        if (files[i].is_unread)
            continue;
        write_count(number, encoding, &files[i]);
        sp_buf_format(out, "%*s ", width, number);
        sp_table_name(out, files[i].path);
        sp_buf_add_char(out, '\n');
    }
    write_count(number, encoding, &total);
    if (when == SP_TOTAL_ONLY)
        sp_buf_format(out, "%s\n", number);
    else if (when == SP_TOTAL_ALWAYS || (when == SP_TOTAL_AUTO && count != 1))
        sp_buf_format(out, "%*s total\n", width, number);
}

static void add_tokens(sp_json *json, const sp_encoding *encoding, const sp_file_count *count)
{
    sp_json_uint(json, "tokens", count->tokens);
    if (count->api.tokens)
        sp_json_str(json, "counted_on", sp_str_of(count->api.counted_on));
    else
        sp_part_range(json, sp_encoding_is_exact(encoding), count->range);
}

void sp_emit_counts_json(sp_buf *out, const sp_encoding *encoding, const sp_file_count *files, size_t count)
{
    sp_json json = { .out = out };
    sp_file_count total = total_of(files, count);
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.count/1"));
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(encoding)));
    sp_json_bool(&json, "exact", sp_encoding_is_exact(encoding));
    if (total.api.tokens) {
        sp_json_str(&json, "counted_by", SP_STR("api-count"));
        sp_json_str(&json, "model", sp_str_of(total.api.model));
    }
    sp_json_begin(&json, "files", '[');
    for (size_t i = 0; i < count; i++) {
        if (files[i].is_unread)
            continue;
        sp_json_begin_line(&json, NULL, '{');
        sp_json_path(&json, "path", files[i].path);
        sp_json_uint(&json, "bytes", files[i].bytes);
        add_tokens(&json, encoding, &files[i]);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    add_tokens(&json, encoding, &total);
    sp_json_end(&json);
}
