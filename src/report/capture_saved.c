/*
 * capture_saved.c - a recorded request as one line of sysprompt.capture/1, to keep and to share.
 *
 * Each part is a list of runs: text of files, or the size of text that is not saved. Of that it is also saved whether
 * it begins and ends with a line feed: without these, lines of files would be parts of longer lines when it is read
 * again.
 */
#include "base/json.h"
#include "base/types.h"
#include "capture/requests.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "report/capture.h"
#include "rules/names.h"
#include "tokenizer/tokens.h"

static bool has_any(sp_str text, const char *const *marks)
{
    for (; *marks; marks++)
        if (sp_str_find(text, sp_str_of(*marks), 0) != SIZE_MAX)
            return true;
    return false;
}

/* What must not be shared although it is a file's: paths below a home directory, and what looks like a secret. */
static bool is_secret(sp_str text, sp_str_list homes)
{
    static const char *const marks[] = { "sk-",    "AIza",           "ghp_",           "github_pat_", "xoxb-",
                                         "AKIA",   "Bearer ",        "-----BEGIN",     "Cookie:",     "cookie:",
                                         "glpat-", "Authorization:", "authorization:", NULL };
    for (size_t i = 0; i < homes.count; i++)
        if (homes.items[i].len > 1 && sp_str_find(text, homes.items[i], 0) != SIZE_MAX)
            return true;
    return has_any(text, marks);
}

/* A name that the client or a server chose, such as a tool's: it may hold a key, too. */
static void add_name(sp_json *json, const char *key, sp_str name, sp_str_list homes)
{
    sp_json_str(json, key, name.ptr && is_secret(name, homes) ? SP_STR("(hidden)") : name);
}

static bool is_hidden(const sp_segment *segment, sp_str_list homes)
{
    return segment->kind == SP_SEGMENT_CLIENT || segment->kind == SP_SEGMENT_TOOL || is_secret(segment->text, homes);
}

/* Segments of one sort, from first on. Returns the first that is of the other. */
static size_t end_of_run(const sp_prompt *prompt, size_t first, size_t end, sp_str_list homes)
{
    size_t at = first + 1;
    bool is_run_hidden = is_hidden(&prompt->segments[first], homes);
    while (at < end && is_hidden(&prompt->segments[at], homes) == is_run_hidden)
        at++;
    return at;
}

static void add_run(sp_json *json, const sp_prompt *prompt, size_t first, size_t end, sp_str_list homes)
{
    const sp_segment *segments = prompt->segments;
    size_t bytes = 0;
    size_t tokens = 0;
    const char *text = segments[first].text.ptr;
    bool is_run_hidden = is_hidden(&segments[first], homes);
    for (size_t i = first; i < end; i++) {
        bytes += segments[i].text.len;
        tokens += segments[i].tokens;
    }
    sp_json_begin_line(json, NULL, '{');
    if (is_run_hidden)
        sp_json_uint(json, "bytes", bytes);
    else
        sp_json_str(json, "text", (sp_str){ text, bytes });
    sp_json_uint(json, "tokens", tokens);
    if (is_run_hidden && bytes > 0 && text[0] == '\n')
        sp_json_bool(json, "begins_with_line_feed", true);
    if (is_run_hidden && bytes > 1 && text[bytes - 1] == '\n')
        sp_json_bool(json, "ends_with_line_feed", true);
    sp_json_end(json);
}

/* Texts of the segments of a message are one after the other in memory. */
static void add_runs(sp_json *json, const sp_prompt *prompt, const sp_message *message, sp_str_list homes)
{
    size_t end = message->first_segment + message->segment_count;
    sp_json_begin(json, "runs", '[');
    for (size_t at = message->first_segment; at < end;) {
        size_t next = end_of_run(prompt, at, end, homes);
        add_run(json, prompt, at, next, homes);
        at = next;
    }
    sp_json_end(json);
}

/* Of the client's text in a message; ptr NULL: there is none. */
static sp_str subject_of(const sp_prompt *prompt, const sp_message *message)
{
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++)
        if (prompt->segments[i].kind == SP_SEGMENT_CLIENT)
            return prompt->sources[prompt->segments[i].source].reason;
    return (sp_str){ NULL, 0 };
}

