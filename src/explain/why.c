/*
 * why.c - what one file, or one line of it, has to do with the prompt.
 *
 * Most questions are about a source: then the prompt knows the rest. For a file that nothing asked for, the tables of
 * places say why, and what would make it load.
 */
#include "explain/why.h"
#include "base/types.h"
#include "explain/passes.h"
#include "model/prompt.h"
#include "model/source.h"

static sp_str shown(const sp_place *here, sp_str path)
{
    return sp_place_shown(here, path);
}

/* ---- which file is meant --------------------------------------------------------------------------------- */

/* Where the path may lie, as it is written: the first place that has something is meant. */
static sp_status candidates(sp_arena *arena, const sp_place *here, sp_str path, sp_paths *ret, sp_err *err)
{
    bool is_absolute = sp_str_starts(path, SP_STR("/"));
    bool is_home = sp_str_starts(path, SP_STR("~/")) && here->home.ptr;
    const sp_str found[] = {
        is_home ? sp_path_join(arena, here->home, sp_str_slice(path, 2, path.len))
                : sp_path_join(arena, here->current, path),
        is_absolute ? sp_path_join(arena, here->root, sp_str_slice(path, 1, path.len))
                    : sp_path_join(arena, here->launch, path),
    };
    *ret = (sp_paths){ 0 };
    for (size_t i = 0; i < SP_COUNT_OF(found); i++) {
        sp_str *slot = found[i].ptr ? SP_LIST_PUSH(arena, ret) : NULL;
        if (!slot)
            return sp_err_memory(err);
        *slot = found[i];
    }
    return SP_OK;
}

/* The source that has this path; the loaded one, if there are several. */
static uint32_t source_by_path(const sp_sources *sources, sp_str path)
{
    uint32_t found = SP_NONE;
    for (uint32_t i = 0; i < sources->count; i++)
        if (sp_str_eq(sources->items[i].path, path) && (found == SP_NONE || sources->items[i].is_loaded))
            found = i;
    return found;
}

/* The source that is this file, by whatever path. */
static uint32_t source_by_identity(const sp_sources *sources, const sp_file *file)
{
    uint32_t found = SP_NONE;
    for (uint32_t i = 0; i < sources->count; i++) {
        bool is_it = sources->items[i].parsed->device == file->device && sources->items[i].parsed->inode == file->inode;
        if (is_it && (found == SP_NONE || sources->items[i].is_loaded))
            found = i;
    }
    return found;
}

sp_status sp_why_look_up(const sp_loader *loader, sp_str path, sp_why_target *ret, sp_err *err)
{
    sp_paths paths;
    sp_why_target first = { .source = SP_NONE };
    if (memchr(path.ptr, '\0', path.len) || path.len == 0)
        return sp_err_set(err, SP_ERR_USAGE, "--why takes a path, or path:line, and got an empty text");
    SP_TRY(candidates(loader->arena, loader->here, path, &paths, err));
    for (size_t i = 0; i < paths.count; i++) {
        sp_why_target target = { .path = paths.items[i], .source = SP_NONE };
        SP_TRY(sp_reader_read(loader->here->reader, loader->arena, target.path,
                              (sp_read_limits){ .root = loader->here->allowed }, &target.file, err));
        bool exists = sp_file_exists(&target.file) || target.file.state == SP_FILE_OUTSIDE;
        if (exists)
            target.source = source_by_identity(&loader->sources, &target.file);
        if (target.source == SP_NONE)
            target.source = source_by_path(&loader->sources, shown(loader->here, target.path));
        if (i == 0)
            first = target;
        if (target.source != SP_NONE || target.file.state != SP_FILE_ABSENT) {
            *ret = target;
            return SP_OK;
        }
    }
    first.source = source_by_path(&loader->sources, path); /* what has no path of its own: "<stdin>", "FILE#claudeMd" */
    *ret = first;
    return SP_OK;
}

/* "path:12", and "path:12:5" as messages have it. False: there is no number behind the last colon. */
static bool split_number(sp_str *path, uint32_t *ret)
{
    size_t at = path->len;
    uint64_t number = 0;
    while (at > 0 && path->ptr[at - 1] >= '0' && path->ptr[at - 1] <= '9')
        at--;
    if (at < 2 || at == path->len || path->ptr[at - 1] != ':')
        return false;
    for (size_t i = at; i < path->len; i++)
        number = number > UINT32_MAX ? number : number * 10 + (uint64_t)(path->ptr[i] - '0');
    *ret = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
    path->len = at - 1;
    return true;
}

