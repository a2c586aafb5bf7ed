/* amount.c - the digits on both sides of the point are one integer; the unit says how many decimals it may have. */
#include "base/amount.h"

#include "base/base.h"

static bool is_digit(sp_str text, size_t at)
{
    return at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';
}

/* The comma of "8,000": three digits follow, and no fourth. */
static bool is_separator(sp_str text, size_t at)
{
    return is_digit(text, at + 1) && is_digit(text, at + 2) && is_digit(text, at + 3) && !is_digit(text, at + 4) &&
           text.ptr[at] == ',';
}

static size_t skip_digits(sp_str text, size_t at)
{
    while (is_digit(text, at))
        at++;
    return at;
}

/* The zeros that a unit adds: "k" 3, "m" 6, "e4" 4, none 0. A share is counted in hundredths, so "%" adds 2. */
static bool read_unit(sp_str unit, size_t *ret_zeros, bool *ret_is_share)
{
    bool is_power = unit.len == 2 && (unit.ptr[0] == 'e' || unit.ptr[0] == 'E') && is_digit(unit, 1);
    *ret_is_share = sp_str_eq(unit, SP_STR("%"));
    *ret_zeros = is_power                              ? (size_t)(unit.ptr[1] - '0')
                 : *ret_is_share                       ? 2
                 : sp_str_eq_nocase(unit, SP_STR("k")) ? 3
                 : sp_str_eq_nocase(unit, SP_STR("m")) ? 6
                                                       : 0;
    return unit.len == 0 || *ret_zeros > 0 || is_power;
}

/* Appends digits to a number; commas between them count for nothing. False where it grows too large. */
static bool append(sp_str digits, uint64_t *value)
{
    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] != ',' && (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
                                     __builtin_add_overflow(*value, (uint64_t)(digits.ptr[i] - '0'), value)))
            return false;
    return true;
}

bool sp_amount_read(sp_str text, sp_amount *ret)
{
    size_t point = 0, zeros = 0;
    bool is_share = false;
    while (is_digit(text, point) || (point > 0 && is_separator(text, point)))
        point++;
    bool has_point = point < text.len && text.ptr[point] == '.';
    size_t end = has_point ? skip_digits(text, point + 1) : point;
    if (point == 0 || (has_point && end == point + 1) ||
        !read_unit(sp_str_slice(text, end, text.len), &zeros, &is_share) || (has_point && end == text.len))
        return false;
    sp_str decimals = sp_str_slice(text, has_point ? point + 1 : point, end);
    while (decimals.len > 0 && decimals.ptr[decimals.len - 1] == '0')
        decimals.len--;
    uint64_t value = 0;
    if (decimals.len > zeros || !append(sp_str_slice(text, 0, point), &value) || !append(decimals, &value) ||
        !append(sp_str_slice(SP_STR("000000000"), 0, zeros - decimals.len), &value) ||
        value > (is_share ? SP_AMOUNT_MAX_SHARE : (uint64_t)INT64_MAX))
        return false;
    *ret = (sp_amount){ .is_given = true, .is_share = is_share, .value = value };
    return true;
}

uint64_t sp_amount_of(sp_amount amount, uint64_t whole)
{
    uint64_t tokens = amount.value;
    if (amount.is_share &&
        (__builtin_mul_overflow(whole / SP_AMOUNT_ALL, amount.value, &tokens) ||
         __builtin_add_overflow(tokens, whole % SP_AMOUNT_ALL * amount.value / SP_AMOUNT_ALL, &tokens)))
        return INT64_MAX;
    return tokens < (uint64_t)INT64_MAX ? tokens : (uint64_t)INT64_MAX;
}
