/* diff_json.c - sysprompt.diff/1. */
#include "base/json.h"
#include "base/types.h"
#include "diff/result.h"
#include "report/diff.h"
#include "report/encodings.h"
#include "report/parts.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

sp_str sp_name_of_change(sp_change change)
{
    static const char *const names[] = {
        [SP_CHANGE_NONE] = "none", [SP_CHANGE_EDITED] = "edited", [SP_CHANGE_NEW] = "new",
        [SP_CHANGE_GONE] = "gone", [SP_CHANGE_MOVED] = "moved",   [SP_CHANGE_LEFT] = "left",
    };
    return sp_str_of(names[change]);
}

sp_str sp_name_of_base(sp_base_kind kind)
{
    static const char *const names[] = {
        [SP_BASE_WORKING_TREE] = "working tree",
        [SP_BASE_REVISION] = "revision",
        [SP_BASE_FOLDER] = "folder",
        [SP_BASE_FILE] = "file",
        [SP_BASE_RESULT] = "result",
        [SP_BASE_CAPTURE] = "capture",
    };
    return sp_str_of(names[kind]);
}

/* In tenths, rounded half away from 0. */
sp_str sp_diff_percent(char buffer[40], size_t before, size_t after)
{
    if (before == 0)
        return (sp_str){ NULL, 0 };
    uint64_t difference = after >= before ? after - before : before - after;
    uint64_t tenths = (difference * 2000 + before) / ((uint64_t)before * 2);
    int length = snprintf(buffer, 40, "%c%llu.%llu", after >= before ? '+' : '-', (unsigned long long)(tenths / 10),
                          (unsigned long long)(tenths % 10));
    return (sp_str){ buffer, (size_t)length };
}

static void add_base(sp_json *json, const char *key, const sp_base *base)
{
    sp_json_begin_line(json, key, '{');
    sp_json_str(json, "kind", sp_name_of_base(base->kind));
    if (base->kind == SP_BASE_REVISION || base->kind == SP_BASE_WORKING_TREE)
        sp_json_str(json, "name", base->name);
    else
        sp_json_path(json, "name", base->name);
    sp_json_str(json, "commit", base->id);
    sp_json_str(json, "short", base->short_id);
    sp_json_str(json, "date", base->date);
    sp_json_str(json, "subject", base->subject);
    sp_json_bool(json, "has_text", !base->lacks_text);
    sp_json_end(json);
}

static void add_tokens(sp_json *json, size_t before, size_t after)
{
    char delta[40];
    char percent[40];
    snprintf(delta, sizeof delta, "%s%zu", after < before ? "-" : "", after < before ? before - after : after - before);
    sp_str share = sp_diff_percent(percent, before, after);
    sp_json_uint(json, "old_tokens", before);
    sp_json_uint(json, "new_tokens", after);
    sp_json_number(json, "delta", sp_str_of(delta));
    if (share.ptr) /* JSON knows no + */
        sp_json_number(json, "percent", share.ptr[0] == '+' ? sp_str_slice(share, 1, share.len) : share);
    else
        sp_json_null(json, "percent");
}

static void add_other(sp_json *json, const sp_diff_row *row)
{
    if (row->change != SP_CHANGE_MOVED && row->change != SP_CHANGE_LEFT)
        return;
    sp_json_begin_line(json, row->change == SP_CHANGE_MOVED ? "moved_from" : "moved_to", '{');
    sp_json_path(json, "path", row->other_path);
    sp_part_strings(json, "headings", true, row->other_headings);
    sp_json_end(json);
}

static void add_commit(sp_json *json, const sp_blame *blame)
{
    if (!blame)
        return;
    sp_json_begin_line(json, "added_by", '{');
    sp_json_str(json, "commit", blame->id);
    sp_json_str(json, "short", blame->short_id);
    sp_json_str(json, "date", blame->date);
    sp_json_str(json, "subject", blame->subject);
    sp_json_uint(json, "tokens", blame->added_tokens);
    sp_json_end(json);
}

static void add_row(sp_json *json, const sp_diff_row *row)
{
    sp_json_begin_line(json, NULL, '{');
    sp_part_strings(json, "headings", true, row->headings);
    sp_json_str(json, "change", sp_name_of_change(row->change));
    add_tokens(json, row->old_tokens, row->new_tokens);
    add_other(json, row);
    add_commit(json, row->blame);
    sp_json_end(json);
}

static void add_file(sp_json *json, const sp_diff_file *file)
{
    sp_json_begin(json, NULL, '{');
    sp_json_path(json, "path", file->path);
    sp_json_str(json, "change", sp_name_of_change(file->change));
    if (file->old_path.ptr)
        sp_json_path(json, "old_path", file->old_path);
    add_tokens(json, file->old_tokens, file->new_tokens);
    sp_json_begin(json, "rows", '[');
    for (size_t i = 0; i < file->row_count; i++)
        add_row(json, &file->rows[i]);
    sp_json_end(json);
    sp_json_end(json);
}

static void add_ranges(sp_json *json, const sp_diff_prompt *prompt)
{
    if (prompt->exact)
        return;
    sp_json_uint(json, "old_low", prompt->old_range.low);
    sp_json_uint(json, "old_high", prompt->old_range.high);
    sp_json_uint(json, "new_low", prompt->new_range.low);
    sp_json_uint(json, "new_high", prompt->new_range.high);
}

static void add_prompt(sp_json *json, const sp_diff_prompt *prompt)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "agent", prompt->agent);
    sp_json_str(json, "change", sp_name_of_change(prompt->change));
    sp_part_encoding(json, prompt->encoding, prompt->exact, (sp_str){ NULL, 0 });
    sp_part_model_encoding(json, prompt->model_encoding);
    add_tokens(json, prompt->old_tokens, prompt->new_tokens);
    add_ranges(json, prompt);
    sp_json_begin(json, "files", '[');
    for (size_t i = 0; i < prompt->file_count; i++)
        add_file(json, &prompt->files[i]);
    sp_json_end(json);
    sp_json_end(json);
}

void sp_emit_diff_json(sp_buf *out, const sp_diff *diff)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.diff/1"));
    add_base(&json, "old", &diff->old_base);
    add_base(&json, "new", &diff->new_base);
    if (diff->is_blamed) {
        sp_json_begin_line(&json, "blame", '{');
        sp_json_uint(&json, "commits", diff->commit_count);
        sp_json_uint(&json, "looked_at", diff->looked_at_count);
        sp_json_uint(&json, "built", diff->built_count);
        sp_json_uint(&json, "failed", diff->failed_count);
        sp_json_end(&json);
    }
    if (diff->encoding_note.ptr)
        sp_json_str(&json, "encoding_note", diff->encoding_note);
    sp_json_begin(&json, "prompts", '[');
    for (size_t i = 0; i < diff->prompt_count; i++)
        add_prompt(&json, &diff->prompts[i]);
    sp_json_end(&json);
    sp_json_end(&json);
}
