/* result.h - what to check, and what a check found. */
#ifndef SP_CHECK_RESULT_H
#define SP_CHECK_RESULT_H

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/types.h"
#include "capture/result.h"
#include "check/open_config.h"
#include "model/lock.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "remote/provider.h"
#include "tokenizer/tokens.h"

/* Which findings: those about budgets, or all others. */
typedef enum sp_check_part {
    SP_CHECK_ALL,
    SP_CHECK_BUDGETS,
    SP_CHECK_LINT,
} sp_check_part;

/* What to check. Strings are borrowed for the call. */
typedef struct sp_check_request {
    const sp_request *request;  /* where to look and how to count; agent, agent_text and named files do not matter */
    const sp_config *config;    /* or NULL */
    const char *const *targets; /* agents by path or name, instruction files, folders to start a client in */
    size_t target_count;        /* 0: the launch directory, with every agent that is found there, unless only_locks */
    const sp_lock_check *locks; /* prompts that have to be what they were */
    size_t lock_count;
    bool only_locks; /* nothing else is looked at */
    uint32_t today;  /* as yyyymmdd, for what expires; 0: nothing does */
    sp_check_part part;
    sp_level fail_level;         /* findings of this level and above are failures in reports that know such a thing */
    bool updates_baseline;       /* measure for SP_REPORT_BASELINE: nothing is compared */
    const char *baseline_file;   /* with that: where the user wants the new baseline; NULL: as the configuration says */
    bool proposes_budgets;       /* measure for SP_REPORT_CONFIG: agents, session and files, not what config has */
    bool failures_only;          /* leave the others out of findings; they are still counted */
    const sp_captured *captured; /* check this recorded request and nothing else; NULL: what would load */
    sp_api *api; /* lets the provider count what budgets are about, each as a request of its own; NULL counts here */
} sp_check_request;

#define SP_NO_TOKENS SIZE_MAX

/* Something that could be taken out of a prompt that is over its budget. */
typedef struct sp_offer {
    sp_str path;
    uint32_t first_line;
    uint32_t last_line;
    sp_str heading; /* ptr NULL: the whole file */
    size_t tokens;
} sp_offer;

enum { SP_OFFER_COUNT = 3 };

typedef enum sp_offers_do {
    SP_OFFERS_NONE,
    SP_OFFERS_EACH,      /* each of them is enough */
    SP_OFFERS_TOGETHER,  /* all of them are, and no fewer */
    SP_OFFERS_TOO_SMALL, /* the largest, which are not enough */
} sp_offers_do;

/* How large something is that a budget is about. */
typedef struct sp_measure {
    sp_str budget; /* its name */
    sp_str item;   /* an agent's name, a path, "." for the launch directory; with @PROFILE where a budget names some */
    sp_str path;   /* a file to look at, as in sp_source */
    uint32_t line; /* in that file, as of a budget in the configuration; 0 for the whole of it */
    bool of_file;  /* it is a file, else a prompt */
    size_t limit_offset;               /* in the configuration: the budget, or the exception that sets the limit */
    sp_position limit_place;           /* and its line and column */
    const sp_encoding *encoding;       /* the check's */
    const sp_encoding *model_encoding; /* of an agent: as in sp_listed_agent */
    bool exact;
    bool of_request; /* it is the whole first request, else the prompt that build prints, or a file */
    size_t tokens;
    sp_range range;      /* of these */
    sp_str counted_on;   /* the day on which the provider counted them, and exact is set; ptr NULL: counted here */
    size_t bound_tokens; /* what is held against the limits: of an estimate the number that the request's bound says */
    size_t limit_tokens; /* max without reserve, or what an exception or the ratchet allows; or SP_NO_TOKENS */
    size_t warn_tokens;  /* or SP_NO_TOKENS */
    size_t baseline_tokens;          /* what it had there, or SP_NO_TOKENS */
    size_t growth_tokens;            /* how much it may have grown since, or SP_NO_TOKENS */
    bool is_compared;                /* with a baseline */
    sp_rule_key failed_rule;         /* budget.over, budget.increase or budget.near; SP_RULE_NONE: it fits */
    sp_str message;                  /* about that */
    sp_offer offers[SP_OFFER_COUNT]; /* of an item over its limit */
    size_t offer_count;
    sp_offers_do offers_do;
} sp_measure;

/* What a baseline calls it: another sum has another name, so that the two are not compared. ptr NULL: out of memory. */
sp_str sp_measure_key(sp_arena *arena, const sp_measure *measure);

typedef struct sp_check {
    const sp_encoding *encoding;   /* of everything that is measured */
    sp_str encoding_note;          /* as in sp_prompt */
    const sp_profile *profile;     /* whose rules these are */
    sp_bound bound;                /* of the request: which number of an estimate is held against a limit */
    sp_level fail_level;           /* of the request */
    const sp_diagnostic *findings; /* worst first, each once; SP_FINDING is an error here */
    size_t finding_count;
    size_t level_counts[3];     /* by sp_level */
    size_t ignored_count;       /* findings that the configuration or a comment keeps quiet */
    size_t agent_count;         /* agents that load, of all places */
    size_t prompt_count;        /* prompts that were built */
    size_t lock_count;          /* locks that were compared */
    sp_str_list files;          /* that were looked at, sorted */
    const sp_measure *measures; /* in the order of the configuration, by item */
    size_t measure_count;
    sp_str baseline_path; /* of the baseline, as in sp_source; ptr NULL: no budget compares */
    sp_file_place baseline_place;
    sp_str_list outside;   /* with proposes_budgets: files outside the repository that are measured, sorted */
    sp_str repository;     /* with that: the directory that they lie outside of, as in sp_source */
    bool has_inside_agent; /* with that: an agent in the repository is measured */
    void *owner;           /* what all of the above lives in; for sp_check_free */
} sp_check;

#endif
