/*
 * fuzz_toml.c - any bytes as TOML.
 *
 * Besides not crashing: what is read lies inside the text, values have their text,
 * and a text that is not read has a problem with a place.
 */
#include "base/types.h"
#include "syntax/toml.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_node(sp_str text, const sp_json_node *node)
{
    size_t count = 0;
    demand(node->offset <= text.len);
    demand(node->kind == SP_JSON_ARRAY || node->kind == SP_JSON_OBJECT || node->text.ptr);
    demand((node->kind != SP_JSON_NUMBER && node->kind != SP_JSON_DATE) || node->text.len > 0);
    for (const sp_json_node *child = node->first; child; child = child->next) {
        demand((node->kind == SP_JSON_OBJECT) == (child->key.ptr != NULL));
        count++;
        check_node(text, child);
    }
    demand(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str text = { size ? (const char *)data : "", size };
    sp_arena arena = { 0 };
    sp_json_node *root;
    sp_toml_problem problem;
    sp_err err;
    demand(sp_toml_parse(&arena, text, &root, &problem, &err) == SP_OK);
    if (root)
        check_node(text, root);
    else
        demand(problem.what.len > 0 && problem.offset <= text.len);
    sp_arena_release(&arena);
    return 0;
}
