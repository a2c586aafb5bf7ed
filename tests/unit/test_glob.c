/*
 * test_glob.c - path patterns: a table, and the same questions put to PCRE2 and fnmatch.
 */
#include "base/glob.h"
#include "base/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <fnmatch.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static sp_glob compile(sp_arena *arena, const char *pattern, uint64_t patterns, uint64_t bytes)
{
    sp_glob_budget budget = { patterns, bytes };
    sp_glob glob;
    sp_err err;
    assert_int_equal(sp_glob_compile(arena, sp_str_of(pattern), &budget, &glob, &err), SP_OK);
    return glob;
}

static bool matches(const char *pattern, const char *path, bool with_hidden)
{
    sp_arena arena = { 0 };
    sp_glob glob = compile(&arena, pattern, 1000, 4 << 20);
    bool is_match = sp_glob_match(&glob, sp_str_of(path), with_hidden);
    sp_arena_release(&arena);
    return is_match;
}

/* ---- a table ------------------------------------------------------------------------------------------ */

struct example {
    const char *pattern;
    const char *path;
    bool is_match;
};

static const struct example examples[] = {
    { "CLAUDE.md", "CLAUDE.md", true },
    { "CLAUDE.md", "claude.md", false },
    { "CLAUDE.md", "a/CLAUDE.md", false },
    { "./CLAUDE.md", "CLAUDE.md", true },
    { "", "", true },
    { "", "a", false },

    /* stars */
    { "*.md", "a.md", true },
    { "*.md", "a/b.md", false },
    { "*", "", false },
    { "a/*", "a/", false },
    { "a*b*c", "aXbYbZc", true },
    { "a*b*c", "aXbYbZ", false },
    { "*a*", "a", true },
    { "a**b", "axb", true }, /* two stars within a part are one */
    { "a**b", "a/b", false },

    /* any number of parts */
    { "**", "a/b/c", true },
    { "**/CLAUDE.md", "CLAUDE.md", true },
    { "**/CLAUDE.md", "/CLAUDE.md", true },
    { "**/CLAUDE.md", "/home/u/mono/CLAUDE.md", true },
    { "**/mono/CLAUDE.md", "/home/u/mono/CLAUDE.md", true },
    { "**/mono/CLAUDE.md", "/home/u/mono/a/CLAUDE.md", false },
    { "/home/u/other/.claude/rules/**", "/home/u/other/.claude/rules/a/b.md", true },
    { "/home/u/other/.claude/rules/**", "/home/u/other/.claude/rules", true },
    { "/home/u/other/.claude/rules/**", "/home/u/other/.claude/CLAUDE.md", false },
    { "src/**/*", "src/a", true },
    { "src/**/*", "src/a/b/c", true },
    { "src/**/*", "src", false },
    { "src/**/test/**/*.ts", "src/a/test/b/c/d.ts", true },
    { "src/**/test/**/*.ts", "src/test/d.ts", true },
    { "a/**/b/**/c", "a/b/x/b/x/c", true },
    { "a/**/b/**/c", "a/x/c", false },
    { "**/**/a", "a", true },

    /* one character */
    { "a?c", "abc", true },
    { "a?c", "a/c", false },
    { "a?c", "ac", false },
    { "?", "\xC3\xA9", true },
    { "??", "\xC3\xA9", false },
    { "?", "\xFF", true },
    { "[ch]", "c", true },
    { "[ch]", "d", false },
    { "[a-f]x", "dx", true },
    { "[!a-f]x", "dx", false },
    { "[^a-f]x", "gx", true },
    { "[]a]", "]", true },
    { "[!]a]", "b", true },
    { "[a-]", "-", true },
    { "[\\]]", "]", true },
    { "[\xC3\xA0-\xC3\xBC]", "\xC3\xA9", true },

    /* a character for itself */
    { "\\*", "*", true },
    { "\\*", "a", false },
    { "photos \\[2024/**", "photos [2024/a.jpg", true },
    { "a\\{b,c}", "a{b,c}", true },

    /* a [ that nothing closes */
    { "photos [2024/**", "photos [2024/a.jpg", false },
    { "[", "[", false },
    { "[]", "]", false },
    { "{[,b}", "b", true }, /* the other alternative works */

    /* alternatives */
    { "*.{ts,tsx}", "a.tsx", true },
    { "*.{ts,tsx}", "a.js", false },
    { "{a,b}/{c,d}", "b/c", true },
    { "a{,b}", "a", true },
    { "a{b,}", "ab", true },
    { "{a,b{c,d}}", "bd", true },
    { "{a,b/c}/d", "b/c/d", true },
    { "{src,lib}/**/*.{c,h}", "lib/x/y.h", true },
    { "{1..3}", "2", true },
    { "{1..3}", "4", false },
    { "{3..1}", "2", true },
    { "{a..c}x", "bx", true },
    { "{a}", "{a}", true }, /* one alternative is none */
    { "{a}", "a", false },
    { "{a,b", "{a,b", true },
    { "a}", "a}", true },
    { "x{a,{b,c}", "x{a,c", true },
    { "x{a{b,c}}", "x{ab}", true },
    { "{a..}", "{a..}", true },
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++)
        if (matches(examples[i].pattern, examples[i].path, true) != examples[i].is_match)
            fail_msg("%s and %s: %d is wrong", examples[i].pattern, examples[i].path, !examples[i].is_match);
}

