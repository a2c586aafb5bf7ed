/* help.c - the help of the program, of its commands and of topics, made of the library's tables. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { OPTION_COLUMN = 28, COMMAND_COLUMN = 27, EXAMPLE_COLUMN = 6, MAX_WIDTH = 80, MIN_WIDTH = 40 };

const char cli_exit_codes[] =
    "0\tfine\n"
    "1\tthe client refuses the agent, a budget is exceeded, or check or diff found something\n"
    "2\tusage, configuration, or input that cannot be read\n"
    "3\tout of memory, or the output could not be written\n";

cli_markup cli_markup_on(cli_page *page, bool is_roff)
{
    cli_terminal terminal = cli_look_at(STDOUT_FILENO, NULL);
    unsigned width = terminal.width_columns ? terminal.width_columns : MAX_WIDTH;
    width = width > MAX_WIDTH ? MAX_WIDTH : width < MIN_WIDTH ? MIN_WIDTH : width;
    return (cli_markup){ .page = page, .is_roff = is_roff, .has_color = !is_roff && terminal.color, .width = width };
}

const sp_command_info *cli_find(const char *command)
{
    for (size_t i = 0; sp_command_at(i); i++)
        if (strcmp(sp_command_at(i)->name, command) == 0)
            return sp_command_at(i);
    return NULL;
}

static void add_heading(cli_markup *out, unsigned level, const char *text)
{
    cli_heading(out, level, text, strlen(text));
}

/* ---- the rows of a command ---------------------------------------------------------------------------------- */

void cli_spell_option(const sp_option_info *o, char *buffer, size_t size)
{
    char letter[8] = "    ";
    bool is_optional = o->type == SP_OPTION_OPTIONAL;
    if (o->letter)
        snprintf(letter, sizeof letter, o->name ? "-%c, " : "-%c", o->letter);
    snprintf(buffer, size, "%s%s%s%s%s%s%s", letter, o->name ? "--" : "", o->name ? o->name : "",
             is_optional ? "[" : "", o->argument ? (o->name ? "=" : " ") : "", o->argument ? o->argument : "",
             is_optional ? "]" : "");
}

void cli_add_text(cli_markup *out, const sp_command_info *command)
{
    for (const char *text = command->text; *text;) {
        size_t len = strcspn(text, "\n");
        cli_paragraph(out, text, len);
        text += len + (text[len] == '\n');
    }
}

void cli_add_options(cli_markup *out, const char *command)
{
    const char *group = "";
    for (size_t i = 0; sp_option_at(command, i); i++) {
        const sp_option_info *o = sp_option_at(command, i);
        char left[96], right[512];
        if (strcmp(o->group, group) != 0)
            add_heading(out, 3, o->group);
        group = o->group;
        cli_spell_option(o, left, sizeof left);
        snprintf(right, sizeof right, "%s%s%s%s", o->help, o->default_value ? " (default: " : "",
                 o->default_value ? o->default_value : "", o->default_value ? ")" : "");
        cli_pair(out, left + (out->is_roff ? strspn(left, " ") : 0), right, strlen(right), OPTION_COLUMN);
    }
}

/* Lines of two cells, with a tab between them. */
static void add_pairs(cli_markup *out, const char *lines, unsigned column)
{
    while (*lines) {
        char left[160];
        size_t left_len = strcspn(lines, "\t"), len = strcspn(lines, "\n");
        snprintf(left, sizeof left, "%.*s", (int)left_len, lines);
        cli_pair(out, left, lines + left_len + 1, len - left_len - 1, column);
        lines += len + (lines[len] == '\n');
    }
}

void cli_add_examples(cli_markup *out, const sp_command_info *command)
{
    add_heading(out, 2, "Examples");
    add_pairs(out, command->examples, EXAMPLE_COLUMN);
}

void cli_add_exit_codes(cli_markup *out, const char *lines)
{
    add_heading(out, 2, out->is_roff ? "Exit status" : "Exit codes");
    add_pairs(out, lines, EXAMPLE_COLUMN);
}

/* ---- help ----------------------------------------------------------------------------------------------------- */

static void add_commands(cli_markup *out)
{
    add_heading(out, 2, "Commands, in the order of their use");
    for (size_t i = 0; sp_command_at(i); i++) {
        const sp_command_info *command = sp_command_at(i);
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", command->name, *command->operands ? " " : "", command->operands);
        cli_pair(out, left, command->summary, strlen(command->summary), COMMAND_COLUMN);
    }
}

static void add_topics(cli_markup *out)
{
    add_heading(out, 2, "Topics of the manual (sysprompt help TOPIC)");
    for (size_t i = 0; cli_topic_at(i); i++) {
        const cli_topic *topic = cli_topic_at(i);
        char left[64];
        snprintf(left, sizeof left, cli_find(topic->name) ? "%s.%c" : "%s", topic->name, topic->section);
        cli_pair(out, left, topic->summary, strlen(topic->summary), COMMAND_COLUMN);
    }
}

