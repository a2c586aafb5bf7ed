/*
 * walk.c - the files of a folder, and on request without those that git ignores.
 *
 * Of the patterns that are about a path the last one counts, those of a deeper .gitignore after those above it, and
 * .git/info/exclude before all of them. They make a chain from the folder that is walked up to the repository's root.
 * The folder that was named is walked in any case: who names it wants it.
 */
#include "git/walk.h"
#include "base/file.h"
#include "base/types.h"
#include "git/git_dir.h"
#include "git/ignore.h"
#include "rules/ids.h"
#include "rules/profile.h"

#include <stdlib.h>

typedef struct level {
    sp_ignore_list list;
    const struct level *above;
} level;

typedef struct walker {
    const sp_folder_options *options;
    sp_folder_visit *visit;
    void *context;
    sp_err *err;
    sp_err failure;  /* why something cannot be read; here, so that each frame of the walk is small */
    sp_buf path;     /* as the caller gets it */
    size_t own;      /* where the path below the named folder begins in it */
    sp_str from_top; /* the named folder as seen from the repository's root: empty, or ends in a slash */
    sp_ignore_list includes;
    sp_ignore_list excludes;
    sp_ignore_list *each_include; /* a list for each pattern, to tell those that match nothing; or NULL */
    sp_ignore_list *each_exclude;
    bool is_included; /* the folder that the walk is in, or one above it, matches the includes */
    uint64_t files;   /* come across until now, wanted or not */
} walker;

static sp_status tell(walker *w, const sp_err *failure)
{
    sp_buf_add_char(&w->path, '\0');
    if (w->path.failed)
        return sp_err_memory(w->err);
    w->path.len--;
    return w->visit(w->context, w->path.ptr, failure) ? SP_OK : sp_err_memory(w->err);
}

/* ---- files with patterns -------------------------------------------------------------------------------- */

/* Whether the last part of path is a link, where the parts before it are not. */
static bool is_through_link(const sp_file *file, sp_str path)
{
    return !sp_str_eq(sp_path_base(file->real_path), sp_path_base(path));
}

/* Patterns of the file at path, if there is one; *ret goes before above. base is the folder that they are seen from,
 * ptr NULL for .git/info/exclude, which must lie within the repository. git follows no link that is called .gitignore.
 */
static sp_status add_level(walker *w, sp_arena *arena, sp_str path, sp_str base, sp_places within, const level *above,
                           const level **ret)
{
    sp_file file;
    *ret = above;
    const sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_IGNORE_FILE), .within = within };
    sp_status status = sp_reader_read(&sp_reader_disk, arena, path, limits, &file, &w->failure);
    if (status == SP_ERR_NO_MEMORY)
        return sp_err_memory(w->err);
    if (status != SP_OK)
        return tell(w, &w->failure);
    if (file.state == SP_FILE_OUTSIDE && base.ptr)
        return SP_OK;
    if (file.state == SP_FILE_LARGE || file.state == SP_FILE_DENIED || file.state == SP_FILE_OUTSIDE) {
        if (file.state == SP_FILE_DENIED)
            sp_err_unread(&w->failure, path, &file);
        else if (file.state == SP_FILE_OUTSIDE)
            sp_err_at(&w->failure, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_IGNORE_FILE),
                      "is a link that leads out of the repository, so it ignores nothing; copy the file, or remove the "
                      "link");
        else
            sp_err_at(&w->failure, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_IGNORE_FILE),
                      "is larger than the %llu bytes that are read of a list of ignored files",
                      (unsigned long long)limits.max_bytes);
        return tell(w, &w->failure);
    }
    if (file.state != SP_FILE_READ || (base.ptr && is_through_link(&file, path)))
        return SP_OK;
    level *added = SP_ARENA_NEW(arena, level);
    if (!added)
        return sp_err_memory(w->err);
    added->above = above;
    *ret = added;
    return sp_ignore_parse(arena, file.bytes, base, &added->list, w->err);
}

static bool is_ignored(const level *levels, sp_str path, bool is_folder)
{
    for (; levels; levels = levels->above) {
        sp_ignore_answer answer = sp_ignore_ask(&levels->list, path, is_folder);
        if (answer != SP_IGNORE_SILENT)
            return answer == SP_IGNORE_YES;
    }
    return false;
}

/* ---- the repository -------------------------------------------------------------------------------------- */

