/* explain.c - where the prompt comes from, and what is not in it: a table for people, sysprompt.explain/1 for scripts.
 */
#include "base/json.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "report/whole.h"
#include "rules/ids.h"
#include "rules/names.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

/* ---- the table ----------------------------------------------------------------------------------- */

/* An exact count by another model's tokenizer must not pass for a count of this model's tokens. */
static void add_model_caveat(sp_buf *out, const sp_prompt *prompt)
{
    const sp_encoding *encoding = prompt->own_model.ptr ? prompt->model_encoding : prompt->encoding;
    if (encoding == prompt->encoding)
        return;
    sp_buf_format(out, "The %s's model is ", prompt->agent ? "agent" : "session");
    sp_table_text(out, prompt->own_model);
    if (!sp_str_eq(prompt->own_model_reason, SP_STR("front matter"))) {
        sp_buf_add(out, SP_STR(" ("));
        sp_table_text(out, prompt->own_model_reason);
        sp_buf_add_char(out, ')');
    }
    if (encoding && !sp_encoding_is_exact(encoding))
        sp_buf_format(out, ", whose tokenizer is not public: --encoding %s estimates how many tokens it sees.\n",
                      sp_encoding_name(encoding));
    else if (encoding)
        sp_buf_format(out, ", which uses %s: it may see another number of tokens.\n", sp_encoding_name(encoding));
    else
        sp_buf_add(out, SP_STR(", whose tokenizer is not in the program: it may see another number of tokens.\n"));
}

/* The newest Claude Code, which goes without saying. */
static bool is_default_profile(const sp_profile *profile)
{
    sp_profile newest;
    sp_err err;
    return sp_profile_init(&newest, (sp_str){ NULL, 0 }, &err) == SP_OK && strcmp(newest.label, profile->label) == 0;
}

/* "Tools: Read, Grep; not Bash: disallowedTools takes it away", for an agent that does not just get all. */
static void add_tools(sp_buf *out, const sp_agent *agent)
{
    const char *joint = "; not ";
    if (!agent || (agent->inherits_tools && agent->disallowed_tools.count == 0))
        return;
    sp_buf_add(out, agent->inherits_tools              ? SP_STR("Tools: all of the session's")
                    : agent->tools_resolved.count == 0 ? SP_STR("Tools: none")
                                                       : SP_STR("Tools: "));
    for (size_t i = 0; i < agent->tools_resolved.count; i++) {
        sp_buf_add(out, i ? SP_STR(", ") : SP_STR(""));
        sp_table_text(out, agent->tools_resolved.items[i]);
    }
    for (size_t i = 0; i < agent->tools_removed_count; i++) {
        const sp_removed_tool *removed = &agent->tools_removed[i];
        sp_buf_add(out, sp_str_of(joint));
        sp_table_text(out, removed->tool);
        sp_buf_format(out, " (%.*s)", SP_STR_ARG(removed->why));
        joint = ", ";
    }
    sp_buf_add_char(out, '\n');
}

/* It has no parts: those stay what was counted here. */
static void add_api_count(sp_buf *out, const sp_prompt *prompt)
{
    const sp_api_count *count = &prompt->api_count;
    char number[32];
    if (count->tokens == 0)
        return;
    sp_buf_format(out, "api-count %s: as input of %s it has %.*s tokens, the frame of a request included%s.\n",
                  count->counted_on, count->model, SP_STR_ARG(sp_number_text(number, count->tokens)),
                  count->has_carrier ? ", and \".\" as its user message" : "");
}

const sp_diagnostic *sp_prompt_refusal(const sp_prompt *prompt)
{
    const sp_source *source = prompt->agent ? &prompt->sources[prompt->agent->source] : NULL;
    for (size_t i = 0; source && i < prompt->diagnostic_count; i++)
        if (prompt->diagnostics[i].level == SP_FINDING && prompt->diagnostics[i].rule != SP_RULE_LINK_EXTERNAL &&
            sp_str_eq(prompt->diagnostics[i].path, source->path))
            return &prompt->diagnostics[i];
    return NULL;
}

/* With the grade where only documents tell of the client. */
static void add_profile(sp_buf *out, const sp_profile *profile)
{
    char grade = 'D';
    for (size_t key = 1; key < SP_RULE_COUNT; key++) {
        const sp_rule *rule = sp_rule_of(profile, (sp_rule_key)key);
        if (rule && rule->confidence < grade)
            grade = rule->confidence;
    }
    sp_buf_format(out, "By the rules of %s: %s", sp_profile_name(profile), sp_profile_title(profile));
    if (!sp_profile_is_measured(profile))
        sp_buf_format(out, "; documented (grade %c), not measured", grade);
    sp_buf_add(out, SP_STR(".\n"));
}

