/* inputs.c - from operands, lists of names and folders to the files that are counted. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cli_is_descriptor(const char *path)
{
    return strcmp(path, "-") == 0 || strncmp(path, "/dev/", 5) == 0;
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
        return cli_usage_error("a name is an empty text; leave it out, or write - for standard input");
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

static cli_exit add_name(const cli_options *options, const char *list, const char *name, size_t number,
                         cli_inputs *inputs)
{
    if (!*name)
        return add_mistake(options, list, number, "is empty; names are separated by one NUL each", inputs);
    if (strcmp(name, "-") == 0 && strcmp(list, "-") == 0)
        return add_mistake(options, list, number, "is -, but standard input is the list of names itself", inputs);
    return add_named(options, name, inputs);
}

static cli_exit add_list(const cli_options *options, cli_inputs *inputs)
{
    char *names;
    size_t len;
    sp_err err;
    const char *list = options->files0_from;
    if (sp_file_load(list, &names, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = CLI_OK;
    size_t number = 1;
    for (size_t at = 0; at < len && code == CLI_OK; at += strlen(names + at) + 1) /* there is a NUL behind the last */
        code = add_name(options, list, names + at, number++, inputs);
    free(names);
    return code;
}

/* A pattern that matches nothing is a typing mistake, or seen from the wrong folder. */
static cli_exit warn_of_idle(const cli_options *options, const cli_inputs *inputs)
{
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < options->includes.count && code == CLI_OK; i++)
        if (!inputs->has_folder || !inputs->include_matched[i])
            code = cli_note(options,
                            inputs->has_folder
                                ? "--include=%s matches no file; patterns are seen from the folder that is named"
                                : "--include=%s is for folders, and none is named",
                            options->includes.items[i]);
    for (size_t i = 0; i < options->excludes.count && code == CLI_OK; i++)
        if (!inputs->has_folder || !inputs->exclude_matched[i])
            code = cli_note(options,
                            inputs->has_folder
                                ? "--exclude=%s matches nothing; patterns are seen from the folder that is named"
                                : "--exclude=%s is for folders, and none is named",
                            options->excludes.items[i]);
    return code;
}

/* ---- what is named --------------------------------------------------------------------------------------- */

static cli_exit find(const cli_options *options, cli_inputs *ret)
{
    cli_exit code = CLI_OK;
    if (options->files0_from && options->operand_count > 0)
        return cli_usage_error("--files0-from names the files; leave out \"%s\"", options->operands[0]);
    if (options->files0_from)
        return add_list(options, ret);
    if (options->operand_count == 0 && isatty(STDIN_FILENO))
        return cli_usage_error("name a file, or pipe a text into it: sysprompt count FILE");
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
    return code == CLI_OK ? warn_of_idle(options, ret) : code;
}
