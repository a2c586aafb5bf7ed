/* client_config.h - what the readers of a client's own configuration share: client_config.c, config_values.c. */
#ifndef SP_CLIENT_CONFIG_H
#define SP_CLIENT_CONFIG_H

#include "base/parse_json.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/read.h"
#include "sources/setup.h"

/* A configuration file that is being read. */
typedef struct sp_client_config {
    sp_arena *arena;
    const sp_place *here;
    sp_diags *diags;
    sp_client_setup *to;
    sp_str path; /* absolute */
    sp_str text;
    sp_scope scope;
} sp_client_config;

/* Reads the client's own configuration. */
SP_MUST_USE sp_status sp_load_client_config(sp_arena *arena, const sp_place *here, sp_diags *diags,
                                            sp_client_setup *ret, sp_err *err);

/* Adds places of home that have no fixed path: context files of extensions, and the user's file for the project. */
SP_MUST_USE sp_status sp_config_find_places(sp_arena *arena, const sp_place *here, sp_client_setup *setup,
                                            sp_diags *diags, sp_err *err);

/* Whether one of the path's parts is "..". */
bool sp_config_leads_up(sp_str path);

/* Adds a message about the byte at offset at. message.ptr NULL means that memory was short. */
SP_MUST_USE sp_status sp_config_warn(const sp_client_config *config, size_t at, sp_str message, sp_err *err);
/* The same by another rule than that on files that the configuration names. */
SP_MUST_USE sp_status sp_config_warn_by(const sp_client_config *config, sp_rule_key rule, size_t at, sp_str message,
                                        sp_err *err);
/* A name of instruction files, if it is one. */
SP_MUST_USE sp_status sp_config_add_name(const sp_client_config *config, sp_config_effect effect, size_t at,
                                         sp_str name, sp_err *err);

/* Says that the file is not of the form that it must have ("TOML"), and whether the client starts with it. */
SP_MUST_USE sp_status sp_config_refuse(const sp_client_config *config, size_t at, const char *form, sp_str why,
                                       sp_err *err);
/* The same of a value that must be something else ("a list of strings"). */
SP_MUST_USE sp_status sp_config_wrong_kind(const sp_client_config *config, const sp_json_node *node, const char *wanted,
                                           sp_err *err);

#endif
