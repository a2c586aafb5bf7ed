/* clients.c - one row per client, and the tables it points to. */
#include "clients/clients.h"
#include "model/source.h"

/* The versions whose day is known. One between two of them has the day of the lower one. */
static const sp_client_version claude_code_versions[] = {
    { "2.0.64", "2025-12-10" },  { "2.1.2", "2026-01-09" },   { "2.1.33", "2026-02-06" },  { "2.1.59", "2026-02-26" },
    { "2.1.69", "2026-03-05" },  { "2.1.72", "2026-03-10" },  { "2.1.83", "2026-03-25" },  { "2.1.169", "2026-06-08" },
    { "2.1.239", "2026-08-21" }, { "2.1.240", "2026-08-22" }, { "2.1.277", "2026-09-18" }, { "2.1.281", "2026-09-23" },
    { "2.1.286", "2026-10-08" },
};

/* ---- where instruction files lie, in load order ---------------------------------------------------------- */

#define FILE_AT(anchor, path, scope, ...)                                                                              \
    {                                                                                                                  \
        SP_ANCHOR_##anchor, (path), SP_SOURCE_INSTRUCTIONS, SP_SCOPE_##scope, __VA_ARGS__                              \
    }
#define RULES_AT(anchor, path, scope, ...)                                                                             \
    {                                                                                                                  \
        SP_ANCHOR_##anchor, (path), SP_SOURCE_RULE, SP_SCOPE_##scope, SP_PICK_ALL, SP_RULE_NONE, __VA_ARGS__           \
    }
#define ALL SP_PICK_ALL, SP_RULE_NONE, SP_RULE_NONE
#define LEGACY SP_PICK_ALL, SP_RULE_CHAIN_LEGACY, SP_RULE_NONE
#define FIRST SP_PICK_FIRST, SP_RULE_CHAIN_FIRST, SP_RULE_NONE
#define PREFERRED SP_PICK_PREFERRED, SP_RULE_NONE, SP_RULE_NONE
#define FALLBACK(rule) SP_PICK_FALLBACK, SP_RULE_##rule, SP_RULE_NONE
#define NEAREST SP_PICK_NEAREST, SP_RULE_CHAIN_NEAREST, SP_RULE_NONE
#define AT_MOST(rule) SP_PICK_ALL, SP_RULE_NONE, SP_RULE_##rule

static const sp_location claude_code_places[] = {
    FILE_AT(ROOT, "etc/claude-code/CLAUDE.md", MANAGED, ALL),
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

static const sp_location codex_places[] = {
    FILE_AT(HOME, ".codex/AGENTS.override.md", USER, FIRST),
    FILE_AT(HOME, ".codex/AGENTS.md", USER, FIRST),
    FILE_AT(FROM_REPOSITORY, "AGENTS.override.md", PROJECT, FIRST),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, FIRST),
};

static const sp_location gemini_places[] = {
    FILE_AT(HOME, ".gemini/GEMINI.md", USER, ALL),
    FILE_AT(FROM_HOME, "GEMINI.md", PROJECT, ALL),
};

static const sp_location copilot_places[] = {
    FILE_AT(HOME, ".copilot/copilot-instructions.md", USER, ALL),
    FILE_AT(REPOSITORY, ".github/copilot-instructions.md", PROJECT, ALL),
    FILE_AT(REPOSITORY, "AGENTS.md", PROJECT, ALL),
    RULES_AT(REPOSITORY, ".github/instructions", PROJECT, SP_RULE_NONE),
};

static const sp_location cursor_places[] = {
    FILE_AT(REPOSITORY, ".cursorrules", PROJECT, LEGACY),
    RULES_AT(FROM_REPOSITORY, ".cursor/rules", PROJECT, SP_RULE_NONE),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, ALL),
};

static const sp_location windsurf_places[] = {
    FILE_AT(HOME, ".codeium/windsurf/memories/global_rules.md", USER, AT_MOST(CHAIN_MAX_CHARACTERS)),
    FILE_AT(REPOSITORY, ".windsurfrules", PROJECT, SP_PICK_ALL, SP_RULE_CHAIN_LEGACY, SP_RULE_RULE_MAX_CHARACTERS),
    RULES_AT(FROM_REPOSITORY, ".windsurf/rules", PROJECT, SP_RULE_RULE_MAX_CHARACTERS),
    RULES_AT(FROM_REPOSITORY, ".devin/rules", PROJECT, SP_RULE_RULE_MAX_CHARACTERS),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, ALL),
};

