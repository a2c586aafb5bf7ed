/* inputs.c - from operands, lists of names and folders to the files that are counted. */
#include "base/file.h"
#include "base/types.h"
#include "commands/commands.h"
#include "git/walk.h"
#include "model/request.h"
#include "sources/named.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Markdown may begin with a link or a placeholder, so the first bracket alone tells nothing. */
bool cli_is_json(const char *path)
{
    char head[256], first[2] = "";
    size_t count = sp_file_head(path, head, sizeof head), found = 0;
    for (size_t i = 0; i < count && found < sizeof first; i++)
        if (!isspace((unsigned char)head[i]))
            first[found++] = head[i];
    return found == sizeof first && ((first[0] == '{' && (first[1] == '"' || first[1] == '}')) ||
                                     (first[0] == '[' && (first[1] == '{' || first[1] == ']')));
}

bool cli_is_saved_capture(const char *path)
{
    static const char begins[] = "{\"schema\": \"sysprompt.capture/1\"";
    char head[sizeof begins];
    size_t len = strlen(begins);
    return sp_file_head(path, head, len) == len && memcmp(head, begins, len) == 0;
}

bool cli_is_descriptor(const char *path)
{
    return strcmp(path, "-") == 0 || strncmp(path, "/dev/", 5) == 0;
}

static sp_status read_named(const cli_options *options, sp_arena *arena, const char *path, uint64_t max_bytes,
                            sp_file *ret, sp_err *err)
{
    char *home = NULL;
    const sp_request request = { .launch_dir = options->directory,
                                 .home_dir = cli_home(options, &home),
                                 .allow_external_links = options->external_links != 0 };
    sp_status status = sp_named_read(arena, &request, sp_str_of(path), max_bytes, ret, err);
    free(home);
    return status;
}

static sp_status load_descriptor(sp_arena *arena, const char *path, sp_str *ret, sp_err *err)
{
    char *bytes;
    size_t len;
    SP_TRY(sp_file_load(path, &bytes, &len, err));
    sp_str copy = sp_str_dup(arena, (sp_str){ bytes, len });
    free(bytes);
    if (!copy.ptr)
        return sp_err_memory(err);
    *ret = copy;
    return SP_OK;
}

sp_status cli_read_named(const cli_options *options, sp_arena *arena, const char *path, sp_str *ret, sp_err *err)
{
    sp_file file;
    if (sp_descriptor_of(sp_str_of(path)) >= 0)
        return load_descriptor(arena, path, ret, err);
    SP_TRY(read_named(options, arena, path, UINT64_MAX, &file, err));
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, sp_str_of(path), &file);
    *ret = file.bytes;
    return SP_OK;
}

static sp_status load_named(const cli_options *options, sp_arena *arena, const char *path, char **ret_bytes,
                            size_t *ret_len, sp_err *err)
{
    sp_str read;
    SP_TRY(cli_read_named(options, arena, path, &read, err));
    char *bytes = malloc(read.len + 1);
    if (!bytes)
        return sp_err_memory(err);
    if (read.len)
        memcpy(bytes, read.ptr, read.len);
    bytes[read.len] = '\0';
    *ret_bytes = bytes;
    *ret_len = read.len;
    return SP_OK;
}

sp_status cli_load_named(const cli_options *options, const char *path, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_arena arena = { 0 };
    if (sp_descriptor_of(sp_str_of(path)) >= 0)
        return sp_file_load(path, ret_bytes, ret_len, err);
    sp_status status = load_named(options, &arena, path, ret_bytes, ret_len, err);
    sp_arena_release(&arena);
    return status;
}

sp_status cli_judge_named(const cli_options *options, const char *path, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_file file;
    if (sp_descriptor_of(sp_str_of(path)) >= 0)
        return SP_OK;
    sp_status status = read_named(options, &arena, path, 0, &file, err);
    sp_arena_release(&arena);
    return status;
}

void cli_inputs_release(cli_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        free(inputs->items[i].path);
        free(inputs->items[i].failure);
    }
    free(inputs->items);
    *inputs = (cli_inputs){ 0 };
}

static bool has_room(cli_inputs *inputs)
{
    if (inputs->count < inputs->capacity)
        return true;
    size_t capacity = inputs->capacity ? inputs->capacity * 2 : 16;
    cli_input *grown = realloc(inputs->items, capacity * sizeof *grown);
    if (!grown)
        return false;
    inputs->items = grown;
    inputs->capacity = capacity;
    return true;
}

/* An sp_folder_visit. */
static bool add(void *context, const char *path, const sp_err *failure)
{
    cli_inputs *inputs = context;
    cli_input input = { .path = strdup(path), .failure = failure ? malloc(sizeof *failure) : NULL };
    if (input.failure)
        *input.failure = *failure;
    if (!input.path || (failure && !input.failure) || !has_room(inputs)) {
        free(input.path);
        free(input.failure);
        return false;
    }
    inputs->items[inputs->count++] = input;
    return true;
}

static void make_views(const cli_strings *strings, sp_str *views)
{
    for (size_t i = 0; i < strings->count; i++)
        views[i] = (sp_str){ strings->items[i], strlen(strings->items[i]) };
}

static cli_exit add_named(const cli_options *options, const char *path, cli_inputs *inputs)
{
    sp_str includes[CLI_MAX_STRINGS];
    sp_str excludes[CLI_MAX_STRINGS];
    size_t count = inputs->count;
    sp_err err;
    if (!*path)
        return cli_usage_error(options, "a name is an empty text; leave it out, or write - for standard input");
    make_views(&options->includes, includes);
    make_views(&options->excludes, excludes);
    sp_folder_options walk = { .gitignore = options->gitignore,
                               .includes = { includes, options->includes.count },
                               .excludes = { excludes, options->excludes.count },
                               .include_matched = inputs->include_matched,
                               .exclude_matched = inputs->exclude_matched };
    if (sp_folder_walk(path, &walk, add, inputs, &err) != SP_OK)
        return cli_fail(options, &err);
    bool is_itself = inputs->count == count + 1 && strcmp(inputs->items[count].path, path) == 0;
    inputs->has_folder = inputs->has_folder || !is_itself;
    return CLI_OK;
}

