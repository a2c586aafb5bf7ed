/* budget.c - a number of tokens as people write it. */
#include "trim/budget.h"
#include "base/amount.h"
#include "base/base.h"
#include "base/types.h"

static sp_status fail(sp_err *err, sp_str text)
{
    return sp_err_set(err, SP_ERR_USAGE,
                      "invalid token count \"%.*s\"; expected a whole number such as 8000 or 8.5k, or a share of the "
                      "model's window such as 5%% or 0.25%%",
                      SP_STR_ARG(text));
}

static sp_status share_of_window(sp_str model, size_t window_tokens, sp_amount share, sp_str text, size_t *ret,
                                 sp_err *err)
{
    if (share.value > SP_AMOUNT_ALL)
        return sp_err_set(err, SP_ERR_USAGE, "\"%.*s\" is more than the window", SP_STR_ARG(text));
    if (!model.ptr)
        return sp_err_set(err, SP_ERR_USAGE,
                          "\"%.*s\" is a share of a model's window, and no model is named; give --model, or a number",
                          SP_STR_ARG(text));
    if (!window_tokens)
        return sp_err_set(err, SP_ERR_USAGE,
                          "the window of the model \"%.*s\" is not known; give a number instead of \"%.*s\"",
                          SP_STR_ARG(model), SP_STR_ARG(text));
    *ret = (size_t)sp_amount_of(share, window_tokens);
    return SP_OK;
}

sp_status sp_budget_parse(sp_str text, sp_str model, size_t window_tokens, size_t *ret_tokens, sp_err *err)
{
    sp_amount amount;
    if (!sp_amount_read(text, &amount) || (!amount.is_share && amount.value > SIZE_MAX / 2))
        return fail(err, text);
    if (amount.is_share)
        return share_of_window(model, window_tokens, amount, text, ret_tokens, err);
    *ret_tokens = (size_t)amount.value;
    return SP_OK;
}
