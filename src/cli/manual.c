/* manual.c - the manual page, made of the same tables as the help. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* roff takes a line that begins with a dot or a quote for a request, and a backslash for an escape. */
static void print_text(FILE *out, const char *text)
{
    bool at_line_start = true;
    for (; *text; text++) {
        if (at_line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        at_line_start = *text == '\n';
    }
    if (!at_line_start)
        fputc('\n', out);
}

static void print_option(FILE *out, const cli_option *option)
{
    fputs(".TP\n", out);
    if (option->letter)
        fprintf(out, "\\fB\\-%c\\fR%s", option->letter, option->name ? ", " : "");
    if (option->name) {
        fputs("\\fB\\-\\-", out);
        for (const char *c = option->name; *c; c++)
            fprintf(out, *c == '-' ? "\\-" : "%c", *c);
        fputs("\\fR", out);
    }
    if (option->argument)
        fprintf(out, "%s\\fI%s\\fR", option->name ? "=" : " ", option->argument);
    fputc('\n', out);
    print_text(out, option->help);
}

static void print_command(FILE *out, const cli_command *command)
{
    fprintf(out, ".SS sysprompt %s [OPTION...] %s\n", command->name, command->operands);
    print_text(out, command->text);
    for (size_t i = 0; i < cli_option_count; i++)
        if (cli_knows(command, &cli_option_table[i]))
            print_option(out, &cli_option_table[i]);
    fputs(".PP\nExamples:\n.PP\n.nf\n", out);
    print_text(out, command->examples);
    fputs(".fi\n", out);
}

static void print_page(FILE *out)
{
    fputs(".TH SYSPROMPT 1 \"\" \"sysprompt " SP_VERSION "\"\n"
          ".SH NAME\nsysprompt \\- build the exact prompt a coding agent starts with, and count its tokens\n"
          ".SH SYNOPSIS\n.B sysprompt\n.I COMMAND\n[OPTION...] [AGENT|FILE...]\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; i < cli_command_count; i++)
        print_command(out, &cli_commands[i]);
    fputs(".SH EXIT STATUS\n", out);
    print_text(out, cli_exit_codes_text);
    fputs(".SH ENVIRONMENT\n.TP\n.B HOME\nthe home directory, unless \\-\\-home names one\n"
          ".TP\n.B NO_COLOR\nturns colour off when it is not empty\n",
          out);
}

cli_exit cli_manual(const cli_options *options)
{
    if (options->operand_count > 0)
        return cli_usage_error("manual takes no operand");
    return cli_print_to(options, print_page);
}
