/* droid.c - Droid, of Factory: every CLAUDE.md and AGENTS.md, the nearest first */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/droid.def"
#define RULE_TABLE sp_droid_rules
#include "rules/table.h"

static const sp_client_version droid_versions[] = { { "0.215.0", "2026-09-09" } };

static const sp_location droid_places[] = {
    FILE_AT(FROM_REPOSITORY, "CLAUDE.md", PROJECT, ALL),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, ALL),
    FILE_AT(FROM_REPOSITORY, ".factory/CLAUDE.md", PROJECT, ALL),
    FILE_AT(FROM_REPOSITORY, ".factory/AGENTS.md", PROJECT, ALL),
    FILE_AT(FROM_REPOSITORY, ".agents/CLAUDE.md", PROJECT, ALL),
    FILE_AT(FROM_REPOSITORY, ".agents/AGENTS.md", PROJECT, ALL),
    FILE_AT(HOME, ".factory/CLAUDE.md", USER, ALL),
    FILE_AT(HOME, ".factory/AGENTS.md", USER, ALL),
    FILE_AT(HOME, ".agents/CLAUDE.md", USER, ALL),
    FILE_AT(HOME, ".agents/AGENTS.md", USER, ALL),
};

const sp_client sp_client_droid = {
    .name = "droid",
    .title = "Droid",
    .ops = &sp_plain_ops,
    .tables = { &sp_droid_rules, &sp_our_rules },
    LIST(version, droid_versions),
    LIST(place, droid_places),
    .is_nearest_first = true,
    .reads_nested = true,
    .nested_from_outside = true,
    .limits_user_files = true,
    .blank = SP_EMPTY_SENT,
    COUNTED_NEARLY("Droid offers"),
};
