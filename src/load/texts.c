/* texts.c - replacing our own wording with the user's. */
#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "load/steps.h"
#include "model/source.h"

static size_t text_of_file(sp_str name)
{
    for (size_t i = SP_TEXT_NONE + 1; i < SP_TEXT_COUNT; i++)
        if (sp_str_eq(name, sp_str_of(sp_text_file((sp_text_key)i))))
            return i;
    return SIZE_MAX;
}

/* A file that replaces nothing is a misspelt name, or somebody's mistake about what the folder is for. */
static sp_status warn_of_unknown(sp_loader *loader, sp_str path, sp_err *err)
{
    enum { COUNT = SP_TEXT_COUNT - 1 };
    sp_str names[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        names[i] = sp_str_of(sp_text_file((sp_text_key)(SP_TEXT_NONE + 1 + i)));
    sp_str advice = SP_STR("; there are");
    size_t nearest = sp_near(sp_path_base(path), names, COUNT);
    if (nearest != SIZE_MAX)
        advice = sp_str_format(loader->arena, "; did you mean %.*s?", SP_STR_ARG(names[nearest]));
    for (size_t i = 0; nearest == SIZE_MAX && i < COUNT && advice.ptr; i++)
        advice = sp_str_format(loader->arena, "%.*s%s %.*s", SP_STR_ARG(advice), i ? "," : "", SP_STR_ARG(names[i]));
    if (!advice.ptr)
        return sp_err_memory(err);
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, path), (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_TEXTS_UNKNOWN, "replaces no text%.*s", SP_STR_ARG(advice));
}

static sp_status replace(sp_loader *loader, sp_str path, sp_str texts[SP_TEXT_COUNT], sp_err *err)
{
    size_t key = text_of_file(sp_path_base(path));
    sp_wanted wanted = { .path = path, .kind = SP_SOURCE_AGENT, .scope = SP_SCOPE_NAMED, .importer = SP_NONE };
    sp_file file;
    if (key == SIZE_MAX)
        return warn_of_unknown(loader, path, err);
    SP_TRY(sp_place_read_named(loader->arena, loader->here, &wanted, &file, err));
    size_t invalid = sp_utf8_find_invalid(file.bytes, 0);
    if (invalid != SIZE_MAX)
        return sp_err_at(err, SP_ERR_INPUT, sp_place_shown(loader->here, path), file.bytes, invalid,
                         sp_rule_id(SP_RULE_TEXT_UTF8), "not UTF-8 at byte offset %zu; convert the file", invalid);
    texts[key] = sp_text_trimmed(file.bytes);
    return SP_OK;
}

sp_status sp_load_texts(sp_loader *loader, sp_str texts[SP_TEXT_COUNT], sp_err *err)
{
    sp_str folder;
    sp_walk found;
    for (size_t i = 0; i < SP_TEXT_COUNT; i++)
        texts[i] = sp_text_builtin((sp_text_key)i);
    if (!loader->here->request->texts_dir || sp_wants_learned(loader->here->request))
        return SP_OK;
    SP_TRY(sp_place_resolve_folder(loader->arena, loader->here, loader->here->request->texts_dir, "--texts", &folder,
                                   err));
    SP_TRY(sp_place_walk(loader->arena, loader->here, folder, (sp_places){ &folder, 1 }, &found, err));
    for (size_t i = 0; i < found.files.count; i++)
        SP_TRY(replace(loader, found.files.items[i], texts, err));
    return SP_OK;
}
