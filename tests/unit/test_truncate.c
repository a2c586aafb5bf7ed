/*
 * test_truncate.c - the longest prefix of N tokens, for every N, where what is cut is long: each prefix is counted on
 * its own to know. (test_tokenize.c has short texts.)
 *
 *   test_truncate                        150 texts
 *   test_truncate --texts 5000 --seed 7  more of them
 */
#include "base/types.h"
#include "nasty.h"
#include "tokenizer/reading.h"
#include "tokenizer/tokenize.h"

#include <stdio.h>

static uint32_t texts = 150;

enum {
    MAX_TEXT = 2400,
};

/* How many tokens the prefix that ends at each place has; SIZE_MAX inside a character. */
static size_t *count_prefixes(const sp_encoding *encoding, sp_str text)
{
    size_t *counts = malloc((text.len + 1) * sizeof *counts);
    sp_counter *counter;
    sp_err err;
    assert_non_null(counts);
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    for (size_t i = 0; i <= text.len; i++) {
        counts[i] = SIZE_MAX;
        if (i == text.len || (text.ptr[i] & 0xC0) != 0x80)
            assert_int_equal(sp_counter_count(counter, sp_str_slice(text, 0, i), &counts[i], &err), SP_OK);
    }
    sp_counter_free(counter);
    return counts;
}

/* At the last numbers of tokens, and at some forty others. */
static void check_limits(const sp_encoding *encoding, sp_str text)
{
    size_t *counts = count_prefixes(encoding, text);
    size_t total = counts[text.len];
    for (size_t max = 0; max <= total + 1; max++) {
        if (max + 8 < total && nasty_random(1 + (uint32_t)total / 40) != 0)
            continue;
        size_t expected = text.len, len = SIZE_MAX, tokens = SIZE_MAX;
        sp_err err;
        while (counts[expected] > max)
            expected--;
        assert_int_equal(sp_truncate(encoding, text, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err), SP_OK);
        if (len != expected || tokens != counts[expected]) {
            print_error("%s: %zu of %zu bytes in %zu of %zu tokens, expected %zu in %zu:\n", sp_encoding_name(encoding),
                        len, text.len, tokens, max, expected, counts[expected]);
            nasty_print(text.ptr, text.len);
            fail();
        }
    }
    free(counts);
}

static size_t put_unit(char *text, size_t at, const char *unit, size_t times)
{
    size_t len = strlen(unit);
    for (; times > 0 && at + len < MAX_TEXT; times--, at += len)
        memcpy(text + at, unit, len);
    return at;
}

/* One long group: blanks, a word or symbols after them, and what may or may not belong to the end of it. */
static void test_long_groups(void **state)
{
    (void)state;
    static const char *const blanks[] = { " ", "\n", " \n", "\t", "\u3000", "\r\n" };
    static const char *const runs[] = {
        "a",          "A",      "\u00e9",   "\u00c9",       "\u4e2d", "\u4e2dA", "A\u4e2dB", "\u01c5",
        "\U000e0100", "\u0301", "A\u0301b", "\U00010400",   "!",      "/",       "\u2014",   "\U0001f600",
        "aB",         "-=",     "abc",      "\u0440\u0438", "\u0661", "7",       "",         "",
    };
    static const char *const ends[] = {
        "", "'s", "'ll", "n't", "N'T", "'LL", "'\u017f", "'", "\n", "/\n", "x", " end"
    };
    char text[MAX_TEXT];
    for (uint32_t i = 0; i < texts; i++) {
        size_t len = put_unit(text, 0, "before ", nasty_random(2));
        if (nasty_random(2))
            len = put_unit(text, len, blanks[nasty_random(sizeof blanks / sizeof *blanks)], nasty_random(700));
        len = put_unit(text, len, " ", nasty_random(3));
        for (uint32_t parts = 1 + nasty_random(3); parts > 0; parts--) {
            const char *run = runs[nasty_random(sizeof runs / sizeof *runs)];
            len = put_unit(text, len, run, 1 + nasty_random(nasty_random(2) ? 600 : 20));
        }
        len = put_unit(text, len, ends[nasty_random(sizeof ends / sizeof *ends)], 1);
        len = put_unit(text, len, nasty_random(2) ? " and after" : "\n", nasty_random(2));
        check_limits(sp_encoding_at(nasty_random(2) ? 4 : nasty_random(6)), (sp_str){ text, len });
    }
}

/* A contraction is taken off in single bytes, and behind it stood half a character. */
static void test_character_before_contraction(void **state)
{
    (void)state;
    static const char *const ends[] = { "n't", "'ll", "'s", "N'T end" };
    static const char *const letters[] = { "\U000e0100", "\u4e2d", "\u00c9", "\U00010400" };
    char text[MAX_TEXT];
    for (size_t i = 0; i < 16; i++) {
        size_t len = put_unit(text, 0, " ", i % 2 ? 600 : 1);
        len = put_unit(text, len, letters[i / 4], i % 2 ? 9 : 200);
        len = put_unit(text, len, ends[i % 4], 1);
        check_limits(sp_encoding_at(4), (sp_str){ text, len });
    }
}

