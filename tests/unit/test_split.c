/*
 * test_split.c - every way to find pieces finds the same ones.
 *
 *   test_split                           all of the below on 6,000 texts, and each character at one place of a window
 *   test_split --texts 200000 --seed 7   more of them
 *   test_split --every                   each character at each place of a window, which takes an hour
 *
 * The reference is SP_PATH_SCALAR, which goes a character at a time, and is held to PCRE2 with the published patterns.
 * PCRE2 has another version of Unicode, so characters that it puts into another class are left out there.
 */
#include "base/types.h"
#include "nasty.h"
#include "paths.h"
#include "tokenizer/estimate.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    WINDOW = 64,
    MAX_TEXT = 6000,
};

static uint32_t texts = 6000;
static bool every;

static const char *const encodings[] = { "r50k_base", "cl100k_base", "o200k_base" };
static const uint8_t number_lens[] = { 0, 1, 3 };

static sp_vocab vocab_of(sp_path path, sp_pattern pattern)
{
    sp_vocab vocab;
    sp_vocab_open(&vocab, sp_encoding_find(sp_str_of(encodings[pattern])), path);
    assert_int_equal(vocab.rules.pattern, pattern);
    return vocab;
}

/* ---- whole texts, by every path -------------------------------------------------------------------------- */

static bool is_set(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> i % 64 & 1;
}

/* The reach of pieces of a text is as sp_estimate_reach says, or left to that, which only pieces before a space are. */
static void check_reach(const sp_vocab *vocab, const char *text, size_t len, const size_t *ends, size_t count,
                        const sp_reach *reach)
{
    for (size_t i = 0; i < count; i++) {
        bool does = is_set(reach->does, i), may = is_set(reach->may, i);
        bool expected = sp_estimate_reach(vocab, (const uint8_t *)text, ends[i], len);
        if (may ? !does && ends[i] < len && text[ends[i]] == ' ' : does == expected)
            continue;
        size_t begin = ends[i] < 8 ? 0 : ends[i] - 8;
        print_error("%s: the piece that ends at %zu %s\n", encodings[vocab->rules.pattern], ends[i],
                    expected ? "reaches" : "does not reach");
        nasty_print(text + begin, ends[i] + 2 < len ? ends[i] + 2 - begin : len - begin);
        fail();
    }
}

/* All ends, found at most max at a time. */
static size_t split_all(const sp_vocab *vocab, const char *text, size_t len, size_t max, size_t *ends)
{
    size_t count = 0, at = 0, *some = malloc(max * sizeof *some); /* no more, so that a sanitizer sees what is */
    assert_non_null(some);
    while (at < len) {
        size_t found;
        if (max <= SP_SPLIT_MAX) {
            sp_reach reach;
            found = sp_split_reaching(vocab, (const uint8_t *)text, at, len, some, max, &reach);
            check_reach(vocab, text, len, some, found, &reach);
        } else {
            found = sp_split(vocab, (const uint8_t *)text, at, len, some, max);
        }
        assert_in_range(found, 1, max);
        assert_true(found <= MAX_TEXT - count);
        memcpy(ends + count, some, found * sizeof *some);
        count += found;
        at = ends[count - 1];
    }
    free(some);
    assert_int_equal(at, len);
    return count;
}

static void fail_split(const char *path, const sp_vocab *vocab, const char *text, const size_t *expected,
                       const size_t *ends, size_t count)
{
    size_t i = 0;
    while (i < count && expected[i] == ends[i])
        i++;
    size_t begin = i > 0 ? ends[i - 1] : 0;
    print_error(
        "%s, number_len %u, contractions %d: piece %zu from byte %zu ends at %zu, and by %s at %zu; it begins\n",
        encodings[vocab->rules.pattern], vocab->rules.number_len, vocab->rules.contractions, i, begin, expected[i],
        path, ends[i]);
    nasty_print(text + begin, (expected[i] > ends[i] ? expected[i] : ends[i]) - begin);
    fail();
}

/* The text in two blocks of memory: alone, and with more behind it that may not be looked at. */
typedef struct twice {
    char *alone;
    const char *followed;
    size_t len;
} twice;

