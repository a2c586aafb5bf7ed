#include "git/git_setup.h"
#include "base/run.h"
#include "base/system.h"
#include "base/types.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const overrides[][2] = {
    { "core.fsmonitor", "false" },
    { "core.hooksPath", "/dev/null" },
    { "core.untrackedCache", "false" },
    { "log.showSignature", "false" },
    { "log.mailmap", "false" },
    { "color.ui", "false" },
    { "color.status", "false" },
    { "color.diff", "false" },
    { "status.submoduleSummary", "false" },
    { "submodule.recurse", "false" },
    { "protocol.allow", "never" },
    { "core.pager", "cat" },
    { "core.attributesFile", "/dev/null" },
    { "core.multiPackIndex", "false" }, /* it names packs, which may be another repository's */
    { "safe.bareRepository", "explicit" },
    { "diff.orderFile", "/dev/null" }, /* git ends where the one of the user's configuration is missing */
};

static const char *const fixed_variables[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "LC_ALL=C",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ALLOW_PROTOCOL=none",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_NO_REPLACE_OBJECTS=1", /* what a commit's id names, whatever refs/replace has in its place */
    "GIT_PAGER=cat",
};

static const char *const without_home[] = {
    "HOME=/nonexistent",
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null",
};

sp_status sp_git_setup_add(sp_git_setup *setup, sp_str variable, sp_err *err)
{
    const char **slot = variable.ptr ? SP_LIST_PUSH(setup->arena, &setup->variables) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = variable.ptr;
    return SP_OK;
}

sp_status sp_git_setup_override(sp_git_setup *setup, const char *key, const char *value, sp_err *err)
{
    SP_TRY(
        sp_git_setup_add(setup, sp_str_format(setup->arena, "GIT_CONFIG_KEY_%zu=%s", setup->config_count, key), err));
    SP_TRY(sp_git_setup_add(setup, sp_str_format(setup->arena, "GIT_CONFIG_VALUE_%zu=%s", setup->config_count, value),
                            err));
    setup->config_count++;
    return SP_OK;
}

sp_status sp_git_setup_begin(sp_git_setup *setup, sp_str home, sp_err *err)
{
    for (size_t i = 0; i < SP_COUNT_OF(fixed_variables); i++)
        SP_TRY(sp_git_setup_add(setup, sp_str_of(fixed_variables[i]), err));
    for (size_t i = 0; !home.ptr && i < SP_COUNT_OF(without_home); i++)
        SP_TRY(sp_git_setup_add(setup, sp_str_of(without_home[i]), err));
    if (home.ptr)
        SP_TRY(sp_git_setup_add(setup, sp_str_format(setup->arena, "HOME=%.*s", SP_STR_ARG(home)), err));
    for (size_t i = 0; i < SP_COUNT_OF(overrides); i++)
        SP_TRY(sp_git_setup_override(setup, overrides[i][0], overrides[i][1], err));
    return SP_OK;
}

sp_status sp_git_setup_end(sp_git_setup *setup, const char *const **ret, sp_err *err)
{
    size_t count = setup->variables.count;
    SP_TRY(sp_git_setup_add(setup, sp_str_format(setup->arena, "GIT_CONFIG_COUNT=%zu", setup->config_count), err));
    const char **end = SP_LIST_PUSH(setup->arena, &setup->variables);
    if (!end)
        return sp_err_memory(err);
    *end = NULL;
    *ret = setup->variables.items;
    setup->variables.count = count;
    return SP_OK;
}

/* ---- the program ---------------------------------------------------------------------------------------------- */

/* What stands at folder/name, without reading it. */
static sp_status look(sp_arena *arena, sp_str folder, const char *name, sp_file *ret, sp_err *err)
{
    sp_str path = sp_path_join(arena, folder, sp_str_of(name));
    return path.ptr ? sp_reader_read(&sp_reader_disk, arena, path, (sp_read_limits){ 0 }, ret, err)
                    : sp_err_memory(err);
}

/* The nearest directory at or above folder that has a .git, else folder. */
static sp_status find_around(sp_arena *arena, sp_str folder, sp_str *ret, sp_err *err)
{
    *ret = folder;
    for (sp_str at = folder;; at = sp_path_folder(at)) {
        sp_file mark = { .state = SP_FILE_ABSENT };
        SP_TRY(look(arena, at, ".git", &mark, err));
        if (mark.state == SP_FILE_FOLDER || sp_file_exists(&mark)) {
            *ret = at;
            return SP_OK;
        }
        if (sp_str_eq(at, sp_path_folder(at)))
            return SP_OK;
    }
}

