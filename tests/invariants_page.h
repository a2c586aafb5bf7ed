/*
 * invariants_page.h - what holds for the page of every prompt: its data cannot end the element that it stands in, it
 * says what explain --json says, its rows and segments sum to the total, and its tokens end where the tokenizer's do.
 */
#ifndef TESTS_INVARIANTS_PAGE_H
#define TESTS_INVARIANTS_PAGE_H

#include "base/types.h"
#include "invariants_json.h"
#include "model/prompt.h"
#include "report/format.h"
#include "report/reports.h"
#include "tokenizer/tokens.h"

/* UTF-16 units in front of the character that holds the byte at offset to. */
static inline size_t inv_units(sp_str text, size_t to)
{
    size_t units = 0;
    size_t begin = 0;
    while (to < text.len && !sp_utf8_begins(text.ptr[to]))
        to--;
    for (; begin < to; begin++)
        units += (size_t)sp_utf8_begins(text.ptr[begin]) + ((unsigned char)text.ptr[begin] >= 0xF0);
    return units;
}

/* The next length, and past it. */
static inline size_t inv_unpack(const char **packed)
{
    char c = *(*packed)++;
    if (c != '(')
        return (size_t)(c <= '9' ? c - '0' : c <= 'Z' ? c - 'A' + 10 : c - 'a' + 36);
    size_t length = strtoul(*packed, (char **)packed, 10);
    ++*packed;
    return length;
}

static inline bool inv_page_tokens(const sp_prompt *prompt, const sp_message *message, const json_t *lengths, char *why)
{
    uint32_t *ends = NULL;
    size_t count = 0;
    size_t at = 0;
    sp_err err;
    const char *packed = json_string_value(lengths);
    INV(json_is_null(lengths) == !prompt->exact, "page: tokens of an estimate, or none of what is exact");
    if (!prompt->exact)
        return true;
    INV(sp_token_ends(prompt->encoding, message->text, SP_SPECIAL_AS_TEXT, &ends, &count, &err) == SP_OK, "no tokens");
    bool hold = true;
    size_t units = 0;
    for (size_t i = 0, before = 0; hold && i < count; i++) {
        sp_str piece = sp_str_slice(message->text, before, message->text.len);
        size_t more = inv_units(piece, ends[i] - before);
        at += *packed ? inv_unpack(&packed) : 1;
        units += more;
        hold = at == units;
        for (before = ends[i]; before > 0 && before < message->text.len && !sp_utf8_begins(message->text.ptr[before]);)
            before--;
    }
    free(ends);
    INV(hold && *packed == '\0', "page: a token ends at %zu, not at %zu", at, units);
    return true;
}

static inline bool inv_page_rows(const json_t *nodes, const json_t *segments, char *why)
{
    size_t count = json_array_size(nodes);
    size_t *sums = calloc(count + 1, sizeof *sums);
    size_t *own = calloc(count + 1, sizeof *own);
    bool hold = sums && own;
    for (size_t i = 0; hold && i < count; i++) {
        const json_t *node = json_array_get(nodes, i);
        sums[i] += inv_number(node, "own_tokens");
        if (i > 0)
            sums[inv_number(node, "parent")] += inv_number(node, "tokens");
    }
    for (size_t i = 0; hold && i < json_array_size(segments); i++) {
        const json_t *segment = json_array_get(segments, i);
        size_t node = (size_t)json_integer_value(json_array_get(segment, 0));
        hold = node < count;
        own[hold ? node : 0] += (size_t)json_integer_value(json_array_get(segment, 1));
    }
    for (size_t i = 0; hold && i < count; i++) {
        const json_t *node = json_array_get(nodes, i);
        hold = sums[i] == inv_number(node, "tokens") && own[i] == inv_number(node, "own_tokens");
    }
    free(sums);
    free(own);
    INV(hold, "page: the rows do not sum");
    return true;
}

static inline bool inv_page_messages(const sp_prompt *prompt, const json_t *root, char *why)
{
    const json_t *messages = json_object_get(root, "messages");
    const json_t *segments = json_object_get(root, "segments");
    size_t units = 0;
    size_t found = 0;
    INV(json_array_size(messages) == prompt->message_count, "page: messages");
    for (size_t i = 0; i < prompt->message_count; i++) {
        const json_t *message = json_array_get(messages, i);
        INV(sp_str_eq(inv_string(json_object_get(message, "text")), prompt->messages[i].text), "page: another text");
        if (!inv_page_tokens(prompt, &prompt->messages[i], json_object_get(message, "token_lengths"), why))
            return false;
        units += inv_units(prompt->messages[i].text, prompt->messages[i].text.len);
    }
    for (size_t i = 0; i < json_array_size(segments); i++)
        found += (size_t)json_integer_value(json_array_get(json_array_get(segments, i), 2));
    INV(json_array_size(segments) == prompt->segment_count && found == units, "page: segments of %zu units, not %zu",
        found, units);
    return true;
}

/* What both have is the same in both. */
static inline bool inv_page_explains(const sp_prompt *prompt, const json_t *root, char *why)
{
    json_t *explained = inv_render_json(prompt, SP_FORMAT_EXPLAIN_JSON);
    const char *key;
    json_t *value;
    bool hold = explained != NULL;
    json_object_foreach(explained, key, value) hold =
        hold && (strcmp(key, "schema") == 0 || json_equal(value, json_object_get(root, key)));
    json_decref(explained);
    INV(hold, "page: not what explain --json says");
    INV(inv_number(json_array_get(json_object_get(root, "nodes"), 0), "tokens") == prompt->tokens, "page: the total");
    return true;
}

static inline bool inv_page(const sp_prompt *prompt, char *why)
{
    const sp_str head = SP_STR("<script id=\"data\" type=\"application/json\">");
    const sp_str tail = SP_STR("</script>\n<script>");
    char *bytes = NULL;
    sp_str page;
    sp_err err;
    INV(sp_prompt_render(prompt, SP_FORMAT_PAGE, NULL, &bytes, &page.len, &err) == SP_OK, "no page");
    page.ptr = bytes;
    size_t begin = sp_str_find(page, head, 0);
    size_t end = begin == SIZE_MAX ? SIZE_MAX : sp_str_find(page, SP_STR("<"), begin + head.len);
    bool is_closed = end != SIZE_MAX && sp_str_starts(sp_str_slice(page, end, page.len), tail);
    json_t *root =
        is_closed ? json_loadb(bytes + begin + head.len, end - begin - head.len, JSON_ALLOW_NUL, NULL) : NULL;
    free(bytes);
    INV(root, "page: the data is no JSON, or has a <");
    bool hold = inv_page_explains(prompt, root, why) &&
                inv_page_rows(json_object_get(root, "nodes"), json_object_get(root, "segments"), why) &&
                inv_page_messages(prompt, root, why);
    json_decref(root);
    return hold;
}

#endif
