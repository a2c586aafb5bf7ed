/* take.c - from the text of an agent to its fields, and to an agent of the prompt. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "model/agent.h"
#include "model/profile.h"
#include "model/source.h"
#include "tokenizer/models/model.h"

sp_status sp_agent_read(sp_arena *arena, const sp_profile *profile, const sp_models *known_models, sp_str path,
                        sp_str text, sp_agent_form form, sp_front_matter_mode mode, sp_diags *diags, sp_agent *ret,
                        size_t *ret_body_begin, sp_err *err)
{
    return profile->client->ops->read_agent(arena, profile, known_models, path, text, form, mode, diags, ret,
                                            ret_body_begin, err);
}

sp_str sp_agent_file_name(sp_str path)
{
    static const char *const endings[] = { ".md", ".agent" };
    sp_str name = sp_path_base(path);
    for (size_t i = 0; i < SP_COUNT_OF(endings); i++)
        if (sp_str_ends(name, sp_str_of(endings[i])) && name.len > strlen(endings[i]))
            name.len -= strlen(endings[i]);
    return name;
}

sp_front_matter_mode sp_agent_mode(const sp_place *here)
{
    if (here->request->strict)
        return SP_FRONT_MATTER_STRICT_ONLY;
    return sp_rule_holds(here->profile, SP_RULE_FM_SECOND_READING) ? SP_FRONT_MATTER_AGAIN : SP_FRONT_MATTER_RECOVER;
}

/* An agent from --agents has its fields beside its text, and they were checked when it was found. */
static sp_status take_found_agent(sp_loader *loader, sp_err *err)
{
    const sp_found_agent *found = loader->found_agent;
    *loader->agent = found->listed.agent;
    for (size_t i = 0; i < found->diags.count; i++) {
        sp_diagnostic *diag = SP_LIST_PUSH(loader->arena, loader->diags);
        if (!diag)
            return sp_err_memory(err);
        *diag = found->diags.items[i];
    }
    return SP_OK;
}

static sp_status read_agent_file(sp_loader *loader, sp_source *source, sp_err *err)
{
    size_t plain_begin = source->content_begin;
    bool is_plugin = loader->found_agent && loader->found_agent->form == SP_AGENT_PLUGIN_FILE;
    SP_TRY(sp_agent_read(loader->arena, loader->here->profile, loader->here->request->models, source->path,
                         source->bytes, is_plugin ? SP_AGENT_PLUGIN_FILE : SP_AGENT_FILE, sp_agent_mode(loader->here),
                         loader->diags, loader->agent, &source->content_begin, err));
    if (source->content_begin > plain_begin)
        source->parsed->front_rule = SP_RULE_AGENT_FRONT_MATTER;
    if (!loader->agent->name.ptr && sp_rule_holds(loader->here->profile, SP_RULE_AGENT_SUBDIRECTORY))
        loader->agent->name = loader->found_agent ? loader->found_agent->listed.name : sp_agent_file_name(source->path);
    if (is_plugin)
        loader->agent->name = loader->found_agent->listed.name;
    return SP_OK;
}

sp_status sp_agent_take_source(sp_loader *loader, sp_source *source, sp_err *err)
{
    bool is_json = loader->found_agent && loader->found_agent->form == SP_AGENT_JSON;
    SP_TRY(is_json ? take_found_agent(loader, err) : read_agent_file(loader, source, err));
    loader->agent->source = (uint32_t)(source - loader->sources.items);
    return loader->here->profile->client->ops->resolve_agent(loader, loader->agent, err);
}
