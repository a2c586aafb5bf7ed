/*
 * test_estimate.c - estimates: what has to hold for any text, and that they are near what was measured.
 */
#include "base/types.h"
#include "nasty.h"
#include "tokenizer/estimate.h"
#include "tokenizer/tokens.h"

#define TEXT(literal) ((sp_str){ (literal), sizeof(literal) - 1 })

enum { LEN = 4096 };

static size_t count(const sp_encoding *encoding, sp_str text, sp_range *ret_range)
{
    sp_err err;
    sp_counter *counter;
    size_t tokens = SIZE_MAX;
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, text, &tokens, &err), SP_OK);
    *ret_range = sp_counter_range(counter);
    sp_counter_free(counter);
    return tokens;
}

/* ---- what has to hold --------------------------------------------------------------------------------------- */

static void check_cuts(const sp_encoding *encoding, sp_str text, size_t whole)
{
    sp_range range;
    size_t at = 0, total = 0, parts = 0;
    while (at < text.len) {
        sp_str rest = { text.ptr + at, text.len - at };
        size_t cut = sp_cut_after(encoding, rest, text.len / 5);
        total += count(encoding, (sp_str){ rest.ptr, cut }, &range);
        at += cut;
        parts++;
    }
    assert_in_range(total + parts, whole, whole + 2 * parts); /* each is rounded */
}

static void check_truncate(const sp_encoding *encoding, sp_str text, size_t max)
{
    sp_err err;
    sp_range range;
    size_t len, tokens;
    assert_int_equal(sp_truncate(encoding, text, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err), SP_OK);
    assert_in_range(len, 0, text.len);
    assert_int_equal(tokens, count(encoding, (sp_str){ text.ptr, len }, &range));
    assert_in_range(tokens, 0, max);
}

static void check_until(const sp_encoding *encoding, sp_str text, sp_range range)
{
    sp_err err;
    size_t tokens;
    bool fits;
    assert_int_equal(sp_count_until(encoding, text, SP_SPECIAL_AS_TEXT, range.high, &tokens, &fits, &err), SP_OK);
    assert_true(fits);
    if (range.high == 0)
        return;
    assert_int_equal(sp_count_until(encoding, text, SP_SPECIAL_AS_TEXT, range.high - 1, &tokens, &fits, &err), SP_OK);
    assert_false(fits);
}

static void check_index(const sp_encoding *encoding, sp_str text)
{
    sp_err err;
    sp_range range;
    sp_index *index;
    size_t tokens;
    assert_int_equal(sp_index_new(encoding, text, &index, &err), SP_OK);
    for (size_t i = 0; i < 4; i++) {
        size_t begin = nasty_random((unsigned)text.len + 1);
        size_t end = begin + nasty_random((unsigned)(text.len - begin) + 1);
        assert_int_equal(sp_index_count(index, begin, end, &tokens, &err), SP_OK);
        assert_int_equal(tokens, count(encoding, (sp_str){ text.ptr + begin, end - begin }, &range));
    }
    sp_index_free(index);
}

static void check_text(const sp_encoding *encoding, sp_str text)
{
    sp_range range;
    size_t tokens = count(encoding, text, &range);
    assert_in_range(tokens, range.low, range.high);
    assert_in_range(tokens, text.len / SP_TOKEN_MAX_BYTES / 2, 3 * text.len + 2);
    check_cuts(encoding, text, tokens);
    check_until(encoding, text, range);
    check_truncate(encoding, text, tokens / 2);
    check_index(encoding, text);
}

static void any_text(void **state)
{
    (void)state;
    for (size_t e = 0; sp_estimate_at(e); e++) {
        check_text(sp_estimate_at(e), (sp_str){ NULL, 0 });
        for (int i = 0; i < 300; i++) {
            size_t len;
            char *text = nasty_text(nasty_random(LEN), &len);
            check_text(sp_estimate_at(e), (sp_str){ text, len });
            free(text);
        }
    }
}

static void a_counter_forgets_the_last_text(void **state)
{
    (void)state;
    sp_err err;
    sp_counter *counter;
    size_t first, again, other;
    const sp_encoding *encoding = sp_estimate_at(1);
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, TEXT("One text, and another."), &first, &err), SP_OK);
    sp_range range = sp_counter_range(counter);
    assert_int_equal(sp_counter_count(counter, TEXT("1 2 3"), &other, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, TEXT("One text, and another."), &again, &err), SP_OK);
    assert_int_equal(first, again);
    assert_int_equal(range.high, sp_counter_range(counter).high);
    sp_counter_free(counter);
}

