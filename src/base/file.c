/*
 * file.c - the working tree as an sp_reader, and paths as text.
 *
 * A name is looked up once and never again: what is checked (kind, size, real place) is the descriptor whose file is
 * then read, so that a file swapped for a link in between cannot change the answer. The look-up is sp_look_up, which
 * opens nothing: a FIFO does not hang, a device does not notice, and what is outside stays untouched. A path without a
 * link in it, which nearly all are, takes a shorter way to the same answers (read_unlinked).
 */
#include "base/file.h"
#include "base/numbers.h"
#include "base/system.h"
#include "base/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static sp_status system_error(sp_err *err, sp_str path, const char *doing)
{
    int code = errno;
    if (code == ENOMEM)
        return sp_err_memory(err);
    return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL, "cannot %s: %s", doing, sp_error_text(code));
}

sp_status sp_err_unread(sp_err *err, sp_str path, const sp_file *file)
{
    bool is_denied = file->state == SP_FILE_DENIED;
    const char *is = file->what && !is_denied ? "is " : "";
    const char *what = file->what && !is_denied ? file->what : "there is no such file";
    const char *advice = "";
    if (file->state == SP_FILE_DANGLING && !file->what)
        what = "is a link whose target does not exist";
    else if (file->state == SP_FILE_DENIED)
        what = "cannot be read: permission denied";
    else if (file->state == SP_FILE_EXTERNAL)
        what = "a link that leads out of the repository";
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

/* The real path; where the system does not know it, the name has to do. */
static sp_status real_path_of(sp_arena *arena, bool is_known, const char *real, sp_str path, sp_str *ret, sp_err *err)
{
    *ret = sp_str_dup(arena, is_known ? sp_str_of(real) : path);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

bool sp_places_hold(sp_places places, sp_str real_path)
{
    for (size_t i = 0; places.items && i < places.count; i++)
        if (sp_path_is_within(real_path, places.items[i]))
            return true;
    return !places.items;
}

bool sp_bounds_hold(const sp_bounds *bounds, sp_str real_path)
{
    if (bounds->except.ptr && sp_path_is_within(real_path, bounds->except))
        return false;
    for (size_t i = 0; bounds->places.items && i < bounds->places.count; i++)
        if (sp_path_is_within(real_path, bounds->places.items[i]) &&
            !sp_path_is_in_git(sp_path_below(real_path, bounds->places.items[i])))
            return true;
    return !bounds->places.items;
}

sp_file_state sp_limits_judge(const sp_read_limits *limits, sp_str real_path)
{
    if (!sp_places_hold(limits->root, real_path))
        return SP_FILE_OUTSIDE;
    if (!sp_bounds_hold(&limits->bounds, real_path))
        return SP_FILE_EXTERNAL;
    return sp_places_hold(limits->within, real_path) ? SP_FILE_READ : SP_FILE_OUTSIDE;
}

void sp_file_identify(sp_file *file)
{
    file->device = UINT64_MAX - 3;       /* of no file, also of a revision */
    file->inode = 14695981039346656037U; /* FNV-1a */
    for (size_t i = 0; i < file->real_path.len; i++)
        file->inode = (file->inode ^ (unsigned char)file->real_path.ptr[i]) * 1099511628211U;
}

/* A pipe that others made non-blocking may be empty for a while. */
static bool wait_for_bytes(int descriptor)
{
    struct pollfd wanted = { .fd = descriptor, .events = POLLIN };
    return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

sp_status sp_read_descriptor(int descriptor, sp_str name, uint64_t max_bytes, sp_buf *buf, sp_err *err)
{
    char block[4096];
    for (;;) {
        ssize_t length = read(descriptor, block, sizeof block);
        if (length < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_bytes(descriptor))))
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
                             "is larger than the %s bytes that are read", SP_NUMBER(max_bytes));
    }
}

/* Reads a regular file to its end: the size the system gives is a hint, not the truth (think of /proc). Where it was
 * right, there is no need to be told so: it was asked for one byte more. */
