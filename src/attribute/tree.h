/* tree.h - where the tokens of a prompt are. */
#ifndef SP_ATTRIBUTE_TREE_H
#define SP_ATTRIBUTE_TREE_H

#include "base/types.h"
#include "model/prompt.h"

/* What the rows of a tree are. */
typedef enum sp_tree_level {
    SP_TREE_PROMPT,  /* the root, and nothing else */
    SP_TREE_FILE,    /* a source; all of our own wording is one row */
    SP_TREE_HEADING, /* a section: headings of a lower level nest. The text before the first heading is a row without a
                      * block, and so is our own wording of each kind */
    SP_TREE_KIND,    /* by sp_segment_kind */
    SP_TREE_BLOCK,   /* a leaf block; each segment of our own wording */
    SP_TREE_LINE,    /* a line of a source, or of a segment of our own wording */
} sp_tree_level;

/* A row. Its children stand in the order in which the prompt comes to them; indices are of sp_tree.nodes. */
typedef struct sp_node {
    sp_tree_level level;
    sp_segment_kind kind; /* of its first segment: SP_TREE_KIND has no others */
    sp_str name;          /* path, text of the heading, first line of the block, the line; ptr NULL where there is none.
                           * Borrowed from the prompt */
    uint32_t parent;      /* SP_NONE for the root; else below its own index */
    uint32_t first_child; /* or SP_NONE */
    uint32_t next;        /* the next child of its parent, or SP_NONE */
    uint32_t child_count;
    uint32_t depth;         /* rows above it */
    uint32_t source;        /* SP_NONE: our own wording, or of more than one */
    uint32_t block;         /* of a heading or a block; SP_NONE for what has none */
    uint32_t first_line;    /* in the source; 0 without one */
    uint32_t last_line;     /* what lies between may be elsewhere, or left out */
    uint32_t first_segment; /* that is in it at least in part */
    bool is_generated;      /* all of it is our own wording */
    size_t bytes;
    size_t tokens;     /* whose first byte lies in it: those of its children and its own */
    size_t own_tokens; /* of text that is in none of its children */
} sp_node;

/* Bytes of a message that are in one row, the innermost. */
typedef struct sp_tree_run {
    size_t message;
    size_t begin;
    size_t end;
    uint32_t node;
} sp_tree_run;

typedef struct sp_tree {
    const sp_node *nodes; /* nodes[0] is the root: the whole prompt */
    uint32_t node_count;
    const sp_tree_run *runs; /* every byte of every message, in order */
    size_t run_count;
    const uint32_t *segment_nodes; /* of each segment of the prompt: the row its first byte is in, the innermost */
    void *owner;                   /* what all of the above lives in; for sp_tree_free */
} sp_tree;

enum { SP_TREE_MAX_LEVELS = 5 };

/* Which rows stand in which others, the outermost first. */
typedef struct sp_tree_options {
    const sp_tree_level *levels; /* each at most once, and no SP_TREE_PROMPT */
    size_t level_count;          /* 0: file, heading */
} sp_tree_options;

/* Puts every token of a prompt under rows. A token belongs to the rows of its first byte, in one tokenisation of each
 * message, so that the rows in a row, with its own tokens, sum to it. options may be NULL. *ret_tree is the caller's,
 * to be dropped with sp_tree_free (NULL is fine) before the prompt is freed or trimmed. The time is linear in the
 * prompt. SP_ERR_USAGE for levels that are not as above; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_tree_build(const sp_prompt *prompt, const sp_tree_options *options, sp_tree **ret_tree,
                                    sp_err *err);

void sp_tree_free(sp_tree *tree);

/* What the text of a row comes to, recounted. */
typedef struct sp_node_cost {
    bool is_known;     /* false, and the rest 0: the prompt has hardly a place where counts of two texts add up, and to
                        * count every row anew would take too long */
    size_t standalone; /* tokens of it as a text of its own, in each message */
    int64_t marginal;  /* tokens that the prompt would lose without it. What stands around closes up and may have more
                        * tokens then, so this may be below 0 */
} sp_node_cost;

/* Counts for each node of a tree what it costs. *ret_costs is malloc'd, and the caller frees it. Takes about the time
 * of counting the prompt, and of counting some words for each row. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_tree_costs(const sp_prompt *prompt, const sp_tree *tree, sp_node_cost **ret_costs,
                                    sp_err *err);

/* A token of a message that begins in one segment and ends in another. Where it is counted is a matter of agreement:
 * with its first byte. */
typedef struct sp_straddler {
    size_t message;
    size_t begin; /* bytes of the message */
    size_t end;
    size_t first_segment;
    size_t last_segment;
    uint32_t first_line; /* of its first byte, in that segment's source; 0 in our own wording */
    uint32_t last_line;  /* of its last byte, in the other's */
} sp_straddler;

/* Finds the tokens that straddle segments, in order. *ret is malloc'd, the caller frees it; NULL for none.
 * SP_ERR_USAGE for a prompt that is not exact: an estimate has no tokens, only a number of them. SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_straddlers_find(const sp_prompt *prompt, sp_straddler **ret, size_t *ret_count, sp_err *err);

#endif
