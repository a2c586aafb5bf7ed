/*
 * parse_json.h - reading JSON into a tree that remembers where everything stands.
 *
 *   sp_json_node *root;
 *   sp_json_problem problem;
 *   SP_TRY(sp_json_parse(arena, text, max_depth, &root, &problem, err));
 *   if (!root)
 *       ... problem.what at problem.offset
 *   const sp_json_node *model = sp_json_member(root, "model");
 *
 * A reader of our own, because every message about a value names its line and column, and no library at hand keeps
 * them. It takes what RFC 8259 allows and nothing else, but for a byte order mark at the head.
 */
#ifndef SP_PARSE_JSON_H
#define SP_PARSE_JSON_H

#include "base/base.h"

typedef enum sp_json_kind {
    SP_JSON_NULL,
    SP_JSON_BOOL,
    SP_JSON_NUMBER,
    SP_JSON_TEXT,
    SP_JSON_ARRAY,
    SP_JSON_OBJECT,
} sp_json_kind;

typedef struct sp_json_node {
    sp_json_kind kind;
    bool is_true;  /* of a SP_JSON_BOOL */
    sp_str text;   /* of a text: without quotes and escapes; of all else: as it is written */
    sp_str key;    /* of a member, without escapes; else ptr NULL */
    size_t offset; /* into the text that was parsed */
    size_t key_offset;
    struct sp_json_node *first; /* the first child, in the order of the text */
    struct sp_json_node *next;  /* of the same parent */
    size_t count;               /* of children */
} sp_json_node;

/* Why a text is not JSON: a sentence without its subject ("a comma or ] is missing"). */
typedef struct sp_json_problem {
    size_t offset;
    const char *what;
} sp_json_problem;

/* Parses text. *ret_root is NULL when it is not JSON, or deeper than max_depth, and then *ret_problem says why. Linear
 * in the length. Everything lives in arena or borrows from text. A \u escape that stands for half a character becomes
 * U+FFFD. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_json_parse(sp_arena *arena, sp_str text, unsigned max_depth, sp_json_node **ret_root,
                                    sp_json_problem *ret_problem, sp_err *err);

/* The member of that name, or NULL; of several the last, as in JavaScript. NULL for what is no object. */
const sp_json_node *sp_json_member(const sp_json_node *object, const char *key);

/* "a text", "a list", ... for messages. */
const char *sp_json_kind_name(sp_json_kind kind);

#endif
