/*
 * test_tokenize.c - counting, encoding, decoding, truncating.
 *
 * The expected ids are those of tiktoken's own test-suite (0.14.0); far more of the reference is in
 * test_tokenize_vectors.c.
 */
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) ((sp_str){ (literal), sizeof(literal) - 1 })

static const sp_encoding *named(const char *name)
{
    const sp_encoding *encoding = sp_encoding_find((sp_str){ name, strlen(name) });
    assert_non_null(encoding);
    return encoding;
}

static size_t count(const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_err err;
    size_t tokens = SIZE_MAX;
    assert_int_equal(sp_count(encoding, text, special, &tokens, &err), SP_OK);
    return tokens;
}

/* Everything that has to hold for any text. */
static void check_consistent(const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_err err;
    sp_ids ids = { 0 };
    assert_int_equal(sp_encode(encoding, text, special, &ids, &err), SP_OK);
    assert_int_equal(count(encoding, text, special), ids.count);
    uint32_t *ends = NULL;
    size_t end_count = 0, len = 0;
    assert_int_equal(sp_token_ends(encoding, text, special, &ends, &end_count, &err), SP_OK);
    assert_int_equal(end_count, ids.count);
    for (size_t i = 0; i < end_count; i++)
        assert_true(ends[i] > (i > 0 ? ends[i - 1] : 0));
    assert_true(end_count > 0 ? ends[end_count - 1] == text.len : text.len == 0);
    char *bytes = NULL;
    assert_int_equal(sp_decode(encoding, ids.ids, ids.count, &bytes, &len, &err), SP_OK);
    assert_int_equal(len, text.len);
    if (len > 0)
        assert_memory_equal(bytes, text.ptr, len);
    free(bytes);
    free(ends);
    sp_ids_release(&ids);
}

static void check_ids(const char *encoding, sp_special special, sp_str text, const uint32_t *expected,
                      size_t expected_count)
{
    sp_err err;
    sp_ids ids = { 0 };
    assert_int_equal(sp_encode(named(encoding), text, special, &ids, &err), SP_OK);
    if (ids.count != expected_count || memcmp(ids.ids, expected, ids.count * sizeof *expected) != 0) {
        for (size_t i = 0; i < ids.count; i++)
            print_error("%u ", ids.ids[i]);
        fail_msg("%s: %.*s: these %zu ids, expected %zu", encoding, (int)text.len, text.ptr, ids.count, expected_count);
    }
    sp_ids_release(&ids);
    check_consistent(named(encoding), text, special);
}

#define IDS(encoding, special, text, ...)                                                                              \
    check_ids(encoding, special, TEXT(text), (const uint32_t[]){ __VA_ARGS__ },                                        \
              sizeof(const uint32_t[]){ __VA_ARGS__ } / sizeof(uint32_t))

static void fill(char *text, size_t len, const char *unit)
{
    size_t unit_len = strlen(unit);
    for (size_t i = 0; i < len; i++)
        text[i] = unit[i % unit_len];
}

/* ---- tiktoken's test-suite ------------------------------------------------------------------------ */

static void test_simple(void **state)
{
    (void)state;
    IDS("gpt2", SP_SPECIAL_AS_TEXT, "hello world", 31373, 995);
    IDS("gpt2", SP_SPECIAL_ALLOW, "hello <|endoftext|>", 31373, 220, 50256);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "hello world", 15339, 1917);
    IDS("cl100k_base", SP_SPECIAL_ALLOW, "hello <|endoftext|>", 15339, 220, 100257);
    IDS("r50k_base", SP_SPECIAL_AS_TEXT, "hello world", 31373, 995);
    IDS("p50k_base", SP_SPECIAL_AS_TEXT, "hello world", 31373, 995);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, " \xC2\x85\x30", 220, 126, 227, 15);
    for (size_t i = 0; sp_encoding_at(i); i++)
        assert_int_equal(count(sp_encoding_at(i), (sp_str){ NULL, 0 }, SP_SPECIAL_ALLOW), 0);
}

