/*
 * yaml_lenient.c - the places were measured on Claude Code (tests/clients/claude-code/yaml) and on yaml-test-suite
 * (tests/yaml): a tab at the head of a line counts as two spaces, and one after spaces or an indicator must not be
 * followed by one more list or mapping on its line.
 */
#include "syntax/yaml_lenient.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static bool ends_word(sp_str text, size_t at)
{
    return at >= text.len || is_blank(text.ptr[at]) || is_line_end(text.ptr[at]);
}

static bool is_flow(char c)
{
    return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

sp_yaml_lenient sp_yaml_lenient_begin(size_t begin)
{
    return (sp_yaml_lenient){ .line = begin, .is_head = true, .plain_line = SIZE_MAX, .block_line = SIZE_MAX };
}

/* ---- tabs -------------------------------------------------------------------------------------------------- */

static bool is_indicator(sp_str text, size_t at)
{
    return strchr("-?:", text.ptr[at]) && text.ptr[at] && ends_word(text, at + 1);
}

/* Whether the rest of the line begins a list or a mapping. */
static bool begins_block(sp_str text, size_t at)
{
    while (at < text.len && is_blank(text.ptr[at]))
        at++;
    if (at < text.len && is_indicator(text, at))
        return true;
    for (; at < text.len && !is_line_end(text.ptr[at]); at++)
        if (text.ptr[at] == ':' && ends_word(text, at + 1))
            return true;
    return false;
}

static bool is_before_plain(sp_yaml_lenient *walk, sp_str text, size_t at)
{
    if (walk->plain_line != walk->line && walk->block_line != walk->line)
        *(begins_block(text, at) ? &walk->block_line : &walk->plain_line) = walk->line;
    return walk->plain_line == walk->line;
}

static bool take_tab(sp_yaml_lenient *walk, sp_str text, size_t at, sp_yaml_piece *ret)
{
    bool is_indentation = !walk->has_space && !walk->has_sign;
    if (!walk->is_head || (!is_indentation && !is_before_plain(walk, text, at)))
        return false;
    *ret = (sp_yaml_piece){ .len = 1, .bytes = "  ", .count = is_indentation ? 2 : 1 };
    return true;
}

/* ---- mappings without a key -------------------------------------------------------------------------------- */

static size_t indentation_of(sp_str text, size_t line)
{
    size_t at = line;
    while (at < text.len && text.ptr[at] == ' ')
        at++;
    return at - line;
}

/* Whether the last line that is not indented further opens with `?`: the colon is then its value. */
static bool has_question_above(sp_str text, size_t begin, size_t line, size_t indentation)
{
    while (line > begin) {
        for (line--; line > begin && !is_line_end(text.ptr[line - 1]);)
            line--;
        size_t columns = indentation_of(text, line);
        if (columns > indentation || ends_word(text, line + columns))
            continue;
        return text.ptr[line + columns] == '?' && columns == indentation;
    }
    return false;
}

static bool take_colon(const sp_yaml_lenient *walk, sp_str text, size_t begin, size_t at, sp_yaml_piece *ret)
{
    bool opens = walk->is_head && !walk->has_sign && ends_word(text, at + 1);
    if (!opens || has_question_above(text, begin, walk->line, at - walk->line))
        return false;
    *ret = (sp_yaml_piece){ .bytes = "~", .count = 1 };
    return true;
}

/* ---- names of anchors, tags -------------------------------------------------------------------------------- */

static bool begins_node(const sp_yaml_lenient *walk)
{
    return (walk->last == '\0' || is_blank(walk->last) || is_flow(walk->last)) &&
           (walk->before == '\0' || strchr("-?:,[{", walk->before));
}

static bool is_plain_in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool take_in_name(char c, sp_yaml_piece *ret)
{
    static const char digits[] = "0123456789abcdef";
    if (is_plain_in_name(c))
        return false;
    *ret = (sp_yaml_piece){ .len = 1, .count = 3 };
    ret->bytes[0] = '_';
    ret->bytes[1] = digits[(unsigned char)c >> 4];
    ret->bytes[2] = digits[(unsigned char)c & 15];
    return true;
}

/* ---- a step ------------------------------------------------------------------------------------------------ */

static void begin_line(sp_yaml_lenient *walk, size_t line)
{
    walk->line = line;
    walk->is_head = true;
    walk->has_space = walk->has_sign = walk->is_name = walk->is_tag = false;
    walk->last = '\0';
}

static void go_on(sp_yaml_lenient *walk, sp_str text, size_t at)
{
    char c = text.ptr[at];
    walk->last = c;
    if (is_line_end(c)) {
        begin_line(walk, at + 1);
        return;
    }
    walk->has_space = walk->has_space || c == ' ';
    if (is_blank(c))
        return;
    walk->before = c;
    walk->has_sign = walk->has_sign || is_indicator(text, at);
    walk->is_head = walk->is_head && is_indicator(text, at);
}

bool sp_yaml_lenient_step(sp_yaml_lenient *walk, sp_str text, size_t begin, size_t at, sp_yaml_piece *ret)
{
    char c = text.ptr[at];
    bool is_node = begins_node(walk);
    bool is_taken = false;
    if (walk->is_name || walk->is_tag) {
        bool is_over = is_blank(c) || is_line_end(c) || is_flow(c);
        is_taken = walk->is_name && !is_over && take_in_name(c, ret);
        if (walk->is_tag && is_flow(c)) {
            *ret = (sp_yaml_piece){ .bytes = " ", .count = 1 };
            is_taken = true;
        }
        walk->is_name = walk->is_name && !is_over;
        walk->is_tag = walk->is_tag && !is_over;
    } else if (c == '\t') {
        is_taken = take_tab(walk, text, at, ret);
    } else if (c == ':') {
        is_taken = take_colon(walk, text, begin, at, ret);
    } else if (is_node && !ends_word(text, at + 1)) {
        walk->is_name = c == '&' || c == '*';
        walk->is_tag = c == '!' && text.ptr[at + 1] != '<';
    }
    go_on(walk, text, at);
    return is_taken;
}
