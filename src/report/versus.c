/* versus.c - what another profile makes of the same request: a table for people, sysprompt.explain-vs/1 for scripts. */
#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/encodings.h"
#include "report/format.h"
#include "report/parts.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

static const sp_style plain = { 0 };

/* ---- what has no match in the other prompt ---------------------------------------------------------- */

typedef struct source_ref {
    const sp_source *source;
} source_ref;

typedef struct cut_ref {
    const sp_cut *cut;
    sp_str path;
} cut_ref;

/* The loaded sources and the cuts of a prompt, in an order to look them up by. */
typedef struct side {
    const sp_prompt *prompt;
    source_ref *sources;
    size_t source_count;
    cut_ref *cuts;
} side;

static int compare_sources(const void *a, const void *b)
{
    const sp_source *x = ((const source_ref *)a)->source;
    const sp_source *y = ((const source_ref *)b)->source;
    int order = sp_str_cmp(x->path, y->path);
    return order ? order : (x->kind > y->kind) - (x->kind < y->kind);
}

static int compare_cuts(const void *a, const void *b)
{
    const cut_ref *x = a;
    const cut_ref *y = b;
    int order = sp_str_cmp(x->path, y->path);
    order = order ? order : sp_str_cmp(sp_rule_name(x->cut->rule), sp_rule_name(y->cut->rule));
    order = order ? order : (x->cut->begin > y->cut->begin) - (x->cut->begin < y->cut->begin);
    return order ? order : (x->cut->end > y->cut->end) - (x->cut->end < y->cut->end);
}

static sp_str cut_path(const side *s, const sp_cut *cut)
{
    return s->prompt->sources[cut->source].path;
}

static bool fill(side *s, const sp_prompt *prompt)
{
    *s = (side){ .prompt = prompt };
    s->sources = calloc((size_t)prompt->source_count + 1, sizeof *s->sources);
    s->cuts = calloc(prompt->cut_count + 1, sizeof *s->cuts);
    if (!s->sources || !s->cuts)
        return false;
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded)
            s->sources[s->source_count++] = (source_ref){ &prompt->sources[i] };
    for (size_t i = 0; i < prompt->cut_count; i++)
        s->cuts[i] = (cut_ref){ &prompt->cuts[i], cut_path(s, &prompt->cuts[i]) };
    qsort(s->sources, s->source_count, sizeof *s->sources, compare_sources);
    qsort(s->cuts, prompt->cut_count, sizeof *s->cuts, compare_cuts);
    return true;
}

static void drop(side *s)
{
    free(s->sources);
    free(s->cuts);
}

static const sp_source *match_of_source(const side *s, const sp_source *wanted)
{
    const source_ref key = { wanted };
    const source_ref *found = bsearch(&key, s->sources, s->source_count, sizeof *s->sources, compare_sources);
    return found ? found->source : NULL;
}

static bool has_cut(const side *s, const side *of, const sp_cut *wanted)
{
    const cut_ref key = { wanted, cut_path(of, wanted) };
    return bsearch(&key, s->cuts, s->prompt->cut_count, sizeof *s->cuts, compare_cuts) != NULL;
}

/* ---- the table -------------------------------------------------------------------------------------- */

static void add_source_row(sp_table *table, bool is_exact, const sp_source *source, size_t before, size_t after,
                           const char *what)
{
    char number[34];
    sp_table_row(table, (sp_str[]){ sp_table_signed(number, is_exact, before, after), source->path, sp_str_of(what) });
}

