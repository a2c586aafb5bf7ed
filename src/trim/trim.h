/*
 * trim.h - a prompt and a budget become a prompt that fits, with a certificate.
 *
 * Two steps. sp_prioritise says once, for every prompt, what would go first: it looks at the kind, the user's rules and
 * the annotations in the files. sp_trim then takes text away in one order that does not depend on the budget, and stops
 * at the first state that fits.
 *
 *   priority.c     kinds and rules -> the priority of every segment    annotations.c  <!-- sysprompt: keep -->
 *   units.c        segments -> chunks, units, and the order            divide.c       a large block -> parts
 *   gauge.c        tokens of what is left, step by step                hole.c         what stands where it was cut
 *   trim.c         the search, the new prompt, the certificate         budget.c       "8k", "5%"
 */
#ifndef SP_TRIM_H
#define SP_TRIM_H

#include "base/types.h"
#include "load/load.h"
#include "model/prompt.h"
#include "model/request.h"
#include "trim/budget.h"

/* Fills in priority, pinned and priority_reason of every segment of a prompt that was composed from docs. SP_ERR_USAGE
 * for a rule with a priority over SP_PRIORITY_MAX; else fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_prioritise(sp_arena *arena, const sp_docs *docs, const sp_request *request, sp_diags *diags,
                                    sp_prompt *prompt, sp_err *err);

/* Finds what has to go so that whole has at most budget_tokens. *ret is whole with trim set, and what is left if that
 * was asked for; it shares with whole what is the same in both. marker is the text that stands where something was cut,
 * with its placeholders. Everything lives in the arena. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_trim_prompt(sp_arena *arena, const sp_prompt *whole, sp_str marker, size_t budget_tokens,
                                     sp_trim_mode mode, sp_prompt *ret, sp_err *err);

#endif
