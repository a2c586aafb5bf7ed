/* completion.c - completions for bash, zsh and fish, made of the same tables as the help. */
#include "cli/cli.h"

#include <stddef.h>
#include <string.h>

static bool takes_file(const sp_option_info *option)
{
    return option->argument && (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0);
}

static bool has_values(const sp_option_info *option)
{
    return sp_option_value_at(option, 0) != NULL;
}

/* The values of an option that has_values. */
static void print_values(cli_page *out, const sp_option_info *option)
{
    for (size_t i = 0; sp_option_value_at(option, i); i++)
        cli_page_add(out, "%s%s", i ? " " : "", sp_option_value_at(option, i));
}

/* Operands that are words, as in "bash|zsh|fish", and not names of files. */
static bool has_words(const sp_command_info *command)
{
    return strchr(command->operands, '|') != NULL;
}

static void print_words(cli_page *out, const sp_command_info *command)
{
    for (const char *c = command->operands; *c; c++)
        cli_page_add(out, "%c", *c == '|' ? ' ' : *c);
}

static void print_commands(cli_page *out)
{
    for (size_t i = 0; sp_command_at(i); i++)
        cli_page_add(out, "%s%s", i ? " " : "", sp_command_at(i)->name);
}

/* ---- bash ---------------------------------------------------------------------------------------- */

static void print_bash_words(cli_page *out, const sp_command_info *command)
{
    for (size_t i = 0; sp_option_at(command->name, i); i++) {
        const sp_option_info *option = sp_option_at(command->name, i);
        if (option->name)
            cli_page_add(out, " --%s", option->name);
        else
            cli_page_add(out, " -%c", option->letter);
    }
}

static void print_bash_values(cli_page *out)
{
    for (size_t i = 0; sp_option_at(NULL, i); i++) {
        const sp_option_info *option = sp_option_at(NULL, i);
        if (!has_values(option))
            continue;
        cli_page_add(out, "    --%s) values=\"", option->name);
        print_values(out, option);
        cli_page_add(out, "%s", "\" ;;\n");
    }
}

static void print_bash(cli_page *out)
{
    cli_page_add(
        out, "%s",
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
    cli_page_add(out, "%s",
                 "    esac\n"
                 "    case $command in\n");
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "    %s) words=\"", sp_command_at(i)->name);
        print_bash_words(out, sp_command_at(i));
        if (has_words(sp_command_at(i))) {
            cli_page_add(out, "%s", "\" operands=\"");
            print_words(out, sp_command_at(i));
        }
        cli_page_add(out, "%s", "\" ;;\n");
    }
    cli_page_add(out, "%s", "    *) values=\"");
    print_commands(out);
    cli_page_add(out, "%s",
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
static void print_zsh_text(cli_page *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            cli_page_add(out, "%s", "'\\''");
        else if (strchr("[]:\\", *text))
            cli_page_add(out, "\\%c", *text);
        else
            cli_page_add(out, "%c", *text);
    }
}

static void print_zsh_option(cli_page *out, const sp_option_info *option)
{
    cli_page_add(out, "%s", " \\\n            '");
    if (option->type == SP_OPTION_VALUES)
        cli_page_add(out, "%c", '*');
    if (option->name)
        cli_page_add(out, "--%s%s[", option->name, option->argument ? "=" : "");
    else
        cli_page_add(out, "-%c[", option->letter);
    print_zsh_text(out, option->help);
    cli_page_add(out, "%c", ']');
    if (has_values(option)) {
        cli_page_add(out, "%s", ":value:(");
        print_values(out, option);
        cli_page_add(out, "%c", ')');
    } else if (option->argument) {
        cli_page_add(out, ":%s:%s", option->argument, takes_file(option) ? "_files" : "");
    }
    cli_page_add(out, "%c", '\'');
}

static void print_zsh(cli_page *out)
{
    cli_page_add(out, "%s",
                 "#compdef sysprompt\n"
                 "_sysprompt() {\n"
                 "    local command=$words[2]\n"
                 "    if (( CURRENT == 2 )); then\n"
                 "        local -a commands=(");
    for (size_t i = 0; sp_command_at(i); i++)
        cli_page_add(out, "%s'%s:%s'", i ? " " : "", sp_command_at(i)->name, sp_command_at(i)->summary);
    cli_page_add(out, "%s",
                 ")\n"
                 "        _describe command commands\n"
                 "        return\n"
                 "    fi\n"
                 "    shift words; (( CURRENT-- ))\n"
                 "    case $command in\n");
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "    %s)\n        _arguments", sp_command_at(i)->name);
        for (size_t j = 0; sp_option_at(sp_command_at(i)->name, j); j++)
            print_zsh_option(out, sp_option_at(sp_command_at(i)->name, j));
        cli_page_add(out, "%s", " \\\n            '");
        if (has_words(sp_command_at(i))) {
            cli_page_add(out, "%s", "1:word:(");
            print_words(out, sp_command_at(i));
            cli_page_add(out, "%s", ")'\n        ;;\n");
        } else {
            cli_page_add(out, "%s", "*:file:_files'\n        ;;\n");
        }
    }
    cli_page_add(out, "%s", "    esac\n}\n_sysprompt \"$@\"\n");
}

/* ---- fish ---------------------------------------------------------------------------------------- */

static void print_fish_text(cli_page *out, const char *text)
{
    cli_page_add(out, "%c", '\'');
    for (; *text; text++)
        cli_page_add(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    cli_page_add(out, "%c", '\'');
}

static void print_fish_option(cli_page *out, const sp_command_info *command, const sp_option_info *option)
{
    cli_page_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s'", command->name);
    if (option->letter)
        cli_page_add(out, " -s %c", option->letter);
    if (option->name)
        cli_page_add(out, " -l %s", option->name);
    if (has_values(option)) {
        cli_page_add(out, "%s", " -x -a '");
        print_values(out, option);
        cli_page_add(out, "%c", '\'');
    } else if (option->argument) {
        cli_page_add(out, "%s", takes_file(option) ? " -r -F" : " -x");
    }
    cli_page_add(out, "%s", " -d ");
    print_fish_text(out, option->help);
    cli_page_add(out, "%c", '\n');
}

static void print_fish(cli_page *out)
{
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "complete -c sysprompt -n __fish_use_subcommand -x -a %s -d ", sp_command_at(i)->name);
        print_fish_text(out, sp_command_at(i)->summary);
        cli_page_add(out, "%c", '\n');
        if (has_words(sp_command_at(i))) {
            cli_page_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s' -x -a '",
                         sp_command_at(i)->name);
            print_words(out, sp_command_at(i));
            cli_page_add(out, "%s", "'\n");
        }
        for (size_t j = 0; sp_option_at(sp_command_at(i)->name, j); j++)
            print_fish_option(out, sp_command_at(i), sp_option_at(sp_command_at(i)->name, j));
    }
}

cli_exit cli_completion(const sp_options *options)
{
    static const struct {
        const char *name;
        void (*print)(cli_page *);
    } shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };
    static const sp_err unknown = { .status = SP_ERR_USAGE, .message = "name one shell: bash, zsh or fish" };
    const char *shell = sp_options_operand(options, 1) ? NULL : sp_options_operand(options, 0);
    for (size_t i = 0; shell && i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            cli_page script = { 0 };
            shells[i].print(&script);
            return cli_page_finish(options, sp_options_get(options, "output"), &script);
        }
    return cli_print_error(options, &unknown, "completion");
}