/* Bytes of a text are changed and taken away, so that it is not UTF-8 any more. */
static void spoil(char *text, size_t *len)
{
    for (uint32_t times = nasty_random(4); times > 0 && *len > 1; times--) {
        size_t at = nasty_random((uint32_t)*len);
        if (nasty_random(2))
            text[at] = (char)nasty_random(256);
        else
            memmove(text + at, text + at + 1, --*len - at);
    }
}

static size_t put_random(char *text, size_t at)
{
    static const char *const units[] = { " ", "=", "-", "\n", "\u4e2d", "\U0001f600", "<|endoftext|>", "\u3000", "\t" };
    size_t len;
    if (nasty_random(2))
        return put_unit(text, at, units[nasty_random(sizeof units / sizeof *units)], nasty_random(1200));
    char *some = nasty_text(1 + nasty_random(MAX_TEXT), &len);
    len = len < MAX_TEXT - at ? len : MAX_TEXT - at;
    memcpy(text + at, some, len);
    free(some);
    return at + len;
}

/* What sp_truncate_reach says is enough of any text, whatever it breaks off in. */
static void test_reach(void **state)
{
    (void)state;
    char text[MAX_TEXT];
    for (uint32_t i = 0; i < 40 * texts; i++) {
        const sp_encoding *encoding = sp_encoding_at(nasty_random(6));
        size_t len = put_random(text, nasty_random(2) ? put_random(text, 0) : 0);
        size_t whole_len, whole_tokens, cut_len, cut_tokens, max = nasty_random(MAX_TEXT / 128);
        sp_special special = nasty_random(2) ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT;
        sp_err err;
        if (nasty_random(2))
            spoil(text, &len);
        size_t reach = sp_truncate_reach(encoding, max);
        char *beginning = malloc(reach); /* no larger, so that a sanitizer sees a look beyond it */
        assert_non_null(beginning);
        reach = reach < len ? reach : len;
        memcpy(beginning, text, reach);
        assert_int_equal(sp_truncate(encoding, (sp_str){ text, len }, special, max, &whole_len, &whole_tokens, &err),
                         SP_OK);
        assert_int_equal(sp_truncate(encoding, (sp_str){ beginning, reach }, special, max, &cut_len, &cut_tokens, &err),
                         SP_OK);
        if (cut_len != whole_len || cut_tokens != whole_tokens) {
            print_error("%s: %zu bytes in %zu of %zu tokens, but %zu in %zu of the first %zu bytes alone:\n",
                        sp_encoding_name(encoding), whole_len, whole_tokens, max, cut_len, cut_tokens, reach);
            nasty_print(text, len);
            fail();
        }
        free(beginning);
    }
}

static void test_reach_of_limits(void **state)
{
    (void)state;
    const sp_encoding *encoding = sp_encoding_at(0);
    assert_int_equal(sp_truncate_reach(encoding, 0), 3);
    assert_int_equal(sp_truncate_reach(encoding, 10), 1283);
    assert_int_equal(sp_truncate_reach(encoding, SIZE_MAX / 128 - 1), (SIZE_MAX / 128 - 1) * 128 + 3);
    assert_true(sp_truncate_reach(encoding, SIZE_MAX / 128 + 1) == SIZE_MAX);
    assert_true(sp_truncate_reach(encoding, SIZE_MAX) == SIZE_MAX);
    assert_true(sp_truncate_reach(sp_estimate_at(0), 1) == SIZE_MAX);
}

/* The upper bounds of prefixes of a reading by where they end in the text; SIZE_MAX at other places. */
static size_t *count_readings(const sp_encoding *encoding, sp_str text)
{
    size_t *highs = malloc((text.len + 1) * sizeof *highs), none;
    sp_reading reading;
    sp_counter *counter;
    sp_err err;
    assert_non_null(highs);
    assert_true(sp_reading_init(&reading, text));
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    for (size_t i = 0; i <= text.len; i++)
        highs[i] = SIZE_MAX;
    for (size_t at = 0; at <= reading.text.len; at++)
        if (at == reading.text.len || sp_utf8_begins(reading.text.ptr[at])) {
            size_t place = at, end = sp_reading_origin(&reading, &place);
            assert_int_equal(sp_counter_count(counter, sp_str_slice(text, 0, end), &none, &err), SP_OK);
            highs[end] = sp_counter_range(counter).high;
        }
    sp_counter_free(counter);
    sp_reading_release(&reading);
    return highs;
}

