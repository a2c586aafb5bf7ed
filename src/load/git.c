/*
 * git.c - branch, changes and latest commits, as git itself says them.
 *
 * The repository may have come from anywhere: git is run as git_setup.h has it, the user's and the system's
 * configuration are left out, and it is told which repository it works in (git_dir.h).
 */
#include "load/git.h"

#include "base/run.h"
#include "base/system.h"
#include "base/types.h"
#include "git/git_dir.h"
#include "git/git_setup.h"
#include "model/request.h"

#include <stdatomic.h>
#include <stdio.h>

enum {
    TIMEOUT_MS = 10000, /* of all questions together */
    MAX_OUTPUT_BYTES = 262144,
    MAX_INDEX_BYTES = 1 << 26, /* of the names in the index, which a million files need */
    MAX_FILTERS = 64,
    MAX_ARGUMENTS = 16,
    COMMITS = 5,
};

#define SLOW_FOR_NS ((uint64_t)60 * 1000000000)

typedef struct job {
    const sp_loader *loader;
    uint64_t deadline_ns;
    sp_git_setup setup;
    sp_git_dir git;
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

/* Where git was too slow in a repository, all questions would wait as long again: of each directory that a budget is
 * about, for one. So none is asked there for a while. */
static _Atomic uint64_t slow_repository; /* a hash of its path */
static _Atomic uint64_t slow_until_ns;

static uint64_t hash_of(sp_str path)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < path.len; i++)
        hash = (hash ^ (unsigned char)path.ptr[i]) * 1099511628211u;
    return hash;
}

static bool is_known_as_slow(sp_str top)
{
    return slow_repository == hash_of(top) && sp_coarse_ns() < slow_until_ns;
}

static void remember_as_slow(sp_str top)
{
    slow_repository = hash_of(top);
    slow_until_ns = sp_coarse_ns() + SLOW_FOR_NS;
}

