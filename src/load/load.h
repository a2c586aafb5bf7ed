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

#endif
