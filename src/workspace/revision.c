/* revision.c - git revisions, as a request names them. */
#include "workspace/revision.h"
#include "base/types.h"
#include "model/request.h"
#include "workspace/products.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct revision_owner {
    sp_revision revision;
    sp_repo *repo; /* NULL: somebody else's */
    sp_tree_files *files;
} revision_owner;

/* The real path of a folder; ptr NULL where there is none, which others will say. */
static sp_status real_folder(sp_arena *arena, const char *path, sp_str *ret, sp_err *err)
{
    sp_file file;
    *ret = (sp_str){ NULL, 0 };
    if (!path)
        return SP_OK;
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, sp_str_of(path), (sp_read_limits){ 0 }, &file, err));
    if (file.state == SP_FILE_FOLDER)
        *ret = file.real_path;
    return SP_OK;
}

static sp_status open_in(sp_arena *arena, const sp_request *request, sp_repo **ret_repo, sp_err *err)
{
    const char *launch = request->launch_dir ? request->launch_dir : ".";
    sp_repo_where where = { .may_lead_out = request->allow_external_links };
    SP_TRY(real_folder(arena, launch, &where.folder, err));
    SP_TRY(real_folder(arena, request->home_dir, &where.home, err));
    SP_TRY(real_folder(arena, request->root_dir ? request->root_dir : "/", &where.root, err));
    if (!where.folder.ptr || !where.root.ptr)
        return sp_err_at(err, SP_ERR_INPUT, sp_str_of(where.folder.ptr ? request->root_dir : launch), (sp_str){ 0 }, 0,
                         NULL, "there is no such folder");
    return sp_repo_open(&where, ret_repo, err);
}

sp_status sp_request_repo(const sp_request *request, sp_repo **ret_repo, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_status status = open_in(&arena, request, ret_repo, err);
    sp_arena_release(&arena);
    return status;
}

static void fill(revision_owner *made, const sp_commit *commit, sp_repo *repo, sp_tree_files *files)
{
    made->files = files;
    made->revision = (sp_revision){
        .id = commit->id,
        .short_id = commit->short_id,
        .date = commit->date,
        .subject = commit->subject,
        .top = sp_repo_top(repo),
        .owner = made,
    };
}

sp_status sp_revision_wrap(sp_arena *arena, const sp_commit *commit, sp_repo *repo, sp_tree_files *files,
                           sp_revision **ret, sp_err *err)
{
    revision_owner *made = SP_ARENA_NEW(arena, revision_owner);
    if (!made)
        return sp_err_memory(err);
    fill(made, commit, repo, files);
    *ret = &made->revision;
    return SP_OK;
}

static sp_status find(revision_owner *made, const sp_request *request, const char *name, sp_err *err)
{
    sp_commit commit = { .id = { NULL, 0 } };
    SP_TRY(sp_request_repo(request, &made->repo, err));
    sp_str copy = sp_str_dup(sp_repo_arena(made->repo), sp_str_of(name));
    if (!copy.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_repo_find_commit(made->repo, copy, &commit, err));
    SP_TRY(sp_tree_files_open(made->repo, &commit, &made->files, err));
    fill(made, &commit, made->repo, made->files);
    made->revision.name = copy;
    return SP_OK;
}

sp_status sp_revision_open(const sp_request *request, const char *revision, sp_revision **ret, sp_err *err)
{
    revision_owner *made = calloc(1, sizeof *made);
    if (!made)
        return sp_err_memory(err);
    made->revision.owner = made;
    sp_status status = find(made, request, revision, err);
    if (status == SP_OK)
        *ret = &made->revision;
    else
        sp_revision_free(&made->revision);
    return status;
}

void sp_revision_free(sp_revision *revision)
{
    if (!revision)
        return;
    revision_owner *made = revision->owner;
    sp_tree_files_close(made->files);
    sp_repo_close(made->repo);
    free(made);
}

sp_tree_files *sp_revision_files(const sp_revision *revision)
{
    return ((const revision_owner *)revision->owner)->files;
}

const sp_reader *sp_request_reader(const sp_request *request)
{
    if (request->revision)
        return sp_tree_files_reader(sp_revision_files(request->revision));
    return request->reader ? request->reader : &sp_reader_disk;
}
