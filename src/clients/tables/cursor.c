/* cursor.c - Cursor */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/cursor.def"
#define RULE_TABLE sp_cursor_rules
#include "rules/table.h"

static const sp_location cursor_places[] = {
    FILE_AT(REPOSITORY, ".cursorrules", PROJECT, LEGACY),
    RULES_AT(FROM_REPOSITORY, ".cursor/rules", PROJECT, SP_RULE_NONE),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, ALL),
};

static const sp_mode cursor_modes[] = {
    { "alwaysApply", "true", SP_RULE_NONE, NULL, NULL },
    { "globs", NULL, SP_RULE_RULE_GLOBS, "its globs: make it load when a matching file is in the context", "globs" },
    { "description", NULL, SP_RULE_RULE_MODEL, "it loads when the model asks for it by its description", NULL },
    { NULL, NULL, SP_RULE_RULE_MANUAL, "without alwaysApply: true it loads only when somebody names it with @", NULL },
};

const sp_client sp_client_cursor = {
    .name = "cursor",
    .title = "Cursor",
    .ops = &sp_plain_ops,
    .tables = { &sp_cursor_rules, &sp_our_rules },
    LIST(place, cursor_places),
    .reads_nested = true,
    .rule_ending = ".mdc",
    LIST(mode, cursor_modes),
    COUNTED_NEARLY("Cursor offers"),
};
