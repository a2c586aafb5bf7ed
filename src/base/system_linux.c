/* system_linux.c - the functions of system.h by calls that only Linux has. */
#ifdef __linux__

#include "base/system.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- files ------------------------------------------------------------------------------------------- */

static bool look_at(int descriptor, sp_looked_up *ret)
{
    ret->descriptor = descriptor;
    if (descriptor < 0)
        return false;
    if (fstat(ret->descriptor, &ret->info) == 0)
        return true;
    int code = errno;
    close(ret->descriptor);
    errno = code;
    return false;
}

bool sp_look_up(const char *path, sp_looked_up *ret)
{
    return look_at(sp_open(path, O_PATH), ret);
}

void sp_looked_up_close(sp_looked_up *file)
{
    close(file->descriptor);
}

/* /proc knows it for the descriptor; without /proc the name is resolved once more. */
bool sp_directory_path(int descriptor, const char *path, char ret[PATH_MAX])
{
    char proc[64];
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(proc, ret, PATH_MAX);
    if (length <= 0 || length == PATH_MAX || ret[0] != '/')
        return realpath(path, ret) != NULL;
    ret[length] = '\0';
    return true;
}

bool sp_looked_up_path(const sp_looked_up *file, const char *path, char ret[PATH_MAX])
{
    return sp_directory_path(file->descriptor, path, ret);
}

int sp_looked_up_open(const sp_looked_up *file, const char *path)
{
    char proc[64];
    struct stat info;
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", file->descriptor);
    int descriptor = sp_open(proc, O_RDONLY | O_NOCTTY);
    if (descriptor >= 0 || errno != ENOENT)
        return descriptor;
    descriptor = sp_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY); /* no /proc: by name, if it is still the same */
    if (descriptor >= 0 &&
        (fstat(descriptor, &info) != 0 || info.st_dev != file->info.st_dev || info.st_ino != file->info.st_ino)) {
        close(descriptor);
        errno = ESTALE;
        return -1;
    }
    return descriptor;
}

/* As <linux/openat2.h> has them, which not every C library comes with. The number is the same on every machine. */
struct open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
enum { OPENAT2 = 437, RESOLVE_NO_SYMLINKS = 4 };

static int open_without_links(const char *path, int flags)
{
    struct open_how how = { .flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
    return (int)syscall(OPENAT2, AT_FDCWD, path, &how, sizeof how);
}

int sp_open_without_links(const char *path, bool is_directory)
{
    return open_without_links(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (is_directory ? O_DIRECTORY : 0));
}

bool sp_look_up_without_links(const char *path, sp_looked_up *ret)
{
    return look_at(open_without_links(path, O_PATH), ret);
}

/* As the kernel writes them; opendir would ask three things more of it, and allocate 32 KB. */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    unsigned char type;
    char name[];
};

bool sp_directory_open(const char *path, bool without_links, sp_directory *ret)
{
    ret->descriptor =
        without_links ? sp_open_without_links(path, true) : sp_open(path, O_RDONLY | O_NONBLOCK | O_DIRECTORY);
    ret->at = ret->end = 0;
    return ret->descriptor >= 0;
}

bool sp_directory_next(sp_directory *directory, const char **ret_name, unsigned char *ret_type)
{
    *ret_name = NULL;
    if (directory->at == directory->end) {
        long length = syscall(SYS_getdents64, directory->descriptor, directory->bytes, sizeof directory->bytes);
        if (length <= 0)
            return length == 0 || errno == ENOENT; /* removed since: its end, as for readdir */
        directory->at = 0;
        directory->end = (size_t)length;
    }
    const struct entry *entry = (const void *)(directory->bytes + directory->at);
    directory->at += entry->size;
    *ret_name = entry->name;
    *ret_type = entry->type;
    return true;
}

void sp_directory_close(sp_directory *directory)
{
    close(directory->descriptor);
}

unsigned sp_user(void)
{
    return geteuid();
}

