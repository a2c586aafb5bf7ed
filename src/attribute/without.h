/*
 * without.h - how many tokens are left when a part of the prompt goes: recounted, not what the part has by itself.
 *
 *   sp_without without;
 *   SP_TRY(sp_without_init(&without, prompt, err));
 *   status = sp_without_part(&without, message, begin, end, &left, err);   ... for every part
 *   sp_without_release(&without);
 *
 * What stands around the part closes up, and is tokenised as one text. Only that joint is counted again, between the
 * nearest places on both sides where counts add up (tokenize/cut.c), so that a part costs little more than its length.
 */
#ifndef SP_WITHOUT_H
#define SP_WITHOUT_H

#include "base/base.h"

typedef struct sp_without {
    const sp_prompt *prompt;
    sp_counter *counter;
    size_t *counted; /* of each message, as the counter has it: the parts of an estimate are finer than tokens */
    sp_buf text;
} sp_without;

/* Bytes of a message. */
typedef struct sp_part {
    size_t message;
    size_t begin;
    size_t end;
} sp_part;

/* Counts the messages once. prompt is borrowed until sp_without_release, which a failure makes needless. Fails only
 * with SP_ERR_NO_MEMORY, as all do. */
SP_MUST_USE sp_status sp_without_init(sp_without *without, const sp_prompt *prompt, sp_err *err);
void sp_without_release(sp_without *without);

/* The tokens of the prompt without that part of it: exactly those of a text without it. */
SP_MUST_USE sp_status sp_without_part(sp_without *without, sp_part part, size_t *ret_left, sp_err *err);

/* The same without all of the parts at once, which follow one another in the order of the prompt and do not overlap.
 * Counts all that is left. */
SP_MUST_USE sp_status sp_without_parts(sp_without *without, const sp_part *parts, size_t count, size_t *ret_left,
                                       sp_err *err);

#endif