static void add_sources(sp_table *table, const side *here, const side *there)
{
    bool is_exact = here->prompt->exact;
    for (uint32_t i = 0; i < here->prompt->source_count; i++) {
        const sp_source *source = &here->prompt->sources[i];
        const sp_source *match = match_of_source(there, source);
        if (source->is_loaded && !match)
            add_source_row(table, is_exact, source, source->tokens, 0,
                           sp_profile_is_measured(there->prompt->profile) ? "not read" : "not documented as read");
        else if (source->is_loaded && match->tokens != source->tokens)
            add_source_row(table, is_exact, source, source->tokens, match->tokens, "read in both");
    }
    for (uint32_t i = 0; i < there->prompt->source_count; i++) {
        const sp_source *source = &there->prompt->sources[i];
        if (source->is_loaded && !match_of_source(here, source))
            add_source_row(table, is_exact, source, 0, source->tokens,
                           sp_profile_is_measured(here->prompt->profile) ? "read only there" : "read there");
    }
    if (here->prompt->generated_tokens != there->prompt->generated_tokens) {
        char number[34];
        sp_table_row(table, (sp_str[]){ sp_table_signed(number, is_exact, here->prompt->generated_tokens,
                                                        there->prompt->generated_tokens),
                                        SP_STR("(sysprompt)"), sp_str_of(sp_part_generated(here->prompt)) });
    }
}

static void add_cuts(sp_table *table, const side *of, const side *other)
{
    for (size_t i = 0; i < of->prompt->cut_count; i++) {
        const sp_cut *cut = &of->prompt->cuts[i];
        char tokens[32];
        bool is_read_there = match_of_source(other, &of->prompt->sources[cut->source]) != NULL;
        if (has_cut(other, of, cut) || (sp_part_is_trifle(cut) && !is_read_there))
            continue;
        sp_table_row(table,
                     (sp_str[]){ sp_part_cut_tokens(tokens, of->prompt, cut), cut_path(of, cut),
                                 sp_str_of(sp_profile_name(of->prompt->profile)), sp_rule_name(cut->rule), cut->why });
    }
}

/* "request: ~15,084 and ~20,111 tokens, ~+5,027", or why one of them is not known. */
static void add_requests(sp_buf *out, const sp_prompt *here, const sp_prompt *there)
{
    const sp_prompt *unknown = !here->whole || here->whole->is_known ? there : here;
    char number[34];
    if (!here->whole || !there->whole)
        return;
    if (!unknown->whole->is_known) {
        sp_buf_format(out, "request: that of %s is not known, because %.*s\n", sp_profile_name(unknown->profile),
                      SP_STR_ARG(unknown->whole->problem));
        return;
    }
    sp_buf_add(out, SP_STR("request, with the client's own parts: "));
    sp_buf_add(out, sp_estimate_text(number, false, here->whole->tokens));
    sp_buf_add(out, SP_STR("; "));
    sp_buf_add(out, sp_estimate_text(number, false, there->whole->tokens));
    sp_buf_add(out, SP_STR(", "));
    sp_buf_add(out, sp_table_signed(number, false, here->whole->tokens, there->whole->tokens));
    sp_buf_add_char(out, '\n');
}

static void add_text(sp_buf *out, const side *here, const side *there, const sp_style *style)
{
    static const sp_column of_sources[] = { { "tokens", true }, { "source", false }, { "there", false } };
    static const sp_column of_cuts[] = {
        { "tokens", true }, { "left out", false }, { "only by", false }, { "rule", false }, { "why", false }
    };
    sp_table sources = { .out = out, .columns = of_sources, .column_count = SP_COUNT_OF(of_sources), .style = style };
    sp_table cuts = { .out = out, .columns = of_cuts, .column_count = SP_COUNT_OF(of_cuts), .style = style };
    char number[34];
    sp_buf_format(out, "%s: ", sp_profile_name(here->prompt->profile));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, here->prompt->exact, here->prompt->tokens));
    sp_buf_add_range(out, here->prompt->exact, here->prompt->range);
    sp_buf_format(out, " tokens (%s); %s: ", sp_encoding_name(here->prompt->encoding),
                  sp_profile_name(there->prompt->profile));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, there->prompt->exact, there->prompt->tokens));
    sp_buf_add_range(out, there->prompt->exact, there->prompt->range);
    sp_buf_add(out, SP_STR(", "));
    sp_buf_add(out, sp_table_signed(number, here->prompt->exact, here->prompt->tokens, there->prompt->tokens));
    sp_buf_add_char(out, '\n');
    sp_part_encoding_note(out, here->prompt->encoding_note);
    add_requests(out, here->prompt, there->prompt);
    add_sources(&sources, here, there);
    add_cuts(&cuts, here, there);
    add_cuts(&cuts, there, here);
    if (sources.row_count + cuts.row_count == 0)
        sp_buf_add(out, SP_STR("\nThe same files are read, and the same parts are left out.\n"));
    sp_table_end_apart(&sources);
    sp_table_end_apart(&cuts);
}

