/* budget_judge.c - one measure against its budget: limit, reserve, exceptions, ratchet, growth. */
#include "base/numbers.h"
#include "base/types.h"
#include "check/budgets.h"
#include "check/result.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

typedef struct judge {
    sp_budgets *all;
    const sp_budget *budget;
    sp_budget_state *state;
    sp_measure *measure;
    const sp_subject *subject;
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
        if (!sp_globs_match(&exception->items, j->measure->item) &&
            !sp_globs_match(&exception->items, j->subject->name))
            continue;
        j->state->exceptions[i] = true;
        if (!exception->until || !j->all->today || j->all->today <= exception->until)
            return exception;
        j->state->expired[i] = true;
    }
    return NULL;
}

/* False where it is a share of a window that is not known. */
static bool find_max(judge *j, const sp_amount *max, size_t *ret)
{
    if (!max->is_share || j->subject->window_tokens) {
        *ret = (size_t)sp_amount_of(*max, j->subject->window_tokens);
        return true;
    }
    if (j->state->windowless_count++ == 0)
        j->state->windowless = j->measure->item;
    return false;
}

static void set_limit(judge *j)
{
    const sp_budget *budget = j->budget;
    const sp_exception *exception = find_exception(j);
    sp_measure *measure = j->measure;
    size_t max = 0;
    if (!budget->max.is_given || !find_max(j, exception ? &exception->max : &budget->max, &max))
        return;
    size_t reserve = exception ? 0 : (size_t)sp_amount_of(budget->reserve, max);
    j->max_tokens = max > reserve ? max - reserve : 0;
    measure->limit_offset = exception ? exception->offset : budget->offset;
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
    j->measure->failed_rule = rule;
    j->measure->message = message;
    return SP_OK;
}

/* "~680 (625..742) tokens, up to 42 more than": what comes behind a number that a limit is compared with. */
static const char *how_far(const judge *j)
{
    static const char *const words[] = {
        [SP_BOUND_UPPER] = "up to ", [SP_BOUND_MIDDLE] = "about ", [SP_BOUND_LOWER] = "at least "
    };
    return j->measure->exact ? "" : words[j->all->request->bound];
}

/* Numbers in a sentence. */
typedef struct numbers {
    char size[SP_TOKENS_ROOM];
    char by[32];
    char limit[32];
    char more[32];
    char by_whom[32]; /* unless that was done here */
} numbers;

static numbers write_numbers(const judge *j, size_t by, size_t limit, size_t more)
{
    numbers n = { .size = "" };
    sp_str day = j->measure->counted_on;
    if (day.ptr)
        snprintf(n.by_whom, sizeof n.by_whom, " (api-count %.*s)", SP_STR_ARG(day));
    sp_tokens_text(n.size, j->measure->exact, j->measure->tokens, j->measure->range);
    sp_number_text(n.by, by);
    sp_number_text(n.limit, limit);
    sp_number_text(n.more, more);
    return n;
}

static sp_status judge_limit(judge *j, size_t over)
{
    sp_measure *measure = j->measure;
    numbers n = write_numbers(j, over, measure->limit_tokens, 0);
    return fail(j, SP_RULE_BUDGET_OVER,
                sp_str_format(j->all->arena, "%.*s has %s tokens%s, %s%s more than the budget %.*s allows (%s%s)",
                              SP_STR_ARG(j->subject->thing), n.size, n.by_whom, how_far(j), n.by,
                              SP_STR_ARG(measure->budget), n.limit, j->limit_note));
}

static sp_status judge_growth(judge *j, size_t grown)
{
    sp_measure *measure = j->measure;
    numbers n = write_numbers(j, grown, measure->growth_tokens, 0);
    return fail(
        j, SP_RULE_BUDGET_INCREASE,
        sp_str_format(
            j->all->arena, "%.*s has %s tokens%s, %s%s more than in the baseline, and the budget %.*s allows %s more",
            SP_STR_ARG(j->subject->thing), n.size, n.by_whom, how_far(j), n.by, SP_STR_ARG(measure->budget), n.limit));
}

