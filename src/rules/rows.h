/*
 * rows.h - the rule rows as tables: one for each client, made in its file in clients/tables/ (table.h), and one of our
 * own.
 *
 * A client names its tables in the order in which they are asked; the first that has a rule decides about it.
 */
#ifndef SP_RULES_ROWS_H
#define SP_RULES_ROWS_H

#include "rules/profile.h"

typedef struct sp_rule_table {
    const sp_rule *rows;
    size_t count;
} sp_rule_table;

extern const sp_rule_table sp_our_rules; /* where no client documents anything */

#endif
