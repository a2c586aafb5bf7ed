/* test_index.c - counts of parts, counts up to a limit, and counts of sections, held to sp_count. */
#include "base/types.h"
#include "nasty.h"
#include "tokenizer/tokens.h"

static size_t count_of(const sp_encoding *encoding, const char *text, size_t len)
{
    sp_err err;
    size_t tokens = 0;
    assert_int_equal(sp_count(encoding, (sp_str){ text, len }, SP_SPECIAL_AS_TEXT, &tokens, &err), SP_OK);
    return tokens;
}

enum {
    ROOM = 12000,
    TEXTS = 60,
    PARTS = 100,
};

static void check_parts(const sp_encoding *encoding, const char *text, size_t len)
{
    sp_err err;
    sp_index *index = NULL;
    assert_int_equal(sp_index_new(encoding, (sp_str){ text, len }, &index, &err), SP_OK);
    for (int i = 0; i < PARTS; i++) {
        size_t begin = nasty_random((uint32_t)len + 1), end = begin + nasty_random((uint32_t)(len - begin) + 1), tokens;
        begin = i == 0 ? 0 : begin;
        end = i <= 1 ? len : end;
        assert_int_equal(sp_index_count(index, begin, end, &tokens, &err), SP_OK);
        assert_int_equal(tokens, count_of(encoding, text + begin, end - begin));
    }
    sp_index_free(index);
}

static void test_parts(void **state)
{
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        size_t len;
        char *text = nasty_text(nasty_random(ROOM), &len);
        if (len > 0 && i % 5 == 0)
            text[nasty_random((uint32_t)len)] = (char)0xFF;
        for (size_t e = 0; sp_encoding_at(e); e++)
            check_parts(sp_encoding_at(e), text, len);
        free(text);
    }
}

static void test_until(void **state)
{
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        const sp_encoding *encoding = sp_encoding_at((size_t)i % 6);
        size_t len;
        char *text = nasty_text(nasty_random(ROOM), &len);
        size_t all = count_of(encoding, text, len), tokens;
        for (int j = 0; j < PARTS; j++) {
            size_t max = j == 0 ? all : nasty_random((uint32_t)all + 10);
            bool fits;
            sp_err err;
            assert_int_equal(
                sp_count_until(encoding, (sp_str){ text, len }, SP_SPECIAL_AS_TEXT, max, &tokens, &fits, &err), SP_OK);
            assert_int_equal(fits, all <= max);
            assert_true(fits ? tokens == all : tokens > max && tokens <= all);
        }
        free(text);
    }
}

static void check_sections(const sp_encoding *encoding, sp_special special, const char *text, size_t len)
{
    enum { MAX = 12 };
    sp_section sections[MAX];
    size_t count = 0, total = 0, whole = 0;
    sp_err err;
    for (size_t at = 0; count < MAX && (at < len || count == 0); count++) {
        size_t part = count + 1 == MAX ? len - at : nasty_random((uint32_t)(len - at) / 3 + 2);
        part = part < len - at ? part : len - at;
        sections[count].text = (sp_str){ text + at, part };
        at += part;
        whole = at;
    }
    assert_int_equal(sp_count_sections(encoding, special, sections, count, &total, &err), SP_OK);
    size_t sum = 0, expected, adding = 0;
    assert_int_equal(sp_count(encoding, (sp_str){ text, whole }, special, &expected, &err), SP_OK);
    assert_int_equal(total, expected);
    for (size_t i = 0; i < count; i++) {
        size_t tokens;
        assert_int_equal(sp_count(encoding, sections[i].text, special, &tokens, &err), SP_OK);
        assert_int_equal(sections[i].tokens, tokens);
        sum += tokens;
        adding += sections[i].adds;
    }
    assert_true(adding < count || sum == total);
}

static void test_sections(void **state)
{
    (void)state;
    for (int i = 0; i < 20 * TEXTS; i++) {
        size_t len;
        char *text = nasty_text(nasty_random(i % 3 ? 60 : 3000), &len);
        if (len > 0 && i % 7 == 0)
            text[nasty_random((uint32_t)len)] = (char)0xFF;
        check_sections(sp_encoding_at((size_t)i % 6), i % 2 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT, text, len);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_sections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
