/*
 * project.h - any bytes as a small project in memory, and a request for what is built from it.
 *
 * The bits of the first two bytes choose the request; a profile's name follows, up to the end of the line (one that is
 * not known is the first client's). Then a line that begins with \x01 names a file (below /r) whose text follows up to
 * the next such line; "\x01a > b" makes a a link to b. Directories are the parts before a slash. The launch directory
 * is /r/p, home is /r/home, and the agent is /r/p/.claude/agents/a.md.
 *
 * Inputs are mutated as projects: names become those that clients look for, texts move between files (mutate.h).
 * The targets share the corpus `project`.
 */
#ifndef TESTS_FUZZ_PROJECT_H
#define TESTS_FUZZ_PROJECT_H

#include "base/base.h"
#include "base/file.h"
#include "base/types.h"
#include "clients/clients.h"
#include "model/profile.h"
#include "model/request.h"
#include "tokenizer/tokens.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_FILES = 32, FUZZ_LINKS = 8 };

typedef struct fuzz_file {
    sp_str path;   /* absolute */
    sp_str target; /* of a link; else ptr NULL */
    sp_str text;
} fuzz_file;

typedef struct fuzz_project {
    fuzz_file files[FUZZ_FILES];
    size_t count;
} fuzz_project;

static inline void fuzz_require(bool holds)
{
    if (!holds)
        abort();
}

/* What is refused says why. */
static inline void fuzz_require_refused(const sp_err *err)
{
    fuzz_require((err->status == SP_ERR_INPUT || err->status == SP_ERR_USAGE) && err->message[0]);
}

/* ---- the project as an sp_reader ---------------------------------------------------------------------------- */

static inline const fuzz_file *fuzz_find(const fuzz_project *project, sp_str path)
{
    for (size_t i = 0; i < project->count; i++)
        if (sp_str_eq(project->files[i].path, path))
            return &project->files[i];
    return NULL;
}

static inline bool fuzz_is_directory(const fuzz_project *project, sp_str path)
{
    if (sp_str_eq(path, SP_STR("/r")) || sp_str_eq(path, SP_STR("/r/p")) || sp_str_eq(path, SP_STR("/")))
        return true;
    for (size_t i = 0; i < project->count; i++)
        if (project->files[i].path.len > path.len && sp_path_is_within(project->files[i].path, path))
            return true;
    return false;
}

/* Links are followed only in the last part of a path: directories are never links here. */
static inline sp_str fuzz_follow(const fuzz_project *project, sp_arena *arena, sp_str path)
{
    for (int i = 0; i < FUZZ_LINKS; i++) {
        const fuzz_file *found = fuzz_find(project, path);
        if (!found || !found->target.ptr)
            return path;
        path = sp_path_join(arena, sp_path_folder(path), found->target);
    }
    return SP_STR("/nowhere");
}

static inline sp_file_state fuzz_state(const fuzz_file *found, const sp_file *file, sp_read_limits limits)
{
    sp_file_state judged = sp_limits_judge(&limits, file->real_path);
    if (judged != SP_FILE_READ)
        return judged;
    if (!found)
        return SP_FILE_FOLDER;
    if (limits.is_known && limits.is_known(limits.context, file->device, file->inode))
        return SP_FILE_KNOWN;
    return found->text.len > limits.max_bytes ? SP_FILE_LARGE : SP_FILE_READ;
}

static inline sp_status fuzz_read(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret,
                                  sp_err *err)
{
    const fuzz_project *project = context;
    sp_str real = fuzz_follow(project, arena, path);
    const fuzz_file *found = fuzz_find(project, real);
    (void)err;
    *ret = (sp_file){ .state = SP_FILE_ABSENT, .real_path = real, .device = 1 };
    if (!found && !fuzz_is_directory(project, real)) {
        ret->state = fuzz_find(project, path) ? SP_FILE_DANGLING : SP_FILE_ABSENT;
        return SP_OK;
    }
    ret->what = found ? "a file" : "a directory";
    ret->inode = found ? (uint64_t)(found - project->files) + 1 : 0;
    ret->size_bytes = found ? found->text.len : 0;
    ret->state = fuzz_state(found, ret, limits);
    if (ret->state == SP_FILE_READ)
        ret->bytes = found->text;
    return SP_OK;
}

static inline void fuzz_add_entry(sp_listing *listing, sp_entry *entries, sp_str below)
{
    size_t slash = sp_str_find(below, SP_STR("/"), 0);
    sp_str name = sp_str_slice(below, 0, slash == SIZE_MAX ? below.len : slash);
    for (size_t i = 0; i < listing->count; i++)
        if (sp_str_eq(entries[i].name, name))
            return;
    entries[listing->count++] =
        (sp_entry){ .name = name, .is_folder = slash != SIZE_MAX, .is_file = slash == SIZE_MAX };
}

static inline sp_status fuzz_list(void *context, sp_arena *arena, sp_str asked, sp_read_limits limits, sp_listing *ret,
                                  sp_err *err)
{
    const fuzz_project *project = context;
    sp_str path = fuzz_follow(project, arena, asked);
    sp_file_state judged = sp_limits_judge(&limits, path);
    *ret = (sp_listing){ .state = judged == SP_FILE_READ ? SP_FILE_ABSENT : judged, .real_path = path };
    if (judged != SP_FILE_READ || !fuzz_is_directory(project, path))
        return SP_OK;
    sp_entry *entries = SP_ARENA_ARRAY(arena, sp_entry, FUZZ_FILES);
    if (!entries)
        return sp_err_memory(err);
    for (size_t i = 0; i < project->count; i++)
        if (project->files[i].path.len > path.len && sp_path_is_within(project->files[i].path, path))
            fuzz_add_entry(ret, entries, sp_path_below(project->files[i].path, path));
    qsort(entries, ret->count, sizeof *entries, sp_entry_compare);
    ret->state = SP_FILE_FOLDER;
    ret->entries = entries;
    return SP_OK;
}

