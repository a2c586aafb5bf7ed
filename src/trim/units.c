/*
 * units.c - the prompt as pieces that can be taken away, and the one order in which they are.
 *
 * A unit is a leaf block with the markers in it. Of a block larger than budget.part-bytes every part is one. What is
 * only white space is no unit: it goes when a neighbour goes. A heading is a unit that goes right after the last of
 * those below it.
 */
#include "base/system.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/profile.h"
#include "trim/trimmer.h"

#include <stdlib.h>

/* ---- what there is --------------------------------------------------------------------------------------- */

typedef struct divider {
    sp_trimmer *t;
    size_t *first_block;     /* of each source: where its blocks begin in what follows */
    uint32_t *unit_of_block; /* the first of each block, or SP_NONE */
    size_t *bytes_of_block;  /* in the prompt */
    size_t part_bytes;
} divider;

static bool is_blank(sp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || !strchr(" \t\r\n\f\v", text.ptr[i]))
            return false;
    return true;
}

static size_t block_index(const divider *d, uint32_t source, uint32_t block)
{
    return d->first_block[source] + block;
}

static sp_status measure_blocks(divider *d, sp_err *err)
{
    const sp_prompt *prompt = d->t->prompt;
    size_t count = 0;
    d->first_block = SP_ARENA_ARRAY(d->t->arena, size_t, (size_t)prompt->source_count + 1);
    if (!d->first_block)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        d->first_block[i] = count;
        count += prompt->sources[i].block_count;
    }
    d->unit_of_block = SP_ARENA_ARRAY(d->t->arena, uint32_t, count + 1);
    d->bytes_of_block = SP_ARENA_ARRAY(d->t->arena, size_t, count + 1);
    if (!d->unit_of_block || !d->bytes_of_block)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++)
        d->unit_of_block[i] = SP_NONE;
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *s = &prompt->segments[i];
        if (s->source != SP_NONE)
            d->bytes_of_block[block_index(d, s->source, s->block)] += s->text.len;
    }
    return SP_OK;
}

/* ---- groups: the project's folders from the root down ---------------------------------------------------- */

/* The folder a file of the project is for: that which .claude is in, for what is in there. */
static sp_str folder_of(sp_str path)
{
    size_t end = sp_path_folder(path).len;
    if (sp_str_starts(path, SP_STR(".claude/")))
        return (sp_str){ ".", 1 };
    for (size_t at = 0; (at = sp_str_find(path, SP_STR("/.claude/"), at)) != SIZE_MAX; at++)
        end = at;
    return end == sp_path_folder(path).len ? sp_path_folder(path) : sp_str_slice(path, 0, end);
}

static bool is_of_project(const sp_source *source)
{
    return (source->scope == SP_SCOPE_PROJECT || source->scope == SP_SCOPE_LOCAL) && source->kind != SP_SOURCE_AGENT &&
           source->kind != SP_SOURCE_MEMORY;
}

/* In load order, which is from the root down. A number for each file will do: only their order counts. */
static uint32_t group_of(const sp_prompt *prompt, uint32_t index)
{
    uint32_t group = 1;
    while (prompt->sources[index].importer != SP_NONE)
        index = prompt->sources[index].importer;
    if (!is_of_project(&prompt->sources[index]))
        return 0;
    sp_str folder = folder_of(prompt->sources[index].path);
    for (uint32_t i = 0; i < index; i++) {
        const sp_source *source = &prompt->sources[i];
        if (source->importer != SP_NONE || !is_of_project(source) || !source->is_loaded)
            continue;
        if (sp_str_eq(folder_of(source->path), folder))
            break;
        group++;
    }
    return group;
}

/* ---- chunks and units ------------------------------------------------------------------------------------ */

static sp_status add_solid(sp_trimmer *t, sp_solid solid, sp_err *err)
{
    sp_solid *slot = SP_LIST_PUSH(t->arena, &t->solids);
    if (!slot)
        return sp_err_memory(err);
    uint32_t index = (uint32_t)(t->solids.count - 1);
    solid.previous = index - 1;
    solid.following = index + 1;
    solid.anchor = index;
    *slot = solid;
    return SP_OK;
}

