/*
 * test_cut.c - texts cut in two: the counts of both sides add up, whatever the text is.
 *
 * Texts are drawn from alphabets of what the patterns and the rule treat in a way of its own. A text is cut at every
 * place that sp_cut_after gives for it, not only at the first.
 */
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) ((sp_str){ (literal), sizeof(literal) - 1 })

enum {
    ENCODINGS = 6,
    MAX_UNITS = 12,
    ROUNDS = 4000, /* texts of each alphabet and encoding, unless CUT_ROUNDS says otherwise */
};

static uint64_t state = 0x9E3779B97F4A7C15u;

static size_t below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 11) % limit;
}

static size_t count(const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_err err;
    size_t tokens = SIZE_MAX;
    assert_int_equal(sp_count(encoding, text, special, &tokens, &err), SP_OK);
    return tokens;
}

static void show(const sp_encoding *encoding, sp_str text, size_t cut)
{
    fprintf(stderr, "%s, cut at %zu of:", sp_encoding_name(encoding), cut);
    for (size_t i = 0; i < text.len; i++)
        fprintf(stderr, " %02x", (unsigned char)text.ptr[i]);
    fputc('\n', stderr);
}

/* Returns how many cuts there are. */
static size_t check_cuts(const sp_encoding *encoding, sp_str text, sp_special special)
{
    size_t cuts = 0;
    size_t whole = count(encoding, text, special);
    for (size_t at = sp_cut_after(encoding, text, 0); at < text.len; at = sp_cut_after(encoding, text, at + 1)) {
        size_t left = count(encoding, (sp_str){ text.ptr, at }, special);
        size_t right = count(encoding, (sp_str){ text.ptr + at, text.len - at }, special);
        if (left + right != whole)
            show(encoding, text, at);
        assert_int_equal(left + right, whole);
        cuts++;
    }
    return cuts;
}

static const char *const blanks[] = { " ",      "\n",   "\r", "\t", "\v", "\xC2\x85", "\xC2\xA0",    "\u3000",
                                      "\u2028", "\r\n", "/",  "a",  "!",  "1",        "\xE4\xB8\xAD" };
static const char *const words[] = { "a",        "A", "z",      "'s",     "'S",     "'ll",    "'l",     "l",
                                     "\xC5\xBF", "'", "\u0301", "\u01C5", "\u02B0", "\u00AA", "\u4E2D", "\u00E9",
                                     "\u0416",   " ", "\n",     "/",      "d",      "re" };
static const char *const numbers[] = { "1",  "22", "333", "4444", "\u00B2", "\u0660", "\u2167", " ",
                                       "\n", "a",  ".",   ",",    "/",      "\r",     "-" };
static const char *const symbols[] = { "!",      "//",           "/",      ".",    "\"",
                                       "}",      ");",           "\n",     "\r",   " ",
                                       "\u2014", "\U0001F600",   "\u200D", "x",    "'",
                                       "''",     "\xEF\xBB\xBF", "\x01",   "\x7F", "\xC2\x85" };
static const char *const broken[] = { "\xFF", "\x80", "\xE4\xB8", "\xF0\x9F", " ", "\n",
                                      "a",    "\t",   "  ",       "A",        "!", "\xE4\xB8\xAD" };
static const char *const specials[] = { "<|endoftext|>",
                                        "<|",
                                        "|>",
                                        "<|endofprompt|>",
                                        "<|fim_prefix|>",
                                        "<|start|>",
                                        "<|reserved_200500|>",
                                        " ",
                                        "\n",
                                        "a",
                                        "endoftext",
                                        "<",
                                        "\xFF",
                                        "\t" };
static const char *const common[] = { " the", " of",   "function", "\n\n",     "    ",    "\t\t", "return",
                                      " = ",  "();\n", "\n}\n",    "\r\n\r\n", "http://", "a/b",  " 2026",
                                      "-",    "'t ",   "I'",       " \n",      "\n ",     "*",    "# " };

typedef struct alphabet {
    const char *const *units;
    size_t count;
} alphabet;

