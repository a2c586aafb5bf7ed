/* codex.c - Codex CLI */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/codex.def"
#define RULE_TABLE sp_codex_rules
#include "rules/table.h"

static const sp_client_version codex_versions[] = { { "0.169.0", "2026-11-13" } };

static const sp_location codex_places[] = {
    FILE_AT(HOME, ".codex/AGENTS.override.md", USER, FIRST),
    FILE_AT(HOME, ".codex/AGENTS.md", USER, FIRST),
    FILE_AT(FROM_REPOSITORY, "AGENTS.override.md", PROJECT, FIRST_FILE),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, FIRST_FILE),
};

static const sp_config_file codex_configs[] = {
    { SP_ANCHOR_HOME, ".codex/config.toml", SP_SCOPE_USER, SP_CONFIG_TOML, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".codex/config.toml", SP_SCOPE_PROJECT, SP_CONFIG_TOML, true },
    { SP_ANCHOR_ROOT, "etc/codex/config.toml", SP_SCOPE_MANAGED, SP_CONFIG_UNREAD, false },
};

static const sp_config_setting codex_settings[] = {
    { { "project_doc_fallback_filenames" }, SP_CONFIG_MORE_NAMES },
    { { "project_doc_max_bytes" }, SP_CONFIG_TOTAL_BYTES },
    { { "project_root_markers" }, SP_CONFIG_ROOT_MARKERS },
    { { "projects" }, SP_CONFIG_TRUST },
    { { "instructions" }, SP_CONFIG_SYSTEM_TEXT },
    { { "model_instructions_file" }, SP_CONFIG_SYSTEM_FILE },
    { { "developer_instructions" }, SP_CONFIG_SYSTEM_TEXT },
    { { "skills", "config" }, SP_CONFIG_SKILLS_OFF },
};

static const sp_agent_folder codex_agents[] = {
    { SP_ANCHOR_FROM_REPOSITORY, ".codex/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".codex/agents", SP_SCOPE_USER },
};

static const char *const codex_needs[] = { "name", "description", "developer_instructions", NULL };

static const sp_agent_table codex_agent_table = {
    LIST(place, codex_agents), .ending = ".toml", .needs = codex_needs, .is_deep = true, .needs_trust = true,
};

static const sp_skill_folder codex_skills[] = {
    { SP_ANCHOR_ROOT, "etc/codex/skills", SP_SCOPE_MANAGED, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".agents/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".codex/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_HOME, ".agents/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".codex/skills", SP_SCOPE_USER, 0, false },
};

const sp_client sp_client_codex = {
    .name = "codex",
    .title = "Codex CLI",
    .ops = &sp_plain_ops,
    .tables = { &sp_codex_rules, &sp_our_rules },
    LIST(version, codex_versions),
    LIST(place, codex_places),
    .again = SP_AGAIN_PATH,
    .moved_folder = ".codex",
    .moved_by = "CODEX_HOME",
    .needs_moved = true,
    .described_agents = &codex_agent_table,
    .lists_agents = SP_LIST_TOOL,
    .has_agents_by_name = true,
    LIST(skill_place, codex_skills),
    .lists_skills = SP_LIST_BEFORE,
    .skills_by = SP_SKILLS_BY_SCOPE,
    .skill_names = SP_NAME_IS_SHARED,
    .has_deep_skills = true,
    .skill_needs = SP_NEEDS_FRONT_MATTER | SP_NEEDS_DESCRIPTION,
    LIST(config, codex_configs),
    LIST(setting, codex_settings),
    .separator = "\n\n",
    .default_encoding = "o200k_base",
};
