/*
 * repository.c - the repository around a directory, and what belongs to it: the one that a linked worktree is of, its
 * worktrees, the superproject of a submodule.
 *
 * A .git in a tree that came from anywhere may name any directory of the machine. So a relation counts only where both
 * sides tell of it: a worktree is one that the repository lists, a submodule one whose git directory lies in that of
 * the superproject.
 */
#include "base/types.h"
#include "git/git_dir.h"
#include "sources/place.h"

#include <limits.h>

/* ---- which directory is one ------------------------------------------------------------------------------- */

static sp_status look_at(sp_arena *arena, const sp_place *here, sp_str folder, const char *name, sp_file *ret,
                         sp_err *err)
{
    sp_str path = sp_path_join(arena, folder, sp_str_of(name));
    if (!path.ptr)
        return sp_err_memory(err);
    return sp_reader_read(here->reader, arena, path, (sp_read_limits){ .root = here->allowed }, ret, err);
}

sp_status sp_place_find_repository(sp_arena *arena, sp_place *here, sp_err *err)
{
    here->repository = here->launch;
    for (sp_str folder = here->launch;; folder = sp_path_folder(folder)) {
        sp_file file;
        sp_str mark = sp_path_join(arena, folder, SP_STR(".git"));
        if (!mark.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_reader_read(here->reader, arena, mark, (sp_read_limits){ 0 }, &file, err));
        if (file.state == SP_FILE_DENIED)
            return sp_err_unread(err, sp_place_shown(here, mark), &file);
        bool is_marked = file.state == SP_FILE_FOLDER || sp_file_exists(&file);
        here->has_repository = is_marked;
        if (is_marked)
            here->repository = folder;
        if (is_marked || sp_str_eq(folder, here->root) || sp_str_eq(folder, SP_STR("/")))
            return SP_OK;
    }
}

/* Home, and what holds it, is the repository of nothing in it but home itself: with dotfiles under version control it
 * would be that of every directory there, whoever it came from. */
static bool is_around_home(const sp_place *here, sp_str repository, sp_str folder)
{
    return here->home.ptr && sp_path_is_within(here->home, repository) && sp_path_is_within(folder, here->home) &&
           !sp_str_eq(folder, here->home);
}

sp_status sp_place_repository_of(sp_arena *arena, const sp_place *here, sp_str folder, sp_str *ret, sp_err *err)
{
    *ret = (sp_str){ NULL, 0 };
    for (sp_str at = folder; !is_around_home(here, at, folder); at = sp_path_folder(at)) {
        sp_file file = { 0 };
        SP_TRY(look_at(arena, here, at, ".git", &file, err));
        if (file.state == SP_FILE_FOLDER || sp_file_exists(&file)) {
            *ret = at;
            return SP_OK;
        }
        if (sp_str_eq(at, here->root) || sp_str_eq(at, SP_STR("/")))
            return SP_OK;
    }
    return SP_OK;
}

/* ---- what its .git says ------------------------------------------------------------------------------------- */

/* The path that a line of a small file holds, behind a prefix; ptr NULL when there is no such file or line. */
static sp_status read_path(sp_arena *arena, const sp_place *here, sp_str folder, const char *name, const char *prefix,
                           sp_str *ret, sp_err *err)
{
    sp_file file;
    sp_str path = sp_path_join(arena, folder, sp_str_of(name));
    *ret = (sp_str){ NULL, 0 };
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(here->reader, arena, path,
                          (sp_read_limits){ .max_bytes = PATH_MAX, .root = here->allowed, .origin = SP_ORIGIN_TRUSTED },
                          &file, err));
    if (file.state != SP_FILE_READ || !sp_str_starts(file.bytes, sp_str_of(prefix)))
        return SP_OK;
    sp_str line = sp_str_trim(sp_str_slice(file.bytes, strlen(prefix), file.bytes.len));
    *ret = sp_path_join(arena, folder, line);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* The git directory of the place's repository, if both say that they belong together. */