static void test_hidden(void **state)
{
    (void)state;
    assert_false(matches("*", ".a", false));
    assert_false(matches("?a", ".a", false));
    assert_false(matches("[.]a", ".a", false));
    assert_true(matches(".*", ".a", false));
    assert_true(matches("a*", "a.b", false));
    assert_false(matches("**/b", ".a/b", false));
    assert_true(matches("**/b", ".a/b", true));
    assert_true(matches("**/.a/b", "x/.a/b", false));
    assert_false(matches("a/**", "a/b/.c", false));
}

static void test_budget(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_glob_budget budget = { 10, 100 };
    sp_glob glob;
    sp_err err;
    assert_int_equal(sp_glob_compile(&arena, SP_STR("{a,b}{c,d}"), &budget, &glob, &err), SP_OK);
    assert_int_equal(glob.state, SP_GLOB_FINE);
    assert_int_equal(glob.count, 4);
    assert_int_equal(budget.patterns, 6);
    assert_int_equal(budget.bytes, 92);
    assert_int_equal(sp_glob_compile(&arena, SP_STR("{a,b}{a,b}{a,b}*"), &budget, &glob, &err), SP_OK);
    assert_int_equal(glob.state, SP_GLOB_OVER_BUDGET);
    assert_int_equal(budget.patterns, 6);
    assert_false(sp_glob_match(&glob, SP_STR("aaa"), true));
    assert_true(sp_glob_match(&glob, SP_STR("{a,b}{a,b}{a,b}x"), true));
    assert_int_equal(sp_glob_compile(&arena, SP_STR("*.md"), &budget, &glob, &err), SP_OK);
    assert_int_equal(budget.patterns, 6); /* nothing to expand */
    sp_arena_release(&arena);
}

/* 2^5000 alternatives are counted, not written down; braces may be nested as deep as they like. */
static void test_hostile(void **state)
{
    (void)state;
    enum { GROUPS = 5000 };
    sp_buf groups = { 0 };
    sp_buf nested = { 0 };
    sp_buf stars = { 0 };
    sp_buf path = { 0 };
    for (int i = 0; i < GROUPS; i++) {
        sp_buf_add(&groups, SP_STR("{a,b}"));
        sp_buf_add(&nested, SP_STR("{a,"));
        sp_buf_add(&stars, SP_STR("**/*a*a*/"));
        sp_buf_add(&path, SP_STR("aaaaaaaab/"));
    }
    sp_buf_add_char(&groups, '\0');
    sp_buf_add_char(&nested, '\0');
    sp_buf_add(&stars, (sp_str){ "x", 2 });
    sp_buf_add(&path, (sp_str){ "y", 2 });
    clock_t begin = clock();
    sp_arena arena = { 0 };
    assert_int_equal(compile(&arena, groups.ptr, 1000, 4 << 20).state, SP_GLOB_OVER_BUDGET);
    compile(&arena, nested.ptr, 1000, 4 << 20);
    sp_arena_release(&arena);
    assert_false(matches(stars.ptr, path.ptr, true));
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
    sp_buf_release(&groups);
    sp_buf_release(&nested);
    sp_buf_release(&stars);
    sp_buf_release(&path);
}

/* ---- other matchers ------------------------------------------------------------------------------------- */

static uint64_t seed = 20261121;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void random_text(char *text, const char *const *pieces, size_t count, unsigned max_pieces)
{
    text[0] = '\0';
    for (unsigned i = draw(max_pieces + 1); i > 0; i--)
        strcat(text, pieces[draw((unsigned)count)]);
}

