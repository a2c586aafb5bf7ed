#include "base/run.h"
#include "base/system.h"
#include "base/types.h"

#if SP_HAS_PROCESSES

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum {
    CPU_SECONDS_MORE = 5 /* than the time that it is waited for: for when nobody is left who waits */
};
/* Of what it allocates: files that it maps do not count, such as packs. A work tree of a million files needs 400 MiB.
 */
#define MAX_MEMORY_BYTES ((rlim_t)512 << 20)

static bool lower(struct rlimit *limits, rlim_t value)
{
    bool is_lower = value < limits->rlim_cur;
    limits->rlim_cur = is_lower ? value : limits->rlim_cur;
    return is_lower;
}

/* Which limit is meant has a type of its own in some libraries, so both are named twice. */
static void limit(rlim_t memory_bytes, rlim_t cpu_seconds)
{
    struct rlimit limits;
    if (getrlimit(RLIMIT_DATA, &limits) == 0 && lower(&limits, memory_bytes))
        (void)setrlimit(RLIMIT_DATA, &limits);
    if (getrlimit(RLIMIT_CPU, &limits) == 0 && lower(&limits, cpu_seconds))
        (void)setrlimit(RLIMIT_CPU, &limits);
}

/* What the new process is given, away from the numbers that it becomes. */
static int put_aside(int descriptor)
{
    return fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/* In the new process, where only system calls may be made: other threads may have held any lock. */
static void become(const sp_run *run, int input, int output, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    int nothing = put_aside(open("/dev/null", O_RDWR | O_CLOEXEC));
    input = input >= 0 ? put_aside(input) : nothing;
    output = put_aside(output);
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(run->with_errors ? output : nothing, STDERR_FILENO) < 0 || setpgid(0, 0) != 0)
        return;
    limit(MAX_MEMORY_BYTES, (rlim_t)run->timeout_ms / 1000 + CPU_SECONDS_MORE);
    if (parent)
        sp_end_with_parent(parent);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(run->arguments[0], (char *const *)run->arguments, (char *const *)run->environment);
}

/* In a group of its own, so that what it starts ends with it. input -1: it has none, and ends with the thread that
 * starts it; else it ends when its input does. */
static int spawn(const sp_run *run, int input, int output, pid_t *ret)
{
    pid_t self = getpid();
    if (!run->arguments[0] || access(run->arguments[0], X_OK) != 0)
        return ENOENT;
    pid_t child = fork();
    if (child < 0)
        return errno;
    if (child == 0) {
        become(run, input, output, input < 0 ? self : 0);
        _exit(127);
    }
    (void)setpgid(child, child); /* either of us may be the first */
    *ret = child;
    return 0;
}

/* Everything up to the end, the deadline or the limit. */
static sp_run_state read_all(const sp_run *run, int input, int64_t deadline, sp_buf *out)
{
    char bytes[4096];
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd wanted = { .fd = input, .events = POLLIN };
        int ready = left > 0 ? poll(&wanted, 1, (int)left) : 0;
        if (ready == 0)
            return SP_RUN_SLOW;
        ssize_t count = ready > 0 ? read(input, bytes, sizeof bytes) : -1;
        if (count == 0)
            return SP_RUN_FINE;
        if (count < 0 && errno != EINTR)
            return SP_RUN_FAILED;
        if (count > 0)
            sp_buf_add(out, (sp_str){ bytes, (size_t)count });
        if (out->len > run->max_bytes)
            return SP_RUN_TOO_MUCH;
    }
}

/* It has closed its output; what it does from now on is of no interest. */
static sp_run_state wait_for(pid_t child, int64_t deadline)
{
    static const struct timespec pause = { .tv_nsec = 1000000 };
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0 && now_ms() < deadline)
        nanosleep(&pause, NULL);
    if (ended == 0)
        return SP_RUN_SLOW;
    return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? SP_RUN_FINE : SP_RUN_FAILED;
}

