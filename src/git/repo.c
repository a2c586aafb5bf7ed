#include "git/repo.h"

#include "base/near.h"
#include "base/run.h"
#include "base/types.h"
#include "git/git_dir.h"
#include "git/git_setup.h"

#include <stdlib.h>

enum {
    TIMEOUT_MS = 30000,
    MAX_WORDS = 24,
    MAX_LINE_BYTES = 4096,
    MAX_NAMES_BYTES = 1 << 22,
    MAX_PATHS_BYTES = 1 << 28,
    DRAIN_BYTES = 1 << 20, /* what is too large is read to its end up to here; else git is ended and started again */
};

struct sp_repo {
    sp_arena arena;
    sp_git_setup setup;
    const char *const *environment;
    sp_str program;
    sp_str folder;
    sp_str top;
    sp_str home;
    sp_str *unversioned; /* NULL until somebody asks */
    size_t unversioned_count;
    sp_talk talk; /* git cat-file --batch */
    bool is_talking;
};

sp_arena *sp_repo_arena(sp_repo *repo)
{
    return &repo->arena;
}

sp_str sp_repo_top(const sp_repo *repo)
{
    return repo->top;
}

/* ---- asking --------------------------------------------------------------------------------------- */

static sp_run make_run(const sp_repo *repo, const char **arguments, const char *const *words, size_t max_bytes)
{
    size_t count = 0;
    arguments[count++] = repo->program.ptr;
    arguments[count++] = "--no-pager";
    arguments[count++] = "--literal-pathspecs";
    arguments[count++] = "-C";
    arguments[count++] = repo->folder.ptr;
    for (; *words && count < MAX_WORDS - 1; words++)
        arguments[count++] = *words;
    arguments[count] = NULL;
    return (sp_run){
        .arguments = arguments, .environment = repo->environment, .timeout_ms = TIMEOUT_MS, .max_bytes = max_bytes
    };
}

static sp_status refuse_state(sp_run_state state, sp_err *err)
{
    if (state == SP_RUN_ABSENT)
        return sp_err_set(err, SP_ERR_INPUT, "git cannot be run, and revisions are read through it; install it");
    if (state == SP_RUN_SLOW)
        return sp_err_set(err, SP_ERR_INPUT, "git has not answered within %d seconds", TIMEOUT_MS / 1000);
    return sp_err_set(err, SP_ERR_INPUT, "git has more to say than is read of it");
}

static sp_status explain(const sp_repo *repo, sp_str said, sp_err *err)
{
    if (sp_str_find(said, SP_STR("not a git repository"), 0) != SIZE_MAX)
        return sp_err_at(err, SP_ERR_INPUT, repo->folder, (sp_str){ 0 }, 0, NULL,
                         "is in no git repository, so there are no revisions");
    sp_str line = said.len ? sp_git_reason(said) : SP_STR("it does not say why");
    return sp_err_at(err, SP_ERR_INPUT, repo->folder, (sp_str){ 0 }, 0, NULL, "cannot be read by git, which says: %.*s",
                     SP_STR_ARG(line));
}

/* A failure is asked again for its reason: what git warns of on the way must not stand in an answer. *ret_said is what
 * git says then. */
static sp_status ask(sp_repo *repo, sp_arena *arena, const char *const *words, size_t max_bytes,
                     sp_run_state *ret_state, sp_str *ret_said, sp_err *err)
{
    const char *arguments[MAX_WORDS];
    sp_run run = make_run(repo, arguments, words, max_bytes);
    SP_TRY(sp_run_program(arena, &run, err));
    *ret_state = run.state;
    if (run.state == SP_RUN_FAILED) {
        run.with_errors = true;
        SP_TRY(sp_run_program(arena, &run, err));
    }
    *ret_said = run.output;
    return SP_OK;
}

static sp_status refuse_answer(const sp_repo *repo, sp_run_state state, sp_str said, sp_err *err)
{
    return state == SP_RUN_FAILED ? explain(repo, said, err) : refuse_state(state, err);
}

