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

/* utf8proc may be of an older Unicode than the tables. */
static bool is_known(uint32_t code)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category != UTF8PROC_CATEGORY_CN && category != UTF8PROC_CATEGORY_CS;
}

/* Of CJK ideographs some are the same as one outside the basic plane: they are left as they are. */
static bool stays_in_plane(uint32_t code)
{
    utf8proc_int32_t parts[8];
    int last = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)code, parts, SP_COUNT_OF(parts),
                                                     UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &last);
    for (utf8proc_ssize_t i = 0; i < count; i++)
        if (parts[i] > 0xFFFF)
            return false;
    return true;
}

static bool is_tried(uint32_t code)
{
    return is_known(code) && stays_in_plane(code);
}

static void assert_composed(sp_str text)
{
    size_t len;
    char *composed = normal_form(text, UTF8PROC_COMPOSE, &len);
    assert_read(text, (sp_str){ composed, len });
    free(composed);
}

/* Every character of the basic plane, as it is and decomposed. */
static void characters(void **state)
{
    (void)state;
    for (uint32_t code = 1; code <= 0xFFFF; code++) {
        char whole[4];
        size_t len = is_tried(code) ? sp_utf8_encode(code, whole) : 0, decomposed_len;
        if (len == 0)
            continue;
        char *decomposed = normal_form((sp_str){ whole, len }, UTF8PROC_DECOMPOSE, &decomposed_len);
        sp_buf text = { 0 };
        sp_buf_format(&text, "%.*s x%.*sx", (int)len, whole, (int)decomposed_len, decomposed);
        assert_composed(sp_buf_str(&text));
        sp_buf_release(&text);
        free(decomposed);
    }
}

static void add_code(sp_buf *text, uint32_t code)
{
    char bytes[4];
    if (is_tried(code))
        sp_buf_add(text, (sp_str){ bytes, sp_utf8_encode(code, bytes) });
}

/* Characters of the ranges that have most marks, and of all, in any order. */
static void marks_in_any_order(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = { { 'A', 'z' },       { 0x300, 0x36F },   { 0xC0, 0x1FF },
                                          { 0x591, 0x5EA },   { 0x621, 0x670 },   { 0x915, 0x95F },
                                          { 0x995, 0x9DF },   { 0x1100, 0x11FF }, { 0xAC00, 0xAC40 },
                                          { 0x1E00, 0x1FFF }, { 0x304B, 0x309A }, { 0xFB1D, 0xFB4E },
                                          { 0x1DC0, 0x1DFF }, { 0x80, 0xFFFF } };
    for (int i = 0; i < 30000; i++) {
        sp_buf text = { 0 };
        uint32_t range = nasty_random(SP_COUNT_OF(ranges));
        for (uint32_t j = nasty_random(12); j > 0; j--) {
            const uint32_t *some = ranges[nasty_random(3) == 0 ? nasty_random(3) : range];
            add_code(&text, some[0] + nasty_random(some[1] - some[0] + 1));
        }
        if (text.len > 0)
            assert_composed(sp_buf_str(&text));
        sp_buf_release(&text);
    }
}

static void marks(void **state)
{
    (void)state;
    assert_read(TEXT("e\u0302\u0323"), TEXT("\u1EC7")); /* in any order */
    assert_read(TEXT("\u00EA\u0323"), TEXT("\u1EC7"));
    assert_read(TEXT("o\u0323\u0301"), TEXT("\u1ECD\u0301")); /* as in Yoruba: of three, two */
    assert_read(TEXT("e\u0329\u0301"), TEXT("\u00E9\u0329")); /* over a mark that stays */
    assert_read(TEXT("\u025B\u0301"), TEXT("\u025B\u0301"));  /* with no letter */
    assert_read(TEXT("\u0301e"), TEXT("\u0301e"));
    assert_read(TEXT("1\u0301 \u0301"), TEXT("1\u0301 \u0301"));
    assert_read(TEXT("\u095C\u212B"), TEXT("\u0921\u093C\u00C5")); /* which are others in NFC */
    assert_read(TEXT("\uAC00\u11A8"), TEXT("\uAC01"));             /* a syllable and what ends it */
    assert_read(TEXT("\u1112\u1161\u11AB\u1100\u1173\u11AF"), TEXT("\uD55C\uAE00"));
    assert_read(TEXT("\u304B\u3099"), TEXT("\u304C"));
}

