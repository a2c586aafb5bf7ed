/*
 * output.c - the result, written whole or not at all.
 *
 * A file is written beside its final place and renamed, so that a reader sees the old one or the new one and a full
 * disk harms neither. What is not a regular file (a device, a FIFO) is written to directly.
 */
#include "base/file.h"
#include "base/types.h"
#include "cli/cli.h"
#include "model/prompt.h"

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

bool cli_is_same_place(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;
    while (a[0] == '.' && a[1] == '/')
        a += 2;
    while (b[0] == '.' && b[1] == '/')
        b += 2;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
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

static cli_exit open_beside(cli_output *output)
{
    int length = snprintf(output->beside, sizeof output->beside, "%s.XXXXXX", output->target);
    if (length < 0 || (size_t)length >= sizeof output->beside) {
        errno = ENAMETOOLONG;
        return fail(output->options, output->path, "write");
    }
    output->descriptor = mkostemp(output->beside, O_CLOEXEC);
    output->is_beside = output->descriptor >= 0;
    return output->is_beside ? CLI_OK : fail(output->options, output->path, "create a file in its folder");
}

static cli_exit open_directly(cli_output *output)
{
    output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->descriptor >= 0 ? CLI_OK : fail(output->options, output->path, "open for writing");
}

cli_exit cli_output_open(const cli_options *options, const char *path, cli_output *ret)
{
    struct stat info;
    ret->options = options;
    ret->path = path && strcmp(path, "-") != 0 ? path : NULL;
    ret->descriptor = STDOUT_FILENO;
    ret->is_beside = false;
    if (!ret->path)
        return CLI_OK;
    if (stat(path, &info) != 0 && lstat(path, &info) == 0) /* renaming would put a file in place of the link */
        return fail(options, path, "write, because it is a link whose target does not exist");
    if (stat(path, &info) != 0) {
        ret->mode = mode_of_new_file();
        snprintf(ret->target, sizeof ret->target, "%s", path); /* one that is cut short is too long for a name beside */
        return open_beside(ret);
    }
    if (!S_ISREG(info.st_mode))
        return open_directly(ret);
    ret->mode = info.st_mode & 07777;
    if (!realpath(path, ret->target)) /* a link keeps pointing where it does */
        return fail(options, path, "write");
    return open_beside(ret);
}

static cli_exit fail_to_write(const cli_output *output)
{
    return fail(output->options, output->path ? output->path : "standard output", "write");
}

cli_exit cli_output_add(cli_output *output, const char *bytes, size_t len)
{
    return write_all(output->descriptor, bytes, len) ? CLI_OK : fail_to_write(output);
}

static cli_exit close_beside(cli_output *output, bool is_whole)
{
    bool kept = is_whole && fchmod(output->descriptor, output->mode) == 0 && fsync(output->descriptor) == 0;
    int code = errno;
    if (close(output->descriptor) != 0 && kept) {
        code = errno;
        kept = false;
    }
    if (kept && rename(output->beside, output->target) == 0) {
        sync_folder(output->target);
        return CLI_OK;
    }
    if (kept)
        code = errno;
    unlink(output->beside);
    errno = code;
    return is_whole ? fail_to_write(output) : CLI_OK;
}

cli_exit cli_output_close(cli_output *output, bool is_whole)
{
    if (output->is_beside)
        return close_beside(output, is_whole);
    /* close() is where a network file system tells that nothing was kept */
    if (close(output->descriptor) != 0 && is_whole)
        return fail_to_write(output);
    return CLI_OK;
}

cli_exit cli_write(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    cli_output output;
    cli_exit code = cli_output_open(options, path, &output);
    if (code != CLI_OK)
        return code;
    code = cli_output_add(&output, bytes, len);
    cli_exit closed = cli_output_close(&output, code == CLI_OK);
    return code == CLI_OK ? closed : code;
}

cli_exit cli_append(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    cli_output output = { .options = options, .path = path };
    output.descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (output.descriptor < 0)
        return fail(options, path, "open for writing");
    cli_exit code = cli_output_add(&output, bytes, len);
    cli_exit closed = cli_output_close(&output, code == CLI_OK);
    return code == CLI_OK ? closed : code;
}

/* ---- text in memory --------------------------------------------------------------------------------- */

static cli_exit fail_for_memory(const cli_options *options)
{
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return cli_fail(options, &err);
}

bool cli_set_capacity(cli_text *text, size_t capacity)
{
    char *grown = capacity > 0 ? realloc(text->bytes, capacity) : NULL;
    if (!grown)
        return false;
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

static bool reserve(cli_text *text, size_t more)
{
    size_t needed = 0;
    size_t capacity = 0;
    if (__builtin_add_overflow(text->len, more, &needed) || __builtin_mul_overflow(needed, (size_t)2, &capacity))
        text->failed = true;
    if (text->failed || needed <= text->capacity)
        return !text->failed;
    text->failed = !cli_set_capacity(text, capacity);
    return !text->failed;
}

bool cli_fill(sp_stream *stream, cli_text *text, bool *ret_is_over, sp_err *err)
{
    *ret_is_over = false;
    while (text->len < text->capacity && !*ret_is_over) {
        size_t len;
        if (sp_stream_read(stream, text->bytes + text->len, text->capacity - text->len, &len, err) != SP_OK)
            return false;
        text->len += len;
        *ret_is_over = len == 0;
    }
    return true;
}

void cli_add(cli_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text->failed = text->failed || length < 0;
    if (text->failed || !reserve(text, (size_t)length + 1))
        return;
    va_start(args, format);
    vsnprintf(text->bytes + text->len, (size_t)length + 1, format, args);
    va_end(args);
    text->len += (size_t)length;
}

void cli_add_bytes(cli_text *text, const char *bytes, size_t len)
{
    if (len == 0 || !reserve(text, len))
        return;
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

cli_exit cli_refuse_source(const sp_prompt *prompt, const char *path)
{
    char *real = path && strcmp(path, "-") != 0 ? realpath(path, NULL) : NULL;
    bool is_source = false;
    for (uint32_t i = 0; real && i < prompt->source_count; i++)
        is_source = is_source || (prompt->sources[i].real_path.len == strlen(real) &&
                                  memcmp(prompt->sources[i].real_path.ptr, real, strlen(real)) == 0);
    free(real);
    if (is_source)
        return cli_usage_error("%s is one of the files the prompt is made of; write to another", path);
    return CLI_OK;
}

cli_exit cli_write_text(const cli_options *options, cli_text *text)
{
    cli_exit code =
        text->failed ? fail_for_memory(options) : cli_write(options, options->output, text->bytes, text->len);
    free(text->bytes);
    *text = (cli_text){ 0 };
    return code;
}
