/*
 * markup.c - headings, paragraphs, lists and examples, for a terminal or for man; and a reader of the Markdown that the
 * manual is written in.
 *
 * The subset: # headings, paragraphs, "- " items, fenced code, tables of two columns, and `code` within a line. A table
 * is a list of terms; its head is left out. Help and generated pages call the same functions.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { ROFF_WIDTH = 78, TERM_WIDTH = 26 };

/* ---- words ------------------------------------------------------------------------------------------------- */

/* Code points, without the marks of `code`; for man, bytes with its escapes. */
static unsigned width_of(const cli_markup *out, const char *word, size_t len)
{
    unsigned width = 0;
    for (size_t i = 0; i < len; i++) {
        bool is_mark = word[i] == '`';
        if (out->is_roff)
            width += is_mark ? 3 : word[i] == '-' || word[i] == '\\' ? 2 : 1;
        else
            width += ((unsigned char)word[i] & 0xc0) != 0x80 && !is_mark;
    }
    return width;
}

static void add_roff(cli_markup *out, char c)
{
    if (c == '\\')
        cli_page_add(out->page, "%s", "\\e");
    else if (c == '-')
        cli_page_add(out->page, "%s", "\\-");
    else
        cli_page_add(out->page, "%c", c);
}

/* A word, where a backtick begins or ends code. */
static void add_word(cli_markup *out, const char *word, size_t len, bool is_first_of_line)
{
    if (out->is_roff && is_first_of_line && (word[0] == '.' || word[0] == '\''))
        cli_page_add(out->page, "%s", "\\&");
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '`') {
            out->is_code = !out->is_code;
            if (out->is_roff)
                cli_page_add(out->page, "%s", out->is_code ? "\\fB" : "\\fR");
            else if (out->has_color)
                cli_page_add(out->page, "%s", out->is_code ? "\033[1m" : "\033[0m");
        } else if (out->is_roff) {
            add_roff(out, word[i]);
        } else {
            cli_page_add(out->page, "%c", word[i]);
        }
    }
}

/* Wraps text. Its first line begins at column, which is reached already, the others at indent. */
static void wrap(cli_markup *out, const char *text, size_t len, unsigned column, unsigned indent)
{
    unsigned width = out->is_roff ? ROFF_WIDTH : out->width, at = column;
    bool is_first = true;
    out->is_code = false;
    for (size_t i = 0; i < len;) {
        size_t end = i;
        while (end < len && text[end] != ' ' && text[end] != '\n')
            end++;
        unsigned word = width_of(out, text + i, end - i);
        bool breaks = !is_first && at + 1 + word > width;
        if (breaks)
            cli_page_add(out->page, "\n%*s", (int)(out->is_roff ? 0 : indent), "");
        else if (!is_first)
            cli_page_add(out->page, "%c", ' ');
        at = breaks ? indent + word : at + !is_first + word;
        if (end > i)
            add_word(out, text + i, end - i, is_first || breaks);
        is_first = false;
        for (i = end; i < len && (text[i] == ' ' || text[i] == '\n');)
            i++;
    }
    cli_page_add(out->page, "%c", '\n');
}

static void add_gap(cli_markup *out)
{
    if (!out->is_roff && out->has_gap)
        cli_page_add(out->page, "%c", '\n');
    out->has_gap = false;
}

/* ---- blocks ------------------------------------------------------------------------------------------------ */

void cli_heading(cli_markup *out, unsigned level, const char *text, size_t len)
{
    out->has_gap = true;
    add_gap(out);
    if (out->is_roff) {
        cli_page_add(out->page, level == 2 ? ".SH " : ".SS ");
        for (size_t i = 0; i < len; i++)
            add_roff(out, level == 2 ? (char)toupper((unsigned char)text[i]) : text[i]);
        cli_page_add(out->page, "%c", '\n');
    } else {
        cli_page_add(out->page, out->has_color ? "\033[1m%.*s:\033[0m\n" : "%.*s:\n", (int)len, text);
    }
    out->indent = 2;
    out->is_after_heading = true;
}

void cli_paragraph(cli_markup *out, const char *text, size_t len)
{
    add_gap(out);
    if (out->is_roff && !out->is_after_heading)
        cli_page_add(out->page, "%s", ".PP\n");
    if (!out->is_roff)
        cli_page_add(out->page, "%*s", (int)out->indent, "");
    wrap(out, text, len, out->indent, out->indent);
    out->has_gap = true;
    out->is_after_heading = false;
}

static void add_item(cli_markup *out, const char *text, size_t len)
{
    if (out->is_roff)
        cli_page_add(out->page, "%s", ".IP \\(bu 2\n");
    else
        cli_page_add(out->page, "%*s- ", (int)out->indent, "");
    wrap(out, text, len, out->indent + 2, out->indent + 2);
    out->has_gap = true;
    out->is_after_heading = false;
}

void cli_pair(cli_markup *out, const char *left, const char *right, size_t right_len, unsigned column)
{
    unsigned width = width_of(out, left, strlen(left));
    if (out->is_roff) {
        cli_page_add(out->page, "%s", ".TP\n");
        out->is_code = false;
        cli_page_add(out->page, "%s", "\\fB");
        for (const char *c = left; *c; c++)
            if (*c != '`')
                add_roff(out, *c);
        cli_page_add(out->page, "%s", "\\fR\n");
        wrap(out, right, right_len, 0, 0);
    } else {
        bool fits = out->indent + width + 2 <= column;
        out->is_code = false;
        cli_page_add(out->page, "%*s", (int)out->indent, "");
        add_word(out, left, strlen(left), true);
        cli_page_add(out->page, fits ? "%*s" : "\n%*s", (int)(fits ? column - out->indent - width : column), "");
        wrap(out, right, right_len, column, column);
    }
    out->has_gap = true;
    out->is_after_heading = false;
}

