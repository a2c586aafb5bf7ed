#include "base/json.h"
#include "base/escape.h"
#include "base/types.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static void add_unit(sp_buf *out, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";
    const char text[] = { '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15] };
    sp_buf_add(out, (sp_str){ text, sizeof text });
}

/* Two units for a character above U+FFFF. */
static void add_code(sp_buf *out, uint32_t code)
{
    if (code > 0xFFFF)
        add_unit(out, 0xD800 + ((code - 0x10000) >> 10));
    add_unit(out, code > 0xFFFF ? 0xDC00 + ((code - 0x10000) & 0x3FF) : code);
}

/* What a reader would not see is spelled out, so that no name looks like another one. */
static void add_string(sp_buf *out, sp_str s, bool is_inert)
{
    sp_buf_add_char(out, '"');
    size_t plain = 0; /* everything from here to at goes out as it is */
    for (size_t at = 0; at < s.len;) {
        unsigned char c = (unsigned char)s.ptr[at];
        bool is_expanded = is_inert && (c == '$' || c == '`');
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && !is_expanded) {
            at++;
            continue;
        }
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(s, at, &code, &bad);
        if (length > 1 && !sp_is_hidden(code)) {
            at += length;
            continue;
        }
        sp_buf_add(out, sp_str_slice(s, plain, at));
        at += length ? length : bad;
        plain = at;
        if (length == 0)
            sp_buf_add(out, SP_STR("\xEF\xBF\xBD"));
        else if (code == '"' || code == '\\')
            sp_buf_add(out, (sp_str){ (char[]){ '\\', (char)code }, 2 });
        else if (code == '\n')
            sp_buf_add(out, SP_STR("\\n"));
        else if (code == '\t')
            sp_buf_add(out, SP_STR("\\t"));
        else
            add_code(out, code);
    }
    sp_buf_add(out, sp_str_slice(s, plain, s.len));
    sp_buf_add_char(out, '"');
}

static void new_line(sp_json *json)
{
    sp_buf_add_char(json->out, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        sp_buf_add(json->out, SP_STR("  "));
}

/* What comes before a value: a comma, a line, the key. */
static void lead_in(sp_json *json, const char *key)
{
    if (json->depth > 0) {
        unsigned level = json->depth - 1;
        if (json->has_items[level])
            sp_buf_add(json->out, json->on_one_line[level] ? SP_STR(", ") : SP_STR(","));
        if (!json->on_one_line[level])
            new_line(json);
        json->has_items[level] = true;
    }
    if (key) {
        add_string(json->out, sp_str_of(key), false);
        sp_buf_add(json->out, SP_STR(": "));
    }
}

static void begin(sp_json *json, const char *key, char bracket, bool on_one_line)
{
    assert(json->depth < SP_JSON_MAX_DEPTH);
    bool inherits = json->depth > 0 && json->on_one_line[json->depth - 1];
    lead_in(json, key);
    sp_buf_add_char(json->out, bracket);
    json->closers[json->depth] = bracket == '{' ? '}' : ']';
    json->has_items[json->depth] = false;
    json->on_one_line[json->depth] = on_one_line || inherits;
    json->depth++;
}

void sp_json_begin(sp_json *json, const char *key, char bracket)
{
    begin(json, key, bracket, false);
}

void sp_json_begin_line(sp_json *json, const char *key, char bracket)
{
    begin(json, key, bracket, true);
}

void sp_json_end(sp_json *json)
{
    assert(json->depth > 0);
    json->depth--;
    if (json->has_items[json->depth] && !json->on_one_line[json->depth])
        new_line(json);
    sp_buf_add_char(json->out, json->closers[json->depth]);
    if (json->depth == 0)
        sp_buf_add_char(json->out, '\n');
}

void sp_json_str(sp_json *json, const char *key, sp_str value)
{
    if (!value.ptr) {
        sp_json_null(json, key);
        return;
    }
    lead_in(json, key);
    add_string(json->out, value, json->is_inert);
}

static void add_percent_encoded(sp_buf *out, sp_str path)
{
    sp_buf_add_char(out, '"');
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        bool is_plain =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~/", c);
        if (c && is_plain)
            sp_buf_add_char(out, (char)c);
        else
            sp_buf_format(out, "%%%02X", c);
    }
    sp_buf_add_char(out, '"');
}

void sp_json_path(sp_json *json, const char *key, sp_str path)
{
    char longer[64];
    sp_json_str(json, key, path);
    if (!path.ptr || sp_utf8_find_invalid(path, 0) == SIZE_MAX)
        return;
    snprintf(longer, sizeof longer, "%s_bytes", key);
    lead_in(json, longer);
    add_percent_encoded(json->out, path);
}

void sp_json_uint(sp_json *json, const char *key, uint64_t value)
{
    lead_in(json, key);
    sp_buf_format(json->out, "%" PRIu64, value);
}

void sp_json_uint_or_null(sp_json *json, const char *key, uint64_t value)
{
    if (value)
        sp_json_uint(json, key, value);
    else
        sp_json_null(json, key);
}

void sp_json_number(sp_json *json, const char *key, sp_str value)
{
    lead_in(json, key);
    sp_buf_add(json->out, value);
}

void sp_json_bool(sp_json *json, const char *key, bool value)
{
    lead_in(json, key);
    sp_buf_add(json->out, value ? SP_STR("true") : SP_STR("false"));
}

void sp_json_null(sp_json *json, const char *key)
{
    lead_in(json, key);
    sp_buf_add(json->out, SP_STR("null"));
}

void sp_json_pair(sp_json *json, const char *key, uint64_t first, uint64_t last)
{
    sp_json_begin_line(json, key, '[');
    sp_json_uint(json, NULL, first);
    sp_json_uint(json, NULL, last);
    sp_json_end(json);
}

sp_status sp_json_quote(sp_str text, char **ret, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    add_string(&out, text, false);
    sp_buf_add_char(&out, '\0');
    if (out.failed) {
        sp_buf_release(&out);
        return sp_err_memory(err);
    }
    *ret = out.ptr;
    *ret_len = out.len - 1;
    return SP_OK;
}
