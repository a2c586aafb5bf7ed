/* memory.h - MEMORY.md, of an agent or of the main session. */
#ifndef SP_MEMORY_H
#define SP_MEMORY_H

#include "base/types.h"
#include "sources/loader.h"

SP_MUST_USE sp_status sp_load_memory(sp_loader *loader, sp_docs *docs, sp_err *err);

#endif
