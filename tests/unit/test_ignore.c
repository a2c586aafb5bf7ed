/*
 * test_ignore.c - what the patterns of a .gitignore match. Each row was asked of git; tests/checks/gitignore asks it
 * about many more, made at random.
 */
#include "base/types.h"
#include "git/ignore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct row {
    const char *patterns;
    const char *path; /* a folder's ends in a slash */
    sp_ignore_answer expected;
} row;

static sp_ignore_answer ask(const char *patterns, const char *base, const char *path)
{
    sp_arena arena = { 0 };
    sp_ignore_list list;
    sp_err err;
    sp_str name = sp_str_of(path);
    bool is_folder = sp_str_ends(name, SP_STR("/"));
    name.len -= is_folder;
    assert_int_equal(sp_ignore_parse(&arena, sp_str_of(patterns), sp_str_of(base), &list, &err), SP_OK);
    sp_ignore_answer answer = sp_ignore_ask(&list, name, is_folder);
    sp_arena_release(&arena);
    return answer;
}

static void check(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sp_ignore_answer answer = ask(rows[i].patterns, "", rows[i].path);
        if (answer != rows[i].expected)
            fprintf(stderr, "\"%s\" on %s: %d\n", rows[i].patterns, rows[i].path, (int)answer);
        assert_int_equal(answer, rows[i].expected);
    }
}

#define CHECK(rows) check(rows, SP_COUNT_OF(rows))
#define YES SP_IGNORE_YES
#define NO SP_IGNORE_NO
#define SILENT SP_IGNORE_SILENT

static void lines_are_patterns(void **unused)
{
    (void)unused;
    static const row rows[] = {
        { "", "a", SILENT },
        { "\n\r\n", "a", SILENT },
        { "# a\na", "a", YES },
        { "#a", "#a", SILENT },
        { "\\#a", "#a", YES },
        { "a\r\n", "a", YES },
        { "a  ", "a", YES },
        { "a\\ ", "a ", YES },
        { "a\\  ", "a ", YES },
        { "a\t", "a", SILENT },
        { " a", "a", SILENT },
        { "!a", "a", NO },
        { "\\!a", "!a", YES },
        { "a\n!a", "a", NO },
        { "!a\na", "a", YES },
        { "\xEF\xBB\xBF"
          "a",
          "a", YES },
        { "!", "a", SILENT },
        { "/", "a/", SILENT },
        { "a\\", "a", SILENT },
        { "a\\", "a\\", SILENT },
    };
    CHECK(rows);
    assert_int_equal(ask("a", "", "b"), SILENT);
}

static void slashes_anchor(void **unused)
{
    (void)unused;
    static const row rows[] = {
        { "a", "x/y/a", YES },      { "/a", "a", YES },      { "/a", "x/a", SILENT }, { "x/a", "x/a", YES },
        { "x/a", "y/x/a", SILENT }, { "a/", "a", SILENT },   { "a/", "a/", YES },     { "a/", "x/a/", YES },
        { "/a/", "x/a/", SILENT },  { "x/a/", "x/a/", YES }, { "a//", "a/", SILENT }, { "//a", "a", SILENT },
        { "a", "a/b", SILENT },     { "x", "x/a", SILENT },
    };
    CHECK(rows);
}

static void wildcards_stay_in_a_part(void **unused)
{
    (void)unused;
    static const row rows[] = {
        { "*.o", "a.o", YES },      { "*.o", "x/a.o", YES },  { "*.o", "a.oo", SILENT }, { "*", ".a", YES },
        { "a*c", "abc", YES },      { "a*c", "ac", YES },     { "x/*.o", "x/a.o", YES }, { "x/*.o", "x/y/a.o", SILENT },
        { "x/*", "x/y/a", SILENT }, { "?", "a", YES },        { "?", "ab", SILENT },     { "x?a", "x/a", SILENT },
        { "a\\*", "a*", YES },      { "a\\*", "ab", SILENT }, { "*a*b*", "xaxbx", YES }, { "*a*b*", "xbxax", SILENT },
        { "\\a", "a", YES },
    };
    CHECK(rows);
}

