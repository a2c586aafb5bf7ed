/* parallel.c - threads: how many, and their life. */
#include "commands/parallel.h"

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

/* ---- where a thread begins -------------------------------------------------------------------------------
 * Left to the system a new thread may wait beside a processor that is idle, behind the one that made it, for the next
 * tick: 4 ms, in which a megabyte is counted. So each begins on a processor of its own, and may then go where it likes.
 */

static void *run(void *context)
{
    cli_team *team = context;
    if (CPU_COUNT(&team->processors) > 0)
        (void)sched_setaffinity(0, sizeof team->processors, &team->processors);
    team->work(team->context);
    return NULL;
}

/* The one behind that processor, and behind the last the first. */
static int next_processor(const cpu_set_t *set, int processor)
{
    for (int i = 0; i < CPU_SETSIZE; i++) {
        processor = (processor + 1) % CPU_SETSIZE;
        if (CPU_ISSET((size_t)processor, set))
            break;
    }
    return processor;
}

/* There; or anywhere if it cannot be there, or if every processor has one by now. */
static bool start_one(cli_team *team, pthread_attr_t *attributes, int processor)
{
    pthread_t *thread = &team->threads[team->count];
    cpu_set_t there;
    CPU_ZERO(&there);
    CPU_SET((size_t)processor, &there);
    bool has_place = team->count + 1 < (unsigned)CPU_COUNT(&team->processors);
    (void)pthread_attr_setaffinity_np(attributes, has_place ? sizeof there : 0, &there);
    if (pthread_create(thread, attributes, run, team) == 0)
        return true;
    (void)pthread_attr_setaffinity_np(attributes, 0, &there);
    return has_place && pthread_create(thread, attributes, run, team) == 0;
}

void cli_team_start(cli_team *team)
{
    pthread_attr_t attributes;
    if (team->is_started || team->size < 2 || pthread_attr_init(&attributes) != 0)
        return;
    team->is_started = true;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (sched_getaffinity(0, sizeof team->processors, &team->processors) != 0)
        CPU_ZERO(&team->processors);
    int processor = next_processor(&team->processors, sched_getcpu());
    while (team->count < team->size - 1 && start_one(team, &attributes, processor)) {
        team->count++;
        processor = next_processor(&team->processors, processor);
    }
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
