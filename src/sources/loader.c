/*
 * loader.c - how a file becomes a source.
 *
 * A file's identity is its device and inode: the same file by another path, through a symbolic link or a hard link, is
 * the same file.
 */
#include "sources/loader.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/source.h"

static bool is_there(const sp_file *file)
{
    return file->state == SP_FILE_READ || file->state == SP_FILE_KNOWN;
}

/* The files that one importer need not read again. */
typedef struct known_files {
    const sp_sources *sources;
    uint32_t importer;
} known_files;

static bool is_known(const void *context, uint64_t device, uint64_t inode)
{
    const known_files *known = context;
    uint32_t index = sp_sources_find_any(known->sources, device, inode);
    if (index == SP_NONE)
        return false;
    const sp_source *source = &known->sources->items[index];
    sp_rule_key skip = source->parsed->skip_rule;
    if (!source->is_loaded &&
        (skip == SP_RULE_SETTINGS_EXCLUDES || skip == SP_RULE_CHAIN_ADDED || skip == SP_RULE_LINK_EXTERNAL))
        return false; /* by this path, or for another reason, it may load */
    return source->is_loaded || sp_sources_was_asked(known->sources, known->importer, device, inode);
}

/* The file, if it was read ahead as what is wanted now. */
static const sp_file *find_ahead(const sp_loader *loader, const sp_wanted *wanted)
{
    bool may_be = sp_is_of_chain(wanted->kind) && wanted->importer == SP_NONE && !wanted->within.items;
    for (size_t i = 0; may_be && i < loader->ahead.count; i++)
        if (sp_str_eq(loader->ahead.items[i].path, wanted->path))
            return &loader->ahead.items[i].file;
    return NULL;
}

sp_status sp_loader_read(const sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    known_files known = { &loader->sources, wanted->importer };
    const sp_file *ahead = find_ahead(loader, wanted);
    if (ahead && !is_known(&known, ahead->device, ahead->inode)) {
        *ret = *ahead;
        return SP_OK;
    }
    sp_read_limits limits = sp_place_limits(loader->here, wanted);
    bool may_repeat =
        wanted->importer == SP_NONE
            ? loader->here->profile->client->again == SP_AGAIN_PATH ||
                  (loader->here->profile->client->again == SP_AGAIN_TEXT && wanted->trigger.ptr)
            : sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_AGAIN) &&
                  loader->sources.count < (size_t)sp_rule_value(loader->here->profile, SP_RULE_IMPORT_AGAIN);
    if (sp_is_of_chain(wanted->kind) && !may_repeat) {
        limits.is_known = is_known;
        limits.context = &known;
    }
    if (loader->only_looks)
        limits.max_bytes = 1; /* not 0, which judges no links */
    return sp_reader_read(loader->here->reader, loader->arena, wanted->path, limits, ret, err);
}

sp_status sp_loader_read_ahead(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    bool is_ahead = find_ahead(loader, wanted) != NULL;
    SP_TRY(sp_loader_read(loader, wanted, ret, err));
    if (is_ahead || ret->state != SP_FILE_READ)
        return SP_OK;
    sp_file_ahead *added = SP_LIST_PUSH(loader->arena, &loader->ahead);
    if (!added)
        return sp_err_memory(err);
    *added = (sp_file_ahead){ wanted->path, *ret };
    return SP_OK;
}

sp_status sp_loader_read_part(sp_loader *loader, const sp_wanted *wanted, sp_file *file, sp_err *err)
{
    bool is_stream;
    SP_TRY(sp_place_read_stream(loader->arena, loader->here, wanted, file, &is_stream, err));
    if (!is_stream)
        SP_TRY(sp_loader_read(loader, wanted, file, err));
    if (file->state == SP_FILE_EXTERNAL)
        return sp_loader_leave_out_link(loader, wanted, file, err);
    return is_there(file) ? SP_OK : sp_place_refuse(loader->arena, loader->here, wanted, file, err);
}

bool sp_loader_has_listed(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file)
{
    uint32_t index = sp_sources_find_any(&loader->sources, file->device, file->inode);
    const sp_source *source = index == SP_NONE ? NULL : &loader->sources.items[index];
    return source && !source->is_loaded && sp_str_eq(source->path, sp_place_shown(loader->here, wanted->path));
}

