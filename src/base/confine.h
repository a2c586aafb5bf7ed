/*
 * confine.h - a thread that gives up what it will not need: files outside a few directories, all writing, all programs
 * but those named, and the network. There is no way back; threads and programs that it starts are confined as well.
 *
 *   const sp_confinement plan = { .readable = paths, .readable_count = count, .program = "/usr/bin/git" };
 *   sp_confined done;
 *   sp_confine(&plan, &done);
 *   if (!done.files)
 *       ... tell that the kernel cannot
 *
 * Linux alone can, by Landlock (5.13, files) and seccomp (calls). What is open already stays usable: standard input and
 * output, a pipe to another thread. It guards against what input can make the program do, not against input that takes
 * over the whole process: other threads of it stay free.
 */
#ifndef SP_CONFINE_H
#define SP_CONFINE_H

#include "base/types.h"

typedef struct sp_confinement {
    const char *const *readable; /* files, and directories with all in them; one that does not exist is passed over */
    size_t readable_count;
    const char *program; /* an absolute path; the only program that may be run; NULL: none */
} sp_confinement;

typedef struct sp_confined {
    bool files; /* nothing else can be read, nothing written, no other program run */
    bool calls; /* no socket can be made, no other process be looked into, no owner or mode be changed */
} sp_confined;

void sp_confine(const sp_confinement *plan, sp_confined *ret);

#endif
