/* capture.h - a recorded request as a table, as JSON, and as a file to share. */
#ifndef SP_REPORT_CAPTURE_H
#define SP_REPORT_CAPTURE_H

#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"
#include "report/reports.h"

/* What one client's request comes to, for a table of several. Shares only: they are counted by different tokenizers. */
typedef struct sp_capture_share {
    sp_str client; /* as a person calls it */
    size_t tokens;
    size_t window_tokens; /* 0: not known */
    size_t own_tokens;    /* of the user's files, servers and question */
    size_t tool_count;
    size_t file_count;
    sp_str largest; /* that the user can change; ptr NULL: nothing */
    size_t largest_tokens;
} sp_capture_share;

/* All but client; largest lives in arena. False when memory is short. */
bool sp_captured_share(sp_arena *arena, const sp_captured *captured, sp_capture_share *ret);
/* Adds the table. */
void sp_capture_shares_add(sp_buf *out, const sp_capture_share *rows, size_t count, const sp_style *style);

/* What the request consists of, for people, and the largest parts that the user can change. With verifies, also each
 * file beside the prediction; with lists_tools each tool. SP_FORMAT_TEXT or SP_FORMAT_JSON
 * (sysprompt.capture-report/1); another format is SP_ERR_USAGE. The client's own text is not in it, only its size.
 * Allocation and other errors as for sp_prompt_render. */
SP_MUST_USE sp_status sp_captured_render(const sp_captured *captured, bool verifies, bool lists_tools, sp_format format,
                                         const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Adds one line of a saved capture (sysprompt.capture/1) with its line end: text of files as it is, of the rest the
 * sizes. What of the files holds one of the home directories, or looks like a key, is a size as well. A failed
 * allocation shows in out->failed. */
void sp_captured_save(sp_buf *out, const sp_captured *captured, sp_str_list homes);

/* The same with the whole body of the request, for the user alone. */
void sp_captured_save_full(sp_buf *out, const sp_captured *captured);

#endif
