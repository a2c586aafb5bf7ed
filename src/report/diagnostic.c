/* diagnostic.c - one message, the way compilers print them, so that editors and people can jump to the place. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"

static const char *const colors[] = { [SP_NOTE] = "\x1b[36m", [SP_WARNING] = "\x1b[33m", [SP_FINDING] = "\x1b[31m" };

static void add_level(sp_buf *out, sp_level level, const sp_style *style)
{
    if (style->color)
        sp_buf_add(out, sp_str_of(colors[level]));
    sp_buf_add(out, sp_name_of_level(level));
    sp_buf_add(out, style->color ? SP_STR(":\x1b[0m ") : SP_STR(": "));
}

/* Steps over count characters from offset at. */
static size_t step(sp_str text, size_t at, size_t count)
{
    for (; count > 0 && at < text.len; count--) {
        uint32_t code;
        size_t bad = 1;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        at += length ? length : bad;
    }
    return at;
}

/* Blanks as wide as text, in which a tab stays a tab. */
static void add_as_blanks(sp_buf *out, sp_str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = step(text, at, 1);
        if (text.ptr[at] == '\t')
            sp_buf_add_char(out, '\t');
        for (size_t cells = sp_table_width(sp_str_slice(text, at, end)); cells > 0; cells--)
            sp_buf_add_char(out, ' ');
        at = end;
    }
}

/* The line with a caret under the column. Of a long line only what is near the column is shown. */
static void add_source_line(sp_buf *out, const sp_diagnostic *diagnostic, const sp_style *style)
{
    sp_str line = diagnostic->source_line;
    size_t column = diagnostic->column - 1;
    size_t room = (style->width_columns > 40 ? style->width_columns : 80) - 14; /* the number and two ellipses */
    size_t skipped = column > room / 2 ? column - room / 2 : 0;
    size_t begin = step(line, 0, skipped);
    size_t caret = step(line, begin, column - skipped);
    size_t end = step(line, begin, room);
    sp_buf before = { 0 };
    sp_table_text(&before, sp_str_slice(line, begin, caret));
    sp_buf_format(out, "%5u | %s", diagnostic->line, skipped ? "..." : "");
    sp_buf_add(out, sp_buf_str(&before));
    sp_table_text(out, sp_str_slice(line, caret, end));
    sp_buf_add(out, end < line.len ? SP_STR("...\n      | ") : SP_STR("\n      | "));
    sp_buf_add(out, skipped ? SP_STR("   ") : SP_STR(""));
    add_as_blanks(out, sp_buf_str(&before));
    sp_table_paint(out, style, SP_PAINT_BOLD, SP_STR("^"));
    sp_buf_add_char(out, '\n');
    out->failed = out->failed || before.failed;
    sp_buf_release(&before);
}

sp_status sp_diagnostic_render(const sp_diagnostic *diagnostic, sp_str rule, bool with_source, const sp_style *style,
                               char **ret_bytes, size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { .width_columns = 80 };
    sp_buf out = { 0 };
    if (!style)
        style = &plain;
    if (diagnostic->path.len) {
        sp_table_name(&out, diagnostic->path);
        if (diagnostic->line)
            sp_buf_format(&out, ":%u:%u", diagnostic->line, diagnostic->column);
    } else {
        sp_buf_add(&out, SP_STR("sysprompt"));
    }
    sp_buf_add(&out, SP_STR(": "));
    add_level(&out, diagnostic->level, style);
    sp_table_text(&out, diagnostic->message);
    if (rule.len)
        sp_buf_format(&out, " [%.*s]", SP_STR_ARG(rule));
    sp_buf_add_char(&out, '\n');
    if (with_source && diagnostic->line && diagnostic->source_line.len)
        add_source_line(&out, diagnostic, style);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
