/* why.c - what one file, or one line of it, has to do with the prompt: for people, and as sysprompt.why/1. */
#include "attribute/attribute.h"
#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "syntax/headings.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the prompt knows about it --------------------------------------------------------------- */

static const sp_source *source_of(const sp_prompt *prompt)
{
    return prompt->why->source == SP_NONE ? NULL : &prompt->sources[prompt->why->source];
}

static bool is_asked_about(const sp_why *why, uint32_t source, uint32_t first_line, uint32_t last_line)
{
    return source == why->source && source != SP_NONE &&
           (why->line == 0 || first_line == 0 || (first_line <= why->line && why->line <= last_line));
}

/* The rule by which the client reads an instruction file. */
static sp_rule_key rule_of_instructions(const sp_source *source)
{
    if (sp_str_eq(source->reason, SP_STR("configured")))
        return SP_RULE_CHAIN_CONFIGURED;
    return source->scope == SP_SCOPE_ADDED ? SP_RULE_CHAIN_ADDED : SP_RULE_CHAIN_ORDER;
}

static sp_rule_key rule_of_kind(const sp_prompt *prompt, const sp_source *source)
{
    switch (source->kind) {
    case SP_SOURCE_AGENT:
        return SP_RULE_AGENT_ORDER;
    case SP_SOURCE_MEMORY:
        return prompt->agent ? SP_RULE_MEMORY_PLACE : SP_RULE_MEMORY_AUTO;
    case SP_SOURCE_INSTRUCTIONS:
        return rule_of_instructions(source);
    case SP_SOURCE_RULE:
        return SP_RULE_RULE_ORDER;
    case SP_SOURCE_IMPORT:
        return SP_RULE_IMPORT_RELATIVE;
    case SP_SOURCE_SKILL:
        return SP_RULE_SKILL_PRELOAD;
    case SP_SOURCE_APPENDED: /* an option names it */
    case SP_SOURCE_CLIENT:   /* the client's */
    case SP_SOURCE_TOOL:
        return SP_RULE_NONE;
    }
    return SP_RULE_NONE;
}

/* The rule that has a source loaded; SP_RULE_NONE for what was named outright. */
static sp_rule_key rule_of(const sp_prompt *prompt, const sp_source *source)
{
    sp_rule_key rule = rule_of_kind(prompt, source);
    if (source->scope == SP_SCOPE_NAMED && source->importer == SP_NONE)
        return SP_RULE_NONE;
    if (sp_str_eq(source->reason, SP_STR("path_glob_match")))
        rule = SP_RULE_CHAIN_TOUCHED;
    else if (sp_str_eq(source->reason, SP_STR("nested_traversal")))
        rule = SP_RULE_CHAIN_NESTED;
    return sp_rule_holds(prompt->profile, rule) ? rule : SP_RULE_NONE;
}

/* A run of the output that comes from the asked file or line: segments that follow one another. */
typedef struct run {
    size_t message;
    size_t first_segment;
    size_t tokens;
    uint32_t first_line; /* of the file */
    uint32_t last_line;
    uint32_t first_output_line; /* of the message */
    uint32_t last_output_line;
} run;

/* Where in a message we are. */
typedef struct place {
    size_t at;
    uint32_t line;
} place;

static void move_to(sp_str text, place *here, size_t at)
{
    for (; here->at < at; here->at++)
        here->line += text.ptr[here->at] == '\n';
}

/* The part of a segment that is on the line that was asked about; all of it for a whole file. */
static void line_part(const sp_why *why, const sp_segment *segment, size_t *begin, size_t *end)
{
    uint32_t line = segment->first_line;
    *begin = 0;
    *end = segment->text.len;
    for (size_t at = 0; why->line && at < segment->text.len; at++) {
        if (!sp_ends_line(segment->text, at))
            continue;
        if (line == why->line) {
            *end = at + 1;
            return;
        }
        line++;
        *begin = at + 1;
    }
}

