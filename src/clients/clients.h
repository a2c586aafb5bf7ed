/* clients.h - the registry: the row of every client (clients.def), and the files that clients outside of it read. */
#ifndef SP_CLIENTS_H
#define SP_CLIENTS_H

#include "sources/client.h"

extern const sp_client *const sp_clients[];
extern const size_t sp_client_count;

/* Of these the client measured otherwise. In clients/tables/claude_code.c. */
extern const sp_rule_table sp_documented_rules;

extern const sp_stray sp_strays[];
extern const size_t sp_stray_count;

#endif
