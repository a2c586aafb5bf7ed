/*
 * profile.h - the documented rules of a client, as tables.
 *
 * One row per rule and span of time: its number with the unit, what happens when it bites, since when and until when,
 * who says so and how sure we are. No rule's number stands anywhere else in the program, and every diagnostic and
 * every cut names a rule of the profile it was made with.
 *
 *   if (lines > sp_rule_value(profile, SP_RULE_MEMORY_LINES)) ...
 *
 * A profile is a client (client.h) at one version; its rows are those of the client that hold at that version.
 */
#ifndef SP_PROFILE_H
#define SP_PROFILE_H

#include "base/base.h"
#include "base/diagnostic.h"
#include "base/types.h"
#include "model/profile.h"
#include "rules/effect.h"
#include "rules/ids.h"
#include "rules/keys.h"

/* Grades: M measured in the real client, offline and with default settings, for the versions that the source names;
 * A the newest official page; B official, older or in the changelog; C observed and reported in public; D our own
 * choice where nothing is documented. Where M contradicts A or B, M is the row, and its text ends with the documented
 * value. The source of an M row names the fixture in tests/clients that anyone can repeat it with.
 *
 * Keep a pointer to a row and never copy one: its source and text are found from its address (table.h). */
typedef struct sp_rule {
    sp_rule_key key;
    sp_effect effect;
    int64_t value; /* 0 where the rule has no number */
    char unit[20];
    char since[12]; /* first version or date with it, "" where it was always so or is not known */
    char until[12]; /* first version or date without it, "" for none */
    char confidence;
    int32_t source; /* how many bytes after the row they begin: see table.h */
    int32_t text;
} sp_rule;

/* Who says so: an address, a fixture or "ours". */
static inline const char *sp_rule_source(const sp_rule *row)
{
    return (const char *)row + row->source;
}

/* The rule as a sentence. */
static inline const char *sp_rule_text(const sp_rule *row)
{
    return (const char *)row + row->text;
}

/* A version's number, such as 2.1.240, and the day it came out as yyyymmdd. */
typedef struct sp_moment {
    uint32_t version[3];
    uint32_t date;
} sp_moment;

enum { SP_PROFILE_LABEL_ROOM = 64 };

struct sp_profile {
    const struct sp_client *client;
    sp_moment at;
    char label[SP_PROFILE_LABEL_ROOM]; /* "claude-code@2.1.240", or just the name where there are no versions */
    bool is_pinned;                    /* the version, or a date, was named: a newer program has the same rules */
    const sp_rule *rows[SP_RULE_ROOM];
};

/* Fills in the profile of that name, such as "codex" or "claude-code@2.1.240"; ptr NULL is the default one. Errors as
 * for sp_profile_open. */
SP_MUST_USE sp_status sp_profile_init(sp_profile *profile, sp_str name, sp_err *err);

/* A copy of the profile of a request, or the default one for NULL. Lives in the arena. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_profile_choose(sp_arena *arena, const sp_profile *wanted, const sp_profile **ret, sp_err *err);

/* The row of a rule, or NULL where the profile has no such rule. */
static inline const sp_rule *sp_rule_of(const sp_profile *profile, sp_rule_key key)
{
    return profile->rows[key];
}

static inline bool sp_rule_holds(const sp_profile *profile, sp_rule_key key)
{
    return profile->rows[key] && profile->rows[key]->effect != SP_EFFECT_NONE;
}

static inline bool sp_rule_has_effect(const sp_profile *profile, sp_rule_key key, sp_effect effect)
{
    return profile->rows[key] && profile->rows[key]->effect == effect;
}

/* The number of a limit; where it does not hold, one that nothing reaches. */
static inline int64_t sp_rule_value(const sp_profile *profile, sp_rule_key key)
{
    return sp_rule_holds(profile, key) ? profile->rows[key]->value : INT64_MAX;
}

/* How loud to say that a rule bites: a finding where the profile refuses the agent for it, else as given. */
static inline sp_level sp_rule_level(const sp_profile *profile, sp_rule_key key, sp_level otherwise)
{
    return sp_rule_has_effect(profile, key, SP_EFFECT_REFUSE) ? SP_FINDING : otherwise;
}

/* The number of a limit of our own, which holds in every profile. */
int64_t sp_own_limit(sp_rule_key key);

/* The rows of the profile's client for a rule, whatever the version: *ret_count of them, in the table's order. */
const sp_rule *sp_rule_history(const sp_profile *profile, sp_rule_key key, size_t *ret_count);

/* Whether it is the id of a model of Claude's, or a provider's name for one, not an alias: "claude-opus-5", not "opus".
 */
bool sp_model_is_full_id(sp_str model);

#endif