bool sp_is_own(uint32_t owner)
{
    const char *sudo = getenv("SUDO_UID");
    return owner == 0 || owner == sp_user() || (sp_user() == 0 && sudo && owner == strtoul(sudo, NULL, 10));
}

int sp_temporary(char *pattern)
{
    return mkostemp(pattern, O_CLOEXEC);
}

/* ---- memory ------------------------------------------------------------------------------------------ */

void sp_wipe(void *memory, size_t bytes)
{
    explicit_bzero(memory, bytes);
}

const void *sp_last_byte(const void *memory, int byte, size_t bytes)
{
    return memrchr(memory, byte, bytes);
}

void sp_sort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b, void *context),
             void *context)
{
    qsort_r(items, count, size, compare, context);
}

bool sp_random(void *memory, size_t bytes)
{
    return getrandom(memory, bytes, GRND_NONBLOCK) == (ssize_t)bytes;
}

/* ---- processes --------------------------------------------------------------------------------------- */

char **sp_environment(void)
{
    return environ;
}

bool sp_pipe(int ret_ends[2])
{
    return pipe2(ret_ends, O_CLOEXEC) == 0;
}

bool sp_socket_pair(int ret_ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_ends) == 0;
}

void sp_end_with_parent(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
}

/* ---- threads ----------------------------------------------------------------------------------------- */

_Static_assert(sizeof(cpu_set_t) == sizeof((sp_places_to_run){ 0 }.bits), "the bits are those of a cpu_set_t");

unsigned sp_processors(void)
{
    cpu_set_t set;
    /* the set is too small for more than 1024 processors */
    long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (unsigned)count;
}

/* Left to the system a new thread may wait beside a processor that is idle, behind the one that made it, for the next
 * tick: 4 ms, in which a megabyte is counted. So each begins on a processor of its own, and may then go where it likes.
 */

/* The one after that processor, and after the last the first. */
static int next_processor(const cpu_set_t *set, int processor)
{
    for (int i = 0; i < CPU_SETSIZE; i++) {
        processor = (processor + 1) % CPU_SETSIZE;
        if (CPU_ISSET((size_t)processor, set))
            break;
    }
    return processor;
}

void sp_places_to_run_init(sp_places_to_run *places)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        CPU_ZERO(&set);
    memcpy(places->bits, &set, sizeof set);
    places->count = (unsigned)CPU_COUNT(&set);
    places->next = next_processor(&set, sched_getcpu());
}

void sp_thread_anywhere(const sp_places_to_run *places)
{
    cpu_set_t set;
    memcpy(&set, places->bits, sizeof set);
    if (places->count > 0)
        (void)sched_setaffinity(0, sizeof set, &set);
}

bool sp_thread_start(sp_places_to_run *places, bool has_place, size_t stack_bytes, void *(*run)(void *), void *context,
                     pthread_t *ret)
{
    pthread_attr_t attributes;
    cpu_set_t set;
    memcpy(&set, places->bits, sizeof set);
    if (pthread_attr_init(&attributes) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attributes, stack_bytes);
#ifdef __GLIBC__
    cpu_set_t there;
    CPU_ZERO(&there);
    CPU_SET((size_t)places->next, &there);
    (void)pthread_attr_setaffinity_np(&attributes, has_place ? sizeof there : 0, &there);
    bool is_started = pthread_create(ret, &attributes, run, context) == 0;
    (void)pthread_attr_setaffinity_np(&attributes, 0, &there);
    is_started = is_started || (has_place && pthread_create(ret, &attributes, run, context) == 0);
#else /* musl takes no place as an attribute, and set later it would race with sp_thread_anywhere */
    (void)has_place;
    bool is_started = pthread_create(ret, &attributes, run, context) == 0;
#endif
    pthread_attr_destroy(&attributes);
    places->next = next_processor(&set, places->next);
    return is_started;
}

#else
typedef int sp_not_linux; /* an empty file is not C */
#endif
