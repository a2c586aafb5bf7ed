/*
 * copilot.c - GitHub Copilot CLI: one system message. Files of the user, of the repository root and of the launch
 * directory come before those of the directories between them.
 *
 * The editor and the cloud agent, copilot_documented.c, read other files.
 */
#include "clients/tables/copilot.h"
#include "clients/tables/tables.h"

#define RULE_LIST "rules/copilot.def"
#define RULE_TABLE sp_copilot_rules
#include "rules/table.h"

static const sp_client_version copilot_versions[] = { { "1.0.102", "2026-11-22" } };

/* In these files @path imports nothing. */
#define ALL_PLAIN SP_PICK_ALL, SP_RULE_NONE, SP_RULE_NONE, true
#define PLAIN_RULES_AT(anchor, path, scope) RULES_AT(anchor, path, scope, SP_RULE_NONE, true)
#define CLAUDE_RULES_AT(anchor, scope) RULES_AT(anchor, ".claude/rules", scope, SP_RULE_NONE, true, .ending = ".md")

static const sp_location copilot_places[] = {
    FILE_AT(HOME, ".copilot/copilot-instructions.md", USER, ALL),
    FILE_AT(REPOSITORY, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(LAUNCH_BELOW, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "AGENTS.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "CLAUDE.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "GEMINI.md", PROJECT, ALL_PLAIN),
    FILE_AT(LAUNCH_BELOW, "AGENTS.md", PROJECT, ALL),
    FILE_AT(LAUNCH_BELOW, "CLAUDE.md", PROJECT, ALL),
    FILE_AT(LAUNCH_BELOW, "GEMINI.md", PROJECT, ALL_PLAIN),
    FILE_AT(BETWEEN, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(BETWEEN, "AGENTS.md", PROJECT, ALL),
    FILE_AT(BETWEEN, "CLAUDE.md", PROJECT, ALL),
    FILE_AT(BETWEEN, ".claude/CLAUDE.md", PROJECT, ALL), /* and not that of the root or the launch directory */
    FILE_AT(BETWEEN, "GEMINI.md", PROJECT, ALL_PLAIN),
    PLAIN_RULES_AT(HOME, ".copilot/instructions", USER),
    PLAIN_RULES_AT(REPOSITORY, ".github/instructions", PROJECT),
    CLAUDE_RULES_AT(REPOSITORY, PROJECT),
    PLAIN_RULES_AT(LAUNCH_BELOW, ".github/instructions", PROJECT),
    CLAUDE_RULES_AT(LAUNCH_BELOW, PROJECT),
    PLAIN_RULES_AT(ADDED, ".github/instructions", USER),
    CLAUDE_RULES_AT(ADDED, USER),
    PLAIN_RULES_AT(BELOW, ".github/instructions", PROJECT),
    CLAUDE_RULES_AT(BELOW, PROJECT),
    PLAIN_RULES_AT(ADDED, ".", USER), /* and their other files */
};

/* paths counts where there is no applyTo. Without both, or with an empty one, it loads at the start. */
static const sp_mode copilot_modes[] = {
    { "applyTo", "**", SP_RULE_NONE, NULL, NULL },
    { "applyTo", "**/*", SP_RULE_NONE, NULL, NULL },
    { "applyTo", "*", SP_RULE_NONE, NULL, NULL },
    { "applyTo", "true", SP_RULE_NONE, NULL, NULL },
    { "applyTo", NULL, SP_RULE_RULE_GLOBS, "its applyTo: makes it load when a matching file is read", "applyTo" },
    { "applyTo", "", SP_RULE_NONE, NULL, NULL },
    { "paths", "**", SP_RULE_NONE, NULL, NULL },
    { "paths", "**/*", SP_RULE_NONE, NULL, NULL },
    { "paths", "*", SP_RULE_NONE, NULL, NULL },
    { "paths", "true", SP_RULE_NONE, NULL, NULL },
    { "paths", NULL, SP_RULE_RULE_GLOBS, "its paths: make it load when a matching file is read", "paths" },
};

static const sp_agent_folder copilot_agents[] = {
    { SP_ANCHOR_HOME, ".copilot/agents", SP_SCOPE_USER },
    { SP_ANCHOR_FROM_REPOSITORY, ".github/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_FROM_REPOSITORY, ".claude/agents", SP_SCOPE_PROJECT },
};

/* One place of all directories comes before the next place. */
static const sp_skill_folder copilot_skills[] = {
    { SP_ANCHOR_FROM_REPOSITORY, ".github/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".agents/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".claude/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_HOME, ".copilot/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".agents/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".claude/commands", SP_SCOPE_PROJECT, 0, true },
};

const sp_client sp_client_copilot = {
    .name = "copilot",
    .title = "GitHub Copilot, the CLI",
    .ops = &sp_plain_ops,
    .has = SP_HAS_AGENTS,
    .tables = { &sp_copilot_rules, &sp_our_rules },
    LIST(version, copilot_versions),
    LIST(place, copilot_places),
    .is_nearest_first = true,
    .again = SP_AGAIN_TEXT,
    .ignores_case = true,
    .added_by = "COPILOT_CUSTOM_INSTRUCTIONS_DIRS",
    .moved_folder = ".copilot",
    .moved_by = "COPILOT_HOME",
    .reads_nested = true,
    .sends_later_as_user = true,
    .rule_ending = ".instructions.md",
    .sorts_each_directory = true,
    .matches_from_root = true,
    LIST(mode, copilot_modes),
    LIST(agent_place, copilot_agents),
    .lists_agents = SP_LIST_TOOL,
    .has_agents_by_name = true,
    .subagents_have_agents = true,
    .agents_lack_instructions = true,
    LIST(skill_place, copilot_skills),
    .lists_skills = SP_LIST_BEFORE,
    .has_deep_skills = true,
    .skill_needs = SP_NEEDS_FRONT_MATTER,
    .imports_once = true,
    .agent_fields = sp_copilot_fields,
    .tool_names = sp_copilot_tools,
    .tool_name_count = SP_COPILOT_TOOL_COUNT,
    .import_bound = SP_ANCHOR_REPOSITORY,
    .header = SP_TEXT_INSTRUCTIONS_BEGIN,
    .footer = SP_TEXT_INSTRUCTIONS_END,
    .has_bare_rules = true,
    .rules_table = SP_TEXT_RULES_TABLE,
    .import_header = SP_TEXT_IMPORT_BEGIN,
    .import_footer = SP_TEXT_IMPORT_END,
    .separator = "\n\n",
    .blank = SP_EMPTY_SENT,
    COUNTED_NEARLY("GitHub Copilot offers"),
};
