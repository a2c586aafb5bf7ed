/* judge.c - what keeps an agent that was found from loading. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/agents/agents.h"

sp_str sp_agents_why_not_read(sp_arena *arena, const sp_place *here, sp_str path, const sp_file *file)
{
    switch (file->state) {
    case SP_FILE_DANGLING:
        return SP_STR("it is a link whose target does not exist");
    case SP_FILE_DENIED:
        return SP_STR("it cannot be read: permission denied");
    case SP_FILE_OUTSIDE:
        return SP_STR("it is a link that leads outside of --root");
    case SP_FILE_EXTERNAL:
        return sp_origin_why(arena, here, path, file->real_path);
    case SP_FILE_LARGE:
        return SP_STR("it is too large to be read; split it");
    case SP_FILE_ABSENT:
        return SP_STR("there is no such file");
    default:
        return SP_STR("it is not a file that can be read");
    }
}

bool sp_agents_is_external(const sp_found_agent *found)
{
    return found->file.state == SP_FILE_EXTERNAL;
}

sp_status sp_agents_skip(sp_found_agent *found, sp_rule_key rule, sp_str why, sp_err *err)
{
    if (!why.ptr)
        return sp_err_memory(err);
    found->listed.status = SP_AGENT_SKIPPED;
    found->listed.rule = rule;
    found->listed.why = why;
    return SP_OK;
}

/* The diagnostic because of which the client does not load the file, or does not start the agent; NULL for none. */
static const sp_diagnostic *find_reason(const sp_found_agent *found)
{
    bool has_fields = found->listed.agent.front_matter != SP_FRONT_MATTER_NONE;
    for (size_t i = 0; i < found->diags.count; i++) {
        const sp_diagnostic *diag = &found->diags.items[i];
        bool refuses = diag->rule == SP_RULE_AGENT_TOOLS;
        bool is_document = diag->rule == SP_RULE_AGENT_DOCUMENT;
        if (found->form == SP_AGENT_PLUGIN_FILE
                ? refuses
                : diag->level == SP_FINDING || is_document || (!has_fields && diag->level == SP_WARNING))
            return diag;
    }
    return NULL;
}

void sp_agents_judge(sp_found_agent *found)
{
    const sp_diagnostic *reason = find_reason(found);
    for (size_t i = 0; i < found->diags.count; i++)
        found->listed.warning_count += found->diags.items[i].level >= SP_WARNING;
    if (!reason)
        return;
    bool refuses = reason->rule == SP_RULE_AGENT_TOOLS;
    found->listed.status = refuses ? SP_AGENT_REFUSED : SP_AGENT_SKIPPED;
    found->listed.rule = reason->rule;
    found->listed.why = reason->message;
    found->listed.line = reason->line;
    found->listed.column = reason->column;
}
