#include "base/yaml.h"
#include "base/escape.h"

#include <stdlib.h>

/* Characters that end a line of YAML among them: U+0085, U+2028 and U+2029. */
static bool has_hidden(sp_str text, bool *ret_failed)
{
    char *escaped;
    size_t len;
    sp_err err;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20)
            return true;
    *ret_failed = sp_text_escape(text, &escaped, &len, &err) != SP_OK;
    if (*ret_failed)
        return false;
    bool is_same = sp_str_eq(text, (sp_str){ escaped, len });
    free(escaped);
    return !is_same;
}

static void add_single_quoted(sp_buf *out, sp_str text)
{
    sp_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            sp_buf_add_char(out, '\''); /* a shell sees two strings side by side, and both are quoted */
        sp_buf_add_char(out, text.ptr[i]);
    }
    sp_buf_add_char(out, '\'');
}

/* A shell expands $ and ` in double quotes, an interactive one ! as well, and a backslash may undo a quote. */
static void add_double_quoted(sp_buf *out, sp_str text)
{
    sp_buf_add_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        if (length == 0)
            sp_buf_format(out, "\\x5Cx%02X", (unsigned char)text.ptr[at]);
        else if (length == 1 && code >= 0x20 && code < 0x7F && !strchr("$`\\\"!", (int)code))
            sp_buf_add_char(out, (char)code);
        else
            sp_buf_format(out, code <= 0xFF ? "\\x%02X" : code <= 0xFFFF ? "\\u%04X" : "\\U%08X", code);
        at += length ? length : 1;
    }
    sp_buf_add_char(out, '"');
}

void sp_yaml_quote(sp_buf *out, sp_str text)
{
    bool has_failed = false;
    if (has_hidden(text, &has_failed))
        add_double_quoted(out, text);
    else
        add_single_quoted(out, text);
    out->failed = out->failed || has_failed;
}

sp_str sp_yaml_representable(sp_arena *arena, sp_str text)
{
    sp_buf out = { 0 };
    if (sp_utf8_find_invalid(text, 0) == SIZE_MAX)
        return text;
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        if (length == 0)
            sp_buf_format(&out, "\\x%02X", (unsigned char)text.ptr[at]);
        else
            sp_buf_add(&out, sp_str_slice(text, at, at + length));
        at += length ? length : 1;
    }
    return sp_buf_move(&out, arena);
}
