/*
 * options.c - one row per option; parsing, help and bindings all come from the rows, so they cannot drift apart.
 *
 * Options may stand before and behind the command and its operands; "--" ends them. Names are never matched by
 * prefix: what is short today would be ambiguous tomorrow.
 */
#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "check/open_config.h"
#include "check/result.h"
#include "clients/profiles.h"
#include "commands/commands.h"
#include "commands/parallel.h"
#include "explain/matrix/result.h"
#include "model/request.h"
#include "report/format.h"
#include "report/reports.h"
#include "sources/json_doc.h"
#include "tokenizer/tokens.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Which commands know an option, by their names: each with a space after it. */
#define FOR_BUILD "build "
#define FOR_EXPLAIN "explain "
#define FOR_COUNT "count "
#define FOR_LIST "list "
#define FOR_RULES "rules "
#define FOR_CHECK "check "
#define FOR_DIFF "diff "
#define FOR_CAPTURE "capture "
#define FOR_MATRIX "matrix "
#define FOR_PROMPT FOR_BUILD FOR_EXPLAIN
#define FOR_PLACES                                                                                                     \
    FOR_PROMPT FOR_LIST FOR_CHECK FOR_DIFF FOR_CAPTURE FOR_MATRIX /* those that read files as the client does */
#define FOR_CAPTURED FOR_CAPTURE FOR_EXPLAIN FOR_COUNT            /* those that take a recorded request */
#define FOR_ALL FOR_PLACES FOR_COUNT
#define FOR_VIA FOR_PROMPT FOR_COUNT FOR_CHECK /* those that the provider can count for */
#define FOR_EVERY "*"

/* Views of explain, and ways to count, of which a command takes one. */
#define VIEWS "why vs duplicates cache html"
#define COUNT_MODES "encode show decode truncate jsonl"

/* Options that say how the request in a project is made and counted: --learn runs the client in projects of ours. */
#define OF_A_PROJECT                                                                                                   \
    "root home profile client-env templates texts order external-imports external-links strict bare add-dir agents "   \
    "settings setting-sources plugin-dir encoding model models"

/* Options with which check measures something else than the session that starts here today. */
#define OTHER_SIZES "rev touch templates texts"

static const cli_choice colors[] = {
    { "auto", CLI_COLOR_AUTO }, { "always", CLI_COLOR_ALWAYS }, { "never", CLI_COLOR_NEVER }, { 0 }
};
static const cli_choice layouts[] = { { "flat", SP_LAYOUT_FLAT }, { "split", SP_LAYOUT_SPLIT }, { 0 } };
static const cli_choice formats[] = { { "text", SP_FORMAT_TEXT },
                                      { "json", SP_FORMAT_JSON },
                                      { "anthropic", SP_FORMAT_ANTHROPIC },
                                      { "openai", SP_FORMAT_OPENAI },
                                      { 0 } };
static const cli_choice diff_formats[] = {
    { "text", SP_FORMAT_TEXT }, { "markdown", SP_FORMAT_MARKDOWN }, { "json", SP_FORMAT_JSON }, { 0 }
};
static const cli_choice columns[] = {
    { "client", SP_MATRIX_BY_CLIENT }, { "directory", SP_MATRIX_BY_DIRECTORY }, { "agent", SP_MATRIX_BY_AGENT }, { 0 }
};
static const cli_choice levels[] = { { "error", SP_FINDING }, { "warning", SP_WARNING }, { "note", SP_NOTE }, { 0 } };
static const cli_choice parts_of_check[] = {
    { "all", SP_CHECK_ALL }, { "budgets", SP_CHECK_BUDGETS }, { "lint", SP_CHECK_LINT }, { 0 }
};
static const cli_choice imports[] = { { "deny", 0 }, { "allow", 1 }, { 0 } };
static const cli_choice links[] = { { "refuse", 0 }, { "allow", 1 }, { 0 } };
static const cli_choice totals[] = { { "auto", SP_TOTAL_AUTO },
                                     { "always", SP_TOTAL_ALWAYS },
                                     { "only", SP_TOTAL_ONLY },
                                     { "never", SP_TOTAL_NEVER },
                                     { 0 } };
static const cli_choice sorts[] = {
    { "tokens", SP_TREE_BY_TOKENS }, { "order", SP_TREE_BY_ORDER }, { "name", SP_TREE_BY_NAME }, { 0 }
};
static const cli_choice bounds[] = {
    { "upper", SP_BOUND_UPPER }, { "middle", SP_BOUND_MIDDLE }, { "lower", SP_BOUND_LOWER }, { 0 }
};
static const cli_choice providers[] = { { "anthropic", CLI_VIA_ANTHROPIC }, { 0 } };
static const cli_choice starts[] = { { "agent", 0 }, { "session", 1 }, { 0 } };
static const cli_choice orders[] = { { "sorted", 0 }, { "directory", 1 }, { 0 } };
static const cli_choice utf8[] = { { "replace", 0 }, { "refuse", 1 }, { 0 } };

#define FIELD(name) offsetof(cli_options, name)

/* Further columns follow by their names: .choices, .by_default, .needs, .conflicts. */
#define ROW(group_, name_, letter_, argument_, commands_, type_, field_, help_, ...)                                   \
    {                                                                                                                  \
        .group = CLI_GROUP_##group_, .name = (name_), .letter = (letter_), .argument = (argument_),                    \
        .commands = (commands_), .type = CLI_##type_, .offset = FIELD(field_), .help = (help_), __VA_ARGS__            \
    }

const char *const cli_group_titles[CLI_GROUP_COUNT] = {
    [CLI_GROUP_VIEW] = "Views",         [CLI_GROUP_TREE] = "Rows",
    [CLI_GROUP_COMPARE] = "Comparison", [CLI_GROUP_BUDGET] = "Budgets",
    [CLI_GROUP_CHECK] = "Checks",       [CLI_GROUP_INPUT] = "Input",
    [CLI_GROUP_RECORDS] = "JSON Lines", [CLI_GROUP_CAPTURE] = "Recorded requests",
    [CLI_GROUP_PLACES] = "Places",      [CLI_GROUP_PARTS] = "Parts of the prompt",
    [CLI_GROUP_CLIENT] = "Client",      [CLI_GROUP_COUNTING] = "Counting",
    [CLI_GROUP_PROVIDER] = "Provider",  [CLI_GROUP_OUTPUT] = "Output",
    [CLI_GROUP_GENERAL] = "General",
};