sp_status sp_git_find(sp_arena *arena, sp_str folder, sp_str *ret, sp_err *err)
{
    sp_str around;
    const char *variable = getenv("PATH");
    sp_str all = sp_str_of(variable ? variable : "");
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(find_around(arena, folder, &around, err));
    for (size_t at = 0, end; at < all.len && !ret->ptr; at = end + 1) {
        sp_file file = { .state = SP_FILE_ABSENT };
        size_t colon = sp_str_find(all, SP_STR(":"), at);
        end = colon == SIZE_MAX ? all.len : colon;
        sp_str one = sp_str_slice(all, at, end);
        if (!sp_str_starts(one, SP_STR("/")))
            continue;
        SP_TRY(look(arena, one, "git", &file, err));
        if (sp_file_exists(&file) && !sp_path_is_within(file.real_path, around) &&
            access(file.real_path.ptr, X_OK) == 0)
            *ret = file.real_path;
    }
    return SP_OK;
}

/* ---- one repository ------------------------------------------------------------------------------------------- */

enum {
    CONFIG_TIMEOUT_MS = 5000,
    MAX_CONFIG_BYTES = 1 << 22,
    MAX_INCLUDED = 16, /* files that include one another */
    MAX_WORDS = 16,
};

typedef struct entering {
    sp_git_setup *setup;
    sp_git_dir *git;
    sp_str program;
    sp_str home;
    size_t included;
    sp_err *err;
} entering;

static sp_status refuse(entering *e, sp_str problem)
{
    if (!problem.ptr)
        return sp_err_memory(e->err);
    e->git->problem = problem;
    return SP_OK;
}

static const char *const problems[] = {
    [SP_RUN_ABSENT] = "git cannot be run",
    [SP_RUN_SLOW] = "git took too long to read its configuration",
    [SP_RUN_TOO_MUCH] = "its configuration is larger than the 4 MiB that are read",
};

sp_str sp_git_reason(sp_str said)
{
    size_t at = sp_str_find(said, SP_STR("fatal: "), 0);
    sp_str line = sp_str_trim(at == SIZE_MAX ? said : sp_str_slice(said, at + strlen("fatal: "), said.len));
    size_t end = sp_str_find(line, SP_STR("\n"), 0);
    return sp_str_slice(line, 0, end == SIZE_MAX ? line.len : end);
}

/* What git config prints for these words; ptr NULL where it fails, and *ret_why, unless it is NULL, is the problem. */
static sp_status run_config(entering *e, sp_git_setup *setup, const char *const *words, sp_str *ret, sp_str *ret_why)
{
    const char *arguments[MAX_WORDS] = { e->program.ptr, "--no-pager", "-C", "/", "config", "--null" };
    size_t count = 6;
    sp_run run = { .arguments = arguments, .timeout_ms = CONFIG_TIMEOUT_MS, .max_bytes = MAX_CONFIG_BYTES };
    for (; *words && count < MAX_WORDS - 1; words++)
        arguments[count++] = *words;
    SP_TRY(sp_git_setup_end(setup, &run.environment, e->err));
    SP_TRY(sp_run_program(setup->arena, &run, e->err));
    *ret = run.state == SP_RUN_FINE ? run.output : (sp_str){ NULL, 0 };
    e->setup->was_slow |= run.state == SP_RUN_SLOW;
    if (!ret_why || run.state == SP_RUN_FINE)
        return SP_OK;
    if (run.state != SP_RUN_FAILED) {
        *ret_why = sp_str_of(problems[run.state]);
        return SP_OK;
    }
    run.with_errors = true;
    SP_TRY(sp_run_program(setup->arena, &run, e->err));
    sp_str reason = sp_git_reason(run.output);
    *ret_why = sp_str_format(setup->arena, "its configuration cannot be read by git, which says: %.*s",
                             SP_STR_ARG(reason.len ? reason : SP_STR("nothing")));
    return SP_OK;
}

/* The same outside of every repository. With a file, that alone is read, else the configuration of the user and the
 * system. */
static sp_status ask_config(entering *e, sp_str home, const char *const *words, sp_str *ret, sp_str *ret_why)
{
    sp_git_setup own = { .arena = e->setup->arena };
    SP_TRY(sp_git_setup_begin(&own, home, e->err));
    SP_TRY(sp_git_setup_add(&own, SP_STR("GIT_DIR=/dev/null"), e->err));
    return run_config(e, &own, words, ret, ret_why);
}

/* ---- whose it is */

/* Whether a value of safe.directory is about the repository: its path, one above it with a star, or a star alone. */
static bool is_about(sp_str value, sp_str top)
{
    bool is_above = sp_str_ends(value, SP_STR("/*"));
    if (sp_str_eq(value, SP_STR("*")))
        return true;
    value.len -= is_above ? 2 : 0;
    while (value.len > 1 && sp_str_ends(value, SP_STR("/")))
        value.len--;
    return value.len && (is_above ? sp_path_is_within(top, value) : sp_str_eq(top, value));
}

