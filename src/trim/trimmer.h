/* trimmer.h - what the files of trim/ share while one prompt is made to fit. */
#ifndef SP_TRIMMER_H
#define SP_TRIMMER_H

#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"
#include "trim/trim.h"

/* A segment, or a part of one that is in a block too large to be one unit. */
typedef struct sp_chunk {
    const sp_segment *segment;
    sp_str text;
    size_t begin; /* as in the segment; of the part */
    size_t end;
    uint32_t first_line;
    uint32_t last_line;
    uint32_t unit;  /* that it goes with, or SP_NONE */
    uint32_t solid; /* its number among those, or SP_NONE: nothing but white space */
    uint32_t next;  /* chunk of the same unit, or of the same frame, or SP_NONE */
} sp_chunk;

/* The header and footer of a file: they go when all between them is gone. */
typedef struct sp_frame {
    size_t live;    /* solids between them */
    uint32_t first; /* chunk of its own text, or SP_NONE */
} sp_frame;

/* What is taken away as one: a block, or a part of a large one, and the markers in it. */
typedef struct sp_unit {
    uint32_t first; /* chunk */
    uint32_t last;
    uint32_t heading;  /* the unit of the heading it stands under, or SP_NONE */
    uint32_t children; /* of a heading: units right below it */
    bool is_heading;
    bool pinned;
    uint8_t priority;
    uint32_t group; /* what is in a lower one goes first: of the project's folders the outer one */
    uint32_t depth; /* what is deeper goes first: imports */
} sp_unit;

/* Chunks that are not just white space, and the ends of a message. What is between two of them is their link: line
 * ends, or a marker where something was taken away. */
typedef struct sp_solid {
    size_t at;   /* chunk; of the beginning of a message: its first one, of the end: one past its last one */
    sp_str text; /* empty at the ends of a message */
    uint32_t previous;
    uint32_t following;
    uint32_t message;
    bool is_end; /* or the beginning */
    bool is_dead;
    /* gauge.c */
    bool has_cut; /* there is a place in it left and right of which counts add up */
    bool is_dirty;
    size_t first_cut;
    size_t last_cut;
    sp_counted inner; /* between the two */
    sp_counted joint; /* from the last one to the first one of the next solid that has any */
    uint32_t anchor;  /* itself if it is there and has a cut, else one to the left that is nearer to such a one */
} sp_solid;

typedef struct sp_trimmer {
    sp_arena *arena; /* for what is needed only until the prompt is made */
    const sp_prompt *prompt;
    sp_str marker; /* with placeholders */
    sp_list(sp_chunk) chunks;
    sp_list(sp_unit) units;
    sp_list(sp_solid) solids;
    sp_frame *frames; /* of each source */
    uint32_t *order;  /* units, as they are taken away */
    size_t order_count;
} sp_trimmer;

/* The chunk behind a solid. */
static inline size_t sp_trim_after(const sp_solid *solid)
{
    return solid->at + !solid->is_end;
}

/* ---- units.c ---- */
/* Makes chunks, solids and units of the prompt, and their order. */
SP_MUST_USE sp_status sp_trim_divide(sp_trimmer *t, sp_err *err);
/* Takes a unit away, and the frames of files with nothing left. taken is told of every solid before it goes. */
void sp_trim_take(sp_trimmer *t, uint32_t unit, void (*taken)(void *context, uint32_t solid), void *context);

/* ---- divide.c ---- */
/* Where the part that begins at begin ends: at most max_bytes on, but at least one character (as people see them), at
 * the last end of a line, else of a sentence, else of a character. */
size_t sp_trim_part_end(sp_str text, size_t begin, size_t max_bytes);

/* ---- hole.c ---- */
/* Whether something was taken away between two solids that are neighbours now. */
static inline bool sp_trim_is_hole(uint32_t left, uint32_t right)
{
    return right != left + 1;
}
/* Adds what stands between two solids. */
void sp_trim_add_link(const sp_trimmer *t, uint32_t left, uint32_t right, sp_buf *out);

/* ---- gauge.c ---- */
/* Counts what is left as units are taken away. Where texts hang together so that a step means counting a lot, only some
 * of the steps are counted: the more, the fewer. */
typedef struct sp_gauge {
    sp_trimmer *trimmer;
    sp_counter *counter;
    sp_list(uint32_t) dirty;
    sp_buf text;
    sp_counted *counted; /* of each message */
    uint64_t work_bytes;
    size_t skip; /* steps that are not counted from here on */
    bool failed;
} sp_gauge;

SP_MUST_USE sp_status sp_gauge_init(sp_gauge *gauge, sp_trimmer *trimmer, sp_err *err);
void sp_gauge_release(sp_gauge *gauge);
/* What is left now, as a budget sees it. */
size_t sp_gauge_tokens(const sp_gauge *gauge);
/* Takes the unit away, after which so many steps are left. *ret_tokens is what is left, as above, or SIZE_MAX where
 * this step is not counted; the last one is. */
SP_MUST_USE sp_status sp_gauge_step(sp_gauge *gauge, uint32_t unit, size_t steps_left, size_t *ret_tokens, sp_err *err);

#endif
