/*
 * system.h - the calls that only Linux has, each beside a way that any POSIX system has.
 *
 * system_linux.c and system_portable.c hold the same functions; one of them is compiled. system.c has what needs no
 * second way. Nothing else in the sources asks which system this is, except that WebAssembly has no processes, signals
 * or threads (SP_HAS_PROCESSES).
 */
#ifndef SP_SYSTEM_H
#define SP_SYSTEM_H

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifdef __wasi__
#define SP_HAS_PROCESSES 0
#else
#define SP_HAS_PROCESSES 1
#endif

/* ---- files ------------------------------------------------------------------------------------------- */

/* open, again after a signal. The flags get O_CLOEXEC. (musl's open sets that with a second call, its openat does not.)
 */
static inline int sp_open(const char *path, int flags)
{
    int descriptor;
    do
        descriptor = openat(AT_FDCWD, path, flags | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* A name that was looked up: what is judged and what is then read are the same file. */
typedef struct sp_looked_up {
    int descriptor; /* Linux: O_PATH, which opens nothing */
    struct stat info;
} sp_looked_up;

/* Follows links. Opens nothing: a FIFO does not hang, a device does not notice. False, with errno: there is no such
 * file, or it may not be looked up. */
bool sp_look_up(const char *path, sp_looked_up *ret);
/* The file's real path. False: it is not known. */
bool sp_looked_up_path(const sp_looked_up *file, const char *path, char ret[PATH_MAX]);
/* A descriptor to read the file from, or -1 with errno; ESTALE: another file has its name by now. */
int sp_looked_up_open(const sp_looked_up *file, const char *path);
void sp_looked_up_close(sp_looked_up *file);
/* A directory that is read entry by entry, each with its type as in <dirent.h>. */
typedef struct sp_directory {
    int descriptor;
    void *stream; /* where it is read by the C library */
    size_t at;
    size_t end;
    _Alignas(8) char bytes[4096];
} sp_directory;

/* False with errno, which without_links means the same as of sp_open_without_links. */
bool sp_directory_open(const char *path, bool without_links, sp_directory *ret);
/* *ret_name is NULL at the end, else borrowed until the next call. False with errno. */
bool sp_directory_next(sp_directory *directory, const char **ret_name, unsigned char *ret_type);
void sp_directory_close(sp_directory *directory);
/* The real path of an open directory. False: it is not known. */
bool sp_directory_path(int descriptor, const char *path, char ret[PATH_MAX]);
/* A descriptor to read from where no part of the path is a link, or -1 with errno: of ENOENT nothing is there, not even
 * a link. It does not wait for a FIFO. is_directory: ENOTDIR for anything but a directory. */
int sp_open_without_links(const char *path, bool is_directory);
/* sp_look_up, on the same terms. */
bool sp_look_up_without_links(const char *path, sp_looked_up *ret);
/* A new file of mode 0600; pattern ends in XXXXXX, which becomes its name. -1 with errno. */
int sp_temporary(char *pattern);

/* The number of the user that files are made as. */
unsigned sp_user(void);
/* Whether a file of that owner is as good as the user's own: theirs, root's, or for root that of whoever ran sudo. */
bool sp_is_own(uint32_t owner);

/* The meaning of errno, in the same words with every C library. */
const char *sp_error_text(int code);

/* ---- memory ------------------------------------------------------------------------------------------ */

/* Overwrites a secret; a compiler does not leave it out. */
void sp_wipe(void *memory, size_t bytes);
/* The last such byte, or NULL. */
const void *sp_last_byte(const void *memory, int byte, size_t bytes);
/* qsort_r as POSIX has it. */
void sp_sort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b, void *context),
             void *context);
/* False: there is no chance to be had without waiting. */
bool sp_random(void *memory, size_t bytes);

/* ---- processes --------------------------------------------------------------------------------------- */

char **sp_environment(void);
/* Two ends that a program which is started does not get. False with errno. */
bool sp_pipe(int ret_ends[2]);
/* Two connected sockets, on the same terms. */
bool sp_socket_pair(int ret_ends[2]);
/* In a process that was just forked: it ends with the thread that made it, where the system can do that. */
void sp_end_with_parent(pid_t parent);
/* Bytes sent without waiting, or -1 with errno: EPIPE, and no signal, where the other end is closed. */
long sp_socket_send(int descriptor, const void *bytes, size_t len);

/* ---- threads ----------------------------------------------------------------------------------------- */

/* Nanoseconds that this thread has computed for; where that is not known, as SP_COARSE_NS. */
uint64_t sp_thread_ns(void);
/* Nanoseconds of a clock that is quick to ask and may be a few milliseconds old. */
uint64_t sp_coarse_ns(void);

/* Processors that this process may run on, at least 1. */
unsigned sp_processors(void);

/* The processors that threads are to begin on, one after the other, and may run on. */
typedef struct sp_places_to_run {
    unsigned count; /* 0: it is not known */
    int next;
    unsigned char bits[1024 / 8];
} sp_places_to_run;

void sp_places_to_run_init(sp_places_to_run *places);
/* The thread begins on the next place, or where the system likes. False: there is no thread to be had. */
bool sp_thread_start(sp_places_to_run *places, bool has_place, size_t stack_bytes, void *(*run)(void *), void *context,
                     pthread_t *ret);
/* In the new thread: it may go on anywhere from now on. */
void sp_thread_anywhere(const sp_places_to_run *places);

#endif
