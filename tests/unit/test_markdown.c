/*
 * test_markdown.c - what the Markdown scanner says about small texts, and that large hostile ones take no time.
 *
 * Each check is a row: a text, and what is found in it, written as one string. The block structure itself is compared
 * with cmark in test_markdown_cmark.c; here are the things that cmark does not know.
 */
#include "base/base.h"
#include "base/types.h"
#include "model/source.h"
#include "syntax/markdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

typedef struct row {
    const char *text;
    const char *expected;
} row;

static sp_markdown scan(sp_arena *arena, sp_str text, size_t begin)
{
    sp_markdown found;
    sp_err err;
    assert_int_equal(sp_markdown_scan(arena, text, begin, &found, &err), SP_OK);
    return found;
}

/* Whatever the text: blocks without a gap and in order, spans inside the text and in order. */
static void check_invariants(sp_str text, size_t begin, const sp_markdown *found)
{
    size_t at = begin;
    uint32_t line = 0;
    for (uint32_t i = 0; i < found->block_count; i++) {
        const sp_block *block = &found->blocks[i];
        assert_int_equal(block->begin, at);
        assert_true(block->end > block->begin);
        assert_true(block->first_line > line && block->last_line >= block->first_line);
        assert_true(block->heading == SP_NONE || block->heading < i);
        if (block->heading != SP_NONE)
            assert_int_equal(found->blocks[block->heading].kind, SP_BLOCK_HEADING);
        at = block->end;
        line = block->last_line;
    }
    assert_int_equal(at, begin < text.len ? text.len : begin);
    for (size_t i = 0; i < found->comment_count; i++) {
        assert_true(found->comments[i].begin >= (i ? found->comments[i - 1].end : begin));
        assert_true(found->comments[i].end > found->comments[i].begin && found->comments[i].end <= text.len);
    }
    for (size_t i = 0; i < found->import_count; i++) {
        assert_true(found->imports[i].begin >= (i ? found->imports[i - 1].end : begin));
        assert_true(found->imports[i].end > found->imports[i].begin && found->imports[i].end <= text.len);
        assert_int_equal(text.ptr[found->imports[i].begin], '@');
    }
}

