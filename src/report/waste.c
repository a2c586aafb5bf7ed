/* waste.c - text that stands twice in a prompt: a table for people, sysprompt.duplicates/1 for scripts. */
#include "base/json.h"
#include "base/types.h"
#include "explain/duplicates/result.h"
#include "model/prompt.h"
#include "report/encodings.h"
#include "report/format.h"
#include "report/parts.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "rules/profile.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

/* ---- the table ------------------------------------------------------------------------------------------- */

static void add_tokens(sp_buf *out, bool is_exact, int64_t tokens)
{
    char number[32];
    if (tokens < 0)
        sp_buf_add_char(out, '-');
    sp_buf_add(out, sp_estimate_text(number, is_exact, (uint64_t)(tokens < 0 ? -tokens : tokens)));
}

static void add_place(sp_buf *out, const sp_prompt *prompt, const sp_copy_place *place)
{
    sp_buf_format(out, "%.*s:%u", SP_STR_ARG(prompt->sources[place->source].path), place->first_line);
    if (place->last_line > place->first_line)
        sp_buf_format(out, "-%u", place->last_line);
}

static void add_what(sp_buf *out, const sp_copy *copy)
{
    if (copy->kind == SP_COPY_FILE)
        sp_buf_add(out, SP_STR("the whole file"));
    else
        sp_buf_format(out, "%zu block%s", copy->block_count, copy->block_count == 1 ? "" : "s");
    if (copy->kind == SP_COPY_SIMILAR)
        sp_buf_format(out, ", %u%% the same", copy->similar_percent);
}

static void add_row(sp_table *table, const sp_prompt *prompt, const sp_copy *copy)
{
    sp_buf tokens = { 0 };
    sp_buf here = { 0 };
    sp_buf first = { 0 };
    sp_buf what = { 0 };
    if (copy->is_counted)
        add_tokens(&tokens, prompt->exact, copy->tokens);
    else
        sp_buf_add_char(&tokens, '?');
    add_place(&here, prompt, &copy->place);
    add_place(&first, prompt, &copy->first);
    add_what(&what, copy);
    table->out->failed = table->out->failed || tokens.failed || here.failed || first.failed || what.failed;
    sp_table_row(table, (sp_str[]){ sp_buf_str(&tokens), sp_buf_str(&here), sp_buf_str(&first), sp_buf_str(&what) });
    sp_buf_release(&tokens);
    sp_buf_release(&here);
    sp_buf_release(&first);
    sp_buf_release(&what);
}

static void add_rows(sp_buf *out, const sp_prompt *prompt, const sp_waste *waste, bool is_similar,
                     const sp_style *style)
{
    const sp_column columns[] = { { "tokens", true },
                                  { is_similar ? "similar" : "copy", false },
                                  { is_similar ? "to" : "of", false },
                                  { "what", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < waste->copy_count; i++)
        if ((waste->copies[i].kind == SP_COPY_SIMILAR) == is_similar)
            add_row(&table, prompt, &waste->copies[i]);
    sp_table_end_apart(&table);
}

static void add_text(sp_buf *out, const sp_prompt *prompt, const sp_waste *waste, const sp_style *style)
{
    char number[32];
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, prompt->exact, prompt->tokens));
    sp_buf_format(out, " tokens (%s)", sp_encoding_name(prompt->encoding));
    if (waste->copy_count) {
        sp_buf_add(out, SP_STR(", "));
        add_tokens(out, prompt->exact, waste->tokens);
        sp_buf_add(out, SP_STR(" of them in copies, "));
        add_tokens(out, prompt->exact, waste->similar_tokens);
        sp_buf_add(out, SP_STR(" in text that is nearly a copy"));
    }
    sp_buf_add_char(out, '\n');
    sp_part_encoding_note(out, prompt->encoding_note);
    if (waste->uncompared_count)
        sp_buf_format(out, "%zu %s more than %lld words (%s): similar text is looked for in shorter blocks alone\n",
                      waste->uncompared_count, waste->uncompared_count == 1 ? "section has" : "sections have",
                      (long long)sp_own_limit(SP_RULE_WASTE_WORDS), sp_rule_id(SP_RULE_WASTE_WORDS));
    add_rows(out, prompt, waste, false, style);
    add_rows(out, prompt, waste, true, style);
    if (waste->copy_count == 0)
        sp_buf_format(
            out, "\nIt has no duplicate text of %zu tokens or more, and no two such texts are %u%% or more alike.\n",
            waste->min_tokens, waste->min_percent);
}

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static void add_json_tokens(sp_json *json, const char *key, int64_t tokens)
{
    char number[32];
    int length = snprintf(number, sizeof number, "%lld", (long long)tokens);
    sp_json_number(json, key, (sp_str){ number, (size_t)length });
}

static void add_json_place(sp_json *json, const char *key, const sp_prompt *prompt, const sp_copy_place *place)
{
    sp_json_begin_line(json, key, '{');
    sp_json_path(json, "path", prompt->sources[place->source].path);
    sp_part_lines(json, place->first_line, place->last_line);
    sp_json_uint(json, "message", place->message);
    sp_json_pair(json, "bytes", place->begin, place->end);
    sp_json_end(json);
}

static sp_str name_of_kind(sp_copy_kind kind)
{
    switch (kind) {
    case SP_COPY_FILE:
        return SP_STR("file");
    case SP_COPY_TEXT:
        return SP_STR("text");
    case SP_COPY_SIMILAR:
        return SP_STR("similar");
    }
    return SP_STR("");
}

static void add_json(sp_buf *out, const sp_prompt *prompt, const sp_waste *waste)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.duplicates/1"));
    sp_part_agent(&json, prompt);
    sp_part_count(&json, prompt);
    sp_json_uint(&json, "min_tokens", waste->min_tokens);
    sp_json_uint(&json, "min_similar_percent", waste->min_percent);
    sp_json_uint(&json, "uncompared", waste->uncompared_count);
    add_json_tokens(&json, "waste_tokens", waste->tokens);
    add_json_tokens(&json, "similar_tokens", waste->similar_tokens);
    sp_json_begin(&json, "copies", '[');
    for (size_t i = 0; i < waste->copy_count; i++) {
        const sp_copy *copy = &waste->copies[i];
        sp_json_begin(&json, NULL, '{');
        sp_json_str(&json, "kind", name_of_kind(copy->kind));
        if (copy->is_counted)
            add_json_tokens(&json, "tokens", copy->tokens);
        else
            sp_json_null(&json, "tokens");
        sp_json_uint(&json, "blocks", copy->block_count);
        sp_json_uint(&json, "similar_percent", copy->similar_percent);
        add_json_place(&json, "place", prompt, &copy->place);
        add_json_place(&json, "first", prompt, &copy->first);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_end(&json);
}

sp_status sp_waste_render(const sp_prompt *prompt, const sp_waste *waste, sp_format format, const sp_style *style,
                          char **ret_bytes, size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { 0 };
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "waste has no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        add_json(&out, prompt, waste);
    else
        add_text(&out, prompt, waste, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