static void test_repeated_zeros(void **state)
{
    (void)state;
    static const uint32_t expected[17][2] = {
        { 15 },          { 405 },         { 830 },         { 2388 },      { 20483 },       { 10535 },
        { 24598 },       { 8269 },        { 10535, 830 },  { 8269, 405 }, { 8269, 830 },   { 8269, 2388 },
        { 8269, 20483 }, { 8269, 10535 }, { 8269, 24598 }, { 25645 },     { 8269, 10535 },
    };
    for (size_t n = 1; n <= 16; n++)
        check_ids("gpt2", SP_SPECIAL_AS_TEXT, (sp_str){ "00000000000000000", n }, expected[n - 1],
                  expected[n - 1][1] ? 2 : 1);
    IDS("gpt2", SP_SPECIAL_AS_TEXT, "00000000000000000", 8269, 10535, 830);
}

static void test_pattern(void **state)
{
    (void)state;
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "rer", 38149);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "'rer", 2351, 81);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "today\n ", 31213, 198, 220);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "today\n \n", 31213, 27907);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "today\n  \n", 31213, 14211);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "\xF0\x9F\x91\x8D", 9468, 239, 235);
}

static void test_bytes(void **state)
{
    (void)state;
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, " \xEC\x8B\xA4\xED", 62085);
    for (size_t i = 0; sp_encoding_at(i); i++)
        for (size_t n = 0; n < 10; n++)
            check_consistent(sp_encoding_at(i), (sp_str){ "\x80\x80\x80\x80\x80\x80\x80\x80\x80", n },
                             SP_SPECIAL_AS_TEXT);
}

/* The blanks before the broken piece are taken back with it, as far as they are tokens of their own. */
static void test_bytes_after_blanks(void **state)
{
    (void)state;
    sp_str texts[] = { TEXT("a \n \xFF"), TEXT("a\n\n  \xFF"), TEXT("!\n\n \t\xE4\xB8"), TEXT("\n \n \n\xFF\n x"),
                       TEXT("   \xC2\xA0\xFF") };
    for (size_t i = 0; sp_encoding_at(i); i++)
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
            check_consistent(sp_encoding_at(i), texts[j], SP_SPECIAL_AS_TEXT);
    IDS("cl100k_base", SP_SPECIAL_AS_TEXT, "a\n\n\xFF", 64, 271, 187);
}

static void test_specials(void **state)
{
    (void)state;
    IDS("cl100k_base", SP_SPECIAL_ALLOW, "<|endoftext|> hello <|fim_prefix|> there <|fim_middle|>", 100257, 24748, 220,
        100258, 1070, 220, 100259);
    IDS("cl100k_base", SP_SPECIAL_ALLOW, "hello world<|endoftext|> green cow", 15339, 1917, 100257, 6307, 19923);
    IDS("p50k_edit", SP_SPECIAL_ALLOW, "<|fim_suffix|><|fim_prefix|>", 50283, 50281);
    IDS("o200k_base", SP_SPECIAL_ALLOW, "<|endofprompt|><|endoftext|>", 200018, 199999);
    IDS("o200k_harmony", SP_SPECIAL_ALLOW, "<|start|><|reserved_200013|><|endofprompt|><|reserved_201087|>", 200006,
        200013, 200018, 201087);
    sp_str none[] = { TEXT("<|reserved_200012|>"), TEXT("<|reserved_201088|>"), TEXT("<|reserved_20001|>"),
                      TEXT("<|start|"), TEXT("<|fim_prefix|>") };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_true(count(named("o200k_harmony"), none[i], SP_SPECIAL_ALLOW) > 1);
    assert_int_equal(count(named("cl100k_base"), TEXT("<|endoftext|>"), SP_SPECIAL_ALLOW), 1);
    assert_true(count(named("cl100k_base"), TEXT("<|endoftext|>"), SP_SPECIAL_AS_TEXT) > 1);
}

