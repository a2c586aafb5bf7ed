/*
 * revision.c - paths as a commit has them.
 *
 * A path is followed part by part from the root of the file system, as the system would: only so is it certain whether
 * a link on the way leads into the commit, out of it, or back. The commit's files and what is read from the disk in
 * the work tree are two sorted lists of paths; a folder is what has a path below it.
 */
#include "git/revision_reader.h"

#include "base/map.h"
#include "base/types.h"

#include <stdlib.h>

enum {
    MAX_LINKS = 40,           /* as the Linux kernel */
    MAX_TREE_BYTES = 1 << 29, /* of `git ls-tree`: 5 million files */
    MAX_LINK_BYTES = 4096,    /* of a link's target: PATH_MAX */
    MODE_LINK = 0120000,      /* of git's modes the ones that are no regular file */
    MODE_SUBMODULE = 0160000,
};

typedef struct tree_file {
    sp_str path; /* relative to the top */
    sp_str object;
    unsigned mode;
    bool size_known;
    uint64_t size_bytes;
} tree_file;

struct sp_tree_files {
    sp_repo *repo;
    sp_arena arena;
    sp_reader reader;
    tree_file *files;
    size_t count;
    const sp_str *on_disk; /* paths in the work tree that are read from the disk */
    size_t on_disk_count;
    sp_map asked;         /* paths that were looked at, */
    sp_map asked_folders; /* and those at which whatever is below counts: listed, or not there */
};

/* ---- two sorted lists of paths ---------------------------------------------------------------------- */

static int compare_files(const void *a, const void *b)
{
    return sp_str_cmp(((const tree_file *)a)->path, ((const tree_file *)b)->path);
}

/* path, then a character: how both compare with an item. */
static int compare_with(sp_str item, sp_str path, char behind)
{
    size_t shorter = item.len < path.len ? item.len : path.len;
    int order = shorter ? memcmp(item.ptr, path.ptr, shorter) : 0;
    if (order != 0 || item.len < path.len)
        return order ? order : -1;
    if (item.len == path.len)
        return behind ? -1 : 0;
    if (!behind)
        return 1;
    int next = (unsigned char)item.ptr[path.len] - (unsigned char)behind;
    return next ? next : item.len > path.len + 1;
}

/* The first file at or after path with a character behind it (or none: 0), from an index on. */
static size_t first_file(const sp_tree_files *t, sp_str path, char behind, size_t from)
{
    size_t high = t->count;
    while (from < high) {
        size_t middle = from + (high - from) / 2;
        if (compare_with(t->files[middle].path, path, behind) < 0)
            from = middle + 1;
        else
            high = middle;
    }
    return from;
}

