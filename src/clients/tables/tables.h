/*
 * tables.h - what the files of clients share that only tables describe: short words for their rows.
 *
 * A file of this directory holds one client: its places, modes, agents and configuration, and its row, which
 * clients/clients.def lists.
 */
#ifndef SP_TABLES_H
#define SP_TABLES_H

#include "model/source.h"
#include "sources/client.h"

/* ---- where instruction files lie ---------------------------------------------------------------------------- */

#define FILE_AT(anchor, path, of, ...)                                                                                 \
    {                                                                                                                  \
        SP_ANCHOR_##anchor, (path), SP_SOURCE_INSTRUCTIONS, .scope = SP_SCOPE_##of, __VA_ARGS__                        \
    }
#define RULES_AT(anchor, path, of, ...)                                                                                \
    {                                                                                                                  \
        SP_ANCHOR_##anchor, (path), SP_SOURCE_RULE, .scope = SP_SCOPE_##of, SP_PICK_ALL, SP_RULE_NONE, __VA_ARGS__     \
    }
#define ALL SP_PICK_ALL, SP_RULE_NONE, SP_RULE_NONE
#define LEGACY SP_PICK_ALL, SP_RULE_CHAIN_LEGACY, SP_RULE_NONE
#define FIRST SP_PICK_FIRST, SP_RULE_CHAIN_FIRST, SP_RULE_NONE
#define FIRST_FILE SP_PICK_FIRST_FILE, SP_RULE_CHAIN_FIRST, SP_RULE_NONE
#define PREFERRED SP_PICK_PREFERRED, SP_RULE_NONE, SP_RULE_NONE
#define FALLBACK(rule) SP_PICK_FALLBACK, SP_RULE_##rule, SP_RULE_NONE
#define LAST(rule) SP_PICK_LAST, SP_RULE_##rule, SP_RULE_NONE
#define NEAREST SP_PICK_NEAREST, SP_RULE_CHAIN_NEAREST, SP_RULE_NONE
#define OFF_BY(bits) .off_by = (bits)
#define AT_MOST(rule) SP_PICK_ALL, SP_RULE_NONE, SP_RULE_##rule

/* ---- when a rule loads -------------------------------------------------------------------------------------- */

/* What Windsurf and Antigravity both document. */
#define TRIGGERS                                                                                                       \
    { "trigger", "always_on", SP_RULE_NONE, NULL, NULL },                                                              \
        { "trigger", "glob", SP_RULE_RULE_GLOBS, "trigger: glob makes it load when a matching file is worked on",      \
          "globs" },                                                                                                   \
        { "trigger", "model_decision", SP_RULE_RULE_MODEL,                                                             \
          "trigger: model_decision leaves it to the model to ask for it", NULL },                                      \
        { "trigger", "manual", SP_RULE_RULE_MANUAL,                                                                    \
          "trigger: manual makes it load only when somebody names it with @", NULL },

/* ---- the row ------------------------------------------------------------------------------------------------ */

#define LIST(field, list) .field##s = (list), .field##_count = SP_COUNT_OF(list)

/* An alias in tokenizers/models.yaml, so it is the default model of today's client, as "opus" is today's Opus: when the
 * default changed in earlier versions is not documented. */
#define DEFAULT_CLAUDE .default_model = "default"
#define COUNTED_NEARLY(who)                                                                                            \
    .default_encoding = "o200k_base",                                                                                  \
    .encoding_note = who " models of several vendors. No known one is named, so o200k_base counts, the nearest "       \
                         "tokenizer; name one with --model."

#endif
