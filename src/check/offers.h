/* offers.h - what could be taken out of something that is over its budget: sections under a heading, and whole files.
 */
#ifndef SP_CHECK_OFFERS_H
#define SP_CHECK_OFFERS_H

#include "base/base.h"
#include "base/types.h"
#include "check/result.h"
#include "model/prompt.h"
#include "model/source.h"

/* Three or fewer, the smallest that are enough: each alone, or together where one alone would be more than half as
 * large again as it must be. Where even three are not enough, the largest. The prompt's tokens are counted
 * (sp_attribute). Texts are copied into arena. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_offers_of_prompt(sp_arena *arena, const sp_prompt *prompt, size_t over_tokens,
                                          sp_measure *measure, sp_err *err);

/* The same for one file: its sections under headings with the text within, or all where that has ptr NULL. source has
 * blocks, and block_tokens the tokens of each on its own. */
SP_MUST_USE sp_status sp_offers_of_file(sp_arena *arena, const size_t *block_tokens, const sp_source *source,
                                        sp_str within, size_t over_tokens, sp_measure *measure, sp_err *err);

#endif
