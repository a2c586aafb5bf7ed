/*
 * bench_cold.c - what a whole process costs: starts a command again and again.
 *
 *   bench_cold RUNS NAME COMMAND [ARGUMENT...]      ->  two lines for each run: NAME, ms, 1.210; NAME, MiB, 9.813
 *
 * Time is from before the start until the process is gone, memory the most that was resident at once. This program is
 * small, and stays so: a child's peak begins with what its parent had.
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
#include <unistd.h>

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* One run, its output thrown away. */
static double run_once(char **command, double *peak_mib)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    pid_t child;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double begin = now_ms();
    int error = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
    if (error != 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "bench_cold: %s did not run: %s\n", command[0], error ? strerror(error) : "it failed");
        exit(1);
    }
    double taken = now_ms() - begin;
    posix_spawn_file_actions_destroy(&actions);
    *peak_mib = (double)usage.ru_maxrss / 1024;
    return taken;
}

int main(int argc, char **argv)
{
    int runs = argc > 3 ? atoi(argv[1]) : 0;
    double mib;
    if (runs < 1) {
        fprintf(stderr, "usage: bench_cold RUNS NAME COMMAND [ARGUMENT...]\n");
        return 2;
    }
    run_once(argv + 3, &mib); /* the page cache is warm from here on */
    for (int i = 0; i < runs; i++) {
        double ms = run_once(argv + 3, &mib);
        printf("%s\tms\t%.3f\n%s\tMiB\t%.3f\n", argv[2], ms, argv[2], mib);
    }
    return 0;
}
