/* capture.c - a recorded request: tables for people, sysprompt.capture-report/1 for scripts. */
#include "report/capture.h"

#include "base/json.h"
#include "base/numbers.h"
#include "base/types.h"
#include "capture/result.h"
#include "capture/verify.h"
#include "model/prompt.h"
#include "report/capture_parts.h"
#include "report/encodings.h"
#include "report/format.h"
#include "report/parts.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>

enum { LARGEST = 3 };

/* ---- the table ------------------------------------------------------------------------------------------ */

static void add_name(sp_buf *out, const sp_captured_part *part)
{
    bool is_server = sp_str_eq(part->name, SP_STR("MCP server"));
    bool is_of_tools = is_server || (part->is_client && sp_str_eq(part->name, SP_STR("tools")));
    bool is_file = !part->is_client && !part->is_question && !is_server;
    sp_buf_add(out, part->name);
    if (part->detail.ptr)
        sp_buf_format(out, " %.*s", SP_STR_ARG(part->detail));
    if (is_of_tools || is_file)
        sp_buf_format(out, " (%zu %s%s)", part->count, is_of_tools ? "tool" : "file", part->count == 1 ? "" : "s");
}

static void add_group_row(sp_table *table, const sp_prompt *prompt, const sp_captured_part *part)
{
    char tokens[32];
    char share[16];
    char bytes[32];
    sp_buf name = { 0 };
    add_name(&name, part);
    table->out->failed = table->out->failed || name.failed;
    sp_table_row(table,
                 (sp_str[]){ sp_estimate_text(tokens, prompt->exact, part->tokens),
                             sp_table_share(share, part->tokens, prompt->tokens), sp_number_text(bytes, part->bytes),
                             sp_buf_str(&name), part->is_client ? SP_STR("client") : SP_STR("yours") });
    sp_buf_release(&name);
}

static void add_groups(sp_buf *out, const sp_captured *captured, const sp_captured_parts *groups, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "share", true }, { "bytes", true }, { "part", false }, { "whose", false }
    };
    const sp_prompt *prompt = captured->prompt;
    char tokens[32];
    char share[16];
    char bytes[32];
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < groups->count; i++)
        add_group_row(&table, prompt, &groups->items[i]);
    sp_table_row(&table, (sp_str[]){ sp_estimate_text(tokens, prompt->exact, prompt->tokens),
                                     sp_table_share(share, prompt->tokens, prompt->tokens),
                                     sp_number_text(bytes, captured->sums.bytes), SP_STR("total"), SP_STR("") });
    sp_table_end(&table);
}

/* What a model of OpenAI counts of it, which is not the sum above: its tools are not sent as they are written. */
static void add_input(sp_buf *out, const sp_request_tokens *request)
{
    char tokens[SP_TOKENS_ROOM];
    if (!request->is_known)
        return;
    bool is_exact = request->range.low == request->range.high;
    sp_buf_format(out, "As input of %s, by the formula that OpenAI documents: %s tokens, %s of them around messages",
                  request->model, sp_tokens_text(tokens, is_exact, request->tokens, request->range),
                  SP_NUMBER(request->frame_tokens));
    if (request->definition_count)
        sp_buf_format(out, ", %s of %zu function%s", SP_NUMBER(request->definition_tokens), request->definition_count,
                      request->definition_count == 1 ? "" : "s");
    for (size_t i = 0; i < request->not_estimated_count; i++)
        sp_buf_format(out, "%s%s", i ? ", " : "; not counted: ", request->not_estimated[i]);
    sp_buf_add(out, SP_STR("\n"));
}

