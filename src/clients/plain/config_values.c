/* config_values.c - what is said and kept of one value in a client's configuration, whatever the file's form. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/plain/client_config.h"

sp_status sp_config_warn(const sp_client_config *config, size_t at, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(config->diags, err, SP_WARNING, sp_place_shown(config->here, config->path), config->text, at,
                       SP_RULE_CHAIN_CONFIGURED, "%.*s", SP_STR_ARG(message));
}

static bool is_plain_name(sp_str name)
{
    return name.len && name.ptr[0] != '/' && !memchr(name.ptr, '\\', name.len) && !memchr(name.ptr, '\0', name.len) &&
           sp_str_find(name, SP_STR(".."), 0) == SIZE_MAX;
}

sp_status sp_config_add_name(const sp_client_config *config, sp_config_effect effect, size_t at, sp_str name,
                             sp_err *err)
{
    if (!is_plain_name(name))
        return sp_config_warn(config, at,
                              SP_STR("this has to be a name within the folder, without ..; it does not count"), err);
    sp_str *slot = effect == SP_CONFIG_NAMES ? SP_LIST_PUSH(config->arena, &config->to->names)
                                             : SP_LIST_PUSH(config->arena, &config->to->more_names);
    if (!slot)
        return sp_err_memory(err);
    *slot = sp_str_dup(config->arena, name);
    return slot->ptr ? SP_OK : sp_err_memory(err);
}
