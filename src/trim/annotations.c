/*
 * annotations.c - <!-- sysprompt: keep -->, drop-first, priority=low|high|N.
 *
 * An annotation right below a heading, with nothing but comments between, is for that heading's section. Any other is
 * for the next block, and if that is a heading, for its section. The innermost one counts: a section's holds for every
 * block and section in it that has none of its own.
 */
#include "trim/annotations.h"

#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "model/request.h"
#include "model/source.h"

#include <stdlib.h>

typedef struct word {
    const char *name;
    bool pinned;
    uint8_t priority;
} word;

static const word words[] = {
    { "keep", true, SP_PRIORITY_MAX },
    { "drop-first", false, SP_PRIORITY_DROP_FIRST },
    { "priority=low", false, SP_PRIORITY_LOW },
    { "priority=high", false, SP_PRIORITY_HIGH },
};

/* What stands behind "sysprompt:" in a comment, or ptr NULL where it is none of ours: ignore and ignore-file are for
 * check. */
static sp_str annotation_in(sp_str comment)
{
    sp_str text = sp_str_trim(comment);
    if (text.len < 7 || !sp_str_starts(text, SP_STR("<!--")) || !sp_str_ends(text, SP_STR("-->")))
        return (sp_str){ NULL, 0 };
    text = sp_str_trim(sp_str_slice(text, 4, text.len - 3));
    if (!sp_str_starts(text, SP_STR("sysprompt:")))
        return (sp_str){ NULL, 0 };
    text = sp_str_trim(sp_str_slice(text, strlen("sysprompt:"), text.len));
    return sp_str_starts(text, SP_STR("ignore")) ? (sp_str){ NULL, 0 } : text;
}

/* "priority=40" */
static bool read_number(sp_str text, uint8_t *ret)
{
    sp_str name = SP_STR("priority=");
    unsigned value = 0;
    if (!sp_str_starts(text, name) || text.len == name.len || text.len > name.len + 3)
        return false;
    for (size_t i = name.len; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = 10 * value + (unsigned)(text.ptr[i] - '0');
    }
    *ret = (uint8_t)value;
    return value <= SP_PRIORITY_MAX;
}

static bool read_words(sp_str text, sp_note *ret)
{
    ret->pinned = false;
    if (read_number(text, &ret->priority))
        return true;
    for (size_t i = 0; i < SP_COUNT_OF(words); i++) {
        if (!sp_str_eq(text, sp_str_of(words[i].name)))
            continue;
        ret->pinned = words[i].pinned;
        ret->priority = words[i].priority;
        return true;
    }
    return false;
}

static sp_status warn_of_unknown(sp_diags *diags, const sp_source *source, size_t at, sp_str text, sp_err *err)
{
    sp_str names[SP_COUNT_OF(words)];
    for (size_t i = 0; i < SP_COUNT_OF(words); i++)
        names[i] = sp_str_of(words[i].name);
    size_t nearest = sp_near(text, names, SP_COUNT_OF(words));
    return sp_diag_add(diags, err, SP_WARNING, source->path, source->bytes, at, SP_RULE_BUDGET_ANNOTATION,
                       "\"%.*s\" says nothing about priorities%s%s%s; write keep, drop-first, or priority= with low, "
                       "high or a number from 0 to %d",
                       SP_STR_ARG(text), nearest == SIZE_MAX ? "" : " (did you mean ",
                       nearest == SIZE_MAX ? "" : words[nearest].name, nearest == SIZE_MAX ? "" : "?)",
                       SP_PRIORITY_MAX);
}

/* Where the notes go as the blocks are walked through. */
typedef struct reader {
    sp_arena *arena;
    sp_diags *diags;
    const sp_source *source;
    sp_note *notes;
    uint32_t last; /* the last block that holds more than comments, or SP_NONE */
    sp_note pending;
    size_t comment; /* the next one */
    uint32_t line;  /* of offset at */
    size_t at;
} reader;

