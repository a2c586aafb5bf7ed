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