/* Linear, and within reason, for what nobody writes. */
static void one_thing_a_million_times(void **state)
{
    (void)state;
    static const char *const units[] = { "a",
                                         "A",
                                         "aB",
                                         "-",
                                         " ",
                                         "\n",
                                         "\t",
                                         "1",
                                         "{}",
                                         "\xE6\x97\xA5",
                                         "\xF0\x9F\x98\x80",
                                         "\xFF",
                                         "\xE0\xB8\x81",
                                         "=?",
                                         "\xCC\x81" };
    enum { MILLION = 1000000 };
    char *text = malloc(MILLION);
    assert_non_null(text);
    for (size_t u = 0; u < SP_COUNT_OF(units); u++) {
        size_t unit = strlen(units[u]), len = MILLION / unit * unit;
        sp_range range;
        for (size_t i = 0; i < len; i++)
            text[i] = units[u][i % unit];
        size_t tokens = count(sp_estimate_at(u % 2), (sp_str){ text, len }, &range);
        assert_in_range(tokens, len / SP_TOKEN_MAX_BYTES, 3 * len);
        assert_in_range(tokens, range.low, range.high);
    }
    free(text);
}

static void bytes_that_are_not_utf8(void **state)
{
    (void)state;
    sp_range range;
    for (size_t e = 0; sp_estimate_at(e); e++) {
        size_t replaced = count(sp_estimate_at(e), TEXT("one \xEF\xBF\xBD two"), &range);
        assert_in_range(count(sp_estimate_at(e), TEXT("one \xFF two"), &range), replaced - 1, replaced + 1);
        assert_true(count(sp_estimate_at(e), TEXT("\xFF\xFF\xFF\xFF one two"), &range) > 4);
    }
}

static void there_are_no_ids(void **state)
{
    (void)state;
    sp_err err;
    sp_ids ids = { 0 };
    uint32_t *ends, id = 1;
    char *bytes;
    size_t n;
    const sp_encoding *encoding = sp_estimate_at(0);
    assert_int_equal(sp_encode(encoding, TEXT("text"), SP_SPECIAL_AS_TEXT, &ids, &err), SP_ERR_USAGE);
    assert_string_equal(err.message, "claude-v3 is an estimate of how many tokens there are: it has no ids");
    assert_int_equal(sp_decode(encoding, &id, 1, &bytes, &n, &err), SP_ERR_USAGE);
    assert_int_equal(sp_token_ends(encoding, TEXT("text"), SP_SPECIAL_AS_TEXT, &ends, &n, &err), SP_ERR_USAGE);
    assert_false(sp_encoding_is_exact(encoding));
    assert_true(sp_encoding_is_exact(sp_encoding_at(0)));
    assert_null(sp_estimate_at(2));
}

/* ---- what is known -------------------------------------------------------------------------------------------- */

/* Shares of the parts of a text sum to the whole. */
static void shares(void **state)
{
    (void)state;
    static const char text[] = "Parts of a text: one, two (three), \xE5\x9B\x9B.\n\nAnd more of it here.";
    for (size_t e = 0; sp_estimate_at(e); e++) {
        const size_t ends[] = { 5, 5, 17, 36, sizeof text - 1 };
        size_t tokens[SP_COUNT_OF(ends)], total = 0, sum = 0;
        sp_range range, whole;
        sp_err err;
        assert_int_equal(
            sp_estimate_shares(sp_estimate_at(e), TEXT(text), ends, SP_COUNT_OF(ends), tokens, &total, &range, &err),
            SP_OK);
        for (size_t i = 0; i < SP_COUNT_OF(ends); i++)
            sum += tokens[i];
        assert_int_equal(sum, total);
        assert_int_equal(total, count(sp_estimate_at(e), TEXT(text), &whole));
        assert_int_equal(range.high, whole.high);
        assert_int_equal(tokens[1], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_text),
        cmocka_unit_test(a_counter_forgets_the_last_text),
        cmocka_unit_test(one_thing_a_million_times),
        cmocka_unit_test(bytes_that_are_not_utf8),
        cmocka_unit_test(there_are_no_ids),
        cmocka_unit_test(shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