static size_t first_on_disk(const sp_tree_files *t, sp_str path, char behind)
{
    size_t low = 0;
    size_t high = t->on_disk_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_with(t->on_disk[middle], path, behind) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_below(sp_str path, sp_str folder)
{
    if (folder.len == 0)
        return true;
    return path.len > folder.len && path.ptr[folder.len] == '/' && sp_str_starts(path, folder);
}

/* Where the files below a folder begin; "" is the top. */
static size_t first_below(const sp_tree_files *t, sp_str folder)
{
    return folder.len ? first_file(t, folder, '/', 0) : 0;
}

static bool has_below(const sp_tree_files *t, sp_str folder)
{
    size_t at = first_below(t, folder);
    return folder.len == 0 || (at < t->count && is_below(t->files[at].path, folder));
}

/* Whether the commit has a file, a link, a submodule or a folder there. */
static bool is_committed(const sp_tree_files *t, sp_str path)
{
    size_t at = first_file(t, path, 0, 0);
    return has_below(t, path) || (at < t->count && sp_str_eq(t->files[at].path, path));
}

static bool has_disk_below(const sp_tree_files *t, sp_str folder)
{
    size_t at = first_on_disk(t, folder, '/');
    return at < t->on_disk_count && is_below(t->on_disk[at], folder);
}

static bool is_of_git(sp_str path)
{
    for (size_t at = 0; (at = sp_str_find(path, SP_STR(".git"), at)) != SIZE_MAX; at++) {
        bool begins = at == 0 || path.ptr[at - 1] == '/';
        bool ends = at + 4 == path.len || path.ptr[at + 4] == '/';
        if (begins && ends)
            return true;
    }
    return false;
}

/* Whether the path, or a folder that it lies in, is read from the disk. */
static bool is_on_disk(const sp_tree_files *t, sp_str path)
{
    for (size_t end = path.len; end > 0;) {
        sp_str part = sp_str_slice(path, 0, end);
        size_t at = first_on_disk(t, part, 0);
        if (at < t->on_disk_count && sp_str_eq(t->on_disk[at], part))
            return true;
        while (end > 0 && path.ptr[end - 1] != '/')
            end--;
        end -= end > 0;
    }
    return is_of_git(path);
}

/* ---- what stands at a path -------------------------------------------------------------------------- */

typedef enum spot_kind {
    SPOT_ABSENT,
    SPOT_DISK,
    SPOT_FOLDER,
    SPOT_FILE,
    SPOT_LINK, /* on the way only */
} spot_kind;

typedef struct spot {
    spot_kind kind;
    size_t file;     /* of a file or a link */
    bool is_through; /* the last part of the path was a link */
    sp_str real;     /* absolute, without links; its ptr ends in NUL */
} spot;

/* path is absolute and has no links in it but perhaps the last part. */
static sp_str below_top(const sp_tree_files *t, sp_str path)
{
    sp_str top = sp_repo_top(t->repo);
    return path.len == top.len ? SP_STR("") : sp_path_below(path, top);
}

static spot_kind kind_at(const sp_tree_files *t, sp_str path, size_t *ret_file)
{
    if (!sp_path_is_within(path, sp_repo_top(t->repo)))
        return SPOT_DISK;
    sp_str below = below_top(t, path);
    size_t at = first_file(t, below, 0, 0);
    if (at < t->count && sp_str_eq(t->files[at].path, below) && below.len) {
        *ret_file = at;
        unsigned mode = t->files[at].mode;
        return mode == MODE_LINK ? SPOT_LINK : mode == MODE_SUBMODULE ? SPOT_FOLDER : SPOT_FILE;
    }
    if (has_below(t, below))
        return SPOT_FOLDER;
    if (is_on_disk(t, below))
        return SPOT_DISK;
    return has_disk_below(t, below) ? SPOT_FOLDER : SPOT_ABSENT;
}

static sp_status note_asked(sp_tree_files *t, sp_map *map, sp_str path, sp_err *err)
{
    if (!sp_path_is_within(path, sp_repo_top(t->repo)))
        return SP_OK;
    sp_str below = below_top(t, path);
    if (sp_map_find(map, below) != SP_NONE)
        return SP_OK;
    sp_str copy = sp_str_dup(&t->arena, below);
    uint32_t *slot = copy.ptr ? sp_map_slot(&t->arena, map, copy) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = 1;
    return SP_OK;
}

/* The target of the link at path, which is none where ptr is NULL. */
static sp_status target_of(sp_tree_files *t, sp_arena *arena, sp_str path, const spot *found, sp_str *ret, sp_err *err)
{
    sp_file file = { 0 };
    *ret = (sp_str){ NULL, 0 };
    if (found->kind == SPOT_DISK)
        return sp_file_link(arena, path, ret, err);
    if (found->kind != SPOT_LINK)
        return SP_OK;
    SP_TRY(sp_repo_read(t->repo, arena, t->files[found->file].object, path, MAX_LINK_BYTES, &file, err));
    *ret = file.state == SP_FILE_READ && !memchr(file.bytes.ptr, '\0', file.bytes.len) ? file.bytes : SP_STR("");
    return SP_OK;
}

/* A path being followed: real is where it has come to, rest what is left of it. */
typedef struct way {
    sp_tree_files *files;
    sp_arena *arena;
    sp_str real;
    sp_str rest;
    unsigned links;
    spot found;
} way;

static bool next_part(way *w, sp_str *ret)
{
    size_t begin = 0;
    while (begin < w->rest.len && w->rest.ptr[begin] == '/')
        begin++;
    size_t end = begin;
    while (end < w->rest.len && w->rest.ptr[end] != '/')
        end++;
    *ret = sp_str_slice(w->rest, begin, end);
    w->rest = sp_str_slice(w->rest, end, w->rest.len);
    return ret->len > 0;
}

/* The link leads on from the folder it stands in, or from the root. Its target may end where the path does not. */
static sp_status follow(way *w, sp_str target, sp_err *err)
{
    w->found.is_through = w->found.is_through || w->rest.len == 0;
    w->rest = sp_str_format(w->arena, "%.*s%.*s", SP_STR_ARG(target), SP_STR_ARG(w->rest));
    if (sp_str_starts(target, SP_STR("/")))
        w->real = SP_STR("/");
    if (++w->links > MAX_LINKS || target.len == 0) {
        w->found.kind = SPOT_ABSENT;
        w->rest = SP_STR("");
    }
    return w->rest.ptr ? SP_OK : sp_err_memory(err);
}

/* One part further; rest is empty once there is no further. */
static sp_status step(way *w, sp_str part, sp_err *err)
{
    sp_str target;
    if (sp_str_eq(part, SP_STR(".")))
        return SP_OK;
    if (sp_str_eq(part, SP_STR(".."))) {
        w->real = sp_path_folder(w->real);
        return SP_OK;
    }
    sp_str path = sp_path_append(w->arena, w->real, part);
    if (!path.ptr)
        return sp_err_memory(err);
    w->found.kind = kind_at(w->files, path, &w->found.file);
    SP_TRY(note_asked(w->files, w->found.kind == SPOT_ABSENT ? &w->files->asked_folders : &w->files->asked, path, err));
    SP_TRY(target_of(w->files, w->arena, path, &w->found, &target, err));
    if (target.ptr)
        return follow(w, target, err);
    bool is_end = w->found.kind == SPOT_ABSENT || (w->found.kind == SPOT_FILE && w->rest.len > 0);
    w->real = path;
    if (is_end) {
        w->found.kind = SPOT_ABSENT;
        w->rest = SP_STR("");
    }
    return SP_OK;
}

static sp_status find_spot(sp_tree_files *t, sp_arena *arena, sp_str path, spot *ret, sp_err *err)
{
    way w = { .files = t, .arena = arena, .real = SP_STR("/"), .rest = path, .found = { .kind = SPOT_DISK } };
    sp_str top = sp_repo_top(t->repo);
    sp_str part;
    if (sp_path_is_within(path, top)) { /* whose path is real */
        w.real = top;
        w.rest = sp_str_slice(path, top.len, path.len);
        w.found.kind = SPOT_FOLDER;
    }
    while (next_part(&w, &part))
        SP_TRY(step(&w, part, err));
    if (w.found.kind != SPOT_ABSENT)
        w.found.kind = kind_at(t, w.real, &w.found.file);
    *ret = w.found;
    ret->real = sp_str_dup(arena, w.real);
    return ret->real.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

/* No file of the disk has this device; the number of a file is that of its path. */
static const uint64_t DEVICE = UINT64_MAX - 1;
/* The same for what was not looked at. */
static const uint64_t EXTERNAL_DEVICE = UINT64_MAX - 2;

static sp_status read_file(sp_tree_files *t, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *file,
                           sp_err *err)
{
    tree_file *wanted = &t->files[file->inode];
    file->state = SP_FILE_LARGE;
    if (limits.is_known && limits.is_known(limits.context, file->device, file->inode))
        file->state = SP_FILE_KNOWN;
    file->size_bytes = wanted->size_bytes;
    bool is_large = wanted->size_known && wanted->size_bytes > limits.max_bytes;
    if (file->state == SP_FILE_KNOWN ? wanted->size_known : is_large)
        return SP_OK;
    uint64_t max_bytes = file->state == SP_FILE_KNOWN ? 0 : limits.max_bytes;
    sp_file found = *file;
    SP_TRY(sp_repo_read(t->repo, arena, wanted->object, path, max_bytes, &found, err));
    wanted->size_known = true;
    wanted->size_bytes = file->size_bytes = found.size_bytes;
    if (file->state == SP_FILE_LARGE)
        *file = found;
    return SP_OK;
}

static sp_status read_spot(sp_tree_files *t, sp_arena *arena, sp_str path, const spot *at, sp_read_limits limits,
                           sp_file *file, sp_err *err)
{
    file->real_path = at->real;
    file->device = DEVICE;
    file->inode = at->kind == SPOT_FILE ? at->file : t->count + first_below(t, below_top(t, at->real));
    file->what = at->kind == SPOT_FILE ? NULL : "a folder";
    file->state = SP_FILE_FOLDER;
    sp_file_state judged = sp_limits_judge(&limits, at->real);
    if (judged != SP_FILE_READ) /* its size is told all the same */
        limits = (sp_read_limits){ 0 };
    if (at->kind == SPOT_FILE)
        SP_TRY(read_file(t, arena, path, limits, file, err));
    if (judged != SP_FILE_READ)
        file->state = judged;
    return SP_OK;
}

/* What a link of the commit leads to, out of where it may: whether anything is there, the disk is not asked. */
static sp_file external_file(const spot *at)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < at->real.len; i++)
        hash = (hash ^ (unsigned char)at->real.ptr[i]) * 1099511628211u;
    return (sp_file){
        .state = SP_FILE_EXTERNAL, .real_path = at->real, .device = EXTERNAL_DEVICE, .inode = hash, .what = "a link"
    };
}

