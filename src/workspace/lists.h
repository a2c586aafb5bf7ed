/* lists.h - what a request lists of agents and skills. */
#ifndef SP_WORKSPACE_LISTS_H
#define SP_WORKSPACE_LISTS_H

#include "base/types.h"
#include "workspace/workspace.h"

/* Sets prompt->lists, which has been counted. Lives in the workspace's arena. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_workspace_lists(sp_workspace *workspace, sp_prompt *prompt, sp_err *err);

#endif
