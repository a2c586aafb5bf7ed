/*
 * bench_cold.c - what a whole process costs: starts a command again and again and prints the median.
 *
 *   bench_cold RUNS COMMAND [ARGUMENT...]      -> "median 1.21 ms, fastest 1.10 ms, peak memory 9.8 MiB"
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One run, its output thrown away. */
static double run_once(char **command)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double begin = now_ms();
    int error = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
    if (error != 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "%s did not run: %s\n", command[0], strerror(error ? error : errno));
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    return now_ms() - begin;
}

int main(int argc, char **argv)
{
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    if (runs < 1) {
        fprintf(stderr, "usage: bench_cold RUNS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    double *times = calloc((size_t)runs, sizeof *times);
    if (!times)
        return 3;
    run_once(argv + 2); /* the page cache is warm from here on */
    for (int i = 0; i < runs; i++)
        times[i] = run_once(argv + 2);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    qsort(times, (size_t)runs, sizeof *times, compare);
    printf("median %.2f ms, fastest %.2f ms, peak memory %.1f MiB\n", times[runs / 2], times[0],
           (double)usage.ru_maxrss / 1024);
    free(times);
    return 0;
}
