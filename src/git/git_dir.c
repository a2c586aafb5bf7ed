#include "git/git_dir.h"

#include "base/types.h"

#include <limits.h>

enum {
    MAX_CONFIG_BYTES = 1 << 20,
    MAX_DEPTH = 32,       /* of directories in a git directory */
    MAX_ENTRIES = 1 << 20 /* that are looked at there */
};

typedef struct finder {
    sp_arena *arena;
    const sp_reader *reader;
    sp_places places;
    sp_err *err;
} finder;

/* ---- looking ------------------------------------------------------------------------------------------------ */

static sp_status look_at(const finder *f, sp_str directory, const char *name, uint64_t max_bytes, sp_file *ret)
{
    sp_str path = sp_path_append(f->arena, directory, sp_str_of(name));
    *ret = (sp_file){ .state = SP_FILE_ABSENT };
    if (!path.ptr)
        return sp_err_memory(f->err);
    return sp_reader_read(f->reader, f->arena, path,
                          (sp_read_limits){ .max_bytes = max_bytes, .root = f->places, .origin = SP_ORIGIN_TRUSTED },
                          ret, f->err);
}

static bool is_there(const sp_file *file)
{
    return file->state == SP_FILE_FOLDER || sp_file_exists(file);
}

/* Real path of a directory; ptr NULL where there is none. */
static sp_status real_directory(const finder *f, sp_str directory, const char *name, sp_str *ret)
{
    sp_file file;
    SP_TRY(look_at(f, directory, name, 0, &file));
    *ret = file.state == SP_FILE_FOLDER ? file.real_path : (sp_str){ NULL, 0 };
    return SP_OK;
}

/* The path that a small file holds after a prefix, as seen from the directory; ptr NULL: there is none. */
static sp_status read_path(const finder *f, sp_str directory, const char *name, sp_str prefix, sp_str *ret)
{
    sp_file file;
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(look_at(f, directory, name, PATH_MAX, &file));
    if (file.state != SP_FILE_READ || !sp_str_starts(file.bytes, prefix))
        return SP_OK;
    sp_str path = sp_str_trim(sp_str_slice(file.bytes, prefix.len, file.bytes.len));
    if (path.len == 0 || memchr(path.ptr, '\0', path.len))
        return SP_OK;
    *ret = sp_path_append(f->arena, directory, path);
    return ret->ptr ? SP_OK : sp_err_memory(f->err);
}

/* ---- core.worktree ------------------------------------------------------------------------------------------ */

/* The value as git writes it: with quotes and backslashes where it needs them. ptr NULL: memory was short. */
static sp_str unquote(sp_arena *arena, sp_str value)
{
    char *text = sp_arena_alloc(arena, value.len + 1, 1);
    size_t len = 0;
    for (size_t i = 0; text && i < value.len; i++) {
        if (value.ptr[i] == '"')
            continue;
        if (value.ptr[i] == '\\' && i + 1 < value.len)
            i++;
        text[len++] = value.ptr[i];
    }
    return (sp_str){ text, len };
}

/* "worktree = VALUE"; ptr NULL: the line has another key. */
static sp_str value_of_line(sp_str line)
{
    static const char key[] = "worktree";
    sp_str name = line.len > strlen(key) ? sp_str_slice(line, 0, strlen(key)) : line;
    if (!sp_str_eq_nocase(name, SP_STR("worktree")))
        return (sp_str){ NULL, 0 };
    sp_str rest = sp_str_trim(sp_str_slice(line, name.len, line.len));
    if (!sp_str_starts(rest, SP_STR("=")))
        return (sp_str){ NULL, 0 };
    return sp_str_trim(sp_str_slice(rest, 1, rest.len));
}

/* The last core.worktree of a file of configuration, in the form that git itself writes. To misread another form does
 * no harm: nobody but the owner of the git directory has written it. */
static sp_status read_worktree(const finder *f, sp_str directory, const char *name, sp_str *ret)
{
    sp_file file;
    bool is_core = false;
    SP_TRY(look_at(f, directory, name, MAX_CONFIG_BYTES, &file));
    for (size_t at = 0, end; file.state == SP_FILE_READ && at < file.bytes.len; at = end + 1) {
        end = sp_str_find(file.bytes, SP_STR("\n"), at);
        end = end == SIZE_MAX ? file.bytes.len : end;
        sp_str line = sp_str_trim(sp_str_slice(file.bytes, at, end));
        if (sp_str_starts(line, SP_STR("[")))
            is_core = sp_str_eq_nocase(line, SP_STR("[core]"));
        sp_str value = is_core ? value_of_line(line) : (sp_str){ NULL, 0 };
        if (!value.ptr)
            continue;
        value = unquote(f->arena, value);
        *ret = value.ptr ? sp_path_append(f->arena, directory, value) : value;
        if (!ret->ptr)
            return sp_err_memory(f->err);
    }
    return SP_OK;
}

