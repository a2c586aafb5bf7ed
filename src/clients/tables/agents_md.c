/* agents_md.c - the AGENTS.md convention */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/agents-md.def"
#define RULE_TABLE sp_agents_md_rules
#include "rules/table.h"

static const sp_location agents_md_places[] = { FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, NEAREST) };

const sp_client sp_client_agents_md = {
    .name = "agents-md",
    .title = "the AGENTS.md convention",
    .ops = &sp_plain_ops,
    .tables = { &sp_agents_md_rules, &sp_our_rules },
    LIST(place, agents_md_places),
    .reads_nested = true,
    COUNTED_NEARLY("Clients that read AGENTS.md offer"),
};