typedef void run_visit(void *context, const sp_prompt *prompt, const run *found);

typedef struct walk {
    const sp_prompt *prompt;
    run_visit *visit;
    void *context;
    run current; /* first_output_line 0: none */
    bool failed; /* memory was short */
} walk;

/* Tokens of the part of a message. */
static size_t count_tokens(walk *w, const sp_message *message, size_t begin, size_t end)
{
    size_t ends[] = { begin, end, message->text.len }, tokens[SP_COUNT_OF(ends)], total;
    sp_range range;
    sp_err err;
    if (begin == end || w->failed)
        return 0;
    w->failed = sp_attribute_shares(w->prompt->encoding, message->text, ends, SP_COUNT_OF(ends), tokens, &total, &range,
                                    &err) != SP_OK; /* it fails for nothing but memory */
    return w->failed ? 0 : tokens[1];
}

static void end_run(walk *w)
{
    if (w->current.first_output_line)
        w->visit(w->context, w->prompt, &w->current);
    w->current = (run){ 0 };
}

/* The segment begins at that offset of the message. */
static void add_segment(walk *w, size_t message_index, size_t index, size_t at, place *here)
{
    const sp_why *why = w->prompt->why;
    const sp_message *message = &w->prompt->messages[message_index];
    const sp_segment *segment = &w->prompt->segments[index];
    size_t begin;
    size_t end;
    line_part(why, segment, &begin, &end);
    move_to(message->text, here, at + begin);
    if (!w->current.first_output_line)
        w->current = (run){ .message = message_index,
                            .first_segment = index,
                            .first_line = why->line ? why->line : segment->first_line,
                            .first_output_line = here->line };
    bool is_whole = begin == 0 && end == segment->text.len;
    w->current.tokens += is_whole ? segment->tokens : count_tokens(w, message, at + begin, at + end);
    w->current.last_line = why->line ? why->line : segment->last_line;
    move_to(message->text, here, at + end - (end > begin));
    w->current.last_output_line = here->line;
}

static void walk_message(walk *w, size_t message_index)
{
    const sp_message *message = &w->prompt->messages[message_index];
    place here = { 0, 1 };
    size_t at = 0;
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
        const sp_segment *segment = &w->prompt->segments[i];
        bool is_it = is_asked_about(w->prompt->why, segment->source, segment->first_line, segment->last_line);
        if (!is_it || w->prompt->why->line)
            end_run(w);
        if (is_it)
            add_segment(w, message_index, i, at, &here);
        at += segment->text.len;
    }
    end_run(w);
}

/* Tells visit of every run, in the order of the output. False: memory was short. */
static bool for_each_run(const sp_prompt *prompt, run_visit *visit, void *context)
{
    walk w = { .prompt = prompt, .visit = visit, .context = context };
    for (size_t i = 0; i < prompt->message_count; i++)
        walk_message(&w, i);
    return !w.failed;
}

/* ---- rules that are named, each once ------------------------------------------------------------------- */

typedef struct rules {
    bool is_named[SP_RULE_COUNT];
    sp_rule_key order[SP_RULE_COUNT];
    size_t count;
} rules;

static void name_rule(rules *named, sp_rule_key key)
{
    if (key == SP_RULE_NONE || named->is_named[key])
        return;
    named->is_named[key] = true;
    named->order[named->count++] = key;
}

/* A rule that was meant to be scoped and loads always: the warning that says so, or NULL. */
static const sp_diagnostic *find_unread_key(const sp_prompt *prompt)
{
    const sp_source *source = source_of(prompt);
    for (size_t i = 0; source && i < prompt->diagnostic_count; i++)
        if (prompt->diagnostics[i].rule == SP_RULE_RULE_KEY && sp_str_eq(prompt->diagnostics[i].path, source->path))
            return &prompt->diagnostics[i];
    return NULL;
}

/* What would make it load, or load for some files only; empty: nothing. */
static sp_str advice_of(const sp_prompt *prompt)
{
    const sp_diagnostic *unread = find_unread_key(prompt);
    return unread && !prompt->why->advice.len ? unread->message : prompt->why->advice;
}

