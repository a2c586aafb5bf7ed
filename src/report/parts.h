/* parts.h - the pieces of JSON that more than one document has. */
#ifndef SP_EMIT_PARTS_H
#define SP_EMIT_PARTS_H

#include "attribute/tree.h"
#include "base/diagnostic.h"
#include "base/json.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/reports.h"

void sp_part_agent(sp_json *json, const sp_prompt *prompt); /* "agent" */
/* "profile", "encoding", "exact", "encoding_note", "matches_model", "tokens", "low", "high", "generated_tokens",
 * "request" */
void sp_part_lists(sp_json *json, const sp_prompt *prompt);
void sp_part_count(sp_json *json, const sp_prompt *prompt);
/* "trim": how the prompt meets its budget; nothing for one without a budget */
void sp_part_trim(sp_json *json, const sp_prompt *prompt);
void sp_part_lines(sp_json *json, uint32_t first, uint32_t last);            /* "lines": [first, last], or null for 0 */
void sp_part_cut(sp_json *json, const sp_prompt *prompt, const sp_cut *cut); /* an item of a list */
/* "importer": who asks for the source, {"path", "line"} or null */
void sp_part_importer(sp_json *json, const sp_prompt *prompt, const sp_source *source);
void sp_part_diagnostics(sp_json *json, const sp_diagnostic *diagnostics, size_t count); /* "diagnostics" */
void sp_part_strings(sp_json *json, const char *key, bool is_present, sp_str_list list); /* null when absent */

/* Whose words stand around the files: "sysprompt's own wording", or the client's. */
const char *sp_part_wording(const sp_prompt *prompt);
/* What that is in the prompt, in words. */
const char *sp_part_generated(const sp_prompt *prompt);

/* What is left out of nearly every file and is no loss: front matter and the like. Rows of it would bury others. */
bool sp_part_is_trifle(const sp_cut *cut);

/* How many tokens were cut, for a table: "?" for what was not read, "-" for a file that is not there. */
sp_str sp_part_cut_tokens(char buffer[32], const sp_prompt *prompt, const sp_cut *cut);

/* "tools_resolved", "tools_removed", "model_resolved", "model_reason" */
void sp_part_resolved(sp_json *json, const sp_agent *agent);

/* "api_count": what the provider counted; nothing where it was not asked */
void sp_part_request(sp_json *json, const char *key, const sp_request_tokens *request); /* nothing if not known */
void sp_part_api_count(sp_json *json, const sp_api_count *count);

/* "low" and "high", of what is not exact */
void sp_part_range(sp_json *json, bool is_exact, sp_range range);

/* Every member of sysprompt.explain/1 that is always there. */
void sp_part_explain(sp_json *json, const sp_prompt *prompt);

/* What explain says above its tables, with an empty line behind it. */
void sp_part_head(sp_buf *out, const sp_prompt *prompt, const sp_style *style);

/* "straddling": a list */
void sp_part_straddlers(sp_json *json, const sp_prompt *prompt, const sp_straddler *straddlers, size_t count);

#endif
