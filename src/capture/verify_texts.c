/* verify_texts.c - texts of a request that hold files, compared byte for byte with a prediction in learned wording. */
#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"
#include "capture/verify.h"
#include "model/prompt.h"
#include "model/source.h"
#include "sources/source.h"

typedef struct comparing {
    const sp_prompt *predicted;
    const sp_prompt *recorded;
    uint32_t shared;
    const sp_wording *wording;
    size_t *bytes; /* of each file in the predicted text that is looked at */
} comparing;

/* Text of a file, not its description in a list. */
static bool is_of_file(const comparing *c, const sp_prompt *prompt, const sp_segment *segment)
{
    return segment->source < c->shared && segment->kind != SP_SEGMENT_LISTING &&
           segment->begin >= prompt->sources[segment->source].content_begin;
}

/* Returns the first file of a message, or SP_NONE; c->bytes says how much of each it has. */
static uint32_t weigh(comparing *c, const sp_message *message)
{
    uint32_t first = SP_NONE;
    memset(c->bytes, 0, c->shared * sizeof *c->bytes);
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
        const sp_segment *segment = &c->predicted->segments[i];
        if (!is_of_file(c, c->predicted, segment))
            continue;
        first = first == SP_NONE ? segment->source : first;
        c->bytes[segment->source] += segment->text.len;
    }
    return first;
}

/* The recorded message that has most of the same files' text; NULL: none has any. */
static const sp_message *find_recorded(const comparing *c)
{
    const sp_message *found = NULL;
    size_t most = 0;
    for (size_t m = 0; m < c->recorded->message_count; m++) {
        const sp_message *message = &c->recorded->messages[m];
        size_t bytes = 0;
        for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
            const sp_segment *segment = &c->recorded->segments[i];
            if (is_of_file(c, c->recorded, segment) && c->bytes[segment->source] > 0)
                bytes += segment->text.len;
        }
        found = bytes > most ? message : found;
        most = bytes > most ? bytes : most;
    }
    return found;
}

/* The recorded message with just these bytes; NULL: there is none. A file with a few bytes is attributed to no line. */
static const sp_message *find_equal(const comparing *c, sp_str text)
{
    for (size_t m = 0; m < c->recorded->message_count; m++)
        if (sp_str_eq(c->recorded->messages[m].text, text))
            return &c->recorded->messages[m];
    return NULL;
}

static sp_str place_of(const sp_recorded *recorded, const sp_message *message)
{
    for (size_t i = 0; i < recorded->part_count; i++)
        if (recorded->parts[i].text.ptr == message->text.ptr)
            return recorded->parts[i].place;
    return SP_STR("?");
}

static size_t first_difference(sp_str a, sp_str b)
{
    size_t at = 0;
    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
        at++;
    return at;
}

/* Where only the wording next to files was learned, the prediction is a part of the text. So is an output style, which
 * the client puts into a longer text of its own. */
static bool is_same(const comparing *c, uint32_t first, sp_str predicted, sp_str observed, uint32_t first_on_demand)
{
    const sp_source *source = &c->predicted->sources[first];
    if (sp_is_output_style(source) || sp_wording_is_partial(c->wording, sp_run_of(source, first >= first_on_demand)))
        return sp_str_find(observed, predicted, 0) != SIZE_MAX;
    return sp_str_eq(predicted, observed);
}

sp_status sp_capture_compare_texts(sp_arena *arena, const sp_docs *docs, const sp_prompt *predicted,
                                   const sp_prompt *recorded, sp_captured *captured, sp_err *err)
{
    comparing c = { predicted, recorded, docs->count, docs->wording,
                    SP_ARENA_ARRAY(arena, size_t, (size_t)docs->count + 1) };
    sp_compared_text *texts = SP_ARENA_ARRAY(arena, sp_compared_text, predicted->message_count + 1);
    if (!c.bytes || !texts)
        return sp_err_memory(err);
    for (size_t i = 0; i < predicted->message_count; i++) {
        sp_str text = predicted->messages[i].text;
        uint32_t first = weigh(&c, &predicted->messages[i]);
        if (first == SP_NONE)
            continue;
        const sp_message *observed = find_equal(&c, text);
        observed = observed ? observed : find_recorded(&c);
        sp_compared_text *row = &texts[captured->text_count++];
        *row = (sp_compared_text){ .file = predicted->sources[first].path, .predicted_bytes = text.len };
        if (observed) {
            row->place = place_of(captured->recorded, observed);
            row->observed_bytes = observed->text.len;
            row->offset = first_difference(text, observed->text);
            row->is_same = is_same(&c, first, text, observed->text, docs->first_on_demand);
        }
        captured->differing_texts += !row->is_same;
    }
    captured->texts = texts;
    return SP_OK;
}
