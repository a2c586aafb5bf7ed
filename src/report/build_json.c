/* build_json.c - sysprompt.build/1: the prompt with everything that is known about it. */
#include "base/diagnostic.h"
#include "base/json.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/parts.h"
#include "report/table.h"
#include "report/whole.h"
#include "rules/names.h"
#include "sources/client.h"
#include "syntax/headings.h"
#include "tokenizer/tokens.h"

void sp_part_strings(sp_json *json, const char *key, bool is_present, sp_str_list list)
{
    if (!is_present) {
        sp_json_null(json, key);
        return;
    }
    sp_json_begin_line(json, key, '[');
    for (size_t i = 0; i < list.count; i++)
        sp_json_str(json, NULL, list.items[i]);
    sp_json_end(json);
}

void sp_part_agent(sp_json *json, const sp_prompt *prompt)
{
    const sp_agent *agent = prompt->agent;
    if (!agent) {
        sp_json_null(json, "agent");
        return;
    }
    sp_json_begin(json, "agent", '{');
    sp_json_path(json, "path", prompt->sources[agent->source].path);
    sp_json_str(json, "name", agent->name);
    sp_json_str(json, "description", agent->description);
    sp_json_str(json, "model", agent->model);
    sp_part_strings(json, "tools", agent->has_tools, agent->tools);
    sp_json_str(json, "memory", agent->memory);
    sp_json_str(json, "color", agent->color);
    sp_json_str(json, "front_matter", sp_name_of_front_matter(agent->front_matter));
    sp_part_resolved(json, agent);
    sp_json_end(json);
}

void sp_part_resolved(sp_json *json, const sp_agent *agent)
{
    sp_part_strings(json, "tools_resolved", !agent->inherits_tools, agent->tools_resolved);
    sp_json_begin(json, "tools_removed", '[');
    for (size_t i = 0; i < agent->tools_removed_count; i++) {
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "tool", agent->tools_removed[i].tool);
        sp_json_str(json, "rule", sp_rule_name(agent->tools_removed[i].rule));
        sp_json_str(json, "why", agent->tools_removed[i].why);
        sp_json_end(json);
    }
    sp_json_end(json);
    sp_json_str(json, "model_resolved", agent->model_resolved);
    sp_json_str(json, "model_reason", agent->model_reason);
}

bool sp_part_is_trifle(const sp_cut *cut)
{
    static const sp_rule_key rules[] = {
        SP_RULE_AGENT_FRONT_MATTER, SP_RULE_AGENT_TRIM,         SP_RULE_MEMORY_FRONT_MATTER, SP_RULE_MEMORY_TRIM,
        SP_RULE_MEMORY_CLEANED,     SP_RULE_RULE_FRONT_MATTER,  SP_RULE_SKILL_FRONT_MATTER,  SP_RULE_TEXT_BOM,
        SP_RULE_CHAIN_TRIMMED,      SP_RULE_CHAIN_TRIMMED_USER, SP_RULE_CHAIN_TRIM,          SP_RULE_SKILL_TRIM,
        SP_RULE_CHAIN_TRIM_FRONT
    };
    for (size_t i = 0; i < SP_COUNT_OF(rules); i++)
        if (cut->rule == rules[i])
            return true;
    return false;
}

sp_str sp_part_cut_tokens(char buffer[32], const sp_prompt *prompt, const sp_cut *cut)
{
    if (cut->tokens_known)
        return sp_estimate_text(buffer, prompt->exact, cut->tokens);
    return prompt->sources[cut->source].size_bytes ? SP_STR("?") : SP_STR("-");
}

const char *sp_part_wording(const sp_prompt *prompt)
{
    return prompt->templates.ptr ? "the client's wording, as it was learned" : "sysprompt's own wording";
}

const char *sp_part_generated(const sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->segment_count; i++)
        if (prompt->segments[i].kind == SP_SEGMENT_ENVIRONMENT)
            return "headers, markers, memory instructions, environment";
    return "headers, markers, memory instructions";
}

