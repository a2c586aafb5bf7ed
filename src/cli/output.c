/*
 * output.c - the result, written whole or not at all.
 *
 * A file is written beside its final place and renamed, so that a reader sees the old one or the new one and a full
 * disk harms neither. What is not a regular file (a device, a FIFO) is written to directly.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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

/* ---- beside its place --------------------------------------------------------------------------------- */

/* Opens a folder by its absolute path and through no link: whoever puts one in the way makes it fail. -1, with errno,
 * if it cannot. */
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

/* Sets the folder and the name of the output; target is absolute where output->place is set. */
static bool split_target(cli_output *output, const char *target)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(target, '/');
    size_t len = slash ? (size_t)(slash - target) + 1 : 0;
    size_t name_len = strlen(target + len);
    errno = ENAMETOOLONG;
    output->folder = -1;
    if (len >= sizeof folder || name_len >= sizeof output->name)
        return false;
    memcpy(output->name, target + len, name_len + 1);
    memcpy(folder, target, len);
    folder[len] = '\0';
    output->folder = output->place ? open_unlinked(folder) : open(len ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return output->folder >= 0;
}

/* A name that nobody has. Whoever guesses it gains nothing: a file or a link that is there already is not opened. */
static int create_beside(cli_output *output)
{
    int descriptor = -1;
    errno = EEXIST;
    for (unsigned attempt = 0; attempt < 1000 && descriptor < 0 && errno == EEXIST; attempt++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        unsigned number = ((unsigned)now.tv_nsec ^ (unsigned)getpid() << 12) + attempt * 7919;
        int length = snprintf(output->beside, sizeof output->beside, "%s.%06x", output->name, number & 0xFFFFFF);
        if (length < 0 || (size_t)length >= sizeof output->beside) {
            errno = ENAMETOOLONG;
            return -1;
        }
        descriptor = openat(output->folder, output->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    return descriptor;
}

static cli_exit open_beside(cli_output *output, const char *target)
{
    output->descriptor = split_target(output, target) ? create_beside(output) : -1;
    output->is_beside = output->descriptor >= 0;
    if (output->is_beside)
        return CLI_OK;
    cli_exit code = fail(output->options, output->path, "create a file in its folder");
    if (output->folder >= 0)
        close(output->folder);
    return code;
}

static cli_exit open_directly(cli_output *output)
{
    output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->descriptor >= 0 ? CLI_OK : fail(output->options, output->path, "open for writing");
}

cli_exit cli_output_open(const cli_options *options, const char *path, cli_output *ret)
{
    struct stat info;
    char real_path[PATH_MAX];
    *ret = (cli_output){ .options = options, .descriptor = STDOUT_FILENO };
    ret->path = path && strcmp(path, "-") != 0 ? path : NULL;
    if (!ret->path)
        return CLI_OK;
    if (stat(path, &info) != 0 && lstat(path, &info) == 0) /* renaming would put a file in place of the link */
        return fail(options, path, "write, because it is a link whose target does not exist");
    if (stat(path, &info) != 0) {
        ret->mode = mode_of_new_file();
        return open_beside(ret, path);
    }
    if (!S_ISREG(info.st_mode))
        return open_directly(ret);
    ret->mode = info.st_mode & 07777;
    if (!realpath(path, real_path)) /* a link keeps pointing where it does */
        return fail(options, path, "write");
    return open_beside(ret, real_path);
}

static cli_exit fail_to_write(const cli_output *output)
{
    if (!output->path && errno == EPIPE)
        return CLI_CLOSED_PIPE;
    return fail(output->options, output->path ? output->path : "standard output", "write");
}

cli_exit cli_output_add(cli_output *output, const char *bytes, size_t len)
{
    return write_all(output->descriptor, bytes, len) ? CLI_OK : fail_to_write(output);
}

/* Whether the file there is still the one that was looked at, or there is still none. */
static bool is_as_it_was(const cli_output *output)
{
    const sp_file_place *place = output->place;
    struct stat info;
    if (fstatat(output->folder, output->name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT && !place->exists;
    return place->exists && S_ISREG(info.st_mode) && (uint64_t)info.st_dev == place->device &&
           (uint64_t)info.st_ino == place->inode;
}

static bool move_to_place(const cli_output *output)
{
    if (output->place && !is_as_it_was(output)) {
        errno = ESTALE;
        return false;
    }
    return renameat(output->folder, output->beside, output->folder, output->name) == 0;
}

static cli_exit close_beside(cli_output *output, bool is_whole)
{
    bool kept = is_whole && fchmod(output->descriptor, output->mode) == 0 && fsync(output->descriptor) == 0;
    int code = errno;
    if (close(output->descriptor) != 0 && kept) {
        code = errno;
        kept = false;
    }
    bool is_moved = kept && move_to_place(output);
    if (kept)
        code = errno;
    if (is_moved)
        sync_folder(output->folder);
    else
        unlinkat(output->folder, output->beside, 0);
    close(output->folder);
    errno = code;
    if (is_moved || !is_whole)
        return CLI_OK;
    return code == ESTALE && output->place ? fail(output->options, output->path, "write, because it changed meanwhile")
                                           : fail_to_write(output);
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

static cli_exit write_and_close(cli_output *output, const char *bytes, size_t len)
{
    cli_exit code = cli_output_add(output, bytes, len);
    cli_exit closed = cli_output_close(output, code == CLI_OK);
    return code == CLI_OK ? closed : code;
}

cli_exit cli_output_begin(const cli_options *options, const char *path, const char *bytes, size_t len, cli_output *ret)
{
    cli_exit code = cli_output_open(options, path, ret);
    if (code != CLI_OK)
        return code;
    code = cli_output_add(ret, bytes, len);
    if (code != CLI_OK)
        (void)cli_output_close(ret, false);
    return code;
}

cli_exit cli_write(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    cli_output output;
    cli_exit code = cli_output_begin(options, path, bytes, len, &output);
    return code == CLI_OK ? cli_output_close(&output, true) : code;
}

cli_exit cli_write_place(const cli_options *options, const char *path, const sp_file_place *place, const char *bytes,
                         size_t len)
{
    cli_output output = { .options = options, .path = path, .place = place, .mode = mode_of_new_file() };
    struct stat info;
    if (place->exists && lstat(place->real_path.ptr, &info) == 0)
        output.mode = info.st_mode & 07777;
    cli_exit code = open_beside(&output, place->real_path.ptr);
    return code == CLI_OK ? write_and_close(&output, bytes, len) : code;
}

cli_exit cli_append(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    cli_output output = { .options = options, .path = path };
    output.descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (output.descriptor < 0)
        return fail(options, path, "open for writing");
    return write_and_close(&output, bytes, len);
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
