/* launch.c - what a client is started with: templates of its driver, filled in for this run. */
#include "capture/launch.h"
#include "base/base.h"
#include "base/cache.h"
#include "base/file.h"
#include "base/json.h"
#include "base/parse_json.h"
#include "base/sandbox.h"
#include "base/system.h"
#include "base/types.h"
#include "capture/calm_git.h"
#include "capture/drivers.h"
#include "capture/recorder.h"
#include "capture/replies.h"
#include "rules/wording.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The prompts that tell requests of the session from those of the agent. Each run puts a number of its own after them,
 * as a project's files may quote any fixed text. */
static const char session_prompt[] = "sysprompt capture: answer ok";
static const char agent_prompt[] = "sysprompt agent capture: answer ok";
enum { RUN_DIGITS = 9 };

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
    sp_str session_mark;
    sp_str agent_mark;
    sp_sandbox sandbox;
    string_list environment;
    string_list arguments;
    const char *file; /* that {file} is */
    sp_step steps[2];
    sp_step reads[SP_LAUNCH_MAX_FILES];
    sp_tool_call agent_calls[SP_DRIVER_MAX_CALLS];
    sp_tool_call wait_calls[SP_DRIVER_MAX_CALLS];
    sp_tool_call read_calls[SP_LAUNCH_MAX_FILES][SP_DRIVER_MAX_CALLS];
    sp_err *err;
} launching;

/* ---- templates -------------------------------------------------------------------------------------------- */

/* False: there is no such name. ret->ptr NULL: memory is short. */
static bool value_of(const launching *l, sp_str name, sp_str *ret)
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
        { SP_STR("token"), sp_str_slice(l->prefix, l->prefix.len ? 1 : 0, l->prefix.len) },
        { SP_STR("directory"), launch->directory },
        { SP_STR("prompt"), l->session_mark },
        { SP_STR("agent_prompt"), l->agent_mark },
        { SP_STR("agent"), sp_str_of(launch->agent ? launch->agent : "") },
        { SP_STR("file"), sp_str_of(l->file ? l->file : "") },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (sp_str_eq(name, values[i].name))
            return *ret = values[i].value, true;
    return false;
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
        bool is_name = end != SIZE_MAX && value_of(l, sp_str_slice(rest, begin, end), &value);
        out.failed = out.failed || (is_name && !value.ptr);
        sp_json json = { .out = &out };
        if (!is_name)
            sp_buf_add_char(&out, rest.ptr[at]);
        else if (is_quoted)
            sp_json_str(&json, NULL, value);
        else
            sp_buf_add(&out, value);
        at = is_name ? end + 1 : at + 1;
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
    const sp_launch *launch = l->launch;
    SP_TRY(set_variable(l, "LANG=C.UTF-8"));
    SP_TRY(set_variable(l, "TERM=dumb"));
    for (const char *const *v = launch->variables; v && *v; v++)
        if (is_passed_on(launch, *v))
            SP_TRY(set_variable(l, *v));
    if (!launch->own_config)
        SP_TRY(set_variable(l, fill(l, "HOME={home}")));
    if (!launch->project_hooks) {
        const char *const *calm = NULL;
        SP_TRY(sp_calm_git(l->arena, launch->directory, &calm, l->err));
        for (; *calm; calm++)
            SP_TRY(set_variable(l, *calm));
    }
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

/* Of the caller's; NULL where it is not set. */
static const char *variable_of(const sp_launch *launch, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *v = launch->variables; v && *v; v++)
        if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

/* Looked up in the absolute directories of PATH alone: a relative one could be the project's. ret->ptr NULL: not there.
 */
