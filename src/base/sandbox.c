/*
 * sandbox.c - the processes:
 *
 *   we - supervisor - init - program           with namespaces; init is process 1 of its own, all in there end with it
 *   we - supervisor - program                  without; the supervisor inherits what loses its parent, and ends it
 *
 * Between fork and exec only system calls are made. The namespaces are entered by the supervisor, so that nothing of
 * ours is in them, after a child of it has tried them, because there is no way back out of one. It makes the listener
 * there and hands it over, because a socket stays in the network it was made in. Everything that only Linux has is
 * between the two lines of #ifdef below; elsewhere the twin does without.
 */
#include "base/sandbox.h"
#include "base/system.h"
#include "base/types.h"

#if SP_HAS_PROCESSES /* sandbox_none.c has the other way */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the supervisor tells, and the program's end with it. */
typedef struct notice {
    enum { NOTICE_ONLINE = 1, NOTICE_OFFLINE, NOTICE_NOT_RUN, NOTICE_ENDED, NOTICE_STOPPED } kind;
    int value; /* errno of NOTICE_NOT_RUN, the status of NOTICE_ENDED */
} notice;

/* What we tell it: end the program. That we are gone it sees by itself. */
static const char order_stop = 's';

/* What the supervisor has, made before the fork. */
typedef struct post {
    const sp_sandbox_plan *plan;
    uint16_t port;
    int control;
    int output; /* for the program; -1: the terminal is its */
    int reports[2];
    pid_t child;    /* not waited for before all are ended: so its number, which is its group's, stays taken */
    bool has_ended; /* the child, and that was told */
    bool has_init;
    char user_map[64];
    char group_map[64];
} post;

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void set_flags(int descriptor)
{
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
}

/* A socket on 127.0.0.1, or -1 with errno. */
static int listen_on(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        return -1;
    set_flags(listener);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 64) == 0)
        return listener;
    int failed = errno;
    close(listener);
    errno = failed;
    return -1;
}

/* ---- namespaces: Linux, and its twin ---------------------------------------------------------------- */

#ifdef __linux__
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static bool write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    size_t len = strlen(text);
    bool is_written = file >= 0 && write(file, text, len) == (ssize_t)len;
    close_one(&file);
    return is_written;
}

static bool raise_loopback(void)
{
    struct ifreq device = { .ifr_name = "lo" };
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_up = any >= 0 && ioctl(any, SIOCGIFFLAGS, &device) == 0;
    device.ifr_flags |= IFF_UP;
    is_up = is_up && ioctl(any, SIOCSIFFLAGS, &device) == 0;
    close_one(&any);
    return is_up;
}

/* The entry need not be in /etc, where nothing can be made: an overlay adds it. The mount above that hides what the
 * machine has in it. Paths are relative, as the options of an overlay give a meaning to colons and commas. */
static bool mount_etc(const sp_sandbox_plan *plan)
{
    char entry[256];
    int len = plan->etc ? snprintf(entry, sizeof entry, "/etc/%s", plan->etc_name) : 0;
    return !plan->etc || (len > 0 && (size_t)len < sizeof entry && chdir(plan->etc) == 0 &&
                          mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                          mount("overlay", "/etc", "overlay", MS_RDONLY, "lowerdir=.:/etc") == 0 &&
                          mount(plan->etc_name, entry, NULL, MS_BIND, NULL) == 0);
}

/* The user stays who they are in there: programs behave differently for root. */
static bool enter_namespaces(const post *p)
{
    int spaces = CLONE_NEWNET | CLONE_NEWPID | (p->plan->etc ? CLONE_NEWNS : 0);
    bool is_root = geteuid() == 0 && unshare(spaces) == 0;
    if (!is_root) {
        if (unshare(CLONE_NEWUSER | spaces) != 0)
            return false;
        write_file("/proc/self/setgroups", "deny");
        if (!write_file("/proc/self/uid_map", p->user_map) || !write_file("/proc/self/gid_map", p->group_map))
            return false;
    }
    return raise_loopback() && mount_etc(p->plan);
}

static void end_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (parent > 0 && getppid() != parent)
        _exit(0);
}

