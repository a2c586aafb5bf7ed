/*
 * file.c - the working tree as an sp_reader, and paths as text.
 *
 * A name is opened once and never again: what is checked (kind, size, real place) is the descriptor that is then
 * read, so that a file swapped for a link in between cannot change the answer. O_NONBLOCK keeps a FIFO without a
 * writer from hanging the program.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static sp_status system_error(sp_err *err, sp_str path, const char *doing)
{
    int code = errno;
    if (code == ENOMEM)
        return sp_err_memory(err);
    char reason[128];
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL, "cannot %s: %s", doing,
                     strerror_r(code, reason, sizeof reason));
}

sp_status sp_err_unread(sp_err *err, sp_str path, const sp_file *file)
{
    const char *is = file->what ? "is " : "";
    const char *what = file->what ? file->what : "there is no such file";
    const char *advice = "";
    if (file->state == SP_FILE_DANGLING)
        what = "is a link whose target does not exist";
    else if (file->state == SP_FILE_FOLDER)
        advice = ", not a file; name a file in it";
    else if (file->state == SP_FILE_SPECIAL)
        advice = ", not a file; to read from a pipe, use - and standard input";
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL, "%s%s%s", is, what, advice);
}

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a FIFO";
    if (S_ISSOCK(mode))
        return "a socket";
    return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "not a regular file";
}

/* The place the descriptor really stands for. /proc gives it for the descriptor; without /proc the name has to do. */
static sp_status real_path_of(sp_arena *arena, int descriptor, sp_str path, sp_str *ret, sp_err *err)
{
    char proc[64];
    char target[PATH_MAX];
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(proc, target, sizeof target);
    sp_str real = path;
    if (length > 0 && (size_t)length < sizeof target && target[0] == '/')
        real = (sp_str){ target, (size_t)length };
    else if (realpath(path.ptr, target))
        real = sp_str_of(target);
    *ret = sp_str_dup(arena, real);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static bool is_allowed(sp_str real_path, const sp_read_limits *limits)
{
    if (!limits->within)
        return true;
    for (size_t i = 0; i < limits->within_count; i++)
        if (sp_path_is_within(real_path, limits->within[i]))
            return true;
    return false;
}

sp_status sp_read_descriptor(int descriptor, sp_str name, uint64_t max_bytes, sp_buf *buf, sp_err *err)
{
    char block[16384];
    for (;;) {
        ssize_t length = read(descriptor, block, sizeof block);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return system_error(err, name, "read");
        if (length == 0)
            return buf->failed ? sp_err_memory(err) : SP_OK;
        sp_buf_add(buf, (sp_str){ block, (size_t)length });
        if (buf->failed)
            return sp_err_memory(err);
        if (buf->len > max_bytes)
            return sp_err_at(err, SP_ERR_INPUT, name, (sp_str){ 0 }, 0, "file.max-bytes",
                             "is larger than the %llu bytes that are read", (unsigned long long)max_bytes);
    }
}

/* Reads a regular file to its end: the size the system gives is a hint, not the truth (think of /proc). */
static sp_status read_regular(sp_arena *arena, int descriptor, sp_str path, uint64_t max_bytes, sp_file *file,
                              sp_err *err)
{
    if (file->size_bytes > max_bytes) {
        file->state = SP_FILE_LARGE;
        return SP_OK;
    }
    size_t capacity = (size_t)file->size_bytes + 1;
    char *bytes = sp_arena_alloc(arena, capacity, 1);
    size_t used = 0;
    while (bytes) {
        ssize_t length = read(descriptor, bytes + used, capacity - used);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return system_error(err, path, "read");
        if (length == 0)
            break;
        used += (size_t)length;
        if (used > max_bytes) {
            file->state = SP_FILE_LARGE;
            return SP_OK;
        }
        if (used == capacity) { /* it grew while we read it */
            char *larger = sp_arena_alloc(arena, capacity * 2, 1);
            if (larger)
                memcpy(larger, bytes, used);
            bytes = larger;
            capacity *= 2;
        }
    }
    if (!bytes)
        return sp_err_memory(err);
    file->state = SP_FILE_READ;
    file->bytes = (sp_str){ bytes, used };
    file->size_bytes = used;
    return SP_OK;
}

static sp_status read_open(sp_arena *arena, int descriptor, sp_str path, sp_read_limits limits, sp_file *file,
                           sp_err *err)
{
    struct stat info;
    if (fstat(descriptor, &info) != 0)
        return system_error(err, path, "read");
    SP_TRY(real_path_of(arena, descriptor, path, &file->real_path, err));
    file->device = (uint64_t)info.st_dev;
    file->inode = (uint64_t)info.st_ino;
    file->size_bytes = (uint64_t)info.st_size;
    file->what = kind_of(info.st_mode);
    if (!is_allowed(file->real_path, &limits))
        file->state = SP_FILE_OUTSIDE;
    else if (S_ISREG(info.st_mode))
        return read_regular(arena, descriptor, path, limits.max_bytes, file, err);
    else
        file->state = S_ISDIR(info.st_mode) ? SP_FILE_FOLDER : SP_FILE_SPECIAL;
    return SP_OK;
}

/* Why a name could not be opened, where that is an answer and not a failure. */
static bool state_of_unopened(sp_str path, int code, sp_file *file)
{
    struct stat info;
    switch (code) {
    case ENOENT:
    case ELOOP:
        file->state = lstat(path.ptr, &info) == 0 && S_ISLNK(info.st_mode) ? SP_FILE_DANGLING : SP_FILE_ABSENT;
        return true;
    case ENOTDIR:
    case ENAMETOOLONG:
        file->state = SP_FILE_ABSENT;
        return true;
    case ENXIO:
        file->state = SP_FILE_SPECIAL;
        file->what = "a socket";
        return true;
    default:
        return false;
    }
}

static sp_status disk_read(sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret, sp_err *err)
{
    sp_file file = { 0 };
    sp_str name = sp_str_dup(arena, path);
    if (!name.ptr)
        return sp_err_memory(err);
    int descriptor;
    do
        descriptor = open(name.ptr, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) {
        if (!state_of_unopened(name, errno, &file))
            return system_error(err, path, "read");
        *ret = file;
        return SP_OK;
    }
    sp_status status = read_open(arena, descriptor, name, limits, &file, err);
    close(descriptor);
    if (status == SP_OK)
        *ret = file;
    return status;
}

static int compare_entries(const void *a, const void *b)
{
    return sp_str_cmp(((const sp_entry *)a)->name, ((const sp_entry *)b)->name);
}

static bool is_folder(int folder, const struct dirent *entry)
{
    struct stat info;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(folder, entry->d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static sp_status list_open(sp_arena *arena, DIR *dir, sp_str path, sp_entry **ret, size_t *ret_count, sp_err *err)
{
    sp_list(sp_entry) entries = { 0 };
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(dir);
        if (!found)
            break;
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        sp_entry *entry = SP_LIST_PUSH(arena, &entries);
        if (!entry)
            return sp_err_memory(err);
        entry->name = sp_str_dup(arena, sp_str_of(found->d_name));
        entry->is_folder = is_folder(dirfd(dir), found);
        if (!entry->name.ptr)
            return sp_err_memory(err);
    }
    if (errno != 0)
        return system_error(err, path, "list the folder");
    if (entries.count)
        qsort(entries.items, entries.count, sizeof *entries.items, compare_entries);
    *ret = entries.items;
    *ret_count = entries.count;
    return SP_OK;
}

static sp_status disk_list(sp_arena *arena, sp_str path, sp_entry **ret, size_t *ret_count, sp_err *err)
{
    sp_str name = sp_str_dup(arena, path);
    if (!name.ptr)
        return sp_err_memory(err);
    DIR *dir = opendir(name.ptr);
    if (!dir && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG)) {
        *ret = NULL;
        *ret_count = 0;
        return SP_OK;
    }
    if (!dir)
        return system_error(err, path, "list the folder");
    sp_status status = list_open(arena, dir, path, ret, ret_count, err);
    closedir(dir);
    return status;
}

static sp_status disk_resolve(sp_arena *arena, sp_str path, sp_str *ret, sp_err *err)
{
    sp_str name = sp_str_dup(arena, path);
    if (!name.ptr)
        return sp_err_memory(err);
    int descriptor; /* cheaper than realpath, which looks at every folder on the way */
    do
        descriptor = open(name.ptr, O_PATH | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) {
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENAMETOOLONG)
            return system_error(err, path, "resolve");
        *ret = (sp_str){ 0 };
        return SP_OK;
    }
    sp_status status = real_path_of(arena, descriptor, name, ret, err);
    close(descriptor);
    return status;
}