const cli_option cli_option_table[] = {
    ROW(VIEW, "tree", 0, NULL, FOR_EXPLAIN, FLAG, tree, "show tokens by file and heading; the options on rows imply it",
        .conflicts = VIEWS),
    ROW(VIEW, "why", 0, "PATH[:LINE]", FOR_EXPLAIN, STRING, why,
        "tell why a file or line is in the prompt, or is not (exit code 1)", .conflicts = "vs duplicates cache html"),
    ROW(VIEW, "vs", 0, "NAME[@VERSION]", FOR_EXPLAIN FOR_RULES, STRING, vs, "compare with another profile",
        .conflicts = "duplicates cache html"),
    ROW(VIEW, "cache", 0, NULL, FOR_EXPLAIN, FLAG, cache,
        "show how much of the prompt a provider's cache can keep, and which parts are unstable",
        .conflicts = "duplicates html"),
    ROW(VIEW, "against", 0, "AGENT|FILE", FOR_EXPLAIN, STRING, against,
        "compare the prefix with another agent's prompt, or with the output of build --json", .needs = "cache"),
    ROW(VIEW, "duplicates", 0, NULL, FOR_EXPLAIN, FLAG, duplicates, "list duplicate text and the tokens it costs",
        .conflicts = "html"),
    ROW(VIEW, "all", 0, NULL, FOR_EXPLAIN, FLAG, all_rows,
        "list every file and part that is not in the prompt, or every place that may change (--cache); --json always "
        "does",
        .conflicts = "tree why vs duplicates html"),
    ROW(VIEW, "html", 0, "FILE", FOR_EXPLAIN, STRING, page,
        "write one page for a browser: a map, the prompt with its tokens, and all omissions",
        .conflicts = "json output"),
    ROW(VIEW, "skills", 0, NULL, FOR_LIST, FLAG, skills, "list skills and commands instead of agents"),
    ROW(VIEW, "profiles", 0, NULL, FOR_RULES, FLAG, profiles, "list the profiles and their versions",
        .conflicts = "profile vs"),
    ROW(VIEW, "by", 0, "client|directory|agent", FOR_MATRIX, CHOICE, matrix_by, "choose the columns",
        .choices = columns, .by_default = "client"),
    ROW(VIEW, "clients", 0, "LIST", FOR_MATRIX, STRING, clients,
        "compare these clients, such as claude-code,codex,gemini@0.61.0", .by_default = "all", .conflicts = "profile"),
    ROW(VIEW, "encode", 0, NULL, FOR_COUNT, FLAG, encode, "print the token ids, one line for each input",
        .conflicts = "show decode truncate jsonl json total"),
    ROW(VIEW, "show", 0, NULL, FOR_COUNT, FLAG, show,
        "print the text with its tokens in two colors, or with | between them; with --json also their ids",
        .conflicts = "decode truncate jsonl total"),
    ROW(VIEW, "decode", 0, NULL, FOR_COUNT, FLAG, decode, "read token ids and print the bytes",
        .conflicts = "truncate jsonl json total"),
    ROW(VIEW, "truncate", 0, "N", FOR_COUNT, STRING, truncate,
        "print the longest prefix of at most N tokens (of an estimate, its upper bound): 8000, 8k, or 5% of the "
        "model's window",
        .conflicts = "jsonl json total"),
    ROW(VIEW, "calibrate", 0, "FILE", FOR_COUNT, STRING, calibrate,
        "measure the estimate's error on FILE, a JSON object with text and tokens on each line; --via counts those "
        "without tokens",
        .conflicts = COUNT_MODES " files0-from"),

    ROW(TREE, "by", 0, "LIST", FOR_EXPLAIN, STRING, by, "set the nesting order, of file,heading,kind,block,line",
        .by_default = "file,heading", .conflicts = VIEWS),
    ROW(TREE, "depth", 'd', "N", FOR_EXPLAIN, STRING, depth, "show N levels", .by_default = "all", .conflicts = VIEWS),
    ROW(TREE, "rows", 'n', "N", FOR_EXPLAIN FOR_DIFF, STRING, rows,
        "show the N largest rows at each level and sum up the others; 0 shows all",
        .by_default = "20; in explain all for --csv and --json", .conflicts = VIEWS),
    ROW(TREE, "min", 0, "N", FOR_EXPLAIN, STRING, min,
        "hide rows below N, a number of tokens such as 50 or a share such as 0.5%", .conflicts = VIEWS),
    ROW(TREE, "sort", 0, "tokens|order|name", FOR_EXPLAIN, CHOICE, sort,
        "sort by size, by place in the prompt, or by name", .choices = sorts, .by_default = "tokens",
        .conflicts = VIEWS),
    ROW(TREE, "standalone", 0, NULL, FOR_EXPLAIN, FLAG, standalone, "add each part's token count when tokenized alone",
        .conflicts = VIEWS),
    ROW(TREE, "marginal", 0, NULL, FOR_EXPLAIN, FLAG, marginal,
        "add the tokens that the prompt would lose without each part", .conflicts = VIEWS),
    ROW(TREE, "straddling", 0, NULL, FOR_EXPLAIN, FLAG, straddling, "list boundary-crossing tokens below the tree",
        .conflicts = VIEWS " csv"),
    ROW(TREE, "plain", 0, NULL, FOR_EXPLAIN, FLAG, plain, "print one sentence per row, for screen readers",
        .conflicts = VIEWS " csv json"),
    ROW(TREE, "csv", 0, NULL, FOR_EXPLAIN, FLAG, csv, "print comma-separated values", .conflicts = VIEWS " json"),

    ROW(COMPARE, "agent", 0, "NAME", FOR_DIFF, STRING, agent, "compare the prompts of this agent, a name or a path",
        .by_default = "the main session", .conflicts = "all"),
    ROW(COMPARE, "all", 0, NULL, FOR_DIFF, FLAG, all_agents, "compare the main session and every agent"),
    ROW(COMPARE, "blame", 0, NULL, FOR_DIFF, FLAG, blame, "name the commit that added the most tokens to each heading"),
    ROW(COMPARE, "fail-over", 0, "+N|+N%", FOR_DIFF, STRING, fail_over,
        "exit with 1 if a prompt grew by more than N tokens or N percent; a new agent has no percentage, so only +N "
        "limits it"),

    ROW(BUDGET, "budget", 0, "N", FOR_BUILD, STRING, budget,
        "refuse a prompt above N tokens (exit code 1): 8000, 8k, or 5% of the model's window"),
    ROW(BUDGET, "trim", 0, NULL, FOR_BUILD, FLAG, trim,
        "remove the parts of lowest priority until the prompt fits, with a marker at each place", .needs = "budget",
        .conflicts = "plan"),
    ROW(BUDGET, "plan", 0, NULL, FOR_BUILD, FLAG, plan, "print the parts that --trim would remove, not the prompt",
        .needs = "budget", .conflicts = "map lock via"),
    ROW(BUDGET, "reserve", 0, "N", FOR_BUILD, STRING, reserve, "keep N tokens of the budget free", .needs = "budget"),
    ROW(BUDGET, "bound", 0, "upper|middle|lower", FOR_BUILD, CHOICE, estimate,
        "choose which number of an estimate must fit", .choices = bounds, .by_default = "upper", .needs = "budget"),
    ROW(HIDDEN, "estimate", 0, "upper|middle|lower", FOR_BUILD, CHOICE, estimate, "the same as --bound",
        .choices = bounds, .needs = "budget", .conflicts = "bound"),

    ROW(CHECK, "fail-on", 0, "error|warning|note", FOR_CHECK, CHOICE, fail_on,
        "exit with 1 for findings of this level and above", .choices = levels, .by_default = "error"),
    ROW(CHECK, "bound", 0, "upper|middle|lower", FOR_CHECK, CHOICE, estimate,
        "choose which number of an estimate must fit a budget", .choices = bounds, .by_default = "upper"),
    ROW(HIDDEN, "estimate", 0, "upper|middle|lower", FOR_CHECK, CHOICE, estimate, "the same as --bound",
        .choices = bounds, .conflicts = "bound"),
    ROW(CHECK, "only", 0, "all|budgets|lint", FOR_CHECK, CHOICE, only_part,
        "report what is about budgets, or everything else", .choices = parts_of_check, .by_default = "all",
        .conflicts = "init update-baseline"),
    ROW(CHECK, "init", 0, NULL, FOR_CHECK, FLAG, init,
        "write a sysprompt.yaml with limits 10% above today's sizes, rounded up (-o FILE: elsewhere)",
        .conflicts = "update-baseline lock format json via " OTHER_SIZES),
    ROW(CHECK, "update-baseline", 0, NULL, FOR_CHECK, FLAG, update_baseline,
        "write the baseline with today's sizes (-o FILE: elsewhere)", .conflicts = "lock format json via " OTHER_SIZES),
    ROW(CHECK, "lock", 0, "FILE", FOR_CHECK, STRINGS, locks,
        "build the prompt of this lock again and report every difference; may be repeated"),

    ROW(INPUT, "files0-from", 0, "FILE", FOR_COUNT, STRING, files0_from,
        "count the files named in FILE, each name ended by a NUL; - is standard input"),
    ROW(INPUT, "include", 0, "GLOB", FOR_COUNT, STRINGS, includes,
        "in directories, count only what matches, as in a .gitignore; may be repeated"),
    ROW(INPUT, "exclude", 0, "GLOB", FOR_COUNT, STRINGS, excludes,
        "in directories, omit what matches; may be repeated"),
    ROW(INPUT, "gitignore", 0, NULL, FOR_COUNT, FLAG, gitignore, "in directories, omit the files that git ignores"),
    ROW(INPUT, "allow-special", 0, NULL, FOR_COUNT, FLAG, allow_special,
        "read <|endoftext|> and similar strings as special tokens", .conflicts = "via"),
    ROW(INPUT, "jobs", 'j', "N", FOR_COUNT FOR_LIST, STRING, jobs, "use N threads", .by_default = "one per processor"),

    ROW(RECORDS, "jsonl", 0, NULL, FOR_COUNT, FLAG, jsonl,
        "read JSON Lines and add the number of tokens to each record", .conflicts = "json total"),
    ROW(RECORDS, "field", 0, "NAME", FOR_COUNT, STRING, field,
        "count this member, or a JSON Pointer such as /message/content", .by_default = "text",
        .needs = "jsonl calibrate"),
    ROW(RECORDS, "tokens-field", 0, "NAME", FOR_COUNT, STRING, tokens_field, "name the member to add",
        .by_default = "tokens", .needs = "jsonl calibrate"),
    ROW(RECORDS, "keep-going", 0, NULL, FOR_COUNT, FLAG, keep_going,
        "add a member \"error\" to a record that cannot be counted, and continue", .needs = "jsonl"),

    ROW(CAPTURE, "capture", 0, "FILE", FOR_EXPLAIN, STRING, capture,
        "use the request recorded in FILE instead of the predicted prompt",
        .conflicts = "via vs against without memory instructions env env-value layout invalid-utf8 best-effort "
                     "append-system-prompt append-system-prompt-file append-subagent-system-prompt "
                     "append-subagent-system-prompt-file"),
    ROW(CAPTURE, "capture", 0, "FILE", FOR_DIFF, STRING, capture,
        "compare the prediction with the request recorded in FILE", .conflicts = "without all blame invalid-utf8"),
    ROW(CAPTURE, "capture", 0, "FILE", FOR_COUNT, STRING, capture, "count the request recorded in FILE",
        .conflicts = "via " COUNT_MODES " calibrate files0-from include exclude gitignore allow-special jobs"),
    ROW(CAPTURE, "capture", 0, "FILE", FOR_CHECK, STRING, capture,
        "check the request recorded in FILE instead of the files that would load",
        .conflicts = "via rev lock init update-baseline without"),
    ROW(CAPTURE, "from", 0, "FILE", FOR_CAPTURE, STRINGS, from,
        "read recorded requests from FILE instead of running a client; may be repeated",
        .conflicts = "as interactive own-config project-hooks yes port timeout"),
    ROW(CAPTURE, "request", 0, "N", FOR_CAPTURE, STRING, request, "choose the Nth request",
        .by_default = "the one that --save has as chosen, else the first with the most tools"),
    ROW(CAPTURE, "request", 0, "N", FOR_EXPLAIN FOR_COUNT FOR_CHECK, STRING, request, "choose the Nth request",
        .by_default = "the one that --save has as chosen, else the first with the most tools", .needs = "capture"),
    ROW(CAPTURE, "request", 0, "N", FOR_DIFF, STRING, request, "choose the Nth request of each recording",
        .by_default = "the one that --save has as chosen, else the first with the most tools"),
    ROW(CAPTURE, "agent", 0, "NAME", FOR_CAPTURE, STRING, agent, "record the request of this agent, a name or a path",
        .by_default = "the main session"),
    ROW(CAPTURE, "as", 0, "agent|session", FOR_CAPTURE, CHOICE, as_session,
        "record the agent as a subagent, or a session that is started with it", .choices = starts,
        .by_default = "agent", .needs = "agent"),
    ROW(CAPTURE, "verify", 0, NULL, FOR_CAPTURE, FLAG, verify,
        "compare the request with the prediction, file by file; exit 1 on a difference"),
    ROW(CAPTURE, "learn", 0, NULL, FOR_CAPTURE, FLAG, learn,
        "learn the client's wording around files, for --templates=learned",
        .conflicts = "from request agent as touch verify save full json client-text interactive own-config "
                     "project-hooks yes " OF_A_PROJECT),
    ROW(CAPTURE, "save", 0, "FILE", FOR_CAPTURE, STRING, save,
        "write all requests to FILE as JSON Lines to share: text of files, sizes of the rest"),
    ROW(CAPTURE, "full", 0, NULL, FOR_CAPTURE, FLAG, full,
        "keep whole requests, too, in sysprompt's data directory; only you can read them"),
    ROW(CAPTURE, "client-text", 0, NULL, FOR_CAPTURE, FLAG, client_text,
        "print the client's own text instead of its size"),
    ROW(CAPTURE, "client-text", 0, NULL, FOR_EXPLAIN FOR_COUNT, FLAG, client_text,
        "print the client's own text instead of its size", .needs = "capture"),
    ROW(CAPTURE, "interactive", 0, NULL, FOR_CAPTURE, FLAG, interactive,
        "leave the terminal to the client, and record until you end it", .conflicts = "timeout"),
    ROW(CAPTURE, "own-config", 0, NULL, FOR_CAPTURE, FLAG, own_config,
        "run the client with your home directory and environment; asks first"),
    ROW(CAPTURE, "project-hooks", 0, NULL, FOR_CAPTURE, FLAG, project_hooks,
        "let the project's hooks and MCP servers run; asks first"),
    ROW(CAPTURE, "yes", 0, NULL, FOR_CAPTURE, FLAG, yes, "answer yes to these questions",
        .needs = "own-config project-hooks"),
    ROW(CAPTURE, "port", 0, "N", FOR_CAPTURE, STRING, port, "listen on this port of 127.0.0.1",
        .by_default = "any that is free"),
    ROW(CAPTURE, "timeout", 0, "SECONDS", FOR_CAPTURE, STRING, timeout, "end a client that takes longer",
        .by_default = "120"),

    ROW(PLACES, NULL, 'C', "DIR", FOR_PLACES, STRING, directory, "use DIR as the client's launch directory",
        .by_default = "."),
    ROW(PLACES, "root", 0, "DIR", FOR_PLACES, STRING, root,
        "treat DIR as the root of the file system; outside it, read only --home"),
    ROW(PLACES, "home", 0, "DIR", FOR_PLACES, STRING, home, "use DIR as the home directory",
        .by_default = "$HOME; with --root only inside it"),
    ROW(PLACES, "rev", 0, "REV", FOR_PROMPT FOR_LIST FOR_CHECK, STRING, rev,
        "read files under version control at this git revision; nothing is checked out"),
    ROW(PLACES, "config", 0, "FILE", FOR_PLACES, STRING, config_file, "read this configuration",
        .by_default = "the nearest sysprompt.yaml at or above the launch directory", .conflicts = "no-config"),
    ROW(PLACES, "no-config", 0, NULL, FOR_PLACES, FLAG, no_config, "read no configuration"),
    ROW(PLACES, "external-imports", 0, "allow|deny", FOR_PROMPT FOR_CHECK FOR_DIFF FOR_CAPTURE, CHOICE,
        external_imports, "follow imports out of the launch directory", .choices = imports, .by_default = "deny"),
    ROW(PLACES, "external-links", 0, "allow|refuse", FOR_PLACES, CHOICE, external_links,
        "follow symbolic links out of the repository", .choices = links, .by_default = "refuse"),

    ROW(PARTS, "as", 0, "agent|session", FOR_PROMPT FOR_CHECK FOR_DIFF, CHOICE, as_session,
        "take agents as subagents, or as a session that is started with one, as the client's --agent does",
        .choices = starts, .by_default = "agent", .conflicts = "capture"),
    ROW(PARTS, "touch", 0, "FILE", FOR_PROMPT FOR_CHECK FOR_DIFF FOR_CAPTURE FOR_MATRIX, STRINGS, touched,
        "add the rules and instructions that load when the agent reads or writes FILE; may be repeated"),
    ROW(PARTS, "memory", 0, "FILE", FOR_PROMPT, STRING, memory, "read this memory file and no other"),
    ROW(PARTS, "instructions", 0, "FILE", FOR_PROMPT, STRINGS, instructions,
        "read this instruction file and no others; may be repeated"),
    ROW(PARTS, "append-system-prompt", 0, "TEXT", FOR_PROMPT, STRING, append,
        "append TEXT to a main session's system prompt, as the client's option does"),
    ROW(PARTS, "append-system-prompt-file", 0, "FILE", FOR_PROMPT, STRING, append_file,
        "append a file in the same way"),
    ROW(PARTS, "append-subagent-system-prompt", 0, "TEXT", FOR_PROMPT, STRING, append_agent,
        "append TEXT to an agent's system prompt, as the client's option does"),
    ROW(PARTS, "append-subagent-system-prompt-file", 0, "FILE", FOR_PROMPT, STRING, append_agent_file,
        "append a file in the same way"),
    ROW(PARTS, "env", 0, NULL, FOR_PROMPT, FLAG, env, "include the environment section and git status"),
    ROW(PARTS, "env-value", 0, "NAME=VALUE", FOR_PROMPT, STRINGS, env_values,
        "set a value of that section, such as date=2026-11-21, and include it; may be repeated"),
    ROW(PARTS, "templates", 0, "DIR|learned", FOR_PROMPT FOR_CHECK FOR_DIFF FOR_CAPTURE, STRING, texts,
        "replace generated wording by the files of DIR, or by the client's own (see sysprompt help templates)"),
    ROW(HIDDEN, "texts", 0, "DIR", FOR_PROMPT FOR_CHECK FOR_DIFF FOR_CAPTURE, STRING, texts, "the same as --templates",
        .conflicts = "templates"),
    ROW(PARTS, "layout", 0, "flat|split", FOR_PROMPT, CHOICE, layout,
        "flat: one message; split: system and user messages, which build prints as JSON", .choices = layouts,
        .by_default = "flat"),
    ROW(PARTS, "without", 0, "FILE[#HEADING]", FOR_PROMPT FOR_CHECK FOR_DIFF, STRINGS, without,
        "act as if this file or section were not there; in diff, in NEW; may be repeated"),
    ROW(PARTS, "order", 0, "sorted|directory", FOR_PROMPT FOR_DIFF FOR_CAPTURE, CHOICE, order,
        "load a directory's files by path, or as the file system lists them", .choices = orders, .by_default = "sorted",
        .conflicts = "rev lock"),
    ROW(PARTS, "invalid-utf8", 0, "replace|refuse", FOR_PROMPT FOR_DIFF, CHOICE, invalid_utf8,
        "replace bytes that are not UTF-8 by U+FFFD, or fail", .choices = utf8, .by_default = "replace"),

    ROW(CLIENT, "profile", 0, "NAME[@VERSION]", FOR_PLACES FOR_RULES, STRING, profile,
        "follow the rules of this client and version (see sysprompt help profiles)",
        .by_default = "the newest claude-code"),
    ROW(CLIENT, "agents", 0, "FILE", FOR_PLACES, STRING, agents,
        "add agents from JSON, a file or the JSON itself, as the client's option does"),
    ROW(CLIENT, "add-dir", 0, "DIR", FOR_PLACES, STRINGS, added_dirs,
        "add a directory, as the client's option does; may be repeated"),
    ROW(CLIENT, "plugin-dir", 0, "DIR", FOR_PLACES, STRINGS, plugin_dirs,
        "load the agents and skills of a plugin; may be repeated"),
    ROW(CLIENT, "settings", 0, "FILE", FOR_PLACES, STRING, settings,
        "add settings from JSON, a file or the JSON itself, as the client's option does"),
    ROW(CLIENT, "setting-sources", 0, "LIST", FOR_PLACES, STRING, setting_sources,
        "read only these scopes of user,project,local", .by_default = "all"),
    ROW(CLIENT, "client-env", 0, NULL, FOR_PLACES, FLAG, client_env,
        "obey the client's environment variables, such as CLAUDE_CODE_DISABLE_AUTO_MEMORY"),
    ROW(CLIENT, "bare", 0, NULL, FOR_PLACES, FLAG, bare, "load only what options name, as the client's option does"),
    ROW(CLIENT, "strict", 0, NULL, FOR_PLACES, FLAG, strict, "refuse front matter that is not valid YAML"),

    ROW(COUNTING, "encoding", 0, "NAME", FOR_ALL, STRING, encoding,
        "count with r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base or o200k_harmony, or estimate with "
        "claude-v3 or claude-4.7"),
    ROW(COUNTING, "model", 0, "NAME", FOR_ALL, STRING, model, "count with the tokenizer of this model"),
    ROW(COUNTING, "models", 0, "FILE", FOR_ALL, OPTIONAL, models,
        "with =FILE, add models to the built-in ones; alone, make count list all"),
    ROW(COUNTING, "tokenizer", 0, "FILE|NAME", FOR_ALL, STRING, tokenizer,
        "count with a tokenizer.json, a .tiktoken file with --pattern, ctok's data, or one that is installed: ctok, "
        "gemma3"),
    ROW(COUNTING, "pattern", 0, "REGEX|NAME", FOR_ALL, STRING, pattern,
        "split text for a .tiktoken file by this regular expression, or one such as cl100k_base or llama3"),

    ROW(PROVIDER, "via", 0, "anthropic", FOR_VIA, CHOICE, via,
        "send the prompt to the provider's counting endpoint, with the key in ANTHROPIC_API_KEY", .choices = providers,
        .conflicts = "why vs duplicates cache " COUNT_MODES),
    ROW(PROVIDER, "key-file", 0, "FILE", FOR_VIA, STRING, key_file, "read the key from FILE", .needs = "via"),
    ROW(PROVIDER, "api-url", 0, "URL", FOR_VIA, STRING, api_url, "send to this address",
        .by_default = "ANTHROPIC_BASE_URL, else https://api.anthropic.com", .needs = "via"),
    ROW(PROVIDER, "allow-http", 0, NULL, FOR_VIA, FLAG, allow_http,
        "allow http to another machine, which shows the key to everybody in between", .needs = "via"),
    ROW(PROVIDER, "timeout", 0, "SECONDS", FOR_VIA, STRING, timeout, "limit the time of an attempt", .by_default = "60",
        .needs = "via"),
    ROW(PROVIDER, "cached-only", 0, NULL, FOR_VIA, FLAG, cached_only,
        "send nothing; fail if a count is not in the cache", .needs = "via"),

    ROW(OUTPUT, "format", 0, "text|json|anthropic|openai", FOR_BUILD, CHOICE, format, "choose the output format",
        .choices = formats, .by_default = "text"),
    ROW(OUTPUT, "format", 0, "text|markdown|json", FOR_DIFF FOR_MATRIX, CHOICE, format, "choose the output format",
        .choices = diff_formats, .by_default = "text"),
    ROW(OUTPUT, "format", 0, "KIND[=FILE]", FOR_CHECK, STRINGS, reports,
        "write a report: text, json, github, sarif, gitlab or junit; may be repeated, with a file for each"),
    ROW(OUTPUT, "cache-breakpoints", 0, NULL, FOR_BUILD, FLAG, cache_breakpoints,
        "mark up to four places up to which the prompt can be cached", .needs = "format=anthropic",
        .conflicts = "plan"),
    ROW(OUTPUT, "best-effort", 0, NULL, FOR_PROMPT, FLAG, best_effort,
        "print the prompt even if the rules refuse it or it does not fit; the exit code stays 1"),
    ROW(OUTPUT, "map", 0, "FILE", FOR_BUILD, STRING, map, "write the source map: output bytes to files and lines"),
    ROW(OUTPUT, "map", 0, "FILE", FOR_CAPTURE, STRING, map,
        "write the source map: the request's bytes to files and lines", .conflicts = "learn"),
    ROW(OUTPUT, "lock", 0, "FILE", FOR_BUILD, STRING, lock, "record the prompt's inputs, with the hash of each file"),
    ROW(OUTPUT, "total", 0, "auto|always|only|never", FOR_COUNT, CHOICE, total,
        "print a total; auto: if there are several files", .choices = totals, .by_default = "auto",
        .conflicts = "json"),
    ROW(OUTPUT, "json", 0, NULL, FOR_ALL FOR_RULES, FLAG, json, "print JSON (see sysprompt help json)"),
    ROW(OUTPUT, "output", 'o', "FILE", FOR_EVERY, STRING, output, "write to FILE, whole or not at all"),
    ROW(OUTPUT, "quiet", 'q', NULL, FOR_EVERY, FLAG, quiet, "print no warnings and notes"),
    ROW(OUTPUT, "color", 0, "auto|always|never", FOR_EVERY, CHOICE, color, "use colors", .choices = colors,
        .by_default = "auto: on a terminal"),

    ROW(GENERAL, "untrusted", 0, "HOW", FOR_ALL, OPTIONAL, untrusted,
        "read nothing outside the repository and the clients' directories at home, write no file that is not named, "
        "and use no network and no program but git (see sysprompt help trust); HOW is required, to fail where the "
        "kernel cannot enforce that, or no",
        .by_default = "in CI, for a pull request from outside"),
    ROW(GENERAL, "help", 'h', NULL, FOR_EVERY, FLAG, help, "print this help"),
    ROW(GENERAL, "version", 'V', NULL, FOR_EVERY, FLAG, version, "print the version"),
};

