/*
 * loader.c - where we are, and how a file becomes a source.
 *
 * All paths in here are absolute and built on the launch directory's real path, so that comparing them as text
 * tells where a file lies. A file's identity is its device and inode: the same file by another path, through a
 * symbolic link or a hard link, is the same file.
 */
#include "load/loader.h"

#include "load/front_matter.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- where we are ----------------------------------------------------------------------------- */

sp_status sp_loader_resolve_folder(const sp_loader *loader, const char *path, const char *option, sp_str *ret,
                                   sp_err *err)
{
    sp_str shown = sp_str_of(path);
    sp_file file;
    sp_str absolute = sp_path_join(loader->arena, loader->current, shown);
    if (!absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(loader->reader->read(loader->arena, absolute, (sp_read_limits){ .max_bytes = 0 }, &file, err));
    if (file.state != SP_FILE_FOLDER)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, NULL, "%s: %s", option,
                         file.state == SP_FILE_ABSENT || file.state == SP_FILE_DANGLING ? "there is no such folder"
                                                                                        : "is not a folder");
    *ret = file.real_path;
    return SP_OK;
}

static sp_status find_repository(sp_loader *loader, sp_err *err)
{
    loader->repository = loader->launch;
    for (sp_str folder = loader->launch;; folder = sp_path_folder(folder)) {
        sp_str real;
        sp_str mark = sp_path_join(loader->arena, folder, SP_STR(".git"));
        if (!mark.ptr)
            return sp_err_memory(err);
        SP_TRY(loader->reader->resolve(loader->arena, mark, &real, err));
        if (real.ptr)
            loader->repository = folder;
        if (real.ptr || sp_str_eq(folder, loader->root) || sp_str_eq(folder, SP_STR("/")))
            return SP_OK;
    }
}

/* With --root only what lies in it is seen, so a home elsewhere counts only when it was named. The command line
 * passes $HOME in the same field; a home outside the root is then dropped here. */
