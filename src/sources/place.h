/*
 * place.h - where a session is started: directories, reader and settings. Nothing in it changes once it is made, so
 * that all loads of one place share it, in several threads too.
 *
 *   sp_place place;
 *   SP_TRY(sp_place_init(arena, profile, request, reader, diags, &place, err));
 *
 * In parameters the place is called `here`.
 */
#ifndef SP_PLACE_H
#define SP_PLACE_H

#include "base/diag.h"
#include "base/file.h"
#include "base/types.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/origin.h"
#include "sources/paths.h"
#include "sources/settings.h"

typedef struct sp_place {
    const sp_profile *profile;
    const sp_request *request;
    const sp_reader *reader;   /* judges links (origin.h), but for sp_place_locate */
    const void *hider;         /* of without.c; NULL: nothing is hidden */
    const sp_origins *origins; /* NULL: links may lead anywhere */
    sp_str current;            /* the current directory: paths are shown relative to it */
    sp_str root;               /* the directory that is used as / */
    sp_str home;               /* ptr NULL when there is none */
    sp_str moved;              /* what the client's variable names instead of a directory in home; ptr NULL: nothing */
    sp_str named;              /* the further directory that another variable names; ptr NULL: none does */
    sp_str user_dir;           /* .claude in home, or the value of CLAUDE_CONFIG_DIR; ptr NULL without either */
    sp_str launch;             /* the client's working directory, every link resolved */
    sp_str repository;         /* the nearest directory at or above launch that holds .git, else launch */
    bool has_repository;
    sp_str checkout;     /* the main repository around the worktree that launch is in; ptr NULL for none */
    sp_paths added;      /* directories of --add-dir */
    sp_paths granted;    /* and those that settings grant access to, */
    sp_paths granted_by; /* with the setting of each */
    sp_paths plugins;    /* directories of --plugin-dir */
    sp_places allowed;   /* with --root: root, home and directories of options, the only ones that are read */
    sp_settings settings;
    unsigned leaves_out; /* bit by scope: those that --setting-sources does not name */
    sp_str bare_by;      /* the option or variable that asks for bare mode; ptr NULL: none does */
} sp_place;

/* The current directory, which paths are shown relative to. */
SP_MUST_USE sp_status sp_place_find_current(sp_arena *arena, sp_str *ret, sp_err *err);
/* Finds the current directory, the root and the launch directory, and nothing else. */
SP_MUST_USE sp_status sp_place_locate(sp_arena *arena, const sp_request *request, const sp_reader *reader,
                                      sp_place *ret, sp_err *err);
/* Finds the home directory and that of the client in it. */
SP_MUST_USE sp_status sp_place_find_home(sp_arena *arena, sp_place *here, sp_err *err);
/* Finds the directories that variables of the profile's client name. */
SP_MUST_USE sp_status sp_place_find_named(sp_arena *arena, sp_place *here, sp_err *err);
/* Finds all directories and reads the settings. request, profile and reader are borrowed for as long as the place
 * lives; all else lives in the arena. */
SP_MUST_USE sp_status sp_place_init(sp_arena *arena, const sp_profile *profile, const sp_request *request,
                                    const sp_reader *reader, sp_diags *diags, sp_place *ret, sp_err *err);

/* The real path of a directory that an option names; an error names the option. */
SP_MUST_USE sp_status sp_place_resolve_folder(sp_arena *arena, const sp_place *here, const char *path,
                                              const char *option, sp_str *ret, sp_err *err);
/* Sets the repository: the nearest directory at or above the launch directory that holds .git, else that one. */
SP_MUST_USE sp_status sp_place_find_repository(sp_arena *arena, sp_place *here, sp_err *err);
/* The nearest directory at or above this one that holds .git, but for home and what holds that; ptr NULL for none. */
SP_MUST_USE sp_status sp_place_repository_of(sp_arena *arena, const sp_place *here, sp_str folder, sp_str *ret,
                                             sp_err *err);
/* The work trees that belong together: the repository, its main and linked worktrees, and those of the repositories
 * that it is a submodule in. Adds to *ret; the repository comes first. */
SP_MUST_USE sp_status sp_place_find_family(sp_arena *arena, const sp_place *here, sp_str repository, sp_paths *ret,
                                           sp_err *err);
/* The repository itself, or the one that it is a linked worktree of, as both of them say. */
SP_MUST_USE sp_status sp_place_main_repository(sp_arena *arena, const sp_place *here, sp_str *ret, sp_err *err);
/* The file of the patterns that this clone alone ignores, and the places that its real path must lie in; ptr NULL: the
 * repository has no git directory that names it back. */
SP_MUST_USE sp_status sp_place_find_exclude(sp_arena *arena, const sp_place *here, sp_str *ret_path,
                                            sp_places *ret_within, sp_err *err);
/* The value of a variable that the client is started with; NULL: it is not set, or empty. */
const char *sp_place_variable(const sp_request *request, const char *name);
/* Whether that variable switches something on: it is 1, or true in upper or lower case. */
bool sp_place_is_on(const sp_request *request, const char *name);
/* The variable that switches off what has one of these bits; NULL: none does. */
const char *sp_place_off_by(const sp_place *here, unsigned bits);
/* The rule by which files of that scope are omitted, with the sentence that says so: bare mode, or --setting-sources.
 * SP_RULE_NONE: they are not. The sentence gives advice for that kind. */
sp_rule_key sp_place_leaves_out(const sp_place *here, sp_scope scope, sp_source_kind kind, sp_str *ret_why);
/* Whether a walk upwards for agents or skills ends before that directory: at home, above the launch directory and
 * without a repository. */
bool sp_place_ends_at_home(const sp_place *here, sp_str folder);
/* Whether a request has a git status: in a repository where no setting takes it away. */
bool sp_place_has_git_status(const sp_place *here);
/* The path as the client would see it where --root stands for /. ptr NULL: out of memory. */
sp_str sp_place_seen(sp_arena *arena, const sp_place *here, sp_str path);
/* The path as a message shows it. */
sp_str sp_place_shown(const sp_place *here, sp_str path);
/* The path as the prompt names it: the same on every machine as long as it is below the repository or home. */
SP_MUST_USE sp_status sp_place_name(sp_arena *arena, const sp_place *here, sp_str path, sp_str *ret, sp_err *err);
/* An absolute path as a file of that directory imports it: with ../ for each directory up and a backslash before each
 * space; ptr NULL when memory is short. */
sp_str sp_place_import_path(sp_arena *arena, sp_str folder, sp_str path);
/* Whether a regular file is there that --root lets us see. */
SP_MUST_USE sp_status sp_place_exists(sp_arena *arena, const sp_place *here, sp_str path, sp_places within, bool *ret,
                                      sp_err *err);
/* The directories in which files with that anchor are looked for, the outermost first; none without a home. */
SP_MUST_USE sp_status sp_place_folders(sp_arena *arena, const sp_place *here, sp_anchor anchor, sp_paths *ret,
                                       sp_err *err);
/* The path of a place in one of those directories: below home, the client's variable may name another. ptr NULL without
 * memory. */
sp_str sp_place_path(sp_arena *arena, const sp_place *here, sp_anchor anchor, sp_str folder, const char *path);
/* Whether a place of that anchor, which is looked for down to the launch directory, counts below it too. */
bool sp_anchor_reaches_below(sp_anchor anchor);

#endif