static sp_status find_git_dir(sp_arena *arena, const sp_place *here, sp_git_dir *ret, sp_err *err)
{
    return sp_git_dir_find(arena, here->reader, here->repository, here->root, here->allowed, ret, err);
}

sp_status sp_place_main_repository(sp_arena *arena, const sp_place *here, sp_str *ret, sp_err *err)
{
    sp_git_dir git;
    *ret = here->repository;
    if (!here->has_repository)
        return SP_OK;
    SP_TRY(find_git_dir(arena, here, &git, err));
    if (git.dir.ptr && !sp_str_eq(git.dir, git.common))
        *ret = sp_path_folder(git.common);
    return SP_OK;
}

sp_status sp_place_find_exclude(sp_arena *arena, const sp_place *here, sp_str *ret_path, sp_places *ret_within,
                                sp_err *err)
{
    sp_git_dir *git = SP_ARENA_NEW(arena, sp_git_dir);
    *ret_path = (sp_str){ NULL, 0 };
    if (!git)
        return sp_err_memory(err);
    SP_TRY(find_git_dir(arena, here, git, err));
    if (!git->dir.ptr)
        return SP_OK;
    *ret_path = sp_path_join(arena, git->common, SP_STR("info/exclude"));
    *ret_within = sp_git_dir_places(git);
    return ret_path->ptr ? SP_OK : sp_err_memory(err);
}

/* ---- what belongs together ---------------------------------------------------------------------------------- */

/* The real path of a directory; ptr NULL where there is none. */
static sp_status real_folder(sp_arena *arena, const sp_place *here, sp_str path, sp_str *ret, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_reader_read(here->reader, arena, path, (sp_read_limits){ .root = here->allowed }, &file, err));
    *ret = file.state == SP_FILE_FOLDER ? file.real_path : (sp_str){ NULL, 0 };
    return SP_OK;
}

/* The git directory of a work tree: its .git, or what that names if it is a file. A link leads to no directory of its
 * own. ptr NULL: there is none. */
static sp_status git_folder_of(sp_arena *arena, const sp_place *here, sp_str tree, sp_str *ret, sp_err *err)
{
    sp_file file = { 0 };
    sp_str named;
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(look_at(arena, here, tree, ".git", &file, err));
    bool is_link = file.real_path.ptr && !sp_str_eq(sp_path_folder(file.real_path), tree);
    if (file.state == SP_FILE_FOLDER && !is_link)
        *ret = file.real_path;
    if (is_link || !sp_file_exists(&file))
        return SP_OK;
    SP_TRY(read_path(arena, here, tree, ".git", "gitdir: ", &named, err));
    return named.ptr ? real_folder(arena, here, named, ret, err) : SP_OK;
}

typedef struct family {
    sp_arena *arena;
    const sp_place *here;
    sp_paths *found;
    sp_err *err;
} family;

/* Whether links of another work tree could lead about at home if that one belonged to it. */
static bool holds_home(const sp_place *here, sp_str tree)
{
    return here->home.ptr && sp_path_is_within(here->home, tree);
}

static sp_status add_tree(family *f, sp_str tree)
{
    for (size_t i = 0; i < f->found->count; i++)
        if (sp_str_eq(f->found->items[i], tree))
            return SP_OK;
    if (f->found->count && holds_home(f->here, tree))
        return SP_OK;
    return sp_paths_add(f->arena, f->found, tree, f->err);
}

/* The work tree whose git directory that is, as both of them say; ptr NULL for none. */
static sp_status tree_of(const family *f, sp_str git, sp_str *ret)
{
    sp_str mark, tree, back;
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(read_path(f->arena, f->here, git, "gitdir", "", &mark, f->err));
    if (!mark.ptr)
        return SP_OK;
    SP_TRY(real_folder(f->arena, f->here, sp_path_folder(mark), &tree, f->err));
    if (!tree.ptr)
        return SP_OK;
    SP_TRY(git_folder_of(f->arena, f->here, tree, &back, f->err));
    if (back.ptr && sp_str_eq(back, git))
        *ret = tree;
    return SP_OK;
}

