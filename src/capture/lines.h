/* lines.h - texts as lines with numbers: the same number is the same line, without the white space around it. */
#ifndef SP_CAPTURE_LINES_H
#define SP_CAPTURE_LINES_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_line {
    uint32_t id;      /* of its content; SP_NONE: no source has it */
    uint32_t text;    /* index of the text or source that it is in */
    uint32_t start;   /* of the line, */
    uint32_t begin;   /* of its content without white space, */
    uint32_t end;     /* the end of that, */
    uint32_t next;    /* and of the line with its line end */
    uint32_t letters; /* bytes of its content that are letters, digits or not ASCII */
} sp_line;

typedef struct sp_lines {
    sp_line *items;
    size_t count;
} sp_lines;

/* A letter or digit of ASCII, or a byte of another character. Without branches: which bytes are, nobody can foresee. */
static inline bool sp_is_letter(char c)
{
    unsigned char byte = (unsigned char)c;
    return (byte >= 0x80) | ((unsigned char)(byte - '0') < 10) | ((unsigned char)((byte | 0x20) - 'a') < 26);
}

uint32_t sp_count_letters(sp_str text);

/* Numbers for lines. Those of blank lines are all 0. */
typedef struct sp_line_ids {
    struct sp_line_entry *entries; /* by number, from 1 */
    uint32_t *table;               /* of numbers, by hash; 0: free */
    size_t capacity;               /* of the table */
    uint32_t count;
} sp_line_ids;

static inline bool sp_line_is_blank(const sp_line *line)
{
    return line->begin == line->end;
}

/* Splits texts of less than 4 GiB into lines. With grows, content that is new gets a number, else SP_NONE. Errors:
 * SP_ERR_INPUT for more lines than capture.lines says; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_lines_number(sp_arena *arena, const sp_str *texts, size_t count, bool grows, sp_line_ids *ids,
                                      sp_lines *ret, sp_err *err);

#endif
