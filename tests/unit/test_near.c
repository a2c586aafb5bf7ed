/* test_near.c - which known name a misspelt one is taken for. */
#include "base/near.h"
#include "base/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WORD(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const sp_str known[] = {
    WORD("build"),
    WORD("explain"),
    WORD("check"),
    WORD("diff"),
    WORD("count"),
    WORD("ls"),
    WORD("tool"),
    WORD("tools"),
    WORD("disallowedTools"),
    WORD("claude-3-5-sonnet-20241022"),
};

struct example {
    const char *name;
    const char *near; /* NULL: nothing is */
};

static const struct example examples[] = {
    { "build", "build" },
    { "BUILD", "build" },
    { "biuld", "build" },  /* two neighbours swapped: one edit */
    { "buld", "build" },   /* one left out */
    { "builld", "build" }, /* one too many */
    { "guild", "build" },  /* one replaced */
    { "bxxld", NULL },     /* two edits are too many for five letters */
    { "explian", "explain" },
    { "axplaen", "explain" }, /* and not for seven */
    { "axplaem", NULL },
    { "expl", NULL },
    { "tools", "tools" }, /* nearer than "tool", which comes first */
    { "too", "tool" },    /* as near as nothing else */
    { "LS", "ls" },
    { "lx", NULL }, /* two letters have to be right */
    { "l", NULL },
    { "disallowed-tools", "disallowedTools" },
    { "disallowed_tools", "disallowedTools" },
    { "dissalowedTools", "disallowedTools" },
    { "claude-3.5-sonnet-20241022", "claude-3-5-sonnet-20241022" },
    { "", NULL },
    { "-_. ", NULL },
    { "ééé", NULL },
    { "disallowedToolsdisallowedToolsdisallowedToolsdisallowedToolsdisal", NULL }, /* 65 bytes */
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        size_t near = sp_near(sp_str_of(examples[i].name), known, SP_COUNT_OF(known));
        const char *found = near == SIZE_MAX ? "nothing" : known[near].ptr;
        assert_string_equal(found, examples[i].near ? examples[i].near : "nothing");
    }
}

static void test_no_candidates(void **state)
{
    (void)state;
    assert_true(sp_near(SP_STR("build"), NULL, 0) == SIZE_MAX);
    const sp_str odd[] = { WORD(""), WORD("--") };
    assert_true(sp_near(SP_STR("build"), odd, SP_COUNT_OF(odd)) == SIZE_MAX);
}

static void test_same(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    static const sp_str pairs[][2] = { { WORD("Code Reviewer"), WORD("code-reviewer") },
                                       { WORD("a.b_c d-e"), WORD("ABCDE") },
                                       { WORD("--"), WORD("") } };
    for (size_t i = 0; i < SP_COUNT_OF(pairs); i++) {
        assert_true(sp_near_same(pairs[i][0], pairs[i][1]));
        assert_true(sp_str_eq(sp_near_plain(&arena, pairs[i][0]), sp_near_plain(&arena, pairs[i][1])));
    }
    assert_false(sp_near_same(SP_STR("reviewer"), SP_STR("reviewers")));
    assert_false(sp_near_same(SP_STR("a:b"), SP_STR("ab")));
    assert_false(sp_str_eq(sp_near_plain(&arena, SP_STR("a:b")), SP_STR("ab")));
    sp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_examples), cmocka_unit_test(test_no_candidates),
                                        cmocka_unit_test(test_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
