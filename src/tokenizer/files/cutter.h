/* cutter.h - how a tokenizer cuts texts into pieces: a list of steps, each of which cuts the pieces of the one before.
 */
#ifndef SP_VOCABULARY_CUTTER_H
#define SP_VOCABULARY_CUTTER_H

#include "base/types.h"
#include "tokenizer/files/chars.h"
#include "tokenizer/files/flow.h"
#include "tokenizer/files/regex.h"
#include "tokenizer/tokenize.h"

typedef enum sp_cutter_kind {
    SP_CUT_RULES, /* a pattern that split.c knows */
    SP_CUT_REGEX,
    SP_CUT_TEXT,         /* where a text stands */
    SP_CUT_CHARS,        /* at each character of a kind */
    SP_CUT_RUNS,         /* at each run of characters of one kind, or of another */
    SP_CUT_METASPACE,    /* blanks become a mark, and the pieces begin with it */
    SP_CUT_BLANK_BEFORE, /* cuts nothing: a blank is put before each piece that has none */
} sp_cutter_kind;

/* What becomes of what a cutter finds, and of what lies between. */
typedef enum sp_cutter_behavior {
    SP_CUT_ISOLATED,
    SP_CUT_REMOVED,
    SP_CUT_WITH_PREVIOUS,
    SP_CUT_WITH_NEXT,
    SP_CUT_CONTIGUOUS,
} sp_cutter_behavior;

typedef enum sp_prepend {
    SP_PREPEND_NEVER,
    SP_PREPEND_FIRST, /* at the beginning of the whole text only */
    SP_PREPEND_ALWAYS,
} sp_prepend;

typedef struct sp_cutter {
    sp_cutter_kind kind;
    sp_cutter_behavior behavior;
    bool inverts; /* what lies between takes the place of what is found */
    sp_split_rules rules;
    sp_regex *regex;
    bool is_local;        /* REGEX: known to find nothing that lies across a letter or digit and a blank */
    sp_str text;          /* TEXT, REGEX; METASPACE: the mark */
    sp_char_test *is_in;  /* CHARS, RUNS */
    sp_char_test *is_in2; /* RUNS, or NULL */
    sp_prepend prepend;   /* METASPACE */
    bool splits;          /* METASPACE */
} sp_cutter;

/* Bytes that become tokens by themselves. A piece, elsewhere in here. */
typedef struct sp_pretoken {
    size_t begin;
    size_t end;
} sp_pretoken;

/* A list that grows. What ran out of memory stays failed. */
typedef struct sp_pretokens {
    sp_pretoken *items;
    size_t count;
    size_t capacity;
    bool failed;
} sp_pretokens;

void sp_pretokens_release(sp_pretokens *pieces);
void sp_pretokens_add(sp_pretokens *pieces, size_t begin, size_t end);

/* A text that is being cut, and where the pieces of it are. */
typedef struct sp_cutting {
    sp_view view;
    bool is_first; /* it is where the whole text begins */
    sp_pretokens pieces;
    sp_pretokens found; /* the rest is for sp_cut_pieces alone */
    sp_pretokens next;
    sp_flow flows[2];        /* for cutters that change the text */
    bool in_second;          /* of the two flows the view is in the second */
    const sp_vocab *classes; /* for split.c; any encoding's */
    void *scratch;           /* for the regex */
} sp_cutting;

void sp_cutting_release(sp_cutting *cutting);

/* Cuts every piece. False when a regex takes too long, or when memory is short, which cutting->pieces.failed tells. */
bool sp_cut_pieces(sp_cutting *cutting, const sp_cutter *cutter);

#endif