/* What git prints for these words, without the last line end; ptr NULL when it fails. */
static sp_status ask(job *j, sp_str directory, size_t max_bytes, const char *const *words, sp_str *ret)
{
    const char *arguments[MAX_ARGUMENTS] = { j->program.ptr, "--no-pager", "-C", directory.ptr };
    size_t count = 4;
    uint64_t now = sp_coarse_ns(), left_ms = now < j->deadline_ns ? (j->deadline_ns - now) / 1000000 : 0;
    sp_run run = { .arguments = arguments, .timeout_ms = (int)left_ms, .max_bytes = max_bytes };
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
    if (run.state == SP_RUN_SLOW)
        remember_as_slow(j->loader->here->repository);
    while (ret->len && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
    return SP_OK;
}

#define ASK(j, ret, ...)                                                                                               \
    ask(j, (j)->loader->here->launch, MAX_OUTPUT_BYTES, (const char *const[]){ __VA_ARGS__, NULL }, ret)
#define ASK_AT_TOP(j, ret, ...) ask(j, (j)->git.top, MAX_INDEX_BYTES, (const char *const[]){ __VA_ARGS__, NULL }, ret)

/* ---- what the repository's configuration would run ---------------------------------------------------------- */

static sp_status override_filter(job *j, sp_str setting)
{
    bool is_required = sp_str_ends(setting, SP_STR(".required"));
    sp_str key = sp_str_dup(j->loader->arena, setting);
    if (!key.ptr)
        return sp_err_memory(j->err);
    if (++j->filter_count > MAX_FILTERS)
        j->problem = "its configuration has too many filters";
    return j->problem ? SP_OK : sp_git_setup_override(&j->setup, key.ptr, is_required ? "false" : "", j->err);
}

/* Filters turn what is in a file into what git compares: each is a program. */
static sp_status override_filters(job *j)
{
    sp_git_setting setting;
    for (size_t at = 0; sp_git_setting_next(j->setup.settings, &at, &setting);)
        if (sp_str_starts(setting.key, SP_STR("filter.")))
            SP_TRY(override_filter(j, setting.key));
    return SP_OK;
}

/* ---- which repository --------------------------------------------------------------------------------------- */

static const char leads_out[] = "its .git leads outside of --root";

/* The repository of the place, and nothing that lies on the way to it: where its .git is broken, git would go on to the
 * directory above, and a directory on the way down may look like a bare repository. */
static sp_status find_repository(job *j)
{
    const sp_place *here = j->loader->here;
    sp_git_dir *git = &j->git;
    SP_TRY(sp_git_dir_find(j->loader->arena, &sp_reader_disk, here->launch, here->root, here->allowed, git, j->err));
    bool is_outside = git->is_bounded && (!git->dir.ptr || !sp_path_is_within(git->dir, here->root));
    if (is_known_as_slow(here->repository))
        j->problem = problems[SP_RUN_SLOW];
    else if (git->is_bare)
        j->problem = git->problem.ptr;
    else if (!git->top.ptr)
        j->problem = "git refuses to look at it";
    else if (is_outside)
        j->problem = leads_out;
    return SP_OK;
}

/* The index of a repository that came in an archive may hold names that lead out of the work tree, and git would tell
 * whether such files changed. */
static sp_status check_index(job *j)
{
    sp_str names;
    SP_TRY(ASK_AT_TOP(j, &names, "ls-files", "-z"));
    for (size_t at = 0; names.ptr && at < names.len; at += strlen(names.ptr + at) + 1) {
        sp_str name = sp_str_of(names.ptr + at);
        if (sp_str_starts(name, SP_STR("/")) || sp_str_starts(name, SP_STR("../")) ||
            sp_str_find(name, SP_STR("/../"), 0) != SIZE_MAX)
            j->problem = "its index has names that lead out of it";
    }
    return SP_OK;
}

static sp_status prepare(job *j)
{
    const sp_place *here = j->loader->here;
    SP_TRY(sp_git_find(j->loader->arena, here->launch, &j->program, j->err));
    SP_TRY(sp_git_setup_begin(&j->setup, (sp_str){ NULL, 0 }, j->err));
    SP_TRY(find_repository(j));
    j->git.may_lead_out = here->request->allow_external_links && !j->git.is_bounded;
    if (!j->problem)
        SP_TRY(sp_git_enter(&j->setup, j->program, &j->git, here->home, false, j->err));
    if (!j->problem && j->git.problem.ptr)
        j->problem = j->git.problem.ptr;
    if (j->setup.was_slow)
        remember_as_slow(here->repository);
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

/* A detached HEAD is called so. The head of git status would save a process, but git looks up the upstream for it, by
 * the repository's configuration. */
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
    bool is_known = sp_str_starts(*ret, SP_STR("origin/")) && ret->len > strlen("origin/");
    *ret = is_known ? sp_str_slice(*ret, strlen("origin/"), ret->len) : SP_STR("main");
    return SP_OK;
}

/* Whether a setting comes from the repository's own files, and not from one that they include. */
static bool is_own(const job *j, sp_str origin)
{
    static const char file[] = "file:";
    sp_str path = sp_str_starts(origin, sp_str_of(file)) ? sp_str_slice(origin, strlen(file), origin.len) : origin;
    sp_str directory = sp_path_folder(path), name = sp_path_base(path);
    return (sp_str_eq(directory, j->git.dir) || sp_str_eq(directory, j->git.common)) &&
           (sp_str_eq(name, SP_STR("config")) || sp_str_eq(name, SP_STR("config.worktree")));
}

/* As the repository names the user, else as ~/.gitconfig does. */
static sp_status find_user(job *j, sp_str *ret)
{
    sp_str path;
    sp_git_setting setting;
    *ret = (sp_str){ NULL, 0 };
    for (size_t at = 0; sp_git_setting_next(j->setup.settings, &at, &setting);)
        if (sp_str_eq(setting.key, SP_STR("user.name")) && is_own(j, setting.origin))
            *ret = setting.value;
    while (ret->len && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
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
    if (!revision)
        SP_TRY(check_index(j));
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
    job j = { .loader = loader,
              .deadline_ns = sp_coarse_ns() + TIMEOUT_MS * (uint64_t)1000000,
              .setup = { .arena = loader->arena },
              .err = err };
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
