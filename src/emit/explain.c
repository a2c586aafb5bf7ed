/* explain.c - where the prompt comes from, and what is not in it: a table for people, sysprompt.explain/1 for scripts.
 */
#include "base/json.h"
#include "emit/emit.h"
#include "emit/names.h"
#include "emit/parts.h"
#include "emit/table.h"

#include <stdio.h>

/* ---- the table ----------------------------------------------------------------------------------- */

/* An exact count by another model's tokenizer must not pass for a count of this model's tokens. */
static void add_model_caveat(sp_buf *out, const sp_prompt *prompt)
{
    const sp_agent *agent = prompt->agent;
    if (!agent || !agent->model.ptr || sp_encoding_for_model(agent->model) == prompt->encoding)
        return;
    sp_buf_add(out, SP_STR("The agent's model is "));
    sp_table_text(out, agent->model);
    sp_buf_format(out, ", which does not use %s: it will see another number of tokens.\n",
                  sp_encoding_name(prompt->encoding));
}

static void add_head(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    char number[32];
    if (prompt->agent && prompt->agent->name.ptr) {
        sp_buf_add(out, SP_STR("agent "));
        sp_table_text(out, prompt->agent->name);
    } else {
        sp_buf_add(out, prompt->agent ? SP_STR("an agent without a name") : SP_STR("main session"));
    }
    sp_buf_add(out, SP_STR(": "));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_table_number(number, prompt->tokens));
    sp_buf_format(out, " tokens (%s), ", sp_encoding_name(prompt->encoding));
    sp_buf_add(out, sp_table_number(number, prompt->generated_tokens));
    sp_buf_add(out, SP_STR(" of them sysprompt's own wording\n"));
    add_model_caveat(out, prompt);
    sp_buf_add_char(out, '\n');
}

static sp_str share_of(char buffer[16], size_t part, size_t whole)
{
    size_t permille = whole ? (part * 1000 + whole / 2) / whole : 0;
    int length = snprintf(buffer, 16, "%zu.%zu%%", permille / 10, permille % 10);
    return (sp_str){ buffer, (size_t)length };
}

/* "include, CLAUDE.md:3" for an import, the reason alone for the rest. */
static void add_reason(sp_buf *out, const sp_prompt *prompt, const sp_source *source)
{
    sp_buf_add(out, source->reason);
    if (source->importer != SP_NONE)
        sp_buf_format(out, ", %.*s:%u", SP_STR_ARG(prompt->sources[source->importer].path), source->importer_line);
}

static void add_kind(sp_buf *out, const sp_source *source)
{
    if (source->scope != SP_SCOPE_NAMED)
        sp_buf_format(out, "%s ", sp_name_of_scope(source->scope).ptr);
    sp_buf_add(out, sp_name_of_source_kind(source->kind));
}

static void add_source_row(sp_table *table, const sp_prompt *prompt, const sp_source *source)
{
    char tokens[32];
    char share[16];
    sp_buf kind = { 0 };
    sp_buf reason = { 0 };
    add_kind(&kind, source);
    add_reason(&reason, prompt, source);
    table->out->failed = table->out->failed || kind.failed || reason.failed;
    sp_table_row(table,
                 (sp_str[]){ sp_table_number(tokens, source->tokens), share_of(share, source->tokens, prompt->tokens),
                             source->path, sp_buf_str(&kind), sp_buf_str(&reason) });
    sp_buf_release(&kind);
    sp_buf_release(&reason);
}

static void add_sum_row(sp_table *table, const sp_prompt *prompt, size_t tokens, const char *what, const char *reason)
{
    char number[32];
    char share[16];
    sp_table_row(table, (sp_str[]){ sp_table_number(number, tokens), share_of(share, tokens, prompt->tokens),
                                    sp_str_of(what), SP_STR(""), sp_str_of(reason) });
}

static void add_sources(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "share", true }, { "source", false }, { "kind", false }, { "reason", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded)
            add_source_row(&table, prompt, &prompt->sources[i]);
    if (prompt->generated_tokens)
        add_sum_row(&table, prompt, prompt->generated_tokens, "(sysprompt)", "headers, markers, memory instructions");
    add_sum_row(&table, prompt, prompt->tokens, "total", "");
    sp_table_end(&table);
}

static void add_cut_row(sp_table *table, const sp_prompt *prompt, const sp_cut *cut)
{
    char tokens[32];
    char lines[32];
    int length = 0;
    if (cut->first_line)
        length = snprintf(lines, sizeof lines, "%u-%u", cut->first_line, cut->last_line);
    sp_table_row(table, (sp_str[]){ cut->tokens_known ? sp_table_number(tokens, cut->tokens) : SP_STR("?"),
                                    { lines, (size_t)length },
                                    prompt->sources[cut->source].path,
                                    cut->rule,
                                    cut->why });
}

static void add_dropped(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "lines", true }, { "not in the prompt", false }, { "rule", false }, { "why", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    if (prompt->cut_count == 0) {
        sp_buf_add(out, SP_STR("\nNothing was left out.\n"));
        return;
    }
    sp_buf_add_char(out, '\n');
    for (size_t i = 0; i < prompt->cut_count; i++)
        add_cut_row(&table, prompt, &prompt->cuts[i]);
    sp_table_end(&table);
}

void sp_emit_explain(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    add_head(out, prompt, style);
    add_sources(out, prompt, style);
    add_dropped(out, prompt, style);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void add_source(sp_json *json, const sp_prompt *prompt, const sp_source *source)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_str(json, "path", source->path);
    sp_json_str(json, "kind", sp_name_of_source_kind(source->kind));
    sp_json_str(json, "scope", sp_name_of_scope(source->scope));
    sp_json_str(json, "reason", source->reason);
    if (source->importer == SP_NONE) {
        sp_json_null(json, "importer");
    } else {
        sp_json_begin_line(json, "importer", '{');
        sp_json_str(json, "path", prompt->sources[source->importer].path);
        sp_json_uint(json, "line", source->importer_line);
        sp_json_end(json);
    }
    sp_json_uint(json, "bytes", source->size_bytes);
    sp_json_uint(json, "tokens", source->tokens);
    sp_json_end(json);
}

static void add_generated(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_null(json, "path");
    sp_json_str(json, "kind", SP_STR("generated"));
    sp_json_null(json, "scope");
    sp_json_str(json, "reason", SP_STR("headers, markers, memory instructions"));
    sp_json_null(json, "importer");
    sp_json_null(json, "bytes");
    sp_json_uint(json, "tokens", prompt->generated_tokens);
    sp_json_end(json);
}

void sp_emit_explain_json(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.explain/1"));
    sp_part_agent(&json, prompt);
    sp_part_count(&json, prompt);
    sp_json_begin(&json, "sources", '[');
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded)
            add_source(&json, prompt, &prompt->sources[i]);
    add_generated(&json, prompt);
    sp_json_end(&json);
    sp_json_begin(&json, "dropped", '[');
    for (size_t i = 0; i < prompt->cut_count; i++)
        sp_part_cut(&json, prompt, &prompt->cuts[i]);
    sp_json_end(&json);
    sp_part_diagnostics(&json, prompt);
    sp_json_end(&json);
}
