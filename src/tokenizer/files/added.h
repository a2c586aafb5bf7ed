/* added.h - the tokens of a tokenizer.json that are found in a text before anything else is done with it. */
#ifndef SP_VOCABULARY_ADDED_H
#define SP_VOCABULARY_ADDED_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_added {
    sp_str content;
    uint32_t id;
    bool special;     /* counts only where special tokens are allowed */
    bool single_word; /* not within a word */
    bool takes_left;  /* takes along the white space before it */
    bool takes_right; /* and behind it */
    bool normalized;  /* is looked for in the text as it is normalised */
} sp_added;

typedef struct sp_added_set {
    sp_added *items; /* by content */
    size_t count;
    bool begins[256]; /* which bytes one of them begins with */
} sp_added_set;

/* Puts them in order. */
void sp_added_init(sp_added_set *set, sp_added *items, size_t count);

/* A token in a text, with the white space that it takes along. */
typedef struct sp_added_match {
    const sp_added *token;
    size_t begin;
    size_t end;
    size_t next; /* where its content ends, and the next one is looked for: as in the reference, also in white space
                    that this one takes along */
} sp_added_match;

/* The first at or after from that counts, the longest of several. What is before taken belongs to the one before. */
bool sp_added_find(const sp_added_set *set, sp_str text, size_t from, size_t taken, bool with_special,
                   sp_added_match *ret);

#endif
