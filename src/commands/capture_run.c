/* capture_run.c - running a client for its requests: what the options ask for, the questions before, and why it failed.
 */
#include "commands/capture_run.h"
#include "base/base.h"
#include "base/escape.h"
#include "base/system.h"
#include "base/types.h"
#include "capture/drivers.h"
#include "capture/launch.h"
#include "clients/profiles.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "model/request.h"
#include "workspace/capture.h"
#include "workspace/products.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_TIMEOUT_S = 24 * 60 * 60 };

/* ---- options ------------------------------------------------------------------------------------------------- */

/* Index of the -- in the operands, or their count. */
static size_t dashes_in(const cli_options *options)
{
    size_t i = 0;
    while (i < options->operand_count && strcmp(options->operands[i], "--") != 0)
        i++;
    return i;
}

static cli_exit unknown_client(const cli_options *options, const char *name)
{
    sp_buf known = { 0 };
    size_t meant = sp_driver_near(sp_str_of(name));
    if (meant != SIZE_MAX)
        return cli_usage_error(options, "unknown client \"%s\"; did you mean %s?", name, sp_drivers[meant].client);
    for (size_t i = 0; i < sp_driver_count; i++)
        sp_buf_format(&known, "%s%s", i ? ", " : "", sp_drivers[i].client);
    cli_exit code = cli_usage_error(options, "unknown client \"%s\"; expected %.*s, or -- COMMAND", name,
                                    (int)(known.failed ? 0 : known.len), known.failed ? "" : known.ptr);
    sp_buf_release(&known);
    return code;
}

static cli_exit read_operands(const cli_options *options, sp_launch *launch)
{
    size_t dashes = dashes_in(options);
    if (dashes > 1)
        return cli_usage_error(options, "name one client, not \"%s\" too", options->operands[1]);
    if (dashes == 1) {
        launch->driver = sp_driver_find(sp_str_of(options->operands[0]));
        if (!launch->driver)
            return unknown_client(options, options->operands[0]);
    }
    if (dashes + 1 < options->operand_count) {
        launch->command = options->operands + dashes + 1;
        launch->command_count = options->operand_count - dashes - 1;
    } else if (dashes < options->operand_count)
        return cli_usage_error(options, "name a command after --");
    return CLI_OK;
}

static cli_exit read_number(const cli_options *options, const char *name, const char *text, size_t most, size_t *ret)
{
    *ret = 0;
    if (!text || (cli_parse_number(text, ret) && *ret > 0 && *ret <= most))
        return CLI_OK;
    return cli_usage_error(options, "--%s takes a number from 1 to %zu, not \"%s\"", name, most, text);
}

/* The files that a tool is to read: the client wants an absolute path. */
static cli_exit read_touched(const cli_options *options, sp_arena *arena, sp_launch *launch)
{
    char real[PATH_MAX];
    sp_err err;
    for (size_t i = 0; i < options->touched.count; i++) {
        if (!realpath(options->touched.items[i], real)) {
            sp_err_set(
                &err, SP_ERR_INPUT,
                "--touch names %s, which is not there; its path is relative to the current directory, also with -C",
                options->touched.items[i]);
            return cli_fail(options, &err);
        }
        launch->files[i] = sp_str_dup(arena, sp_str_of(real)).ptr;
        if (!launch->files[i])
            return cli_fail(options, (sp_err_memory(&err), &err));
    }
    return CLI_OK;
}

static cli_exit read_directory(const cli_options *options, sp_arena *arena, sp_launch *launch)
{
    char real[PATH_MAX];
    sp_err err;
    const char *directory = options->directory ? options->directory : ".";
    if (!realpath(directory, real) || access(real, R_OK | X_OK) != 0) {
        sp_err_set(&err, SP_ERR_INPUT, "%s is not a directory that can be read", directory);
        return cli_fail(options, &err);
    }
    launch->directory = sp_str_dup(arena, sp_str_of(real));
    if (launch->directory.ptr)
        return CLI_OK;
    sp_err_memory(&err);
    return cli_fail(options, &err);
}

