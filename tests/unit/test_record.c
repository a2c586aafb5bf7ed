/*
 * test_record.c - reading JSON records: what jansson reads we read, what it refuses we refuse, and the text is the
 * same.
 *
 * Records are made at random from pieces that break them in every way. Where we and jansson are meant to differ (half a
 * surrogate pair, NUL in a text, numbers that no machine holds) the pieces leave that out, and a test of its own says
 * what we do.
 */
#include "base/record.h"
#include "base/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define TEXT(literal) ((sp_str){ (literal), sizeof(literal) - 1 })

enum { MAX_RECORD = 1024, ROUNDS = 100000 };

static const sp_str_list no_members;
static char scratch[MAX_RECORD];
static uint64_t state = 0x9E3779B97F4A7C15u;

static size_t below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 11) % limit;
}

/* ---- single records ------------------------------------------------------------------------------------ */

static sp_record read_as(sp_record_state expected, const char *field, sp_str record)
{
    sp_record found = { 0 };
    sp_err err = { 0 };
    sp_status status = sp_record_read(record, (sp_str){ field, strlen(field) }, no_members, scratch, &found, &err);
    if (status != SP_OK)
        fprintf(stderr, "%s: %s\n", record.ptr, err.message);
    assert_int_equal(status, SP_OK);
    assert_int_equal(found.state, expected);
    return found;
}

static void check_text(const char *field, sp_str record, sp_str text)
{
    sp_record found = read_as(SP_RECORD_TEXT, field, record);
    assert_int_equal(found.text.len, text.len);
    assert_memory_equal(found.text.ptr, text.ptr, text.len);
    assert_int_equal(record.ptr[found.end], '}');
}

static void check_mistake(sp_str record, uint32_t column, const char *message)
{
    sp_record found;
    sp_err err = { 0 };
    assert_int_equal(sp_record_read(record, TEXT("text"), no_members, scratch, &found, &err), SP_ERR_INPUT);
    assert_string_equal(err.message, message);
    assert_int_equal(err.column, column);
    assert_int_equal(err.line, 1);
}

static void texts_are_found(void **unused)
{
    (void)unused;
    check_text("text", TEXT("{\"text\":\"a\"}"), TEXT("a"));
    check_text("text", TEXT(" { \"x\" : [ ] , \"text\" : \"a\" } \r"), TEXT("a"));
    check_text("text", TEXT("{\"text\":\"\"}"), TEXT(""));
    check_text("text", TEXT("{\"text\":\"a\",\"text\":\"b\"}"), TEXT("b"));
    check_text("text", TEXT("{\"te\\u0078t\":\"a\"}"), TEXT("a"));
    check_text("text", TEXT("{\"x\":{\"text\":\"a\"},\"text\":\"b\",\"y\":[{\"text\":\"c\"}]}"), TEXT("b"));
    check_text("a.b", TEXT("{\"a\":{\"b\":\"x\"},\"a.b\":\"y\"}"), TEXT("y"));
    check_text("", TEXT("{\"\":\"x\"}"), TEXT("x"));
}

static void pointers_are_followed(void **unused)
{
    (void)unused;
    check_text("/a/b", TEXT("{\"a\":{\"b\":\"x\"},\"a.b\":\"y\"}"), TEXT("x"));
    check_text("/m/1/c", TEXT("{\"m\":[{\"c\":\"x\"},{\"c\":\"y\"},{\"c\":\"z\"}]}"), TEXT("y"));
    check_text("/m/0/0", TEXT("{\"m\":[[\"x\",[]],\"y\"]}"), TEXT("x"));
    check_text("/m/10", TEXT("{\"m\":[0,1,{},3,[],5,6,7,8,9,\"x\"]}"), TEXT("x"));
    check_text("/a~1b/c~0d", TEXT("{\"a/b\":{\"c~d\":\"x\"}}"), TEXT("x"));
    check_text("/", TEXT("{\"\":\"x\"}"), TEXT("x"));
    check_text("/a//b", TEXT("{\"a\":{\"\":{\"b\":\"x\"}}}"), TEXT("x"));
    check_text("/a/0", TEXT("{\"a\":{\"0\":\"x\"}}"), TEXT("x"));
    read_as(SP_RECORD_NO_FIELD, "/m/01", TEXT("{\"m\":[\"a\",\"b\"]}"));
    read_as(SP_RECORD_NO_FIELD, "/m/2", TEXT("{\"m\":[\"a\",\"b\"]}"));
    read_as(SP_RECORD_NO_FIELD, "/m/x", TEXT("{\"m\":[\"a\",\"b\"]}"));
    read_as(SP_RECORD_NO_FIELD, "/a/b", TEXT("{\"a\":\"b\"}"));
    read_as(SP_RECORD_NO_FIELD, "/b", TEXT("{\"a\":{\"b\":\"x\"}}"));
    read_as(SP_RECORD_NO_TEXT, "/a", TEXT("{\"a\":{\"a\":\"x\"}}"));
}