static sp_status find_in_path(sp_arena *arena, const sp_launch *launch, const char *name, sp_str *ret, sp_err *err)
{
    const char *set = variable_of(launch, "PATH");
    sp_str path = set ? sp_str_of(set) : SP_STR("/usr/local/bin:/usr/bin:/bin");
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

/* The launch directory and those above it: *directory becomes the next. A .git ends nothing, as an empty one does not
 * keep a client from looking further up. Only the user's home does: what is configured there is his, not a project's.
 */
static bool climb(const sp_launch *launch, sp_str *directory)
{
    char real[PATH_MAX];
    const char *home = variable_of(launch, "HOME");
    sp_str above = sp_path_folder(*directory);
    bool is_home = home && realpath(home, real) && sp_str_eq(above, sp_str_of(real));
    if (is_home || sp_str_eq(above, *directory))
        return false;
    *directory = above;
    return true;
}

typedef sp_list(sp_str) path_list;

static sp_status add(sp_arena *arena, sp_str path, path_list *list, sp_err *err)
{
    sp_str *slot = path.ptr ? SP_LIST_PUSH(arena, list) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = path;
    return SP_OK;
}

static sp_status add_existing(sp_arena *arena, sp_str directory, sp_str name, path_list *found, sp_err *err)
{
    struct stat info;
    sp_str path = sp_path_append(arena, directory, name);
    if (!path.ptr)
        return sp_err_memory(err);
    return stat(path.ptr, &info) == 0 ? add(arena, path, found, err) : SP_OK;
}

static sp_hook_files hook_files(const path_list *found, const path_list *looked_for)
{
    return (sp_hook_files){ { found->items, found->count }, { looked_for->items, looked_for->count } };
}

sp_status sp_launch_hooks(sp_arena *arena, const sp_launch *launch, sp_hook_files *ret, sp_err *err)
{
    path_list found = { 0 }, looked_for = { 0 };
    sp_str directory = launch->directory;
    for (const char *const *name = launch->driver ? launch->driver->runs : NULL; name && *name; name++)
        SP_TRY(add(arena, sp_str_of(*name), &looked_for, err));
    do
        for (size_t i = 0; i < looked_for.count; i++)
            SP_TRY(add_existing(arena, directory, looked_for.items[i], &found, err));
    while (climb(launch, &directory));
    *ret = hook_files(&found, &looked_for);
    return SP_OK;
}

/* ret->ptr NULL: there is no place for it. A relative directory is one below the client's. */
static sp_status own_path(sp_arena *arena, const sp_launch *launch, const sp_own_file *file, sp_str *ret, sp_err *err)
{
    const char *home = variable_of(launch, "HOME");
    const char *moved = file->variable ? variable_of(launch, file->variable) : NULL;
    *ret = (sp_str){ 0 };
    if (moved && *moved) {
        *ret = sp_str_of(moved);
        if (*moved != '/')
            *ret = sp_path_append(arena, launch->directory, *ret);
        if (ret->ptr && *file->path)
            *ret = sp_path_append(arena, *ret, sp_str_of(file->path));
    } else if (file->at_home && home && *home)
        *ret = sp_path_append(arena, sp_str_of(home), sp_str_of(file->at_home));
    else
        return SP_OK;
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_launch_own_hooks(sp_arena *arena, const sp_launch *launch, sp_hook_files *ret, sp_err *err)
{
    path_list found = { 0 }, looked_for = { 0 };
    const sp_own_file *file = launch->own_config && launch->driver ? launch->driver->own_runs : NULL;
    for (; file && (file->at_home || file->variable); file++) {
        sp_str path;
        struct stat info;
        SP_TRY(own_path(arena, launch, file, &path, err));
        if (path.ptr)
            SP_TRY(add(arena, path, &looked_for, err));
        if (path.ptr && stat(path.ptr, &info) == 0)
            SP_TRY(add(arena, path, &found, err));
    }
    *ret = hook_files(&found, &looked_for);
    return SP_OK;
}

/* What of the project makes the client run programs. */
typedef struct finding {
    sp_str path;
    sp_str what; /* the member of the file, or the word in it; ptr NULL: the file itself */
    bool is_there;
    bool is_unchecked; /* nobody knows */
} finding;

/* ret->ptr NULL: there is none, or none that a client of this user could read. Other states leave it unchecked. */
static sp_status read_text(launching *l, finding *found, sp_str *ret)
{
    sp_file file = { .state = SP_FILE_SPECIAL };
    sp_status status = look(l, found->path, &file);
    *ret = (sp_str){ 0 };
    if (status == SP_ERR_NO_MEMORY)
        return status;
    if (status == SP_OK && file.state == SP_FILE_READ)
        *ret = file.bytes.ptr ? file.bytes : SP_STR("");
    else
        found->is_unchecked = status != SP_OK || file.state == SP_FILE_LARGE || file.state == SP_FILE_SPECIAL;
    return SP_OK;
}

/* *ret NULL: there is no such file, or the client may read it in another way than we do (comments, depth). OpenCode
 * puts in the values of variables as they are before it reads: a quote in one ends a text. */
static sp_status read_json(launching *l, finding *found, sp_json_node **ret)
{
    sp_str text;
    sp_json_problem problem;
    *ret = NULL;
    SP_TRY(read_text(l, found, &text));
    if (!text.ptr)
        return SP_OK;
    SP_TRY(sp_json_parse(l->arena, text, 64, ret, &problem, l->err));
    found->is_unchecked = !*ret || sp_str_find(text, SP_STR("{env:"), 0) != SIZE_MAX;
    return SP_OK;
}

/* The member a/b of the file, unless it is empty. */
static sp_status has_member(launching *l, finding *found)
{
    sp_json_node *root;
    SP_TRY(read_json(l, found, &root));
    const sp_json_node *node = root;
    for (size_t begin = 0; begin <= found->what.len && node;) {
        size_t end = sp_str_find(found->what, SP_STR("/"), begin);
        end = end == SIZE_MAX ? found->what.len : end;
        sp_str name = sp_str_dup(l->arena, sp_str_slice(found->what, begin, end));
        if (!name.ptr)
            return sp_err_memory(l->err);
        node = sp_json_member(node, name.ptr);
        begin = end + 1;
    }
    bool has_children = node && (node->kind == SP_JSON_ARRAY || node->kind == SP_JSON_OBJECT);
    found->is_there = node && node->kind != SP_JSON_NULL && (has_children ? node->count > 0 : node->text.len > 0);
    return SP_OK;
}

static bool is_listed(const char *const *names, sp_str name)
{
    while (*names && !sp_str_eq(name, sp_str_of(*names)))
        names++;
    return *names != NULL;
}

/* A member that the driver does not list. */
static sp_status has_other_member(launching *l, finding *found)
{
    sp_json_node *root;
    SP_TRY(read_json(l, found, &root));
    for (const sp_json_node *member = root ? root->first : NULL; member && !found->is_there; member = member->next) {
        found->what = member->key;
        found->is_there = !is_listed(l->launch->driver->members, member->key);
    }
    return SP_OK;
}

static bool has_word(sp_str text, sp_str word)
{
    for (size_t at = 0; at + word.len <= text.len; at++)
        if (sp_str_eq_nocase(sp_str_slice(text, at, at + word.len), word))
            return true;
    return false;
}

static bool has_letter(sp_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((line.ptr[i] | 32) >= 'a' && (line.ptr[i] | 32) <= 'z')
            return true;
    return false;
}

/* What may be front matter: up to the second line of dashes alone that is written like the first, all of the text where
 * there is none. Readers differ on whether the end may follow the beginning at once: here it may not. */
static sp_str head_of(sp_str text)
{
    sp_str first = { 0 };
    bool has_content = false;
    for (size_t at = 0; at < text.len;) {
        size_t end = sp_str_find(text, SP_STR("\n"), at);
        end = end == SIZE_MAX ? text.len : end;
        sp_str line = sp_str_slice(text, at, end);
        at = end + 1;
        if (first.ptr && has_content && sp_str_eq(line, first))
            return sp_str_slice(text, 0, end);
        if (!first.ptr && (sp_str_eq(line, SP_STR("---")) || sp_str_eq(line, SP_STR("---\r"))))
            first = line;
        else
            has_content = has_content || (first.ptr && has_letter(line));
    }
    return text;
}

/* The word in the front matter of a file, or an escape in double quotes, which could spell it. */
static sp_status head_has(launching *l, finding *found)
{
    sp_str text;
    SP_TRY(read_text(l, found, &text));
    if (!text.ptr)
        return SP_OK;
    sp_str head = head_of(text);
    size_t quote = sp_str_find(head, SP_STR("\""), 0);
    found->is_there = has_word(head, found->what);
    found->is_unchecked = quote != SIZE_MAX && sp_str_find(head, SP_STR("\\"), quote) != SIZE_MAX;
    return SP_OK;
}

/* Links may lead round: neither deeper nor more than this. */
enum { MAX_WALK_DEPTH = 16, MAX_WALK_FILES = 4096 };

/* found->path becomes the file below it that has such a head. */
static sp_status walk(launching *l, finding *found, unsigned depth, size_t *files)
{
    sp_listing listing;
    sp_str directory = found->path;
    sp_status status = sp_reader_list(&sp_reader_disk, l->arena, directory, (sp_read_limits){ 0 }, &listing, l->err);
    if (status == SP_ERR_NO_MEMORY)
        return status;
    found->is_unchecked = status != SP_OK || depth > MAX_WALK_DEPTH;
    if (found->is_unchecked || listing.state != SP_FILE_FOLDER)
        return SP_OK;
    for (size_t i = 0; i < listing.count && !found->is_there && !found->is_unchecked; i++) {
        found->path = sp_path_append(l->arena, directory, listing.entries[i].name);
        if (!found->path.ptr)
            return sp_err_memory(l->err);
        if (++*files > MAX_WALK_FILES)
            found->is_unchecked = true;
        else if (listing.entries[i].is_folder)
            SP_TRY(walk(l, found, depth + 1, files));
        else
            SP_TRY(head_has(l, found));
    }
    return SP_OK;
}

/* A file, or one in a directory: found->path becomes the first. */
static sp_status is_present(launching *l, finding *found)
{
    struct stat info;
    sp_listing listing;
    if (stat(found->path.ptr, &info) != 0)
        return SP_OK;
    found->is_there = !S_ISDIR(info.st_mode);
    if (found->is_there)
        return SP_OK;
    sp_status status = sp_reader_list(&sp_reader_disk, l->arena, found->path, (sp_read_limits){ 0 }, &listing, l->err);
    if (status == SP_ERR_NO_MEMORY)
        return status;
    found->is_unchecked = status != SP_OK;
    found->is_there = status == SP_OK && listing.state == SP_FILE_FOLDER && listing.count > 0;
    if (found->is_there)
        found->path = sp_path_append(l->arena, found->path, listing.entries[0].name);
    return found->path.ptr ? SP_OK : sp_err_memory(l->err);
}

static sp_status refuse(launching *l, const finding *found)
{
    static const char lets[] = "--project-hooks lets them run";
    const char *title = l->launch->driver->title;
    if (found->is_there)
        return sp_err_set(l->err, SP_ERR_INPUT,
                          "%.*s%s%.*s makes %s run programs of the project, and no option of it prevents that; %s",
                          SP_STR_ARG(found->path), found->what.len ? ": " : "", SP_STR_ARG(found->what), title, lets);
    if (found->is_unchecked)
        return sp_err_set(l->err, SP_ERR_INPUT,
                          "%.*s cannot be checked: it may make %s run programs of the project; %s",
                          SP_STR_ARG(found->path), title, lets);
    return SP_OK;
}

static sp_status refuse_row(launching *l, sp_str directory, sp_str row)
{
    bool only_agents = sp_str_starts(row, SP_STR("@"));
    row = sp_str_slice(row, only_agents ? 1 : 0, row.len);
    size_t colon = sp_str_find(row, SP_STR(":"), 0);
    finding found = { 0 };
    size_t files = 0;
    if (only_agents && !l->launch->agent)
        return SP_OK;
    if (colon != SIZE_MAX)
        found.what = sp_str_slice(row, colon + 1, row.len);
    found.path = sp_path_join(l->arena, directory, sp_str_slice(row, 0, colon == SIZE_MAX ? row.len : colon));
    if (!found.path.ptr)
        return sp_err_memory(l->err);
    if (!found.what.ptr)
        SP_TRY(is_present(l, &found));
    else if (row.ptr[colon - 1] == '/')
        SP_TRY(walk(l, &found, 0, &files));
    else
        SP_TRY(has_member(l, &found));
    return refuse(l, &found);
}

static sp_status refuse_limited(launching *l, sp_str directory, sp_str name)
{
    finding found = { .path = sp_path_join(l->arena, directory, name) };
    if (!found.path.ptr)
        return sp_err_memory(l->err);
    SP_TRY(has_other_member(l, &found));
    return refuse(l, &found);
}

static sp_status refuse_project(launching *l)
{
    const sp_driver *driver = l->launch->driver;
    sp_str directory = l->launch->directory;
    if (!driver || l->launch->project_hooks)
        return SP_OK;
    do {
        for (const char *const *row = driver->refused; row && *row; row++)
            SP_TRY(refuse_row(l, directory, sp_str_of(*row)));
        for (const char *const *name = driver->limited; name && *name; name++)
            SP_TRY(refuse_limited(l, directory, sp_str_of(*name)));
    } while (climb(l->launch, &directory));
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
        return sp_err_set(l->err, SP_ERR_INPUT, "cannot make a directory in %s: %s", above, sp_error_text(errno));
    memcpy(l->scratch, path, sizeof path);
    sp_str home = sp_str_format(l->arena, "%s/home", path);
    if (!home.ptr)
        return sp_err_memory(l->err);
    if (mkdir(home.ptr, 0700) != 0)
        return sp_err_set(l->err, SP_ERR_INPUT, "cannot make the directory %s: %s", home.ptr, sp_error_text(errno));
    l->ret->home = home;
    if (l->launch->home.ptr)
        l->ret->home = l->launch->home;
    const char *own = l->launch->own_config ? variable_of(l->launch, "HOME") : NULL;
    if (own)
        l->ret->home = sp_str_of(own);
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
    SP_TRY(write_files(l, driver->run_files));
    SP_TRY(write_files(l, l->launch->own_config ? NULL : driver->files));
    return write_files(l, l->launch->project_hooks ? NULL : driver->alone_files);
}

/* ---- the script ------------------------------------------------------------ */

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

static sp_status fill_reads(launching *l, sp_steps *ret)
{
    for (; l->launch->files[ret->count]; ret->count++) {
        l->file = l->launch->files[ret->count];
        SP_TRY(fill_calls(l, l->launch->driver->read_calls, l->read_calls[ret->count], &l->reads[ret->count]));
    }
    ret->items = l->reads;
    return SP_OK;
}

/* A subagent reads the files; without one the session does. */
static sp_status make_script(launching *l, sp_script *ret)
{
    const sp_launch *launch = l->launch;
    bool has_subagent = launch->driver && launch->agent && !launch->as_session;
    *ret = (sp_script){ .needs_tools = launch->driver != NULL, .mark_digits = RUN_DIGITS };
    if (launch->driver && !launch->is_interactive)
        ret->session_mark = l->session_mark;
    if (has_subagent) {
        ret->agent_mark = l->agent_mark;
        SP_TRY(fill_calls(l, launch->driver->agent_calls, l->agent_calls, &l->steps[0]));
        SP_TRY(fill_calls(l, launch->driver->wait_calls, l->wait_calls, &l->steps[1]));
        ret->session = (sp_steps){ &l->steps[0], l->steps[1].count ? 2 : 1 };
    }
    if (!launch->driver || !launch->files[0])
        return SP_OK;
    sp_steps reads = { NULL, 0 };
    SP_TRY(fill_reads(l, &reads));
    *(has_subagent ? &ret->agent : &ret->session) = reads;
    return SP_OK;
}

static sp_status refuse_agent(const sp_launch *launch, sp_err *err)
{
    sp_buf names = { 0 };
    for (const char *const *name = launch->driver->own_agents; *name; name++)
        sp_buf_format(&names, "%s%s", name == launch->driver->own_agents ? "" : ", ", *name);
    sp_buf_add_char(&names, '\0');
    sp_status status = names.failed
                           ? sp_err_memory(err)
                           : sp_err_set(err, SP_ERR_USAGE,
                                        "%s reads no agents from a project's files, so there is no %s; expected one "
                                        "that comes with it: %s",
                                        launch->driver->title, launch->agent, names.ptr);
    sp_buf_release(&names);
    return status;
}

sp_status sp_launch_check(const sp_launch *launch, sp_err *err)
{
    const sp_driver *driver = launch->driver;
    if (!driver && (launch->agent || launch->files[0]))
        return sp_err_set(err, SP_ERR_USAGE, "%s needs a client: sysprompt capture CLIENT -- COMMAND",
                          launch->agent ? "--agent" : "--touch");
    if (driver && driver->heeds_trust && launch->own_config && !launch->project_hooks)
        return sp_err_set(
            err, SP_ERR_USAGE,
            "--own-config needs --project-hooks too: %s has no switch that keeps hooks and MCP servers of "
            "a project that you trusted from starting",
            driver->title);
    if (launch->as_session && !driver->as_agent)
        return sp_err_set(err, SP_ERR_USAGE, "%s cannot start a session as an agent; leave --as=session out",
                          driver->title);
    if (launch->agent && !launch->as_session && !driver->agent_calls[0].tool)
        return sp_err_set(err, SP_ERR_USAGE, "%s has no tool that starts an agent; leave --agent out", driver->title);
    if (launch->agent && driver->own_agents && !launch->own_config &&
        !is_listed(driver->own_agents, sp_str_of(launch->agent)))
        return refuse_agent(launch, err);
    if (launch->files[0] && !driver->read_calls[0].tool)
        return sp_err_set(err, SP_ERR_USAGE, "%s has no tool that reads a file; leave --touch out", driver->title);
    return SP_OK;
}

/* ---- running ------------------------------------------------------------ */

static sp_status draw(launching *l, unsigned char *ret, size_t count)
{
    return sp_random(ret, count)
               ? SP_OK
               : sp_err_set(l->err, SP_ERR_INPUT, "the system has no random numbers: %s", sp_error_text(errno));
}

static sp_status make_marks(launching *l)
{
    unsigned char chance[RUN_DIGITS];
    char digits[RUN_DIGITS];
    SP_TRY(draw(l, chance, sizeof chance));
    for (size_t i = 0; i < RUN_DIGITS; i++)
        digits[i] = (char)('0' + chance[i] % 10);
    l->session_mark = sp_str_format(l->arena, "%s %.*s", session_prompt, RUN_DIGITS, digits);
    l->agent_mark = sp_str_format(l->arena, "%s %.*s", agent_prompt, RUN_DIGITS, digits);
    return l->session_mark.ptr && l->agent_mark.ptr ? SP_OK : sp_err_memory(l->err);
}

static sp_status make_address(launching *l)
{
    unsigned char chance[16];
    sp_buf token = { 0 };
    SP_TRY(draw(l, chance, sizeof chance));
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

enum { PACKAGE_LEVELS = 4 }; /* directories above the program in which its package.json may be */

static bool is_package(const sp_driver *driver, sp_str name)
{
    for (const char *const *own = driver->packages; own && *own; own++) {
        sp_str known = sp_str_of(*own);
        if (!sp_str_starts(name, known))
            continue;
        sp_str platform = sp_str_slice(name, known.len, name.len);
        if (platform.len == 0 || sp_str_starts(platform, SP_STR("-linux-")) ||
            sp_str_starts(platform, SP_STR("-darwin-")))
            return true;
    }
    return false;
}

/* Of a client that does not tell: that of the npm package that the program lies in, if it is one of the client's. */
static sp_status read_package_version(launching *l, sp_str *ret)
{
    char real[PATH_MAX];
    sp_json_node *root = NULL;
    finding found = { .path = { NULL, 0 } };
    sp_str directory = sp_str_of(realpath(l->ret->program.ptr, real) ? real : "");
    const sp_json_node *name = NULL; /* without one it only marks the kind of the modules beside it */
    for (unsigned i = 0; i < PACKAGE_LEVELS && directory.len > 1 && !name && !found.is_unchecked; i++) {
        directory = sp_path_folder(directory);
        found.path = sp_path_append(l->arena, directory, SP_STR("package.json"));
        if (!found.path.ptr)
            return sp_err_memory(l->err);
        SP_TRY(read_json(l, &found, &root));
        name = root ? sp_json_member(root, "name") : NULL;
    }
    const sp_json_node *version = root ? sp_json_member(root, "version") : NULL;
    bool is_known = name && name->kind == SP_JSON_TEXT && version && version->kind == SP_JSON_TEXT;
    if (is_known && is_package(l->launch->driver, name->text) && sp_wording_is_version(version->text))
        *ret = version->text;
    return SP_OK;
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
        .etc = launch->etc,
        .etc_name = launch->etc_name,
    };
    sp_record_plan record = { .prefix = l->prefix, .limits = sp_record_default_limits, .signals = signals };
    SP_TRY(make_script(l, &record.script));
    record.limits.timeout_ms = launch->timeout_ms ? launch->timeout_ms : record.limits.timeout_ms;
    if (launch->is_interactive)
        record.limits.timeout_ms = 0;
    if (launch->is_interactive || !launch->driver)
        record.limits.linger_ms = -1;
    SP_TRY(sp_sandbox_start(&l->sandbox, &plan, l->err));
    l->ret->has_started = true;
    l->ret->is_offline = l->sandbox.is_offline;
    sp_status status = sp_record_serve(l->arena, &l->sandbox, &record, &l->ret->record, l->err);
    l->ret->exec_error = l->sandbox.exec_error;
    l->ret->has_ended = l->sandbox.has_ended && !l->sandbox.exec_error;
    l->ret->wait_status = l->sandbox.wait_status;
    l->ret->version = version_in(l->ret->record.agent);
    if (status == SP_OK && launch->driver && !l->ret->version.ptr)
        status = read_package_version(l, &l->ret->version);
    return status;
}

static sp_status run(launching *l, const sp_signals *signals)
{
    SP_TRY(sp_launch_check(l->launch, l->err));
    SP_TRY(sp_launch_find(l->arena, l->launch, &l->ret->program, l->err));
    SP_TRY(refuse_project(l));
    SP_TRY(make_marks(l));
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
    if (launch->also_remove.ptr && sp_signals_came(&signals))
        sp_remove_tree(launch->also_remove.ptr);
    sp_signals_release(&signals, !launch->is_interactive);
    return status;
}
