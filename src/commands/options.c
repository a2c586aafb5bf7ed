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
#include "clients/profiles.h"
#include "commands/commands.h"
#include "commands/parallel.h"
#include "model/request.h"
#include "report/format.h"
#include "report/reports.h"
#include "tokenizer/tokens.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FOR_BUILD = 1,
    FOR_EXPLAIN = 2,
    FOR_COUNT = 4,
    FOR_LIST = 8,
    FOR_RULES = 16,
    FOR_CHECK = 128,
    FOR_DIFF = 256,
    FOR_PROMPT = FOR_BUILD | FOR_EXPLAIN,
    FOR_PLACES = FOR_PROMPT | FOR_LIST | FOR_CHECK | FOR_DIFF, /* what looks around as the client does */
    FOR_ALL = FOR_PLACES | FOR_COUNT,
    FOR_VIA = FOR_PROMPT | FOR_COUNT | FOR_CHECK, /* what the provider can be asked to count */
    FOR_EVERY = 511,
};

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
static const cli_choice levels[] = { { "error", SP_FINDING }, { "warning", SP_WARNING }, { "note", SP_NOTE }, { 0 } };
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
static const cli_choice utf8[] = { { "refuse", 0 }, { "replace", 1 }, { 0 } };

#define FIELD(name) offsetof(cli_options, name)

