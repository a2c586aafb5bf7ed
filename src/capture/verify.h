/* verify.h - a recorded request beside the prompt that is predicted, file by file. */
#ifndef SP_CAPTURE_VERIFY_H
#define SP_CAPTURE_VERIFY_H

#include "base/base.h"
#include "base/diag.h"
#include "base/types.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "sources/docs.h"

/* The one engine for it. Sources 0 to shared of both prompts are the same files in the same order; the other sources
 * of the recorded one are not predicted by anything. *captured knows its request and first_on_demand. Sets verified,
 * verified_count and drift_count of *captured. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_capture_verify(sp_arena *arena, const sp_prompt *predicted, const sp_prompt *recorded,
                                        uint32_t shared, sp_captured *captured, sp_err *err);

/* The same byte by byte, for each text with files of a prediction in learned wording; recorded has its client text.
 * Sets texts, text_count and differing_texts. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_capture_compare_texts(sp_arena *arena, const sp_docs *docs, const sp_prompt *predicted,
                                               const sp_prompt *recorded, sp_captured *captured, sp_err *err);

/* Adds a diagnostic for each difference that both found. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_capture_tell_drift(const sp_captured *captured, sp_diags *diags, sp_err *err);

/* "predicted and absent", ... */
sp_str sp_verdict_name(sp_verdict verdict);
/* The rule that reports it; SP_RULE_NONE for what is the same. */
sp_rule_key sp_verdict_rule(sp_verdict verdict);

#endif
