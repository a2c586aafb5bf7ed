/*
 * options.c - options by their names.
 *
 * They are kept as arguments of a command line, and taken apart again by the one parser that there is, when a command
 * is run with them: only then it is known which row of the table a name stands for.
 */
#include "api/api.h"
#include "base/base.h"
#include "base/near.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 256 };

sp_options *sp_options_new(void)
{
    return calloc(1, sizeof(sp_options));
}

static void free_strings(char **strings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(strings[i]);
    free(strings);
}

void sp_options_free(sp_options *options)
{
    if (!options)
        return;
    free_strings(options->arguments, options->argument_count);
    free_strings(options->operands, options->operand_count);
    free(options);
}

void sp_options_on_message(sp_options *options, sp_on_message function, void *context)
{
    options->on_message = function;
    options->message_context = context;
}

void sp_options_on_output(sp_options *options, sp_on_output function, void *context)
{
    options->on_output = function;
    options->output_context = context;
}

/* Takes text, which may be NULL when memory was short. */
static sp_status add(char ***items, size_t *count, size_t *capacity, char *text, sp_err *err)
{
    if (!text || !sp_heap_grow((void **)items, *count, capacity, sizeof **items)) {
        free(text);
        return sp_err_memory(err);
    }
    (*items)[(*count)++] = text;
    return SP_OK;
}

static sp_status add_argument(sp_options *options, char *text, sp_err *err)
{
    return add(&options->arguments, &options->argument_count, &options->argument_capacity, text, err);
}

sp_status sp_options_add_operand(sp_options *options, const char *operand, sp_err *err)
{
    return add(&options->operands, &options->operand_count, &options->operand_capacity, strdup(operand), err);
}

/* ---- where the output goes ----------------------------------------------------------------------------- */

static sp_status set_columns(unsigned *columns, const char *name, const char *value, sp_err *err)
{
    size_t number = 0;
    if (!value || !cli_parse_number(value, &number) || number > UINT16_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "%s needs a number of columns up to %d", name, UINT16_MAX);
    *columns = (unsigned)number;
    return SP_OK;
}

static sp_status set_bars(sp_bars *bars, const char *name, const char *value, sp_err *err)
{
    bool is_ascii = value && strcmp(value, "ascii") == 0;
    if (!is_ascii && !(value && strcmp(value, "blocks") == 0))
        return sp_err_set(err, SP_ERR_USAGE, "%s needs ascii or blocks", name);
    *bars = is_ascii ? SP_BARS_ASCII : SP_BARS_BLOCKS;
    return SP_OK;
}

