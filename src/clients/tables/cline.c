/* cline.c - Cline, the command line */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/cline.def"
#define RULE_TABLE sp_cline_rules
#include "rules/table.h"

static const sp_client_version cline_versions[] = { { "3.0.65", "2026-09-27" } };

#define TITLED(anchor, path, of, name) FILE_AT(anchor, path, of, ALL, .title = (name))

/* Of one title the last place counts. */
static const sp_location cline_places[] = {
    RULES_AT(LAUNCH, ".clinerules", PROJECT, SP_RULE_NONE),
    TITLED(LAUNCH, ".clinerules", PROJECT, ".clinerules"), /* or one file */
    RULES_AT(HOME, ".cline/rules", USER, SP_RULE_NONE),
    RULES_AT(HOME, "Documents/Cline/Rules", USER, SP_RULE_NONE),
    TITLED(HOME, ".agents/AGENTS.md", USER, "Global AGENTS.md"),
    TITLED(LAUNCH, "AGENTS.md", PROJECT, "Workspace AGENTS.md"),
};

static const sp_mode cline_modes[] = {
    { "enabled", "false", SP_RULE_RULE_MANUAL, "enabled: false keeps it out", NULL },
};

const sp_client sp_client_cline = {
    .name = "cline",
    .title = "Cline",
    .ops = &sp_plain_ops,
    .tables = { &sp_cline_rules, &sp_our_rules },
    LIST(version, cline_versions),
    LIST(place, cline_places),
    .by_title = true,
    LIST(mode, cline_modes),
    COUNTED_NEARLY("Cline offers"),
};
