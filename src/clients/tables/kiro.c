/* kiro.c - Kiro, as documented: steering files and AGENTS.md */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/kiro.def"
#define RULE_TABLE sp_kiro_rules
#include "rules/table.h"

static const sp_location kiro_places[] = {
    RULES_AT(HOME, ".kiro/steering", USER, SP_RULE_NONE),
    RULES_AT(REPOSITORY, ".kiro/steering", PROJECT, SP_RULE_NONE),
    FILE_AT(REPOSITORY, "AGENTS.md", PROJECT, ALL),
};

static const sp_mode kiro_modes[] = {
    { "inclusion", "always", SP_RULE_NONE, NULL, NULL },
    { "inclusion", "fileMatch", SP_RULE_RULE_GLOBS, "inclusion: fileMatch makes it load when a matching file is read",
      "fileMatchPattern" },
    { "inclusion", "auto", SP_RULE_RULE_MODEL, "inclusion: auto leaves it to the model to ask for it", NULL },
    { "inclusion", "manual", SP_RULE_RULE_MANUAL, "inclusion: manual makes it load only when somebody names it with #",
      NULL },
};

const sp_client sp_client_kiro = {
    .name = "kiro",
    .title = "Kiro",
    .ops = &sp_plain_ops,
    .tables = { &sp_kiro_rules, &sp_our_rules },
    LIST(place, kiro_places),
    .rule_ending = ".md",
    LIST(mode, kiro_modes),
    COUNTED_NEARLY("Kiro offers"),
};
