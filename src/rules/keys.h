/* keys.h - the rules that there are. Ids and comments are in keys.def. */
#ifndef SP_RULES_KEYS_H
#define SP_RULES_KEYS_H

#include "base/diagnostic.h"

/* Values of sp_rule_key. */
enum {
    SP_RULE_BEFORE_FIRST = SP_RULE_NONE,
#define SP_KEY(key, id) SP_RULE_##key,
#include "rules/keys.def"
#undef SP_KEY
    SP_RULE_COUNT
};

#endif
