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
#include "base/types.h"
#include "model/prompt.h"
#include "model/request.h"
#include "rules/profile.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

/* The model that a prompt goes to: the request's, else its own, that of the agent or the session (ptr NULL: none). NULL
 * where none is named, or none that is known. */
const sp_model *sp_attribute_target(const sp_request *request, sp_str own);

/* The encoding of a model; NULL for NULL, and where it has none. */
const sp_encoding *sp_attribute_encoding_of(const sp_model *model);

/* What counts the tokens of a prompt or of a table. */
typedef struct sp_counted_with {
    const sp_encoding *encoding;
    sp_str note; /* a sentence, where encoding may not be the tokenizer of the client's model; else ptr NULL */
} sp_counted_with;

/* The one place that chooses a tokenizer: the encoding of the request; else that of the model that it names; else of
 * own, the model of the agent or the session; else that of the profile's client. A table of several prompts has one
 * encoding, so own is its session's model. */
sp_counted_with sp_attribute_choose(const sp_request *request, const sp_profile *profile, sp_str own);

/* For a row of such a table: the encoding that would count the prompt by itself, where that is another than the
 * table's; else NULL. */
const sp_encoding *sp_attribute_other(const sp_request *request, const sp_profile *profile, const sp_encoding *encoding,
                                      sp_str own);

/* Tokenises a text that is made of count parts, of which ends[i] are the ends, the last at text.len: the tokens of
 * each, which sum to *ret_total. Errors as for sp_token_ends. */
SP_MUST_USE sp_status sp_attribute_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                                          size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err);

/* Fills in every token count of the prompt. Errors as for sp_token_ends. */
SP_MUST_USE sp_status sp_attribute(const sp_encoding *encoding, sp_prompt *prompt, sp_err *err);

#endif
