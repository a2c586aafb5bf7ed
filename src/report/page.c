/*
 * page.c - explain --html: one file for a browser, which needs nothing else.
 *
 * What is in page/ goes out as it is; the prompt is data beside it, in a script element that no browser runs. Only the
 * script and the style of page/ may run and count: their hashes stand in the page's policy, so whatever a prompt holds,
 * it stays text.
 *
 * Offsets in the data are in UTF-16 units, which is what a browser's strings have. A token that begins inside a
 * character is set to the beginning of it: there are tokens of length 0 in front of the one that has the character.
 */
#include "attribute/tree.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/types.h"
#include "embed.h"
#include "model/prompt.h"
#include "report/emit.h"
#include "report/parts.h"
#include "rules/names.h"
#include "tokenizer/tokens.h"

#include <assert.h>
#include <stdlib.h>

SP_EMBED(page_html, "report/page/page.html")
SP_EMBED(page_style, "report/page/page.css")
SP_EMBED(page_script, "report/page/page.js")

/* ---- the text: lengths as a browser counts them ----------------------------------------------------- */

/* Walks a text from the left. What is not UTF-8 is one U+FFFD for each maximal subpart, as in the JSON. */
typedef struct walk {
    sp_str text;
    size_t at;    /* where a character begins */
    size_t units; /* in front of it */
} walk;

/* Units in front of the character that holds the byte at offset to. */
static size_t units_before(walk *w, size_t to)
{
    while (w->at < to) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(w->text, w->at, &code, &bad);
        size_t next = w->at + (length ? length : bad);
        if (next > to)
            break;
        w->at = next;
        w->units += sp_utf16_units(code);
    }
    return w->units;
}

enum { MAX_ONE_DIGIT = 61 };

/* 0 to 61 as one of 0-9A-Za-z, and what is longer in brackets. */
static void add_length(sp_buf *out, size_t length)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (length <= MAX_ONE_DIGIT)
        sp_buf_add_char(out, digits[length]);
    else
        sp_buf_format(out, "(%zu)", length);
}

/* Null for an estimate: nobody knows where its tokens end. */
static void add_token_lengths(sp_json *json, const sp_prompt *prompt, const sp_message *message)
{
    uint32_t *ends = NULL;
    size_t count = 0;
    sp_err err;
    sp_buf lengths = { 0 };
    if (!prompt->exact) {
        sp_json_null(json, "token_lengths");
        return;
    }
    if (sp_token_ends(prompt->encoding, message->text, SP_SPECIAL_AS_TEXT, &ends, &count, &err) != SP_OK) {
        json->out->failed = true;
        return;
    }
    walk w = { .text = message->text };
    for (size_t i = 0, begin = 0; i < count; i++) {
        size_t end = units_before(&w, ends[i]);
        add_length(&lengths, end - begin);
        begin = end;
    }
    json->out->failed = json->out->failed || lengths.failed;
    sp_json_str(json, "token_lengths", lengths.ptr ? sp_buf_str(&lengths) : SP_STR(""));
    sp_buf_release(&lengths);
    free(ends);
}

static void add_message(sp_json *json, const sp_prompt *prompt, const sp_message *message)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "role", sp_name_of_role(message->role));
    sp_json_uint(json, "segments", message->segment_count);
    sp_json_uint(json, "tokens", message->tokens);
    sp_json_str(json, "text", message->text.ptr ? message->text : SP_STR(""));
    add_token_lengths(json, prompt, message);
    sp_json_end(json);
}

/* ---- where it comes from ------------------------------------------------------------------------------ */

/* The place of a source among those that explain lists: the loaded ones, and then our own text. */
static uint32_t listed(const sp_prompt *prompt, uint32_t source)
{
    uint32_t index = 0;
    for (uint32_t i = 0; i < prompt->source_count && i != source; i++)
        index += prompt->sources[i].is_loaded;
    return index;
}

static void add_node(sp_json *json, const sp_prompt *prompt, const sp_node *node)
{
    sp_json_begin_line(json, NULL, '{');
    if (node->parent == SP_NONE)
        sp_json_null(json, "parent");
    else
        sp_json_uint(json, "parent", node->parent);
    sp_json_str(json, "name", node->name);
    sp_json_str(json, "kind", sp_name_of_segment(node->kind));
    sp_json_uint(json, "source", listed(prompt, node->source));
    sp_part_lines(json, node->first_line, node->last_line);
    sp_json_uint(json, "tokens", node->tokens);
    sp_json_uint(json, "own_tokens", node->own_tokens);
    sp_json_end(json);
}

static void add_nodes(sp_json *json, const sp_prompt *prompt, const sp_tree *tree)
{
    sp_json_begin(json, "nodes", '[');
    for (uint32_t i = 0; i < tree->node_count; i++)
        add_node(json, prompt, &tree->nodes[i]);
    sp_json_end(json);
}

