/* amp.c - Amp, as documented: AGENTS.md, else AGENT.md, else CLAUDE.md */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/amp.def"
#define RULE_TABLE sp_amp_rules
#include "rules/table.h"

static const sp_location amp_places[] = {
    FILE_AT(HOME, ".config/amp/AGENTS.md", USER, ALL), FILE_AT(HOME, ".config/AGENTS.md", USER, ALL),
    FILE_AT(FROM_HOME, "AGENTS.md", PROJECT, FIRST),   FILE_AT(FROM_HOME, "AGENT.md", PROJECT, FIRST),
    FILE_AT(FROM_HOME, "CLAUDE.md", PROJECT, FIRST),
};

const sp_client sp_client_amp = {
    .name = "amp",
    .title = "Amp",
    .ops = &sp_plain_ops,
    .tables = { &sp_amp_rules, &sp_our_rules },
    LIST(place, amp_places),
    .reads_nested = true,
    COUNTED_NEARLY("Amp offers"),
};