enum { OPTION_COUNT = sizeof cli_option_table / sizeof cli_option_table[0] };
const size_t cli_option_count = OPTION_COUNT;

/* ---- what was given ------------------------------------------------------------------------------ */

bool cli_options_init(cli_options *options, int argc)
{
    *options = (cli_options){ .layout = -1, .format = -1, .sort = -1, .fail_on = SP_FINDING, .estimate = -1 };
    options->operands = calloc((size_t)argc + 1, sizeof *options->operands);
    options->given = calloc((size_t)argc + 1, sizeof *options->given);
    return options->operands && options->given;
}

void cli_options_release(cli_options *options)
{
    sp_encoding_close(options->opened);
    sp_config_free(options->config);
    free(options->operands);
    free(options->given);
}

/* "--layout=split", "--trim", "-Cexamples/shop". */
char *cli_format_given(const cli_given *given)
{
    const cli_option *option = given->option;
    const char *value = given->value ? given->value : "";
    char letter[2] = { option->letter, '\0' };
    bool has_name = option->name != NULL;
    char *text = NULL;
    int length = asprintf(&text, "%s%s%s%s", has_name ? "--" : "-", has_name ? option->name : letter,
                          has_name && given->value ? "=" : "", value);
    return length >= 0 ? text : NULL;
}