static sp_status revision_read(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret,
                               sp_err *err)
{
    sp_tree_files *t = context;
    sp_file file = { .state = SP_FILE_ABSENT };
    spot at;
    SP_TRY(find_spot(t, arena, path, &at, err));
    if (at.kind == SPOT_DISK && sp_limits_judge(&limits, at.real) == SP_FILE_EXTERNAL)
        file = external_file(&at);
    else if (at.kind == SPOT_DISK)
        SP_TRY(sp_reader_read(&sp_reader_disk, arena, at.real, limits, &file, err));
    else if (at.kind != SPOT_ABSENT)
        SP_TRY(read_spot(t, arena, path, &at, limits, &file, err));
    if (file.state == SP_FILE_ABSENT && at.is_through)
        file.state = SP_FILE_DANGLING;
    *ret = file;
    return SP_OK;
}

/* ---- listing ---------------------------------------------------------------------------------------- */

typedef struct lister {
    sp_tree_files *files;
    sp_arena *arena;
    sp_str folder; /* below the top */
    sp_list(sp_entry) entries;
} lister;

static sp_status set_kind(lister *l, sp_str real, sp_entry *entry, sp_err *err)
{
    spot at;
    sp_file file = { 0 };
    sp_str path = sp_path_append(l->arena, real, entry->name);
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(find_spot(l->files, l->arena, path, &at, err));
    if (at.kind == SPOT_DISK)
        SP_TRY(sp_reader_read(&sp_reader_disk, l->arena, at.real, (sp_read_limits){ 0 }, &file, err));
    entry->is_folder = at.kind == SPOT_FOLDER || file.state == SP_FILE_FOLDER;
    entry->is_file = at.kind == SPOT_FILE || sp_file_exists(&file);
    return SP_OK;
}

