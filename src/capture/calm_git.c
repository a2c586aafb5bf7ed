#include "capture/calm_git.h"

#include "base/run.h"
#include "base/types.h"
#include "git/git_setup.h"

enum { TIMEOUT_MS = 10000, MAX_KEYS_BYTES = 64 << 10 };

typedef struct calming {
    sp_arena *arena;
    sp_str directory;
    sp_str program;
    const char *const *asking; /* the environment of our own questions */
    sp_git_setup setup;        /* of the client's */
    sp_err *err;
} calming;

static const char *const always[][2] = {
    { "core.fsmonitor", "false" },           { "core.hooksPath", "/dev/null" },     { "core.pager", "cat" },
    { "core.alternateRefsCommand", "true" }, { "core.sshCommand", "false" },        { "log.showSignature", "false" },
    { "diff.ignoreSubmodules", "all" },      { "safe.bareRepository", "explicit" },
};

/* The differences of two files, which git names as the second and the fifth word. */
#define PLAIN_DIFF "f() { diff -u \"$2\" \"$5\"; true; }; f"

/* Keys that name programs, by their ends, and what stands for these. */
static const struct {
    sp_str section;
    sp_str end;
    const char *value;
} named[] = {
    { { "filter.", 7 }, { ".clean", 6 }, "" },
    { { "filter.", 7 }, { ".smudge", 7 }, "" },
    { { "filter.", 7 }, { ".process", 8 }, "" },
    { { "filter.", 7 }, { ".required", 9 }, "false" },
    { { "diff.", 5 }, { "diff.external", 13 }, PLAIN_DIFF },
    { { "diff.", 5 }, { ".command", 8 }, PLAIN_DIFF },
    { { "diff.", 5 }, { ".textconv", 9 }, "cat" },
    { { "pager.", 6 }, { "", 0 }, "false" },
    { { "submodule.", 10 }, { ".ignore", 7 }, "all" },
};

/* What git prints for these words; ptr NULL where it fails, as outside of a repository. */
static sp_status ask(calming *c, const char *const *words, sp_str *ret)
{
    const char *arguments[16] = { c->program.ptr, "-C", c->directory.ptr };
    size_t count = 3;
    for (; *words; words++)
        arguments[count++] = *words;
    sp_run run = {
        .arguments = arguments, .environment = c->asking, .timeout_ms = TIMEOUT_MS, .max_bytes = MAX_KEYS_BYTES
    };
    SP_TRY(sp_run_program(c->arena, &run, c->err));
    *ret = run.state == SP_RUN_FINE ? run.output : (sp_str){ 0 };
    if (run.state == SP_RUN_FINE || run.state == SP_RUN_FAILED)
        return SP_OK;
    return sp_err_set(c->err, SP_ERR_INPUT,
                      "cannot list the programs that the git configuration around %.*s names; --project-hooks lets "
                      "them run",
                      SP_STR_ARG(c->directory));
}

static sp_status override_key(calming *c, const char *key)
{
    sp_str name = sp_str_of(key);
    for (size_t i = 0; i < SP_COUNT_OF(named); i++)
        if (sp_str_starts(name, named[i].section) && sp_str_ends(name, named[i].end))
            return sp_git_setup_override(&c->setup, key, named[i].value, c->err);
    return SP_OK;
}

/* Those of the repository: what the user or the system configured is no project's. */
static sp_status override_configured(calming *c)
{
    static const char *const words[] = { "config",      "--null",       "--show-scope",
                                         "--name-only", "--get-regexp", "^(filter|diff|pager|submodule)[.]",
                                         NULL };
    sp_str keys;
    SP_TRY(ask(c, words, &keys));
    for (size_t at = 0; keys.ptr && at < keys.len;) {
        const char *scope = keys.ptr + at;
        const char *key = scope + strlen(scope) + 1;
        bool is_repository = strcmp(scope, "local") == 0 || strcmp(scope, "worktree") == 0;
        if (is_repository)
            SP_TRY(override_key(c, key));
        at = (size_t)(key - keys.ptr) + strlen(key) + 1;
    }
    return SP_OK;
}

/* .gitmodules may ask git to look into submodules, whatever diff.ignoreSubmodules says. */
static sp_status override_submodules(calming *c)
{
    static const char *const where[] = { "rev-parse", "--show-toplevel", NULL };
    sp_str top, keys;
    SP_TRY(ask(c, where, &top));
    if (!top.ptr || top.len == 0)
        return SP_OK;
    sp_str file = sp_str_format(c->arena, "%.*s/.gitmodules", (int)top.len - 1, top.ptr);
    if (!file.ptr)
        return sp_err_memory(c->err);
    const char *const words[] = {
        "config", "--file", file.ptr, "--null", "--name-only", "--get-regexp", "^submodule[.].*[.]ignore$", NULL
    };
    SP_TRY(ask(c, words, &keys));
    for (size_t at = 0; keys.ptr && at < keys.len; at += strlen(keys.ptr + at) + 1)
        SP_TRY(override_key(c, keys.ptr + at));
    return SP_OK;
}

sp_status sp_calm_git(sp_arena *arena, sp_str directory, const char *const **ret, sp_err *err)
{
    sp_git_setup own = { .arena = arena };
    calming c = { .arena = arena, .directory = directory, .setup = { .arena = arena }, .err = err };
    SP_TRY(sp_git_setup_begin(&own, (sp_str){ 0 }, err));
    SP_TRY(sp_git_setup_end(&own, &c.asking, err));
    SP_TRY(sp_git_find(arena, directory, &c.program, err));
    SP_TRY(sp_git_setup_add(&c.setup, SP_STR("GIT_TERMINAL_PROMPT=0"), err));
    for (size_t i = 0; i < SP_COUNT_OF(always); i++)
        SP_TRY(sp_git_setup_override(&c.setup, always[i][0], always[i][1], err));
    if (c.program.ptr)
        SP_TRY(override_configured(&c));
    if (c.program.ptr)
        SP_TRY(override_submodules(&c));
    return sp_git_setup_end(&c.setup, ret, err);
}
