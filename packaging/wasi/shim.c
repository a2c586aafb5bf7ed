/* shim.c - see shim.h. WebAssembly as Node.js runs it has one thread, so a lock is free and a condition is never
 * awaited. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Adds the parts of a path to out, which holds an absolute path. */
static int add_parts(char *out, const char *path)
{
    size_t length = strlen(out);
    while (*path) {
        size_t part = strcspn(path, "/");
        if (part == 2 && memcmp(path, "..", 2) == 0) {
            while (length > 0 && out[--length] != '/')
                continue;
        } else if (part > 0 && !(part == 1 && *path == '.')) {
            if (length + part + 2 > PATH_MAX)
                return -1;
            out[length++] = '/';
            memcpy(out + length, path, part);
            length += part;
        }
        out[length] = '\0';
        path += part + (path[part] == '/');
    }
    return 0;
}

char *realpath(const char *path, char *resolved)
{
    char here[PATH_MAX] = "";
    char out[PATH_MAX] = "";
    struct stat info;
    if (*path != '/' && !getcwd(here, sizeof here))
        return NULL;
    if (add_parts(out, here) != 0 || add_parts(out, path) != 0) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    if (!*out)
        strcpy(out, "/");
    if (stat(out, &info) != 0)
        return NULL;
    return resolved ? strcpy(resolved, out) : strdup(out);
}

mode_t umask(mode_t mask)
{
    (void)mask;
    return 022;
}

int fchmod(int descriptor, mode_t mode)
{
    (void)descriptor, (void)mode;
    return 0;
}

int fchdir(int descriptor)
{
    (void)descriptor;
    errno = ENOSYS;
    return -1;
}

uid_t geteuid(void)
{
    return 0;
}

char *mkdtemp(char *pattern)
{
    (void)pattern;
    errno = ENOSYS;
    return NULL;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    return (void)mutex, (void)attributes, 0;
}
int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    return (void)mutex, 0;
}
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return (void)mutex, 0;
}
int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    return (void)mutex, 0;
}
int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    return (void)mutex, 0;
}
int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    return (void)condition, (void)attributes, 0;
}
int pthread_cond_destroy(pthread_cond_t *condition)
{
    return (void)condition, 0;
}
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return (void)condition, (void)mutex, 0;
}
int pthread_cond_broadcast(pthread_cond_t *condition)
{
    return (void)condition, 0;
}
int pthread_join(pthread_t thread, void **result)
{
    return (void)thread, (void)result, 0;
}
int pthread_once(pthread_once_t *once, void (*run)(void))
{
    if (!*once)
        run();
    *once = 1;
    return 0;
}

int dlclose(void *library)
{
    return (void)library, 0;
}

/* WASI has no current directory of its own: the caller says where it is. */
__attribute__((constructor)) static void go_there(void)
{
    const char *here = getenv("PWD");
    if (here)
        (void)chdir(here);
}
