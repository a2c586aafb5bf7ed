/* tokens.c - a text with the boundaries of its tokens: in two colours, with marks, or as JSON. */
#include "tokenizer/tokens.h"
#include "base/json.h"
#include "base/types.h"
#include "report/format.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"

#include <stdlib.h>

typedef struct shown_tokens {
    sp_str text;
    sp_ids ids;
    uint32_t *ends;
    size_t count;
} shown_tokens;

static sp_str token_at(const shown_tokens *tokens, size_t i)
{
    return sp_str_slice(tokens->text, i ? tokens->ends[i - 1] : 0, tokens->ends[i]);
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

enum { PAINTS = 2 };

/* Black on cyan, black on yellow: to be read on a dark terminal and on a light one. */
static const char *const paints[PAINTS] = { "\x1b[30;46m", "\x1b[30;43m" };
static const char plain[] = "\x1b[0m";

/* Up to its end or the next character that is spelled in another way here: sp_table_text leaves a tab, and would spell
 * a line end as \x0a. A mark of ours in the text gets a backslash in front. */
static size_t plain_end(sp_str token, size_t at, bool has_marks)
{
    const char *spelled = has_marks ? "\n\r\t\\|" : "\n\r\t";
    while (at < token.len && token.ptr[at] && !strchr(spelled, token.ptr[at]))
        at++;
    return at;
}

/* The line ends where the text's does, with the colour taken off, which a terminal would draw on to its edge. */
static void add_spelled(sp_buf *out, char c, const char *paint)
{
    if (c == '\0') {
        sp_buf_add(out, SP_STR("\\x00"));
        return;
    }
    sp_buf_add_char(out, '\\');
    sp_buf_add_char(out, c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c);
    if (c != '\n')
        return;
    sp_buf_add(out, paint ? sp_str_of(plain) : SP_STR(""));
    sp_buf_add_char(out, '\n');
    sp_buf_add(out, paint ? sp_str_of(paint) : SP_STR(""));
}

static void add_token(sp_buf *out, sp_str token, const char *paint)
{
    sp_buf_add(out, paint ? sp_str_of(paint) : SP_STR(""));
    for (size_t at = 0; at < token.len;) {
        size_t end = plain_end(token, at, !paint);
        sp_table_text(out, sp_str_slice(token, at, end));
        if (end < token.len)
            add_spelled(out, token.ptr[end++], paint);
        at = end;
    }
    sp_buf_add(out, paint ? sp_str_of(plain) : SP_STR(""));
}

static void emit_text(sp_buf *out, const shown_tokens *tokens, const sp_style *style)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (i && !style->color)
            sp_buf_add_char(out, '|');
        add_token(out, token_at(tokens, i), style->color ? paints[i % PAINTS] : NULL);
    }
    if (tokens->count && tokens->text.ptr[tokens->text.len - 1] != '\n')
        sp_buf_add_char(out, '\n');
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void emit_json(sp_buf *out, const sp_encoding *encoding, const shown_tokens *tokens)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.show/1"));
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(encoding)));
    sp_json_uint(&json, "tokens", tokens->count);
    sp_json_begin(&json, "pieces", '[');
    for (size_t i = 0; i < tokens->count; i++) {
        sp_json_begin_line(&json, NULL, '{');
        sp_json_uint(&json, "id", tokens->ids.ids[i]);
        sp_json_pair(&json, "bytes", i ? tokens->ends[i - 1] : 0, tokens->ends[i]);
        sp_json_str(&json, "text", token_at(tokens, i));
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_end(&json);
}

/* ---- which of them ------------------------------------------------------------------------------------------------
 */

sp_status sp_tokens_render(const sp_encoding *encoding, sp_str text, sp_special special, sp_format format,
                           const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    static const sp_style no_style = { 0 };
    shown_tokens tokens = { .text = text };
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "tokens have no format %d", (int)format);
    if (!sp_encoding_is_exact(encoding))
        return sp_err_set(err, SP_ERR_USAGE,
                          "%s is an estimate, which has no tokens to show, only a number of them; name an exact "
                          "encoding, such as o200k_base",
                          sp_encoding_name(encoding));
    SP_TRY(sp_token_ends(encoding, text, special, &tokens.ends, &tokens.count, err));
    sp_status status = format == SP_FORMAT_JSON ? sp_encode(encoding, text, special, &tokens.ids, err) : SP_OK;
    if (status == SP_OK && format == SP_FORMAT_JSON)
        emit_json(&out, encoding, &tokens);
    else if (status == SP_OK)
        emit_text(&out, &tokens, style ? style : &no_style);
    sp_ids_release(&tokens.ids);
    free(tokens.ends);
    return status == SP_OK ? sp_render_finish(&out, ret_bytes, ret_len, err) : status;
}