/* Whether the configuration of a git directory names the work tree. */
static sp_status names_tree(const finder *f, sp_str dir, sp_str top, bool *ret)
{
    sp_str named = { NULL, 0 }, real = { NULL, 0 };
    SP_TRY(read_worktree(f, dir, "config", &named));
    SP_TRY(read_worktree(f, dir, "config.worktree", &named));
    if (named.ptr && !memchr(named.ptr, '\0', named.len))
        SP_TRY(real_directory(f, named, ".", &real));
    *ret = real.ptr && sp_str_eq(real, top);
    return SP_OK;
}

/* ---- finding ------------------------------------------------------------------------------------------------ */

static sp_status looks_bare(const finder *f, sp_str directory, bool *ret)
{
    static const char *const names[] = { "HEAD", "objects", "refs" };
    *ret = false;
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        sp_file file;
        SP_TRY(look_at(f, directory, names[i], 0, &file));
        if (file.state == SP_FILE_ABSENT)
            return SP_OK;
    }
    *ret = true;
    return SP_OK;
}

static sp_status find_top(const finder *f, sp_str directory, sp_str root, sp_git_dir *git, sp_file *ret_mark)
{
    for (sp_str at = directory;; at = sp_path_folder(at)) {
        bool is_bare = false;
        SP_TRY(look_at(f, at, ".git", 0, ret_mark));
        if (is_there(ret_mark)) {
            git->top = at;
            return SP_OK;
        }
        if (!git->is_bare)
            SP_TRY(looks_bare(f, at, &is_bare));
        git->is_bare |= is_bare;
        if (sp_str_eq(at, root) || sp_str_eq(at, sp_path_folder(at)))
            return SP_OK;
    }
}

static sp_status refuse(sp_git_dir *git, sp_str problem, sp_err *err)
{
    if (!problem.ptr)
        return sp_err_memory(err);
    git->problem = problem;
    return SP_OK;
}

/* A linked worktree lies among those that the common directory lists, and its entry there names the work tree. */
static sp_status confirm_worktree(const finder *f, sp_git_dir *git, sp_str dir, sp_str common, bool *ret)
{
    sp_str mark, tree, real;
    *ret = false;
    SP_TRY(real_directory(f, common, ".", &real));
    sp_str list = real.ptr ? sp_path_join(f->arena, real, SP_STR("worktrees")) : real;
    if (real.ptr && !list.ptr)
        return sp_err_memory(f->err);
    if (!real.ptr || !sp_str_eq(sp_path_folder(dir), list))
        return SP_OK;
    SP_TRY(read_path(f, dir, "gitdir", SP_STR(""), &mark));
    if (!mark.ptr || !sp_str_eq(sp_path_base(mark), SP_STR(".git")))
        return SP_OK;
    SP_TRY(real_directory(f, sp_path_folder(mark), ".", &tree));
    *ret = tree.ptr && sp_str_eq(tree, git->top);
    git->common = real;
    return SP_OK;
}

static const char moved_advice[] = "if it is a worktree that was moved: git worktree repair; if you made it with "
                                   "--separate-git-dir: git config core.worktree";

/* dir is what .git is or names. */
static sp_status confirm(const finder *f, sp_git_dir *git, sp_str dir, sp_str named)
{
    sp_str common = { NULL, 0 };
    bool is_confirmed = dir.ptr && sp_path_is_within(dir, git->top);
    if (dir.ptr) {
        git->common = dir;
        SP_TRY(read_path(f, dir, "commondir", SP_STR(""), &common));
    }
    if (common.ptr)
        SP_TRY(confirm_worktree(f, git, dir, common, &is_confirmed));
    else if (dir.ptr && !is_confirmed)
        SP_TRY(names_tree(f, dir, git->top, &is_confirmed));
    if (is_confirmed) {
        git->dir = dir;
        return SP_OK;
    }
    if (common.ptr && dir.ptr && sp_path_is_within(dir, git->top))
        return refuse(git, SP_STR("its .git has another repository's content (commondir)"), f->err);
    return refuse(git,
                  sp_str_format(f->arena, "its .git leads to %.*s, which does not name it back; %s %.*s",
                                SP_STR_ARG(named), moved_advice, SP_STR_ARG(git->top)),
                  f->err);
}

