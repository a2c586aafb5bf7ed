#include "report/markdown.h"

#include "base/types.h"
#include "report/table.h"

void sp_markdown_text(sp_buf *out, sp_str text)
{
    sp_buf escaped = { 0 };
    sp_table_exact(&escaped, text);
    for (size_t i = 0; i < escaped.len; i++) {
        char c = escaped.ptr[i];
        if (c == '<' || c == '>' || c == '&')
            sp_buf_add(out, c == '<' ? SP_STR("&lt;") : c == '>' ? SP_STR("&gt;") : SP_STR("&amp;"));
        else if (c != '\0' && strchr("\\`*_{}[]#|~@", c))
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
