/* format.h - the formats that results are rendered in. */
#ifndef SP_REPORT_FORMAT_H
#define SP_REPORT_FORMAT_H

/* Values of sp_format. */
enum {
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
};

#endif
