/* topics.c - the topics of the manual: files of manual/, and pages that are made of the rules and of the header. */
#include "cli/cli.h"
#include "embed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC(key, name, page, section, summary) SP_EMBED(manual_##key, "cli/manual/" #key ".md")
#include "cli/topics.def"
#undef TOPIC
SP_EMBED(manual_header, "sysprompt.h")

static void add_rules(cli_markup *out);
static void add_library(cli_markup *out);

static const cli_topic topics[] = {
#define TOPIC(key, name, page, section, summary)                                                                       \
    { name, page, section, summary, manual_##key, &manual_##key##_length, NULL },
#include "cli/topics.def"
#undef TOPIC
    { "rules", "sysprompt-rules", '7', "all rules of Claude Code, with their sources", NULL, NULL, add_rules },
    { "library", "sysprompt", '3', "the C library and its JSON call", NULL, NULL, add_library },
};
enum { TOPIC_COUNT = sizeof topics / sizeof topics[0] };

const cli_topic *cli_topic_at(size_t index)
{
    return index < TOPIC_COUNT ? &topics[index] : NULL;
}

const cli_topic *cli_topic_find(const char *name)
{
    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        const cli_topic *topic = cli_topic_at(i);
        char numbered[64], page[64];
        snprintf(numbered, sizeof numbered, "%s.%c", topic->name, topic->section);
        snprintf(page, sizeof page, "%s.%c", topic->page, topic->section);
        if (strcmp(name, topic->name) == 0 || strcmp(name, numbered) == 0 || strcmp(name, page) == 0 ||
            (strcmp(name, topic->page) == 0 && strcmp(name, "sysprompt") != 0))
            return topic;
    }
    return NULL;
}

void cli_topic_add(cli_markup *out, const cli_topic *topic)
{
    if (topic->add)
        topic->add(out);
    else
        cli_markdown(out, topic->text, *topic->length);
}

static void add_see_also(cli_markup *out, const char *text)
{
    cli_heading(out, 2, "See also", strlen("See also"));
    cli_paragraph(out, text, strlen(text));
}

/* ---- rules --------------------------------------------------------------------------------------------------- */

/* A member of a rule as text; "" for null. */
static const char *member(sp_document *document, size_t rule, const char *name, char buffer[1200])
{
    char pointer[64];
    double number;
    sp_str string;
    sp_err err;
    snprintf(pointer, sizeof pointer, "/rules/%zu/%s", rule, name);
    buffer[0] = '\0';
    if (sp_document_string(document, pointer, &string, &err) == SP_OK)
        snprintf(buffer, 1200, "%.*s", (int)string.len, string.ptr);
    else if (sp_document_number(document, pointer, &number, &err) == SP_OK)
        snprintf(buffer, 1200, "%.0f", number);
    return buffer;
}

static void add_rule(cli_markup *out, sp_document *document, size_t rule)
{
    char id[1200], text[1200], value[1200], unit[1200], since[1200], until[1200], grade[1200], source[1200], all[12000];
    member(document, rule, "id", id);
    member(document, rule, "text", text);
    member(document, rule, "value", value);
    member(document, rule, "unit", unit);
    member(document, rule, "since", since);
    member(document, rule, "until", until);
    member(document, rule, "confidence", grade);
    member(document, rule, "source", source);
    snprintf(all, sizeof all, "%s.%s%s%s%s%s%s%s Grade %s: %s", text, *value ? " Value: " : "", value,
             *value ? " " : "", *value ? unit : "", *value ? "." : "", *since ? " Since " : "", since, grade, source);
    if (*until)
        snprintf(all, sizeof all, "%s.%s%s%s Until %s. Grade %s: %s", text, *value ? " Value: " : "", value,
                 *value ? "." : "", until, grade, source);
    cli_pair(out, id, all, strlen(all), 6);
}

static void add_rule_list(cli_markup *out, sp_document *document)
{
    char id[1200], area[64] = "";
    size_t count = 0;
    sp_err err;
    if (sp_document_length(document, "/rules", &count, &err) != SP_OK)
        out->page->failed = true;
    for (size_t i = 0; i < count; i++) {
        member(document, i, "id", id);
        size_t len = strcspn(id, ".");
        if (strlen(area) != len || memcmp(area, id, len) != 0) {
            snprintf(area, sizeof area, "%.*s", (int)len, id);
            cli_heading(out, 3, area, strlen(area));
        }
        add_rule(out, document, i);
    }
}

