/*
 * git_setup.h - how git is run: so that a repository that came from anywhere can do nothing with us.
 *
 *   sp_git_setup setup = { .arena = arena };
 *   SP_TRY(sp_git_setup_begin(&setup, NULL, err));
 *   SP_TRY(sp_git_setup_end(&setup, &run.environment, err));
 *
 * A repository's configuration may name programs that git runs (a file system monitor, filters, hooks, a signature
 * checker): what it names is overridden, and there is no protocol by which anything could be fetched.
 */
#ifndef SP_GIT_SETUP_H
#define SP_GIT_SETUP_H

#include "base/file.h"
#include "base/types.h"
#include "git/git_dir.h"

typedef struct sp_git_setup {
    sp_arena *arena;
    sp_list(const char *) variables;
    size_t config_count; /* overrides among them */
    sp_str settings;     /* of sp_git_enter: the configuration that counts, which sp_git_setting_next goes through */
    bool was_slow;       /* of sp_git_enter: git took too long */
} sp_git_setup;

/* The variables that hold for every call. home is the home directory whose configuration of git counts, with that of
 * the system; ptr NULL: neither does. */
SP_MUST_USE sp_status sp_git_setup_begin(sp_git_setup *setup, sp_str home, sp_err *err);
/* One more, "NAME=value"; ptr NULL is memory that was short. */
SP_MUST_USE sp_status sp_git_setup_add(sp_git_setup *setup, sp_str variable, sp_err *err);
/* Configuration that overrides what the repository says. */
SP_MUST_USE sp_status sp_git_setup_override(sp_git_setup *setup, const char *key, const char *value, sp_err *err);
/* All of them, ended by NULL. More can be added afterwards, which makes another list. */
SP_MUST_USE sp_status sp_git_setup_end(sp_git_setup *setup, const char *const **ret, sp_err *err);

/* The program git by its absolute path: the first that PATH names, but for relative directories and those of the
 * repository around folder, in which anybody may have put one. ptr NULL: there is none. */
SP_MUST_USE sp_status sp_git_find(sp_arena *arena, sp_str folder, sp_str *ret, sp_err *err);

/* Ties git to a repository that sp_git_dir_find found, so that it looks for no other, after a look at the disk: that
 * it belongs to the user, root, or somebody whom the safe.directory of home allows, and that neither links nor its
 * configuration lead out of it. Else git->problem says why git must not be run. with_home: the setup was begun with
 * that home, whose list of ignored files counts; else none does. */
SP_MUST_USE sp_status sp_git_enter(sp_git_setup *setup, sp_str program, sp_git_dir *git, sp_str home, bool with_home,
                                   sp_err *err);

/* The line of git's output that gives the reason of a failure, borrowed from it; without its end, and empty where there
 * is no output. */
sp_str sp_git_reason(sp_str said);

/* One setting of git's, borrowed from the settings. origin and value end in NUL, key does not. */
typedef struct sp_git_setting {
    sp_str origin; /* "file:PATH", or "command line:" of our overrides alone */
    sp_str key;    /* its section and name in lower case */
    sp_str value;  /* "" also where none is given */
} sp_git_setting;

/* The setting at *at, and moves it on; false at the end. A later setting of the same key counts. */
bool sp_git_setting_next(sp_str settings, size_t *at, sp_git_setting *ret);

#endif
