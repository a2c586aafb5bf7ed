/* whole.h - the whole first request: files, and the client's own parts as they were measured. */
#ifndef SP_WORKSPACE_WHOLE_H
#define SP_WORKSPACE_WHOLE_H

#include "base/types.h"
#include "model/prompt.h"
#include "workspace/workspace.h"

/* Sets prompt->whole of a counted prompt of that workspace, or of one of its agents, which was made of docs. Lives in
 * the arena. Runs git, and looks for agents and skills where the client lists them. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_workspace_whole(sp_workspace *workspace, sp_arena *arena, const sp_docs *docs,
                                         sp_prompt *prompt, sp_err *err);

#endif
