/* diff.h - a comparison for people, for a pull request and for scripts. All of them only add to a buffer. */
#ifndef SP_EMIT_DIFF_H
#define SP_EMIT_DIFF_H

#include "base/base.h"
#include "base/types.h"
#include "diff/result.h"

/* The names of sp_change and sp_base_kind. */
sp_str sp_name_of_change(sp_change change);
sp_str sp_name_of_base(sp_base_kind kind);

/* "+12.3" of what was before; ptr NULL where that was nothing. */
sp_str sp_diff_percent(char buffer[40], size_t before, size_t after);

/* A failed allocation shows in out->failed. */
void sp_emit_diff_json(sp_buf *out, const sp_diff *diff);

#endif
