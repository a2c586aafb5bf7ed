/* matrix.h - a table of files by client, directory or agent, for people, for pull requests and as JSON. */
#ifndef SP_REPORT_MATRIX_H
#define SP_REPORT_MATRIX_H

#include "base/types.h"
#include "explain/matrix/result.h"
#include "report/format.h"
#include "report/reports.h"

/* Renders it: SP_FORMAT_TEXT for people, SP_FORMAT_MARKDOWN for a pull request, or SP_FORMAT_JSON (sysprompt.matrix/1);
 * another format is SP_ERR_USAGE. style may be NULL. *ret_bytes is malloc'd, the caller frees it. Otherwise fails only
 * with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_matrix_render(const sp_matrix *matrix, sp_format format, const sp_style *style,
                                       char **ret_bytes, size_t *ret_len, sp_err *err);

#endif