static void add_program(cli_markup *out)
{
    cli_page_add(out->page, "sysprompt predicts the prompt of a coding agent, and counts its tokens.\n\n"
                            "Usage: sysprompt COMMAND [OPTION...] [OPERAND...]\n");
    add_commands(out);
    add_topics(out);
    cli_add_exit_codes(out, cli_exit_codes);
    cli_page_add(out->page, "\nsysprompt COMMAND --help has the options, examples and exit codes of a command.\n");
}

static void add_see_also(cli_markup *out, const char *names)
{
    char text[256] = "";
    size_t used = 0;
    for (size_t len; *names; names += len + (names[len] == ' ')) {
        len = strcspn(names, " ");
        used += (size_t)snprintf(text + used, sizeof text - used, "%ssysprompt help %.*s", used ? ", " : "", (int)len,
                                 names);
        if (used >= sizeof text)
            return;
    }
    add_heading(out, 2, "See also");
    cli_paragraph(out, text, used);
}

static void add_command(cli_markup *out, const sp_command_info *command)
{
    cli_page_add(out->page, "sysprompt %s: %s\n\nUsage: sysprompt %s [OPTION...]%s%s\n\n", command->name,
                 command->summary, command->name, *command->operands ? " " : "", command->operands);
    cli_add_text(out, command);
    cli_add_examples(out, command);
    cli_add_options(out, command->name);
    cli_add_exit_codes(out, command->exit_codes);
    if (*command->see_also)
        add_see_also(out, command->see_also);
}

cli_exit cli_help(const sp_options *options, const char *name)
{
    cli_page page = { 0 };
    cli_markup out = cli_markup_on(&page, false);
    const sp_command_info *command = name ? cli_find(name) : NULL;
    if (command)
        add_command(&out, command);
    else
        add_program(&out);
    return cli_page_finish(options, sp_options_get(options, "output"), &page);
}

static cli_exit help_on(const sp_options *options, const cli_topic *topic)
{
    cli_page page = { 0 };
    cli_markup out = cli_markup_on(&page, false);
    cli_page_add(&page, "%s(%c): %s\n", topic->page, topic->section, topic->summary);
    out.has_gap = true;
    cli_topic_add(&out, topic);
    return cli_page_finish(options, sp_options_get(options, "output"), &page);
}

/* A heading counts for ten. */
static size_t count_word(const cli_topic *topic, const char *word)
{
    size_t count = 0, len = strlen(word);
    bool in_heading = false;
    const char *end = topic->text ? topic->text + *topic->length : NULL;
    for (const char *at = topic->text; at && len && (size_t)(end - at) >= len; at++) {
        in_heading = at == topic->text || at[-1] == '\n' ? *at == '#' : in_heading;
        if (strncasecmp(at, word, len) == 0)
            count += in_heading ? 10 : 1;
    }
    return count;
}

/* The topic that has the word most often, or NULL. */
static const cli_topic *find_mention(const char *word)
{
    const cli_topic *best = NULL;
    size_t most = 0;
    for (size_t i = 0; cli_topic_at(i); i++) {
        size_t count = count_word(cli_topic_at(i), word);
        if (count <= most)
            continue;
        most = count;
        best = cli_topic_at(i);
    }
    return best;
}

cli_exit cli_help_topic(const sp_options *options)
{
    const char *name = sp_options_operand(options, 0);
    sp_err err = { .status = SP_ERR_USAGE };
    if (!name || cli_find(name))
        return cli_help(options, name);
    const cli_topic *mention = find_mention(name);
    if (sp_options_operand(options, 1))
        snprintf(err.message, sizeof err.message, "one topic at a time; leave out \"%.200s\"",
                 sp_options_operand(options, 1));
    else if (cli_topic_find(name))
        return help_on(options, cli_topic_find(name));
    else
        snprintf(err.message, sizeof err.message,
                 "no topic \"%.200s\"; %s%s%ssysprompt help lists the commands and topics", name,
                 mention ? "sysprompt help " : "", mention ? mention->name : "",
                 mention ? " has the most about it, and " : "");
    return cli_print_error(options, &err, NULL);
}

cli_exit cli_greet(void)
{
    fputs("sysprompt predicts the prompt of a coding agent, and counts its tokens.\n\n"
          "  sysprompt explain        where each part of this project's prompt comes from\n"
          "  sysprompt build          the prompt itself\n"
          "  sysprompt check          problems in the files that load, and budgets\n"
          "  sysprompt count FILE     the tokens of a file\n\n"
          "Add the name of an agent to build, explain and check: sysprompt explain reviewer.\n"
          "sysprompt help lists all commands and the topics of the manual.\n",
          stderr);
    return CLI_USAGE;
}

cli_exit cli_version(const sp_options *options)
{
    cli_page page = { 0 };
    cli_page_add(&page, "%s",
                 "sysprompt " SP_VERSION "\n"
                 "tokens equal to tiktoken 0.14.0 (Unicode 16.0); rules of Claude Code as documented on 2026-10-08\n");
    return cli_page_finish(options, NULL, &page);
}
