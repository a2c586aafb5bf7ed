/*
 * markdown_html.c - HTML blocks (CommonMark 0.30, section 4.6) and tags (section 6.6).
 *
 * Where cmark 0.30.2 and the text of the specification part, this follows the specification: <!x may be lower
 * case, and condition 7 leaves out the tags of condition 1.
 */
#include "base/types.h"
#include "syntax/markdown_private.h"

#include <stdlib.h>

/* ---- names ------------------------------------------------------------------------------------- */

static const char *const raw_tags[] = { "pre", "script", "style", "textarea" };

/* Condition 6; sorted, for bsearch. */
static const char *const block_tags[] = {
    "address",  "article",    "aside",  "base",    "basefont", "blockquote", "body",     "caption",  "center",
    "col",      "colgroup",   "dd",     "details", "dialog",   "dir",        "div",      "dl",       "dt",
    "fieldset", "figcaption", "figure", "footer",  "form",     "frame",      "frameset", "h1",       "h2",
    "h3",       "h4",         "h5",     "h6",      "head",     "header",     "hr",       "html",     "iframe",
    "legend",   "li",         "link",   "main",    "menu",     "menuitem",   "nav",      "noframes", "ol",
    "optgroup", "option",     "p",      "param",   "section",  "source",     "summary",  "table",    "tbody",
    "td",       "tfoot",      "th",     "thead",   "title",    "tr",         "track",    "ul",
};

static int compare_name(const void *key, const void *entry)
{
    sp_str name = *(const sp_str *)key;
    const char *other = *(const char *const *)entry;
    for (size_t i = 0; i < name.len; i++) {
        char c = sp_lower(name.ptr[i]);
        if (c != other[i]) /* also where other ends in its NUL */
            return (unsigned char)c < (unsigned char)other[i] ? -1 : 1;
    }
    return other[name.len] ? -1 : 0;
}

static bool is_one_of(sp_str name, const char *const *names, size_t count)
{
    return bsearch(&name, names, count, sizeof *names, compare_name) != NULL;
}

static bool is_raw_tag(sp_str name)
{
    return is_one_of(name, raw_tags, SP_COUNT_OF(raw_tags));
}

/* The tag name at `at`: a letter, then letters, digits and hyphens. Empty where there is none. */
static sp_str tag_name(sp_str text, size_t at, size_t end)
{
    size_t stop = at;
    if (at < end && sp_md_is_letter(text.ptr[at]))
        while (stop < end && (sp_md_is_alnum(text.ptr[stop]) || text.ptr[stop] == '-'))
            stop++;
    return sp_str_slice(text, at, stop);
}

/* ---- one tag ----------------------------------------------------------------------------------- */

static bool begins_attribute(char c)
{
    return sp_md_is_letter(c) || c == '_' || c == ':';
}

static bool continues_attribute(char c)
{
    return sp_md_is_alnum(c) || c == '_' || c == ':' || c == '.' || c == '-';
}

static bool is_unquoted_value(char c)
{
    return !sp_md_is_blank(c) && c != '"' && c != '\'' && c != '=' && c != '<' && c != '>' && c != '`';
}

/* Past the attribute value at `at`, or 0 where there is none. */
static size_t skip_value(sp_str text, size_t at, size_t end)
{
    if (at < end && (text.ptr[at] == '"' || text.ptr[at] == '\'')) {
        const char *close = memchr(text.ptr + at + 1, text.ptr[at], end - at - 1);
        return close ? (size_t)(close - text.ptr) + 1 : 0;
    }
    size_t stop = at;
    while (stop < end && is_unquoted_value(text.ptr[stop]))
        stop++;
    return stop > at ? stop : 0;
}

/* Past the attributes behind a tag's name, or 0 when one of them is malformed. */
static size_t skip_attributes(sp_str text, size_t at, size_t end)
{
    for (;;) {
        size_t name = sp_md_skip_blanks(text, at, end);
        if (name == at || name == end || !begins_attribute(text.ptr[name]))
            return at;
        at = name;
        while (at < end && continues_attribute(text.ptr[at]))
            at++;
        size_t equals = sp_md_skip_blanks(text, at, end);
        if (equals == end || text.ptr[equals] != '=')
            continue;
        at = skip_value(text, sp_md_skip_blanks(text, equals + 1, end), end);
        if (at == 0)
            return 0;
    }
}