/* A file that is called "a:3" is meant before line 3 of a. */
static sp_status find_target(sp_loader *loader, sp_why *why, sp_why_target *ret, sp_err *err)
{
    sp_str path = why->asked;
    sp_str rest;
    uint32_t number = 0;
    uint32_t line = 0;
    SP_TRY(sp_why_look_up(loader, path, ret, err));
    if (ret->source != SP_NONE || ret->file.state != SP_FILE_ABSENT || !split_number(&path, &number))
        return SP_OK;
    rest = path;
    if (split_number(&rest, &line))
        path = rest;
    else
        line = number;
    if (line == 0)
        return sp_err_set(err, SP_ERR_USAGE, "--why %.*s: lines are counted from 1", SP_STR_ARG(why->asked));
    why->line = line;
    return sp_why_look_up(loader, path, ret, err);
}

static sp_status check_line(const sp_sources *sources, const sp_why *why, sp_err *err)
{
    const sp_source *source = &sources->items[why->source];
    if (why->line == 0 || !source->was_read)
        return SP_OK;
    uint32_t lines = source->bytes.len ? sp_position_of(source->bytes, source->bytes.len - 1).line : 0;
    if (why->line <= lines)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, source->path, (sp_str){ 0 }, 0, NULL, "has %u line%s, and no line %u", lines,
                     lines == 1 ? "" : "s", why->line);
}

sp_span sp_why_line_span(sp_str text, uint32_t line)
{
    sp_span span = { 0, 0 };
    for (size_t at = 0; at < text.len; at++) {
        if (!sp_ends_line(text, at))
            continue;
        span.end = at + 1;
        if (--line == 0)
            return span;
        span.begin = at + 1;
    }
    span.end = text.len;
    return span;
}

/* ---- imports on a line ------------------------------------------------------------------------------------- */

static sp_str shorten(sp_str text)
{
    enum { MOST = 200 };
    return text.len > MOST ? sp_str_slice(text, 0, MOST) : text;
}

static uint32_t source_of_import(const sp_sources *sources, uint32_t importer, size_t ref)
{
    for (uint32_t i = 0; i < sources->count; i++)
        if (sources->items[i].importer == importer && sources->items[i].parsed->import_ref == ref)
            return i;
    return SP_NONE;
}

static sp_status show_tried(sp_arena *arena, const sp_place *here, const sp_paths *tried, sp_str_list *ret, sp_err *err)
{
    sp_str *items = SP_ARENA_ARRAY(arena, sp_str, tried->count + 1);
    size_t count = 0;
    if (!items)
        return sp_err_memory(err);
    for (size_t i = 0; i < tried->count; i++) {
        sp_str path = shown(here, tried->items[i]);
        bool again = false;
        for (size_t j = 0; j < count; j++)
            again = again || sp_str_eq(items[j], path);
        if (!again)
            items[count++] = path;
    }
    *ret = (sp_str_list){ items, count };
    return SP_OK;
}

/* Looks for everything again that the message about a missing import is made of. */
static sp_status explain_missing(sp_loader *loader, const sp_import_request *r, sp_why_import *import, sp_err *err)
{
    sp_rule_key rule = SP_RULE_IMPORT_MISSING;
    sp_str why;
    sp_str *first = SP_LIST_PUSH(loader->arena, r->tried);
    if (!first)
        return sp_err_memory(err);
    *first = r->wanted.path;
    SP_TRY(sp_import_explain_missing(loader, r, &rule, &why, err));
    SP_TRY(show_tried(loader->arena, loader->here, r->tried, &import->tried, err));
    if (import->why.ptr)
        return SP_OK;
    import->rule = why.ptr ? rule : SP_RULE_NONE;
    import->why = why.ptr ? why : SP_STR("no file is there, and it does not look like a path, so it is a word");
    return SP_OK;
}

static sp_status explain_ref(sp_loader *loader, uint32_t importer, size_t index, uint32_t line, sp_why_import *import,
                             sp_err *err)
{
    sp_import_request r;
    sp_paths tried = { 0 };
    sp_why_target target = { .source = SP_NONE };
    bool is_path = false;
    SP_TRY(sp_import_prepare(loader, importer, index, line, &r, &is_path, err));
    r.tried = &tried;
    import->source = source_of_import(&loader->sources, importer, index);
    if (import->source == SP_NONE && is_path && !r.ref->is_quoted)
        SP_TRY(sp_why_look_up(loader, r.wanted.path, &target, err));
    if (target.source != SP_NONE) {
        import->source = target.source; /* an earlier line asked for it */
        if (loader->sources.items[target.source].is_loaded)
            return SP_OK;
    }
    if (import->source != SP_NONE && !loader->sources.items[import->source].is_loaded) {
        import->rule = loader->sources.items[import->source].parsed->skip_rule;
        import->why = loader->sources.items[import->source].parsed->skip_why;
    }
    bool is_missing = import->rule == SP_RULE_IMPORT_MISSING || import->rule == SP_RULE_IMPORT_PUNCTUATION;
    bool is_nowhere = import->source == SP_NONE && is_path && !r.ref->is_quoted;
    return is_missing || is_nowhere ? explain_missing(loader, &r, import, err) : SP_OK;
}