/* What no client could do; what one cannot, sp_launch_check says. */
static cli_exit check_combination(const cli_options *options)
{
    if (options->as_session && !options->agent)
        return cli_usage_error(options, "--as=session needs --agent NAME");
    if (options->touched.count >= SP_LAUNCH_MAX_FILES)
        return cli_usage_error(options, "capture takes at most %d --touch", SP_LAUNCH_MAX_FILES - 1);
    if (options->interactive && !options->screen.input_is_terminal)
        return cli_usage_error(options, "--interactive needs a terminal");
    return CLI_OK;
}

cli_exit cli_read_launch(const cli_options *options, sp_launch *launch)
{
    size_t port, seconds;
    *launch = (sp_launch){ .variables = (const char *const *)sp_environment() };
    cli_exit code = read_operands(options, launch);
    if (code == CLI_OK)
        code = read_number(options, "port", options->port, 65535, &port);
    if (code == CLI_OK)
        code = read_number(options, "timeout", options->timeout, MAX_TIMEOUT_S, &seconds);
    if (code != CLI_OK)
        return code;
    launch->port = (uint16_t)port;
    launch->timeout_ms = (int)seconds * 1000;
    return CLI_OK;
}

/* The client's home is that of its environment, and --home is that of the prediction. */
static cli_exit check_home(const cli_options *options)
{
    char asked[PATH_MAX], own[PATH_MAX];
    const char *home = getenv("HOME");
    if (!options->home || !cli_is_given(options, "home"))
        return CLI_OK;
    if (!options->own_config)
        return cli_usage_error(options, "--home needs --own-config: without it the client starts with an empty home "
                                        "directory, and the prediction has the same one");
    if (home && realpath(home, own) && realpath(options->home, asked) && strcmp(own, asked) == 0)
        return CLI_OK;
    return cli_usage_error(options,
                           "--own-config runs the client with the home directory %s, and --home names %s; set HOME to "
                           "that directory, or omit --home",
                           home ? home : "of the system", options->home);
}

static cli_exit read_options(const cli_options *options, sp_arena *arena, sp_launch *launch)
{
    cli_exit code = cli_read_launch(options, launch);
    launch->agent = options->agent;
    launch->as_session = options->as_session;
    launch->is_interactive = options->interactive;
    launch->own_config = options->own_config;
    launch->project_hooks = options->project_hooks;
    if (code == CLI_OK)
        code = check_combination(options);
    if (code == CLI_OK)
        code = check_home(options);
    if (code == CLI_OK)
        code = read_directory(options, arena, launch);
    return code == CLI_OK ? read_touched(options, arena, launch) : code;
}

/* ---- the question ---------------------------------------------------------------------------------------------- */

static cli_exit say(const cli_options *options, sp_buf *text)
{
    sp_err err;
    cli_exit code =
        text->failed ? cli_fail(options, (sp_err_memory(&err), &err)) : cli_write_stderr(options, text->ptr, text->len);
    sp_buf_release(text);
    return code;
}

/* Text of others, such as a path in their archive, as messages show it. */
static void add_escaped(sp_buf *out, const char *before, sp_str foreign)
{
    char *text;
    size_t len;
    sp_err err;
    out->failed = out->failed || sp_text_escape(foreign, &text, &len, &err) != SP_OK;
    if (out->failed)
        return;
    sp_buf_format(out, "%s%.*s", before, (int)len, text);
    free(text);
}

static void add_paths(sp_buf *out, sp_str_list paths)
{
    for (size_t i = 0; i < paths.count; i++) {
        add_escaped(out, "  ", paths.items[i]);
        sp_buf_add(out, SP_STR("\n"));
    }
}

/* Says no more than was looked at: a client may read other files, too. */
static void add_files(sp_buf *out, const sp_hook_files *files, const char *whose, const char *where)
{
    if (files->looked_for.count == 0) {
        sp_buf_format(out, "which files %s name some is not known\n", whose);
        return;
    }
    if (files->found.count > 0)
        sp_buf_format(out, "these files %s may name some:\n", whose);
    else
        sp_buf_format(out, "none of these files %s, which may name some, was found%s:\n", whose, where);
    add_paths(out, files->found.count > 0 ? files->found : files->looked_for);
}