/* The levels above the named folder, whose real path is folder. */
static sp_status levels_above(walker *w, sp_arena *arena, sp_str folder, const level **ret)
{
    sp_git_dir git;
    sp_status status =
        sp_git_dir_find(arena, &sp_reader_disk, folder, SP_STR("/"), (sp_places){ 0 }, &git, &w->failure);
    if (status == SP_ERR_NO_MEMORY)
        return sp_err_memory(w->err);
    if (status != SP_OK || !git.top.ptr)
        return SP_OK;
    if (git.dir.ptr) {
        sp_str exclude = sp_path_append(arena, git.common, SP_STR("info/exclude"));
        SP_TRY(add_level(w, arena, exclude, (sp_str){ NULL, 0 }, sp_git_dir_places(&git), *ret, ret));
    }
    sp_str top = git.top, below = sp_str_slice(folder, top.len, folder.len);
    below = sp_str_slice(below, sp_str_starts(below, SP_STR("/")), below.len);
    if (below.len == 0)
        return SP_OK;
    w->from_top = sp_str_format(arena, "%.*s/", SP_STR_ARG(below));
    if (!w->from_top.ptr)
        return sp_err_memory(w->err);
    for (size_t at = 0; at < w->from_top.len; at = sp_str_find(w->from_top, SP_STR("/"), at) + 1) {
        sp_str base = sp_str_slice(w->from_top, 0, at);
        sp_str path = sp_str_format(arena, "%.*s/%.*s.gitignore", SP_STR_ARG(top), SP_STR_ARG(base));
        if (!path.ptr)
            return sp_err_memory(w->err);
        SP_TRY(add_level(w, arena, path, base, (sp_places){ &top, 1 }, *ret, ret));
    }
    return SP_OK;
}

/* ---- folders ------------------------------------------------------------------------------------------------ */

static sp_status walk_folder(walker *w, const level *levels);

/* The path of what the walk is at, as seen from the repository's root, and from the named folder. */
static sp_str seen_from_top(const walker *w, sp_arena *arena)
{
    return sp_str_format(arena, "%.*s%.*s", SP_STR_ARG(w->from_top), (int)(w->path.len - w->own), w->path.ptr + w->own);
}

static void mark_matching(const sp_ignore_list *each, size_t count, bool *matched, sp_str path, bool is_folder)
{
    for (size_t i = 0; each && i < count; i++)
        matched[i] = matched[i] || sp_ignore_ask(&each[i], path, is_folder) != SP_IGNORE_SILENT;
}

static void mark_includes(walker *w, sp_str own, bool is_folder)
{
    mark_matching(w->each_include, w->options->includes.count, w->options->include_matched, own, is_folder);
}

/* Whether what is at own matches the includes: by itself, or else by the nearest folder above it that a pattern is
 * about. */
static bool is_included(const walker *w, sp_str own, bool is_folder)
{
    sp_ignore_answer answer = sp_ignore_ask(&w->includes, own, is_folder);
    return answer == SP_IGNORE_SILENT ? w->is_included : answer == SP_IGNORE_YES;
}

/* An include that is about a folder matches the files in it, so where there are none it matches nothing. */
static sp_status visit_folder(walker *w, sp_str own, const level *levels)
{
    bool above = w->is_included;
    uint64_t files = w->files;
    w->is_included = is_included(w, own, true);
    SP_TRY(walk_folder(w, levels));
    w->is_included = above;
    if (w->files > files)
        mark_includes(w, own, true);
    return SP_OK;
}

static sp_status walk_entry(walker *w, sp_arena *arena, const level *levels, const sp_entry *entry)
{
    if (entry->is_link || !(entry->is_folder || entry->is_file) || sp_str_eq(entry->name, SP_STR(".git")))
        return SP_OK;
    sp_str from_top = seen_from_top(w, arena);
    if (!from_top.ptr)
        return sp_err_memory(w->err);
    sp_str own = sp_str_slice(from_top, w->from_top.len, from_top.len);
    mark_matching(w->each_exclude, w->options->excludes.count, w->options->exclude_matched, own, entry->is_folder);
    if (entry->is_file) {
        w->files++;
        mark_includes(w, own, false);
    }
    if (is_ignored(levels, from_top, entry->is_folder) ||
        sp_ignore_ask(&w->excludes, own, entry->is_folder) == SP_IGNORE_YES)
        return SP_OK;
    if (entry->is_folder)
        return visit_folder(w, own, levels);
    return w->includes.count == 0 || is_included(w, own, false) ? tell(w, NULL) : SP_OK;
}

/* Entries, each with its name added to the path for as long as it is looked at. */
static sp_status walk_entries(walker *w, sp_arena *arena, const level *levels, const sp_listing *listing)
{
    size_t length = w->path.len;
    for (size_t i = 0; i < listing->count; i++) {
        if (length && w->path.ptr[length - 1] != '/')
            sp_buf_add_char(&w->path, '/');
        if (w->own == 0)
            w->own = w->path.len;
        sp_buf_add(&w->path, listing->entries[i].name);
        if (w->path.failed)
            return sp_err_memory(w->err);
        SP_TRY(walk_entry(w, arena, levels, &listing->entries[i]));
        w->path.len = length;
    }
    return SP_OK;
}

