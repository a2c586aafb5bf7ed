/* matrix.h - several prompts of one place as a table of their files. */
#ifndef SP_EXPLAIN_MATRIX_H
#define SP_EXPLAIN_MATRIX_H

#include "base/base.h"
#include "base/types.h"
#include "explain/matrix/result.h"

/* Fills in rows, cells and findings from the columns' prompts, which were built with finds_unread. Everything lives in
 * arena or borrows from the prompts. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_matrix_fill(sp_arena *arena, sp_matrix *matrix, sp_err *err);

/* The findings alone: matrix_findings.c. */
SP_MUST_USE sp_status sp_matrix_judge(sp_arena *arena, sp_matrix *matrix, sp_err *err);

#endif