static void describe(sp_buf *out, const sp_launch *launch, sp_str program, const sp_hook_files *own,
                     const sp_hook_files *hooks)
{
    add_escaped(out, "capture runs ", program);
    add_escaped(out, " in ", launch->directory);
    sp_buf_add(out, SP_STR("\n"));
    if (launch->own_config) {
        sp_buf_add(out,
                   launch->project_hooks
                       ? SP_STR("with your home directory and environment: hooks, plugins and MCP servers that you "
                                "configured start\n")
                       : SP_STR("with your home directory and environment; where the client has a switch, hooks, "
                                "plugins and MCP servers start with --project-hooks only, yours too\n"));
        add_files(out, own, "of yours", "");
    }
    if (launch->project_hooks) {
        sp_buf_add(out, SP_STR("with the project's hooks and MCP servers\n"));
        add_files(out, hooks, "of the project", " here or in a directory above");
    }
}

/* A line that begins with y or Y. */
static bool is_yes(void)
{
    char answer = 'n', c;
    bool is_first = true;
    while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
        answer = is_first ? c : answer;
        is_first = false;
    }
    return answer == 'y' || answer == 'Y';
}

static cli_exit ask(const cli_options *options, sp_arena *arena, const sp_launch *launch, sp_str program)
{
    sp_hook_files hooks;
    sp_hook_files own;
    sp_buf text = { 0 };
    sp_err err;
    if (!launch->own_config && !launch->project_hooks)
        return CLI_OK;
    if (sp_launch_hooks(arena, launch, &hooks, &err) != SP_OK ||
        sp_launch_own_hooks(arena, launch, &own, &err) != SP_OK)
        return cli_fail(options, &err);
    describe(&text, launch, program, &own, &hooks);
    if (!options->yes && options->screen.input_is_terminal)
        sp_buf_add(&text, SP_STR("Run it? [y/N] "));
    cli_exit code = say(options, &text);
    if (code != CLI_OK || options->yes)
        return code;
    if (options->screen.input_is_terminal && is_yes())
        return CLI_OK;
    sp_err_set(&err, SP_ERR_USAGE,
               options->screen.input_is_terminal
                   ? "not run"
                   : "cannot ask whether to run it, as standard input is not a terminal; add --yes");
    return cli_fail(options, &err);
}

/* ---- why it failed ----------------------------------------------------------------------------------------------- */

/* Without the escape sequences of a terminal. */
static sp_str without_colors(sp_arena *arena, sp_str line)
{
    sp_buf out = { 0 };
    sp_buf_add(&out, SP_STR(""));
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] != '\x1b') {
            sp_buf_add_char(&out, line.ptr[i]);
            continue;
        }
        while (i + 1 < line.len && !((line.ptr[i + 1] | 32) >= 'a' && (line.ptr[i + 1] | 32) <= 'z'))
            i++;
        i++;
    }
    return sp_buf_move(&out, arena);
}

/* The last line that it wrote, for a message; ptr NULL when memory is short. */
static sp_str last_line(sp_arena *arena, sp_str output)
{
    enum { SHOWN_BYTES = 300 };
    sp_str text = sp_str_trim(without_colors(arena, output));
    size_t begin = text.len;
    while (begin > 0 && text.ptr[begin - 1] != '\n')
        begin--;
    sp_str line = sp_str_slice(text, begin, text.len);
    return line.len > SHOWN_BYTES ? sp_str_slice(line, 0, SHOWN_BYTES) : line;
}

static bool mentions(sp_str output, const char *const *words)
{
    for (; *words; words++)
        for (size_t at = 0; at + strlen(*words) <= output.len; at++)
            if (sp_str_eq_nocase(sp_str_slice(output, at, at + strlen(*words)), sp_str_of(*words)))
                return true;
    return false;
}

