/*
 * load.h - what the client would read: a request becomes sources, each parsed.
 *
 * A worklist runs to a fixpoint: the agent's fields ask for its memory, the launch directory for the instruction
 * chain, each file's imports for more files. Everything that was looked at and not loaded is a source too, with the
 * rule that kept it out.
 */
#ifndef SP_LOAD_H
#define SP_LOAD_H

#include "base/diag.h"
#include "base/file.h"
#include "base/types.h"
#include "model/profile.h"
#include "model/request.h"
#include "sources/docs.h"

struct sp_loader;

/* A step that a caller adds after those of the client: what is looked for only to be told. */
typedef sp_status (*sp_load_pass)(struct sp_loader *loader, sp_docs *docs, sp_err *err);

/* Loads all that request asks for, by the rules of the profile, and then runs the passes; NULL ends them. Everything
 * lives in the arena. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_load(sp_arena *arena, const sp_profile *profile, const sp_request *request,
                              const sp_reader *reader, const sp_load_pass *passes, sp_diags *diags, sp_docs *ret,
                              sp_err *err);

/* The model that settings name for a session in the launch directory; ptr NULL: none. Errors as for sp_load. */
SP_MUST_USE sp_status sp_load_session_model(sp_arena *arena, const sp_profile *profile, const sp_request *request,
                                            const sp_reader *reader, sp_str *ret, sp_err *err);

#endif
