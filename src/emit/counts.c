/* counts.c - tokens of files, like wc and as sysprompt.count/1. */
#include "base/json.h"
#include "emit/emit.h"
#include "emit/table.h"

static size_t total_of(const sp_file_count *files, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += files[i].tokens;
    return total;
}

static int digits(size_t number)
{
    int count = 1;
    for (; number >= 10; number /= 10)
        count++;
    return count;
}

void sp_emit_counts(sp_buf *out, const sp_file_count *files, size_t count, sp_total when)
{
    size_t total = total_of(files, count);
    int width = digits(total);
    for (size_t i = 0; i < count && when != SP_TOTAL_ONLY; i++) {
        if (files[i].is_unread)
            continue;
        sp_buf_format(out, "%*zu ", width, files[i].tokens);
        sp_table_text(out, files[i].path);
        sp_buf_add_char(out, '\n');
    }
    if (when == SP_TOTAL_ONLY)
        sp_buf_format(out, "%zu\n", total);
    else if (when == SP_TOTAL_ALWAYS || (when == SP_TOTAL_AUTO && count != 1))
        sp_buf_format(out, "%*zu total\n", width, total);
}

void sp_emit_counts_json(sp_buf *out, const sp_encoding *encoding, const sp_file_count *files, size_t count)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.count/1"));
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(encoding)));
    sp_json_bool(&json, "exact", true);
    sp_json_begin(&json, "files", '[');
    for (size_t i = 0; i < count; i++) {
        if (files[i].is_unread)
            continue;
        sp_json_begin_line(&json, NULL, '{');
        sp_json_path(&json, "path", files[i].path);
        sp_json_uint(&json, "bytes", files[i].bytes);
        sp_json_uint(&json, "tokens", files[i].tokens);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_uint(&json, "tokens", total_of(files, count));
    sp_json_end(&json);
}
