/*
 * ignored.c - as git does it: of the patterns that match a directory or the file, the last one counts, and nothing
 * below an ignored directory can be taken back. The client's own files come last, so they may take back what git
 * ignores.
 */
#include "load/ignored.h"

#include "model/source.h"
#include "sources/client.h"

static sp_status parse(const sp_loader *loader, sp_str text, sp_str base, sp_ignore_list *slot, sp_err *err)
{
    return slot ? sp_ignore_parse(loader->arena, text, base, slot, err) : sp_err_memory(err);
}

/* base: what its patterns are relative to, below the launch directory, with a slash at its end; or empty. */
static sp_status read_list(const sp_loader *loader, sp_str path, sp_str base, sp_ignore_list *slot, sp_err *err)
{
    sp_str text;
    if (!path.ptr || !base.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_place_read_ignored(loader->arena, loader->here, path, loader->diags, &text, err));
    return parse(loader, text, base, slot, err);
}

static sp_status begin(sp_ignored *s, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    const sp_place *here = s->loader->here;
    const sp_client *client = here->profile->client;
    sp_str text;
    s->is_begun = true;
    for (const char *const *name = client->ignore_files; name && *name; name++)
        SP_TRY(read_list(s->loader, sp_path_join(arena, here->launch, sp_str_of(*name)), SP_STR(""),
                         SP_LIST_PUSH(arena, &s->own), err));
    if (!client->ignores_by_git || !here->has_repository || !sp_str_eq(here->repository, here->launch))
        return SP_OK;
    SP_TRY(sp_place_read_exclude(arena, here, s->loader->diags, &text, err));
    return parse(s->loader, text, SP_STR(""), SP_LIST_PUSH(arena, &s->git), err);
}

/* The .gitignore of a directory, which is below the launch directory, or "" for that itself. */
static sp_status read_git(sp_ignored *s, sp_str directory, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    const sp_place *here = s->loader->here;
    sp_str base = directory.len ? sp_str_format(arena, "%.*s/", SP_STR_ARG(directory)) : SP_STR("");
    sp_str name = base.ptr ? sp_str_format(arena, "%.*s.gitignore", SP_STR_ARG(base)) : base;
    uint32_t *slot = name.ptr ? sp_map_slot(arena, &s->directories, directory) : NULL;
    if (!slot)
        return sp_err_memory(err);
    if (*slot != SP_NONE)
        return SP_OK;
    *slot = (uint32_t)s->git.count;
    return read_list(s->loader, sp_path_join(arena, here->launch, name), base, SP_LIST_PUSH(arena, &s->git), err);
}

/* Of each directory that the file is in, in their order. */
static sp_status read_all_git(sp_ignored *s, sp_str path, sp_err *err)
{
    const sp_place *here = s->loader->here;
    if (!here->profile->client->ignores_by_git || !here->has_repository)
        return SP_OK;
    SP_TRY(read_git(s, SP_STR(""), err));
    for (size_t at = 0; at < path.len; at++)
        if (path.ptr[at] == '/')
            SP_TRY(read_git(s, sp_str_slice(path, 0, at), err));
    return SP_OK;
}

static bool is_in_named_directory(sp_str path, const char *name)
{
    for (sp_str rest = path; name && rest.len;) {
        size_t slash = sp_str_find(rest, SP_STR("/"), 0);
        if (slash == SIZE_MAX)
            return false;
        if (sp_str_eq(sp_str_slice(rest, 0, slash), sp_str_of(name)))
            return true;
        rest = sp_str_slice(rest, slash + 1, rest.len);
    }
    return false;
}

/* What the last pattern says that matches: the client's own first, then git's, the deepest file first. */
static bool is_taken(const sp_ignored *s, sp_str path, bool is_directory)
{
    sp_ignore_answer answer = SP_IGNORE_SILENT;
    for (size_t i = s->own.count; i-- > 0 && answer == SP_IGNORE_SILENT;)
        answer = sp_ignore_ask(&s->own.items[i], path, is_directory);
    for (size_t i = s->git.count; i-- > 0 && answer == SP_IGNORE_SILENT;)
        if (sp_str_starts(path, s->git.items[i].base))
            answer = sp_ignore_ask(&s->git.items[i], path, is_directory);
    return answer == SP_IGNORE_YES;
}

sp_status sp_ignored_ask(sp_ignored *s, sp_str path, bool *ret, sp_err *err)
{
    const sp_place *here = s->loader->here;
    sp_str below = sp_path_below(path, here->launch);
    *ret = false;
    if (!sp_path_is_within(path, here->launch))
        return SP_OK;
    if (!s->is_begun)
        SP_TRY(begin(s, err));
    SP_TRY(read_all_git(s, below, err));
    *ret = is_in_named_directory(below, here->profile->client->ignored_folder);
    for (size_t end = 0; end <= below.len && !*ret; end++)
        if (end == below.len || below.ptr[end] == '/')
            *ret = is_taken(s, sp_str_slice(below, 0, end), end < below.len);
    return SP_OK;
}
