/* invariants_json.h - the same about what is printed: the documents parse, and say what the prompt is. */
#ifndef TESTS_INVARIANTS_JSON_H
#define TESTS_INVARIANTS_JSON_H

#include "base/file.h"
#include "base/types.h"
#include "invariants.h"
#include "model/prompt.h"
#include "report/format.h"
#include "report/reports.h"

#include <jansson.h>

static inline json_t *inv_render_json(const sp_prompt *prompt, sp_format format)
{
    char *bytes;
    size_t len;
    sp_err err;
    json_error_t wrong;
    if (sp_prompt_render(prompt, format, NULL, &bytes, &len, &err) != SP_OK)
        return NULL;
    json_t *root = json_loadb(bytes, len, JSON_ALLOW_NUL, &wrong);
    if (!root)
        fprintf(stderr, "format %d, line %d, column %d: %s\n", (int)format, wrong.line, wrong.column, wrong.text);
    free(bytes);
    return root;
}

static inline size_t inv_number(const json_t *object, const char *key)
{
    return (size_t)json_integer_value(json_object_get(object, key));
}

static inline size_t inv_sum_of_tokens(const json_t *list)
{
    size_t sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        sum += inv_number(json_array_get(list, i), "tokens");
    return sum;
}

static inline sp_str inv_string(const json_t *value)
{
    return json_is_string(value) ? (sp_str){ json_string_value(value), json_string_length(value) } : (sp_str){ "", 0 };
}

static inline bool inv_build_json(const json_t *root, const sp_prompt *prompt, sp_str text, char *why)
{
    const json_t *segments = json_object_get(root, "segments");
    INV(sp_str_eq(inv_string(json_object_get(root, "schema")), SP_STR("sysprompt.build/1")), "build: no schema");
    INV(sp_str_eq(inv_string(json_object_get(root, "text")), text), "build: the text is another");
    INV(json_array_size(segments) == prompt->segment_count && inv_sum_of_tokens(segments) == prompt->tokens &&
            inv_number(root, "tokens") == prompt->tokens,
        "build: the segments do not sum to the total");
    INV(inv_number(root, "generated_tokens") == prompt->generated_tokens, "build: generated_tokens");
    INV(json_array_size(json_object_get(root, "cuts")) == prompt->cut_count, "build: cuts");
    INV(json_array_size(json_object_get(root, "diagnostics")) == prompt->diagnostic_count, "build: diagnostics");
    INV(json_is_null(json_object_get(root, "agent")) == !prompt->agent, "build: agent");
    return true;
}

static inline bool inv_explain_json(const json_t *root, const sp_prompt *prompt, char *why)
{
    INV(sp_str_eq(inv_string(json_object_get(root, "schema")), SP_STR("sysprompt.explain/1")), "explain: no schema");
    INV(inv_sum_of_tokens(json_object_get(root, "sources")) == prompt->tokens &&
            inv_number(root, "tokens") == prompt->tokens,
        "explain: the sources do not sum to the total");
    INV(json_array_size(json_object_get(root, "dropped")) == prompt->cut_count, "explain: dropped");
    return true;
}

/* The text of a request's messages, one after the other. */
static inline bool inv_request_json(const json_t *root, sp_str text, char *why)
{
    size_t at = 0;
    const char *const lists[] = { "system", "messages" };
    for (size_t l = 0; l < SP_COUNT_OF(lists); l++) {
        const json_t *list = json_object_get(root, lists[l]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *item = json_array_get(list, i);
            sp_str part = inv_string(json_object_get(item, l == 0 ? "text" : "content"));
            INV(part.len <= text.len - at && memcmp(text.ptr + at, part.ptr, part.len) == 0,
                "a request's %s are not the text at %zu", lists[l], at);
            at += part.len;
        }
    }
    INV(at == text.len, "a request has %zu of %zu bytes", at, text.len);
    return true;
}

/* ---- the source map: the output again, from the files ------------------------------------------------------ */

