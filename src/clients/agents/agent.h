/*
 * agent.h - the front matter of an agent file, as the client would take it.
 *
 *   sp_agent agent;
 *   size_t body;
 *   SP_TRY(sp_agent_read(arena, profile, models, path, text, SP_AGENT_FILE, SP_FRONT_MATTER_RECOVER, &diags, &agent,
 * &body, &err));
 *   ... text.ptr + body is where the prompt begins
 */
#ifndef SP_AGENT_H
#define SP_AGENT_H

#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "sources/client.h"
#include "tokenizer/models/model.h"

/* Reads the front matter of text and checks every field against what is documented. What the client would not take the
 * way it is written becomes a diagnostic: a finding where it refuses the file, a warning or a note otherwise. A value
 * that is reported as wrong counts as absent, but for the name and the model, which are kept as written. agent->source
 * is SP_NONE; the rest lives in arena or borrows from text. known_models: those that the user knows beside ours, or
 * NULL. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_agent_read(sp_arena *arena, const sp_profile *profile, const sp_models *known_models,
                                    sp_str path, sp_str text, sp_agent_form form, sp_front_matter_mode mode,
                                    sp_diags *diags, sp_agent *ret, size_t *ret_body_begin, sp_err *err);

/* The name that a client takes from an agent's path: the last part without .agent.md or .md. Borrowed from path. */
sp_str sp_agent_file_name(sp_str path);

#endif
