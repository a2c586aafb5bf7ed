/* antigravity.c - Antigravity, as documented: GEMINI.md of the user, AGENTS.md, .agents/rules */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/antigravity.def"
#define RULE_TABLE sp_antigravity_rules
#include "rules/table.h"

static const sp_location antigravity_places[] = {
    FILE_AT(HOME, ".gemini/GEMINI.md", USER, AT_MOST(RULE_MAX_CHARACTERS)),
    FILE_AT(REPOSITORY, "AGENTS.md", PROJECT, ALL),
    RULES_AT(REPOSITORY, ".agents/rules", PROJECT, SP_RULE_RULE_MAX_CHARACTERS),
    RULES_AT(REPOSITORY, ".agent/rules", PROJECT, SP_RULE_RULE_MAX_CHARACTERS),
};

static const sp_mode antigravity_modes[] = { TRIGGERS };

const sp_client sp_client_antigravity = {
    .name = "antigravity",
    .title = "Antigravity",
    .ops = &sp_plain_ops,
    .tables = { &sp_antigravity_rules, &sp_our_rules },
    LIST(place, antigravity_places),
    .rule_ending = ".md",
    LIST(mode, antigravity_modes),
    COUNTED_NEARLY("Antigravity offers"),
};
