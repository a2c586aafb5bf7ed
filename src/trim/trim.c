/*
 * trim.c - the shortest beginning of the order that fits, the prompt without it, and the certificate.
 *
 * Tokens do not fall steadily as text goes: a marker may cost more than what it stands for. So the states are looked at
 * one after the other, from the whole prompt on, and the first that fits is it. A larger budget then stops at the same
 * state or before, and keeps all that a smaller one kept.
 */
#include "trim/trim.h"

#include "attribute/attribute.h"
#include "base/sha256.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "rules/profile.h"
#include "tokenizer/tokens.h"
#include "trim/budget.h"
#include "trim/trimmer.h"

#include <stdlib.h>

/* ---- the search ------------------------------------------------------------------------------------------ */

typedef struct search {
    size_t budget_tokens;
    size_t steps;       /* units that are taken away in the state that was found */
    size_t tokens;      /* of that state, as the budget sees it: the first that fits, else the smallest */
    size_t next_tokens; /* the same of the smallest state before it */
    bool fits;
} search;

static void look_at(search *s, size_t steps, size_t tokens)
{
    if (tokens == SIZE_MAX || s->fits)
        return;
    s->fits = tokens <= s->budget_tokens;
    if (!s->fits && steps > 0 && tokens >= s->tokens)
        return;
    if (steps > 0)
        s->next_tokens = s->tokens;
    s->tokens = tokens;
    s->steps = steps;
}

static sp_status find_state(sp_trimmer *t, search *s, sp_err *err)
{
    sp_gauge gauge;
    SP_TRY(sp_gauge_init(&gauge, t, err));
    sp_status status = SP_OK;
    look_at(s, 0, sp_gauge_tokens(&gauge));
    for (size_t i = 0; i < t->order_count && !s->fits && status == SP_OK; i++) {
        size_t tokens = SIZE_MAX;
        status = sp_gauge_step(&gauge, t->order[i], t->order_count - i - 1, &tokens, err);
        if (status == SP_OK)
            look_at(s, i + 1, tokens);
    }
    sp_gauge_release(&gauge);
    return status;
}

/* ---- the prompt that is left ----------------------------------------------------------------------------- */

typedef struct builder {
    sp_arena *arena; /* of the prompt */
    sp_trimmer *t;
    sp_list(sp_segment) segments;
    sp_list(sp_cut) cuts;
    const char *last_reason; /* of the last cut */
} builder;

/* Parts of one block that are neighbours are one segment again. */
static sp_status keep(builder *b, const sp_chunk *chunk, size_t message_begin, sp_err *err)
{
    sp_segment *last = b->segments.count > message_begin ? &b->segments.items[b->segments.count - 1] : NULL;
    const sp_segment *segment = chunk->segment;
    if (last && segment->source != SP_NONE && last->source == segment->source && last->block == segment->block &&
        last->end == chunk->begin) {
        last->end = chunk->end;
        last->last_line = chunk->last_line;
        last->text.len += chunk->text.len;
        return SP_OK;
    }
    sp_segment *slot = SP_LIST_PUSH(b->arena, &b->segments);
    if (!slot)
        return sp_err_memory(err);
    *slot = *segment;
    slot->tokens = 0;
    if (segment->source == SP_NONE)
        return SP_OK;
    slot->text = chunk->text;
    slot->begin = chunk->begin;
    slot->end = chunk->end;
    slot->first_line = chunk->first_line;
    slot->last_line = chunk->last_line;
    return SP_OK;
}

