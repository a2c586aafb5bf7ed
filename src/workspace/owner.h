/* owner.h - what a prompt that was built lives in. Private to workspace/. */
#ifndef SP_WORKSPACE_OWNER_H
#define SP_WORKSPACE_OWNER_H

#include "base/base.h"
#include "base/types.h"
#include "model/prompt.h"

/* What sp_prompt.owner is, for sp_prompt_free. */
typedef struct sp_prompt_owner {
    sp_prompt prompt;
    sp_prompt whole; /* before any budget */
    sp_str budget_cut;
    sp_arena *arena;
} sp_prompt_owner;

#endif