static void two_stars_cross_parts(void **unused)
{
    (void)unused;
    static const row rows[] = {
        { "**/a", "a", YES },          { "**/a", "x/y/a", YES },       { "x/**", "x/y/a", YES },
        { "x/**", "x/", SILENT },      { "x/**/a", "x/a", YES },       { "x/**/a", "x/y/z/a", YES },
        { "x/**/a", "xa", SILENT },    { "x/**y", "x/a/y", SILENT },   { "x/**y", "x/ay", YES },
        { "x/a**/y", "x/ab/y", YES },  { "x/a**/y", "x/ab/c/y", YES }, { "/**", "x/a", YES },
        { "**", "x/a", YES },          { "a**b", "axxb", YES },        { "x/?**", "x/a/b", SILENT },
        { "x/a**", "x/a/b", YES },     { "**/**/a", "a", YES },        { "**/x/**/a", "y/x/z/a", YES },
        { "x/***/a", "x/y/z/a", YES },
    };
    CHECK(rows);
}

static void brackets_are_sets(void **unused)
{
    (void)unused;
    static const row rows[] = {
        { "[ab]", "a", YES },          { "[ab]", "c", SILENT },        { "[a-c]", "b", YES },
        { "[a-c]", "d", SILENT },      { "[!a]", "b", YES },           { "[^a]", "b", YES },
        { "[!a]", "a", SILENT },       { "[]a]", "]", YES },           { "[!]a]", "]", SILENT },
        { "[a-]", "-", YES },          { "[-a]", "-", YES },           { "[a", "[a", SILENT },
        { "[]", "[]", SILENT },        { "[\\]]", "]", YES },          { "[\\a-c]", "b", YES },
        { "[[:digit:]]", "5", YES },   { "[[:digit:]]", "a", SILENT }, { "[![:alpha:]_]", "5", YES },
        { "[[:none:]]", "a", SILENT }, { "[[:a]", ":", YES },          { "[[:a]", "[", YES },
        { "x[/]a", "x/a", SILENT },    { "x[!b]a", "x/a", SILENT },    { "[a-c-e]", "-", YES },
        { "[a-c-e]", "d", SILENT },    { "[c-a]", "b", SILENT },       { "[[:space:]]", " ", YES },
        { "[[:xdigit:]]", "F", YES },
    };
    CHECK(rows);
}

static void a_list_knows_its_folder(void **unused)
{
    (void)unused;
    assert_int_equal(ask("/a", "x/", "x/a"), YES);
    assert_int_equal(ask("/a", "x/", "x/y/a"), SILENT);
    assert_int_equal(ask("y/a", "x/", "x/y/a"), YES);
    assert_int_equal(ask("a", "x/", "x/y/a"), YES);
    assert_int_equal(ask("x/a", "x/", "x/a"), SILENT);
}

/* ---- the loose dialect: each row was asked of the npm package "ignore" 7.0.5 ------------------------------------- */

/* Finding what takes a path in, once through the path, is asking about each directory on the way to it. */
static void finding_is_asking_on_the_way(void **unused)
{
    (void)unused;
    static const char *const lists[] = { "a",        "a/",  "/a/b",   "a/b/",      "*.c",    "a/*.c",
                                         "src/**/x", "b*",  "/a*/c",  "a\n!a/b\n", "**/c/d", "node_*/\n*.js",
                                         "b/c\n",    "x?z", "[ab]/c", "*\n!*/",    "a/**",   "" };
    static const char *const paths[] = { "a",         "a/b",       "a/b/c",        "b/a/c.c",      "a/x.c", "src/x",
                                         "src/p/q/x", "node_m/js", "a/node_x/y/z", "c/d/e",        "abc/c", "xyz/a",
                                         "b/c/d",     "src",       "a/b/c/d/e/f",  "deep/b/c/x.js" };
    for (size_t l = 0; l < SP_COUNT_OF(lists); l++) {
        sp_arena arena = { 0 };
        sp_ignore_list list;
        sp_err err;
        assert_int_equal(sp_ignore_parse(&arena, sp_str_of(lists[l]), SP_STR(""), &list, &err), SP_OK);
        for (size_t p = 0; p < SP_COUNT_OF(paths); p++) {
            sp_str path = sp_str_of(paths[p]);
            bool is_taken = false;
            for (size_t end = 1; end <= path.len && !is_taken; end++)
                if (end == path.len || path.ptr[end] == '/')
                    is_taken = sp_ignore_ask(&list, sp_str_slice(path, 0, end), end < path.len) == SP_IGNORE_YES;
            if (is_taken != (sp_ignore_find(&list, path) != SIZE_MAX))
                fail_msg("%s is%s ignored by %s", paths[p], is_taken ? "" : " not", lists[l]);
        }
        sp_arena_release(&arena);
    }
}