/* Whether processes that lose their parent become our children; ret_before: whether they did. */
static bool adopt_orphans(bool adopts, bool *ret_before)
{
    int before = 0;
    bool is_known = prctl(PR_GET_CHILD_SUBREAPER, &before) == 0;
    *ret_before = before != 0;
    return is_known && prctl(PR_SET_CHILD_SUBREAPER, adopts ? 1 : 0) == 0;
}

/* The first of our children, at most room. */
static size_t list_children(pid_t *ret, size_t room)
{
    char text[4096] = "";
    size_t count = 0;
    int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    ssize_t len = file >= 0 ? read(file, text, sizeof text - 1) : 0;
    close_one(&file);
    char *at = text, *end;
    for (; len > 0 && count < room; at = end) {
        long number = strtol(at, &end, 10);
        if (end == at || *end == '\0') /* each is followed by a space; a number that is cut off is another's */
            break;
        ret[count++] = (pid_t)number;
    }
    return count;
}

/* All from first on are closed by exec: so that what is wrong with the exec can still be reported. */
static void close_at_exec(int first)
{
#if defined SYS_close_range
    enum { CLOEXEC = 1 << 2 }; /* CLOSE_RANGE_CLOEXEC, which older headers lack */
    if (syscall(SYS_close_range, (unsigned)first, ~0U, (unsigned)CLOEXEC) == 0)
        return;
#endif
    DIR *directory = opendir("/proc/self/fd");
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (atoi(entry->d_name) >= first)
            fcntl(atoi(entry->d_name), F_SETFD, FD_CLOEXEC);
    if (directory)
        closedir(directory);
}

#else

static bool enter_namespaces(const post *p)
{
    (void)p;
    return false;
}

static void end_with_parent(pid_t parent)
{
    (void)parent;
}

static bool adopt_orphans(bool adopts, bool *ret_before)
{
    (void)adopts;
    *ret_before = false;
    return false;
}

static size_t list_children(pid_t *ret, size_t room)
{
    (void)ret;
    (void)room;
    return 0;
}

static void close_at_exec(int first)
{
    for (int i = first; i < getdtablesize(); i++)
        fcntl(i, F_SETFD, FD_CLOEXEC);
}

#endif

/* ---- the program ------------------------------------------------------------------------------------- */

static void set_default_signals(void)
{
    static const int numbers[] = { SIGINT,  SIGQUIT, SIGTERM, SIGHUP,  SIGPIPE,
                                   SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ };
    sigset_t none;
    for (size_t i = 0; i < SP_COUNT_OF(numbers); i++)
        signal(numbers[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void report(const post *p, notice what)
{
    while (write(p->reports[1], &what, sizeof what) < 0 && errno == EINTR)
        continue;
}

/* Standard input and output of a program without the terminal. */
static bool redirect(const post *p)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool is_done = nothing >= 0 && (p->plan->has_input || dup2(nothing, STDIN_FILENO) >= 0);
    is_done = is_done && dup2(p->output, STDOUT_FILENO) >= 0 && dup2(p->output, STDERR_FILENO) >= 0;
    return is_done;
}

/* The descriptor that an argument names, as a shell writes <(...); -1: none. */
static int descriptor_in(const char *argument)
{
    static const char place[] = "/dev/fd/";
    int number = 0;
    if (strncmp(argument, place, sizeof place - 1) != 0)
        return -1;
    for (const char *digit = argument + sizeof place - 1; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || number > 1 << 20)
            return -1;
        number = number * 10 + (*digit - '0');
    }
    return number;
}

/* Nothing but input and output, and what the caller's arguments name: ours are closed at exec anyway. */
static void leave_descriptors(const char *const *arguments)
{
    int kept[16];
    size_t count = 0;
    for (; *arguments && count < SP_COUNT_OF(kept); arguments++) {
        int number = descriptor_in(*arguments);
        int flags = number > STDERR_FILENO ? fcntl(number, F_GETFD) : -1;
        if (flags >= 0 && !(flags & FD_CLOEXEC))
            kept[count++] = number;
    }
    close_at_exec(STDERR_FILENO + 1);
    while (count > 0)
        fcntl(kept[--count], F_SETFD, 0);
}

_Noreturn static void become_program(const post *p)
{
    const sp_sandbox_plan *plan = p->plan;
    set_default_signals();
    leave_descriptors(plan->arguments);
    if ((plan->has_terminal || redirect(p)) && chdir(plan->directory) == 0)
        execve(plan->program, (char *const *)plan->arguments, (char *const *)plan->environment);
    report(p, (notice){ NOTICE_NOT_RUN, errno });
    _exit(127);
}

/* Waits for the program and whatever comes to us for want of a parent. */
static int wait_for(pid_t child)
{
    int status = 0;
    for (;;) {
        int one = 0;
        pid_t ended = waitpid(-1, &one, 0);
        if (ended == child)
            status = one;
        if (ended == child || (ended < 0 && errno != EINTR))
            return status;
    }
}

/* Process 1 of the namespace. */
_Noreturn static void become_init(const post *p)
{
    end_with_parent(0); /* whose number is not known in here */
    close(p->control);
    pid_t child = fork();
    if (child == 0)
        become_program(p);
    if (p->output >= 0)
        close(p->output);
    report(p, child < 0 ? (notice){ NOTICE_NOT_RUN, errno } : (notice){ NOTICE_ENDED, wait_for(child) });
    _exit(0);
}

static void start_program(post *p)
{
    pid_t supervisor = getpid();
    p->child = fork();
    if (p->child == 0 && p->has_init)
        become_init(p);
    if (p->child == 0) {
        end_with_parent(supervisor);
        if (!p->plan->has_terminal)
            setpgid(0, 0);
        become_program(p);
    }
    if (p->child < 0)
        report(p, (notice){ NOTICE_NOT_RUN, errno });
    else if (!p->has_init && !p->plan->has_terminal)
        setpgid(p->child, p->child);
}

/* ---- the end ------------------------------------------------------------------------------------------ */

static bool is_among(pid_t one, const pid_t *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i] == one)
            return true;
    return false;
}