static void check_paths(const twice *text, sp_pattern pattern, uint8_t number_len, bool contractions)
{
    static const size_t maxima[] = { 1, 2, 63, 64, 65, 66, 127, 128, 129, 256, SP_SPLIT_MAX, MAX_TEXT };
    static size_t expected[MAX_TEXT], ends[MAX_TEXT];
    sp_vocab scalar = vocab_of(SP_PATH_SCALAR, pattern);
    scalar.rules.number_len = number_len;
    scalar.rules.contractions = contractions;
    size_t count = split_all(&scalar, text->alone, text->len, MAX_TEXT, expected);
    for (size_t i = 0; i < 2 * PATH_COUNT; i++) {
        if (!sp_path_exists(path_names[i / 2].path))
            continue;
        sp_vocab vocab = vocab_of(path_names[i / 2].path, pattern);
        vocab.rules = scalar.rules;
        size_t max = maxima[nasty_random(sizeof maxima / sizeof *maxima)];
        size_t found = split_all(&vocab, i % 2 ? text->alone : text->followed, text->len, max, ends);
        if (found != count || memcmp(expected, ends, count * sizeof *ends) != 0)
            fail_split(path_names[i / 2].name, &vocab, text->alone, expected, ends, count < found ? count : found);
    }
}

/* The beginning of a text, cut between two characters. */
static twice beginning(const char *text, size_t len)
{
    size_t cut = nasty_random((uint32_t)len + 1);
    while (cut < len && (text[cut] & 0xC0) == 0x80)
        cut++;
    twice t = { malloc(cut > 0 ? cut : 1), text, cut };
    assert_non_null(t.alone);
    memcpy(t.alone, text, cut);
    return t;
}

static void test_paths(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < texts; i++) {
        size_t len, limit = i % 100 == 0 ? MAX_TEXT - 1 : 1 + nasty_random(500);
        char *text = nasty_text(limit, &len);
        twice cut = beginning(text, len);
        for (sp_pattern pattern = SP_PATTERN_R50K; pattern <= SP_PATTERN_O200K; pattern++)
            for (size_t j = 0; j < 2 * sizeof number_lens; j++)
                check_paths(&cut, pattern, number_lens[j / 2], j % 2);
        free(cut.alone);
        free(text);
    }
}

/* ---- every character in context, at every place of a window -------------------------------------------------- */

typedef struct context {
    const char *before, *after;
} context;

static const context contexts[] = {
    { "word", "word" },  { "HTML", "ABC" },   { "aB", "Cd" },     { "x  ", "  y" },   { " ", "a" },
    { " ", "A" },        { "!=", "==" },      { "x!", "y" },      { "12", "345" },    { " 1", " 2" },
    { "!\n", "\n  x" },  { "a\r\n", "\r\n" }, { "don'", "t's" },  { "n", "'s'LL" },   { "/\n/", "/\n" },
    { "x'", "\u017fA" }, { "A\u4e2d", "AB" }, { "\u0301", "Ab" }, { "\t\u3000", "" }, { "", "" },
};

#define CONTEXTS (sizeof contexts / sizeof *contexts)

/* A text with the character offset bytes from where it begins, and more behind than a window needs to look at. */
typedef struct placed {
    char bytes[4 * WINDOW];
    size_t len;
    bool is_text; /* false: it would have to begin inside a character */
} placed;

static placed place(const context *c, uint32_t code, size_t offset)
{
    static const char filler[] = "ab, CD 12\nab, CD 12\nab, CD 12\nab, CD 12\nab, CD 12\nab, CD 12\nab, CD ";
    char before[2 * WINDOW];
    size_t before_len = (size_t)snprintf(before, sizeof before, "%s%s", filler, c->before);
    const char *begin = before + before_len - offset;
    placed p = { .len = offset, .is_text = offset == 0 || (*begin & 0xC0) != 0x80 };
    memcpy(p.bytes, begin, offset);
    p.len += sp_utf8_encode(code, p.bytes + p.len);
    p.len += (size_t)snprintf(p.bytes + p.len, sizeof p.bytes - p.len, "%s%s%s", c->after, filler, "ef");
    return p;
}

