/*
 * memory.c - the memory section: instructions, and the head of MEMORY.md.
 *
 * Two limits hold for the text as it is sent, that is, without front matter and block comments: lines and bytes,
 * whichever comes first. The cut falls behind a line end; only where the first line alone is over the limit it falls
 * behind a character.
 */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/claude_code/memory_scopes.h"
#include "compose/composer.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/source.h"
#include "syntax/markdown.h"

/* Where the text ends that the limits let through. */
typedef struct limit {
    size_t end;        /* offset in the source; all of the text when nothing is cut */
    size_t client_end; /* offset where the byte limit itself falls, or SIZE_MAX */
    sp_rule_key rule;  /* the limit that bit */
    bool is_cut;
    uint32_t lines; /* of the whole text as sent, and of what is kept */
    uint32_t kept_lines;
    size_t bytes;
    size_t kept_bytes;
} limit;

static const sp_source *memory_source(const sp_composer *composer)
{
    return &composer->docs->sources[composer->docs->memory_source];
}

static const sp_parsed *memory_parsed(const sp_composer *composer)
{
    return &composer->docs->parsed[composer->docs->memory_source];
}

bool sp_compose_has_memory_text(const sp_composer *composer)
{
    if (composer->docs->memory_source == SP_NONE)
        return false;
    const sp_source *source = memory_source(composer);
    return !sp_compose_is_blank(source, memory_parsed(composer), source->content_begin, source->bytes.len);
}

/* Trailing white space is no reason to cut. */
static size_t end_of_text(const sp_source *source)
{
    sp_str text = source->bytes;
    while (text.len > source->content_begin && strchr(" \t\r\n", text.ptr[text.len - 1]) && text.ptr[text.len - 1])
        text.len--;
    return text.len;
}

/* White space at the end is not what a limit is for, but neither may it carry a prompt over one. */
static bool is_over_with_blanks(const sp_profile *profile, const sp_source *source, const limit *found, size_t text_end)
{
    sp_str blanks = sp_str_slice(source->bytes, text_end, source->bytes.len);
    size_t lines = found->lines;
    for (size_t i = 1; i < blanks.len; i++)
        lines += blanks.ptr[i] == '\n';
    return lines > (size_t)sp_rule_value(profile, SP_RULE_MEMORY_LINES) ||
           found->bytes + blanks.len > (size_t)sp_rule_value(profile, SP_RULE_MEMORY_BYTES);
}

/* Walks over the text as it is sent. The first limit that is passed fixes the end; the walk goes on for the totals. */
static limit measure(const sp_profile *profile, const sp_source *source, const sp_parsed *parsed)
{
    const size_t max_lines = (size_t)sp_rule_value(profile, SP_RULE_MEMORY_LINES);
    const size_t max_bytes = (size_t)sp_rule_value(profile, SP_RULE_MEMORY_BYTES);
    size_t text_end = end_of_text(source);
    limit found = { .end = source->bytes.len, .client_end = SIZE_MAX };
    size_t line_end = source->content_begin; /* behind the last complete line, with its counts */
    uint32_t line_end_lines = 0;
    size_t line_end_bytes = 0;
    size_t piece_begin = source->content_begin; /* behind the last comment */
    sp_span comment = { SIZE_MAX, SIZE_MAX };
    sp_compose_next_comment(parsed, source->content_begin, &comment);
    for (size_t at = source->content_begin; at < text_end; at++) {
        if (at == comment.begin) {
            at = comment.end - 1;
            piece_begin = comment.end;
            comment = (sp_span){ SIZE_MAX, SIZE_MAX };
            sp_compose_next_comment(parsed, at + 1, &comment);
            continue;
        }
        bool over_lines = found.lines == max_lines;
        bool over_bytes = found.bytes == max_bytes;
        if (!found.is_cut && (over_lines || over_bytes)) {
            bool behind_line = line_end_bytes > 0;
            found.is_cut = true;
            found.rule = over_lines ? SP_RULE_MEMORY_LINES : SP_RULE_MEMORY_BYTES;
            found.client_end = over_lines ? SIZE_MAX : at;
            found.end = behind_line ? line_end : sp_compose_character_begin(source->bytes, at, piece_begin);
            found.kept_lines = behind_line ? line_end_lines : 1;
            found.kept_bytes = behind_line ? line_end_bytes : found.bytes - (at - found.end);
        }
        found.bytes++;
        if (source->bytes.ptr[at] == '\n') {
            found.lines++;
            line_end = at + 1;
            line_end_lines = found.lines;
            line_end_bytes = found.bytes;
        }
    }
    found.lines += line_end < text_end; /* a last line without a line end */
    if (found.is_cut)
        found.bytes += source->bytes.len - text_end;
    if (!found.is_cut && is_over_with_blanks(profile, source, &found, text_end))
        found.end = text_end + (text_end < source->bytes.len && source->bytes.ptr[text_end] == '\n');
    return found;
}

