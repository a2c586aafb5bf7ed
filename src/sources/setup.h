/* setup.h - what the client's own configuration files say of instruction files. Read once, before the instructions. */
#ifndef SP_SETUP_H
#define SP_SETUP_H

#include "base/types.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/paths.h"

/* A pattern, or an address, of further instruction files, and where the client's configuration has it. */
typedef struct sp_configured {
    sp_str config; /* absolute path of the file, */
    sp_str text;   /* its text, */
    size_t offset; /* and the place in it */
    sp_str pattern;
    sp_scope scope;
} sp_configured;

/* A text for the system prompt, or the path of its file. A later configuration file replaces it. */
typedef struct sp_setup_text {
    const sp_config_setting *setting;
    sp_str config; /* absolute path of the file that has it */
    sp_str value;
    sp_scope scope;
} sp_setup_text;

/* An agent that a configuration file defines. */
typedef struct sp_configured_agent {
    sp_str config;                         /* absolute path of the file, */
    sp_str text;                           /* its text, */
    const struct sp_json_node *definition; /* and the member whose key is the agent's name */
    sp_scope scope;
} sp_configured_agent;

/* Whether the user trusts the project, by the client's configuration. */
typedef enum sp_trust {
    SP_TRUST_UNKNOWN,
    SP_TRUSTED,
    SP_UNTRUSTED,
} sp_trust;

typedef struct sp_client_setup {
    sp_list(sp_str) names;      /* of instruction files, instead of the client's own */
    sp_list(sp_str) more_names; /* and further ones */
    const sp_location *places;  /* of instruction files, by the client's table and with those names */
    size_t place_count;
    sp_list(sp_configured) configured;   /* files that it names */
    sp_list(sp_configured_agent) agents; /* agents that it defines; a later one of a name replaces an earlier one */
    sp_paths configs;                    /* its files that were read */
    sp_str session_agent;                /* whose prompt a session has; ptr NULL: no file names one */
    sp_list(sp_configured) skills;       /* directories of skills */
    sp_list(sp_configured) skills_off;   /* skills that are switched off: the path of the SKILL.md, or the name */
    bool has_markers;                    /* names of what makes a directory the root of a project: */
    sp_list(sp_str) markers;
    sp_list(sp_setup_text) texts;
    sp_trust trust;
    sp_str trust_by;      /* the configuration file that says so */
    bool has_chain_bytes; /* it limits the bytes of all instruction files */
    int64_t chain_bytes;
} sp_client_setup;

/* Where the places of one anchor begin and end, from an index on; false past the last ones. */
bool sp_setup_next_run(const sp_client_setup *setup, size_t *begin, size_t *end);

#endif
