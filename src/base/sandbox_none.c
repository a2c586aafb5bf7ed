/* sandbox_none.c - sandbox.h where there are no processes: a program cannot be run. */
#include "base/sandbox.h"
#include "base/system.h"
#include "base/types.h"

#if !SP_HAS_PROCESSES

sp_status sp_sandbox_open(sp_sandbox *sandbox, uint16_t port, sp_err *err)
{
    (void)port;
    *sandbox = (sp_sandbox){ .listener = -1, .output = -1, .control = -1 };
    return sp_err_set(err, SP_ERR_USAGE, "this build of sysprompt cannot run programs; use a build for your system");
}

sp_status sp_sandbox_start(sp_sandbox *sandbox, const sp_sandbox_plan *plan, sp_err *err)
{
    (void)plan;
    return sp_sandbox_open(sandbox, 0, err);
}

void sp_sandbox_poll(sp_sandbox *sandbox)
{
    (void)sandbox;
}

void sp_sandbox_stop(sp_sandbox *sandbox)
{
    (void)sandbox;
}

void sp_sandbox_close(sp_sandbox *sandbox)
{
    (void)sandbox;
}

void sp_remove_tree(const char *path)
{
    (void)path;
}

void sp_signals_hold(sp_signals *signals)
{
    (void)signals;
}

bool sp_signals_came(const sp_signals *signals)
{
    (void)signals;
    return false;
}

void sp_signals_release(sp_signals *signals, bool with_keyboard)
{
    (void)signals, (void)with_keyboard;
}

#endif