static sp_status cut(builder *b, const sp_chunk *chunk, sp_err *err)
{
    const sp_segment *segment = chunk->segment;
    sp_cut *last = b->cuts.count ? &b->cuts.items[b->cuts.count - 1] : NULL;
    if (segment->source == SP_NONE)
        return SP_OK;
    if (last && last->source == segment->source && last->end == chunk->begin &&
        segment->priority_reason == b->last_reason) {
        last->end = chunk->end;
        last->last_line = chunk->last_line;
        return SP_OK;
    }
    sp_cut *slot = SP_LIST_PUSH(b->arena, &b->cuts);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_cut){ .source = segment->source,
                      .first_line = chunk->first_line,
                      .last_line = chunk->last_line,
                      .begin = chunk->begin,
                      .end = chunk->end,
                      .rule = SP_RULE_BUDGET_TRIM,
                      .why = sp_str_format(b->arena, "over the budget; priority %d (%s)", segment->priority,
                                           segment->priority_reason) };
    b->last_reason = segment->priority_reason;
    return slot->why.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status put_marker(builder *b, uint32_t left, uint32_t right, sp_err *err)
{
    sp_trimmer *t = b->t;
    sp_buf text = { 0 };
    sp_trim_add_link(t, left, right, &text);
    sp_str moved = sp_buf_move(&text, b->arena);
    if (!moved.ptr)
        return sp_err_memory(err);
    if (moved.len == 0)
        return SP_OK;
    sp_segment *slot = SP_LIST_PUSH(b->arena, &b->segments);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_segment){ .kind = SP_SEGMENT_MARKER,
                          .role = t->chunks.items[t->solids.items[left + 1].at].segment->role,
                          .source = SP_NONE,
                          .block = SP_NONE,
                          .text = moved,
                          .pinned = true,
                          .priority = SP_PRIORITY_MAX,
                          .priority_reason = "sysprompt's own wording",
                          .frame = SP_NONE,
                          .place_source = SP_NONE,
                          .place_block = SP_NONE };
    return SP_OK;
}

/* What is between two neighbours, which is there as it was or gone for good. */
static sp_status put_link(builder *b, uint32_t left, uint32_t right, size_t message_begin, sp_err *err)
{
    const sp_trimmer *t = b->t;
    bool is_hole = sp_trim_is_hole(left, right);
    for (size_t i = sp_trim_after(&t->solids.items[left]); i < t->solids.items[right].at; i++)
        SP_TRY(is_hole ? cut(b, &t->chunks.items[i], err) : keep(b, &t->chunks.items[i], message_begin, err));
    return is_hole ? put_marker(b, left, right, err) : SP_OK;
}

/* From the solid at the beginning of a message on; *index is that of the next message afterwards. */
static sp_status put_message(builder *b, uint32_t *index, sp_prompt *ret, sp_err *err)
{
    const sp_trimmer *t = b->t;
    size_t first = b->segments.count;
    sp_message message = { .role = t->prompt->messages[t->solids.items[*index].message].role, .first_segment = first };
    uint32_t at = *index;
    do {
        uint32_t following = t->solids.items[at].following;
        SP_TRY(put_link(b, at, following, first, err));
        if (!t->solids.items[following].is_end)
            SP_TRY(keep(b, &t->chunks.items[t->solids.items[following].at], first, err));
        at = following;
    } while (!t->solids.items[at].is_end);
    *index = at + 1;
    message.segment_count = b->segments.count - first;
    sp_buf text = { 0 };
    for (size_t i = first; i < b->segments.count; i++)
        sp_buf_add(&text, b->segments.items[i].text);
    message.text = sp_buf_move(&text, b->arena);
    if (!message.text.ptr)
        return sp_err_memory(err);
    if (message.segment_count > 0)
        ret->messages[ret->message_count++] = message;
    return SP_OK;
}

/* The cuts of the whole prompt, and behind them those of the budget. */
static sp_status join_cuts(const builder *b, sp_prompt *ret, sp_err *err)
{
    const sp_prompt *whole = b->t->prompt;
    ret->cut_count = whole->cut_count + b->cuts.count;
    ret->cuts = SP_ARENA_ARRAY(b->arena, sp_cut, ret->cut_count + 1);
    if (!ret->cuts)
        return sp_err_memory(err);
    if (whole->cut_count)
        memcpy(ret->cuts, whole->cuts, whole->cut_count * sizeof *ret->cuts);
    if (b->cuts.count)
        memcpy(ret->cuts + whole->cut_count, b->cuts.items, b->cuts.count * sizeof *ret->cuts);
    return SP_OK;
}

