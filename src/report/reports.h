/* reports.h - products as text, tables, JSON and files for CI. */
#ifndef SP_REPORT_REPORTS_H
#define SP_REPORT_REPORTS_H

#include "attribute/tree.h"
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/result.h"
#include "diff/result.h"
#include "explain/caching/result.h"
#include "explain/duplicates/result.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "report/format.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

/* How tables look. Zero-initialised is plain text, as wide as it comes; with a width, cells go on in further lines. */
typedef struct sp_style {
    bool color;
    unsigned width_columns;
    sp_bars bars;   /* beside the rows of a tree */
    bool shows_all; /* every row, and not a few of a kind */
} sp_style;

/* Renders a prompt into one malloc'd run of bytes, which the caller frees. style may be NULL. SP_FORMAT_TEXT of a
 * prompt with more than one message, SP_FORMAT_WHY of one that was not asked, a plan of one without a budget and an
 * unknown format are SP_ERR_USAGE; otherwise fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_prompt_render(const sp_prompt *prompt, sp_format format, const sp_style *style,
                                       char **ret_bytes, size_t *ret_len, sp_err *err);

/* Which rows of a tree are shown. If a row shows some of the rows in it, the rest is one row more, "[4 others]". */
typedef struct sp_tree_view {
    const sp_tree *tree;
    size_t depth_limit; /* no rows further down; 0: all */
    size_t row_limit;   /* in each row the so many largest; 0: all */
    size_t min_tokens;  /* and none with less */
    sp_tree_sort sort;
    const sp_node_cost *costs; /* of the nodes, if one of these is to be shown: */
    bool standalone;
    bool marginal;
    bool lists_straddlers;
    const sp_straddler *straddlers; /* to be listed below the tree; SP_TREE_CSV has no room for them */
    size_t straddler_count;
} sp_tree_view;

/* Renders a tree of the prompt. style may be NULL. An unknown format is SP_ERR_USAGE. Allocation and other errors as
 * for sp_prompt_render. */
