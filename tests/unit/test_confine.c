/* test_confine.c - an attempt of each kind that a confined thread must fail at, and what it can do still. Each is made
 * in a process of its own, as there is no way back. */
#include "base/base.h"
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/confine.XXXXXX"; /* holds in/, which may be read, and out/ */

/* ---- attempts: 0 where it worked, else errno --------------------------------------------------------------------- */

static int outcome(long result)
{
    return result >= 0 ? 0 : errno;
}

static int read_one(const char *path)
{
    char byte;
    int file = open(path, O_RDONLY);
    return file < 0 ? errno : outcome(read(file, &byte, 1));
}

static int list_one(const char *path)
{
    return outcome(open(path, O_RDONLY | O_DIRECTORY));
}

static int read_inside(void)
{
    return read_one("in/file");
}
static int list_inside(void)
{
    return list_one("in");
}
static int read_common(void)
{
    return read_one("/etc/ld.so.cache");
}
static int read_outside(void)
{
    return read_one("out/secret");
}
static int read_by_link(void)
{
    return read_one("in/link");
}
static int read_by_folder_link(void)
{
    return read_one("in/folder/secret");
}
static int read_by_dots(void)
{
    return read_one("in/../out/secret");
}
static int read_by_root(void)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/self/root%s/out/secret", folder);
    return read_one(path);
}
static int read_by_descriptor(void)
{
    char path[64];
    int file = open("out/secret", O_PATH);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return read_one(path);
}
static int read_environment(void)
{
    return read_one("/proc/1/environ");
}
static int read_memory(void)
{
    return read_one("/proc/self/mem");
}
static int read_shadow(void)
{
    return read_one("/etc/shadow");
}
static int read_device(void)
{
    return read_one("/dev/zero");
}
static int list_outside(void)
{
    return list_one("out");
}
static int list_root(void)
{
    return list_one("/");
}

static int write_inside(void)
{
    return outcome(open("in/file", O_WRONLY));
}
static int append_inside(void)
{
    return outcome(open("in/file", O_WRONLY | O_APPEND));
}
static int empty_inside(void)
{
    return outcome(truncate("in/file", 0));
}
static int create_inside(void)
{
    return outcome(open("in/new", O_WRONLY | O_CREAT, 0600));
}
static int create_nameless(void)
{
    return outcome(open("in", O_TMPFILE | O_RDWR, 0600));
}
static int create_outside(void)
{
    return outcome(open("out/new", O_WRONLY | O_CREAT, 0600));
}
static int remove_inside(void)
{
    return outcome(unlink("in/file"));
}
static int rename_inside(void)
{
    return outcome(rename("in/file", "in/other"));
}
static int make_folder(void)
{
    return outcome(mkdir("in/d", 0700));
}
static int remove_folder(void)
{
    return outcome(rmdir("in/empty"));
}
static int make_link(void)
{
    return outcome(symlink("x", "in/l"));
}
static int make_hard_link(void)
{
    return outcome(link("out/secret", "in/l"));
}
static int make_fifo(void)
{
    return outcome(mkfifo("in/f", 0600));
}
static int change_mode(void)
{
    return outcome(chmod("in/file", 0777));
}
static int change_owner(void)
{
    return outcome(chown("in/file", 1, 1));
}
static int change_times(void)
{
    return outcome(utimensat(AT_FDCWD, "in/file", NULL, 0));
}

static int run(const char *path)
{
    char *const arguments[] = { (char *)path, NULL };
    pid_t child = fork();
    int status;
    if (child == 0) {
        execve(path, arguments, (char *[]){ NULL });
        _exit(errno);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}
static int run_named(void)
{
    return run("/bin/true");
}
static int run_shell(void)
{
    return run("/bin/sh");
}
static int run_inside(void)
{
    return run("in/program");
}
static int run_script(void)
{
    return run("in/script");
}
static int run_memory(void)
{
    int file = memfd_create("x", 0);
    return file < 0 ? errno : outcome(fexecve(file, (char *[]){ NULL }, (char *[]){ NULL }));
}

static int make_socket(void)
{
    return outcome(socket(AF_INET, SOCK_STREAM, 0));
}
static int make_datagram(void)
{
    return outcome(socket(AF_INET6, SOCK_DGRAM, 0));
}
static int make_local_socket(void)
{
    return outcome(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int make_raw_socket(void)
{
    return outcome(socket(AF_PACKET, SOCK_RAW, 0));
}
static int make_ring(void)
{
    return outcome(syscall(425, 1, NULL));
}
static int make_pair(void)
{
    int ends[2];
    return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}
static int trace_parent(void)
{
    return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}
static int leave(void)
{
    return outcome(syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */));
}
static int change_root(void)
{
    return outcome(chroot("out"));
}
static int call_foreign(void) /* open by the number that x32 has, where that is a thing */
{
#ifdef __x86_64__
    return outcome(syscall(0x40000000L + SYS_open, "in/file", O_RDONLY));
#else
    return EPERM;
#endif
}
static void *read_in_thread(void *context)
{
    *(int *)context = read_outside();
    return NULL;
}
static int read_by_thread(void)
{
    int result = 0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_in_thread, &result) != 0)
        return 0;
    pthread_join(thread, NULL);
    return result;
}

