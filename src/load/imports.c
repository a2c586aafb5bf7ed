/*
 * imports.c - @path: from the text of a file to more files.
 *
 * The sources are the worklist. Those of the chain come first, then what they import, then what that imports; so a
 * file that is asked for twice loads at its shallowest depth, and a circle of imports ends by itself.
 */
#include "base/near.h"
#include "load/loader.h"

/* A hostile file could name a hundred thousand files that are not there: after these, the rest is only counted. */
enum { MAX_REPORTED = 50 };

typedef struct request {
    uint32_t importer;
    const sp_import_ref *ref;
    size_t *reported; /* messages about imports of this file */
    sp_wanted wanted;
    sp_str within[2];
} request;

/* ---- what an @word probably is ------------------------------------------------------------------ */

static const char *const text_endings[] = { ".md",   ".mdc",  ".markdown", ".txt",  ".rst",
                                            ".json", ".yaml", ".yml",      ".toml", ".adoc" };
static const char *const binary_endings[] = {
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svgz", ".bmp", ".ico", ".pdf"
};

static bool ends_with_one_of(sp_str path, const char *const *endings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sp_str ending = sp_str_of(endings[i]);
        if (path.len > ending.len && sp_str_eq_nocase(sp_str_slice(path, path.len - ending.len, path.len), ending))
            return true;
    }
    return false;
}

/* Whether somebody who wrote this meant a file. Of real @words 152 in 195 look like a path and are none: package
 * scopes, decorators, aliases such as @/components. Those must stay silent when nothing is there. */
static bool looks_like_a_file(sp_str path)
{
    static const char *const beginnings[] = { "./", "../", "~/" };
    for (size_t i = 0; i < SP_COUNT_OF(beginnings); i++)
        if (sp_str_starts(path, sp_str_of(beginnings[i])))
            return true;
    return ends_with_one_of(path, text_endings, SP_COUNT_OF(text_endings));
}

static bool is_network_path(sp_str path)
{
    return sp_str_starts(path, SP_STR("//")) || sp_str_starts(path, SP_STR("\\\\")) ||
           sp_str_starts(path, SP_STR("/net/"));
}

/* The path without the punctuation that a sentence puts behind it. */
static sp_str without_punctuation(sp_str path)
{
    while (path.len && strchr(".,:;!?)]}>'\"*_`", path.ptr[path.len - 1]))
        path.len--;
    return path;
}

/* ---- messages ----------------------------------------------------------------------------------- */

static sp_status say(sp_loader *loader, const request *r, sp_level level, sp_rule_key rule, sp_str message, sp_err *err)
{
    const sp_source *importer = &loader->sources[r->importer];
    if (!message.ptr)
        return sp_err_memory(err);
    if (++*r->reported > MAX_REPORTED)
        return SP_OK;
    return sp_diag_add(loader->diags, err, level, importer->path, importer->bytes, r->ref->begin, sp_rule_id(rule),
                       "%.*s", SP_STR_ARG(message));
}

static sp_status exists(sp_loader *loader, sp_str folder, sp_str path, bool *ret, sp_err *err)
{
    sp_str real = { NULL, 0 };
    sp_str joined = sp_path_join(loader->arena, folder, path);
    if (!joined.ptr)
        return sp_err_memory(err);
    if (path.len)
        SP_TRY(loader->reader->resolve(loader->arena, joined, &real, err));
    *ret = real.ptr != NULL;
    return SP_OK;
}

/* The entry of the target's folder whose name comes nearest. */
static sp_status nearest_entry(sp_loader *loader, sp_str target, sp_str *ret, sp_err *err)
{
    sp_entry *entries;
    size_t count;
    sp_str folder = sp_path_folder(target);
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(loader->reader->list(loader->arena, folder, &entries, &count, err));
    sp_str *names = SP_ARENA_ARRAY(loader->arena, sp_str, count + 1);
    if (!names)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++)
        names[i] = entries[i].name;
    size_t nearest = sp_near(sp_path_base(target), names, count);
    if (nearest == SIZE_MAX)
        return SP_OK;
    *ret = sp_path_join(loader->arena, folder, names[nearest]);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