/* Lines as they are. */
static void add_code(cli_markup *out, const char *text, size_t len)
{
    add_gap(out);
    cli_page_add(out->page, "%s", out->is_roff ? (out->is_after_heading ? ".RS 4\n.nf\n" : ".PP\n.RS 4\n.nf\n") : "");
    for (size_t i = 0; i < len;) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t line = end ? (size_t)(end - text) - i : len - i;
        if (!out->is_roff)
            cli_page_add(out->page, line ? "%*s%.*s\n" : "\n", (int)out->indent + 2, "", (int)line, text + i);
        if (out->is_roff && line && (text[i] == '.' || text[i] == '\''))
            cli_page_add(out->page, "%s", "\\&");
        for (size_t j = 0; out->is_roff && j < line; j++)
            add_roff(out, text[i + j]);
        if (out->is_roff)
            cli_page_add(out->page, line ? "\n" : "\\&\n");
        i += line + 1;
    }
    cli_page_add(out->page, "%s", out->is_roff ? ".fi\n.RE\n" : "");
    out->has_gap = true;
    out->is_after_heading = false;
}

void cli_code(cli_markup *out, const char *text, size_t len)
{
    add_code(out, text, len);
}

/* ---- Markdown ---------------------------------------------------------------------------------------------- */

typedef struct reader {
    cli_markup *out;
    const char *text;
    size_t len;
    size_t at;
    bool is_in_table; /* its head was seen */
} reader;

static size_t line_len(const reader *r, size_t at)
{
    const char *end = at < r->len ? memchr(r->text + at, '\n', r->len - at) : NULL;
    return end ? (size_t)(end - r->text) - at : r->len - at;
}

static bool starts(const reader *r, size_t at, const char *prefix)
{
    size_t len = strlen(prefix);
    return r->len - at >= len && memcmp(r->text + at, prefix, len) == 0;
}

static void read_code(reader *r)
{
    size_t begin = r->at + line_len(r, r->at) + 1, end = begin;
    while (end < r->len && !starts(r, end, "```"))
        end += line_len(r, end) + 1;
    add_code(r->out, r->text + begin, end - begin);
    r->at = end;
}

/* "| left | right |": in a cell, \| is a bar. */
static void read_row(reader *r, size_t len)
{
    char left[128];
    size_t used = 0, i = r->at + 2, end = r->at + len;
    for (; i < end && !(r->text[i] == '|' && r->text[i - 1] != '\\') && used + 1 < sizeof left; i++)
        if (!(r->text[i] == '\\' && i + 1 < end && r->text[i + 1] == '|'))
            left[used++] = r->text[i];
    while (used && left[used - 1] == ' ')
        used--;
    left[used] = '\0';
    for (i++; i < end && r->text[i] == ' ';)
        i++;
    while (end > i && (r->text[end - 1] == '|' || r->text[end - 1] == ' '))
        end--;
    if (r->is_in_table && !starts(r, r->at, "| ---") && !starts(r, r->at, "|---")) {
        if (!r->out->is_roff && r->out->has_gap && !r->out->is_in_list)
            add_gap(r->out);
        r->out->is_in_list = true;
        cli_pair(r->out, left, r->text + i, end - i, TERM_WIDTH);
    }
    r->is_in_table = true;
}

/* A paragraph or an item goes on until a line that is empty or begins something else. */
static size_t find_end(const reader *r, size_t at)
{
    at += line_len(r, at) + 1;
    while (at < r->len && r->text[at] != '\n' && r->text[at] != '#' && !starts(r, at, "- ") && !starts(r, at, "```") &&
           !starts(r, at, "| "))
        at += line_len(r, at) + 1;
    return at < r->len ? at : r->len;
}

static void read_block(reader *r)
{
    bool is_item = starts(r, r->at, "- ");
    size_t end = find_end(r, r->at), begin = r->at + (is_item ? 2 : 0);
    size_t len = end - begin;
    while (len && r->text[begin + len - 1] == '\n')
        len--;
    if (is_item && !r->out->is_in_list)
        add_gap(r->out);
    if (is_item)
        add_item(r->out, r->text + begin, len);
    else
        cli_paragraph(r->out, r->text + begin, len);
    r->out->is_in_list = is_item;
    r->at = end - 1;
}

void cli_markdown(cli_markup *out, const char *text, size_t len)
{
    reader r = { .out = out, .text = text, .len = len };
    for (; r.at < len; r.at += line_len(&r, r.at) + 1) {
        size_t line = line_len(&r, r.at), level = strspn(text + r.at, "#");
        if (line == 0 || starts(&r, r.at, "<!--")) {
            r.is_in_table = false;
        } else if (level >= 2) {
            cli_heading(out, (unsigned)level, text + r.at + level + 1, line - level - 1);
            out->is_in_list = false;
        } else if (level == 1) {
            continue; /* the title is the caller's */
        } else if (starts(&r, r.at, "```")) {
            read_code(&r);
            out->is_in_list = false;
        } else if (starts(&r, r.at, "| ") || starts(&r, r.at, "|---")) {
            read_row(&r, line);
        } else {
            read_block(&r);
        }
    }
}