/* The ends that one window decides, which are the first ones of all; by every path. */
static void check_window(const placed *p, sp_pattern pattern)
{
    size_t expected[WINDOW], ends[WINDOW], known = 0;
    sp_vocab scalar = vocab_of(SP_PATH_SCALAR, pattern);
    for (size_t i = 0; i < PATH_COUNT; i++) {
        if (path_names[i].path == SP_PATH_SCALAR || !sp_path_exists(path_names[i].path))
            continue;
        sp_split_windows *windows = sp_split_windows_of(path_names[i].path, pattern);
        sp_reach reach = { 0 };
        size_t count = windows(&scalar, (const uint8_t *)p->bytes, 0, p->len, ends, 0, WINDOW, &reach);
        check_reach(&scalar, p->bytes, p->len, ends, count, &reach);
        if (count > known)
            known = sp_split(&scalar, (const uint8_t *)p->bytes, 0, p->len, expected, count);
        assert_true(count <= known);
        if (memcmp(expected, ends, count * sizeof *ends) != 0)
            fail_split(path_names[i].name, &scalar, p->bytes, expected, ends, count);
    }
}

static void check_place(const context *c, uint32_t code, size_t offset)
{
    placed p = place(c, code, offset);
    for (sp_pattern pattern = SP_PATTERN_R50K; p.is_text && pattern <= SP_PATTERN_O200K; pattern++)
        check_window(&p, pattern);
}

/* Each character once, in contexts and at places that take turns; or all of them. */
static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x110000; code++) {
        if (!nasty_is_code(code))
            continue;
        for (size_t i = 0; every && i < CONTEXTS * WINDOW; i++)
            check_place(&contexts[i / WINDOW], code, i % WINDOW);
        if (!every)
            check_place(&contexts[code / WINDOW % CONTEXTS], code, code % WINDOW);
    }
}

/* ASCII, and characters of each class and length, in every context at every place. */
static void test_every_place(void **state)
{
    (void)state;
    static const uint32_t codes[] = {
        0x80,    0x85,    0xA0,    0xAA,    0xB2,    0xC9,    0xD7,    0xE9,    0x17F,    0x1C5,  0x2B0,  0x301,
        0x378,   0x440,   0x41F,   0x661,   0x7FF,   0x800,   0x94D,   0x928,   0x1C89,   0x180E, 0x2003, 0x2014,
        0x2028,  0x2168,  0x3000,  0x4E2D,  0xFF21,  0xFF41,  0xFF11,  0xFEFF,  0xFFFF,   0xE000, 0xA7CB, 0xD7FF,
        0x10000, 0x10400, 0x10428, 0x1D538, 0x1D7CE, 0x1F600, 0x20000, 0xE0100, 0x10FFFF,
    };
    for (uint32_t i = 0; i < 0x80 + sizeof codes / sizeof *codes; i++)
        for (size_t j = 0; j < CONTEXTS * WINDOW; j++)
            check_place(&contexts[j / WINDOW], i < 0x80 ? i : codes[i - 0x80], j % WINDOW);
}

/* ---- PCRE2 ------------------------------------------------------------------------------------------------------ */

/* The patterns as published, now and before, and two that are made of them. */
typedef struct published {
    const char *name;
    sp_pattern pattern;
    uint8_t number_len;
    bool contractions;
    bool line_end_at_end; /* a text that ends in a line end and blanks: the blanks are a piece of their own */
    const char *regex;
} published;

#define O200K_UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define O200K_LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define O200K(numbers, contractions)                                                                                   \
    "[^\\r\\n\\p{L}\\p{N}]?" O200K_UPPER "*" O200K_LOWER "+" contractions "|[^\\r\\n\\p{L}\\p{N}]?" O200K_UPPER        \
    "+" O200K_LOWER "*" contractions "|" numbers "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

