/* opencode.c - opencode: one system message, the nearest file first. */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/opencode.def"
#define RULE_TABLE sp_opencode_rules
#include "rules/table.h"

static const sp_client_version opencode_versions[] = { { "1.18.33", "2026-11-22" } };

static const sp_location opencode_places[] = {
    FILE_AT(HOME, ".config/opencode/AGENTS.md", USER, PREFERRED),
    FILE_AT(HOME, ".claude/CLAUDE.md", USER, FALLBACK(CHAIN_FIRST)),
    FILE_AT(FROM_TOP, "AGENTS.md", PROJECT, PREFERRED),
    FILE_AT(FROM_TOP, "CLAUDE.md", PROJECT, FALLBACK(CHAIN_FIRST)),
    FILE_AT(FROM_TOP, "CONTEXT.md", PROJECT, LAST(CHAIN_FIRST)),
};

static const sp_config_file opencode_configs[] = {
    { SP_ANCHOR_HOME, ".config/opencode/opencode.json", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_HOME, ".config/opencode/opencode.jsonc", SP_SCOPE_USER, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_REPOSITORY, "opencode.json", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_REPOSITORY, "opencode.jsonc", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/opencode.json", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/opencode.jsonc", SP_SCOPE_PROJECT, SP_CONFIG_JSONC, false },
    { SP_ANCHOR_ROOT, "etc/opencode/opencode.json", SP_SCOPE_MANAGED, SP_CONFIG_UNREAD, false },
};

static const sp_config_setting opencode_settings[] = { { { "instructions" }, SP_CONFIG_FILES } };

static const sp_agent_folder opencode_agents[] = {
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/agent", SP_SCOPE_PROJECT },
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".config/opencode/agent", SP_SCOPE_USER },
    { SP_ANCHOR_HOME, ".config/opencode/agents", SP_SCOPE_USER },
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
    .reads_nested = true,
    .sends_later_as_user = true,
    LIST(agent_place, opencode_agents),
    LIST(config, opencode_configs),
    LIST(setting, opencode_settings),
    .agent_fields = opencode_fields,
    .header = SP_TEXT_FILE_HEADER,
    .separator = "\n",
    .blank = SP_BLANK_SENT,
    COUNTED_NEARLY("opencode offers"),
};
