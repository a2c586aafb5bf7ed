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
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static sp_status fail(const char *path, const char *doing, sp_err *err)
{
    int code = errno;
    *err = (sp_err){ .status = SP_ERR_OUTPUT };
    snprintf(err->path, sizeof err->path, "%.500s", path);
    snprintf(err->message, sizeof err->message, "cannot %s: %s", doing, strerror(code));
    return err->status;
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

static sp_status open_beside(cli_writer *writer, const char *path, sp_err *err)
{
    int length = snprintf(writer->beside, sizeof writer->beside, "%s.XXXXXX", writer->target);
    if (length < 0 || (size_t)length >= sizeof writer->beside) {
        errno = ENAMETOOLONG;
        return fail(path, "write", err);
    }
    writer->descriptor = mkostemp(writer->beside, O_CLOEXEC);
    writer->is_beside = writer->descriptor >= 0;
    return writer->is_beside ? SP_OK : fail(path, "create a file in its folder", err);
}

static sp_status open_directly(cli_writer *writer, const char *path, int flags, sp_err *err)
{
    writer->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);
    return writer->descriptor >= 0 ? SP_OK : fail(path, "open for writing", err);
}

static sp_status open_file(cli_writer *writer, const char *path, sp_err *err)
{
    struct stat info;
    if (stat(path, &info) != 0 && lstat(path, &info) == 0) /* renaming would put a file in place of the link */
        return fail(path, "write, because it is a link whose target does not exist", err);
    if (stat(path, &info) != 0) {
        writer->mode = mode_of_new_file();
        /* one that is cut short is too long for a name beside */
        snprintf(writer->target, sizeof writer->target, "%s", path);
        return open_beside(writer, path, err);
    }
    if (!S_ISREG(info.st_mode))
        return open_directly(writer, path, 0, err);
    writer->mode = info.st_mode & 07777;
    if (!realpath(path, writer->target)) /* a link keeps pointing where it does */
        return fail(path, "write", err);
    return open_beside(writer, path, err);
}

static sp_status open_output(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    writer->is_beside = false;
    switch (output->place) {
    case SP_OUTPUT_STDOUT:
    case SP_OUTPUT_STDERR:
        writer->descriptor = STDOUT_FILENO;
        return SP_OK;
    case SP_OUTPUT_FILE:
        return open_file(writer, output->path, err);
    case SP_OUTPUT_FILE_END:
        return open_directly(writer, output->path, O_APPEND | O_CREAT, err);
    }
    return SP_OK;
}

static sp_status fail_to_write(const sp_document_output *output, sp_err *err)
{
    return fail(output->place == SP_OUTPUT_STDOUT ? "standard output" : output->path, "write", err);
}

static sp_status close_beside(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err)
{
    bool kept = is_whole && fchmod(writer->descriptor, writer->mode) == 0 && fsync(writer->descriptor) == 0;
    int code = errno;
    if (close(writer->descriptor) != 0 && kept) {
        code = errno;
        kept = false;
    }
    if (kept && rename(writer->beside, writer->target) == 0) {
        sync_folder(writer->target);
        return SP_OK;
    }
    if (kept)
        code = errno;
    unlink(writer->beside);
    errno = code;
    return is_whole ? fail_to_write(output, err) : SP_OK;
}

static sp_status close_output(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err)
{
    if (writer->is_beside)
        return close_beside(writer, output, is_whole, err);
    /* close() is where a network file system tells that nothing was kept */
    if (close(writer->descriptor) != 0 && is_whole)
        return fail_to_write(output, err);
    return SP_OK;
}

sp_status cli_save(void *context, sp_output_step step, const sp_document_output *output, sp_err *err)
{
    cli_writer *writer = context;
    /* standard error is for messages, too, so it stays open, and what cannot be written there has nowhere to be told */
    if (output->place == SP_OUTPUT_STDERR) {
        if (step == SP_OUTPUT_ADD)
            fwrite(output->bytes, 1, output->len, stderr);
        return SP_OK;
    }
    switch (step) {
    case SP_OUTPUT_OPEN:
        return open_output(writer, output, err);
    case SP_OUTPUT_ADD:
        return write_all(writer->descriptor, output->bytes, output->len) ? SP_OK : fail_to_write(output, err);
    case SP_OUTPUT_CLOSE:
    case SP_OUTPUT_DROP:
        return close_output(writer, output, step == SP_OUTPUT_CLOSE, err);
    }
    return SP_OK;
}

sp_status cli_save_whole(const char *path, const char *bytes, size_t len, sp_err *err)
{
    cli_writer writer = { .descriptor = -1 };
    bool is_stdout = !path || strcmp(path, "-") == 0;
    sp_document_output output = { is_stdout ? SP_OUTPUT_STDOUT : SP_OUTPUT_FILE, path, bytes, len };
    sp_status status = cli_save(&writer, SP_OUTPUT_OPEN, &output, err);
    if (status != SP_OK)
        return status;
    status = cli_save(&writer, SP_OUTPUT_ADD, &output, err);
    sp_status closed = cli_save(&writer, status == SP_OK ? SP_OUTPUT_CLOSE : SP_OUTPUT_DROP, &output,
                                status == SP_OK ? err : &(sp_err){ 0 });
    return status == SP_OK ? closed : status;
}
