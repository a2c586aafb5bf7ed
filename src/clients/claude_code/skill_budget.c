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

/* The name of the session's model: by --model, else by settings; ptr NULL: neither names one. */
static sp_str model_name(const sp_place *here)
{
    return here->request->model ? sp_str_of(here->request->model) : here->settings.model.text;
}

/* NULL: nothing names one, or it is not known. */
static const sp_model *session_model(const sp_place *here)
{
    sp_str name = model_name(here);
    return name.ptr ? sp_model_find(here->request->models, name) : NULL;
}

/* Those with the tokenizer of Claude Opus 4.7, whose window of 1,000,000 tokens needs no [1m] in the name. */
static bool is_newer(const sp_model *model)
{
    return sp_str_eq(SP_MODEL_STR(model, tokenizer), SP_STR("claude-4.7"));
}

/* The window that the client takes for a model; 0: it is not known. */
static int64_t window_of(const sp_place *here, const sp_model *model)
{
    int64_t usual = sp_rule_value(here->profile, SP_RULE_SKILL_LISTING_WINDOW);
    bool is_large = model && sp_str_ends(model_name(here), SP_STR("[1m]"));
    if (!model)
        return 0;
    if (is_large)
        return 1000000;
    return is_newer(model) || (int64_t)model->window_tokens < usual ? (int64_t)model->window_tokens : usual;
}

/* Of a window of so many tokens; share is a part of 1. */
static size_t share_of(const sp_place *here, const sp_model *model, int64_t window_tokens, double share)
{
    bool is_new = model && is_newer(model) && sp_rule_holds(here->profile, SP_RULE_SKILL_LISTING_TOKEN_NEW);
    int64_t each = sp_rule_value(here->profile, is_new ? SP_RULE_SKILL_LISTING_TOKEN_NEW : SP_RULE_SKILL_LISTING_TOKEN);
    return (size_t)((double)(window_tokens * each) * share + 0.5);
}

/* What the budget is a part of: "the window of opus, 1000000 tokens". */
static sp_str describe_window(sp_arena *arena, const sp_place *here, int64_t known_tokens, int64_t tokens)
{
    if (!known_tokens)
        return sp_str_format(arena, "a window of %lld tokens", (long long)tokens);
    return sp_str_format(arena, "the window of %.*s, %lld tokens", SP_STR_ARG(model_name(here)), (long long)tokens);
}

/* The variable, then the setting, then the rule; a part of a window that is not known has a number of its own. */
static sp_status set_budget(sp_arena *arena, const sp_place *here, sp_skill_list *list, sp_err *err)
{
    const sp_settings *settings = &here->settings;
    const sp_rule *share = sp_rule_of(here->profile, SP_RULE_SKILL_LISTING_SHARE);
    const sp_setting_text *fraction = &settings->skill_fraction;
    const sp_model *model = session_model(here);
    int64_t known = window_of(here, model);
    int64_t window = known ? known : sp_rule_value(here->profile, SP_RULE_SKILL_LISTING_WINDOW);
    sp_str described = describe_window(arena, here, known, window);
    if (!described.ptr)
        return sp_err_memory(err);
    if (settings->skill_budget.text.ptr) {
        list->budget_chars = number_of(settings->skill_budget.text);
        list->budget_reason = settings->skill_budget.by;
    } else if (fraction->text.ptr) {
        list->budget_chars = share_of(here, model, window, settings->skill_share);
        list->budget_reason = sp_str_format(arena, "%.*s of %.*s, %.*s", SP_STR_ARG(fraction->text),
                                            SP_STR_ARG(described), SP_STR_ARG(fraction->by));
    } else if (known && share) {
        list->budget_chars = share_of(here, model, window, (double)share->value / 100);
        list->budget_reason = sp_str_format(arena, "%lld%% of %.*s", (long long)share->value, SP_STR_ARG(described));
    } else {
        const sp_rule *usual = sp_rule_of(here->profile, SP_RULE_SKILL_LISTING_CHARACTERS);
        bool is_default = !model_name(here).ptr && usual && usual->confidence == 'M';
        list->budget_chars = usual ? (size_t)usual->value : 0;
        list->budget_reason = is_default ? SP_STR("with the client's default model: nothing names another")
                                         : SP_STR("the session's model is not known");
    }
    return list->budget_reason.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- what the listing has ----------------------------------------------------------------------------------- */

/* The description of one skill, cut with an ellipsis (rule skills.description). */
static sp_str cut_description(sp_arena *arena, const sp_skill_list *list, sp_str description)
{
    size_t most = list->max_description_chars;
    size_t end = sp_utf8_after(description, 0, most);
    if (end == description.len || most == 0)
        return sp_str_slice(description, 0, end);
    return sp_str_format(arena, "%.*s\xE2\x80\xA6",
                         SP_STR_ARG(sp_str_slice(description, 0, sp_utf8_after(description, 0, most - 1))));
}

static sp_status set_listed(sp_arena *arena, sp_skill_list *list, sp_err *err)
{
    for (size_t i = 0; i < list->skill_count; i++) {
        sp_listed_skill *listed = &list->skills[i];
        bool has_name = listed->status == SP_SKILL_LISTED || listed->status == SP_SKILL_NAME_ONLY;
        listed->description_chars = sp_utf8_count(listed->description);
        if (listed->status == SP_SKILL_LISTED)
            listed->listed = cut_description(arena, list, listed->description);
        if (listed->status == SP_SKILL_LISTED && !listed->listed.ptr)
            return sp_err_memory(err);
        if (has_name)
            listed->listed_chars = sp_utf8_count(listed->name) + sp_utf8_count(listed->listed);
        list->listed_count += has_name;
        list->listed_chars += listed->listed_chars;
    }
    return SP_OK;
}

size_t sp_skill_list_needs(const sp_skill_list *list)
{
    return list->built_in_chars + list->listed_chars + list->listed_count * list->entry_chars;
}

void sp_skills_omit(sp_skill_list *list, size_t built_in_chars, size_t entry_chars)
{
    list->built_in_chars = built_in_chars;
    list->entry_chars = entry_chars;
    size_t used = built_in_chars + list->listed_count * entry_chars;
    for (size_t i = 0; i < list->skill_count; i++)
        used += list->skills[i].listed_chars ? sp_utf8_count(list->skills[i].name) : 0;
    for (size_t i = 0; i < list->skill_count; i++) {
        sp_listed_skill *listed = &list->skills[i];
        size_t chars = sp_utf8_count(listed->listed);
        listed->is_omitted = chars && used + chars > list->budget_chars;
        used += listed->is_omitted ? 0 : chars;
    }
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
    ret->model = model_name(loader->here);
    const sp_setting_text *most = &loader->here->settings.skill_max_chars;
    ret->max_description_chars = most->text.ptr && sp_rule_holds(profile, SP_RULE_SKILL_DESCRIPTION)
                                     ? number_of(most->text)
                                     : (size_t)sp_rule_value(profile, SP_RULE_SKILL_DESCRIPTION);
    bool has_limits = loader->here->profile->client->skill_place_count == 0;
    if (!has_limits)
        ret->max_description_chars = ret->budget_chars = SP_SKILLS_NO_LIMIT;
    SP_TRY(set_listed(loader->arena, ret, err));
    if (!has_limits) {
        ret->budget_reason = SP_STR("");
        return SP_OK;
    }
    return set_budget(loader->arena, loader->here, ret, err);
}