static sp_status push(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, bool is_loaded,
                      uint32_t *ret_index, sp_err *err)
{
    bool again;
    sp_source source = {
        .kind = wanted->kind,
        .scope = wanted->scope,
        .path = sp_place_shown(loader->here, wanted->path),
        .real_path = file->real_path,
        .reason = sp_str_of(wanted->reason),
        .bytes = file->bytes,
        .was_read = file->state == SP_FILE_READ,
        .size_bytes = file->state == SP_FILE_OUTSIDE ? 0 : file->size_bytes, /* of what is refused nothing is told */
        .importer = wanted->importer,
        .importer_line = wanted->importer_line,
        .depth = wanted->depth,
        .trigger = wanted->trigger,
        .is_loaded = is_loaded,
    };
    sp_parsed parsed = {
        .limit_rule = wanted->limit,
        .is_plain = wanted->is_plain,
        .import_ref = wanted->import_ref,
        .device = file->device,
        .inode = file->inode,
        .is_external = file->state == SP_FILE_EXTERNAL,
        .base = wanted->base,
        .rules_folder = wanted->folder,
        .start_number = wanted->trigger.ptr ? 0 : loader->sources.count + 1,
    };
    bool is_real = wanted->kind == SP_SOURCE_RULE && file->real_path.ptr &&
                   sp_rule_holds(loader->here->profile, SP_RULE_RULE_LINK_NAME);
    SP_TRY(sp_place_name(loader->arena, loader->here, wanted->path, &source.name, err));
    if (!is_real && is_loaded && file->real_path.ptr) {
        parsed.found_path = sp_place_seen(loader->arena, loader->here, wanted->path);
        if (!parsed.found_path.ptr)
            return sp_err_memory(err);
        if (sp_str_eq(parsed.found_path, file->real_path))
            parsed.found_path = (sp_str){ 0 };
    }
    if (is_real)
        SP_TRY(sp_place_name(loader->arena, loader->here, file->real_path, &source.sent_name, err));
    SP_TRY(sp_sources_add(loader->arena, &loader->sources, &source, &parsed, ret_index, err));
    if (!sp_is_of_chain(wanted->kind))
        return SP_OK;
    return sp_sources_ask(loader->arena, &loader->sources, wanted->importer, file, &again, err);
}

sp_status sp_loader_skip(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_rule_key rule, sp_str why,
                         sp_err *err)
{
    uint32_t index = SP_NONE;
    if (!why.ptr)
        return sp_err_memory(err);
    SP_TRY(push(loader, wanted, file, false, &index, err));
    loader->sources.items[index].parsed->skip_rule = rule;
    loader->sources.items[index].parsed->skip_why = why;
    return SP_OK;
}

sp_status sp_loader_skip_link(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    return sp_loader_skip(loader, wanted, file, SP_RULE_LINK_EXTERNAL,
                          sp_origin_why(loader->arena, loader->here, wanted->path, file->real_path), err);
}

sp_status sp_loader_leave_out_link(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    if (sp_loader_has_listed(loader, wanted, file))
        return SP_OK;
    SP_TRY(sp_loader_skip_link(loader, wanted, file, err));
    return sp_diag_add(loader->diags, err, SP_FINDING, sp_place_shown(loader->here, wanted->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, SP_RULE_LINK_EXTERNAL, "not loaded: %.*s",
                       SP_STR_ARG(loader->sources.items[loader->sources.count - 1].parsed->skip_why));
}

sp_status sp_loader_skip_twin(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_rule_key rule,
                              sp_str why, sp_err *err)
{
    sp_file unread = *file;
    unread.state = SP_FILE_KNOWN;
    unread.bytes = (sp_str){ NULL, 0 };
    SP_TRY(sp_loader_skip(loader, wanted, &unread, rule, why, err));
    loader->sources.items[loader->sources.count - 1].parsed->is_twin = true;
    return SP_OK;
}

static const char *encoding_hint(sp_str text)
{
    if (sp_str_starts(text, SP_STR("\xFF\xFE")) || sp_str_starts(text, SP_STR("\xFE\xFF")))
        return "the file looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8";
    return "convert the file to UTF-8";
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

/* Each run costs memory in every later stage, so that a few megabytes could take gigabytes. */
static sp_status refuse_runs(const sp_source *source, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, source->path, (sp_str){ NULL, 0 }, 0, sp_rule_id(SP_RULE_TEXT_RUNS),
                     "has more than %s runs of bytes that are not UTF-8, so it is not a text; remove the file, or %s",
                     SP_NUMBER((uint64_t)sp_own_limit(SP_RULE_TEXT_RUNS)), encoding_hint(source->bytes));
}

/* Offset of the next NUL that must be replaced or refused, or SIZE_MAX. */
static size_t next_nul(const sp_loader *loader, sp_str text, size_t from)
{
    const sp_place *here = loader->here;
    bool is_sent = !here->request->refuse_invalid_utf8 && sp_rule_holds(here->profile, SP_RULE_TEXT_NUL_SENT);
    return is_sent ? SIZE_MAX : sp_str_find(text, SP_STR("\0"), from);
}

static sp_status warn_of_bytes(sp_loader *loader, const sp_source *source, sp_err *err)
{
    size_t count = source->parsed->replaced_count;
    size_t nul = sp_str_find(source->bytes, SP_STR("\0"), 0);
    if (count > 0)
        SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes,
                           source->parsed->invalid[0].begin, SP_RULE_TEXT_UTF8,
                           "%zu sequence%s that %s not UTF-8, or NUL, replaced by U+FFFD; the first one is here; %s",
                           count, count == 1 ? "" : "s", count == 1 ? "is" : "are", encoding_hint(source->bytes)));
    if (nul == SIZE_MAX || next_nul(loader, source->bytes, nul) != SIZE_MAX)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, nul, SP_RULE_TEXT_NUL_SENT,
                       "a NUL byte, which the client sends as it is; delete it");
}

