/* mapper.h - the state of one mapping. Private to capture/. */
#ifndef SP_CAPTURE_MAPPER_H
#define SP_CAPTURE_MAPPER_H

#include "base/base.h"
#include "base/types.h"
#include "capture/automaton.h"
#include "capture/lines.h"
#include "capture/map.h"

typedef sp_list(sp_span_of) sp_spans;

/* By text, and from left to right. There is at least one. */
void sp_spans_sort(sp_spans *spans);

typedef struct sp_mapper {
    sp_arena *arena;
    const sp_map_input *input;
    sp_line_ids ids;
    sp_lines known; /* of all sources */
    sp_lines asked; /* of the texts that are mapped */
    const sp_str *texts;
    size_t text_count;
    sp_automaton automaton;
    uint32_t *line_of;     /* of each number of the automaton's sequence: index in known, SP_NONE between two sources */
    uint32_t *number_of;   /* the reverse */
    uint32_t *first_known; /* of each source: its first line, and of the end the number of lines */
    uint32_t *rank;        /* of each known line: its place in the prediction, or SP_NONE */
    uint32_t *expected;    /* of each number of a line: the first known one with it that is predicted, or SP_NONE; */
    uint32_t *next;        /* of each known line: the next such one */
    uint32_t *times;       /* of each number of a line: how often it is among the known ones */
    bool *is_repeated;     /* of each known line: it stands more than once in its source */
    bool *is_used;         /* known lines that a text has, */
    bool *is_unsure;       /* or perhaps has: that text's line is ambiguous */
    uint32_t *owner;       /* of each asked line: the known line that it is, or SP_NONE */
    bool *is_ambiguous;    /* of each asked line */
} sp_mapper;

enum { SP_HINT_BYTES = 400 }; /* of the text before a run in which the name of a file is looked for */

/* How well a text names a source: 0 not at all, 3 by its path. */
unsigned sp_map_naming(const sp_mapper *mapper, sp_str text, uint32_t source);

/* Whether a known line comes before all that a client sends of its file: it is blank, or of the front matter. */
static inline bool sp_map_leads(const sp_mapper *m, uint32_t known)
{
    const sp_line *line = &m->known.items[known];
    return sp_line_is_blank(line) || line->begin < m->input->sources[line->text].content_begin;
}

/* Whether the line of the text before an asked one ends with the source's line before a known one, after words of the
 * client; and whether the line after begins with the source's line after. Not where another line was decided. */
bool sp_map_is_glued_before(const sp_mapper *mapper, uint32_t asked, uint32_t known);
bool sp_map_is_glued_after(const sp_mapper *mapper, uint32_t asked, uint32_t known);

/* Decides for whole lines. */
SP_MUST_USE sp_status sp_map_lines(sp_mapper *mapper, sp_err *err);
/* What was decided, as spans, with what hangs together with them on the lines before and after. */
SP_MUST_USE sp_status sp_map_collect(sp_mapper *mapper, sp_spans *ret, sp_err *err);
/* Adds lines and phrases of sources that stand within lines. Spans are by text and from left to right, before and
 * after. */
SP_MUST_USE sp_status sp_map_inside(sp_mapper *mapper, sp_spans *spans, sp_err *err);
/* Adds predicted lines that say too little to be found by themselves, next to those that were found. Spans are by text
 * and from left to right, before and after. */
SP_MUST_USE sp_status sp_map_expected(sp_arena *arena, const sp_map_input *input, sp_spans *spans, sp_err *err);

#endif
