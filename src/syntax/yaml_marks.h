/*
 * yaml_marks.h - libyaml's marks, which count characters, as offsets of bytes.
 *
 *   sp_yaml_marks marks = { .text = text, .begin = begin, .end = end, .cursor = begin };
 *   size_t offset = sp_yaml_offset(&marks, event.start_mark.index);
 */
#ifndef SP_YAML_MARKS_H
#define SP_YAML_MARKS_H

#include "base/base.h"
#include "base/types.h"

/* A cursor that walks along with the events. What libyaml reads is text[begin..end). */
typedef struct sp_yaml_marks {
    sp_str text;
    size_t begin;
    size_t end;
    size_t cursor_chars; /* the character that a mark counts ... */
    size_t cursor;       /* ... and where it stands in text */
} sp_yaml_marks;

/* The offset into text of the character with that index. Cheap for one that is near the last that was asked for. */
size_t sp_yaml_offset(sp_yaml_marks *marks, size_t index);

#endif
