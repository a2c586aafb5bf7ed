#include "check/offers.h"
#include "base/types.h"
#include "check/result.h"
#include "model/prompt.h"
#include "model/source.h"
#include "syntax/headings.h"

#include <stdlib.h>

typedef sp_list(sp_offer) offer_list;

/* ---- what there is ---------------------------------------------------------------------------------- */

/* For each heading the last line of what stands under it, by one walk from the end. NULL when memory is short. */
static uint32_t *find_last_lines(sp_arena *arena, const sp_source *source)
{
    uint32_t *lines = SP_ARENA_ARRAY(arena, uint32_t, (size_t)source->block_count + 1);
    uint32_t next[7]; /* by level: the next heading of that level or a higher one */
    for (size_t level = 0; level < SP_COUNT_OF(next); level++)
        next[level] = source->block_count;
    for (uint32_t i = source->block_count; lines && i > 0; i--) {
        const sp_block *block = &source->blocks[i - 1];
        if (block->kind != SP_BLOCK_HEADING)
            continue;
        lines[i - 1] = source->blocks[next[block->level] - 1].last_line;
        for (size_t level = block->level; level < SP_COUNT_OF(next); level++)
            next[level] = i - 1;
    }
    return lines;
}

/* last_line is of what stands under the heading; SP_NONE as heading is the whole file. */
static sp_status push(sp_arena *arena, offer_list *offers, const sp_source *source, uint32_t heading,
                      uint32_t last_line, size_t tokens, sp_err *err)
{
    sp_offer *offer = SP_LIST_PUSH(arena, offers);
    if (!offer)
        return sp_err_memory(err);
    *offer = (sp_offer){ .path = source->path, .tokens = tokens };
    if (heading == SP_NONE) {
        offer->first_line = 1;
        offer->last_line = last_line;
        return SP_OK;
    }
    offer->heading = sp_heading_text(source, heading);
    offer->first_line = source->blocks[heading].first_line;
    offer->last_line = last_line;
    return SP_OK;
}

/* Adds tokens of a block to every heading that it stands under, and to itself where it is one. */
static void add_to_headings(const sp_source *source, uint32_t block, size_t tokens, size_t *sums)
{
    uint32_t at = source->blocks[block].kind == SP_BLOCK_HEADING ? block : source->blocks[block].heading;
    for (; at != SP_NONE; at = source->blocks[at].heading)
        sums[at] += tokens;
}

/* The agent's own file is no offer as a whole: without it there is no agent. */
static sp_status offer_source(sp_arena *arena, const sp_prompt *prompt, uint32_t index, offer_list *offers, sp_err *err)
{
    const sp_source *source = &prompt->sources[index];
    size_t *sums = SP_ARENA_ARRAY(arena, size_t, (size_t)source->block_count + 1);
    const uint32_t *lines = find_last_lines(arena, source);
    if (!sums || !lines)
        return sp_err_memory(err);
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[i];
        if (segment->source == index && segment->block != SP_NONE)
            add_to_headings(source, segment->block, segment->tokens, sums);
    }
    for (uint32_t i = 0; i < source->block_count; i++)
        if (sums[i] > 0 && sums[i] < source->tokens)
            SP_TRY(push(arena, offers, source, i, lines[i], sums[i], err));
    if (source->kind == SP_SOURCE_AGENT)
        return SP_OK;
    uint32_t last = source->block_count ? source->blocks[source->block_count - 1].last_line : 1;
    return push(arena, offers, source, SP_NONE, last, source->tokens, err);
}

/* ---- what is offered ---------------------------------------------------------------------------------- */

static int compare_tokens(const void *a, const void *b)
{
    const sp_offer *x = a, *y = b;
    if (x->tokens != y->tokens)
        return x->tokens < y->tokens ? -1 : 1;
    int order = sp_str_cmp(x->path, y->path);
    return order ? order : (x->first_line > y->first_line) - (x->first_line < y->first_line);
}

static bool is_copied(sp_arena *arena, sp_offer *offer)
{
    offer->path = sp_str_dup(arena, offer->path);
    if (offer->heading.ptr)
        offer->heading = sp_str_dup(arena, offer->heading);
    return offer->path.ptr != NULL;
}

static bool overlaps(const sp_offer *a, const sp_offer *b)
{
    return sp_str_eq(a->path, b->path) && a->first_line <= b->last_line && b->first_line <= a->last_line;
}

static bool overlaps_chosen(const sp_measure *measure, const sp_offer *offer)
{
    for (size_t i = 0; i < measure->offer_count; i++)
        if (overlaps(&measure->offers[i], offer))
            return true;
    return false;
}

/* The largest first, and as the last one the smallest that is enough with them. sorted has count offers, each smaller
 * than over_tokens. False: no such three are enough, and the measure is as before. */