/* ---- values ---------------------------------------------------------------------------------------- */

static bool is_encoding(const cli_option *option)
{
    return option->offset == offsetof(cli_options, encoding);
}

static bool is_profile(const cli_option *option)
{
    return option->offset == offsetof(cli_options, profile) || option->offset == offsetof(cli_options, vs);
}

static const char *encoding_name(size_t index)
{
    size_t exact = 0;
    while (sp_encoding_at(exact))
        exact++;
    const sp_encoding *encoding = index < exact ? sp_encoding_at(index) : sp_estimate_at(index - exact);
    return encoding ? sp_encoding_name(encoding) : NULL;
}

const char *cli_option_value(const cli_option *option, size_t index)
{
    size_t count = 0;
    if (is_encoding(option))
        return encoding_name(index);
    if (is_profile(option))
        return sp_profile_at(index);
    while (option->choices && option->choices[count].name)
        count++;
    return index < count ? option->choices[index].name : NULL;
}

/* ---- parsing ------------------------------------------------------------------------------------- */

typedef struct parser {
    int argc;
    char **argv;
    int at;
    cli_options *options;
    const cli_command *command; /* NULL until it is named */
    bool seen[OPTION_COUNT];
    const cli_command *expected; /* the first argument that is a command's name: most likely the command */
} parser;