sp_status sp_repo_ask(sp_repo *repo, sp_arena *arena, const char *const *words, size_t max_bytes, sp_str *ret,
                      sp_err *err)
{
    sp_run_state state;
    sp_str said;
    SP_TRY(ask(repo, arena, words, max_bytes, &state, &said, err));
    if (state != SP_RUN_FINE)
        return refuse_answer(repo, state, said, err);
    *ret = said;
    return SP_OK;
}

#define ASK(repo, ret, err, ...)                                                                                       \
    sp_repo_ask(repo, &(repo)->arena, (const char *const[]){ __VA_ARGS__, NULL }, MAX_NAMES_BYTES, ret, err)

static sp_str without_line_end(sp_str text)
{
    return text.len && text.ptr[text.len - 1] == '\n' ? sp_str_slice(text, 0, text.len - 1) : text;
}

/* ---- opening -------------------------------------------------------------------------------------- */

static sp_status prepare(sp_repo *repo, const sp_repo_where *where, sp_err *err)
{
    repo->setup.arena = &repo->arena;
    repo->folder = sp_str_dup(&repo->arena, where->folder);
    repo->home = where->home.ptr ? sp_str_dup(&repo->arena, where->home) : where->home;
    if (!repo->folder.ptr || (where->home.ptr && !repo->home.ptr))
        return sp_err_memory(err);
    SP_TRY(sp_git_find(&repo->arena, where->folder, &repo->program, err));
    SP_TRY(sp_git_setup_begin(&repo->setup, where->home, err));
    if (!sp_str_eq(where->root, SP_STR("/")))
        SP_TRY(sp_git_setup_add(&repo->setup, SP_STR("GIT_CONFIG_NOSYSTEM=1"), err));
    return SP_OK;
}

static sp_status refuse_at(sp_str path, const char *why, sp_err *err)
{
    bool has_subject = strncmp(why, "it ", 3) == 0; /* which is the path */
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL, "%s", why + (has_subject ? 3 : 0));
}

/* The repository around the directory, and no other, whatever looks like one on the way or core.worktree says. */
static sp_status enter(sp_repo *repo, const sp_repo_where *where, sp_err *err)
{
    const sp_places places = { &where->root, 1 };
    sp_git_dir git;
    SP_TRY(sp_git_dir_find(&repo->arena, &sp_reader_disk, repo->folder, where->root, places, &git, err));
    if (git.is_bare)
        return refuse_at(repo->folder, "is a git repository without a work tree; clone it, or add a worktree", err);
    if (!git.top.ptr)
        return refuse_at(repo->folder, "is in no git repository, so there are no revisions", err);
    if (git.is_bounded && (!git.dir.ptr || !sp_path_is_within(git.dir, where->root)))
        return refuse_at(git.top, "its .git leads outside of --root", err);
    repo->top = sp_str_dup(&repo->arena, git.top);
    if (!repo->top.ptr)
        return sp_err_memory(err);
    repo->folder = repo->top;
    git.may_lead_out = where->may_lead_out && !git.is_bounded;
    SP_TRY(sp_git_enter(&repo->setup, repo->program, &git, repo->home, true, err));
    if (git.problem.ptr)
        return refuse_at(repo->top, git.problem.ptr, err);
    return sp_git_setup_end(&repo->setup, &repo->environment, err);
}

/* git is where it was told to be. */
static sp_status confirm(sp_repo *repo, sp_err *err)
{
    sp_str top = { NULL, 0 };
    SP_TRY(ASK(repo, &top, err, "rev-parse", "--show-toplevel"));
    if (sp_str_eq(without_line_end(top), repo->top))
        return SP_OK;
    return refuse_at(repo->top, "git takes another directory for the work tree", err);
}

sp_status sp_repo_open(const sp_repo_where *where, sp_repo **ret_repo, sp_err *err)
{
    sp_repo *repo = calloc(1, sizeof *repo);
    if (!repo)
        return sp_err_memory(err);
    sp_status status = prepare(repo, where, err);
    if (status == SP_OK)
        status = enter(repo, where, err);
    if (status == SP_OK)
        status = confirm(repo, err);
    if (status == SP_OK)
        *ret_repo = repo;
    else
        sp_repo_close(repo);
    return status;
}

void sp_repo_close(sp_repo *repo)
{
    if (!repo)
        return;
    if (repo->is_talking)
        sp_talk_end(&repo->talk);
    sp_arena_release(&repo->arena);
    free(repo);
}