/* An exact count by another model's tokenizer is not a count of that model's tokens. */
static void add_matches_model(sp_json *json, const sp_prompt *prompt)
{
    if (prompt->own_model.ptr)
        sp_json_bool(json, "matches_model", prompt->model_encoding == prompt->encoding);
    else
        sp_json_null(json, "matches_model");
}

void sp_part_range(sp_json *json, bool is_exact, sp_range range)
{
    if (is_exact)
        return;
    sp_json_uint(json, "low", range.low);
    sp_json_uint(json, "high", range.high);
}

/* What the provider will count, and what of it cannot be known here. */
void sp_part_request(sp_json *json, const char *key, const sp_request_tokens *request)
{
    if (!request->is_known)
        return;
    sp_json_begin_line(json, key, '{');
    sp_json_str(json, "model", sp_str_of(request->model));
    sp_json_uint(json, "tokens", request->tokens);
    sp_json_uint(json, "low", request->range.low);
    sp_json_uint(json, "high", request->range.high);
    sp_json_uint(json, "frame_tokens", request->frame_tokens);
    sp_json_uint_or_null(json, "tools_tokens", request->tools_tokens);
    sp_json_uint_or_null(json, "forced_tools_tokens", request->forced_tools_tokens);
    sp_json_uint_or_null(json, "function_tokens", request->function_tokens);
    if (request->has_definitions)
        sp_json_uint(json, "definition_tokens", request->definition_tokens);
    else
        sp_json_null(json, "definition_tokens");
    sp_json_begin(json, "not_estimated", '[');
    for (size_t i = 0; i < request->not_estimated_count; i++)
        sp_json_str(json, NULL, sp_str_of(request->not_estimated[i]));
    sp_json_end(json);
    sp_json_end(json);
}

void sp_part_api_count(sp_json *json, const sp_api_count *count)
{
    if (count->tokens == 0)
        return;
    sp_json_begin_line(json, "api_count", '{');
    sp_json_str(json, "model", sp_str_of(count->model));
    sp_json_uint(json, "tokens", count->tokens);
    sp_json_str(json, "counted_on", sp_str_of(count->counted_on));
    sp_json_bool(json, "cached", count->is_cached);
    sp_json_str(json, "user_message", count->has_carrier ? SP_STR(".") : (sp_str){ NULL, 0 });
    sp_json_end(json);
}

void sp_part_count(sp_json *json, const sp_prompt *prompt)
{
    sp_json_str(json, "profile", sp_str_of(sp_profile_name(prompt->profile)));
    sp_part_encoding(json, prompt->encoding, prompt->exact, prompt->encoding_note);
    add_matches_model(json, prompt);
    sp_json_uint(json, "tokens", prompt->tokens);
    sp_part_range(json, prompt->exact, prompt->range);
    sp_json_uint(json, "generated_tokens", prompt->generated_tokens);
    sp_part_request(json, "request", &prompt->request);
    sp_part_whole(json, prompt);
    sp_part_api_count(json, &prompt->api_count);
}

void sp_part_lines(sp_json *json, uint32_t first, uint32_t last)
{
    if (first == 0)
        sp_json_null(json, "lines");
    else
        sp_json_pair(json, "lines", first, last);
}

enum { MAX_HEADING_DEPTH = 6 };

static void add_headings(sp_json *json, const sp_prompt *prompt, const sp_segment *segment)
{
    uint32_t path[MAX_HEADING_DEPTH];
    const sp_source *source = segment->source == SP_NONE ? NULL : &prompt->sources[segment->source];
    size_t depth =
        source && segment->block != SP_NONE ? sp_heading_path(source, segment->block, path, MAX_HEADING_DEPTH) : 0;
    sp_json_begin_line(json, "headings", '[');
    for (size_t i = 0; i < depth && i < MAX_HEADING_DEPTH; i++)
        sp_json_str(json, NULL, sp_heading_text(source, path[i]));
    sp_json_end(json);
}