static void add_head(sp_buf *out, const sp_captured *captured, const sp_style *style)
{
    const sp_prompt *prompt = captured->prompt;
    const sp_recorded *recorded = captured->recorded;
    char number[32];
    char share[16];
    sp_buf_format(out, "request %zu of %zu (%.*s", captured->request_number, captured->request_count,
                  SP_STR_ARG(sp_protocol_name(recorded->protocol)));
    if (recorded->model.ptr) {
        sp_buf_add(out, SP_STR(", "));
        sp_table_text(out, recorded->model);
    }
    sp_buf_add(out, SP_STR("): "));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, prompt->exact, prompt->tokens));
    sp_buf_add_range(out, prompt->exact, prompt->range);
    sp_buf_format(out, " tokens (%s)", sp_encoding_name(prompt->encoding));
    if (prompt->window_tokens) {
        sp_buf_add(out, SP_STR(", "));
        sp_buf_add(out, sp_table_share(share, prompt->tokens, prompt->window_tokens));
        sp_buf_format(out, " of a window of %s", SP_NUMBER(prompt->window_tokens));
    }
    sp_buf_add(out, SP_STR("\n"));
    sp_part_encoding_note(out, prompt->encoding_note);
    sp_buf_format(out, "%s bytes: %s from files", SP_NUMBER(captured->sums.bytes),
                  SP_NUMBER(captured->sums.file_bytes));
    if (captured->sums.ambiguous_bytes)
        sp_buf_format(out, " (%s of them from one of several places)", SP_NUMBER(captured->sums.ambiguous_bytes));
    sp_buf_format(out, ", %s that no file explains\n", SP_NUMBER(captured->sums.client_bytes));
    add_input(out, &prompt->request);
    if (captured->sender.ended.ptr) {
        sp_buf_add(out, SP_STR("The client "));
        sp_table_text(out, captured->sender.ended);
        sp_buf_add(out, SP_STR(": it may have wanted to send more.\n"));
    }
    sp_buf_add(out, SP_STR("\n"));
}

static void add_largest(sp_buf *out, const sp_captured *captured, const sp_captured_parts *groups,
                        const sp_captured_parts *yours, const sp_style *style)
{
    static const sp_column columns[] = { { "tokens", true },
                                         { "share", true },
                                         { "largest that you can change", false } };
    const sp_prompt *prompt = captured->prompt;
    size_t fixed = 0;
    char tokens[32];
    char share[16];
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < yours->count && i < LARGEST; i++) {
        bool is_server = sp_str_eq(yours->items[i].name, SP_STR("MCP server"));
        sp_str name = is_server ? (sp_str){ NULL, 0 } : yours->items[i].detail;
        sp_buf server = { 0 };
        if (!name.ptr)
            add_name(&server, &yours->items[i]);
        table.out->failed = table.out->failed || server.failed;
        sp_table_row(&table, (sp_str[]){ sp_estimate_text(tokens, prompt->exact, yours->items[i].tokens),
                                         sp_table_share(share, yours->items[i].tokens, prompt->tokens),
                                         name.ptr ? name : sp_buf_str(&server) });
        sp_buf_release(&server);
    }
    sp_table_end_apart(&table);
    for (size_t i = 0; i < groups->count; i++)
        fixed += groups->items[i].is_client ? groups->items[i].tokens : 0;
    sp_buf_add(out, SP_STR("\nThe client's own text and tools, which you cannot change: "));
    sp_buf_add(out, sp_estimate_text(tokens, prompt->exact, fixed));
    sp_buf_format(out, " tokens (%.*s).\n", SP_STR_ARG(sp_table_share(share, fixed, prompt->tokens)));
}

/* ---- tools ---------------------------------------------------------------------------------------------- */

static int compare_tools(const void *x, const void *y)
{
    const sp_captured_tool *a = x;
    const sp_captured_tool *b = y;
    if (a->tokens != b->tokens)
        return a->tokens < b->tokens ? 1 : -1;
    return sp_str_cmp(a->name, b->name);
}

static bool sort_tools(sp_arena *arena, const sp_captured *captured, sp_captured_tool **ret)
{
    *ret = SP_ARENA_ARRAY(arena, sp_captured_tool, captured->tool_count + 1);
    if (!*ret)
        return false;
    memcpy(*ret, captured->tools, captured->tool_count * sizeof **ret);
    qsort(*ret, captured->tool_count, sizeof **ret, compare_tools);
    return true;
}

