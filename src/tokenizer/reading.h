/*
 * reading.h - a text as Claude's tokenizers read it, of which an estimate is: in NFC, with U+FFFD for each maximal
 * subpart that is not UTF-8. Characters outside the basic plane, and those that are one character in NFC and another
 * here, are as they are.
 */
#ifndef SP_TOKENIZER_READING_H
#define SP_TOKENIZER_READING_H

#include "base/base.h"

typedef struct sp_reading {
    sp_str text;  /* valid UTF-8 */
    sp_buf owned; /* it is in there, unless it is the original */
} sp_reading;

/* text has to live as long. False when memory is short. */
bool sp_reading_init(sp_reading *reading, sp_str text);
void sp_reading_release(sp_reading *reading);

/* The offset in the original of an offset in its reading where a character begins, or its end. */
size_t sp_reading_origin(const sp_reading *reading, sp_str original, size_t at);

/* The offsets in the reading of count offsets in the original, in order. What lies within what is read as one character
 * is behind that. */
void sp_reading_places(const sp_reading *reading, sp_str original, const size_t *offsets, size_t count, size_t *ret);

#endif
