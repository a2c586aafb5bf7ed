/*
 * output.c - the result, written whole or not at all.
 *
 * A file is written beside its final place and renamed, so that a reader sees the old one or the new one and a full
 * disk harms neither. What is not a regular file (a device, a FIFO) is written to directly.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static cli_exit fail(const cli_options *options, const char *path, const char *doing)
{
    sp_err err = { .status = SP_ERR_OUTPUT };
    int code = errno;
    snprintf(err.path, sizeof err.path, "%.500s", path);
    snprintf(err.message, sizeof err.message, "cannot %s: %s", doing, strerror(code));
    return cli_fail(options, &err);
}

/* A pipe that others made non-blocking may be full for a while. */
static bool wait_for_room(int descriptor)
{
    struct pollfd wanted = { .fd = descriptor, .events = POLLOUT };
    return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

static bool write_all(int descriptor, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(descriptor, bytes, len);
        if (written < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(descriptor))))
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

static cli_exit write_stdout(const cli_options *options, const char *bytes, size_t len)
{
    /* close() is where a network file system tells that nothing was kept */
    if (write_all(STDOUT_FILENO, bytes, len) && close(STDOUT_FILENO) == 0)
        return CLI_OK;
    return fail(options, "standard output", "write");
}

static cli_exit write_directly(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return fail(options, path, "open for writing");
    bool written = write_all(descriptor, bytes, len);
    int code = errno;
    if (close(descriptor) != 0 && written)
        return fail(options, path, "write");
    errno = code;
    return written ? CLI_OK : fail(options, path, "write");
}

/* Flushes the folder, so that the rename survives a crash. A file system that cannot do that is not our business. */
static void sync_folder(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
}

static mode_t mode_of_new_file(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* path is where the file goes, shown what the user called it. */
static cli_exit write_beside(const cli_options *options, const char *path, const char *shown, mode_t mode,
                             const char *bytes, size_t len)
{
    char beside[PATH_MAX];
    int length = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof beside) {
        errno = ENAMETOOLONG;
        return fail(options, shown, "write");
    }
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return fail(options, shown, "create a file in its folder");
    bool written = write_all(descriptor, bytes, len) && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0;
    int code = errno;
    if (close(descriptor) != 0 && written) {
        code = errno;
        written = false;
    }
    if (written && rename(beside, path) == 0) {
        sync_folder(path);
        return CLI_OK;
    }
    if (written)
        code = errno;
    unlink(beside);
    errno = code;
    return fail(options, shown, "write");
}

cli_exit cli_write(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    struct stat info;
    char target[PATH_MAX];
    if (!path || strcmp(path, "-") == 0)
        return write_stdout(options, bytes, len);
    if (stat(path, &info) != 0 && lstat(path, &info) == 0) /* renaming would put a file in place of the link */
        return fail(options, path, "write, because it is a link whose target does not exist");
    if (stat(path, &info) != 0)
        return write_beside(options, path, path, mode_of_new_file(), bytes, len);
    if (!S_ISREG(info.st_mode))
        return write_directly(options, path, bytes, len);
    if (!realpath(path, target)) /* a link keeps pointing where it does */
        return fail(options, path, "write");
    return write_beside(options, target, path, info.st_mode & 07777, bytes, len);
}

/* ---- text in memory --------------------------------------------------------------------------------- */

static cli_exit fail_for_memory(const cli_options *options)
{
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return cli_fail(options, &err);
}

void cli_add(cli_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t needed = text->len + (size_t)(length < 0 ? 0 : length) + 1;
    if (length < 0 || text->failed) {
        text->failed = true;
        return;
    }
    if (needed > text->capacity) {
        char *grown = realloc(text->bytes, needed * 2);
        text->failed = !grown;
        if (!grown)
            return;
        text->bytes = grown;
        text->capacity = needed * 2;
    }
    va_start(args, format);
    vsnprintf(text->bytes + text->len, (size_t)length + 1, format, args);
    va_end(args);
    text->len += (size_t)length;
}

cli_exit cli_write_text(const cli_options *options, cli_text *text)
{
    cli_exit code =
        text->failed ? fail_for_memory(options) : cli_write(options, options->output, text->bytes, text->len);
    free(text->bytes);
    *text = (cli_text){ 0 };
    return code;
}