/* Runs of NULs and maximal subparts that are not UTF-8, in order. Linear: of the two searches only the one whose hit
 * was used up goes on. */
static sp_status check_bytes(sp_loader *loader, const sp_source *source, sp_err *err)
{
    sp_parsed *parsed = source->parsed;
    sp_list(sp_span) found = { 0 };
    sp_str text = source->bytes;
    size_t invalid = sp_utf8_find_invalid(text, 0);
    size_t nul = next_nul(loader, text, 0);
    while (invalid != SIZE_MAX || nul != SIZE_MAX) {
        sp_span bad = { nul, nul + 1 };
        if (invalid < nul) {
            uint32_t code;
            size_t length = 1;
            sp_utf8_decode(text, invalid, &code, &length);
            bad = (sp_span){ invalid, invalid + length };
        }
        if (loader->here->request->refuse_invalid_utf8)
            return refuse_bytes(source, bad, err);
        if (found.count > (size_t)sp_own_limit(SP_RULE_TEXT_RUNS))
            return refuse_runs(source, err);
        bool is_next = found.count > 0 && found.items[found.count - 1].end == bad.begin;
        sp_span *span = is_next ? &found.items[found.count - 1] : SP_LIST_PUSH(loader->arena, &found);
        if (!span)
            return sp_err_memory(err);
        *span = (sp_span){ is_next ? span->begin : bad.begin, bad.end };
        parsed->replaced_count++;
        if (bad.begin == nul)
            nul = next_nul(loader, text, bad.end);
        else
            invalid = sp_utf8_find_invalid(text, bad.end);
    }
    parsed->invalid = found.items;
    parsed->invalid_count = found.count;
    return warn_of_bytes(loader, source, err);
}

static size_t after_bom(sp_str text)
{
    return sp_str_starts(text, SP_STR("\xEF\xBB\xBF")) ? 3 : 0;
}

static sp_status warn_of_blocks(sp_loader *loader, const sp_source *source, sp_err *err)
{
    const sp_markdown *markdown = &source->parsed->markdown;
    if (!markdown->has_more_blocks)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes,
                       markdown->blocks[markdown->block_count - 1].begin, SP_RULE_TEXT_BLOCKS,
                       "the file has more than %s blocks; from here on they count as one, so that trees and trimming "
                       "do not tell them apart; divide the file",
                       SP_NUMBER((uint64_t)sp_own_limit(SP_RULE_TEXT_BLOCKS)));
}

static sp_status warn_of_open_comment(sp_loader *loader, const sp_source *source, sp_err *err)
{
    const sp_parsed *parsed = source->parsed;
    if (!parsed->strips_comments || parsed->markdown.unclosed_comment == SIZE_MAX)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, parsed->markdown.unclosed_comment,
                       SP_RULE_CHAIN_OPEN_COMMENT,
                       "nothing closes this comment, so it stays in the prompt; add --> where it should end");
}

/* Link definitions that are not sent go with the comments, in order. */
static sp_status add_definitions(sp_arena *arena, sp_markdown *markdown, sp_err *err)
{
    size_t count = markdown->comment_count + markdown->definition_count;
    sp_span *spans = SP_ARENA_ARRAY(arena, sp_span, count);
    if (!spans)
        return sp_err_memory(err);
    for (size_t i = 0, comment = 0, definition = 0; i < count; i++) {
        bool is_comment = definition == markdown->definition_count ||
                          (comment < markdown->comment_count &&
                           markdown->comments[comment].begin < markdown->definitions[definition].begin);
        spans[i] = is_comment ? markdown->comments[comment++] : markdown->definitions[definition++];
    }
    markdown->comments = spans;
    markdown->comment_count = count;
    return SP_OK;
}

