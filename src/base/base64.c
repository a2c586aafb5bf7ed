#include "base/base64.h"
#include "base/types.h"

/* -1: none. */
static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool sp_base64_is_digit(char c)
{
    return digit_of(c) >= 0;
}

size_t sp_base64_decode(sp_str text, size_t *at, char *out, bool *ret_is_whole)
{
    size_t digits = 0, padding = 0, len = 0;
    uint32_t bits = 0;
    for (int digit; *at < text.len && (digit = digit_of(text.ptr[*at])) >= 0; (*at)++) {
        bits = bits << 6 | (uint32_t)digit;
        if (digits++ % 4 > 0)
            out[len++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
    }
    for (; *at < text.len && text.ptr[*at] == '=' && padding < 2; (*at)++)
        padding++;
    *ret_is_whole = digits > 0 && digits % 4 != 1 && (digits + padding) % 4 == 0;
    return len;
}
