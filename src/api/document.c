/* document.c - what a command made, for callers. */
#include "api/api.h"
#include "base/base.h"
#include "base/parse_json.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

int sp_document_exit_code(const sp_document *document)
{
    return document->inner.exit_code;
}

size_t sp_document_message_count(const sp_document *document)
{
    return document->inner.message_count;
}

const sp_document_message *sp_document_message_at(const sp_document *document, size_t index)
{
    return index < document->inner.message_count ? &document->messages[index] : NULL;
}

size_t sp_document_output_count(const sp_document *document)
{
    return document->inner.output_count;
}

const sp_document_output *sp_document_output_at(const sp_document *document, size_t index)
{
    return index < document->inner.output_count ? &document->outputs[index] : NULL;
}

/* ---- formats --------------------------------------------------------------------------------------------- */

static sp_status copy(const char *bytes, size_t len, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    char *made = malloc(len + 1);
    if (!made)
        return sp_err_memory(err);
    memcpy(made, bytes, len);
    made[len] = '\0';
    *ret_bytes = made;
    *ret_len = len;
    return SP_OK;
}

sp_status sp_document_render(const sp_document *document, const char *format, char **ret_bytes, size_t *ret_len,
                             sp_err *err)
{
    const cli_document *inner = &document->inner;
    if (strcmp(format, "json") == 0 && inner->result)
        return copy(inner->result, inner->result_len, ret_bytes, ret_len, err);
    for (size_t i = 0; strcmp(format, document->format) == 0 && i < inner->output_count; i++)
        if (inner->outputs[i].place == CLI_TO_STDOUT)
            return copy(inner->outputs[i].bytes, inner->outputs[i].len, ret_bytes, ret_len, err);
    return sp_err_set(err, SP_ERR_USAGE, "the document has no %.100s; set the option format before the command runs",
                      format);
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static sp_status parse(sp_document *document, sp_err *err)
{
    sp_json_problem problem;
    sp_str text = { document->inner.result, document->inner.result_len };
    if (document->tree)
        return SP_OK;
    if (!text.ptr)
        return sp_err_set(err, SP_ERR_USAGE, "the document has no JSON result");
    SP_TRY(sp_json_parse(&document->arena, text, MAX_DEPTH, &document->tree, &problem, err));
    if (!document->tree)
        return sp_err_set(err, SP_ERR_INPUT, "the JSON result cannot be read: %s", problem.what);
    return SP_OK;
}

/* Whether the part of a JSON Pointer is the key: ~1 is a slash, ~0 a tilde. */
static bool is_key(sp_str part, sp_str key)
{
    size_t at = 0;
    for (size_t i = 0; i < part.len; i++, at++) {
        char c = part.ptr[i];
        if (c == '~' && i + 1 < part.len && (part.ptr[i + 1] == '0' || part.ptr[i + 1] == '1'))
            c = part.ptr[++i] == '0' ? '~' : '/';
        if (at >= key.len || key.ptr[at] != c)
            return false;
    }
    return at == key.len;
}

static const sp_json_node *child(const sp_json_node *parent, sp_str part)
{
    const sp_json_node *found = NULL;
    size_t index = 0;
    for (size_t i = 0; i < part.len; i++) {
        if (parent->kind == SP_JSON_ARRAY && (part.ptr[i] < '0' || part.ptr[i] > '9' || index > parent->count))
            return NULL;
        index = index * 10 + (size_t)(part.ptr[i] - '0');
    }
    for (const sp_json_node *node = parent->first; node; node = node->next)
        if (parent->kind == SP_JSON_ARRAY ? part.len && index-- == 0 : is_key(part, node->key))
            found = node;
    return found;
}

static const sp_json_node *look_up(const sp_json_node *root, const char *name)
{
    const sp_json_node *node = root;
    if (*name != '/')
        return *name ? sp_json_member(root, name) : root;
    while (node && *name == '/') {
        size_t len = strcspn(name + 1, "/");
        node = child(node, (sp_str){ name + 1, len });
        name += len + 1;
    }
    return node;
}

static sp_status find(sp_document *document, const char *name, const sp_json_node **ret, sp_err *err)
{
    pthread_mutex_lock(&document->lock);
    sp_status status = parse(document, err);
    pthread_mutex_unlock(&document->lock);
    SP_TRY(status);
    *ret = look_up(document->tree, name);
    return *ret ? SP_OK : sp_err_set(err, SP_ERR_INPUT, "the result has no \"%.200s\"", name);
}

static sp_status wrong_kind(const char *name, const sp_json_node *node, const char *wanted, sp_err *err)
{
    return sp_err_set(err, SP_ERR_INPUT, "\"%.200s\" is %s, not %s", name, sp_json_kind_name(node->kind), wanted);
}

sp_status sp_document_number(sp_document *document, const char *name, double *ret, sp_err *err)
{
    const sp_json_node *node;
    char digits[64];
    SP_TRY(find(document, name, &node, err));
    if (node->kind != SP_JSON_NUMBER || node->text.len >= sizeof digits)
        return wrong_kind(name, node, "a number", err);
    memcpy(digits, node->text.ptr, node->text.len);
    digits[node->text.len] = '\0';
    *ret = strtod(digits, NULL);
    return SP_OK;
}

sp_status sp_document_string(sp_document *document, const char *name, sp_str *ret, sp_err *err)
{
    const sp_json_node *node;
    SP_TRY(find(document, name, &node, err));
    if (node->kind != SP_JSON_TEXT)
        return wrong_kind(name, node, "a string", err);
    *ret = node->text;
    return SP_OK;
}

sp_status sp_document_length(sp_document *document, const char *name, size_t *ret, sp_err *err)
{
    const sp_json_node *node;
    SP_TRY(find(document, name, &node, err));
    if (node->kind != SP_JSON_OBJECT && node->kind != SP_JSON_ARRAY)
        return wrong_kind(name, node, "an object or a list", err);
    *ret = node->count;
    return SP_OK;
}
