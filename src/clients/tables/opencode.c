/* opencode.c - opencode: one system message, the nearest file first. */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/opencode.def"
#define RULE_TABLE sp_opencode_rules
#include "rules/table.h"

static const sp_client_version opencode_versions[] = { { "1.18.33", "2026-11-22" } };

enum { CLAUDE_FILES = 1, CLAUDE_SKILLS = 2, AGENTS_SKILLS = 4, PROJECT_FILES = 8 };

static const sp_toggle opencode_toggles[] = {
    { "OPENCODE_DISABLE_CLAUDE_CODE", CLAUDE_FILES | CLAUDE_SKILLS },
    { "OPENCODE_DISABLE_CLAUDE_CODE_PROMPT", CLAUDE_FILES },
    { "OPENCODE_DISABLE_CLAUDE_CODE_SKILLS", CLAUDE_SKILLS },
    { "OPENCODE_DISABLE_EXTERNAL_SKILLS", CLAUDE_SKILLS | AGENTS_SKILLS },
    { "OPENCODE_DISABLE_PROJECT_CONFIG", PROJECT_FILES },
};

static const sp_location opencode_places[] = {
    FILE_AT(HOME, "$OPENCODE_CONFIG_DIR/AGENTS.md", USER, FIRST_FILE),
    FILE_AT(HOME, ".config/opencode/AGENTS.md", USER, FIRST_FILE),
    FILE_AT(HOME, ".claude/CLAUDE.md", USER, FIRST_FILE, OFF_BY(CLAUDE_FILES)),
    FILE_AT(FROM_TOP, "AGENTS.md", PROJECT, PREFERRED, OFF_BY(PROJECT_FILES)),
    FILE_AT(FROM_TOP, "CLAUDE.md", PROJECT, FALLBACK(CHAIN_FIRST), OFF_BY(CLAUDE_FILES | PROJECT_FILES)),
    FILE_AT(FROM_TOP, "CONTEXT.md", PROJECT, LAST(CHAIN_FIRST), OFF_BY(PROJECT_FILES)),
};

static const sp_config_file opencode_configs[] = {
    { SP_ANCHOR_HOME, ".config/opencode/opencode.json", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_HOME, ".config/opencode/opencode.jsonc", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_TOP, "opencode.json", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_TOP, "opencode.jsonc", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_TOP, ".opencode/opencode.json", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_TOP, ".opencode/opencode.jsonc", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG_DIR/opencode.json", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG_DIR/opencode.jsonc", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_ROOT, "etc/opencode/opencode.json", SP_SCOPE_MANAGED, SP_CONFIG_UNREAD, false },
};

static const sp_config_setting opencode_settings[] = {
    { { "instructions" }, SP_CONFIG_FILES },
    { { "agent" }, SP_CONFIG_AGENTS },
    { { "default_agent" }, SP_CONFIG_SESSION },
    { { "skills", "paths" }, SP_CONFIG_SKILLS },
};

/* The root's agents have a name before those of the directories below it. */
static const sp_agent_folder opencode_agents[] = {
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG_DIR/agent", SP_SCOPE_USER },
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG_DIR/agents", SP_SCOPE_USER },
    { SP_ANCHOR_HOME, ".opencode/agent", SP_SCOPE_USER },
    { SP_ANCHOR_HOME, ".opencode/agents", SP_SCOPE_USER },
    { SP_ANCHOR_FROM_TOP, ".opencode/agent", SP_SCOPE_PROJECT },
    { SP_ANCHOR_FROM_TOP, ".opencode/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_FROM_TOP, ".opencode/mode", SP_SCOPE_PROJECT },
    { SP_ANCHOR_FROM_TOP, ".opencode/modes", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".config/opencode/agent", SP_SCOPE_USER },
    { SP_ANCHOR_HOME, ".config/opencode/agents", SP_SCOPE_USER },
};

static const sp_skill_folder opencode_skills[] = {
    { SP_ANCHOR_FROM_TOP, ".claude/skills", SP_SCOPE_PROJECT, CLAUDE_SKILLS, false },
    { SP_ANCHOR_FROM_TOP, ".agents/skills", SP_SCOPE_PROJECT, AGENTS_SKILLS, false },
    { SP_ANCHOR_FROM_TOP, ".opencode/skill", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_FROM_TOP, ".opencode/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG_DIR/skill", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, "$OPENCODE_CONFIG_DIR/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".claude/skills", SP_SCOPE_USER, CLAUDE_SKILLS, false },
    { SP_ANCHOR_HOME, ".agents/skills", SP_SCOPE_USER, AGENTS_SKILLS, false },
    { SP_ANCHOR_HOME, ".config/opencode/skill", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".config/opencode/skills", SP_SCOPE_USER, 0, false },
};

static const char *const opencode_fields[] = { "mode",    "temperature", "top_p", "prompt", "permission",
                                               "disable", "hidden",      "color", "steps",  "maxSteps",
                                               "variant", "options",     NULL };

const sp_client sp_client_opencode = {
    .name = "opencode",
    .title = "opencode",
    .ops = &sp_plain_ops,
    .has = SP_HAS_AGENTS,
    .tables = { &sp_opencode_rules, &sp_our_rules },
    LIST(version, opencode_versions),
    LIST(place, opencode_places),
    .is_nearest_first = true,
    .again = SP_AGAIN_PATH,
    .moved_folder = ".config",
    .moved_by = "XDG_CONFIG_HOME",
    .named_by = "OPENCODE_CONFIG_DIR",
    LIST(toggle, opencode_toggles),
    .config_off_by = PROJECT_FILES,
    .reads_nested = true,
    .sends_later_as_user = true,
    LIST(agent_place, opencode_agents),
    .has_outer_agents_first = true,
    .lists_agents = SP_LIST_TOOL,
    .has_agents_by_name = true,
    LIST(skill_place, opencode_skills),
    .lists_skills = SP_LIST_AFTER,
    .skills_by = SP_SKILLS_BY_NAME,
    .has_deep_skills = true,
    .skill_needs = SP_NEEDS_NAME | SP_NEEDS_DESCRIPTION,
    .session_agent = "build",
    LIST(config, opencode_configs),
    LIST(setting, opencode_settings),
    .agent_fields = opencode_fields,
    .header = SP_TEXT_FILE_HEADER,
    .separator = "\n",
    .blank = SP_BLANK_SENT,
    COUNTED_NEARLY("opencode offers"),
};