/* Whether the user, or the system, says that the owner does not matter. An empty value takes back those before it. */
static sp_status is_declared_safe(entering *e, bool *ret)
{
    static const char *const words[] = { "--type=path", "--get-all", "safe.directory", NULL };
    sp_str all;
    *ret = false;
    if (!e->home.ptr)
        return SP_OK;
    SP_TRY(ask_config(e, e->home, words, &all, NULL));
    for (size_t at = 0; all.ptr && at < all.len;) {
        sp_str value = sp_str_of(all.ptr + at);
        *ret = value.len && (*ret || is_about(value, e->git->top));
        at += value.len + 1;
    }
    return SP_OK;
}

/* git itself does not ask for the owner of a repository that it is told. */
static sp_status check_owner(entering *e)
{
    sp_str mark = sp_path_join(e->setup->arena, e->git->top, SP_STR(".git"));
    const sp_str paths[] = { e->git->top, mark, e->git->dir, e->git->common };
    bool is_safe = false;
    if (!mark.ptr)
        return sp_err_memory(e->err);
    for (size_t i = 0; i < SP_COUNT_OF(paths) && !is_safe; i++) {
        sp_file file = { .owner = 0 };
        SP_TRY(sp_reader_read(&sp_reader_disk, e->setup->arena, paths[i], (sp_read_limits){ 0 }, &file, e->err));
        if (sp_is_own(file.owner))
            continue;
        SP_TRY(is_declared_safe(e, &is_safe));
        if (!is_safe)
            return refuse(e, sp_str_format(e->setup->arena,
                                           "it belongs to user %u, who is neither you (user %u) nor root; if you trust "
                                           "it: git config --global --add safe.directory %.*s",
                                           (unsigned)file.owner, sp_user(), SP_STR_ARG(e->git->top)));
    }
    return SP_OK;
}

/* ---- its configuration */

static bool is_include(sp_str key)
{
    return sp_str_eq(key, SP_STR("include.path")) ||
           (sp_str_starts(key, SP_STR("includeif.")) && sp_str_ends(key, SP_STR(".path")));
}

static sp_status check_config(entering *e, sp_str path);

/* actions/checkout keeps its token in a file of the runner's, for as long as the job takes. */
static bool is_of_runner(sp_str path)
{
    const char *variable = getenv("RUNNER_TEMP");
    sp_str directory = sp_path_folder(path), name = sp_path_base(path);
    bool is_there = (variable && sp_str_eq(directory, sp_str_of(variable))) ||
                    sp_str_eq(directory, SP_STR("/github/runner_temp")); /* in a container */
    return is_there && sp_str_starts(name, SP_STR("git-credentials-")) && sp_str_ends(name, SP_STR(".config"));
}

/* Where it leads decides, and not whether there is something. A path that only git knows is the user's affair. */
static sp_status check_include(entering *e, sp_str from, sp_str value)
{
    sp_arena *arena = e->setup->arena;
    sp_str real, path = sp_path_append(arena, sp_path_folder(from), value);
    bool is_odd = sp_str_starts(value, SP_STR("~")) || sp_str_starts(value, SP_STR("%"));
    if (!path.ptr)
        return sp_err_memory(e->err);
    if (is_of_runner(path) || (is_odd && e->git->may_lead_out))
        return SP_OK;
    SP_TRY(sp_file_follow(arena, path, NULL, NULL, &real, e->err));
    bool is_outside = is_odd || !sp_places_hold(sp_git_dir_places(e->git), real);
    if ((is_outside && !e->git->may_lead_out) || ++e->included > MAX_INCLUDED)
        return refuse(e,
                      sp_str_format(arena,
                                    "its configuration includes a file outside of the repository (include.path = "
                                    "%.*s)%s",
                                    SP_STR_ARG(value), e->git->is_bounded ? "" : "; --external-links=allow reads it"));
    return check_config(e, real);
}

/* A file of the repository's configuration, if there is one, names no other outside of it. */
static sp_status check_config(entering *e, sp_str path)
{
    sp_file file;
    sp_str all, why = { NULL, 0 };
    sp_str name = sp_str_dup(e->setup->arena, path);
    if (!name.ptr)
        return sp_err_memory(e->err);
    SP_TRY(sp_reader_read(&sp_reader_disk, e->setup->arena, name, (sp_read_limits){ 0 }, &file, e->err));
    if (!sp_file_exists(&file))
        return file.state == SP_FILE_SPECIAL ? refuse(e, SP_STR("its configuration is not a regular file")) : SP_OK;
    const char *const words[] = { "--no-includes", "--file", name.ptr, "--list", NULL };
    SP_TRY(ask_config(e, (sp_str){ NULL, 0 }, words, &all, &why));
    if (!all.ptr)
        return refuse(e, why);
    for (size_t at = 0; at < all.len && !e->git->problem.ptr;) {
        sp_str line = sp_str_of(all.ptr + at);
        size_t end = sp_str_find(line, SP_STR("\n"), 0);
        if (end != SIZE_MAX && is_include(sp_str_slice(line, 0, end)))
            SP_TRY(check_include(e, name, sp_str_slice(line, end + 1, line.len)));
        at += line.len + 1;
    }
    return SP_OK;
}

