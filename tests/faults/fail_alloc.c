/*
 * fail_alloc.c - memory that runs out: a library to load in front of the C library's (LD_PRELOAD).
 *
 *   FAIL_AT=N        the Nth allocation fails (from 1)
 *   FAIL_FOREVER=1   and every one after it
 *   FAIL_LOG=FILE    "failed" is written there when one was made to fail, so that a test knows when to stop
 *   FAIL_COUNT=FILE  the number of allocations is written there at the end
 *
 * Allocations before main, which are the loader's, are not counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long count;
static long fail_at;
static bool forever;
static bool is_on;
static bool is_child; /* of the process that is tested */
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);

/* dlsym allocates before it can tell where calloc is. */
static _Alignas(max_align_t) char early[4096];
static size_t early_used;

static void find_real(void)
{
    *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
}

__attribute__((constructor)) static void set_up(void)
{
    const char *at = getenv("FAIL_AT");
    if (!real_malloc)
        find_real();
    fail_at = at ? strtol(at, NULL, 10) : 0;
    const char *value = getenv("FAIL_FOREVER");
    forever = value && *value;
    is_child = getenv("FAIL_CHILD");
    (void)setenv("FAIL_CHILD", "1", 1);
    is_on = fail_at > 0;
}

static void say(const char *path, const char *text)
{
    size_t length = strlen(text);
    int log = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (log >= 0) {
        if (write(log, text, length) != (ssize_t)length)
            abort();
        close(log);
    }
}

__attribute__((destructor)) static void tell_count(void)
{
    char text[32];
    is_on = false;
    snprintf(text, sizeof text, "%ld\n", atomic_load(&count));
    if (!is_child)
        say(getenv("FAIL_COUNT"), text);
}

static bool fails_now(void)
{
    if (!is_on)
        return false;
    long now = atomic_fetch_add(&count, 1) + 1;
    if (now == fail_at)
        say(getenv("FAIL_LOG"), "failed\n");
    if (now != fail_at && !(forever && now > fail_at))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (!real_malloc)
        find_real();
    return fails_now() ? NULL : real_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    if (!real_calloc) {
        size_t bytes = (number * size + 15) / 16 * 16;
        void *result = early + early_used;
        if (bytes > sizeof early - early_used)
            return NULL;
        early_used += bytes;
        return result;
    }
    return fails_now() ? NULL : real_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
    if (!real_realloc)
        find_real();
    return fails_now() ? NULL : real_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (!real_aligned_alloc)
        find_real();
    return fails_now() ? NULL : real_aligned_alloc(alignment, size);
}