static void find_rules(const sp_prompt *prompt, rules *named)
{
    const sp_why *why = prompt->why;
    if (find_unread_key(prompt))
        name_rule(named, SP_RULE_RULE_KEY);
    for (uint32_t at = why->source; at != SP_NONE; at = prompt->sources[at].importer)
        if (prompt->sources[at].is_loaded)
            name_rule(named, rule_of(prompt, &prompt->sources[at]));
    name_rule(named, why->rule);
    for (size_t i = 0; i < prompt->cut_count; i++) {
        const sp_cut *cut = &prompt->cuts[i];
        if (is_asked_about(why, cut->source, cut->first_line, cut->last_line))
            name_rule(named, cut->rule);
    }
    for (size_t i = 0; i < why->import_count; i++)
        name_rule(named, why->imports[i].rule);
}

/* ---- for people ------------------------------------------------------------------------------------------ */

typedef struct counter {
    size_t tokens;
} counter;

static void add_tokens(void *context, const sp_prompt *prompt, const run *found)
{
    (void)prompt;
    ((counter *)context)->tokens += found->tokens;
}

static size_t tokens_of(sp_buf *out, const sp_prompt *prompt)
{
    counter sum = { 0 };
    if (!for_each_run(prompt, add_tokens, &sum))
        out->failed = true;
    return sum.tokens;
}

/* The block that the line stands in, or SP_NONE: nobody asked for a line, or the file was not taken apart. */
static uint32_t block_of(const sp_prompt *prompt)
{
    const sp_source *source = source_of(prompt);
    uint32_t found = SP_NONE;
    for (uint32_t i = 0; source && i < source->block_count && source->blocks[i].first_line <= prompt->why->line; i++)
        found = i;
    return found;
}

/* An empty line after the last line of its block is no part of it to a reader. */
static bool is_between_blocks(const sp_prompt *prompt, uint32_t block)
{
    return prompt->why->line > source_of(prompt)->blocks[block].last_line;
}

enum { MAX_HEADINGS = 8 };

/* "paragraph, under Style > Names" */
static void add_block(sp_buf *out, const sp_prompt *prompt)
{
    uint32_t path[MAX_HEADINGS];
    uint32_t block = block_of(prompt);
    const sp_source *source = source_of(prompt);
    if (block == SP_NONE)
        return;
    sp_buf_add(out,
               is_between_blocks(prompt, block) ? SP_STR("empty line") : sp_name_of_block(source->blocks[block].kind));
    size_t depth = sp_heading_path(source, block, path, MAX_HEADINGS);
    for (size_t i = 0; i < depth && i < MAX_HEADINGS; i++) {
        sp_buf_add(out, i ? SP_STR(" > ") : SP_STR(", under "));
        sp_table_text(out, sp_heading_text(source, path[i]));
    }
    sp_buf_add_char(out, '\n');
}

/* The first cut that holds what was asked about, if nothing of it is in the prompt; or NULL. */
static const sp_cut *first_cut(const sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->cut_count && !prompt->why->is_in_prompt; i++) {
        const sp_cut *cut = &prompt->cuts[i];
        if (is_asked_about(prompt->why, cut->source, cut->first_line, cut->last_line))
            return cut;
    }
    return NULL;
}

/* Why it is not in there: what loading found out, or the cut. */
static sp_str reason_of(const sp_prompt *prompt)
{
    const sp_cut *cut = first_cut(prompt);
    return cut ? cut->why : prompt->why->why;
}

static sp_str rule_why_not(const sp_prompt *prompt)
{
    const sp_cut *cut = first_cut(prompt);
    return sp_rule_name(cut ? cut->rule : prompt->why->rule);
}

