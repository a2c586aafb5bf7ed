/*
 * flow.h - a text that is changed on its way to its tokens, and for each of its bytes where in the original it comes
 * from: so a token's end is known in what the user wrote.
 *
 * What comes from several characters, or is several bytes in place of one character, ends where those do with its last
 * byte; its bytes before that end where those begin. What is put in without an original ends where it stands.
 */
#ifndef SP_VOCABULARY_FLOW_H
#define SP_VOCABULARY_FLOW_H

#include "base/base.h"
#include "base/types.h"

/* A text as one step hands it to the next. */
typedef struct sp_view {
    sp_str text;
    const uint32_t *ends; /* of each byte, in the original; NULL: it is the original */
} sp_view;

typedef struct sp_flow {
    char *bytes;
    uint32_t *ends; /* NULL unless wanted */
    size_t len;
    size_t capacity;
    size_t max_len; /* 0: as much as there is memory for */
    bool wants_ends;
    bool failed;      /* memory: as in sp_buf, what is added then is swallowed */
    bool is_too_long; /* no, max_len */
} sp_flow;

void sp_flow_release(sp_flow *flow);
void sp_flow_clear(sp_flow *flow, bool wants_ends); /* also of max_len */

static inline sp_view sp_flow_view(const sp_flow *flow)
{
    return (sp_view){ { flow->bytes, flow->len }, flow->ends };
}

/* Where in the original the byte before at ends. */
static inline size_t sp_view_end(sp_view view, size_t at)
{
    return at == 0 ? 0 : view.ends ? view.ends[at - 1] : at;
}

/* Adds from.text[begin..end) as it is. */
void sp_flow_copy(sp_flow *flow, sp_view from, size_t begin, size_t end);
/* Adds bytes that stand for from.text[begin..end), which may be empty. */
void sp_flow_put(sp_flow *flow, sp_str bytes, sp_view from, size_t begin, size_t end);

#endif
