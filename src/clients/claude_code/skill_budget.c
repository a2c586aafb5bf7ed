/* skill_budget.c - all skills of a place, and how many characters the listing of them may have. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/claude_code/settings.h"
#include "clients/claude_code/skills.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/skill_list.h"
#include "tokenizer/models/model.h"

#include <stdlib.h>

/* Digits only, and few of them: settings.c has seen to that. */
static size_t number_of(sp_str digits)
{
    return (size_t)strtoul(digits.ptr, NULL, 10);
}

/* Of a window of so many tokens; share is a part of 1. */
static size_t share_of(const sp_place *here, int64_t window_tokens, double share)
{
    int64_t characters = window_tokens * sp_rule_value(here->profile, SP_RULE_SKILL_LISTING_TOKEN);
    return (size_t)((double)characters * share + 0.5);
}

/* What the budget is a part of: "the window of opus, 1000000 tokens". */
static sp_str describe_window(sp_arena *arena, const sp_place *here, int64_t known_tokens, int64_t tokens)
{
    if (!known_tokens)
        return sp_str_format(arena, "a window of %lld tokens", (long long)tokens);
    return sp_str_format(arena, "the window of %.*s, %lld tokens", SP_STR_ARG(here->settings.model.text),
                         (long long)tokens);
}

/* The variable, then the setting, then the rule; a part of a window that is not known has a number of its own. */
static sp_status set_budget(sp_arena *arena, const sp_place *here, sp_skill_list *list, sp_err *err)
{
    const sp_settings *settings = &here->settings;
    const sp_rule *share = sp_rule_of(here->profile, SP_RULE_SKILL_LISTING_SHARE);
    const sp_setting_text *fraction = &settings->skill_fraction;
    sp_str name = settings->model.text;
    const sp_model *model = name.ptr ? sp_model_find(here->request->models, name) : NULL;
    int64_t known = model ? (int64_t)model->window_tokens : 0;
    int64_t window = known ? known : sp_rule_value(here->profile, SP_RULE_SKILL_LISTING_WINDOW);
    sp_str described = describe_window(arena, here, known, window);
    if (!described.ptr)
        return sp_err_memory(err);
    if (settings->skill_budget.text.ptr) {
        list->budget_chars = number_of(settings->skill_budget.text);
        list->budget_reason = settings->skill_budget.by;
    } else if (fraction->text.ptr) {
        list->budget_chars = share_of(here, window, settings->skill_share);
        list->budget_reason = sp_str_format(arena, "%.*s of %.*s, %.*s", SP_STR_ARG(fraction->text),
                                            SP_STR_ARG(described), SP_STR_ARG(fraction->by));
    } else if (known && share) {
        list->budget_chars = share_of(here, window, (double)share->value / 100);
        list->budget_reason = sp_str_format(arena, "%lld%% of %.*s", (long long)share->value, SP_STR_ARG(described));
    } else {
        list->budget_chars = (size_t)sp_rule_value(here->profile, SP_RULE_SKILL_LISTING_CHARACTERS);
        list->budget_reason = SP_STR("the session's model is not known");
    }
    return list->budget_reason.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status take_diagnostics(const sp_loader *loader, const sp_found_skill *skill, sp_err *err)
{
    for (size_t i = 0; skill->listed.status != SP_SKILL_SKIPPED && i < skill->diags.count; i++) {
        sp_diagnostic *diag = SP_LIST_PUSH(loader->arena, loader->diags);
        if (!diag)
            return sp_err_memory(err);
        *diag = skill->diags.items[i];
    }
    return SP_OK;
}

sp_status sp_skills_list(sp_loader *loader, const sp_found_skills *found, sp_skill_list *ret, sp_err *err)
{
    const sp_profile *profile = loader->here->profile;
    SP_TRY(sp_settings_note_plugins(loader, err));
    ret->skills = SP_ARENA_ARRAY(loader->arena, sp_listed_skill, found->count + 1);
    if (!ret->skills)
        return sp_err_memory(err);
    for (size_t i = 0; i < found->count; i++) {
        ret->skills[i] = found->items[i].listed;
        SP_TRY(take_diagnostics(loader, &found->items[i], err));
    }
    ret->skill_count = found->count;
    ret->model = loader->here->settings.model.text;
    const sp_setting_text *most = &loader->here->settings.skill_max_chars;
    ret->max_description_chars = most->text.ptr && sp_rule_holds(profile, SP_RULE_SKILL_DESCRIPTION)
                                     ? number_of(most->text)
                                     : (size_t)sp_rule_value(profile, SP_RULE_SKILL_DESCRIPTION);
    return set_budget(loader->arena, loader->here, ret, err);
}
