/* memory_scopes.h - the scopes of an agent's memory, in one table. */
#ifndef SP_MEMORY_SCOPES_H
#define SP_MEMORY_SCOPES_H

#include "base/base.h"
#include "base/types.h"
#include "model/source.h"
#include "rules/templates.h"

typedef struct sp_memory_scope {
    sp_str name; /* what the agent's field memory holds */
    sp_scope scope;
    const char *folder; /* below ~/.claude for user, below the launch directory for the others (rule memory.place) */
    sp_text_key text;   /* whom it is shared with, in our words */
} sp_memory_scope;

enum { SP_MEMORY_SCOPE_COUNT = 3 };
extern const sp_memory_scope sp_memory_scopes[SP_MEMORY_SCOPE_COUNT];

/* The scope of that name, or NULL. */
const sp_memory_scope *sp_memory_scope_find(sp_str name);

#endif
