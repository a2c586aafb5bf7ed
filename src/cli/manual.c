/* manual.c - the manual pages, made of the same tables and topics as the help. */
#include "cli/cli.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANUAL_DATE "2026-11-22"

static void add_title(cli_page *page, const char *name, char section, const char *summary)
{
    char upper[64];
    size_t len = 0;
    for (; name[len] && len + 1 < sizeof upper; len++)
        upper[len] = (char)toupper((unsigned char)name[len]);
    upper[len] = '\0';
    cli_page_add(page, ".TH %s %c \"%s\" \"sysprompt %s\" \"sysprompt manual\"\n.SH NAME\n", upper, section,
                 MANUAL_DATE, SP_VERSION);
    for (const char *c = name; *c; c++)
        cli_page_add(page, *c == '-' ? "\\-" : "%c", *c);
    cli_page_add(page, " \\- %s\n", summary);
}

static void add_heading(cli_markup *out, const char *text)
{
    cli_heading(out, 2, text, strlen(text));
}

static void add_sentence(cli_markup *out, const char *text)
{
    cli_paragraph(out, text, strlen(text));
}

static void add_files(cli_markup *out)
{
    static const struct {
        const char *path;
        const char *text;
    } files[] = {
        { "sysprompt.yaml", "the configuration, in the launch directory or above it: see sysprompt.yaml(5)" },
        { "~/.cache/sysprompt", "vocabularies that were read and counts of a provider; `$XDG_CACHE_HOME` moves it" },
        { "~/.local/share/sysprompt", "installed vocabularies; `$XDG_DATA_HOME` moves it" },
    };
    add_heading(out, "Files");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        cli_pair(out, files[i].path, files[i].text, strlen(files[i].text), 0);
}

/* A name of see_also as a reference: a command, or a topic. */
static void add_reference(cli_page *text, const char *name, size_t len)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%.*s", (int)len, name);
    const cli_topic *topic = cli_topic_find(copy);
    if (cli_find(copy))
        cli_page_add(text, "%ssysprompt-%s(1)", text->len ? ", " : "", copy);
    else if (topic)
        cli_page_add(text, "%s%s(%c)", text->len ? ", " : "", topic->page, topic->section);
}

static void add_references(cli_markup *out, const char *names)
{
    cli_page text = { 0 };
    for (size_t len; *names; names += len + (names[len] == ' ')) {
        len = strcspn(names, " ");
        add_reference(&text, names, len);
    }
    cli_page_add(&text, "%s", text.len ? ", sysprompt(1)" : "sysprompt(1)");
    add_heading(out, "See also");
    out->page->failed = out->page->failed || text.failed;
    if (!text.failed)
        cli_paragraph(out, text.bytes, text.len);
    free(text.bytes);
}

/* ---- sysprompt-COMMAND(1) -------------------------------------------------------------------------------------- */

static void add_command(cli_markup *out, const sp_command_info *command)
{
    char name[64], usage[128];
    snprintf(name, sizeof name, "sysprompt-%s", command->name);
    snprintf(usage, sizeof usage, "`sysprompt %s` [OPTION...] %s", command->name, command->operands);
    add_title(out->page, name, '1', command->summary);
    add_heading(out, "Synopsis");
    add_sentence(out, usage);
    add_heading(out, "Description");
    cli_add_text(out, command);
    add_heading(out, "Options");
    cli_add_options(out, command->name);
    cli_add_exit_codes(out, command->exit_codes);
    add_files(out);
    cli_add_examples(out, command);
    add_references(out, command->see_also);
}

/* ---- sysprompt(1) ---------------------------------------------------------------------------------------------- */

static void add_lists(cli_markup *out)
{
    add_heading(out, "Commands");
    for (size_t i = 0; sp_command_at(i); i++) {
        char name[64];
        snprintf(name, sizeof name, "sysprompt-%s(1)", sp_command_at(i)->name);
        cli_pair(out, name, sp_command_at(i)->summary, strlen(sp_command_at(i)->summary), 0);
    }
    add_heading(out, "Topics");
    for (size_t i = 0; cli_topic_at(i); i++) {
        const cli_topic *topic = cli_topic_at(i);
        char name[64];
        snprintf(name, sizeof name, "%s(%c)", topic->page, topic->section);
        cli_pair(out, name, topic->summary, strlen(topic->summary), 0);
    }
}

