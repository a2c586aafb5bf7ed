/*
 * reading.h - a text as Claude's tokenizers read it, of which an estimate is: in NFC (Unicode Standard Annex 15), with
 * U+FFFD for each maximal subpart that is not UTF-8. Characters outside the basic plane are left as they are, and so
 * are seven ideographs that are outside in NFC. A run of more than 31 marks is normalized in parts.
 */
#ifndef SP_TOKENIZER_READING_H
#define SP_TOKENIZER_READING_H

#include "base/base.h"

typedef struct sp_reading {
    sp_str text;     /* valid UTF-8 */
    sp_str original; /* which may be the same */
    sp_buf owned;    /* text is in there if it is not */
} sp_reading;

/* original must outlive the reading. False when memory is short; release it then, too. */
bool sp_reading_init(sp_reading *reading, sp_str original);
void sp_reading_release(sp_reading *reading);

/* The offset in the original of the offset *at in the text, where a character begins or the text ends. If that lies
 * within what is read otherwise than it is written, both are moved to where that begins. */
size_t sp_reading_origin(const sp_reading *reading, size_t *at);

/* The offsets in the text of count offsets in the original, in order. One within what is read otherwise than it is
 * written is moved to where that ends. */
void sp_reading_places(const sp_reading *reading, const size_t *offsets, size_t count, size_t *ret);

#endif
