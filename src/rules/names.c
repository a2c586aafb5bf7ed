#include "rules/names.h"
#include "base/diagnostic.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "model/source.h"

static const char *const segments[] = {
    [SP_SEGMENT_BODY] = "body",         [SP_SEGMENT_MEMORY] = "memory", [SP_SEGMENT_INSTRUCTIONS] = "instructions",
    [SP_SEGMENT_RULE] = "rule",         [SP_SEGMENT_IMPORT] = "import", [SP_SEGMENT_SKILL] = "skill",
    [SP_SEGMENT_HEADER] = "header",     [SP_SEGMENT_MARKER] = "marker", [SP_SEGMENT_ENVIRONMENT] = "environment",
    [SP_SEGMENT_APPENDED] = "appended", [SP_SEGMENT_CLIENT] = "client", [SP_SEGMENT_TOOL] = "tool",
    [SP_SEGMENT_LISTING] = "listing",
};

static const char *const kinds[] = {
    [SP_SOURCE_AGENT] = "agent",
    [SP_SOURCE_MEMORY] = "memory",
    [SP_SOURCE_INSTRUCTIONS] = "instructions",
    [SP_SOURCE_RULE] = "rule",
    [SP_SOURCE_IMPORT] = "import",
    [SP_SOURCE_SKILL] = "skill",
    [SP_SOURCE_APPENDED] = "appended text",
    [SP_SOURCE_CLIENT] = "client text",
    [SP_SOURCE_TOOL] = "tool",
};

static const char *const scopes[] = {
    [SP_SCOPE_NAMED] = "named",     [SP_SCOPE_MANAGED] = "managed", [SP_SCOPE_USER] = "user",
    [SP_SCOPE_PROJECT] = "project", [SP_SCOPE_LOCAL] = "local",     [SP_SCOPE_SESSION] = "session",
    [SP_SCOPE_ADDED] = "added",     [SP_SCOPE_PLUGIN] = "plugin",
};

static const char *const roles[] = {
    [SP_ROLE_SYSTEM] = "system",
    [SP_ROLE_USER] = "user",
    [SP_ROLE_ASSISTANT] = "assistant",
    [SP_ROLE_TOOLS] = "tools",
};

static const char *const levels[] = { [SP_NOTE] = "note", [SP_WARNING] = "warning", [SP_FINDING] = "error" };

static const char *const effects[] = {
    [SP_EFFECT_ORDER] = "order",   [SP_EFFECT_CUT] = "cut",   [SP_EFFECT_SKIP] = "skip",
    [SP_EFFECT_REFUSE] = "refuse", [SP_EFFECT_WARN] = "warn", [SP_EFFECT_NONE] = "none",
};

static const char *const front_matters[] = {
    [SP_FRONT_MATTER_NONE] = "none",
    [SP_FRONT_MATTER_STRICT] = "strict",
    [SP_FRONT_MATTER_RECOVERED] = "recovered",
};

static const char *const agent_statuses[] = {
    [SP_AGENT_LOADS] = "loads",
    [SP_AGENT_REFUSED] = "refused",
    [SP_AGENT_SHADOWED] = "shadowed",
    [SP_AGENT_SKIPPED] = "skipped",
};

static const char *const skill_statuses[] = {
    [SP_SKILL_LISTED] = "listed",     [SP_SKILL_NAME_ONLY] = "name only", [SP_SKILL_HIDDEN] = "hidden",
    [SP_SKILL_SHADOWED] = "shadowed", [SP_SKILL_SKIPPED] = "skipped",
};

static const char *const blocks[] = {
    [SP_BLOCK_PARAGRAPH] = "paragraph",
    [SP_BLOCK_HEADING] = "heading",
    [SP_BLOCK_FENCED_CODE] = "fenced code",
    [SP_BLOCK_INDENTED_CODE] = "indented code",
    [SP_BLOCK_HTML] = "HTML",
    [SP_BLOCK_THEMATIC_BREAK] = "thematic break",
    [SP_BLOCK_BLANK] = "blank lines",
    [SP_BLOCK_FRONT_MATTER] = "front matter",
    [SP_BLOCK_LIST_ITEM] = "list item",
};

sp_str sp_name_of_block(sp_block_kind kind)
{
    return sp_str_of(blocks[kind]);
}

sp_str sp_name_of_segment(sp_segment_kind kind)
{
    return sp_str_of(segments[kind]);
}

sp_str sp_name_of_source_kind(sp_source_kind kind)
{
    return sp_str_of(kinds[kind]);
}

sp_str sp_name_of_scope(sp_scope scope)
{
    return sp_str_of(scopes[scope]);
}

sp_str sp_name_of_role(sp_role role)
{
    return sp_str_of(roles[role]);
}

sp_str sp_name_of_level(sp_level level)
{
    return sp_str_of(levels[level]);
}

sp_str sp_name_of_front_matter(sp_front_matter_state state)
{
    return sp_str_of(front_matters[state]);
}

sp_str sp_name_of_effect(sp_effect effect)
{
    return sp_str_of(effects[effect]);
}

sp_str sp_name_of_agent_status(sp_agent_status status)
{
    return sp_str_of(agent_statuses[status]);
}

sp_str sp_name_of_skill_status(sp_skill_status status)
{
    return sp_str_of(skill_statuses[status]);
}
