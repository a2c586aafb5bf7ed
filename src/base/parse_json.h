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
#include "base/types.h"

typedef enum sp_json_kind {
    SP_JSON_NULL,
    SP_JSON_BOOL,
    SP_JSON_NUMBER,
    SP_JSON_TEXT,
    SP_JSON_ARRAY,
    SP_JSON_OBJECT,
    SP_JSON_DATE, /* a date or a time, of TOML only */
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
    bool is_limit; /* it may be JSON, but has more values than are taken */
} sp_json_problem;

/* Parses text. *ret_root is NULL when it is not JSON, or deeper than max_depth, and then *ret_problem says why. Linear
 * in the length. Everything lives in arena or borrows from text. A \u escape that stands for half a character becomes
 * U+FFFD. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_json_parse(sp_arena *arena, sp_str text, unsigned max_depth, sp_json_node **ret_root,
                                    sp_json_problem *ret_problem, sp_err *err);

/* The same with a limit on the values, which take memory: each member, each entry of a list and the root are one. */
SP_MUST_USE sp_status sp_json_parse_few(sp_arena *arena, sp_str text, unsigned max_depth, size_t max_values,
                                        sp_json_node **ret_root, sp_json_problem *ret_problem, sp_err *err);

/* Takes the children beyond the first ones off a list or an object. Returns the first that is taken off, NULL for
 * none; it and those after it stay as they are. */
const sp_json_node *sp_json_shorten(sp_json_node *node, size_t most);

/* The children of an object or a list one by one, for those that are too many for a tree:
 *
 *   sp_json_walk walk;
 *   sp_json_node child;
 *   sp_json_walk_init(&walk, arena, text, offset);
 *   while (sp_json_walk_next(&walk, &child))
 *       ...
 *   if (walk.problem.what || walk.failed) ...
 *
 * offset is where the value begins in text, which is the whole document, so that all offsets are the document's. A
 * child that is an object or a list itself has its text and no children, and what is in it has not been looked at
 * beyond its brackets. What stands behind the value is not looked at, but walk.at tells where it is. Only texts with
 * escapes take memory. */
typedef struct sp_json_walk {
    sp_arena *arena;
    sp_str text;
    size_t at;
    char closer; /* '\0': it is over */
    bool is_begun;
    bool failed; /* memory was short */
    sp_json_problem problem;
} sp_json_walk;

void sp_json_walk_init(sp_json_walk *walk, sp_arena *arena, sp_str text, size_t offset);
bool sp_json_walk_next(sp_json_walk *walk, sp_json_node *ret);

/* Fills in the members that are wanted, of several of a name the last; those that are not there stay as they are. Then
 * the walk is over, or has a problem. */
typedef struct sp_json_wanted {
    const char *key;
    sp_json_node *node;
} sp_json_wanted;

void sp_json_walk_members(sp_json_walk *walk, const sp_json_wanted *wanted, size_t count);

/* The member of that name, or NULL; of several the last, as in JavaScript. NULL for what is no object. */
const sp_json_node *sp_json_member(const sp_json_node *object, const char *key);

/* "a text", "a list", ... for messages. */
const char *sp_json_kind_name(sp_json_kind kind);

#endif