/* The prompt without the first steps of the order, counted. */
static sp_status build_state(sp_arena *arena, sp_trimmer *t, size_t steps, sp_prompt *ret, sp_err *err)
{
    const sp_prompt *whole = t->prompt;
    builder b = { .arena = arena, .t = t };
    *ret = *whole;
    for (size_t i = 0; i < steps; i++)
        sp_trim_take(t, t->order[i], NULL, NULL);
    ret->messages = SP_ARENA_ARRAY(arena, sp_message, whole->message_count + 1);
    ret->sources = SP_ARENA_ARRAY(arena, sp_source, (size_t)whole->source_count + 1);
    if (!ret->messages || !ret->sources)
        return sp_err_memory(err);
    if (whole->source_count)
        memcpy(ret->sources, whole->sources, whole->source_count * sizeof *ret->sources);
    for (uint32_t i = 0; i < whole->source_count; i++)
        ret->sources[i].tokens = 0;
    ret->message_count = 0;
    ret->tokens = 0;
    ret->range = (sp_range){ 0, 0 };
    ret->generated_tokens = 0;
    for (uint32_t at = 0; at < t->solids.count;)
        SP_TRY(put_message(&b, &at, ret, err));
    ret->segments = b.segments.items;
    ret->segment_count = b.segments.count;
    SP_TRY(join_cuts(&b, ret, err));
    return sp_attribute(whole->encoding, ret, err);
}

/* ---- the certificate ------------------------------------------------------------------------------------- */

static void hash_text(const sp_prompt *prompt, char ret_hex[SP_SHA256_HEX])
{
    sp_sha256 hash;
    sp_sha256_init(&hash);
    for (size_t i = 0; i < prompt->message_count; i++)
        sp_sha256_add(&hash, prompt->messages[i].text);
    sp_sha256_finish(&hash, ret_hex);
}

/* The file's text in a unit, without own text beside it. */
static sp_cut text_of(const sp_trimmer *t, const sp_unit *unit)
{
    sp_cut found = { .source = SP_NONE };
    for (uint32_t i = unit->first; i != SP_NONE; i = t->chunks.items[i].next) {
        const sp_chunk *chunk = &t->chunks.items[i];
        if (chunk->segment->source == SP_NONE)
            continue;
        if (found.source == SP_NONE)
            found =
                (sp_cut){ .source = chunk->segment->source, .first_line = chunk->first_line, .begin = chunk->begin };
        found.last_line = chunk->last_line;
        found.end = chunk->end;
    }
    return found;
}

/* What own text alone stands in the place of: the beginning of its block, up to text of the block. */
static sp_cut place_of_own(const sp_trimmer *t, const sp_unit *unit)
{
    const sp_segment *own = t->chunks.items[unit->first].segment;
    const sp_block *block = &t->prompt->sources[own->place_source].blocks[own->place_block];
    sp_cut found = { .source = own->place_source,
                     .first_line = block->first_line,
                     .last_line = block->last_line,
                     .begin = block->begin,
                     .end = block->end };
    const sp_chunk *next = (size_t)unit->last + 1 < t->chunks.count ? &t->chunks.items[unit->last + 1] : NULL;
    if (next && next->segment->source == found.source && next->begin < found.end) {
        found.last_line = next->first_line;
        found.end = next->begin;
    }
    return found;
}

/* The unit that was taken away last. */
static sp_status describe_next(const sp_trimmer *t, uint32_t index, sp_cut *ret, sp_err *err)
{
    const sp_unit *unit = &t->units.items[index];
    sp_cut found = text_of(t, unit);
    if (found.source == SP_NONE)
        found = place_of_own(t, unit);
    found.tokens_known = true;
    found.rule = SP_RULE_BUDGET_TRIM;
    found.why = sp_str_of(t->chunks.items[unit->first].segment->priority_reason);
    *ret = found;
    return sp_count(t->prompt->encoding, sp_str_slice(t->prompt->sources[found.source].bytes, found.begin, found.end),
                    SP_SPECIAL_AS_TEXT, &ret->tokens, err);
}