static sp_status find_home(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->request;
    if (!request->home_dir)
        return SP_OK;
    sp_str absolute = sp_path_join(loader->arena, loader->current, sp_str_of(request->home_dir));
    if (!absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(loader->reader->resolve(loader->arena, absolute, &loader->home, err));
    if (!loader->home.ptr)
        loader->home = absolute; /* nothing is there, and nothing will be found there */
    return SP_OK;
}

sp_status sp_loader_init(sp_loader *loader, sp_err *err)
{
    char current[PATH_MAX];
    if (!getcwd(current, sizeof current))
        return sp_err_set(err, SP_ERR_INPUT, "the current directory cannot be found; change to one that exists");
    loader->current = sp_str_dup(loader->arena, sp_str_of(current));
    if (!loader->current.ptr)
        return sp_err_memory(err);

    const sp_request *request = loader->request;
    loader->root = SP_STR("/");
    if (request->root_dir)
        SP_TRY(sp_loader_resolve_folder(loader, request->root_dir, "--root", &loader->root, err));
    SP_TRY(
        sp_loader_resolve_folder(loader, request->launch_dir ? request->launch_dir : ".", "-C", &loader->launch, err));
    if (!sp_path_is_within(loader->launch, loader->root))
        return sp_err_at(err, SP_ERR_USAGE, sp_loader_shown(loader, loader->launch), (sp_str){ 0 }, 0, NULL,
                         "the launch directory lies outside --root; name one inside it with -C");
    SP_TRY(find_home(loader, err));
    if (!sp_str_eq(loader->root, SP_STR("/"))) {
        loader->allowed[loader->allowed_count++] = loader->root;
        if (loader->home.ptr)
            loader->allowed[loader->allowed_count++] = loader->home;
    }
    return find_repository(loader, err);
}

sp_str sp_loader_shown(const sp_loader *loader, sp_str path)
{
    return sp_str_eq(path, loader->current) ? SP_STR(".") : sp_path_below(path, loader->current);
}

/* The path from the launch directory, with ../ for each folder up. */
static sp_str name_above(const sp_loader *loader, sp_str path)
{
    sp_buf name = { 0 };
    sp_str folder = loader->launch;
    while (!sp_path_is_within(path, folder)) {
        sp_buf_add(&name, SP_STR("../"));
        folder = sp_path_folder(folder);
    }
    sp_buf_add(&name, sp_path_below(path, folder));
    return sp_buf_move(&name, loader->arena);
}

/* Whether a path in home is better told from there: home lies in the repository (or is one, for dotfiles), and the path
 * not below a launch directory within home. */
static bool is_home_nearer(const sp_loader *loader, sp_str path)
{
    bool is_below_launch = sp_path_is_within(path, loader->launch) && sp_path_is_within(loader->launch, loader->home);
    return sp_path_is_within(loader->home, loader->repository) && !is_below_launch;
}

/* A file may be called anything; in the prompt its name stays on one line and is UTF-8. */
static sp_status escaped_name(const sp_loader *loader, sp_str name, sp_str *ret, sp_err *err)
{
    char *escaped;
    size_t length;
    SP_TRY(sp_text_escape(name, &escaped, &length, err));
    *ret = sp_str_dup(loader->arena, (sp_str){ escaped, length });
    free(escaped);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_loader_name(const sp_loader *loader, sp_str path, sp_str *ret, sp_err *err)
{
    sp_str name;
    bool is_in_home = loader->home.ptr && sp_path_is_within(path, loader->home);
    if (sp_path_is_within(path, loader->repository) && !(is_in_home && is_home_nearer(loader, path)))
        name = name_above(loader, path);
    else if (is_in_home)
        name = sp_str_format(loader->arena, "~/%.*s", SP_STR_ARG(sp_path_below(path, loader->home)));
    else if (sp_path_is_within(path, loader->root) && !sp_str_eq(loader->root, SP_STR("/")))
        name = sp_str_format(loader->arena, "/%.*s", SP_STR_ARG(sp_path_below(path, loader->root)));
    else
        name = path;
    if (!name.ptr)
        return sp_err_memory(err);
    return escaped_name(loader, name, ret, err);
}

/* ---- files become sources --------------------------------------------------------------------- */

static uint64_t max_bytes_of(sp_source_kind kind)
{
    bool is_chain = kind == SP_SOURCE_INSTRUCTIONS || kind == SP_SOURCE_RULE || kind == SP_SOURCE_IMPORT;
    return (uint64_t)sp_rule_of(is_chain ? SP_RULE_CHAIN_MAX_BYTES : SP_RULE_FILE_MAX_BYTES)->value;
}

sp_status sp_loader_read(const sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    sp_read_limits limits = { .max_bytes = max_bytes_of(wanted->kind) };
    if (wanted->within) {
        limits.within = wanted->within;
        limits.within_count = wanted->within_count;
    } else if (loader->allowed_count && wanted->scope != SP_SCOPE_NAMED) {
        limits.within = loader->allowed;
        limits.within_count = loader->allowed_count;
    }
    return loader->reader->read(loader->arena, wanted->path, limits, ret, err);
}

/* What the caller has open already: a process substitution, a redirected file, a pipe. */
static sp_status read_stream(const sp_loader *loader, int descriptor, sp_str name, uint64_t max_bytes, sp_file *file,
                             sp_err *err)
{
    sp_buf bytes = { 0 };
    sp_status status = sp_read_descriptor(descriptor, name, max_bytes, &bytes, err);
    size_t length = bytes.len;
    sp_str moved = sp_buf_move(&bytes, loader->arena);
    if (status != SP_OK)
        return status;
    if (!moved.ptr)
        return sp_err_memory(err);
    *file = (sp_file){ .state = SP_FILE_READ, .bytes = moved, .real_path = name, .size_bytes = length };
    file->device = UINT64_MAX; /* no file has that, so it is the same as no other */
    file->inode = (uint64_t)descriptor;
    return SP_OK;
}

sp_status sp_loader_read_named(sp_loader *loader, const sp_wanted *wanted, sp_file *file, sp_err *err)
{
    sp_str shown = sp_loader_shown(loader, wanted->path);
    int descriptor = sp_descriptor_of(wanted->path);
    if (descriptor >= 0)
        return read_stream(loader, descriptor, wanted->path, max_bytes_of(wanted->kind), file, err);
    SP_TRY(sp_loader_read(loader, wanted, file, err));
    switch (file->state) {
    case SP_FILE_READ:
        return SP_OK;
    case SP_FILE_ABSENT:
    case SP_FILE_DANGLING:
    case SP_FILE_FOLDER:
    case SP_FILE_SPECIAL:
        return sp_err_unread(err, shown, file);
    case SP_FILE_LARGE:
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_FILE_MAX_BYTES),
                         "has %llu bytes; at most %lld are read as a part of a prompt",
                         (unsigned long long)file->size_bytes, (long long)sp_rule_of(SP_RULE_FILE_MAX_BYTES)->value);
    case SP_FILE_OUTSIDE:
        break;
    }
    return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_CHAIN_OUTSIDE_ROOT),
                     "leads outside of --root");
}

