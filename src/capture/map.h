/*
 * map.h - which bytes of some texts come from which place of which source.
 *
 *   sp_mapping mapping;
 *   SP_TRY(sp_texts_map(arena, texts, text_count, sources, source_count, &mapping, err));
 *   for (size_t i = 0; i < mapping.count; i++)
 *       ... mapping.spans[i]: bytes of a text, and the bytes of a source that they are
 *
 * Lines are compared without the white space around them. The longest run of lines that is the same in a source is
 * attributed first, then shorter ones; then lines that stand within another line, and text that is escaped as JSON or
 * XML. Takes time linear in the length of texts and sources: a suffix automaton over the lines of the sources has every
 * longest match, however often lines repeat.
 */
#ifndef SP_CAPTURE_MAP_H
#define SP_CAPTURE_MAP_H

#include "base/base.h"
#include "base/types.h"

/* A file that the texts may hold. */
typedef struct sp_mapped_source {
    sp_str bytes;
    sp_str path;          /* absolute, as a client would name it; ptr NULL: none */
    sp_str name;          /* relative, or ~/...; ptr NULL: none */
    size_t content_begin; /* after its front matter */
    bool is_expected;     /* the client is predicted to send it: a short match is enough */
} sp_mapped_source;

enum { SP_LEAST_PIECE_BYTES = 8 }; /* of a part of a line that is looked for within the client's text */

/* A phrase of a source that may stand within a line of the client's, such as a description in a list. */
typedef struct sp_mapped_phrase {
    sp_str text;     /* as the client has it; may span lines */
    uint32_t source; /* where it is from, */
    size_t begin;    /* and the place in it */
    size_t end;
} sp_mapped_phrase;

/* Bytes of a source that the client is predicted to send. */
typedef struct sp_mapped_stretch {
    uint32_t source;
    uint32_t message; /* the prediction's */
    size_t begin;
    size_t end;
} sp_mapped_stretch;

typedef enum sp_span_match {
    SP_SPAN_VERBATIM, /* both are the same bytes */
    SP_SPAN_TRIMMED,  /* the same line but for the white space around it and its line end */
    SP_SPAN_ESCAPED,  /* the same after JSON's or XML's escapes are decoded */
    SP_SPAN_PHRASE,   /* a phrase, perhaps shortened by the client */
} sp_span_match;

typedef struct sp_span_of {
    uint32_t text;
    size_t begin; /* into the text */
    size_t end;
    uint32_t source;
    size_t source_begin;
    size_t source_end;
    sp_span_match match;
    bool is_ambiguous; /* another place explains it as well, and nothing tells which it was */
} sp_span_of;

typedef struct sp_mapping {
    sp_span_of *spans; /* by text, and in it from left to right; they do not overlap */
    size_t count;
} sp_mapping;

/* What is looked for. */
typedef struct sp_map_input {
    const sp_str *texts;
    size_t text_count;
    const sp_mapped_source *sources; /* in the order in which the client is predicted to send them */
    size_t source_count;
    const sp_mapped_phrase *phrases;
    size_t phrase_count;
    const sp_mapped_stretch *expected; /* in the order of the prediction */
    size_t expected_count;
} sp_map_input;

/* The result lives in arena. Errors: SP_ERR_INPUT for 1 GiB of texts and sources and more, or more lines of either than
 * capture.lines says; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_texts_map(sp_arena *arena, const sp_map_input *input, sp_mapping *ret, sp_err *err);

#endif