static bool is_own(const sp_chunk *chunk)
{
    return chunk->segment->source == SP_NONE;
}

static uint32_t source_of(const sp_chunk *chunk)
{
    return is_own(chunk) ? chunk->segment->place_source : chunk->segment->source;
}

static uint32_t block_of(const sp_chunk *chunk)
{
    return is_own(chunk) ? chunk->segment->place_block : chunk->segment->block;
}

static const sp_block *block_at(const sp_trimmer *t, const sp_chunk *chunk)
{
    return &t->prompt->sources[source_of(chunk)].blocks[block_of(chunk)];
}

static bool is_divided(const divider *d, uint32_t source, uint32_t block)
{
    return d->bytes_of_block[block_index(d, source, block)] > d->part_bytes &&
           d->t->prompt->sources[source].blocks[block].kind != SP_BLOCK_HEADING;
}

static void append_to_unit(divider *d, uint32_t unit, uint32_t index)
{
    sp_trimmer *t = d->t;
    sp_unit *u = &t->units.items[unit];
    t->chunks.items[index].unit = unit;
    u->pinned = u->pinned || t->chunks.items[index].segment->pinned;
    if (u->last != index)
        t->chunks.items[u->last].next = index;
    u->last = index;
}

static sp_status begin_unit(divider *d, uint32_t index, uint32_t *ret, sp_err *err)
{
    sp_trimmer *t = d->t;
    const sp_chunk *chunk = &t->chunks.items[index];
    const sp_source *source = &t->prompt->sources[source_of(chunk)];
    sp_unit *unit = SP_LIST_PUSH(t->arena, &t->units);
    if (!unit)
        return sp_err_memory(err);
    *unit = (sp_unit){
        .first = index,
        .last = index,
        .heading = SP_NONE,
        .is_heading = block_at(t, chunk)->kind == SP_BLOCK_HEADING,
        .priority = chunk->segment->priority,
        .depth = source->depth,
    };
    *ret = (uint32_t)(t->units.count - 1);
    return SP_OK;
}

/* The unit that a marker goes with whose block is not in the prompt: the one before it, if that is of the same file. */
static uint32_t unit_before(const divider *d, uint32_t index)
{
    const sp_trimmer *t = d->t;
    uint32_t source = source_of(&t->chunks.items[index]);
    for (uint32_t i = index; i-- > 0;) {
        const sp_chunk *chunk = &t->chunks.items[i];
        if (chunk->unit != SP_NONE)
            return source_of(chunk) == source ? chunk->unit : SP_NONE;
    }
    return SP_NONE;
}

static sp_status find_unit(divider *d, uint32_t index, sp_err *err)
{
    const sp_chunk *chunk = &d->t->chunks.items[index];
    uint32_t source = source_of(chunk);
    size_t block = block_index(d, source, block_of(chunk));
    uint32_t unit = d->unit_of_block[block];
    if (is_own(chunk) && (d->bytes_of_block[block] == 0 || unit != SP_NONE))
        unit = unit_before(d, index);
    else if (is_divided(d, source, block_of(chunk)))
        unit = SP_NONE;
    if (unit == SP_NONE)
        SP_TRY(begin_unit(d, index, &unit, err));
    if (d->unit_of_block[block] == SP_NONE)
        d->unit_of_block[block] = unit;
    append_to_unit(d, unit, index);
    return SP_OK;
}

/* Own text that belongs to a file's frame, or to nothing. */
static void add_to_frame(sp_trimmer *t, uint32_t index)
{
    sp_chunk *chunk = &t->chunks.items[index];
    if (chunk->segment->frame == SP_NONE)
        return;
    sp_frame *frame = &t->frames[chunk->segment->frame];
    chunk->next = frame->first;
    frame->first = index;
}

