/* stages.h - the stages of one prompt, and what owns the result. Private to workspace/. */
#ifndef SP_WORKSPACE_STAGES_H
#define SP_WORKSPACE_STAGES_H

#include "base/base.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/request.h"
#include "sources/docs.h"

/* What sp_prompt.owner is, for sp_prompt_free. */
typedef struct sp_prompt_owner {
    sp_prompt prompt;
    sp_prompt whole; /* before any budget */
    sp_str budget_cut;
    sp_arena *arena;
} sp_prompt_owner;

/* Loads, composes, prioritises and counts. All of it lives in arena. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_build_stages(sp_arena *arena, const sp_request *request, sp_prompt *prompt, sp_docs *ret_docs,
                                      sp_err *err);

#endif