/* 200018 has two names; it decodes to the other one. */
static void test_special_with_two_names(void **state)
{
    (void)state;
    sp_err err;
    sp_ids ids = { 0 };
    uint32_t *ends = NULL;
    size_t end_count = 0, len = 0;
    char *bytes = NULL;
    sp_str text = TEXT("<|reserved_200018|>!");
    assert_int_equal(sp_encode(named("o200k_harmony"), text, SP_SPECIAL_ALLOW, &ids, &err), SP_OK);
    assert_int_equal(ids.count, 2);
    assert_int_equal(ids.ids[0], 200018);
    assert_int_equal(sp_token_ends(named("o200k_harmony"), text, SP_SPECIAL_ALLOW, &ends, &end_count, &err), SP_OK);
    assert_int_equal(ends[0], text.len - 1);
    assert_int_equal(ends[1], text.len);
    assert_int_equal(sp_decode(named("o200k_harmony"), ids.ids, 1, &bytes, &len, &err), SP_OK);
    assert_int_equal(len, sizeof "<|endofprompt|>" - 1);
    assert_memory_equal(bytes, "<|endofprompt|>", len);
    free(bytes);
    free(ends);
    sp_ids_release(&ids);
}

/* ---- every token ----------------------------------------------------------------------------------- */

static void test_every_token(void **state)
{
    (void)state;
    for (size_t i = 0; sp_encoding_at(i); i++) {
        const sp_encoding *encoding = sp_encoding_at(i);
        size_t found = 0;
        for (uint32_t id = 0; id < 202000; id++) {
            sp_err err;
            char *bytes = NULL;
            size_t len = 0;
            if (sp_decode(encoding, &id, 1, &bytes, &len, &err) != SP_OK) {
                assert_int_equal(err.status, SP_ERR_INPUT);
                continue;
            }
            found++;
            sp_ids ids = { 0 };
            assert_int_equal(sp_encode(encoding, (sp_str){ bytes, len }, SP_SPECIAL_ALLOW, &ids, &err), SP_OK);
            /* A token that is half a character, or that the pattern splits, may come back as others. */
            char *again = NULL;
            size_t again_len = 0;
            assert_int_equal(sp_decode(encoding, ids.ids, ids.count, &again, &again_len, &err), SP_OK);
            assert_int_equal(again_len, len);
            assert_memory_equal(again, bytes, len);
            free(again);
            free(bytes);
            sp_ids_release(&ids);
        }
        static const size_t expected[] = { 50257, 50281, 50284, 100261, 200000, 201088 };
        assert_int_equal(found, expected[i]);
    }
}

static void test_decode_errors(void **state)
{
    (void)state;
    static const struct {
        const char *encoding;
        uint32_t id;
    } none[] = { { "r50k_base", 50257 },    { "p50k_base", 50281 },      { "p50k_edit", 50284 },
                 { "cl100k_base", 100256 }, { "cl100k_base", 100261 },   { "o200k_base", 199998 },
                 { "o200k_base", 200000 },  { "o200k_harmony", 201088 }, { "o200k_base", UINT32_MAX } };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        sp_err err;
        char *bytes = NULL;
        size_t len = 0;
        const uint32_t ids[] = { 0, none[i].id };
        char number[16];
        snprintf(number, sizeof number, "%u", none[i].id);
        assert_int_equal(sp_decode(named(none[i].encoding), ids, 2, &bytes, &len, &err), SP_ERR_INPUT);
        assert_null(bytes);
        assert_non_null(strstr(err.message, number));
    }
}

/* ---- names ---------------------------------------------------------------------------------------------- */

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = { "r50k_base",   "p50k_base",  "p50k_edit",
                                         "cl100k_base", "o200k_base", "o200k_harmony" };
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(sp_encoding_name(sp_encoding_at(i)), names[i]);
        assert_ptr_equal(named(names[i]), sp_encoding_at(i));
    }
    assert_null(sp_encoding_at(6));
    assert_ptr_equal(named("gpt2"), named("r50k_base"));
    assert_null(sp_encoding_find(TEXT("O200k_base")));
    assert_null(sp_encoding_find(TEXT("o200k")));
    assert_null(sp_encoding_find((sp_str){ NULL, 0 }));
}

