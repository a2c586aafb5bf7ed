/*
 * no_network.c - a machine without a network: a library to load in front of the C library's (LD_PRELOAD). Whoever makes
 * a socket, looks up a name or loads libcurl ends with 99.
 *
 *   NO_LIBCURL=1     loading libcurl fails instead, as where it is not installed
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int socket(int domain, int type, int protocol)
{
    (void)domain, (void)type, (void)protocol;
    _exit(99);
}

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict result)
{
    (void)node, (void)service, (void)hints, (void)result;
    _exit(99);
}

void *dlopen(const char *file, int mode)
{
    void *(*real)(const char *, int);
    if (file && strstr(file, "libcurl") && getenv("NO_LIBCURL"))
        return NULL;
    if (file && strstr(file, "libcurl"))
        _exit(99);
    *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    return real(file, mode);
}
