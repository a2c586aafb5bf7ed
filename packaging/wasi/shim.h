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

struct winsize {
    unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};

/* There are no links to resolve: made absolute, without "." and "..", if there is such a file. */
char *realpath(const char *path, char *resolved);
mode_t umask(mode_t mask);
int fchmod(int descriptor, mode_t mode);
int fchdir(int descriptor);

#endif