static void test_models(void **state)
{
    (void)state;
    static const char *const models[][2] = {
        { "gpt2", "r50k_base" },
        { "text-davinci-003", "p50k_base" },
        { "text-davinci-edit-001", "p50k_edit" },
        { "gpt-3.5-turbo-0301", "cl100k_base" },
        { "gpt-3.5-turbo", "cl100k_base" },
        { "gpt-4", "cl100k_base" },
        { "gpt-4-0613", "cl100k_base" },
        { "gpt-4o", "o200k_base" },
        { "gpt-4o-mini", "o200k_base" },
        { "gpt-4.1", "o200k_base" },
        { "gpt-4.1-nano", "o200k_base" },
        { "gpt-4.5-preview", "o200k_base" },
        { "gpt-5", "o200k_base" },
        { "gpt-5.1-codex", "o200k_base" },
        { "gpt-5x", "o200k_base" },
        { "gpt-oss-120b", "o200k_harmony" },
        { "o1", "o200k_base" },
        { "o1-preview", "o200k_base" },
        { "o3-mini", "o200k_base" },
        { "o4-mini-high", "o200k_base" },
        { "chatgpt-4o-latest", "o200k_base" },
        { "ft:gpt-4o:me", "o200k_base" },
        { "ft:gpt-4:me", "cl100k_base" },
        { "ft:gpt-3.5-turbo:me", "cl100k_base" },
        { "ft:davinci-002:me", "cl100k_base" },
        { "text-embedding-3-large", "cl100k_base" },
        { "code-search-ada-code-001", "r50k_base" },
        { "text-search-davinci-doc-001", "r50k_base" },
        { "cushman-codex", "p50k_base" },
        { "gpt-4ox", NULL },
        { "o4", NULL },
        { "o1preview", NULL },
        { "gpt-4.5", NULL },
        { "GPT-4", NULL },
        { "claude-3-opus", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const sp_encoding *encoding = sp_encoding_for_model((sp_str){ models[i][0], strlen(models[i][0]) });
        if (!models[i][1])
            assert_null(encoding);
        else
            assert_string_equal(sp_encoding_name(encoding), models[i][1]);
    }
}

/* ---- long and hostile texts --------------------------------------------------------------------------- */

/* A quadratic step would show as minutes here; the numbers are the reference's. */
static void test_long_runs(void **state)
{
    (void)state;
    static const char *const units[] = { "a",
                                         "x",
                                         "A",
                                         " ",
                                         "\n",
                                         "^",
                                         "0",
                                         "\xF0\x9F\x98\x80",
                                         "\xE4\xB8\xAD",
                                         "'s",
                                         " \n",
                                         "aA",
                                         "=",
                                         "\xCC\x81",
                                         "Aa",
                                         "\xE4\xB8\xAD\x41",
                                         "\xFF",
                                         "/\n",
                                         "ab" };
    enum { LEN = 1 << 19 };
    char *text = malloc(1000000);
    assert_non_null(text);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t i = 0; i < 5; i++) { /* the last has the tables of the one before */
            sp_err err;
            size_t len = 0, tokens = 0;
            if (i == 2)
                continue; /* and so has this */
            fill(text, LEN, units[u]);
            size_t total = count(sp_encoding_at(i), (sp_str){ text, LEN }, SP_SPECIAL_AS_TEXT);
            assert_true(total >= LEN / 128 && total <= LEN);
            text[LEN] = 'x';
            assert_true(count(sp_encoding_at(i), (sp_str){ text, LEN + 1 }, SP_SPECIAL_ALLOW) >= total / 2);
            assert_int_equal(sp_truncate(sp_encoding_at(i), (sp_str){ text, LEN }, SP_SPECIAL_AS_TEXT, total / 2, &len,
                                         &tokens, &err),
                             SP_OK);
            assert_true(tokens <= total / 2 && len > LEN / 4 && len < LEN);
        }
    fill(text, 1000000, "x");
    assert_int_equal(count(named("o200k_base"), (sp_str){ text, 1000000 }, SP_SPECIAL_AS_TEXT), 125000);
    free(text);
}

