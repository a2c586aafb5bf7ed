/* config_values.c - what is said and kept of one value in a client's configuration, whatever the file's form. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/plain/client_config.h"

sp_status sp_config_warn_by(const sp_client_config *config, sp_rule_key rule, size_t at, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(config->diags, err, SP_WARNING, sp_place_shown(config->here, config->path), config->text, at,
                       rule, "%.*s", SP_STR_ARG(message));
}

sp_status sp_config_warn(const sp_client_config *config, size_t at, sp_str message, sp_err *err)
{
    return sp_config_warn_by(config, SP_RULE_CHAIN_CONFIGURED, at, message, err);
}

/* Whether the client starts with such a file is a rule; where none says so, the file counts as absent. */
static sp_status refuse(const sp_client_config *config, size_t at, sp_str what, const char *otherwise, sp_err *err)
{
    sp_str who = sp_client_who(config->here->profile->client);
    if (!what.ptr)
        return sp_err_memory(err);
    if (!sp_rule_holds(config->here->profile, SP_RULE_CONFIG_REFUSED))
        return sp_config_warn(config, at, sp_str_format(config->arena, "%.*s; %s", SP_STR_ARG(what), otherwise), err);
    return sp_diag_add(config->diags, err, SP_FINDING, sp_place_shown(config->here, config->path), config->text, at,
                       SP_RULE_CONFIG_REFUSED, "%.*s; %.*s does not start with this file", SP_STR_ARG(what),
                       SP_STR_ARG(who));
}

sp_status sp_config_refuse(const sp_client_config *config, size_t at, const char *form, sp_str why, sp_err *err)
{
    return refuse(config, at, sp_str_format(config->arena, "not %s: %.*s", form, SP_STR_ARG(why)),
                  "nothing is taken from it", err);
}

sp_status sp_config_wrong_kind(const sp_client_config *config, const sp_json_node *node, const char *wanted,
                               sp_err *err)
{
    bool is_number = node->kind == SP_JSON_NUMBER;
    return refuse(
        config, node->offset,
        is_number ? sp_str_format(config->arena, "this must be %s, but is %.*s", wanted, SP_STR_ARG(node->text))
                  : sp_str_format(config->arena, "this must be %s, but is %s", wanted, sp_json_kind_name(node->kind)),
        "it does not count", err);
}

bool sp_config_leads_up(sp_str path)
{
    for (size_t begin = 0, end; begin <= path.len; begin = end + 1) {
        end = sp_str_find(path, SP_STR("/"), begin);
        end = end == SIZE_MAX ? path.len : end;
        if (sp_str_eq(sp_str_slice(path, begin, end), SP_STR("..")))
            return true;
    }
    return false;
}

static bool is_plain_name(sp_str name)
{
    return name.len && name.ptr[0] != '/' && !memchr(name.ptr, '\\', name.len) && !memchr(name.ptr, '\0', name.len) &&
           !sp_config_leads_up(name);
}

sp_status sp_config_add_name(const sp_client_config *config, sp_config_effect effect, size_t at, sp_str name,
                             sp_err *err)
{
    bool may_be_path = effect == SP_CONFIG_NAMES || effect == SP_CONFIG_ADDED_NAMES;
    if (!is_plain_name(name) || (!may_be_path && memchr(name.ptr, '/', name.len)))
        return sp_config_warn(config, at,
                              may_be_path ? SP_STR("this must be a name within the directory, without ..; ignored")
                                          : SP_STR("this must be the name of a file, without a directory; ignored"),
                              err);
    sp_str *slot = effect == SP_CONFIG_NAMES          ? SP_LIST_PUSH(config->arena, &config->to->names)
                   : effect == SP_CONFIG_ROOT_MARKERS ? SP_LIST_PUSH(config->arena, &config->to->markers)
                                                      : SP_LIST_PUSH(config->arena, &config->to->more_names);
    if (!slot)
        return sp_err_memory(err);
    *slot = sp_str_dup(config->arena, name);
    return slot->ptr ? SP_OK : sp_err_memory(err);
}
