/*
 * git.c - branch, changes and latest commits, as git itself says them.
 *
 * A repository's configuration may name programs that git runs (a file system monitor, filters, hooks, a signature
 * checker), and the repository may have come from anywhere. So the user's and the system's configuration are left out,
 * what the repository's names is overridden, and there is no protocol by which anything could be fetched. Nor may it
 * lead git out of --root: see stay_within_root.
 */
#include "load/git.h"

#include "base/run.h"

#include <stdio.h>

enum {
    TIMEOUT_MS = 10000,
    MAX_OUTPUT_BYTES = 262144,
    MAX_FILTERS = 64,
    MAX_ARGUMENTS = 16,
    COMMITS = 5,
};

/* Configuration that overrides what the repository says. */
static const char *const overrides[][2] = {
    { "core.fsmonitor", "false" },
    { "core.hooksPath", "/dev/null" },
    { "core.untrackedCache", "false" },
    { "log.showSignature", "false" },
    { "log.mailmap", "false" },
    { "color.ui", "false" },
    { "status.submoduleSummary", "false" },
    { "submodule.recurse", "false" },
    { "protocol.allow", "never" },
    { "core.pager", "cat" },
};

static const char *const fixed_environment[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "HOME=/nonexistent",
    "LC_ALL=C",
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ALLOW_PROTOCOL=none",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_PAGER=cat",
};

typedef struct job {
    const sp_loader *loader;
    sp_list(const char *) environment;
    size_t config_count;
    const char *problem;
    sp_err *err;
} job;

static sp_status add_variable(job *j, sp_str variable)
{
    const char **slot = variable.ptr ? SP_LIST_PUSH(j->loader->arena, &j->environment) : NULL;
    if (!slot)
        return sp_err_memory(j->err);
    *slot = variable.ptr;
    return SP_OK;
}

static sp_status override(job *j, const char *key, const char *value)
{
    sp_arena *arena = j->loader->arena;
    SP_TRY(add_variable(j, sp_str_format(arena, "GIT_CONFIG_KEY_%zu=%s", j->config_count, key)));
    SP_TRY(add_variable(j, sp_str_format(arena, "GIT_CONFIG_VALUE_%zu=%s", j->config_count, value)));
    j->config_count++;
    return SP_OK;
}

/* ---- asking ------------------------------------------------------------------------------------------------- */

/* The variables so far, how many of them are configuration, and the end. */
static sp_status end_environment(job *j, const char *const **ret)
{
    size_t count = j->environment.count;
    SP_TRY(add_variable(j, sp_str_format(j->loader->arena, "GIT_CONFIG_COUNT=%zu", j->config_count)));
    const char **end = SP_LIST_PUSH(j->loader->arena, &j->environment);
    if (!end)
        return sp_err_memory(j->err);
    *end = NULL;
    *ret = j->environment.items;
    j->environment.count = count;
    return SP_OK;
}

static const char *const problems[] = {
    [SP_RUN_ABSENT] = "git cannot be run",
    [SP_RUN_SLOW] = "git took too long",
    [SP_RUN_TOO_MUCH] = "git has too much to say",
};

