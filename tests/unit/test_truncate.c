/*
 * test_truncate.c - the longest prefix of N tokens, for every N, where what is cut is long: each prefix is counted on
 * its own to know. (test_tokenize.c has short texts.)
 *
 *   test_truncate                        150 texts
 *   test_truncate --texts 5000 --seed 7  more of them
 */
#include "nasty.h"

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
        cmocka_unit_test(test_long_groups),
        cmocka_unit_test(test_character_before_contraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
