/*
 * run.h - running another program for what it prints, without letting it do anything else: no input, an environment of
 * the caller's making, 512 MiB of memory, and an end after a while. On Linux it also ends with us.
 *
 *   sp_run run = { .arguments = arguments, .environment = environment, .timeout_ms = 5000, .max_bytes = 65536 };
 *   SP_TRY(sp_run_program(arena, &run, err));
 *   if (run.state == SP_RUN_FINE)
 *       ... run.output
 */
#ifndef SP_RUN_H
#define SP_RUN_H

#include "base/base.h"
#include "base/types.h"

#include <sys/types.h>

typedef enum sp_run_state {
    SP_RUN_FINE,
    SP_RUN_FAILED,  /* it ended with another code than 0, or by a signal */
    SP_RUN_ABSENT,  /* there is no such program, or arguments[0] is NULL */
    SP_RUN_SLOW,    /* it was ended because it took too long */
    SP_RUN_TOO_MUCH /* or because it printed too much */
} sp_run_state;

typedef struct sp_run {
    const char *const *arguments;   /* the program's absolute path first; ended by NULL */
    const char *const *environment; /* "NAME=value"; ended by NULL */
    int timeout_ms;
    size_t max_bytes;
    bool with_errors;   /* output is also what it wrote to standard error, which is dropped else */
    sp_run_state state; /* result */
    sp_str output;      /* result: what it wrote to standard output, in the arena */
} sp_run;

/* Runs it to its end. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_run_program(sp_arena *arena, sp_run *run, sp_err *err);

/* A program that answers one question after the other, on the same terms: what it reads and writes is one socket.
 *
 *   sp_talk talk;
 *   SP_TRY(sp_talk_start(&talk, &run, err));        run.state is SP_RUN_FINE: it was started
 *   if (sp_talk_send(&talk, question) && sp_talk_line(&talk, line, sizeof line))
 *       ...
 *   sp_talk_end(&talk);
 */
typedef struct sp_talk {
    int descriptor;
    pid_t child;
    int timeout_ms; /* for each of the calls below */
    size_t begin;   /* of what has been read and not been asked for */
    size_t end;
    char bytes[16384];
} sp_talk;

/* Starts it; run->state is SP_RUN_ABSENT where there is no such program. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_talk_start(sp_talk *talk, sp_run *run, sp_err *err);
/* All are false when it has ended, or takes too long. */
bool sp_talk_send(sp_talk *talk, sp_str question);
/* A line without its end, and with a NUL behind it; false also for one that has no room. */
bool sp_talk_line(sp_talk *talk, char *line, size_t room);
/* So many bytes. */
bool sp_talk_read(sp_talk *talk, char *to, size_t len);
/* Ends it, whatever it is at. */
void sp_talk_end(sp_talk *talk);

#endif