/* The part of a name after its prefix, or NULL. */
static const char *after(const char *name, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

static bool *screen_flag(cli_screen *screen, const char *name)
{
    if (strcmp(name, "stdout-color") == 0)
        return &screen->output_style.color;
    if (strcmp(name, "stderr-color") == 0)
        return &screen->error_style.color;
    if (strcmp(name, "stdout-is-pipe") == 0)
        return &screen->output_is_pipe;
    if (strcmp(name, "stdout-is-terminal") == 0)
        return &screen->output_is_terminal;
    if (strcmp(name, "stderr-is-terminal") == 0)
        return &screen->error_is_terminal;
    if (strcmp(name, "stdin-is-terminal") == 0)
        return &screen->input_is_terminal;
    return strcmp(name, "all-processors") == 0 ? &screen->uses_processors : NULL;
}

/* Whether it is one of those names; *ret_status is then what became of it. */
static bool set_screen(cli_screen *screen, const char *name, const char *value, sp_status *ret_status, sp_err *err)
{
    bool *flag = screen_flag(screen, name);
    const char *of_output = after(name, "stdout-"), *of_error = after(name, "stderr-");
    const char *rest = of_output ? of_output : of_error ? of_error : "";
    sp_style *style = of_output ? &screen->output_style : &screen->error_style;
    *ret_status = SP_OK;
    if (flag && value)
        *ret_status = sp_err_set(err, SP_ERR_USAGE, "%s takes no value", name);
    else if (flag)
        *flag = true;
    else if (strcmp(rest, "columns") == 0)
        *ret_status = set_columns(&style->width_columns, name, value, err);
    else if (strcmp(rest, "bars") == 0)
        *ret_status = set_bars(&style->bars, name, value, err);
    else
        return false;
    return true;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

static bool is_row_of(const cli_option *row, const char *name)
{
    if (row->name && strcmp(row->name, name) == 0)
        return true;
    return row->letter && name[0] == row->letter && !name[1];
}

/* What the rows of a name take: commands may differ. */
typedef struct shape {
    const cli_option *row; /* the first; NULL: there is none */
    bool takes_value;
    bool may_be_bare;
} shape;

static shape shape_of(const char *name)
{
    shape found = { .row = NULL };
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *row = &cli_option_table[i];
        if (!is_row_of(row, name))
            continue;
        found.row = found.row ? found.row : row;
        found.takes_value = found.takes_value || row->type != CLI_FLAG;
        found.may_be_bare = found.may_be_bare || row->type == CLI_FLAG || row->type == CLI_OPTIONAL;
    }
    return found;
}

static sp_status unknown_name(const char *name, sp_err *err)
{
    sp_str names[MAX_NAMES];
    size_t count = 0;
    for (size_t i = 0; i < cli_option_count && count < MAX_NAMES; i++)
        if (cli_option_table[i].name)
            names[count++] = sp_str_of(cli_option_table[i].name);
    size_t nearest = sp_near(sp_str_of(name), names, count);
    if (nearest == SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "unknown option %.200s", name);
    return sp_err_set(err, SP_ERR_USAGE, "unknown option %.200s; did you mean %s?", name, names[nearest].ptr);
}

sp_status sp_options_set(sp_options *options, const char *name, const char *value, sp_err *err)
{
    sp_status status;
    if (set_screen(&options->screen, name, value, &status, err))
        return status;
    shape known = shape_of(name);
    if (!known.row)
        return unknown_name(name, err);
    if (value && !known.takes_value)
        return sp_err_set(err, SP_ERR_USAGE, "option %s takes no value", name);
    if (value ? !*value : !known.may_be_bare)
        return sp_err_set(err, SP_ERR_USAGE, "option %s needs a value: %s", name, known.row->argument);
    return add_argument(options, cli_format_given(&(cli_given){ known.row, value }), err);
}

const char *sp_options_get(const sp_options *options, const char *name)
{
    const cli_option *row = shape_of(name).row;
    for (size_t i = options->argument_count; row && i > 0; i--) {
        const char *argument = options->arguments[i - 1];
        if (!row->name && argument[1] == row->letter)
            return argument + 2;
        const char *rest = row->name && argument[1] == '-' ? after(argument + 2, row->name) : NULL;
        if (rest && (*rest == '=' || !*rest))
            return rest + (*rest == '=');
    }
    return NULL;
}

const char *sp_options_operand(const sp_options *options, size_t index)
{
    return index < options->operand_count ? options->operands[index] : NULL;
}

/* ---- a command line ---------------------------------------------------------------------------------------- */

/* Takes over what was parsed. help and version may be words, and are options then. */
static sp_status take(sp_options *options, const cli_options *parsed, sp_err *err)
{
    for (size_t i = 0; i < parsed->given_count; i++)
        SP_TRY(add_argument(options, cli_format_given(&parsed->given[i]), err));
    for (size_t i = 0; i < parsed->operand_count; i++)
        SP_TRY(sp_options_add_operand(options, parsed->operands[i], err));
    if (parsed->help && !cli_is_given(parsed, "help"))
        SP_TRY(sp_options_set(options, "help", NULL, err));
    if (parsed->version && !cli_is_given(parsed, "version"))
        SP_TRY(sp_options_set(options, "version", NULL, err));
    return SP_OK;
}

static sp_status parse(sp_options *options, int argc, char **argv, const char **ret_command, sp_err *err)
{
    cli_options parsed;
    cli_document document;
    const cli_command *command = NULL;
    sp_status status = SP_ERR_USAGE;
    cli_document_init(&document);
    bool has_room = cli_options_init(&parsed, argc);
    parsed.document = &document;
    if (has_room && cli_parse(argc, argv, &parsed, &command))
        status = take(options, &parsed, err);
    else if (has_room && document.failure.status != SP_OK)
        *err = document.failure;
    else
        status = sp_err_memory(err);
    *ret_command = command ? command->name : NULL;
    cli_options_release(&parsed);
    cli_document_release(&document);
    return status;
}

sp_status sp_options_parse(sp_options *options, int count, const char *const *arguments, const char **ret_command,
                           sp_err *err)
{
    char **argv = calloc((size_t)count + 2, sizeof *argv);
    *ret_command = NULL;
    if (!argv)
        return sp_err_memory(err);
    argv[0] = (char *)"sysprompt";
    for (int i = 0; i < count; i++)
        argv[i + 1] = (char *)arguments[i]; /* nobody writes to it */
    sp_status status = parse(options, count + 1, argv, ret_command, err);
    free(argv);
    return status;
}
