/* straddlers.c - the tokens that begin in one part of the prompt and end in another, with both places. */
#include "attribute/tree.h"
#include "base/types.h"
#include "model/prompt.h"
#include "report/emit.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"

#include <inttypes.h>

static sp_str token_of(const sp_prompt *prompt, const sp_straddler *straddler)
{
    return sp_str_slice(prompt->messages[straddler->message].text, straddler->begin, straddler->end);
}

/* In quotes, with line ends that can be read. */
static void add_token(sp_buf *out, sp_str token)
{
    sp_buf_add_char(out, '"');
    for (size_t at = 0; at < token.len; at++) {
        char c = token.ptr[at];
        const char *name = c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
        if (name)
            sp_buf_add(out, sp_str_of(name));
        else
            sp_buf_add_char(out, c);
    }
    sp_buf_add_char(out, '"');
}

/* "CLAUDE.md:3", or what our own wording is. */
static void add_place(sp_buf *out, const sp_prompt *prompt, size_t index, uint32_t line)
{
    const sp_segment *segment = &prompt->segments[index];
    if (segment->source == SP_NONE) {
        sp_buf_format(out, "(sysprompt's %s)", sp_name_of_segment(segment->kind).ptr);
        return;
    }
    sp_buf_add(out, prompt->sources[segment->source].path);
    sp_buf_format(out, ":%" PRIu32, line);
}

static void add_sentence(sp_buf *out, const sp_prompt *prompt, const sp_straddler *straddler)
{
    sp_buf text = { 0 };
    add_token(&text, token_of(prompt, straddler));
    sp_buf_add(&text, SP_STR(" begins in "));
    add_place(&text, prompt, straddler->first_segment, straddler->first_line);
    sp_buf_add(&text, SP_STR(" and ends in "));
    add_place(&text, prompt, straddler->last_segment, straddler->last_line);
    sp_table_text(out, sp_buf_str(&text));
    sp_buf_add_char(out, '\n');
    out->failed = out->failed || text.failed;
    sp_buf_release(&text);
}

static void add_row(sp_table *table, const sp_prompt *prompt, const sp_straddler *straddler)
{
    sp_buf token = { 0 };
    sp_buf first = { 0 };
    sp_buf last = { 0 };
    add_token(&token, token_of(prompt, straddler));
    add_place(&first, prompt, straddler->first_segment, straddler->first_line);
    add_place(&last, prompt, straddler->last_segment, straddler->last_line);
    table->out->failed = table->out->failed || token.failed || first.failed || last.failed;
    sp_table_row(table, (sp_str[]){ sp_buf_str(&token), sp_buf_str(&first), sp_buf_str(&last) });
    sp_buf_release(&token);
    sp_buf_release(&first);
    sp_buf_release(&last);
}

void sp_emit_straddlers(sp_buf *out, const sp_prompt *prompt, const sp_straddler *straddlers, size_t count,
                        const sp_style *style)
{
    static const sp_column columns[] = { { "token", false }, { "begins in", false }, { "ends in", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    char number[32];
    sp_buf_add_char(out, '\n');
    sp_buf_add(out, count ? sp_number_text(number, count) : SP_STR("No"));
    sp_buf_add(out, count == 1 ? SP_STR(" token straddles") : SP_STR(" tokens straddle"));
    sp_buf_add(out, count ? SP_STR(" two parts; a token is counted with the one it begins in.\n")
                          : SP_STR(" two parts of the prompt.\n"));
    for (size_t i = 0; i < count && !style; i++)
        add_sentence(out, prompt, &straddlers[i]);
    for (size_t i = 0; i < count && style; i++)
        add_row(&table, prompt, &straddlers[i]);
    sp_table_end_apart(&table);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static void add_json_place(sp_json *json, const sp_prompt *prompt, const char *key, size_t index, uint32_t line)
{
    const sp_segment *segment = &prompt->segments[index];
    sp_json_begin_line(json, key, '{');
    sp_json_str(json, "kind", sp_name_of_segment(segment->kind));
    if (segment->source == SP_NONE)
        sp_json_null(json, "path");
    else
        sp_json_path(json, "path", prompt->sources[segment->source].path);
    sp_json_uint_or_null(json, "line", line);
    sp_json_end(json);
}

void sp_part_straddlers(sp_json *json, const sp_prompt *prompt, const sp_straddler *straddlers, size_t count)
{
    sp_json_begin(json, "straddling", '[');
    for (size_t i = 0; i < count; i++) {
        const sp_straddler *straddler = &straddlers[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "token", token_of(prompt, straddler));
        sp_json_uint(json, "message", straddler->message);
        sp_json_pair(json, "bytes", straddler->begin, straddler->end);
        add_json_place(json, prompt, "from", straddler->first_segment, straddler->first_line);
        add_json_place(json, prompt, "to", straddler->last_segment, straddler->last_line);
        sp_json_end(json);
    }
    sp_json_end(json);
}
