/*
 * budgets.h - what the configuration allows things to cost: measures, and findings where it is more.
 *
 *   SP_TRY(sp_budgets_start(&budgets, ..., err));
 *   SP_TRY(sp_budgets_prompt(&budgets, &place, name, &prompt, err));      for every prompt
 *   SP_TRY(sp_budgets_files(&budgets, err));
 *   SP_TRY(sp_budgets_finish(&budgets, err));
 *   sp_budgets_release(&budgets);                                                      also after a failure
 */
#ifndef SP_CHECK_BUDGETS_H
#define SP_CHECK_BUDGETS_H

#include "base/types.h"
#include "check/baseline.h"
#include "check/findings.h"
#include "check/meter.h"
#include "check/result.h"
#include "load/load.h"
#include "model/prompt.h"
#include "model/request.h"
#include "remote/provider.h"
#include "tokenizer/tokens.h"

/* Where a client is started, and by whose rules. */
typedef struct sp_launch {
    sp_str folder;     /* absolute */
    sp_str item;       /* as budgets see it: below the configuration's folder, "." for that itself */
    sp_str profile;    /* the name that budgets give it; ptr NULL: the one that the check is asked for */
    bool is_target;    /* it is looked at for its own sake, not for a budget alone */
    bool is_at_target; /* so is its folder, perhaps by the rules of another client */
} sp_launch;

typedef sp_list(sp_launch) sp_launch_list;

/* What is measured. */
typedef struct sp_subject {
    sp_str name;  /* what exceptions may call it, beside its item */
    sp_str thing; /* how a sentence about it begins */
    const sp_encoding *encoding;
    const sp_encoding *model_encoding; /* of its own model, where that is another one */
    size_t window_tokens;              /* of its model; 0: not known */
    sp_size size;
    bool of_request;
    sp_str counted_on; /* the day on which the provider counted it; ptr NULL: counted here */
} sp_subject;

/* What one budget has met so far. */
typedef struct sp_budget_state {
    bool *agents; /* which of its patterns matched something */
    bool *directories;
    bool *files;
    bool *exceptions;
    bool *expired; /* exceptions that would have been needed */
    size_t measure_count;
    uint32_t fullest; /* the measure nearest to its limit, or SP_NONE */
    bool has_failed;
    size_t windowless_count; /* measures of which a share of a window is the limit, and no window is known, */
    sp_str windowless;       /* and the first of them */
} sp_budget_state;

typedef struct sp_budgets {
    sp_arena *arena;
    const sp_check_config *config;
    const sp_request *request; /* for the encoding */
    const sp_reader *reader;   /* of files: the disk, or a revision */
    const sp_encoding *encoding;
    sp_findings *findings;
    sp_str current;
    sp_str base; /* what patterns are seen from: the configuration's folder */
    uint32_t today;
    bool is_complete;         /* everything is looked at: what matches nothing is worth a word */
    bool compares;            /* false: the baseline is about to be written anew */
    const char *new_baseline; /* the user's own path for that; NULL: the configuration says */
    sp_api *api;              /* who counts; NULL: the meter */
    sp_baseline baseline;
    sp_meter meter;
    size_t offered_bytes; /* of prompts over their budgets, in which cuts are looked for */
    sp_diags diags;       /* about the configuration: it remembers the place of the last one */
    sp_budget_state *states;
    sp_list(sp_measure) measures;
} sp_budgets;

/* The fields up to compares are set. Reads the baseline. Errors as for sp_baseline_open and
 * sp_baseline_read. */
SP_MUST_USE sp_status sp_budgets_start(sp_budgets *budgets, sp_err *err);

/* A path as budgets see it. ptr NULL when memory is short. */
sp_str sp_budgets_item(const sp_budgets *budgets, sp_str absolute);

/* The places that prompts have to be built in for the budgets, added to those that are there: these are the targets. */
SP_MUST_USE sp_status sp_budgets_plan(sp_budgets *budgets, sp_launch_list *places, sp_err *err);
/* Whether some budget is about an agent of that name in that place; ptr NULL: about any. */
bool sp_budgets_want_agent(const sp_budgets *budgets, const sp_launch *place, sp_str name);
/* Whether some budget is about the whole request of that agent, or with ptr NULL of a session, in that place: then
 * prompt->whole has to be there. SP_ERR_USAGE with the budget's place where the profile of the prompt has no version.
 */
SP_MUST_USE sp_status sp_budgets_want_request(const sp_budgets *budgets, const sp_launch *place, sp_str name,
                                              const sp_profile *profile, bool *ret, sp_err *err);

/* Measures a prompt for each budget that is about it. name is an agent's, or ptr NULL. arena holds the prompt. */
SP_MUST_USE sp_status sp_budgets_prompt(sp_budgets *budgets, const sp_launch *place, sp_str name, sp_prompt *prompt,
                                        sp_err *err);

/* Measures files; of these only those in the folders, or with the paths, that only has (absolute), unless that is
 * empty. */
SP_MUST_USE sp_status sp_budgets_files(sp_budgets *budgets, const sp_str *only, size_t only_count, sp_err *err);

/* Turns measures into findings, and says which budgets are good for nothing or could be tighter. */
SP_MUST_USE sp_status sp_budgets_finish(sp_budgets *budgets, sp_err *err);
void sp_budgets_release(sp_budgets *budgets);

/* ---- budget_judge.c --------------------------------------------------------------------------------- */

/* Fills in size, limits, baseline and, where it does not fit, failed_rule and message but for the cuts. *ret_over is by
 * how many tokens it is over the limit. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_budget_judge(sp_budgets *budgets, size_t index, const sp_subject *subject, sp_measure *measure,
                                      size_t *ret_over, sp_err *err);

/* A limit for something of that size: some room, and a round number. */
size_t sp_budget_suggest(size_t tokens);

#endif
