/*
 * shares.c - an estimate, shared out to the parts of its text.
 *
 * A piece belongs to the part of its first byte, as a token does. Parts are rounded where they end, so that they sum to
 * the whole, rounded.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/estimate.h"
#include "tokenizer/reading.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    BATCH = 256,
};

typedef struct sharing {
    sp_counter *counter;
    sp_str text;        /* a reading, */
    const size_t *ends; /* and of the parts in it */
    size_t count;
    size_t *tokens;
    size_t part;    /* that is open */
    size_t ticks;   /* up to where it begins, or the next piece */
    size_t rounded; /* tokens of the parts that are closed */
} sharing;

static void close_parts(sharing *s, size_t until)
{
    for (; s->part < s->count && s->ends[s->part] <= until; s->part++) {
        size_t all = sp_tokens_of(s->counter->encoding, s->ticks);
        s->tokens[s->part] = all - s->rounded;
        s->rounded = all;
    }
}

static bool share(sharing *s)
{
    const uint8_t *bytes = (const uint8_t *)s->text.ptr;
    size_t ends[BATCH];
    for (size_t at = 0; at < s->text.len;) {
        size_t count = sp_split(&s->counter->vocab, bytes, at, s->text.len, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++]) {
            close_parts(s, at);
            if (!sp_count_piece(s->counter, bytes, at, ends[i], s->text.len, &s->ticks))
                return false;
        }
    }
    close_parts(s, s->text.len);
    return true;
}

sp_status sp_estimate_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                             size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err)
{
    if (sp_engine_of(encoding))
        return sp_engine_shares(encoding, text, ends, count, ret_tokens, ret_total, ret_range, err);
    sp_reading reading = { 0 };
    size_t *places = malloc((count + 1) * sizeof *places);
    sharing s = { .ends = places, .count = count, .tokens = ret_tokens };
    s.counter = sp_counter_once(encoding, SP_SPECIAL_AS_TEXT, NULL);
    bool done = places && s.counter && sp_reading_init(&reading, text);
    if (done) {
        sp_reading_places(&reading, ends, count, places);
        s.text = reading.text;
        done = share(&s);
    }
    if (done) {
        *ret_total = sp_tokens_of(encoding, s.ticks);
        *ret_range = sp_counter_range(s.counter);
    }
    sp_counter_free(s.counter);
    sp_reading_release(&reading);
    free(places);
    return done ? SP_OK : sp_err_memory(err);
}