sp_status sp_git_dir_find(sp_arena *arena, const sp_reader *reader, sp_str directory, sp_str root, sp_places places,
                          sp_git_dir *ret, sp_err *err)
{
    const finder f = { arena, reader, places, err };
    sp_file mark = { .state = SP_FILE_ABSENT };
    sp_git_dir git = { .is_bounded = !sp_str_eq(root, SP_STR("/")) };
    sp_str dir = { NULL, 0 }, named;
    SP_TRY(find_top(&f, directory, root, &git, &mark));
    if (git.is_bare) {
        git.problem =
            SP_STR("the launch directory lies in a git repository without a work tree; clone that, or start elsewhere");
    } else if (git.top.ptr) {
        named = mark.real_path;
        if (mark.state == SP_FILE_FOLDER)
            dir = mark.real_path;
        else
            SP_TRY(read_path(&f, git.top, ".git", SP_STR("gitdir:"), &named));
        if (mark.state != SP_FILE_FOLDER && named.ptr)
            SP_TRY(real_directory(&f, named, ".", &dir));
        SP_TRY(confirm(&f, &git, dir, named.ptr ? named : SP_STR("nothing")));
    }
    git.places[0] = git.top.ptr ? git.top : directory;
    git.places[1] = git.dir.ptr ? git.dir : git.places[0];
    git.places[2] = git.dir.ptr ? git.common : git.places[0];
    *ret = git;
    return SP_OK;
}

/* ---- judging ------------------------------------------------------------------------------------------------ */

/* Directories of a git directory that git reads from, with all in them. */
static const char *const read_directories[] = { "objects", "refs", "logs", "info", "reftable", "worktrees" };
/* What it does not read at all, of a worktree either: hooks do not run, and submodules are not asked for. */
static const char *const unread[] = { "hooks", "lfs", "annex", "modules", "branches", "fsmonitor--daemon.ipc" };

static bool is_among(sp_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(name, sp_str_of(names[i])))
            return true;
    return false;
}

typedef struct judge {
    sp_git_dir *git;
    sp_arena *arena; /* of what lives on */
    size_t entries;
    bool in_refs; /* of the git directory that is looked at */
    sp_err *err;
} judge;

static sp_status judge_directory(judge *j, sp_str path, int depth);

/* The remedy may be "". */
static sp_status refuse_entry(judge *j, sp_str path, const char *what, const char *remedy)
{
    return refuse(j->git,
                  sp_str_format(j->arena, "its git directory has %s: %.*s%s%s", what,
                                SP_STR_ARG(sp_path_below(path, j->git->top)), *remedy ? "; " : "", remedy),
                  j->err);
}

/* Git follows "ref: NAME" to any file of the git directory, also through links that nothing else reads. */
static sp_status judge_ref(judge *j, sp_arena *scratch, sp_str path)
{
    enum { MAX_REF_BYTES = 4096 };
    static const char mark[] = "ref:";
    sp_file file;
    SP_TRY(
        sp_reader_read(&sp_reader_disk, scratch, path, (sp_read_limits){ .max_bytes = MAX_REF_BYTES }, &file, j->err));
    if (file.state != SP_FILE_READ || !sp_str_starts(file.bytes, sp_str_of(mark)))
        return SP_OK;
    sp_str name = sp_str_trim(sp_str_slice(file.bytes, strlen(mark), file.bytes.len));
    if (sp_str_starts(name, SP_STR("refs/")) && sp_str_find(name, SP_STR(".."), 0) == SIZE_MAX)
        return SP_OK;
    return refuse_entry(j, path, "a symbolic ref to a file that is not among its refs", "");
}

/* A link may lead to other parts of the repository. */
static sp_status judge_link(judge *j, sp_arena *scratch, sp_str path, int depth)
{
    sp_file file;
    sp_read_limits limits = { .max_bytes = 0 };
    limits.hides_outside = !j->git->may_lead_out;
    if (!j->git->may_lead_out)
        limits.within = sp_git_dir_places(j->git);
    SP_TRY(sp_reader_read(&sp_reader_disk, scratch, path, limits, &file, j->err));
    if (file.state == SP_FILE_OUTSIDE)
        return refuse_entry(j, path, "a link that leads out of the repository",
                            j->git->is_bounded ? "" : "--external-links=allow follows it");
    if (file.state == SP_FILE_SPECIAL)
        return refuse_entry(j, path, "a link to what is not a regular file", "");
    if (file.state == SP_FILE_FOLDER)
        return judge_directory(j, file.real_path, depth + 1);
    return depth == 0 || j->in_refs ? judge_ref(j, scratch, file.real_path.ptr ? file.real_path : path) : SP_OK;
}

