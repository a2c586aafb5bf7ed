/*
 * beside.c - a file that takes another one's place in one step.
 *
 * It is written without a name where the file system can do that, and gets one, NAME.XXXXXX, right before it is
 * renamed; elsewhere it has that name from the start. A run that is killed may leave such a file. The next one that
 * writes NAME removes it.
 */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef O_PATH /* Linux alone can open a directory that may not be read */
#define O_PATH O_RDONLY
#endif

sp_status cli_fail_at(const char *path, const char *doing, sp_err *err)
{
    int code = errno;
    *err = (sp_err){ .status = SP_ERR_OUTPUT };
    snprintf(err->path, sizeof err->path, "%.500s", path);
    snprintf(err->message, sizeof err->message, "cannot %s: %s", doing, strerror(code));
    return err->status;
}

/* Flushes the directory, so that the rename survives a crash. A file system that cannot do that is not our business. */
static void sync_directory(int directory)
{
    int readable = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (readable >= 0) {
        fsync(readable);
        close(readable);
    }
}

/* ---- where ---------------------------------------------------------------------------------------------- */

/* Opens a directory by its absolute path and through no link: whoever puts one in the way makes it fail. -1, with
 * errno, if it cannot. */
static int open_unlinked(char *directory)
{
    char *rest = NULL;
    int opened = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (char *part = strtok_r(directory, "/", &rest); opened >= 0 && part; part = strtok_r(NULL, "/", &rest)) {
        int below = openat(opened, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int code = errno;
        close(opened);
        opened = below;
        errno = code;
    }
    return opened;
}

/* Sets the directory and the name of the writer. */
static bool split_target(cli_writer *writer, const char *target, bool is_guarded)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(target, '/');
    size_t len = slash ? (size_t)(slash - target) + 1 : 0;
    size_t name_len = strlen(target + len);
    errno = ENAMETOOLONG;
    writer->directory = -1;
    if (len >= sizeof directory || name_len >= sizeof writer->name)
        return false;
    memcpy(writer->name, target + len, name_len + 1);
    memcpy(directory, target, len);
    directory[len] = '\0';
    writer->directory =
        is_guarded ? open_unlinked(directory) : open(len ? directory : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return writer->directory >= 0;
}

/* ---- names ---------------------------------------------------------------------------------------------- */

enum { BESIDE_DIGITS = 6, LEFT_OVER_SECONDS = 60 };

/* Of all files beside NAME: nobody else's are called so, and no NAME is too long for it. (FNV-1a) */
static void prefix_beside(cli_writer *writer)
{
    uint32_t hash = 2166136261u;
    for (const char *at = writer->name; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    snprintf(writer->beside, sizeof writer->beside, ".sysprompt-%08" PRIx32 "-", hash);
    writer->prefix_len = strlen(writer->beside);
}

/* Sets the next name to try. Whoever guesses it gains nothing: a file or a link that is there already is not opened. */
static void name_beside(cli_writer *writer, unsigned attempt)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned number = ((unsigned)now.tv_nsec ^ (unsigned)getpid() << 12) + attempt * 7919;
    snprintf(writer->beside + writer->prefix_len, sizeof writer->beside - writer->prefix_len, "%06x",
             number & 0xFFFFFF);
}

static bool is_name_beside(const cli_writer *writer, const char *name)
{
    size_t len = writer->prefix_len;
    return strncmp(name, writer->beside, len) == 0 && strspn(name + len, "0123456789abcdef") == BESIDE_DIGITS &&
           name[len + BESIDE_DIGITS] == '\0';
}

/* Another run may be about to rename its own, which was touched when it got its name. */
static bool is_left_over(const cli_writer *writer, const char *name)
{
    struct stat info;
    return is_name_beside(writer, name) && fstatat(writer->directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(info.st_mode) && info.st_uid == geteuid() && info.st_nlink == 1 &&
           time(NULL) - info.st_mtime > LEFT_OVER_SECONDS;
}

/* A directory that cannot be listed keeps them. */
static void remove_left_over(const cli_writer *writer)
{
    int listed = openat(writer->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = listed >= 0 ? fdopendir(listed) : NULL;
    if (!entries && listed >= 0)
        close(listed);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_left_over(writer, entry->d_name))
            unlinkat(writer->directory, entry->d_name, 0);
    if (entries)
        closedir(entries);
}

/* ---- a file with and without a name ---------------------------------------------------------------------- */

#ifdef O_TMPFILE
/* The path by which a file without a name is given one. */
static void path_of_descriptor(int descriptor, char ret[32])
{
    snprintf(ret, 32, "/proc/self/fd/%d", descriptor);
}

/* -1 where the file system has no such files, or they could not be named. */
static int create_unnamed(const cli_writer *writer)
{
    char path[32];
    int descriptor = openat(writer->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    path_of_descriptor(descriptor, path);
    if (descriptor < 0 || access(path, F_OK) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

static bool give_name(cli_writer *writer)
{
    char path[32];
    path_of_descriptor(writer->descriptor, path);
    (void)futimens(writer->descriptor, NULL);
    errno = EEXIST;
    for (unsigned attempt = 0; attempt < 1000 && !writer->is_named && errno == EEXIST; attempt++) {
        name_beside(writer, attempt);
        writer->is_named = linkat(AT_FDCWD, path, writer->directory, writer->beside, AT_SYMLINK_FOLLOW) == 0;
    }
    return writer->is_named;
}
#else
static int create_unnamed(const cli_writer *writer)
{
    (void)writer;
    return -1;
}

static bool give_name(cli_writer *writer)
{
    return writer->is_named;
}
#endif

static int create_named(cli_writer *writer)
{
    int descriptor = -1;
    errno = EEXIST;
    for (unsigned attempt = 0; attempt < 1000 && descriptor < 0 && errno == EEXIST; attempt++) {
        name_beside(writer, attempt);
        descriptor = openat(writer->directory, writer->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    writer->is_named = descriptor >= 0;
    return descriptor;
}

static int create(cli_writer *writer)
{
    prefix_beside(writer);
    int descriptor = create_unnamed(writer);
    return descriptor >= 0 ? descriptor : create_named(writer);
}

sp_status cli_open_beside(cli_writer *writer, const sp_document_output *output, const char *target, sp_err *err)
{
    writer->descriptor = split_target(writer, target, output->is_guarded) ? create(writer) : -1;
    writer->is_beside = writer->descriptor >= 0;
    if (writer->is_beside)
        return SP_OK;
    sp_status status = cli_fail_at(output->path, "create a file in its directory", err);
    if (writer->directory >= 0)
        close(writer->directory);
    return status;
}

/* ---- into its place --------------------------------------------------------------------------------------- */

/* Whether the file there is still the one that was looked at, or there is still none. */
static bool is_as_it_was(const cli_writer *writer, const sp_document_output *output)
{
    struct stat info;
    if (fstatat(writer->directory, writer->name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT && !output->exists;
    return output->exists && S_ISREG(info.st_mode) && (uint64_t)info.st_dev == output->device &&
           (uint64_t)info.st_ino == output->inode;
}

static bool move_to_place(const cli_writer *writer, const sp_document_output *output)
{
    if (output->is_guarded && !is_as_it_was(writer, output)) {
        errno = ESTALE;
        return false;
    }
    return renameat(writer->directory, writer->beside, writer->directory, writer->name) == 0;
}

/* Whether the file is whole and has a name. It is closed. */
static bool finish(cli_writer *writer)
{
    bool done = fchmod(writer->descriptor, writer->mode) == 0 && fsync(writer->descriptor) == 0 &&
                (writer->is_named || give_name(writer));
    int code = errno;
    bool is_closed = close(writer->descriptor) == 0;
    if (!done)
        errno = code;
    return done && is_closed;
}

/* Sets errno where it is not. */
static bool take_place(cli_writer *writer, const sp_document_output *output)
{
    if (!finish(writer) || !move_to_place(writer, output))
        return false;
    writer->is_named = false;
    sync_directory(writer->directory);
    remove_left_over(writer);
    return true;
}

sp_status cli_close_beside(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err)
{
    bool is_moved = is_whole && take_place(writer, output);
    int code = errno;
    if (!is_whole)
        close(writer->descriptor);
    if (writer->is_named)
        unlinkat(writer->directory, writer->beside, 0);
    close(writer->directory);
    errno = code;
    if (is_moved || !is_whole)
        return SP_OK;
    bool has_changed = code == ESTALE && output->is_guarded;
    return cli_fail_at(output->path, has_changed ? "write, because it changed meanwhile" : "write", err);
}
