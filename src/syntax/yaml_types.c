/* yaml_types.c - what YAML 1.2 makes of a scalar without quotes, by its core schema. */
#include "base/types.h"
#include "syntax/front_matter.h"

static bool is_one_of(sp_str value, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(value, sp_str_of(words[i])))
            return true;
    return false;
}

static size_t skip_digits(sp_str value, size_t at)
{
    while (at < value.len && value.ptr[at] >= '0' && value.ptr[at] <= '9')
        at++;
    return at;
}

/* 0x1F and 0o17 */
static bool is_based(sp_str value)
{
    bool is_hexadecimal = sp_str_starts(value, SP_STR("0x"));
    const char *digits = is_hexadecimal ? "0123456789abcdefABCDEF" : "01234567";
    bool is_number = value.len > 2 && (is_hexadecimal || sp_str_starts(value, SP_STR("0o")));
    for (size_t i = 2; i < value.len && is_number; i++)
        is_number = value.ptr[i] && strchr(digits, value.ptr[i]);
    return is_number;
}

/* 5, -0.5, 012, 1e3 */
static bool is_decimal(sp_str value)
{
    size_t begin = value.len && (value.ptr[0] == '-' || value.ptr[0] == '+');
    size_t at = skip_digits(value, begin);
    size_t digits = at - begin;
    if (at < value.len && value.ptr[at] == '.') {
        size_t end = skip_digits(value, at + 1);
        digits += end - at - 1;
        at = end;
    }
    if (digits && at < value.len && (value.ptr[at] == 'e' || value.ptr[at] == 'E')) {
        at++;
        at += at < value.len && (value.ptr[at] == '-' || value.ptr[at] == '+');
        size_t end = skip_digits(value, at);
        return end > at && end == value.len;
    }
    return digits && at == value.len;
}

bool sp_yaml_is_string(sp_str plain)
{
    static const char *const words[] = { "",      "~",     "null",  "Null",  "NULL",  "true",  "True", "TRUE",
                                         "false", "False", "FALSE", ".nan",  ".NaN",  ".NAN",  ".inf", ".Inf",
                                         ".INF",  "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF" };
    return !is_one_of(plain, words, SP_COUNT_OF(words)) && !is_based(plain) && !is_decimal(plain);
}