enum { MAX_HEADINGS_NAMED = 8 };

/* The headings that were lost, as ": A, B, C and 5 more". */
static sp_str name_headings(sp_arena *arena, const sp_source *source, size_t begin)
{
    sp_buf names = { 0 };
    size_t count = 0;
    for (uint32_t i = 0; i < source->block_count; i++) {
        const sp_block *block = &source->blocks[i];
        if (block->kind != SP_BLOCK_HEADING || block->begin < begin)
            continue;
        if (count++ < MAX_HEADINGS_NAMED)
            sp_buf_format(&names, "%s\"%.*s\"", count == 1 ? "; headings lost: " : ", ",
                          SP_STR_ARG(sp_markdown_heading_text(source->bytes, block)));
    }
    if (count > MAX_HEADINGS_NAMED)
        sp_buf_format(&names, " and %zu more", count - MAX_HEADINGS_NAMED);
    return sp_buf_move(&names, arena);
}

static sp_status report_cut(sp_composer *composer, const sp_source *source, const limit *found, sp_err *err)
{
    sp_arena *arena = composer->arena;
    const sp_rule *rule = sp_rule_of(composer->profile, found->rule);
    sp_str headings = name_headings(arena, source, found->end);
    sp_str exact = found->client_end == SIZE_MAX || found->client_end == found->end
                       ? SP_STR("")
                       : sp_str_format(arena, " (the limit falls at byte offset %zu of the file, this cut at %zu)",
                                       found->client_end, found->end);
    if (!headings.ptr || !exact.ptr)
        return sp_err_memory(err);
    return sp_diag_add(composer->diags, err, SP_WARNING, source->path, source->bytes, found->end,
                       sp_rule_id(found->rule),
                       "from here on nothing is in the prompt: %s of %s lines and %s of %s bytes are over the limit of "
                       "%s %s%.*s%.*s; move details into files of their own and link them",
                       SP_NUMBER(found->lines - found->kept_lines), SP_NUMBER(found->lines),
                       SP_NUMBER(found->bytes - found->kept_bytes), SP_NUMBER(found->bytes), SP_NUMBER(rule->value),
                       rule->unit, SP_STR_ARG(exact), SP_STR_ARG(headings));
}

static sp_str number(sp_arena *arena, size_t value)
{
    return sp_str_format(arena, "%zu", value);
}

static sp_status add_marker(sp_composer *composer, const sp_source *source, const limit *found, sp_err *err)
{
    sp_arena *arena = composer->arena;
    const sp_text_value values[] = {
        { "name", source->name },
        { "kept_lines", number(arena, found->kept_lines) },
        { "lines", number(arena, found->lines) },
        { "kept_bytes", number(arena, found->kept_bytes) },
        { "bytes", number(arena, found->bytes) },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (!values[i].value.ptr)
            return sp_err_memory(err);
    SP_TRY(sp_compose_gap(composer, err));
    return sp_compose_marker(
        composer, composer->docs->memory_source, source->bytes.len - 1,
        sp_text_fill(arena, composer->docs->texts[SP_TEXT_MEMORY_CUT], values, SP_COUNT_OF(values)), err);
}

static sp_status add_limited_text(sp_composer *composer, sp_err *err)
{
    uint32_t index = composer->docs->memory_source;
    const sp_source *source = memory_source(composer);
    limit found = measure(composer->profile, source, memory_parsed(composer));
    SP_TRY(sp_compose_cut_front(composer, index, err));
    SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_MEMORY, source->content_begin, found.end, err));
    if (!found.is_cut)
        return sp_compose_cut(composer, index, found.end, source->bytes.len, SP_RULE_MEMORY_LINES,
                              SP_STR("white space behind the text is not sent when it is over a limit"), err);
    const sp_rule *rule = sp_rule_of(composer->profile, found.rule);
    SP_TRY(report_cut(composer, source, &found, err));
    SP_TRY(sp_compose_cut(composer, index, found.end, source->bytes.len, found.rule,
                          sp_str_format(composer->arena, "only the first %lld %s are read; shorten the file",
                                        (long long)rule->value, rule->unit),
                          err));
    return add_marker(composer, source, &found, err);
}

