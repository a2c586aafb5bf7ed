/*
 * confine.c - Landlock and seccomp by their system calls: no library is needed, and headers of older systems lack
 * parts.
 *
 * The numbers and structures are those of <linux/landlock.h>; the kernel knows the fields of its own version from the
 * size that it is told, and the rights from the version that it tells.
 */
#include "base/confine.h"
#include "base/base.h"

#if defined __linux__ && (defined __x86_64__ || defined __aarch64__)

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- files: Landlock ------------------------------------------------------------------------------------- */

enum {
    LANDLOCK_CREATE = 444,
    LANDLOCK_ADD = 445,
    LANDLOCK_RESTRICT = 446,
    LANDLOCK_VERSION = 1, /* flag of LANDLOCK_CREATE */
    LANDLOCK_BENEATH = 1, /* kind of rule */
};

enum {
    MAY_EXECUTE = 1 << 0,
    MAY_WRITE = 1 << 1,
    MAY_READ = 1 << 2,
    MAY_LIST = 1 << 3,
    RIGHTS_OF_1 = (1 << 13) - 1, /* version 1 */
    RIGHT_REFER = 1 << 13,       /* 2: to link or rename between directories */
    RIGHT_TRUNCATE = 1 << 14,    /* 3 */
    RIGHT_IOCTL = 1 << 15,       /* 5: on devices */
    NET_TCP = 3,                 /* 4: bind and connect */
    SCOPES = 3,                  /* 6: abstract sockets and signals to others */
};

struct ruleset {
    uint64_t files;
    uint64_t net;
    uint64_t scopes;
};

struct beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

static void allow(int ruleset, const char *path, uint64_t rights)
{
    struct stat info;
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0)
        return;
    if (fstat(file, &info) == 0) {
        struct beneath rule = { S_ISDIR(info.st_mode) ? rights : rights & ~(uint64_t)MAY_LIST, file };
        (void)syscall(LANDLOCK_ADD, ruleset, LANDLOCK_BENEATH, &rule, 0);
    }
    close(file);
}

/* What every program needs to start and to tell the time; none of it is a secret. */
static const char *const common[] = { "/lib",
                                      "/lib64",
                                      "/usr/lib",
                                      "/usr/lib64",
                                      "/usr/local/lib",
                                      "/nix/store",
                                      "/etc/ld.so.cache",
                                      "/etc/ld-musl-x86_64.path",
                                      "/etc/ld-musl-aarch64.path",
                                      "/etc/gitconfig",
                                      "/etc/passwd",
                                      "/etc/localtime",
                                      "/usr/share/zoneinfo",
                                      "/usr/share/git-core" };

/* A program is run by its loader, which has to be one, too. */
static const char *const loaders[] = { "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1",
                                       "/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1" };

static void allow_all(int ruleset, const sp_confinement *plan)
{
    for (size_t i = 0; i < plan->readable_count; i++)
        allow(ruleset, plan->readable[i], MAY_READ | MAY_LIST);
    for (size_t i = 0; i < SP_COUNT_OF(common); i++)
        allow(ruleset, common[i], MAY_READ | MAY_LIST);
    for (size_t i = 0; plan->program && i < SP_COUNT_OF(loaders); i++)
        allow(ruleset, loaders[i], MAY_EXECUTE | MAY_READ);
    if (plan->program)
        allow(ruleset, plan->program, MAY_EXECUTE | MAY_READ);
    allow(ruleset, "/dev/null", MAY_READ | MAY_WRITE); /* where messages of git go */
}

static bool confine_files(const sp_confinement *plan)
{
    struct ruleset set = { .files = RIGHTS_OF_1 };
    long version = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_VERSION);
    if (version < 1)
        return false;
    set.files |=
        (version >= 2 ? RIGHT_REFER : 0) | (version >= 3 ? RIGHT_TRUNCATE : 0) | (version >= 5 ? RIGHT_IOCTL : 0);
    set.net = version >= 4 ? NET_TCP : 0;
    set.scopes = version >= 6 ? SCOPES : 0;
    size_t size = version >= 6 ? sizeof set : version >= 4 ? offsetof(struct ruleset, scopes) : sizeof set.files;
    int ruleset = (int)syscall(LANDLOCK_CREATE, &set, size, 0);
    if (ruleset < 0)
        return false;
    allow_all(ruleset, plan);
    bool is_done = syscall(LANDLOCK_RESTRICT, ruleset, 0) == 0;
    close(ruleset);
    return is_done;
}

/* ---- calls: seccomp ---------------------------------------------------------------------------------------- */

/* Those that neither we nor git need, and that Landlock does not judge. They fail with EPERM. */
static const uint32_t refused[] = {
    SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_unshare,
    SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_bpf, SYS_perf_event_open, SYS_keyctl,
    SYS_add_key, SYS_request_key, SYS_memfd_create, /* a file that no rule of Landlock's holds could be run */
    SYS_open_by_handle_at, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr,
    SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
#ifdef SYS_userfaultfd
    SYS_userfaultfd,
#endif
#ifdef __x86_64__
    SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
#endif
    /* by number, for headers that lack them; these are the same on all machines */
    425, /* io_uring_setup, which could make sockets */
    426, /* io_uring_enter */
    427, /* io_uring_register */
    438, /* pidfd_getfd */
    442, /* mount_setattr */
    452, /* fchmodat2 */
};

#ifdef __x86_64__
#define MACHINE AUDIT_ARCH_X86_64
#define FIRST_FOREIGN 0x40000000u /* calls of x32 have numbers from here on */
#else
#define MACHINE AUDIT_ARCH_AARCH64
#define FIRST_FOREIGN UINT32_MAX
#endif

enum { HEAD = 4, TAIL = 2 };

/* Numbers of another machine are refused all together. */
static bool confine_calls(void)
{
    struct sock_filter code[HEAD + SP_COUNT_OF(refused) + TAIL];
    const uint8_t count = (uint8_t)SP_COUNT_OF(refused);
    size_t at = 0;
    code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 0, (uint8_t)(count + 3));
    code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_FOREIGN, (uint8_t)(count + 1), 0);
    for (uint8_t i = 0; i < count; i++)
        code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], (uint8_t)(count - i), 0);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    const struct sock_fprog program = { (unsigned short)at, code };
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

void sp_confine(const sp_confinement *plan, sp_confined *ret)
{
    *ret = (sp_confined){ false, false };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return;
    ret->files = confine_files(plan);
    ret->calls = confine_calls();
}

#else

void sp_confine(const sp_confinement *plan, sp_confined *ret)
{
    (void)plan;
    *ret = (sp_confined){ false, false };
}

#endif