/* A remedy, as far as what it wrote lets us guess one. */
static const char *remedy(sp_str output)
{
    static const char *const login[] = { "log in", "login", "sign in", "authenticat", "api key", NULL };
    static const char *const trust[] = { "trust", NULL };
    if (mentions(output, login))
        return "; it seems to want a login: --own-config runs it with yours";
    if (mentions(output, trust))
        return "; it seems to want the directory to be trusted: --interactive lets you answer it";
    return "; --interactive shows all of it";
}

static const char *name_of(const sp_launch *launch)
{
    return launch->driver ? launch->driver->title : launch->command[0];
}

enum { HOW_BYTES = 64 };

static void tell_end(const sp_launched *launched, char how[HOW_BYTES])
{
    if (!launched->has_ended)
        snprintf(how, HOW_BYTES, "was ended");
    else if (WIFSIGNALED(launched->wait_status))
        snprintf(how, HOW_BYTES, "was ended by signal %d", WTERMSIG(launched->wait_status));
    else
        snprintf(how, HOW_BYTES, "ended with code %d", WEXITSTATUS(launched->wait_status));
}

static void explain_end(const sp_launch *launch, const sp_launched *launched, sp_arena *arena, sp_err *err)
{
    char how[HOW_BYTES];
    sp_str line = last_line(arena, launched->record.output);
    if (!line.ptr) {
        sp_err_memory(err);
        return;
    }
    tell_end(launched, how);
    if (line.len > 0)
        sp_err_set(err, SP_ERR_INPUT, "%s %s without a request to a model; its last line: \"%.*s\"%s", name_of(launch),
                   how, SP_STR_ARG(line), remedy(launched->record.output));
    else
        sp_err_set(err, SP_ERR_INPUT, "%s %s without a request to a model, and wrote nothing", name_of(launch), how);
}

/* Its session has tools, and other requests have none. */
static void explain_without_tools(const sp_launch *launch, const sp_record *record, sp_err *err)
{
    sp_err_set(err, SP_ERR_INPUT,
               "%s sent %zu request%s to a model, but none with tools, as a session's first request has%s",
               name_of(launch), record->models, record->models == 1 ? "" : "s",
               launch->as_session ? "; a session as an agent without tools cannot be recorded" : "");
}

static void explain_agent(const sp_launch *launch, const sp_record *record, sp_err *err)
{
    if (record->lacks_tool)
        sp_err_set(err, SP_ERR_INPUT, "%s offers the model no tool that starts an agent", name_of(launch));
    else
        sp_err_set(err, SP_ERR_INPUT, "%s did not start the agent %s; %s", name_of(launch), launch->agent,
                   launch->driver->agent_hint ? launch->driver->agent_hint : "sysprompt list shows the agents it has");
}

static void explain_limit(const sp_launch *launch, const sp_record *record, sp_err *err)
{
    const sp_record_limits *limits = &sp_record_default_limits;
    if (record->end == SP_RECORD_TOO_LARGE)
        sp_err_set(err, SP_ERR_INPUT, "%s sent a request over the limit of %zu MiB", name_of(launch),
                   limits->max_body_bytes >> 20);
    else
        sp_err_set(err, SP_ERR_INPUT, "%s sent more than %zu requests or %zu MiB", name_of(launch),
                   limits->max_requests, limits->max_bytes >> 20);
}

/* In seconds. */
static int timeout_of(const sp_launch *launch)
{
    return (launch->timeout_ms ? launch->timeout_ms : sp_record_default_limits.timeout_ms) / 1000;
}

static void explain_timeout(const sp_launch *launch, const sp_record *record, sp_err *err)
{
    sp_err_set(err, SP_ERR_INPUT, "%s %s within %d seconds; --timeout gives it more", name_of(launch),
               record->connections ? "sent no request to a model" : "did not connect", timeout_of(launch));
}

static void explain_exec(const sp_launch *launch, const sp_launched *launched, sp_err *err)
{
    const char *why = launched->exec_error == ENOEXEC
                          ? "it is neither a program for this system nor a script that names its interpreter"
                      : launched->exec_error == ENOENT ? "the interpreter that it names is missing"
                                                       : sp_error_text(launched->exec_error);
    if (launch->driver)
        sp_err_set(err, SP_ERR_INPUT,
                   "cannot run %.*s: %s; install %s again, or name its program: sysprompt capture %s -- PATH",
                   SP_STR_ARG(launched->program), why, launch->driver->title, launch->driver->client);
    else
        sp_err_set(err, SP_ERR_INPUT, "cannot run %.*s: %s", SP_STR_ARG(launched->program), why);
}