static bool choose_together(const sp_offer *sorted, size_t count, size_t over_tokens, sp_measure *measure)
{
    size_t missing = over_tokens;
    while (missing > 0 && measure->offer_count < SP_OFFER_COUNT) {
        const sp_offer *best = NULL;
        for (size_t i = count; i > 0 && !(best && sorted[i - 1].tokens < missing); i--)
            if (!overlaps_chosen(measure, &sorted[i - 1]))
                best = &sorted[i - 1];
        if (!best)
            break;
        measure->offers[measure->offer_count++] = *best;
        missing -= best->tokens < missing ? best->tokens : missing;
    }
    measure->offers_do = SP_OFFERS_TOGETHER;
    if (missing > 0)
        measure->offer_count = 0;
    return missing == 0;
}

static void choose_largest(const sp_offer *sorted, size_t count, sp_measure *measure)
{
    for (size_t i = count; i > 0 && measure->offer_count < SP_OFFER_COUNT; i--)
        if (!overlaps_chosen(measure, &sorted[i - 1]))
            measure->offers[measure->offer_count++] = sorted[i - 1];
    measure->offers_do = measure->offer_count ? SP_OFFERS_TOO_SMALL : SP_OFFERS_NONE;
}

/* Others than the smallest only if they are not much larger, as a whole file is. */
static void choose_each(const sp_offer *sorted, size_t count, sp_measure *measure)
{
    size_t most_tokens = sorted[0].tokens + sorted[0].tokens / 2;
    for (size_t i = 0; i < count && measure->offer_count < SP_OFFER_COUNT; i++)
        if (sorted[i].tokens <= most_tokens)
            measure->offers[measure->offer_count++] = sorted[i];
    measure->offers_do = SP_OFFERS_EACH;
}

static sp_status choose(sp_arena *arena, offer_list *offers, size_t over_tokens, sp_measure *measure, sp_err *err)
{
    size_t first = 0;
    const sp_offer *sorted = offers->items;
    if (offers->count)
        qsort(offers->items, offers->count, sizeof *offers->items, compare_tokens);
    while (first < offers->count && sorted[first].tokens < over_tokens)
        first++;
    bool is_enough = first < offers->count;
    bool is_close = is_enough && sorted[first].tokens <= over_tokens + over_tokens / 2;
    if (is_close || !choose_together(sorted, first, over_tokens, measure)) {
        if (is_enough)
            choose_each(sorted + first, offers->count - first, measure);
        else
            choose_largest(sorted, first, measure);
    }
    for (size_t i = 0; i < measure->offer_count; i++)
        if (!is_copied(arena, &measure->offers[i]))
            return sp_err_memory(err);
    return SP_OK;
}

sp_status sp_offers_of_prompt(sp_arena *arena, const sp_prompt *prompt, size_t over_tokens, sp_measure *measure,
                              sp_err *err)
{
    sp_arena scratch = { NULL };
    offer_list offers = { 0 };
    sp_status status = SP_OK;
    for (uint32_t i = 0; i < prompt->source_count && status == SP_OK; i++)
        if (prompt->sources[i].tokens > 0 && !sp_source_is_client(&prompt->sources[i]))
            status = offer_source(&scratch, prompt, i, &offers, err);
    if (status == SP_OK)
        status = choose(arena, &offers, over_tokens, measure, err);
    sp_arena_release(&scratch);
    return status;
}

/* Whether a heading stands under one with that text. */
static bool is_within(const sp_source *source, uint32_t heading, sp_str within)
{
    for (uint32_t at = source->blocks[heading].heading; at != SP_NONE; at = source->blocks[at].heading)
        if (sp_str_eq(sp_heading_text(source, at), within))
            return true;
    return !within.ptr;
}

static sp_status offer_sections(sp_arena *arena, const size_t *block_tokens, const sp_source *source, sp_str within,
                                offer_list *offers, sp_err *err)
{
    size_t *sums = SP_ARENA_ARRAY(arena, size_t, (size_t)source->block_count + 1);
    const uint32_t *lines = find_last_lines(arena, source);
    if (!sums || !lines)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < source->block_count; i++)
        add_to_headings(source, i, block_tokens[i], sums);
    for (uint32_t i = 0; i < source->block_count; i++)
        if (sums[i] > 0 && is_within(source, i, within))
            SP_TRY(push(arena, offers, source, i, lines[i], sums[i], err));
    return SP_OK;
}

sp_status sp_offers_of_file(sp_arena *arena, const size_t *block_tokens, const sp_source *source, sp_str within,
                            size_t over_tokens, sp_measure *measure, sp_err *err)
{
    sp_arena scratch = { NULL };
    offer_list offers = { 0 };
    sp_status status = offer_sections(&scratch, block_tokens, source, within, &offers, err);
    if (status == SP_OK)
        status = choose(arena, &offers, over_tokens, measure, err);
    sp_arena_release(&scratch);
    return status;
}