static void add_environment(cli_markup *out)
{
    static const struct {
        const char *name;
        const char *text;
    } variables[] = {
        { "HOME", "the home directory, unless `--home` names one" },
        { "NO_COLOR", "turns colors off if it is not empty" },
        { "COLUMNS", "the width of tables where the output is not a terminal" },
        { "XDG_CACHE_HOME", "where the cache is" },
        { "XDG_DATA_HOME", "where installed vocabularies are" },
        { "SOURCE_DATE_EPOCH", "the date of the environment section" },
        { "ANTHROPIC_API_KEY", "the key for `--via=anthropic`" },
        { "ANTHROPIC_BASE_URL", "the address for `--via=anthropic`" },
    };
    add_heading(out, "Environment");
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        cli_pair(out, variables[i].name, variables[i].text, strlen(variables[i].text), 0);
}

static void add_examples(cli_markup *out)
{
    static const char examples[] = "sysprompt explain reviewer\nsysprompt build reviewer --budget=8k -o prompt.txt\n"
                                   "sysprompt check\nsysprompt diff v1.0\nsysprompt count CLAUDE.md\n";
    add_heading(out, "Examples");
    cli_code(out, examples, sizeof examples - 1);
}

static void add_program(cli_markup *out)
{
    add_title(out->page, "sysprompt", '1', "predict the prompt of a coding agent and count its tokens");
    add_heading(out, "Synopsis");
    add_sentence(out, "`sysprompt` COMMAND [OPTION...] [OPERAND...]");
    add_heading(out, "Description");
    add_sentence(out, "sysprompt reads an agent's file, its memory, and the project's instructions, rules and skills "
                      "as the client does. It prints the prompt, counts its tokens, and reports each omission with "
                      "the rule that causes it.");
    add_lists(out);
    cli_add_exit_codes(out, cli_exit_codes);
    add_environment(out);
    add_files(out);
    add_examples(out);
    add_heading(out, "See also");
    add_sentence(out, "sysprompt-tour(7), sysprompt-build(1), sysprompt.yaml(5), sysprompt(3)");
}

/* ---- pages ------------------------------------------------------------------------------------------------------ */

static void add_topic(cli_markup *out, const cli_topic *topic)
{
    add_title(out->page, topic->page, topic->section, topic->summary);
    cli_topic_add(out, topic);
}

/* False when there is no such page. */
static bool add_page(cli_markup *out, const char *name)
{
    const cli_topic *topic = cli_topic_find(name);
    for (size_t i = 0; sp_command_at(i); i++) {
        char page[64];
        snprintf(page, sizeof page, "sysprompt-%s.1", sp_command_at(i)->name);
        if (strcmp(page, name) == 0) {
            add_command(out, sp_command_at(i));
            return true;
        }
    }
    if (strcmp(name, "sysprompt.1") == 0)
        add_program(out);
    else if (topic)
        add_topic(out, topic);
    return topic || strcmp(name, "sysprompt.1") == 0;
}

static void add_names(cli_page *page)
{
    cli_page_add(page, "sysprompt.1\n");
    for (size_t i = 0; sp_command_at(i); i++)
        cli_page_add(page, "sysprompt-%s.1\n", sp_command_at(i)->name);
    for (size_t i = 0; cli_topic_at(i); i++)
        cli_page_add(page, "%s.%c\n", cli_topic_at(i)->page, cli_topic_at(i)->section);
}

cli_exit cli_manual(const sp_options *options)
{
    sp_err err = { .status = SP_ERR_USAGE };
    cli_page page = { 0 };
    cli_markup out = cli_markup_on(&page, true);
    const char *name = sp_options_operand(options, 0);
    bool is_one = !sp_options_operand(options, 1);
    if (is_one && name && strcmp(name, "pages") == 0)
        add_names(&page);
    else if (!is_one || !add_page(&out, name ? name : "sysprompt.1")) {
        free(page.bytes);
        snprintf(err.message, sizeof err.message,
                 "manual takes the name of one page, such as sysprompt-budgets.7; sysprompt manual pages lists them");
        return cli_print_error(options, &err, "manual");
    }
    return cli_page_finish(options, sp_options_get(options, "output"), &page);
}
