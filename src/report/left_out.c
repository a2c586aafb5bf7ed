#include "report/left_out.h"
#include "base/types.h"
#include "rules/ids.h"

void sp_left_out_row(sp_table *table, const sp_left_out *left_out)
{
    sp_buf place = { 0 };
    sp_buf_add(&place, left_out->path);
    if (left_out->line)
        sp_buf_format(&place, ":%u", left_out->line);
    table->out->failed = table->out->failed || place.failed;
    sp_table_row(table, (sp_str[]){ left_out->status, sp_buf_str(&place), left_out->name, sp_rule_name(left_out->rule),
                                    left_out->why });
    sp_buf_release(&place);
}

void sp_left_out_json(sp_json *json, const sp_left_out *left_out)
{
    sp_json_str(json, "shadowed_by", left_out->winner);
    sp_json_str(json, "rule", left_out->rule ? sp_rule_name(left_out->rule) : (sp_str){ NULL, 0 });
    sp_json_uint_or_null(json, "line", left_out->line);
    sp_json_str(json, "why", left_out->why);
}
