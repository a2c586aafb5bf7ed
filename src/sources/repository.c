/* repository.c - the repository around the launch directory, and the one that a linked worktree belongs to. */
#include "base/types.h"
#include "sources/loader.h"

#include <limits.h>

sp_status sp_loader_find_repository(sp_loader *loader, sp_err *err)
{
    loader->repository = loader->launch;
    for (sp_str folder = loader->launch;; folder = sp_path_folder(folder)) {
        sp_file file;
        sp_str mark = sp_path_join(loader->arena, folder, SP_STR(".git"));
        if (!mark.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_reader_read(loader->reader, loader->arena, mark, (sp_read_limits){ 0 }, &file, err));
        if (file.state == SP_FILE_DENIED)
            return sp_err_unread(err, sp_loader_shown(loader, mark), &file);
        bool is_marked = file.state == SP_FILE_FOLDER || sp_file_exists(&file);
        loader->has_repository = is_marked;
        if (is_marked)
            loader->repository = folder;
        if (is_marked || sp_str_eq(folder, loader->root) || sp_str_eq(folder, SP_STR("/")))
            return SP_OK;
    }
}

/* The path that a line of a small file holds, behind a prefix; ptr NULL when there is no such file or line. */
static sp_status read_path(sp_loader *loader, sp_str folder, const char *name, const char *prefix, sp_str *ret,
                           sp_err *err)
{
    sp_file file;
    sp_str path = sp_path_join(loader->arena, folder, sp_str_of(name));
    *ret = (sp_str){ NULL, 0 };
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(loader->reader, loader->arena, path,
                          (sp_read_limits){ .max_bytes = PATH_MAX, .root = loader->allowed }, &file, err));
    if (file.state != SP_FILE_READ || !sp_str_starts(file.bytes, sp_str_of(prefix)))
        return SP_OK;
    sp_str line = sp_str_trim(sp_str_slice(file.bytes, strlen(prefix), file.bytes.len));
    *ret = sp_path_join(loader->arena, folder, line);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* The .git of a linked worktree is a file that names a folder, whose commondir names the repository's .git. */
sp_status sp_loader_main_repository(sp_loader *loader, sp_str *ret, sp_err *err)
{
    sp_str git;
    sp_str common = { NULL, 0 };
    sp_file file;
    *ret = loader->repository;
    SP_TRY(read_path(loader, loader->repository, ".git", "gitdir: ", &git, err));
    if (git.ptr)
        SP_TRY(read_path(loader, git, "commondir", "", &common, err));
    if (!common.ptr)
        return SP_OK;
    SP_TRY(
        sp_reader_read(loader->reader, loader->arena, common, (sp_read_limits){ .root = loader->allowed }, &file, err));
    if (file.state == SP_FILE_FOLDER)
        *ret = sp_path_folder(file.real_path);
    return SP_OK;
}
