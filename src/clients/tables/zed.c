/* zed.c - Zed, as documented: the first of nine names */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/zed.def"
#define RULE_TABLE sp_zed_rules
#include "rules/table.h"

static const sp_location zed_places[] = {
    FILE_AT(HOME, ".config/zed/AGENTS.md", USER, ALL),
    FILE_AT(LAUNCH, ".rules", PROJECT, FIRST),
    FILE_AT(LAUNCH, ".cursorrules", PROJECT, FIRST),
    FILE_AT(LAUNCH, ".windsurfrules", PROJECT, FIRST),
    FILE_AT(LAUNCH, ".clinerules", PROJECT, FIRST),
    FILE_AT(LAUNCH, ".github/copilot-instructions.md", PROJECT, FIRST),
    FILE_AT(LAUNCH, "AGENT.md", PROJECT, FIRST),
    FILE_AT(LAUNCH, "AGENTS.md", PROJECT, FIRST),
    FILE_AT(LAUNCH, "CLAUDE.md", PROJECT, FIRST),
    FILE_AT(LAUNCH, "GEMINI.md", PROJECT, FIRST),
};

const sp_client sp_client_zed = {
    .name = "zed",
    .title = "Zed",
    .ops = &sp_plain_ops,
    .tables = { &sp_zed_rules, &sp_our_rules },
    LIST(place, zed_places),
    COUNTED_NEARLY("Zed offers"),
};
