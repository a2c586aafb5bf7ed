/*
 * yaml_values.c - what a YAML file says, for scripts.
 *
 *   yaml_values FILE jobs/check/steps/2/run    prints that scalar (/ between keys, items from 0)
 *   yaml_values FILE                           prints the paths of all scalars, a line each
 *
 * Exits 1 when the file is no YAML, or has nothing there.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

typedef struct walk {
    yaml_document_t *document;
    const char *wanted; /* NULL: all */
    bool is_found;
} walk;

static void visit(walk *w, int index, const char *path)
{
    char below[1024];
    const yaml_node_t *node = yaml_document_get_node(w->document, index);
    if (node->type == YAML_SCALAR_NODE) {
        bool is_wanted = w->wanted && strcmp(w->wanted, path) == 0;
        if (!w->wanted)
            puts(path);
        if (is_wanted)
            fwrite(node->data.scalar.value, 1, node->data.scalar.length, stdout);
        w->is_found = w->is_found || is_wanted || !w->wanted;
    }
    const char *slash = *path ? "/" : "";
    if (node->type == YAML_SEQUENCE_NODE)
        for (const yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
             item++) {
            snprintf(below, sizeof below, "%s%s%ld", path, slash, (long)(item - node->data.sequence.items.start));
            visit(w, *item, below);
        }
    if (node->type == YAML_MAPPING_NODE)
        for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top;
             pair++) {
            const yaml_node_t *key = yaml_document_get_node(w->document, pair->key);
            snprintf(below, sizeof below, "%s%s%s", path, slash,
                     key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "?");
            visit(w, pair->value, below);
        }
}

int main(int argc, char **argv)
{
    yaml_parser_t parser;
    yaml_document_t document;
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!file || !yaml_parser_initialize(&parser))
        return 1;
    yaml_parser_set_input_file(&parser, file);
    bool is_yaml = yaml_parser_load(&parser, &document) && yaml_document_get_root_node(&document);
    walk w = { .document = &document, .wanted = argc > 2 ? argv[2] : NULL };
    if (is_yaml) {
        visit(&w, 1, "");
        yaml_document_delete(&document);
    } else {
        fprintf(stderr, "%s:%zu: %s\n", argv[1], parser.problem_mark.line + 1, parser.problem ? parser.problem : "?");
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return is_yaml && w.is_found ? 0 : 1;
}