static void add_head(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    const sp_why *why = prompt->why;
    sp_buf name = { 0 };
    char number[32];
    sp_table_name(&name, why->path);
    if (why->line)
        sp_buf_format(&name, ":%u", why->line);
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_buf_str(&name));
    out->failed = out->failed || name.failed;
    sp_buf_release(&name);
    if (!why->is_in_prompt) {
        sp_str reason = reason_of(prompt);
        sp_buf_add(out, reason.len ? SP_STR(" is not in the prompt: ") : SP_STR(" is not in the prompt"));
        sp_table_text(out, reason.len ? reason : SP_STR(""));
        sp_buf_add_char(out, '\n');
    } else {
        size_t tokens = tokens_of(out, prompt);
        sp_buf_add(out, SP_STR(" is in the prompt: "));
        sp_buf_add(out, sp_estimate_text(number, prompt->exact, tokens));
        sp_buf_format(out, tokens == 1 ? " token (%s)" : " tokens (%s)", sp_encoding_name(prompt->encoding));
        if (why->line) {
            sp_buf_add(out, SP_STR(" of the file's "));
            sp_buf_add(out, sp_estimate_text(number, prompt->exact, source_of(prompt)->tokens));
        }
        sp_buf_add_char(out, '\n');
        sp_part_encoding_note(out, prompt->encoding_note);
    }
    if (advice_of(prompt).len) {
        sp_table_text(out, advice_of(prompt));
        sp_buf_add_char(out, '\n');
    }
}

/* "include, from CLAUDE.md:5" */
static void add_reason(sp_buf *out, const sp_prompt *prompt, const sp_source *source)
{
    sp_buf_add(out, source->reason);
    if (source->importer != SP_NONE)
        sp_buf_format(out, ", from %.*s:%u", SP_STR_ARG(prompt->sources[source->importer].path), source->importer_line);
}