/* Own text has none: it goes with what it belongs to. */
static void add_priority(sp_json *json, const sp_segment *segment)
{
    if (segment->source == SP_NONE) {
        sp_json_null(json, "priority");
        sp_json_null(json, "pinned");
    } else {
        sp_json_uint(json, "priority", segment->priority);
        sp_json_bool(json, "pinned", segment->pinned);
    }
    sp_json_str(json, "priority_reason", sp_str_of(segment->priority_reason));
}

/* Where its text stands in that of its message. */
static void add_segment(sp_json *json, const sp_prompt *prompt, const sp_segment *segment, size_t begin)
{
    bool is_ours = segment->source == SP_NONE;
    bool has_block = !is_ours && segment->block != SP_NONE;
    sp_json_begin_line(json, NULL, '{');
    sp_json_str(json, "kind", sp_name_of_segment(segment->kind));
    sp_json_str(json, "role", sp_name_of_role(segment->role));
    sp_json_path(json, "path", is_ours ? (sp_str){ NULL, 0 } : prompt->sources[segment->source].path);
    sp_part_lines(json, segment->first_line, segment->last_line);
    if (is_ours)
        sp_json_null(json, "bytes");
    else
        sp_json_pair(json, "bytes", segment->begin, segment->end);
    sp_json_pair(json, "message_bytes", begin, begin + segment->text.len);
    add_headings(json, prompt, segment);
    sp_json_str(json, "block",
                has_block ? sp_name_of_block(prompt->sources[segment->source].blocks[segment->block].kind)
                          : (sp_str){ NULL, 0 });
    sp_json_uint(json, "tokens", segment->tokens);
    if (prompt->trim)
        add_priority(json, segment);
    sp_json_end(json);
}

static void add_segments(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin(json, "segments", '[');
    for (size_t i = 0; i < prompt->message_count; i++) {
        const sp_message *message = &prompt->messages[i];
        size_t at = 0;
        for (size_t s = 0; s < message->segment_count; s++) {
            const sp_segment *segment = &prompt->segments[message->first_segment + s];
            add_segment(json, prompt, segment, at);
            at += segment->text.len;
        }
    }
    sp_json_end(json);
}

/* The headings that begin in what was cut. */
static void add_lost_headings(sp_json *json, const sp_source *source, const sp_cut *cut)
{
    uint32_t i = source->block_count ? sp_block_at(source, cut->begin) : 0;
    if (i < source->block_count && source->blocks[i].begin < cut->begin)
        i++;
    sp_json_begin_line(json, "headings", '[');
    for (; i < source->block_count && source->blocks[i].begin < cut->end; i++)
        if (source->blocks[i].kind == SP_BLOCK_HEADING)
            sp_json_str(json, NULL, sp_heading_text(source, i));
    sp_json_end(json);
}

void sp_part_cut(sp_json *json, const sp_prompt *prompt, const sp_cut *cut)
{
    const sp_source *source = &prompt->sources[cut->source];
    sp_json_begin_line(json, NULL, '{');
    sp_json_path(json, "path", source->path);
    sp_part_lines(json, cut->first_line, cut->last_line);
    sp_json_pair(json, "bytes", cut->begin, cut->end);
    add_lost_headings(json, source, cut);
    sp_json_str(json, "rule", sp_rule_name(cut->rule));
    if (cut->tokens_known)
        sp_json_uint(json, "tokens", cut->tokens);
    else
        sp_json_null(json, "tokens");
    sp_json_str(json, "why", cut->why);
    if (cut->rule == SP_RULE_LINK_EXTERNAL)
        sp_json_path(json, "real_path", source->real_path);
    sp_part_importer(json, prompt, source);
    sp_json_end(json);
}