static bool has_file(const sp_listing *listing, sp_str name)
{
    for (size_t i = 0; i < listing->count; i++)
        if (sp_str_eq(listing->entries[i].name, name) && !listing->entries[i].is_link)
            return true;
    return false;
}

static sp_status add_own_level(walker *w, sp_arena *arena, const sp_listing *listing, const level *above,
                               const level **ret)
{
    *ret = above;
    if (w->own == 0 && w->options->gitignore)
        SP_TRY(levels_above(w, arena, listing->real_path, ret));
    if (!w->options->gitignore || !has_file(listing, SP_STR(".gitignore")))
        return SP_OK;
    sp_str base = w->own == 0 ? w->from_top : seen_from_top(w, arena);
    if (w->own > 0 && base.ptr)
        base = sp_str_format(arena, "%.*s/", SP_STR_ARG(base));
    sp_str path = sp_path_append(arena, sp_buf_str(&w->path), SP_STR(".gitignore"));
    if (!base.ptr || !path.ptr)
        return sp_err_memory(w->err);
    return add_level(w, arena, path, base, (sp_places){ 0 }, *ret, ret);
}

static sp_status walk_folder(walker *w, const level *levels)
{
    sp_arena arena = { 0 };
    sp_listing listing = { 0 };
    sp_status status =
        sp_reader_list(&sp_reader_disk, &arena, sp_buf_str(&w->path), (sp_read_limits){ 0 }, &listing, &w->failure);
    if (status == SP_OK && listing.state != SP_FILE_FOLDER) {
        sp_file file = { .state = listing.state, .what = listing.what };
        status = sp_err_unread(&w->failure, sp_buf_str(&w->path), &file);
    }
    if (status == SP_ERR_NO_MEMORY) {
        status = sp_err_memory(w->err);
    } else if (status != SP_OK) {
        status = tell(w, &w->failure);
    } else {
        status = add_own_level(w, &arena, &listing, levels, &levels);
        if (status == SP_OK)
            status = walk_entries(w, &arena, levels, &listing);
    }
    sp_arena_release(&arena);
    return status;
}

/* NULL where nobody asks which of the patterns match. */
static sp_status parse_singly(sp_arena *arena, sp_str_list patterns, const bool *matched, sp_ignore_list **ret,
                              sp_err *err)
{
    *ret = matched && patterns.count ? SP_ARENA_ARRAY(arena, sp_ignore_list, patterns.count) : NULL;
    if (matched && patterns.count && !*ret)
        return sp_err_memory(err);
    for (size_t i = 0; *ret && i < patterns.count; i++)
        SP_TRY(sp_ignore_parse_each(arena, (sp_str_list){ &patterns.items[i], 1 }, SP_STR(""), &(*ret)[i], err));
    return SP_OK;
}

static sp_status walk_named(walker *w, sp_arena *arena, const char *path)
{
    sp_buf_add(&w->path, sp_str_of(path));
    if (w->path.failed)
        return sp_err_memory(w->err);
    SP_TRY(sp_ignore_parse_each(arena, w->options->includes, SP_STR(""), &w->includes, w->err));
    SP_TRY(sp_ignore_parse_each(arena, w->options->excludes, SP_STR(""), &w->excludes, w->err));
    SP_TRY(parse_singly(arena, w->options->includes, w->options->include_matched, &w->each_include, w->err));
    SP_TRY(parse_singly(arena, w->options->excludes, w->options->exclude_matched, &w->each_exclude, w->err));
    return walk_folder(w, NULL);
}

/* What is no folder is found as it is, and is not opened to see whether it can be read: that is for who reads it. */
static sp_status visit_named(const char *path, const sp_file *file, sp_folder_visit *visit, void *context, sp_err *err)
{
    sp_err failure;
    bool is_file = file->state == SP_FILE_READ;
    if (!is_file)
        (void)sp_err_unread(&failure, sp_str_of(path), file);
    return visit(context, path, is_file ? NULL : &failure) ? SP_OK : sp_err_memory(err);
}

sp_status sp_folder_walk(const char *path, const sp_folder_options *options, sp_folder_visit *visit, void *context,
                         sp_err *err)
{
    sp_file file = { .state = SP_FILE_READ };
    sp_err failure;
    if (sp_descriptor_of(sp_str_of(path)) < 0 && sp_file_look(sp_str_of(path), &file, &failure) != SP_OK)
        return visit(context, path, &failure) ? SP_OK : sp_err_memory(err);
    if (file.state != SP_FILE_FOLDER)
        return visit_named(path, &file, visit, context, err);
    sp_arena arena = { 0 };
    walker w = { .options = options, .visit = visit, .context = context, .err = err, .from_top = SP_STR("") };
    sp_status status = walk_named(&w, &arena, path);
    sp_buf_release(&w.path);
    sp_arena_release(&arena);
    return status;
}
