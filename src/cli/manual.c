/* manual.c - the manual page, made of the same tables as the help. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

/* roff takes a line that begins with a dot or a quote for a request, and a backslash for an escape. */
static void print_text(cli_page *out, const char *text)
{
    bool at_line_start = true;
    for (; *text; text++) {
        if (at_line_start && (*text == '.' || *text == '\''))
            cli_page_add(out, "%s", "\\&");
        if (*text == '\\')
            cli_page_add(out, "%s", "\\e");
        else if (*text == '-')
            cli_page_add(out, "%s", "\\-");
        else
            cli_page_add(out, "%c", *text);
        at_line_start = *text == '\n';
    }
    if (!at_line_start)
        cli_page_add(out, "%c", '\n');
}

static void print_option(cli_page *out, const sp_option_info *option)
{
    cli_page_add(out, "%s", ".TP\n");
    if (option->letter)
        cli_page_add(out, "\\fB\\-%c\\fR%s", option->letter, option->name ? ", " : "");
    if (option->name) {
        cli_page_add(out, "%s", "\\fB\\-\\-");
        for (const char *c = option->name; *c; c++)
            cli_page_add(out, *c == '-' ? "\\-" : "%c", *c);
        cli_page_add(out, "%s", "\\fR");
    }
    if (option->argument)
        cli_page_add(out, "%s\\fI%s\\fR", option->name ? "=" : " ", option->argument);
    cli_page_add(out, "%c", '\n');
    print_text(out, option->help);
}

static void print_command(cli_page *out, const sp_command_info *command)
{
    cli_page_add(out, ".SS sysprompt %s [OPTION...]%s%s\n", command->name, *command->operands ? " " : "",
                 command->operands);
    print_text(out, command->text);
    for (size_t i = 0; sp_option_at(command->name, i); i++)
        print_option(out, sp_option_at(command->name, i));
    cli_page_add(out, "%s", ".PP\nExamples:\n.PP\n.nf\n");
    print_text(out, command->examples);
    cli_page_add(out, "%s", ".fi\n");
}

static void print_page(cli_page *out)
{
    cli_page_add(out, "%s",
                 ".TH SYSPROMPT 1 \"\" \"sysprompt " SP_VERSION "\"\n"
                 ".SH NAME\nsysprompt \\- build the exact prompt a coding agent starts with, and count its tokens\n"
                 ".SH SYNOPSIS\n.B sysprompt\n.I COMMAND\n[OPTION...] [AGENT|FILE...]\n"
                 ".SH COMMANDS\n");
    for (size_t i = 0; sp_command_at(i); i++)
        print_command(out, sp_command_at(i));
    cli_page_add(out, "%s", ".SH EXIT STATUS\n");
    print_text(out, cli_exit_codes_text);
    cli_page_add(out, "%s",
                 ".SH ENVIRONMENT\n.TP\n.B HOME\nthe home directory, unless \\-\\-home names one\n"
                 ".TP\n.B NO_COLOR\nturns colour off when it is not empty\n");
}

cli_exit cli_manual(const sp_options *options)
{
    static const sp_err no_operand = { .status = SP_ERR_USAGE, .message = "manual takes no operand" };
    cli_page page = { 0 };
    if (sp_options_operand(options, 0))
        return cli_print_error(options, &no_operand, "manual");
    print_page(&page);
    return cli_page_finish(options, sp_options_get(options, "output"), &page);
}