static sp_status check_configs(entering *e)
{
    const sp_str directories[] = { e->git->common, e->git->common, e->git->dir };
    static const char *const names[] = { "config", "config.worktree", "config.worktree" };
    for (size_t i = 0; i < SP_COUNT_OF(names) && !e->git->problem.ptr; i++) {
        sp_str path = sp_path_join(e->setup->arena, directories[i], sp_str_of(names[i]));
        if (!path.ptr)
            return sp_err_memory(e->err);
        if (i < 2 || !sp_str_eq(directories[i], directories[0]))
            SP_TRY(check_config(e, path));
    }
    return SP_OK;
}

/* The user's list of ignored files, whatever the repository has in its place. */
static sp_status set_ignored(entering *e, bool with_home)
{
    static const char *const words[] = { "--type=path", "--get", "core.excludesFile", NULL };
    sp_str value = { NULL, 0 };
    if (with_home && e->home.ptr)
        SP_TRY(ask_config(e, e->home, words, &value, NULL));
    if (with_home && e->home.ptr && !value.ptr)
        value = sp_path_join(e->setup->arena, e->home, SP_STR(".config/git/ignore"));
    return sp_git_setup_override(e->setup, "core.excludesFile", value.ptr ? value.ptr : "/dev/null", e->err);
}

static sp_status set_place(entering *e)
{
    const sp_git_dir *git = e->git;
    sp_arena *arena = e->setup->arena;
    SP_TRY(sp_git_setup_add(e->setup, sp_str_format(arena, "GIT_DIR=%.*s", SP_STR_ARG(git->dir)), e->err));
    SP_TRY(sp_git_setup_add(e->setup, sp_str_format(arena, "GIT_WORK_TREE=%.*s", SP_STR_ARG(git->top)), e->err));
    if (sp_str_eq(git->dir, git->common))
        return SP_OK;
    return sp_git_setup_add(e->setup, sp_str_format(arena, "GIT_COMMON_DIR=%.*s", SP_STR_ARG(git->common)), e->err);
}

bool sp_git_setting_next(sp_str settings, size_t *at, sp_git_setting *ret)
{
    if (*at >= settings.len)
        return false;
    ret->origin = sp_str_of(settings.ptr + *at);
    *at += ret->origin.len + 1;
    sp_str line = *at < settings.len ? sp_str_of(settings.ptr + *at) : SP_STR("");
    *at += line.len + 1;
    size_t end = sp_str_find(line, SP_STR("\n"), 0);
    ret->key = end == SIZE_MAX ? line : sp_str_slice(line, 0, end);
    ret->value = end == SIZE_MAX ? SP_STR("") : sp_str_slice(line, end + 1, line.len);
    return true;
}

/* The configuration that counts from here on. Before 2.31, git does not know GIT_CONFIG_COUNT, and would run what the
 * repository's configuration names; to list that runs nothing. */
static sp_status read_settings(entering *e)
{
    static const char *const words[] = { "--show-origin", "--list", NULL };
    sp_str why = { NULL, 0 };
    bool is_overridden = false;
    sp_git_setting setting;
    SP_TRY(run_config(e, e->setup, words, &e->setup->settings, &why));
    if (!e->setup->settings.ptr)
        return refuse(e, why);
    for (size_t at = 0; sp_git_setting_next(e->setup->settings, &at, &setting);)
        is_overridden |=
            sp_str_starts(setting.origin, SP_STR("command line")) && sp_str_eq(setting.key, SP_STR("core.hookspath"));
    if (is_overridden)
        return SP_OK;
    return refuse(e,
                  SP_STR("git is older than 2.31, and would run programs that the repository's configuration names"));
}

sp_status sp_git_enter(sp_git_setup *setup, sp_str program, sp_git_dir *git, sp_str home, bool with_home, sp_err *err)
{
    entering e = { .setup = setup, .git = git, .program = program, .home = home, .err = err };
    if (git->problem.ptr || !program.ptr)
        return SP_OK;
    SP_TRY(check_owner(&e));
    if (!git->problem.ptr)
        SP_TRY(sp_git_dir_judge(setup->arena, git, err));
    if (!git->problem.ptr)
        SP_TRY(check_configs(&e));
    if (git->problem.ptr)
        return SP_OK;
    SP_TRY(set_ignored(&e, with_home));
    SP_TRY(set_place(&e));
    return read_settings(&e);
}