/* ---- JSON ------------------------------------------------------------------------------------------- */

static void add_json_source(sp_json *json, const sp_source *source, const sp_source *here, const sp_source *there)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_path(json, "path", source->path);
    sp_json_str(json, "kind", sp_name_of_source_kind(source->kind));
    if (here)
        sp_json_uint(json, "tokens", here->tokens);
    else
        sp_json_null(json, "tokens");
    if (there)
        sp_json_uint(json, "tokens_vs", there->tokens);
    else
        sp_json_null(json, "tokens_vs");
    sp_json_end(json);
}

static void add_json_sources(sp_json *json, const side *here, const side *there)
{
    sp_json_begin(json, "sources", '[');
    for (uint32_t i = 0; i < here->prompt->source_count; i++) {
        const sp_source *source = &here->prompt->sources[i];
        const sp_source *match = match_of_source(there, source);
        if (source->is_loaded && !(match && match->tokens == source->tokens))
            add_json_source(json, source, source, match);
    }
    for (uint32_t i = 0; i < there->prompt->source_count; i++) {
        const sp_source *source = &there->prompt->sources[i];
        if (source->is_loaded && !match_of_source(here, source))
            add_json_source(json, source, NULL, source);
    }
    sp_json_end(json);
}

static void add_json_cuts(sp_json *json, const char *key, const side *of, const side *other)
{
    sp_json_begin(json, key, '[');
    for (size_t i = 0; i < of->prompt->cut_count; i++)
        if (!has_cut(other, of, &of->prompt->cuts[i]))
            sp_part_cut(json, of->prompt, &of->prompt->cuts[i]);
    sp_json_end(json);
}

static void add_json_request(sp_json *json, const sp_prompt *prompt, const char *tokens, const char *note)
{
    if (!prompt->whole)
        return;
    if (prompt->whole->is_known) {
        sp_json_uint(json, tokens, prompt->whole->tokens);
        return;
    }
    sp_json_null(json, tokens);
    sp_json_str(json, note, prompt->whole->problem);
}

static void add_json(sp_buf *out, const side *here, const side *there)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.explain-vs/1"));
    sp_json_str(&json, "profile", sp_str_of(sp_profile_name(here->prompt->profile)));
    sp_json_str(&json, "vs", sp_str_of(sp_profile_name(there->prompt->profile)));
    sp_part_encoding(&json, here->prompt->encoding, here->prompt->exact && there->prompt->exact,
                     here->prompt->encoding_note);
    sp_json_uint(&json, "tokens", here->prompt->tokens);
    sp_part_range(&json, here->prompt->exact, here->prompt->range);
    sp_json_uint(&json, "tokens_vs", there->prompt->tokens);
    if (!there->prompt->exact) {
        sp_json_uint(&json, "low_vs", there->prompt->range.low);
        sp_json_uint(&json, "high_vs", there->prompt->range.high);
    }
    sp_json_uint(&json, "generated_tokens", here->prompt->generated_tokens);
    sp_json_uint(&json, "generated_tokens_vs", there->prompt->generated_tokens);
    add_json_request(&json, here->prompt, "request_tokens", "request_note");
    add_json_request(&json, there->prompt, "request_tokens_vs", "request_note_vs");
    add_json_sources(&json, here, there);
    add_json_cuts(&json, "dropped", here, there);
    add_json_cuts(&json, "dropped_vs", there, here);
    sp_json_end(&json);
}

sp_status sp_prompts_compare(const sp_prompt *prompt, const sp_prompt *other, sp_format format, const sp_style *style,
                             char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    side here = { 0 };
    side there = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "a comparison has no format %d", (int)format);
    if (!fill(&here, prompt) || !fill(&there, other))
        out.failed = true;
    else if (format == SP_FORMAT_JSON)
        add_json(&out, &here, &there);
    else
        add_text(&out, &here, &there, style ? style : &plain);
    drop(&here);
    drop(&there);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
