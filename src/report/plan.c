/* plan.c - how a prompt meets its budget: a table for people, sysprompt.plan/1 and "trim" in sysprompt.build/1. */
#include "base/json.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "syntax/headings.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

enum { MAX_HEADING_DEPTH = 6 };

/* The headings that a cut stands under; the one that it begins with is none of them. */
static size_t headings_over(const sp_source *source, const sp_cut *cut, uint32_t path[MAX_HEADING_DEPTH])
{
    uint32_t block = sp_block_at(source, cut->begin);
    size_t depth = block == SP_NONE ? 0 : sp_heading_path(source, block, path, MAX_HEADING_DEPTH);
    depth = depth < MAX_HEADING_DEPTH ? depth : MAX_HEADING_DEPTH;
    return depth && path[depth - 1] == block ? depth - 1 : depth;
}

/* ---- for people ------------------------------------------------------------------------------------------ */

static void add_tokens(sp_buf *out, const sp_prompt *prompt, size_t tokens)
{
    char number[32];
    sp_buf_add(out, sp_estimate_text(number, prompt->exact, tokens));
    sp_buf_add(out, tokens == 1 ? SP_STR(" token") : SP_STR(" tokens"));
}

/* The same, with the range of an estimate. */
static void add_size(sp_buf *out, const sp_prompt *prompt, size_t tokens, sp_range range)
{
    char text[SP_TOKENS_ROOM];
    sp_buf_format(out, "%s %s", sp_tokens_text(text, prompt->exact, tokens, range), tokens == 1 ? "token" : "tokens");
}

/* Which number of an estimate it is for. */
static const char *bound_in_words(const sp_prompt *prompt)
{
    static const char *const words[] = { [SP_BOUND_UPPER] = " for the upper bound",
                                         [SP_BOUND_MIDDLE] = " for the middle of the range",
                                         [SP_BOUND_LOWER] = " for the lower bound" };
    return prompt->exact ? "" : words[prompt->trim->bound];
}

static void add_head(sp_buf *out, const sp_prompt *prompt)
{
    const sp_trim *trim = prompt->trim;
    char number[32];
    add_size(out, prompt, trim->whole_tokens, trim->whole_range);
    sp_buf_format(out, " (%s), a budget of %s%s: ", sp_encoding_name(prompt->encoding),
                  sp_number_text(number, trim->budget_tokens).ptr, bound_in_words(prompt));
    if (!trim->fits)
        sp_buf_add(out, SP_STR("it cannot be met; the smallest that can be reached is "));
    else if (trim->unit_count)
        sp_buf_add(out, SP_STR("what is left has "));
    else
        sp_buf_add(out, SP_STR("nothing has to be cut"));
    if (!trim->fits || trim->unit_count)
        add_size(out, prompt, trim->tokens, trim->range);
    sp_buf_add_char(out, '\n');
    sp_part_encoding_note(out, prompt->encoding_note);
}

static sp_str lines_of(char buffer[32], const sp_cut *cut)
{
    int length = snprintf(buffer, 32, "%u-%u", cut->first_line, cut->last_line);
    return (sp_str){ buffer, (size_t)length };
}

/* The last heading of a cut that reaches beyond the section it begins in; SP_NONE: it ends in that section. */
static uint32_t last_heading(const sp_source *source, const sp_cut *cut, uint32_t section)
{
    uint32_t block = cut->end > cut->begin ? sp_block_at(source, cut->end - 1) : SP_NONE;
    if (block == SP_NONE)
        return SP_NONE;
    uint32_t last = source->blocks[block].kind == SP_BLOCK_HEADING ? block : source->blocks[block].heading;
    for (uint32_t at = last; at != SP_NONE; at = source->blocks[at].heading)
        if (at == section)
            return SP_NONE;
    return last;
}

/* "Layout", or "Layout to Tests" */
static void add_section(sp_buf *out, const sp_source *source, const sp_cut *cut)
{
    uint32_t path[MAX_HEADING_DEPTH];
    size_t depth = headings_over(source, cut, path);
    if (depth == 0)
        return;
    sp_buf_add(out, sp_heading_text(source, path[depth - 1]));
    uint32_t last = last_heading(source, cut, path[depth - 1]);
    if (last != SP_NONE)
        sp_buf_format(out, " to %.*s", SP_STR_ARG(sp_heading_text(source, last)));
}

static void add_cut_row(sp_table *table, const sp_prompt *prompt, const sp_cut *cut)
{
    char tokens[32];
    char lines[32];
    sp_buf section = { 0 };
    const sp_source *source = &prompt->sources[cut->source];
    add_section(&section, source, cut);
    sp_table_row(table, (sp_str[]){ sp_estimate_text(tokens, prompt->exact, cut->tokens), lines_of(lines, cut),
                                    source->path, sp_buf_str(&section), cut->why });
    table->out->failed = table->out->failed || section.failed;
    sp_buf_release(&section);
}

static void add_cuts(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "lines", true }, { "cut", false }, { "under", false }, { "why", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    if (prompt->trim->cut_count == 0)
        return;
    sp_buf_add_char(out, '\n');
    for (size_t i = 0; i < prompt->trim->cut_count; i++)
        add_cut_row(&table, prompt, &prompt->trim->cuts[i]);
    sp_table_end(&table);
}