/* [node, tokens, length, first line of the source or 0]: many and short, so without their names. */
static void add_segments(sp_json *json, const sp_prompt *prompt, const sp_tree *tree)
{
    size_t next = 0;
    sp_json_begin(json, "segments", '[');
    for (size_t m = 0; m < prompt->message_count; m++) {
        const sp_message *message = &prompt->messages[m];
        walk w = { .text = message->text };
        size_t end = 0;
        for (size_t i = 0, before = 0; i < message->segment_count; i++, next++) {
            const sp_segment *segment = &prompt->segments[next];
            size_t units = units_before(&w, end += segment->text.len);
            sp_json_begin_line(json, NULL, '[');
            sp_json_uint(json, NULL, tree->segment_nodes[next]);
            sp_json_uint(json, NULL, segment->tokens);
            sp_json_uint(json, NULL, units - before);
            sp_json_uint(json, NULL, segment->first_line);
            sp_json_end(json);
            before = units;
        }
    }
    sp_json_end(json);
}

/* Indices of what is left out of nearly every file and is no loss. */
static void add_trifles(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin_line(json, "trifles", '[');
    for (size_t i = 0; i < prompt->cut_count; i++)
        if (sp_part_is_trifle(&prompt->cuts[i]))
            sp_json_uint(json, NULL, i);
    sp_json_end(json);
}

static void add_data(sp_buf *out, const sp_prompt *prompt)
{
    static const sp_tree_level levels[] = { SP_TREE_FILE, SP_TREE_HEADING };
    sp_json json = { .out = out };
    sp_tree *tree = NULL;
    sp_err err;
    if (sp_tree_build(prompt, &(sp_tree_options){ levels, SP_COUNT_OF(levels) }, &tree, &err) != SP_OK) {
        out->failed = true; /* it fails for nothing but memory */
        return;
    }
    sp_json_begin(&json, NULL, '{');
    sp_part_explain(&json, prompt);
    sp_json_str(&json, "wording", sp_str_of(sp_part_wording(prompt)));
    add_trifles(&json, prompt);
    add_nodes(&json, prompt, tree);
    add_segments(&json, prompt, tree);
    sp_json_begin(&json, "messages", '[');
    for (size_t i = 0; i < prompt->message_count; i++)
        add_message(&json, prompt, &prompt->messages[i]);
    sp_json_end(&json);
    sp_json_end(&json);
    sp_tree_free(tree);
}

/* ---- the page ------------------------------------------------------------------------------------------ */

/* In JSON a < stands only inside strings. Without one, nothing in the data can end its element or begin another. */
static void add_without_tags(sp_buf *out, sp_str json)
{
    size_t plain = 0;
    for (size_t at = 0; (at = sp_str_find(json, SP_STR("<"), at)) != SIZE_MAX; plain = ++at) {
        sp_buf_add(out, sp_str_slice(json, plain, at));
        sp_buf_add(out, SP_STR("\\u003c"));
    }
    sp_buf_add(out, sp_str_slice(json, plain, json.len));
}

static void fill_data(sp_buf *out, const sp_prompt *prompt)
{
    sp_buf data = { 0 };
    add_data(&data, prompt);
    out->failed = out->failed || data.failed;
    if (data.ptr)
        add_without_tags(out, sp_buf_str(&data));
    sp_buf_release(&data);
}

static unsigned nibble(char hex)
{
    return (unsigned)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

/* Its hash as a policy names it: 'sha256-' and base64. */
static void add_hash(sp_buf *out, sp_str text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[SP_SHA256_HEX];
    sp_sha256_of(text, hex);
    sp_buf_add(out, SP_STR("sha256-"));
    for (size_t i = 0; i < SP_SHA256_HEX - 1; i += 3) { /* 3 hexadecimal digits are 2 of base64 */
        bool is_last = i + 1 == SP_SHA256_HEX - 1;
        unsigned bits = nibble(hex[i]) << 8;
        bits |= is_last ? 0 : nibble(hex[i + 1]) << 4 | nibble(hex[i + 2]);
        sp_buf_add_char(out, digits[bits >> 6]);
        sp_buf_add_char(out, is_last ? '=' : digits[bits & 63]);
    }
}

static void fill_style(sp_buf *out, const sp_prompt *prompt)
{
    (void)prompt;
    sp_buf_add(out, sp_embedded(page_style));
}

static void fill_script(sp_buf *out, const sp_prompt *prompt)
{
    (void)prompt;
    sp_buf_add(out, sp_embedded(page_script));
}

static void fill_style_hash(sp_buf *out, const sp_prompt *prompt)
{
    (void)prompt;
    add_hash(out, sp_embedded(page_style));
}

static void fill_script_hash(sp_buf *out, const sp_prompt *prompt)
{
    (void)prompt;
    add_hash(out, sp_embedded(page_script));
}

void sp_emit_page(sp_buf *out, const sp_prompt *prompt)
{
    static const struct {
        const char *name;
        void (*fill)(sp_buf *out, const sp_prompt *prompt);
    } places[] = { { "{{style-hash}}", fill_style_hash },
                   { "{{script-hash}}", fill_script_hash },
                   { "{{style}}", fill_style },
                   { "{{data}}", fill_data },
                   { "{{script}}", fill_script } }; /* in the order of the file */
    sp_str page = sp_embedded(page_html);
    size_t plain = 0;
    for (size_t i = 0; i < SP_COUNT_OF(places); i++) {
        size_t at = sp_str_find(page, sp_str_of(places[i].name), plain);
        assert(at != SIZE_MAX);
        sp_buf_add(out, sp_str_slice(page, plain, at));
        places[i].fill(out, prompt);
        plain = at + strlen(places[i].name);
    }
    sp_buf_add(out, sp_str_slice(page, plain, page.len));
}
