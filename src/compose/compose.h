/*
 * compose.h - what goes in, and in which order: sources become a prompt.
 *
 * Pure: reads nothing, decides by the documents and the rules alone. When it is done, every byte of every source that
 * was read lies in exactly one segment or one cut.
 */
#ifndef SP_COMPOSE_H
#define SP_COMPOSE_H

#include "base/types.h"
#include "load/load.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"

/* Fills in messages, segments and cuts of the prompt, without token counts. Everything lives in the arena or is
 * borrowed from docs. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_compose(sp_arena *arena, const sp_profile *profile, sp_layout layout, const sp_docs *docs,
                                 sp_diags *diags, sp_prompt *prompt, sp_err *err);

/* What of an agent's text from content_begin on goes into the prompt: without leading blank lines and trailing white
 * space; the first line keeps its indentation. */
sp_span sp_compose_body_span(sp_str text, size_t content_begin);

#endif
