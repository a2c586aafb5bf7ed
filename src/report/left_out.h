/* left_out.h - an agent or a skill that is listed and does not load: what keeps it out. */
#ifndef SP_EMIT_LEFT_OUT_H
#define SP_EMIT_LEFT_OUT_H

#include "base/json.h"
#include "base/types.h"
#include "report/table.h"

typedef struct sp_left_out {
    sp_str status;
    sp_str path;
    uint32_t line; /* 0: the whole file */
    sp_str name;
    sp_str winner; /* path of the one that has its name; ptr NULL: there is none */
    sp_rule_key rule;
    sp_str why;
} sp_left_out;

/* A row of a table of status, place, name, rule and reason. */
void sp_left_out_row(sp_table *table, const sp_left_out *left_out);

/* "shadowed_by", "rule", "line", "why"; null for what loads */
void sp_left_out_json(sp_json *json, const sp_left_out *left_out);

#endif
