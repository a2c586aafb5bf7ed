/* lint_skills.c - skills that the session does not list, which no client says. The list has the reason for each. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/lint.h"
#include "clients/claude_code/skills.h"
#include "model/skill_list.h"
#include "sources/client.h"

/* How much it matters that a skill is not listed for that rule. What is not here was asked for, or has a pass of its
 * own (links). */
static const struct {
    sp_rule_key rule;
    sp_level level;
} levels[] = {
    { SP_RULE_SKILL_LISTED, SP_FINDING },    { SP_RULE_SKILL_MALFORMED, SP_FINDING },
    { SP_RULE_SKILL_SPEC_NAME, SP_FINDING }, { SP_RULE_SKILL_RESERVED, SP_FINDING },
    { SP_RULE_SKILL_FILE, SP_FINDING },      { SP_RULE_SKILL_ORDER, SP_NOTE },
    { SP_RULE_CHAIN_ONCE, SP_NOTE },
};

static bool level_of(const sp_found_skill *skill, sp_level *ret)
{
    /* A README among skills, and a directory that has no SKILL.md, may be meant to be none. */
    bool is_none = skill->listed.rule == SP_RULE_SKILL_FILE && sp_str_ends(skill->path, SP_STR(".md")) &&
                   (skill->file.state == SP_FILE_ABSENT || !skill->folder_name.ptr);
    for (size_t i = 0; i < SP_COUNT_OF(levels); i++) {
        if (skill->listed.rule != levels[i].rule)
            continue;
        *ret = is_none ? SP_NOTE : levels[i].level;
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

static sp_status report(sp_lint *lint, const sp_found_skill *skill, sp_err *err)
{
    const sp_listed_skill *listed = &skill->listed;
    sp_level level;
    if (listed->status < SP_SKILL_SHADOWED || !level_of(skill, &level))
        return SP_OK;
    bool is_read = skill->file.state == SP_FILE_READ;
    return sp_diag_add(lint->diags, err, level, listed->path, is_read ? skill->file.bytes : (sp_str){ 0 },
                       is_read ? offset_of_line(skill->file.bytes, listed->line) : SP_WHOLE_FILE, listed->rule,
                       "not listed: %.*s", SP_STR_ARG(listed->why));
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
        SP_TRY(report(lint, &found.items[i], err));
    return sp_skills_report(&found, lint->diags, err);
}
