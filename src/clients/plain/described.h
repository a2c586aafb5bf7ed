/*
 * described.h - agents of which a request has the name and the description, and of which no more is known here: in
 * TOML, or of a client whose agents `build` does not make.
 *
 *   sp_described_agents all;
 *   SP_TRY(sp_described_agents_find(loader, &all, err));
 */
#ifndef SP_DESCRIBED_H
#define SP_DESCRIBED_H

#include "base/types.h"
#include "model/source.h"
#include "sources/loader.h"

typedef struct sp_described_agent {
    sp_str path; /* absolute */
    sp_str name;
    sp_str description; /* empty where the client needs none */
    sp_scope scope;
    sp_str why; /* why it is not listed, as a sentence; ptr NULL: it is */
} sp_described_agent;

typedef sp_list(sp_described_agent) sp_described_list;

/* Finds them in the order of their places, the first of a name first. None for a client without a table of them. Fails
 * only with SP_ERR_NO_MEMORY, or for a directory that cannot be listed. */
SP_MUST_USE sp_status sp_described_agents_find(sp_loader *loader, sp_described_list *ret, sp_err *err);

#endif
