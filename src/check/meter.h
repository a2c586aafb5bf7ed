/*
 * meter.h - counts many prompts that end alike.
 *
 *   sp_meter meter = { 0 };
 *   SP_TRY(sp_meter_prompt(&meter, encoding, &prompt, &tokens, err));       what sp_attribute would give
 *   sp_meter_release(&meter);
 *
 * The instructions that stand at the end of an agent's prompt are those of all others. Behind a place where counts
 * surely add up, what was counted for the last prompt is not counted again.
 */
#ifndef SP_CHECK_METER_H
#define SP_CHECK_METER_H

#include "base/base.h"

typedef struct sp_meter {
    const sp_encoding *encoding; /* of the counter */
    sp_counter *counter;
    sp_buf tail; /* the end of the last prompt */
    size_t tail_counted;
} sp_meter;

/* Both fail only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_meter_prompt(sp_meter *meter, const sp_encoding *encoding, const sp_prompt *prompt,
                                      size_t *ret_tokens, sp_err *err);
SP_MUST_USE sp_status sp_meter_text(sp_meter *meter, const sp_encoding *encoding, sp_str text, size_t *ret_tokens,
                                    sp_err *err);
void sp_meter_release(sp_meter *meter);

#endif