/* The main work tree of a repository's git directory, and the linked ones that it lists. */
static sp_status add_worktrees(family *f, sp_str common)
{
    sp_listing listing;
    sp_str own;
    sp_str list = sp_path_join(f->arena, common, SP_STR("worktrees"));
    if (!list.ptr)
        return sp_err_memory(f->err);
    SP_TRY(git_folder_of(f->arena, f->here, sp_path_folder(common), &own, f->err));
    if (own.ptr && sp_str_eq(own, common))
        SP_TRY(add_tree(f, sp_path_folder(common)));
    SP_TRY(sp_reader_list(f->here->reader, f->arena, list, (sp_read_limits){ .root = f->here->allowed }, &listing,
                          f->err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        sp_str git = sp_path_join(f->arena, listing.real_path, listing.entries[i].name);
        sp_str tree;
        if (!git.ptr)
            return sp_err_memory(f->err);
        SP_TRY(tree_of(f, git, &tree));
        if (tree.ptr)
            SP_TRY(add_tree(f, tree));
    }
    return SP_OK;
}

/* The repository above, where the git directory lies among its modules; ptr NULL for none. */
static sp_status superproject_of(const family *f, sp_str tree, sp_str git, sp_str *ret)
{
    sp_str above, its_git;
    *ret = (sp_str){ NULL, 0 };
    if (sp_str_eq(tree, f->here->root) || sp_str_eq(tree, SP_STR("/")) || sp_path_is_within(git, tree))
        return SP_OK;
    SP_TRY(sp_place_repository_of(f->arena, f->here, sp_path_folder(tree), &above, f->err));
    if (!above.ptr || holds_home(f->here, above))
        return SP_OK;
    SP_TRY(git_folder_of(f->arena, f->here, above, &its_git, f->err));
    sp_str modules = its_git.ptr ? sp_path_join(f->arena, its_git, SP_STR("modules")) : its_git;
    if (its_git.ptr && !modules.ptr)
        return sp_err_memory(f->err);
    if (modules.ptr && sp_path_is_within(git, modules))
        *ret = above;
    return SP_OK;
}

/* The git directory that a work tree's own is a part of; itself where that is in the work tree or in a superproject,
 * ptr NULL where the other side does not know of it. */
static sp_status common_of(const family *f, sp_str tree, sp_str git, sp_str *ret)
{
    sp_str named, confirmed;
    *ret = git;
    SP_TRY(read_path(f->arena, f->here, git, "commondir", "", &named, f->err));
    if (!named.ptr && sp_path_is_within(git, tree))
        return SP_OK;
    if (!named.ptr) {
        SP_TRY(superproject_of(f, tree, git, &confirmed));
        *ret = confirmed.ptr ? git : confirmed;
        return SP_OK;
    }
    SP_TRY(real_folder(f->arena, f->here, named, ret, f->err));
    SP_TRY(tree_of(f, git, &confirmed));
    bool is_listed = ret->ptr && sp_path_is_within(git, *ret) && confirmed.ptr && sp_str_eq(confirmed, tree);
    if (!is_listed)
        *ret = (sp_str){ NULL, 0 };
    return SP_OK;
}

sp_status sp_place_find_family(sp_arena *arena, const sp_place *here, sp_str repository, sp_paths *ret, sp_err *err)
{
    family f = { arena, here, ret, err };
    for (sp_str tree = repository; tree.ptr;) {
        sp_str git, common;
        SP_TRY(add_tree(&f, tree));
        SP_TRY(git_folder_of(arena, here, tree, &git, err));
        if (!git.ptr)
            return SP_OK;
        SP_TRY(common_of(&f, tree, git, &common));
        if (common.ptr)
            SP_TRY(add_worktrees(&f, common));
        SP_TRY(superproject_of(&f, tree, git, &tree));
    }
    return SP_OK;
}
