/*
 * fuzz_settings.c - any bytes as JSON, and every text in it as a path pattern.
 *
 * Besides not crashing: what is read lies inside the text, in order, and no deeper than allowed; a text that is not
 * JSON has a problem with a place; a pattern expands to no more than its budget.
 */
#include "base/glob.h"
#include "base/parse_json.h"
#include "base/types.h"

#include <stdint.h>
#include <stdlib.h>

enum { MAX_DEPTH = 16, MAX_PATTERNS = 100, MAX_PATTERN_BYTES = 10000 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_pattern(sp_arena *arena, sp_str pattern, sp_glob_budget *budget)
{
    sp_glob_budget before = *budget;
    sp_glob glob;
    sp_err err;
    demand(sp_glob_compile(arena, pattern, budget, &glob, &err) == SP_OK);
    demand(budget->patterns <= before.patterns && budget->bytes <= before.bytes);
    demand(glob.count <= MAX_PATTERNS);
    sp_glob_match(&glob, pattern, true);
    sp_glob_match(&glob, SP_STR("/home/u/.claude/rules/a.md"), false);
}

static void check_node(sp_arena *arena, sp_str text, const sp_json_node *node, unsigned depth, sp_glob_budget *budget)
{
    size_t count = 0;
    size_t at = node->offset;
    demand(depth <= MAX_DEPTH && node->offset < text.len);
    if (node->kind == SP_JSON_TEXT)
        check_pattern(arena, node->text, budget);
    for (const sp_json_node *child = node->first; child; child = child->next) {
        demand((node->kind == SP_JSON_OBJECT) == (child->key.ptr != NULL));
        demand(child->offset > at &&
               (!child->key.ptr || (child->key_offset > at && child->key_offset < child->offset)));
        at = child->offset;
        count++;
        check_node(arena, text, child, depth + 1, budget);
    }
    demand(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str text = { size ? (const char *)data : "", size };
    sp_arena arena = { 0 };
    sp_glob_budget budget = { MAX_PATTERNS, MAX_PATTERN_BYTES };
    sp_json_node *root;
    sp_json_problem problem;
    sp_err err;
    demand(sp_json_parse(&arena, text, MAX_DEPTH, &root, &problem, &err) == SP_OK);
    if (root)
        check_node(&arena, text, root, 0, &budget);
    else
        demand(problem.what && problem.offset <= text.len);
    check_pattern(&arena, text, &budget);
    sp_arena_release(&arena);
    return 0;
}