/* What git itself never writes, a commit that was forged may hold. */
static bool is_name(sp_str name)
{
    return name.len > 0 && !sp_str_eq(name, SP_STR(".")) && !sp_str_eq(name, SP_STR("..")) &&
           !memchr(name.ptr, '\0', name.len);
}

static sp_status add_committed(lister *l, sp_str real, sp_err *err)
{
    const sp_tree_files *t = l->files;
    size_t skip = l->folder.len ? l->folder.len + 1 : 0;
    for (size_t i = first_below(t, l->folder); i < t->count && is_below(t->files[i].path, l->folder);) {
        sp_str rest = sp_str_slice(t->files[i].path, skip, t->files[i].path.len);
        size_t slash = sp_str_find(rest, SP_STR("/"), 0);
        sp_str name = sp_str_slice(rest, 0, slash == SIZE_MAX ? rest.len : slash);
        sp_str path = sp_str_slice(t->files[i].path, 0, skip + name.len);
        sp_entry *entry = is_name(name) ? SP_LIST_PUSH(l->arena, &l->entries) : NULL;
        if (!entry && is_name(name))
            return sp_err_memory(err);
        if (entry) {
            entry->name = sp_str_dup(l->arena, name);
            entry->is_link = t->files[i].mode == MODE_LINK && slash == SIZE_MAX;
            entry->is_folder = slash != SIZE_MAX || t->files[i].mode == MODE_SUBMODULE;
            entry->is_file = !entry->is_folder;
            if (!entry->name.ptr)
                return sp_err_memory(err);
            if (entry->is_link)
                SP_TRY(set_kind(l, real, entry, err));
        }
        i = slash == SIZE_MAX ? i + 1 : first_file(t, path, '/' + 1, i); /* past all that is below it */
    }
    return SP_OK;
}