static void of_two_the_last_counts(void **unused)
{
    (void)unused;
    check_text("/a/b", TEXT("{\"a\":{\"b\":\"x\"},\"a\":{\"b\":\"y\"}}"), TEXT("y"));
    read_as(SP_RECORD_NO_FIELD, "/a/b", TEXT("{\"a\":{\"b\":\"x\"},\"a\":{\"c\":\"y\"}}"));
    read_as(SP_RECORD_NO_FIELD, "/a/b", TEXT("{\"a\":{\"b\":\"x\"},\"a\":1}"));
    read_as(SP_RECORD_NO_TEXT, "text", TEXT("{\"text\":\"x\",\"text\":null}"));
    check_text("text", TEXT("{\"text\":{\"text\":1},\"text\":\"x\"}"), TEXT("x"));
}

static void escapes_are_undone(void **unused)
{
    (void)unused;
    check_text("t", TEXT("{\"t\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"), TEXT("\"\\/\b\f\n\r\t"));
    check_text("t", TEXT("{\"t\":\"\\u0041\\u00e9\\u4E2D\\u0000.\"}"), TEXT("A\xC3\xA9\xE4\xB8\xAD\0."));
    check_text("t", TEXT("{\"t\":\"\\uD83D\\uDE00\"}"), TEXT("\xF0\x9F\x98\x80"));
    check_text("t", TEXT("{\"t\":\"\\uDBFF\\uDFFF\"}"), TEXT("\xF4\x8F\xBF\xBF"));
    check_text("t", TEXT("{\"t\":\"\\uD83D\"}"), TEXT("\xEF\xBF\xBD"));
    check_text("t", TEXT("{\"t\":\"\\uDE00\\uD83D\"}"), TEXT("\xEF\xBF\xBD\xEF\xBF\xBD"));
    check_text("t", TEXT("{\"t\":\"\\uD83Dx\"}"), TEXT("\xEF\xBF\xBDx"));
    check_text("t", TEXT("{\"t\":\"\\uD83D\\n\"}"), TEXT("\xEF\xBF\xBD\n"));
    check_text("t", TEXT("{\"t\":\"\\uD83D\\u0041\"}"),
               TEXT("\xEF\xBF\xBD"
                    "A"));
    check_text("t", TEXT("{\"t\":\"\\uD83D\\uD83D\\uDE00\"}"), TEXT("\xEF\xBF\xBD\xF0\x9F\x98\x80"));
}

