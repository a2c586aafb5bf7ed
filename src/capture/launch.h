/*
 * launch.h - starts an installed client so that its requests come to a recorder, and keeps them.
 *
 *   sp_launch launch = { .driver = sp_driver_find(SP_STR("codex")), .directory = ..., .variables = environ };
 *   SP_TRY(sp_launch_find(arena, &launch, &program, err));     before a question whether to, as is
 *   SP_TRY(sp_launch_check(&launch, err));
 *   SP_TRY(sp_launch_run(arena, &launch, &launched, err));
 *
 * The client runs in the launch directory, with a home of its own, a dummy key and, where the kernel permits, without a
 * network. Unless they are asked for, the hooks and MCP servers that the project names do not run.
 */
#ifndef SP_CAPTURE_LAUNCH_H
#define SP_CAPTURE_LAUNCH_H

#include "base/base.h"
#include "base/types.h"
#include "capture/drivers.h"
#include "capture/recorder.h"

enum { SP_LAUNCH_MAX_FILES = 17 }; /* with the NULL that ends them */

typedef struct sp_launch {
    const sp_driver *driver;    /* NULL: a command of the user's own, which finds the address in its environment */
    const char *const *command; /* with a driver, its program and more arguments for it; count 0: the one in PATH */
    size_t command_count;
    const char *const *variables; /* the caller's; ended by NULL */
    sp_str directory;             /* absolute */
    const char *cache;            /* where a directory for it is made; NULL: with the system's temporary files */
    const char *agent;            /* NULL: the main session */
    bool as_session;              /* a session that is started as the agent, not a subagent */
    const char *files[SP_LAUNCH_MAX_FILES]; /* that a tool reads, one after the other; absolute; ended by NULL */
    bool is_interactive;
    bool own_config;    /* the user's home and environment */
    bool project_hooks; /* let the project's hooks and MCP servers run */
    sp_str home;        /* a directory made for it, instead of a new one that is empty; ptr NULL: none */
    sp_str also_remove; /* a directory that a signal which ends the program must not leave; ptr NULL: none */
    const char
        *etc; /* a directory; its entry etc_name is in /etc for the client, which does not run where it cannot be */
    const char *etc_name;
    bool has_network; /* do not try to block it */
    uint16_t port;    /* 0: any */
    int timeout_ms;   /* 0: the default */
} sp_launch;

typedef struct sp_launched {
    sp_record record;
    sp_str program; /* its path */
    sp_str home;    /* the client's; one that was made for it does not exist any more */
    sp_str version; /* as the client told it, unchecked, or as its package has it; ptr NULL: neither does */
    bool has_started;
    bool is_offline; /* it could not reach any network */
    int exec_error;  /* errno, where it could not be run */
    bool has_ended;  /* by itself, with wait_status */
    int wait_status;
} sp_launched;

/* Files that may name programs to run. */
typedef struct sp_hook_files {
    sp_str_list found;
    sp_str_list looked_for; /* none: nobody knows which of this program's do */
} sp_hook_files;

/* Whether the client can do what is asked for. Errors: SP_ERR_USAGE. */
SP_MUST_USE sp_status sp_launch_check(const sp_launch *launch, sp_err *err);
/* The path of the program. Errors: SP_ERR_INPUT where it is not installed. */
SP_MUST_USE sp_status sp_launch_find(sp_arena *arena, const sp_launch *launch, sp_str *ret, sp_err *err);
/* The files of the project that may name programs which would run with project_hooks. looked_for: without a directory,
 * as each is looked for in the launch directory and above. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_launch_hooks(sp_arena *arena, const sp_launch *launch, sp_hook_files *ret, sp_err *err);
/* The same of the user's own files, with own_config: where the client's variables say, else in the home directory. */
SP_MUST_USE sp_status sp_launch_own_hooks(sp_arena *arena, const sp_launch *launch, sp_hook_files *ret, sp_err *err);
/* Runs the client until it ends, or is ended. No process and no file is left of it, also after a signal that ends the
 * program, which takes effect before this returns. Errors: SP_ERR_INPUT and SP_ERR_USAGE where it cannot be started,
 * SP_ERR_NO_MEMORY. How it went, ret->record tells. */
SP_MUST_USE sp_status sp_launch_run(sp_arena *arena, const sp_launch *launch, sp_launched *ret, sp_err *err);

#endif