/* ---- what has no versions ------------------------------------------------------------------------- */

static int compare_paths(const void *a, const void *b)
{
    return sp_str_cmp(*(const sp_str *)a, *(const sp_str *)b);
}

/* Paths that end in NUL, of folders with a slash; and one more. */
static sp_status take_paths(sp_repo *repo, sp_str all, sp_str more, sp_err *err)
{
    size_t count = more.ptr != NULL;
    for (size_t at = 0; at < all.len; at += strlen(all.ptr + at) + 1)
        count++;
    sp_str *paths = SP_ARENA_ARRAY(&repo->arena, sp_str, count + 1);
    if (!paths)
        return sp_err_memory(err);
    size_t used = 0;
    for (size_t at = 0; at < all.len;) {
        sp_str path = sp_str_of(all.ptr + at);
        at += path.len + 1;
        path.len -= path.len > 1 && path.ptr[path.len - 1] == '/';
        paths[used++] = path;
    }
    if (more.ptr)
        paths[used++] = more;
    qsort(paths, used, sizeof *paths, compare_paths);
    repo->unversioned = paths;
    repo->unversioned_count = used;
    return SP_OK;
}

sp_status sp_repo_unversioned(sp_repo *repo, const sp_str **ret, size_t *ret_count, sp_err *err)
{
    static const char *const words[] = { "ls-files",           "-z",          "--others", "--ignored",
                                         "--exclude-standard", "--directory", NULL };
    sp_str all = { NULL, 0 };
    bool is_home_inside = repo->home.ptr && sp_path_is_within(repo->home, repo->top) && repo->home.len > repo->top.len;
    if (!repo->unversioned) {
        SP_TRY(sp_repo_ask(repo, &repo->arena, words, MAX_PATHS_BYTES, &all, err));
        SP_TRY(take_paths(repo, all, is_home_inside ? sp_path_below(repo->home, repo->top) : (sp_str){ NULL, 0 }, err));
    }
    *ret = repo->unversioned;
    *ret_count = repo->unversioned_count;
    return SP_OK;
}

/* ---- commits -------------------------------------------------------------------------------------- */

/* Branches and tags, and their names without refs/heads/ and the like. */
static sp_status find_near(sp_repo *repo, sp_str name, sp_str *ret, sp_err *err)
{
    sp_list(sp_str) names = { 0 };
    sp_str all = { NULL, 0 };
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(ASK(repo, &all, err, "for-each-ref", "--count=2000", "--sort=-creatordate", "--format=%(refname:short)",
               "refs/heads", "refs/tags", "refs/remotes"));
    for (size_t at = 0; at < all.len;) {
        size_t end = sp_str_find(all, SP_STR("\n"), at);
        end = end == SIZE_MAX ? all.len : end;
        sp_str *slot = SP_LIST_PUSH(&repo->arena, &names);
        if (!slot)
            return sp_err_memory(err);
        *slot = sp_str_slice(all, at, end);
        at = end + 1;
    }
    size_t hit = sp_near(name, names.items, names.count);
    if (hit != SIZE_MAX)
        *ret = names.items[hit];
    return SP_OK;
}

static sp_status refuse_name(sp_repo *repo, sp_str name, sp_err *err)
{
    sp_str near = { NULL, 0 };
    sp_str shallow = { NULL, 0 };
    sp_err unused;
    if (find_near(repo, name, &near, &unused) == SP_ERR_NO_MEMORY ||
        ASK(repo, &shallow, &unused, "rev-parse", "--is-shallow-repository") == SP_ERR_NO_MEMORY)
        return sp_err_memory(err);
    if (sp_str_eq(name, SP_STR("HEAD")))
        return sp_err_set(err, SP_ERR_INPUT, "the repository has no commit yet");
    if (near.ptr)
        return sp_err_set(err, SP_ERR_INPUT, "there is no commit \"%.*s\"; did you mean %.*s?", SP_STR_ARG(name),
                          SP_STR_ARG(near));
    if (shallow.ptr && sp_str_starts(shallow, SP_STR("true")))
        return sp_err_set(err, SP_ERR_INPUT,
                          "there is no commit \"%.*s\" in this shallow clone; git fetch --unshallow gets "
                          "the rest of its history",
                          SP_STR_ARG(name));
    return sp_err_set(err, SP_ERR_INPUT,
                      "there is no commit \"%.*s\"; git log and git branch -a list what "
                      "there is",
                      SP_STR_ARG(name));
}

