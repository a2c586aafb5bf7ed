#include "tokenizer/files/chars.h"
#include "base/types.h"

#include <utf8proc.h>

static bool is_ascii_punctuation(uint32_t code)
{
    return (code >= '!' && code <= '/') || (code >= ':' && code <= '@') || (code >= '[' && code <= '`') ||
           (code >= '{' && code <= '~');
}

static utf8proc_category_t category(uint32_t code)
{
    return utf8proc_category((utf8proc_int32_t)code);
}

static bool is_between(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

bool sp_char_is_space(uint32_t code)
{
    if (code < 0x80)
        return code == ' ' || is_between(code, '\t', '\r');
    return code == 0x85 || code == 0xA0 || code == 0x1680 || is_between(code, 0x2000, 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

bool sp_char_is_number(uint32_t code)
{
    if (code < 0x80)
        return is_between(code, '0', '9');
    utf8proc_category_t c = category(code);
    return c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NL || c == UTF8PROC_CATEGORY_NO;
}

bool sp_char_is_punctuation(uint32_t code)
{
    if (code < 0x80)
        return is_ascii_punctuation(code);
    utf8proc_category_t c = category(code);
    return c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO;
}

bool sp_char_is_mark(uint32_t code)
{
    if (code < 0x300)
        return false;
    utf8proc_category_t c = category(code);
    return c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME;
}

bool sp_char_is_nonspacing_mark(uint32_t code)
{
    return code >= 0x300 && category(code) == UTF8PROC_CATEGORY_MN;
}

bool sp_char_is_control(uint32_t code)
{
    if (code == '\t' || code == '\n' || code == '\r')
        return false;
    utf8proc_category_t c = category(code);
    return c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_CF || c == UTF8PROC_CATEGORY_CO;
}

bool sp_char_is_han(uint32_t code)
{
    static const uint32_t ranges[][2] = { { 0x4E00, 0x9FFF },   { 0x3400, 0x4DBF },   { 0x20000, 0x2A6DF },
                                          { 0x2A700, 0x2B73F }, { 0x2B740, 0x2B81F }, { 0x2B920, 0x2CEAF },
                                          { 0xF900, 0xFAFF },   { 0x2F800, 0x2FA1F } };
    for (size_t i = 0; i < SP_COUNT_OF(ranges); i++)
        if (is_between(code, ranges[i][0], ranges[i][1]))
            return true;
    return false;
}

/* Letters, marks, Nd, Nl, Pc, the joiners, and symbols that are alphabetic. */
bool sp_char_is_word(uint32_t code)
{
    if (code < 0x80)
        return code == '_' || is_between(code, '0', '9') || is_between(code | 0x20, 'a', 'z');
    utf8proc_category_t c = category(code);
    return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NL) || c == UTF8PROC_CATEGORY_PC || code == 0x200C ||
           code == 0x200D || is_between(code, 0x24B6, 0x24E9) || is_between(code, 0x1F130, 0x1F149) ||
           is_between(code, 0x1F150, 0x1F169) || is_between(code, 0x1F170, 0x1F189);
}

bool sp_char_is_not_word(uint32_t code)
{
    return !sp_char_is_word(code) && !sp_char_is_space(code);
}

size_t sp_char_at(sp_str s, size_t at, uint32_t *ret_code)
{
    size_t bad;
    if ((unsigned char)s.ptr[at] < 0x80) {
        *ret_code = (unsigned char)s.ptr[at];
        return 1;
    }
    size_t len = sp_utf8_decode(s, at, ret_code, &bad);
    if (len == 0)
        *ret_code = 0xFFFD;
    return len > 0 ? len : 1;
}

size_t sp_char_before(sp_str s, size_t at)
{
    do
        at--;
    while (at > 0 && !sp_utf8_begins(s.ptr[at]));
    return at;
}
