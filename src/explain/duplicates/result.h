/* result.h - text that a prompt has more than once. */
#ifndef SP_EXPLAIN_DUPLICATES_RESULT_H
#define SP_EXPLAIN_DUPLICATES_RESULT_H

#include "base/types.h"
#include "model/prompt.h"

typedef enum sp_copy_kind {
    SP_COPY_FILE,    /* a file whose text another one has, white space around its blocks apart */
    SP_COPY_TEXT,    /* blocks that follow one another, word for word */
    SP_COPY_SIMILAR, /* a section or a block that is nearly the same as another one */
} sp_copy_kind;

/* Where text stands: whole leaf blocks of one file. */
typedef struct sp_copy_place {
    uint32_t source;
    uint32_t first_line;
    uint32_t last_line; /* the last one that is not blank */
    size_t message;     /* bytes begin to end of the text of that message */
    size_t begin;
    size_t end;
} sp_copy_place;

/* Text that stands in the prompt a second time. */
typedef struct sp_copy {
    sp_copy_kind kind;
    sp_copy_place first; /* what it is a copy of */
    sp_copy_place place; /* itself; of a SP_COPY_FILE with the header and the footer around it */
    size_t block_count;
    unsigned similar_percent; /* 100 unless it is SP_COPY_SIMILAR: the share of runs of three words that both have */
    bool is_counted;          /* false, and tokens 0: as is_known of sp_node_cost */
    int64_t tokens;           /* that the prompt would lose if this one went, recounted */
} sp_copy;

typedef struct sp_waste {
    const sp_copy *copies; /* in the order of the prompt; none overlaps another */
    size_t copy_count;
    size_t min_tokens; /* what has less is not looked at */
    unsigned min_percent;
    size_t uncompared_count; /* sections that are too long to look for similar ones (waste.words) */
    int64_t tokens;          /* that it would lose if all copies went but those that are only similar, recounted */
    int64_t similar_tokens;  /* and what it would lose then if these went too */
    void *owner;             /* what all of the above lives in; for sp_waste_free */
} sp_waste;

/* Finds text that stands more than once in a prompt: the longest runs of blocks, and sections and blocks that are
 * nearly the same. Text that the library wrote itself does not count. Takes about the time of counting the prompt. On
 * success *ret_waste is the caller's, to be dropped with sp_waste_free (NULL is fine); it does not borrow from the
 * prompt, and its indices are the prompt's. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_waste_find(const sp_prompt *prompt, sp_waste **ret_waste, sp_err *err);

void sp_waste_free(sp_waste *waste);

#endif