/* Of two rows with one name the command's own. */
static const cli_option *find_long(const parser *p, const char *name, size_t len)
{
    const cli_option *found = NULL;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const cli_option *o = &cli_option_table[i];
        bool is_same = o->name && strlen(o->name) == len && memcmp(o->name, name, len) == 0;
        if (is_same && (!found || (p->expected && cli_knows(p->expected, o))))
            found = o;
    }
    return found;
}

static const cli_option *find_letter(char letter)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (cli_option_table[i].letter == letter)
            return &cli_option_table[i];
    return NULL;
}

/* "--budget", or "-C" for an option without a name. */
static const char *shown(const cli_option *o, char buffer[64])
{
    if (o->name)
        snprintf(buffer, 64, "--%s", o->name);
    else
        snprintf(buffer, 64, "-%c", o->letter);
    return buffer;
}

/* Whether word is one of the words of list, which spaces separate. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; *at; at += strspn(at, " ")) {
        size_t end = strcspn(at, " ");
        if (end == len && memcmp(at, word, len) == 0)
            return true;
        at += end;
    }
    return false;
}

bool cli_knows(const cli_command *command, const cli_option *option)
{
    return strcmp(option->commands, FOR_EVERY) == 0 || has_word(option->commands, command->name);
}

static bool names_path(const cli_option *option)
{
    static const char *const kinds[] = { "FILE", "DIR", "PATH" };
    for (size_t i = 0; option->argument && i < SP_COUNT_OF(kinds); i++)
        if (strstr(option->argument, kinds[i]))
            return true;
    return false;
}

static bool takes_json(const cli_option *option)
{
    return option->name && (strcmp(option->name, "agents") == 0 || strcmp(option->name, "settings") == 0);
}

const char *cli_given_path(const cli_given *given)
{
    if (!given->value || !names_path(given->option))
        return NULL;
    return takes_json(given->option) && sp_is_json_text(sp_str_of(given->value)) ? NULL : given->value;
}

bool cli_is_given(const cli_options *options, const char *name)
{
    for (size_t i = 0; i < options->given_count; i++)
        if (options->given[i].option->name && strcmp(options->given[i].option->name, name) == 0)
            return true;
    return false;
}

/* Suggests only what the command knows, once it is named. */
static bool unknown_option(const parser *p, const char *name, size_t len)
{
    sp_str names[OPTION_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (cli_option_table[i].name && cli_option_table[i].group != CLI_GROUP_HIDDEN &&
            (!p->command || cli_knows(p->command, &cli_option_table[i])))
            names[count++] = (sp_str){ cli_option_table[i].name, strlen(cli_option_table[i].name) };
    size_t nearest = sp_nearest_name((sp_str){ name, len }, names, count);
    if (nearest == SIZE_MAX && memchr(name, '.', len))
        cli_usage_error(p->options, "unknown option --%.*s; for a file of that name write ./--%.*s", (int)len, name,
                        (int)len, name);
    else if (nearest == SIZE_MAX)
        cli_usage_error(p->options, "unknown option --%.*s", (int)len, name);
    else
        cli_usage_error(p->options, "unknown option --%.*s; did you mean --%s?", (int)len, name, names[nearest].ptr);
    return false;
}

static bool set_choice(const parser *p, const cli_option *o, const char *value, int *field)
{
    char name[64];
    if (p->command && !cli_knows(p->command, o))
        return true; /* check_known refuses it: the values are those of another command */
    for (const cli_choice *c = o->choices; c->name; c++)
        if (strcmp(c->name, value) == 0) {
            *field = c->value;
            return true;
        }
    cli_usage_error(p->options, "%s takes %s, not \"%s\"", shown(o, name), o->argument, value);
    return false;
}

static bool add_string(const cli_options *options, const cli_option *o, const char *value, cli_strings *strings)
{
    char name[64];
    if (strings->count == CLI_MAX_STRINGS) {
        cli_usage_error(options, "%s may be given at most %d times", shown(o, name), CLI_MAX_STRINGS);
        return false;
    }
    strings->items[strings->count++] = value;
    return true;
}

static bool set_optional(const cli_options *options, const cli_option *o, const char *value, cli_optional *optional)
{
    char name[64];
    if (value && optional->value) {
        cli_usage_error(options, "%s=%s is given twice", shown(o, name), o->argument);
        return false;
    }
    optional->is_bare |= !value;
    optional->value = value ? value : optional->value;
    return true;
}

static bool set_option(parser *p, const cli_option *o, const char *value)
{
    char name[64];
    char *field = (char *)p->options + o->offset;
    bool *seen = &p->seen[o - cli_option_table];
    if (*seen && o->type != CLI_STRINGS && o->type != CLI_FLAG && o->type != CLI_OPTIONAL) {
        cli_usage_error(p->options, "%s is given twice", shown(o, name));
        return false;
    }
    *seen = true;
    p->options->given[p->options->given_count++] = (cli_given){ o, value };
    switch (o->type) {
    case CLI_FLAG:
        *(bool *)field = true;
        return true;
    case CLI_STRING:
        memcpy(field, &value, sizeof value);
        return true;
    case CLI_OPTIONAL:
        return set_optional(p->options, o, value, (cli_optional *)(void *)field);
    case CLI_STRINGS:
        return add_string(p->options, o, value, (cli_strings *)(void *)field);
    case CLI_CHOICE:
        return set_choice(p, o, value, (int *)(void *)field);
    }
    return false;
}

/* The value of an option: what is attached to it, else the next argument. */
static bool take_value(parser *p, const cli_option *o, const char *attached, const char **ret)
{
    char name[64];
    *ret = attached;
    if (o->type == CLI_FLAG && attached) {
        cli_usage_error(p->options, "%s takes no value", shown(o, name));
        return false;
    }
    if (o->type == CLI_FLAG || (o->type == CLI_OPTIONAL && !attached))
        return true;
    if (!attached && p->at + 1 < p->argc)
        *ret = p->argv[++p->at];
    bool may_be_empty = o->offset == FIELD(setting_sources); /* which then names no scope, as for the client */
    if (*ret && (**ret || may_be_empty))
        return true;
    cli_usage_error(p->options, "%s needs %s%s", shown(o, name), o->argument, *ret ? ", not an empty value" : "");
    return false;
}

static bool parse_long(parser *p, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen(text);
    const cli_option *o = find_long(p, text, len);
    const char *value;
    if (!o)
        return unknown_option(p, text, len);
    return take_value(p, o, equals ? equals + 1 : NULL, &value) && set_option(p, o, value);
}

/* -q, -o FILE, -oFILE, -qo FILE */
static bool parse_letters(parser *p, const char *text)
{
    for (; *text; text++) {
        const cli_option *o = find_letter(*text);
        const char *value;
        if (!o) {
            const char *whole = p->argv[p->at];
            cli_usage_error(p->options,
                            strpbrk(whole, "./") ? "unknown option -%c; for a file of that name write ./%s"
                                                 : "unknown option -%c",
                            *text, whole);
            return false;
        }
        bool takes_rest = o->type != CLI_FLAG && text[1];
        if (!take_value(p, o, takes_rest ? text + 1 : NULL, &value) || !set_option(p, o, value))
            return false;
        if (o->type != CLI_FLAG)
            return true;
    }
    return true;
}

const cli_command *cli_find_command(const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++)
        if (strcmp(cli_commands[i].name, name) == 0)
            return &cli_commands[i];
    return NULL;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* A newcomer may leave out the command: name is then an agent or a file. */
static bool unknown_command(const parser *p, const char *name)
{
    sp_str names[CLI_MAX_COMMANDS];
    size_t count = 0;
    if (cli_has_agent(p->options, name)) {
        cli_usage_error(p->options, "\"%s\" is an agent; did you mean sysprompt explain %s, or build %s?", name, name,
                        name);
        return false;
    }
    if (is_file(name)) {
        cli_usage_error(p->options, "\"%s\" is a file; did you mean sysprompt count %s, or explain --why %s?", name,
                        name, name);
        return false;
    }
    for (; count < cli_command_count && count < CLI_MAX_COMMANDS; count++)
        names[count] = (sp_str){ cli_commands[count].name, strlen(cli_commands[count].name) };
    size_t nearest = sp_nearest_name((sp_str){ name, strlen(name) }, names, count);
    if (nearest == SIZE_MAX)
        cli_usage_error(p->options, "unknown command \"%s\"; sysprompt help lists them", name);
    else
        cli_usage_error(p->options, "unknown command \"%s\"; did you mean \"%s\"?", name, cli_commands[nearest].name);
    return false;
}

static bool check_known(const parser *p, const cli_command *command)
{
    char name[64];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (p->seen[i] && !cli_knows(command, &cli_option_table[i])) {
            bool is_format = cli_option_table[i].offset == FIELD(format) && has_word(FOR_ALL, command->name);
            cli_usage_error(p->options, "%s does not accept %s%s", command->name, shown(&cli_option_table[i], name),
                            is_format ? "; it has --json" : "");
            return false;
        }
    return true;
}

/* The row that was given whose name is the first len bytes of name; NULL when there is none. */
static const cli_option *find_seen(const parser *p, const char *name, size_t len)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const cli_option *o = &cli_option_table[i];
        if (p->seen[i] && o->name && strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    }
    return NULL;
}