static void add_next(sp_buf *out, const sp_prompt *prompt)
{
    const sp_trim *trim = prompt->trim;
    char number[32];
    char lines[32];
    if (trim->unit_count == 0)
        return;
    sp_buf_add(out, SP_STR("\nThe first to come back is "));
    sp_table_text(out, prompt->sources[trim->next.source].path);
    sp_buf_format(out, ":%s (", lines_of(lines, &trim->next).ptr);
    add_tokens(out, prompt, trim->next.tokens);
    sp_buf_add(out, SP_STR("), with a budget of "));
    sp_buf_add(out, sp_number_text(number, trim->next_budget_tokens));
    sp_buf_add(out, SP_STR(".\n"));
}

static void add_rest(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = { { "tokens", true }, { "not cut", false }, { "why", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    const sp_trim *trim = prompt->trim;
    if (trim->fits)
        return;
    sp_buf_add_char(out, '\n');
    for (size_t i = 0; i < trim->rest_count; i++) {
        const sp_trim_rest *rest = &trim->rest[i];
        char tokens[32];
        sp_str path = rest->source == SP_NONE ? SP_STR("(sysprompt)") : prompt->sources[rest->source].path;
        sp_table_row(&table, (sp_str[]){ sp_estimate_text(tokens, prompt->exact, rest->tokens), path,
                                         sp_str_of(rest->pinned ? rest->reason : "a marker would be larger") });
    }
    sp_table_end(&table);
}

void sp_emit_plan(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    add_head(out, prompt);
    add_cuts(out, prompt, style);
    add_next(out, prompt);
    add_rest(out, prompt, style);
}

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static void add_headings(sp_json *json, const sp_source *source, const sp_cut *cut)
{
    uint32_t path[MAX_HEADING_DEPTH];
    size_t depth = headings_over(source, cut, path);
    sp_json_begin_line(json, "under", '[');
    for (size_t i = 0; i < depth; i++)
        sp_json_str(json, NULL, sp_heading_text(source, path[i]));
    sp_json_end(json);
}

static void add_cut(sp_json *json, const char *key, const sp_prompt *prompt, const sp_cut *cut)
{
    const sp_source *source = &prompt->sources[cut->source];
    sp_json_begin_line(json, key, '{');
    sp_json_str(json, "path", source->path);
    sp_part_lines(json, cut->first_line, cut->last_line);
    sp_json_pair(json, "bytes", cut->begin, cut->end);
    add_headings(json, source, cut);
    sp_json_uint(json, "tokens", cut->tokens);
    sp_json_str(json, "why", cut->why);
    sp_json_end(json);
}

static void add_rest_json(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin(json, "rest", '[');
    for (size_t i = 0; i < prompt->trim->rest_count; i++) {
        const sp_trim_rest *rest = &prompt->trim->rest[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "path", rest->source == SP_NONE ? (sp_str){ NULL, 0 } : prompt->sources[rest->source].path);
        sp_json_uint(json, "tokens", rest->tokens);
        sp_json_bool(json, "pinned", rest->pinned);
        sp_json_str(json, "why", sp_str_of(rest->reason));
        sp_json_end(json);
    }
    sp_json_end(json);
}

void sp_part_trim(sp_json *json, const sp_prompt *prompt)
{
    const sp_trim *trim = prompt->trim;
    if (!trim)
        return;
    sp_json_begin(json, "trim", '{');
    sp_json_uint(json, "budget", trim->budget_tokens);
    sp_json_bool(json, "fits", trim->fits);
    sp_json_bool(json, "applied", trim->is_applied);
    sp_json_uint(json, "whole_tokens", trim->whole_tokens);
    sp_json_uint(json, "tokens", trim->tokens);
    sp_part_range(json, prompt->exact, trim->range);
    if (!prompt->exact) {
        sp_json_uint(json, "whole_low", trim->whole_range.low);
        sp_json_uint(json, "whole_high", trim->whole_range.high);
        sp_json_str(json, "estimate", sp_str_of(sp_bound_name(trim->bound)));
    }
    sp_json_uint(json, "units", trim->unit_count);
    sp_json_str(json, "sha256", sp_str_of(trim->sha256));
    sp_json_begin(json, "cuts", '[');
    for (size_t i = 0; i < trim->cut_count; i++)
        add_cut(json, NULL, prompt, &trim->cuts[i]);
    sp_json_end(json);
    if (trim->unit_count) {
        add_cut(json, "next", prompt, &trim->next);
        sp_json_uint(json, "next_budget", trim->next_budget_tokens);
    } else {
        sp_json_null(json, "next");
        sp_json_null(json, "next_budget");
    }
    add_rest_json(json, prompt);
    sp_json_end(json);
}

void sp_emit_plan_json(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.plan/1"));
    sp_part_agent(&json, prompt);
    sp_part_count(&json, prompt);
    sp_part_trim(&json, prompt);
    sp_part_diagnostics(&json, prompt->diagnostics, prompt->diagnostic_count);
    sp_json_end(&json);
}