/* What the disk has in the folder, as far as it counts. */
static sp_status add_from_disk(lister *l, sp_str real, sp_err *err)
{
    sp_listing listing;
    SP_TRY(sp_reader_list(&sp_reader_disk, l->arena, real, (sp_read_limits){ 0 }, &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        size_t unused;
        sp_str path = sp_path_append(l->arena, real, listing.entries[i].name);
        if (!path.ptr)
            return sp_err_memory(err);
        sp_str below = below_top(l->files, path);
        spot_kind kind = kind_at(l->files, path, &unused);
        bool is_here = kind == SPOT_DISK || (kind == SPOT_FOLDER && !is_committed(l->files, below));
        sp_entry *entry = is_here ? SP_LIST_PUSH(l->arena, &l->entries) : NULL;
        if (is_here && !entry)
            return sp_err_memory(err);
        if (entry)
            *entry = listing.entries[i];
    }
    return SP_OK;
}

static sp_status list_spot(sp_tree_files *t, sp_arena *arena, const spot *at, sp_read_limits limits, sp_listing *ret,
                           sp_err *err)
{
    lister l = { .files = t, .arena = arena, .folder = below_top(t, at->real) };
    ret->real_path = at->real;
    ret->state = sp_limits_judge(&limits, at->real);
    if (ret->state != SP_FILE_READ)
        return SP_OK;
    SP_TRY(note_asked(t, &t->asked_folders, at->real, err));
    SP_TRY(add_committed(&l, at->real, err));
    SP_TRY(add_from_disk(&l, at->real, err));
    if (l.entries.count)
        qsort(l.entries.items, l.entries.count, sizeof *l.entries.items, sp_entry_compare);
    ret->state = SP_FILE_FOLDER;
    ret->entries = l.entries.items;
    ret->count = l.entries.count;
    return SP_OK;
}

static sp_status revision_list(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_listing *ret,
                               sp_err *err)
{
    sp_tree_files *t = context;
    sp_listing listing = { .state = SP_FILE_ABSENT };
    spot at;
    SP_TRY(find_spot(t, arena, path, &at, err));
    if (at.kind == SPOT_DISK && sp_limits_judge(&limits, at.real) == SP_FILE_EXTERNAL)
        listing = (sp_listing){ .state = SP_FILE_EXTERNAL, .real_path = at.real };
    else if (at.kind == SPOT_DISK)
        SP_TRY(sp_reader_list(&sp_reader_disk, arena, at.real, limits, &listing, err));
    else if (at.kind == SPOT_FOLDER)
        SP_TRY(list_spot(t, arena, &at, limits, &listing, err));
    if (listing.state == SP_FILE_ABSENT && at.is_through)
        listing.state = SP_FILE_DANGLING;
    *ret = listing;
    return SP_OK;
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static sp_status refuse_listing(const sp_commit *commit, sp_err *err)
{
    return sp_err_set(err, SP_ERR_INPUT, "git lists the files of %.*s in a way that is not known",
                      SP_STR_ARG(commit->short_id));
}

/* "MODE TYPE OBJECT\tPATH" */
static bool parse_file(sp_str line, tree_file *ret)
{
    size_t space = sp_str_find(line, SP_STR(" "), 0);
    size_t second = space == SIZE_MAX ? SIZE_MAX : sp_str_find(line, SP_STR(" "), space + 1);
    size_t tab = second == SIZE_MAX ? SIZE_MAX : sp_str_find(line, SP_STR("\t"), second);
    if (tab == SIZE_MAX)
        return false;
    for (size_t i = 0; i < space; i++)
        ret->mode = ret->mode * 8 + (unsigned)(line.ptr[i] - '0');
    ret->object = sp_str_slice(line, second + 1, tab);
    ret->path = sp_str_slice(line, tab + 1, line.len);
    return true;
}

/* The pieces of a text that end in NUL. */
static size_t count_pieces(sp_str text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++)
        at += strlen(text.ptr + at) + 1;
    return count;
}

static sp_status take_files(sp_tree_files *t, const sp_commit *commit, sp_err *err)
{
    sp_str all = { NULL, 0 };
    sp_str id = sp_str_dup(&t->arena, commit->id);
    const char *const words[] = { "ls-tree", "-r", "-z", "--full-tree", id.ptr, NULL };
    if (!id.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_repo_ask(t->repo, &t->arena, words, MAX_TREE_BYTES, &all, err));
    t->files = SP_ARENA_ARRAY(&t->arena, tree_file, count_pieces(all) + 1);
    if (!t->files)
        return sp_err_memory(err);
    for (size_t at = 0; at < all.len;) {
        sp_str line = sp_str_of(all.ptr + at);
        if (!parse_file(line, &t->files[t->count++]))
            return refuse_listing(commit, err);
        at += line.len + 1;
    }
    qsort(t->files, t->count, sizeof *t->files, compare_files);
    return SP_OK;
}

sp_status sp_tree_files_open(sp_repo *repo, const sp_commit *commit, sp_tree_files **ret, sp_err *err)
{
    sp_tree_files *t = calloc(1, sizeof *t);
    if (!t)
        return sp_err_memory(err);
    t->repo = repo;
    t->reader = (sp_reader){ .context = t, .read = revision_read, .list = revision_list };
    sp_status status = take_files(t, commit, err);
    if (status == SP_OK)
        status = sp_repo_unversioned(repo, &t->on_disk, &t->on_disk_count, err);
    if (status == SP_OK)
        *ret = t;
    else
        sp_tree_files_close(t);
    return status;
}

void sp_tree_files_close(sp_tree_files *files)
{
    if (!files)
        return;
    sp_arena_release(&files->arena);
    free(files);
}

const sp_reader *sp_tree_files_reader(sp_tree_files *files)
{
    return &files->reader;
}

bool sp_file_is_committed(const sp_file *file)
{
    return file->device == DEVICE && (file->state == SP_FILE_FOLDER || sp_file_exists(file));
}

bool sp_tree_files_depend_on(const sp_tree_files *files, sp_str path)
{
    if (sp_map_find(&files->asked, path) != SP_NONE)
        return true;
    for (size_t end = path.len;; end -= end > 0) {
        if (sp_map_find(&files->asked_folders, sp_str_slice(path, 0, end)) != SP_NONE)
            return true;
        if (end == 0)
            return false;
        while (end > 0 && path.ptr[end - 1] != '/')
            end--;
    }
}
