/* whole.h - the three sums of a prompt: files, prompt, request. */
#ifndef SP_REPORT_WHOLE_H
#define SP_REPORT_WHOLE_H

#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"
#include "report/table.h"

/* The sums as a table, and the largest things that the user can change. Nothing for a prompt without the whole. */
void sp_whole_show(sp_buf *out, const sp_prompt *prompt, const sp_style *style);
/* "file_tokens", "request_tokens" and what it consists of; nothing for a prompt without the whole. */
void sp_part_whole(sp_json *json, const sp_prompt *prompt);

#endif
