/*
 * agent_words.h - the words that the fields of an agent may hold, private to agent.c.
 *
 * From the public pages sub-agents, model-config and model-deprecations as of 2026-10-08. A word too many does no harm;
 * one that is missing costs a user a wrong message, so what was documented once stays.
 */
#ifndef SP_AGENT_WORDS_H
#define SP_AGENT_WORDS_H

#include "base/base.h"

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

/* A name that means something, with what to say about it ("" for nothing). */
struct word {
    sp_str name;
    const char *remark;
};

/* Models: aliases first, so that a near miss of both is taken for the alias. When one was retired is in the table of
 * models, but for those that it does not have, or has no day for. */
static const struct word models[] = {
    { WORD("sonnet"), "" },
    { WORD("opus"), "" },
    { WORD("haiku"), "" },
    { WORD("fable"), "" },
    { WORD("inherit"), "" },
    { WORD("default"), "" },
    { WORD("best"), "" },
    { WORD("opusplan"), "" },

    { WORD("claude-fable-5-1"), "" },
    { WORD("claude-fable-5"), "" },
    { WORD("claude-opus-5-5"), "" },
    { WORD("claude-sonnet-5-5"), "" },
    { WORD("claude-haiku-5-5"), "" },
    { WORD("claude-opus-5"), "" },
    { WORD("claude-sonnet-5"), "" },
    { WORD("claude-opus-4-8"), "" },
    { WORD("claude-opus-4-7"), "" },
    { WORD("claude-opus-4-6"), "" },
    { WORD("claude-sonnet-4-6"), "" },
    { WORD("claude-opus-4-5"), "" },
    { WORD("claude-opus-4-5-20251101"), "" },
    { WORD("claude-sonnet-4-5"), "" },
    { WORD("claude-sonnet-4-5-20250929"), "" },
    { WORD("claude-haiku-4-5"), "" },
    { WORD("claude-haiku-4-5-20251001"), "" },

    { WORD("claude-opus-4-1"), "" },
    { WORD("claude-opus-4-1-20250805"), "" },
    { WORD("claude-opus-4"), "" },
    { WORD("claude-opus-4-0"), "" },
    { WORD("claude-opus-4-20250514"), "" },
    { WORD("claude-sonnet-4"), "" },
    { WORD("claude-sonnet-4-0"), "" },
    { WORD("claude-sonnet-4-20250514"), "" },
    { WORD("claude-3-7-sonnet-20250219"), "" },
    { WORD("claude-3-7-sonnet-latest"), "" },
    { WORD("claude-3-5-haiku-20241022"), "" },
    { WORD("claude-3-5-haiku-latest"), "" },
    { WORD("claude-3-5-sonnet-20241022"), "" },
    { WORD("claude-3-5-sonnet-20240620"), "" },
    { WORD("claude-3-5-sonnet-latest"), "" },
    { WORD("claude-3-opus-20240229"), "" },
    { WORD("claude-3-opus-latest"), "" },
    { WORD("claude-3-sonnet-20240229"), "" },
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