static const published patterns[] = {
    { "r50k", SP_PATTERN_R50K, 0, true, false,
      "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s" },
    { "r50k, as it was", SP_PATTERN_R50K, 0, true, false,
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+" },
    { "cl100k", SP_PATTERN_CL100K, 3, true, false,
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$"
      "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s" },
    { "cl100k, as it was", SP_PATTERN_CL100K, 3, true, true,
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
      "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
    { "Qwen", SP_PATTERN_CL100K, 1, true, true,
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
      "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
    { "o200k", SP_PATTERN_O200K, 3, true, false, O200K("\\p{N}{1,3}", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?") },
    { "tekken", SP_PATTERN_O200K, 1, false, false, O200K("\\p{N}", "") },
};

typedef struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
} regex;

static regex regex_new(const char *pattern)
{
    int error;
    PCRE2_SIZE at;
    regex r = { .code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY, &error, &at, NULL) };
    assert_non_null(r.code);
    (void)pcre2_jit_compile(r.code, PCRE2_JIT_COMPLETE); /* where that is not allowed it is slower */
    r.match = pcre2_match_data_create(1, NULL);
    r.limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(r.limits, UINT32_MAX);
    pcre2_set_depth_limit(r.limits, UINT32_MAX);
    return r;
}

static void regex_free(regex *r)
{
    pcre2_match_context_free(r->limits);
    pcre2_match_data_free(r->match);
    pcre2_code_free(r->code);
}

/* Where the match at at ends, or at if there is none. */
static size_t regex_match(const regex *r, const char *text, size_t len, size_t at)
{
    int found =
        pcre2_match(r->code, (PCRE2_SPTR)text, len, at, PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK, r->match, r->limits);
    assert_true(found > 0 || found == PCRE2_ERROR_NOMATCH);
    return found > 0 ? pcre2_get_ovector_pointer(r->match)[1] : at;
}

static size_t regex_split(const regex *r, const char *text, size_t len, size_t *ends)
{
    size_t count = 0;
    for (size_t at = 0, end; at < len; at = end) {
        end = regex_match(r, text, len, at);
        assert_true(end > at);
        ends[count++] = end;
    }
    return count;
}

/* A bit for every character that PCRE2 has in the same class as we have. */
static uint64_t agreed[0x110000 / 64];

static bool is_agreed(uint32_t code)
{
    return agreed[code / 64] >> (code % 64) & 1;
}

static void find_agreed(void)
{
    static const struct {
        const char *pattern;
        sp_class class;
    } classes[] = {
        { "[\\p{Lu}\\p{Lt}]", SP_CLASS_UPPER },
        { "\\p{Ll}", SP_CLASS_LOWER },
        { "[\\p{Lm}\\p{Lo}]", SP_CLASS_LETTER },
        { "\\p{N}", SP_CLASS_NUMBER },
        { "\\s", SP_CLASS_SPACE },
        { "\\p{M}", SP_CLASS_MARK },
        { "[^\\p{L}\\p{N}\\p{M}\\s]", SP_CLASS_OTHER },
    };
    sp_vocab vocab = vocab_of(SP_PATH_SCALAR, SP_PATTERN_R50K);
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        regex r = regex_new(classes[i].pattern);
        for (uint32_t code = 0; code < 0x110000; code++) {
            char character[4] = { 0 };
            size_t len = sp_utf8_encode(code, character);
            if (nasty_is_code(code) && sp_class_at(&vocab, (const uint8_t *)character) == classes[i].class &&
                regex_match(&r, character, len, 0) == len)
                agreed[code / 64] |= (uint64_t)1 << (code % 64);
        }
        regex_free(&r);
    }
}

/* Characters that came, or went elsewhere, from one version of Unicode to another: 9,486 with PCRE2 10.42. */
static void test_classes(void **state)
{
    (void)state;
    size_t count = 0;
    for (uint32_t code = 0; code < 0x110000; code++)
        count += nasty_is_code(code) && !is_agreed(code);
    assert_in_range(count, 0, 20000);
    for (uint32_t code = 0; code < 0x250; code++)
        assert_true(is_agreed(code));
}

static bool all_agreed(const char *text, size_t len)
{
    uint32_t code;
    for (size_t at = 0; at < len; at += sp_char_len((uint8_t)text[at])) {
        size_t char_len;
        assert_true(sp_utf8_decode((sp_str){ text, len }, at, &code, &char_len) > 0);
        if (!is_agreed(code))
            return false;
    }
    return true;
}

static bool is_line_end(char byte)
{
    return byte == '\n' || byte == '\r';
}

/* Where the blanks begin that stand behind the last line end of the white space that the text ends with; len if there
 * are none, or there is no line end. It is white space if a piece is. */
static size_t blanks_after_lines(const sp_vocab *vocab, const char *text, size_t begin, size_t len)
{
    size_t found = len;
    for (size_t at = begin; at < len; at += sp_char_len((uint8_t)text[at])) {
        if (sp_class_at(vocab, (const uint8_t *)text + at) != SP_CLASS_SPACE)
            return len;
        if (is_line_end(text[at]))
            found = at + 1;
    }
    return found;
}

static void check_published(const published *p, const regex *r, const char *text, size_t len)
{
    static size_t expected[MAX_TEXT], ends[MAX_TEXT + 1];
    sp_vocab vocab = vocab_of(SP_PATH_SCALAR, p->pattern);
    vocab.rules.number_len = p->number_len;
    vocab.rules.contractions = p->contractions;
    size_t expected_count = regex_split(r, text, len, expected), count = split_all(&vocab, text, len, MAX_TEXT, ends);
    size_t tail = p->line_end_at_end ? blanks_after_lines(&vocab, text, count > 1 ? ends[count - 2] : 0, len) : len;
    if (tail < len) {
        ends[count - 1] = tail;
        ends[count++] = len;
    }
    if (count != expected_count || memcmp(expected, ends, count * sizeof *ends) != 0)
        fail_split(p->name, &vocab, text, ends, expected, count < expected_count ? count : expected_count);
}

static void test_published_patterns(void **state)
{
    (void)state;
    regex regexes[sizeof patterns / sizeof *patterns];
    size_t count = sizeof patterns / sizeof *patterns, checked = 0;
    for (size_t i = 0; i < count; i++)
        regexes[i] = regex_new(patterns[i].regex);
    for (uint32_t i = 0; i < texts; i++) {
        size_t len, limit = i % 100 == 0 ? MAX_TEXT - 1 : 1 + nasty_random(200);
        char *text = nasty_text(limit, &len);
        bool is_checked = all_agreed(text, len);
        for (size_t j = 0; is_checked && j < count; j++)
            check_published(&patterns[j], &regexes[j], text, len);
        checked += is_checked;
        free(text);
    }
    for (size_t i = 0; i < count; i++)
        regex_free(&regexes[i]);
    assert_in_range(checked, texts / 2, texts);
}

/* What the texts above are likely to have, but not bound to. */
static void test_published_examples(void **state)
{
    (void)state;
    static const char *const examples[] = {
        "\n  ",
        "a\n  ",
        "a \n \n  ",
        "a\r\n\t",
        "a  b",
        "a \u3000b",
        "a\u00a0\u00a0b",
        "!\n\n\n  x",
        "!\r\n/\n/x",
        "don't DON'T don\u2019t",
        "'\u017f x'\u017fy 'S 'll'LL",
        "\u4e2dABc \u4e2dAB \u4e2dAB\u4e2d \u4e2dAB's",
        "\u0301A !\u0301A !!\u0301A \u0301\u0301Ab",
        "12345 \u0661\u0662\u0663\u0664",
        " 's  's",
        "x's's's''s",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        regex r = regex_new(patterns[i].regex);
        for (size_t j = 0; j < sizeof examples / sizeof *examples; j++) {
            size_t len = strlen(examples[j]);
            assert_true(all_agreed(examples[j], len));
            check_published(&patterns[i], &r, examples[j], len);
        }
        regex_free(&r);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--every") == 0)
            every = true;
        else if (strcmp(argv[i], "--texts") == 0 && i + 1 < argc)
            texts = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            nasty_seed = strtoull(argv[++i], NULL, 10) | (uint64_t)1 << 32;
        else {
            fprintf(stderr, "usage: %s [--every] [--texts N] [--seed N]\n", argv[0]);
            return 2;
        }
    }
    find_agreed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_every_place),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_published_patterns),
        cmocka_unit_test(test_published_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
