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

bool sp_model_is_claude(sp_str model)
{
    static const char *const aliases[] = {
        "opus", "sonnet", "haiku", "fable", "inherit", "default", "best", "opusplan"
    };
    if (sp_str_ends(model, SP_STR("[1m]")))
        model.len -= 4;
    for (size_t i = 0; i < SP_COUNT_OF(aliases); i++)
        if (sp_str_eq_nocase(model, sp_str_of(aliases[i])))
            return true;
    if (model.len >= 6 && sp_str_eq_nocase(sp_str_slice(model, 0, 6), SP_STR("claude")))
        return true;
    return sp_str_find(model, SP_STR("anthropic."), 0) != SIZE_MAX;
}
