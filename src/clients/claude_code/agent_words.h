/*
 * agent_words.h - the words that the fields of an agent may hold, private to agent.c.
 *
 * From the public pages sub-agents, model-config and model-deprecations as of 2026-10-08. A word too many does no harm;
 * one that is missing costs a user a wrong message, so what was documented once stays.
 */
#ifndef SP_AGENT_WORDS_H
#define SP_AGENT_WORDS_H

#include "base/base.h"
#include "base/types.h"

/* SP_STR without the cast: what the initialiser of a static table needs. */
#define WORD(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const sp_str colors[] = {
    WORD("red"),    WORD("blue"),   WORD("green"), WORD("yellow"),
    WORD("purple"), WORD("orange"), WORD("pink"),  WORD("cyan"),
};

static const sp_str permission_modes[] = {
    WORD("default"),           WORD("manual"), WORD("acceptEdits"), WORD("auto"), WORD("dontAsk"),
    WORD("bypassPermissions"), WORD("plan"),
};

static const sp_str efforts[] = { WORD("low"), WORD("medium"), WORD("high"), WORD("xhigh"), WORD("max") };

static const sp_str isolations[] = { WORD("worktree") };

/* A name that means something, with what to say about it. */
struct word {
    sp_str name;
    const char *remark;
};

/* Models that are served no more, where the table of models has no row, or no day. */
static const struct word retired_models[] = {
    { WORD("claude-3-haiku-20240307"), "was retired in April 2026" },
    { WORD("claude-2.1"), "was retired on 2025-07-21" },
    { WORD("claude-2.0"), "was retired on 2025-07-21" },
};

/* Fields of other files and other clients, and the field of an agent that does the same. */
struct misnomer {
    sp_str name;
    sp_str meant;
};

static const struct misnomer misnomers[] = {
    { WORD("allowed-tools"), WORD("tools") },
    { WORD("allowedTools"), WORD("tools") },
    { WORD("allowed_tools"), WORD("tools") },
    { WORD("deniedTools"), WORD("disallowedTools") },
};

#endif