static sp_status judge_nearness(judge *j)
{
    sp_measure *measure = j->measure;
    numbers n = write_numbers(j, j->max_tokens, measure->limit_tokens, measure->warn_tokens);
    if (measure->limit_tokens != SP_NO_TOKENS && measure->bound_tokens > j->max_tokens)
        return fail(j, SP_RULE_BUDGET_NEAR,
                    sp_str_format(j->all->arena,
                                  "%.*s has %s tokens%s, over the %s of the budget %.*s; the ratchet lets it stay "
                                  "while it does not grow beyond %s",
                                  SP_STR_ARG(j->subject->thing), n.size, n.by_whom, n.by, SP_STR_ARG(measure->budget),
                                  n.limit));
    if (measure->warn_tokens == SP_NO_TOKENS || measure->bound_tokens < measure->warn_tokens)
        return SP_OK;
    return fail(
        j, SP_RULE_BUDGET_NEAR,
        sp_str_format(j->all->arena, "%.*s has %s tokens%s, and the budget %.*s warns from %s on (it allows %s)",
                      SP_STR_ARG(j->subject->thing), n.size, n.by_whom, SP_STR_ARG(measure->budget), n.more, n.limit));
}

static void set_size(judge *j)
{
    const sp_size *size = &j->subject->size;
    sp_measure *measure = j->measure;
    measure->encoding = j->subject->encoding;
    measure->model_encoding = j->subject->counted_on.ptr ? NULL : j->subject->model_encoding;
    measure->counted_on = j->subject->counted_on;
    measure->of_request = j->subject->of_request;
    measure->exact = !measure->of_request && (measure->counted_on.ptr || sp_encoding_is_exact(measure->encoding));
    measure->tokens = size->tokens;
    measure->range = size->range;
    measure->bound_tokens = sp_bound_tokens(j->all->request->bound, size->tokens, size->range);
}

sp_str sp_measure_key(sp_arena *arena, const sp_measure *measure)
{
    return measure->of_request ? sp_str_format(arena, "request of %.*s", SP_STR_ARG(measure->item)) : measure->item;
}

sp_status sp_budget_judge(sp_budgets *budgets, size_t index, const sp_subject *subject, sp_measure *measure,
                          size_t *ret_over, sp_err *err)
{
    judge j = {
        .all = budgets,
        .budget = &budgets->config->budgets[index],
        .state = &budgets->states[index],
        .measure = measure,
        .subject = subject,
        .limit_note = "",
        .err = err,
    };
    bool is_compared = j.budget->ratchet || j.budget->increase.is_given;
    measure->limit_tokens = measure->warn_tokens = measure->baseline_tokens = measure->growth_tokens = SP_NO_TOKENS;
    *ret_over = 0;
    measure->limit_offset = j.budget->offset;
    measure->is_compared = is_compared;
    set_size(&j);
    if (is_compared && budgets->compares) {
        sp_str item = sp_measure_key(budgets->arena, measure);
        if (!item.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_baseline_find(budgets->arena, &budgets->baseline, measure->budget, item, &measure->baseline_tokens,
                                err));
    }
    set_limit(&j);
    set_growth(&j);
    if (measure->limit_tokens != SP_NO_TOKENS && measure->bound_tokens > measure->limit_tokens) {
        *ret_over = measure->bound_tokens - measure->limit_tokens;
        return judge_limit(&j, *ret_over);
    }
    if (measure->growth_tokens != SP_NO_TOKENS && measure->bound_tokens > measure->baseline_tokens &&
        measure->bound_tokens - measure->baseline_tokens > measure->growth_tokens)
        return judge_growth(&j, measure->bound_tokens - measure->baseline_tokens);
    return judge_nearness(&j);
}
