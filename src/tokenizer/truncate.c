/*
 * truncate.c - the longest prefix of at most N tokens.
 *
 * The prefix is encoded on its own, and that can differ from the beginning of the encoding of the whole text:
 * a word that is cut is other tokens than the word, and white space at the end of a text is split otherwise
 * than before a word. The number of tokens does not even grow steadily: one character more can make a longer
 * token and so one token less. Cutting the list of tokens at N is therefore wrong now and then, in both
 * directions, and so is a binary search.
 *
 * What is true: cutting a text changes its pieces only near the cut. Call a group the pieces of white space
 * that follow each other, together with the piece after them; every other piece is a group of its own. Where a
 * group begins, a piece begins in every longer prefix too, and what is before is encoded the same, because the
 * patterns look past the end of a piece only to see whether white space goes on. So:
 *
 *   1. walk the pieces until the first that goes over N; its group holds the cut, and for white space so does
 *      all the white space after it;
 *   2. try the ends in there from the last on, counting what the group becomes when the text ends there.
 *
 * Groups are short, so that is a few dozen tiny counts. A group of more than SHORT_GROUP bytes would make it
 * quadratic. It is mostly one piece, and of a piece more is known: its prefix of i bytes is encoded like a
 * shorter prefix b and one token more, which is no longer than 128 bytes. So if 128 lengths in a row have more
 * than N tokens, all longer ones have. That is fit_in_run. It starts where the Nth token of the whole run ends
 * and counts each prefix by changing only the last few hundred bytes of the encoding of the run.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/reading.h"
#include "tokenizer/tokens.h"
#include "tokenizer/vocab.h"

#include <stdlib.h>

enum {
    BATCH = 64,
    SHORT_GROUP = 512,
    ALL_TRIED = 4096,      /* bytes of an estimate of which each end is tried: 0.1 s at most */
    RESUME_DISTANCE = 256, /* how much of a run is encoded again at first to count a prefix of it */
};

typedef struct cutter {
    sp_counter *counter;
    const uint8_t *text;
    size_t len;
    bool failed; /* memory */
} cutter;

/* A prefix and what it costs. */
typedef struct cut {
    size_t at;
    size_t tokens;
} cut;

/* A cut goes anywhere but into a well-formed character. */
static bool is_boundary(const cutter *c, size_t at)
{
    if (at == 0 || at >= c->len || (c->text[at] & 0xC0) != 0x80)
        return true;
    size_t lead = at - 1;
    while (lead > 0 && at - lead < 3 && (c->text[lead] & 0xC0) == 0x80)
        lead--;
    uint32_t code;
    size_t bad;
    return sp_utf8_decode((sp_str){ (const char *)c->text, c->len }, lead, &code, &bad) <= at - lead;
}

/* ---- runs: prefixes of what is merged as one piece -------------------------------------------------- */

typedef struct run {
    size_t begin;
    uint32_t *tokens; /* of the whole run, and where each ends */
    size_t *ends;
    size_t count;
} run;

static void run_release(run *r)
{
    free(r->tokens);
    free(r->ends);
}

static bool run_init(cutter *c, run *r, size_t begin, size_t end)
{
    *r = (run){ .begin = begin };
    r->count = begin < end ? sp_merge(&c->counter->vocab, &c->counter->merger, c->text + begin, end - begin) : 0;
    r->tokens = malloc((r->count + 1) * sizeof *r->tokens);
    r->ends = malloc((r->count + 1) * sizeof *r->ends);
    if ((begin < end && r->count == 0) || !r->tokens || !r->ends) {
        run_release(r);
        c->failed = true;
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        r->tokens[i] = c->counter->merger.tokens[i];
        begin += sp_record_len(c->counter->vocab.records[r->tokens[i]]);
        r->ends[i] = begin;
    }
    return true;
}

