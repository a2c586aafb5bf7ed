/* shim.h - what of POSIX the sources use and WASI's C library lacks. Included in front of every file by cross.mk. */
#ifndef WASI_SHIM_H
#define WASI_SHIM_H

#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

#define O_PATH O_RDONLY
#define NAME_MAX 255
#define TIOCGWINSZ 0x5413

#define MSG_DONTWAIT 0
#define MSG_NOSIGNAL 0

/* <sys/wait.h> names it. */
typedef struct {
    pid_t si_pid;
} siginfo_t;

struct winsize {
    unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};

/* There are no links to resolve: made absolute, without "." and "..", if there is such a file. */
char *realpath(const char *path, char *resolved);
mode_t umask(mode_t mask);
int fchmod(int descriptor, mode_t mode);
int fchdir(int descriptor);
char *mkdtemp(char *pattern);
uid_t geteuid(void);

#endif
