#include "check/tree.h"

#include "base/file.h"
#include "base/types.h"
#include "git/revision_reader.h"
#include "git/walk.h"

typedef struct lister {
    sp_arena *arena;
    sp_str folder;
    sp_path_list *found;
    bool gitignore;
    sp_err failure; /* the first one */
} lister;

/* A directory that is not ours to read is passed over, as git does; one that the disk does not give is not. */
static bool is_failure(const sp_err *failure)
{
    return !failure->rule[0] && !strstr(failure->message, "permission denied");
}

static bool visit(void *context, const char *path, const sp_err *failure)
{
    lister *l = context;
    if (failure) {
        if (is_failure(failure) && l->failure.status == SP_OK)
            l->failure = *failure;
        return true;
    }
    sp_str copy = sp_str_dup(l->arena, sp_path_below(sp_str_of(path), l->folder));
    sp_str *slot = copy.ptr ? SP_LIST_PUSH(l->arena, l->found) : NULL;
    if (!slot)
        return false;
    *slot = copy;
    return true;
}

/* ---- a revision -------------------------------------------------------------------------------------------------- */

static sp_status add_file(lister *l, const sp_reader *reader, sp_str path, sp_err *err)
{
    sp_file file;
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(reader, l->arena, path, (sp_read_limits){ 0 }, &file, err));
    if (l->gitignore && !sp_file_is_committed(&file))
        return SP_OK;
    sp_str *slot = SP_LIST_PUSH(l->arena, l->found);
    if (!slot)
        return sp_err_memory(err);
    *slot = sp_path_below(path, l->folder);
    return SP_OK;
}

/* Links to directories are not followed, as on the disk. */
static sp_status list_folder(lister *l, const sp_reader *reader, sp_str folder, sp_err *err)
{
    sp_listing listing;
    SP_TRY(sp_reader_list(reader, l->arena, folder, (sp_read_limits){ 0 }, &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        const sp_entry *entry = &listing.entries[i];
        sp_str path = sp_path_join(l->arena, folder, entry->name);
        if (!path.ptr)
            return sp_err_memory(err);
        if (entry->is_file)
            SP_TRY(add_file(l, reader, path, err));
        else if (entry->is_folder && !entry->is_link && !sp_str_eq(entry->name, SP_STR(".git")))
            SP_TRY(list_folder(l, reader, path, err));
    }
    return SP_OK;
}

/* ---- either -------------------------------------------------------------------------------------------------------
 */

sp_status sp_tree_list(sp_arena *arena, const sp_reader *reader, sp_str folder, bool gitignore, sp_path_list *ret,
                       sp_err *err)
{
    const sp_folder_options options = { .gitignore = gitignore };
    lister l = { .arena = arena, .folder = folder, .found = ret, .gitignore = gitignore };
    memset(ret, 0, sizeof *ret);
    sp_str path = sp_str_dup(arena, folder);
    if (!path.ptr)
        return sp_err_memory(err);
    if (reader != &sp_reader_disk)
        return list_folder(&l, reader, path, err);
    SP_TRY(sp_folder_walk(path.ptr, &options, visit, &l, err));
    if (l.failure.status != SP_OK)
        *err = l.failure;
    return l.failure.status;
}