static sp_status add_chunk(divider *d, sp_chunk made, uint32_t message, sp_err *err)
{
    sp_trimmer *t = d->t;
    sp_chunk *chunk = SP_LIST_PUSH(t->arena, &t->chunks);
    if (!chunk)
        return sp_err_memory(err);
    uint32_t index = (uint32_t)(t->chunks.count - 1);
    *chunk = made;
    chunk->unit = chunk->solid = chunk->next = SP_NONE;
    if (is_blank(chunk->text))
        return SP_OK;
    chunk->solid = (uint32_t)t->solids.count;
    sp_solid solid = { .at = index, .text = chunk->text, .message = message };
    SP_TRY(add_solid(t, solid, err));
    if (source_of(chunk) == SP_NONE) {
        add_to_frame(t, index);
        return SP_OK;
    }
    if (made.segment->frame != SP_NONE)
        t->frames[made.segment->frame].live++;
    return find_unit(d, index, err);
}

static uint32_t line_after(const sp_chunk *chunk)
{
    uint32_t line = chunk->first_line;
    for (size_t at = 0; at + 1 < chunk->text.len; at++)
        line += sp_ends_line(chunk->text, at);
    return line;
}

static sp_status add_segment(divider *d, const sp_segment *segment, uint32_t message, sp_err *err)
{
    sp_chunk part = { .segment = segment, .first_line = segment->first_line };
    size_t at = 0;
    bool is_divisible =
        segment->source != SP_NONE && !segment->pinned && is_divided(d, segment->source, segment->block);
    while (at < segment->text.len) {
        size_t end = is_divisible ? sp_trim_part_end(segment->text, at, d->part_bytes) : segment->text.len;
        part.text = sp_str_slice(segment->text, at, end);
        part.begin = segment->begin + at;
        part.end = segment->begin + end;
        part.last_line = end == segment->text.len ? segment->last_line : line_after(&part);
        SP_TRY(add_chunk(d, part, message, err));
        part.first_line = part.last_line + sp_ends_line(segment->text, end - 1);
        at = end;
    }
    return SP_OK;
}

static sp_status add_message(divider *d, uint32_t index, sp_err *err)
{
    sp_trimmer *t = d->t;
    const sp_message *message = &t->prompt->messages[index];
    sp_solid end = { .at = t->chunks.count, .message = index, .is_end = true };
    SP_TRY(add_solid(t, end, err));
    for (size_t i = 0; i < message->segment_count; i++)
        SP_TRY(add_segment(d, &t->prompt->segments[message->first_segment + i], index, err));
    end.at = t->chunks.count;
    return add_solid(t, end, err);
}

/* ---- the order ------------------------------------------------------------------------------------------- */

static void link_headings(divider *d)
{
    sp_trimmer *t = d->t;
    for (uint32_t i = 0; i < t->units.count; i++) {
        sp_unit *unit = &t->units.items[i];
        const sp_chunk *chunk = &t->chunks.items[unit->first];
        const sp_source *source = &t->prompt->sources[source_of(chunk)];
        uint32_t heading = block_at(t, chunk)->heading;
        while (heading != SP_NONE && d->unit_of_block[block_index(d, source_of(chunk), heading)] == SP_NONE)
            heading = source->blocks[heading].heading;
        if (heading == SP_NONE)
            continue;
        unit->heading = d->unit_of_block[block_index(d, source_of(chunk), heading)];
        t->units.items[unit->heading].children++;
    }
}

static sp_status set_groups(sp_trimmer *t, sp_err *err)
{
    uint32_t *groups = SP_ARENA_ARRAY(t->arena, uint32_t, (size_t)t->prompt->source_count + 1);
    if (!groups)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < t->prompt->source_count; i++)
        if (t->prompt->sources[i].is_loaded)
            groups[i] = group_of(t->prompt, i);
    for (size_t i = 0; i < t->units.count; i++)
        t->units.items[i].group = groups[source_of(&t->chunks.items[t->units.items[i].first])];
    return SP_OK;
}

static int compare_units(const void *a, const void *b, void *context)
{
    const sp_unit *units = context;
    const sp_unit *x = &units[*(const uint32_t *)a];
    const sp_unit *y = &units[*(const uint32_t *)b];
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->depth != y->depth)
        return x->depth > y->depth ? -1 : 1;
    return (x->first < y->first) - (x->first > y->first);
}