typedef struct attempt {
    const char *name;
    int (*make)(void);
    int wanted; /* errno, or 0; -1: any but 0 */
} attempt;

#define ROW(function, wanted)                                                                                          \
    {                                                                                                                  \
#function, function, wanted                                                                                    \
    }
static const attempt of_files[] = {
    ROW(read_inside, 0),
    ROW(list_inside, 0),
    ROW(read_common, 0),
    ROW(run_named, 0),
    ROW(read_outside, EACCES),
    ROW(read_by_link, EACCES),
    ROW(read_by_folder_link, EACCES),
    ROW(read_by_dots, EACCES),
    ROW(read_by_root, EACCES),
    ROW(read_by_descriptor, EACCES),
    ROW(read_by_thread, EACCES),
    ROW(read_environment, -1),
    ROW(read_memory, EACCES),
    ROW(read_shadow, EACCES),
    ROW(read_device, EACCES),
    ROW(list_outside, EACCES),
    ROW(list_root, EACCES),
    ROW(write_inside, EACCES),
    ROW(append_inside, EACCES),
    ROW(empty_inside, -1),
    ROW(create_inside, EACCES),
    ROW(create_nameless, -1),
    ROW(create_outside, EACCES),
    ROW(remove_inside, EACCES),
    ROW(rename_inside, EACCES),
    ROW(make_folder, EACCES),
    ROW(remove_folder, EACCES),
    ROW(make_link, EACCES),
    ROW(make_hard_link, -1),
    ROW(make_fifo, EACCES),
    ROW(run_shell, EACCES),
    ROW(run_inside, EACCES),
    ROW(run_script, EACCES),
};
static const attempt of_calls[] = {
    ROW(make_pair, 0),           ROW(change_mode, EPERM),  ROW(change_owner, EPERM),  ROW(change_times, EPERM),
    ROW(run_memory, EPERM),      ROW(make_socket, EPERM),  ROW(make_datagram, EPERM), ROW(make_local_socket, EPERM),
    ROW(make_raw_socket, EPERM), ROW(make_ring, EPERM),    ROW(trace_parent, EPERM),  ROW(leave, EPERM),
    ROW(change_root, EPERM),     ROW(call_foreign, EPERM),
};

/* ---- the tests ----------------------------------------------------------------------------------------------------
 */

/* The exit code of a process that is confined and then makes the attempt; 200: the kernel cannot. */
static int in_confinement(const attempt *a, bool is_of_files)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const char *const readable[] = { "in", "absent" };
        const sp_confinement plan = { readable, SP_COUNT_OF(readable), "/bin/true" };
        sp_confined done;
        sp_confine(&plan, &done);
        _exit((is_of_files ? done.files : done.calls) ? a->make() : 200);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void try_all(const attempt *rows, size_t count, bool is_of_files)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        int got = in_confinement(&rows[i], is_of_files);
        if (got == 200)
            skip();
        bool is_fine = rows[i].wanted == -1 ? got != 0 : got == rows[i].wanted;
        if (!is_fine)
            print_error("%s: %d, not %d\n", rows[i].name, got, rows[i].wanted);
        failed += !is_fine;
    }
    assert_int_equal(failed, 0);
}

static void test_files(void **state)
{
    (void)state;
    try_all(of_files, SP_COUNT_OF(of_files), true);
}

static void test_calls(void **state)
{
    (void)state;
    try_all(of_calls, SP_COUNT_OF(of_calls), false);
}

/* Each attempt works without the confinement, so that it is that which it fails at. Some need root, or a kernel. */
static void test_control(void **state)
{
    (void)state;
    static int (*const always[])(void) = { read_outside, read_by_link, read_by_folder_link, read_by_root,
                                           list_root,    write_inside, change_mode,         run_script,
                                           make_socket,  make_pair,    read_device,         read_by_descriptor };
    for (size_t i = 0; i < SP_COUNT_OF(always); i++)
        assert_int_equal(always[i](), 0);
}

static void put(const char *path, const char *text, mode_t mode)
{
    int file = open(path, O_WRONLY | O_CREAT, mode);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) && close(file) == 0);
}

static int make_files(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0 || mkdir("in", 0700) != 0 || mkdir("out", 0700) != 0 ||
        mkdir("in/empty", 0700) != 0)
        return -1;
    put("in/file", "text", 0600);
    put("in/script", "#!/bin/sh\n", 0700);
    put("out/secret", "secret", 0600);
    return symlink("../out/secret", "in/link") == 0 && symlink("../out", "in/folder") == 0 &&
                   system("cp /bin/true in/program") == 0
               ? 0
               : -1;
}

static bool remove_all(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0;
}

static int remove_files(void **state)
{
    (void)state;
    return chdir("/") == 0 && remove_all() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_control), cmocka_unit_test(test_files),
                                        cmocka_unit_test(test_calls) };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