/* What git prints for these words, without the last line end; ptr NULL when it fails. */
static sp_status ask(job *j, const char *const *words, sp_str *ret)
{
    const char *arguments[MAX_ARGUMENTS] = { "git", "--no-pager", "-C", j->loader->launch.ptr };
    size_t count = 4;
    sp_run run = { .arguments = arguments, .timeout_ms = TIMEOUT_MS, .max_bytes = MAX_OUTPUT_BYTES };
    *ret = (sp_str){ NULL, 0 };
    for (; *words && count < MAX_ARGUMENTS - 1; words++)
        arguments[count++] = *words;
    if (j->problem)
        return SP_OK;
    SP_TRY(end_environment(j, &run.environment));
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
    if (j->config_count >= SP_COUNT_OF(overrides) + MAX_FILTERS)
        j->problem = "its configuration has too many filters";
    return j->problem ? SP_OK : override(j, key, is_required ? "false" : "");
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

/* Files that name another place to read from. */
static const char *const pointers[] = { "commondir", "objects/info/alternates" };

/* Folders of .git in which a link would do the same; "" is .git itself. Deeper down there is only what is named by its
 * content. */
static const char *const folders[] = { "", "objects", "objects/info", "objects/pack", "refs" };

/* What stands there, without reading it. */
static sp_status look_at(const job *j, sp_str folder, sp_str name, sp_file *ret)
{
    sp_str path = sp_path_join(j->loader->arena, folder, name);
    if (!path.ptr)
        return sp_err_memory(j->err);
    return j->loader->reader->read(j->loader->arena, path, (sp_read_limits){ .root = j->loader->allowed }, ret, j->err);
}

static sp_status check_links(job *j, sp_str folder)
{
    sp_listing listing;
    SP_TRY(j->loader->reader->list(j->loader->arena, folder, (sp_read_limits){ .root = j->loader->allowed }, &listing,
                                   j->err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        sp_file file = { .state = SP_FILE_ABSENT };
        if (listing.entries[i].is_link)
            SP_TRY(look_at(j, folder, listing.entries[i].name, &file));
        if (file.state == SP_FILE_OUTSIDE)
            j->problem = leads_out;
    }
    return SP_OK;
}

static sp_status check_files(job *j, sp_str git_dir)
{
    for (size_t i = 0; i < SP_COUNT_OF(pointers); i++) {
        sp_file file = { .state = SP_FILE_ABSENT };
        SP_TRY(look_at(j, git_dir, sp_str_of(pointers[i]), &file));
        if (file.state != SP_FILE_ABSENT)
            j->problem = leads_out;
    }
    for (size_t i = 0; i < SP_COUNT_OF(folders); i++) {
        sp_str folder = sp_path_join(j->loader->arena, git_dir, sp_str_of(folders[i]));
        if (!folder.ptr)
            return sp_err_memory(j->err);
        SP_TRY(check_links(j, folder));
    }
    return SP_OK;
}

/* The repository's .git has to be a folder that names no other place, and the one that git finds: where it is broken,
 * git goes on to the folder above, and a folder on the way down may look like a bare repository. The files that git
 * compares are those around it, whatever core.worktree says. */
static sp_status stay_within_root(job *j)
{
    const sp_loader *loader = j->loader;
    sp_file git_dir = { .state = SP_FILE_ABSENT };
    sp_str found;
    if (sp_str_eq(loader->root, SP_STR("/")))
        return SP_OK;
    SP_TRY(look_at(j, loader->repository, SP_STR(".git"), &git_dir));
    if (git_dir.state == SP_FILE_FOLDER)
        SP_TRY(check_files(j, git_dir.real_path));
    else
        j->problem = leads_out;
    SP_TRY(add_variable(j, sp_str_format(loader->arena, "GIT_WORK_TREE=%.*s", SP_STR_ARG(loader->repository))));
    SP_TRY(ASK(j, &found, "rev-parse", "--absolute-git-dir"));
    if (!j->problem && found.ptr && !sp_str_eq(found, git_dir.real_path))
        j->problem = leads_out;
    return SP_OK;
}

static sp_status prepare(job *j)
{
    for (size_t i = 0; i < SP_COUNT_OF(fixed_environment); i++)
        SP_TRY(add_variable(j, sp_str_of(fixed_environment[i])));
    SP_TRY(add_variable(j, sp_str_format(j->loader->arena, "GIT_CEILING_DIRECTORIES=%.*s",
                                         SP_STR_ARG(sp_path_folder(j->loader->repository)))));
    for (size_t i = 0; i < SP_COUNT_OF(overrides); i++)
        SP_TRY(override(j, overrides[i][0], overrides[i][1]));
    SP_TRY(stay_within_root(j));
    return override_filters(j);
}

/* ---- the facts ---------------------------------------------------------------------------------------------- */

static sp_status find_branch(job *j, sp_str *ret)
{
    sp_str commit;
    SP_TRY(ASK(j, ret, "branch", "--show-current"));
    if (ret->len)
        return SP_OK;
    SP_TRY(ASK(j, &commit, "rev-parse", "--short", "HEAD"));
    *ret = sp_str_format(j->loader->arena, "(detached at %.*s)", SP_STR_ARG(commit));
    return ret->ptr ? SP_OK : sp_err_memory(j->err);
}

/* The one that pull requests go to: what the remote's HEAD is, else main or master if there is one. */
static sp_status find_main_branch(job *j, sp_str *ret)
{
    static const char *const names[] = { "main", "master" };
    static const char *const references[] = { "refs/heads/main", "refs/heads/master" };
    sp_str commit;
    SP_TRY(ASK(j, ret, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"));
    if (ret->len > strlen("origin/")) {
        *ret = sp_str_slice(*ret, strlen("origin/"), ret->len);
        return SP_OK;
    }
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        SP_TRY(ASK(j, &commit, "rev-parse", "--quiet", "--verify", references[i]));
        *ret = commit.len ? sp_str_of(names[i]) : SP_STR("(unknown)");
        if (commit.len)
            break;
    }
    return SP_OK;
}

static sp_status find_rest(job *j, sp_git_facts *facts)
{
    char count[16];
    snprintf(count, sizeof count, "-%d", (int)COMMITS);
    SP_TRY(ASK(j, &facts->status, "status", "--short", "--ignore-submodules=all", "--untracked-files=normal"));
    SP_TRY(ASK(j, &facts->commits, "log", "--oneline", "--no-decorate", "--no-show-signature", "--no-abbrev-commit",
               "--abbrev-commit", count));
    if (!facts->status.ptr && !j->problem)
        j->problem = "git refuses to look at it";
    if (facts->status.ptr && !facts->status.len)
        facts->status = SP_STR("(none)");
    if (!facts->commits.len)
        facts->commits = SP_STR("(none)");
    return SP_OK;
}

sp_status sp_git_ask(const sp_loader *loader, sp_git_facts *ret, sp_err *err)
{
    job j = { .loader = loader, .err = err };
    sp_git_facts facts = { .problem = NULL };
    SP_TRY(prepare(&j));
    SP_TRY(find_branch(&j, &facts.branch));
    SP_TRY(find_main_branch(&j, &facts.main_branch));
    SP_TRY(find_rest(&j, &facts));
    facts.problem = j.problem;
    *ret = facts;
    return SP_OK;
}
