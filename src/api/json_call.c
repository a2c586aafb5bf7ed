/* json_call.c - a command as one call: a JSON object with its options goes in, one with its document comes out. */
#include "api/api.h"
#include "base/base.h"
#include "base/json.h"
#include "base/parse_json.h"
#include "rules/names.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 8 };

/* ---- the request ----------------------------------------------------------------------------------------- */

typedef struct call {
    sp_arena *arena;
    sp_str request;
    sp_options *options;
    const char *command;
} call;

static sp_status wrong(const call *c, const sp_json_node *node, const char *what, sp_err *err)
{
    sp_str name = node->key.ptr ? node->key : node->offset ? SP_STR("an item") : SP_STR("the request");
    return sp_err_at(err, SP_ERR_INPUT, SP_STR("<request>"), c->request, node->offset, "", "%.*s must be %s, not %s",
                     SP_STR_ARG(name), what, sp_json_kind_name(node->kind));
}

/* The text of a string or a number, which ends in NUL. */
static sp_status text_of(const call *c, const sp_json_node *node, const char **ret, sp_err *err)
{
    if (memchr(node->text.ptr, '\0', node->text.len))
        return wrong(c, node, "a string without NUL", err);
    *ret = sp_str_dup(c->arena, node->text).ptr;
    return *ret ? SP_OK : sp_err_memory(err);
}

static sp_status set_one(const call *c, const char *name, const sp_json_node *value, sp_err *err)
{
    const char *text = NULL;
    bool is_text = value->kind == SP_JSON_TEXT || value->kind == SP_JSON_NUMBER;
    if (value->kind == SP_JSON_NULL || (value->kind == SP_JSON_BOOL && !value->is_true))
        return SP_OK;
    if (!is_text && value->kind != SP_JSON_BOOL)
        return wrong(c, value, "a string, a number, true or a list of these", err);
    if (is_text)
        SP_TRY(text_of(c, value, &text, err));
    return sp_options_set(c->options, name, text, err);
}

static sp_status set_option(const call *c, const sp_json_node *value, sp_err *err)
{
    const char *name = sp_str_dup(c->arena, value->key).ptr;
    if (!name)
        return sp_err_memory(err);
    if (value->kind != SP_JSON_ARRAY)
        return set_one(c, name, value, err);
    for (const sp_json_node *item = value->first; item; item = item->next)
        SP_TRY(set_one(c, name, item, err));
    return SP_OK;
}

static sp_status add_operands(const call *c, const sp_json_node *list, sp_err *err)
{
    const char *operand = NULL;
    if (list->kind != SP_JSON_ARRAY)
        return wrong(c, list, "a list of strings", err);
    for (const sp_json_node *item = list->first; item; item = item->next) {
        if (item->kind != SP_JSON_TEXT)
            return wrong(c, item, "a string", err);
        SP_TRY(text_of(c, item, &operand, err));
        SP_TRY(sp_options_add_operand(c->options, operand, err));
    }
    return SP_OK;
}

static sp_status set_options(const call *c, const sp_json_node *options, sp_err *err)
{
    if (options->kind != SP_JSON_OBJECT)
        return wrong(c, options, "an object", err);
    for (const sp_json_node *value = options->first; value; value = value->next)
        SP_TRY(set_option(c, value, err));
    return SP_OK;
}

static sp_status take_member(call *c, const sp_json_node *member, sp_err *err)
{
    if (sp_str_eq(member->key, SP_STR("operands")))
        return add_operands(c, member, err);
    if (sp_str_eq(member->key, SP_STR("options")))
        return set_options(c, member, err);
    if (!sp_str_eq(member->key, SP_STR("command")))
        return sp_err_at(err, SP_ERR_INPUT, SP_STR("<request>"), c->request, member->key_offset, "",
                         "unknown member \"%.*s\"; expected command, operands or options", SP_STR_ARG(member->key));
    return member->kind == SP_JSON_TEXT ? text_of(c, member, &c->command, err) : wrong(c, member, "a string", err);
}

static sp_status read_request(call *c, sp_err *err)
{
    sp_json_node *root;
    sp_json_problem problem;
    SP_TRY(sp_json_parse(c->arena, c->request, MAX_DEPTH, &root, &problem, err));
    if (!root)
        return sp_err_at(err, SP_ERR_INPUT, SP_STR("<request>"), c->request, problem.offset, "", "not JSON: %s",
                         problem.what);
    if (root->kind != SP_JSON_OBJECT)
        return wrong(c, root, "an object", err);
    for (const sp_json_node *member = root->first; member; member = member->next)
        SP_TRY(take_member(c, member, err));
    return c->command ? SP_OK : sp_err_set(err, SP_ERR_INPUT, "the request names no command");
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

static void add_base64(sp_buf *out, sp_str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t three = (uint32_t)(unsigned char)bytes.ptr[i] << 16;
        three |= left > 1 ? (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)(unsigned char)bytes.ptr[i + 2] : 0;
        sp_buf_add_char(out, digits[three >> 18]);
        sp_buf_add_char(out, digits[three >> 12 & 63]);
        sp_buf_add_char(out, left > 1 ? digits[three >> 6 & 63] : '=');
        sp_buf_add_char(out, left > 2 ? digits[three & 63] : '=');
    }
}

