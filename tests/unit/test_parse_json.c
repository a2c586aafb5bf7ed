/* test_parse_json.c - reading JSON: places, problems, and the same texts read by jansson. Also sp_map. */
#include "base/json.h"
#include "base/map.h"
#include "base/parse_json.h"
#include "base/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

enum { MAX_DEPTH = 64 };

static sp_json_node *parse(sp_arena *arena, sp_str text, sp_json_problem *problem)
{
    sp_json_node *root;
    sp_err err;
    assert_int_equal(sp_json_parse(arena, text, MAX_DEPTH, &root, problem, &err), SP_OK);
    return root;
}

/* ---- child by child --------------------------------------------------------------------------------------------- */

static void test_walk(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_json_walk walk;
    sp_json_node child;
    sp_str text = SP_STR("x {\"a\\n\": [1, \"]\", {}], \"b\" : -2 } y");
    sp_json_walk_init(&walk, &arena, text, 2);
    assert_true(sp_json_walk_next(&walk, &child));
    assert_true(sp_str_eq(child.key, SP_STR("a\n")) && child.kind == SP_JSON_ARRAY && child.offset == 10);
    assert_true(sp_str_eq(child.text, SP_STR("[1, \"]\", {}]")) && !child.first);
    assert_true(sp_json_walk_next(&walk, &child));
    assert_true(sp_str_eq(child.key, SP_STR("b")) && sp_str_eq(child.text, SP_STR("-2")));
    assert_false(sp_json_walk_next(&walk, &child));
    assert_false(sp_json_walk_next(&walk, &child));
    assert_true(!walk.problem.what && !walk.failed && text.ptr[walk.at - 1] == '}');
    sp_arena_release(&arena);
}

static void test_walk_problems(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset; /* of the problem */
        size_t children;
    } examples[] = {
        { "7", 0, 0 },     { "", 0, 0 },         { "[", 1, 0 },         { "[1", 2, 1 },    { "[1 2]", 3, 1 },
        { "[1,]", 3, 1 },  { "{1:2}", 1, 0 },    { "{\"a\" 1}", 5, 0 }, { "[[1]", 4, 1 },  { "[[1", 1, 0 },
        { "[\"a]", 1, 0 }, { "{\"a\":}", 5, 0 }, { "[1,,2]", 3, 1 },    { "[tru]", 1, 0 },
    };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        sp_arena arena = { 0 };
        sp_json_walk walk;
        sp_json_node child;
        size_t children = 0;
        sp_json_walk_init(&walk, &arena, sp_str_of(examples[i].text), 0);
        while (sp_json_walk_next(&walk, &child))
            children++;
        if (!walk.problem.what || walk.problem.offset != examples[i].offset || children != examples[i].children)
            fail_msg("%s: %zu children, \"%s\" at %zu", examples[i].text, children,
                     walk.problem.what ? walk.problem.what : "no problem", walk.problem.offset);
        sp_arena_release(&arena);
    }
}

/* ---- what is JSON ---------------------------------------------------------------------------------------- */

static void test_places(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_json_problem problem;
    sp_str text = SP_STR("{\n  \"a\": [1, \"x\\ty\"],\n  \"b\": null,\n  \"a\": true\n}\n");
    const sp_json_node *root = parse(&arena, text, &problem);
    assert_non_null(root);
    assert_int_equal(root->count, 3);
    assert_int_equal(root->first->key_offset, 4);
    assert_int_equal(root->first->offset, 9);
    assert_int_equal(root->first->first->next->offset, 13);
    assert_true(sp_str_eq(root->first->first->next->text, SP_STR("x\ty")));
    assert_true(sp_str_eq(root->first->text, SP_STR("[1, \"x\\ty\"]")));
    assert_int_equal(sp_json_member(root, "a")->kind, SP_JSON_BOOL); /* the last one counts */
    assert_null(sp_json_member(root, "c"));
    assert_null(sp_json_member(root->first, "a"));
    assert_null(sp_json_member(NULL, "a"));
    sp_arena_release(&arena);
}

struct text_example {
    const char *json;
    sp_str text;
};

static void test_texts(void **state)
{
    (void)state;
    static const struct text_example examples[] = {
        { "\"\"", { "", 0 } },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", { "\"\\/\b\f\n\r\t", 8 } },
        { "\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", { "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10 } },
        { "\"\\u0000\"", { "\0", 1 } },
        { "\"\\ud83d\"", { "\xEF\xBF\xBD", 3 } }, /* half a character */
        { "\"\\ud83dx\\ude00\"", { "\xEF\xBF\xBDx\xEF\xBF\xBD", 7 } },
        { "\"\\ud83d\\u0041\"",
          { "\xEF\xBF\xBD"
            "A",
            4 } },
        { "\xEF\xBB\xBF\"a\"", { "a", 1 } },
    };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        sp_arena arena = { 0 };
        sp_json_problem problem;
        const sp_json_node *root = parse(&arena, sp_str_of(examples[i].json), &problem);
        if (!root || !sp_str_eq(root->text, examples[i].text))
            fail_msg("%s is read wrong", examples[i].json);
        sp_arena_release(&arena);
    }
}