/* A unit, and the headings below which nothing is left then. */
static void put_in_order(sp_trimmer *t, uint32_t unit)
{
    for (uint32_t at = unit;;) {
        t->order[t->order_count++] = at;
        uint32_t heading = t->units.items[at].heading;
        if (heading == SP_NONE || --t->units.items[heading].children > 0 || t->units.items[heading].pinned)
            return;
        at = heading;
    }
}

static sp_status make_order(sp_trimmer *t, sp_err *err)
{
    uint32_t *sorted = SP_ARENA_ARRAY(t->arena, uint32_t, t->units.count + 1);
    size_t count = 0;
    t->order = SP_ARENA_ARRAY(t->arena, uint32_t, t->units.count + 1);
    if (!sorted || !t->order)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < t->units.count; i++)
        if (!t->units.items[i].pinned && t->units.items[i].children == 0)
            sorted[count++] = i;
    sp_sort(sorted, count, sizeof *sorted, compare_units, t->units.items);
    for (size_t i = 0; i < count; i++)
        put_in_order(t, sorted[i]);
    return SP_OK;
}

/* As many as there are if no block is large. */
static sp_status reserve(sp_trimmer *t, sp_err *err)
{
    size_t count = t->prompt->segment_count;
    t->chunks.items = SP_ARENA_ARRAY(t->arena, sp_chunk, count + 1);
    t->units.items = SP_ARENA_ARRAY(t->arena, sp_unit, count + 1);
    t->solids.items = SP_ARENA_ARRAY(t->arena, sp_solid, count + 2 * t->prompt->message_count + 1);
    t->chunks.capacity = t->units.capacity = count + 1;
    t->solids.capacity = count + 2 * t->prompt->message_count + 1;
    return t->chunks.items && t->units.items && t->solids.items ? SP_OK : sp_err_memory(err);
}

sp_status sp_trim_divide(sp_trimmer *t, sp_err *err)
{
    divider d = { .t = t, .part_bytes = (size_t)sp_own_limit(SP_RULE_BUDGET_PART_BYTES) };
    t->frames = SP_ARENA_ARRAY(t->arena, sp_frame, (size_t)t->prompt->source_count + 1);
    if (!t->frames)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < t->prompt->source_count; i++)
        t->frames[i].first = SP_NONE;
    SP_TRY(reserve(t, err));
    SP_TRY(measure_blocks(&d, err));
    for (uint32_t i = 0; i < t->prompt->message_count; i++)
        SP_TRY(add_message(&d, i, err));
    link_headings(&d);
    SP_TRY(set_groups(t, err));
    return make_order(t, err);
}

/* ---- taking away ----------------------------------------------------------------------------------------- */

static void unlink_solid(sp_trimmer *t, uint32_t index, void (*taken)(void *, uint32_t), void *context)
{
    sp_solid *solid = &t->solids.items[index];
    if (taken)
        taken(context, index);
    t->solids.items[solid->previous].following = solid->following;
    t->solids.items[solid->following].previous = solid->previous;
    solid->is_dead = true;
}

static void take_frame(sp_trimmer *t, uint32_t source, void (*taken)(void *, uint32_t), void *context)
{
    for (uint32_t i = t->frames[source].first; i != SP_NONE; i = t->chunks.items[i].next)
        unlink_solid(t, t->chunks.items[i].solid, taken, context);
}

void sp_trim_take(sp_trimmer *t, uint32_t unit, void (*taken)(void *context, uint32_t solid), void *context)
{
    for (uint32_t i = t->units.items[unit].first; i != SP_NONE; i = t->chunks.items[i].next) {
        uint32_t frame = t->chunks.items[i].segment->frame;
        unlink_solid(t, t->chunks.items[i].solid, taken, context);
        if (frame != SP_NONE && --t->frames[frame].live == 0)
            take_frame(t, frame, taken, context);
    }
}