const sp_reader sp_reader_disk = { .read = disk_read, .list = disk_list, .resolve = disk_resolve };

int sp_descriptor_of(sp_str path)
{
    if (sp_str_eq(path, SP_STR("-")) || sp_str_eq(path, SP_STR("/dev/stdin")))
        return STDIN_FILENO;
    if (!sp_str_starts(path, SP_STR("/dev/fd/")) || path.len > 11 || path.len == 8)
        return -1;
    int descriptor = 0;
    for (size_t i = 8; i < path.len; i++) {
        if (path.ptr[i] < '0' || path.ptr[i] > '9')
            return -1;
        descriptor = descriptor * 10 + (path.ptr[i] - '0');
    }
    return descriptor;
}

/* ---- paths ------------------------------------------------------------------------------------ */

/* Adds the parts of a path to out, which holds a path already; ".." takes the last part away again. */
static size_t add_parts(char *out, size_t length, bool is_absolute, sp_str path)
{
    for (size_t at = 0; at < path.len;) {
        size_t end = at;
        while (end < path.len && path.ptr[end] != '/')
            end++;
        sp_str part = sp_str_slice(path, at, end);
        at = end + 1;
        if (part.len == 0 || sp_str_eq(part, SP_STR(".")))
            continue;
        size_t last = length;
        while (last > 0 && out[last - 1] != '/')
            last--;
        bool has_last = length > last && !sp_str_eq((sp_str){ out + last, length - last }, SP_STR(".."));
        if (sp_str_eq(part, SP_STR("..")) && (has_last || is_absolute)) {
            length = last > 1 ? last - 1 : last;
            if (is_absolute && length == 0)
                length = 1;
            continue;
        }
        if (length > 0 && out[length - 1] != '/')
            out[length++] = '/';
        memcpy(out + length, part.ptr, part.len);
        length += part.len;
    }
    return length;
}

