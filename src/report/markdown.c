#include "report/markdown.h"

#include "base/types.h"
#include "report/table.h"

/* GitHub makes links of http://x and www.x by themselves. */
static bool begins_link(sp_str text, size_t at)
{
    sp_str here = sp_str_slice(text, at, text.len);
    sp_str before = sp_str_slice(text, at < 3 ? 0 : at - 3, at);
    return sp_str_starts(here, SP_STR("://")) || (here.ptr[0] == '.' && sp_str_eq_nocase(before, SP_STR("www")));
}

void sp_markdown_text(sp_buf *out, sp_str text)
{
    sp_buf escaped = { 0 };
    sp_table_exact(&escaped, text);
    for (size_t i = 0; i < escaped.len; i++) {
        char c = escaped.ptr[i];
        if (c == '<' || c == '>' || c == '&')
            sp_buf_add(out, c == '<' ? SP_STR("&lt;") : c == '>' ? SP_STR("&gt;") : SP_STR("&amp;"));
        else if (c != '\0' && (strchr("\\`*_{}[]#|~@", c) || begins_link(sp_buf_str(&escaped), i)))
            sp_buf_format(out, "\\%c", c);
        else
            sp_buf_add_char(out, c);
    }
    out->failed = out->failed || escaped.failed;
    sp_buf_release(&escaped);
}

void sp_markdown_cell(sp_buf *out, sp_str text)
{
    sp_buf_add_char(out, ' ');
    sp_markdown_text(out, text);
    sp_buf_add(out, SP_STR(" |"));
}
