/* client.c - how a client and its profile are called in messages. */
#include "sources/client.h"
#include "base/types.h"
#include "model/profile.h"

const char *sp_profile_name(const sp_profile *profile)
{
    return profile->label;
}

sp_str sp_client_who(const sp_client *client)
{
    sp_str title = sp_str_of(client->title);
    size_t comma = sp_str_find(title, SP_STR(","), 0);
    return comma == SIZE_MAX ? title : sp_str_slice(title, 0, comma);
}

bool sp_profile_is_measured(const sp_profile *profile)
{
    for (size_t key = 1; key < SP_RULE_COUNT; key++) {
        const sp_rule *rule = sp_rule_of(profile, (sp_rule_key)key);
        if (rule && rule->confidence == 'M' && rule->key != SP_RULE_CONFIG_REFUSED)
            return true;
    }
    return false;
}

bool sp_client_has_skills(const sp_profile *profile)
{
    return profile->client->skill_place_count > 0 || sp_rule_holds(profile, SP_RULE_SKILL_PRELOAD);
}

const char *sp_profile_title(const sp_profile *profile)
{
    return profile->client->title;
}

/* ---- models ------------------------------------------------------------------------------------------ */

bool sp_model_is_full_id(sp_str model)
{
    bool begins = model.len >= 6 && sp_str_eq_nocase(sp_str_slice(model, 0, 6), SP_STR("claude"));
    bool is_claude = begins || sp_str_find(model, SP_STR("anthropic."), 0) != SIZE_MAX;
    return is_claude && memchr(model.ptr, '-', model.len);
}
