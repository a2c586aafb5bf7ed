/* budget.c - a number of tokens as people write it. */
#include "trim/budget.h"
#include "base/base.h"
#include "base/types.h"

/* The number at offset *at, which goes behind it. */
static bool read_number(sp_str text, size_t *at, uint64_t *ret)
{
    size_t begin = *at;
    uint64_t value = 0;
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at)
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.ptr[*at] - '0'), &value))
            return false;
    *ret = value;
    return *at > begin;
}

static sp_status fail(sp_err *err, sp_str text)
{
    return sp_err_set(err, SP_ERR_USAGE,
                      "\"%.*s\" is no number of tokens; write a whole number such as 8000 or 8k, or a share of the "
                      "model's window such as 5%% or 2.5%%",
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
    if (!read_number(text, &at, &value) || value > SIZE_MAX / 1000000)
        return fail(err, text);
    bool has_point = at < text.len && text.ptr[at] == '.';
    if (has_point && (at += 1, !read_number(text, &at, &tenths) || tenths > 9))
        return fail(err, text);
    sp_str unit = sp_str_slice(text, at, text.len);
    if (sp_str_eq(unit, SP_STR("%")))
        return share_of_window(model, window_tokens, 10 * value + tenths, text, ret_tokens, err);
    bool is_million = sp_str_eq_nocase(unit, SP_STR("m"));
    bool is_thousand = sp_str_eq_nocase(unit, SP_STR("k"));
    if ((unit.len && !is_million && !is_thousand) || (has_point && !unit.len))
        return fail(err, text);
    size_t scale = is_million ? 1000000 : is_thousand ? 1000 : 1;
    *ret_tokens = (size_t)value * scale + (size_t)tenths * (scale / 10);
    return SP_OK;
}
