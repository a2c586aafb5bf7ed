/*
 * workspace.h - a request resolved once, and the stages from it to a prompt.
 *
 *   sp_workspace workspace;
 *   SP_TRY(sp_workspace_open(&workspace, arena, request, err));
 *   SP_TRY(sp_workspace_compose(&workspace, &prompt, err));     runs the stages before it, too
 *
 * Profile, reader (with the revision) and encoding are chosen here and nowhere else. Each stage runs once; whoever asks
 * for its product again gets the same one. A stage asks for those that it needs. After a failure no stage is asked for
 * again.
 */
#ifndef SP_WORKSPACE_WORKSPACE_H
#define SP_WORKSPACE_WORKSPACE_H

#include "attribute/attribute.h"
#include "base/diag.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/skills.h"
#include "load/shared.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "sources/place.h"

typedef struct sp_workspace {
    sp_arena *arena;
    sp_request request; /* with the profile that was chosen */
    const sp_profile *profile;
    const sp_reader *reader;
    sp_diags diags; /* of the stages that ran, in their order */
    unsigned done;  /* bits of the stages that have run, in workspace.c; their products: */
    sp_place place;
    sp_shared shared;
    sp_prompt prompt;
    sp_found_agents agents;
    sp_found_skills skills;
} sp_workspace;

/* Everything lives in the arena; what the request borrows is borrowed for as long. The workspace must stay where it is.
 * Errors as for sp_profile_open. */
SP_MUST_USE sp_status sp_workspace_open(sp_workspace *workspace, sp_arena *arena, const sp_request *request,
                                        sp_err *err);

/* The same for a request that has the profile and the launch directory of the other one, and differs from it only in
 * files that it names and in how it is composed: the other's place is taken over, with what was told of it, if it was
 * found already; nothing else of it may have run. */
SP_MUST_USE sp_status sp_workspace_open_beside(sp_workspace *workspace, sp_arena *arena, const sp_request *request,
                                               const sp_workspace *other, sp_err *err);

/* Directories and settings. Errors as for sp_prompt_build, here and below. */
SP_MUST_USE sp_status sp_workspace_place(sp_workspace *workspace, const sp_place **ret, sp_err *err);
/* The sources of the request's prompt, and what agents of the same place share with it. */
SP_MUST_USE sp_status sp_workspace_load(sp_workspace *workspace, const sp_shared **ret, sp_err *err);
/* The request's prompt, without counts of tokens. */
SP_MUST_USE sp_status sp_workspace_compose(sp_workspace *workspace, sp_prompt **ret, sp_err *err);
/* The same prompt with priorities and counts. */
SP_MUST_USE sp_status sp_workspace_attribute(sp_workspace *workspace, sp_prompt **ret, sp_err *err);
/* Every agent of every place, those that do not load included; what is wrong with them as a whole is said. None for a
 * client without agents. */
SP_MUST_USE sp_status sp_workspace_agents(sp_workspace *workspace, const sp_found_agents **ret, sp_err *err);
/* The same for skills. */
SP_MUST_USE sp_status sp_workspace_skills(sp_workspace *workspace, const sp_found_skills **ret, sp_err *err);

/* The prompt of one of these agents, without counts of tokens; it shares what the request's prompt has loaded, which
 * sp_workspace_compose has done before. Lives in an arena of its own. */
SP_MUST_USE sp_status sp_workspace_agent_prompt(const sp_workspace *workspace, sp_arena *arena,
                                                const sp_found_agent *agent, sp_diags *diags, sp_docs *ret_docs,
                                                sp_prompt *ret_prompt, sp_err *err);
/* The same with priorities and counts. */
SP_MUST_USE sp_status sp_workspace_count_agent(const sp_workspace *workspace, sp_arena *arena,
                                               const sp_found_agent *agent, sp_diags *diags, sp_prompt *ret,
                                               sp_err *err);

/* A loader in the place, which exists, that has loaded nothing. */
sp_loader sp_workspace_loader(sp_workspace *workspace);
/* How a prompt is counted that goes to that model; ptr NULL: nothing names one. */
sp_counted_with sp_workspace_counted_with(const sp_workspace *workspace, sp_str model);

#endif
