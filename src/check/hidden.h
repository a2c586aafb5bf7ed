/* hidden.h - findings of characters that a reader cannot see, in a file's text and in its path. */
#ifndef SP_CHECK_HIDDEN_H
#define SP_CHECK_HIDDEN_H

#include "base/diag.h"
#include "base/types.h"

/* Adds them to diags, at most as many as text.hidden says and one that counts the rest. path and text live as long as
 * diags. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_find_hidden(sp_diags *diags, sp_str path, sp_str text, sp_err *err);

#endif
