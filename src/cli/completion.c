/* completion.c - completions for bash, zsh and fish, made of the same tables as the help. */
#include "cli/cli.h"
#include "clients/profiles.h"
#include "tokenizer/tokens.h"

#include <stddef.h>
#include <string.h>

static bool takes_file(const cli_option *option)
{
    return option->argument && (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0);
}

static bool is_encoding(const cli_option *option)
{
    return option->offset == offsetof(cli_options, encoding);
}

static bool is_profile(const cli_option *option)
{
    return option->offset == offsetof(cli_options, profile) || option->offset == offsetof(cli_options, vs);
}

static bool has_values(const cli_option *option)
{
    return option->type == CLI_CHOICE || is_encoding(option) || is_profile(option);
}

/* What may stand behind an option that has_values. */
static void print_values(cli_text *out, const cli_option *option)
{
    if (is_encoding(option)) {
        for (size_t i = 0; sp_encoding_at(i); i++)
            cli_add(out, "%s ", sp_encoding_name(sp_encoding_at(i)));
        for (size_t i = 0; sp_estimate_at(i); i++)
            cli_add(out, "%s%s", i ? " " : "", sp_encoding_name(sp_estimate_at(i)));
        return;
    }
    if (is_profile(option)) {
        for (size_t i = 0; sp_profile_at(i); i++)
            cli_add(out, "%s%s", i ? " " : "", sp_profile_at(i));
        return;
    }
    for (const cli_choice *choice = option->choices; choice->name; choice++)
        cli_add(out, "%s%s", choice == option->choices ? "" : " ", choice->name);
}

/* Operands that are words, as in "bash|zsh|fish", and not names of files. */
static bool has_words(const cli_command *command)
{
    return strchr(command->operands, '|') != NULL;
}

static void print_words(cli_text *out, const cli_command *command)
{
    for (const char *c = command->operands; *c; c++)
        cli_add(out, "%c", *c == '|' ? ' ' : *c);
}

static void print_commands(cli_text *out)
{
    for (size_t i = 0; i < cli_command_count; i++)
        cli_add(out, "%s%s", i ? " " : "", cli_commands[i].name);
}

/* ---- bash ---------------------------------------------------------------------------------------- */

static void print_bash_words(cli_text *out, const cli_command *command)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *option = &cli_option_table[i];
        if (!cli_knows(command, option))
            continue;
        if (option->name)
            cli_add(out, " --%s", option->name);
        else
            cli_add(out, " -%c", option->letter);
    }
}

static void print_bash_values(cli_text *out)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *option = &cli_option_table[i];
        if (!has_values(option))
            continue;
        cli_add(out, "    --%s) values=\"", option->name);
        print_values(out, option);
        cli_add(out, "%s", "\" ;;\n");
    }
}

static void print_bash(cli_text *out)
{
    cli_add(out, "%s",
            "# bash completion for sysprompt\n"
            "_sysprompt() {\n"
            "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= operands= "
            "values= word\n"
            "    if [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
            "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
            "        case $word in -*) ;; *) command=$word; break ;; esac\n"
            "    done\n"
            "    case $prev in\n");
    print_bash_values(out);
    cli_add(out, "%s",
            "    esac\n"
            "    case $command in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        cli_add(out, "    %s) words=\"", cli_commands[i].name);
        print_bash_words(out, &cli_commands[i]);
        if (has_words(&cli_commands[i])) {
            cli_add(out, "%s", "\" operands=\"");
            print_words(out, &cli_commands[i]);
        }
        cli_add(out, "%s", "\" ;;\n");
    }
    cli_add(out, "%s", "    *) values=\"");
    print_commands(out);
    cli_add(out, "%s",
            "\" ;;\n"
            "    esac\n"
            "    if [ -n \"$values\" ]; then\n"
            "        COMPREPLY=($(compgen -W \"$values\" -- \"$cur\"))\n"
            "    elif [ \"${cur#-}\" != \"$cur\" ]; then\n"
            "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
            "    elif [ -n \"$operands\" ]; then\n"
            "        COMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
            "    else\n"
            "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
            "    fi\n"
            "}\n"
            "complete -o filenames -F _sysprompt sysprompt\n");
}

/* ---- zsh ----------------------------------------------------------------------------------------- */