/* Whether the option was given, with that value if it is not NULL. */
static bool is_given_as(const parser *p, const cli_option *o, const char *value)
{
    for (size_t i = 0; o && i < p->options->given_count; i++)
        if (p->options->given[i].option == o && (!value || strcmp(p->options->given[i].value, value) == 0))
            return true;
    return false;
}

/* needs is a list of names, or of NAME=VALUE, of which one is enough; the message names the first. */
static bool check_needs(const parser *p, const cli_option *o)
{
    char name[64], value[32];
    size_t first = strcspn(o->needs, " ");
    for (const char *at = o->needs; *at; at += strspn(at, " ")) {
        size_t end = strcspn(at, " "), len = strcspn(at, " =");
        snprintf(value, sizeof value, "%.*s", len < end ? (int)(end - len - 1) : 0, at + len + (len < end));
        if (is_given_as(p, find_seen(p, at, len), len < end ? value : NULL))
            return true;
        at += end;
    }
    cli_usage_error(p->options, "%s needs --%.*s", shown(o, name), (int)first, o->needs);
    return false;
}

static bool check_conflicts(const parser *p, const cli_option *o)
{
    char name[64], other[64];
    for (const char *at = o->conflicts; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        const cli_option *found = find_seen(p, at, len);
        if (found && found != o) {
            bool are_views = o->group == CLI_GROUP_VIEW && found->group == CLI_GROUP_VIEW;
            cli_usage_error(p->options, "%s and %s cannot be combined%s; give one of them", shown(o, name),
                            shown(found, other), are_views ? ": each prints a view of its own" : "");
            return false;
        }
        at += len;
    }
    return true;
}

