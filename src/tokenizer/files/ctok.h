/*
 * ctok.h - counts of Claude's tokens by the pieces that a ctok data file lists.
 *
 *   ctok_read.c     the file -> pieces          ctok_marks.c    text -> symbols: characters and marks
 *   ctok_tree.c     pieces, found symbol by symbol   ctok.c     symbols -> how few pieces tile them
 *
 * The tokenizer is not public. What is known of it is how many tokens it counts, and those counts are as if a text were
 * rewritten with marks (where a word begins and ends, which letters are capitals), and then covered with as few pieces
 * as can be. So this counts and cannot tell where tokens end for sure: it is an estimate, though a close one.
 */
#ifndef SP_VOCABULARY_CTOK_H
#define SP_VOCABULARY_CTOK_H

#include "base/types.h"
#include "tokenizer/files/vocabulary.h"

enum {
    SP_CTOK_BEGIN = 0x110000, /* of a word, or a space before punctuation */
    SP_CTOK_END,
    SP_CTOK_SHIFT, /* the word's first letter is a capital */
    SP_CTOK_CAPS,  /* all are */
    SP_CTOK_SYMBOLS,
    SP_CTOK_MAX_PIECE = 128, /* symbols */
};

/* How a family rewrites text, and what the request around a text does at its two ends. */
typedef struct sp_ctok_rules {
    bool folds_quotes;
    uint32_t caps_min;      /* a word of so many capitals is written with SP_CTOK_CAPS; 0: none is */
    bool frame_begins_word; /* the wording before the text ends in SP_CTOK_BEGIN, and takes one space */
    bool drops_end_spaces;  /* of all kinds; else line ends only */
    bool end_may_count;     /* drops_end_spaces is not known for sure */
    unsigned digits_of_a_token;
} sp_ctok_rules;

/* ---- text -> symbols ------------------------------------------------------------------------------------ */

/* Gets a symbol, and where in the text what it stands for ends. False: memory is short, and there will be no more. */
typedef bool sp_ctok_take(void *context, uint32_t symbol, size_t end);

/* Rewrites a text, any bytes; bytes that are not UTF-8 are read as U+FFFD. *ret_end_lines is how many line ends at the
 * end are left out, because they are counted with those that the request has after the text. False when memory is
 * short. Needs about 10 bytes for each of text. */
bool sp_ctok_mark(const sp_ctok_rules *rules, sp_str text, sp_ctok_take *take, void *context, size_t *ret_end_lines);

/* ---- pieces ----------------------------------------------------------------------------------------------- */

/* Pieces from their last symbol to the first, and byte prefixes from the first to the last, as one tree: an edge is a
 * node and a symbol. Bytes are symbols from SP_CTOK_SYMBOLS on. */
typedef struct sp_ctok_edge {
    uint64_t key;      /* 0: an empty place */
    uint32_t next;     /* a node, or 0: nothing goes on; with tail_len a place in the tree's symbols */
    uint8_t tail_len;  /* symbols of the only piece that goes on, at most SP_CTOK_MAX_PIECE */
    uint8_t followers; /* pieces that go on, up to 2: while the tree is made */
    bool is_piece;
} sp_ctok_edge;

/* What of a piece is not in the tree yet. */
typedef struct sp_ctok_piece {
    uint32_t begin; /* in the tree's symbols */
    uint32_t len;
    uint32_t node;
    sp_ctok_edge *edge;
} sp_ctok_piece;

typedef struct sp_ctok_tree {
    sp_ctok_edge *edges;
    size_t edge_count;
    size_t capacity; /* a power of two, or 0 */
    uint32_t node_count;
    uint32_t *symbols; /* of all pieces, one behind the other */
    uint32_t symbol_count;
    size_t symbol_capacity;
    sp_ctok_piece *pieces; /* until the tree is made */
    size_t piece_count;
    size_t piece_capacity;
} sp_ctok_tree;

void sp_ctok_tree_release(sp_ctok_tree *tree);

enum { SP_CTOK_PIECES = 1, SP_CTOK_BYTES = 2 }; /* the nodes that the two kinds begin at */

typedef enum sp_ctok_added { SP_CTOK_ADDED, SP_CTOK_TOO_MANY, SP_CTOK_NO_MEMORY } sp_ctok_added;

/* Adds a piece or a prefix, 1 to SP_CTOK_MAX_PIECE symbols, in the order of its way from the root. At most 4,194,304 of
 * them, with 134,217,728 symbols. */
sp_ctok_added sp_ctok_add(sp_ctok_tree *tree, uint32_t root, const uint32_t *symbols, size_t count);
/* Once, when all are added. Linear in the symbols. False when memory is short. */
bool sp_ctok_tree_make(sp_ctok_tree *tree);

/* A place in the tree: at first that of a root, { .node = SP_CTOK_PIECES }. Borrowed from the tree. */
typedef struct sp_ctok_way {
    uint32_t node;
    uint32_t tail_len;
    const uint32_t *tail;
    bool is_piece; /* what was gone since the root */
} sp_ctok_way;

/* Goes on by one symbol. False if no piece does: then the way is at its end. */
bool sp_ctok_step(const sp_ctok_tree *tree, sp_ctok_way *way, uint32_t symbol);

/* What a file comes to. */
typedef struct sp_ctok_vocabulary {
    sp_ctok_rules rules;
    sp_ctok_tree tree;
    bool joins_words; /* some piece goes on from something else into a word, */
    bool joins_lines; /* or from something else than blanks to a line end */
} sp_ctok_vocabulary;

/* Fills in *ret, also on failure: the tree is the caller's to release. SP_ERR_INPUT with line and column for what
 * cannot be used. */
SP_MUST_USE sp_status sp_ctok_read(const sp_vocab_file *file, sp_ctok_vocabulary *ret, sp_err *err);

#endif