static const sp_location opencode_places[] = {
    FILE_AT(HOME, ".config/opencode/AGENTS.md", USER, PREFERRED),
    FILE_AT(HOME, ".claude/CLAUDE.md", USER, FALLBACK(CHAIN_FIRST)),
    FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, PREFERRED),
    FILE_AT(FROM_REPOSITORY, "CLAUDE.md", PROJECT, FALLBACK(CHAIN_FIRST)),
};

static const sp_location agents_md_places[] = { FILE_AT(FROM_REPOSITORY, "AGENTS.md", PROJECT, NEAREST) };

/* ---- what the front matter of a rule says ------------------------------------------------------------------ */

static const sp_mode claude_code_modes[] = {
    { "paths", NULL, SP_RULE_RULE_SCOPED, "its paths: make it load when a matching file is touched, not at the start",
      "paths" },
};

static const sp_mode copilot_modes[] = {
    { "applyTo", "**", SP_RULE_NONE, NULL, NULL },
    { "applyTo", "**/*", SP_RULE_NONE, NULL, NULL },
    { "applyTo", NULL, SP_RULE_RULE_GLOBS, "its applyTo: makes it load when a matching file is worked on", "applyTo" },
    { NULL, NULL, SP_RULE_RULE_MANUAL, "without applyTo: it loads only when it is attached by hand", NULL },
};

static const sp_mode cursor_modes[] = {
    { "alwaysApply", "true", SP_RULE_NONE, NULL, NULL },
    { "globs", NULL, SP_RULE_RULE_GLOBS, "its globs: make it load when a matching file is in the context", "globs" },
    { "description", NULL, SP_RULE_RULE_MODEL, "it loads when the model asks for it by its description", NULL },
    { NULL, NULL, SP_RULE_RULE_MANUAL, "without alwaysApply: true it loads only when somebody names it with @", NULL },
};

static const sp_mode windsurf_modes[] = {
    { "trigger", "always_on", SP_RULE_NONE, NULL, NULL },
    { "trigger", "glob", SP_RULE_RULE_GLOBS, "trigger: glob makes it load when a matching file is worked on", "globs" },
    { "trigger", "model_decision", SP_RULE_RULE_MODEL, "trigger: model_decision leaves it to the model to ask for it",
      NULL },
    { "trigger", "manual", SP_RULE_RULE_MANUAL, "trigger: manual makes it load only when somebody names it with @",
      NULL },
};

/* ---- files of other clients ---------------------------------------------------------------------------------- */

