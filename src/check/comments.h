/* comments.h - what findings.c asks comments.c. */
#ifndef SP_CHECK_COMMENTS_H
#define SP_CHECK_COMMENTS_H

#include "base/types.h"
#include "check/findings.h"
#include "model/source.h"

/* Adds the comments of a file to findings->comments; path is a copy that lives as long as they do. */
SP_MUST_USE sp_status sp_comments_look_at(sp_findings *findings, sp_str path, const sp_source *source, sp_err *err);

#endif