sp_str sp_path_join(sp_arena *arena, sp_str folder, sp_str name)
{
    if (sp_str_starts(name, SP_STR("/")))
        folder = (sp_str){ "", 0 };
    char *out = sp_arena_alloc(arena, folder.len + name.len + 3, 1);
    if (!out)
        return (sp_str){ NULL, 0 };
    size_t length = 0;
    bool is_absolute = sp_str_starts(folder.len ? folder : name, SP_STR("/"));
    if (is_absolute)
        out[length++] = '/';
    length = add_parts(out, length, is_absolute, folder);
    length = add_parts(out, length, is_absolute, name);
    if (length == 0)
        out[length++] = '.';
    out[length] = '\0';
    return (sp_str){ out, length };
}

static size_t last_slash(sp_str path)
{
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return at;
}

sp_str sp_path_folder(sp_str path)
{
    size_t slash = last_slash(path);
    if (slash == 0)
        return SP_STR(".");
    return sp_str_slice(path, 0, slash > 1 ? slash - 1 : 1);
}

sp_str sp_path_base(sp_str path)
{
    return sp_str_slice(path, last_slash(path), path.len);
}

bool sp_path_is_within(sp_str path, sp_str folder)
{
    if (!sp_str_starts(path, folder))
        return false;
    return path.len == folder.len || sp_str_eq(folder, SP_STR("/")) || path.ptr[folder.len] == '/';
}

sp_str sp_path_below(sp_str path, sp_str folder)
{
    if (!sp_path_is_within(path, folder) || path.len == folder.len)
        return path;
    size_t from = folder.len + (sp_str_eq(folder, SP_STR("/")) ? 0 : 1);
    return sp_str_slice(path, from, path.len);
}
