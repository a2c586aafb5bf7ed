/* matrix.h - a table of several prompts: what to ask for. */
#ifndef SP_WORKSPACE_MATRIX_H
#define SP_WORKSPACE_MATRIX_H

#include "base/types.h"
#include "explain/matrix/result.h"
#include "model/profile.h"
#include "model/request.h"

typedef struct sp_matrix_request {
    const sp_request *request; /* of the columns; its encoding counts them all */
    sp_matrix_by by;
    const sp_profile *const *profiles; /* BY_CLIENT: the columns */
    size_t profile_count;
    const char *const *names; /* BY_DIRECTORY, BY_AGENT: the columns. None: the launch directory and those below it that
                               * have instruction files; the main session and all agents that load */
    size_t name_count;
} sp_matrix_request;

/* Builds a prompt for each column. On success *ret_matrix is the caller's, to be dropped with sp_matrix_free (NULL is
 * fine); it borrows the strings of wanted->names. A client that does not start with its files is a column with a
 * problem. Errors: as for sp_prompt_build and sp_agent_list_build. */
SP_MUST_USE sp_status sp_matrix_run(const sp_matrix_request *wanted, sp_matrix **ret_matrix, sp_err *err);

void sp_matrix_free(sp_matrix *matrix);

#endif
