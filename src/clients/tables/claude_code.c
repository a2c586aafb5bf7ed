/* claude_code.c - Claude Code, as measured and as documented */
#include "clients/tables/tables.h"

#define RULE_LIST "rules/claude-code.def"
#define RULE_TABLE sp_claude_code_rules
#include "rules/table.h"

#define RULE_LIST "rules/claude-code-documented.def"
#define RULE_TABLE sp_documented_rules
#include "rules/table.h"

/* The versions whose day is known. One between two of them has the day of the lower one. */
static const sp_client_version claude_code_versions[] = {
    { "2.0.64", "2025-12-10" },  { "2.1.2", "2026-01-09" },   { "2.1.33", "2026-02-06" },  { "2.1.59", "2026-02-26" },
    { "2.1.69", "2026-03-05" },  { "2.1.72", "2026-03-10" },  { "2.1.83", "2026-03-25" },  { "2.1.169", "2026-06-08" },
    { "2.1.239", "2026-08-21" }, { "2.1.240", "2026-08-22" }, { "2.1.277", "2026-09-18" }, { "2.1.281", "2026-09-23" },
    { "2.1.286", "2026-09-30" }, { "2.1.288", "2026-10-02" }, { "2.1.296", "2026-10-09" }, { "2.1.308", "2026-10-22" },
    { "2.1.330", "2026-11-20" },
};

static const sp_location claude_code_places[] = {
    FILE_AT(ROOT, "etc/claude-code/CLAUDE.md", MANAGED, ALL),
    RULES_AT(ROOT, "etc/claude-code/.claude/rules", MANAGED, SP_RULE_NONE),
    FILE_AT(USER, "CLAUDE.md", USER, ALL),
    RULES_AT(USER, "rules", USER, SP_RULE_NONE),
    FILE_AT(FROM_ROOT, "CLAUDE.md", PROJECT, PREFERRED),
    FILE_AT(FROM_ROOT, ".claude/CLAUDE.md", PROJECT, PREFERRED),
    RULES_AT(FROM_ROOT, ".claude/rules", PROJECT, SP_RULE_NONE),
    FILE_AT(FROM_ROOT, "AGENTS.md", PROJECT, FALLBACK(CHAIN_AGENTS_MD)),
    FILE_AT(FROM_ROOT, ".claude/AGENTS.md", PROJECT, FALLBACK(CHAIN_AGENTS_MD)),
    FILE_AT(FROM_ROOT, "CLAUDE.local.md", LOCAL, PREFERRED),
    FILE_AT(ADDED, "CLAUDE.md", ADDED, ALL), /* and AGENTS.md never */
    FILE_AT(ADDED, ".claude/CLAUDE.md", ADDED, ALL),
    RULES_AT(ADDED, ".claude/rules", ADDED, SP_RULE_NONE),
    FILE_AT(ADDED, "CLAUDE.local.md", ADDED, ALL),
};

static const sp_mode claude_code_modes[] = {
    { "paths", NULL, SP_RULE_RULE_SCOPED, "its paths: make it load when a matching file is touched, not at the start",
      "paths" },
};

static const char *const claude_code_agents[] = { "Explore",           "Plan", "general-purpose", "statusline-setup",
                                                  "claude-code-guide", NULL };

/* What both profiles have in common. */
#define CLAUDE_CODE                                                                                                    \
    .ops = &sp_claude_code_ops, .has = SP_HAS_AGENTS | SP_HAS_SETTINGS, LIST(version, claude_code_versions),           \
    LIST(place, claude_code_places), .reads_nested = true, .rule_ending = ".md", LIST(mode, claude_code_modes),        \
    .built_in_agents = claude_code_agents, .reminder_tool = "Bash", .import_bound = SP_ANCHOR_LAUNCH,                  \
    .header = SP_TEXT_FILE_HEADER, DEFAULT_CLAUDE

const sp_client sp_client_claude_code = {
    .name = "claude-code",
    .title = "Claude Code, as measured and documented",
    CLAUDE_CODE,
    .tables = { &sp_claude_code_rules, &sp_our_rules },
};

const sp_client sp_client_claude_code_documented = {
    .name = "claude-code:documented",
    .title = "Claude Code, as documented, even where measurements contradict",
    CLAUDE_CODE,
    .tables = { &sp_documented_rules, &sp_claude_code_rules, &sp_our_rules },
};
