/* budget_judge.c - one measure against its budget: limit, reserve, exceptions, ratchet, growth. */
#include "check/budgets.h"

typedef struct judge {
    sp_budgets *all;
    const sp_budget *budget;
    sp_budget_state *state;
    sp_measure *measure;
    sp_str name;
    sp_str thing;
    size_t max_tokens; /* before the ratchet */
    const char *limit_note;
    sp_err *err;
} judge;

/* ---- the limit --------------------------------------------------------------------------------------- */

/* The exception that holds today for this item, or NULL. */
static const sp_exception *find_exception(const judge *j)
{
    for (size_t i = 0; i < j->budget->exception_count; i++) {
        const sp_exception *exception = &j->budget->exceptions[i];
        if (!sp_globs_match(&exception->items, j->measure->item) && !sp_globs_match(&exception->items, j->name))
            continue;
        j->state->exceptions[i] = true;
        if (!exception->until || !j->all->today || j->all->today <= exception->until)
            return exception;
        j->state->expired[i] = true;
    }
    return NULL;
}

static void set_limit(judge *j)
{
    const sp_budget *budget = j->budget;
    const sp_exception *exception = find_exception(j);
    sp_measure *measure = j->measure;
    if (!budget->max.is_given)
        return;
    size_t reserve = (size_t)sp_amount_of(budget->reserve, budget->max.value);
    j->max_tokens = exception ? (size_t)exception->max.value : (size_t)budget->max.value - reserve;
    j->limit_note = exception ? ", by an exception" : reserve ? ", which is max: without reserve:" : "";
    measure->limit_tokens = j->max_tokens;
    if (budget->warn_at.is_given && !exception)
        measure->warn_tokens = (size_t)sp_amount_of(budget->warn_at, j->max_tokens);
    if (budget->ratchet && measure->baseline_tokens != SP_NO_TOKENS && measure->baseline_tokens > j->max_tokens) {
        measure->limit_tokens = measure->baseline_tokens + (size_t)budget->min_delta.value;
        j->limit_note = ", what it had in the baseline: the ratchet lets it shrink, not grow";
    }
}

static void set_growth(judge *j)
{
    const sp_budget *budget = j->budget;
    if (!budget->increase.is_given || j->measure->baseline_tokens == SP_NO_TOKENS)
        return;
    size_t allowed = (size_t)sp_amount_of(budget->increase, j->measure->baseline_tokens);
    size_t flicker = (size_t)budget->min_delta.value;
    j->measure->growth_tokens = allowed > flicker ? allowed : flicker;
}

/* ---- the verdict ---------------------------------------------------------------------------------------- */

static sp_status fail(judge *j, sp_rule_key rule, sp_str message)
{
    if (!message.ptr)
        return sp_err_memory(j->err);
    j->measure->failed_rule = sp_str_of(sp_rule_id(rule));
    j->measure->message = message;
    return SP_OK;
}

static sp_status judge_limit(judge *j, size_t over)
{
    sp_measure *measure = j->measure;
    return fail(j, SP_RULE_BUDGET_OVER,
                sp_str_format(j->all->arena, "%.*s has %zu tokens, %zu more than the budget %.*s allows (%zu%s)",
                              SP_STR_ARG(j->thing), measure->tokens, over, SP_STR_ARG(measure->budget),
                              measure->limit_tokens, j->limit_note));
}

static sp_status judge_growth(judge *j, size_t grown)
{
    sp_measure *measure = j->measure;
    return fail(j, SP_RULE_BUDGET_INCREASE,
                sp_str_format(j->all->arena,
                              "%.*s has %zu tokens, %zu more than in the baseline, and the budget %.*s allows %zu more",
                              SP_STR_ARG(j->thing), measure->tokens, grown, SP_STR_ARG(measure->budget),
                              measure->growth_tokens));
}

static sp_status judge_nearness(judge *j)
{
    sp_measure *measure = j->measure;
    if (measure->limit_tokens != SP_NO_TOKENS && measure->tokens > j->max_tokens)
        return fail(j, SP_RULE_BUDGET_NEAR,
                    sp_str_format(j->all->arena,
                                  "%.*s has %zu tokens, over the %zu of the budget %.*s; the ratchet lets it stay "
                                  "while it does not grow beyond %zu",
                                  SP_STR_ARG(j->thing), measure->tokens, j->max_tokens, SP_STR_ARG(measure->budget),
                                  measure->limit_tokens));
    if (measure->warn_tokens == SP_NO_TOKENS || measure->tokens < measure->warn_tokens)
        return SP_OK;
    return fail(j, SP_RULE_BUDGET_NEAR,
                sp_str_format(j->all->arena,
                              "%.*s has %zu tokens, and the budget %.*s warns from %zu on (it allows %zu)",
                              SP_STR_ARG(j->thing), measure->tokens, SP_STR_ARG(measure->budget), measure->warn_tokens,
                              measure->limit_tokens));
}

sp_status sp_budget_judge(sp_budgets *budgets, size_t index, sp_str name, sp_str thing, sp_measure *measure,
                          size_t *ret_over, sp_err *err)
{
    judge j = {
        .all = budgets,
        .budget = &budgets->config->budgets[index],
        .state = &budgets->states[index],
        .measure = measure,
        .name = name,
        .thing = thing,
        .limit_note = "",
        .err = err,
    };
    bool is_compared = j.budget->ratchet || j.budget->increase.is_given;
    measure->limit_tokens = measure->warn_tokens = measure->baseline_tokens = measure->growth_tokens = SP_NO_TOKENS;
    *ret_over = 0;
    measure->is_compared = is_compared;
    if (is_compared && budgets->compares)
        SP_TRY(sp_baseline_find(budgets->arena, &budgets->baseline, measure->budget, measure->item,
                                &measure->baseline_tokens, err));
    set_limit(&j);
    set_growth(&j);
    if (measure->limit_tokens != SP_NO_TOKENS && measure->tokens > measure->limit_tokens) {
        *ret_over = measure->tokens - measure->limit_tokens;
        return judge_limit(&j, *ret_over);
    }
    if (measure->growth_tokens != SP_NO_TOKENS && measure->tokens > measure->baseline_tokens &&
        measure->tokens - measure->baseline_tokens > measure->growth_tokens)
        return judge_growth(&j, measure->tokens - measure->baseline_tokens);
    return judge_nearness(&j);
}
