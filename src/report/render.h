/* render.h - a finished buffer becomes the caller's. */
#ifndef SP_EMIT_RENDER_H
#define SP_EMIT_RENDER_H

#include "base/base.h"
#include "base/types.h"

/* Hands the bytes over (never NULL, also when there are none), or drops them when memory ran out. */
SP_MUST_USE sp_status sp_render_finish(sp_buf *out, char **ret_bytes, size_t *ret_len, sp_err *err);

#endif