enum { MAX_WORDS_OF_A_PATH = 4 };

/* "@Design Docs/x.md", with the backslash forgotten: the words up to a file that is there, or ptr NULL. */
static sp_status find_with_spaces(sp_loader *loader, const request *r, sp_str folder, sp_str *ret, sp_err *err)
{
    sp_str text = loader->sources[r->importer].bytes;
    size_t end = r->ref->end;
    *ret = (sp_str){ NULL, 0 };
    for (int words = 1; words < MAX_WORDS_OF_A_PATH && end < text.len && text.ptr[end] == ' '; words++) {
        bool found = false;
        for (end++; end < text.len && !strchr(" \t\r\n", text.ptr[end]);)
            end++;
        sp_str path = without_punctuation(sp_str_slice(text, r->ref->begin + 1, end));
        if (looks_like_a_file(path))
            SP_TRY(exists(loader, folder, path, &found, err));
        if (found) {
            *ret = path;
            return SP_OK;
        }
    }
    return SP_OK;
}

static sp_status report_missing(sp_loader *loader, const request *r, sp_err *err)
{
    sp_arena *arena = loader->arena;
    sp_str path = r->ref->path;
    sp_str shorter = without_punctuation(path);
    sp_str folder = sp_path_folder(loader->sources[r->importer].real_path);
    bool found = false;
    if (shorter.len < path.len && shorter.len > 0) {
        SP_TRY(exists(loader, folder, shorter, &found, err));
        if (found)
            return say(
                loader, r, SP_WARNING, SP_RULE_IMPORT_PUNCTUATION,
                sp_str_format(arena,
                              "@%.*s is not imported: the path ends at white space, so \"%.*s\" belongs to it; put "
                              "a space before it",
                              SP_STR_ARG(path), SP_STR_ARG(sp_str_slice(path, shorter.len, path.len))),
                err);
    }
    sp_str spaced;
    SP_TRY(find_with_spaces(loader, r, folder, &spaced, err));
    if (spaced.ptr)
        return say(
            loader, r, SP_WARNING, SP_RULE_IMPORT_MISSING,
            sp_str_format(arena,
                          "@%.*s is not imported: the path ends at a space; put a backslash before each space of "
                          "%.*s",
                          SP_STR_ARG(path), SP_STR_ARG(spaced)),
            err);
    if (!looks_like_a_file(path) && !looks_like_a_file(shorter))
        return SP_OK;
    if (*r->reported >= MAX_REPORTED)
        return say(loader, r, SP_WARNING, SP_RULE_IMPORT_MISSING, SP_STR(""), err);
    sp_str tried = sp_loader_shown(loader, r->wanted.path);
    SP_TRY(exists(loader, loader->launch, path, &found, err));
    if (found)
        return say(loader, r, SP_WARNING, SP_RULE_IMPORT_MISSING,
                   sp_str_format(arena,
                                 "@%.*s is not imported: there is no %.*s. Imports are relative to the file they stand "
                                 "in; the launch directory has a file of that name",
                                 SP_STR_ARG(path), SP_STR_ARG(tried)),
                   err);
    sp_str near;
    SP_TRY(nearest_entry(loader, r->wanted.path, &near, err));
    if (near.ptr)
        return say(loader, r, SP_WARNING, SP_RULE_IMPORT_MISSING,
                   sp_str_format(arena, "@%.*s is not imported: there is no %.*s; did you mean %.*s?", SP_STR_ARG(path),
                                 SP_STR_ARG(tried), SP_STR_ARG(sp_loader_shown(loader, near))),
                   err);
    return say(loader, r, SP_WARNING, SP_RULE_IMPORT_MISSING,
               sp_str_format(arena, "@%.*s is not imported: there is no %.*s", SP_STR_ARG(path), SP_STR_ARG(tried)),
               err);
}