/* Ends our children but those of before. What a program started comes to us once its parent is dead, so this ends. One
 * of another user (sudo) we may not end, nor wait for. */
static void end_children(const pid_t *before, size_t count)
{
    pid_t children[256];
    for (bool has_ended = true; has_ended;) {
        has_ended = false;
        size_t found = list_children(children, SP_COUNT_OF(children));
        for (size_t i = 0; i < found; i++) {
            if (is_among(children[i], before, count) || kill(children[i], SIGKILL) != 0)
                continue;
            has_ended = true;
            while (waitpid(children[i], NULL, 0) < 0 && errno == EINTR)
                continue;
        }
    }
}

static void end_program(post *p)
{
    if (p->child > 0) {
        if (!p->has_init && !p->plan->has_terminal)
            kill(-p->child, SIGKILL);
        kill(p->child, SIGKILL);
        while (waitpid(p->child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    p->child = 0;
    end_children(NULL, 0);
}

/* Empties the directory top/name: what is not empty in there moves to top under another name, so that no depth matters.
 * False where nothing could be taken out. */
static bool empty_into(int top, const char *name, unsigned *moved)
{
    char other[32];
    bool has_changed = false;
    struct stat info;
    bool is_directory = fstatat(top, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
    is_directory = is_directory && fchmodat(top, name, S_IRWXU, 0) == 0;
    int descriptor = is_directory ? openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    DIR *directory = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (!directory) {
        close_one(&descriptor);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(other, sizeof other, ".removed-%u", (*moved)++);
        has_changed |= unlinkat(descriptor, entry->d_name, 0) == 0 ||
                       unlinkat(descriptor, entry->d_name, AT_REMOVEDIR) == 0 ||
                       renameat(descriptor, entry->d_name, top, other) == 0;
    }
    closedir(directory);
    return has_changed;
}

/* One round over the entries of top; false when nothing changed any more. */
static bool empty_once(int top, unsigned *moved)
{
    bool has_changed = false;
    int descriptor = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (!directory) {
        close_one(&descriptor);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (unlinkat(top, name, 0) == 0 || unlinkat(top, name, AT_REMOVEDIR) == 0)
            has_changed = true;
        else
            has_changed |= empty_into(top, name, moved);
    }
    closedir(directory);
    return has_changed;
}

void sp_remove_tree(const char *path)
{
    unsigned moved = 0;
    int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0)
        return;
    while (empty_once(top, &moved))
        continue;
    close(top);
    rmdir(path);
}

/* ---- the supervisor ------------------------------------------------------------------------------------ */

static void tell(int control, notice what, int descriptor)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra = { .bytes = { 0 } };
    struct iovec part = { &what, sizeof what };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (descriptor >= 0) {
        message.msg_control = extra.bytes;
        message.msg_controllen = sizeof extra.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    while (sendmsg(control, &message, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* Away from the terminal, whose interrupts are for us; beside an interactive program it only ignores them. */
static void stand_aside(const post *p)
{
    if (p->plan->has_terminal) {
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        return;
    }
    setsid();
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (!p->plan->has_input)
        dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    close_one(&nothing);
}

/* In a child that is thrown away: whoever fails half-way is in a network where nobody can reach us. */
static bool permits_namespaces(const post *p)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(enter_namespaces(p) && listen_on(p->port) >= 0 ? 0 : 1);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && status == 0;
}

/* False: they were permitted a moment ago and are not now, or the program cannot do without; it must not run. */
static bool announce_network(post *p)
{
    int listener = -1;
    bool before;
    p->has_init = !p->plan->has_network && permits_namespaces(p);
    if (!p->has_init && p->plan->etc) {
        tell(p->control, (notice){ NOTICE_NOT_RUN, EPERM }, -1);
        return false;
    }
    if (p->has_init && (!enter_namespaces(p) || (listener = listen_on(p->port)) < 0)) {
        tell(p->control, (notice){ NOTICE_NOT_RUN, errno ? errno : EPERM }, -1);
        return false;
    }
    if (!p->has_init)
        adopt_orphans(true, &before);
    tell(p->control, (notice){ listener >= 0 ? NOTICE_OFFLINE : NOTICE_ONLINE, 0 }, listener);
    close_one(&listener);
    return true;
}

/* The end of the program, without init. */
static bool has_died(post *p, notice *ret)
{
    siginfo_t info = { .si_pid = 0 };
    if (p->has_init || p->child <= 0 || p->has_ended)
        return false;
    if (waitid(P_PID, (id_t)p->child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != p->child)
        return false;
    p->has_ended = true;
    int status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
    *ret = (notice){ NOTICE_ENDED, info.si_code == CLD_DUMPED ? status | 0x80 : status };
    return true;
}

/* Hands on what is reported until we say stop, or are gone. Without init the end is looked for every 20 ms. */
static void watch(post *p)
{
    struct pollfd wanted[2] = { { .fd = p->control, .events = POLLIN }, { .fd = p->reports[0], .events = POLLIN } };
    for (;;) {
        notice what = { .value = 0 };
        char order;
        if (poll(wanted, 2, p->has_init ? -1 : 20) < 0 && errno != EINTR)
            return;
        if (wanted[1].revents & POLLIN && read(p->reports[0], &what, sizeof what) == sizeof what)
            tell(p->control, what, -1);
        else if (wanted[1].revents & (POLLHUP | POLLERR))
            wanted[1].fd = -1;
        if (has_died(p, &what))
            tell(p->control, what, -1);
        if (!(wanted[0].revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        if (recv(p->control, &order, 1, 0) != 1)
            return;
        end_program(p);
        tell(p->control, (notice){ NOTICE_STOPPED, 0 }, -1);
    }
}

_Noreturn static void become_supervisor(post *p)
{
    signal(SIGCHLD, SIG_DFL); /* ignored, it would take the ends of our children from us */
    stand_aside(p);
    if (announce_network(p))
        start_program(p);
    close_one(&p->reports[1]);
    close_one(&p->output);
    watch(p);
    end_program(p);
    if (p->plan->scratch)
        sp_remove_tree(p->plan->scratch);
    _exit(0);
}

/* ---- our side ------------------------------------------------------------------------------------------ */

sp_status sp_sandbox_open(sp_sandbox *sandbox, uint16_t port, sp_err *err)
{
    struct sockaddr_in address = { 0 };
    socklen_t len = sizeof address;
    *sandbox = (sp_sandbox){ .listener = -1, .output = -1, .control = -1 };
    sandbox->listener = listen_on(port);
    if (sandbox->listener < 0 && port)
        return sp_err_set(err, SP_ERR_USAGE, "cannot listen on 127.0.0.1:%u: %s; choose another port, or none", port,
                          sp_error_text(errno));
    if (sandbox->listener < 0 || getsockname(sandbox->listener, (struct sockaddr *)&address, &len) != 0)
        return sp_err_set(err, SP_ERR_INPUT, "cannot listen on 127.0.0.1: %s", sp_error_text(errno));
    sandbox->port = ntohs(address.sin_port);
    return SP_OK;
}

/* The supervisor was killed, and the program with it. */
static void lose_supervisor(sp_sandbox *sandbox)
{
    close_one(&sandbox->control);
    while (sandbox->supervisor > 0 && waitpid(sandbox->supervisor, NULL, 0) < 0 && errno == EINTR)
        continue;
    sandbox->supervisor = 0;
    if (!sandbox->has_ended)
        sandbox->wait_status = SIGKILL;
    sandbox->has_ended = true;
}

/* Takes one notice, waiting for it where that is wanted. False: there is none, or the supervisor is gone. */
static bool take_notice(sp_sandbox *sandbox, int flags, notice *ret)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra = { .bytes = { 0 } };
    *ret = (notice){ .value = 0 };
    struct iovec part = { ret, sizeof *ret };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    message.msg_control = extra.bytes;
    message.msg_controllen = sizeof extra.bytes;
    ssize_t count;
    while ((count = recvmsg(sandbox->control, &message, flags)) < 0 && errno == EINTR)
        continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (count != (ssize_t)sizeof *ret) {
        lose_supervisor(sandbox);
        return false;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) {
        close_one(&sandbox->listener);
        memcpy(&sandbox->listener, CMSG_DATA(header), sizeof sandbox->listener);
        set_flags(sandbox->listener);
    }
    return true;
}

static void note(sp_sandbox *sandbox, notice what)
{
    sandbox->is_offline |= what.kind == NOTICE_OFFLINE;
    if (what.kind == NOTICE_NOT_RUN)
        sandbox->exec_error = what.value;
    if (what.kind == NOTICE_ENDED && !sandbox->has_ended) {
        sandbox->has_ended = true;
        sandbox->wait_status = what.value;
    }
}

/* A program can kill the supervisor; what it started is ours then. Our own children are not to be confused with it. */
static void begin_adopting(sp_sandbox *sandbox)
{
    sandbox->child_count = list_children(sandbox->children, SP_COUNT_OF(sandbox->children));
    if (sandbox->child_count < SP_COUNT_OF(sandbox->children))
        sandbox->adopts = adopt_orphans(true, &sandbox->adopted_before);
}

static void end_adopting(sp_sandbox *sandbox)
{
    bool before;
    if (!sandbox->adopts)
        return;
    end_children(sandbox->children, sandbox->child_count);
    adopt_orphans(sandbox->adopted_before, &before);
    sandbox->adopts = false;
}

static sp_status fail_start(post *p, int ends[2], int output[2], sp_err *err)
{
    int failed = errno;
    close_one(&ends[0]);
    close_one(&ends[1]);
    close_one(&output[0]);
    close_one(&output[1]);
    close_one(&p->reports[0]);
    close_one(&p->reports[1]);
    return failed == ENOMEM ? sp_err_memory(err)
                            : sp_err_set(err, SP_ERR_INPUT, "cannot start a process: %s", sp_error_text(failed));
}

static bool make_channels(post *p, bool has_output, int ends[2], int output[2])
{
    if (!sp_socket_pair(ends) || !sp_pipe(p->reports) || (has_output && !sp_pipe(output)))
        return false;
    if (has_output)
        set_flags(output[0]);
    return true;
}

sp_status sp_sandbox_start(sp_sandbox *sandbox, const sp_sandbox_plan *plan, sp_err *err)
{
    int ends[2] = { -1, -1 };
    int output[2] = { -1, -1 };
    post p = { .plan = plan, .port = sandbox->port, .reports = { -1, -1 } };
    notice what = { .value = 0 };
    if (!make_channels(&p, !plan->has_terminal, ends, output))
        return fail_start(&p, ends, output, err);
    p.control = ends[1];
    p.output = output[1];
    snprintf(p.user_map, sizeof p.user_map, "%u %u 1\n", (unsigned)geteuid(), (unsigned)geteuid());
    snprintf(p.group_map, sizeof p.group_map, "%u %u 1\n", (unsigned)getegid(), (unsigned)getegid());
    begin_adopting(sandbox);
    pid_t child = fork();
    if (child < 0)
        return fail_start(&p, ends, output, err);
    if (child == 0) {
        close(ends[0]);
        close_one(&output[0]);
        close_one(&sandbox->listener);
        become_supervisor(&p);
    }
    sandbox->supervisor = child;
    sandbox->control = ends[0];
    sandbox->output = output[0];
    close_one(&ends[1]);
    close_one(&output[1]);
    close_one(&p.reports[0]);
    close_one(&p.reports[1]);
    if (take_notice(sandbox, 0, &what))
        note(sandbox, what);
    return SP_OK;
}

void sp_sandbox_poll(sp_sandbox *sandbox)
{
    notice what = { .value = 0 };
    while (sandbox->control >= 0 && take_notice(sandbox, MSG_DONTWAIT, &what))
        note(sandbox, what);
}

enum { STOP_PATIENCE_MS = 10 * 1000 }; /* ending processes takes milliseconds; a machine may be busy */

static bool has_notice(const sp_sandbox *sandbox)
{
    struct pollfd one = { .fd = sandbox->control, .events = POLLIN };
    int ready;
    while ((ready = poll(&one, 1, STOP_PATIENCE_MS)) < 0 && errno == EINTR)
        continue;
    return ready != 0;
}

/* Without namespaces the program may have stopped the supervisor, and may do so again: then it ends, and the program
 * with it. */
void sp_sandbox_stop(sp_sandbox *sandbox)
{
    notice what = { .value = 0 };
    sp_sandbox_poll(sandbox);
    if (sandbox->control < 0 || send(sandbox->control, &order_stop, 1, MSG_NOSIGNAL) != 1)
        return;
    kill(sandbox->supervisor, SIGCONT);
    for (bool goes_on = true; goes_on;) {
        goes_on = has_notice(sandbox);
        if (!goes_on) {
            kill(sandbox->supervisor, SIGKILL);
            lose_supervisor(sandbox);
        } else if (take_notice(sandbox, 0, &what) && what.kind != NOTICE_STOPPED)
            note(sandbox, what);
        else
            goes_on = false;
    }
    sandbox->has_ended = true;
}

void sp_sandbox_close(sp_sandbox *sandbox)
{
    sp_sandbox_stop(sandbox);
    close_one(&sandbox->control);
    while (sandbox->supervisor > 0 && waitpid(sandbox->supervisor, NULL, 0) < 0 && errno == EINTR)
        continue;
    sandbox->supervisor = 0;
    end_adopting(sandbox);
    close_one(&sandbox->listener);
    close_one(&sandbox->output);
}

/* ---- signals --------------------------------------------------------------------------------------------- */

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

void sp_signals_hold(sp_signals *signals)
{
    sigemptyset(&signals->held);
    for (size_t i = 0; i < SP_COUNT_OF(ending_signals); i++) {
        struct sigaction now;
        if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(&signals->held, ending_signals[i]);
    }
    pthread_sigmask(SIG_BLOCK, &signals->held, &signals->before);
}

bool sp_signals_came(const sp_signals *signals)
{
    sigset_t pending;
    sigpending(&pending);
    for (size_t i = 0; i < SP_COUNT_OF(ending_signals); i++)
        if (sigismember(&signals->held, ending_signals[i]) == 1 && sigismember(&pending, ending_signals[i]) == 1)
            return true;
    return false;
}

void sp_signals_release(sp_signals *signals, bool with_keyboard)
{
    sigset_t keyboard, pending;
    int number;
    sigemptyset(&keyboard);
    sigaddset(&keyboard, SIGINT);
    sigaddset(&keyboard, SIGQUIT);
    sigpending(&pending);
    while (!with_keyboard && (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGQUIT) == 1)) {
        sigwait(&keyboard, &number);
        sigpending(&pending);
    }
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
}

#endif
