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

static const sp_skill_folder droid_skills[] = {
    { SP_ANCHOR_FROM_REPOSITORY, ".factory/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".agents/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_FROM_REPOSITORY, ".agent/skills", SP_SCOPE_PROJECT, 0, false },
    { SP_ANCHOR_HOME, ".factory/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".agents/skills", SP_SCOPE_USER, 0, false },
    { SP_ANCHOR_HOME, ".agent/skills", SP_SCOPE_USER, 0, false },
};

static const sp_agent_folder droid_agents[] = {
    { SP_ANCHOR_FROM_REPOSITORY, ".factory/droids", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".factory/droids", SP_SCOPE_USER },
};

static const char *const droid_needs[] = { NULL };

static const sp_agent_table droid_agent_table = { LIST(place, droid_agents), .ending = ".md", .needs = droid_needs };

const sp_client sp_client_droid = {
    .name = "droid",
    .title = "Droid",
    .ops = &sp_plain_ops,
    .tables = { &sp_droid_rules, &sp_our_rules },
    LIST(version, droid_versions),
    LIST(place, droid_places),
    .described_agents = &droid_agent_table,
    .lists_agents = SP_LIST_USER,
    LIST(skill_place, droid_skills),
    .lists_skills = SP_LIST_USER,
    .skills_by = SP_SKILLS_BY_PLACE,
    .has_deep_skills = true,
    .has_hidden_skills = true,
    .has_skills_by_directory = true,
    .skill_needs = SP_NEEDS_NAME | SP_NEEDS_DESCRIPTION,
    .is_nearest_first = true,
    .reads_nested = true,
    .nested_from_outside = true,
    .limits_user_files = true,
    .blank = SP_EMPTY_SENT,
    COUNTED_NEARLY("Droid offers"),
};
