/*
 * output.c - the result, written whole or not at all.
 *
 * A file is written beside its final place and renamed, so that a reader sees the old one or the new one and a full
 * disk harms neither. What is not a regular file (a device, a FIFO) is written to directly. A place that a repository
 * chose was looked at before (is_guarded): it is reached through no link, and nothing else is replaced there.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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
static void sync_folder(int folder)
{
    int readable = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (readable >= 0) {
        fsync(readable);
        close(readable);
    }
}

static mode_t mode_of_new_file(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static sp_status fail_to_write(const sp_document_output *output, sp_err *err)
{
    return fail(output->place == SP_OUTPUT_STDOUT ? "standard output" : output->path, "write", err);
}

/* ---- beside its place --------------------------------------------------------------------------------- */

/* Opens a folder by its absolute path and through no link: whoever puts one in the way makes it fail. -1, with errno,
 * if it cannot. */
#ifndef O_PATH /* Linux alone can open a folder that may not be read */
#define O_PATH O_RDONLY
#endif

static int open_unlinked(char *folder)
{
    char *rest = NULL;
    int opened = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (char *part = strtok_r(folder, "/", &rest); opened >= 0 && part; part = strtok_r(NULL, "/", &rest)) {
        int below = openat(opened, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int code = errno;
        close(opened);
        opened = below;
        errno = code;
    }
    return opened;
}

/* Sets the folder and the name of the writer. */
static bool split_target(cli_writer *writer, const char *target, bool is_guarded)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(target, '/');
    size_t len = slash ? (size_t)(slash - target) + 1 : 0;
    size_t name_len = strlen(target + len);
    errno = ENAMETOOLONG;
    writer->folder = -1;
    if (len >= sizeof folder || name_len >= sizeof writer->name)
        return false;
    memcpy(writer->name, target + len, name_len + 1);
    memcpy(folder, target, len);
    folder[len] = '\0';
    writer->folder = is_guarded ? open_unlinked(folder) : open(len ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return writer->folder >= 0;
}

/* A name that nobody has. Whoever guesses it gains nothing: a file or a link that is there already is not opened. */
static int create_beside(cli_writer *writer)
{
    int descriptor = -1;
    errno = EEXIST;
    for (unsigned attempt = 0; attempt < 1000 && descriptor < 0 && errno == EEXIST; attempt++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        unsigned number = ((unsigned)now.tv_nsec ^ (unsigned)getpid() << 12) + attempt * 7919;
        int length = snprintf(writer->beside, sizeof writer->beside, "%s.%06x", writer->name, number & 0xFFFFFF);
        if (length < 0 || (size_t)length >= sizeof writer->beside) {
            errno = ENAMETOOLONG;
            return -1;
        }
        descriptor = openat(writer->folder, writer->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    return descriptor;
}

static sp_status open_beside(cli_writer *writer, const sp_document_output *output, const char *target, sp_err *err)
{
    writer->descriptor = split_target(writer, target, output->is_guarded) ? create_beside(writer) : -1;
    writer->is_beside = writer->descriptor >= 0;
    if (writer->is_beside)
        return SP_OK;
    sp_status status = fail(output->path, "create a file in its folder", err);
    if (writer->folder >= 0)
        close(writer->folder);
    return status;
}

static sp_status open_directly(cli_writer *writer, const char *path, int flags, sp_err *err)
{
    writer->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);
    return writer->descriptor >= 0 ? SP_OK : fail(path, "open for writing", err);
}

static sp_status open_guarded(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    struct stat info;
    writer->mode = mode_of_new_file();
    if (output->exists && lstat(output->real_path, &info) == 0)
        writer->mode = info.st_mode & 07777;
    return open_beside(writer, output, output->real_path, err);
}

static sp_status open_file(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    const char *path = output->path;
    struct stat info;
    char real_path[PATH_MAX];
    if (output->is_guarded)
        return open_guarded(writer, output, err);
    if (stat(path, &info) != 0 && lstat(path, &info) == 0) /* renaming would put a file in place of the link */
        return fail(path, "write, because it is a link whose target does not exist", err);
    if (stat(path, &info) != 0) {
        writer->mode = mode_of_new_file();
        return open_beside(writer, output, path, err);
    }
    if (!S_ISREG(info.st_mode))
        return open_directly(writer, path, 0, err);
    writer->mode = info.st_mode & 07777;
    if (!realpath(path, real_path)) /* a link keeps pointing where it does */
        return fail(path, "write", err);
    return open_beside(writer, output, real_path, err);
}

static sp_status open_output(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    switch (output->place) {
    case SP_OUTPUT_STDOUT:
    case SP_OUTPUT_STDERR:
        writer->descriptor = STDOUT_FILENO;
        return SP_OK;
    case SP_OUTPUT_FILE:
        return open_file(writer, output, err);
    case SP_OUTPUT_FILE_END:
        return open_directly(writer, output->path, O_APPEND | O_CREAT, err);
    }
    return SP_OK;
}

/* Whether the file there is still the one that was looked at, or there is still none. */
static bool is_as_it_was(const cli_writer *writer, const sp_document_output *output)
{
    struct stat info;
    if (fstatat(writer->folder, writer->name, &info, AT_SYMLINK_NOFOLLOW) != 0)
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
    return renameat(writer->folder, writer->beside, writer->folder, writer->name) == 0;
}

static sp_status close_beside(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err)
{
    bool kept = is_whole && fchmod(writer->descriptor, writer->mode) == 0 && fsync(writer->descriptor) == 0;
    int code = errno;
    if (close(writer->descriptor) != 0 && kept) {
        code = errno;
        kept = false;
    }
    bool is_moved = kept && move_to_place(writer, output);
    if (kept)
        code = errno;
    if (is_moved)
        sync_folder(writer->folder);
    else
        unlinkat(writer->folder, writer->beside, 0);
    close(writer->folder);
    errno = code;
    if (is_moved || !is_whole)
        return SP_OK;
    return code == ESTALE && output->is_guarded ? fail(output->path, "write, because it changed meanwhile", err)
                                                : fail_to_write(output, err);
}

/* close() is where a network file system tells that nothing was kept. */
static sp_status close_directly(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err)
{
    int descriptor = writer->descriptor;
    writer->descriptor = -1;
    return descriptor >= 0 && close(descriptor) != 0 && is_whole ? fail_to_write(output, err) : SP_OK;
}

static sp_status close_output(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err)
{
    sp_status status =
        writer->is_beside ? close_beside(writer, output, is_whole, err) : close_directly(writer, output, is_whole, err);
    writer->is_open = false;
    return status;
}

/* ---- several at once ------------------------------------------------------------------------------------ */

static cli_writer *find_writer(cli_saver *saver, const sp_document_output *output, bool is_new)
{
    for (size_t i = 0; i < CLI_MAX_WRITERS; i++)
        if (is_new ? !saver->writers[i].is_open : saver->writers[i].is_open && saver->writers[i].index == output->index)
            return &saver->writers[i];
    return NULL;
}

/* A closed pipe ends the program at once, unless files wait for the end: the reader had enough of the prompt that they
 * tell of, so they are put in place first. */
static sp_status fail_to_add(cli_saver *saver, cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    if (writer->is_beside || errno != EPIPE || !saver->waits)
        return fail_to_write(output, err);
    saver->has_closed_pipe = writer->is_unread = true;
    return SP_OK;
}

static sp_status add(cli_saver *saver, cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    if (writer->is_unread || write_all(writer->descriptor, output->bytes, output->len))
        return SP_OK;
    return fail_to_add(saver, writer, output, err);
}

/* All its bytes are there. A pipe or a device has got them already, and its reader may wait for the end. */
static sp_status let_wait(cli_saver *saver, cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    if (!writer->is_beside)
        return close_directly(writer, output, true, err);
    saver->waits = true;
    signal(SIGPIPE, SIG_IGN); /* it would leave the files that wait */
    return SP_OK;
}

void cli_end_saving(const cli_saver *saver)
{
    signal(SIGPIPE, SIG_DFL);
    if (saver->has_closed_pipe)
        raise(SIGPIPE);
}

sp_status cli_save(void *context, sp_output_step step, const sp_document_output *output, sp_err *err)
{
    cli_saver *saver = context;
    /* standard error is for messages, too, so it stays open, and what cannot be written there has nowhere to be told */
    if (output->place == SP_OUTPUT_STDERR) {
        if (step == SP_OUTPUT_ADD)
            fwrite(output->bytes, 1, output->len, stderr);
        return SP_OK;
    }
    cli_writer *writer = find_writer(saver, output, step == SP_OUTPUT_OPEN);
    errno = EMFILE;
    if (!writer)
        return fail_to_write(output, err);
    switch (step) {
    case SP_OUTPUT_OPEN:
        *writer = (cli_writer){ .index = output->index, .descriptor = -1, .folder = -1 };
        writer->is_open = open_output(writer, output, err) == SP_OK;
        return writer->is_open ? SP_OK : err->status;
    case SP_OUTPUT_ADD:
        return add(saver, writer, output, err);
    case SP_OUTPUT_WAIT:
        return let_wait(saver, writer, output, err);
    case SP_OUTPUT_CLOSE:
    case SP_OUTPUT_DROP:
        return close_output(writer, output, step == SP_OUTPUT_CLOSE, err);
    }
    return SP_OK;
}

sp_status cli_save_whole(const char *path, const char *bytes, size_t len, sp_err *err)
{
    cli_saver saver = { .waits = false };
    bool is_stdout = !path || strcmp(path, "-") == 0;
    sp_document_output output = {
        .place = is_stdout ? SP_OUTPUT_STDOUT : SP_OUTPUT_FILE, .path = path, .bytes = bytes, .len = len
    };
    sp_status status = cli_save(&saver, SP_OUTPUT_OPEN, &output, err);
    if (status != SP_OK)
        return status;
    status = cli_save(&saver, SP_OUTPUT_ADD, &output, err);
    sp_status closed = cli_save(&saver, status == SP_OK ? SP_OUTPUT_CLOSE : SP_OUTPUT_DROP, &output,
                                status == SP_OK ? err : &(sp_err){ 0 });
    return status == SP_OK ? closed : status;
}
