/* appended.c - the text that an option adds to the end of the system prompt: an agent's, or a main session's. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "load/steps.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"

static const char *option_of(const sp_loader *loader)
{
    const char *const options[2][2] = {
        { "--append-system-prompt", "--append-system-prompt-file" },
        { "--append-subagent-system-prompt", "--append-subagent-system-prompt-file" },
    };
    return options[loader->agent && !loader->here->request->as_session][loader->here->request->append_file != NULL];
}

static sp_rule_key rule_of(const sp_loader *loader)
{
    if (!loader->agent || loader->here->request->as_session)
        return SP_RULE_SESSION_APPEND;
    return loader->here->request->append_file ? SP_RULE_AGENT_APPEND_FILE : SP_RULE_AGENT_APPEND;
}

/* A text becomes a source whose path is the option. */
static sp_status take_text(const sp_loader *loader, sp_wanted *wanted, sp_file *file, sp_err *err)
{
    wanted->path = sp_str_of(option_of(loader));
    *file = (sp_file){ .state = SP_FILE_READ,
                       .bytes = sp_str_dup(loader->arena, sp_str_of(loader->here->request->append_text)) };
    file->real_path = wanted->path;
    file->size_bytes = file->bytes.len;
    file->device = UINT64_MAX; /* no file has that, so it is the same as no other */
    return file->bytes.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status read(sp_loader *loader, sp_wanted *wanted, sp_file *file, sp_err *err)
{
    if (!loader->here->request->append_file)
        return take_text(loader, wanted, file, err);
    wanted->path = sp_path_append(loader->arena, loader->here->current, sp_str_of(loader->here->request->append_file));
    return wanted->path.ptr ? sp_loader_read_part(loader, wanted, file, err) : sp_err_memory(err);
}

sp_status sp_load_appended(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->here->request;
    sp_wanted wanted = {
        .kind = SP_SOURCE_APPENDED, .scope = SP_SCOPE_NAMED, .reason = "appended", .importer = SP_NONE
    };
    sp_file file = { .state = SP_FILE_ABSENT };
    uint32_t index;
    if (!request->append_text && !request->append_file)
        return SP_OK;
    if (request->append_text && request->append_file)
        return sp_err_set(err, SP_ERR_USAGE,
                          "text to append is given twice, as a text and as a file; give one of them");
    sp_rule_key rule = rule_of(loader);
    SP_TRY(read(loader, &wanted, &file, err));
    if (file.state == SP_FILE_EXTERNAL)
        return SP_OK;
    if (sp_rule_has_effect(loader->here->profile, rule, SP_EFFECT_ORDER))
        return sp_loader_add(loader, &wanted, &file, &index, err);
    if (!sp_rule_holds(loader->here->profile, rule))
        return sp_err_set(err, SP_ERR_USAGE, "%s has no %s; leave it out, or choose another profile",
                          sp_profile_name(loader->here->profile), option_of(loader));
    sp_str why =
        sp_str_format(loader->arena, "%s does not know %s", sp_profile_name(loader->here->profile), option_of(loader));
    SP_TRY(sp_loader_skip(loader, &wanted, &file, rule, why, err));
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, wanted.path), (sp_str){ 0 },
                       SP_WHOLE_FILE, rule, "is not in the prompt: %.*s", SP_STR_ARG(why));
}