static uint32_t line_of(reader *r, const sp_block *block, size_t at)
{
    if (r->at < block->begin) {
        r->at = block->begin;
        r->line = block->first_line;
    }
    for (; r->at < at; r->at++)
        r->line += sp_ends_line(r->source->bytes, r->at);
    return r->line;
}

/* Nothing but comments: those never stand for themselves. */
static bool is_comment(const sp_source *source, const sp_block *block)
{
    sp_str text = sp_str_trim(sp_str_slice(source->bytes, block->begin, block->end));
    return block->kind == SP_BLOCK_HTML && sp_str_starts(text, SP_STR("<!--")) && sp_str_ends(text, SP_STR("-->"));
}

static sp_status take_note(reader *r, uint32_t block, sp_span comment, sp_err *err)
{
    sp_str bytes = r->source->bytes;
    sp_str text = annotation_in(sp_str_slice(bytes, comment.begin, comment.end));
    sp_note note = { .is_set = true };
    if (!text.ptr)
        return SP_OK;
    if (!read_words(text, &note)) {
        size_t at = sp_str_find(bytes, SP_STR("sysprompt:"), comment.begin);
        return warn_of_unknown(r->diags, r->source, at, text, err);
    }
    uint32_t line = line_of(r, &r->source->blocks[block], (size_t)(text.ptr - bytes.ptr));
    note.reason = sp_str_format(r->arena, "%.*s at %.*s:%u", SP_STR_ARG(text), SP_STR_ARG(r->source->path), line).ptr;
    if (!note.reason)
        return sp_err_memory(err);
    if (r->last != SP_NONE && r->source->blocks[r->last].kind == SP_BLOCK_HEADING)
        r->notes[r->last] = note;
    else
        r->pending = note;
    return SP_OK;
}

static sp_status read_block(reader *r, uint32_t index, sp_err *err)
{
    const sp_block *block = &r->source->blocks[index];
    const sp_markdown *found = &r->source->parsed->markdown;
    for (; r->comment < found->comment_count && found->comments[r->comment].begin < block->end; r->comment++)
        if (found->comments[r->comment].begin >= r->source->content_begin)
            SP_TRY(take_note(r, index, found->comments[r->comment], err));
    if (is_comment(r->source, block) || block->kind == SP_BLOCK_BLANK)
        return SP_OK;
    if (r->pending.is_set)
        r->notes[index] = r->pending;
    r->pending = (sp_note){ 0 };
    r->last = index;
    return SP_OK;
}

/* A heading stands before what is below it, so its note is final by then. */
static void spread(const sp_source *source, sp_note *notes)
{
    for (uint32_t i = 0; i < source->block_count; i++) {
        uint32_t heading = source->blocks[i].heading;
        if (!notes[i].is_set && heading != SP_NONE)
            notes[i] = notes[heading];
    }
}

static bool has_annotation(const sp_source *source, const sp_markdown *markdown)
{
    for (size_t i = 0; i < markdown->comment_count; i++) {
        sp_span comment = markdown->comments[i];
        if (annotation_in(sp_str_slice(source->bytes, comment.begin, comment.end)).ptr)
            return true;
    }
    return false;
}

sp_status sp_trim_read_notes(sp_arena *arena, const sp_source *source, sp_diags *diags, const sp_note **ret_notes,
                             sp_err *err)
{
    reader r = { .arena = arena, .diags = diags, .source = source, .last = SP_NONE, .line = 1 };
    *ret_notes = NULL;
    if (!has_annotation(source, &source->parsed->markdown))
        return SP_OK;
    r.notes = SP_ARENA_ARRAY(arena, sp_note, source->block_count);
    if (!r.notes)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < source->block_count; i++)
        SP_TRY(read_block(&r, i, err));
    spread(source, r.notes);
    *ret_notes = r.notes;
    return SP_OK;
}