const cli_option cli_option_table[] = {
    { NULL, 'C', "DIR", FOR_PLACES, CLI_STRING, FIELD(directory), NULL,
      "the client's launch directory (default: the current one)" },
    { "home", 0, "DIR", FOR_PLACES, CLI_STRING, FIELD(home), NULL,
      "the home directory (default: $HOME; with --root only if it lies inside)" },
    { "root", 0, "DIR", FOR_PLACES, CLI_STRING, FIELD(root), NULL,
      "stands for /: outside of it only --home is looked at" },
    { "agent", 0, "NAME", FOR_DIFF, CLI_STRING, FIELD(agent), NULL,
      "compare the prompts of this agent, a name or a path (default: the main session)" },
    { "all", 0, NULL, FOR_DIFF, CLI_FLAG, FIELD(all_agents), NULL,
      "compare the main session and every agent of either side" },
    { "blame", 0, NULL, FOR_DIFF, CLI_FLAG, FIELD(blame), NULL,
      "name the commit that added the most tokens to each heading" },
    { "fail-over", 0, "+N|+N%", FOR_DIFF, CLI_STRING, FIELD(fail_over), NULL,
      "exit code 1 when a prompt grew by more than so many tokens, or so much of what it was" },
    { "rev", 0, "REV", FOR_PROMPT | FOR_LIST | FOR_CHECK, CLI_STRING, FIELD(rev), NULL,
      "the files under version control as that git revision has them; nothing is checked out" },
    { "memory", 0, "FILE", FOR_PROMPT, CLI_STRING, FIELD(memory), NULL, "read this memory file, look for no other" },
    { "instructions", 0, "FILE", FOR_PROMPT, CLI_STRINGS, FIELD(instructions), NULL,
      "read this instruction file, look for no others; may be repeated" },
    { "agents", 0, "FILE", FOR_PLACES, CLI_STRING, FIELD(agents), NULL,
      "agents as JSON, as the client's --agents takes them; the JSON itself works too" },
    { "add-dir", 0, "DIR", FOR_PLACES, CLI_STRINGS, FIELD(added_dirs), NULL,
      "a directory added to the client's; may be repeated" },
    { "plugin-dir", 0, "DIR", FOR_PLACES, CLI_STRINGS, FIELD(plugin_dirs), NULL,
      "a plugin whose agents and skills load; may be repeated" },
    { "settings", 0, "FILE", FOR_PLACES, CLI_STRING, FIELD(settings), NULL,
      "settings on top of the settings files, as the client's --settings; the JSON itself works too" },
    { "setting-sources", 0, "LIST", FOR_PLACES, CLI_STRING, FIELD(setting_sources), NULL,
      "of user,project,local the scopes that the client reads (default: all)" },
    { "client-env", 0, NULL, FOR_PLACES, CLI_FLAG, FIELD(client_env), NULL,
      "the client's variables in the environment count, such as CLAUDE_CODE_DISABLE_AUTO_MEMORY" },
    { "bare", 0, NULL, FOR_PLACES, CLI_FLAG, FIELD(bare), NULL,
      "as the client's --bare: look for nothing, load only what options name" },
    { "append-subagent-system-prompt", 0, "TEXT", FOR_PROMPT, CLI_STRING, FIELD(append_agent), NULL,
      "as the client's: stands at the end of an agent's system prompt" },
    { "append-subagent-system-prompt-file", 0, "FILE", FOR_PROMPT, CLI_STRING, FIELD(append_agent_file), NULL,
      "the same from a file" },
    { "append-system-prompt", 0, "TEXT", FOR_PROMPT, CLI_STRING, FIELD(append), NULL,
      "as the client's: stands at the end of a main session's system prompt" },
    { "append-system-prompt-file", 0, "FILE", FOR_PROMPT, CLI_STRING, FIELD(append_file), NULL,
      "the same from a file" },
    { "env", 0, NULL, FOR_PROMPT, CLI_FLAG, FIELD(env), NULL,
      "add the section on the environment, and the git status" },
    { "env-value", 0, "NAME=VALUE", FOR_PROMPT, CLI_STRINGS, FIELD(env_values), NULL,
      "what that section says, such as date=2026-11-21; adds it; may be repeated" },
    { "skills", 0, NULL, FOR_LIST, CLI_FLAG, FIELD(skills), NULL,
      "list the skills, with what the session lists of them" },
    { "touch", 0, "FILE", FOR_PROMPT | FOR_CHECK | FOR_DIFF, CLI_STRINGS, FIELD(touched), NULL,
      "a file that the agent reads or writes: what loads for it stands behind the rest; may be repeated" },
    { "external-imports", 0, "allow|deny", FOR_PROMPT | FOR_CHECK | FOR_DIFF, CLI_CHOICE, FIELD(external_imports),
      imports, "imports that lead out of the launch directory (default: deny)" },
    { "external-links", 0, "allow|refuse", FOR_PLACES, CLI_CHOICE, FIELD(external_links), links,
      "follow links in the repository that lead out of it (default: refuse)" },
    { "strict", 0, NULL, FOR_PLACES, CLI_FLAG, FIELD(strict), NULL,
      "front matter that is not valid YAML is an error, as it is for the client" },
    { "invalid-utf8", 0, "refuse|replace", FOR_PROMPT | FOR_DIFF, CLI_CHOICE, FIELD(invalid_utf8), utf8,
      "what to do with bytes that are not UTF-8, and NUL (default: refuse)" },
    { "texts", 0, "DIR", FOR_PROMPT | FOR_CHECK | FOR_DIFF, CLI_STRING, FIELD(texts), NULL,
      "files that replace sysprompt's own wording (src/rules/templates has the originals)" },
    { "best-effort", 0, NULL, FOR_PROMPT, CLI_FLAG, FIELD(best_effort), NULL,
      "print the prompt also when the rules refuse the agent or nothing fits the budget (the exit code stays 1)" },
    { "layout", 0, "flat|split", FOR_PROMPT, CLI_CHOICE, FIELD(layout), layouts,
      "one text, or system and user message apart, which build prints as JSON" },
    { "format", 0, "text|json|anthropic|openai", FOR_BUILD, CLI_CHOICE, FIELD(format), formats,
      "what to print (default: text)" },
    { "format", 0, "text|markdown|json", FOR_DIFF, CLI_CHOICE, FIELD(format), diff_formats,
      "what to print (default: text)" },
    { "format", 0, "KIND[=FILE]", FOR_CHECK, CLI_STRINGS, FIELD(reports), NULL,
      "text, json, github, sarif, gitlab or junit; to standard output, or each to a file of its own; may be repeated" },
    { "fail-on", 0, "error|warning|note", FOR_CHECK, CLI_CHOICE, FIELD(fail_on), levels,
      "from which level on a finding makes the exit code 1 (default: error)" },
    { "init", 0, NULL, FOR_CHECK, CLI_FLAG, FIELD(init), NULL,
      "write a sysprompt.yaml with limits a little above today's sizes (-o FILE: elsewhere)" },
    { "update-baseline", 0, NULL, FOR_CHECK, CLI_FLAG, FIELD(update_baseline), NULL,
      "write the baseline with today's sizes (or -o FILE)" },
    { "map", 0, "FILE", FOR_BUILD, CLI_STRING, FIELD(map), NULL,
      "write the source map: output bytes to files and lines" },
    { "lock", 0, "FILE", FOR_BUILD, CLI_STRING, FIELD(lock), NULL,
      "write a lock: the hashes of all files in the prompt, and of the prompt" },
    { "lock", 0, "FILE", FOR_CHECK, CLI_STRINGS, FIELD(locks), NULL,
      "build the prompt of this lock again, and fail on every difference; may be repeated" },
    { "budget", 0, "N", FOR_BUILD, CLI_STRING, FIELD(budget), NULL,
      "the most tokens it may have: 8000, 8k, or 5% of the model's window; more is exit 1" },
    { "reserve", 0, "N", FOR_BUILD, CLI_STRING, FIELD(reserve), NULL, "tokens of the budget to leave free" },
    { "estimate", 0, "upper|middle|lower", FOR_BUILD | FOR_CHECK, CLI_CHOICE, FIELD(estimate), bounds,
      "which number of an estimate has to fit a budget (default: upper, the upper end of its range)" },
    { "trim", 0, NULL, FOR_BUILD, CLI_FLAG, FIELD(trim), NULL,
      "cut what has the least priority until it fits the budget, with a marker where something was cut" },
    { "plan", 0, NULL, FOR_BUILD, CLI_FLAG, FIELD(plan), NULL,
      "print what --trim would cut, and what would come back first, instead of the prompt" },
    { "encoding", 0, "NAME", FOR_ALL, CLI_STRING, FIELD(encoding), NULL,
      "r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base or o200k_harmony; claude-v3 or claude-4.7 "
      "(estimates)" },
    { "model", 0, "NAME", FOR_ALL, CLI_STRING, FIELD(model), NULL, "the encoding of this model" },
    { "models", 0, "FILE", FOR_ALL, CLI_OPTIONAL, FIELD(models), NULL,
      "with =FILE, models to know beside those that are built in; alone, count lists all" },
    { "tokenizer", 0, "FILE|NAME", FOR_ALL, CLI_STRING, FIELD(tokenizer), NULL,
      "count with FILE (a tokenizer.json, .tiktoken with --pattern, ctok's data), or with an installed one: ctok, "
      "gemma3" },
    { "pattern", 0, "REGEX|NAME", FOR_ALL, CLI_STRING, FIELD(pattern), NULL,
      "how texts are cut for a .tiktoken file: the regular expression, or a name such as cl100k_base or llama3" },
    { "via", 0, "anthropic", FOR_VIA, CLI_CHOICE, FIELD(via), providers,
      "let the provider count: sends the text to its counting endpoint, with the key in ANTHROPIC_API_KEY" },
    { "key-file", 0, "FILE", FOR_VIA, CLI_STRING, FIELD(key_file), NULL, "with --via, the key from a file" },
    { "api-url", 0, "URL", FOR_VIA, CLI_STRING, FIELD(api_url), NULL,
      "with --via, where it is (default: ANTHROPIC_BASE_URL, else https://api.anthropic.com)" },
    { "allow-http", 0, NULL, FOR_VIA, CLI_FLAG, FIELD(allow_http), NULL,
      "with --via, http also to another machine, which shows the key to all in between" },
    { "timeout", 0, "SECONDS", FOR_VIA, CLI_STRING, FIELD(timeout), NULL,
      "with --via, how long an attempt may take (default: 60)" },
    { "cached-only", 0, NULL, FOR_VIA, CLI_FLAG, FIELD(cached_only), NULL,
      "with --via, send nothing: what was not counted before is an error" },
    { "allow-special", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(allow_special), NULL,
      "read <|endoftext|> and its like as special tokens, not as text" },
    { "encode", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(encode), NULL, "print the token ids, a line for each input" },
    { "show", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(show), NULL,
      "print the text with its tokens in two colours, or with | between them; with --json also their ids" },
    { "decode", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(decode), NULL, "read token ids, print the bytes they stand for" },
    { "truncate", 0, "N", FOR_COUNT, CLI_STRING, FIELD(truncate), NULL,
      "print the longest beginning of at most N tokens: 8000, 8k, or 5% of the model's window" },
    { "calibrate", 0, "FILE", FOR_COUNT, CLI_STRING, FIELD(calibrate), NULL,
      "say how far the estimate is off on FILE's texts with their counts, a JSON object a line; --via asks for "
      "counts that are missing" },
    { "jobs", 'j', "N", FOR_COUNT | FOR_LIST, CLI_STRING, FIELD(jobs), NULL,
      "use N threads (default: one for each processor)" },
    { "files0-from", 0, "FILE", FOR_COUNT, CLI_STRING, FIELD(files0_from), NULL,
      "count the files whose names are in FILE, each with a NUL behind it; - is standard input" },
    { "gitignore", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(gitignore), NULL, "in folders, leave out what git ignores" },
    { "include", 0, "GLOB", FOR_COUNT, CLI_STRINGS, FIELD(includes), NULL,
      "in folders, only files and folders that match, as in a .gitignore of the folder that is named; may be "
      "repeated" },
    { "exclude", 0, "GLOB", FOR_COUNT, CLI_STRINGS, FIELD(excludes), NULL,
      "in folders, leave out files and folders that match, in the same way; may be repeated" },
    { "total", 0, "auto|always|only|never", FOR_COUNT, CLI_CHOICE, FIELD(total), totals,
      "when to print a total (default: auto, unless there is one file)" },
    { "jsonl", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(jsonl), NULL,
      "read JSON Lines, print each record with the number of tokens of one of its texts" },
    { "field", 0, "NAME", FOR_COUNT, CLI_STRING, FIELD(field), NULL,
      "the member that holds the text, or a JSON Pointer such as /message/content (default: text)" },
    { "tokens-field", 0, "NAME", FOR_COUNT, CLI_STRING, FIELD(tokens_field), NULL,
      "the member to add (default: tokens)" },
    { "keep-going", 0, NULL, FOR_COUNT, CLI_FLAG, FIELD(keep_going), NULL,
      "a record that cannot be counted gets a member \"error\" instead of ending everything" },
    { "config", 0, "FILE", FOR_PLACES, CLI_STRING, FIELD(config_file), NULL,
      "the configuration (default: the nearest sysprompt.yaml at or above the launch directory)" },
    { "no-config", 0, NULL, FOR_PLACES, CLI_FLAG, FIELD(no_config), NULL, "read no configuration" },
    { "profile", 0, "NAME[@VERSION]", FOR_PLACES | FOR_RULES, CLI_STRING, FIELD(profile), NULL,
      "whose rules to follow (default: the newest claude-code; rules --profiles lists all)" },
    { "vs", 0, "NAME[@VERSION]", FOR_EXPLAIN | FOR_RULES, CLI_STRING, FIELD(vs), NULL,
      "show only what is different with this profile" },
    { "tree", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(tree), NULL,
      "where the tokens are: files, and the headings in them; so does each of the options from --by to --csv" },
    { "by", 0, "LIST", FOR_EXPLAIN, CLI_STRING, FIELD(by), NULL,
      "of file,heading,kind,block,line what stands in what (default: file,heading)" },
    { "depth", 'd', "N", FOR_EXPLAIN, CLI_STRING, FIELD(depth), NULL, "show rows up to N levels deep (default: all)" },
    { "rows", 'n', "N", FOR_EXPLAIN | FOR_DIFF, CLI_STRING, FIELD(rows), NULL,
      "in each row show the N largest, and the others as one; 0 is all (default: 20, and all for --csv and --json)" },
    { "min", 0, "N", FOR_EXPLAIN, CLI_STRING, FIELD(min), NULL,
      "only rows of at least so many tokens, such as 50, or of such a share of the prompt, such as 0.5%" },
    { "sort", 0, "tokens|order|name", FOR_EXPLAIN, CLI_CHOICE, FIELD(sort), sorts,
      "by size, as the prompt goes, or by name (default: tokens)" },
    { "plain", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(plain), NULL,
      "the tree in words, a line for each row: for screen readers" },
    { "csv", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(csv), NULL, "the tree as comma-separated values" },
    { "standalone", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(standalone), NULL,
      "in a tree, also what each part has as a text of its own" },
    { "marginal", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(marginal), NULL,
      "in a tree, also how many tokens the prompt would have less without that part" },
    { "straddling", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(straddling), NULL,
      "below a tree, list the tokens that begin in one part and end in another" },
    { "why", 0, "PATH[:LINE]", FOR_EXPLAIN, CLI_STRING, FIELD(why), NULL,
      "what that file, or that line of it, has to do with the prompt (exit code 1: it is not in it)" },
    { "html", 0, "FILE", FOR_EXPLAIN, CLI_STRING, FIELD(page), NULL,
      "write one page for a browser: a map, the text with its tokens, what was left out" },
    { "duplicates", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(duplicates), NULL,
      "list the text that stands in the prompt twice, or nearly, and what that costs" },
    { "cache", 0, NULL, FOR_EXPLAIN, CLI_FLAG, FIELD(cache), NULL,
      "what a provider's cache can keep of the prompt, and what cuts that short" },
    { "against", 0, "AGENT|FILE", FOR_EXPLAIN, CLI_STRING, FIELD(against), NULL,
      "with --cache, the beginning shared with another agent's prompt, or one that build --json printed to FILE" },
    { "cache-breakpoints", 0, NULL, FOR_BUILD, CLI_FLAG, FIELD(cache_breakpoints), NULL,
      "with --format=anthropic, mark up to four places up to which the prompt can be cached" },
    { "profiles", 0, NULL, FOR_RULES, CLI_FLAG, FIELD(profiles), NULL, "list the profiles and their versions" },
    { "json", 0, NULL, FOR_ALL | FOR_RULES, CLI_FLAG, FIELD(json), NULL, "print JSON" },
    { "output", 'o', "FILE", FOR_EVERY, CLI_STRING, FIELD(output), NULL, "write to FILE, whole or not at all" },
    { "quiet", 'q', NULL, FOR_EVERY, CLI_FLAG, FIELD(quiet), NULL, "print no warnings and notes" },
    { "color", 0, "auto|always|never", FOR_EVERY, CLI_CHOICE, FIELD(color), colors, "colour on a terminal" },
    { "help", 'h', NULL, FOR_EVERY, CLI_FLAG, FIELD(help), NULL, "print this help" },
    { "version", 0, NULL, FOR_EVERY, CLI_FLAG, FIELD(version), NULL, "print the version" },
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

static const char *shown(const cli_option *o, char buffer[64])
{
    if (o->name)
        snprintf(buffer, 64, "--%s", o->name);
    else
        snprintf(buffer, 64, "-%c", o->letter);
    return buffer;
}

bool cli_knows(const cli_command *command, const cli_option *option)
{
    return option->commands >> (command - cli_commands) & 1;
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
        if (cli_option_table[i].name && (!p->command || cli_knows(p->command, &cli_option_table[i])))
            names[count++] = (sp_str){ cli_option_table[i].name, strlen(cli_option_table[i].name) };
    size_t nearest = sp_nearest_name((sp_str){ name, len }, names, count);
    if (nearest == SIZE_MAX && memchr(name, '.', len))
        cli_usage_error(p->options, "there is no option --%.*s; for a file of that name write ./--%.*s", (int)len, name,
                        (int)len, name);
    else if (nearest == SIZE_MAX)
        cli_usage_error(p->options, "there is no option --%.*s", (int)len, name);
    else
        cli_usage_error(p->options, "there is no option --%.*s; did you mean --%s?", (int)len, name,
                        names[nearest].ptr);
    return false;
}

static bool set_choice(const cli_options *options, const cli_option *o, const char *value, int *field)
{
    char name[64];
    for (const cli_choice *c = o->choices; c->name; c++)
        if (strcmp(c->name, value) == 0) {
            *field = c->value;
            return true;
        }
    cli_usage_error(options, "%s takes %s, not \"%s\"", shown(o, name), o->argument, value);
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
        return set_choice(p->options, o, value, (int *)(void *)field);
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
    cli_usage_error(p->options, "%s needs %s%s", shown(o, name), o->argument, *ret ? ", and got an empty text" : "");
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
                            strpbrk(whole, "./") ? "there is no option -%c; for a file of that name write ./%s"
                                                 : "there is no option -%c",
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

static bool unknown_command(const parser *p, const char *name)
{
    sp_str names[16];
    size_t count = 0;
    for (; count < cli_command_count && count < 16; count++)
        names[count] = (sp_str){ cli_commands[count].name, strlen(cli_commands[count].name) };
    size_t nearest = sp_nearest_name((sp_str){ name, strlen(name) }, names, count);
    if (nearest == SIZE_MAX)
        cli_usage_error(p->options, "there is no command \"%s\"", name);
    else
        cli_usage_error(p->options, "there is no command \"%s\"; did you mean \"%s\"?", name,
                        cli_commands[nearest].name);
    return false;
}

static bool check_options(const parser *p, const cli_command *command)
{
    char name[64];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (p->seen[i] && !cli_knows(command, &cli_option_table[i])) {
            bool is_format = cli_option_table[i].offset == FIELD(format) && (FOR_ALL >> (command - cli_commands) & 1);
            cli_usage_error(p->options, "%s is no option of %s%s", shown(&cli_option_table[i], name), command->name,
                            is_format ? ", which has --json" : "");
            return false;
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
            else if (strcmp(text, "help") == 0)
                options->help = true;
            else if (strcmp(text, "version") == 0)
                options->version = true;
            else if (!(p.command = cli_find_command(text)))
                fine = unknown_command(&p, text);
        } else if (strcmp(text, "--") == 0) {
            only_operands = true;
        } else if (text[1] == '-') {
            fine = parse_long(&p, text + 2);
        } else {
            fine = parse_letters(&p, text + 1);
        }
        if (!fine)
            return false;
    }
    *ret_command = p.command;
    return !p.command || options->help || check_options(&p, p.command);
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
