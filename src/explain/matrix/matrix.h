/* matrix.h - several prompts of one place as a table of their files. */
#ifndef SP_EXPLAIN_MATRIX_H
#define SP_EXPLAIN_MATRIX_H

#include "base/base.h"
#include "base/types.h"
#include "explain/matrix/result.h"
#include "model/prompt.h"

/* Copies into arena what the table needs to know of a prompt, which was built with finds_unread and may go afterwards:
 * its text is as large as its files. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_matrix_take(sp_arena *arena, const sp_prompt *prompt, sp_matrix_column *column, sp_err *err);

/* Fills in rows, cells and findings from the files of the columns. Everything lives in arena. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_matrix_fill(sp_arena *arena, sp_matrix *matrix, sp_err *err);

/* The findings alone: matrix_findings.c. */
SP_MUST_USE sp_status sp_matrix_judge(sp_arena *arena, sp_matrix *matrix, sp_err *err);

#endif
