/* resolve.c - the model and the tools that an agent really gets, by its fields and the settings. */
#include "base/types.h"
#include "clients/agents/agent_tools.h"
#include "clients/claude_code/agent_fields.h"
#include "clients/claude_code/settings.h"
#include "model/agent.h"
#include "sources/loader.h"
#include "tokenizer/models/models.h"

static void take_model(sp_agent *agent, const sp_setting_text *from)
{
    agent->model_resolved = from->text;
    agent->model_reason = from->by;
}

static bool names_model(const sp_place *here, sp_str model)
{
    bool is_any_case = sp_rule_holds(here->profile, SP_RULE_AGENT_MODEL_CASE);
    return model.len > 0 &&
           !(is_any_case ? sp_str_eq_nocase(model, SP_STR("inherit")) : sp_str_eq(model, SP_STR("inherit")));
}

/* An alias in lower case; a full id, and what is no alias, stays as it is. */
static sp_str in_lower_case(sp_arena *arena, const sp_place *here, sp_str model)
{
    sp_str lower = sp_str_dup(arena, model);
    for (size_t i = 0; lower.ptr && i < lower.len; i++)
        if (lower.ptr[i] >= 'A' && lower.ptr[i] <= 'Z')
            ((char *)lower.ptr)[i] += 'a' - 'A';
    if (!lower.ptr)
        return lower;
    bool is_alias = !sp_model_is_full_id(lower) && sp_model_find(here->request->models, lower);
    return is_alias && sp_rule_holds(here->profile, SP_RULE_AGENT_MODEL_CASE) ? lower : model;
}

/* Whether CLAUDE_CODE_SUBAGENT_MODEL comes before the front matter. */
static bool is_variable_first(const sp_place *here)
{
    bool is_forced =
        here->settings.subagent_model_first.is_on && sp_rule_holds(here->profile, SP_RULE_AGENT_MODEL_FORCE);
    return is_forced || sp_rule_holds(here->profile, SP_RULE_AGENT_MODEL_VARIABLE);
}

/* Rule agent.model-order: the front matter, CLAUDE_CODE_SUBAGENT_MODEL, the session; inherit stands for the session. */
static void resolve_model(const sp_place *here, sp_agent *agent)
{
    const sp_settings *settings = &here->settings;
    const sp_setting_text *variable = &settings->subagent_model;
    bool is_first = is_variable_first(here) && variable->text.len;
    bool is_ignored =
        sp_model_is_full_id(agent->model) && sp_rule_has_effect(here->profile, SP_RULE_AGENT_MODEL_ID, SP_EFFECT_WARN);
    if (!is_first && names_model(here, agent->model) && !is_ignored) {
        agent->model_resolved = agent->model;
        agent->model_reason = SP_STR("front matter");
    } else if ((is_first || !agent->model.len || is_ignored) && names_model(here, variable->text)) {
        take_model(agent, variable);
    } else {
        take_model(agent, &settings->model);
    }
}

sp_status sp_claude_code_resolve_agent(const sp_loader *loader, sp_agent *agent, sp_err *err)
{
    resolve_model(loader->here, agent);
    if (agent->model_resolved.ptr)
        agent->model_resolved = in_lower_case(loader->arena, loader->here, agent->model_resolved);
    if (agent->model_resolved.len && !agent->model_resolved.ptr)
        return sp_err_memory(err);
    agent->model_resolved = sp_claude_code_aliased_model(loader->arena, loader->here->profile, agent->model_resolved);
    if (agent->model_resolved.len && !agent->model_resolved.ptr)
        return sp_err_memory(err);
    return sp_tools_resolve(loader->arena, loader->here->profile, !loader->here->settings.memory_off.is_on,
                            loader->here->request->as_session, agent, err);
}
