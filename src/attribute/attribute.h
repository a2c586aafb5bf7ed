/*
 * attribute.h - one tokenisation of the final bytes, and to whom its tokens belong.
 *
 * A token belongs to the segment of its first byte. So the segments of a message sum to the message, the messages to
 * the prompt, and nothing is counted twice. Where the encoding is an estimate, its pieces stand for tokens. A cut is
 * counted on its own, as if it were a text.
 */
#ifndef SP_ATTRIBUTE_H
#define SP_ATTRIBUTE_H

#include "base/base.h"

/* Fills in every token count of the prompt. Errors as for sp_token_ends. */
SP_MUST_USE sp_status sp_attribute(const sp_encoding *encoding, sp_prompt *prompt, sp_err *err);

#endif