const sp_stray sp_strays[] = {
    { "AGENTS.local.md", SP_SOURCE_INSTRUCTIONS, NULL, SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { "AGENTS.override.md", SP_SOURCE_INSTRUCTIONS, "Codex CLI", SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { ".agents/AGENTS.md", SP_SOURCE_INSTRUCTIONS, NULL, SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { ".agents/rules", SP_SOURCE_RULE, NULL, SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { ".clinerules", SP_SOURCE_RULE, "Cline", SP_RULE_NONE },
    { ".roo/rules", SP_SOURCE_RULE, "Roo Code", SP_RULE_NONE },
    { ".rules", SP_SOURCE_INSTRUCTIONS, "Zed", SP_RULE_NONE },
    { ".junie/guidelines.md", SP_SOURCE_INSTRUCTIONS, "Junie", SP_RULE_NONE },
    { "QWEN.md", SP_SOURCE_INSTRUCTIONS, "Qwen Code", SP_RULE_NONE },
    { ".goosehints", SP_SOURCE_INSTRUCTIONS, "goose", SP_RULE_NONE },
    { ".amazonq/rules", SP_SOURCE_RULE, "Amazon Q", SP_RULE_NONE },
    { ".continue/rules", SP_SOURCE_RULE, "Continue", SP_RULE_NONE },
    { ".kiro/steering", SP_SOURCE_RULE, "Kiro", SP_RULE_NONE },
};

const size_t sp_stray_count = SP_COUNT_OF(sp_strays);
/* ---- the clients' own configuration ------------------------------------------------------------------------- */

static const sp_config_file codex_configs[] = {
    { SP_ANCHOR_HOME, ".codex/config.toml", SP_SCOPE_USER, SP_CONFIG_TOML },
    { SP_ANCHOR_FROM_REPOSITORY, ".codex/config.toml", SP_SCOPE_PROJECT, SP_CONFIG_UNREAD },
    { SP_ANCHOR_ROOT, "etc/codex/config.toml", SP_SCOPE_MANAGED, SP_CONFIG_UNREAD },
};
static const sp_config_setting codex_settings[] = {
    { { "project_doc_fallback_filenames" }, SP_CONFIG_MORE_NAMES },
    { { "project_doc_max_bytes" }, SP_CONFIG_TOTAL_BYTES },
};

static const sp_config_file gemini_configs[] = {
    { SP_ANCHOR_ROOT, "etc/gemini-cli/system-defaults.json", SP_SCOPE_MANAGED, SP_CONFIG_JSON },
    { SP_ANCHOR_HOME, ".gemini/settings.json", SP_SCOPE_USER, SP_CONFIG_JSON },
    { SP_ANCHOR_LAUNCH, ".gemini/settings.json", SP_SCOPE_PROJECT, SP_CONFIG_JSON },
    { SP_ANCHOR_ROOT, "etc/gemini-cli/settings.json", SP_SCOPE_MANAGED, SP_CONFIG_JSON },
};
static const sp_config_setting gemini_settings[] = {
    { { "context", "fileName" }, SP_CONFIG_NAMES },
    { { "contextFileName" }, SP_CONFIG_NAMES }, /* as it was called until 2025-09 */
};

static const sp_config_file opencode_configs[] = {
    { SP_ANCHOR_HOME, ".config/opencode/opencode.json", SP_SCOPE_USER, SP_CONFIG_JSONC },
    { SP_ANCHOR_HOME, ".config/opencode/opencode.jsonc", SP_SCOPE_USER, SP_CONFIG_JSONC },
    { SP_ANCHOR_FROM_REPOSITORY, "opencode.json", SP_SCOPE_PROJECT, SP_CONFIG_JSONC },
    { SP_ANCHOR_FROM_REPOSITORY, "opencode.jsonc", SP_SCOPE_PROJECT, SP_CONFIG_JSONC },
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/opencode.json", SP_SCOPE_PROJECT, SP_CONFIG_JSONC },
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/opencode.jsonc", SP_SCOPE_PROJECT, SP_CONFIG_JSONC },
    { SP_ANCHOR_ROOT, "etc/opencode/opencode.json", SP_SCOPE_MANAGED, SP_CONFIG_UNREAD },
};
static const sp_config_setting opencode_settings[] = { { { "instructions" }, SP_CONFIG_FILES } };

/* ---- agents ---------------------------------------------------------------------------------------------- */

static const sp_agent_folder gemini_agents[] = {
    { SP_ANCHOR_LAUNCH, ".gemini/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".gemini/agents", SP_SCOPE_USER },
};

static const sp_agent_folder copilot_agents[] = {
    { SP_ANCHOR_REPOSITORY, ".github/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".copilot/agents", SP_SCOPE_USER },
};

static const sp_agent_folder opencode_agents[] = {
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/agent", SP_SCOPE_PROJECT },
    { SP_ANCHOR_FROM_REPOSITORY, ".opencode/agents", SP_SCOPE_PROJECT },
    { SP_ANCHOR_HOME, ".config/opencode/agent", SP_SCOPE_USER },
    { SP_ANCHOR_HOME, ".config/opencode/agents", SP_SCOPE_USER },
};

/* The fields that are documented besides name, description, model and tools. */
static const char *const gemini_fields[] = { "kind",         "display_name", "temperature", "max_turns",
                                             "timeout_mins", "mcpServers",   "mcp_servers", NULL };
static const char *const copilot_fields[] = { "target",         "mcp-servers", "metadata", "disable-model-invocation",
                                              "user-invocable", "infer",       NULL };
static const char *const opencode_fields[] = { "mode",    "temperature", "top_p", "prompt", "permission",
                                               "disable", "hidden",      "color", "steps",  "maxSteps",
                                               "variant", "options",     NULL };

static const char *const claude_code_agents[] = { "Explore",           "Plan", "general-purpose", "statusline-setup",
                                                  "claude-code-guide", NULL };

static const sp_tool_name copilot_tools[] = {
    { "execute", "execute" }, { "shell", "execute" },     { "Bash", "execute" },       { "powershell", "execute" },
    { "read", "read" },       { "NotebookRead", "read" }, { "edit", "edit" },          { "MultiEdit", "edit" },
    { "Write", "edit" },      { "NotebookEdit", "edit" }, { "search", "search" },      { "Grep", "search" },
    { "Glob", "search" },     { "agent", "agent" },       { "custom-agent", "agent" }, { "Task", "agent" },
    { "web", "web" },         { "WebSearch", "web" },     { "WebFetch", "web" },       { "todo", "todo" },
    { "TodoWrite", "todo" },
};

/* ---- clients --------------------------------------------------------------------------------------------- */

#define LIST(field, list) .field##s = (list), .field##_count = SP_COUNT_OF(list)

/* An alias in tokenizers/models.yaml, so it is the default model of today's client, as "opus" is today's Opus: when the
 * default changed in earlier versions is not documented. */
#define DEFAULT_CLAUDE .default_model = "default"
#define COUNTED_NEARLY(who)                                                                                            \
    .default_encoding = "o200k_base",                                                                                  \
    .encoding_note = who " models of several vendors. No known one is named, so o200k_base counts, the nearest "       \
                         "tokenizer; name one with --model."

const sp_client sp_clients[] = {
    {
        .name = "claude-code",
        .title = "Claude Code, as measured and documented",
        .ops = &sp_claude_code_ops,
        .has = SP_HAS_AGENTS | SP_HAS_SETTINGS,
        .tables = { &sp_claude_code_rules, &sp_our_rules },
        LIST(version, claude_code_versions),
        LIST(place, claude_code_places),
        .reads_nested = true,
        .rule_ending = ".md",
        LIST(mode, claude_code_modes),
        .built_in_agents = claude_code_agents,
        .import_bound = SP_ANCHOR_LAUNCH,
        .header = SP_TEXT_FILE_HEADER,
        DEFAULT_CLAUDE,
    },
    {
        .name = "claude-code:documented",
        .title = "Claude Code, as documented, even where measurements contradict",
        .ops = &sp_claude_code_ops,
        .has = SP_HAS_AGENTS | SP_HAS_SETTINGS,
        .tables = { &sp_documented_rules, &sp_claude_code_rules, &sp_our_rules },
        LIST(version, claude_code_versions),
        LIST(place, claude_code_places),
        .reads_nested = true,
        .rule_ending = ".md",
        LIST(mode, claude_code_modes),
        .built_in_agents = claude_code_agents,
        .import_bound = SP_ANCHOR_LAUNCH,
        .header = SP_TEXT_FILE_HEADER,
        DEFAULT_CLAUDE,
    },
    {
        .name = "codex",
        .title = "Codex CLI",
        .ops = &sp_plain_ops,
        .tables = { &sp_codex_rules, &sp_our_rules },
        LIST(place, codex_places),
        LIST(config, codex_configs),
        LIST(setting, codex_settings),
        .default_encoding = "o200k_base",
    },
    {
        .name = "gemini",
        .title = "Gemini CLI",
        .ops = &sp_plain_ops,
        .has = SP_HAS_AGENTS,
        .tables = { &sp_gemini_rules, &sp_our_rules },
        LIST(place, gemini_places),
        .reads_nested = true,
        LIST(agent_place, gemini_agents),
        LIST(config, gemini_configs),
        LIST(setting, gemini_settings),
        .agent_fields = gemini_fields,
        .import_bound = SP_ANCHOR_REPOSITORY,
        .header = SP_TEXT_GEMINI_BEGIN,
        .footer = SP_TEXT_GEMINI_END,
        .default_encoding = "o200k_base",
        .encoding_note = "Gemini's tokenizer is not in this program: these are OpenAI's tokens (o200k_base). "
                         "--tokenizer FILE counts Gemini's, with the tokenizer.json of its model.",
    },
    {
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
    },
    {
        .name = "cursor",
        .title = "Cursor",
        .ops = &sp_plain_ops,
        .tables = { &sp_cursor_rules, &sp_our_rules },
        LIST(place, cursor_places),
        .reads_nested = true,
        .rule_ending = ".mdc",
        LIST(mode, cursor_modes),
        COUNTED_NEARLY("Cursor offers"),
    },
    {
        .name = "windsurf",
        .title = "Windsurf, now Devin",
        .ops = &sp_plain_ops,
        .tables = { &sp_windsurf_rules, &sp_our_rules },
        LIST(place, windsurf_places),
        .reads_nested = true,
        .rule_ending = ".md",
        LIST(mode, windsurf_modes),
        COUNTED_NEARLY("Windsurf offers"),
    },
    {
        .name = "opencode",
        .title = "opencode",
        .ops = &sp_plain_ops,
        .has = SP_HAS_AGENTS,
        .tables = { &sp_opencode_rules, &sp_our_rules },
        LIST(place, opencode_places),
        LIST(agent_place, opencode_agents),
        LIST(config, opencode_configs),
        LIST(setting, opencode_settings),
        .agent_fields = opencode_fields,
        .header = SP_TEXT_FILE_HEADER,
        COUNTED_NEARLY("opencode offers"),
    },
    {
        .name = "agents-md",
        .title = "the AGENTS.md convention",
        .ops = &sp_plain_ops,
        .tables = { &sp_agents_md_rules, &sp_our_rules },
        LIST(place, agents_md_places),
        .reads_nested = true,
        COUNTED_NEARLY("Clients that read AGENTS.md offer"),
    },
};

const size_t sp_client_count = SP_COUNT_OF(sp_clients);
