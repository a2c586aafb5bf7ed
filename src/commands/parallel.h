/*
 * parallel.h - more threads for work that turns out to be worth them.
 *
 *   cli_team team = { .size = cli_processors(), .work = work, .context = &shared };
 *   work(&shared);             -> calls cli_team_start once it sees that there is much to do
 *   cli_team_join(&team);
 *
 * Threads are only here; the library has none. work takes from what is shared until nothing is left, so that it does
 * not matter how many run it: without a second thread the first does all.
 */
#ifndef SP_PARALLEL_H
#define SP_PARALLEL_H

#include "base/system.h"

#include <pthread.h>
#include <stdbool.h>

enum { CLI_MAX_JOBS = 256 };

typedef struct cli_team {
    unsigned size; /* threads, with the one that is there anyway */
    void (*work)(void *context);
    void *context;
    bool is_started;
    sp_places_to_run places;
    unsigned count; /* of threads that were started */
    pthread_t threads[CLI_MAX_JOBS];
} cli_team;

/* Processors that this process may run on, at most CLI_MAX_JOBS. */
unsigned cli_processors(void);
/* Starts the others, the first time. One caller at a time. A thread that cannot be had is done without. */
void cli_team_start(cli_team *team);
/* Waits for those that were started. No one starts any then. */
void cli_team_join(cli_team *team);

/* Lends so many threads to the library: run of an sp_threads whose self is an unsigned. */
void cli_team_lend(void *size, void (*work)(void *context), void *context);

#endif
