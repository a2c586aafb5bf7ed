/*
 * output.c - the result, written whole or not at all.
 *
 * A file is written beside its final place (beside.c), so that a reader sees the old one or the new one and a full
 * disk harms neither. What is not a regular file (a device, a FIFO) is written to directly. A place that a repository
 * chose was looked at before (is_guarded): it is reached through no link, and nothing else is replaced there. Through
 * a link of a repository, no output leaves it (links.c). Text of files does not reach a terminal as it is.
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
#include <unistd.h>

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

static mode_t mode_of_new_file(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static sp_status fail_to_write(const sp_document_output *output, sp_err *err)
{
    return cli_fail_at(output->place == SP_OUTPUT_STDOUT ? "standard output" : output->path, "write", err);
}

static sp_status open_directly(cli_writer *writer, const char *path, int flags, sp_err *err)
{
    writer->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);
    return writer->descriptor >= 0 ? SP_OK : cli_fail_at(path, "open for writing", err);
}

static sp_status open_guarded(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    struct stat info;
    writer->mode = mode_of_new_file();
    if (output->exists && lstat(output->real_path, &info) == 0)
        writer->mode = info.st_mode & 07777;
    return cli_open_beside(writer, output, output->real_path, err);
}

/* Writing through it would make a file of the link's choice, and renaming would put one in its place. */
static sp_status refuse_dangling(const char *path, sp_err *err)
{
    struct stat info;
    char target[256]; /* more of it would not help */
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0 || stat(path, &info) == 0)
        return SP_OK;
    *err = (sp_err){ .status = SP_ERR_OUTPUT };
    snprintf(err->path, sizeof err->path, "%.500s", path);
    snprintf(err->message, sizeof err->message,
             "cannot write, because it is a link to %.*s, which does not exist; remove the link, or write elsewhere",
             (int)length, target);
    return err->status;
}

static sp_status open_file(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    const char *path = output->path;
    struct stat info;
    char real_path[PATH_MAX];
    if (output->is_guarded)
        return open_guarded(writer, output, err);
    sp_status status = refuse_dangling(path, err);
    if (status != SP_OK)
        return status;
    if (stat(path, &info) != 0) {
        writer->mode = mode_of_new_file();
        return cli_open_beside(writer, output, path, err);
    }
    if (!S_ISREG(info.st_mode))
        return open_directly(writer, path, 0, err);
    writer->mode = info.st_mode & 07777;
    if (!realpath(path, real_path)) /* a link keeps pointing where it does */
        return cli_fail_at(path, "write", err);
    return cli_open_beside(writer, output, real_path, err);
}

static sp_status open_output(cli_writer *writer, const sp_document_output *output, sp_err *err)
{
    bool is_file = output->place == SP_OUTPUT_FILE || output->place == SP_OUTPUT_FILE_END;
    sp_status status = is_file ? cli_check_links(output->path, err) : SP_OK;
    if (status != SP_OK)
        return status;
    switch (output->place) {
    case SP_OUTPUT_STDOUT:
    case SP_OUTPUT_STDERR:
        writer->descriptor = STDOUT_FILENO;
        return SP_OK;
    case SP_OUTPUT_FILE:
        return open_file(writer, output, err);
    case SP_OUTPUT_FILE_END:
        status = refuse_dangling(output->path, err);
        return status == SP_OK ? open_directly(writer, output->path, O_APPEND | O_CREAT, err) : status;
    }
    return SP_OK;
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
    sp_status status = writer->is_beside ? cli_close_beside(writer, output, is_whole, err)
                                         : close_directly(writer, output, is_whole, err);
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
    const char *bytes = output->bytes;
    size_t len = output->len;
    char *shown = NULL;
    if (writer->is_unread)
        return SP_OK;
    if (output->is_verbatim && writer->is_terminal) {
        if (sp_output_escape(bytes, len, &shown, &len, err) != SP_OK)
            return err->status;
        bytes = shown;
    }
    bool is_written = write_all(writer->descriptor, bytes, len);
    sp_status status = is_written ? SP_OK : fail_to_add(saver, writer, output, err);
    sp_free(shown);
    return status;
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
        *writer = (cli_writer){ .index = output->index, .descriptor = -1, .directory = -1 };
        writer->is_open = open_output(writer, output, err) == SP_OK;
        writer->is_terminal = writer->is_open && isatty(writer->descriptor);
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
