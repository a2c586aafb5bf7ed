/* waste.c - what a prompt would lose without the text that it has twice. */
#include "explain/duplicates/duplicates.h"

#include "attribute/recount.h"
#include "base/types.h"
#include "explain/duplicates/result.h"
#include "model/prompt.h"

#include <stdlib.h>

/* What is there only while copies are looked for. */
typedef struct search {
    sp_arena arena;
    const sp_prompt *prompt;
    sp_pieces pieces;
    sp_repeats exact;
    sp_repeats similar;
    sp_recount recount;
} search;

/* ---- places ---------------------------------------------------------------------------------------------- */

static sp_copy_place place_of(const search *s, uint32_t first, uint32_t count)
{
    const sp_piece *a = &s->pieces.list.items[first];
    const sp_piece *b = a + count - 1;
    return (sp_copy_place){ a->source, a->first_line, b->last_line, a->message, a->begin, b->end };
}

/* With what stands around a file only because of it: its header and footer, and the blank lines between. */
static void add_frame(const search *s, sp_copy_place *place)
{
    const sp_message *message = &s->prompt->messages[place->message];
    const sp_segment *segments = s->prompt->segments + message->first_segment;
    size_t at = 0;
    size_t begin = place->begin;
    size_t end = place->end;
    for (size_t i = 0, stop; i < message->segment_count; i++, at = stop) {
        stop = at + segments[i].text.len;
        bool is_frame = segments[i].source == SP_NONE && segments[i].frame == place->source;
        if (is_frame && stop <= place->begin)
            begin = at < begin ? at : begin;
        else if (stop <= place->begin)
            begin = place->begin;
        else if (is_frame && at == end)
            end = stop;
    }
    place->begin = begin;
    place->end = end;
}

static sp_copy copy_of(const search *s, const sp_repeat *match)
{
    sp_copy copy = { .kind = match->percent < 100 ? SP_COPY_SIMILAR : SP_COPY_TEXT,
                     .first = place_of(s, match->first, match->first_count),
                     .place = place_of(s, match->copy, match->copy_count),
                     .block_count = match->copy_count,
                     .similar_percent = match->percent };
    if (sp_repeat_is_file(&s->pieces, match)) {
        copy.kind = SP_COPY_FILE;
        add_frame(s, &copy.place);
    }
    return copy;
}

static int compare_copies(const void *a, const void *b)
{
    const sp_copy_place *x = &((const sp_copy *)a)->place;
    const sp_copy_place *y = &((const sp_copy *)b)->place;
    int order = (x->message > y->message) - (x->message < y->message);
    return order ? order : (x->begin > y->begin) - (x->begin < y->begin);
}

static sp_status list_copies(const search *s, sp_arena *arena, sp_waste *waste, sp_err *err)
{
    size_t count = 0;
    sp_copy *copies = SP_ARENA_ARRAY(arena, sp_copy, s->exact.list.count + s->similar.list.count + 1);
    if (!copies)
        return sp_err_memory(err);
    for (size_t i = 0; i < s->exact.list.count; i++)
        copies[count++] = copy_of(s, &s->exact.list.items[i]);
    for (size_t i = 0; i < s->similar.list.count; i++)
        copies[count++] = copy_of(s, &s->similar.list.items[i]);
    qsort(copies, count, sizeof *copies, compare_copies);
    waste->copies = copies;
    waste->copy_count = count;
    return SP_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------------------- */

static sp_status count_each(search *s, const sp_waste *waste, sp_err *err)
{
    sp_copy *copies = (sp_copy *)waste->copies; /* our own, const for whoever gets them */
    for (size_t i = 0; i < waste->copy_count && !sp_recount_is_too_much(&s->recount); i++) {
        const sp_copy_place *place = &copies[i].place;
        const sp_message *message = &s->prompt->messages[place->message];
        size_t left = 0;
        SP_TRY(sp_recount_add(&s->recount, place->message, 0, place->begin, err));
        SP_TRY(sp_recount_add(&s->recount, place->message, place->end, message->text.len, err));
        SP_TRY(sp_recount_end(&s->recount, &left, err));
        copies[i].is_counted = true;
        copies[i].tokens = (int64_t)message->tokens - (int64_t)left;
    }
    return SP_OK;
}

/* Without all copies, or without those that are not only similar. */
static sp_status count_left(search *s, const sp_waste *waste, bool with_similar, size_t *ret_left, sp_err *err)
{
    size_t next = 0;
    for (size_t message = 0; message < s->prompt->message_count; message++) {
        size_t behind = 0;
        size_t left = 0;
        for (; next < waste->copy_count && waste->copies[next].place.message == message; next++) {
            const sp_copy *copy = &waste->copies[next];
            if (copy->kind == SP_COPY_SIMILAR && !with_similar)
                continue;
            SP_TRY(sp_recount_add(&s->recount, message, behind, copy->place.begin, err));
            behind = copy->place.end;
        }
        SP_TRY(sp_recount_add(&s->recount, message, behind, s->prompt->messages[message].text.len, err));
        SP_TRY(sp_recount_end(&s->recount, &left, err));
        *ret_left += left;
    }
    return SP_OK;
}

static sp_status count_all(search *s, sp_waste *waste, sp_err *err)
{
    size_t exact_left = 0;
    size_t left = 0;
    SP_TRY(count_each(s, waste, err));
    SP_TRY(count_left(s, waste, false, &exact_left, err));
    SP_TRY(count_left(s, waste, true, &left, err));
    waste->tokens = (int64_t)s->prompt->tokens - (int64_t)exact_left;
    waste->similar_tokens = (int64_t)exact_left - (int64_t)left;
    return SP_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static sp_status find(search *s, sp_arena *arena, sp_waste *waste, sp_err *err)
{
    waste->min_tokens = (size_t)sp_own_limit(SP_RULE_WASTE_TOKENS);
    waste->min_percent = (unsigned)sp_own_limit(SP_RULE_WASTE_SIMILAR);
    SP_TRY(sp_pieces_of_prompt(&s->arena, s->prompt, &s->pieces, err));
    SP_TRY(sp_copies_find(&s->arena, &s->pieces, 0, waste->min_tokens, &s->exact, err));
    SP_TRY(sp_similar_find(&s->arena, &s->pieces, &s->exact, waste->min_tokens, waste->min_percent, &s->similar, err));
    waste->uncompared_count = s->similar.uncompared_count;
    SP_TRY(list_copies(s, arena, waste, err));
    if (waste->copy_count == 0)
        return SP_OK;
    SP_TRY(sp_recount_init(&s->recount, s->prompt, err));
    sp_status status = count_all(s, waste, err);
    sp_recount_release(&s->recount);
    return status;
}

static sp_status make(sp_arena *arena, void *made, const void *prompt, sp_err *err)
{
    search s = { .prompt = prompt };
    sp_waste *waste = made;
    waste->owner = arena;
    sp_status status = find(&s, arena, waste, err);
    sp_arena_release(&s.arena);
    return status;
}

sp_status sp_waste_find(const sp_prompt *prompt, sp_waste **ret_waste, sp_err *err)
{
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_waste, make, prompt, &made, err));
    *ret_waste = made;
    return SP_OK;
}

void sp_waste_free(sp_waste *waste)
{
    if (waste)
        sp_arena_free(waste->owner);
}
