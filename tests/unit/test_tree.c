/*
 * test_tree.c - which rows there are: headings that nest, text before the first one, our own wording, lines that two
 * segments share. That sums are right, whatever the prompt, is for invariants_tree.h.
 */
#include "attribute/tree.h"
#include "base/types.h"
#include "invariants_tree.h"
#include "model/prompt.h"
#include "model/request.h"
#include "workspace/products.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static sp_prompt *prompt_of(const char *text, const char *append)
{
    sp_prompt *prompt = NULL;
    sp_err err;
    sp_request request = { .agent = "agent.md",
                           .agent_text = sp_str_of(text),
                           .bare = true,
                           .append_text = append,
                           .encoding = sp_encoding_find(SP_STR("o200k_base")) };
    if (sp_prompt_build(&request, &prompt, &err) != SP_OK)
        fail_msg("%s", err.message);
    return prompt;
}

static sp_tree *tree_of(const sp_prompt *prompt, const sp_tree_level *levels, size_t count)
{
    sp_tree *tree = NULL;
    sp_err err;
    char why[INV_ROOM];
    sp_tree_options options = { levels, count };
    if (sp_tree_build(prompt, &options, &tree, &err) != SP_OK)
        fail_msg("%s", err.message);
    if (!inv_tree(prompt, why))
        fail_msg("%s", why);
    return tree;
}

/* Rows as "depth name first-last tokens/own", one a line. */
static void assert_rows(const sp_tree *tree, const char *expected)
{
    sp_buf rows = { 0 };
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const sp_node *node = &tree->nodes[i];
        sp_buf_format(&rows, "%u ", node->depth);
        sp_buf_add(&rows, node->name.ptr ? node->name : SP_STR("-"));
        sp_buf_format(&rows, " %u-%u %zu/%zu\n", node->first_line, node->last_line, node->tokens, node->own_tokens);
    }
    sp_buf_add_char(&rows, '\0');
    assert_string_equal(rows.ptr, expected);
    sp_buf_release(&rows);
}

static const char text[] = "---\nname: a\ndescription: d\n---\nBefore.\n\n# One\n\nText.\n\n## Two\n\n<!-- x -->\n"
                           "### Three\nDeep.\n\n## Two\nAgain.\n\n# Last\n";

static void test_headings(void **state)
{
    (void)state;
    sp_prompt *prompt = prompt_of(text, NULL);
    sp_tree *tree = tree_of(prompt, NULL, 0);
    assert_rows(tree, "0 - 0-0 25/0\n"
                      "1 agent.md 5-20 25/0\n"
                      "2 - 5-6 2/2\n"
                      "2 One 7-19 21/5\n"
                      "3 Two 11-16 11/6\n"
                      "4 Three 14-16 5/5\n"
                      "3 Two 17-19 5/5\n"
                      "2 Last 20-20 2/2\n");
    sp_tree_free(tree);
    sp_prompt_free(prompt);
}

/* The file of the agent, and the text that an option appends; the gap between them is our own. */
static void test_kinds(void **state)
{
    static const sp_tree_level levels[] = { SP_TREE_KIND, SP_TREE_FILE, SP_TREE_HEADING };
    (void)state;
    sp_prompt *prompt = prompt_of(text, "Appended.");
    sp_tree *tree = tree_of(prompt, levels, SP_COUNT_OF(levels));
    assert_rows(tree, "0 - 0-0 29/0\n"
                      "1 - 0-0 25/0\n"
                      "2 agent.md 5-20 25/0\n"
                      "3 - 5-6 2/2\n"
                      "3 One 7-19 21/5\n"
                      "4 Two 11-16 11/6\n"
                      "5 Three 14-16 5/5\n"
                      "4 Two 17-19 5/5\n"
                      "3 Last 20-20 2/2\n"
                      "1 - 0-0 1/0\n"
                      "2 - 0-0 1/0\n"
                      "3 - 0-0 1/1\n"
                      "1 - 0-0 3/0\n"
                      "2 --append-subagent-system-prompt 1-1 3/0\n"
                      "3 - 1-1 3/3\n");
    sp_tree_free(tree);
    sp_prompt_free(prompt);
}

static void test_lines(void **state)
{
    static const sp_tree_level levels[] = { SP_TREE_BLOCK, SP_TREE_LINE };
    (void)state;
    sp_prompt *prompt =
        prompt_of("---\nname: a\ndescription: d\n---\nOne two\r\nthree\rfour.\n\n- five\n", "Mine.\nYours.");
    sp_tree *tree = tree_of(prompt, levels, SP_COUNT_OF(levels));
    assert_rows(tree, "0 - 0-0 15/0\n"
                      "1 One two 5-8 7/0\n"
                      "2 One two 5-5 3/3\n"
                      "2 three 6-6 2/2\n"
                      "2 four. 7-7 2/2\n"
                      "2  8-8 0/0\n"
                      "1 - five 9-9 2/0\n"
                      "2 - five 9-9 2/2\n"
                      "1  0-0 1/0\n"
                      "2  0-0 1/1\n"
                      "2  0-0 0/0\n"
                      "1 Mine. 1-2 5/0\n"
                      "2 Mine. 1-1 2/2\n"
                      "2 Yours. 2-2 3/3\n");
    sp_tree_free(tree);
    sp_prompt_free(prompt);
}

static void test_levels(void **state)
{
    static const sp_tree_level wrong[][2] = { { SP_TREE_FILE, SP_TREE_FILE },
                                              { SP_TREE_PROMPT, SP_TREE_FILE },
                                              { SP_TREE_KIND, (sp_tree_level)(SP_TREE_LINE + 1) } };
    (void)state;
    sp_prompt *prompt = prompt_of(text, NULL);
    for (size_t i = 0; i < SP_COUNT_OF(wrong); i++) {
        sp_tree *tree = NULL;
        sp_err err;
        sp_tree_options options = { wrong[i], 2 };
        assert_int_equal(sp_tree_build(prompt, &options, &tree, &err), SP_ERR_USAGE);
        assert_null(tree);
    }
    sp_prompt_free(prompt);
}

/* Lines are long enough for a place where counts add up at the beginning of each, and have no other; but where the line
 * in front goes, a slash behind a line end is one token with it, and the place is none. */
static void test_costs(void **state)
{
    static const sp_tree_level levels[] = { SP_TREE_LINE };
    static const char *const begins[] = { "Word", "//x", "x", "  y", "\\n", "3" };
    (void)state;
    sp_buf lines = { 0 };
    for (size_t i = 0; i < 36; i++)
        sp_buf_format(&lines,
                      "%s_is_how_a_line_begins_that_goes_on_without_a_blank_for_about_a_hundred_bytes_until_it_ends_in_"
                      "a_sign%s\n",
                      begins[i * 7 / 3 % SP_COUNT_OF(begins)], i % 3 ? "." : " (\"");
    sp_buf_add_char(&lines, '\0');
    sp_prompt *prompt = prompt_of(lines.ptr, NULL);
    sp_tree *tree = tree_of(prompt, levels, SP_COUNT_OF(levels));
    sp_node_cost *costs = NULL;
    sp_err err;
    char why[INV_ROOM];
    assert_int_equal(sp_tree_costs(prompt, tree, &costs, &err), SP_OK);
    for (uint32_t row = 0; row < tree->node_count; row++)
        if (!inv_cost(prompt, tree, costs, row, why))
            fail_msg("%s", why);
    free(costs);
    sp_tree_free(tree);
    sp_prompt_free(prompt);
    sp_buf_release(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headings), cmocka_unit_test(test_kinds), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_levels),   cmocka_unit_test(test_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