void cli_explain_launch(const sp_launch *launch, const sp_launched *launched, sp_arena *arena, sp_err *err)
{
    const sp_record *record = &launched->record;
    bool is_limit = record->end == SP_RECORD_TOO_LARGE || record->end == SP_RECORD_TOO_MANY;
    if (launched->exec_error)
        explain_exec(launch, launched, err);
    else if (is_limit)
        explain_limit(launch, record, err);
    else if (record->garbled && record->exchanges.count == 0)
        sp_err_set(err, SP_ERR_INPUT, "%s sent something that is not an HTTP request: it %s", name_of(launch),
                   record->problem);
    else if (record->end == SP_RECORD_TIMEOUT)
        explain_timeout(launch, record, err);
    else if (launch->agent && !launch->as_session && record->exchanges.count > 0)
        explain_agent(launch, record, err);
    else if (record->models > 0)
        explain_without_tools(launch, record, err);
    else
        explain_end(launch, launched, arena, err);
}

/* ---- running ------------------------------------------------------------ */

sp_status cli_open_launched(sp_arena *arena, const sp_launch *launch, const sp_launched *launched, sp_profile **ret,
                            sp_err *err)
{
    const char *client = launch->driver ? launch->driver->client : NULL;
    if (!client)
        return sp_profile_open((sp_str){ 0 }, ret, err);
    if (launched->version.ptr) {
        sp_str name = sp_str_format(arena, "%s@%.*s", client, SP_STR_ARG(launched->version));
        if (!name.ptr)
            return sp_err_memory(err);
        if (sp_profile_open(name, ret, err) == SP_OK)
            return SP_OK;
    }
    return sp_profile_open(sp_str_of(client), ret, err);
}

/* What the request is compared with. It is opened before the client runs, so that a mistake is told first. */
typedef struct forecast {
    cli_lenders lenders;
    sp_request request;
} forecast;

/* An agent that comes with the client, or that no profile looks up, is in no file: the rest of its request is. */
static cli_exit check_agent(const cli_options *options, const sp_capture_request *wanted, sp_request *request)
{
    sp_captured *captured = NULL;
    sp_err err;
    if (!request->agent)
        return CLI_OK;
    sp_status status = sp_capture_build(wanted, &captured, &err);
    sp_captured_free(captured);
    if (status == SP_OK)
        return CLI_OK;
    if (status == SP_ERR_NO_MEMORY)
        return cli_fail(options, &err);
    request->agent = NULL;
    return cli_note(options, "the agent's own prompt counts as the client's text: %s", err.message);
}

/* How it ended after it was recorded, where that was not well; how has room for it. One that goes on after the answer
 * and is ended by us did well. */
static sp_str bad_end(const sp_launch *launch, const sp_launched *launched, char how[HOW_BYTES])
{
    sp_record_end end = launched->record.end;
    if (end == SP_RECORD_TIMEOUT)
        snprintf(how, HOW_BYTES, "did not end within %d seconds", timeout_of(launch));
    else if (end == SP_RECORD_TOO_LARGE || end == SP_RECORD_TOO_MANY)
        snprintf(how, HOW_BYTES, "sent more than is recorded");
    else if (launched->has_ended && launched->wait_status != 0)
        tell_end(launched, how);
    else
        return (sp_str){ 0 };
    return sp_str_of(how);
}