/* What git would take for an option or for more than one commit. */
static bool is_odd(sp_str name)
{
    return name.len == 0 || name.ptr[0] == '-' || name.ptr[0] == '^' ||
           sp_str_find(name, SP_STR(".."), 0) != SIZE_MAX || memchr(name.ptr, '\0', name.len) ||
           memchr(name.ptr, '\n', name.len);
}

static sp_str next_field(sp_str *rest)
{
    size_t end = sp_str_find(*rest, SP_STR("\0"), 0);
    end = end == SIZE_MAX ? rest->len : end;
    sp_str field = sp_str_slice(*rest, 0, end);
    *rest = sp_str_slice(*rest, end < rest->len ? end + 1 : end, rest->len);
    return field;
}

sp_status sp_repo_find_commit(sp_repo *repo, sp_str name, sp_commit *ret, sp_err *err)
{
    const char *arguments[MAX_WORDS];
    bool is_search = sp_str_starts(name, SP_STR(":/")); /* takes all behind it for what the message says */
    sp_str wanted = sp_str_format(&repo->arena, "%.*s%s", SP_STR_ARG(name), is_search ? "" : "^{commit}");
    if (!wanted.ptr)
        return sp_err_memory(err);
    if (is_odd(name))
        return refuse_name(repo, name, err);
    const char *const words[] = { "rev-parse", "--verify", "--quiet", wanted.ptr, NULL };
    sp_run run = make_run(repo, arguments, words, MAX_LINE_BYTES);
    SP_TRY(sp_run_program(&repo->arena, &run, err));
    if (run.state == SP_RUN_FAILED)
        return refuse_name(repo, name, err);
    if (run.state != SP_RUN_FINE)
        return refuse_state(run.state, err);
    sp_str id = sp_str_dup(&repo->arena, without_line_end(run.output));
    sp_str said = { NULL, 0 };
    if (!id.ptr)
        return sp_err_memory(err);
    SP_TRY(ASK(repo, &said, err, "log", "-1", "--no-show-signature", "--no-patch", "--encoding=UTF-8",
               "--format=tformat:%H%x00%h%x00%as%x00%s", id.ptr, "--"));
    said = without_line_end(said);
    ret->id = next_field(&said);
    ret->short_id = next_field(&said);
    ret->date = next_field(&said);
    ret->subject = next_field(&said);
    return SP_OK;
}

sp_status sp_repo_find_ancestor(sp_repo *repo, const sp_commit *a, const sp_commit *b, sp_str *ret_id, sp_err *err)
{
    const char *const words[] = { "merge-base", a->id.ptr, b->id.ptr, NULL };
    sp_run_state state;
    sp_str said;
    SP_TRY(ask(repo, &repo->arena, words, MAX_LINE_BYTES, &state, &said, err));
    if (state == SP_RUN_FAILED && said.len == 0)
        return sp_err_set(err, SP_ERR_INPUT, "%.*s and %.*s have no common ancestor; .. compares them as they are",
                          SP_STR_ARG(a->short_id), SP_STR_ARG(b->short_id));
    if (state != SP_RUN_FINE)
        return refuse_answer(repo, state, said, err);
    *ret_id = without_line_end(said);
    return SP_OK;
}

/* ---- contents ------------------------------------------------------------------------------------- */

static sp_status start_talking(sp_repo *repo, sp_err *err)
{
    static const char *const words[] = { "cat-file", "--batch", NULL };
    const char *arguments[MAX_WORDS];
    sp_run run = make_run(repo, arguments, words, 0);
    if (repo->is_talking)
        return SP_OK;
    SP_TRY(sp_talk_start(&repo->talk, &run, err));
    if (run.state != SP_RUN_FINE)
        return refuse_state(run.state, err);
    repo->is_talking = true;
    return SP_OK;
}

