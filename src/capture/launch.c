/* launch.c - what a client is started with: templates of its driver, filled in for this run. */
#include "capture/launch.h"
#include "base/base.h"
#include "base/cache.h"
#include "base/file.h"
#include "base/json.h"
#include "base/parse_json.h"
#include "base/sandbox.h"
#include "base/types.h"
#include "capture/drivers.h"
#include "capture/recorder.h"
#include "capture/replies.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Part of every session's and every agent's first message, and of nothing else. */
static const sp_str session_mark = { "sysprompt capture: answer ok", 28 };
static const sp_str agent_mark = { "sysprompt agent capture: answer ok", 34 };

/* Long enough for clients that look at a key's form; the same each time, so that requests are. */
static const char dummy_key[] = "sk-ant-sysprompt-capture-dummy-key-000000000000000000000000";
enum { KEY_END = 20 }; /* how much of a key Claude Code remembers */

/* Of the caller's variables a client in a scratch home gets these. */
static const char *const passed_on[] = { "PATH",  "LANG", "LC_ALL",  "LC_CTYPE", "TERM", "COLORTERM",
                                         "SHELL", "USER", "LOGNAME", "TMPDIR",   "TZ" };

typedef sp_list(const char *) string_list;

typedef struct launching {
    sp_arena *arena;
    const sp_launch *launch;
    sp_launched *ret;
    char scratch[PATH_MAX]; /* "": not made */
    sp_str prefix;          /* "/TOKEN" */
    sp_str url;
    sp_sandbox sandbox;
    string_list environment;
    string_list arguments;
    sp_step steps[3];
    sp_tool_call agent_calls[SP_DRIVER_MAX_CALLS];
    sp_tool_call wait_calls[SP_DRIVER_MAX_CALLS];
    sp_tool_call read_calls[SP_DRIVER_MAX_CALLS];
    sp_err *err;
} launching;

/* ---- templates -------------------------------------------------------------------------------------------- */