static void add_tools(sp_buf *out, const sp_captured *captured, const sp_captured_tool *tools, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "bytes", true }, { "schema", true }, { "tool", false }, { "MCP server", false }
    };
    char tokens[32];
    char bytes[32];
    char schema[32];
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < captured->tool_count; i++)
        sp_table_row(&table, (sp_str[]){ sp_estimate_text(tokens, captured->prompt->exact, tools[i].tokens),
                                         sp_number_text(bytes, tools[i].size_bytes),
                                         sp_number_text(schema, tools[i].schema_bytes), tools[i].name,
                                         tools[i].server.ptr ? tools[i].server : SP_STR("") });
    sp_table_end_apart(&table);
}

/* ---- beside the prediction ------------------------------------------------------------------------------- */

static void add_verified(sp_buf *out, const sp_captured *captured, const sp_style *style)
{
    static const sp_column columns[] = {
        { "verdict", false }, { "file", false }, { "rule", false }, { "predicted", true }, { "observed", true }
    };
    char predicted[32];
    char observed[32];
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < captured->verified_count; i++) {
        const sp_verified *row = &captured->verified[i];
        sp_table_row(&table, (sp_str[]){ sp_verdict_name(row->verdict), captured->prompt->sources[row->source].path,
                                         sp_rule_name(row->rule), sp_number_text(predicted, row->predicted_bytes),
                                         sp_number_text(observed, row->observed_bytes) });
    }
    sp_table_end_apart(&table);
    sp_buf_format(out, "\n%zu file%s compared with the prediction of %s: %zu differ%s.\n", captured->verified_count,
                  captured->verified_count == 1 ? "" : "s", sp_profile_name(captured->prompt->profile),
                  captured->drift_count, captured->drift_count == 1 ? "s" : "");
}

/* What was compared byte for byte: places and sizes, as the texts are the client's. */
static void add_compared(sp_buf *out, const sp_captured *captured)
{
    if (captured->text_count == 0)
        return;
    sp_buf_format(out, "%zu text%s with files compared byte for byte, in learned wording: %zu differ%s.\n",
                  captured->text_count, captured->text_count == 1 ? "" : "s", captured->differing_texts,
                  captured->differing_texts == 1 ? "s" : "");
}

static bool add_text(sp_buf *out, const sp_captured *captured, bool verifies, bool lists_tools, const sp_style *style,
                     sp_arena *arena)
{
    sp_captured_parts groups;
    sp_captured_parts yours;
    sp_captured_tool *tools;
    if (!sp_captured_groups(arena, captured, &groups) || !sp_captured_changeable(arena, captured, &yours) ||
        !sort_tools(arena, captured, &tools))
        return false;
    add_head(out, captured, style);
    add_groups(out, captured, &groups, style);
    add_largest(out, captured, &groups, &yours, style);
    if (lists_tools)
        add_tools(out, captured, tools, style);
    if (verifies)
        add_verified(out, captured, style);
    if (verifies)
        add_compared(out, captured);
    return true;
}

/* ---- several clients -------------------------------------------------------------------------------------- */

bool sp_captured_share(sp_arena *arena, const sp_captured *captured, sp_capture_share *ret)
{
    sp_captured_parts groups, yours;
    const sp_prompt *prompt = captured->prompt;
    if (!sp_captured_groups(arena, captured, &groups) || !sp_captured_changeable(arena, captured, &yours))
        return false;
    ret->tokens = prompt->tokens;
    ret->window_tokens = prompt->window_tokens;
    ret->tool_count = captured->tool_count;
    for (size_t i = 0; i < groups.count; i++)
        ret->own_tokens += groups.items[i].is_client ? 0 : groups.items[i].tokens;
    for (uint32_t i = 0; i < prompt->source_count; i++)
        ret->file_count += prompt->sources[i].is_loaded && !sp_source_is_client(&prompt->sources[i]);
    if (yours.count == 0)
        return true;
    bool is_server = sp_str_eq(yours.items[0].name, SP_STR("MCP server"));
    ret->largest = sp_str_format(arena, "%s%.*s", is_server ? "MCP server " : "", SP_STR_ARG(yours.items[0].detail));
    ret->largest_tokens = yours.items[0].tokens;
    return ret->largest.ptr != NULL;
}

