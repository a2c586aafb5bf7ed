/*
 * copilot_documented.c - GitHub Copilot in VS Code and in the cloud, as documented: nobody measured them.
 */
#include "clients/tables/copilot.h"
#include "clients/tables/tables.h"

#define RULE_LIST "rules/copilot-documented.def"
#define RULE_TABLE sp_copilot_documented_rules
#include "rules/table.h"

#define RULE_LIST "rules/copilot-vscode.def"
#define RULE_TABLE sp_copilot_vscode_rules
#include "rules/table.h"

#define RULE_LIST "rules/copilot-cloud.def"
#define RULE_TABLE sp_copilot_cloud_rules
#include "rules/table.h"

const char *const sp_copilot_fields[] = { "target",         "mcp-servers", "metadata", "disable-model-invocation",
                                          "user-invocable", "infer",       NULL };

const sp_tool_name sp_copilot_tools[SP_COPILOT_TOOL_COUNT] = {
    { "execute", "execute" }, { "shell", "execute" },     { "Bash", "execute" },       { "powershell", "execute" },
    { "read", "read" },       { "NotebookRead", "read" }, { "edit", "edit" },          { "MultiEdit", "edit" },
    { "Write", "edit" },      { "NotebookEdit", "edit" }, { "search", "search" },      { "Grep", "search" },
    { "Glob", "search" },     { "agent", "agent" },       { "custom-agent", "agent" }, { "Task", "agent" },
    { "web", "web" },         { "WebSearch", "web" },     { "WebFetch", "web" },       { "todo", "todo" },
    { "TodoWrite", "todo" },
};

static const sp_mode modes[] = {
    { "applyTo", "**", SP_RULE_NONE, NULL, NULL },
    { "applyTo", "**/*", SP_RULE_NONE, NULL, NULL },
    { "applyTo", NULL, SP_RULE_RULE_GLOBS, "its applyTo: makes it load when a matching file is worked on", "applyTo" },
    { NULL, NULL, SP_RULE_RULE_MANUAL, "without applyTo: it loads only when it is attached by hand", NULL },
};

static const sp_agent_folder agents[] = { { SP_ANCHOR_REPOSITORY, ".github/agents", SP_SCOPE_PROJECT } };

/* What the editor and the cloud agent have in common. */
#define COPILOT                                                                                                        \
    .ops = &sp_plain_ops, .has = SP_HAS_AGENTS, .rule_ending = ".instructions.md", LIST(mode, modes),                  \
    LIST(agent_place, agents), .agent_fields = sp_copilot_fields, .tool_names = sp_copilot_tools,                      \
    .tool_name_count = SP_COPILOT_TOOL_COUNT, COUNTED_NEARLY("GitHub Copilot offers")

/* ---- the editor ----------------------------------------------------------------------------------------------- */

static const sp_location vscode_places[] = {
    FILE_AT(REPOSITORY, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "AGENTS.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "CLAUDE.md", PROJECT, ALL),
    RULES_AT(REPOSITORY, ".github/instructions", PROJECT, SP_RULE_NONE),
};

const sp_client sp_client_copilot_vscode = {
    .name = "copilot-vscode",
    .title = "GitHub Copilot, in VS Code",
    COPILOT,
    .tables = { &sp_copilot_vscode_rules, &sp_copilot_documented_rules, &sp_our_rules },
    LIST(place, vscode_places),
};

/* ---- the cloud agent ------------------------------------------------------------------------------------------- */

static const sp_location cloud_places[] = {
    FILE_AT(REPOSITORY, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "CLAUDE.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "GEMINI.md", PROJECT, ALL),
    RULES_AT(REPOSITORY, ".github/instructions", PROJECT, SP_RULE_NONE),
};

const sp_client sp_client_copilot_cloud = {
    .name = "copilot-cloud",
    .title = "GitHub Copilot, the cloud agent",
    COPILOT,
    .tables = { &sp_copilot_cloud_rules, &sp_copilot_documented_rules, &sp_our_rules },
    LIST(place, cloud_places),
    .reads_nested = true,
};