/* ---- one import --------------------------------------------------------------------------------- */

/* Says why, and makes the file a source that is not loaded. */
static sp_status leave_out(sp_loader *loader, const request *r, const sp_file *file, sp_rule_key rule, const char *why,
                           sp_err *err)
{
    sp_str message = sp_str_format(loader->arena, "@%.*s is not imported: %s", SP_STR_ARG(r->ref->path), why);
    SP_TRY(say(loader, r, SP_WARNING, rule, message, err));
    return sp_loader_skip(loader, &r->wanted, file, rule, sp_str_of(why), err);
}

/* Whether the importer, or a file that asked for it, is the source twin: then the imports go in a circle. */
static bool is_circle(const sp_loader *loader, uint32_t importer, uint32_t twin)
{
    for (uint32_t at = importer; at != SP_NONE; at = loader->sources[at].importer)
        if (at == twin)
            return true;
    return false;
}

static sp_status add_twin(sp_loader *loader, const request *r, const sp_file *file, uint32_t twin, sp_err *err)
{
    sp_str twin_path = loader->sources[twin].path;
    if (!is_circle(loader, r->importer, twin))
        return sp_loader_skip(loader, &r->wanted, file, SP_RULE_CHAIN_ONCE,
                              sp_str_format(loader->arena, "%.*s is loaded already", SP_STR_ARG(twin_path)), err);
    sp_str circle = twin_path;
    for (uint32_t at = r->importer; circle.ptr; at = loader->sources[at].importer) {
        circle = sp_str_format(loader->arena, "%.*s -> %.*s", SP_STR_ARG(loader->sources[at].path), SP_STR_ARG(circle));
        if (at == twin)
            break;
    }
    sp_str why = circle;
    if (circle.ptr)
        why = sp_str_format(loader->arena, "the imports go in a circle, %.*s", SP_STR_ARG(circle));
    if (!why.ptr)
        return sp_err_memory(err);
    return leave_out(loader, r, file, SP_RULE_IMPORT_CYCLE, why.ptr, err);
}

/* A second mention in the same file asks for nothing new. */
static bool was_asked_for(const sp_loader *loader, uint32_t importer, const sp_file *file)
{
    for (uint32_t i = importer + 1; i < loader->count; i++)
        if (loader->sources[i].importer == importer && loader->parsed[i].device == file->device &&
            loader->parsed[i].inode == file->inode)
            return true;
    return false;
}

static sp_status add_import(sp_loader *loader, const request *r, const sp_file *file, sp_err *err)
{
    uint32_t index = sp_loader_find(loader, file);
    if (was_asked_for(loader, r->importer, file))
        return SP_OK;
    if (ends_with_one_of(r->wanted.path, binary_endings, SP_COUNT_OF(binary_endings)))
        return leave_out(loader, r, file, SP_RULE_IMPORT_BINARY, "images and PDF files are not imported", err);
    if (index != SP_NONE)
        return add_twin(loader, r, file, index, err);
    if (r->wanted.depth > (uint32_t)sp_rule_of(SP_RULE_IMPORT_DEPTH)->value)
        return leave_out(loader, r, file, SP_RULE_IMPORT_DEPTH,
                         "imports are followed for four hops, and this is the fifth; import it further up", err);
    return sp_loader_add(loader, &r->wanted, file, &index, err);
}

/* Whether --root would let it through. */
static bool is_in_root(const sp_loader *loader, sp_str real_path)
{
    for (size_t i = 0; i < loader->allowed_count; i++)
        if (sp_path_is_within(real_path, loader->allowed[i]))
            return true;
    return loader->allowed_count == 0;
}

static bool is_in_bounds(const sp_loader *loader, const sp_wanted *wanted, sp_str real_path)
{
    for (size_t i = 0; i < wanted->within_count; i++)
        if (sp_path_is_within(real_path, wanted->within[i]))
            return true;
    return !wanted->within && is_in_root(loader, real_path);
}

