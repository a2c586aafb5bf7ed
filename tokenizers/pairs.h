/*
 * pairs.h - the packed form of a vocabulary (*.pairs).
 *
 * A rank of 256 and above is the merge of two lower ranks, so a vocabulary is told by its 256 single bytes
 * and, for each further rank, two numbers. Those are written with an adaptive binary range coder, which
 * learns as it goes that some tokens begin or end many others.
 */
#ifndef SP_BUILD_PAIRS_H
#define SP_BUILD_PAIRS_H

#include "vocab.h"

/* The packed form of a vocabulary whose splits are filled in; allocated. */
uint8_t *pairs_pack(const vocab *v, size_t *ret_len);

/* The vocabulary again. Ends with a message when the bytes cannot be one. */
void pairs_unpack(vocab *v, const uint8_t *packed, size_t len);

#endif
