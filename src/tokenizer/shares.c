/*
 * shares.c - an estimate, shared out to the parts of its text.
 *
 * A piece belongs to the part of its first byte, as a token does. Parts are rounded where they end, so that they sum to
 * the whole, rounded.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/estimate.h"
#include "tokenizer/tokens.h"

enum {
    BATCH = 256,
};

typedef struct sharing {
    sp_counter *counter;
    sp_str text;
    const size_t *ends; /* of the parts */
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

/* text[at..stop) is valid UTF-8, and pieces end at both. */
static bool share_range(sharing *s, size_t at, size_t stop)
{
    const uint8_t *bytes = (const uint8_t *)s->text.ptr;
    size_t ends[BATCH];
    while (at < stop) {
        size_t count = sp_split(&s->counter->vocab, bytes, at, stop, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++]) {
            close_parts(s, at);
            if (!sp_count_piece(s->counter, bytes, at, ends[i], stop, &s->ticks))
                return false;
        }
    }
    return true;
}

/* What is not UTF-8 is taken with U+FFFD in its place, one for each maximal subpart. */
static bool share_text(sharing *s)
{
    static const uint8_t replacement[] = { 0xEF, 0xBF, 0xBD };
    for (size_t at = 0; at < s->text.len;) {
        uint32_t code;
        size_t bad = 0, stop = sp_utf8_find_invalid(s->text, at);
        stop = stop == SIZE_MAX ? s->text.len : stop;
        if (!share_range(s, at, stop))
            return false;
        close_parts(s, stop);
        if (stop < s->text.len) {
            (void)sp_utf8_decode(s->text, stop, &code, &bad);
            if (!sp_count_piece(s->counter, replacement, 0, sizeof replacement, sizeof replacement, &s->ticks))
                return false;
        }
        at = stop + bad;
    }
    close_parts(s, s->text.len);
    return true;
}

sp_status sp_estimate_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                             size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err)
{
    if (sp_engine_of(encoding))
        return sp_engine_shares(encoding, text, ends, count, ret_tokens, ret_total, ret_range, err);
    sharing s = { .text = text, .ends = ends, .count = count, .tokens = ret_tokens };
    s.counter = sp_counter_once(encoding, SP_SPECIAL_AS_TEXT, NULL);
    bool done = s.counter && share_text(&s);
    if (done) {
        *ret_total = sp_tokens_of(encoding, s.ticks);
        *ret_range = sp_counter_range(s.counter);
    }
    sp_counter_free(s.counter);
    return done ? SP_OK : sp_err_memory(err);
}