uint32_t sp_loader_find(const sp_loader *loader, const sp_file *file)
{
    for (uint32_t i = 0; i < loader->count; i++)
        if (loader->sources[i].is_loaded && loader->parsed[i].device == file->device &&
            loader->parsed[i].inode == file->inode)
            return i;
    return SP_NONE;
}

static sp_status push(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t *ret_index, sp_err *err)
{
    if (!sp_list_grow(loader->arena, (void **)&loader->sources, loader->count, &loader->source_capacity,
                      sizeof *loader->sources) ||
        !sp_list_grow(loader->arena, (void **)&loader->parsed, loader->count, &loader->parsed_capacity,
                      sizeof *loader->parsed))
        return sp_err_memory(err);
    sp_source source = {
        .kind = wanted->kind,
        .scope = wanted->scope,
        .path = sp_loader_shown(loader, wanted->path),
        .real_path = file->real_path,
        .reason = sp_str_of(wanted->reason),
        .bytes = file->bytes,
        .was_read = file->state == SP_FILE_READ,
        .size_bytes = file->size_bytes,
        .importer = wanted->importer,
        .importer_line = wanted->importer_line,
        .depth = wanted->depth,
    };
    SP_TRY(sp_loader_name(loader, wanted->path, &source.name, err));
    loader->sources[loader->count] = source;
    loader->parsed[loader->count] = (sp_parsed){ .device = file->device, .inode = file->inode };
    *ret_index = loader->count++;
    return SP_OK;
}

sp_status sp_loader_skip(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_rule_key rule, sp_str why,
                         sp_err *err)
{
    uint32_t index = SP_NONE;
    if (!why.ptr)
        return sp_err_memory(err);
    SP_TRY(push(loader, wanted, file, &index, err));
    loader->parsed[index].skip_rule = rule;
    loader->parsed[index].skip_why = why;
    return SP_OK;
}

static const char *encoding_hint(sp_str text)
{
    if (sp_str_starts(text, SP_STR("\xFF\xFE")) || sp_str_starts(text, SP_STR("\xFE\xFF")))
        return "the file looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8";
    return "convert the file to UTF-8, or use --invalid-utf8=replace";
}

static sp_status refuse_bytes(const sp_source *source, sp_span bad, sp_err *err)
{
    unsigned byte = (unsigned char)source->bytes.ptr[bad.begin];
    bool is_nul = byte == 0;
    return sp_err_at(err, SP_ERR_INPUT, source->path, source->bytes, bad.begin,
                     sp_rule_id(is_nul ? SP_RULE_TEXT_NUL : SP_RULE_TEXT_UTF8), "%s at byte offset %zu%s; %s",
                     is_nul ? "a NUL byte" : "not UTF-8", bad.begin, is_nul ? "" : " (a stray or cut-off byte)",
                     encoding_hint(source->bytes));
}

/* NULs and maximal subparts that are not UTF-8, in order. Linear: of the two searches only the one whose hit was used
 * up goes on. */