static void add_rules(cli_markup *out)
{
    static const char text[] =
        "These are the rules of the newest Claude Code that this version knows, and sysprompt's own. "
        "`sysprompt rules --profile NAME` lists those of another client or version. A grade tells how a rule is "
        "known: M measured in the real client, A the current official page, B an older official page, C observed by "
        "others, D our assumption.";
    sp_err err;
    sp_document *document = NULL;
    sp_options *options = sp_options_new();
    cli_heading(out, 2, "Rules", 5);
    cli_paragraph(out, text, sizeof text - 1);
    if (options && sp_options_set(options, "json", NULL, &err) == SP_OK &&
        sp_run(options, "rules", &document, &err) == SP_OK)
        add_rule_list(out, document);
    else
        out->page->failed = true;
    add_see_also(out, "sysprompt-rules(1), sysprompt-profiles(7), sysprompt-accuracy(7)");
    sp_document_free(document);
    sp_options_free(options);
}

/* ---- the library ------------------------------------------------------------------------------------------------ */

/* One line of a comment as Markdown: indented lines are code, or belong to an item. */
static void add_comment_line(cli_page *lines, const char *line, size_t len, bool *is_code, bool *is_item)
{
    bool begins_item = len > 4 && strncmp(line, "  - ", 4) == 0;
    bool is_indented = len > 2 && strncmp(line, "  ", 2) == 0 && !begins_item && !*is_item;
    if (is_indented != *is_code)
        cli_page_add(lines, "```\n");
    *is_code = is_indented;
    *is_item = begins_item || (*is_item && len > 2 && strncmp(line, "  ", 2) == 0);
    cli_page_add(lines, "%.*s\n", (int)(len - (begins_item ? 2 : 0)), line + (begins_item ? 2 : 0));
}

/* The text of a comment, without its marks. */
static void add_comment(cli_markup *out, const char *text, size_t len)
{
    cli_page lines = { 0 };
    bool is_code = false, is_item = false;
    for (size_t i = 0; i < len;) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t line = end ? (size_t)(end - text) - i : len - i, skip = 0;
        while (skip < line && skip < 3 && (text[i + skip] == ' ' || text[i + skip] == '/' || text[i + skip] == '*'))
            skip++;
        add_comment_line(&lines, text + i + skip, line - skip, &is_code, &is_item);
        i += line + 1;
    }
    cli_page_add(&lines, is_code ? "```\n" : "");
    out->page->failed = out->page->failed || lines.failed;
    if (!lines.failed)
        cli_markdown(out, lines.bytes, lines.len);
    free(lines.bytes);
}

/* "/ * ---- tokens --- * /" */
static bool is_section(const char *at)
{
    return strncmp(at, "/* ---- ", 8) == 0;
}

static void add_section(cli_markup *out, const char *at)
{
    const char *end = strstr(at + 8, " --");
    cli_heading(out, 2, at + 8, end ? (size_t)(end - at) - 8 : 0);
}

static const char *line_end(const char *at, const char *end)
{
    const char *found = memchr(at, '\n', (size_t)(end - at));
    return found ? found + 1 : end;
}

/* Lines that only the compiler needs. */
static bool is_plumbing(const char *at)
{
    static const char *const starts[] = {
        "#define SYSPROMPT_H", "#if",          "#endif", "#define SP_", "#else", "#include",
        "/* NOLINT",           "extern \"C\"", "}\n",    "\n"
    };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (strncmp(at, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool begins_block(const char *at)
{
    return *at == '\n' || strncmp(at, "/* ", 3) == 0 || strncmp(at, "#", 1) == 0;
}

static const char *add_header_block(cli_markup *out, const char *at, const char *end)
{
    const char *from = at;
    if (strncmp(at, "/*", 2) == 0) {
        const char *close = strstr(at, "*/");
        at = close ? line_end(close, end) : end;
        if (is_section(from))
            add_section(out, from);
        else
            add_comment(out, from, (size_t)((close ? close : end) - from));
        return at;
    }
    while (at < end && (at == from || !begins_block(at)))
        at = line_end(at, end);
    cli_code(out, from, (size_t)(at - from));
    return at;
}

static void add_library(cli_markup *out)
{
    const char *at = manual_header, *end = at + manual_header_length;
    const char *begin = strstr(at, "#ifndef SYSPROMPT_H");
    cli_heading(out, 2, "Library", 7);
    while (*at) {
        if (at >= begin && is_plumbing(at))
            at = line_end(at, end);
        else
            at = add_header_block(out, at, end);
    }
    add_see_also(out, "sysprompt(1), sysprompt-json(5)");
}
