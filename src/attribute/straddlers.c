/* straddlers.c - tokens that begin in one segment and end in another. */
#include "attribute/tree.h"
#include "base/base.h"
#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

typedef struct walk {
    const sp_prompt *prompt;
    sp_straddler *found;
    size_t count;
    size_t capacity;
} walk;

/* The line that the byte at offset at of a segment is on. */
static uint32_t line_of(const sp_prompt *prompt, const sp_segment *segment, size_t at)
{
    if (segment->source == SP_NONE)
        return 0;
    uint32_t line = segment->first_line;
    for (size_t i = 0; i < at; i++)
        line += sp_ends_line(prompt->sources[segment->source].bytes, segment->begin + i);
    return line;
}

static sp_status add(walk *w, sp_straddler straddler, sp_err *err)
{
    if (w->count == w->capacity) {
        size_t capacity = 2 * w->capacity + 16;
        sp_straddler *grown = realloc(w->found, capacity * sizeof *grown);
        if (!grown)
            return sp_err_memory(err);
        w->found = grown;
        w->capacity = capacity;
    }
    w->found[w->count++] = straddler;
    return SP_OK;
}

/* A segment is in the way of at most one token that comes from before it, so each is looked through once for a token
 * that begins in it, and once for one that ends in it. */
static sp_status find_in_message(walk *w, size_t index, const uint32_t *ends, size_t count, sp_err *err)
{
    const sp_segment *segments = w->prompt->segments;
    size_t segment = w->prompt->messages[index].first_segment;
    size_t segment_begin = 0;
    size_t begin = 0;
    for (size_t i = 0; i < count; begin = ends[i++]) {
        while (begin >= segment_begin + segments[segment].text.len)
            segment_begin += segments[segment++].text.len;
        if (ends[i] <= segment_begin + segments[segment].text.len)
            continue;
        sp_straddler found = { .message = index, .begin = begin, .end = ends[i], .first_segment = segment };
        found.first_line = line_of(w->prompt, &segments[segment], begin - segment_begin);
        while (ends[i] > segment_begin + segments[segment].text.len)
            segment_begin += segments[segment++].text.len;
        found.last_segment = segment;
        found.last_line = line_of(w->prompt, &segments[segment], ends[i] - 1 - segment_begin);
        SP_TRY(add(w, found, err));
    }
    return SP_OK;
}

static sp_status find_all(walk *w, sp_err *err)
{
    for (size_t i = 0; i < w->prompt->message_count; i++) {
        uint32_t *ends;
        size_t count;
        SP_TRY(sp_token_ends(w->prompt->encoding, w->prompt->messages[i].text, SP_SPECIAL_AS_TEXT, &ends, &count, err));
        sp_status status = find_in_message(w, i, ends, count, err);
        free(ends);
        SP_TRY(status);
    }
    return SP_OK;
}

sp_status sp_straddlers_find(const sp_prompt *prompt, sp_straddler **ret, size_t *ret_count, sp_err *err)
{
    walk w = { .prompt = prompt };
    if (!prompt->exact)
        return sp_err_set(err, SP_ERR_USAGE,
                          "%s is an estimate, which has no tokens that could straddle, only a number of them; name an "
                          "exact encoding, such as o200k_base",
                          sp_encoding_name(prompt->encoding));
    sp_status status = find_all(&w, err);
    if (status != SP_OK) {
        free(w.found);
        return status;
    }
    *ret = w.found;
    *ret_count = w.count;
    return SP_OK;
}