/* How many tokens of the run end at or before at. */
static size_t tokens_before(const run *r, size_t at)
{
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->ends[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Tokens of the prefix of the run that ends at at. The beginning of the run's encoding is kept as it is; if
 * that turns out not to be the encoding of the prefix, less of it is kept. */
static size_t count_in_run(cutter *c, const run *r, size_t at)
{
    for (size_t distance = RESUME_DISTANCE;; distance *= 4) {
        size_t kept = at - r->begin > distance ? tokens_before(r, at - distance) : 0;
        size_t from = kept ? r->ends[kept - 1] : r->begin;
        size_t more = 0;
        if (from == at)
            return kept;
        if (kept)
            more =
                sp_merge_after(&c->counter->vocab, &c->counter->merger, r->tokens[kept - 1], c->text + from, at - from);
        else
            more = sp_merge(&c->counter->vocab, &c->counter->merger, c->text + from, at - from);
        if (more > 0)
            return kept + more;
        if (kept == 0) {
            c->failed = true;
            return SIZE_MAX;
        }
    }
}

/* The last end in (low, high] at which the run has at most max tokens; ends that are no character boundary count
 * only if any_byte is set. */
static bool fit_in_run(cutter *c, const run *r, size_t low, size_t high, size_t max, bool any_byte, cut *ret)
{
    size_t start = max == 0 ? r->begin : max <= r->count ? r->ends[max - 1] : high;
    start = start < high ? start : high;
    size_t last_fit = start, tokens;
    bool found = false;
    for (size_t at = start + 1; at <= high && at - last_fit <= SP_TOKEN_MAX_BYTES; at++) {
        tokens = count_in_run(c, r, at);
        if (tokens > max)
            continue;
        last_fit = at;
        if (at > low && (any_byte || is_boundary(c, at))) {
            *ret = (cut){ at, tokens };
            found = true;
        }
    }
    for (size_t at = start; at > low && !found; at--)
        if ((any_byte || is_boundary(c, at)) && (tokens = count_in_run(c, r, at)) <= max) {
            *ret = (cut){ at, tokens };
            found = true;
        }
    return found && !c->failed;
}

/* The same for text[begin..), of which nothing is known yet. */
static bool fit_piece(cutter *c, size_t begin, size_t low, size_t high, size_t max, cut *ret)
{
    run r;
    size_t reach = (high - begin) / SP_TOKEN_MAX_BYTES < max ? high : begin + max * SP_TOKEN_MAX_BYTES;
    bool found = reach > low && run_init(c, &r, begin, reach);
    if (found) {
        found = fit_in_run(c, &r, low, reach, max, false, ret);
        run_release(&r);
    }
    return found;
}

/* ---- o200k: a long word that has not come to a lower-case letter yet --------------------------------------
 * Such a word ends with its last caseless letter or mark, and the upper-case letters after that are a word of
 * their own: two pieces, and where the second begins moves with the end. */

static size_t previous_char(const cutter *c, size_t at)
{
    do
        at--;
    while ((c->text[at] & 0xC0) == 0x80);
    return at;
}

static size_t next_char(const cutter *c, size_t at)
{
    return at + sp_char_len(c->text[at]);
}

static bool is_upper(const cutter *c, size_t at)
{
    return sp_class_at(&c->counter->vocab, c->text + at) == SP_CLASS_UPPER;
}

/* Where the piece begins that the upper-case letters right before at are in: with them, or with the blank or symbol
 * that a word can begin with. */
static size_t upper_begin(const cutter *c, size_t begin, size_t at)
{
    while (at > begin) {
        size_t previous = previous_char(c, at);
        if (!is_upper(c, previous))
            break;
        at = previous;
    }
    sp_class first = sp_class_at(&c->counter->vocab, c->text + begin);
    bool is_lead = first == SP_CLASS_SPACE || first == SP_CLASS_OTHER;
    return is_lead && at == next_char(c, begin) ? begin : at;
}

/* Ends in (low, high] where text[begin..high) is such a word. Where the first piece is over max, a longer one
 * can only fit as far as fit_in_run says, or in the upper-case letters right after that. */
static bool fit_upper(cutter *c, size_t begin, size_t low, size_t high, size_t max, cut *ret)
{
    run r;
    cut first = { begin, 0 };
    bool found = false;
    if (!run_init(c, &r, begin, high))
        return false;
    (void)fit_in_run(c, &r, begin, high, max, true, &first);
    size_t end = first.at;
    while (end < high && (c->text[end] & 0xC0) == 0x80)
        end++;
    while (end < high && is_upper(c, end))
        end = next_char(c, end);
    while (end > low && !found && !c->failed) {
        size_t second = upper_begin(c, begin, end);
        size_t tokens = second > begin ? count_in_run(c, &r, second) : 0;
        size_t second_low = second > low ? second : low;
        if (tokens <= max && end > second_low)
            found = fit_piece(c, second, second_low, end, max - tokens, ret);
        if (found)
            ret->tokens += tokens;
        else if (second > low && second > begin && tokens <= max) {
            *ret = (cut){ second, tokens };
            found = true;
        }
        end = second > begin ? previous_char(c, second) : begin;
    }
    run_release(&r);
    return found;
}

/* Where the letters and marks without a lower-case letter end that begin at at. */
static size_t upper_word_end(const cutter *c, size_t at, size_t end)
{
    while (at < end) {
        sp_class class = sp_class_at(&c->counter->vocab, c->text + at);
        if (class != SP_CLASS_UPPER && class != SP_CLASS_LETTER && class != SP_CLASS_MARK)
            break;
        at = next_char(c, at);
    }
    return at;
}

/* ---- long groups -------------------------------------------------------------------------------------------- */

/* Ends in (low, high) where the text from begin up to high is one piece, not of white space. */
static bool fit_long_piece(cutter *c, size_t begin, size_t low, size_t high, size_t max, cut *ret)
{
    if (c->counter->vocab.rules.pattern != SP_PATTERN_O200K)
        return fit_piece(c, begin, low, high - 1, max, ret);
    /* A contraction at the end belongs to the word only when it is whole. */
    size_t end = high;
    for (; end > low && high - end < 5; end--) {
        size_t tokens = 0;
        if (end == high || !is_boundary(c, end))
            continue;
        if (!sp_count_range(c->counter, c->text, begin, end, end, &tokens)) {
            c->failed = true;
            return false;
        }
        if (tokens <= max) {
            *ret = (cut){ end, tokens };
            return true;
        }
    }
    while (end > low && !is_boundary(c, end))
        end--;
    sp_class first = sp_class_at(&c->counter->vocab, c->text + begin);
    bool is_letter = first == SP_CLASS_UPPER || first == SP_CLASS_LOWER || first == SP_CLASS_LETTER;
    size_t letters = is_letter ? begin : next_char(c, begin);
    size_t upper = upper_word_end(c, letters, high);
    if (upper == letters) /* symbols, or a word in lower case */
        return fit_piece(c, begin, low, end, max, ret);
    size_t one_piece = upper > low ? upper : low;
    if (end > one_piece && fit_piece(c, begin, one_piece, end, max, ret))
        return true;
    return fit_upper(c, begin, low, upper < end ? upper : end, max, ret);
}

/* ---- groups ---------------------------------------------------------------------------------------------------- */

static bool is_space(const cutter *c, size_t at)
{
    return sp_class_at(&c->counter->vocab, c->text + at) == SP_CLASS_SPACE;
}

static size_t skip_spaces(const cutter *c, size_t at, size_t end)
{
    while (at < end && is_space(c, at))
        at = next_char(c, at);
    return at;
}

typedef struct group {
    cut begin; /* and the tokens before it */
    cut piece; /* the piece that goes over, and the tokens before it */
    size_t piece_end;
} group;

/* Is the piece text[at..end) nothing but white space? The patterns make none of two blanks and a word. */
static bool piece_is_blank(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end)
{
    size_t second = at + sp_char_len(text[at]);
    return sp_class_at(vocab, text + at) == SP_CLASS_SPACE &&
           (second >= end || sp_class_at(vocab, text + second) == SP_CLASS_SPACE);
}

/* Finds the group with the piece of text[at..end) that goes over max. False if none does: then *tokens is what
 * it all costs. */
static bool find_group(cutter *c, size_t at, size_t end, size_t max, group *g, size_t *tokens)
{
    size_t ends[BATCH];
    bool after_blanks = false;
    *tokens = 0;
    while (at < end && !c->failed) {
        size_t count = sp_split(&c->counter->vocab, c->text, at, end, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++]) {
            g->piece = (cut){ at, *tokens };
            if (!after_blanks)
                g->begin = g->piece;
            after_blanks = piece_is_blank(&c->counter->vocab, c->text, at, ends[i]);
            c->failed |= !sp_count_piece(c->counter, c->text, at, ends[i], end, tokens);
            g->piece_end = ends[i];
            if (*tokens > max || c->failed)
                return true;
        }
    }
    return false;
}

static bool fit_short_group(cutter *c, size_t begin, size_t last, size_t max, cut *ret)
{
    for (size_t at = last; at > begin; at--) {
        size_t tokens = 0;
        if (!is_boundary(c, at))
            continue;
        c->failed |= !sp_count_range(c->counter, c->text, begin, at, at, &tokens);
        if (tokens <= max) {
            *ret = (cut){ at, tokens };
            return true;
        }
    }
    return false;
}

static bool fit_long_group(cutter *c, const group *g, size_t last, size_t max, cut *ret)
{
    size_t blanks_end = skip_spaces(c, g->begin.at, last);
    size_t low = blanks_end > g->piece.at ? blanks_end : g->piece.at;
    if (low < last && fit_long_piece(c, g->piece.at, low, g->piece_end, max + g->begin.tokens - g->piece.tokens, ret)) {
        ret->tokens += g->piece.tokens - g->begin.tokens;
        return true;
    }
    /* White space at the end of a text is one piece, or two that are cut after a line feed; but no token of any
     * vocabulary goes on after a line feed with blanks alone, so two are merged like one. */
    return blanks_end > g->begin.at && fit_piece(c, g->begin.at, g->begin.at, blanks_end, max, ret);
}

/* Valid UTF-8 without special tokens. */
static cut fit_valid(cutter *c, size_t at, size_t end, size_t max)
{
    group g = { { at, 0 }, { at, 0 }, at };
    size_t tokens;
    if (!find_group(c, at, end, max, &g, &tokens))
        return (cut){ end, tokens };
    bool blank = piece_is_blank(&c->counter->vocab, c->text, g.piece.at, g.piece_end);
    size_t last = blank ? skip_spaces(c, g.piece.at, end) : g.piece_end;
    cut found;
    bool fits = last - g.begin.at <= SHORT_GROUP ? fit_short_group(c, g.begin.at, last, max - g.begin.tokens, &found)
                                                 : fit_long_group(c, &g, last, max - g.begin.tokens, &found);
    return fits ? (cut){ found.at, found.tokens + g.begin.tokens } : g.begin;
}

/* ---- texts ----------------------------------------------------------------------------------------------------------
 */

/* Any bytes without special tokens. Past the first byte that is not UTF-8 there is one piece, from a place that
 * does not depend on the cut. */
static cut fit_ordinary(cutter *c, size_t at, size_t end, size_t max)
{
    size_t invalid = sp_utf8_find_invalid((sp_str){ (const char *)c->text + at, end - at }, 0);
    if (invalid == SIZE_MAX)
        return fit_valid(c, at, end, max);
    invalid += at;
    size_t begin, tokens = 0;
    cut found;
    c->failed |= !sp_count_stable(c->counter, c->text, at, invalid, &begin, &tokens);
    if (!c->failed && tokens <= max && fit_piece(c, begin, invalid, end, max - tokens, &found))
        return (cut){ found.at, found.tokens + tokens };
    return fit_valid(c, at, invalid, max);
}

/* ---- estimates ----------------------------------------------------------------------------------------------
 * An estimate is cut by the upper bound of its range. Of a piece it looks at a blank behind it, too, and so a cut can
 * change the last piece before a group: ends are tried from the group before on. */

/* Where a piece begins, and what is counted before it. */
typedef struct spot {
    size_t at;
    sp_counted counted;
} spot;

/* Whether a text that ended at end would have at most max tokens; then the counter has counted it. */
static bool fits_to(cutter *c, const spot *from, size_t end, size_t max)
{
    size_t tokens = 0;
    sp_counter_set(c->counter, &from->counted);
    c->failed |= !sp_count_range(c->counter, c->text, from->at, end, end, &tokens);
    return !c->failed && sp_counter_range(c->counter).high <= max;
}

/* The last end up to last at which it has, or where from is. More than ALL_TRIED bytes are searched by halves, as if a
 * longer text never had fewer tokens. A word of several alphabets may have, and is then cut short; others differ
 * from that by a few tokens, and so MORE bytes after what is found are tried, too. */
static size_t fit_after(cutter *c, const spot *from, size_t last, size_t max)
{
    enum { MORE = 16 };
    size_t low = from->at, high = last;
    if (last - low > ALL_TRIED)
        for (size_t step = ALL_TRIED; high - low > MORE && !c->failed;) {
            size_t half = (high - low) / 2, middle = previous_char(c, low + (step < half ? step : half) + 1);
            if (fits_to(c, from, middle, max))
                low = middle;
            else
                high = middle;
            step = step < half ? 2 * step : step;
        }
    for (size_t end = last - high > MORE ? previous_char(c, high + MORE) : last; end > low && !c->failed;
         end = previous_char(c, end))
        if (fits_to(c, from, end, max))
            return end;
    return low;
}

/* The longest prefix of the reading in c that fits, but for what a cut changes in what is before the last groups. If it
 * is all of the reading, the counter has counted it. */
static size_t fit_estimate(cutter *c, size_t max)
{
    spot before = { 0 }, latest = { 0 }; /* where the last two groups begin */
    size_t ends[BATCH];
    bool after_blanks = false;
    sp_counter_set(c->counter, &before.counted);
    for (size_t at = 0; at < c->len && !c->failed;) {
        size_t count = sp_split(&c->counter->vocab, c->text, at, c->len, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++]) {
            spot here = { at, sp_counter_counted(c->counter) };
            size_t tokens = 0;
            if (!after_blanks) {
                before = latest;
                latest = here;
            }
            after_blanks = piece_is_blank(&c->counter->vocab, c->text, at, ends[i]);
            c->failed |= !sp_count_piece(c->counter, c->text, at, ends[i], c->len, &tokens);
            if (c->failed || sp_counter_range(c->counter).high <= max)
                continue;
            size_t last = skip_spaces(c, ends[i], c->len);
            return fit_after(c, last - before.at <= ALL_TRIED ? &before : &here, last, max);
        }
    }
    return c->len;
}