static const char *const path_pieces[] = { "a", "b", "/", "ab", ".", "c", "a/b", "/.", "]", "-" };

/* The pattern as a regular expression: what ** means depends on the slashes around it. */
static void to_regex(const char *pattern, char *regex)
{
    char *out = regex;
    out += sprintf(out, "^");
    for (const char *p = pattern; *p; p++) {
        bool at_part = p == pattern || p[-1] == '/';
        if (at_part && strncmp(p, "**", 2) == 0 && (p[2] == '/' || p[2] == '\0')) {
            if (p[2] == '/') {
                out += sprintf(out, "(?:[^/]*/)*");
                p += 2;
            } else if (p == pattern) {
                out += sprintf(out, ".*");
                p++;
            } else { /* the slash before it is part of what may be missing */
                out--;
                if (p >= pattern + 3 && strncmp(p - 3, "**/", 3) == 0 && (p == pattern + 3 || p[-4] == '/'))
                    out += sprintf(out, "*.*"); /* after another one: its slash is in the group */
                else
                    out += sprintf(out, "(?:/.*)?");
                p++;
            }
        } else if (*p == '*') {
            bool is_all = at_part;
            while (p[1] == '*')
                p++;
            is_all = is_all && (p[1] == '/' || p[1] == '\0');
            out += sprintf(out, is_all ? "[^/]+" : at_part ? "(?!/|$)[^/]*" : "[^/]*");
        } else if (*p == '?') {
            out += sprintf(out, "[^/]");
        } else if (*p == '[') {
            *out++ = *p++;
            if (*p == '!') {
                out += sprintf(out, "^/");
                p++;
            }
            for (; *p != ']'; p++)
                *out++ = *p;
            out += sprintf(out, "]");
        } else {
            out += sprintf(out, strchr(".{}]", *p) ? "\\%c" : "%c", *p);
        }
    }
    sprintf(out, "$");
}

static bool regex_matches(const char *regex, const char *path)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, PCRE2_DOLLAR_ENDONLY, &code, &offset, NULL);
    if (!compiled)
        fail_msg("%s does not compile", regex);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(compiled, NULL);
    bool is_match = pcre2_match(compiled, (PCRE2_SPTR)path, strlen(path), 0, 0, data, NULL) >= 0;
    pcre2_match_data_free(data);
    pcre2_code_free(compiled);
    return is_match;
}

/* Two ** in a row at the end have a regular expression that this translation does not find. */
static void test_against_pcre2(void **state)
{
    (void)state;
    static const char *const pieces[] = { "a", "b", "/", "*", "**", "/**/", "?", "[ab]", "[!a]", "/**", "**/", "." };
    size_t matched = 0;
    for (int i = 0; i < 60000; i++) {
        char pattern[128];
        char path[128];
        char regex[2048];
        random_text(pattern, pieces, SP_COUNT_OF(pieces), 6);
        random_text(path, path_pieces, SP_COUNT_OF(path_pieces), 7);
        if (strstr(pattern, "**/**") || strncmp(pattern, "./", 2) == 0)
            continue;
        to_regex(pattern, regex);
        bool expected = regex_matches(regex, path);
        matched += expected;
        if (matches(pattern, path, true) != expected)
            fail_msg("pattern %s, path %s, regex %s: PCRE2 says %d", pattern, path, regex, expected);
    }
    assert_true(matched > 500);
}

static void test_against_fnmatch(void **state)
{
    (void)state;
    static const char *const pieces[] = { "a", "b", "/", "*", "?", "[ab]", "[!a]", "[]-]", "\\*", ".", "c", "a/b" };
    size_t matched = 0;
    for (int i = 0; i < 200000; i++) {
        char pattern[128];
        char path[128];
        random_text(pattern, pieces, SP_COUNT_OF(pieces), 5);
        random_text(path, path_pieces, SP_COUNT_OF(path_pieces), 5);
        bool has_empty_part = path[0] == '\0' || strstr(path, "//") || path[0] == '/' || path[strlen(path) - 1] == '/';
        if (strstr(pattern, "**") || strncmp(pattern, "./", 2) == 0 || has_empty_part)
            continue; /* fnmatch lets a star stand for nothing at all */
        bool expected = fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0;
        matched += expected;
        if (matches(pattern, path, false) != expected)
            fail_msg("pattern %s, path %s: fnmatch says %d", pattern, path, expected);
    }
    assert_true(matched > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_hidden),        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_hostile),  cmocka_unit_test(test_against_pcre2), cmocka_unit_test(test_against_fnmatch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