static void add_output(sp_json *json, const sp_document_output *output)
{
    static const char *const places[] = { [SP_OUTPUT_STDOUT] = "stdout",
                                          [SP_OUTPUT_FILE] = "file",
                                          [SP_OUTPUT_FILE_END] = "file-end",
                                          [SP_OUTPUT_STDERR] = "stderr" };
    sp_str bytes = { output->bytes, output->len };
    sp_json_begin(json, NULL, '{');
    sp_json_path(json, "path", sp_str_of(output->path));
    sp_json_str(json, "place", sp_str_of(places[output->place]));
    if (output->is_guarded)
        sp_json_path(json, "only_at", sp_str_of(output->real_path));
    if (sp_utf8_find_invalid(bytes, 0) == SIZE_MAX) {
        sp_json_str(json, "text", bytes);
    } else {
        sp_buf base64 = { 0 };
        add_base64(&base64, bytes);
        sp_json_str(json, "base64", sp_buf_str(&base64));
        json->out->failed = json->out->failed || base64.failed;
        sp_buf_release(&base64);
    }
    sp_json_end(json);
}

static sp_str or_null(sp_str text)
{
    return text.len ? text : (sp_str){ NULL, 0 };
}

static void add_message(sp_json *json, const sp_document_message *message)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_str(json, "level", sp_name_of_level((sp_level)message->level));
    sp_json_path(json, "path", or_null(message->path));
    sp_json_uint_or_null(json, "line", message->line);
    sp_json_uint_or_null(json, "column", message->column);
    sp_json_str(json, "message", message->message);
    sp_json_str(json, "rule", or_null(message->rule));
    sp_json_end(json);
}

static void add_document(sp_json *json, const sp_document *document)
{
    const cli_document *inner = &document->inner;
    sp_json_begin(json, NULL, '{');
    sp_json_uint(json, "exit_code", (uint64_t)inner->exit_code);
    sp_json_begin(json, "outputs", '[');
    for (size_t i = 0; i < inner->output_count; i++)
        add_output(json, &document->outputs[i]);
    sp_json_end(json);
    sp_json_begin(json, "messages", '[');
    for (size_t i = 0; i < inner->message_count; i++)
        add_message(json, &document->messages[i]);
    sp_json_end(json);
    if (inner->result) /* JSON already; its last line end is not a part of it */
        sp_json_number(json, "result", sp_str_trim((sp_str){ inner->result, inner->result_len }));
    else
        sp_json_null(json, "result");
    sp_json_end(json);
}

static sp_status write_answer(const sp_document *document, char **ret_json, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    sp_json json = { .out = &out };
    add_document(&json, document);
    sp_buf_add_char(&out, '\n');
    sp_buf_add_char(&out, '\0');
    if (out.failed) {
        sp_buf_release(&out);
        return sp_err_memory(err);
    }
    *ret_json = out.ptr;
    if (ret_len)
        *ret_len = out.len - 1;
    return SP_OK;
}

/* A request that no command was run for is answered as one that failed. */
static sp_status answer_failure(const sp_err *failure, char **ret_json, size_t *ret_len, sp_err *err)
{
    sp_document_message message = {
        .level = SP_MESSAGE_ERROR,
        .line = failure->line,
        .column = failure->column,
        .path = sp_str_of(failure->path),
        .message = sp_str_of(failure->message),
    };
    const sp_document failed = { .inner = { .exit_code = CLI_USAGE, .message_count = 1 }, .messages = &message };
    return write_answer(&failed, ret_json, ret_len, err);
}

sp_status sp_run_json(const char *request, char **ret_json, size_t *ret_len, sp_err *err)
{
    sp_arena arena = { .head = NULL };
    sp_document *document = NULL;
    sp_err failure = { .status = SP_OK };
    call c = { .arena = &arena, .request = sp_str_of(request), .options = sp_options_new() };
    err = err ? err : &failure;
    sp_status status = c.options ? read_request(&c, err) : sp_err_memory(err);
    if (status == SP_OK)
        status = sp_run(c.options, c.command, &document, err);
    if (document) {
        status = write_answer(document, ret_json, ret_len, err);
    } else if (status != SP_ERR_NO_MEMORY) {
        failure = *err;
        status = answer_failure(&failure, ret_json, ret_len, err);
    }
    sp_document_free(document);
    sp_options_free(c.options);
    sp_arena_release(&arena);
    return status;
}