void sp_part_head(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    char number[32];
    if (prompt->agent && prompt->agent->name.ptr) {
        sp_buf_add(out, SP_STR("agent "));
        sp_table_text(out, prompt->agent->name);
    } else {
        sp_buf_add(out, prompt->agent               ? SP_STR("an agent without a name")
                        : prompt->unfiled_agent.ptr ? SP_STR("agent without a file: ")
                                                    : SP_STR("main session"));
        sp_table_text(out, prompt->unfiled_agent);
    }
    const sp_diagnostic *refusal = sp_prompt_refusal(prompt);
    if (refusal)
        sp_buf_format(out, ", which the client refuses [%.*s]", SP_STR_ARG(sp_rule_name(refusal->rule)));
    sp_buf_add(out, SP_STR(": "));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, prompt->exact, prompt->tokens));
    sp_buf_add_range(out, prompt->exact, prompt->range);
    bool is_one = prompt->exact && prompt->tokens == 1;
    sp_buf_format(out, is_one ? " token (%s), " : " tokens (%s), ", sp_encoding_name(prompt->encoding));
    if (prompt->is_recorded) {
        sp_buf_add(out, SP_STR("as recorded\n"));
    } else {
        sp_buf_add(out, sp_estimate_text(number, prompt->exact, prompt->generated_tokens));
        sp_buf_format(out, " of them %s\n", sp_part_wording(prompt));
    }
    if (!is_default_profile(prompt->profile))
        add_profile(out, prompt->profile);
    sp_part_encoding_note(out, prompt->encoding_note);
    add_api_count(out, prompt);
    add_model_caveat(out, prompt);
    add_tools(out, prompt->agent);
    sp_buf_add_char(out, '\n');
}

/* "CLAUDE.md:3", between the two texts; nothing for a file that nobody imports. */
static void add_importer(sp_buf *out, const sp_prompt *prompt, const sp_source *source, const char *before,
                         const char *behind)
{
    if (source->importer != SP_NONE)
        sp_buf_format(out, "%s%.*s:%u%s", before, SP_STR_ARG(prompt->sources[source->importer].path),
                      source->importer_line, behind);
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
    sp_buf_add(&reason, source->reason);
    if (source->trigger.ptr)
        sp_buf_format(&reason, ", %.*s", SP_STR_ARG(source->trigger));
    add_importer(&reason, prompt, source, ", ", "");
    table->out->failed = table->out->failed || kind.failed || reason.failed;
    sp_table_row(table, (sp_str[]){ sp_estimate_text(tokens, prompt->exact, source->tokens),
                                    sp_table_share(share, source->tokens, prompt->tokens), source->path,
                                    sp_buf_str(&kind), sp_buf_str(&reason) });
    sp_buf_release(&kind);
    sp_buf_release(&reason);
}

static void add_sum_row(sp_table *table, const sp_prompt *prompt, size_t tokens, const char *what, const char *reason)
{
    char number[32];
    char share[16];
    sp_table_row(table, (sp_str[]){ sp_estimate_text(number, prompt->exact, tokens),
                                    sp_table_share(share, tokens, prompt->tokens), sp_str_of(what), SP_STR(""),
                                    sp_str_of(reason) });
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
        add_sum_row(&table, prompt, prompt->generated_tokens, "(sysprompt)", sp_part_generated(prompt));
    add_sum_row(&table, prompt, prompt->tokens, "total", "");
    sp_table_end(&table);
}

static void add_cut_row(sp_table *table, const sp_prompt *prompt, const sp_cut *cut)
{
    char tokens[32];
    char lines[32];
    int length = 0;
    const sp_source *source = &prompt->sources[cut->source];
    sp_buf why = { 0 };
    sp_buf_add(&why, cut->why);
    if (!source->is_loaded)
        add_importer(&why, prompt, source, " (asked for by ", ")");
    if (cut->first_line)
        length = snprintf(lines, sizeof lines, "%u-%u", cut->first_line, cut->last_line);
    table->out->failed = table->out->failed || why.failed;
    sp_table_row(table, (sp_str[]){ sp_part_cut_tokens(tokens, prompt, cut),
                                    { lines, (size_t)length },
                                    source->path,
                                    sp_rule_name(cut->rule),
                                    sp_buf_str(&why) });
    sp_buf_release(&why);
}

static void add_trifles(sp_buf *out, bool is_exact, size_t tokens, size_t places)
{
    char number[32];
    if (places == 0)
        return;
    sp_buf_add(out, SP_STR("Front matter and blank lines around texts, "));
    sp_buf_add(out, sp_estimate_text(number, is_exact, tokens));
    sp_buf_add(out, tokens == 1 ? SP_STR(" token in ") : SP_STR(" tokens in "));
    sp_buf_add(out, sp_number_text(number, places));
    sp_buf_add(out, places == 1 ? SP_STR(" place, are listed by --all.\n") : SP_STR(" places, are listed by --all.\n"));
}

/* Of files that lie about and nobody expects in the prompt a few rows will do. */
enum { MAX_ROWS_OF_A_KIND = 5 };

typedef struct folded {
    sp_rule_key rule;
    size_t rows;
    size_t hidden;
    size_t tokens;
} folded;

static folded *folded_of(folded *kinds, size_t count, sp_rule_key rule)
{
    for (size_t i = 0; i < count; i++)
        if (rule == kinds[i].rule)
            return &kinds[i];
    return NULL;
}