/* ---- lists of names ----------------------------------------------------------------------------------- */

static cli_exit add_mistake(const cli_options *options, const char *list, size_t number, const char *what,
                            cli_inputs *inputs)
{
    sp_err err = { .status = SP_ERR_INPUT, .rule = "count.files0" };
    snprintf(err.path, sizeof err.path, "%.500s", strcmp(list, "-") == 0 ? "<stdin>" : list);
    snprintf(err.message, sizeof err.message, "name %zu %s", number, what);
    if (add(inputs, list, &err))
        return CLI_OK;
    err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return cli_fail(options, &err);
}

/* A list of lines, taken for one that is separated by NUL, is one long name. */
static void explain_line_feed(const char *name, sp_err *failure)
{
    size_t len = strlen(failure->message);
    if (strchr(name, '\n') && access(name, F_OK) != 0)
        snprintf(failure->message + len, sizeof failure->message - len,
                 "; names in this list end in NUL, not in a line feed");
}

static cli_exit add_name(const cli_options *options, const char *list, const char *name, size_t number,
                         cli_inputs *inputs)
{
    if (!*name)
        return add_mistake(options, list, number, "is empty; names are separated by one NUL each", inputs);
    if (strcmp(name, "-") == 0 && strcmp(list, "-") == 0)
        return add_mistake(options, list, number, "is -, but standard input is the list of names itself", inputs);
    size_t first = inputs->count;
    cli_exit code = add_named(options, name, inputs);
    if (inputs->count == first + 1 && inputs->items[first].failure)
        explain_line_feed(name, inputs->items[first].failure);
    return code;
}

static cli_exit add_list(const cli_options *options, cli_inputs *inputs)
{
    char *names = NULL;
    size_t len = 0;
    sp_err err;
    const char *list = options->files0_from;
    if (cli_load_named(options, list, &names, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = CLI_OK;
    size_t number = 1;
    for (size_t at = 0; at < len && code == CLI_OK; at += strlen(names + at) + 1) /* there is a NUL behind the last */
        code = add_name(options, list, names + at, number++, inputs);
    free(names);
    return code;
}

/* ---- notes ------------------------------------------------------------------------------------------------ */

static bool has_idle(const cli_strings *patterns, const bool *matched)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (!matched[i])
            return true;
    return false;
}

/* A pattern that matches nothing is a typing mistake, or seen from the wrong folder. */
static cli_exit warn_of_idle(const cli_options *options, const char *name, const cli_strings *patterns,
                             const bool *matched, const char *what)
{
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < patterns->count && code == CLI_OK; i++)
        if (!matched[i])
            code = cli_note(options, "%s=%s matches %s; patterns are seen from the folder that is named", name,
                            patterns->items[i], what);
    return code;
}

static cli_exit warn_of_files_only(const cli_options *options)
{
    cli_exit code = CLI_OK;
    if (options->gitignore)
        code = cli_note(options, "--gitignore is for folders, and none is named");
    for (size_t i = 0; i < options->includes.count && code == CLI_OK; i++)
        code = cli_note(options, "--include=%s is for folders, and none is named", options->includes.items[i]);
    for (size_t i = 0; i < options->excludes.count && code == CLI_OK; i++)
        code = cli_note(options, "--exclude=%s is for folders, and none is named", options->excludes.items[i]);
    return code;
}

/* What was given chooses files in folders, but there is no folder, or no file is left. */
static cli_exit warn_of_choice(const cli_options *options, const cli_inputs *inputs)
{
    const cli_strings *includes = &options->includes;
    const cli_strings *excludes = &options->excludes;
    if (!inputs->has_folder)
        return warn_of_files_only(options);
    cli_exit code = warn_of_idle(options, "--include", includes, inputs->include_matched, "no file");
    if (code == CLI_OK)
        code = warn_of_idle(options, "--exclude", excludes, inputs->exclude_matched, "nothing");
    bool is_chosen = includes->count > 0 || excludes->count > 0 || options->gitignore;
    if (code != CLI_OK || !is_chosen || inputs->count > 0 || has_idle(includes, inputs->include_matched))
        return code;
    return cli_note(options, "with%s%s%s there is no file to count", includes->count > 0 ? " --include" : "",
                    excludes->count > 0 ? " --exclude" : "", options->gitignore ? " --gitignore" : "");
}

/* ---- what is named --------------------------------------------------------------------------------------- */

static cli_exit find(const cli_options *options, cli_inputs *ret)
{
    cli_exit code = CLI_OK;
    if (options->files0_from && options->operand_count > 0)
        return cli_usage_error(options, "--files0-from names the files; leave out \"%s\"", options->operands[0]);
    if (options->files0_from)
        return add_list(options, ret);
    if (options->operand_count == 0 && options->screen.input_is_terminal)
        return cli_usage_error(options, "name a file, or pipe a text into it: sysprompt count FILE");
    if (options->operand_count == 0)
        return add_named(options, "-", ret);
    for (size_t i = 0; i < options->operand_count && code == CLI_OK; i++)
        code = add_named(options, options->operands[i], ret);
    return code;
}

cli_exit cli_inputs_find(const cli_options *options, cli_inputs *ret)
{
    *ret = (cli_inputs){ 0 };
    cli_exit code = find(options, ret);
    return code == CLI_OK ? warn_of_choice(options, ret) : code;
}
