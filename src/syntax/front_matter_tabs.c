/*
 * front_matter_tabs.c - Claude Code's first reading of a front matter.
 *
 * Its parser refuses a line that begins with a tab, where libyaml accepts one in brackets and yaml_lenient.h another.
 * Its second reading takes tabs for spaces. Measured with a line that spoils the one reading or the other: the tab is
 * fine before a comma, a closing bracket or a comment, on a line without text outside of a block scalar, and after
 * CR LF. It also refuses lines without text directly after `key:`; that is not followed here, as quotes cure it.
 */
#include "syntax/front_matter_parts.h"

#include "base/base.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t count_of(sp_str line, bool (*is_counted)(char))
{
    size_t count = 0;
    while (count < line.len && is_counted(line.ptr[count]))
        count++;
    return count;
}

static bool is_space(char c)
{
    return c == ' ';
}

/* Whether the line ends with the header of a block scalar, such as |, > or |2-, and has no comment. */
static bool opens_scalar(sp_str line)
{
    size_t end = line.len;
    if (sp_str_starts(line, SP_STR("#")) || sp_str_find(line, SP_STR(" #"), 0) != SIZE_MAX)
        return false;
    while (end > 0 && line.len - end < 2 && strchr("-+123456789", line.ptr[end - 1]))
        end--;
    return end > 1 && strchr("|>", line.ptr[end - 1]) && is_blank(line.ptr[end - 2]);
}

/* The offset of the first tab that is refused, or SIZE_MAX. */
static size_t refused_tab(sp_str text, size_t begin, size_t end)
{
    size_t scalar = SIZE_MAX; /* indentation of the line that opened the block scalar around this one, if one did */
    for (size_t at = begin; at < end;) {
        size_t stop = sp_str_find(sp_str_slice(text, 0, end), SP_STR("\n"), at);
        sp_str line = sp_str_slice(text, at, stop == SIZE_MAX ? end : stop);
        sp_str rest = sp_str_slice(line, count_of(line, is_blank), line.len);
        size_t spaces = count_of(line, is_space);
        bool is_tab = at > begin && line.len > 0 && line.ptr[0] == '\t' && (at < 2 || text.ptr[at - 2] != '\r');
        if (rest.len > 0 && scalar != SIZE_MAX && spaces <= scalar && !is_tab)
            scalar = SIZE_MAX;
        bool is_fine = scalar == SIZE_MAX && (rest.len == 0 || strchr("#,]}\r", rest.ptr[0]));
        if (is_tab && !is_fine)
            return at;
        if (scalar == SIZE_MAX && opens_scalar(line))
            scalar = spaces;
        at += line.len + 1;
    }
    return SIZE_MAX;
}

sp_status sp_first_fields(sp_arena *arena, sp_str text, size_t begin, size_t end, sp_yaml_verdict *ret_verdict,
                          sp_field_list *ret_fields, sp_yaml_problem *ret_problem, sp_err *err)
{
    SP_TRY(sp_yaml_fields(arena, text, begin, end, ret_verdict, ret_fields, ret_problem, err));
    bool is_read =
        *ret_verdict == SP_YAML_OK || (*ret_verdict == SP_YAML_REFUSED && ret_problem->rule == SP_RULE_FM_REFUSED);
    size_t tab = is_read ? refused_tab(text, begin, end) : SIZE_MAX;
    if (tab == SIZE_MAX)
        return SP_OK;
    *ret_verdict = SP_YAML_BROKEN;
    *ret_problem = sp_tab_problem(tab);
    return SP_OK;
}
