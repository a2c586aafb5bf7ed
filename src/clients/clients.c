/* clients.c - the registry: the rows of clients/tables/, and the files that clients without a row read. */
#include "clients/clients.h"
#include "model/source.h"

#define CLIENT(row) extern const sp_client sp_client_##row;
#include "clients/clients.def"
#undef CLIENT

#define CLIENT(row) &sp_client_##row,
const sp_client *const sp_clients[] = {
#include "clients/clients.def"
};
#undef CLIENT

const size_t sp_client_count = SP_COUNT_OF(sp_clients);

const sp_stray sp_strays[] = {
    { "AGENTS.local.md", SP_SOURCE_INSTRUCTIONS, NULL, SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { "AGENTS.override.md", SP_SOURCE_INSTRUCTIONS, "Codex CLI", SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { ".agents/AGENTS.md", SP_SOURCE_INSTRUCTIONS, NULL, SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { ".agents/rules", SP_SOURCE_RULE, NULL, SP_RULE_CHAIN_AGENTS_MD_OTHERS },
    { ".roo/rules", SP_SOURCE_RULE, "Roo Code", SP_RULE_NONE },
    { ".junie/guidelines.md", SP_SOURCE_INSTRUCTIONS, "Junie", SP_RULE_NONE },
    { ".goosehints", SP_SOURCE_INSTRUCTIONS, "goose", SP_RULE_NONE },
    { ".amazonq/rules", SP_SOURCE_RULE, "Amazon Q", SP_RULE_NONE },
    { ".continue/rules", SP_SOURCE_RULE, "Continue", SP_RULE_NONE },
};

const size_t sp_stray_count = SP_COUNT_OF(sp_strays);
