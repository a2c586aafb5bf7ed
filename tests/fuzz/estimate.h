/* estimate.h - what has to hold of an estimate, whatever the text. */
#ifndef SP_FUZZ_ESTIMATE_H
#define SP_FUZZ_ESTIMATE_H

#include "base/types.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

static void require(bool holds)
{
    if (!holds)
        abort();
}

static size_t estimate(const sp_encoding *encoding, sp_str text, sp_range *ret_range)
{
    sp_err err;
    sp_counter *counter;
    size_t tokens = 0, again = 0, alone = 0;
    require(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err) == SP_OK);
    require(sp_counter_count(counter, text, &tokens, &err) == SP_OK);
    *ret_range = sp_counter_range(counter);
    require(sp_counter_count(counter, text, &again, &err) == SP_OK && again == tokens);
    sp_range range = sp_counter_range(counter);
    require(range.low == ret_range->low && range.high == ret_range->high);
    sp_counter_free(counter);
    require(sp_count(encoding, text, SP_SPECIAL_AS_TEXT, &alone, &err) == SP_OK && alone == tokens);
    require(ret_range->low <= tokens && tokens <= ret_range->high);
    return tokens;
}

/* Cut where counts add up. rounding is what each part may be off. */
static void check_cuts(const sp_encoding *encoding, sp_str text, size_t whole, size_t step, size_t rounding)
{
    sp_range range;
    size_t total = 0, slack = 0;
    for (size_t at = 0; at < text.len;) {
        sp_str rest = { text.ptr + at, text.len - at };
        size_t cut = sp_cut_after(encoding, rest, step);
        require(cut > 0 && cut <= rest.len);
        total += estimate(encoding, (sp_str){ rest.ptr, cut }, &range);
        slack += rounding;
        at += cut;
    }
    require(total <= whole + slack && whole <= total + slack);
}

static void check_shares(const sp_encoding *encoding, sp_str text, size_t step, size_t whole)
{
    sp_err err;
    sp_range range;
    size_t ends[3] = { step < text.len ? step : text.len, text.len - text.len / 3, text.len }, shares[3], total = 0;
    ends[1] = ends[1] > ends[0] ? ends[1] : ends[0];
    require(sp_estimate_shares(encoding, text, ends, 3, shares, &total, &range, &err) == SP_OK && total == whole);
    require(shares[0] + shares[1] + shares[2] == whole && range.low <= whole && whole <= range.high);
}

/* A text has at most so many tokens if the upper bound of its range is that. */
static void check_limit(const sp_encoding *encoding, sp_str text, sp_range range, size_t max)
{
    sp_err err;
    sp_range part;
    size_t tokens = 0, len = 0;
    bool fits = false;
    require(sp_count_until(encoding, text, SP_SPECIAL_AS_TEXT, max, &tokens, &fits, &err) == SP_OK);
    require(fits == (range.high <= max));
    require(sp_truncate(encoding, text, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err) == SP_OK && len <= text.len);
    require(tokens == estimate(encoding, (sp_str){ text.ptr, len }, &part) && part.high <= max);
    require(!fits || len == text.len);
    if (sp_utf8_find_invalid(text, 0) == SIZE_MAX)
        require(sp_utf8_find_invalid((sp_str){ text.ptr, len }, 0) == SIZE_MAX);
}

static void check_estimate(const sp_encoding *encoding, sp_str text, size_t step, size_t rounding)
{
    sp_err err;
    sp_range range;
    uint32_t *ends;
    size_t count;
    size_t whole = estimate(encoding, text, &range);
    check_cuts(encoding, text, whole, step, rounding);
    if (text.len > 0)
        check_shares(encoding, text, step, whole);
    check_limit(encoding, text, range, range.high * step / 128);
    require(sp_token_ends(encoding, text, SP_SPECIAL_AS_TEXT, &ends, &count, &err) == SP_ERR_USAGE && err.message[0]);
}

#endif