static sp_status check_bytes(sp_loader *loader, const sp_source *source, sp_parsed *parsed, sp_err *err)
{
    sp_list(sp_span) found = { 0 };
    sp_str text = source->bytes;
    size_t invalid = sp_utf8_find_invalid(text, 0);
    size_t nul = sp_str_find(text, SP_STR("\0"), 0);
    while (invalid != SIZE_MAX || nul != SIZE_MAX) {
        sp_span bad = { nul, nul + 1 };
        if (invalid < nul) {
            uint32_t code;
            size_t length = 1;
            sp_utf8_decode(text, invalid, &code, &length);
            bad = (sp_span){ invalid, invalid + length };
        }
        if (!loader->request->replace_invalid_utf8)
            return refuse_bytes(source, bad, err);
        sp_span *span = SP_LIST_PUSH(loader->arena, &found);
        if (!span)
            return sp_err_memory(err);
        *span = bad;
        if (bad.begin == nul)
            nul = sp_str_find(text, SP_STR("\0"), bad.end);
        else
            invalid = sp_utf8_find_invalid(text, bad.end);
    }
    parsed->invalid = found.items;
    parsed->invalid_count = found.count;
    if (found.count == 0)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, text, found.items[0].begin,
                       sp_rule_id(SP_RULE_TEXT_UTF8),
                       "%zu sequence%s that %s not UTF-8, or NUL, replaced by U+FFFD; the first one is here",
                       found.count, found.count == 1 ? "" : "s", found.count == 1 ? "is" : "are");
}

static size_t after_bom(sp_str text)
{
    return sp_str_starts(text, SP_STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static sp_status warn_of_open_comment(sp_loader *loader, const sp_source *source, const sp_parsed *parsed, sp_err *err)
{
    if (!parsed->strips_comments || parsed->markdown.unclosed_comment == SIZE_MAX)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, parsed->markdown.unclosed_comment,
                       sp_rule_id(SP_RULE_CHAIN_OPEN_COMMENT),
                       "nothing closes this comment, so it stays in the prompt; add --> where it should end");
}

/* Blocks for what stands before the text (front matter), then those of the text. */
static sp_status scan(sp_loader *loader, sp_source *source, sp_parsed *parsed, sp_err *err)
{
    SP_TRY(sp_markdown_scan(loader->arena, source->bytes, source->content_begin, &parsed->markdown, err));
    uint32_t extra = source->content_begin > 0;
    sp_block *blocks = SP_ARENA_ARRAY(loader->arena, sp_block, (size_t)parsed->markdown.block_count + extra);
    if (!blocks)
        return sp_err_memory(err);
    if (extra)
        blocks[0] = (sp_block){
            .kind = SP_BLOCK_FRONT_MATTER,
            .first_line = 1,
            .last_line = sp_place_of(source->bytes, source->content_begin - 1).line,
            .heading = SP_NONE,
            .end = source->content_begin,
        };
    for (uint32_t i = 0; i < parsed->markdown.block_count; i++) {
        blocks[i + extra] = parsed->markdown.blocks[i];
        if (blocks[i + extra].heading != SP_NONE)
            blocks[i + extra].heading += extra;
    }
    source->blocks = blocks;
    source->block_count = parsed->markdown.block_count + extra;
    return SP_OK;
}

sp_status sp_loader_add(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t *ret_index,
                        sp_err *err)
{
    uint32_t index = SP_NONE;
    SP_TRY(push(loader, wanted, file, &index, err));
    sp_source *source = &loader->sources[index];
    sp_parsed *parsed = &loader->parsed[index];
    source->is_loaded = true;
    source->content_begin = after_bom(source->bytes);
    parsed->strips_comments = source->kind != SP_SOURCE_AGENT;
    parsed->front_rule = SP_RULE_TEXT_BOM;
    SP_TRY(check_bytes(loader, source, parsed, err));
    SP_TRY(sp_source_read_front(loader, source, parsed, err));
    SP_TRY(scan(loader, source, parsed, err));
    SP_TRY(warn_of_open_comment(loader, source, parsed, err));
    *ret_index = index;
    return SP_OK;
}
