/*
 * shared.h - many prompts that are started in one place: what they have in common is loaded once.
 *
 *   sp_shared shared;
 *   SP_TRY(sp_load_shared(arena, here, passes, diags, &shared, err));  the main session's
 *   SP_TRY(sp_load_with_agent(&shared, arena, found, diags, &docs, err));              an agent's, as sp_load_shared
 * finds it
 */
#ifndef SP_SHARED_H
#define SP_SHARED_H

#include "base/types.h"
#include "clients/agents/agents.h"
#include "load/load.h"
#include "model/profile.h"
#include "model/request.h"

typedef struct sp_shared {
    const sp_place *here;
    sp_client_setup setup;
    sp_docs docs; /* of the request as it is */
} sp_shared;

/* Loads all that the place's request asks for, by the rules of its profile, and then runs the passes; NULL ends them.
 * *ret keeps what sp_load_with_agent needs; the place is borrowed for as long as it lives. Errors as for
 * sp_prompt_build. */
SP_MUST_USE sp_status sp_load_shared(sp_arena *arena, const sp_place *here, const sp_load_pass *passes, sp_diags *diags,
                                     sp_shared *ret, sp_err *err);

/* A loader in that place with that configuration, which has loaded nothing yet. Borrows shared. */
sp_loader sp_shared_loader(const sp_shared *shared, sp_arena *arena, sp_diags *diags);

/* What sp_load_shared gives for an agent that sp_agents_find found there, except that diagnostics about the
 * chain are not said again. Lives in arena, which may go before shared does. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_load_with_agent(const sp_shared *shared, sp_arena *arena, const sp_found_agent *found,
                                         sp_diags *diags, sp_docs *ret, sp_err *err);

#endif
