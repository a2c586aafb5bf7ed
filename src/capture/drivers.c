#include "capture/drivers.h"
#include "base/base.h"
#include "base/near.h"
#include "base/types.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define FILES(...) ((const sp_driver_file[]){ __VA_ARGS__, { NULL, NULL } })
#define OWN(...) ((const sp_own_file[]){ __VA_ARGS__, { NULL, NULL, NULL } })

/* ---- Claude Code: code.claude.com/docs/en/settings, .../cli-reference, .../env-vars ----------------------------- */

/* The directory stays untrusted: print mode reads its files all the same, and does not take over its environment. A key
 * that a version refuses would make it ignore all of these settings, so there are few. */
#define CLAUDE_SETTINGS "{\"disableAllHooks\":true,\"apiKeyHelper\":\"echo {key}\"}"

static const sp_driver_file claude_files[] = {
    { "{home}/.claude.json", "{\"hasCompletedOnboarding\":true,\"theme\":\"dark\",\"numStartups\":2,"
                             "\"customApiKeyResponses\":{\"approved\":[{=key_end}],\"rejected\":[]}}" },
    { NULL, NULL },
};

/* ---- Codex: learn.chatgpt.com/docs/config-file ------------------------------------------------------------------- */

/* All on the command line, which comes before every file. Without its trust a project's own configuration, hooks and
 * MCP servers do not load. */
#define CODEX_PROVIDER                                                                                                 \
    ("model_providers.sysprompt={name=\"sysprompt\",base_url={=url/v1},wire_api=\"responses\","                        \
     "env_key=\"SYSPROMPT_CAPTURE_KEY\",request_max_retries=0,stream_max_retries=0}")
#define CODEX_ARGUMENTS                                                                                                \
    "-c", "model_provider=\"sysprompt\"", "-c", CODEX_PROVIDER, "-c", "check_for_update_on_startup=false", "-c",       \
        "analytics.enabled=false"

/* ---- Gemini CLI: geminicli.com/docs/reference/configuration ------------------------------------------------------ */

/* The system's settings come after the project's. */
#define GEMINI_SETTINGS                                                                                                \
    "\"security\":{\"auth\":{\"selectedType\":\"gemini-api-key\"}},\"privacy\":{\"usageStatisticsEnabled\":false},"    \
    "\"telemetry\":{\"enabled\":false},\"general\":{\"enableAutoUpdate\":false,\"enableAutoUpdateNotification\":"      \
    "false}"

/* ---- OpenCode: opencode.ai/docs/config --------------------------------------------------------------------------- */

#define OPENCODE_CONFIG                                                                                                \
    "OPENCODE_CONFIG_CONTENT={\"model\":\"sysprompt/model\",\"small_model\":\"sysprompt/model\","                      \
    "\"share\":\"disabled\",\"autoupdate\":false,\"lsp\":false,\"formatter\":false,\"provider\":{\"sysprompt\":{"      \
    "\"npm\":\"@ai-sdk/openai-compatible\","                                                                           \
    "\"name\":\"sysprompt\",\"options\":{\"baseURL\":{=url/v1},\"apiKey\":{=key}},\"models\":{\"model\":{\"name\":"    \
    "\"model\",\"limit\":{\"context\":200000,\"output\":8000}}}}}}"

/* ---- Droid: docs.factory.ai/cli/configuration/byok ----------------------------------------------------------------
 */

#define DROID_SETTINGS                                                                                                 \
    "{\"customModels\":[{\"model\":\"model\",\"displayName\":\"model\",\"baseUrl\":{=url/v1},\"apiKey\":{=key},"       \
    "\"provider\":\"generic-chat-completion-api\",\"maxOutputTokens\":8000}],\"cloudSessionSync\":false,"              \
    "\"enableDroidShield\":false}"

/* ---- Cline: docs.cline.bot/cline-cli -------------------------------------------------------------------------------
 */

#define CLINE_PROVIDERS                                                                                                \
    "{\"version\":1,\"lastUsedProvider\":\"openai-compatible\",\"modes\":{},\"providers\":{\"openai-compatible\":{"    \
    "\"settings\":{\"provider\":\"openai-compatible\",\"apiKey\":{=key},\"model\":\"model\",\"baseUrl\":{=url/v1}},"   \
    "\"updatedAt\":\"2026-01-01T00:00:00.000Z\",\"tokenSource\":\"manual\"}}}"

