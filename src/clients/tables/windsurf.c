/* windsurf.c - Windsurf, now Devin */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/windsurf.def"
#define RULE_TABLE sp_windsurf_rules
#include "rules/table.h"

static const sp_location windsurf_places[] = {
    FILE_AT(HOME, ".codeium/windsurf/memories/global_rules.md", USER, AT_MOST(CHAIN_MAX_CHARACTERS)),
    FILE_AT(REPOSITORY, ".windsurfrules", PROJECT, SP_PICK_ALL, SP_RULE_CHAIN_LEGACY, SP_RULE_RULE_MAX_CHARACTERS),
    RULES_AT(FROM_REPOSITORY, ".windsurf/rules", PROJECT, SP_RULE_RULE_MAX_CHARACTERS),
    RULES_AT(FROM_REPOSITORY, ".devin/rules", PROJECT, SP_RULE_RULE_MAX_CHARACTERS),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, FIRST),
    FILE_AT(FROM_REPOSITORY, "agents.md", PROJECT, FIRST),
};

static const sp_mode windsurf_modes[] = { TRIGGERS };

const sp_client sp_client_windsurf = {
    .name = "windsurf",
    .title = "Windsurf, now Devin",
    .ops = &sp_plain_ops,
    .tables = { &sp_windsurf_rules, &sp_our_rules },
    LIST(place, windsurf_places),
    .reads_nested = true,
    .rule_ending = ".md",
    LIST(mode, windsurf_modes),
    COUNTED_NEARLY("Windsurf offers"),
};
