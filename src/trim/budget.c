/* budget.c - a number of tokens as people write it. */
#include "trim/budget.h"
#include "base/base.h"
#include "base/types.h"

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

/* The number at offset *at, which is moved to the end of it. */
static bool read_number(sp_str text, size_t *at, uint64_t *ret)
{
    size_t begin = *at;
    uint64_t value = 0;
    for (; is_digit(text, *at) || (*at > begin && is_separator(text, *at)); ++*at) {
        if (text.ptr[*at] == ',')
            continue;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.ptr[*at] - '0'), &value))
            return false;
    }
    *ret = value;
    return *at > begin;
}

/* The factor of a unit: "k", "m", or "e4" for four zeros. 0 for something else. */
static uint64_t factor_of(sp_str unit)
{
    uint64_t factor = 1;
    bool is_power = unit.len == 2 && (unit.ptr[0] == 'e' || unit.ptr[0] == 'E') && is_digit(unit, 1);
    size_t zeros = is_power                              ? (size_t)(unit.ptr[1] - '0')
                   : sp_str_eq_nocase(unit, SP_STR("k")) ? 3
                   : sp_str_eq_nocase(unit, SP_STR("m")) ? 6
                   : unit.len                            ? SIZE_MAX
                                                         : 0;
    for (size_t i = 0; i < zeros && zeros != SIZE_MAX; i++)
        factor *= 10;
    return zeros == SIZE_MAX ? 0 : factor;
}

static sp_status fail(sp_err *err, sp_str text)
{
    return sp_err_set(err, SP_ERR_USAGE,
                      "invalid token count \"%.*s\"; expected 8000, 8k, or a share of the model's window such as 5%%",
                      SP_STR_ARG(text));
}

/* percent_tenths: 25 is 2.5% */
static sp_status share_of_window(sp_str model, size_t window_tokens, uint64_t percent_tenths, sp_str text, size_t *ret,
                                 sp_err *err)
{
    if (percent_tenths > 1000)
        return sp_err_set(err, SP_ERR_USAGE, "\"%.*s\" is more than the window", SP_STR_ARG(text));
    if (!model.ptr)
        return sp_err_set(err, SP_ERR_USAGE,
                          "\"%.*s\" is a share of a model's window, and no model is named; give --model, or a number",
                          SP_STR_ARG(text));
    if (!window_tokens)
        return sp_err_set(err, SP_ERR_USAGE,
                          "the window of the model \"%.*s\" is not known; give a number instead of \"%.*s\"",
                          SP_STR_ARG(model), SP_STR_ARG(text));
    *ret = (size_t)(window_tokens * percent_tenths / 1000);
    return SP_OK;
}

sp_status sp_budget_parse(sp_str text, sp_str model, size_t window_tokens, size_t *ret_tokens, sp_err *err)
{
    uint64_t value = 0, tenths = 0;
    size_t at = 0;
    if (!read_number(text, &at, &value) || value > UINT64_MAX / 1000000)
        return fail(err, text);
    bool has_point = at < text.len && text.ptr[at] == '.';
    if (has_point && (at += 1, !read_number(text, &at, &tenths) || tenths > 9))
        return fail(err, text);
    sp_str unit = sp_str_slice(text, at, text.len);
    if (sp_str_eq(unit, SP_STR("%")))
        return share_of_window(model, window_tokens, 10 * value + tenths, text, ret_tokens, err);
    uint64_t factor = factor_of(unit);
    if (factor == 0 || (has_point && factor < 10) || value > SIZE_MAX / factor / 2)
        return fail(err, text);
    *ret_tokens = (size_t)(value * factor + tenths * (factor / 10));
    return SP_OK;
}
