#include "profile/profile.h"

static const sp_rule claude_code[SP_RULE_COUNT] = {
#define SP_RULE(key, ...) [SP_RULE_##key] = { __VA_ARGS__ },
#include "profile/claude-code.def"
#undef SP_RULE
};

const sp_rule *sp_rule_of(sp_rule_key key)
{
    return &claude_code[key];
}
