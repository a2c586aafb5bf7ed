/*
 * sandbox.h - running a program that answers to nobody but a listener of ours, with nothing left of it afterwards.
 *
 * Where the kernel permits, the program has a network of its own, with the loopback device alone, and process numbers
 * of its own, so that it ends with everything it ever started. A supervisor between it and us sees to that also when we
 * are killed, and removes the scratch directory then.
 *
 * Without namespaces the program can kill the supervisor: we end then what is left. It can also kill us both, or start
 * a program of another user (sudo): that outlives us.
 *
 *   sp_sandbox sandbox;
 *   SP_TRY(sp_sandbox_open(&sandbox, 0, err));               sandbox.port is known from here on
 *   status = sp_sandbox_start(&sandbox, &plan, err);
 *   ... accept connections on sandbox.listener, read sandbox.output, call sp_sandbox_poll when sandbox.control is ready
 *   sp_sandbox_stop(&sandbox);                               no process is left, but for the exceptions above
 *   sp_sandbox_close(&sandbox);                              and no scratch directory; also after a failure
 */
#ifndef SP_SANDBOX_H
#define SP_SANDBOX_H

#include "base/base.h"
#include "base/types.h"

#include <signal.h>
#include <sys/types.h>

typedef struct sp_sandbox_plan {
    const char *program;            /* a path */
    const char *const *arguments;   /* the program's name first; ended by NULL */
    const char *const *environment; /* "NAME=value"; ended by NULL */
    const char *directory;          /* where it runs */
    const char *scratch;            /* a directory that is removed in the end with all that is in it; NULL: none */
    bool has_terminal;              /* its input, output and errors are the caller's */
    bool has_input;                 /* its input is the caller's, else /dev/null */
    bool has_network;               /* do not block the network */
    const char *etc;      /* a directory whose entry etc_name the program sees in /etc; NULL: none. Where that */
    const char *etc_name; /* is not permitted, and with has_network, the program is not run: EPERM */
} sp_sandbox_plan;

typedef struct sp_sandbox {
    int listener; /* on 127.0.0.1, not blocking; in the program's network */
    int output;   /* what the program writes, errors too, not blocking; -1: it has the caller's terminal */
    int control;  /* readable when the program has ended; -1: the supervisor is gone, and the program has ended */
    uint16_t port;
    bool is_offline; /* its network has the listener alone; Unix sockets that are files are no part of that */
    bool has_ended;
    int exec_error;  /* errno, where the program could not be run */
    int wait_status; /* as waitpid has it, once it has ended */
    pid_t supervisor;
    /* private: our children from before, which are not the program's, and whether we adopt what is the program's */
    pid_t children[64];
    size_t child_count;
    bool adopts;
    bool adopted_before;
} sp_sandbox;

/* Listens on 127.0.0.1; port 0 is any that is free. Errors: SP_ERR_USAGE where the port is taken or not allowed. */
SP_MUST_USE sp_status sp_sandbox_open(sp_sandbox *sandbox, uint16_t port, sp_err *err);
/* Starts the program; it has no descriptors of ours but its input and output, and those that an argument names as
 * /dev/fd/N, as a shell's <(...) does. What it borrows from plan is not needed
 * afterwards. Errors: SP_ERR_INPUT with the system's reason; a program that cannot be run is told by exec_error later
 * on. */
SP_MUST_USE sp_status sp_sandbox_start(sp_sandbox *sandbox, const sp_sandbox_plan *plan, sp_err *err);
/* Takes what the supervisor has to tell, without waiting. */
void sp_sandbox_poll(sp_sandbox *sandbox);
/* Ends the program and all that it started, and waits for that. */
void sp_sandbox_stop(sp_sandbox *sandbox);
/* Stops, removes the scratch directory, and waits for that. */
void sp_sandbox_close(sp_sandbox *sandbox);

/* Removes a directory with all that is in it, as far as that can be done; follows no link. */
void sp_remove_tree(const char *path);

/* While signals are held, those that would end the program wait: so there is time to clean up. One whose handler the
 * caller set to be ignored is not held. */
typedef struct sp_signals {
    sigset_t held;
    sigset_t before;
} sp_signals;

void sp_signals_hold(sp_signals *signals);
/* Whether one of them came. */
bool sp_signals_came(const sp_signals *signals);
/* Those that came take effect now; without keyboard, an interrupt by the terminal does not, as it was the program's. */
void sp_signals_release(sp_signals *signals, bool with_keyboard);

#endif