struct problem_example {
    const char *json;
    size_t offset;
    const char *what;
};

static const struct problem_example problems[] = {
    { "", 0, "a value is missing here, at the end" },
    { "  ", 2, "a value is missing here, at the end" },
    { "{", 1, "a key in double quotes is missing here" },
    { "{\"a\":1", 6, "a } is missing at the end" },
    { "[1", 2, "a ] is missing at the end" },
    { "{a: 1}", 1, "a key in double quotes is missing here" },
    { "{\"a\" 1}", 5, "a colon is missing here, behind the key" },
    { "{\"a\": 1,}", 8, "the comma before it is one too many" },
    { "{\"a\": 1 \"b\": 2}", 8, "a comma or } is missing here" },
    { "[1, 2,]", 6, "a value is missing here, or the comma before it is one too many" },
    { "[1 2]", 3, "a comma or ] is missing here" },
    { "{ // no\n}", 2, "JSON has no comments" },
    { "{\"a\": /* no */ 1}", 6, "JSON has no comments" },
    { "{\"a\": 'x'}", 6, "a text stands in double quotes" },
    { "\"a", 0, "nothing closes this text" },
    { "\"a\nb\"", 2, "a text ends on its own line; write a line end as \\n" },
    { "\"a\tb\"", 2, "a control character in a text has to be written as an escape" },
    { "\"\\x\"", 1, "there is no such escape; write a backslash as \\\\" },
    { "\"\\u12G4\"", 5, "\\u needs four hexadecimal digits" },
    { "\"\\u12", 0, "nothing closes this text" },
    { "\"\\", 0, "nothing closes this text" },
    { "01", 0, "this is not a number as JSON writes it" },
    { "-", 0, "this is not a number as JSON writes it" },
    { "1.", 0, "this is not a number as JSON writes it" },
    { "1e", 0, "this is not a number as JSON writes it" },
    { "True", 0, "a value is missing here: a text in quotes, a number, true, false, null, [ or {" },
    { "{} x", 3, "nothing may follow the value" },
};

/* What ends or changes a text is found wherever it stands, whatever stands before it. */
static void test_ends_of_texts(void **state)
{
    (void)state;
    static const char bytes[] = { '!', 'a', '#', '[', ']', '\x7F', '\x80', '\xA2', '\xDC', '\x9F', '\xFF' };
    char text[32];
    for (size_t filler = 0; filler < sizeof bytes; filler++)
        for (size_t at = 1; at < 20; at++) {
            sp_arena arena = { 0 };
            sp_json_problem problem;
            memset(text, bytes[filler], sizeof text);
            text[0] = text[at] = '"';
            sp_json_node *root = parse(&arena, (sp_str){ text, at + 1 }, &problem);
            assert_true(root && root->text.len == at - 1);
            memcpy(text + at, "\\n\"", 3);
            root = parse(&arena, (sp_str){ text, at + 3 }, &problem);
            assert_true(root && root->text.len == at && root->text.ptr[at - 1] == '\n');
            text[at] = (char)(at % ' ');
            assert_null(parse(&arena, (sp_str){ text, at + 3 }, &problem));
            assert_int_equal(problem.offset, at);
            sp_arena_release(&arena);
        }
}

static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < SP_COUNT_OF(problems); i++) {
        sp_arena arena = { 0 };
        sp_json_problem problem;
        if (parse(&arena, sp_str_of(problems[i].json), &problem))
            fail_msg("%s is read", problems[i].json);
        if (problem.offset != problems[i].offset || strcmp(problem.what, problems[i].what) != 0)
            fail_msg("%s: %zu: %s", problems[i].json, problem.offset, problem.what);
        sp_arena_release(&arena);
    }
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t depth = MAX_DEPTH; depth <= 2000000; depth += 1999936) {
        sp_arena arena = { 0 };
        sp_json_problem problem;
        char *text = malloc(depth * 2);
        assert_non_null(text);
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        const sp_json_node *root = parse(&arena, (sp_str){ text, depth * 2 }, &problem);
        assert_int_equal(root != NULL, depth <= MAX_DEPTH);
        if (!root)
            assert_string_equal(problem.what, "it is nested too deep");
        sp_arena_release(&arena);
        free(text);
    }
}

/* ---- against jansson --------------------------------------------------------------------------------------- */

static uint64_t seed = 20261121;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static const char *const tokens[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"b\"",
    "\"\\u0041\\n\"",
    "\"\\ud83d\\ude00\"",
    "1",
    "-2.5e3",
    "0",
    "01",
    "true",
    "false",
    "null",
    " ",
    "\n",
    "nul",
    "\"",
    "\\",
    "\"\xC3\xA9\"",
    "[]",
    "{}",
    "{\"a\":1}",
    "[1,2]",
};

