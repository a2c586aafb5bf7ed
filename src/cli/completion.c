/* completion.c - completions for bash, zsh and fish, made of the same tables as the help. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static bool takes_file(const cli_option *option)
{
    return option->argument && (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0);
}

static void print_commands(FILE *out)
{
    for (size_t i = 0; i < cli_command_count; i++)
        fprintf(out, "%s%s", i ? " " : "", cli_commands[i].name);
}

/* ---- bash ---------------------------------------------------------------------------------------- */

static void print_bash_words(FILE *out, const cli_command *command)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *option = &cli_option_table[i];
        if (!cli_knows(command, option))
            continue;
        if (option->name)
            fprintf(out, " --%s", option->name);
        else
            fprintf(out, " -%c", option->letter);
    }
}

static void print_bash_values(FILE *out)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *option = &cli_option_table[i];
        if (option->type != CLI_CHOICE)
            continue;
        fprintf(out, "    --%s) values=\"", option->name);
        for (const cli_choice *choice = option->choices; choice->name; choice++)
            fprintf(out, "%s%s", choice == option->choices ? "" : " ", choice->name);
        fputs("\" ;;\n", out);
    }
}

static void print_bash(FILE *out)
{
    fputs("# bash completion for sysprompt\n"
          "_sysprompt() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= values= word\n"
          "    if [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $word in -*) ;; *) command=$word; break ;; esac\n"
          "    done\n"
          "    case $prev in\n",
          out);
    print_bash_values(out);
    fputs("    esac\n"
          "    case $command in\n",
          out);
    for (size_t i = 0; i < cli_command_count; i++) {
        fprintf(out, "    %s) words=\"", cli_commands[i].name);
        print_bash_words(out, &cli_commands[i]);
        fputs("\" ;;\n", out);
    }
    fputs("    *) values=\"", out);
    print_commands(out);
    fputs("\" ;;\n"
          "    esac\n"
          "    if [ -n \"$values\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$values\" -- \"$cur\"))\n"
          "    elif [ \"${cur#-}\" != \"$cur\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _sysprompt sysprompt\n",
          out);
}

/* ---- zsh ----------------------------------------------------------------------------------------- */

/* Inside '...' of _arguments: brackets, colons and quotes have a meaning. */
static void print_zsh_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void print_zsh_option(FILE *out, const cli_option *option)
{
    fputs(" \\\n            '", out);
    if (option->type == CLI_STRINGS)
        fputc('*', out);
    if (option->name)
        fprintf(out, "--%s%s[", option->name, option->argument ? "=" : "");
    else
        fprintf(out, "-%c[", option->letter);
    print_zsh_text(out, option->help);
    fputc(']', out);
    if (option->type == CLI_CHOICE) {
        fputs(":value:(", out);
        for (const cli_choice *choice = option->choices; choice->name; choice++)
            fprintf(out, "%s%s", choice == option->choices ? "" : " ", choice->name);
        fputc(')', out);
    } else if (option->argument) {
        fprintf(out, ":%s:%s", option->argument, takes_file(option) ? "_files" : "");
    }
    fputc('\'', out);
}

static void print_zsh(FILE *out)
{
    fputs("#compdef sysprompt\n"
          "_sysprompt() {\n"
          "    local command=$words[2]\n"
          "    if (( CURRENT == 2 )); then\n"
          "        local -a commands=(",
          out);
    for (size_t i = 0; i < cli_command_count; i++)
        fprintf(out, "%s'%s:%s'", i ? " " : "", cli_commands[i].name, cli_commands[i].summary);
    fputs(")\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    shift words; (( CURRENT-- ))\n"
          "    case $command in\n",
          out);
    for (size_t i = 0; i < cli_command_count; i++) {
        fprintf(out, "    %s)\n        _arguments", cli_commands[i].name);
        for (size_t j = 0; j < cli_option_count; j++)
            if (cli_knows(&cli_commands[i], &cli_option_table[j]))
                print_zsh_option(out, &cli_option_table[j]);
        fputs(" \\\n            '*:file:_files'\n        ;;\n", out);
    }
    fputs("    esac\n}\n_sysprompt \"$@\"\n", out);
}

/* ---- fish ---------------------------------------------------------------------------------------- */

static void print_fish_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++)
        fprintf(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('\'', out);
}

static void print_fish_option(FILE *out, const cli_command *command, const cli_option *option)
{
    fprintf(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s'", command->name);
    if (option->letter)
        fprintf(out, " -s %c", option->letter);
    if (option->name)
        fprintf(out, " -l %s", option->name);
    if (option->type == CLI_CHOICE) {
        fputs(" -x -a '", out);
        for (const cli_choice *choice = option->choices; choice->name; choice++)
            fprintf(out, "%s%s", choice == option->choices ? "" : " ", choice->name);
        fputc('\'', out);
    } else if (option->argument) {
        fputs(takes_file(option) ? " -r -F" : " -x", out);
    }
    fputs(" -d ", out);
    print_fish_text(out, option->help);
    fputc('\n', out);
}

static void print_fish(FILE *out)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        fprintf(out, "complete -c sysprompt -n __fish_use_subcommand -x -a %s -d ", cli_commands[i].name);
        print_fish_text(out, cli_commands[i].summary);
        fputc('\n', out);
        for (size_t j = 0; j < cli_option_count; j++)
            if (cli_knows(&cli_commands[i], &cli_option_table[j]))
                print_fish_option(out, &cli_commands[i], &cli_option_table[j]);
    }
}

cli_exit cli_completion(const cli_options *options)
{
    static const struct {
        const char *name;
        void (*print)(FILE *);
    } shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };
    const char *shell = options->operand_count == 1 ? options->operands[0] : "";
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i].name, shell) == 0)
            return cli_print_to(options, shells[i].print);
    return cli_usage_error("name one shell: bash, zsh or fish");
}
