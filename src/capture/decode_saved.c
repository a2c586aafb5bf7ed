/* decode_saved.c - a request that sysprompt saved without the client's text (sysprompt.capture/1). */
#include "base/base.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/decoder.h"
#include "capture/requests.h"
#include "model/prompt.h"
#include "rules/names.h"

enum { HIDDEN = 2, MAX_HIDDEN_BYTES = 1 << 28 }; /* a byte that no file begins a line with, and a bound on how many */

static bool read_number(const sp_json_node *object, const char *key, size_t *ret)
{
    const sp_json_node *member = sp_json_member(object, key);
    *ret = 0;
    if (!member || member->kind != SP_JSON_NUMBER)
        return false;
    for (size_t i = 0; i < member->text.len; i++) {
        char c = member->text.ptr[i];
        if (c < '0' || c > '9' || *ret > MAX_HIDDEN_BYTES)
            return false;
        *ret = *ret * 10 + (size_t)(c - '0');
    }
    return *ret <= MAX_HIDDEN_BYTES;
}

static bool is_true(const sp_json_node *object, const char *key)
{
    const sp_json_node *member = sp_json_member(object, key);
    return member && member->kind == SP_JSON_BOOL && member->is_true;
}

/* Bytes for a run that was not saved; line feeds at its ends are the only thing known of it. */
static void add_hidden(const sp_json_node *node, size_t bytes, sp_buf *text)
{
    size_t begin = text->len;
    for (size_t i = 0; i < bytes && !text->failed; i++)
        sp_buf_add_char(text, HIDDEN);
    if (text->failed || bytes == 0)
        return;
    if (is_true(node, "begins_with_line_feed"))
        text->ptr[begin] = '\n';
    if (is_true(node, "ends_with_line_feed"))
        text->ptr[text->len - 1] = '\n';
}

/* The text of all runs, with other bytes in the place of those that were not saved. */
static sp_status read_runs(sp_decoder *decoder, sp_str place, const sp_json_node *object, sp_saved_text *ret,
                           sp_err *err)
{
    const sp_json_node *list = sp_json_member(object, "runs");
    sp_buf text = { 0 };
    if (!list || list->kind != SP_JSON_ARRAY)
        return sp_decode_refuse(decoder, place, list ? list : object, "an object with a list of runs", err);
    sp_saved_run *runs = SP_ARENA_ARRAY(decoder->arena, sp_saved_run, list->count + 1);
    if (!runs)
        return sp_err_memory(err);
    sp_saved_text made = { .runs = runs };
    for (const sp_json_node *node = list->first; node; node = node->next) {
        sp_str saved = sp_member_text(node, "text");
        sp_saved_run *run = &runs[made.run_count++];
        size_t bytes = 0;
        bool is_fine = read_number(node, "tokens", &run->tokens) && (saved.ptr || read_number(node, "bytes", &bytes));
        run->begin = text.len;
        if (!is_fine || decoder->saved_bytes + bytes > MAX_HIDDEN_BYTES) {
            sp_buf_release(&text);
            return sp_decode_refuse(decoder, place, node, "an object with text or bytes, and tokens", err);
        }
        decoder->saved_bytes += bytes;
        sp_buf_add(&text, saved.ptr ? saved : (sp_str){ "", 0 });
        add_hidden(node, bytes, &text);
        run->end = text.len;
    }
    sp_buf_add_char(&text, '\0');
    made.text = sp_buf_move(&text, decoder->arena);
    if (!made.text.ptr)
        return sp_err_memory(err);
    made.text.len--;
    *ret = made;
    return SP_OK;
}

static sp_role role_named(sp_str name)
{
    for (sp_role role = SP_ROLE_SYSTEM; role <= SP_ROLE_TOOLS; role++)
        if (sp_str_eq(name, sp_name_of_role(role)))
            return role;
    return SP_ROLE_USER;
}

static sp_part_kind kind_named(sp_str name)
{
    if (sp_str_eq(name, SP_STR("result")))
        return SP_PART_RESULT;
    return sp_str_eq(name, SP_STR("call")) ? SP_PART_CALL : SP_PART_TEXT;
}

static sp_str subject_named(sp_str name)
{
    for (sp_part_subject i = SP_SUBJECT_MESSAGE; i < SP_SUBJECT_COUNT; i++)
        if (name.ptr && sp_str_eq(name, sp_subject_name(i)))
            return sp_subject_name(i);
    return (sp_str){ NULL, 0 };
}

static sp_status read_part(sp_decoder *decoder, sp_str place, const sp_json_node *part, sp_err *err)
{
    sp_saved_text saved = { .runs = NULL };
    size_t message;
    sp_str own = sp_member_text(part, "place");
    if (part->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, part, "an object", err);
    SP_TRY(read_runs(decoder, place, part, &saved, err));
    decoder->role = role_named(sp_member_text(part, "role"));
    decoder->message = read_number(part, "message", &message) ? (uint32_t)message : SP_NONE;
    if (decoder->message != SP_NONE && message >= decoder->message_count)
        decoder->message_count = message + 1;
    size_t count = decoder->parts.count;
    SP_TRY(sp_decode_part(decoder, kind_named(sp_member_text(part, "kind")), own.ptr ? own : place, part, saved.text,
                          err));
    if (decoder->parts.count == count)
        return SP_OK;
    decoder->parts.items[count].saved = saved;
    decoder->parts.items[count].subject = subject_named(sp_member_text(part, "subject"));
    return SP_OK;
}

static sp_status read_tool(sp_decoder *decoder, sp_str place, const sp_json_node *tool, sp_err *err)
{
    sp_saved_text saved = { .runs = NULL };
    size_t schema = 0;
    if (tool->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, tool, "an object", err);
    SP_TRY(read_runs(decoder, place, tool, &saved, err));
    SP_TRY(sp_decode_tool(decoder, place, tool, sp_member_text(tool, "name"), NULL, NULL, err));
    sp_recorded_tool *made = &decoder->tools.items[decoder->tools.count - 1];
    made->text = saved.text;
    made->saved = saved;
    if (read_number(tool, "schema_bytes", &schema) && schema <= saved.text.len)
        made->schema = sp_str_slice(saved.text, 0, schema);
    return SP_OK;
}

sp_status sp_decode_saved(sp_decoder *decoder, const sp_json_node *body, sp_err *err)
{
    static const char fields[] =
        "schema client version profile ended agent as_session chosen protocol model stream messages encoding low high "
        "parts tools unknown_fields";
    const sp_json_node *parts = sp_json_member(body, "parts");
    const sp_json_node *tools = sp_json_member(body, "tools");
    SP_TRY(sp_decode_members(decoder, (sp_str){ NULL, 0 }, body, fields, err));
    if (!read_number(body, "low", &decoder->saved_range.low) || !read_number(body, "high", &decoder->saved_range.high))
        return sp_decode_refuse(decoder, (sp_str){ NULL, 0 }, body, "an object with low and high", err);
    if (parts)
        SP_TRY(sp_decode_list(decoder, SP_STR("parts"), parts, read_part, err));
    return tools ? sp_decode_list(decoder, SP_STR("tools"), tools, read_tool, err) : SP_OK;
}
