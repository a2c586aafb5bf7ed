/*
 * run.h - running another program for what it prints, without letting it do anything else: no input, an environment of
 * the caller's making, and an end after a while.
 *
 *   sp_run run = { .arguments = arguments, .environment = environment, .timeout_ms = 5000, .max_bytes = 65536 };
 *   SP_TRY(sp_run_program(arena, &run, err));
 *   if (run.state == SP_RUN_FINE)
 *       ... run.output
 */
#ifndef SP_RUN_H
#define SP_RUN_H

#include "base/base.h"

typedef enum sp_run_state {
    SP_RUN_FINE,
    SP_RUN_FAILED,  /* it ended with another code than 0, or by a signal */
    SP_RUN_ABSENT,  /* there is no such program */
    SP_RUN_SLOW,    /* it was ended because it took too long */
    SP_RUN_TOO_MUCH /* or because it printed too much */
} sp_run_state;

typedef struct sp_run {
    const char *const *arguments;   /* the program's name first, looked up in PATH; ended by NULL */
    const char *const *environment; /* "NAME=value"; ended by NULL */
    int timeout_ms;
    size_t max_bytes;
    sp_run_state state; /* result */
    sp_str output;      /* result: what it wrote to standard output, in the arena */
} sp_run;

/* Runs it to its end. What it writes to standard error is dropped. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_run_program(sp_arena *arena, sp_run *run, sp_err *err);

#endif