/* What was recorded, beside the files that the client could read. */
static cli_exit show(const cli_options *options, const sp_launch *launch, const sp_launched *launched,
                     sp_request *request)
{
    char how[HOW_BYTES];
    const sp_driver *driver = launch->driver;
    const sp_sender sender = { .client = driver ? sp_str_of(driver->client) : (sp_str){ 0 },
                               .version = driver ? launched->version : (sp_str){ 0 },
                               .ended = bad_end(launch, launched, how),
                               .agent = sp_str_of(launch->agent),
                               .as_session = launch->as_session };
    sp_capture_request wanted = { .request = request,
                                  .path = sp_str_of(launch->driver ? launch->driver->client : launch->command[0]),
                                  .exchanges = &launched->record.exchanges,
                                  .sender = &sender,
                                  .exchange = launched->record.wanted + 1,
                                  .with_client_text = options->client_text };
    cli_exit code = check_agent(options, &wanted, request);
    if (code != CLI_OK)
        return code;
    return cli_report_exchanges(options, &wanted);
}

/* The options without --profile are those of the client, in the version that ran. */
static cli_exit predict(const cli_options *options, sp_arena *arena, const sp_launch *launch,
                        const sp_launched *launched, forecast *f)
{
    sp_request *request = &f->request;
    sp_err err;
    cli_exit code = CLI_OK;
    if (!options->home)
        request->home_dir = launched->home.ptr;
    sp_profile *profile = NULL;
    /* That of sysprompt.yaml may be another client's, or of another version. */
    if (!cli_is_given(options, "profile") && cli_open_launched(arena, launch, launched, &profile, &err) != SP_OK)
        code = cli_fail(options, &err);
    if (profile)
        request->profile = profile;
    if (code == CLI_OK && options->texts && strcmp(options->texts, "learned") == 0 && launched->version.ptr) {
        request->texts_dir = sp_str_format(arena, "learned@%.*s", SP_STR_ARG(launched->version)).ptr;
        code = request->texts_dir ? CLI_OK : cli_fail(options, (sp_err_memory(&err), &err));
    }
    if (code == CLI_OK)
        code = show(options, launch, launched, request);
    sp_profile_free(profile);
    return code;
}

cli_exit cli_note_network(const cli_options *options, const sp_launched *launched)
{
    if (!launched->has_started || launched->is_offline)
        return CLI_OK;
    return cli_note(options, "network access was not blocked: this system permits no network namespace");
}

static cli_exit finish(const cli_options *options, sp_arena *arena, const sp_launch *launch,
                       const sp_launched *launched, forecast *f)
{
    const sp_record *record = &launched->record;
    sp_str version = launch->driver ? launched->version : (sp_str){ 0 }; /* a command may tell that of a library */
    sp_err err;
    if (record->wanted == SIZE_MAX) {
        cli_explain_launch(launch, launched, arena, &err);
        return cli_fail(options, &err);
    }
    cli_exit code =
        cli_note(options, "%s%s%.*s: %zu request%s, %zu of them to a model, in %.1f seconds", name_of(launch),
                 version.len ? " " : "", SP_STR_ARG(version), record->exchanges.count,
                 record->exchanges.count == 1 ? "" : "s", record->models, (double)record->elapsed_ms / 1000);
    return code == CLI_OK ? predict(options, arena, launch, launched, f) : code;
}

/* ---- before it runs ------------------------------------------------------------ */

static cli_exit foresee(const cli_options *options, const sp_launch *launch, forecast *ret)
{
    const char *home = getenv("HOME");
    cli_options with = *options;
    if (!options->home) /* else the client starts with an empty one */
        with.home = launch->own_config && home ? home : "";
    ret->request = (sp_request){ .agent = options->agent,
                                 .texts_dir = options->texts,
                                 /* The client will read the directory on this machine. */
                                 .is_directory_order = options->order != 0 || !cli_is_given(options, "order"),
                                 .touched_files = options->touched.items,
                                 .touched_file_count = options->touched.count,
                                 .allow_external_imports = options->external_imports != 0 };
    return cli_fill_request(&with, &ret->request, &ret->lenders);
}

static bool names_file(const char *agent)
{
    struct stat info;
    return sp_str_ends(sp_str_of(agent), SP_STR(".md")) || (stat(agent, &info) == 0 && S_ISREG(info.st_mode));
}

