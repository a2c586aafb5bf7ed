/* rows.c - the ids of the rules, and the rows that hold for every client. */
#include "rules/rows.h"
#include "base/types.h"

static const char *const ids[SP_RULE_COUNT] = {
    [SP_RULE_NONE] = "",
#define SP_KEY(key, id) [SP_RULE_##key] = (id),
#include "rules/keys.def"
#undef SP_KEY
};

_Static_assert((int)SP_RULE_COUNT <= (int)SP_RULE_ROOM,
               "there is room for every rule in a profile: raise SP_RULE_ROOM");

const char *sp_rule_id(sp_rule_key key)
{
    return ids[key];
}

bool sp_rule_is_budget(sp_rule_key key)
{
    return strncmp(ids[key], "budget.", 7) == 0;
}

bool sp_rule_is_optional(sp_rule_key key)
{
    return key == SP_RULE_CHECK_SAME;
}

static const struct {
    sp_rule_key rule;
    sp_level level;
} severities[] = {
    { SP_RULE_IMPORT_MISSING, SP_FINDING },
    { SP_RULE_IMPORT_PUNCTUATION, SP_FINDING },
    { SP_RULE_TEXT_UTF8, SP_FINDING },
    { SP_RULE_TEXT_NUL, SP_FINDING },
    { SP_RULE_TEXT_NUL_SENT, SP_FINDING },
    { SP_RULE_CHAIN_DANGLING, SP_FINDING },
    { SP_RULE_CHAIN_LINK_AS_TEXT, SP_FINDING },
    { SP_RULE_FM_UNINDENTED, SP_FINDING },
    { SP_RULE_FM_CRLF, SP_FINDING }, /* the client skips these agents */
    { SP_RULE_LINK_EXTERNAL, SP_FINDING },
    { SP_RULE_AGENT_UNKNOWN_KEY, SP_WARNING },
};

sp_level sp_rule_severity(sp_rule_key key, sp_level level)
{
    for (size_t i = 0; i < SP_COUNT_OF(severities); i++)
        if (severities[i].rule == key)
            return severities[i].level;
    return level;
}

sp_rule_key sp_rule_find(sp_str id)
{
    for (size_t i = 1; i < SP_RULE_COUNT; i++)
        if (sp_str_eq(id, sp_str_of(ids[i])))
            return (sp_rule_key)i;
    return SP_RULE_NONE;
}

#define RULE_LIST "rules/ours.def"
#define RULE_TABLE sp_our_rules
#include "rules/table.h"

/* One more than the number of each row, and 0 where there is none. */
static const int64_t own_limits[SP_RULE_COUNT] = {
#define SP_RULE(key, value, ...) [SP_RULE_##key] = (value) + 1,
#include "rules/ours.def"
#undef SP_RULE
};

int64_t sp_own_limit(sp_rule_key key)
{
    return own_limits[key] ? own_limits[key] - 1 : INT64_MAX;
}