static inline bool inv_mapping(const json_t *mapping, const sp_str *files, size_t count, sp_str text, size_t *at,
                               char *why)
{
    const json_t *output = json_object_get(mapping, "output");
    const json_t *bytes = json_object_get(mapping, "bytes");
    sp_str part = inv_string(json_object_get(mapping, "text"));
    if (bytes) {
        size_t source = inv_number(mapping, "source");
        size_t begin = (size_t)json_integer_value(json_array_get(bytes, 0));
        size_t end = (size_t)json_integer_value(json_array_get(bytes, 1));
        INV(source < count && begin < end && end <= files[source].len, "map: %zu to %zu of source %zu", begin, end,
            source);
        part = sp_str_slice(files[source], begin, end);
    }
    INV((size_t)json_integer_value(json_array_get(output, 0)) == *at &&
            (size_t)json_integer_value(json_array_get(output, 1)) == *at + part.len,
        "map: the output range at %zu is wrong", *at);
    INV(part.len <= text.len - *at && memcmp(text.ptr + *at, part.ptr, part.len) == 0,
        "map: the files do not give the text at %zu", *at);
    *at += part.len;
    return true;
}

/* agent_text stands for a file that is not on disk. */
static inline bool inv_map_json(const json_t *root, sp_str text, sp_str agent_text, char *why)
{
    const json_t *sources = json_object_get(root, "sources");
    const json_t *mappings = json_object_get(root, "mappings");
    size_t count = json_array_size(sources);
    sp_str *files = calloc(count + 1, sizeof *files);
    char **owned = calloc(count + 1, sizeof *owned);
    size_t at = 0;
    bool hold = files && owned;
    for (size_t i = 0; hold && i < count; i++) {
        const json_t *source = json_array_get(sources, i);
        const char *kind = json_string_value(json_object_get(source, "kind"));
        sp_err err;
        if (agent_text.ptr && strcmp(kind, "agent") == 0)
            files[i] = agent_text;
        else if (sp_file_load(json_string_value(json_object_get(source, "path")), &owned[i], &files[i].len, &err) ==
                 SP_OK)
            files[i].ptr = owned[i]; /* one that was not loaded may not be readable: then no mapping names it */
    }
    for (size_t i = 0; hold && i < json_array_size(mappings); i++)
        hold = inv_mapping(json_array_get(mappings, i), files, count, text, &at, why);
    for (size_t i = 0; owned && i < count; i++)
        free(owned[i]);
    free(owned);
    free(files);
    if (hold)
        INV(at == text.len && inv_number(root, "output_bytes") == at, "map: it ends at %zu of %zu", at, text.len);
    return hold;
}

static inline bool inv_document(const sp_prompt *prompt, sp_format format, sp_str text, sp_str agent_text, char *why)
{
    json_t *root = inv_render_json(prompt, format);
    bool hold = false;
    INV(root, "format %d is not JSON", (int)format);
    if (format == SP_FORMAT_JSON)
        hold = inv_build_json(root, prompt, text, why);
    else if (format == SP_FORMAT_EXPLAIN_JSON)
        hold = inv_explain_json(root, prompt, why);
    else if (format == SP_FORMAT_MAP)
        hold = inv_map_json(root, text, agent_text, why);
    else
        hold = inv_request_json(root, text, why);
    json_decref(root);
    return hold;
}

/* The output of a prompt whose files still are on disk, in every format. */
static inline bool inv_output(const sp_prompt *prompt, sp_str agent_text, char *why)
{
    static const sp_format formats[] = { SP_FORMAT_JSON, SP_FORMAT_EXPLAIN_JSON, SP_FORMAT_MAP, SP_FORMAT_ANTHROPIC,
                                         SP_FORMAT_OPENAI };
    sp_buf text = { 0 };
    bool hold = true;
    for (size_t i = 0; i < prompt->message_count; i++)
        sp_buf_add(&text, prompt->messages[i].text);
    sp_buf_add_char(&text, '\0');
    for (size_t i = 0; hold && i < SP_COUNT_OF(formats); i++)
        hold = inv_document(prompt, formats[i], (sp_str){ text.ptr, text.len - 1 }, agent_text, why);
    sp_buf_release(&text);
    return hold;
}

#endif