static void add_times(sp_buf *buf, const char *text, int times)
{
    while (times-- > 0)
        sp_buf_add(buf, sp_str_of(text));
}

/* More marks than one letter is read with: 31, of which the low ones come first. */
static void many_marks(void **state)
{
    (void)state;
    static const char *const before[] = { "e", "\xFF\u0301" }, *const read[] = { "\u1EB9", "\uFFFD" };
    for (int i = 0; i < 2; i++) {
        sp_buf text = { 0 }, expected = { 0 };
        sp_buf_add(&text, sp_str_of(before[i]));
        add_times(&text, "\u0301", 20);
        add_times(&text, "\u0323", 20);
        sp_buf_add(&expected, sp_str_of(read[i]));
        add_times(&expected, "\u0323", i ? 11 : 10);
        add_times(&expected, "\u0301", i ? 21 : 20);
        add_times(&expected, "\u0323", 9);
        assert_read(sp_buf_str(&text), sp_buf_str(&expected));
        sp_buf_release(&text);
        sp_buf_release(&expected);
    }
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

/* Places of a reading lead back to the text, and what is before them is read as before. Places of the text lead to the
 * reading in order, all at once. */
static void offsets(void **state)
{
    (void)state;
    static const char *const units[] = { "e",   "\u0301", "\u0323", "\xFF",   "\xE2\x82",   "\u00E9", " ",
                                         "x\n", "\uAC00", "\u11A8", "\u4e2d", "\U0001F600", "\u095C" };
    for (int i = 0; i < 2000; i++) {
        sp_buf buf = { 0 };
        sp_reading reading;
        for (uint32_t j = nasty_random(20); j > 0; j--)
            sp_buf_add(&buf, sp_str_of(units[nasty_random(SP_COUNT_OF(units))]));
        sp_str text = sp_buf_str(&buf);
        assert_true(sp_reading_init(&reading, text));
        assert_true(sp_utf8_find_invalid(reading.text, 0) == SIZE_MAX);
        assert_read(reading.text, reading.text);
        size_t all[201], places[201];
        assert_in_range(text.len, 0, 200);
        for (size_t at = 0; at <= text.len; at++)
            all[at] = at;
        sp_reading_places(&reading, all, text.len + 1, places);
        assert_int_equal(places[text.len], reading.text.len);
        for (size_t at = 0; at < text.len; at++)
            assert_in_range(places[at], 0, places[at + 1]);
        for (size_t at = 0; at <= reading.text.len; at++) {
            size_t place = at, origin = sp_reading_origin(&reading, &place);
            if (at < reading.text.len && !sp_utf8_begins(reading.text.ptr[at]))
                continue;
            assert_int_equal(places[origin], place);
            assert_in_range(place, 0, at); /* less within what is read otherwise */
            if (text.len > 0)
                assert_read(sp_str_slice(text, 0, origin), sp_str_slice(reading.text, 0, place));
        }
        sp_reading_release(&reading);
        sp_buf_release(&buf);
    }
}

/* What is within a character that is read otherwise is behind it. */
static void offsets_within(void **state)
{
    (void)state;
    static const char text[] = "a\xE2\x82ze\u0301.";
    const size_t offsets[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, expected[] = { 0, 1, 4, 4, 5, 7, 7, 7, 8 };
    size_t places[SP_COUNT_OF(offsets)];
    sp_reading reading;
    assert_true(sp_reading_init(&reading, TEXT(text)));
    sp_reading_places(&reading, offsets, SP_COUNT_OF(offsets), places);
    for (size_t i = 0; i < SP_COUNT_OF(offsets); i++)
        assert_int_equal(places[i], expected[i]);
    sp_reading_release(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters),     cmocka_unit_test(marks_in_any_order),      cmocka_unit_test(marks),
        cmocka_unit_test(many_marks),     cmocka_unit_test(bytes_that_are_not_utf8), cmocka_unit_test(offsets),
        cmocka_unit_test(offsets_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