/* What fit_estimate finds is counted as a whole, and where that does not fit, less is sought. */
static sp_status truncate_estimate(const sp_encoding *encoding, sp_str text, size_t max_tokens, size_t *ret_len_bytes,
                                   size_t *ret_tokens, sp_err *err)
{
    const spot begin = { 0 };
    sp_reading reading;
    cutter c = { .counter = sp_counter_once(encoding, SP_SPECIAL_AS_TEXT, NULL) };
    c.failed = !sp_reading_init(&reading, text) || !c.counter;
    c.text = (const uint8_t *)reading.text.ptr;
    size_t at = reading.text.len, len = 0;
    do {
        c.len = at;
        at = c.failed ? at : fit_estimate(&c, max_tokens);
        len = c.failed ? 0 : sp_reading_origin(&reading, &at);
    } while (at < c.len && !c.failed && !fits_to(&c, &begin, at, max_tokens));
    if (!c.failed) {
        *ret_len_bytes = len;
        *ret_tokens = sp_tokens_of(encoding, c.counter->tokens);
    }
    sp_counter_free(c.counter);
    sp_reading_release(&reading);
    return c.failed ? sp_err_memory(err) : SP_OK;
}

/* A character that the last cut may lie in ends within three bytes. One that what was read breaks off in is not UTF-8
 * there; that makes other tokens only of prefixes that are too long anyway. */
