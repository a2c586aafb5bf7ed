/* ids.h - what rules are called: "import.missing". */
#ifndef SP_RULES_IDS_H
#define SP_RULES_IDS_H

#include "base/base.h"
#include "base/diagnostic.h"
#include "base/types.h"

/* "" for SP_RULE_NONE. */
const char *sp_rule_id(sp_rule_key key);
/* The same as a string. */
static inline sp_str sp_rule_name(sp_rule_key key)
{
    return sp_str_of(sp_rule_id(key));
}
/* Whether it is a rule of budgets: "budget.over". */
bool sp_rule_is_budget(sp_rule_key key);
/* Whether it is reported only where sysprompt.yaml names it. */
bool sp_rule_is_optional(sp_rule_key key);
/* The level that a message of this rule is shown with, in every command; level where the rule has none of its own. What
 * a command exits with is another matter: build refuses what the client refuses, check fails on every error. */
sp_level sp_rule_severity(sp_rule_key key, sp_level level);
/* The rule of that id, or SP_RULE_NONE. */
sp_rule_key sp_rule_find(sp_str id);

#endif