/* The name and the file of the agent that request->agent leads to; both live in arena. */
static sp_status find_agent(sp_arena *arena, const sp_request *request, sp_str *ret_name, sp_str *ret_file, sp_err *err)
{
    sp_prompt *prompt = NULL;
    SP_TRY(sp_prompt_build(request, &prompt, err));
    const sp_agent *agent = prompt->agent;
    bool has_file = agent && agent->source < prompt->source_count;
    *ret_name = sp_str_dup(arena, agent && agent->name.ptr ? agent->name : SP_STR(""));
    *ret_file = sp_str_dup(arena, has_file ? prompt->sources[agent->source].real_path : SP_STR(""));
    sp_prompt_free(prompt);
    return ret_name->ptr && ret_file->ptr ? SP_OK : sp_err_memory(err);
}

/* A client knows its agents by their names alone: the name by which it finds that file. */
static sp_status name_agent(sp_arena *arena, sp_launch *launch, const sp_request *given, sp_err *err)
{
    const char *path = launch->agent;
    sp_request request = *given;
    sp_str name, file, found_name, found = { 0 };
    SP_TRY(find_agent(arena, &request, &name, &file, err));
    if (name.len == 0)
        return sp_err_set(err, SP_ERR_INPUT, "%s has no name, by which %s could be asked for it; add name: to it", path,
                          launch->driver->title);
    launch->agent = request.agent = name.ptr;
    sp_status status = find_agent(arena, &request, &found_name, &found, err);
    if (status == SP_ERR_NO_MEMORY || (status == SP_OK && sp_str_eq(found, file)))
        return status;
    if (status != SP_OK)
        return sp_err_set(err, SP_ERR_INPUT, "%s finds no agent %s here, as %s is not where it looks for agents",
                          launch->driver->title, name.ptr, path);
    return sp_err_set(err, SP_ERR_INPUT, "the agent %s that %s finds here is %.*s, not %s", name.ptr,
                      launch->driver->title, SP_STR_ARG(found), path);
}

static cli_exit take_agent(const cli_options *options, sp_arena *arena, sp_launch *launch, forecast *f)
{
    const sp_launched unknown = { .version = { NULL, 0 } };
    sp_profile *profile = NULL;
    sp_err err;
    if (!launch->agent || !launch->driver || !names_file(launch->agent))
        return CLI_OK;
    sp_request request = f->request;
    sp_status status = SP_OK;
    if (!cli_is_given(options, "profile"))
        status = cli_open_launched(arena, launch, &unknown, &profile, &err);
    if (profile)
        request.profile = profile;
    if (status == SP_OK)
        status = name_agent(arena, launch, &request, &err);
    sp_profile_free(profile);
    return status == SP_OK ? CLI_OK : cli_fail(options, &err);
}

/* ---- one client ------------------------------------------------------------ */

static cli_exit run(const cli_options *options, sp_arena *arena, sp_launch *launch, forecast *f)
{
    sp_launched launched = { 0 };
    sp_err err;
    bool has_failed = false;
    char *cache = cli_cache_dir(&has_failed);
    launch->cache = cache;
    sp_status status = has_failed ? sp_err_memory(&err) : sp_launch_run(arena, launch, &launched, &err);
    free(cache);
    cli_exit code = cli_note_network(options, &launched);
    if (status != SP_OK)
        return cli_fail(options, &err);
    return code == CLI_OK ? finish(options, arena, launch, &launched, f) : code;
}

