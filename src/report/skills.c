/* skills.c - the skills of every place: a table for people, sysprompt.skills/1 for scripts. */
#include "base/json.h"
#include "base/types.h"
#include "model/skill_list.h"
#include "report/emit.h"
#include "report/encodings.h"
#include "report/left_out.h"
#include "report/parts.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "tokenizer/tokens.h"

static bool has_its_name(const sp_listed_skill *listed)
{
    return listed->status < SP_SKILL_SHADOWED;
}

/* ---- the table ----------------------------------------------------------------------------------- */

static void add_head(sp_buf *out, const sp_skill_list *list, const sp_style *style)
{
    char number[32];
    if (list->skill_count == 0) {
        sp_buf_add(out, SP_STR("There are no skills here, but for those that come with the client.\n"));
        return;
    }
    sp_buf_add(out, SP_STR("The session lists "));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_number_text(number, list->listed_count));
    sp_buf_add(out, list->listed_count == 1 ? SP_STR(" skill") : SP_STR(" skills"));
    sp_buf_add(out, SP_STR(" of those below, in "));
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, list->exact, list->listed_tokens));
    sp_buf_add_range(out, list->exact, list->listed_range);
    sp_buf_format(out, " tokens (%s) and ", sp_encoding_name(list->encoding));
    sp_buf_add(out, sp_number_text(number, list->listed_chars));
    if (list->budget_chars == SP_SKILLS_NO_LIMIT) {
        sp_buf_add(out, SP_STR(" characters.\n"));
        return;
    }
    sp_buf_add(out, SP_STR(" of at most "));
    sp_buf_add(out, sp_number_text(number, list->budget_chars));
    sp_buf_add(out, SP_STR(" characters ("));
    sp_table_text(out, list->budget_reason);
    sp_buf_add(out, SP_STR(").\nThose that come with the client take "));
    if (list->built_in_chars)
        sp_buf_format(out, "about %s of these characters.\n", sp_number_text(number, list->built_in_chars).ptr);
    else
        sp_buf_add(out, SP_STR("their part of that, and are not known here.\n"));
    if (!list->dropped_most)
        return;
    sp_buf_add(out, SP_STR("Over the limit: of the least used skills, "));
    sp_buf_add(out, sp_number_text(number, list->dropped_least));
    if (list->dropped_most > list->dropped_least) {
        sp_buf_add(out, SP_STR(" to "));
        sp_buf_add(out, sp_number_text(number, list->dropped_most));
    }
    sp_buf_add(out, SP_STR(" are listed without their description.\n"
                           "Before any was used, those marked \"name only\" are.\n"));
}

static void add_status(sp_buf *out, const sp_skill_list *list, const sp_listed_skill *listed)
{
    sp_buf_add(out, sp_name_of_skill_status(listed->status));
    if (listed->is_omitted)
        sp_buf_add(out, SP_STR(", name only"));
    else if (listed->status == SP_SKILL_LISTED && listed->description_chars > list->max_description_chars)
        sp_buf_add(out, SP_STR(", cut"));
    if (listed->warning_count)
        sp_buf_format(out, ", %zu warning%s", listed->warning_count, listed->warning_count == 1 ? "" : "s");
}

static void add_row(sp_table *table, const sp_skill_list *list, const sp_listed_skill *listed)
{
    char body[32];
    char tokens[32];
    char characters[32];
    sp_buf status = { 0 };
    add_status(&status, list, listed);
    table->out->failed = table->out->failed || status.failed;
    sp_table_row(table, (sp_str[]){ listed->name, sp_name_of_scope(listed->scope),
                                    sp_number_text(characters, listed->listed_chars),
                                    sp_estimate_text(tokens, list->exact, listed->listed_tokens),
                                    sp_estimate_text(body, list->exact, listed->body_tokens), sp_buf_str(&status),
                                    listed->path });
    sp_buf_release(&status);
}

static void add_skills(sp_buf *out, const sp_skill_list *list, const sp_style *style)
{
    static const sp_column columns[] = { { "skill", false }, { "scope", false }, { "characters", true },
                                         { "tokens", true }, { "body", true },   { "status", false },
                                         { "path", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < list->skill_count; i++)
        if (has_its_name(&list->skills[i]))
            add_row(&table, list, &list->skills[i]);
    sp_table_end_apart(&table);
}

static sp_left_out left_out_of(const sp_skill_list *list, const sp_listed_skill *listed)
{
    return (sp_left_out){
        .status = sp_name_of_skill_status(listed->status),
        .path = listed->path,
        .line = listed->line,
        .name = listed->name,
        .winner = listed->winner == SP_NONE ? (sp_str){ NULL, 0 } : list->skills[listed->winner].path,
        .rule = listed->rule,
        .why = listed->why,
    };
}

static void add_left_out(sp_buf *out, const sp_skill_list *list, const sp_style *style)
{
    static const sp_column columns[] = {
        { "status", false }, { "path", false }, { "skill", false }, { "rule", false }, { "why", false }
    };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < list->skill_count; i++) {
        sp_left_out left_out = left_out_of(list, &list->skills[i]);
        if (list->skills[i].status != SP_SKILL_LISTED)
            sp_left_out_row(&table, &left_out);
    }
    sp_table_end_apart(&table);
}

void sp_emit_skills(sp_buf *out, const sp_skill_list *list, const sp_style *style)
{
    add_head(out, list, style);
    add_skills(out, list, style);
    add_left_out(out, list, style);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void add_skill(sp_json *json, const sp_skill_list *list, const sp_listed_skill *listed)
{
    sp_left_out left_out = left_out_of(list, listed);
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "name", listed->name);
    sp_json_str(json, "scope", sp_name_of_scope(listed->scope));
    sp_json_path(json, "path", listed->path);
    sp_json_bool(json, "is_command", listed->is_command);
    sp_json_str(json, "status", sp_name_of_skill_status(listed->status));
    sp_json_str(json, "description", listed->description);
    sp_json_uint(json, "description_characters", listed->description_chars);
    sp_json_str(json, "listed_description", listed->is_omitted ? SP_STR("") : listed->listed);
    sp_json_uint(json, "listed_characters", listed->listed_chars);
    sp_json_uint(json, "listed_tokens", listed->listed_tokens);
    sp_json_uint(json, "body_tokens", listed->body_tokens);
    sp_json_uint(json, "warnings", listed->warning_count);
    sp_left_out_json(json, &left_out);
    sp_json_end(json);
}

static void add_limit(sp_json *json, const char *key, size_t limit)
{
    if (limit == SP_SKILLS_NO_LIMIT)
        sp_json_null(json, key);
    else
        sp_json_uint(json, key, limit);
}

void sp_emit_skills_json(sp_buf *out, const sp_skill_list *list)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.skills/1"));
    sp_part_encoding(&json, list->encoding, list->exact, (sp_str){ NULL, 0 });
    sp_json_uint(&json, "tokens", list->listed_tokens);
    sp_part_range(&json, list->exact, list->listed_range);
    sp_json_uint(&json, "characters", list->listed_chars);
    add_limit(&json, "budget_characters", list->budget_chars);
    sp_json_str(&json, "budget_reason", list->budget_reason);
    add_limit(&json, "description_limit_characters", list->max_description_chars);
    sp_json_pair(&json, "dropped_descriptions", list->dropped_least, list->dropped_most);
    sp_json_begin(&json, "skills", '[');
    for (size_t i = 0; i < list->skill_count; i++)
        add_skill(&json, list, &list->skills[i]);
    sp_json_end(&json);
    sp_part_diagnostics(&json, list->diagnostics, list->diagnostic_count);
    sp_json_end(&json);
}
