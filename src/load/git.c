/*
 * git.c - branch, changes and latest commits, as git itself says them.
 *
 * The repository may have come from anywhere: git is run as git_setup.h has it, the user's and the system's
 * configuration are left out, and it may not lead git out of --root (stay_within_root).
 */
#include "load/git.h"

#include "base/run.h"
#include "base/types.h"
#include "git/git_setup.h"
#include "model/request.h"

#include <stdio.h>

enum {
    TIMEOUT_MS = 10000,
    MAX_OUTPUT_BYTES = 262144,
    MAX_FILTERS = 64,
    MAX_ARGUMENTS = 16,
    COMMITS = 5,
};

typedef struct job {
    const sp_loader *loader;
    sp_git_setup setup;
    sp_str program;
    size_t filter_count;
    const char *problem;
    sp_err *err;
} job;

/* ---- asking ------------------------------------------------------------------------------------------------- */

static const char *const problems[] = {
    [SP_RUN_ABSENT] = "git cannot be run",
    [SP_RUN_SLOW] = "git took too long",
    [SP_RUN_TOO_MUCH] = "git has too much to say",
};

/* What git prints for these words, without the last line end; ptr NULL when it fails. */
static sp_status ask(job *j, const char *const *words, sp_str *ret)
{
    const char *arguments[MAX_ARGUMENTS] = { j->program.ptr, "--no-pager", "-C", j->loader->here->launch.ptr };
    size_t count = 4;
    sp_run run = { .arguments = arguments, .timeout_ms = TIMEOUT_MS, .max_bytes = MAX_OUTPUT_BYTES };
    *ret = (sp_str){ NULL, 0 };
    for (; *words && count < MAX_ARGUMENTS - 1; words++)
        arguments[count++] = *words;
    if (j->problem)
        return SP_OK;
    SP_TRY(sp_git_setup_end(&j->setup, &run.environment, j->err));
    SP_TRY(sp_run_program(j->loader->arena, &run, j->err));
    if (run.state == SP_RUN_FINE)
        *ret = run.output;
    else if (run.state != SP_RUN_FAILED)
        j->problem = problems[run.state];
    while (ret->len && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
    return SP_OK;
}

#define ASK(j, ret, ...) ask(j, (const char *const[]){ __VA_ARGS__, NULL }, ret)

/* ---- what the repository's configuration would run ---------------------------------------------------------- */

static sp_status override_filter(job *j, const char *key)
{
    bool is_required = sp_str_ends(sp_str_of(key), SP_STR(".required"));
    if (++j->filter_count > MAX_FILTERS)
        j->problem = "its configuration has too many filters";
    return j->problem ? SP_OK : sp_git_setup_override(&j->setup, key, is_required ? "false" : "", j->err);
}

/* Filters turn what is in a file into what git compares: each is a program. */
static sp_status override_filters(job *j)
{
    sp_str keys;
    SP_TRY(ASK(j, &keys, "config", "--null", "--name-only", "--get-regexp", "^filter[.]"));
    for (size_t at = 0; keys.ptr && at < keys.len; at += strlen(keys.ptr + at) + 1)
        SP_TRY(override_filter(j, keys.ptr + at));
    return SP_OK;
}

/* ---- staying within --root ---------------------------------------------------------------------------------- */

static const char leads_out[] = "its .git leads outside of --root";

/* What stands there, without reading it. */
static sp_status look_at(const job *j, sp_str folder, sp_str name, sp_file *ret)
{
    sp_str path = sp_path_join(j->loader->arena, folder, name);
    if (!path.ptr)
        return sp_err_memory(j->err);
    return sp_reader_read(j->loader->here->reader, j->loader->arena, path,
                          (sp_read_limits){ .root = j->loader->here->allowed }, ret, j->err);
}

/* The repository's .git has to be a folder that names no other place, and the one that git finds: where it is broken,
 * git goes on to the folder above, and a folder on the way down may look like a bare repository. The files that git
 * compares are those around it, whatever core.worktree says. */
static sp_status stay_within_root(job *j)
{
    const sp_loader *loader = j->loader;
    sp_file git_dir = { .state = SP_FILE_ABSENT };
    sp_str found;
    if (sp_str_eq(loader->here->root, SP_STR("/")))
        return SP_OK;
    SP_TRY(look_at(j, loader->here->repository, SP_STR(".git"), &git_dir));
    bool is_outside = git_dir.state != SP_FILE_FOLDER;
    if (!is_outside)
        SP_TRY(sp_git_leads_out(loader->arena, git_dir.real_path, loader->here->allowed, &is_outside, j->err));
    if (is_outside)
        j->problem = leads_out;
    SP_TRY(sp_git_setup_add(
        &j->setup, sp_str_format(loader->arena, "GIT_WORK_TREE=%.*s", SP_STR_ARG(loader->here->repository)), j->err));
    SP_TRY(ASK(j, &found, "rev-parse", "--absolute-git-dir"));
    if (!j->problem && found.ptr && !sp_str_eq(found, git_dir.real_path))
        j->problem = leads_out;
    return SP_OK;
}

static sp_status prepare(job *j)
{
    SP_TRY(sp_git_find(j->loader->arena, j->loader->here->launch, &j->program, j->err));
    SP_TRY(sp_git_setup_begin(&j->setup, (sp_str){ NULL, 0 }, j->err));
    SP_TRY(sp_git_setup_add(&j->setup,
                            sp_str_format(j->loader->arena, "GIT_CEILING_DIRECTORIES=%.*s",
                                          SP_STR_ARG(sp_path_folder(j->loader->here->repository))),
                            j->err));
    SP_TRY(stay_within_root(j));
    return override_filters(j);
}

/* ---- the facts ---------------------------------------------------------------------------------------------- */

/* Of a revision that is a branch, its name; a checkout of any other, such as main~1, has no branch. */
static sp_status find_branch_of(job *j, const sp_revision *revision, sp_str *ret)
{
    sp_str commit;
    sp_str name = sp_str_format(j->loader->arena, "refs/heads/%.*s", SP_STR_ARG(revision->name));
    if (!name.ptr)
        return sp_err_memory(j->err);
    SP_TRY(ASK(j, &commit, "show-ref", "--verify", name.ptr));
    *ret = commit.len ? revision->name : SP_STR("HEAD");
    return SP_OK;
}

/* A detached HEAD is called so. */
static sp_status find_branch(job *j, sp_str *ret)
{
    const sp_revision *revision = j->loader->here->request->revision;
    if (revision)
        return find_branch_of(j, revision, ret);
    SP_TRY(ASK(j, ret, "branch", "--show-current"));
    if (!ret->len)
        *ret = SP_STR("HEAD");
    return SP_OK;
}

/* The one that pull requests go to: what the remote's HEAD is, else main, even if there is none. */
static sp_status find_main_branch(job *j, sp_str *ret)
{
    SP_TRY(ASK(j, ret, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"));
    bool is_known = ret->len > strlen("origin/");
    *ret = is_known ? sp_str_slice(*ret, strlen("origin/"), ret->len) : SP_STR("main");
    return SP_OK;
}

/* As the repository names the user, else as ~/.gitconfig does. */
static sp_status find_user(job *j, sp_str *ret)
{
    sp_str path;
    SP_TRY(ASK(j, ret, "config", "--get", "user.name"));
    if (ret->len || !j->loader->here->home.ptr)
        return SP_OK;
    path = sp_path_join(j->loader->arena, j->loader->here->home, SP_STR(".gitconfig"));
    if (!path.ptr)
        return sp_err_memory(j->err);
    return ASK(j, ret, "config", "--no-includes", "--file", path.ptr, "--get", "user.name");
}

/* The offset after as many UTF-16 units, which is how JavaScript counts characters. */
static size_t after_units(sp_str text, size_t most)
{
    size_t at = 0;
    for (size_t units = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        units += length ? sp_utf16_units(code) : 1;
        if (units > most)
            break;
        at += length ? length : bad;
    }
    return at;
}

/* Omits what is over the limit; the client says so below. */
static sp_status limit_status(job *j, sp_str *status)
{
    long long most = (long long)sp_rule_value(j->loader->here->profile, SP_RULE_AGENT_GIT_CHARACTERS);
    size_t end = most ? after_units(*status, (size_t)most) : status->len;
    if (end == status->len)
        return SP_OK;
    *status = sp_str_format(j->loader->arena, "%.*s\n(cut: at most %lld characters of the changes are sent)", (int)end,
                            status->ptr, most);
    return status->ptr ? SP_OK : sp_err_memory(j->err);
}

/* A revision is as it is just after its checkout: nothing is changed. */
static sp_status find_rest(job *j, sp_git_facts *facts)
{
    const sp_revision *revision = j->loader->here->request->revision;
    char count[16];
    snprintf(count, sizeof count, "-%d", (int)COMMITS);
    if (revision)
        facts->status = SP_STR("");
    else
        SP_TRY(ASK(j, &facts->status, "status", "--short", "--ignore-submodules=all", "--untracked-files=normal"));
    SP_TRY(ASK(j, &facts->commits, "log", "--oneline", "--no-decorate", "--no-show-signature", "--no-abbrev-commit",
               "--abbrev-commit", count, revision ? revision->id.ptr : "HEAD"));
    if (!facts->status.ptr && !j->problem)
        j->problem = "git refuses to look at it";
    if (facts->status.ptr && !facts->status.len)
        facts->status = SP_STR("(none)");
    SP_TRY(limit_status(j, &facts->status));
    if (!facts->commits.len)
        facts->commits = SP_STR("(none)");
    return SP_OK;
}

sp_status sp_git_ask(const sp_loader *loader, sp_git_facts *ret, sp_err *err)
{
    job j = { .loader = loader, .setup = { .arena = loader->arena }, .err = err };
    sp_git_facts facts = { .problem = NULL };
    SP_TRY(prepare(&j));
    SP_TRY(find_branch(&j, &facts.branch));
    SP_TRY(find_main_branch(&j, &facts.main_branch));
    SP_TRY(find_user(&j, &facts.user));
    SP_TRY(find_rest(&j, &facts));
    facts.problem = j.problem;
    *ret = facts;
    return SP_OK;
}
