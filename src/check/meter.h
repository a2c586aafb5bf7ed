/*
 * meter.h - counts many prompts that end alike.
 *
 *   sp_meter meter = { 0 };
 *   SP_TRY(sp_meter_prompt(&meter, encoding, &prompt, &size, err));         what sp_attribute would give
 *   sp_meter_release(&meter);
 *
 * The instructions that stand at the end of an agent's prompt are those of all others. Behind a place where counts
 * surely add up, what was counted for the last prompt is not counted again.
 */
#ifndef SP_CHECK_METER_H
#define SP_CHECK_METER_H

#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

typedef struct sp_meter {
    const sp_encoding *encoding; /* of the counter */
    sp_counter *counter;
    sp_buf tail; /* the end of the last prompt */
    sp_counted tail_counted;
} sp_meter;

/* How large something is. */
typedef struct sp_size {
    size_t tokens;
    sp_range range; /* of these */
} sp_size;

/* Both fail only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_meter_prompt(sp_meter *meter, const sp_encoding *encoding, const sp_prompt *prompt,
                                      sp_size *ret, sp_err *err);
SP_MUST_USE sp_status sp_meter_text(sp_meter *meter, const sp_encoding *encoding, sp_str text, sp_size *ret,
                                    sp_err *err);
void sp_meter_release(sp_meter *meter);

#endif
