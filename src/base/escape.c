/* escape.c - text from outside, made safe to look at. */
#include "base/escape.h"
#include "base/base.h"
#include "base/types.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Letters and symbols by their category, that show as nothing. */
static bool is_blank_letter(uint32_t code)
{
    return code == 0x115F || code == 0x1160 || code == 0x2800 || code == 0x3164 || code == 0xFFA0;
}

/* Characters that are spelled out: those that a reader cannot see, or that change what he sees around them: controls,
 * format characters (which include the bidirectional controls and the tags), line and paragraph separators, what is not
 * assigned in the Unicode version of utf8proc, private ones, blank letters. */
static bool is_escaped(uint32_t code)
{
    if (is_blank_letter(code))
        return true;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
        return true;
    default:
        return false;
    }
}

/* Marks that show as nothing, and that are not spelled out, as emoji and Mongolian have them: the grapheme joiner,
 * vowels of Khmer that nobody writes, variation selectors. */
static bool is_blank_mark(uint32_t code)
{
    return code == 0x034F || (code >= 0x17B4 && code <= 0x17B5) || (code >= 0x180B && code <= 0x180F) ||
           (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF);
}

bool sp_is_hidden(uint32_t code)
{
    return is_escaped(code) || is_blank_mark(code);
}

static void add_escaped(sp_buf *out, sp_str text, bool keeps_lines)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        if (length == 0) {
            sp_buf_format(out, "\\x%02x", (unsigned char)text.ptr[at]);
            length = 1;
        } else if (length == 1 && code == '\n' && keeps_lines) {
            sp_buf_add_char(out, '\n');
        } else if (length == 1 && code != '\t' && (code < 0x20 || code == 0x7F)) {
            sp_buf_format(out, "\\x%02x", code);
        } else if (length > 1 && is_escaped(code)) {
            sp_buf_format(out, "<U+%04X>", code);
        } else {
            sp_buf_add(out, sp_str_slice(text, at, at + length));
        }
        at += length;
    }
}

static sp_status escape(sp_str text, bool keeps_lines, char **ret, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    add_escaped(&out, text, keeps_lines);
    size_t length = out.len;
    sp_buf_add_char(&out, '\0');
    if (out.failed) {
        sp_buf_release(&out);
        return sp_err_memory(err);
    }
    *ret = out.ptr;
    *ret_len = length;
    return SP_OK;
}

sp_status sp_text_escape(sp_str text, char **ret, size_t *ret_len, sp_err *err)
{
    return escape(text, false, ret, ret_len, err);
}

sp_status sp_text_escape_lines(sp_str text, char **ret, size_t *ret_len, sp_err *err)
{
    return escape(text, true, ret, ret_len, err);
}

static bool is_plain_in_shell(sp_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_letter && (c == '\0' || !strchr("-_./=:,@%+", c)))
            return false;
    }
    return word.len > 0;
}

void sp_text_add_shell_word(sp_buf *out, sp_str word)
{
    if (is_plain_in_shell(word)) {
        sp_buf_add(out, word);
        return;
    }
    sp_buf_add_char(out, '\'');
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] == '\'')
            sp_buf_add(out, SP_STR("'\\''"));
        else
            sp_buf_add_char(out, word.ptr[i]);
    sp_buf_add_char(out, '\'');
}
