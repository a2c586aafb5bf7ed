/* model_alias.c - the model that an alias stood for in earlier versions; the newest one is in tokenizers/models.yaml.
 */
#include "base/types.h"
#include "clients/claude_code/settings.h"
#include "rules/profile.h"

static sp_str former_model(const sp_profile *profile, sp_str model)
{
    /* Up to which value of the rule, the first row of an alias first. */
    static const struct {
        const char *alias;
        int64_t until;
        const char *id;
    } former[] = {
        { "fable", 1, "claude-fable-5" },     { "fable", 6, "claude-fable-5-1" },
        { "best", 2, "claude-opus-5" },       { "best", 6, "claude-fable-5-1" },
        { "opus", 3, "claude-opus-5" },       { "sonnet", 4, "claude-sonnet-5" },
        { "opusplan", 4, "claude-sonnet-5" }, { "haiku", 5, "claude-haiku-4-5-20251001" },
    };
    bool is_any_case = sp_rule_holds(profile, SP_RULE_AGENT_MODEL_CASE);
    if (!sp_rule_holds(profile, SP_RULE_AGENT_MODEL_ALIAS))
        return model;
    for (size_t i = 0; i < SP_COUNT_OF(former); i++) {
        sp_str alias = sp_str_of(former[i].alias);
        bool is_alias = is_any_case ? sp_str_eq_nocase(model, alias) : sp_str_eq(model, alias);
        if (is_alias && sp_rule_value(profile, SP_RULE_AGENT_MODEL_ALIAS) <= former[i].until)
            return sp_str_of(former[i].id);
    }
    return model;
}

sp_str sp_claude_code_aliased_model(sp_arena *arena, const sp_profile *profile, sp_str model)
{
    const sp_str window = SP_STR("[1m]");
    bool has_window = sp_str_ends(model, window);
    sp_str alias = has_window ? sp_str_slice(model, 0, model.len - window.len) : model;
    sp_str former = former_model(profile, alias);
    if (!has_window)
        return former;
    if (former.ptr == alias.ptr)
        return model;
    sp_str whole = sp_str_format(arena, "%.*s%.*s", SP_STR_ARG(former), SP_STR_ARG(window));
    return whole.ptr ? whole : (sp_str){ NULL, model.len };
}
