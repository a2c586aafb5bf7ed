/*
 * profile.h - the documented rules of a client, as a table.
 *
 * One row per rule: its id, its number with the unit, what happens when it bites, since when, who says so and how
 * sure we are. No rule's number stands anywhere else in the program, and every diagnostic and every cut names the
 * row it comes from.
 *
 *   if (lines > sp_rule_of(SP_RULE_MEMORY_LINES)->value) ...
 */
#ifndef SP_PROFILE_H
#define SP_PROFILE_H

#include "base/base.h"

typedef enum sp_rule_key {
#define SP_RULE(key, ...) SP_RULE_##key,
#include "profile/claude-code.def"
#undef SP_RULE
    SP_RULE_COUNT
} sp_rule_key;

typedef enum sp_effect {
    SP_EFFECT_ORDER,  /* decides what loads, and where it stands */
    SP_EFFECT_CUT,    /* leaves out a part of a file */
    SP_EFFECT_SKIP,   /* leaves out a whole file */
    SP_EFFECT_REFUSE, /* the client would not start this agent */
    SP_EFFECT_WARN,   /* only says something */
} sp_effect;

/* Grades: A the newest official page; B official, older or in the changelog; C observed and reported in public;
 * D our own choice where nothing is documented. */
typedef struct sp_rule {
    const char *id;
    int64_t value; /* 0 where the rule has no number */
    const char *unit;
    sp_effect effect;
    const char *since; /* version or date, "" where it was always so or is not known */
    char confidence;
    const char *source;
    const char *text;
} sp_rule;

const sp_rule *sp_rule_of(sp_rule_key key);

/* Shorthand for messages and cuts. */
static inline const char *sp_rule_id(sp_rule_key key)
{
    return sp_rule_of(key)->id;
}

/* Whether a model is one of Claude's: an alias of the client's, an id, or a provider's name for one. Their tokenizer
 * is not public. */
bool sp_model_is_claude(sp_str model);

#endif