static int compare_rest(const void *a, const void *b)
{
    const sp_trim_rest *x = a;
    const sp_trim_rest *y = b;
    if (x->tokens != y->tokens)
        return x->tokens > y->tokens ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static sp_status list_rest(sp_arena *arena, const sp_prompt *left, sp_trim *trim, sp_err *err)
{
    size_t own = left->source_count; /* the last one is our own text */
    sp_trim_rest *rest = SP_ARENA_ARRAY(arena, sp_trim_rest, own + 1);
    if (!rest)
        return sp_err_memory(err);
    for (size_t i = 0; i < left->segment_count; i++) {
        const sp_segment *segment = &left->segments[i];
        sp_trim_rest *one = &rest[segment->source == SP_NONE ? own : segment->source];
        one->tokens += segment->tokens;
        if (!one->reason || (segment->pinned && !one->pinned))
            one->reason = segment->priority_reason;
        one->pinned = one->pinned || segment->pinned;
    }
    for (uint32_t i = 0; i <= own; i++) {
        rest[i].source = i == own ? SP_NONE : i;
        if (rest[i].tokens)
            rest[trim->rest_count++] = rest[i];
    }
    qsort(rest, trim->rest_count, sizeof *rest, compare_rest);
    trim->rest = rest;
    return SP_OK;
}

static sp_status certify(sp_arena *arena, const sp_trimmer *t, const search *s, const sp_prompt *left, sp_trim *ret,
                         sp_err *err)
{
    *ret = (sp_trim){
        .budget_tokens = s->budget_tokens,
        .bound = left->bound,
        .whole_tokens = t->prompt->tokens,
        .whole_range = t->prompt->range,
        .tokens = left->tokens,
        .range = left->range,
        .fits = sp_bound_tokens(left->bound, left->tokens, left->range) <= s->budget_tokens,
        .cuts = left->cuts + t->prompt->cut_count,
        .cut_count = left->cut_count - t->prompt->cut_count,
        .unit_count = s->steps,
    };
    hash_text(left, ret->sha256);
    if (s->steps > 0) {
        SP_TRY(describe_next(t, t->order[s->steps - 1], &ret->next, err));
        ret->next_budget_tokens = s->next_tokens;
    }
    return ret->fits ? SP_OK : list_rest(arena, left, ret, err);
}

/* With an arena for each of the two passes: what they need is several times the prompt. */
static sp_status search_whole(const sp_prompt *whole, sp_str marker, search *s, sp_err *err)
{
    sp_arena scratch = { 0 };
    sp_trimmer t = { .arena = &scratch, .prompt = whole, .marker = marker };
    sp_status status = sp_trim_divide(&t, err);
    if (status == SP_OK)
        status = find_state(&t, s, err);
    sp_arena_release(&scratch);
    return status;
}

static sp_status make_state(sp_arena *arena, const sp_prompt *whole, sp_str marker, const search *s, sp_prompt *left,
                            sp_trim *trim, sp_err *err)
{
    sp_arena scratch = { 0 };
    sp_trimmer t = { .arena = &scratch, .prompt = whole, .marker = marker };
    sp_status status = sp_trim_divide(&t, err);
    if (status == SP_OK)
        status = build_state(arena, &t, s->steps, left, err);
    if (status == SP_OK)
        status = certify(arena, &t, s, left, trim, err);
    sp_arena_release(&scratch);
    return status;
}

sp_status sp_trim_prompt(sp_arena *arena, const sp_prompt *whole, sp_str marker, size_t budget_tokens,
                         sp_trim_mode mode, sp_prompt *ret, sp_err *err)
{
    search s = { .budget_tokens = budget_tokens };
    sp_prompt left;
    sp_trim *trim = SP_ARENA_NEW(arena, sp_trim);
    if (!trim)
        return sp_err_memory(err);
    SP_TRY(search_whole(whole, marker, &s, err));
    SP_TRY(make_state(arena, whole, marker, &s, &left, trim, err));
    trim->is_applied = mode == SP_TRIM_SMALLEST || (mode == SP_TRIM_APPLY && trim->fits);
    *ret = trim->is_applied ? left : *whole;
    ret->trim = trim;
    return SP_OK;
}