SP_MUST_USE sp_status sp_tree_render(const sp_prompt *prompt, const sp_tree_view *view, sp_tree_format format,
                                     const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Whether Linux would refuse a text of so many bytes as an argument of a program (the rule output.argument): it has to
 * go to a client by a file or a pipe. */
bool sp_exceeds_argument(size_t len_bytes);

/* Renders what two prompts of one request, built with two profiles, do not have in common: sources and cuts that only
 * one of them has, and the difference in tokens. SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.explain-vs/1); another
 * format is SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_prompts_compare(const sp_prompt *prompt, const sp_prompt *other, sp_format format,
                                         const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders the waste of that prompt: SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.duplicates/1); another format is
 * SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_waste_render(const sp_prompt *prompt, const sp_waste *waste, sp_format format,
                                      const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders what can be cached of that prompt: SP_FORMAT_TEXT, SP_FORMAT_JSON (sysprompt.cache/1), or
 * SP_FORMAT_ANTHROPIC, as sp_prompt_render does but with cache_control at the breakpoints; another format is
 * SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_caching_render(const sp_prompt *prompt, const sp_caching *caching, sp_format format,
                                        const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders what two prompts share: SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.prefix/1). other_name is what to call the
 * other one. Allocation and errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_prefix_render(const sp_prompt *prompt, const sp_prompt *other, sp_str other_name,
                                       const sp_prefix *shared, sp_format format, const sp_style *style,
                                       char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders the rules of a profile: all that hold; or, if id has a ptr, that one in full, or those whose id begins with
 * it and a dot, or matches it where it has a *; or, with another profile to compare with, those that are not the same
 * there. SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.rules/1); another format is SP_ERR_USAGE, and so is an id that is
 * not known. Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_rules_render(const sp_profile *profile, sp_str id, const sp_profile *other, sp_format format,
                                      const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders the list of profiles with the versions that are known. Formats and errors as for sp_rules_render. */
SP_MUST_USE sp_status sp_profiles_render(sp_format format, const sp_style *style, char **ret_bytes, size_t *ret_len,
                                         sp_err *err);

/* Renders what is known of all models: SP_FORMAT_TEXT as a table for people, or SP_FORMAT_JSON (sysprompt.models/1).
 * Another format is SP_ERR_USAGE. style may be NULL. *ret_bytes is malloc'd, the caller frees it. Otherwise fails only
 * with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_models_render(const sp_models *models, sp_format format, const sp_style *style,
                                       char **ret_bytes, size_t *ret_len, sp_err *err);

/* How far an estimate is off on texts whose tokens are known. Percentages are of these; + is an estimate that is too
 * large. */
typedef struct sp_calibration {
    const sp_encoding *encoding; /* the estimate */
    size_t text_count;
    size_t within_count;   /* texts whose tokens lie within the range of the estimate */
    double median_percent; /* of the errors without their signs, as the next one */
    double p95_percent;
    double worst_percent;
    double mean_percent;
    uint64_t worst_line;    /* of the file, from 1 */
    bool asks_provider;     /* for counts that are missing: */
    size_t asked_count;     /* how many of the texts it counted, and of these */
    char model[64];         /* as it was named to the endpoint */
    char counted_from[12];  /* the first day, "2026-11-21" (UTC), */
    char counted_until[12]; /* and the last one */
} sp_calibration;

/* Renders it: SP_FORMAT_TEXT for people, or SP_FORMAT_JSON (sysprompt.calibrate/1). Another format is SP_ERR_USAGE.
 * *ret_bytes is malloc'd, the caller frees it. Otherwise fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_calibration_render(const sp_calibration *calibration, sp_format format, char **ret_bytes,
                                            size_t *ret_len, sp_err *err);

/* A row of sp_counts_render. */
typedef struct sp_file_count {
    sp_str path;
    size_t bytes;
    size_t tokens;
    sp_range range;   /* of tokens, for an encoding that is an estimate */
    bool is_unread;   /* it could not be read: it gets no row, though a total stands below it and the others */
    sp_api_count api; /* if tokens is not 0: who counted, and tokens above are the same */
} sp_file_count;

/* Renders counts of files: SP_FORMAT_TEXT like wc, or SP_FORMAT_JSON (sysprompt.count/1), which always has a total.
 * Another format is SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_counts_render(const sp_encoding *encoding, const sp_file_count *files, size_t count,
                                       sp_format format, sp_total total, char **ret_bytes, size_t *ret_len,
                                       sp_err *err);

/* Renders a text with the boundaries of its tokens. SP_FORMAT_TEXT: in two colours by turns, or, without colour, with |
 * between them; a line end is spelled \n in front of it, other characters that are not to be seen are escaped as
 * sp_text_escape does, and so is what of a token is half a character. SP_FORMAT_JSON: sysprompt.show/1. Another format
 * and an encoding that is an estimate are SP_ERR_USAGE; else as sp_token_ends. */
SP_MUST_USE sp_status sp_tokens_render(const sp_encoding *encoding, sp_str text, sp_special special, sp_format format,
                                       const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders a list of agents: SP_FORMAT_TEXT as a table for people, or SP_FORMAT_JSON (sysprompt.list/1). Another format
 * is SP_ERR_USAGE. style may be NULL. Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_agent_list_render(const sp_agent_list *list, sp_format format, const sp_style *style,
                                           char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders a list of skills: SP_FORMAT_TEXT as a table for people, or SP_FORMAT_JSON (sysprompt.skills/1). Otherwise as
 * sp_agent_list_render. */
SP_MUST_USE sp_status sp_skill_list_render(const sp_skill_list *list, sp_format format, const sp_style *style,
                                           char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders a check. style may be NULL. An unknown report is SP_ERR_USAGE. Allocation and other errors as for
 * sp_prompt_render. */
SP_MUST_USE sp_status sp_check_render(const sp_check *check, sp_report report, const sp_style *style, char **ret_bytes,
                                      size_t *ret_len, sp_err *err);

typedef struct sp_diff_options {
    size_t max_rows; /* of the files, and of each file's headings: so many with the largest change, and one row for the
                      * others; 0: all */
} sp_diff_options;

/* Renders a comparison: SP_FORMAT_TEXT as tables for people, SP_FORMAT_MARKDOWN as tables for a pull request, or
 * SP_FORMAT_JSON (sysprompt.diff/1). options and style may be NULL. Another format is SP_ERR_USAGE. Allocation and
 * other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_diff_render(const sp_diff *diff, sp_format format, const sp_diff_options *options,
                                     const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders one message with the id of its rule, as "path:line:column: level: message [rule]" and a line end, with what
 * could steer a terminal spelled out. with_source adds the line it is about and a caret. Allocation and errors as for
 * sp_prompt_render. */
SP_MUST_USE sp_status sp_diagnostic_render(const sp_diagnostic *diagnostic, sp_str rule, bool with_source,
                                           const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Why the client refuses the agent of the prompt, or NULL. */
const sp_diagnostic *sp_prompt_refusal(const sp_prompt *prompt);

#endif