/* What the columns commands, needs and conflicts forbid. */
static bool check_options(const parser *p, const cli_command *command)
{
    bool fine = check_known(p, command);
    for (size_t i = 0; i < OPTION_COUNT && fine; i++) {
        const cli_option *o = &cli_option_table[i];
        if (p->seen[i] && o->needs)
            fine = check_needs(p, o);
        if (fine && p->seen[i] && o->conflicts)
            fine = check_conflicts(p, o);
    }
    return fine;
}

/* A recorded request among the operands of a command that takes agents is what --capture names. */
static bool take_recording(parser *p)
{
    cli_options *options = p->options;
    const cli_option *row = find_long(p, "capture", strlen("capture"));
    if (!has_word(FOR_EXPLAIN FOR_CHECK, p->command->name))
        return true;
    for (size_t i = 0; i < options->operand_count;) {
        if (!cli_is_json(options->operands[i])) {
            i++;
            continue;
        }
        if (options->capture) {
            cli_usage_error(options, "one recorded request at a time; %s is one too many (diff compares two)",
                            options->operands[i]);
            return false;
        }
        options->capture = options->operands[i];
        options->given[options->given_count++] = (cli_given){ row, options->capture };
        p->seen[row - cli_option_table] = true;
        options->operand_count--;
        memmove(options->operands + i, options->operands + i + 1,
                (options->operand_count - i) * sizeof *options->operands);
    }
    return true;
}

