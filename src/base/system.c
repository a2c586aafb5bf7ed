/* system.c - the functions of system.h that all systems have by the same calls, with a constant here and there. */
#include "base/system.h"

#include <time.h>
#if SP_HAS_PROCESSES
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

long sp_socket_send(int descriptor, const void *bytes, size_t len)
{
    return send(descriptor, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}
#endif

#ifndef CLOCK_MONOTONIC_COARSE
#define CLOCK_MONOTONIC_COARSE CLOCK_MONOTONIC
#endif

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t = { 0 };
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t sp_coarse_ns(void)
{
    return read_clock(CLOCK_MONOTONIC_COARSE);
}

uint64_t sp_thread_ns(void)
{
#if defined(CLOCK_THREAD_CPUTIME_ID) && !defined(__wasi__)
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
#else
    return sp_coarse_ns();
#endif
}