void sp_capture_shares_add(sp_buf *out, const sp_capture_share *rows, size_t count, const sp_style *style)
{
    static const sp_column columns[] = { { "client", false }, { "of the window", true },
                                         { "yours", true },   { "client's", true },
                                         { "files", true },   { "tools", true },
                                         { "share", true },   { "largest that you can change", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < count; i++) {
        const sp_capture_share *row = &rows[i];
        char window[16], own[16], client[16], largest[16], files[32], tools[32];
        sp_table_row(
            &table,
            (sp_str[]){ row->client,
                        row->window_tokens ? sp_table_share(window, row->tokens, row->window_tokens) : SP_STR("-"),
                        sp_table_share(own, row->own_tokens, row->tokens),
                        sp_table_share(client, row->tokens - row->own_tokens, row->tokens),
                        sp_number_text(files, row->file_count), sp_number_text(tools, row->tool_count),
                        row->largest.ptr ? sp_table_share(largest, row->largest_tokens, row->tokens) : SP_STR("-"),
                        row->largest.ptr ? row->largest : SP_STR("") });
    }
    sp_table_end(&table);
}

/* ---- JSON -------------------------------------------------------------------------------------------------- */

static void add_parts_json(sp_json *json, const char *key, const sp_captured_parts *parts, size_t most)
{
    sp_json_begin(json, key, '[');
    for (size_t i = 0; i < parts->count && i < most; i++) {
        const sp_captured_part *part = &parts->items[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "part", part->name);
        sp_json_str(json, "name", part->detail);
        sp_json_str(json, "whose", part->is_client ? SP_STR("client") : SP_STR("user"));
        sp_json_uint(json, "count", part->count);
        sp_json_uint(json, "tokens", part->tokens);
        sp_json_uint(json, "bytes", part->bytes);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_request_json(sp_json *json, const sp_captured *captured)
{
    const sp_recorded *recorded = captured->recorded;
    sp_json_begin_line(json, "request", '{');
    sp_json_uint(json, "number", captured->request_number);
    sp_json_uint(json, "count", captured->request_count);
    sp_json_uint(json, "others", captured->other_count);
    sp_json_str(json, "client", captured->sender.client);
    sp_json_str(json, "version", captured->sender.version);
    sp_json_str(json, "ended", captured->sender.ended);
    sp_json_str(json, "protocol", sp_protocol_name(recorded->protocol));
    sp_json_str(json, "model", recorded->model);
    sp_json_bool(json, "stream", recorded->streams);
    sp_json_uint(json, "messages", recorded->message_count);
    sp_json_end(json);
}

static void add_segments_json(sp_json *json, const sp_captured *captured)
{
    const sp_prompt *prompt = captured->prompt;
    sp_json_begin(json, "segments", '[');
    for (size_t m = 0; m < prompt->message_count; m++) {
        const sp_message *message = &prompt->messages[m];
        size_t at = 0;
        for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
            const sp_segment *segment = &prompt->segments[i];
            const sp_source *source = &prompt->sources[segment->source];
            bool is_file = segment->kind != SP_SEGMENT_CLIENT && segment->kind != SP_SEGMENT_TOOL;
            sp_json_begin_line(json, NULL, '{');
            sp_json_uint(json, "message", m);
            sp_json_pair(json, "bytes", at, at + segment->text.len);
            sp_json_str(json, "role", sp_name_of_role(segment->role));
            sp_json_str(json, "kind", sp_name_of_segment(segment->kind));
            sp_json_path(json, "path", source->path);
            if (is_file)
                sp_json_pair(json, "lines", segment->first_line, segment->last_line);
            else
                sp_json_null(json, "lines");
            sp_json_uint(json, "tokens", segment->tokens);
            sp_json_bool(json, "ambiguous", segment->is_ambiguous);
            sp_json_end(json);
            at += segment->text.len;
        }
    }
    sp_json_end(json);
}

static void add_tools_json(sp_json *json, const sp_captured *captured, const sp_captured_tool *tools)
{
    sp_json_begin(json, "tools", '[');
    for (size_t i = 0; i < captured->tool_count; i++) {
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "name", tools[i].name);
        sp_json_str(json, "server", tools[i].server);
        sp_json_uint(json, "tokens", tools[i].tokens);
        sp_json_uint(json, "bytes", tools[i].size_bytes);
        sp_json_uint(json, "schema_bytes", tools[i].schema_bytes);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_unknown_json(sp_json *json, const sp_recorded *recorded)
{
    sp_json_begin(json, "unknown_fields", '[');
    for (size_t i = 0; i < recorded->unknown_count; i++) {
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "place", recorded->unknown[i].place);
        sp_json_uint(json, "bytes", recorded->unknown[i].size_bytes);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_verified_json(sp_json *json, const sp_captured *captured)
{
    sp_json_str(json, "profile", sp_str_of(sp_profile_name(captured->prompt->profile)));
    sp_json_uint(json, "drift", captured->drift_count);
    sp_json_begin(json, "files", '[');
    for (size_t i = 0; i < captured->verified_count; i++) {
        const sp_verified *row = &captured->verified[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "verdict", sp_verdict_name(row->verdict));
        sp_json_path(json, "path", captured->prompt->sources[row->source].path);
        sp_json_str(json, "rule", sp_rule_name(row->rule));
        sp_json_uint(json, "predicted_bytes", row->predicted_bytes);
        sp_json_uint(json, "observed_bytes", row->observed_bytes);
        sp_json_str(json, "message", row->message);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_compared_json(sp_json *json, const sp_captured *captured)
{
    if (captured->text_count == 0)
        return;
    sp_json_begin(json, "texts", '[');
    for (size_t i = 0; i < captured->text_count; i++) {
        const sp_compared_text *row = &captured->texts[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "place", row->place);
        sp_json_path(json, "file", row->file);
        sp_json_bool(json, "same", row->is_same);
        sp_json_uint(json, "offset", row->offset);
        sp_json_uint(json, "predicted_bytes", row->predicted_bytes);
        sp_json_uint(json, "observed_bytes", row->observed_bytes);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static bool add_json(sp_buf *out, const sp_captured *captured, sp_arena *arena)
{
    const sp_prompt *prompt = captured->prompt;
    sp_captured_parts groups;
    sp_captured_parts yours;
    sp_captured_tool *tools;
    sp_json json = { .out = out };
    if (!sp_captured_groups(arena, captured, &groups) || !sp_captured_changeable(arena, captured, &yours) ||
        !sort_tools(arena, captured, &tools))
        return false;
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.capture-report/1"));
    add_request_json(&json, captured);
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(prompt->encoding)));
    sp_json_bool(&json, "exact", prompt->exact);
    sp_json_uint(&json, "tokens", prompt->tokens);
    sp_part_range(&json, prompt->exact, prompt->range);
    sp_json_uint_or_null(&json, "window_tokens", prompt->window_tokens);
    sp_part_request(&json, "input", &prompt->request);
    sp_json_uint(&json, "bytes", captured->sums.bytes);
    sp_json_uint(&json, "file_bytes", captured->sums.file_bytes);
    sp_json_uint(&json, "ambiguous_bytes", captured->sums.ambiguous_bytes);
    sp_json_uint(&json, "client_bytes", captured->sums.client_bytes);
    add_parts_json(&json, "parts", &groups, SIZE_MAX);
    add_parts_json(&json, "largest", &yours, LARGEST);
    add_tools_json(&json, captured, tools);
    add_segments_json(&json, captured);
    add_verified_json(&json, captured);
    add_compared_json(&json, captured);
    add_unknown_json(&json, captured->recorded);
    sp_json_end(&json);
    return true;
}

sp_status sp_captured_render(const sp_captured *captured, bool verifies, bool lists_tools, sp_format format,
                             const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { 0 };
    sp_arena arena = { 0 };
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "a recorded request has no format %d", (int)format);
    bool is_made = format == SP_FORMAT_JSON
                       ? add_json(&out, captured, &arena)
                       : add_text(&out, captured, verifies, lists_tools, style ? style : &plain, &arena);
    out.failed = out.failed || !is_made;
    sp_arena_release(&arena);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