/* The file with this real path, if it was read already. */
static bool find_known(const sp_loader *loader, const sp_wanted *wanted, sp_str real_path, sp_file *ret)
{
    for (uint32_t i = 0; i < loader->count; i++) {
        const sp_source *source = &loader->sources[i];
        if (!source->was_read || !loader->parsed[i].inode || !sp_str_eq(source->real_path, real_path) ||
            !is_in_bounds(loader, wanted, real_path))
            continue;
        *ret = (sp_file){
            .state = SP_FILE_READ,
            .bytes = source->bytes,
            .real_path = source->real_path,
            .size_bytes = source->size_bytes,
            .device = loader->parsed[i].device,
            .inode = loader->parsed[i].inode,
        };
        return true;
    }
    return false;
}

/* A line costs its author nothing, and there can be a hundred thousand that name a large file: it is read once. */
static sp_status read_once(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    sp_str real;
    if (find_known(loader, wanted, wanted->path, ret))
        return SP_OK;
    SP_TRY(loader->reader->resolve(loader->arena, wanted->path, &real, err));
    if (real.ptr && find_known(loader, wanted, real, ret))
        return SP_OK;
    return sp_loader_read(loader, wanted, ret, err);
}

static sp_status follow(sp_loader *loader, const request *r, sp_err *err)
{
    sp_file file;
    SP_TRY(read_once(loader, &r->wanted, &file, err));
    switch (file.state) {
    case SP_FILE_READ:
        return add_import(loader, r, &file, err);
    case SP_FILE_ABSENT:
        return report_missing(loader, r, err);
    case SP_FILE_DANGLING:
        return say(loader, r, SP_WARNING, SP_RULE_IMPORT_MISSING,
                   sp_str_format(loader->arena, "@%.*s is not imported: it is a link whose target does not exist",
                                 SP_STR_ARG(r->ref->path)),
                   err);
    case SP_FILE_FOLDER:
    case SP_FILE_SPECIAL:
        if (!memchr(r->ref->path.ptr, '/', r->ref->path.len) && file.state == SP_FILE_FOLDER)
            return SP_OK; /* @src in a sentence is a word, not an import */
        return say(loader, r, SP_WARNING, SP_RULE_IMPORT_NOT_A_FILE,
                   sp_str_format(loader->arena, "@%.*s is not imported: it is %s; import a file",
                                 SP_STR_ARG(r->ref->path), file.what),
                   err);
    case SP_FILE_LARGE:
        return leave_out(loader, r, &file, SP_RULE_CHAIN_MAX_BYTES, "it has more than 4 MiB; split it", err);
    case SP_FILE_OUTSIDE:
        break;
    }
    if (r->wanted.within && is_in_root(loader, file.real_path))
        return leave_out(loader, r, &file, SP_RULE_IMPORT_EXTERNAL,
                         "it lies outside the launch directory; --external-imports=allow loads it", err);
    return leave_out(loader, r, &file, SP_RULE_CHAIN_OUTSIDE_ROOT, "it lies outside of --root", err);
}

/* ---- from a reference to a file ------------------------------------------------------------------ */

static sp_str target_of(const sp_loader *loader, const sp_source *importer, sp_str path)
{
    if (sp_str_starts(path, SP_STR("~/")))
        return loader->home.ptr
                   ? sp_path_join(loader->arena, loader->home, sp_str_slice(path, 2, path.len))
                   : sp_path_join(loader->arena, loader->root, path); /* not there, and the message shows what it was */
    if (sp_str_starts(path, SP_STR("/")))
        return sp_path_join(loader->arena, loader->root, sp_str_slice(path, 1, path.len));
    return sp_path_join(loader->arena, sp_path_folder(importer->real_path), path);
}

/* The file that started the chain of imports this source belongs to. */
static const sp_source *origin_of(const sp_loader *loader, uint32_t index)
{
    while (loader->sources[index].importer != SP_NONE)
        index = loader->sources[index].importer;
    return &loader->sources[index];
}