size_t sp_truncate_reach(const sp_encoding *encoding, size_t max_tokens)
{
    const size_t behind = 3;
    bool is_known = !sp_engine_of(encoding) && encoding->family == SP_EXACT;
    if (!is_known || max_tokens > (SIZE_MAX - behind) / SP_TOKEN_MAX_BYTES)
        return SIZE_MAX;
    return max_tokens * SP_TOKEN_MAX_BYTES + behind;
}

sp_status sp_truncate(const sp_encoding *encoding, sp_str text, sp_special special, size_t max_tokens,
                      size_t *ret_len_bytes, size_t *ret_tokens, sp_err *err)
{
    if (sp_engine_of(encoding))
        return sp_engine_truncate(encoding, text, special, max_tokens, ret_len_bytes, ret_tokens, err);
    if (encoding->family != SP_EXACT)
        return truncate_estimate(encoding, text, max_tokens, ret_len_bytes, ret_tokens, err);
    cutter c = { .text = (const uint8_t *)text.ptr, .len = text.len };
    c.counter = sp_counter_once(encoding, SP_SPECIAL_AS_TEXT, NULL);
    if (!c.counter)
        return sp_err_memory(err);
    size_t at = 0, tokens = 0, begin, len, end = text.len;
    uint32_t id;
    while (special == SP_SPECIAL_ALLOW && sp_special_find(encoding, text, at, &begin, &len, &id)) {
        /* A special token fits as a whole; cut inside, it is ordinary text, and so is all before it. */
        size_t more = 0;
        if (sp_count(encoding, sp_str_slice(text, at, begin), SP_SPECIAL_AS_TEXT, &more, err) != SP_OK) {
            c.failed = true;
            break;
        }
        if (tokens + more + 1 > max_tokens) {
            end = begin + len - 1;
            break;
        }
        tokens += more + 1;
        at = begin + len;
    }
    cut found = { at, 0 };
    if (at < end && !c.failed)
        found = fit_ordinary(&c, at, end, max_tokens - tokens);
    sp_counter_free(c.counter);
    if (c.failed)
        return sp_err_memory(err);
    *ret_len_bytes = found.at;
    *ret_tokens = found.tokens + tokens;
    return SP_OK;
}