static void add_parts(sp_json *json, const sp_captured *captured, sp_str_list homes, size_t *message)
{
    static const char *const kinds[] = {
        [SP_PART_TEXT] = "text", [SP_PART_RESULT] = "result", [SP_PART_CALL] = "call", [SP_PART_MEDIA] = "media"
    };
    const sp_recorded *recorded = captured->recorded;
    sp_json_begin(json, "parts", '[');
    for (size_t i = 0; i < recorded->part_count; i++) {
        const sp_recorded_part *part = &recorded->parts[i];
        if (part->text.len == 0)
            continue;
        sp_json_begin(json, NULL, '{');
        sp_json_str(json, "kind", sp_str_of(kinds[part->kind]));
        sp_json_str(json, "role", sp_name_of_role(part->role));
        add_name(json, "place", part->place, homes);
        if (part->message == SP_NONE)
            sp_json_null(json, "message");
        else
            sp_json_uint(json, "message", part->message);
        sp_json_str(json, "subject", subject_of(captured->prompt, &captured->prompt->messages[*message]));
        add_runs(json, captured->prompt, &captured->prompt->messages[(*message)++], homes);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_tools(sp_json *json, const sp_captured *captured, sp_str_list homes, size_t *message)
{
    const sp_recorded *recorded = captured->recorded;
    sp_json_begin(json, "tools", '[');
    for (size_t i = 0; i < recorded->tool_count; i++) {
        sp_json_begin(json, NULL, '{');
        add_name(json, "name", recorded->tools[i].name, homes);
        sp_json_uint(json, "schema_bytes", recorded->tools[i].schema.len);
        add_runs(json, captured->prompt, &captured->prompt->messages[(*message)++], homes);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_head(sp_json *json, const sp_captured *captured, sp_str_list homes)
{
    const sp_recorded *recorded = captured->recorded;
    sp_json_str(json, "schema", SP_STR("sysprompt.capture/1"));
    add_name(json, "client", captured->sender.client, homes);
    add_name(json, "version", captured->sender.version, homes);
    sp_json_str(json, "profile", captured->sender.profile);
    add_name(json, "agent", captured->sender.agent, homes);
    sp_json_bool(json, "as_session", captured->sender.as_session);
    sp_json_bool(json, "chosen", captured->sender.is_chosen);
    add_name(json, "ended", captured->sender.ended, homes);
    sp_json_str(json, "protocol", sp_protocol_name(recorded->protocol));
    add_name(json, "model", recorded->model, homes);
    sp_json_bool(json, "stream", recorded->streams);
    sp_json_uint(json, "messages", recorded->message_count);
}

/* The writer of JSON puts lines and indentation between values; a line of JSON Lines has none. No string of JSON holds
 * a line feed. Drops json: the first line becomes out itself, as it may be megabytes. */
static void add_on_one_line(sp_buf *out, sp_buf *json)
{
    size_t kept = 0;
    for (size_t i = 0; i < json->len; i++) {
        if (json->ptr[i] != '\n') {
            json->ptr[kept++] = json->ptr[i];
            continue;
        }
        while (i + 1 < json->len && json->ptr[i + 1] == ' ')
            i++;
    }
    json->len = kept;
    sp_buf_add_char(json, '\n');
    if (!out->ptr && !out->failed) {
        *out = *json;
        return;
    }
    sp_buf_add(out, sp_buf_str(json));
    out->failed = out->failed || json->failed;
    sp_buf_release(json);
}

void sp_captured_save(sp_buf *out, const sp_captured *captured, sp_str_list homes)
{
    sp_buf text = { 0 };
    sp_json json = { .out = &text };
    size_t message = 0;
    sp_json_begin(&json, NULL, '{');
    add_head(&json, captured, homes);
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(captured->prompt->encoding)));
    sp_json_uint(&json, "low", captured->prompt->range.low);
    sp_json_uint(&json, "high", captured->prompt->range.high);
    add_parts(&json, captured, homes, &message);
    add_tools(&json, captured, homes, &message);
    sp_json_begin(&json, "unknown_fields", '[');
    for (size_t i = 0; i < captured->recorded->unknown_count; i++) {
        sp_json_begin_line(&json, NULL, '{');
        add_name(&json, "place", captured->recorded->unknown[i].place, homes);
        sp_json_uint(&json, "bytes", captured->recorded->unknown[i].size_bytes);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_end(&json);
    add_on_one_line(out, &text);
}

void sp_captured_save_full(sp_buf *out, const sp_captured *captured)
{
    sp_buf text = { 0 };
    sp_json json = { .out = &text };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.capture/1"));
    sp_json_str(&json, "path", captured->recorded->target);
    sp_json_str(&json, "model", captured->recorded->model);
    sp_json_number(&json, "body", captured->recorded->body);
    sp_json_end(&json);
    add_on_one_line(out, &text);
}
