/* copilot.c - GitHub Copilot */
#include "clients/tables/tables.h"

static const sp_location copilot_places[] = {
    FILE_AT(HOME, ".copilot/copilot-instructions.md", USER, ALL),
    FILE_AT(REPOSITORY, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "AGENTS.md", PROJECT, ALL),
    RULES_AT(REPOSITORY, ".github/instructions", PROJECT, SP_RULE_NONE),
};

static const sp_mode copilot_modes[] = {
    { "applyTo", "**", SP_RULE_NONE, NULL, NULL },
    { "applyTo", "**/*", SP_RULE_NONE, NULL, NULL },
    { "applyTo", NULL, SP_RULE_RULE_GLOBS, "its applyTo: makes it load when a matching file is worked on", "applyTo" },
    { NULL, NULL, SP_RULE_RULE_MANUAL, "without applyTo: it loads only when it is attached by hand", NULL },
};

static const sp_agent_folder copilot_agents[] = {
    { SP_ANCHOR_REPOSITORY, ".github/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".copilot/agents", SP_SCOPE_USER },
};

static const char *const copilot_fields[] = { "target",         "mcp-servers", "metadata", "disable-model-invocation",
                                              "user-invocable", "infer",       NULL };

static const sp_tool_name copilot_tools[] = {
    { "execute", "execute" }, { "shell", "execute" },     { "Bash", "execute" },       { "powershell", "execute" },
    { "read", "read" },       { "NotebookRead", "read" }, { "edit", "edit" },          { "MultiEdit", "edit" },
    { "Write", "edit" },      { "NotebookEdit", "edit" }, { "search", "search" },      { "Grep", "search" },
    { "Glob", "search" },     { "agent", "agent" },       { "custom-agent", "agent" }, { "Task", "agent" },
    { "web", "web" },         { "WebSearch", "web" },     { "WebFetch", "web" },       { "todo", "todo" },
    { "TodoWrite", "todo" },
};

const sp_client sp_client_copilot = {
    .name = "copilot",
    .title = "GitHub Copilot",
    .ops = &sp_plain_ops,
    .has = SP_HAS_AGENTS,
    .tables = { &sp_copilot_rules, &sp_our_rules },
    LIST(place, copilot_places),
    .rule_ending = ".instructions.md",
    LIST(mode, copilot_modes),
    LIST(agent_place, copilot_agents),
    .agent_fields = copilot_fields,
    LIST(tool_name, copilot_tools),
    COUNTED_NEARLY("GitHub Copilot offers"),
};