static void test_catastrophic(void **state)
{
    (void)state;
    static const char *const units[] = { "^", "0", "a", "'s", " ", "\n" };
    char text[20002];
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t i = 0; sp_encoding_at(i); i++) {
            size_t len = 10000 * strlen(units[u]);
            text[0] = ' ';
            fill(text + 1, len, units[u]);
            text[len + 1] = '\n';
            check_consistent(sp_encoding_at(i), (sp_str){ text + 1, len }, SP_SPECIAL_AS_TEXT);
            check_consistent(sp_encoding_at(i), (sp_str){ text, len + 1 }, SP_SPECIAL_AS_TEXT);
            check_consistent(sp_encoding_at(i), (sp_str){ text, len + 2 }, SP_SPECIAL_AS_TEXT);
        }
}

/* ---- random texts ---------------------------------------------------------------------------------------- */

static uint32_t random_state = 20261121;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static const char *const fragments[] = {
    "a",
    "A",
    "Ab",
    "hello",
    " world",
    "'re",
    "'s",
    "'LL",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    " \n",
    "\xE4\xB8\xAD",
    "\xE6\x97\xA5\xE6\x9C\xAC",
    "\xC3\xA9",
    "\xC3\x89",
    "\xC5\xBF",
    "\xF0\x9F\x98\x80",
    "!",
    "//",
    "/",
    "123",
    "\xD9\xA3",
    "<|endoftext|>",
    "<|end",
    "oftext|>",
    "\xCC\x81",
    "\xC2\xA0",
    "\xE3\x80\x80",
    "\xCA\xB0",
};

/* Mostly UTF-8; few different fragments, so that runs come up. */
static size_t random_text(char *text, size_t cap, int parts, bool broken)
{
    const char *some[4];
    size_t len = 0;
    for (size_t i = 0; i < 4; i++)
        some[i] = fragments[random_below(sizeof fragments / sizeof *fragments)];
    for (int i = 0; i < parts; i++) {
        const char *part =
            random_below(4) ? some[random_below(4)] : fragments[random_below(sizeof fragments / sizeof *fragments)];
        if (strlen(part) > cap - len)
            break;
        memcpy(text + len, part, strlen(part));
        len += strlen(part);
    }
    if (broken && len > 0)
        text[random_below((uint32_t)len)] = (char)random_below(256);
    return len;
}

static void test_random_bytes(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < 20000; i++) {
        size_t len = random_below(sizeof text);
        for (size_t j = 0; j < len; j++)
            text[j] = i & 1 ? (char)random_below(256) : "a \n\t\xC3\xA9\xE4\xB8\xAD'S"[random_below(12)];
        check_consistent(sp_encoding_at((size_t)i % 6), (sp_str){ text, len },
                         i & 2 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT);
    }
}

/* No read outside of the text: run under the sanitizers, each text in a block of exactly its size. */
static void test_exact_blocks(void **state)
{
    (void)state;
    char text[256];
    for (int i = 0; i < 5000; i++) {
        size_t len = random_text(text, sizeof text, (int)random_below(24), i % 4 == 0);
        char *block = malloc(len ? len : 1);
        assert_non_null(block);
        memcpy(block, text, len);
        check_consistent(sp_encoding_at((size_t)i % 6), (sp_str){ block, len }, SP_SPECIAL_ALLOW);
        free(block);
    }
}

static bool is_boundary(sp_str text, size_t at)
{
    return at == 0 || at == text.len || ((unsigned char)text.ptr[at] & 0xC0) != 0x80;
}