/* A tree written down again, by either reader. */
static void write_node(sp_buf *out, const sp_json_node *node)
{
    const char brackets[] = { node->kind == SP_JSON_ARRAY ? '[' : '{', node->kind == SP_JSON_ARRAY ? ']' : '}' };
    switch (node->kind) {
    case SP_JSON_TEXT:
        sp_buf_format(out, "\"%.*s\"", SP_STR_ARG(node->text));
        return;
    case SP_JSON_NUMBER:
        sp_buf_format(out, "%g", strtod(node->text.ptr, NULL));
        return;
    case SP_JSON_ARRAY:
    case SP_JSON_OBJECT:
        sp_buf_add_char(out, brackets[0]);
        for (const sp_json_node *child = node->first; child; child = child->next) {
            if (child->key.ptr)
                sp_buf_format(out, "%.*s:", SP_STR_ARG(child->key));
            write_node(out, child);
            sp_buf_add_char(out, ',');
        }
        sp_buf_add_char(out, brackets[1]);
        return;
    default:
        sp_buf_add(out, node->text);
    }
}

static void write_jansson(sp_buf *out, const json_t *value)
{
    const char *key;
    json_t *child;
    size_t i;
    switch (json_typeof(value)) {
    case JSON_STRING:
        sp_buf_format(out, "\"%.*s\"", (int)json_string_length(value), json_string_value(value));
        return;
    case JSON_INTEGER:
    case JSON_REAL:
        sp_buf_format(out, "%g", json_number_value(value));
        return;
    case JSON_ARRAY:
        sp_buf_add_char(out, '[');
        json_array_foreach(value, i, child)
        {
            write_jansson(out, child);
            sp_buf_add_char(out, ',');
        }
        sp_buf_add_char(out, ']');
        return;
    case JSON_OBJECT:
        sp_buf_add_char(out, '{');
        json_object_foreach((json_t *)value, key, child)
        {
            sp_buf_format(out, "%s:", key);
            write_jansson(out, child);
            sp_buf_add_char(out, ',');
        }
        sp_buf_add_char(out, '}');
        return;
    default:
        sp_buf_add(out, json_is_true(value) ? SP_STR("true") : json_is_false(value) ? SP_STR("false") : SP_STR("null"));
    }
}

static void compare(const char *text, size_t *ret_valid)
{
    sp_arena arena = { 0 };
    sp_json_problem problem;
    json_error_t error;
    const sp_json_node *ours = parse(&arena, sp_str_of(text), &problem);
    json_t *theirs = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    bool is_refused = !theirs && (json_error_code(&error) == json_error_duplicate_key ||
                                  json_error_code(&error) == json_error_numeric_overflow);
    if (!is_refused && !theirs != !ours)
        fail_msg("%s: jansson says %s, we say %s", text, theirs ? "fine" : error.text, ours ? "fine" : problem.what);
    if (theirs && ours) {
        sp_buf a = { 0 };
        sp_buf b = { 0 };
        write_node(&a, ours);
        write_jansson(&b, theirs);
        if (!sp_str_eq(sp_buf_str(&a), sp_buf_str(&b)))
            fail_msg("%s is read as %.*s and %.*s", text, SP_STR_ARG(sp_buf_str(&a)), SP_STR_ARG(sp_buf_str(&b)));
        sp_buf_release(&a);
        sp_buf_release(&b);
        (*ret_valid)++;
    }
    json_decref(theirs);
    sp_arena_release(&arena);
}

static void test_against_jansson(void **state)
{
    (void)state;
    size_t valid = 0;
    for (int i = 0; i < 200000; i++) {
        char text[256] = "";
        for (unsigned left = draw(9); left > 0; left--)
            strcat(text, tokens[draw((unsigned)SP_COUNT_OF(tokens))]);
        compare(text, &valid);
    }
    assert_true(valid > 1000);
}

/* ---- sp_map ------------------------------------------------------------------------------------------------- */

static void test_map(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    sp_arena arena = { 0 };
    sp_map map = { 0 };
    assert_true(sp_map_find(&map, SP_STR("0")) == SP_NONE);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t *slot = sp_map_slot(&arena, &map, sp_str_format(&arena, "%u", i));
        assert_true(slot && *slot == SP_NONE);
        *slot = i;
    }
    assert_int_equal(map.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t *slot = sp_map_slot(&arena, &map, sp_str_format(&arena, "%u", i));
        assert_true(slot && *slot == i);
    }
    assert_int_equal(map.count, COUNT);
    assert_true(sp_map_find(&map, SP_STR("x")) == SP_NONE);
    assert_int_equal(sp_map_find(&map, SP_STR("77")), 77);
    *sp_map_slot(&arena, &map, (sp_str){ NULL, 0 }) = 5;
    assert_int_equal(sp_map_find(&map, SP_STR("")), 5);
    sp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),  cmocka_unit_test(test_walk_problems),   cmocka_unit_test(test_places),
        cmocka_unit_test(test_texts), cmocka_unit_test(test_ends_of_texts),   cmocka_unit_test(test_problems),
        cmocka_unit_test(test_depth), cmocka_unit_test(test_against_jansson), cmocka_unit_test(test_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
