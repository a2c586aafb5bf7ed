/* passes.h - what a load adds for those who ask for more than the prompt (sp_load_pass). */
#ifndef SP_EXPLAIN_PASSES_H
#define SP_EXPLAIN_PASSES_H

#include "base/types.h"
#include "load/load.h"

/* Adds files that do not load, as sources that are left out: below the launch directory, of other clients, beside
 * memory files. docs is of the load before. */
SP_MUST_USE sp_status sp_unread_find(struct sp_loader *loader, const sp_docs *docs, sp_err *err);

/* With finds_unread: files that do not load, below the launch directory, of other clients, beside memory files. */
SP_MUST_USE sp_status sp_explain_unread(struct sp_loader *loader, sp_docs *docs, sp_err *err);
/* What the request's question (why) comes to, as far as loading knows; its sources are the loader's. */
SP_MUST_USE sp_status sp_explain_why(struct sp_loader *loader, sp_docs *docs, sp_err *err);

/* Both, one after the other. */
extern const sp_load_pass sp_explain_passes[];

#endif