static sp_status read_regular(sp_arena *arena, int descriptor, sp_str path, uint64_t max_bytes, sp_file *file,
                              sp_err *err)
{
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
        if (used == file->size_bytes && used <= max_bytes)
            break;
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

/* Whether a regular file is to be read; else its state says why not. */
static bool is_to_be_read(sp_read_limits limits, sp_file *file)
{
    bool is_known = limits.is_known && limits.is_known(limits.context, file->device, file->inode);
    file->state = is_known ? SP_FILE_KNOWN : SP_FILE_LARGE;
    return !is_known && file->size_bytes <= limits.max_bytes;
}

static sp_status read_looked_up(sp_arena *arena, const sp_looked_up *looked_up, sp_str path, sp_read_limits limits,
                                sp_file *file, sp_err *err)
{
    if (!is_to_be_read(limits, file))
        return SP_OK;
    int descriptor = sp_looked_up_open(looked_up, path.ptr);
    if (descriptor < 0 && errno == EACCES) {
        file->state = SP_FILE_DENIED;
        return SP_OK;
    }
    if (descriptor < 0)
        return system_error(err, path, "read");
    sp_status status = read_regular(arena, descriptor, path, limits.max_bytes, file, err);
    close(descriptor);
    return status;
}

static void describe(sp_file *file, const struct stat *info)
{
    file->device = (uint64_t)info->st_dev;
    file->inode = (uint64_t)info->st_ino;
    file->size_bytes = (uint64_t)info->st_size;
    file->owner = (uint32_t)info->st_uid;
    file->what = kind_of(info->st_mode);
}

/* is_real: the path is the real one. */
static sp_status look(sp_arena *arena, const sp_looked_up *looked_up, sp_str path, bool is_real, sp_read_limits limits,
                      sp_file *file, sp_err *err)
{
    char real[PATH_MAX];
    mode_t mode = looked_up->info.st_mode;
    bool is_known = !is_real && sp_looked_up_path(looked_up, path.ptr, real);
    SP_TRY(real_path_of(arena, is_known, real, path, &file->real_path, err));
    describe(file, &looked_up->info);
    file->state = sp_limits_judge(&limits, file->real_path);
    if (file->state != SP_FILE_READ)
        return SP_OK;
    if (S_ISREG(mode))
        return read_looked_up(arena, looked_up, path, limits, file, err);
    file->state = S_ISDIR(mode) ? SP_FILE_FOLDER : SP_FILE_SPECIAL;
    return SP_OK;
}

/* Why a name could not be looked up, where that is an answer and not a failure, which errno is then about. is_real: no
 * part of the path is a link. */
static bool state_of_unopened(sp_str path, bool is_real, int code, sp_file *ret)
{
    struct stat info = { 0 };
    switch (code) {
    case ENOENT:
    case ELOOP:
        if (!is_real && lstat(path.ptr, &info) != 0 && errno != code)
            return false;
        ret->state = S_ISLNK(info.st_mode) ? SP_FILE_DANGLING : SP_FILE_ABSENT;
        ret->what = code == ELOOP ? "behind too many levels of links, perhaps a circle of them" : NULL;
        return true;
    case ENAMETOOLONG:
        ret->what = "longer than the system opens: 4,095 bytes in all, 255 for one name; shorten it";
        ret->state = SP_FILE_ABSENT;
        return true;
    case ENOTDIR:
        ret->state = SP_FILE_ABSENT;
        return true;
    case EACCES:
        ret->state = SP_FILE_DENIED;
        return true;
    default:
        return false;
    }
}

/* ---- the shorter way -------------------------------------------------------------------------------
 * Where no part of an absolute path is a link, "." or "..", the path is the real one, and the kernel says so in opening
 * it (sp_open_without_links): nothing has to be looked up, asked for its place and opened again. What is no
 * regular file is not opened, unless it takes the place of one in that very moment, and then it does not hang. Whatever
 * is not as it should be, an old kernel among it, is left to the other way, which finds out what to say. */

static bool is_plain_part(sp_str part)
{
    return part.len > 0 && !sp_str_eq(part, SP_STR(".")) && !sp_str_eq(part, SP_STR(".."));
}

static bool is_plain_absolute(sp_str path)
{
    if (!sp_str_starts(path, SP_STR("/")))
        return false;
    for (size_t at = 1, end; at <= path.len; at = end + 1) {
        const char *slash = memchr(path.ptr + at, '/', path.len - at);
        end = slash ? (size_t)(slash - path.ptr) : path.len;
        if (!is_plain_part(sp_str_slice(path, at, end)))
            return false;
    }
    return true;
}

/* A descriptor for a regular file whose path, which ends in NUL, is the real one, or -1. *ret_is_absent is whether
 * nothing is there at all. */
static int open_unlinked(sp_str path, sp_file *file, bool *ret_is_absent)
{
    struct stat seen;
    struct stat opened;
    if (!is_plain_absolute(path))
        return -1;
    bool is_there = lstat(path.ptr, &seen) == 0;
    *ret_is_absent = !is_there && errno == ENOENT;
    if (!is_there || !S_ISREG(seen.st_mode))
        return -1;
    int descriptor = sp_open_without_links(path.ptr, false);
    if (descriptor < 0)
        return -1;
    if (fstat(descriptor, &opened) != 0 || !S_ISREG(opened.st_mode) || opened.st_dev != seen.st_dev ||
        opened.st_ino != seen.st_ino) {
        close(descriptor);
        return -1;
    }
    describe(file, &opened);
    file->real_path = path;
    return descriptor;
}

/* *ret_done is whether this way led anywhere. */
static sp_status read_unlinked(sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *file, bool *ret_done,
                               sp_err *err)
{
    bool may_be_read = limits.max_bytes > 0 && sp_limits_judge(&limits, path) == SP_FILE_READ;
    bool is_absent = false;
    int descriptor = may_be_read ? open_unlinked(path, file, &is_absent) : -1;
    *ret_done = descriptor >= 0 || is_absent;
    if (is_absent)
        file->state = SP_FILE_ABSENT;
    if (descriptor < 0)
        return SP_OK;
    sp_status status =
        is_to_be_read(limits, file) ? read_regular(arena, descriptor, path, limits.max_bytes, file, err) : SP_OK;
    close(descriptor);
    return status;
}

/* False, with errno: it could not be looked up. *ret_is_real is whether no part of the path is a link. */
static bool look_up(sp_str path, sp_looked_up *ret, bool *ret_is_real)
{
    bool is_plain = is_plain_absolute(path);
    bool is_there = is_plain && sp_look_up_without_links(path.ptr, ret);
    *ret_is_real = is_there || (is_plain && errno == ENOENT);
    return is_there || (!*ret_is_real && sp_look_up(path.ptr, ret));
}

enum { MAX_LINKS = 40 }; /* as many as Linux follows */

/* A path as far as its links were followed. */
typedef struct trail {
    char real[PATH_MAX]; /* ends in NUL; "" is the root */
    size_t len;
    sp_str rest; /* still to go */
} trail;

static sp_str take_name(sp_str *rest)
{
    size_t slash = sp_str_find(*rest, SP_STR("/"), 0), end = slash == SIZE_MAX ? rest->len : slash;
    sp_str name = sp_str_slice(*rest, 0, end);
    *rest = sp_str_slice(*rest, end < rest->len ? end + 1 : end, rest->len);
    return name;
}

static void go_up(trail *t)
{
    while (t->len > 0 && t->real[--t->len] != '/')
        ;
    t->real[t->len] = '\0';
}

/* False where it does not fit. */
static bool go_down(trail *t, sp_str name)
{
    if (name.len >= sizeof t->real - 1 - t->len)
        return false;
    t->real[t->len] = '/';
    memcpy(t->real + t->len + 1, name.ptr, name.len);
    t->len += 1 + name.len;
    t->real[t->len] = '\0';
    return true;
}

/* Whether limits let a real path be read, or one passes it on the way to the places that they name. */
static bool is_on_way(const sp_read_limits *limits, sp_str real)
{
    const sp_places all[] = { limits->within, limits->root, limits->bounds.places };
    for (size_t i = 0; i < SP_COUNT_OF(all); i++)
        for (size_t k = 0; all[i].items && k < all[i].count; k++)
            if (sp_path_is_within(all[i].items[k], real))
                return true;
    return sp_limits_judge(limits, real) == SP_FILE_READ;
}

/* How a path is followed. */
typedef struct walk {
    const sp_read_limits *within; /* NULL: links are followed everywhere */
    const sp_read_limits *on_way; /* not NULL: the walk ends where it leaves the way to these */
    sp_status (*on_link)(void *context, sp_str link, sp_err *err);
    void *context;
} walk;

/* *ret_left is whether it ended where on_way says; *ret is that place then. */
static sp_status follow(sp_arena *arena, sp_str path, const walk *w, sp_str *ret, bool *ret_left, sp_err *err)
{
    char target[PATH_MAX];
    trail t = { .rest = path };
    *ret_left = false;
    for (int links = 0; t.rest.len;) {
        sp_str all = t.rest, name = take_name(&t.rest);
        if (name.len == 0 || sp_str_eq(name, SP_STR(".")))
            continue;
        if (sp_str_eq(name, SP_STR(".."))) {
            go_up(&t);
            continue;
        }
        if (!go_down(&t, name)) {
            t.rest = all;
            break;
        }
        sp_str real = { t.real, t.len };
        bool is_looked_at = !w->within || sp_limits_judge(w->within, real) == SP_FILE_READ;
        ssize_t length = is_looked_at ? readlink(t.real, target, sizeof target) : -1;
        bool is_link = length > 0 && (size_t)length < sizeof target;
        bool is_no_link = !is_looked_at || (length < 0 && errno == EINVAL);
        if (!is_link && w->on_way && !is_on_way(w->on_way, real)) {
            *ret_left = true;
            t.rest = (sp_str){ 0 };
            break;
        }
        if (is_no_link)
            continue;
        if (!is_link || links++ == MAX_LINKS)
            break;
        if (w->on_link)
            SP_TRY(w->on_link(w->context, real, err));
        t.rest = sp_str_format(arena, "%.*s/%.*s", (int)length, target, SP_STR_ARG(t.rest));
        if (!t.rest.ptr)
            return sp_err_memory(err);
        go_up(&t);
        if (target[0] == '/')
            t.real[t.len = 0] = '\0';
    }
    *ret = sp_path_join(arena, t.len ? (sp_str){ t.real, t.len } : SP_STR("/"), t.rest.len ? t.rest : SP_STR("."));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_file_follow(sp_arena *arena, sp_str path, sp_status (*on_link)(void *context, sp_str link, sp_err *err),
                         void *context, sp_str *ret, sp_err *err)
{
    bool left;
    return follow(arena, path, &(walk){ .on_link = on_link, .context = context }, ret, &left, err);
}

/* Where a path that leads out leads, by its words from where it leaves: links out there are not looked at. If it comes
 * back by them, it is told as far as it leaves. */
static sp_status tell_outside(sp_arena *arena, sp_str path, const sp_read_limits *limits, sp_str *ret, sp_err *err)
{
    bool left;
    SP_TRY(follow(arena, path, &(walk){ .within = limits }, ret, &left, err));
    if (sp_limits_judge(limits, *ret) != SP_FILE_READ)
        return SP_OK;
    return follow(arena, path, &(walk){ .within = limits, .on_way = limits }, ret, &left, err);
}

/* Of a path that leads out no more is told than that: not whether something is there, nor where links out there lead.
 * One that leads out and back leads out: whether it comes back depends on directories out there. is_real: no part of
 * the path is a link. */
static sp_status hide_outside(sp_arena *arena, sp_str path, bool is_real, const sp_read_limits *limits, sp_file *file,
                              sp_err *err)
{
    bool was_found = file->state == SP_FILE_OUTSIDE || file->state == SP_FILE_EXTERNAL, left = false;
    sp_str real = path;
    if (!limits->hides_outside || !sp_str_starts(path, SP_STR("/")))
        return SP_OK;
    if (!was_found && !is_real)
        SP_TRY(follow(arena, path, &(walk){ .on_way = limits }, &real, &left, err));
    sp_file_state state = was_found ? file->state : sp_limits_judge(limits, real);
    if (state == SP_FILE_READ)
        return SP_OK;
    if (!was_found)
        *file = (sp_file){ .state = state, .was_dangling = file->state == SP_FILE_DANGLING, .is_hidden = true };
    return tell_outside(arena, path, limits, &file->real_path, err);
}

static sp_status disk_read(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret,
                           sp_err *err)
{
    sp_file file = { 0 };
    sp_str name = sp_str_dup(arena, path);
    (void)context;
    bool is_done;
    if (!name.ptr)
        return sp_err_memory(err);
    SP_TRY(read_unlinked(arena, name, limits, &file, &is_done, err));
    if (is_done) {
        if (file.state == SP_FILE_ABSENT)
            SP_TRY(hide_outside(arena, name, false, &limits, &file, err));
        *ret = file;
        return SP_OK;
    }
    sp_looked_up looked_up;
    bool is_real;
    if (!look_up(name, &looked_up, &is_real)) {
        if (!state_of_unopened(name, is_real, errno, &file))
            return system_error(err, path, "read");
        SP_TRY(hide_outside(arena, name, is_real, &limits, &file, err));
        *ret = file;
        return SP_OK;
    }
    sp_status status = look(arena, &looked_up, name, is_real, limits, &file, err);
    sp_looked_up_close(&looked_up);
    if (status == SP_OK)
        status = hide_outside(arena, name, is_real, &limits, &file, err);
    if (status == SP_OK)
        *ret = file;
    return status;
}

int sp_entry_compare(const void *a, const void *b)
{
    return sp_str_cmp(((const sp_entry *)a)->name, ((const sp_entry *)b)->name);
}

/* The kind of an entry, with a link followed. What cannot be looked at is taken for a folder, so that listing it tells
 * what is wrong. */
static mode_t mode_of_entry(int folder, const char *name)
{
    struct stat info;
    if (fstatat(folder, name, &info, 0) == 0)
        return info.st_mode;
    return errno == EACCES ? S_IFDIR : 0;
}

static bool is_link(int folder, const char *name, unsigned char type)
{
    struct stat info;
    if (type != DT_UNKNOWN)
        return type == DT_LNK;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

static void set_kind(int folder, const char *name, unsigned char type, sp_entry *entry)
{
    mode_t mode = type == DT_LNK || type == DT_UNKNOWN ? mode_of_entry(folder, name) : (mode_t)DTTOIF(type);
    entry->is_folder = S_ISDIR(mode);
    entry->is_file = S_ISREG(mode);
    entry->is_link = is_link(folder, name, type);
}

static sp_status list_open(sp_arena *arena, sp_directory *directory, sp_str path, bool is_sorted, sp_listing *ret,
                           sp_err *err)
{
    sp_list(sp_entry) entries = { 0 };
    const char *name;
    unsigned char type;
    for (;;) {
        if (!sp_directory_next(directory, &name, &type))
            return system_error(err, path, "list the directory");
        if (!name)
            break;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        sp_entry *entry = SP_LIST_PUSH(arena, &entries);
        if (!entry)
            return sp_err_memory(err);
        entry->name = sp_str_dup(arena, sp_str_of(name));
        set_kind(directory->descriptor, name, type, entry);
        if (!entry->name.ptr)
            return sp_err_memory(err);
    }
    if (entries.count && is_sorted)
        qsort(entries.items, entries.count, sizeof *entries.items, sp_entry_compare);
    ret->entries = entries.items;
    ret->count = entries.count;
    return SP_OK;
}

static sp_status list_allowed(sp_arena *arena, sp_directory *directory, sp_str path, bool is_real,
                              sp_read_limits limits, sp_listing *ret, sp_err *err)
{
    char real[PATH_MAX];
    bool is_known = !is_real && sp_directory_path(directory->descriptor, path.ptr, real);
    SP_TRY(real_path_of(arena, is_known, real, path, &ret->real_path, err));
    ret->state = sp_limits_judge(&limits, ret->real_path);
    if (ret->state != SP_FILE_READ)
        return SP_OK;
    ret->state = SP_FILE_FOLDER;
    return list_open(arena, directory, path, !limits.is_unsorted, ret, err);
}

static sp_status tell_unlisted(sp_str path, bool is_real, sp_listing *ret, sp_err *err)
{
    sp_file unopened = { 0 };
    if (!state_of_unopened(path, is_real, errno, &unopened))
        return system_error(err, path, "list the directory");
    *ret = (sp_listing){ .state = unopened.state, .what = unopened.what, .is_nothing = is_real };
    return SP_OK;
}

/* Whether a directory may be listed, by where its links lead: ret->state is SP_FILE_READ then, else *ret is the answer.
 * This is asked before it is opened: a kernel that confines us refuses to open one that lies outside, and that looks
 * like a fault. */
static sp_status judge_directory(sp_arena *arena, sp_str path, sp_read_limits limits, sp_listing *ret, sp_err *err)
{
    sp_looked_up found;
    char real[PATH_MAX];
    bool is_real;
    if (!look_up(path, &found, &is_real))
        return tell_unlisted(path, is_real, ret, err);
    bool is_directory = S_ISDIR(found.info.st_mode);
    bool is_known = is_directory && !is_real && sp_looked_up_path(&found, path.ptr, real);
    sp_looked_up_close(&found);
    if (!is_directory) {
        errno = ENOTDIR;
        return tell_unlisted(path, false, ret, err); /* something is there */
    }
    SP_TRY(real_path_of(arena, is_known, real, path, &ret->real_path, err));
    ret->state = sp_limits_judge(&limits, ret->real_path);
    return SP_OK;
}

static sp_status list_and_close(sp_arena *arena, sp_directory *directory, sp_str path, bool is_real,
                                sp_read_limits limits, sp_listing *ret, sp_err *err)
{
    sp_listing listing = { .state = SP_FILE_ABSENT };
    sp_status status = list_allowed(arena, directory, path, is_real, limits, &listing, err);
    sp_directory_close(directory);
    if (status == SP_OK)
        *ret = listing;
    return status;
}

static sp_status disk_list(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_listing *ret,
                           sp_err *err)
{
    sp_listing listing = { .state = SP_FILE_ABSENT };
    sp_directory directory;
    sp_str name = sp_str_dup(arena, path);
    (void)context;
    if (!name.ptr)
        return sp_err_memory(err);
    bool may_be_listed = is_plain_absolute(name) && sp_limits_judge(&limits, name) == SP_FILE_READ;
    if (may_be_listed && sp_directory_open(name.ptr, true, &directory))
        return list_and_close(arena, &directory, name, true, limits, ret, err);
    if (may_be_listed && errno == ENOENT)
        return tell_unlisted(name, true, ret, err);
    SP_TRY(judge_directory(arena, name, limits, &listing, err));
    if (listing.state != SP_FILE_READ) {
        *ret = listing;
        return SP_OK;
    }
    if (!sp_directory_open(name.ptr, false, &directory))
        return tell_unlisted(name, false, ret, err);
    return list_and_close(arena, &directory, name, false, limits, ret, err); /* judged again, by what was opened */
}

sp_status sp_file_link(sp_arena *arena, sp_str path, sp_str *ret, sp_err *err)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path.ptr, target, sizeof target);
    *ret = (sp_str){ NULL, 0 };
    if (length <= 0 || (size_t)length == sizeof target)
        return SP_OK;
    *ret = sp_str_dup(arena, (sp_str){ target, (size_t)length });
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* ---- streams ----------------------------------------------------------------------------------
 * For the user's own files, named or found in a folder: as few system calls as will do. */

static void set_kind_of_file(sp_file *file, mode_t mode)
{
    file->state = S_ISREG(mode) ? SP_FILE_READ : S_ISDIR(mode) ? SP_FILE_FOLDER : SP_FILE_SPECIAL;
    file->what = kind_of(mode);
}

/* path.ptr ends in NUL. */
sp_status sp_file_look(sp_str path, sp_file *ret, sp_err *err)
{
    struct stat info;
    *ret = (sp_file){ 0 };
    if (stat(path.ptr, &info) != 0)
        return state_of_unopened(path, false, errno, ret) ? SP_OK : system_error(err, path, "read");
    set_kind_of_file(ret, info.st_mode);
    return SP_OK;
}

/* file->state is SP_FILE_READ when *ret is set. A FIFO does not hang. */
static sp_status open_regular(sp_str path, sp_file *file, sp_stream *ret, sp_err *err)
{
    struct stat info;
    int descriptor = sp_open(path.ptr, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return state_of_unopened(path, false, errno, file) ? SP_OK : system_error(err, path, "read");
    if (fstat(descriptor, &info) != 0) {
        sp_status status = system_error(err, path, "read");
        close(descriptor);
        return status;
    }
    set_kind_of_file(file, info.st_mode);
    if (file->state == SP_FILE_READ)
        *ret = (sp_stream){ .path = path.ptr, .descriptor = descriptor, .size_bytes = (uint64_t)info.st_size };
    else
        close(descriptor);
    return SP_OK;
}

sp_status sp_stream_open(const char *path, sp_stream *ret, sp_err *err)
{
    sp_str name = sp_str_of(path);
    int descriptor = sp_descriptor_of(name);
    sp_file file = { 0 };
    if (descriptor >= 0) {
        *ret = (sp_stream){ .path = strcmp(path, "-") == 0 ? "<stdin>" : path, .descriptor = descriptor };
        ret->is_borrowed = true;
        return SP_OK;
    }
    SP_TRY(open_regular(name, &file, ret, err));
    return file.state == SP_FILE_READ ? SP_OK : sp_err_unread(err, name, &file);
}

sp_status sp_stream_read(sp_stream *stream, char *buffer, size_t room, size_t *ret_len, sp_err *err)
{
    ssize_t length = 0;
    bool is_known_end = stream->size_bytes > 0 && stream->read_bytes == stream->size_bytes;
    if (!is_known_end)
        do
            length = read(stream->descriptor, buffer, room);
        while (length < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_bytes(stream->descriptor))));
    if (length < 0)
        return system_error(err, sp_str_of(stream->path), "read");
    stream->read_bytes += (uint64_t)length;
    *ret_len = (size_t)length;
    return SP_OK;
}

void sp_stream_close(sp_stream *stream)
{
    if (!stream->is_borrowed)
        close(stream->descriptor);
}

/* To open a FIFO, if only for a moment, would end the program that waits to write into it: it is looked at first. */
size_t sp_file_head(const char *path, char *head, size_t room)
{
    sp_str name = sp_str_of(path);
    sp_file file;
    sp_stream stream = { .descriptor = -1 };
    sp_err err;
    size_t len = 0;
    if (sp_file_look(name, &file, &err) != SP_OK || file.state != SP_FILE_READ ||
        open_regular(name, &file, &stream, &err) != SP_OK || file.state != SP_FILE_READ)
        return 0;
    bool is_read = sp_stream_read(&stream, head, room, &len, &err) == SP_OK;
    sp_stream_close(&stream);
    return is_read ? len : 0;
}

const sp_reader sp_reader_disk = { .read = disk_read, .list = disk_list };

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

/* Takes the last part of a path away; the root stays. */
static size_t without_last_part(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length > 1 ? length - 1 : length;
}

/* Whether the path in out ends in a part that a ".." can take away. */
static bool has_last_part(const char *out, size_t length)
{
    bool is_up = length >= 2 && memcmp(out + length - 2, "..", 2) == 0 && (length == 2 || out[length - 3] == '/');
    return length > 0 && !is_up;
}

/* Adds the parts of a path to out, which holds a path already. */
static size_t add_parts(char *out, size_t length, sp_str path)
{
    for (size_t at = 0; at < path.len;) {
        size_t end = at;
        while (end < path.len && path.ptr[end] != '/')
            end++;
        sp_str part = sp_str_slice(path, at, end);
        at = end + 1;
        if (part.len == 0 || sp_str_eq(part, SP_STR(".")))
            continue;
        if (sp_str_eq(part, SP_STR("..")) && has_last_part(out, length)) {
            length = without_last_part(out, length);
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
    if (sp_str_starts(folder.len ? folder : name, SP_STR("/")))
        out[length++] = '/';
    length = add_parts(out, length, folder);
    length = add_parts(out, length, name);
    if (length == 0)
        out[length++] = '.';
    out[length] = '\0';
    return (sp_str){ out, length };
}

sp_str sp_path_append(sp_arena *arena, sp_str folder, sp_str name)
{
    while (sp_str_starts(name, SP_STR("./")) && name.len > 2)
        name = sp_str_slice(name, 2, name.len);
    bool has_parts = name.len > 0 && !sp_str_eq(name, SP_STR("."));
    sp_buf path = { 0 };
    if (!sp_str_starts(name, SP_STR("/")))
        sp_buf_add(&path, folder);
    if (path.len && has_parts && path.ptr[path.len - 1] != '/')
        sp_buf_add_char(&path, '/');
    if (has_parts)
        sp_buf_add(&path, name);
    return sp_buf_move(&path, arena);
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

bool sp_path_is_in_git(sp_str path)
{
    for (size_t at = 0, end; at < path.len; at = end + 1) {
        const char *slash = memchr(path.ptr + at, '/', path.len - at);
        end = slash ? (size_t)(slash - path.ptr) : path.len;
        if (slash && sp_str_eq_nocase(sp_str_slice(path, at, end), SP_STR(".git")))
            return true;
    }
    return false;
}

sp_str sp_path_below(sp_str path, sp_str folder)
{
    if (!sp_path_is_within(path, folder) || path.len == folder.len)
        return path;
    size_t from = folder.len + (sp_str_eq(folder, SP_STR("/")) ? 0 : 1);
    return sp_str_slice(path, from, path.len);
}

static int compare_name(const void *key, const void *entry)
{
    return sp_str_cmp(*(const sp_str *)key, ((const sp_entry *)entry)->name);
}

static unsigned char first_byte(sp_str name)
{
    return name.len > 0 ? (unsigned char)name.ptr[0] : 0;
}

/* False of most names that are asked for, such as .claude and AGENTS.md: they sort before or after all that is there.
 */
static bool may_be_among(const sp_listing *listing, sp_str name)
{
    return listing->count > 0 && first_byte(name) >= first_byte(listing->entries[0].name) &&
           first_byte(name) <= first_byte(listing->entries[listing->count - 1].name);
}

bool sp_listing_may_have(const sp_listing *listing, sp_str path)
{
    if (!may_be_among(listing, path))
        return false;
    const char *slash = memchr(path.ptr, '/', path.len);
    sp_str first = sp_str_slice(path, 0, slash ? (size_t)(slash - path.ptr) : path.len);
    return bsearch(&first, listing->entries, listing->count, sizeof *listing->entries, compare_name) != NULL;
}

/* ---- a whole file for a caller of the library ---------------------------------------------------- */

static sp_status load_regular(sp_str path, sp_buf *buf, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_file file;
    sp_status status =
        sp_reader_read(&sp_reader_disk, &arena, path, (sp_read_limits){ .max_bytes = UINT64_MAX }, &file, err);
    if (status == SP_OK && file.state == SP_FILE_READ)
        sp_buf_add(buf, file.bytes);
    else if (status == SP_OK)
        status = sp_err_unread(err, path, &file);
    sp_arena_release(&arena);
    return status;
}

sp_status sp_file_load(const char *path, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf buf = { 0 };
    sp_str name = sp_str_of(path);
    int descriptor = sp_descriptor_of(name);
    if (sp_str_eq(name, SP_STR("-")))
        name = SP_STR("<stdin>");
    sp_status status =
        descriptor >= 0 ? sp_read_descriptor(descriptor, name, UINT64_MAX, &buf, err) : load_regular(name, &buf, err);
    size_t length = buf.len;
    if (status == SP_OK) {
        sp_buf_add_char(&buf, '\0'); /* never NULL, also for an empty file */
        if (buf.failed)
            status = sp_err_memory(err);
    }
    if (status != SP_OK) {
        sp_buf_release(&buf);
        return status;
    }
    *ret_bytes = buf.ptr;
    *ret_len = length;
    return SP_OK;
}