/* What is cut is the longest that fits, but for slack bytes. */
static void check_highs(const sp_encoding *encoding, sp_str text, size_t max, const size_t *highs, size_t slack)
{
    size_t expected = text.len, len = SIZE_MAX, tokens = SIZE_MAX, counted;
    sp_err err;
    while (highs[expected] > max)
        expected--;
    assert_int_equal(sp_truncate(encoding, text, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err), SP_OK);
    if (len > expected || expected - len > slack || highs[len] > max) {
        print_error("%s: %zu of %zu bytes for %zu tokens, expected %zu:\n", sp_encoding_name(encoding), len, text.len,
                    max, expected);
        nasty_print(text.ptr, text.len);
        fail();
    }
    assert_int_equal(sp_count(encoding, sp_str_slice(text, 0, len), SP_SPECIAL_AS_TEXT, &counted, &err), SP_OK);
    assert_int_equal(tokens, counted);
}

static const char *const units[] = {
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "word",
    "Word",
    "fooBar",
    "1,234",
    "items",
    "...",
    "--",
    "`code`",
    "{",
    "(x)",
    "don't",
    "e",
    "\u0301",
    "\u0323",
    "\u6F22",
    "\u304B",
    "\uD55C",
    "\U0001F642",
    "\xFF",
    "\xE2\x82",
    "\u0E01",
    "====",
    "\u2500\u2500\u2500",
    "https://",
    "x",
    " the",
    "\u00A0",
    "  - ",
    "\u3002",
    "\u1112\u1161\u11AB",
    "\u095C",
};

/* Of an estimate, the prefix is the longest of which the upper bound is at most N, but cuts no mark off its letter. */
static void test_estimates(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4 * texts; i++) {
        const sp_encoding *encoding = sp_estimate_at(nasty_random(2));
        size_t len = 0;
        char text[MAX_TEXT];
        uint32_t first = nasty_random(SP_COUNT_OF(units)), few = nasty_random(2) ? 6 : SP_COUNT_OF(units);
        for (uint32_t j = nasty_random(40); j > 0; j--)
            len = put_unit(text, len, units[(first + nasty_random(few)) % SP_COUNT_OF(units)], 1);
        size_t *highs = count_readings(encoding, (sp_str){ text, len });
        for (size_t max = 0; max <= highs[len]; max += 1 + nasty_random(5))
            check_highs(encoding, (sp_str){ text, len }, max, highs, 0);
        free(highs);
    }
}

static size_t put_any(char *text, size_t at, uint32_t times)
{
    return put_unit(text, at, units[nasty_random(SP_COUNT_OF(units))], times);
}

static void check_some(const sp_encoding *encoding, sp_str text, size_t slack)
{
    size_t *highs = count_readings(encoding, text);
    for (size_t max = 0; max <= highs[text.len]; max += 1 + nasty_random(1 + (uint32_t)highs[text.len] / 5))
        check_highs(encoding, text, max, highs, slack);
    free(highs);
}

/* The same where what is cut is long; a word of several alphabets, too. */
static void test_long_estimates(void **state)
{
    (void)state;
    static const char *const letters[] = { "\u6F22", "\u304B", "\uD55C", "a", "word", "\u03B1", "\u0416", "\u00E9" };
    for (uint32_t i = 0; i < texts / 2; i++) {
        char text[MAX_TEXT];
        size_t len = put_any(text, 0, nasty_random(3));
        if (nasty_random(2))
            len = put_any(text, len, 100 + nasty_random(600));
        else
            for (uint32_t parts = 2 + nasty_random(3); parts > 0; parts--)
                len = put_unit(text, len, letters[nasty_random(SP_COUNT_OF(letters))], nasty_random(200));
        len = put_any(text, len, nasty_random(3));
        check_some(sp_estimate_at(nasty_random(2)), (sp_str){ text, len }, 0);
    }
}

/* And where it is so long that it is searched by halves. */
static void test_longer_estimates(void **state)
{
    (void)state;
    static const char *const some[] = { " ", "x", "\u6F22", "-", "\n" };
    enum { LONGER = 2 * MAX_TEXT };
    for (size_t i = 0; i < SP_COUNT_OF(some); i++) {
        sp_buf text = { 0 };
        while (text.len < LONGER)
            sp_buf_add(&text, sp_str_of(some[i]));
        sp_buf_add(&text, SP_STR(" end"));
        check_some(sp_estimate_at(i % 2), sp_buf_str(&text), 16);
        sp_buf_release(&text);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--texts") == 0 && i + 1 < argc)
            texts = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            nasty_seed = strtoull(argv[++i], NULL, 10) | (uint64_t)1 << 32;
        else {
            fprintf(stderr, "usage: %s [--texts N] [--seed N]\n", argv[0]);
            return 2;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_groups),      cmocka_unit_test(test_character_before_contraction),
        cmocka_unit_test(test_estimates),        cmocka_unit_test(test_long_estimates),
        cmocka_unit_test(test_longer_estimates), cmocka_unit_test(test_reach),
        cmocka_unit_test(test_reach_of_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
