/* help.c - the help of the program and of its commands, made of the library's tables. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

const char cli_exit_codes_text[] =
    "0 fine; 1 the rules refuse the agent, it is over its budget, check found something, or diff is over --fail-over;\n"
    "2 usage, or input that cannot be read;\n"
    "3 out of memory, or the output could not be written.\n";

static void add_exit_codes(cli_page *page)
{
    cli_page_add(page, "\nExit codes: %s", cli_exit_codes_text);
}

static void add_program(cli_page *page)
{
    cli_page_add(page, "sysprompt builds the exact prompt that a coding agent starts with, and counts its tokens.\n\n"
                       "Usage: sysprompt COMMAND [OPTION...] [AGENT|FILE...]\n\n");
    for (size_t i = 0; sp_command_at(i); i++) {
        const sp_command_info *command = sp_command_at(i);
        cli_page_add(page, "  %-12s%-20s%s\n", command->name, command->operands, command->summary);
    }
    cli_page_add(page, "%s",
                 "\nExamples:\n"
                 "  sysprompt build reviewer            the prompt of the agent named reviewer\n"
                 "  sysprompt explain reviewer          where it comes from and what is left out\n"
                 "  sysprompt count CLAUDE.md           how many tokens a file has\n"
                 "  sysprompt list                      which agents there are\n\n"
                 "sysprompt COMMAND --help says more about a command.\n");
}

static void add_options(cli_page *page, const char *command)
{
    for (size_t i = 0; sp_option_at(command, i); i++) {
        const sp_option_info *o = sp_option_at(command, i);
        char left[80];
        char name[64] = "";
        char letter[8] = "    ";
        if (o->name)
            snprintf(name, sizeof name, "--%s", o->name);
        if (o->letter)
            snprintf(letter, sizeof letter, o->name ? "-%c, " : "-%c", o->letter);
        bool is_optional = o->type == SP_OPTION_OPTIONAL;
        snprintf(left, sizeof left, "%s%s%s%s%s%s", letter, name, is_optional ? "[" : "",
                 o->argument ? (o->name ? "=" : " ") : "", o->argument ? o->argument : "", is_optional ? "]" : "");
        if (strlen(left) > 26)
            cli_page_add(page, "  %s\n%30s%s\n", left, "", o->help);
        else
            cli_page_add(page, "  %-28s%s\n", left, o->help);
    }
}

static void add_command(cli_page *page, const sp_command_info *command)
{
    cli_page_add(page, "sysprompt %s: %s\n\n", command->name, command->summary);
    cli_page_add(page, "Usage: sysprompt %s [OPTION...]%s%s\n\n%s\n\nExamples:\n%s\nOptions:\n", command->name,
                 *command->operands ? " " : "", command->operands, command->text, command->examples);
    add_options(page, command->name);
}

cli_exit cli_help(const sp_options *options, const char *name)
{
    cli_page page = { 0 };
    if (!name)
        add_program(&page);
    for (size_t i = 0; name && sp_command_at(i); i++)
        if (strcmp(sp_command_at(i)->name, name) == 0)
            add_command(&page, sp_command_at(i));
    add_exit_codes(&page);
    return cli_page_finish(options, NULL, &page);
}

cli_exit cli_version(const sp_options *options)
{
    cli_page page = { 0 };
    cli_page_add(&page, "%s",
                 "sysprompt " SP_VERSION "\n"
                 "tokens equal to tiktoken 0.14.0 (Unicode 16.0); rules of Claude Code as documented on 2026-10-08\n");
    return cli_page_finish(options, NULL, &page);
}
