/*
 * toml_json.c - reads TOML from standard input and prints it as toml-test's decoders do: each value as
 * {"type": ..., "value": ...}. Exits 1 with the problem where the text is not TOML.
 *
 *   tests/toml/check OUT TOML_TEST
 */
#include "base/types.h"
#include "syntax/toml.h"

#include <jansson.h>
#include <stdio.h>

static const char *type_of(sp_json_kind kind, const char *text)
{
    if (kind == SP_JSON_TEXT || kind == SP_JSON_BOOL)
        return kind == SP_JSON_TEXT ? "string" : "bool";
    if (kind == SP_JSON_NUMBER)
        return strpbrk(text, ".eEn") ? "float" : "integer"; /* n: nan and inf */
    if (text[2] == ':')
        return "time-local";
    if (strlen(text) <= 10)
        return "date-local";
    return strpbrk(text + 11, "Zz+-") ? "datetime" : "datetime-local";
}

static json_t *tree_of(sp_arena *arena, const sp_json_node *node)
{
    bool is_object = node->kind == SP_JSON_OBJECT;
    if (!is_object && node->kind != SP_JSON_ARRAY) {
        sp_str text = sp_str_dup(arena, node->text);
        return json_pack("{s:s, s:o}", "type", type_of(node->kind, text.ptr), "value",
                         json_stringn(text.ptr, text.len));
    }
    json_t *all = is_object ? json_object() : json_array();
    for (const sp_json_node *child = node->first; child; child = child->next)
        if (is_object)
            json_object_setn_new(all, child->key.ptr, child->key.len, tree_of(arena, child));
        else
            json_array_append_new(all, tree_of(arena, child));
    return all;
}

int main(void)
{
    sp_arena arena = { 0 };
    sp_buf text = { 0 };
    sp_json_node *root;
    sp_toml_problem problem;
    sp_err err;
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof(piece), stdin)) > 0;)
        sp_buf_add(&text, (sp_str){ piece, n });
    if (sp_toml_parse(&arena, sp_buf_str(&text), &root, &problem, &err) != SP_OK)
        return 3;
    if (root) {
        json_t *tree = tree_of(&arena, root);
        json_dumpf(tree, stdout, JSON_SORT_KEYS);
        json_decref(tree);
    } else
        printf("%zu: %.*s\n", problem.offset, SP_STR_ARG(problem.what));
    sp_arena_release(&arena);
    sp_buf_release(&text);
    return root ? 0 : 1;
}