static void end_group(pid_t child)
{
    kill(-child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

sp_status sp_run_program(sp_arena *arena, sp_run *run, sp_err *err)
{
    int ends[2] = { -1, -1 };
    pid_t child = -1;
    sp_buf out = { 0 };
    int64_t deadline = now_ms() + run->timeout_ms;
    run->state = SP_RUN_ABSENT;
    if (!sp_pipe(ends))
        return SP_OK;
    int failed = spawn(run, -1, ends[1], &child);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return failed == ENOMEM ? sp_err_memory(err) : SP_OK;
    }
    run->state = read_all(run, ends[0], deadline, &out);
    close(ends[0]);
    bool is_running = run->state != SP_RUN_FINE;
    if (!is_running)
        run->state = wait_for(child, deadline);
    if (is_running || run->state == SP_RUN_SLOW)
        end_group(child);
    run->output = sp_buf_move(&out, arena);
    return run->output.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- one question after the other -------------------------------------------------------------- */

/* A socket and not two pipes, because writing to one whose reader has ended need not end us (sp_socket_send). */
sp_status sp_talk_start(sp_talk *talk, sp_run *run, sp_err *err)
{
    int ends[2] = { -1, -1 };
    run->state = SP_RUN_ABSENT;
    if (!sp_socket_pair(ends))
        return SP_OK;
    int failed = spawn(run, ends[1], ends[1], &talk->child);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return failed == ENOMEM ? sp_err_memory(err) : SP_OK;
    }
    run->state = SP_RUN_FINE;
    talk->descriptor = ends[0];
    talk->timeout_ms = run->timeout_ms;
    talk->begin = talk->end = 0;
    return SP_OK;
}

/* Whether the socket can be read from, or written to, before the deadline. */
static bool is_ready(const sp_talk *talk, short what, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd wanted = { .fd = talk->descriptor, .events = what };
        int ready = left > 0 ? poll(&wanted, 1, (int)left) : 0;
        if (ready >= 0 || errno != EINTR)
            return ready > 0;
    }
}

bool sp_talk_send(sp_talk *talk, sp_str question)
{
    int64_t deadline = now_ms() + talk->timeout_ms;
    while (question.len > 0) {
        if (!is_ready(talk, POLLOUT, deadline))
            return false;
        long count = sp_socket_send(talk->descriptor, question.ptr, question.len);
        if (count < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (count > 0)
            question = sp_str_slice(question, (size_t)count, question.len);
    }
    return true;
}

/* More bytes in the buffer, all of which was asked for. */
static bool refill(sp_talk *talk, int64_t deadline)
{
    for (;;) {
        if (!is_ready(talk, POLLIN, deadline))
            return false;
        ssize_t count = read(talk->descriptor, talk->bytes, sizeof talk->bytes);
        if (count < 0 && errno == EINTR)
            continue;
        talk->begin = 0;
        talk->end = count > 0 ? (size_t)count : 0;
        return count > 0;
    }
}

bool sp_talk_line(sp_talk *talk, char *line, size_t room)
{
    int64_t deadline = now_ms() + talk->timeout_ms;
    for (size_t used = 0; used < room; used++) {
        if (talk->begin == talk->end && !refill(talk, deadline))
            return false;
        line[used] = talk->bytes[talk->begin++];
        if (line[used] == '\n') {
            line[used] = '\0';
            return true;
        }
    }
    return false;
}

bool sp_talk_read(sp_talk *talk, char *to, size_t len)
{
    int64_t deadline = now_ms() + talk->timeout_ms;
    while (len > 0) {
        if (talk->begin == talk->end && !refill(talk, deadline))
            return false;
        size_t count = talk->end - talk->begin < len ? talk->end - talk->begin : len;
        memcpy(to, talk->bytes + talk->begin, count);
        talk->begin += count;
        to += count;
        len -= count;
    }
    return true;
}

void sp_talk_end(sp_talk *talk)
{
    close(talk->descriptor);
    end_group(talk->child);
}

#else

#include <unistd.h>

/* No program can be started, so none is there. */
sp_status sp_run_program(sp_arena *arena, sp_run *run, sp_err *err)
{
    (void)arena, (void)err;
    run->state = SP_RUN_ABSENT;
    return SP_OK;
}

sp_status sp_talk_start(sp_talk *talk, sp_run *run, sp_err *err)
{
    (void)talk, (void)err;
    run->state = SP_RUN_ABSENT;
    return SP_OK;
}

bool sp_talk_send(sp_talk *talk, sp_str question)
{
    (void)talk, (void)question;
    return false;
}

bool sp_talk_line(sp_talk *talk, char *line, size_t room)
{
    (void)talk, (void)line, (void)room;
    return false;
}

bool sp_talk_read(sp_talk *talk, char *to, size_t len)
{
    (void)talk, (void)to, (void)len;
    return false;
}

void sp_talk_end(sp_talk *talk)
{
    (void)talk;
}

#endif