bool cli_parse(int argc, char **argv, cli_options *options, const cli_command **ret_command)
{
    parser p = { .argc = argc, .argv = argv, .at = 1, .options = options };
    bool only_operands = false;
    for (int i = 1; i < argc && !p.expected; i++)
        p.expected = cli_find_command(argv[i]);
    options->command = p.expected;
    *ret_command = p.expected;
    for (; p.at < argc; p.at++) {
        const char *text = argv[p.at];
        bool fine = true;
        if (only_operands || text[0] != '-' || text[1] == '\0') {
            if (p.command)
                options->operands[options->operand_count++] = text;
            else if (strcmp(text, "version") == 0)
                options->version = true;
            else if (!(p.command = cli_find_command(text)))
                fine = unknown_command(&p, text);
        } else if (strcmp(text, "--") == 0) {
            only_operands = true;
            if (cli_takes_command(p.command))
                options->operands[options->operand_count++] = text;
        } else if (text[1] == '-') {
            fine = parse_long(&p, text + 2);
        } else {
            fine = parse_letters(&p, text + 1);
        }
        if (!fine)
            return false;
    }
    *ret_command = p.command;
    if (!p.command || options->help)
        return true;
    return take_recording(&p) && check_options(&p, p.command);
}

/* ---- numbers in options ------------------------------------------------------------------------- */

bool cli_parse_number(const char *text, size_t *ret)
{
    size_t number = 0;
    if (!*text)
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(number, (size_t)10, &number) ||
            __builtin_add_overflow(number, (size_t)(*text - '0'), &number))
            return false;
    *ret = number;
    return *text == '\0';
}

cli_exit cli_choose_jobs(const cli_options *options, unsigned *ret)
{
    size_t jobs = options->screen.uses_processors ? cli_processors() : 1;
    if (options->jobs && (!cli_parse_number(options->jobs, &jobs) || jobs < 1 || jobs > CLI_MAX_JOBS))
        return cli_usage_error(options, "--jobs takes a number of threads from 1 to %d, not \"%s\"", CLI_MAX_JOBS,
                               options->jobs);
    *ret = (unsigned)jobs;
    return CLI_OK;
}
