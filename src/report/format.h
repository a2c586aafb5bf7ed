/* format.h - the formats that results are rendered in, and nothing else: a list (packaging/members.mk). */
#ifndef SP_REPORT_FORMAT_H
#define SP_REPORT_FORMAT_H

typedef enum sp_format {
    SP_FORMAT_TEXT,         /* the prompt, and nothing else */
    SP_FORMAT_JSON,         /* sysprompt.build/1: text, agent, segments, cuts, diagnostics */
    SP_FORMAT_ANTHROPIC,    /* the system and messages fields of a Messages API request */
    SP_FORMAT_OPENAI,       /* the messages field of a Chat Completions request */
    SP_FORMAT_MAP,          /* sysprompt.map/1: which output byte comes from which file and line */
    SP_FORMAT_EXPLAIN,      /* a table for people: sources in load order, and what was left out */
    SP_FORMAT_EXPLAIN_JSON, /* sysprompt.explain/1 */
    SP_FORMAT_WHY,          /* the answer to sp_request.why, for people */
    SP_FORMAT_WHY_JSON,     /* sysprompt.why/1 */
    SP_FORMAT_PLAN,         /* a table for people: how the prompt meets its budget (prompt->trim) */
    SP_FORMAT_PLAN_JSON,    /* sysprompt.plan/1 */
    SP_FORMAT_MARKDOWN,     /* tables for a pull request: of a comparison only (sp_diff_render) */
    SP_FORMAT_PAGE,         /* one HTML file that needs nothing else: what explain has, and the text itself */
} sp_format;

typedef enum sp_report {
    SP_REPORT_TEXT,     /* for people: what was found, worst first, and a line of totals */
    SP_REPORT_JSON,     /* sysprompt.check/1 */
    SP_REPORT_GITHUB,   /* workflow commands: annotations, ten of each kind */
    SP_REPORT_SUMMARY,  /* Markdown of less than 1 MiB, for a job summary */
    SP_REPORT_SARIF,    /* SARIF 2.1.0 */
    SP_REPORT_GITLAB,   /* GitLab's Code Quality: an array */
    SP_REPORT_JUNIT,    /* JUnit's XML: a test case for each measure and each file */
    SP_REPORT_BASELINE, /* the baseline file of the measures that are compared */
    SP_REPORT_CONFIG,   /* a configuration with limits a tenth above the measures */
} sp_report;

typedef enum sp_tree_format {
    SP_TREE_TABLE, /* for people: indented, with a bar for each where the style has bars */
    SP_TREE_PLAIN, /* a line of words for each row: for screen readers */
    SP_TREE_CSV,   /* a header line, then rows; quoted as in RFC 4180, and with ' before a text that a spreadsheet would
                    * take for a formula */
    SP_TREE_JSON,  /* sysprompt.explain/1, with a member tree */
} sp_tree_format;

typedef enum sp_tree_sort {
    SP_TREE_BY_TOKENS, /* the largest first */
    SP_TREE_BY_ORDER,  /* as the prompt comes to them */
    SP_TREE_BY_NAME,   /* by the bytes of their names */
} sp_tree_sort;

typedef enum sp_bars {
    SP_BARS_NONE,
    SP_BARS_ASCII,
    SP_BARS_BLOCKS, /* in eighths of a column, U+2588 to U+258F */
} sp_bars;

/* Whether a total stands below the counts of files. */
typedef enum sp_total {
    SP_TOTAL_AUTO, /* unless there is exactly one */
    SP_TOTAL_ALWAYS,
    SP_TOTAL_ONLY, /* nothing else, and no word beside it */
    SP_TOTAL_NEVER,
} sp_total;

#endif