static void stop_talking(sp_repo *repo)
{
    if (repo->is_talking)
        sp_talk_end(&repo->talk);
    repo->is_talking = false;
}

/* Where an object is missing that could be fetched, git ends instead of saying so. */
static sp_status refuse_silence(sp_repo *repo, sp_arena *arena, sp_str object, sp_str path, sp_err *err)
{
    const char *arguments[MAX_WORDS];
    sp_str id = sp_str_dup(arena, object);
    const char *const words[] = { "cat-file", "-e", id.ptr, NULL };
    sp_run run = make_run(repo, arguments, words, MAX_LINE_BYTES);
    stop_talking(repo);
    run.with_errors = true;
    if (!id.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_run_program(arena, &run, err));
    if (run.state == SP_RUN_FAILED && run.output.len)
        return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL,
                         "its content is not in this clone, which is a partial one or damaged, and nothing is fetched "
                         "(git: %.*s)",
                         SP_STR_ARG(sp_git_reason(run.output)));
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL,
                     "git ended, or took more than %d seconds, when it was asked for the content", TIMEOUT_MS / 1000);
}

static bool is_missing(const char *line)
{
    const char *space = strchr(line, ' ');
    return space && strcmp(space, " missing") == 0;
}

/* "ID blob SIZE", or "ID missing". */
static sp_status parse_header(const char *line, sp_str path, uint64_t *ret_size, sp_err *err)
{
    const char *space = strchr(line, ' ');
    const char *size = space ? strchr(space + 1, ' ') : NULL;
    if (is_missing(line))
        return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL,
                         "its content is not in this clone, which is a partial one or damaged, and nothing is fetched; "
                         "git fetch --refetch --no-filter gets all of it");
    if (!space || strncmp(space, " blob ", 6) != 0 || !size || size[1] < '0' || size[1] > '9')
        return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL, "git answers \"%.100s\", not with a file",
                         line);
    *ret_size = strtoull(size + 1, NULL, 10);
    return SP_OK;
}

static bool drain(sp_repo *repo, uint64_t size)
{
    char bytes[4096];
    for (uint64_t left = size + 1; left > 0;) {
        size_t count = left < sizeof bytes ? (size_t)left : sizeof bytes;
        if (!sp_talk_read(&repo->talk, bytes, count))
            return false;
        left -= count;
    }
    return true;
}

static sp_status take_content(sp_repo *repo, sp_arena *arena, sp_str object, sp_str path, uint64_t max_bytes,
                              sp_file *file, sp_err *err)
{
    char line_end;
    uint64_t size = file->size_bytes;
    if (size > max_bytes) {
        file->state = SP_FILE_LARGE;
        if (size > DRAIN_BYTES || !drain(repo, size))
            stop_talking(repo);
        return SP_OK;
    }
    char *bytes = sp_arena_alloc(arena, (size_t)size + 1, 1);
    if (!bytes) {
        stop_talking(repo);
        return sp_err_memory(err);
    }
    if (!sp_talk_read(&repo->talk, bytes, (size_t)size) || !sp_talk_read(&repo->talk, &line_end, 1))
        return refuse_silence(repo, arena, object, path, err);
    file->bytes = (sp_str){ bytes, (size_t)size };
    file->state = SP_FILE_READ;
    return SP_OK;
}

sp_status sp_repo_read(sp_repo *repo, sp_arena *arena, sp_str object, sp_str path, uint64_t max_bytes, sp_file *file,
                       sp_err *err)
{
    char line[MAX_LINE_BYTES];
    sp_str question = sp_str_format(arena, "%.*s\n", SP_STR_ARG(object));
    if (!question.ptr)
        return sp_err_memory(err);
    SP_TRY(start_talking(repo, err));
    if (!sp_talk_send(&repo->talk, question) || !sp_talk_line(&repo->talk, line, sizeof line))
        return refuse_silence(repo, arena, object, path, err);
    file->state = SP_FILE_LARGE;
    file->size_bytes = 0;
    if (max_bytes == 0 && is_missing(line))
        return SP_OK;
    SP_TRY(parse_header(line, path, &file->size_bytes, err));
    return take_content(repo, arena, object, path, max_bytes, file, err);
}