/* Linear over a whole text although it may look far ahead and fail: at any byte at most three attempts can be
 * under way, one outside of quotes, one in "..." and one in '...'. Two in the same state would have met an
 * unquoted <, which ends them. */
size_t sp_html_tag_end(sp_str text, size_t at, size_t end)
{
    bool is_closing = at + 1 < end && text.ptr[at + 1] == '/';
    sp_str name = tag_name(text, at + 1 + is_closing, end);
    if (name.len == 0)
        return 0;
    at = (size_t)(name.ptr - text.ptr) + name.len;
    if (!is_closing) {
        at = skip_attributes(text, at, end);
        if (at == 0)
            return 0;
    }
    at = sp_md_skip_blanks(text, at, end);
    if (!is_closing && at < end && text.ptr[at] == '/')
        at++;
    return at < end && text.ptr[at] == '>' ? at + 1 : 0;
}

/* ---- blocks ------------------------------------------------------------------------------------ */

static bool has_prefix(sp_str text, size_t at, size_t end, sp_str prefix)
{
    return sp_str_starts(sp_str_slice(text, at, end), prefix);
}

/* Conditions 2 to 5: what stands behind the < decides. */
static sp_html_kind markup_start(sp_str text, size_t at, size_t end)
{
    if (has_prefix(text, at, end, SP_STR("<!--")))
        return SP_HTML_COMMENT;
    if (has_prefix(text, at, end, SP_STR("<?")))
        return SP_HTML_INSTRUCTION;
    if (has_prefix(text, at, end, SP_STR("<![CDATA[")))
        return SP_HTML_CDATA;
    if (end - at > 2 && text.ptr[at + 1] == '!' && sp_md_is_letter(text.ptr[at + 2]))
        return SP_HTML_DECLARATION;
    return SP_HTML_NONE;
}

/* Conditions 1, 6 and 7: a tag. */
static sp_html_kind tag_start(sp_str text, size_t at, size_t end)
{
    bool is_closing = end - at > 1 && text.ptr[at + 1] == '/';
    sp_str name = tag_name(text, at + 1 + is_closing, end);
    if (name.len == 0)
        return SP_HTML_NONE;
    size_t behind = (size_t)(name.ptr - text.ptr) + name.len;
    bool is_delimited = behind == end || sp_md_is_blank(text.ptr[behind]) || text.ptr[behind] == '>';
    bool is_raw = is_raw_tag(name);
    if (is_raw)
        return is_delimited && !is_closing ? SP_HTML_RAW : SP_HTML_NONE;
    if (is_one_of(name, block_tags, SP_COUNT_OF(block_tags)) &&
        (is_delimited || has_prefix(text, behind, end, SP_STR("/>"))))
        return SP_HTML_BLOCK_TAG;
    size_t tag_end = sp_html_tag_end(text, at, end);
    return tag_end && sp_md_skip_blanks(text, tag_end, end) == end ? SP_HTML_ANY_TAG : SP_HTML_NONE;
}

sp_html_kind sp_html_block_start(sp_str text, size_t at, size_t end)
{
    if (at >= end || text.ptr[at] != '<')
        return SP_HTML_NONE;
    sp_html_kind kind = markup_start(text, at, end);
    return kind ? kind : tag_start(text, at, end);
}

/* Any of the four closing tags ends a raw block, not just the one that fits. */
static bool has_raw_end(sp_str text, size_t at, size_t end)
{
    for (;;) {
        at = sp_md_find(text, SP_STR("</"), at, end);
        if (at == SIZE_MAX)
            return false;
        sp_str name = tag_name(text, at + 2, end);
        at += 2 + name.len;
        if (at < end && text.ptr[at] == '>' && is_raw_tag(name))
            return true;
    }
}

bool sp_html_block_ends(sp_html_kind kind, sp_str text, size_t at, size_t end)
{
    static const sp_str closers[] = {
        [SP_HTML_COMMENT] = { "-->", 3 },
        [SP_HTML_INSTRUCTION] = { "?>", 2 },
        [SP_HTML_DECLARATION] = { ">", 1 },
        [SP_HTML_CDATA] = { "]]>", 3 },
    };
    if (kind == SP_HTML_RAW)
        return has_raw_end(text, at, end);
    return kind <= SP_HTML_CDATA && sp_md_find(text, closers[kind], at, end) != SIZE_MAX;
}
