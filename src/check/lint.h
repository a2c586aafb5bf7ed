/*
 * lint.h - what a client would swallow without a word, beside what loading says anyway.
 *
 * A pass looks at a place as a whole, or at one prompt; lint.c has the tables. They add to diags; what is ignored and
 * what is worth what is findings.h's business.
 */
#ifndef SP_CHECK_LINT_H
#define SP_CHECK_LINT_H

#include "base/types.h"
#include "check/config.h"
#include "check/site.h"
#include "explain/duplicates/duplicates.h"

typedef struct sp_lint {
    const sp_site *site;
    sp_arena *arena; /* lives as long as the site */
    sp_diags *diags; /* for the passes over the site */
    const sp_check_config *config;
    sp_pieces pieces; /* the blocks of the site's own prompt */
} sp_lint;

/* Passes over the place: its folders and rules, the agents as they were found. Errors: SP_ERR_NO_MEMORY, and
 * SP_ERR_INPUT for a folder that cannot be listed. */
SP_MUST_USE sp_status sp_lint_place(sp_lint *lint, sp_err *err);
/* Passes over the site's own prompt, which come before those over its agents. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_lint_prompt(sp_lint *lint, sp_err *err);
/* Passes over one prompt of an agent, whose own arena and diags are given. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_lint_agent(sp_lint *lint, sp_arena *arena, sp_diags *diags, const sp_docs *docs, sp_err *err);

/* ---- the passes, a file each ---------------------------------------------------------------------- */

/* lint_agents.c: why a file among the agents is none, and why a skill is not listed. */
SP_MUST_USE sp_status sp_lint_agents(sp_lint *lint, sp_err *err);
SP_MUST_USE sp_status sp_lint_skills(sp_lint *lint, sp_err *err);
/* lint_links.c: links out of the repository, of files that load later or that other clients read. */
SP_MUST_USE sp_status sp_lint_links(sp_lint *lint, sp_err *err);
/* lint_unread.c: files that are called nearly like one that is read. */
SP_MUST_USE sp_status sp_lint_unread(sp_lint *lint, sp_err *err);
/* lint_rules.c: paths that match nothing, folders that are reached twice. */
SP_MUST_USE sp_status sp_lint_rules(sp_lint *lint, sp_err *err);
/* lint_same.c: CLAUDE.md and AGENTS.md of one directory that differ, where the configuration asks for it. */
SP_MUST_USE sp_status sp_lint_same(sp_lint *lint, sp_err *err);
/* lint_advice.c: what the documents advise, of an instruction file and of an agent. */
SP_MUST_USE sp_status sp_lint_advice(sp_lint *lint, sp_err *err);
SP_MUST_USE sp_status sp_lint_agent_advice(const sp_site *site, sp_diags *diags, const sp_docs *docs, sp_err *err);
/* lint_duplicates.c: the same text twice, in the site's own prompt and in what an agent adds to it. */
SP_MUST_USE sp_status sp_lint_duplicates(sp_lint *lint, sp_err *err);
SP_MUST_USE sp_status sp_lint_agent_duplicates(sp_lint *lint, sp_arena *arena, sp_diags *diags, const sp_docs *docs,
                                               sp_err *err);
/* The same in a recorded request, which may hold a file twice itself. */
SP_MUST_USE sp_status sp_lint_request_duplicates(sp_arena *arena, sp_diags *diags, const sp_prompt *prompt,
                                                 sp_err *err);

#endif
