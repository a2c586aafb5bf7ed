/*
 * test_reading.c - what is composed is what utf8proc composes, and offsets lead from a text to its reading and back.
 */
#include "base/types.h"
#include "nasty.h"
#include "tokenizer/reading.h"

#include <stdlib.h>
#include <utf8proc.h>

#define TEXT(literal) ((sp_str){ (literal), sizeof(literal) - 1 })

static void assert_read(sp_str text, sp_str expected)
{
    sp_reading reading;
    assert_true(sp_reading_init(&reading, text));
    if (!sp_str_eq(reading.text, expected)) {
        print_error("read as %.*s:\n", (int)reading.text.len, reading.text.ptr);
        nasty_print(text.ptr, text.len);
        fail();
    }
    sp_reading_release(&reading);
}

/* The normal form of one character; malloc'd. */
static char *normal_form(sp_str text, utf8proc_option_t option, size_t *ret_len)
{
    utf8proc_uint8_t *normal = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &normal, UTF8PROC_STABLE | option);
    assert_true(len >= 0);
    *ret_len = (size_t)len;
    return (char *)normal;
}

/* Every character of the basic plane that NFC leaves as it is, decomposed. */
static void characters(void **state)
{
    (void)state;
    size_t composed = 0;
    for (uint32_t code = 0x80; code <= 0xFFFF; code++) {
        char whole[4], *decomposed, *again;
        size_t len = sp_utf8_encode(code, whole), decomposed_len, again_len;
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        decomposed = normal_form((sp_str){ whole, len }, UTF8PROC_DECOMPOSE, &decomposed_len);
        again = normal_form((sp_str){ whole, len }, UTF8PROC_COMPOSE, &again_len);
        if (again_len == len && memcmp(again, whole, len) == 0) {
            sp_buf text = { 0 }, expected = { 0 };
            sp_buf_format(&text, "(%.*sy", (int)decomposed_len, decomposed);
            sp_buf_format(&expected, "(%.*sy", (int)len, whole);
            assert_read(sp_buf_str(&text), sp_buf_str(&expected));
            composed += decomposed_len != len || memcmp(decomposed, whole, len) != 0;
            sp_buf_release(&text);
            sp_buf_release(&expected);
        }
        free(decomposed);
        free(again);
    }
    assert_in_range(composed, 12000, 13000);
}

static void marks(void **state)
{
    (void)state;
    assert_read(TEXT("e\u0302\u0323"), TEXT("\u1EC7")); /* in any order */
    assert_read(TEXT("\u00EA\u0323"), TEXT("\u1EC7"));
    assert_read(TEXT("o\u0323\u0301"), TEXT("\u1ECD\u0301")); /* as in Yoruba: of three, two */
    assert_read(TEXT("\u025B\u0301"), TEXT("\u025B\u0301"));
    assert_read(TEXT("\u0301e"), TEXT("\u0301e")); /* of none before them */
    assert_read(TEXT("1\u0301 \u0301"), TEXT("1\u0301 \u0301"));
    assert_read(TEXT("\uAC00\u11A8"), TEXT("\uAC01")); /* a syllable and what ends it */
    assert_read(TEXT("\u1112\u1161\u11AB\u1100\u1173\u11AF"), TEXT("\uD55C\uAE00"));
    assert_read(TEXT("\u304B\u3099"), TEXT("\u304C"));
}

static void bytes_that_are_not_utf8(void **state)
{
    (void)state;
    assert_read(TEXT("\xFF"), TEXT("\uFFFD"));
    assert_read(TEXT("a\xE2\x82z\xFF\xFF"), TEXT("a\uFFFDz\uFFFD\uFFFD"));
    assert_read(TEXT("e\xCC"), TEXT("e\uFFFD"));
    assert_read(TEXT("e\u0301\xCC"), TEXT("\u00E9\uFFFD"));
    assert_read(TEXT("\xFF\u0301"), TEXT("\uFFFD\u0301"));
    assert_read((sp_str){ NULL, 0 }, TEXT(""));
}

/* Places of the reading come from where they lead back to, and what is before them is read as before. */
static void offsets(void **state)
{
    (void)state;
    static const char *const units[] = { "e", "\u0301", "\u0323", "\xFF",   "\xE2\x82", "\u00E9",
                                         " ", "x\n",    "\uAC00", "\u11A8", "\u4e2d",   "\U0001F600" };
    for (int i = 0; i < 2000; i++) {
        sp_buf buf = { 0 };
        sp_reading reading;
        for (uint32_t j = nasty_random(20); j > 0; j--)
            sp_buf_add(&buf, sp_str_of(units[nasty_random(SP_COUNT_OF(units))]));
        sp_str text = sp_buf_str(&buf);
        assert_true(sp_reading_init(&reading, text));
        assert_true(sp_utf8_find_invalid(reading.text, 0) == SIZE_MAX);
        assert_read(reading.text, reading.text);
        for (size_t at = 0; at <= reading.text.len; at++) {
            size_t origin = sp_reading_origin(&reading, text, at), place;
            if (at < reading.text.len && !sp_utf8_begins(reading.text.ptr[at]))
                continue;
            sp_reading_places(&reading, text, &origin, 1, &place);
            assert_int_equal(place, at);
            if (text.len > 0)
                assert_read(sp_str_slice(text, 0, origin), sp_str_slice(reading.text, 0, at));
        }
        sp_reading_release(&reading);
        sp_buf_release(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters),
        cmocka_unit_test(marks),
        cmocka_unit_test(bytes_that_are_not_utf8),
        cmocka_unit_test(offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
