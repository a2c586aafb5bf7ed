/* functions.h - the input tokens of a recorded request to a model of OpenAI. */
#ifndef SP_CAPTURE_FUNCTIONS_H
#define SP_CAPTURE_FUNCTIONS_H

#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "tokenizer/models/model.h"

/* Fills in prompt->request of a request that was recorded as it was sent, by the formula that OpenAI documents for
 * messages and functions. Leaves it as it is where the model has no such figures, another encoding counted, or only a
 * part of the texts was saved. prompt is counted, captured too. Errors: as for sp_count. */
SP_MUST_USE sp_status sp_capture_count_request(sp_arena *arena, const sp_model *model, sp_str name,
                                               const sp_captured *captured, sp_prompt *prompt, sp_err *err);

#endif
