/* calm_git.h - lets a client ask git about a repository without running what the repository's configuration names. */
#ifndef SP_CAPTURE_CALM_GIT_H
#define SP_CAPTURE_CALM_GIT_H

#include "base/base.h"

/* Variables for the client, ended by NULL: each program that the configuration of the repository around directory
 * names, such as a filter or a file system monitor, is overridden, and git does not look into submodules, which have
 * configurations of their own. The list lives in arena. Errors: SP_ERR_INPUT where that configuration cannot be
 * listed, SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_calm_git(sp_arena *arena, sp_str directory, const char *const **ret, sp_err *err);

#endif
