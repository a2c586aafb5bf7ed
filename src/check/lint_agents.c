/* lint_agents.c - files among the agents and the skills that the client skips, without a word. What an agent's front
 * matter is reported for is taken as it is; the rest has a reason that only a listing says. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/hidden.h"
#include "check/lint.h"
#include "clients/claude_code/skills.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/skill_list.h"
#include "sources/client.h"

/* ---- agents ------------------------------------------------------------------------------------------------------ */

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

/* ---- skills ------------------------------------------------------------------------------------------------------ */

/* How much it matters that a skill is not listed for that rule. What is not here was asked for, or has a pass of its
 * own (links). */
static const struct {
    sp_rule_key rule;
    sp_level level;
} skill_levels[] = {
    { SP_RULE_SKILL_LISTED, SP_FINDING },    { SP_RULE_SKILL_MALFORMED, SP_FINDING },
    { SP_RULE_SKILL_SPEC_NAME, SP_FINDING }, { SP_RULE_SKILL_NAME_LETTERS, SP_FINDING },
    { SP_RULE_SKILL_RESERVED, SP_FINDING },  { SP_RULE_SKILL_FILE, SP_FINDING },
    { SP_RULE_SKILL_ORDER, SP_NOTE },        { SP_RULE_CHAIN_ONCE, SP_NOTE },
};

static bool level_of_skill(const sp_found_skill *skill, sp_level *ret)
{
    /* A README among skills, and a directory that has no SKILL.md, may be meant to be none. */
    bool is_none = skill->listed.rule == SP_RULE_SKILL_FILE && sp_str_ends(skill->path, SP_STR(".md")) &&
                   (skill->file.state == SP_FILE_ABSENT || !skill->folder_name.ptr);
    for (size_t i = 0; i < SP_COUNT_OF(skill_levels); i++) {
        if (skill->listed.rule != skill_levels[i].rule)
            continue;
        *ret = is_none ? SP_NOTE : skill_levels[i].level;
        return true;
    }
    return false;
}

static size_t offset_of_line(sp_str text, uint32_t line)
{
    size_t at = 0;
    if (line == 0)
        return SP_WHOLE_FILE;
    for (; line > 1 && at < text.len; at++)
        line -= sp_ends_line(text, at);
    return at < text.len ? at : SP_WHOLE_FILE;
}

static sp_status report_skill(sp_lint *lint, const sp_found_skill *skill, sp_err *err)
{
    const sp_listed_skill *listed = &skill->listed;
    sp_level level;
    if (listed->status < SP_SKILL_SHADOWED || !level_of_skill(skill, &level))
        return SP_OK;
    bool is_read = skill->file.state == SP_FILE_READ;
    return sp_diag_add(lint->diags, err, level, listed->path, is_read ? skill->file.bytes : (sp_str){ 0 },
                       is_read ? offset_of_line(skill->file.bytes, listed->line) : SP_WHOLE_FILE, listed->rule,
                       "not listed: %.*s", SP_STR_ARG(listed->why));
}

/* The client lists names and descriptions in each prompt, and the text may follow. */
static sp_status look_at_skill(sp_lint *lint, const sp_found_skill *skill, sp_err *err)
{
    SP_TRY(report_skill(lint, skill, err));
    if (skill->listed.status >= SP_SKILL_SHADOWED || skill->file.state != SP_FILE_READ)
        return SP_OK;
    return sp_find_hidden(lint->diags, skill->listed.path, skill->file.bytes, err);
}

sp_status sp_lint_skills(sp_lint *lint, sp_err *err)
{
    sp_diags unsaid = { .arena = lint->arena };
    sp_loader loader = sp_shared_loader(lint->site->shared, lint->arena, &unsaid);
    sp_found_skills found;
    if (!sp_client_has_skills(lint->site->profile))
        return SP_OK;
    SP_TRY(sp_skills_find(&loader, &found, err));
    for (size_t i = 0; i < found.count; i++)
        SP_TRY(look_at_skill(lint, &found.items[i], err));
    return sp_skills_report(&found, lint->diags, err);
}
