/*
 * recount.h - how many tokens a message has with only some of its text: recounted, not what the parts have by
 * themselves.
 *
 *   sp_recount recount;
 *   SP_TRY(sp_recount_init(&recount, prompt, err));
 *   status = sp_recount_add(&recount, message, 0, begin, err);       ... all but the bytes from begin to end
 *   status = sp_recount_add(&recount, message, end, length, err);
 *   status = sp_recount_end(&recount, &tokens, err);
 *   sp_recount_release(&recount);
 *
 * What is added closes up and is counted as one text, but only around the joints is it counted again.
 */
#ifndef SP_RECOUNT_H
#define SP_RECOUNT_H

#include "base/base.h"
#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

typedef struct sp_recount {
    sp_arena arena;
    const sp_prompt *prompt;
    sp_counter *counter;
    struct sp_ruler *rulers; /* of the messages */
    sp_buf joint;            /* what has been added since the last place where counts add up, */
    size_t counted;          /* and what is before it, as the counter has it */
    size_t work_bytes;       /* counted again so far */
} sp_recount;

/* Counts the messages once. prompt is borrowed until sp_recount_release, which a failure makes needless. Fails only
 * with SP_ERR_NO_MEMORY, as all do. */
SP_MUST_USE sp_status sp_recount_init(sp_recount *recount, const sp_prompt *prompt, sp_err *err);
void sp_recount_release(sp_recount *recount);

/* Goes on with bytes begin to end of a message; nothing where end is not behind begin. */
SP_MUST_USE sp_status sp_recount_add(sp_recount *recount, size_t message, size_t begin, size_t end, sp_err *err);
/* The tokens of all that was added; what is added next is another text. */
SP_MUST_USE sp_status sp_recount_end(sp_recount *recount, size_t *ret_tokens, sp_err *err);

/* A text can be made so that it has hardly a place where counts add up, and then every recount means counting all of
 * it. True when so much has been counted that whoever has a question for every part of it should stop asking. */
bool sp_recount_is_too_much(const sp_recount *recount);

#endif
