/* lint_agents.c - files among the agents that the client skips. What their front matter is reported for is taken as it
 * is; the rest has a reason that only a listing says. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/lint.h"
#include "model/agent.h"
#include "model/agent_list.h"

/* How much it matters that a file is skipped for that rule; what is not here has a diagnostic of its own. */
static const struct {
    sp_rule_key rule;
    sp_level level;
} skip_levels[] = {
    { SP_RULE_AGENT_UNREADABLE, SP_FINDING },
    { SP_RULE_AGENT_EXTENSION, SP_NOTE },
    { SP_RULE_CHAIN_ONCE, SP_NOTE },
    { SP_RULE_AGENT_ORDER, SP_NOTE },
};

static sp_status report_skipped(sp_lint *lint, const sp_listed_agent *listed, sp_err *err)
{
    for (size_t i = 0; i < SP_COUNT_OF(skip_levels); i++) {
        if (listed->rule == skip_levels[i].rule)
            return sp_diag_add(lint->diags, err, skip_levels[i].level, listed->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                               listed->rule, "not loaded: %.*s", SP_STR_ARG(listed->why));
    }
    return SP_OK;
}

/* A README among agents is meant to be one. */
static void calm(sp_diagnostic *diagnostic, const sp_agent *agent)
{
    bool is_document = diagnostic->rule == SP_RULE_AGENT_DOCUMENT;
    if (is_document && agent->front_matter == SP_FRONT_MATTER_NONE)
        diagnostic->level = SP_NOTE;
}

static bool has_prompt(const sp_listed_agent *listed)
{
    return listed->status == SP_AGENT_LOADS || listed->status == SP_AGENT_REFUSED;
}

sp_status sp_lint_agents(sp_lint *lint, sp_err *err)
{
    const sp_found_agents *agents = lint->site->agents;
    for (size_t i = 0; i < agents->count; i++) {
        const sp_found_agent *found = &agents->items[i];
        SP_TRY(report_skipped(lint, &found->listed, err));
        for (size_t j = 0; j < found->diags.count && !has_prompt(&found->listed); j++) {
            sp_diagnostic *diagnostic = SP_LIST_PUSH(lint->diags->arena, lint->diags);
            if (!diagnostic)
                return sp_err_memory(err);
            *diagnostic = found->diags.items[j];
            calm(diagnostic, &found->listed.agent);
        }
    }
    return SP_OK;
}