void sp_part_importer(sp_json *json, const sp_prompt *prompt, const sp_source *source)
{
    if (source->importer == SP_NONE) {
        sp_json_null(json, "importer");
        return;
    }
    sp_json_begin_line(json, "importer", '{');
    sp_json_path(json, "path", prompt->sources[source->importer].path);
    sp_json_uint(json, "line", source->importer_line);
    sp_json_end(json);
}

void sp_part_diagnostics(sp_json *json, const sp_diagnostic *diagnostics, size_t count)
{
    sp_json_begin(json, "diagnostics", '[');
    for (size_t i = 0; i < count; i++) {
        const sp_diagnostic *diagnostic = &diagnostics[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "level", sp_name_of_level(sp_rule_severity(diagnostic->rule, diagnostic->level)));
        sp_json_path(json, "path", diagnostic->path);
        sp_json_uint(json, "line", diagnostic->line);
        sp_json_uint(json, "column", diagnostic->column);
        sp_json_str(json, "rule", sp_rule_name(diagnostic->rule));
        sp_json_str(json, "message", diagnostic->message);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_messages(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin(json, "messages", '[');
    for (size_t i = 0; i < prompt->message_count; i++) {
        const sp_message *message = &prompt->messages[i];
        sp_json_begin(json, NULL, '{');
        sp_json_str(json, "role", sp_name_of_role(message->role));
        sp_json_uint(json, "first_segment", message->first_segment);
        sp_json_uint(json, "segment_count", message->segment_count);
        sp_json_uint(json, "tokens", message->tokens);
        sp_json_str(json, "text", message->text);
        sp_json_end(json);
    }
    sp_json_end(json);
}

/* The whole text: of all messages, one after the other. That of one alone needs no copy: it may have many megabytes. */
static void add_text(sp_json *json, const sp_prompt *prompt)
{
    sp_buf text = { 0 };
    if (prompt->message_count == 1) {
        sp_json_str(json, "text", prompt->messages[0].text);
        return;
    }
    sp_emit_text(&text, prompt);
    json->out->failed = json->out->failed || text.failed;
    sp_json_str(json, "text", text.ptr ? sp_buf_str(&text) : SP_STR(""));
    sp_buf_release(&text);
}

static void add_list(sp_json *json, const sp_client_list *list)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "of", sp_str_of(list->of));
    sp_json_str(json, "role", sp_name_of_role(list->role));
    sp_json_bool(json, "before", list->is_before);
    sp_json_uint(json, "tokens", list->tokens);
    sp_json_begin(json, "entries", '[');
    for (size_t i = 0; i < list->count; i++) {
        sp_json_begin_line(json, NULL, '{');
        sp_json_str(json, "name", list->entries[i].name);
        sp_json_path(json, "path", list->entries[i].path);
        sp_json_uint(json, "tokens", list->entries[i].tokens);
        sp_json_str(json, "description", list->entries[i].description);
        sp_json_end(json);
    }
    sp_json_end(json);
    sp_json_end(json);
}

/* What the request names beside the prompt. */
void sp_part_lists(sp_json *json, const sp_prompt *prompt)
{
    if (!prompt->list_count)
        return;
    sp_json_begin(json, "lists", '[');
    for (size_t i = 0; i < prompt->list_count; i++)
        add_list(json, &prompt->lists[i]);
    sp_json_end(json);
}

void sp_emit_json(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.build/1"));
    sp_part_agent(&json, prompt);
    sp_part_count(&json, prompt);
    add_text(&json, prompt);
    add_messages(&json, prompt);
    add_segments(&json, prompt);
    sp_part_lists(&json, prompt);
    sp_json_begin(&json, "cuts", '[');
    for (size_t i = 0; i < prompt->cut_count; i++)
        sp_part_cut(&json, prompt, &prompt->cuts[i]);
    sp_json_end(&json);
    sp_part_trim(&json, prompt);
    sp_part_diagnostics(&json, prompt->diagnostics, prompt->diagnostic_count);
    sp_json_end(&json);
}