static void add_row_or_fold(sp_table *table, const sp_prompt *prompt, const sp_cut *cut, folded *kind)
{
    if (!kind || kind->rows++ < MAX_ROWS_OF_A_KIND) {
        add_cut_row(table, prompt, cut);
    } else {
        kind->hidden++;
        kind->tokens += cut->tokens;
    }
}

static void add_folded_row(sp_table *table, const folded *kind)
{
    char tokens[32];
    char number[32];
    sp_buf what = { 0 };
    if (kind->hidden == 0)
        return;
    sp_buf_add(&what, SP_STR("("));
    sp_buf_add(&what, sp_number_text(number, kind->hidden));
    sp_buf_add(&what, kind->hidden == 1 ? SP_STR(" more file)") : SP_STR(" more files)"));
    table->out->failed = table->out->failed || what.failed;
    sp_table_row(table, (sp_str[]){ sp_number_text(tokens, kind->tokens), SP_STR(""), sp_buf_str(&what),
                                    sp_str_of(sp_rule_id(kind->rule)), SP_STR("listed by --all") });
    sp_buf_release(&what);
}

/* Errors tell of what was not loaded, as a directory of rules that is a link to nothing. */
static bool has_errors(const sp_prompt *prompt)
{
    bool found = false;
    for (size_t i = 0; i < prompt->diagnostic_count; i++)
        found |= sp_rule_severity(prompt->diagnostics[i].rule, prompt->diagnostics[i].level) == SP_FINDING;
    return found;
}

static void add_dropped(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "lines", true }, { "not in the prompt", false }, { "rule", false }, { "why", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    folded kinds[] = { { .rule = SP_RULE_CHAIN_NESTED },
                       { .rule = SP_RULE_CHAIN_NESTED_FOLDERS },
                       { .rule = SP_RULE_CHAIN_OTHER_CLIENT },
                       { .rule = SP_RULE_MEMORY_TOPIC },
                       { .rule = SP_RULE_MEMORY_OF_OTHERS } };
    size_t trifle_tokens = 0;
    size_t trifles = 0;
    if (prompt->cut_count == 0) {
        sp_buf_add(out, has_errors(prompt) ? SP_STR("\nNothing but what the errors name was left out.\n")
                                           : SP_STR("\nNothing was left out.\n"));
        return;
    }
    sp_buf_add_char(out, '\n');
    for (size_t i = 0; i < prompt->cut_count; i++) {
        if (style->shows_all) {
            add_cut_row(&table, prompt, &prompt->cuts[i]);
        } else if (sp_part_is_trifle(&prompt->cuts[i])) {
            trifle_tokens += prompt->cuts[i].tokens;
            trifles++;
        } else {
            add_row_or_fold(&table, prompt, &prompt->cuts[i],
                            folded_of(kinds, SP_COUNT_OF(kinds), prompt->cuts[i].rule));
        }
    }
    for (size_t i = 0; i < SP_COUNT_OF(kinds); i++)
        add_folded_row(&table, &kinds[i]);
    if (table.row_count)
        sp_table_end(&table);
    add_trifles(out, prompt->exact, trifle_tokens, trifles);
}

void sp_emit_explain(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    sp_part_head(out, prompt, style);
    add_sources(out, prompt, style);
    add_dropped(out, prompt, style);
    sp_whole_show(out, prompt, style);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void add_source(sp_json *json, const sp_prompt *prompt, const sp_source *source)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_path(json, "path", source->path);
    sp_json_str(json, "kind", sp_name_of_source_kind(source->kind));
    sp_json_str(json, "scope", sp_name_of_scope(source->scope));
    sp_json_str(json, "reason", source->reason);
    sp_part_importer(json, prompt, source);
    sp_json_str(json, "trigger", source->trigger);
    sp_json_str(json, "pattern", source->pattern);
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
    sp_json_str(json, "reason", sp_str_of(sp_part_generated(prompt)));
    sp_json_null(json, "importer");
    sp_json_null(json, "trigger");
    sp_json_null(json, "pattern");
    sp_json_null(json, "bytes");
    sp_json_uint(json, "tokens", prompt->generated_tokens);
    sp_json_end(json);
}

void sp_part_explain(sp_json *json, const sp_prompt *prompt)
{
    sp_json_str(json, "schema", SP_STR("sysprompt.explain/1"));
    sp_part_agent(json, prompt);
    sp_part_count(json, prompt);
    sp_json_begin(json, "sources", '[');
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded)
            add_source(json, prompt, &prompt->sources[i]);
    add_generated(json, prompt);
    sp_json_end(json);
    sp_part_lists(json, prompt);
    sp_json_begin(json, "dropped", '[');
    for (size_t i = 0; i < prompt->cut_count; i++)
        sp_part_cut(json, prompt, &prompt->cuts[i]);
    sp_json_end(json);
    sp_part_diagnostics(json, prompt->diagnostics, prompt->diagnostic_count);
}

void sp_emit_explain_json(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_part_explain(&json, prompt);
    sp_json_end(&json);
}
