/*
 * markdown_links.c - link definitions (CommonMark 0.30, section 4.7) at the start of a paragraph.
 *
 * One rule of block structure depends on them: a line of === or --- makes a heading only of text that is left
 * when the definitions are gone. They stay part of their paragraph, and are looked for where such a line follows a
 * paragraph that begins with a [, and where a profile finds no imports in them (rule import.text).
 */
#include "base/types.h"
#include "syntax/markdown_private.h"

enum { LONGEST_LABEL = 999 }; /* characters between the brackets; the specification's figure */

typedef struct reader {
    sp_str text;
    size_t end;
} reader;

static size_t skip_line_end(const reader *r, size_t at)
{
    if (at < r->end && r->text.ptr[at] == '\r')
        at++;
    else if (at < r->end && r->text.ptr[at] == '\n')
        return at + 1;
    else
        return at;
    return at < r->end && r->text.ptr[at] == '\n' ? at + 1 : at;
}

/* Past blanks, at most one line end, and the markers of the quotes around the next line. */
static size_t skip_space(const reader *r, size_t at)
{
    at = sp_md_skip_blanks(r->text, at, r->end);
    size_t next = skip_line_end(r, at);
    if (next == at)
        return at;
    while (next < r->end && (sp_md_is_blank(r->text.ptr[next]) || r->text.ptr[next] == '>'))
        next++;
    return next;
}

static bool is_escape(const reader *r, size_t at)
{
    return r->text.ptr[at] == '\\' && at + 1 < r->end;
}

/* [label]: -> past the colon, or 0. */
static size_t skip_label(const reader *r, size_t at)
{
    if (at >= r->end || r->text.ptr[at] != '[')
        return 0;
    size_t limit = r->end - at > LONGEST_LABEL + 2 ? at + LONGEST_LABEL + 2 : r->end;
    bool has_text = false;
    for (at++; at < limit && r->text.ptr[at] != ']'; at++) {
        char c = r->text.ptr[at];
        if (c == '[')
            return 0;
        has_text |= !sp_md_is_blank(c) && !sp_md_is_line_end(c);
        if (c == '\\' && at + 1 < limit && !sp_md_is_alnum(r->text.ptr[at + 1]))
            at++;
    }
    bool is_closed = has_text && at < limit && at + 1 < r->end && r->text.ptr[at + 1] == ':';
    return is_closed ? at + 2 : 0;
}

static size_t skip_pointy_destination(const reader *r, size_t at)
{
    for (at++; at < r->end; at++) {
        char c = r->text.ptr[at];
        if (c == '>')
            return at + 1;
        if (c == '<' || sp_md_is_line_end(c))
            return 0;
        if (is_escape(r, at) && !sp_md_is_line_end(r->text.ptr[at + 1]))
            at++;
    }
    return 0;
}

/* <destination>, or a run without blanks and control characters whose parentheses balance; 0 where there is none. */
static size_t skip_destination(const reader *r, size_t at)
{
    if (at < r->end && r->text.ptr[at] == '<')
        return skip_pointy_destination(r, at);
    size_t begin = at;
    size_t open = 0;
    for (; at < r->end && (unsigned char)r->text.ptr[at] > ' ' && r->text.ptr[at] != 0x7f; at++) {
        char c = r->text.ptr[at];
        if (is_escape(r, at) && (unsigned char)r->text.ptr[at + 1] > ' ')
            at++;
        else if (c == '(')
            open++;
        else if (c == ')' && open-- == 0)
            return 0;
    }
    return at > begin && open == 0 ? at : 0;
}

static char closing_mark(char open)
{
    if (open == '(')
        return ')';
    return open;
}

/* "title", 'title' or (title); 0 where there is none. */
static size_t skip_title(const reader *r, size_t at)
{
    if (at >= r->end || !sp_md_is_one_of(r->text.ptr[at], "\"'("))
        return 0;
    char open = r->text.ptr[at];
    char close = closing_mark(open);
    for (at++; at < r->end; at++) {
        if (r->text.ptr[at] == close)
            return at + 1;
        if (open == '(' && r->text.ptr[at] == '(')
            return 0;
        if (is_escape(r, at))
            at++;
    }
    return 0;
}

/* Past the end of the line if only blanks are left on it, or 0. */
static size_t skip_rest_of_line(const reader *r, size_t at)
{
    at = sp_md_skip_blanks(r->text, at, r->end);
    return at == r->end || sp_md_is_line_end(r->text.ptr[at]) ? skip_space(r, at) : 0;
}

/* One definition -> the offset past its last line, or 0. A title that something follows is none: then the
 * definition ends before it, if it stands on a line of its own. */
static size_t skip_definition(const reader *r, size_t at)
{
    at = skip_label(r, at);
    if (at)
        at = skip_destination(r, skip_space(r, at));
    if (at == 0)
        return 0;
    size_t title = skip_space(r, at);
    size_t behind_title = title > at ? skip_title(r, title) : 0;
    size_t end = behind_title ? skip_rest_of_line(r, behind_title) : 0;
    return end ? end : skip_rest_of_line(r, at);
}

size_t sp_link_definitions_end(sp_str text, size_t at, size_t end)
{
    const reader r = { text, end };
    for (;;) {
        size_t next = skip_definition(&r, at);
        if (next == 0)
            return at;
        at = next;
    }
}