static bool has_comment(const sp_source *source)
{
    return sp_str_find(source->bytes, SP_STR("<!--"), source->content_begin) != SIZE_MAX;
}

static sp_status scan_markdown(sp_arena *arena, const sp_place *here, const sp_source *source, sp_markdown *ret,
                               sp_err *err)
{
    bool is_marked = sp_rule_holds(here->profile, SP_RULE_IMPORT_TEXT);
    bool has_paths = sp_rule_holds(here->profile, SP_RULE_IMPORT_PATHS);
    SP_TRY((is_marked   ? sp_markdown_scan_marked
            : has_paths ? sp_markdown_scan_paths
                        : sp_markdown_scan)(arena, source->bytes, source->content_begin, ret, err));
    bool drops_definitions = ret->definition_count > 0 && source->parsed->strips_comments && has_comment(source) &&
                             sp_rule_holds(here->profile, SP_RULE_CHAIN_COMMENT_DEFINITIONS);
    return drops_definitions ? add_definitions(arena, ret, err) : SP_OK;
}

/* A block for what stands before the text (front matter), then those of the text. */
static sp_status put_front_first(sp_arena *arena, sp_source *source, sp_err *err)
{
    sp_block *blocks = SP_ARENA_ARRAY(arena, sp_block, (size_t)source->block_count + 1);
    if (!blocks)
        return sp_err_memory(err);
    blocks[0] = (sp_block){
        .kind = SP_BLOCK_FRONT_MATTER,
        .first_line = 1,
        .last_line = sp_position_of(source->bytes, source->content_begin - 1).line,
        .heading = SP_NONE,
        .end = source->content_begin,
    };
    for (uint32_t i = 0; i < source->block_count; i++) {
        blocks[i + 1] = source->blocks[i];
        if (blocks[i + 1].heading != SP_NONE)
            blocks[i + 1].heading++;
    }
    source->blocks = blocks;
    source->block_count++;
    return SP_OK;
}

static sp_status scan(sp_arena *arena, const sp_place *here, sp_source *source, sp_err *err)
{
    sp_parsed *parsed = source->parsed;
    SP_TRY(scan_markdown(arena, here, source, &parsed->markdown, err));
    if (sp_rule_holds(here->profile, SP_RULE_IMPORT_WORD))
        SP_TRY(sp_markdown_find_words(arena, source->bytes, source->content_begin,
                                      here->profile->client->has_markdown_code, &parsed->markdown, err));
    source->blocks = parsed->markdown.blocks;
    source->block_count = parsed->markdown.block_count;
    return source->content_begin ? put_front_first(arena, source, err) : SP_OK;
}

static bool strips_comments(const sp_loader *loader, const sp_source *source)
{
    sp_source_kind kind = source->kind;
    if (sp_source_is_kept_whole(loader, source))
        return false;
    if (kind != SP_SOURCE_MEMORY && !sp_is_of_chain(kind))
        return false;
    return sp_rule_holds(loader->here->profile,
                         kind == SP_SOURCE_MEMORY ? SP_RULE_MEMORY_COMMENT : SP_RULE_CHAIN_COMMENT);
}

/* The client writes a text anew from its parts if it looks for comments in it. */
static bool drops_returns(const sp_loader *loader, const sp_source *source)
{
    const sp_profile *profile = loader->here->profile;
    const sp_parsed *parsed = source->parsed;
    if (!parsed->strips_comments || !sp_rule_holds(profile, SP_RULE_CHAIN_COMMENT_CRLF))
        return false;
    return parsed->markdown.comment_count > 0 ||
           (sp_rule_holds(profile, SP_RULE_CHAIN_COMMENT_KEPT_CRLF) && has_comment(source));
}

/* White space at either end of the file, where the client trims it. */
static void trim(const sp_loader *loader, sp_source *source)
{
    const sp_profile *profile = loader->here->profile;
    sp_str rest = sp_str_slice(source->bytes, source->content_begin, source->bytes.len);
    sp_str text = sp_str_trim(rest);
    bool is_users = source->scope == SP_SCOPE_USER && sp_rule_holds(profile, SP_RULE_CHAIN_TRIMMED_USER);
    if (source->kind != SP_SOURCE_INSTRUCTIONS || text.len == 0 ||
        !(is_users || sp_rule_holds(profile, SP_RULE_CHAIN_TRIMMED)))
        return;
    size_t before = (size_t)(text.ptr - rest.ptr);
    source->content_begin += before;
    source->parsed->trimmed_bytes = rest.len - before - text.len;
    if (before)
        source->parsed->front_rule = is_users ? SP_RULE_CHAIN_TRIMMED_USER : SP_RULE_CHAIN_TRIMMED;
}