static cli_exit capture_one(const cli_options *options, sp_arena *arena, sp_launch *launch)
{
    sp_str program;
    sp_err err;
    forecast f = { .lenders = { .models = NULL } };
    if (sp_launch_find(arena, launch, &program, &err) != SP_OK || sp_launch_check(launch, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = foresee(options, launch, &f);
    if (code == CLI_OK)
        code = take_agent(options, arena, launch, &f);
    if (code == CLI_OK)
        code = ask(options, arena, launch, program);
    if (code == CLI_OK)
        code = run(options, arena, launch, &f);
    cli_close_lenders(&f.lenders);
    return code;
}

/* ---- all that are installed ------------------------------------------------------------ */

static cli_exit check_all(const cli_options *options)
{
    const char *alone = options->json ? "--json" : options->agent ? "--agent" : NULL;
    alone = !alone && options->save ? "--save" : alone;
    alone = !alone && options->map ? "--map" : alone;
    alone = !alone && options->request ? "--request" : alone;
    alone = !alone && options->interactive ? "--interactive" : alone;
    alone = !alone && options->port ? "--port" : alone;
    return alone ? cli_usage_error(options, "%s needs one client: sysprompt capture CLIENT %s", alone, alone) : CLI_OK;
}

/* Records it. What keeps it from that is told in the report, too, as messages come before all of that. */
static cli_exit capture_or_tell(const cli_options *options, sp_arena *arena, sp_launch *launch)
{
    sp_err *failure = &options->document->failure;
    sp_err first = *failure;
    *failure = (sp_err){ .status = SP_OK };
    cli_exit code = capture_one(options, arena, launch);
    if (failure->status != SP_OK) {
        add_escaped(options->collected, *failure->path ? "not recorded: " : "", sp_str_of(failure->path));
        add_escaped(options->collected, *failure->path ? ": " : "not recorded: ", sp_str_of(failure->message));
        sp_buf_add(options->collected, SP_STR("\n"));
    }
    if (first.status != SP_OK)
        *failure = first;
    return code;
}

/* One client that fails, or differs from its prediction, keeps none of the others back. */
static cli_exit capture_each(const cli_options *options, sp_arena *arena, sp_launch *launch, size_t *ret_found)
{
    cli_exit worst = CLI_OK;
    for (size_t i = 0; i < sp_driver_count && worst != CLI_SYSTEM; i++) {
        sp_str program;
        sp_err err;
        launch->driver = &sp_drivers[i];
        sp_status status = sp_launch_find(arena, launch, &program, &err);
        if (status == SP_ERR_NO_MEMORY)
            return cli_fail(options, &err);
        if (status != SP_OK)
            continue;
        sp_buf_format(options->collected, "\n== %s ==\n\n", launch->driver->title);
        options->shares->client = sp_str_of(launch->driver->title);
        cli_exit code = capture_or_tell(options, arena, launch);
        worst = code > worst ? code : worst;
        ++*ret_found;
    }
    return worst;
}

/* The table of all, then each. */
static cli_exit write_all(const cli_options *options, const cli_shares *shares, const sp_buf *collected)
{
    sp_buf out = { 0 };
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    if (shares->rows.count > 0)
        sp_capture_shares_add(&out, shares->rows.items, shares->rows.count, &style);
    if (shares->rows.count > 0)
        sp_buf_add(&out, SP_STR("\nsysprompt capture CLIENT lists the tools, too.\n"));
    sp_buf_add(&out, sp_buf_str(collected));
    cli_exit code = out.failed || collected->failed ? cli_fail(options, (sp_err_memory(&err), &err))
                                                    : cli_write(options, options->output, out.ptr, out.len);
    sp_buf_release(&out);
    return code;
}

static cli_exit capture_all(const cli_options *options, sp_arena *arena, sp_launch *launch)
{
    cli_options with = *options;
    sp_buf collected = { 0 };
    cli_shares shares = { .arena = arena };
    size_t found = 0;
    cli_exit code = check_all(options);
    with.collected = &collected;
    with.shares = &shares;
    if (code == CLI_OK)
        code = capture_each(&with, arena, launch, &found);
    if (code == CLI_OK && found == 0)
        code =
            cli_usage_error(options, "no client that capture knows is in PATH; name a command after --, or a file of "
                                     "recorded requests with --from");
    cli_exit written = found > 0 && code != CLI_SYSTEM ? write_all(options, &shares, &collected) : CLI_OK;
    sp_buf_release(&collected);
    return written > code ? written : code;
}

cli_exit cli_capture_client(const cli_options *options)
{
    sp_arena arena = { 0 };
    sp_launch launch;
    cli_exit code = read_options(options, &arena, &launch);
    bool is_one = launch.driver || launch.command_count;
    if (code == CLI_OK)
        code = is_one ? capture_one(options, &arena, &launch) : capture_all(options, &arena, &launch);
    sp_arena_release(&arena);
    return code;
}
