#include "base/types.h"
#include "explain/duplicates/duplicates.h"
#include "model/prompt.h"
#include "model/source.h"

/* ---- classes --------------------------------------------------------------------------------------------- */

static sp_status classify(sp_arena *arena, sp_pieces *pieces, sp_piece *piece, sp_err *err)
{
    uint32_t known = pieces->others ? sp_map_find(pieces->others, piece->text) : SP_NONE;
    if (known != SP_NONE) {
        piece->class = known;
        return SP_OK;
    }
    uint32_t *slot = sp_map_slot(arena, &pieces->classes, piece->text);
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE)
        *slot = pieces->class_count++;
    piece->class = *slot;
    return SP_OK;
}

static sp_status add(sp_arena *arena, sp_pieces *pieces, sp_piece piece, sp_err *err)
{
    piece.text = sp_str_trim(piece.text);
    piece.text.ptr = piece.text.ptr ? piece.text.ptr : "";
    SP_TRY(classify(arena, pieces, &piece, err));
    sp_piece *added = SP_LIST_PUSH(arena, &pieces->list);
    if (!added)
        return sp_err_memory(err);
    *added = piece;
    return SP_OK;
}

static sp_piece piece_of(uint32_t index, const sp_source *source, uint32_t at)
{
    const sp_block *block = &source->blocks[at];
    bool is_heading = block->kind == SP_BLOCK_HEADING;
    return (sp_piece){ .source = index,
                       .block = at,
                       .heading = is_heading ? at : block->heading,
                       .first_line = block->first_line,
                       .last_line = block->last_line,
                       .is_opening = is_heading || block->kind == SP_BLOCK_THEMATIC_BREAK };
}

/* ---- of a prompt ----------------------------------------------------------------------------------------- */

/* Text of our own in the place of some of a block, such as U+FFFD, is a part of it. What a client adds to a recorded
 * request is like our own: nobody can shorten it. */
static uint32_t source_of(const sp_segment *segment)
{
    if (segment->kind == SP_SEGMENT_CLIENT || segment->kind == SP_SEGMENT_TOOL)
        return SP_NONE;
    return segment->source == SP_NONE ? segment->place_source : segment->source;
}

static uint32_t block_of(const sp_segment *segment)
{
    return segment->source == SP_NONE ? segment->place_block : segment->block;
}

static bool is_same_piece(const sp_segment *a, const sp_segment *b)
{
    return source_of(a) != SP_NONE && source_of(a) == source_of(b) && block_of(a) == block_of(b);
}

static sp_status add_segments(sp_arena *arena, const sp_prompt *prompt, size_t message, size_t first, size_t last,
                              size_t begin, sp_pieces *pieces, sp_err *err)
{
    const sp_segment *segments = prompt->segments;
    uint32_t source = source_of(&segments[first]);
    uint32_t block = block_of(&segments[first]);
    sp_piece piece = { .source = SP_NONE };
    if (source != SP_NONE && block != SP_NONE)
        piece = piece_of(source, &prompt->sources[source], block);
    piece.kind = segments[first].kind;
    piece.message = message;
    piece.begin = piece.end = begin;
    for (size_t i = first; i < last; i++) {
        piece.end += segments[i].text.len;
        piece.weight += segments[i].tokens;
    }
    piece.text = sp_str_slice(prompt->messages[message].text, begin, piece.end);
    return add(arena, pieces, piece, err);
}

sp_status sp_pieces_of_prompt(sp_arena *arena, const sp_prompt *prompt, sp_pieces *pieces, sp_err *err)
{
    for (size_t m = 0; m < prompt->message_count; m++) {
        const sp_message *message = &prompt->messages[m];
        size_t end = message->first_segment + message->segment_count;
        size_t begin = 0;
        for (size_t first = message->first_segment, last; first < end; first = last) {
            for (last = first + 1; last < end && is_same_piece(&prompt->segments[first], &prompt->segments[last]);)
                last++;
            SP_TRY(add_segments(arena, prompt, m, first, last, begin, pieces, err));
            begin = pieces->list.items[pieces->list.count - 1].end;
        }
    }
    return SP_OK;
}

/* ---- of sources ------------------------------------------------------------------------------------------ */

sp_status sp_pieces_add_source(sp_arena *arena, sp_pieces *pieces, uint32_t index, const sp_source *source,
                               const sp_span *comments, size_t comment_count, sp_err *err)
{
    enum { MANY = 4096 };
    size_t next = 0;
    if (!pieces->list.items && source->block_count > MANY &&
        !SP_LIST_RESERVE(arena, &pieces->list, source->block_count))
        return sp_err_memory(err);
    for (uint32_t i = 0; i < source->block_count; i++) {
        const sp_block *block = &source->blocks[i];
        while (next < comment_count && comments[next].end <= block->begin)
            next++;
        bool is_comment = next < comment_count && comments[next].begin <= block->begin;
        if (block->kind == SP_BLOCK_FRONT_MATTER || block->begin < source->content_begin || is_comment)
            continue;
        sp_piece piece = piece_of(index, source, i);
        piece.begin = block->begin;
        piece.end = block->end;
        piece.text = sp_str_slice(source->bytes, block->begin, block->end);
        piece.weight = sp_str_trim(piece.text).len;
        SP_TRY(add(arena, pieces, piece, err));
    }
    return SP_OK;
}

sp_status sp_pieces_copy(sp_arena *arena, const sp_pieces *other, sp_pieces *ret, sp_err *err)
{
    *ret = (sp_pieces){ .others = &other->classes, .class_count = other->class_count };
    for (size_t i = 0; i < other->list.count; i++) {
        sp_piece *piece = SP_LIST_PUSH(arena, &ret->list);
        if (!piece)
            return sp_err_memory(err);
        *piece = other->list.items[i];
    }
    return SP_OK;
}

static bool begins_file(const sp_pieces *pieces, uint32_t at)
{
    return at == 0 || pieces->list.items[at - 1].source != pieces->list.items[at].source;
}

static bool ends_file(const sp_pieces *pieces, uint32_t end)
{
    return end == pieces->list.count || pieces->list.items[end].source != pieces->list.items[end - 1].source;
}

bool sp_repeat_is_file(const sp_pieces *pieces, const sp_repeat *match)
{
    const sp_piece *items = pieces->list.items;
    return match->percent == 100 && items[match->first].source != items[match->copy].source &&
           begins_file(pieces, match->first) && ends_file(pieces, match->first + match->first_count) &&
           begins_file(pieces, match->copy) && ends_file(pieces, match->copy + match->copy_count);
}