static void mistakes_have_a_place(void **unused)
{
    (void)unused;
    check_mistake(TEXT(""), 1, "expected a JSON object, which begins with {, and the record ends");
    check_mistake(TEXT("[1]"), 1, "expected a JSON object, which begins with { here");
    check_mistake(TEXT("{\"a\":1"), 7, "expected a comma or }, and the record ends");
    check_mistake(TEXT("{\"a\":[1}"), 8, "expected a comma or ] here");
    check_mistake(TEXT("{\"a\" 1}"), 6, "expected a colon here");
    check_mistake(TEXT("{\"a\":1,}"), 8, "expected the name of a member in quotes here");
    check_mistake(TEXT("{\"a\":[1,]}"), 9, "expected a value here");
    check_mistake(TEXT("{\"a\":tru}"), 6, "expected a value here");
    check_mistake(TEXT("{\"a\":01}"), 7, "expected a comma or } here");
    check_mistake(TEXT("{\"a\":-}"), 7, "expected a digit here");
    check_mistake(TEXT("{\"a\":1.}"), 8, "expected a digit here");
    check_mistake(TEXT("{\"a\":1e+}"), 9, "expected a digit here");
    check_mistake(TEXT("{\"a\":\"b}"), 9, "expected the quote that ends the string, and the record ends");
    check_mistake(TEXT("{\"\xC3\xA9\":\"\t\"}"), 7, "a control character in a string has to be written as an escape");
    check_mistake(TEXT("{\"a\":\"\\x\"}"), 7,
                  "no escape begins like this; there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
    check_mistake(TEXT("{\"a\":\"\\u12g4\"}"), 7,
                  "no escape begins like this; there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
    check_mistake(TEXT("{} {}"), 4, "there is something behind the record; a line holds one");
    check_mistake(TEXT("{\"a\":\"\xFF\"}"), 7, "not UTF-8, which JSON has to be");
    check_mistake(TEXT("{\"a\":\"\xED\xA0\x80\"}"), 7, "not UTF-8, which JSON has to be");
    check_mistake(TEXT("\xEF\xBB\xBF{}"), 1, "expected a JSON object, which begins with { here");
    check_mistake(TEXT("{\"a\":\0}"), 6, "expected a value here");
}

static void members_are_noted(void **unused)
{
    (void)unused;
    const sp_str names[] = { TEXT("tokens"), TEXT("error") };
    sp_record found;
    sp_err err;
    sp_str record = TEXT("{\"error\":1,\"x\":{\"tokens\":2}}");
    assert_int_equal(sp_record_read(record, TEXT("text"), (sp_str_list){ names, 2 }, scratch, &found, &err), SP_OK);
    assert_int_equal(found.members, 2);
    assert_false(found.is_empty);
    assert_int_equal(found.end, record.len - 1);
    record = TEXT(" { } ");
    assert_int_equal(sp_record_read(record, TEXT("text"), (sp_str_list){ names, 2 }, scratch, &found, &err), SP_OK);
    assert_int_equal(found.members, 0);
    assert_true(found.is_empty);
    assert_int_equal(found.end, 3);
}

static void depth_is_limited(void **unused)
{
    enum { LEVELS = 1024 };
    (void)unused;
    char record[3 * LEVELS + 32];
    for (size_t levels = LEVELS; levels <= LEVELS + 1; levels++) {
        size_t arrays = levels - 1;
        memcpy(record, "{\"a\":", 5);
        memset(record + 5, '[', arrays);
        memset(record + 5 + arrays, ']', arrays);
        record[5 + 2 * arrays] = '}';
        static char room[sizeof record];
        sp_record found;
        sp_err err;
        sp_status status =
            sp_record_read((sp_str){ record, 6 + 2 * arrays }, TEXT("text"), no_members, room, &found, &err);
        assert_int_equal(status, levels == LEVELS ? SP_OK : SP_ERR_INPUT);
        if (status != SP_OK)
            assert_string_equal(err.message, "nested deeper than 1024 levels");
    }
    char pointer[80];
    memset(pointer, '/', sizeof pointer);
    sp_record found;
    sp_err err;
    assert_int_equal(sp_record_read(TEXT("{}"), (sp_str){ pointer, 33 }, no_members, scratch, &found, &err),
                     SP_ERR_USAGE);
}

/* ---- against jansson -------------------------------------------------------------------------------------- */

static const char *const pieces[] = { "{",
                                      "}",
                                      "[",
                                      "]",
                                      ",",
                                      ":",
                                      "\"text\"",
                                      "\"a\"",
                                      "\"\\u0074ext\"",
                                      "1",
                                      "-0.5e3",
                                      "true",
                                      "false",
                                      "null",
                                      "\"\\n\"",
                                      "\"b\"",
                                      "\"\\\"\"",
                                      " ",
                                      "\t",
                                      "\"\xC3\xA9\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\xFF\"",
                                      "0",
                                      "\"\\q\"",
                                      "nul",
                                      "\"",
                                      "01",
                                      "\"text\":",
                                      "\"x\":",
                                      "{\"text\":\"y\"}",
                                      "[]",
                                      "{}" };

static size_t add_piece(char *record, size_t len, const char *piece)
{
    size_t more = strlen(piece);
    if (len + more >= MAX_RECORD)
        return len;
    memcpy(record + len, piece, more);
    return len + more;
}

/* A value; now and then one that is broken. */
static size_t add_value(char *record, size_t len, unsigned depth)
{
    size_t kind = below(depth > 0 ? 8 : 6);
    if (below(60) == 0)
        return add_piece(record, len, pieces[below(sizeof pieces / sizeof pieces[0])]);
    if (kind < 6) {
        static const char *const scalars[] = { "\"b\"", "12", "true", "\"\\u0041\\/\"", "null", "\"\xE4\xB8\xAD\\t\"" };
        return add_piece(record, len, scalars[kind]);
    }
    len = add_piece(record, len, kind == 6 ? "[" : "{");
    for (size_t i = 0, count = below(4); i < count; i++) {
        static const char *const names[] = { "\"text\":", "\"a\":", "\"\\u0074ext\" : ", "\"\":" };
        if (i > 0)
            len = add_piece(record, len, below(50) ? "," : " ,");
        if (kind == 7)
            len = add_piece(record, len, names[below(4)]);
        len = add_value(record, len, depth - 1);
    }
    return add_piece(record, len, kind == 6 ? "]" : "}");
}

static const json_t *follow(const json_t *value, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count && value; i++)
        value = json_is_array(value) ? json_array_get(value, (size_t)(parts[i][0] - '0'))
                                     : json_object_get(value, parts[i]);
    return value;
}

/* Returns whether it is a record. */
static bool compare(sp_str record, const char *field, const char *const *parts, size_t part_count)
{
    sp_record found = { 0 };
    sp_err err;
    json_error_t why;
    json_t *json = json_loadb(record.ptr, record.len, JSON_ALLOW_NUL, &why);
    const json_t *wanted = follow(json, parts, part_count);
    sp_status status = sp_record_read(record, (sp_str){ field, strlen(field) }, no_members, scratch, &found, &err);
    bool is_record = json_is_object(json);
    if ((status == SP_OK) != is_record)
        fprintf(stderr, "%.*s\nwe: %s\njansson: %s\n", (int)record.len, record.ptr,
                status == SP_OK ? "fine" : err.message, why.text);
    assert_int_equal(status == SP_OK, is_record);
    if (is_record) {
        sp_record_state expected = !wanted                  ? SP_RECORD_NO_FIELD
                                   : json_is_string(wanted) ? SP_RECORD_TEXT
                                                            : SP_RECORD_NO_TEXT;
        assert_int_equal(found.state, expected);
        if (expected == SP_RECORD_TEXT) {
            assert_int_equal(found.text.len, json_string_length(wanted));
            assert_memory_equal(found.text.ptr, json_string_value(wanted), found.text.len);
        }
    }
    json_decref(json);
    return is_record;
}

static void jansson_agrees(void **unused)
{
    (void)unused;
    static const char *const text[] = { "text" };
    static const char *const deep[] = { "text", "1", "a" };
    size_t records = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        char record[MAX_RECORD];
        size_t len = add_piece(record, 0, "{\"text\":");
        len = add_value(record, len, 4);
        len = add_piece(record, len, below(2) ? ",\"a\":" : ",\"text\":");
        len = add_value(record, len, 4);
        len = add_piece(record, len, below(30) ? "}" : pieces[below(sizeof pieces / sizeof pieces[0])]);
        records += compare((sp_str){ record, len }, "text", text, 1);
        compare((sp_str){ record, len }, "/text/1/a", deep, 3);
    }
    assert_in_range(records, ROUNDS / 4, ROUNDS - 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found),        cmocka_unit_test(pointers_are_followed),
        cmocka_unit_test(of_two_the_last_counts), cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(mistakes_have_a_place),  cmocka_unit_test(members_are_noted),
        cmocka_unit_test(depth_is_limited),       cmocka_unit_test(jansson_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