/* Runs describe over the rows, and compares what it writes. */
static void check_rows(const row *rows, size_t count,
                       void (*describe)(sp_str text, const sp_markdown *found, sp_buf *out))
{
    int failures = 0;
    for (size_t i = 0; i < count; i++) {
        sp_arena arena = { 0 };
        sp_buf out = { 0 };
        sp_str text = sp_str_of(rows[i].text);
        sp_markdown found = scan(&arena, text, 0);
        check_invariants(text, 0, &found);
        describe(text, &found, &out);
        if (!sp_str_eq(sp_buf_str(&out), sp_str_of(rows[i].expected))) {
            print_error("%s\n  expected %s\n  got      %.*s\n", rows[i].text, rows[i].expected, SP_STR_ARG(out));
            failures++;
        }
        sp_buf_release(&out);
        sp_arena_release(&arena);
    }
    assert_int_equal(failures, 0);
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* "h1 1" for a heading of level 1 on line 1, "p 2-3 <0" for a paragraph on lines 2 to 3 that stands under block 0. */
static void describe_blocks(sp_str text, const sp_markdown *found, sp_buf *out)
{
    (void)text;
    static const char *const names[] = { "p", "h", "fence", "code", "html", "break", "blank", "front", "item" };
    for (uint32_t i = 0; i < found->block_count; i++) {
        const sp_block *block = &found->blocks[i];
        sp_buf_format(out, "%s%s", i ? ", " : "", names[block->kind]);
        if (block->kind == SP_BLOCK_HEADING)
            sp_buf_format(out, "%d", block->level);
        sp_buf_format(out, " %u", block->first_line);
        if (block->last_line != block->first_line)
            sp_buf_format(out, "-%u", block->last_line);
        if (block->heading != SP_NONE)
            sp_buf_format(out, " <%u", block->heading);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    static const row rows[] = {
        { "", "" },
        { "\n \n", "blank 1" },
        { "\n\na", "blank 1, p 3" },
        { "a\n\n\n\nb\n", "p 1, p 5" },
        { "# a\nb\n## c\nd\n# e\nf\n", "h1 1, p 2 <0, h2 3 <0, p 4 <2, h1 5, p 6 <4" },
        { "### a\n# b\n### c\n## d\n### e\n", "h3 1, h1 2, h3 3 <1, h2 4 <1, h3 5 <3" },
        { "# a\nb\nc\n---\nd\n", "h1 1, h2 2-4 <0, p 5 <1" },
        { "```\n\na\n\n```\n\nb\n", "fence 1-5, p 7" },
        { "```\n\na\n\n\n", "fence 1-3" },
        { "    a\n\n    b\n\nc\n", "code 1-3, p 5" },
        /* Markers belong to the block on whose line they stand; alone on a line they are one, if they open something.
         */
        { "- a\n\n  b\n- c\n", "item 1, p 3, item 4" },
        { "-\n  a\n", "item 1, p 2" },
        { "> 1. a\n- > b\n", "item 1, p 2" },
        { "> a\n>\n> b\n", "p 1, p 3" },
        { ">\n>\n> b\n", "p 1, p 3" },
        { "a\n\n>\n> b\n", "p 1, p 3, p 4" },
        { "> ```\n> a\n>\n\nb\n", "fence 1-2, p 5" },
        /* A heading inside a quote or an item reaches no further. */
        { "# a\n> # b\n> c\n\nd\n", "h1 1, h1 2, p 3 <1, p 5 <0" },
        { "# a\n- ## b\n  c\n- d\n", "h1 1, h2 2 <0, p 3 <1, item 4 <0" },
        { "# a\n> ## b\n> c\n### d\n", "h1 1, h2 2 <0, p 3 <1, h3 4 <0" },
        /* Link definitions are paragraphs. */
        { "a\n\n[a]: /u\n  \"t\"\n\nb\n", "p 1, p 3-4, p 6" },
        { "[a]: /u\n---\nb\n", "p 1, break 2, p 3" },
        { "[a]: /u\n===\nb\n", "p 1-3" },
        { "[a]: /u\nb\n===\n", "h1 1-3" },
        /* Line ends. */
        { "# a\r\nb\r\n\r\nc\r\n", "h1 1, p 2 <0, p 4 <0" },
        { "# a\rb\r\rc", "h1 1, p 2 <0, p 4 <0" },
        { "# a\n\rb\r\n", "h1 1, p 3 <0" },
        { "a\r\n---\r\n", "h2 1-2" },
    };
    check_rows(rows, SP_COUNT_OF(rows), describe_blocks);
}

static void test_any_bytes(void **state)
{
    (void)state;
    static const char text[] = "# \0a\n\0\n\xff\xfe\n\n\xc3\n@\x80 @\0\n";
    sp_arena arena = { 0 };
    sp_str all = { text, sizeof text - 1 };
    sp_markdown found = scan(&arena, all, 0);
    check_invariants(all, 0, &found);
    assert_int_equal(found.block_count, 3);
    for (size_t length = 0; length < all.len; length++) {
        sp_str part = sp_str_slice(all, 0, length);
        found = scan(&arena, part, 0);
        check_invariants(part, 0, &found);
    }
    found = scan(&arena, (sp_str){ NULL, 0 }, 0);
    assert_int_equal(found.block_count, 0);
    sp_arena_release(&arena);
}

/* Front matter is left out by the caller: offsets and lines are still those of the whole text. */
static void test_begin(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_str text = SP_STR("---\r\na: b\r---\n# @c\n\n<!-- d -->\n");
    size_t begin = sp_str_find(text, SP_STR("#"), 0);
    sp_markdown found = scan(&arena, text, begin);
    check_invariants(text, begin, &found);
    assert_int_equal(found.block_count, 2);
    assert_int_equal(found.blocks[0].first_line, 4);
    assert_int_equal(found.blocks[1].first_line, 6);
    assert_int_equal(found.comments[0].begin, sp_str_find(text, SP_STR("<!"), 0));
    assert_int_equal(found.comments[0].end, text.len);
    assert_int_equal(found.imports[0].begin, begin + 2);
    found = scan(&arena, text, text.len);
    assert_int_equal(found.block_count, 0);
    sp_arena_release(&arena);
}

static void test_heading_text(void **state)
{
    (void)state;
    static const row rows[] = {
        { "# a b", "a b" },
        { "  ##  a  ##  \n\n", "a" },
        { "# a#", "a#" },
        { "# a \\#", "a \\#" },
        { "#\n", "" },
        { "## ##", "" },
        { "> # a\n>\n>\n", "a" },
        { "1. - #### a\r\n", "a" },
        { "a\n===\n", "a" },
        { "  a\r\n----\r\n\r\n", "a" },
        { "> - a # b\n>   ---\n", "a # b" },
        { "a\nb\n==\n", "a\nb" },
        { "a\r\nb\r\n==\r\n", "a\r\nb" },
        { "a\rb\r==\r", "a\rb" },
        { "-a\n---\n", "-a" },
    };
    sp_arena arena = { 0 };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        sp_str text = sp_str_of(rows[i].text);
        sp_markdown found = scan(&arena, text, 0);
        assert_int_equal(found.blocks[0].kind, SP_BLOCK_HEADING);
        sp_str heading = sp_markdown_heading_text(text, &found.blocks[0]);
        assert_string_equal(sp_str_dup(&arena, heading).ptr, rows[i].expected);
    }
    sp_arena_release(&arena);
}

/* ---- comments ------------------------------------------------------------------------------------------ */

/* The text without its comments; "!7" in front where one that is not closed begins at offset 7. */
static void describe_stripped(sp_str text, const sp_markdown *found, sp_buf *out)
{
    if (found->unclosed_comment != SIZE_MAX)
        sp_buf_format(out, "!%zu ", found->unclosed_comment);
    size_t at = 0;
    for (size_t i = 0; i < found->comment_count; i++) {
        sp_buf_add(out, sp_str_slice(text, at, found->comments[i].begin));
        at = found->comments[i].end;
    }
    sp_buf_add(out, sp_str_slice(text, at, text.len));
}

static void test_comments(void **state)
{
    (void)state;
    static const row rows[] = {
        { "a\n\n<!-- b -->\n\nc\n", "a\n\nc\n" },
        { "<!-- b -->\n\n \nc\n", " \nc\n" },
        { "<!-- b --> c\n\nd\n", " c\n\nd\n" },
        { "a\n <!-- b -->\n", "a\n <!-- b -->\n" },
        { "a\n<!-- b -->\nc\n", "a\nc\n" },
        { "<!-- a -->", "" },
        { "   <!-- a -->  \nb\n", "b\n" },
        { "<!-- a\n\n# b\n-->\nc\n", "c\n" },
        { "<!-- a\r\nb -->\r\nc\r\n", "c\r\n" },
        { "<!-- a -->\rb", "b" },
        /* text beside it */
        { "<!-- a --> b\nc\n", " b\nc\n" },
        { "  <!-- a\nb --> c\n", "   c\n" },
        { "a <!-- b -->\n", "a <!-- b -->\n" },
        { "a\nb <!-- c\n-->\n", "a\nb <!-- c\n-->\n" },
        /* several on a line */
        { "<!-- a --> <!-- b -->\t<!-- c -->\nd\n", "d\n" },
        { "<!-- a --><!-- b --> c <!-- d --> e\n", " c  e\n" },
        { "<!-- a\n--> <!-- b -->\nc\n", "c\n" },
        { "<!-- a --> <!-- b\nc -->\n", "!11  <!-- b\nc -->\n" },
        /* the shortest ones */
        { "<!-->\na -->\n", "<!-->\na -->\n" },
        { "<!--->\na -->\n", "<!--->\na -->\n" },
        { "<!---->\na\n", "a\n" },
        { "<!--> b -->\n", "" },
        { "<!-- a -- b -->\nc\n", "c\n" },
        { "<!-- <!-- a -->\nb -->\n", "b -->\n" },
        /* code */
        { "    <!-- a -->\n", "    <!-- a -->\n" },
        { "```\n<!-- a -->\n```\n", "```\n<!-- a -->\n```\n" },
        { "`<!-- a\n-->`\n", "`<!-- a\n-->`\n" },
        { "a\n    <!-- b -->\n", "a\n    <!-- b -->\n" },
        /* inside other HTML it is not a block */
        { "<div>\n<!-- a -->\n</div>\n", "<div>\n<!-- a -->\n</div>\n" },
        { "<pre>\n<!-- a -->\n</pre>\n", "<pre>\n<!-- a -->\n</pre>\n" },
        { "<div>\n\n<!-- a -->\n\n</div>\n", "<div>\n\n</div>\n" },
        /* in containers */
        { "- a\n\n  <!-- b -->\n\n  c\n", "- a\n\n  <!-- b -->\n\n  c\n" },
        { "- <!-- a -->\n- b\n", "- <!-- a -->\n- b\n" },
        { "> <!-- a\n> b -->\n> c\n", "> <!-- a\n> b -->\n> c\n" },
        { "1. a\n   <!-- b -->\n2. c\n", "1. a\n   <!-- b -->\n2. c\n" },
        { "- a\n\n      <!-- b -->\n", "- a\n\n      <!-- b -->\n" },
        /* not closed */
        { "a\n\n<!-- b\n\nc\n", "!3 a\n\n<!-- b\n\nc\n" },
        { "> <!-- a\n\nb -->\n", "!2 > <!-- a\n\nb -->\n" },
        { "- <!-- a\nb -->\n", "!2 - <!-- a\nb -->\n" },
        { "<!-- a -->\n<!-- b\n<!-- c\n", "!11 <!-- b\n<!-- c\n" },
        { "<!-", "<!-" },
        { "<!--", "!0 <!--" },
        { "<!- a -->\n", "<!- a -->\n" },
    };
    check_rows(rows, SP_COUNT_OF(rows), describe_stripped);
}

/* ---- imports --------------------------------------------------------------------------------------------- */

/* The paths, each in brackets; in quotation marks when it is quoted. */
static void describe_imports(sp_str text, const sp_markdown *found, sp_buf *out)
{
    (void)text;
    for (size_t i = 0; i < found->import_count; i++)
        sp_buf_format(out, found->imports[i].is_quoted ? "\"%.*s\"" : "[%.*s]", SP_STR_ARG(found->imports[i].path));
}

static void test_imports(void **state)
{
    (void)state;
    static const row rows[] = {
        { "@a.md", "[a.md]" },
        { "See @README for it and @package.json.", "[README][package.json.]" },
        { "- @docs/x.md\n- @~/y.md\n1. @/z\n", "[docs/x.md][~/y.md][/z]" },
        { "a\n@b\n  @c\n", "[b][c]" },
        { "@a@b.md\n@./c d\n@../e\n", "[a@b.md][./c][../e]" },
        { "a\t@b\tc", "[b]" },
        { "# @a\n@b\n===\n", "[a][b]" },
        { "| @a | b |\n|---|---|\n|@c|@d|\n", "[a][c][d]" },
        { "> @a\n>@b\nc\n> > @d\n", "[a][b][d]" },
        { "> a\n>@b\n", "[b]" },
        { "[a]: @b\n", "[b]" },
        { "@a\xc2\xa0@b\xe3\x80\x80@c", "[a][b][c]" },
        { "\xe6\x96\x87@a @\xe6\x96\x87.md", "[\xe6\x96\x87.md]" },
        /* words, addresses, things that are no path */
        { "me@example.com a@b .@c x-@d /@e", "" },
        { "@ a @@b @{c} @(d) @# @", "" },
        { "\\@a \\\\@b", "" },
        { "![@a](b) [c](@d) <@e>", "" },
        /* openers */
        { "**@a.md** *@b.md* __@c_d.md__ _@e.md_ ~~@f~~", "[a.md][b.md][c_d.md][e.md][f]" },
        { "**@a.md and** b", "[a.md]" },
        { "[@a.md](b) **[@c](d)** [ ] @e", "[a.md][c][e]" },
        { "@__init__.py @a_b_ @c*", "[__init__.py][a_b_][c*]" },
        { "*_*_*_*_*@a", "" },
        /* quoted: kept, but marked */
        { "@\"a b.md\" @'c' @\"d", "\"a b.md\"\"c\"" },
        { "\"@a.md\" '@b' (@c.md) (see @d.md)", "\"a.md\"\"b\"\"c.md\"[d.md)]" },
        { "(**@a**)", "\"a\"" },
        /* escaped spaces, ends */
        { "@Design\\ Docs/x\\ y.md z", "[Design Docs/x y.md]" },
        { "@a\\b\\ c @d\\", "[a\\b c][d\\]" },
        { "@a\\\nb", "[a]" },
        { "@\\ a", "[ a]" },
        { "@a`b` @c<br>@d", "[a][c][d]" },
        /* code spans */
        { "`@a` @b ``@c ` @d`` @e", "[b][e]" },
        { "`a\n@b\nc` @d", "[d]" },
        { "`a\n\n@b`", "[b]" },
        { "`` @a ` @b", "[a][b]" },
        { "` @a `` @b ``` @c", "[a][b][c]" },
        { "\\` @a ` @b `", "[a]" },
        { "` @a \\` @b", "[b]" },
        { "> `a\n> @b` @c\n", "[c]" },
        { "- `a\n- @b` @c\n", "[b][c]" },
        { "# `a\n@b`\n", "[b]" },
        { "<a b=\"`\"> @c `", "[c]" },
        /* code blocks */
        { "    @a\n\n@b\n", "[b]" },
        { "```\n@a\n```\n@b\n", "[b]" },
        { "~~~ @a\n@b\n", "" },
        { "a\n    @b\n", "[b]" },
        { "- a\n\n      @b\n\n  @c\n", "[c]" },
        /* HTML */
        { "<div>\n@a `@b` @c\n</div>\n", "[a][c]" },
        { "<p>@a</p>\n", "[a]" },
        { "<a title=\" @b \">\n@c\n", "[c]" },
        { "<style>\n@media x {}\n</style>\n@a\n", "[a]" },
        { "<pre>\n@a\n</pre>\n", "" },
        /* comments */
        { "<!-- @a -->\n@b\n", "[b]" },
        { "<!-- @a --> @b <!-- @c -->@d\n", "[b][d]" },
        { "a <!-- @b --> @c <!-- @d\n", "[c][d]" },
        { "a <!-- b\n@c --> @d\n", "[d]" },
        { "a <!-- ` --> @b `", "[b]" },
        { "<div>\n<!--\n@a\n-->\n@b\n</div>\n", "[b]" },
        { "<!-- a\n@b\n", "" },
        { "<!-- a --> <!-- @b\n@c\n", "[c]" },
    };
    check_rows(rows, SP_COUNT_OF(rows), describe_imports);
}

static void test_import_range(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_str text = SP_STR("a **@b\\ c** @\"d\"");
    sp_markdown found = scan(&arena, text, 0);
    assert_int_equal(found.import_count, 2);
    assert_int_equal(found.imports[0].begin, 4);
    assert_int_equal(found.imports[0].end, 9);
    assert_int_equal(found.imports[1].begin, 12);
    assert_int_equal(found.imports[1].end, 16);
    sp_arena_release(&arena);
}

/* ---- depth and size ---------------------------------------------------------------------------------------- */

static sp_str repeat(sp_arena *arena, const char *unit, size_t unit_len, size_t len)
{
    char *text = sp_arena_alloc(arena, len + unit_len, 1);
    assert_non_null(text);
    size_t at = 0;
    for (; at < len; at += unit_len)
        memcpy(text + at, unit, unit_len);
    return (sp_str){ text, at };
}

/* Beyond the bound a marker is text, so what stands in it is too. */
static void test_depth(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_str deep = repeat(&arena, "> ", 2, 2 * 64);
    sp_str text = sp_str_format(&arena, "%.*s# a\n%.*s> # b\n", SP_STR_ARG(deep), SP_STR_ARG(deep));
    sp_markdown found = scan(&arena, text, 0);
    check_invariants(text, 0, &found);
    assert_int_equal(found.block_count, 2);
    assert_int_equal(found.blocks[0].kind, SP_BLOCK_HEADING);
    assert_int_equal(found.blocks[1].kind, SP_BLOCK_PARAGRAPH);
    sp_arena_release(&arena);
}

enum {
    MIB = 1024 * 1024,
    MOST_SECONDS = 5, /* for one text: each takes 0.1 s or less, and minutes if anything is quadratic */
};

static void check_in_time(sp_str text, const char *name)
{
    sp_arena arena = { 0 };
    clock_t begin = clock();
    sp_markdown found = scan(&arena, text, 0);
    for (uint32_t i = 0; i < found.block_count; i++)
        if (found.blocks[i].kind == SP_BLOCK_HEADING)
            sp_markdown_heading_text(text, &found.blocks[i]);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    check_invariants(text, 0, &found);
    sp_arena_release(&arena);
    if (seconds > MOST_SECONDS)
        fail_msg("%zu bytes of \"%s\" took %.1f s", text.len, name, seconds);
}

/* One MiB of each. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const units[] = {
        "[",
        "![[",
        "<!--",
        "a <!-- ",
        "<!-- a --> <!--",
        "> ",
        ">",
        "- ",
        "1. ",
        "\t",
        " ",
        "*",
        "* ",
        "- - - a",
        "#",
        "# \n",
        "<",
        "<a ",
        "<a b=\"",
        "<a b='\" ",
        "</",
        "</script",
        "<?",
        "``` ",
        "`a``b```",
        "~",
        "@",
        "@a ",
        "(@",
        "@\"",
        "@'",
        "_@a_ ",
        ">>>>@",
        "\\",
        "|@",
        "\n",
        "\r",
        "\r\n",
        ">\n",
        "-\n",
        "a\n",
        "a\r",
        "[a]: b\n",
        "[a]: b \"\n",
        "[a]: b (\n",
        "[a]: b\n===\n",
        "===\n",
        "<pre>\n",
        "<div>\n",
        "\xff",
        "\xc2\xa0",
        "\xe2",
        "<a x=\"<a y='\" z=\"' ",
        "<a b=c ",
        "<a b='c",
        "<a b = ",
        "<a\t",
        "</a ",
        "<a@",
        "<b>@a",
        "<b>|@a",
        "<b>>@a",
        "<!-- a -->",
        "<!-- a --> `",
        "a <!-- b -->",
        "<!x",
        "<![CDATA[",
        "<pre></",
        "<div>@a",
        "<div><!--",
        "@a<",
        "@a`",
        "@a\\",
        "@a\\ ",
        "@a\\\n",
        "@a\n",
        "@\"a",
        "@\"a @'b ",
        "@\"\"",
        "@'a\n",
        "|@\"a",
        "*@a",
        "_@a",
        "~@a",
        "[@a",
        "|@a",
        "\"@a",
        "'@a",
        "(@a",
        " *@a",
        " _@a",
        "*_~[|\"'(@a",
        "|*@a",
        "|_@a",
        "|_@a_b",
        "|__@a_",
        "|__@a_b__",
        "|~@a",
        "|[@a",
        "|[@a]",
        "|\"@a",
        "|'@a",
        "|(@a",
        "|(@a)",
        "|@a_",
        "|@a\\ ",
        "|@_",
        "|_@_",
        "|@\xc2\xa0",
        "|@\xe2\x80",
        "\n|@a",
        "> |@a\n",
        "|@a`b`",
        "`|@a``",
        "@@a",
        ".@a",
        "\\@a",
        "\\`",
        "\\`a`",
        "]",
        "[]",
        "[](",
        "[a](b",
        "[a][",
        "[a]:",
        "[a]: <b\n",
        "[a]: b '\n",
        "[a]: b\n\"\n",
        "[a]:\n",
        "[\\",
        "[a]: ((\n",
        "[a]: b\n=\n",
        "a\n=\n",
        "a\n-\n",
        "> a\n===\n",
        "> ===\n",
        "- a\n  ===\n",
        "- - \n",
        "*\t",
        "1)",
        "_ ",
        "**a ",
        "***\n",
        "# #",
        "# a #\n",
        "> # a\n",
        "~~~\n",
        "> ```\n",
        "- ```\n",
        "    a\n",
        " \n",
    };
    for (size_t i = 0; i < SP_COUNT_OF(units); i++) {
        sp_arena arena = { 0 };
        check_in_time(repeat(&arena, units[i], strlen(units[i]), MIB), units[i]);
        sp_arena_release(&arena);
    }
}

/* One MiB of a unit behind something that stays open, or in front of something that closes it. */
static void test_hostile_around(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *unit;
        const char *after;
    } texts[] = {
        { "`", "``", "`" },
        { "``", "`a", "``" },
        { "<a b=\"", "<c d='", "\">" },
        { "<a ", "b=c ", "<" },
        { "<!--", "<!--", "-->" },
        { "a <!--", "-", "->" },
        { "<!-- -->", "<!-- -->", "a" },
        { "<pre>\n", "</", "pre>" },
        { "|@", "a|@a", "\\" },
        { "_@a", "_b", "_" },
        { "|", "_", "@a" },
        { "@\"", "a", "\"" },
        { "[", "\\]", "]: a\n===\n" },
        { "[a]: ", "(", "\n===\n" },
        { "[a]: b \"", "c\n", "\n===\n" },
        { "", "[a]: b\n", "===\n===\n" },
        { "> ", "[a]: b\n", "===\n> ===\n" },
        { "# ", "#", " a" },
        { "```\n", "``\n", "```\n" },
        { "- - - - - - - -\n", "- a\n\n\n", "" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        sp_arena arena = { 0 };
        sp_str middle = repeat(&arena, texts[i].unit, strlen(texts[i].unit), MIB);
        sp_str text = sp_str_format(&arena, "%s%.*s%s", texts[i].before, SP_STR_ARG(middle), texts[i].after);
        check_in_time(text, texts[i].unit);
        sp_arena_release(&arena);
    }
}

static void add_run(sp_buf *text, char c, size_t count)
{
    while (count-- > 0)
        sp_buf_add_char(text, c);
}

static void check_buffer(sp_buf *text, const char *name)
{
    assert_false(text->failed);
    check_in_time(sp_buf_str(text), name);
    text->len = 0;
}

static void test_hostile_shapes(void **state)
{
    (void)state;
    sp_buf text = { 0 };
    for (size_t run = 1; text.len < MIB; run++) { /* runs of backticks, each longer than all before */
        add_run(&text, '`', run);
        sp_buf_add_char(&text, ' ');
    }
    check_buffer(&text, "longer and longer backticks");
    for (size_t run = 1; text.len < MIB; run = run % 80 + 1) { /* all lengths that can open a span, again and again */
        add_run(&text, '`', run);
        sp_buf_add_char(&text, 'a');
    }
    check_buffer(&text, "backticks of every length");
    for (size_t i = 0; i < 1000; i++) /* blank lines inside items inside items */
        sp_buf_add(&text, SP_STR("- "));
    add_run(&text, '\n', MIB);
    check_buffer(&text, "blank lines in 1000 items");
    for (size_t i = 0; i < 64; i++)
        sp_buf_add(&text, SP_STR("- "));
    add_run(&text, ' ', MIB);
    add_run(&text, '\t', MIB);
    check_buffer(&text, "blanks in 64 items");
    sp_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),         cmocka_unit_test(test_any_bytes),      cmocka_unit_test(test_begin),
        cmocka_unit_test(test_heading_text),   cmocka_unit_test(test_comments),       cmocka_unit_test(test_imports),
        cmocka_unit_test(test_import_range),   cmocka_unit_test(test_depth),          cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_hostile_around), cmocka_unit_test(test_hostile_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