static sp_status add_empty_text(sp_composer *composer, sp_err *err)
{
    bool is_missing = composer->docs->memory_source == SP_NONE;
    if (!is_missing)
        SP_TRY(sp_compose_cut(composer, composer->docs->memory_source, 0, memory_source(composer)->bytes.len,
                              SP_RULE_MEMORY_EMPTY, SP_STR("there is no text in it"), err));
    return sp_compose_own(composer, SP_SEGMENT_MEMORY,
                          composer->docs->texts[is_missing ? SP_TEXT_MEMORY_MISSING : SP_TEXT_MEMORY_EMPTY], err);
}

sp_status sp_compose_memory_text(sp_composer *composer, sp_err *err)
{
    return sp_compose_has_memory_text(composer) ? add_limited_text(composer, err) : add_empty_text(composer, err);
}

/* "200 lines or 25000 bytes": those of the limits that hold. */
static sp_str limits(const sp_composer *composer)
{
    static const sp_rule_key keys[] = { SP_RULE_MEMORY_LINES, SP_RULE_MEMORY_BYTES };
    sp_buf text = { 0 };
    for (size_t i = 0; i < SP_COUNT_OF(keys); i++)
        if (sp_rule_holds(composer->profile, keys[i]))
            sp_buf_format(&text, "%s%lld %s", text.len ? " or " : "",
                          (long long)sp_rule_value(composer->profile, keys[i]),
                          sp_rule_of(composer->profile, keys[i])->unit);
    return sp_buf_move(&text, composer->arena);
}

/* How to use the folder: for an agent that has one. */
static sp_status add_instructions(sp_composer *composer, sp_err *err)
{
    sp_arena *arena = composer->arena;
    const sp_text_value values[] = {
        { "folder", composer->docs->memory_folder },
        { "scope", composer->docs->texts[sp_memory_scope_find(composer->docs->agent->memory)->text] },
        { "limits", limits(composer) },
        { "limit_lines", number(arena, (size_t)sp_rule_value(composer->profile, SP_RULE_MEMORY_LINES)) },
        { "limit_bytes", number(arena, (size_t)sp_rule_value(composer->profile, SP_RULE_MEMORY_BYTES)) },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (!values[i].value.ptr)
            return sp_err_memory(err);
    SP_TRY(sp_compose_gap(composer, err));
    return sp_compose_own(
        composer, SP_SEGMENT_HEADER,
        sp_text_fill(arena, composer->docs->texts[SP_TEXT_MEMORY_INSTRUCTIONS], values, SP_COUNT_OF(values)), err);
}

sp_status sp_compose_memory(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    if (!docs->has_memory || composer->memory_is_placed)
        return SP_OK;
    if (composer->body_has_section && !sp_compose_has_memory_text(composer)) {
        /* the body says already that there is none */
        if (docs->memory_source == SP_NONE)
            return SP_OK;
        return sp_compose_cut(composer, docs->memory_source, 0, memory_source(composer)->bytes.len,
                              SP_RULE_MEMORY_EMPTY, SP_STR("there is no text in it"), err);
    }
    if (docs->memory_folder.ptr && !composer->body_has_section)
        SP_TRY(add_instructions(composer, err));
    SP_TRY(sp_compose_gap(composer, err));
    SP_TRY(sp_compose_own(composer, SP_SEGMENT_HEADER, docs->texts[SP_TEXT_MEMORY_HEADER], err));
    SP_TRY(sp_compose_gap(composer, err));
    return sp_compose_memory_text(composer, err);
}