/* Of a git directory, or of a worktree in it. */
static bool is_unread(sp_str directory, const sp_entry *entry, int depth)
{
    bool is_worktree = depth == 2 && sp_str_eq(sp_path_base(sp_path_folder(directory)), SP_STR("worktrees"));
    return (depth == 0 || is_worktree) && is_among(entry->name, unread, SP_COUNT_OF(unread));
}

static sp_status judge_entry(judge *j, sp_arena *scratch, sp_str directory, const sp_entry *entry, int depth)
{
    sp_str path = sp_path_join(scratch, directory, entry->name);
    if (!path.ptr)
        return sp_err_memory(j->err);
    if (++j->entries > MAX_ENTRIES || depth > MAX_DEPTH)
        return refuse_entry(j, path, "more files than are looked at", "");
    if (is_unread(directory, entry, depth))
        return SP_OK;
    if (depth == 0)
        j->in_refs = sp_str_eq(entry->name, SP_STR("refs"));
    if (entry->is_link)
        return judge_link(j, scratch, path, depth);
    if (!entry->is_file && !entry->is_folder)
        return refuse_entry(j, path, "a FIFO, a socket or a device", "");
    if (entry->is_file && (depth == 0 || j->in_refs))
        return judge_ref(j, scratch, path);
    if (entry->is_folder && (depth > 0 || is_among(entry->name, read_directories, SP_COUNT_OF(read_directories))))
        return judge_directory(j, path, depth + 1);
    return SP_OK;
}

static sp_status judge_directory(judge *j, sp_str path, int depth)
{
    sp_arena scratch = { 0 };
    sp_listing listing = { .state = SP_FILE_ABSENT };
    sp_status status =
        sp_reader_list(&sp_reader_disk, &scratch, path, (sp_read_limits){ .is_unsorted = true }, &listing, j->err);
    for (size_t i = 0; status == SP_OK && !j->git->problem.ptr && listing.state == SP_FILE_FOLDER && i < listing.count;
         i++)
        status = judge_entry(j, &scratch, path, &listing.entries[i], depth);
    sp_arena_release(&scratch);
    return status;
}

/* Refuses a list of other repositories' objects; an empty list names none. */
static sp_status judge_alternates(judge *j)
{
    sp_file file;
    sp_str path = sp_path_join(j->arena, j->git->common, SP_STR("objects/info/alternates"));
    if (!path.ptr)
        return sp_err_memory(j->err);
    SP_TRY(sp_reader_read(&sp_reader_disk, j->arena, path, (sp_read_limits){ 0 }, &file, j->err));
    if (j->git->may_lead_out || file.state == SP_FILE_ABSENT || (file.state == SP_FILE_READ && file.size_bytes == 0))
        return SP_OK;
    return refuse(j->git,
                  sp_str_format(j->arena,
                                "it borrows objects of another repository; %sthis copies them: git repack -a -d && rm "
                                "%.*s",
                                j->git->is_bounded ? "" : "--external-links=allow reads them, and ",
                                SP_STR_ARG(sp_path_below(path, j->git->top))),
                  j->err);
}

/* Of the common directory only. */
static sp_status judge_common(judge *j)
{
    sp_file file;
    sp_str path = sp_path_join(j->arena, j->git->common, SP_STR("commondir"));
    if (!path.ptr)
        return sp_err_memory(j->err);
    SP_TRY(sp_reader_read(&sp_reader_disk, j->arena, path, (sp_read_limits){ 0 }, &file, j->err));
    if (file.state != SP_FILE_ABSENT)
        return refuse(j->git, SP_STR("its .git has another repository's content (commondir)"), j->err);
    return judge_directory(j, j->git->common, 0);
}

sp_status sp_git_dir_judge(sp_arena *arena, sp_git_dir *git, sp_err *err)
{
    judge j = { .git = git, .arena = arena, .err = err };
    SP_TRY(judge_alternates(&j));
    if (!git->problem.ptr)
        SP_TRY(judge_common(&j));
    if (!git->problem.ptr && !sp_str_eq(git->dir, git->common))
        SP_TRY(judge_directory(&j, git->dir, 0));
    return SP_OK;
}
