/* qwen.c - Qwen Code */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/qwen.def"
#define RULE_TABLE sp_qwen_rules
#include "rules/table.h"

static const sp_client_version qwen_versions[] = { { "0.24.4", "2026-09-22" } };

static const sp_location qwen_places[] = {
    FILE_AT(HOME, ".qwen/QWEN.md", USER, ALL),
    FILE_AT(FROM_ABOVE, "QWEN.md", PROJECT, ALL),
    FILE_AT(HOME, ".qwen/AGENTS.md", USER, ALL),
    FILE_AT(FROM_ABOVE, "AGENTS.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, ".qwen/QWEN.local.md", LOCAL, ALL),
    RULES_AT(HOME, ".qwen/rules", USER, SP_RULE_NONE),
    RULES_AT(REPOSITORY, ".qwen/rules", PROJECT, SP_RULE_NONE),
};

static const sp_mode qwen_modes[] = {
    { "paths", NULL, SP_RULE_RULE_SCOPED, "its paths: make it load when a matching file is read", "paths" },
};

static const sp_config_file qwen_configs[] = {
    { SP_ANCHOR_HOME, ".qwen/settings.json", SP_SCOPE_USER, SP_CONFIG_JSON, false },
    { SP_ANCHOR_LAUNCH, ".qwen/settings.json", SP_SCOPE_PROJECT, SP_CONFIG_JSON, false },
};

static const sp_config_setting qwen_settings[] = { { { "context", "fileName" }, SP_CONFIG_NAMES } };

static const sp_skill_folder qwen_skills[] = {
    { SP_ANCHOR_LAUNCH, ".qwen/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_LAUNCH, ".agents/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_HOME, ".qwen/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".agents/skills", SP_SCOPE_USER, 0, false },
};

static const sp_agent_folder qwen_agents[] = {
    { SP_ANCHOR_LAUNCH, ".qwen/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".qwen/agents", SP_SCOPE_USER },
};

static const char *const qwen_needs[] = { "name", "description", NULL };

static const sp_agent_table qwen_agent_table = { LIST(place, qwen_agents), .ending = ".md", .needs = qwen_needs };

const sp_client sp_client_qwen = {
    .name = "qwen",
    .title = "Qwen Code",
    .ops = &sp_plain_ops,
    .tables = { &sp_qwen_rules, &sp_our_rules },
    LIST(version, qwen_versions),
    LIST(place, qwen_places),
    .described_agents = &qwen_agent_table,
    .lists_agents = SP_LIST_TOOL,
    LIST(skill_place, qwen_skills),
    .lists_skills = SP_LIST_USER,
    .skills_by = SP_SKILLS_BY_LETTERS,
    .lists_first_lines = true,
    .skill_needs = SP_NEEDS_NAME | SP_NEEDS_DESCRIPTION,
    .sends_later_as_user = true,
    .sorts_rules = true,
    .comments_refused_only = true,
    .has_markdown_code = true,
    .rule_ending = ".md",
    LIST(mode, qwen_modes),
    LIST(config, qwen_configs),
    LIST(setting, qwen_settings),
    .has_names_in_turn = true,
    .import_bound = SP_ANCHOR_REPOSITORY,
    .default_encoding = "o200k_base",
    .encoding_note = "Qwen's tokenizer is not in this program: these are OpenAI's tokens (o200k_base). "
                     "--tokenizer FILE counts Qwen's, with the tokenizer.json of its model.",
};