static sp_str value_of(const launching *l, sp_str name)
{
    const sp_launch *launch = l->launch;
    const struct {
        sp_str name;
        sp_str value;
    } values[] = {
        { SP_STR("url"), l->url },
        { SP_STR("url/v1"), sp_str_format(l->arena, "%.*s/v1", SP_STR_ARG(l->url)) },
        { SP_STR("key"), SP_STR(dummy_key) },
        { SP_STR("key_end"), sp_str_slice(SP_STR(dummy_key), sizeof dummy_key - 1 - KEY_END, sizeof dummy_key - 1) },
        { SP_STR("home"), l->ret->home },
        { SP_STR("scratch"), sp_str_of(l->scratch) },
        { SP_STR("directory"), launch->directory },
        { SP_STR("prompt"), session_mark },
        { SP_STR("agent_prompt"), agent_mark },
        { SP_STR("agent"), sp_str_of(launch->agent ? launch->agent : "") },
        { SP_STR("file"), sp_str_of(launch->file ? launch->file : "") },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (sp_str_eq(name, values[i].name))
            return values[i].value;
    return (sp_str){ 0 };
}

/* The template with its names replaced, as a string that ends in NUL; NULL when memory is short. A brace that begins no
 * name is a brace. */
static const char *fill(launching *l, const char *pattern)
{
    sp_buf out = { 0 };
    sp_str rest = sp_str_of(pattern);
    sp_buf_add(&out, SP_STR(""));
    for (size_t at = 0; at < rest.len;) {
        size_t end = rest.ptr[at] == '{' ? sp_str_find(rest, SP_STR("}"), at) : SIZE_MAX;
        bool is_quoted = end != SIZE_MAX && rest.ptr[at + 1] == '=';
        size_t begin = at + 1 + (is_quoted ? 1 : 0);
        sp_str value = { 0 };
        if (end != SIZE_MAX)
            value = value_of(l, sp_str_slice(rest, begin, end));
        sp_json json = { .out = &out };
        if (!value.ptr)
            sp_buf_add_char(&out, rest.ptr[at]);
        else if (is_quoted)
            sp_json_str(&json, NULL, value);
        else
            sp_buf_add(&out, value);
        at = value.ptr ? end + 1 : at + 1;
    }
    sp_buf_add_char(&out, '\0');
    return sp_buf_move(&out, l->arena).ptr;
}

static sp_status push(launching *l, string_list *list, const char *text)
{
    const char **slot = text ? SP_LIST_PUSH(l->arena, list) : NULL;
    if (!slot)
        return sp_err_memory(l->err);
    *slot = text;
    return SP_OK;
}

static sp_status push_all(launching *l, string_list *list, const char *const *patterns)
{
    for (; patterns && *patterns; patterns++)
        SP_TRY(push(l, list, fill(l, *patterns)));
    return SP_OK;
}

/* ---- arguments and environment ----------------------------------------------------------------------------- */

static bool has_same_name(const char *a, const char *b)
{
    const char *equals = strchr(a, '=');
    return equals && strncmp(a, b, (size_t)(equals - a) + 1) == 0;
}

/* Later ones replace earlier ones of the same name. */
static sp_status set_variable(launching *l, const char *variable)
{
    for (size_t i = 0; variable && i < l->environment.count; i++)
        if (has_same_name(variable, l->environment.items[i])) {
            l->environment.items[i] = variable;
            return SP_OK;
        }
    return push(l, &l->environment, variable);
}

static sp_status set_variables(launching *l, const char *const *patterns)
{
    for (; patterns && *patterns; patterns++)
        SP_TRY(set_variable(l, fill(l, *patterns)));
    return SP_OK;
}

static bool is_passed_on(const sp_launch *launch, const char *variable)
{
    bool is_passed = launch->own_config;
    for (size_t i = 0; i < SP_COUNT_OF(passed_on) && !is_passed; i++) {
        size_t len = strlen(passed_on[i]);
        is_passed = strncmp(variable, passed_on[i], len) == 0 && variable[len] == '=';
    }
    return is_passed;
}

static sp_status make_environment(launching *l)
{
    static const char *const calm_git[] = {
        "GIT_CONFIG_COUNT=3",
        "GIT_CONFIG_KEY_0=core.fsmonitor",
        "GIT_CONFIG_VALUE_0=false",
        "GIT_CONFIG_KEY_1=core.hooksPath",
        "GIT_CONFIG_VALUE_1=/dev/null",
        "GIT_CONFIG_KEY_2=core.pager",
        "GIT_CONFIG_VALUE_2=cat",
        "GIT_TERMINAL_PROMPT=0",
        NULL,
    };
    const sp_launch *launch = l->launch;
    SP_TRY(set_variable(l, "LANG=C.UTF-8"));
    SP_TRY(set_variable(l, "TERM=dumb"));
    for (const char *const *v = launch->variables; v && *v; v++)
        if (is_passed_on(launch, *v))
            SP_TRY(set_variable(l, *v));
    if (!launch->own_config)
        SP_TRY(set_variable(l, fill(l, "HOME={home}")));
    if (!launch->project_hooks)
        SP_TRY(set_variables(l, calm_git));
    SP_TRY(set_variables(l, launch->driver ? launch->driver->environment : sp_any_client_environment));
    if (launch->driver && !launch->project_hooks)
        SP_TRY(set_variables(l, launch->driver->alone_environment));
    SP_TRY(push(l, &l->environment, ""));
    l->environment.items[l->environment.count - 1] = NULL;
    return SP_OK;
}

/* Program, the user's arguments, the driver's: the last are those that must hold. */
static sp_status make_arguments(launching *l)
{
    const sp_launch *launch = l->launch;
    const sp_driver *driver = launch->driver;
    SP_TRY(push(l, &l->arguments, launch->command_count ? launch->command[0] : driver->program));
    for (size_t i = 1; i < launch->command_count; i++)
        SP_TRY(push(l, &l->arguments, launch->command[i]));
    if (driver) {
        SP_TRY(push_all(l, &l->arguments, driver->arguments));
        SP_TRY(push_all(l, &l->arguments, launch->project_hooks ? NULL : driver->alone));
        SP_TRY(push_all(l, &l->arguments, launch->as_session ? driver->as_agent : NULL));
        SP_TRY(push_all(l, &l->arguments, launch->is_interactive ? NULL : driver->asked));
    }
    SP_TRY(push(l, &l->arguments, ""));
    l->arguments.items[l->arguments.count - 1] = NULL;
    return SP_OK;
}

/* ---- the program --------------------------------------------------------------------------------------------- */

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

static sp_str path_variable(const sp_launch *launch)
{
    for (const char *const *v = launch->variables; v && *v; v++)
        if (strncmp(*v, "PATH=", 5) == 0)
            return sp_str_of(*v + 5);
    return SP_STR("/usr/local/bin:/usr/bin:/bin");
}

/* Looked up in the absolute directories of PATH alone: a relative one could be the project's. ret->ptr NULL: not there.
 */
static sp_status find_in_path(sp_arena *arena, const sp_launch *launch, const char *name, sp_str *ret, sp_err *err)
{
    sp_str path = path_variable(launch);
    for (size_t begin = 0; begin <= path.len;) {
        size_t end = sp_str_find(path, SP_STR(":"), begin);
        end = end == SIZE_MAX ? path.len : end;
        sp_str directory = sp_str_slice(path, begin, end);
        begin = end + 1;
        if (directory.len == 0 || directory.ptr[0] != '/')
            continue;
        *ret = sp_path_append(arena, directory, sp_str_of(name));
        if (!ret->ptr)
            return sp_err_memory(err);
        if (is_program(ret->ptr))
            return SP_OK;
    }
    *ret = (sp_str){ 0 };
    return SP_OK;
}

sp_status sp_launch_find(sp_arena *arena, const sp_launch *launch, sp_str *ret, sp_err *err)
{
    const char *name = launch->command_count ? launch->command[0] : launch->driver->program;
    *ret = (sp_str){ 0 };
    if (strchr(name, '/')) {
        char real[PATH_MAX];
        *ret = sp_str_dup(arena, sp_str_of(realpath(name, real) ? real : name));
        if (!ret->ptr)
            return sp_err_memory(err);
        if (is_program(ret->ptr))
            return SP_OK;
        return sp_err_set(err, SP_ERR_INPUT, "%s is not a program that can be run", name);
    }
    SP_TRY(find_in_path(arena, launch, name, ret, err));
    if (ret->ptr)
        return SP_OK;
    if (!launch->driver)
        return sp_err_set(err, SP_ERR_INPUT, "there is no program %s in PATH", name);
    return sp_err_set(err, SP_ERR_INPUT,
                      "%s is not installed: there is no program %s in PATH; install it, or name it: "
                      "sysprompt capture %s -- PATH",
                      launch->driver->title, name, launch->driver->client);
}

/* ---- the project's programs ------------------------------------------------------------------------------------ */

static sp_status look(launching *l, sp_str path, sp_file *ret)
{
    sp_read_limits limits = { .max_bytes = (uint64_t)1 << 20 };
    return sp_reader_read(&sp_reader_disk, l->arena, path, limits, ret, l->err);
}

/* The launch directory and those above it, up to the root of the repository: *directory becomes the next. */
static bool climb(sp_str *directory)
{
    char git[4096];
    struct stat info;
    int len = snprintf(git, sizeof git, "%.*s/.git", SP_STR_ARG(*directory));
    bool is_root = len < 0 || (size_t)len >= sizeof git || lstat(git, &info) == 0;
    sp_str above = sp_path_folder(*directory);
    if (is_root || sp_str_eq(above, *directory))
        return false;
    *directory = above;
    return true;
}

sp_status sp_launch_hooks(sp_arena *arena, const sp_launch *launch, sp_str_list *ret, sp_err *err)
{
    sp_list(sp_str) found = { 0 };
    sp_str directory = launch->directory;
    do {
        for (const char *const *name = launch->driver ? launch->driver->runs : NULL; name && *name; name++) {
            sp_str path = sp_path_append(arena, directory, sp_str_of(*name));
            struct stat info;
            if (!path.ptr)
                return sp_err_memory(err);
            if (stat(path.ptr, &info) != 0)
                continue;
            sp_str *slot = SP_LIST_PUSH(arena, &found);
            if (!slot)
                return sp_err_memory(err);
            *slot = path;
        }
    } while (climb(&directory));
    *ret = (sp_str_list){ found.items, found.count };
    return SP_OK;
}

/* The member a/b of a JSON text, unless it is empty. A text that is not JSON, such as one with comments, may have it
 * where its last name is in it. */
static sp_status has_member(launching *l, sp_str text, sp_str path, bool *ret)
{
    sp_json_node *root;
    sp_json_problem problem;
    SP_TRY(sp_json_parse(l->arena, text, 64, &root, &problem, l->err));
    const sp_json_node *node = root;
    sp_str name = path;
    for (size_t begin = 0; begin <= path.len;) {
        size_t end = sp_str_find(path, SP_STR("/"), begin);
        end = end == SIZE_MAX ? path.len : end;
        name = sp_str_dup(l->arena, sp_str_slice(path, begin, end));
        if (!name.ptr)
            return sp_err_memory(l->err);
        node = sp_json_member(node, name.ptr);
        begin = end + 1;
    }
    bool has_children = node && (node->kind == SP_JSON_ARRAY || node->kind == SP_JSON_OBJECT);
    bool is_set = node && node->kind != SP_JSON_NULL && (has_children ? node->count > 0 : node->text.len > 0);
    *ret = is_set || (!root && sp_str_find(text, name, 0) != SIZE_MAX);
    return SP_OK;
}

static bool has_line(sp_str text, sp_str word)
{
    for (size_t at = 0; at < text.len; at = sp_line_end(text, at) + 1)
        if (sp_str_starts(sp_str_slice(text, at, text.len), word))
            return true;
    return false;
}

/* One file: a file of the project that cannot be read is none that the client reads. */
static sp_status file_has(launching *l, sp_str path, sp_str what, bool is_line, bool *ret)
{
    sp_file file;
    sp_status status = look(l, path, &file);
    *ret = status == SP_OK && file.state == SP_FILE_LARGE;
    if (status != SP_OK || file.state != SP_FILE_READ)
        return status == SP_ERR_NO_MEMORY ? status : SP_OK;
    if (!is_line)
        return has_member(l, file.bytes, what, ret);
    *ret = has_line(file.bytes, what);
    return SP_OK;
}

/* ret_path becomes the file of the directory that has such a line. */
static sp_status directory_has(launching *l, sp_str *ret_path, sp_str word, bool *ret)
{
    sp_listing listing;
    sp_str directory = *ret_path;
    sp_status status = sp_reader_list(&sp_reader_disk, l->arena, directory, (sp_read_limits){ 0 }, &listing, l->err);
    if (status != SP_OK || listing.state != SP_FILE_FOLDER)
        return status == SP_ERR_NO_MEMORY ? status : SP_OK;
    *ret = !word.ptr && listing.count > 0;
    for (size_t i = 0; word.ptr && i < listing.count && !*ret; i++) {
        *ret_path = sp_path_append(l->arena, directory, listing.entries[i].name);
        if (!ret_path->ptr)
            return sp_err_memory(l->err);
        SP_TRY(file_has(l, *ret_path, word, true, ret));
    }
    return SP_OK;
}

static sp_status refuse(launching *l, sp_str directory, sp_str row)
{
    bool only_agents = sp_str_starts(row, SP_STR("@"));
    row = sp_str_slice(row, only_agents ? 1 : 0, row.len);
    size_t colon = sp_str_find(row, SP_STR(":"), 0);
    sp_str what = { 0 };
    if (colon != SIZE_MAX)
        what = sp_str_slice(row, colon + 1, row.len);
    sp_str path = sp_path_join(l->arena, directory, sp_str_slice(row, 0, colon == SIZE_MAX ? row.len : colon));
    bool is_there = false;
    if (!path.ptr)
        return sp_err_memory(l->err);
    if (only_agents && !l->launch->agent)
        return SP_OK;
    if (what.ptr && row.ptr[colon - 1] != '/')
        SP_TRY(file_has(l, path, what, false, &is_there));
    else
        SP_TRY(directory_has(l, &path, what, &is_there));
    if (!is_there)
        return SP_OK;
    return sp_err_set(l->err, SP_ERR_INPUT,
                      "%.*s%s%.*s makes %s run programs of the project, and no option of it prevents that; "
                      "--project-hooks lets them run",
                      SP_STR_ARG(path), what.len ? ": " : "", SP_STR_ARG(what), l->launch->driver->title);
}

static sp_status refuse_project(launching *l)
{
    const sp_driver *driver = l->launch->driver;
    sp_str directory = l->launch->directory;
    if (!driver || !driver->refused || l->launch->project_hooks)
        return SP_OK;
    do {
        for (const char *const *row = driver->refused; *row; row++)
            SP_TRY(refuse(l, directory, sp_str_of(*row)));
    } while (climb(&directory));
    return SP_OK;
}

/* ---- the scratch directory --------------------------------------------------------------------------------------- */

static const char *temporary(void)
{
    const char *directory = getenv("TMPDIR");
    return directory && *directory == '/' ? directory : "/tmp";
}

/* Not with the temporary files, if that can be helped: clients ignore settings in directories that all may write to. */
static sp_status make_scratch(launching *l)
{
    char path[sizeof l->scratch];
    const char *above = l->launch->cache && sp_cache_make(l->launch->cache) ? l->launch->cache : temporary();
    int len = snprintf(path, sizeof path, "%s/capture-XXXXXX", above);
    if (len < 0 || (size_t)len >= sizeof path || !mkdtemp(path))
        return sp_err_set(l->err, SP_ERR_INPUT, "cannot make a directory in %s: %s", above, strerror(errno));
    memcpy(l->scratch, path, sizeof path);
    sp_str home = sp_str_format(l->arena, "%s/home", path);
    if (!home.ptr)
        return sp_err_memory(l->err);
    if (mkdir(home.ptr, 0700) != 0)
        return sp_err_set(l->err, SP_ERR_INPUT, "cannot make the directory %s: %s", home.ptr, strerror(errno));
    l->ret->home = home;
    for (const char *const *v = l->launch->variables; l->launch->own_config && v && *v; v++)
        if (strncmp(*v, "HOME=", 5) == 0)
            l->ret->home = sp_str_of(*v + 5);
    return SP_OK;
}

static sp_status write_files(launching *l, const sp_driver_file *files)
{
    for (; files && files->path; files++) {
        const char *path = fill(l, files->path);
        const char *text = fill(l, files->text);
        if (!path || !text)
            return sp_err_memory(l->err);
        sp_str folder = sp_str_dup(l->arena, sp_path_folder(sp_str_of(path)));
        if (!folder.ptr)
            return sp_err_memory(l->err);
        if (!sp_cache_write(folder.ptr, sp_path_base(sp_str_of(path)).ptr, sp_str_of(text)))
            return sp_err_set(l->err, SP_ERR_INPUT, "cannot write %s", path);
    }
    return SP_OK;
}

static sp_status prepare_files(launching *l)
{
    const sp_driver *driver = l->launch->driver;
    SP_TRY(make_scratch(l));
    if (!driver)
        return SP_OK;
    SP_TRY(write_files(l, l->launch->own_config ? NULL : driver->files));
    return write_files(l, l->launch->project_hooks ? NULL : driver->alone_files);
}

/* ---- the script -----------------------------------------------------------------------------------------------------
 */

static sp_status fill_calls(launching *l, const sp_driver_call *from, sp_tool_call *to, sp_step *ret)
{
    ret->calls = to;
    for (size_t i = 0; i < SP_DRIVER_MAX_CALLS && from[i].tool; i++, ret->count++) {
        to[i].tool = sp_str_of(fill(l, from[i].tool));
        to[i].arguments = sp_str_of(fill(l, from[i].arguments));
        if (!to[i].tool.ptr || !to[i].arguments.ptr)
            return sp_err_memory(l->err);
    }
    return SP_OK;
}

/* A subagent reads the file; without one the session does. */
static sp_status make_script(launching *l, sp_script *ret)
{
    const sp_launch *launch = l->launch;
    bool has_subagent = launch->driver && launch->agent && !launch->as_session;
    *ret = (sp_script){ .needs_tools = launch->driver != NULL };
    if (launch->driver && !launch->is_interactive)
        ret->session_mark = session_mark;
    if (has_subagent) {
        ret->agent_mark = agent_mark;
        SP_TRY(fill_calls(l, launch->driver->agent_calls, l->agent_calls, &l->steps[0]));
        SP_TRY(fill_calls(l, launch->driver->wait_calls, l->wait_calls, &l->steps[1]));
        ret->session = (sp_steps){ &l->steps[0], l->steps[1].count ? 2 : 1 };
    }
    if (launch->driver && launch->file) {
        SP_TRY(fill_calls(l, launch->driver->read_calls, l->read_calls, &l->steps[2]));
        *(has_subagent ? &ret->agent : &ret->session) = (sp_steps){ &l->steps[2], 1 };
    }
    return SP_OK;
}

static sp_status check_abilities(const launching *l)
{
    const sp_launch *launch = l->launch;
    const sp_driver *driver = launch->driver;
    if (!driver && (launch->agent || launch->file))
        return sp_err_set(l->err, SP_ERR_USAGE, "%s needs a client: sysprompt capture CLIENT -- COMMAND",
                          launch->agent ? "--agent" : "--touch");
    if (launch->as_session && !driver->as_agent)
        return sp_err_set(l->err, SP_ERR_USAGE, "%s cannot start a session as an agent; leave --as=session out",
                          driver->title);
    if (launch->agent && !launch->as_session && !driver->agent_calls[0].tool)
        return sp_err_set(l->err, SP_ERR_USAGE, "%s has no tool that starts an agent; leave --agent out",
                          driver->title);
    if (launch->file && !driver->read_calls[0].tool)
        return sp_err_set(l->err, SP_ERR_USAGE, "%s has no tool that reads a file; leave --touch out", driver->title);
    return SP_OK;
}

/* ---- running --------------------------------------------------------------------------------------------------------
 */

static sp_status make_address(launching *l)
{
    unsigned char chance[16];
    sp_buf token = { 0 };
    if (getentropy(chance, sizeof chance) != 0)
        return sp_err_set(l->err, SP_ERR_INPUT, "the system has no random numbers: %s", strerror(errno));
    SP_TRY(sp_sandbox_open(&l->sandbox, l->launch->port, l->err));
    sp_buf_add_char(&token, '/');
    for (size_t i = 0; i < sizeof chance; i++)
        sp_buf_format(&token, "%02x", chance[i]);
    l->prefix = sp_buf_move(&token, l->arena);
    l->url = l->prefix.ptr ? sp_str_format(l->arena, "http://127.0.0.1:%u%.*s", l->sandbox.port, SP_STR_ARG(l->prefix))
                           : (sp_str){ 0 };
    return l->url.ptr ? SP_OK : sp_err_memory(l->err);
}

/* The digits in "claude-cli/2.1.330 (external, cli)". */
static sp_str version_in(sp_str agent)
{
    size_t slash = agent.ptr ? sp_str_find(agent, SP_STR("/"), 0) : SIZE_MAX;
    size_t end = slash == SIZE_MAX ? 0 : slash + 1;
    while (end > 0 && end < agent.len && strchr("0123456789.", agent.ptr[end]))
        end++;
    sp_str none = { 0 };
    return slash == SIZE_MAX || end == slash + 1 ? none : sp_str_slice(agent, slash + 1, end);
}

static sp_status serve(launching *l, const sp_signals *signals)
{
    const sp_launch *launch = l->launch;
    sp_sandbox_plan plan = {
        .program = l->ret->program.ptr,
        .arguments = l->arguments.items,
        .environment = l->environment.items,
        .directory = launch->directory.ptr,
        .scratch = l->scratch,
        .has_terminal = launch->is_interactive,
        .has_input = !launch->driver,
        .has_network = launch->has_network,
    };
    sp_record_plan record = { .prefix = l->prefix, .limits = sp_record_default_limits, .signals = signals };
    SP_TRY(make_script(l, &record.script));
    record.limits.timeout_ms = launch->timeout_ms ? launch->timeout_ms : record.limits.timeout_ms;
    if (launch->is_interactive)
        record.limits.timeout_ms = 0;
    if (launch->is_interactive || !launch->driver)
        record.limits.linger_ms = -1;
    SP_TRY(sp_sandbox_start(&l->sandbox, &plan, l->err));
    l->ret->is_offline = l->sandbox.is_offline;
    sp_status status = sp_record_serve(l->arena, &l->sandbox, &record, &l->ret->record, l->err);
    l->ret->exec_error = l->sandbox.exec_error;
    l->ret->has_ended = l->sandbox.has_ended && !l->sandbox.exec_error;
    l->ret->wait_status = l->sandbox.wait_status;
    l->ret->version = l->launch->driver ? version_in(l->ret->record.agent) : (sp_str){ 0 };
    return status;
}

static sp_status run(launching *l, const sp_signals *signals)
{
    SP_TRY(check_abilities(l));
    SP_TRY(sp_launch_find(l->arena, l->launch, &l->ret->program, l->err));
    SP_TRY(refuse_project(l));
    SP_TRY(make_address(l));
    SP_TRY(prepare_files(l));
    SP_TRY(make_environment(l));
    SP_TRY(make_arguments(l));
    return serve(l, signals);
}

sp_status sp_launch_run(sp_arena *arena, const sp_launch *launch, sp_launched *ret, sp_err *err)
{
    launching l = { .arena = arena, .launch = launch, .ret = ret, .err = err };
    sp_signals signals;
    l.sandbox = (sp_sandbox){ .listener = -1, .output = -1, .control = -1 };
    *ret = (sp_launched){ .record = { .wanted = SIZE_MAX } };
    sp_signals_hold(&signals);
    sp_status status = run(&l, &signals);
    sp_sandbox_close(&l.sandbox);
    if (l.scratch[0])
        sp_remove_tree(l.scratch); /* where the supervisor did not, as it was never there */
    sp_signals_release(&signals, !launch->is_interactive);
    return status;
}
