/*
 * config.h - sysprompt.yaml: which findings count and how much, and what may be how large.
 *
 *   const sp_check_config *config = sp_config_rules(public_config);   NULL-safe: without a file everything is default
 *   if (config->severities[rule] != SP_SEVERITY_DEFAULT) ...
 *
 * One table of keys for each section (config.c). Every mistake is an error with line and column.
 */
#ifndef SP_CHECK_CONFIG_H
#define SP_CHECK_CONFIG_H

#include "base/amount.h"
#include "base/glob.h"
#include "base/types.h"
#include "check/open_config.h"
#include "model/request.h"
#include "rules/profile.h"
#include "tokenizer/tokens.h"

enum { SP_CONFIG_FILE_NAME_ROOM = 16 };
#define SP_CONFIG_FILE "sysprompt.yaml"
#define SP_BASELINE_FILE "sysprompt-baseline.yaml"

/* What a finding is worth. The levels are those of sp_level, one up. */
typedef enum sp_severity {
    SP_SEVERITY_DEFAULT,
    SP_SEVERITY_OFF,
    SP_SEVERITY_NOTE,
    SP_SEVERITY_WARNING,
    SP_SEVERITY_ERROR,
} sp_severity;

/* Path patterns (base/glob.h), relative to the folder of the configuration. */
typedef struct sp_globs {
    const sp_str *texts;
    const sp_glob *globs;
    size_t count;
} sp_globs;

bool sp_globs_match(const sp_globs *globs, sp_str path);

/* Rules that are not reported for some files. */
typedef struct sp_path_ignore {
    sp_globs paths;
    const bool *rules; /* by key */
} sp_path_ignore;

/* A text, and where it stands in the configuration's. */
typedef struct sp_placed_text {
    sp_str text; /* ptr NULL: it is not there */
    size_t offset;
} sp_placed_text;

typedef struct sp_exception {
    sp_globs items;
    sp_amount max;
    uint32_t until; /* yyyymmdd, the last day; 0: for ever */
    sp_str reason;
    size_t offset;
} sp_exception;

/* What is measured (one of agents, directories and files, or the first two together), and how large it may be. */
typedef struct sp_budget {
    sp_str name;
    size_t offset;
    sp_globs agents;      /* names: the prompt of each agent */
    sp_globs directories; /* the prompt of a session that is started in each */
    sp_globs files;       /* each file as a text of its own */
    sp_str heading;       /* of files: only what stands under this heading */
    sp_globs profiles;    /* prompts by these clients' rules */
    sp_amount max;
    sp_amount reserve;
    sp_amount warn_at;
    sp_amount increase;
    sp_amount min_delta;
    bool ratchet;
    bool of_request; /* the whole first request is measured, not the prompt that build prints */
    const sp_exception *exceptions;
    size_t exception_count;
} sp_budget;

typedef struct sp_check_config {
    sp_str path;   /* as messages show it; ptr NULL: there is no file */
    sp_str folder; /* absolute: patterns are seen from here */
    sp_str text;
    sp_str profile;
    sp_placed_text encoding; /* names: sp_config_check_names says whether they are known */
    sp_placed_text model;
    sp_placed_text tokenizer; /* a path, seen from folder */
    sp_placed_text pattern;
    sp_bound bound;
    const sp_str *locks; /* paths, seen from folder */
    size_t lock_count;
    sp_placed_text baseline; /* a path, seen from folder; ptr NULL: SP_BASELINE_FILE */
    sp_severity severities[SP_RULE_ROOM];
    const sp_path_ignore *ignores;
    size_t ignore_count;
    const sp_budget *budgets;
    size_t budget_count;
    const sp_priority_rule *trim; /* which text a budget takes away first */
    size_t trim_count;
} sp_check_config;

/* Reads the text of a configuration. Lives in the arena, and borrows path, folder and text. Errors: SP_ERR_INPUT with
 * the place; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_config_parse(sp_arena *arena, sp_str path, sp_str folder, sp_str text, sp_check_config *ret,
                                      sp_err *err);

/* What the public struct stands for. */
const sp_check_config *sp_config_rules(const sp_config *config);

/* What the braces of one configuration may expand to together. */
sp_glob_budget sp_globs_budget(void);

/* Compiles patterns; *budget is charged. A pattern with a [ that nothing closes, or with braces that cost more, is
 * *ret_bad, the index of the first such text, else SIZE_MAX. */
SP_MUST_USE sp_status sp_globs_compile(sp_arena *arena, const sp_str *texts, size_t count, sp_glob_budget *budget,
                                       sp_globs *ret, size_t *ret_bad, sp_err *err);

#endif
