/* system_portable.c - the functions of system.h by calls that any POSIX system has, and less on WebAssembly. */
#ifndef __linux__

#include "base/system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#if SP_HAS_PROCESSES
#include <sys/socket.h>
#endif

/* ---- files ------------------------------------------------------------------------------------------- */

bool sp_look_up(const char *path, sp_looked_up *ret)
{
    ret->descriptor = -1;
    return stat(path, &ret->info) == 0;
}

void sp_looked_up_close(sp_looked_up *file)
{
    (void)file;
}

/* WebAssembly sees only the directories that it was given, and its realpath (packaging/wasi/shim.c) resolves no links:
 * the name has to do, without its "..". */
bool sp_directory_path(int descriptor, const char *path, char ret[PATH_MAX])
{
    (void)descriptor;
#ifdef __wasi__
    if (!strstr(path, "/.."))
        return false;
#endif
    return realpath(path, ret) != NULL;
}

bool sp_looked_up_path(const sp_looked_up *file, const char *path, char ret[PATH_MAX])
{
    return sp_directory_path(file->descriptor, path, ret);
}

int sp_looked_up_open(const sp_looked_up *file, const char *path)
{
    struct stat info;
    int descriptor = sp_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (descriptor >= 0 &&
        (fstat(descriptor, &info) != 0 || info.st_dev != file->info.st_dev || info.st_ino != file->info.st_ino)) {
        close(descriptor);
        errno = ESTALE;
        return -1;
    }
    return descriptor;
}

/* macOS alone can be asked that. */
int sp_open_without_links(const char *path, bool is_directory)
{
#ifdef O_NOFOLLOW_ANY
    return sp_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW_ANY | (is_directory ? O_DIRECTORY : 0));
#else
    (void)path, (void)is_directory;
    errno = ENOSYS;
    return -1;
#endif
}

bool sp_look_up_without_links(const char *path, sp_looked_up *ret)
{
    (void)path, (void)ret;
    errno = ENOSYS;
    return false;
}

bool sp_directory_open(const char *path, bool without_links, sp_directory *ret)
{
    int descriptor = without_links ? sp_open_without_links(path, true) : -1;
    if (without_links && descriptor < 0)
        return false;
    ret->stream = without_links ? fdopendir(descriptor) : opendir(path);
    ret->descriptor = ret->stream ? dirfd((DIR *)ret->stream) : -1;
    int code = errno;
    if (!ret->stream && descriptor >= 0)
        close(descriptor);
    errno = code;
    return ret->stream != NULL;
}

bool sp_directory_next(sp_directory *directory, const char **ret_name, unsigned char *ret_type)
{
    errno = 0;
    const struct dirent *entry = readdir(directory->stream);
    *ret_name = entry ? entry->d_name : NULL;
    *ret_type = entry ? entry->d_type : DT_UNKNOWN;
    return entry || errno == 0;
}

void sp_directory_close(sp_directory *directory)
{
    closedir(directory->stream);
}

/* WebAssembly has no users. */
unsigned sp_user(void)
{
#ifdef __wasi__
    return 0;
#else
    return geteuid();
#endif
}

bool sp_is_own(uint32_t owner)
{
    const char *sudo = getenv("SUDO_UID");
    return owner == 0 || owner == sp_user() || (sp_user() == 0 && sudo && owner == strtoul(sudo, NULL, 10));
}

#ifdef __wasi__
int sp_temporary(char *pattern)
{
    static unsigned last;
    char *end = pattern + strlen(pattern) - strlen("XXXXXX");
    for (unsigned tries = 0; tries < 1000; tries++) {
        snprintf(end, sizeof "XXXXXX", "%06u", ++last % 1000000);
        int descriptor = open(pattern, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (descriptor >= 0 || errno != EEXIST)
            return descriptor;
    }
    return -1;
}
#else
int sp_temporary(char *pattern)
{
    int descriptor = mkstemp(pattern);
    if (descriptor >= 0)
        (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
}
#endif

/* ---- memory ------------------------------------------------------------------------------------------ */

void sp_wipe(void *memory, size_t bytes)
{
    memset(memory, 0, bytes);
    __asm__ volatile("" : : "r"(memory) : "memory"); /* someone may read it, as far as the compiler knows */
}

const void *sp_last_byte(const void *memory, int byte, size_t bytes)
{
    const unsigned char *at = memory;
    while (bytes > 0)
        if (at[--bytes] == (unsigned char)byte)
            return at + bytes;
    return NULL;
}

static void swap(unsigned char *a, unsigned char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/* Shell's sort: systems disagree on the arguments of qsort_r, and WebAssembly has none. */
void sp_sort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b, void *context),
             void *context)
{
    unsigned char *bytes = items;
    for (size_t step = count / 2; step > 0; step = step == 2 ? 1 : step * 5 / 11)
        for (size_t from = step; from < count; from++)
            for (size_t at = from; at >= step; at -= step) {
                unsigned char *here = bytes + at * size, *before = bytes + (at - step) * size;
                if (compare(before, here, context) <= 0)
                    break;
                swap(before, here, size);
            }
}

bool sp_random(void *memory, size_t bytes)
{
    extern int getentropy(void *buffer, size_t len);
    return getentropy(memory, bytes) == 0;
}

/* ---- processes --------------------------------------------------------------------------------------- */

char **sp_environment(void)
{
    extern char **environ;
    return environ;
}

#if SP_HAS_PROCESSES
static void close_in_children(const int ends[2])
{
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
}

bool sp_pipe(int ret_ends[2])
{
    if (pipe(ret_ends) != 0)
        return false;
    close_in_children(ret_ends);
    return true;
}

void sp_end_with_parent(pid_t parent)
{
    (void)parent; /* what it is waited for is all */
}

bool sp_socket_pair(int ret_ends[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ret_ends) != 0)
        return false;
    close_in_children(ret_ends);
#ifdef SO_NOSIGPIPE
    int yes = 1;
    for (int i = 0; i < 2; i++)
        (void)setsockopt(ret_ends[i], SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    return true;
}
#endif

/* ---- threads ----------------------------------------------------------------------------------------- */

void sp_places_to_run_init(sp_places_to_run *places)
{
    places->count = 0;
}

void sp_thread_anywhere(const sp_places_to_run *places)
{
    (void)places;
}

#if SP_HAS_PROCESSES
unsigned sp_processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (unsigned)count;
}

bool sp_thread_start(sp_places_to_run *places, bool has_place, size_t stack_bytes, void *(*run)(void *), void *context,
                     pthread_t *ret)
{
    pthread_attr_t attributes;
    (void)places;
    (void)has_place;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attributes, stack_bytes);
    bool is_started = pthread_create(ret, &attributes, run, context) == 0;
    pthread_attr_destroy(&attributes);
    return is_started;
}
#else
unsigned sp_processors(void)
{
    return 1;
}

bool sp_thread_start(sp_places_to_run *places, bool has_place, size_t stack_bytes, void *(*run)(void *), void *context,
                     pthread_t *ret)
{
    (void)places, (void)has_place, (void)stack_bytes, (void)run, (void)context, (void)ret;
    return false;
}
#endif

#else
typedef int sp_is_linux; /* an empty file is not C */
#endif
