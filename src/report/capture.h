/* capture.h - a recorded request as a table, as JSON, and as a file to share. */
#ifndef SP_REPORT_CAPTURE_H
#define SP_REPORT_CAPTURE_H

#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"
#include "report/reports.h"

/* What the request consists of, for people, and the largest parts that the user can change. With verifies, also each
 * file beside the prediction. SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.capture-report/1); another format is
 * SP_ERR_USAGE. The client's own text is not in it, only its size. Allocation and other errors as for
 * sp_prompt_render. */
SP_MUST_USE sp_status sp_captured_render(const sp_captured *captured, bool verifies, sp_format format,
                                         const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Adds one line of a saved capture (sysprompt.capture/1) with its line end: text of files as it is, of the rest the
 * sizes. What of the files holds home, if that has a ptr, or looks like a key, is a size as well. A failed allocation
 * shows in out->failed. */
void sp_captured_save(sp_buf *out, const sp_captured *captured, sp_str home);

/* The same with the whole body of the request, for the user alone. */
void sp_captured_save_full(sp_buf *out, const sp_captured *captured);

#endif
