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

int64_t sp_own_limit(sp_rule_key key)
{
    for (size_t i = 0; i < sp_our_rules.count; i++)
        if (sp_our_rules.rows[i].key == key)
            return sp_our_rules.rows[i].value;
    return INT64_MAX;
}