const sp_driver sp_drivers[] = {
    {
        .client = "claude-code",
        .title = "Claude Code",
        .program = "claude",
        .packages = LIST("@anthropic-ai/claude-code"),
        .environment =
            LIST("ANTHROPIC_BASE_URL={url}", "ANTHROPIC_API_KEY={key}", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
                 "DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1", "DISABLE_ERROR_REPORTING=1"),
        .files = claude_files,
        .asked = LIST("--allowedTools=Agent,Task,Read", "--permission-mode=default", "-p", "{prompt}"),
        .as_agent = LIST("--agent", "{agent}"),
        .alone = LIST("--settings", CLAUDE_SETTINGS, "--strict-mcp-config"),
        .runs = LIST(".claude/settings.json", ".claude/settings.local.json", ".mcp.json"),
        .own_runs = OWN({ ".claude/settings.json", "CLAUDE_CONFIG_DIR", "settings.json" },
                        { ".claude.json", "CLAUDE_CONFIG_DIR", ".claude.json" },
                        { ".claude/plugins", "CLAUDE_CONFIG_DIR", "plugins" }),
        .agent_calls = { { "Agent",
                           "{\"description\":\"capture\",\"prompt\":{=agent_prompt},\"subagent_type\":{=agent},"
                           "\"run_in_background\":false}" },
                         { "Task",
                           "{\"description\":\"capture\",\"prompt\":{=agent_prompt},\"subagent_type\":{=agent}}" } },
        .read_calls = { { "Read", "{\"file_path\":{=file}}" } },
    },
    {
        .client = "codex",
        .title = "Codex",
        .program = "codex",
        .packages = LIST("@openai/codex"),
        .environment = LIST("SYSPROMPT_CAPTURE_KEY={key}"),
        .arguments = LIST(CODEX_ARGUMENTS),
        .asked = LIST("exec", "--skip-git-repo-check", "--sandbox", "read-only", "{prompt}"),
        .runs = LIST(".codex/config.toml", ".codex/hooks.json"),
        .own_runs = OWN({ ".codex/config.toml", "CODEX_HOME", "config.toml" },
                        { ".codex/hooks.json", "CODEX_HOME", "hooks.json" }),
        .heeds_trust = true,
        .agent_calls = { { "spawn_agent",
                           "{\"message\":{=agent_prompt},\"agent_type\":{=agent},\"task_name\":\"capture\","
                           "\"fork_turns\":\"none\"}" } },
        .own_agents = LIST("default", "explorer", "worker"), /* as codex 0.169.0 was recorded to start them */
        .wait_calls = { { "wait_agent", "{\"timeout_ms\":10000}" } },
    },
    {
        .client = "gemini",
        .title = "Gemini CLI",
        .program = "gemini",
        .packages = LIST("@google/gemini-cli"),
        .environment = LIST("GOOGLE_GEMINI_BASE_URL={url}", "GEMINI_API_KEY={key}", "GEMINI_CLI_TRUST_WORKSPACE=true",
                            "GEMINI_CLI_NO_RELAUNCH=true"),
        .files = FILES({ "{home}/.gemini/settings.json", "{" GEMINI_SETTINGS "}" }),
        .arguments = LIST("-m", "gemini-2.5-pro"),
        .asked = LIST("-p", "{prompt}"),
        .alone = LIST("--allowed-mcp-server-names", "sysprompt-{token}"),
        .alone_environment = LIST("GEMINI_CLI_SYSTEM_SETTINGS_PATH={scratch}/gemini.json"),
        .alone_files = FILES({ "{scratch}/gemini.json",
                               "{" GEMINI_SETTINGS ",\"hooksConfig\":{\"enabled\":false},\"mcp\":{\"allowed\":"
                               "[\"sysprompt-{token}\"]},"
                               "\"tools\":{\"discoveryCommand\":\"\",\"callCommand\":\"\",\"sandbox\":false}}" }),
        /* The settings above switch these off, too, but the client ignores them where others could write to the
         * directory they lie in, or to one above it. */
        .refused =
            LIST(".gemini/settings.json:hooks", ".gemini/settings.json:tools/discoveryCommand",
                 ".gemini/settings.json:toolDiscoveryCommand", ".gemini/settings.json:mcp/serverCommand",
                 ".gemini/settings.json:mcpServerCommand", ".gemini/settings.json:mcpServers", ".gemini/extensions"),
        .runs = LIST(".gemini/settings.json", ".gemini/extensions"),
        .own_runs = OWN({ ".gemini/settings.json", "GEMINI_CLI_HOME", ".gemini/settings.json" },
                        { ".gemini/extensions", "GEMINI_CLI_HOME", ".gemini/extensions" }),
        .agent_calls = { { "invoke_agent", "{\"agent_name\":{=agent},\"prompt\":{=agent_prompt}}" },
                         { "delegate_to_agent", "{\"agent_name\":{=agent},\"objective\":{=agent_prompt}}" },
                         { "{agent}",
                           "{\"query\":{=agent_prompt},\"objective\":{=agent_prompt},\"request\":{=agent_prompt}}" } },
        .read_calls = { { "read_file", "{\"file_path\":{=file}}" } },
        .agent_hint =
            "it starts a project's agent only after you acknowledged it there; --own-config uses what you did",
    },
    {
        .client = "opencode",
        .title = "OpenCode",
        .program = "opencode",
        .packages = LIST("opencode-ai", "opencode"),
        .environment = LIST(OPENCODE_CONFIG, "OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_MODELS_FETCH=1",
                            "OPENCODE_DISABLE_LSP_DOWNLOAD=1"),
        .asked = LIST("run", "{prompt}"),
        .as_agent = LIST("--agent", "{agent}"),
        .alone_environment = LIST("OPENCODE_PURE=1"),
        /* Members that run programs come with new versions (mcp, plugin, provider/x/npm, experimental/hook): only those
         * that are known to run nothing pass. */
        .limited = LIST("opencode.json", "opencode.jsonc", ".opencode/opencode.json", ".opencode/opencode.jsonc"),
        .members =
            LIST("$schema", "instructions", "model", "small_model", "theme", "agent", "mode", "permission", "tools",
                 "autoupdate", "share", "username", "keybinds", "disabled_providers", "enabled_providers"),
        .refused = LIST(".opencode/plugin", ".opencode/plugins", ".opencode/tool", ".opencode/tools",
                        ".opencode/package.json", ".opencode/node_modules", "tui.json:plugin", "tui.jsonc:plugin",
                        ".opencode/tui.json:plugin", ".opencode/tui.jsonc:plugin"),
        .runs = LIST("opencode.json", "opencode.jsonc", ".opencode"),
        .own_runs =
            OWN({ ".config/opencode/opencode.json", "XDG_CONFIG_HOME", "opencode/opencode.json" },
                { ".config/opencode/opencode.jsonc", "XDG_CONFIG_HOME", "opencode/opencode.jsonc" },
                { ".config/opencode/plugin", "XDG_CONFIG_HOME", "opencode/plugin" },
                { ".config/opencode/plugins", "XDG_CONFIG_HOME", "opencode/plugins" }, { ".opencode", NULL, NULL },
                { NULL, "OPENCODE_CONFIG", "" }, { NULL, "OPENCODE_CONFIG_DIR", "" }),
        .agent_calls = { { "task",
                           "{\"description\":\"capture\",\"prompt\":{=agent_prompt},\"subagent_type\":{=agent}}" } },
        .read_calls = { { "read", "{\"filePath\":{=file}}" } },
    },
    {
        .client = "copilot",
        .title = "GitHub Copilot CLI",
        .program = "copilot",
        .packages = LIST("@github/copilot"),
        .environment =
            LIST("COPILOT_PROVIDER_BASE_URL={url}/v1", "COPILOT_PROVIDER_TYPE=openai", "COPILOT_PROVIDER_API_KEY={key}",
                 "COPILOT_MODEL=gpt-5.2", "COPILOT_OFFLINE=true", "COPILOT_AUTO_UPDATE=false"),
        .asked = LIST("-p", "{prompt}", "--allow-all-tools"),
        .as_agent = LIST("--agent", "{agent}"),
        .alone = LIST("--disable-builtin-mcps", "--disable-client-telemetry"),
        .refused = LIST("@.github/agents/:mcp", "@.claude/agents/:mcp"),
        .runs = LIST(".github/hooks", ".copilot/settings.json", ".github/copilot/settings.json", ".mcp.json",
                     ".vscode/mcp.json"),
        .own_runs = OWN({ ".copilot/mcp-config.json", "COPILOT_HOME", "mcp-config.json" },
                        { ".copilot/settings.json", "COPILOT_HOME", "settings.json" },
                        { ".copilot/config.json", "COPILOT_HOME", "config.json" },
                        { ".copilot/hooks", "COPILOT_HOME", "hooks" }),
        .heeds_trust = true,
        .agent_calls = { { "task", "{\"description\":\"capture\",\"prompt\":{=agent_prompt},\"agent_type\":{=agent},"
                                   "\"name\":\"capture\",\"mode\":\"sync\"}" } },
        .read_calls = { { "view", "{\"path\":{=file}}" } },
    },
    {
        .client = "droid",
        .title = "Droid",
        .program = "droid",
        .packages = LIST("droid", "@factory/cli"),
        .environment = LIST("FACTORY_API_KEY={key}", "FACTORY_DROID_AUTO_UPDATE_ENABLED=false"),
        .run_files = FILES({ "{scratch}/droid.json", DROID_SETTINGS }),
        .arguments = LIST("--settings", "{scratch}/droid.json"),
        .asked = LIST("exec", "-m", "custom:model-0", "{prompt}"),
        .refused = LIST(".factory/settings.json", ".factory/settings.local.json", ".factory/mcp.json",
                        ".factory/hooks.json", ".factory/hooks", ".factory/plugins", ".mcp.json"),
        .runs = LIST(".factory", ".mcp.json"),
        .own_runs = OWN({ ".factory", "FACTORY_HOME_OVERRIDE", ".factory" }),
        .read_calls = { { "Read", "{\"file_path\":{=file}}" } },
    },
    {
        .client = "qwen",
        .title = "Qwen Code",
        .program = "qwen",
        .packages = LIST("@qwen-code/qwen-code"),
        .environment = LIST("OPENAI_BASE_URL={url}/v1", "OPENAI_API_KEY={key}", "OPENAI_MODEL=model",
                            "QWEN_CODE_NO_RELAUNCH=true"),
        .arguments = LIST("--auth-type", "openai", "-m", "model"),
        .asked = LIST("-p", "{prompt}"),
        .alone = LIST("--allowed-mcp-server-names", "sysprompt-{token}", "-e", "none"),
        .limited = LIST(".qwen/settings.json"),
        .members = LIST("$version", "context", "model", "ui", "general", "privacy", "memory", "output"),
        .refused = LIST(".qwen/extensions", ".qwen/hooks", ".mcp.json"),
        .runs = LIST(".qwen/settings.json", ".qwen/extensions", ".mcp.json"),
        .own_runs = OWN({ ".qwen/settings.json", "QWEN_HOME", "settings.json" },
                        { ".qwen/extensions", "QWEN_HOME", "extensions" }),
        .agent_calls = { { "agent",
                           "{\"description\":\"capture\",\"prompt\":{=agent_prompt},\"subagent_type\":{=agent}}" },
                         { "task",
                           "{\"description\":\"capture\",\"prompt\":{=agent_prompt},\"subagent_type\":{=agent}}" } },
        .read_calls = { { "read_file", "{\"file_path\":{=file},\"absolute_path\":{=file}}" } },
    },
    {
        .client = "cline",
        .title = "Cline",
        .program = "cline",
        .packages = LIST("cline", "@cline/cli"),
        .run_files = FILES({ "{scratch}/cline/settings/providers.json", CLINE_PROVIDERS }),
        .arguments = LIST("--data-dir", "{scratch}/cline"),
        .asked = LIST("--json", "-P", "openai-compatible", "-m", "model", "{prompt}"),
        .refused = LIST(".clinerules/hooks", ".cline", "@.agents/plugins"),
        .runs = LIST(".clinerules/hooks", ".cline"),
        .own_runs = OWN({ ".cline", NULL, NULL }, { "Documents/Cline/Hooks", NULL, NULL }),
        .read_calls = { { "read_files", "{\"files\":[{\"path\":{=file}}]}" } },
    },
};