/* Managed and user files are trusted. A project's may import from the launch directory only, and a file that was
 * named, also from its own folder. */
static void set_bounds(const sp_loader *loader, const sp_source *origin, request *r)
{
    bool is_trusted = origin->scope == SP_SCOPE_MANAGED || origin->scope == SP_SCOPE_USER;
    if (is_trusted || loader->request->allow_external_imports)
        return;
    r->within[0] = loader->launch;
    r->wanted.within_count = 1;
    if (origin->scope == SP_SCOPE_NAMED)
        r->within[r->wanted.within_count++] = sp_path_folder(origin->real_path);
    r->wanted.within = r->within;
}

static sp_status report_quoted(sp_loader *loader, const request *r, sp_err *err)
{
    bool found = false;
    SP_TRY(exists(loader, sp_path_folder(loader->sources[r->importer].real_path), r->ref->path, &found, err));
    if (!found && !looks_like_a_file(r->ref->path))
        return SP_OK;
    bool has_space = memchr(r->ref->path.ptr, ' ', r->ref->path.len) != NULL;
    return say(loader, r, SP_WARNING, SP_RULE_IMPORT_QUOTED,
               sp_str_format(loader->arena,
                             "%.*s is not imported: it stands in quotes or parentheses; leave a space before the @ and "
                             "take them off%s",
                             SP_STR_ARG(r->ref->path), has_space ? ", with a backslash before each space" : ""),
               err);
}

static sp_status follow_ref(sp_loader *loader, uint32_t importer, const sp_import_ref *ref, uint32_t line,
                            size_t *reported, sp_err *err)
{
    const sp_source *source = &loader->sources[importer];
    const sp_source *origin = origin_of(loader, importer);
    request r = {
        .importer = importer,
        .ref = ref,
        .reported = reported,
        .wanted = {
            .path = target_of(loader, source, ref->path),
            .kind = SP_SOURCE_IMPORT,
            .scope = origin->scope,
            .reason = "include",
            .importer = importer,
            .importer_line = line,
            .depth = source->depth + 1,
        },
    };
    if (!r.wanted.path.ptr)
        return sp_err_memory(err);
    if (memchr(ref->path.ptr, '\0', ref->path.len) || ref->path.len == 0)
        return SP_OK;
    if (ref->is_quoted)
        return report_quoted(loader, &r, err);
    if (is_network_path(ref->path))
        return say(loader, &r, SP_WARNING, SP_RULE_IMPORT_NETWORK, SP_STR("network paths are not imported"), err);
    set_bounds(loader, origin, &r);
    return follow(loader, &r, err);
}

static sp_status follow_all(sp_loader *loader, uint32_t importer, sp_err *err)
{
    sp_str text = loader->sources[importer].bytes;
    const sp_markdown *markdown = &loader->parsed[importer].markdown;
    uint32_t line = 1;
    size_t at = 0;
    size_t reported = 0;
    for (size_t i = 0; i < markdown->import_count; i++) {
        for (; at < markdown->imports[i].begin; at++)
            line += sp_ends_line(text, at);
        SP_TRY(follow_ref(loader, importer, &markdown->imports[i], line, &reported, err));
    }
    if (reported <= MAX_REPORTED)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, loader->sources[importer].path, text, SP_WHOLE_FILE,
                       sp_rule_id(SP_RULE_IMPORT_MISSING), "%zu more imports in this file are not followed",
                       reported - MAX_REPORTED);
}

sp_status sp_load_imports(sp_loader *loader, sp_err *err)
{
    for (uint32_t i = 0; i < loader->count; i++) {
        sp_source_kind kind = loader->sources[i].kind;
        if (loader->sources[i].is_loaded && kind != SP_SOURCE_AGENT && kind != SP_SOURCE_MEMORY)
            SP_TRY(follow_all(loader, i, err));
    }
    return SP_OK;
}