/* Inside '...' of _arguments: brackets, colons and quotes have a meaning. */
static void print_zsh_text(cli_text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            cli_add(out, "%s", "'\\''");
        else if (strchr("[]:\\", *text))
            cli_add(out, "\\%c", *text);
        else
            cli_add(out, "%c", *text);
    }
}

static void print_zsh_option(cli_text *out, const cli_option *option)
{
    cli_add(out, "%s", " \\\n            '");
    if (option->type == CLI_STRINGS)
        cli_add(out, "%c", '*');
    if (option->name)
        cli_add(out, "--%s%s[", option->name, option->argument ? "=" : "");
    else
        cli_add(out, "-%c[", option->letter);
    print_zsh_text(out, option->help);
    cli_add(out, "%c", ']');
    if (has_values(option)) {
        cli_add(out, "%s", ":value:(");
        print_values(out, option);
        cli_add(out, "%c", ')');
    } else if (option->argument) {
        cli_add(out, ":%s:%s", option->argument, takes_file(option) ? "_files" : "");
    }
    cli_add(out, "%c", '\'');
}

static void print_zsh(cli_text *out)
{
    cli_add(out, "%s",
            "#compdef sysprompt\n"
            "_sysprompt() {\n"
            "    local command=$words[2]\n"
            "    if (( CURRENT == 2 )); then\n"
            "        local -a commands=(");
    for (size_t i = 0; i < cli_command_count; i++)
        cli_add(out, "%s'%s:%s'", i ? " " : "", cli_commands[i].name, cli_commands[i].summary);
    cli_add(out, "%s",
            ")\n"
            "        _describe command commands\n"
            "        return\n"
            "    fi\n"
            "    shift words; (( CURRENT-- ))\n"
            "    case $command in\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        cli_add(out, "    %s)\n        _arguments", cli_commands[i].name);
        for (size_t j = 0; j < cli_option_count; j++)
            if (cli_knows(&cli_commands[i], &cli_option_table[j]))
                print_zsh_option(out, &cli_option_table[j]);
        cli_add(out, "%s", " \\\n            '");
        if (has_words(&cli_commands[i])) {
            cli_add(out, "%s", "1:word:(");
            print_words(out, &cli_commands[i]);
            cli_add(out, "%s", ")'\n        ;;\n");
        } else {
            cli_add(out, "%s", "*:file:_files'\n        ;;\n");
        }
    }
    cli_add(out, "%s", "    esac\n}\n_sysprompt \"$@\"\n");
}

/* ---- fish ---------------------------------------------------------------------------------------- */

static void print_fish_text(cli_text *out, const char *text)
{
    cli_add(out, "%c", '\'');
    for (; *text; text++)
        cli_add(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    cli_add(out, "%c", '\'');
}

static void print_fish_option(cli_text *out, const cli_command *command, const cli_option *option)
{
    cli_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s'", command->name);
    if (option->letter)
        cli_add(out, " -s %c", option->letter);
    if (option->name)
        cli_add(out, " -l %s", option->name);
    if (has_values(option)) {
        cli_add(out, "%s", " -x -a '");
        print_values(out, option);
        cli_add(out, "%c", '\'');
    } else if (option->argument) {
        cli_add(out, "%s", takes_file(option) ? " -r -F" : " -x");
    }
    cli_add(out, "%s", " -d ");
    print_fish_text(out, option->help);
    cli_add(out, "%c", '\n');
}

static void print_fish(cli_text *out)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        cli_add(out, "complete -c sysprompt -n __fish_use_subcommand -x -a %s -d ", cli_commands[i].name);
        print_fish_text(out, cli_commands[i].summary);
        cli_add(out, "%c", '\n');
        if (has_words(&cli_commands[i])) {
            cli_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s' -x -a '", cli_commands[i].name);
            print_words(out, &cli_commands[i]);
            cli_add(out, "%s", "'\n");
        }
        for (size_t j = 0; j < cli_option_count; j++)
            if (cli_knows(&cli_commands[i], &cli_option_table[j]))
                print_fish_option(out, &cli_commands[i], &cli_option_table[j]);
    }
}

cli_exit cli_completion(const cli_options *options)
{
    static const struct {
        const char *name;
        void (*print)(cli_text *);
    } shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };
    const char *shell = options->operand_count == 1 ? options->operands[0] : "";
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            cli_text script = { 0 };
            shells[i].print(&script);
            return cli_write_text(options, &script);
        }
    return cli_usage_error("name one shell: bash, zsh or fish");
}