const size_t sp_driver_count = SP_COUNT_OF(sp_drivers);

const char *const sp_any_client_environment[] = {
    "ANTHROPIC_BASE_URL={url}",
    "ANTHROPIC_API_KEY={key}",
    "OPENAI_BASE_URL={url}/v1",
    "OPENAI_API_BASE={url}/v1",
    "OPENAI_API_KEY={key}",
    "GEMINI_API_KEY={key}",
    "OLLAMA_HOST={url}",
    "SYSPROMPT_CAPTURE_URL={url}",
    "GOOGLE_GEMINI_BASE_URL={url}",
    NULL,
};

const sp_driver *sp_driver_find(sp_str name)
{
    for (size_t i = 0; i < sp_driver_count; i++)
        if (sp_str_eq(name, sp_str_of(sp_drivers[i].client)) || sp_str_eq(name, sp_str_of(sp_drivers[i].program)))
            return &sp_drivers[i];
    return NULL;
}

size_t sp_driver_near(sp_str name)
{
    sp_str names[2 * SP_COUNT_OF(sp_drivers)];
    for (size_t i = 0; i < sp_driver_count; i++) {
        names[2 * i] = sp_str_of(sp_drivers[i].client);
        names[2 * i + 1] = sp_str_of(sp_drivers[i].program);
    }
    size_t nearest = sp_near(name, names, SP_COUNT_OF(names));
    return nearest == SIZE_MAX ? SIZE_MAX : nearest / 2;
}