/* Whether the @ at that offset is one of the file's imports, which stand in order. */
static bool is_import(const sp_markdown *markdown, size_t at)
{
    size_t low = 0;
    size_t high = markdown->import_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (markdown->imports[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < markdown->import_count && markdown->imports[low].begin <= at;
}

static sp_status add_import(sp_arena *arena, sp_why *why, size_t *capacity, sp_str text, sp_why_import **ret,
                            sp_err *err)
{
    if (!sp_list_grow(arena, (void **)&why->imports, why->import_count, capacity, sizeof *why->imports))
        return sp_err_memory(err);
    *ret = &why->imports[why->import_count++];
    **ret = (sp_why_import){ .text = shorten(text), .source = SP_NONE };
    return SP_OK;
}

enum { MAX_IMPORTS_OF_A_LINE = 50 };

/* The @paths on the line: those that the client follows, then those that stand where none is one. */
static sp_status explain_line(sp_loader *loader, sp_why *why, sp_err *err)
{
    const sp_source *source = &loader->sources.items[why->source];
    const sp_markdown markdown = loader->sources.items[why->source].parsed->markdown;
    size_t capacity = 0;
    sp_span line = sp_why_line_span(source->bytes, why->line);
    if (!source->is_loaded || !sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH))
        return SP_OK;
    bool has_imports = sp_is_of_chain(source->kind);
    for (size_t i = 0; has_imports && i < markdown.import_count && why->import_count < MAX_IMPORTS_OF_A_LINE; i++) {
        const sp_import_ref *ref = &markdown.imports[i];
        sp_why_import *import = NULL;
        if (ref->begin < line.begin || ref->begin >= line.end)
            continue;
        SP_TRY(
            add_import(loader->arena, why, &capacity, sp_str_slice(source->bytes, ref->begin, ref->end), &import, err));
        SP_TRY(explain_ref(loader, why->source, i, why->line, import, err));
    }
    for (size_t at = line.begin; at < line.end && why->import_count < MAX_IMPORTS_OF_A_LINE; at++) {
        sp_why_mention mention;
        sp_why_import *import = NULL;
        if (source->bytes.ptr[at] != '@' || (has_imports && is_import(&markdown, at)) ||
            !sp_why_read_mention(loader, why->source, at, &mention))
            continue;
        SP_TRY(add_import(loader->arena, why, &capacity, sp_str_slice(source->bytes, at, at + 1 + mention.path.len),
                          &import, err));
        import->rule = mention.rule;
        import->why = sp_str_of(mention.why);
    }
    return SP_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

/* An agent's memory and appended text are sent with what looks like front matter. */
static bool may_have_front(const sp_loader *loader, const sp_source *source)
{
    return !sp_source_is_kept_whole(loader, source) &&
           (source->kind != SP_SOURCE_APPENDED || sp_is_output_style(source));
}

sp_status sp_explain_why(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    sp_why_target target = { .source = SP_NONE };
    if (!loader->here->request->why)
        return SP_OK;
    sp_why *why = docs->why = SP_ARENA_NEW(loader->arena, sp_why);
    if (!why)
        return sp_err_memory(err);
    why->asked = sp_str_dup(loader->arena, sp_str_of(loader->here->request->why));
    if (!why->asked.ptr)
        return sp_err_memory(err);
    SP_TRY(find_target(loader, why, &target, err));
    why->source = target.source;
    if (why->source == SP_NONE) {
        why->path = shown(loader->here, target.path);
        return sp_why_explain_absence(loader, docs, &target, err);
    }
    const sp_source *source = &loader->sources.items[why->source];
    why->path = source->path;
    if (may_have_front(loader, source))
        SP_TRY(sp_why_read_front(loader, source->kind, source->bytes, why, err));
    SP_TRY(check_line(&loader->sources, why, err));
    return why->line && loader->sources.items[why->source].was_read ? explain_line(loader, why, err) : SP_OK;
}
