/* parallel.c - threads: how many, and their life. */
#include "cli/parallel.h"

#include <sched.h>
#include <stddef.h>
#include <unistd.h>

enum { STACK_BYTES = 1 << 20 };

unsigned cli_processors(void)
{
    cpu_set_t set;
    /* the set is too small for more than 1024 processors */
    long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count < CLI_MAX_JOBS ? (unsigned)count : CLI_MAX_JOBS;
}

static void *run(void *context)
{
    cli_team *team = context;
    team->work(team->context);
    return NULL;
}

void cli_team_start(cli_team *team)
{
    pthread_attr_t attributes;
    if (team->is_started || team->size < 2 || pthread_attr_init(&attributes) != 0)
        return;
    team->is_started = true;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (team->count < team->size - 1 && pthread_create(&team->threads[team->count], &attributes, run, team) == 0)
        team->count++;
    pthread_attr_destroy(&attributes);
}

void cli_team_join(cli_team *team)
{
    for (unsigned i = 0; i < team->count; i++)
        pthread_join(team->threads[i], NULL);
}

void cli_team_lend(void *size, void (*work)(void *context), void *context)
{
    cli_team team = { .size = *(const unsigned *)size, .work = work, .context = context };
    cli_team_start(&team);
    work(context);
    cli_team_join(&team);
}