sp_status sp_loader_add(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t *ret_index,
                        sp_err *err)
{
    uint32_t index = SP_NONE;
    SP_TRY(push(loader, wanted, file, true, &index, err));
    sp_source *source = &loader->sources.items[index];
    sp_parsed *parsed = loader->sources.items[index].parsed;
    if (sp_rule_has_effect(loader->here->profile, SP_RULE_TEXT_BOM, SP_EFFECT_CUT))
        source->content_begin = after_bom(source->bytes);
    parsed->strips_comments = strips_comments(loader, source);
    parsed->front_rule = SP_RULE_TEXT_BOM;
    SP_TRY(sp_source_read_front(loader, source, err));
    trim(loader, source);
    if (source->is_loaded)
        SP_TRY(check_bytes(loader, source, err));
    SP_TRY(scan(loader->arena, loader->here, source, err));
    parsed->drops_returns = drops_returns(loader, source);
    SP_TRY(warn_of_blocks(loader, source, err));
    SP_TRY(warn_of_open_comment(loader, source, err));
    *ret_index = index;
    return loader->next ? loader->next(loader, index, err) : SP_OK;
}

/* Reads front matter and blocks of a file that does not load, or not yet. source and its parsed are the caller's own.
 */
static sp_status scan_apart(sp_loader *loader, sp_source *source, sp_err *err)
{
    sp_diags unsaid = { .arena = loader->arena };
    sp_diags *said = loader->diags;
    source->content_begin = after_bom(source->bytes);
    loader->diags = &unsaid;
    sp_status status = sp_source_read_front(loader, source, err);
    loader->diags = said;
    SP_TRY(status);
    return scan_markdown(loader->arena, loader->here, source, &source->parsed->markdown, err);
}

sp_status sp_loader_find_imports(sp_loader *loader, uint32_t index, sp_err *err)
{
    sp_source copy = loader->sources.items[index];
    sp_parsed parsed = *copy.parsed; /* what front matter says is not what keeps this file out */
    copy.parsed = &parsed;
    SP_TRY(scan_apart(loader, &copy, err));
    loader->sources.items[index].parsed->markdown = parsed.markdown;
    return SP_OK;
}

sp_status sp_loader_text_of(sp_arena *arena, const sp_source *source, sp_str *ret, sp_err *err)
{
    const sp_parsed *parsed = source->parsed;
    sp_buf text = { 0 };
    size_t at = source->content_begin;
    for (size_t i = 0; parsed->strips_comments && i < parsed->markdown.comment_count; i++) {
        sp_buf_add(&text, sp_str_slice(source->bytes, at, parsed->markdown.comments[i].begin));
        at = parsed->markdown.comments[i].end;
    }
    sp_buf_add(&text, sp_str_slice(source->bytes, at, source->bytes.len));
    *ret = sp_str_trim(sp_buf_move(&text, arena));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_loader_waits(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, bool *ret, sp_err *err)
{
    sp_parsed parsed = { .base = wanted->base, .rules_folder = wanted->folder };
    sp_source source = { .kind = wanted->kind,
                         .scope = wanted->scope,
                         .path = sp_place_shown(loader->here, wanted->path),
                         .real_path = file->real_path,
                         .bytes = file->bytes,
                         .parsed = &parsed };
    SP_TRY(scan_apart(loader, &source, err));
    *ret = parsed.patterns.count > 0;
    return SP_OK;
}

sp_status sp_loader_text_apart(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_str *ret,
                               sp_err *err)
{
    sp_parsed parsed = { 0 };
    sp_source source = { .kind = wanted->kind, .scope = wanted->scope, .bytes = file->bytes, .parsed = &parsed };
    parsed.strips_comments = strips_comments(loader, &source);
    SP_TRY(scan_apart(loader, &source, err));
    return sp_loader_text_of(loader->arena, &source, ret, err);
}

sp_status sp_loader_load_after_all(sp_loader *loader, uint32_t index, sp_err *err)
{
    loader->sources.items[index].is_loaded = true;
    if (!sp_sources_remember(loader->arena, &loader->sources, index))
        return sp_err_memory(err);
    SP_TRY(check_bytes(loader, &loader->sources.items[index], err));
    return loader->next ? loader->next(loader, index, err) : SP_OK;
}
