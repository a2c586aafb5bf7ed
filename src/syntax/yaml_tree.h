/*
 * yaml_tree.h - a YAML file of ours as a tree that remembers where everything stands.
 *
 *   const sp_yaml_node *root;
 *   SP_TRY(sp_yaml_read(arena, path, text, SP_RULE_CONFIG_VALUES, &root, err));
 *   const sp_yaml_node *lint = sp_yaml_member(root, "lint");
 *
 * For files that this program defines, so it is strict: one document, a mapping at the top, no anchors, aliases, tags
 * or merge keys, and each key once. What is otherwise is an error with its place and what to do.
 */
#ifndef SP_YAML_TREE_H
#define SP_YAML_TREE_H

#include "base/base.h"
#include "base/diagnostic.h"
#include "base/types.h"

typedef enum sp_yaml_kind {
    SP_YAML_NULL,
    SP_YAML_TEXT, /* any scalar: what is a number or a flag its reader decides */
    SP_YAML_LIST,
    SP_YAML_MAPPING,
} sp_yaml_kind;

typedef struct sp_yaml_node {
    sp_yaml_kind kind;
    sp_str text;   /* of a scalar */
    sp_str key;    /* of a member of a mapping; else ptr NULL */
    size_t offset; /* into the text that was read */
    size_t key_offset;
    struct sp_yaml_node *first; /* the first child, in the order of the text */
    struct sp_yaml_node *next;  /* of the same parent */
    size_t count;               /* of children */
} sp_yaml_node;

/* Reads text, which may have as many keys and values as the limit says, a row of our own. *ret_root is a
 * mapping, without members for an empty file. Lives in the arena. Errors: SP_ERR_INPUT with the place in path;
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_yaml_read(sp_arena *arena, sp_str path, sp_str text, sp_rule_key limit,
                                   const sp_yaml_node **ret_root, sp_err *err);

/* The member of that name, or NULL. */
const sp_yaml_node *sp_yaml_member(const sp_yaml_node *mapping, const char *key);

/* "a text", "a list", ... for messages. */
const char *sp_yaml_kind_name(sp_yaml_kind kind);

#endif
