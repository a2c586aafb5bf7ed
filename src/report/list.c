/* list.c - the agents of every place: a table for people, sysprompt.list/1 for scripts. */
#include "base/json.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/left_out.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

/* ---- the table ----------------------------------------------------------------------------------- */

static bool has_its_name(const sp_listed_agent *listed)
{
    return listed->status == SP_AGENT_LOADS || listed->status == SP_AGENT_REFUSED;
}

static void add_head(sp_buf *out, const sp_agent_list *list, const sp_style *style)
{
    char number[32];
    if (list->loaded_count == 0) {
        sp_buf_add(out, list->agent_count ? SP_STR("No agent loads here.\n") : SP_STR("There are no agents here.\n"));
        return;
    }
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_number_text(number, list->loaded_count));
    sp_buf_add(out, list->loaded_count == 1 ? SP_STR(" agent; its name and description have ")
                                            : SP_STR(" agents; their names and descriptions have "));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, list->exact, list->description_tokens));
    sp_buf_add_range(out, list->exact, list->description_range);
    sp_buf_format(out, " tokens (%s)", sp_encoding_name(list->encoding));
    if (list->description_limit_tokens) {
        sp_buf_add(out, SP_STR(", and the client shows a notice above "));
        sp_buf_add(out, sp_number_text(number, list->description_limit_tokens));
    }
    sp_buf_add_char(out, '\n');
    sp_part_encoding_note(out, list->encoding_note);
}

/* "loads", or "loads, 2 warnings". */
static void add_status(sp_buf *out, const sp_listed_agent *listed)
{
    sp_buf_add(out, sp_name_of_agent_status(listed->status));
    if (listed->status == SP_AGENT_LOADS && listed->replaces_built_in)
        sp_buf_add(out, SP_STR(" instead of the client's own"));
    if (listed->status == SP_AGENT_LOADS && listed->warning_count)
        sp_buf_format(out, ", %zu warning%s", listed->warning_count, listed->warning_count == 1 ? "" : "s");
}

static void add_agent_row(sp_table *table, const sp_agent_list *list, const sp_listed_agent *listed)
{
    char body[32];
    char description[32];
    sp_buf status = { 0 };
    add_status(&status, listed);
    table->out->failed = table->out->failed || status.failed;
    sp_table_row(table, (sp_str[]){ listed->name, sp_name_of_scope(listed->scope), listed->agent.model_resolved,
                                    sp_estimate_text(body, list->exact, listed->body_tokens),
                                    sp_estimate_text(description, list->exact, listed->description_tokens),
                                    sp_buf_str(&status), listed->path });
    sp_buf_release(&status);
}

static void add_agents(sp_buf *out, const sp_agent_list *list, const sp_style *style)
{
    static const sp_column columns[] = { { "agent", false }, { "scope", false },      { "model", false },
                                         { "body", true },   { "description", true }, { "status", false },
                                         { "path", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < list->agent_count; i++)
        if (has_its_name(&list->agents[i]))
            add_agent_row(&table, list, &list->agents[i]);
    sp_table_end_apart(&table);
}

static void add_others(sp_buf *out, const sp_agent_list *list)
{
    sp_other_encodings others = { .add_text = sp_table_text };
    for (size_t i = 0; i < list->agent_count; i++)
        if (has_its_name(&list->agents[i]))
            sp_other_encodings_add(&others, list->agents[i].name, list->agents[i].model_encoding);
    sp_other_encodings_end(&others, out, SP_OTHERS_OF_MODEL("Agents"), "sysprompt explain NAME counts with it.");
}

static void add_hint(sp_buf *out, const sp_agent_list *list)
{
    bool has_warnings = false;
    for (size_t i = 0; i < list->agent_count; i++)
        has_warnings = has_warnings || (list->agents[i].status == SP_AGENT_LOADS && list->agents[i].warning_count);
    if (has_warnings)
        sp_buf_add(out, SP_STR("sysprompt explain NAME shows the warnings of an agent.\n"));
}

static sp_left_out left_out_of(const sp_agent_list *list, const sp_listed_agent *listed)
{
    return (sp_left_out){
        .status = sp_name_of_agent_status(listed->status),
        .path = listed->path,
        .line = listed->line,
        .name = listed->name,
        .winner = listed->winner == SP_NONE ? (sp_str){ NULL, 0 } : list->agents[listed->winner].path,
        .rule = listed->rule,
        .why = listed->why,
    };
}

static void add_left_out(sp_buf *out, const sp_agent_list *list, const sp_style *style)
{
    static const sp_column columns[] = {
        { "status", false }, { "path", false }, { "agent", false }, { "rule", false }, { "why", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < list->agent_count; i++) {
        sp_left_out left_out = left_out_of(list, &list->agents[i]);
        if (list->agents[i].status != SP_AGENT_LOADS)
            sp_left_out_row(&table, &left_out);
    }
    sp_table_end_apart(&table);
}

void sp_emit_list(sp_buf *out, const sp_agent_list *list, const sp_style *style)
{
    add_head(out, list, style);
    add_agents(out, list, style);
    add_others(out, list);
    add_hint(out, list);
    add_left_out(out, list, style);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void add_fields(sp_json *json, const sp_agent *agent)
{
    sp_json_str(json, "description", agent->description);
    sp_json_str(json, "model", agent->model);
    sp_part_strings(json, "tools", agent->has_tools, agent->tools);
    sp_json_str(json, "memory", agent->memory);
    sp_json_str(json, "front_matter", sp_name_of_front_matter(agent->front_matter));
    sp_part_resolved(json, agent);
}

static void add_agent(sp_json *json, const sp_agent_list *list, const sp_listed_agent *listed)
{
    sp_left_out left_out = left_out_of(list, listed);
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "name", listed->name);
    sp_json_str(json, "scope", sp_name_of_scope(listed->scope));
    sp_json_path(json, "path", listed->path);
    sp_json_str(json, "status", sp_name_of_agent_status(listed->status));
    add_fields(json, &listed->agent);
    sp_part_model_encoding(json, listed->model_encoding);
    sp_json_uint(json, "body_tokens", listed->body_tokens);
    sp_json_uint(json, "description_tokens", listed->description_tokens);
    sp_json_uint(json, "warnings", listed->warning_count);
    sp_json_bool(json, "replaces_built_in", listed->replaces_built_in);
    sp_left_out_json(json, &left_out);
    sp_json_end(json);
}

void sp_emit_list_json(sp_buf *out, const sp_agent_list *list)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.list/1"));
    sp_part_encoding(&json, list->encoding, list->exact, list->encoding_note);
    sp_json_uint(&json, "description_tokens", list->description_tokens);
    sp_part_range(&json, list->exact, list->description_range);
    sp_json_uint_or_null(&json, "description_limit_tokens", list->description_limit_tokens);
    sp_json_begin(&json, "agents", '[');
    for (size_t i = 0; i < list->agent_count; i++)
        add_agent(&json, list, &list->agents[i]);
    sp_json_end(&json);
    sp_part_diagnostics(&json, list->diagnostics, list->diagnostic_count);
    sp_json_end(&json);
}