#define ALPHABET(units)                                                                                                \
    {                                                                                                                  \
        units, sizeof(units) / sizeof(units)[0]                                                                        \
    }
static const alphabet alphabets[] = { ALPHABET(blanks), ALPHABET(words),    ALPHABET(numbers), ALPHABET(symbols),
                                      ALPHABET(broken), ALPHABET(specials), ALPHABET(common) };
enum { ALPHABETS = sizeof alphabets / sizeof alphabets[0] };

static sp_str random_text(char *buffer, size_t first)
{
    size_t len = 0;
    size_t units = 1 + below(MAX_UNITS);
    for (size_t i = 0; i < units; i++) {
        const alphabet *from = &alphabets[below(4) ? first : below(ALPHABETS)];
        const char *unit = from->units[below(from->count)];
        memcpy(buffer + len, unit, strlen(unit));
        len += strlen(unit);
    }
    return (sp_str){ buffer, len };
}

static void cuts_of_random_texts_add_up(void **unused)
{
    (void)unused;
    const char *times = getenv("CUT_ROUNDS");
    size_t rounds = times ? strtoul(times, NULL, 10) : ROUNDS;
    size_t cuts = 0;
    for (size_t e = 0; e < ENCODINGS; e++)
        for (size_t a = 0; a < ALPHABETS; a++)
            for (size_t i = 0; i < rounds; i++) {
                char buffer[MAX_UNITS * 32];
                sp_str text = random_text(buffer, a);
                cuts += check_cuts(sp_encoding_at(e), text, below(2) ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT);
            }
    assert_true(cuts > rounds * ENCODINGS);
}

/* Every string of up to five symbols out of ten. */
static void cuts_of_all_short_texts_add_up(void **unused)
{
    static const char symbols_of[] = " \n\r\t/a1'!";
    enum { SYMBOLS = sizeof symbols_of - 1 };
    (void)unused;
    for (size_t e = 0; e < ENCODINGS; e += e == 0 ? 3 : 1)
        for (size_t len = 1, total = SYMBOLS; len <= 5; len++, total *= SYMBOLS)
            for (size_t number = 0; number < total; number++) {
                char buffer[5];
                for (size_t i = 0, rest = number; i < len; i++, rest /= SYMBOLS)
                    buffer[i] = symbols_of[rest % SYMBOLS];
                check_cuts(sp_encoding_at(e), (sp_str){ buffer, len }, SP_SPECIAL_AS_TEXT);
            }
}

static void check_place(const char *encoding, sp_str text, size_t from, size_t expected)
{
    const sp_encoding *found = sp_encoding_find((sp_str){ encoding, strlen(encoding) });
    assert_int_equal(sp_cut_after(found, text, from), expected);
}

static void cuts_are_where_they_should_be(void **unused)
{
    (void)unused;
    check_place("o200k_base", TEXT("one two three"), 0, 3);
    check_place("o200k_base", TEXT("one two three"), 3, 3);
    check_place("o200k_base", TEXT("one two three"), 4, 7);
    check_place("o200k_base", TEXT("one two three"), 8, 13);
    check_place("o200k_base", TEXT("one two three"), 99, 13);
    check_place("o200k_base", TEXT(""), 0, 0);
    check_place("o200k_base", TEXT("\xE4\xB8\xAD\n\xE4\xB8\xAD"), 0, 4);
    check_place("r50k_base", TEXT("\xE4\xB8\xAD\n\xE4\xB8\xAD"), 0, 3);
    check_place("cl100k_base", TEXT("!\n/!"), 0, 4); /* sound in cl100k, but one rule is simpler */
    check_place("o200k_base", TEXT("a\n\xE3\x80\x80z"), 0, 6);
    check_place("o200k_base", TEXT("\xFF one two"), 0, 9);
    check_place("o200k_base", TEXT("one\xFF two"), 0, 8);
    check_place("o200k_base", TEXT("one two\xFF"), 0, 3);
    check_place("o200k_base", TEXT("!\n\xFF"), 0, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_are_where_they_should_be),
        cmocka_unit_test(cuts_of_all_short_texts_add_up),
        cmocka_unit_test(cuts_of_random_texts_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
