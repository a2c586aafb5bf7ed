#include "base/run.h"
#include "base/system.h"
#include "base/types.h"

#if SP_HAS_PROCESSES

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int redirect_errors(posix_spawn_file_actions_t *actions, const sp_run *run)
{
    if (run->with_errors)
        return posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
    return posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
}

static int redirect_input(posix_spawn_file_actions_t *actions, int input)
{
    if (input >= 0)
        return posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
    return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
}

/* In a group of its own, so that what it starts ends with it. input -1: it has none. */
static int spawn(const sp_run *run, int input, int output, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    if (!run->arguments[0])
        return ENOENT;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int failed = redirect_input(&actions, input);
    failed = failed ? failed : posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    failed = failed ? failed : redirect_errors(&actions, run);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    if (!failed)
        failed = posix_spawn(ret, run->arguments[0], &actions, &attributes, (char *const *)run->arguments,
                             (char *const *)run->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
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
    int ends[2];
    pid_t child;
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
    int ends[2];
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