static void check_truncate(const sp_encoding *encoding, sp_str text, sp_special special, int tries)
{
    sp_err err;
    size_t *counts = malloc((text.len + 1) * sizeof *counts);
    assert_non_null(counts);
    for (size_t i = 0; i <= text.len; i++)
        counts[i] = count(encoding, (sp_str){ text.ptr, i }, special);
    while (tries-- > 0) {
        size_t max = random_below((uint32_t)counts[text.len] + 2), len = 0, tokens = 0;
        size_t expected = text.len;
        while (!is_boundary(text, expected) || counts[expected] > max)
            expected--;
        assert_int_equal(sp_truncate(encoding, text, special, max, &len, &tokens, &err), SP_OK);
        assert_int_equal(len, expected);
        assert_int_equal(tokens, counts[expected]);
    }
    free(counts);
}

static void test_truncate(void **state)
{
    (void)state;
    char text[2048];
    for (int i = 0; i < 6000; i++) {
        size_t len = random_text(text, 200, 1 + (int)random_below(16), false);
        check_truncate(sp_encoding_at((size_t)i % 6), (sp_str){ text, len },
                       i & 1 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT, 4);
    }
    for (int i = 0; i < 12; i++) { /* long pieces go another way */
        size_t len = random_text(text, 1200, 1000, false);
        check_truncate(sp_encoding_at((size_t)i % 6), (sp_str){ text, len }, SP_SPECIAL_AS_TEXT, 20);
    }
    static const char *const units[] = {
        " ", "a", "A", "\n ", "\xE4\xB8\xAD\x41", "\xE4\xB8\xAD", "=", "A\xE4\xB8\xAD\x42\x43"
    };
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t i = 0; i < 6; i++) {
            size_t whole = 900 / strlen(units[u]) * strlen(units[u]);
            fill(text, whole, units[u]);
            text[whole] = 'x';
            check_truncate(sp_encoding_at(i), (sp_str){ text, whole + 1 }, SP_SPECIAL_AS_TEXT, 12);
        }
}

static void test_truncate_broken(void **state)
{
    (void)state;
    char text[256];
    for (int i = 0; i < 4000; i++) {
        sp_err err;
        sp_str broken = { text, random_text(text, sizeof text, 1 + (int)random_below(16), true) };
        size_t total = count(sp_encoding_at((size_t)i % 6), broken, SP_SPECIAL_AS_TEXT), len = 0, tokens = 0;
        size_t max = random_below((uint32_t)total + 2);
        assert_int_equal(
            sp_truncate(sp_encoding_at((size_t)i % 6), broken, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err), SP_OK);
        assert_true(tokens <= max && len <= broken.len);
        assert_int_equal(count(sp_encoding_at((size_t)i % 6), (sp_str){ text, len }, SP_SPECIAL_AS_TEXT), tokens);
        for (size_t longer = len + 1; longer <= broken.len; longer++)
            if (is_boundary(broken, longer))
                assert_true(count(sp_encoding_at((size_t)i % 6), (sp_str){ text, longer }, SP_SPECIAL_AS_TEXT) > max);
    }
}

static void test_encode_appends(void **state)
{
    (void)state;
    sp_err err;
    sp_ids ids = { 0 };
    assert_int_equal(sp_encode(named("cl100k_base"), TEXT("hello"), SP_SPECIAL_AS_TEXT, &ids, &err), SP_OK);
    assert_int_equal(sp_encode(named("cl100k_base"), TEXT(" world"), SP_SPECIAL_AS_TEXT, &ids, &err), SP_OK);
    assert_int_equal(ids.count, 2);
    assert_int_equal(ids.ids[0], 15339);
    assert_int_equal(ids.ids[1], 1917);
    sp_ids_release(&ids);
    assert_null(ids.ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_repeated_zeros),
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_bytes_after_blanks),
        cmocka_unit_test(test_specials),
        cmocka_unit_test(test_special_with_two_names),
        cmocka_unit_test(test_every_token),
        cmocka_unit_test(test_decode_errors),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_long_runs),
        cmocka_unit_test(test_catastrophic),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_exact_blocks),
        cmocka_unit_test(test_truncate),
        cmocka_unit_test(test_truncate_broken),
        cmocka_unit_test(test_encode_appends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
