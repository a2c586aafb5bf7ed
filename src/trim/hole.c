/*
 * hole.c - what stands where something was taken away: a fence that is closed, a marker, and a blank line around it.
 *
 * All that is missing between two neighbours has one marker, even where it is of several files. Line ends of our own
 * beside it go: it brings its own.
 */
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "trim/trimmer.h"

#include <stdio.h>

/* The line ends that text, which has more than white space, needs to end with most. */
static sp_str line_ends(sp_str text, const char *most)
{
    size_t count = 0, room = strlen(most);
    for (size_t at = text.len; at > 1 && count < room && text.ptr[at - 1] == '\n'; count++)
        at -= text.ptr[at - 2] == '\r' ? 2 : 1;
    return (sp_str){ most, room - count };
}

/* ---- a fence --------------------------------------------------------------------------------------------- */

static uint32_t source_of(const sp_segment *segment)
{
    return segment->source == SP_NONE ? segment->place_source : segment->source;
}

static uint32_t block_of(const sp_segment *segment)
{
    return segment->source == SP_NONE ? segment->place_block : segment->block;
}

static const sp_chunk *chunk_of(const sp_trimmer *t, uint32_t solid)
{
    return &t->chunks.items[t->solids.items[solid].at];
}

/* The fenced block of which the beginning is there and the rest is not, or NULL. */
static const sp_block *open_fence(const sp_trimmer *t, uint32_t left, sp_str *ret_bytes)
{
    if (t->solids.items[left].is_end)
        return NULL;
    const sp_segment *a = chunk_of(t, left)->segment;
    const sp_segment *b = chunk_of(t, left + 1)->segment;
    if (source_of(a) == SP_NONE || source_of(a) != source_of(b) || block_of(a) != block_of(b))
        return NULL;
    const sp_source *source = &t->prompt->sources[source_of(a)];
    const sp_block *block = &source->blocks[block_of(a)];
    *ret_bytes = source->bytes;
    return block->kind == SP_BLOCK_FENCED_CODE ? block : NULL;
}

/* The line that closes a fence: behind the quote's marks, and below a list item's, as many backticks or tildes. */
static void close_fence(sp_str bytes, const sp_block *block, sp_buf *out)
{
    sp_str line = sp_line_at(bytes, block->begin);
    size_t begin = sp_str_find(line, SP_STR("```"), 0);
    size_t tildes = sp_str_find(line, SP_STR("~~~"), 0);
    begin = begin < tildes ? begin : tildes;
    if (begin == SIZE_MAX)
        return;
    for (size_t i = 0; i < begin; i++)
        sp_buf_add_char(out, line.ptr[i] == '>' || line.ptr[i] == '\t' ? line.ptr[i] : ' ');
    for (size_t i = begin; i < line.len && line.ptr[i] == line.ptr[begin]; i++)
        sp_buf_add_char(out, line.ptr[i]);
    sp_buf_add_char(out, '\n');
}

/* ---- the marker ------------------------------------------------------------------------------------------ */

/* A place in a file, for people. */
typedef struct place {
    sp_str name;
    uint32_t source;
    uint32_t first_line;
    uint32_t last_line;
} place;

static place place_of(const sp_trimmer *t, const sp_chunk *chunk)
{
    uint32_t index = source_of(chunk->segment);
    const sp_source *source = &t->prompt->sources[index];
    const sp_block *block = &source->blocks[block_of(chunk->segment)];
    if (chunk->segment->source == SP_NONE)
        return (place){ source->name, index, block->first_line, block->last_line };
    return (place){ source->name, index, chunk->first_line, chunk->last_line };
}

/* The first of what was taken away that is of a file; headers in front of it are few. */
static place first_place(const sp_trimmer *t, uint32_t left)
{
    uint32_t i = left + 1;
    while (source_of(chunk_of(t, i)->segment) == SP_NONE)
        i++;
    return place_of(t, chunk_of(t, i));
}

static place last_place(const sp_trimmer *t, uint32_t right)
{
    uint32_t i = right - 1;
    while (source_of(chunk_of(t, i)->segment) == SP_NONE)
        i--;
    place found = place_of(t, chunk_of(t, i));
    const sp_block *block = &t->prompt->sources[found.source].blocks[block_of(chunk_of(t, i)->segment)];
    if (found.last_line > block->last_line && found.last_line > found.first_line)
        found.last_line = block->last_line > found.first_line ? block->last_line : found.first_line; /* no blank ones */
    return found;
}

static sp_str describe(sp_arena *arena, const place *first, const place *last)
{
    if (first->source != last->source)
        return sp_str_format(arena, "from line %u of %.*s to line %u of %.*s", first->first_line,
                             SP_STR_ARG(first->name), last->last_line, SP_STR_ARG(last->name));
    if (first->first_line >= last->last_line)
        return sp_str_format(arena, "line %u of %.*s", first->first_line, SP_STR_ARG(first->name));
    return sp_str_format(arena, "lines %u-%u of %.*s", first->first_line, last->last_line, SP_STR_ARG(first->name));
}

static void add_marker(const sp_trimmer *t, uint32_t left, uint32_t right, sp_buf *out)
{
    sp_arena scratch = { 0 };
    place first = first_place(t, left);
    place last = last_place(t, right);
    const sp_text_value values[] = {
        { "what", describe(&scratch, &first, &last) },
        { "name", first.name },
        { "line", sp_str_format(&scratch, "%u", first.first_line) },
        { "last_name", last.name },
        { "last_line", sp_str_format(&scratch, "%u", last.last_line) },
    };
    bool failed = false;
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        failed = failed || !values[i].value.ptr;
    sp_str text = failed ? (sp_str){ NULL, 0 } : sp_text_fill(&scratch, t->marker, values, SP_COUNT_OF(values));
    out->failed = out->failed || !text.ptr;
    if (text.ptr)
        sp_buf_add(out, text);
    sp_arena_release(&scratch);
}

/* Whether the whole message does. */
static bool ends_with_line(const sp_trimmer *t, uint32_t end)
{
    return sp_str_ends(t->prompt->messages[t->solids.items[end].message].text, SP_STR("\n"));
}

static void add_hole(const sp_trimmer *t, uint32_t left, uint32_t right, sp_buf *out)
{
    const sp_solid *before = &t->solids.items[left];
    sp_str bytes = { NULL, 0 };
    const sp_block *fence = open_fence(t, left, &bytes);
    const char *gap = "\n\n";
    if (fence) {
        sp_buf_add(out, line_ends(before->text, "\n"));
        close_fence(bytes, fence, out);
        gap = "\n";
    }
    bool is_first = before->is_end;
    bool is_last = t->solids.items[right].is_end;
    if (t->marker.len == 0) {
        if (!is_first && !is_last)
            sp_buf_add(out, fence ? SP_STR("\n") : line_ends(before->text, gap));
        return;
    }
    if (!is_first)
        sp_buf_add(out, fence ? SP_STR("\n") : line_ends(before->text, gap));
    add_marker(t, left, right, out);
    sp_buf_add(out, !is_last ? SP_STR("\n\n") : ends_with_line(t, right) ? SP_STR("\n") : SP_STR(""));
}

void sp_trim_add_link(const sp_trimmer *t, uint32_t left, uint32_t right, sp_buf *out)
{
    if (sp_trim_is_hole(left, right)) {
        add_hole(t, left, right, out);
        return;
    }
    for (size_t i = sp_trim_after(&t->solids.items[left]); i < t->solids.items[right].at; i++)
        sp_buf_add(out, t->chunks.items[i].text);
}
