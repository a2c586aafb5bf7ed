/* gemini.c - Gemini CLI */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/gemini.def"
#define RULE_TABLE sp_gemini_rules
#include "rules/table.h"

static const sp_client_version gemini_versions[] = { { "0.61.0", "2026-09-25" } };

static const sp_location gemini_places[] = {
    FILE_AT(HOME, ".gemini/GEMINI.md", USER, ALL),
    FILE_AT(FROM_REPOSITORIES, "GEMINI.md", PROJECT, ALL),
};

static const sp_extension_folder gemini_extensions = { ".gemini/extensions", "gemini-extension.json", "contextFileName",
                                                       "GEMINI.md", ".gemini/extensions/extension-enablement.json" };

static const sp_project_file gemini_memory = { ".gemini/tmp", "memory/MEMORY.md", ".gemini/projects.json", "projects" };

static const char *const gemini_ignored[] = { ".geminiignore", NULL };

static const sp_config_file gemini_configs[] = {
    { SP_ANCHOR_ROOT, "etc/gemini-cli/system-defaults.json", SP_SCOPE_MANAGED, SP_CONFIG_JSON, false },
    { SP_ANCHOR_HOME, ".gemini/settings.json", SP_SCOPE_USER, SP_CONFIG_JSON, false },
    { SP_ANCHOR_LAUNCH, ".gemini/settings.json", SP_SCOPE_PROJECT, SP_CONFIG_JSON, false },
    { SP_ANCHOR_ROOT, "etc/gemini-cli/settings.json", SP_SCOPE_MANAGED, SP_CONFIG_JSON, false },
};

static const sp_config_setting gemini_settings[] = {
    { { "context", "fileName" }, SP_CONFIG_ADDED_NAMES },
    { { "context", "memoryBoundaryMarkers" }, SP_CONFIG_ROOT_MARKERS },
};

static const sp_agent_folder gemini_agents[] = {
    { SP_ANCHOR_LAUNCH, ".gemini/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".gemini/agents", SP_SCOPE_USER },
};

static const sp_skill_folder gemini_skills[] = {
    { SP_ANCHOR_HOME, ".gemini/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".agents/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_LAUNCH, ".gemini/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_LAUNCH, ".agents/skills", SP_SCOPE_PROJECT, 0, false },
};

/* The fields that are documented besides name, description, model and tools. */
static const char *const gemini_fields[] = { "kind",         "display_name", "temperature", "max_turns",
                                             "timeout_mins", "mcpServers",   "mcp_servers", NULL };

const sp_client sp_client_gemini = {
    .name = "gemini",
    .title = "Gemini CLI",
    .ops = &sp_plain_ops,
    .has = SP_HAS_AGENTS,
    .tables = { &sp_gemini_rules, &sp_our_rules },
    LIST(version, gemini_versions),
    LIST(place, gemini_places),
    .home_by = "GEMINI_CLI_HOME",
    .is_sorted = true,
    .reads_nested = true,
    .extensions = &gemini_extensions,
    .project_file = &gemini_memory,
    .ignore_files = gemini_ignored,
    .ignores_by_git = true,
    .ignored_folder = "node_modules",
    LIST(agent_place, gemini_agents),
    .lists_agents = SP_LIST_BEFORE,
    .lists_agents_first = true,
    .lists_users_agents = true,
    LIST(skill_place, gemini_skills),
    .lists_skills = SP_LIST_BEFORE,
    .skills_by = SP_SKILLS_BY_PLACE,
    .skill_names = SP_NAME_IS_LASTS,
    .skill_needs = SP_NEEDS_NAME | SP_NEEDS_DESCRIPTION,
    LIST(config, gemini_configs),
    LIST(setting, gemini_settings),
    .agent_fields = gemini_fields,
    .import_bound = SP_ANCHOR_REPOSITORY,
    .header = SP_TEXT_GEMINI_BEGIN,
    .footer = SP_TEXT_GEMINI_END,
    .default_encoding = "o200k_base",
    .encoding_note = "Gemini's tokenizer is not in this program: these are OpenAI's tokens (o200k_base). "
                     "--tokenizer FILE counts Gemini's, with the tokenizer.json of its model.",
};
