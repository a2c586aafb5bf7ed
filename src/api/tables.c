/* tables.c - the tables of commands and options, as callers see them. They are filled in once, and never change. */
#include "api/api.h"

#include <pthread.h>

enum { MAX_OPTIONS = 192 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sp_command_info commands[CLI_MAX_COMMANDS];
static sp_option_info options[MAX_OPTIONS];

static void fill(void)
{
    static const sp_option_type types[] = { [CLI_FLAG] = SP_OPTION_FLAG,
                                            [CLI_STRING] = SP_OPTION_VALUE,
                                            [CLI_STRINGS] = SP_OPTION_VALUES,
                                            [CLI_OPTIONAL] = SP_OPTION_OPTIONAL,
                                            [CLI_CHOICE] = SP_OPTION_CHOICE };
    for (size_t i = 0; i < cli_command_count && i < CLI_MAX_COMMANDS; i++) {
        const cli_command *c = &cli_commands[i];
        commands[i] = (sp_command_info){ c->name,     c->operands, c->summary,    c->text,
                                         c->examples, !c->run,     c->exit_codes, c->see_also };
    }
    for (size_t i = 0; i < cli_option_count && i < MAX_OPTIONS; i++) {
        const cli_option *o = &cli_option_table[i];
        options[i] =
            (sp_option_info){ o->name,      o->letter, o->argument, types[o->type], o->help, cli_group_titles[o->group],
                              o->by_default };
    }
}

const sp_command_info *sp_command_at(size_t index)
{
    pthread_once(&once, fill);
    return index < cli_command_count && index < CLI_MAX_COMMANDS ? &commands[index] : NULL;
}

const sp_option_info *sp_option_at(const char *command, size_t index)
{
    const cli_command *of = command ? cli_find_command(command) : NULL;
    pthread_once(&once, fill);
    for (size_t i = 0; i < cli_option_count && i < MAX_OPTIONS; i++) {
        bool is_wanted = !command || (of && cli_knows(of, &cli_option_table[i]));
        is_wanted = is_wanted && cli_option_table[i].group != CLI_GROUP_HIDDEN;
        if (is_wanted && index-- == 0)
            return &options[i];
    }
    return NULL;
}

const char *sp_option_value_at(const sp_option_info *option, size_t index)
{
    return cli_option_value(&cli_option_table[option - options], index);
}