/* Who asked for it, and who asked for that, up to what the client reads by itself. */
static void add_chain(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = { { "file", false }, { "kind", false }, { "reason", false }, { "rule", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    if (!source_of(prompt))
        return;
    sp_buf_add_char(out, '\n');
    for (uint32_t at = prompt->why->source; at != SP_NONE; at = prompt->sources[at].importer) {
        const sp_source *source = &prompt->sources[at];
        sp_buf reason = { 0 };
        sp_buf kind = { 0 };
        add_reason(&reason, prompt, source);
        if (source->scope != SP_SCOPE_NAMED)
            sp_buf_format(&kind, "%s ", sp_name_of_scope(source->scope).ptr);
        sp_buf_add(&kind, sp_name_of_source_kind(source->kind));
        out->failed = out->failed || reason.failed || kind.failed;
        sp_table_row(&table, (sp_str[]){ source->path, sp_buf_str(&kind), sp_buf_str(&reason),
                                         sp_str_of(source->is_loaded ? sp_rule_id(rule_of(prompt, source)) : "") });
        sp_buf_release(&reason);
        sp_buf_release(&kind);
    }
    sp_table_end(&table);
}

static sp_str span_text(char buffer[32], uint32_t first, uint32_t last)
{
    int length = snprintf(buffer, 32, "%u-%u", first, last);
    return (sp_str){ buffer, (size_t)length };
}

static void add_run_row(void *context, const sp_prompt *prompt, const run *found)
{
    sp_table *table = context;
    const sp_segment *segment = &prompt->segments[found->first_segment];
    char tokens[32];
    char lines[32];
    char output[32];
    sp_table_row(table, (sp_str[]){ sp_estimate_text(tokens, prompt->exact, found->tokens),
                                    span_text(lines, found->first_line, found->last_line),
                                    span_text(output, found->first_output_line, found->last_output_line),
                                    sp_name_of_role(prompt->messages[found->message].role),
                                    sp_name_of_segment(segment->kind) });
}

static void add_runs(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "lines", true }, { "output lines", true }, { "message", false }, { "part", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    if (!prompt->why->is_in_prompt)
        return;
    sp_buf_add_char(out, '\n');
    if (!for_each_run(prompt, add_run_row, &table))
        out->failed = true;
    sp_table_end(&table);
}

static void add_cuts(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = {
        { "tokens", true }, { "lines", true }, { "left out by", false }, { "why", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < prompt->cut_count; i++) {
        const sp_cut *cut = &prompt->cuts[i];
        char tokens[32];
        char lines[32];
        if (!is_asked_about(prompt->why, cut->source, cut->first_line, cut->last_line))
            continue;
        sp_table_row(&table,
                     (sp_str[]){ sp_part_cut_tokens(tokens, prompt, cut),
                                 cut->first_line ? span_text(lines, cut->first_line, cut->last_line) : SP_STR(""),
                                 sp_rule_name(cut->rule), cut->why });
    }
    sp_table_end_apart(&table);
}

/* A path with a space in it would read like a sentence. */
static void add_quoted(sp_buf *out, sp_str path)
{
    const char *quote = memchr(path.ptr, ' ', path.len) ? "\"" : "";
    sp_buf_add(out, sp_str_of(quote));
    sp_table_name(out, path);
    sp_buf_add(out, sp_str_of(quote));
}

static void add_imports(sp_buf *out, const sp_prompt *prompt)
{
    const sp_why *why = prompt->why;
    for (size_t i = 0; i < why->import_count; i++) {
        const sp_why_import *import = &why->imports[i];
        bool is_loaded = import->source != SP_NONE && prompt->sources[import->source].is_loaded;
        sp_buf_add_char(out, '\n');
        sp_table_name(out, import->text);
        if (is_loaded) {
            sp_buf_add(out, SP_STR(" is imported: "));
            sp_table_text(out, prompt->sources[import->source].path);
        } else {
            sp_buf_add(out, SP_STR(" is not imported: "));
            sp_table_text(out, import->why);
            if (import->rule)
                sp_buf_format(out, " [%.*s]", SP_STR_ARG(sp_rule_name(import->rule)));
        }
        sp_buf_add_char(out, '\n');
        for (size_t t = 0; t < import->tried.count; t++) {
            sp_buf_add(out,
                       t == 0 ? SP_STR("  the client looks for ") : SP_STR("  looked for, in case it was meant: "));
            add_quoted(out, import->tried.items[t]);
            sp_buf_add_char(out, '\n');
        }
    }
}

static void add_rules(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    rules named = { 0 };
    find_rules(prompt, &named);
    for (size_t i = 0; i < named.count; i++) {
        const sp_rule *rule = sp_rule_of(prompt->profile, named.order[i]);
        if (!rule)
            continue;
        sp_buf_add_char(out, '\n');
        sp_table_paint(out, style, SP_PAINT_BOLD, sp_str_of(sp_rule_id(named.order[i])));
        sp_buf_format(out, " (%s, %c): %s\n", sp_profile_name(prompt->profile), rule->confidence, sp_rule_text(rule));
        if (strcmp(sp_rule_source(rule), "ours") != 0)
            sp_buf_format(out, "  %s\n", sp_rule_source(rule));
    }
}

/* ---- front matter ---------------------------------------------------------------------------------------- */

static void add_reading(sp_table *table, const char *who, const sp_why_reading *reading)
{
    sp_buf result = { 0 };
    char line[16] = "";
    if (!reading->is_tried)
        return;
    if (!reading->is_read)
        sp_buf_format(&result, "not read%s%.*s", reading->problem.len ? ": " : "", SP_STR_ARG(reading->problem));
    else if (reading->keys.count == 0)
        sp_buf_add(&result, SP_STR("no field"));
    for (size_t i = 0; i < reading->keys.count; i++)
        sp_buf_format(&result, "%s%.*s", i ? ", " : "", SP_STR_ARG(reading->keys.items[i]));
    if (reading->line)
        snprintf(line, sizeof line, "%u", reading->line);
    sp_table_row(table, (sp_str[]){ sp_str_of(who), sp_str_of(line), sp_buf_str(&result) });
    sp_buf_release(&result);
}

static void add_front(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = { { "front matter", false }, { "line", true }, { "fields", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    const sp_why_front *front = prompt->why->front;
    if (!front)
        return;
    add_reading(&table, "the client, as YAML", &front->first);
    add_reading(&table, "its second reading, with quotes", &front->second);
    add_reading(&table, "sysprompt", &front->ours);
    sp_table_end_apart(&table);
    if (front->difference_count == 0)
        return;
    sp_buf_add(out, SP_STR("The client and sysprompt differ:"));
    for (size_t i = 0; i < front->difference_count; i++) {
        sp_buf_add(out, i ? SP_STR(", ") : SP_STR(" "));
        sp_table_text(out, front->differences[i].key);
        sp_buf_format(out, " (line %u)", front->differences[i].line);
    }
    sp_buf_add(out, SP_STR(".\n"));
}

static void add_json_reading(sp_json *json, const char *key, const sp_why_reading *reading)
{
    if (!reading->is_tried) {
        sp_json_null(json, key);
        return;
    }
    sp_json_begin_line(json, key, '{');
    sp_json_bool(json, "is_read", reading->is_read);
    sp_part_strings(json, "fields", true, reading->keys);
    sp_json_str(json, "problem", reading->problem.len ? reading->problem : (sp_str){ NULL, 0 });
    sp_json_uint_or_null(json, "line", reading->line);
    sp_json_end(json);
}

static void add_json_front(sp_json *json, const sp_prompt *prompt)
{
    const sp_why_front *front = prompt->why->front;
    if (!front) {
        sp_json_null(json, "front_matter");
        return;
    }
    sp_json_begin(json, "front_matter", '{');
    add_json_reading(json, "first", &front->first);
    add_json_reading(json, "second", &front->second);
    add_json_reading(json, "ours", &front->ours);
    sp_json_begin(json, "differences", '[');
    for (size_t i = 0; i < front->difference_count; i++) {
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "field", front->differences[i].key);
        sp_json_uint(json, "line", front->differences[i].line);
        sp_json_end(json);
    }
    sp_json_end(json);
    sp_json_end(json);
}

void sp_emit_why(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    add_head(out, prompt, style);
    add_block(out, prompt);
    add_chain(out, prompt, style);
    add_runs(out, prompt, style);
    add_cuts(out, prompt, style);
    add_imports(out, prompt);
    add_front(out, prompt, style);
    add_rules(out, prompt, style);
}

/* ---- JSON ------------------------------------------------------------------------------------------------- */

static void add_json_text(sp_json *json, const char *key, sp_str text)
{
    sp_json_str(json, key, text.len ? text : (sp_str){ NULL, 0 });
}

static void add_json_chain(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin(json, "chain", '[');
    for (uint32_t at = prompt->why->source; at != SP_NONE; at = prompt->sources[at].importer) {
        const sp_source *source = &prompt->sources[at];
        sp_json_begin_line(json, NULL, '{');
        sp_json_path(json, "path", source->path);
        sp_json_str(json, "kind", sp_name_of_source_kind(source->kind));
        sp_json_str(json, "scope", sp_name_of_scope(source->scope));
        sp_json_str(json, "reason", source->reason);
        sp_part_importer(json, prompt, source);
        add_json_text(json, "rule", sp_str_of(source->is_loaded ? sp_rule_id(rule_of(prompt, source)) : ""));
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_json_run(void *context, const sp_prompt *prompt, const run *found)
{
    sp_json *json = context;
    const sp_segment *segment = &prompt->segments[found->first_segment];
    sp_json_begin_line(json, NULL, '{');
    sp_json_uint(json, "message", found->message);
    sp_json_str(json, "role", sp_name_of_role(prompt->messages[found->message].role));
    sp_json_str(json, "kind", sp_name_of_segment(segment->kind));
    sp_json_pair(json, "lines", found->first_line, found->last_line);
    sp_json_pair(json, "output_lines", found->first_output_line, found->last_output_line);
    sp_json_uint(json, "tokens", found->tokens);
    sp_json_end(json);
}

static void add_json_block(sp_json *json, const sp_prompt *prompt)
{
    uint32_t path[MAX_HEADINGS];
    uint32_t block = block_of(prompt);
    const sp_source *source = source_of(prompt);
    size_t depth = block == SP_NONE ? 0 : sp_heading_path(source, block, path, MAX_HEADINGS);
    if (block == SP_NONE || is_between_blocks(prompt, block))
        sp_json_null(json, "block");
    else
        sp_json_str(json, "block", sp_name_of_block(source->blocks[block].kind));
    sp_json_begin_line(json, "headings", '[');
    for (size_t i = 0; i < depth && i < MAX_HEADINGS; i++)
        sp_json_str(json, NULL, sp_heading_text(source, path[i]));
    sp_json_end(json);
}

static void add_json_imports(sp_json *json, const sp_prompt *prompt)
{
    const sp_why *why = prompt->why;
    sp_json_begin(json, "imports", '[');
    for (size_t i = 0; i < why->import_count; i++) {
        const sp_why_import *import = &why->imports[i];
        bool has_source = import->source != SP_NONE;
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "text", import->text);
        sp_json_path(json, "path", has_source ? prompt->sources[import->source].path : (sp_str){ NULL, 0 });
        sp_json_bool(json, "loaded", has_source && prompt->sources[import->source].is_loaded);
        add_json_text(json, "rule", sp_rule_name(import->rule));
        add_json_text(json, "why", import->why);
        sp_part_strings(json, "tried", true, import->tried);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_json_rules(sp_json *json, const sp_prompt *prompt)
{
    rules named = { 0 };
    find_rules(prompt, &named);
    sp_json_begin(json, "rules", '[');
    for (size_t i = 0; i < named.count; i++) {
        const sp_rule *rule = sp_rule_of(prompt->profile, named.order[i]);
        if (!rule)
            continue;
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "id", sp_str_of(sp_rule_id(named.order[i])));
        sp_json_str(json, "text", sp_str_of(sp_rule_text(rule)));
        sp_json_str(json, "source", sp_str_of(sp_rule_source(rule)));
        sp_json_str(json, "confidence", (sp_str){ &rule->confidence, 1 });
        sp_json_end(json);
    }
    sp_json_end(json);
}

void sp_emit_why_json(sp_buf *out, const sp_prompt *prompt)
{
    const sp_why *why = prompt->why;
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.why/1"));
    sp_json_str(&json, "profile", sp_str_of(sp_profile_name(prompt->profile)));
    sp_part_encoding(&json, prompt->encoding, prompt->exact, prompt->encoding_note);
    sp_json_str(&json, "asked", why->asked);
    sp_json_path(&json, "path", why->path);
    sp_json_uint_or_null(&json, "line", why->line);
    sp_json_bool(&json, "in_prompt", why->is_in_prompt);
    sp_json_bool(&json, "exact", prompt->exact);
    sp_json_uint(&json, "tokens", tokens_of(out, prompt));
    add_json_text(&json, "rule", rule_why_not(prompt));
    add_json_text(&json, "why", reason_of(prompt));
    add_json_text(&json, "advice", advice_of(prompt));
    add_json_block(&json, prompt);
    add_json_chain(&json, prompt);
    sp_json_begin(&json, "output", '[');
    if (!for_each_run(prompt, add_json_run, &json))
        out->failed = true;
    sp_json_end(&json);
    sp_json_begin(&json, "dropped", '[');
    for (size_t i = 0; i < prompt->cut_count; i++)
        if (is_asked_about(why, prompt->cuts[i].source, prompt->cuts[i].first_line, prompt->cuts[i].last_line))
            sp_part_cut(&json, prompt, &prompt->cuts[i]);
    sp_json_end(&json);
    add_json_imports(&json, prompt);
    add_json_front(&json, prompt);
    add_json_rules(&json, prompt);
    sp_json_end(&json);
}
