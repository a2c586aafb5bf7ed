/* parallel.c - threads: how many, and their life. */
#include "commands/parallel.h"

enum { STACK_BYTES = 1 << 20 };

unsigned cli_processors(void)
{
    unsigned count = sp_processors();
    return count < CLI_MAX_JOBS ? count : CLI_MAX_JOBS;
}

static void *run(void *context)
{
    cli_team *team = context;
    sp_thread_anywhere(&team->places);
    team->work(team->context);
    return NULL;
}

void cli_team_start(cli_team *team)
{
    if (team->is_started || team->size < 2)
        return;
    team->is_started = true;
    sp_places_to_run_init(&team->places);
    while (team->count < team->size - 1) {
        bool has_place = team->count + 1 < team->places.count;
        if (!sp_thread_start(&team->places, has_place, STACK_BYTES, run, team, &team->threads[team->count]))
            break;
        team->count++;
    }
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
