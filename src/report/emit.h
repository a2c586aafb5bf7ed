/* emit.h - a prompt as text, JSON, tables. One function for each format; all of them only add to a buffer. */
#ifndef SP_EMIT_H
#define SP_EMIT_H

#include "attribute/tree.h"
#include "base/base.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "report/reports.h"
#include "tokenizer/tokens.h"

/* A failed allocation shows in out->failed. */
void sp_emit_text(sp_buf *out, const sp_prompt *prompt);
void sp_emit_json(sp_buf *out, const sp_prompt *prompt);
void sp_emit_anthropic(sp_buf *out, const sp_prompt *prompt);
void sp_emit_openai(sp_buf *out, const sp_prompt *prompt);
void sp_emit_map(sp_buf *out, const sp_prompt *prompt);
void sp_emit_explain(sp_buf *out, const sp_prompt *prompt, const sp_style *style);
void sp_emit_explain_json(sp_buf *out, const sp_prompt *prompt);
/* One HTML file with everything in it. */
void sp_emit_page(sp_buf *out, const sp_prompt *prompt);
/* prompt->why is not NULL */
void sp_emit_why(sp_buf *out, const sp_prompt *prompt, const sp_style *style);
void sp_emit_why_json(sp_buf *out, const sp_prompt *prompt);
void sp_emit_counts(sp_buf *out, const sp_encoding *encoding, const sp_file_count *files, size_t count, sp_total total);
void sp_emit_plan(sp_buf *out, const sp_prompt *prompt, const sp_style *style);
void sp_emit_plan_json(sp_buf *out, const sp_prompt *prompt);
void sp_emit_counts_json(sp_buf *out, const sp_encoding *encoding, const sp_file_count *files, size_t count);
void sp_emit_list(sp_buf *out, const sp_agent_list *list, const sp_style *style);
void sp_emit_list_json(sp_buf *out, const sp_agent_list *list);
void sp_emit_skills(sp_buf *out, const sp_skill_list *list, const sp_style *style);
void sp_emit_skills_json(sp_buf *out, const sp_skill_list *list);
/* Below a tree: the tokens that straddle segments. Without a style in words, a line for each. */
void sp_emit_straddlers(sp_buf *out, const sp_prompt *prompt, const sp_straddler *straddlers, size_t count,
                        const sp_style *style);

#endif