typedef struct loose_row {
    const char *patterns[3];
    const char *path;
    bool is_found;
} loose_row;

static bool finds(const loose_row *asked)
{
    sp_arena arena = { 0 };
    sp_ignore_list list;
    sp_err err;
    sp_str patterns[3];
    size_t count = 0;
    for (; count < 3 && asked->patterns[count]; count++)
        patterns[count] = sp_str_of(asked->patterns[count]);
    assert_int_equal(sp_ignore_parse_loosely(&arena, (sp_str_list){ patterns, count }, &list, &err), SP_OK);
    size_t found = sp_ignore_find(&list, sp_str_of(asked->path));
    assert_true(found == SIZE_MAX || sp_ignore_matches(&list, found, sp_str_of(asked->path)));
    sp_arena_release(&arena);
    return found != SIZE_MAX;
}

static void the_loose_dialect(void **unused)
{
    (void)unused;
    static const loose_row rows[] = {
        { { "*.md" }, "x/y.md", true },
        { { "/*.md" }, "x/y.md", false },
        { { "SRC/*.Md" }, "src/a.mD", true },
        { { "\xC3\x89*" }, "\xC3\xA9t\xC3\xA9", true },
        { { "?" }, "\xC3\xA9", true },
        { { "[\xC3\xA0-\xC3\xAF]" }, "\xC3\xA9", true },
        { { "[\xC3\xA0-\xC3\xAF]" }, "\xC3\xB0", false },
        { { "[\xD0\xB0-\xD1\x8F]" }, "\xD0\xB6", true },
        { { "[A-C]" }, "b", true },
        { { "[\xC3\x89]" }, "\xC3\xA9", true },
        { { "[!a]" }, "b", false },
        { { "[!a]" }, "!", true },
        { { "[^a]" }, "^", true },
        { { "[]a]" }, "a", false },
        { { "[[:alpha:]]" }, "b", false },
        { { "#a" }, "#a", false },
        { { "\\#a" }, "#a", true },
        { { "a" }, "x/a/b/c", true },
        { { "a/" }, "a", false },
        { { "a/" }, "x/a/b", true },
        { { "a/**/" }, "a/b", true },
        { { "a/**/" }, "x/a/b", false },
        { { "**/" }, "a/b", true },
        { { "**/" }, "a", false },
        { { "**/**/a" }, "a", false },
        { { "**/**/a" }, "x/a", true },
        { { "***/a" }, "x/y/a", false },
        { { "a", "!a" }, "a", false },
        { { "a", "!x/a" }, "x/a", false },
        { { "x", "!x/a" }, "x/a", true },
        { { "!a", "a" }, "a", true },
        { { "*", "!A" }, "a", false },
        { { "./a" }, "a", false },
        { { "a\\" }, "a", false },
        { { "[a", "b" }, "b", true },
    };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        if (finds(&rows[i]) != rows[i].is_found)
            fprintf(stderr, "\"%s\" on %s\n", rows[i].patterns[0], rows[i].path);
        assert_int_equal(finds(&rows[i]), rows[i].is_found);
    }
}

/* Trying out the ends of the stars one by one would take longer than the world will last. */
static void many_stars_take_no_time(void **unused)
{
    (void)unused;
    char pattern[4096] = { 0 };
    char path[256] = { 0 };
    memset(path, 'a', sizeof path - 1);
    for (size_t i = 0; i + 4 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 2);
    strcat(pattern, "b");
    assert_int_equal(ask(pattern, "", path), SILENT);
    for (size_t i = 0; i + 4 < sizeof pattern; i += 4)
        memcpy(pattern + i, "**/*", 4);
    for (size_t i = 1; i < sizeof path - 1; i += 2)
        path[i] = '/';
    assert_int_equal(ask(pattern, "", path), SILENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_patterns),
        cmocka_unit_test(slashes_anchor),
        cmocka_unit_test(wildcards_stay_in_a_part),
        cmocka_unit_test(two_stars_cross_parts),
        cmocka_unit_test(brackets_are_sets),
        cmocka_unit_test(a_list_knows_its_folder),
        cmocka_unit_test(many_stars_take_no_time),
        cmocka_unit_test(the_loose_dialect),
        cmocka_unit_test(finding_is_asking_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
