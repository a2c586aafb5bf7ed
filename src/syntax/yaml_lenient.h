/*
 * yaml_lenient.h - what YAML 1.2 allows and libyaml does not, character by character: what to write in its place.
 *
 * Tabs before values and at the head of lines, mappings with a key that is empty, anchors with any characters in their
 * names, and tags that a bracket ends.
 */
#ifndef SP_YAML_LENIENT_H
#define SP_YAML_LENIENT_H

#include "base/types.h"

/* What takes the place of text[at..at + len). */
typedef struct sp_yaml_piece {
    size_t len;
    char bytes[12];
    size_t count;
} sp_yaml_piece;

/* Where a walk through the text is. */
typedef struct sp_yaml_lenient {
    size_t line;       /* where the line begins */
    bool is_head;      /* nothing but blanks and indicators (- ? :) is on it so far */
    bool has_space;    /* other than tabs */
    bool has_sign;     /* an indicator was among them */
    bool is_name;      /* inside the name of an anchor or an alias */
    bool is_tag;       /* inside a tag */
    char before;       /* the last character that is not a blank, of this line or one above; '\0' at the head of all */
    char last;         /* the last character; '\0' at the head of a line */
    size_t plain_line; /* the line whose tabs are known to be before plain values, or SIZE_MAX */
    size_t block_line; /* the line whose tabs are known not to be, or SIZE_MAX */
} sp_yaml_lenient;

sp_yaml_lenient sp_yaml_lenient_begin(size_t begin);

/* Steps over text[at]. True: *ret takes its place. A piece without length comes before the character. */
bool sp_yaml_lenient_step(sp_yaml_lenient *walk, sp_str text, size_t begin, size_t at, sp_yaml_piece *ret);

#endif
