/* check.h - a check in the forms that people and CI systems read. One file for each; all of them only add to a buffer.
 */
#ifndef SP_EMIT_CHECK_H
#define SP_EMIT_CHECK_H

#include "base/base.h"
#include "check/result.h"
#include "report/reports.h"

/* A name for each finding that stays when lines move: made of rule, file, text of the line, and which of several equal
 * ones it is. 32 hexadecimal digits and a NUL. */
typedef struct sp_fingerprint {
    char text[33];
} sp_fingerprint;

/* Of all findings, in their order, in the arena; NULL when memory is short. */
sp_fingerprint *sp_check_fingerprints(sp_arena *arena, const sp_check *check);

/* The line that names what is measured with another tokenizer than that of its own model; add_text escapes a name. */
void sp_check_others(sp_buf *out, const sp_check *check, void (*add_text)(sp_buf *, sp_str));

/* A failed allocation shows in out->failed. */
void sp_emit_check_text(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_json(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_github(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_summary(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_sarif(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_gitlab(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_junit(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_baseline(sp_buf *out, const sp_check *check, const sp_style *style);
void sp_emit_check_config(sp_buf *out, const sp_check *check, const sp_style *style);

#endif
