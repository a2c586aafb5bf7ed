/*
 * lint_links.c - links that lead out of the repository, besides those that loading and the list of skills report:
 * instruction files below the launch directory, and those of other clients.
 */
#include "check/lint.h"
#include "clients/claude_code/memory_scopes.h"
#include "explain/passes.h"

/* Whether a file of the memory of agents lies in the directory of none of them. */
static bool is_of_no_agent(const sp_source *source)
{
    if (source->parsed->skip_rule != SP_RULE_MEMORY_OF_OTHERS)
        return false;
    for (size_t i = 0; i < SP_MEMORY_SCOPE_COUNT; i++)
        if (sp_str_ends(sp_path_folder(source->path), sp_str_of(sp_memory_scopes[i].folder)))
            return true;
    return false;
}

/* Whether the client reads the file in this session, at the start or on demand. Memory is passed over only because the
 * session has another agent or none; a directory of rules, because it belongs to another client. */
static bool is_for_client(const sp_loader *loader, uint32_t index)
{
    const sp_source *source = &loader->sources.items[index];
    bool is_below = sp_str_eq(source->reason, SP_STR("nested_traversal"));
    if (source->kind == SP_SOURCE_MEMORY)
        return !is_of_no_agent(source);
    return source->parsed->skip_rule == SP_RULE_LINK_EXTERNAL && !sp_str_eq(source->reason, SP_STR("passed over")) &&
           (!is_below || loader->here->profile->client->reads_nested);
}

/* A link that this client does not follow here, and another one would. */
static sp_status note_of_others(sp_lint *lint, const sp_loader *loader, const sp_source *source, sp_str path,
                                sp_err *err)
{
    sp_str who = sp_client_who(loader->here->profile->client);
    const char *verb = sp_profile_is_measured(loader->here->profile) ? "does not read" : "is not documented to read";
    sp_str where = path.ptr ? sp_origin_where(lint->arena, loader->here, path, source->real_path) : path;
    if (!where.ptr)
        return sp_err_memory(err);
    return sp_diag_add(lint->diags, err, SP_NOTE, source->path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_LINK_UNREAD,
                       "%.*s; %.*s %s it here, and a client that does sends the text of that file; if that is not "
                       "meant, replace the link by a file",
                       SP_STR_ARG(where), SP_STR_ARG(who), verb);
}

static sp_status look_at_link(sp_lint *lint, const sp_loader *loader, uint32_t index, sp_err *err)
{
    const sp_source *source = &loader->sources.items[index];
    sp_str path = sp_path_join(lint->arena, loader->here->current, source->path);
    if (!is_for_client(loader, index))
        return note_of_others(lint, loader, source, path, err);
    sp_str why = path.ptr ? sp_origin_why(lint->arena, loader->here, path, source->real_path) : path;
    if (!why.ptr)
        return sp_err_memory(err);
    return sp_diag_add(lint->diags, err, SP_FINDING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_LINK_EXTERNAL,
                       "not loaded: %.*s", SP_STR_ARG(why));
}

/* What the client itself would read is an error already. */
static bool is_told(const sp_lint *lint, const sp_source *source)
{
    const sp_docs *docs = &lint->site->shared->docs;
    for (size_t i = 0; i < docs->count; i++)
        if (docs->sources[i].parsed->is_external && sp_str_eq(docs->sources[i].path, source->path))
            return true;
    return false;
}

static sp_status look_at_unread(sp_lint *lint, sp_err *err)
{
    sp_diags unsaid = { .arena = lint->arena };
    sp_loader loader = sp_shared_loader(lint->site->shared, lint->arena, &unsaid);
    loader.only_looks = true;
    SP_TRY(sp_unread_find(&loader, &lint->site->shared->docs, err));
    for (uint32_t i = 0; i < loader.sources.count; i++)
        if (loader.sources.items[i].parsed->is_external && !is_told(lint, &loader.sources.items[i]))
            SP_TRY(look_at_link(lint, &loader, i, err));
    return SP_OK;
}

sp_status sp_lint_links(sp_lint *lint, sp_err *err)
{
    if (!lint->site->shared->here->origins)
        return SP_OK;
    return look_at_unread(lint, err);
}
