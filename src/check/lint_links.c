/*
 * lint_links.c - links that lead out of the repository, besides those that loading and the list of skills report:
 * instruction files below the launch directory, and those of other clients.
 */
#include "check/lint.h"
#include "explain/passes.h"

static sp_status look_at_unread(sp_lint *lint, sp_err *err)
{
    sp_diags unsaid = { .arena = lint->arena };
    sp_loader loader = sp_shared_loader(lint->site->shared, lint->arena, &unsaid);
    loader.only_looks = true;
    SP_TRY(sp_unread_find(&loader, &lint->site->shared->docs, err));
    for (uint32_t i = 0; i < loader.sources.count; i++) {
        const sp_source *source = &loader.sources.items[i];
        if (!loader.sources.items[i].parsed->is_external)
            continue;
        sp_str path = sp_path_join(lint->arena, loader.here->current, source->path);
        sp_str why = path.ptr ? sp_origin_why(loader.arena, loader.here, path, source->real_path) : path;
        if (!why.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_diag_add(lint->diags, err, SP_FINDING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                           SP_RULE_LINK_EXTERNAL, "not loaded: %.*s", SP_STR_ARG(why)));
    }
    return SP_OK;
}

sp_status sp_lint_links(sp_lint *lint, sp_err *err)
{
    if (!lint->site->shared->here->origins)
        return SP_OK;
    return look_at_unread(lint, err);
}