/* ---- bytes become a project ---------------------------------------------------------------------------------- */

static inline void fuzz_add_file(fuzz_project *project, sp_arena *arena, sp_str line, sp_str text)
{
    size_t arrow = sp_str_find(line, SP_STR(" > "), 0);
    sp_str name = sp_str_slice(line, 0, arrow == SIZE_MAX ? line.len : arrow);
    fuzz_file made = { .path = sp_path_join(arena, SP_STR("/r"), name), .text = text };
    if (name.len == 0 || memchr(line.ptr, '\0', line.len) || !sp_path_is_within(made.path, SP_STR("/r")) ||
        fuzz_is_directory(project, made.path) || fuzz_find(project, made.path))
        return;
    for (sp_str above = sp_path_folder(made.path); above.len > 1; above = sp_path_folder(above))
        if (fuzz_find(project, above))
            return; /* a file cannot hold files */
    if (arrow != SIZE_MAX)
        made.target = sp_str_slice(line, arrow + 3, line.len);
    project->files[project->count++] = made;
}

/* Where the line of the next file begins, from at on. */
static inline size_t fuzz_next_file(sp_str bytes, size_t at)
{
    while (at < bytes.len && !(bytes.ptr[at] == '\x01' && (at == 0 || bytes.ptr[at - 1] == '\n')))
        at++;
    return at;
}

static inline void fuzz_read_project(fuzz_project *project, sp_arena *arena, sp_str bytes)
{
    project->count = 0;
    for (size_t at = 0; at < bytes.len && bytes.ptr[at] == '\x01' && project->count < FUZZ_FILES;) {
        size_t line_end = sp_str_find(bytes, SP_STR("\n"), at);
        if (line_end == SIZE_MAX)
            line_end = bytes.len;
        size_t text = line_end < bytes.len ? line_end + 1 : line_end;
        size_t next = fuzz_next_file(bytes, text);
        fuzz_add_file(project, arena, sp_str_slice(bytes, at + 1, line_end), sp_str_slice(bytes, text, next));
        at = next;
    }
}

/* ---- the request ------------------------------------------------------------------------------------------ */

/* An input as a request. It refers to itself and must stay where it is. */
typedef struct fuzz_input {
    sp_arena arena;
    fuzz_project project;
    sp_reader reader;
    sp_profile profile;
    sp_request request;
} fuzz_input;

enum { FUZZ_HEAD = 2 }; /* bytes before the profile's name */

static inline void fuzz_set_profile(fuzz_input *input, sp_str name)
{
    sp_err err;
    if (sp_profile_init(&input->profile, name, &err) != SP_OK)
        fuzz_require(sp_profile_init(&input->profile, sp_str_of(sp_clients[0]->name), &err) == SP_OK);
    input->request.profile = &input->profile;
}

/* data is copied; fuzz_close drops it. The request counts with cl100k_base. */
static inline void fuzz_open(fuzz_input *input, const uint8_t *data, size_t size)
{
    static const char *const named[] = { "/r/p/named.md" };
    static const char *const touched[] = { "/r/p/s/a.c", "/r/p/s/d/b.ts", "/r/p/x.md" };
    const unsigned bits = size < FUZZ_HEAD ? 0 : data[0] | (unsigned)data[1] << 8;
    *input = (fuzz_input){ .reader = { &input->project, fuzz_read, fuzz_list } };
    sp_str text = sp_str_dup(&input->arena, (sp_str){ (const char *)data, size });
    text = sp_str_slice(text, size < FUZZ_HEAD ? size : FUZZ_HEAD, size);
    size_t line_end = sp_str_find(text, SP_STR("\n"), 0);
    sp_str profile = sp_str_slice(text, 0, line_end == SIZE_MAX ? text.len : line_end);
    fuzz_read_project(&input->project, &input->arena, sp_str_slice(text, fuzz_next_file(text, profile.len), text.len));
    input->request = (sp_request){
        .reader = &input->reader,
        .encoding = sp_encoding_find(SP_STR("cl100k_base")),
        .launch_dir = "/r/p",
        .home_dir = bits & 1 ? "/r/home" : NULL,
        .root_dir = bits & 2 ? "/r" : NULL,
        .agent = bits & 4 ? (bits & 8 ? "/r/p/.claude/agents/a.md" : "a") : NULL,
        .refuse_invalid_utf8 = bits & 16,
        .allow_external_imports = bits & 32,
        .strict = bits & 64,
        .instruction_files = bits & 128 ? named : NULL,
        .instruction_file_count = bits & 128 ? 1 : 0,
        .touched_files = touched,
        .touched_file_count = bits & 128 ? 0 : bits >> 8 & 3,
        .finds_unread = bits & 0x400,
        .layout = bits & 0x800 ? SP_LAYOUT_SPLIT : SP_LAYOUT_FLAT,
        .as_session = (bits & 0x1000) && (bits & 4),
        .is_directory_order = bits & 0x2000,
    };
    fuzz_set_profile(input, profile);
}

static inline void fuzz_close(fuzz_input *input)
{
    sp_arena_release(&input->arena);
}

#endif
