/* copilot.h - what the agents of all of GitHub Copilot's clients share. */
#ifndef SP_COPILOT_H
#define SP_COPILOT_H

#include "sources/client.h"

enum { SP_COPILOT_TOOL_COUNT = 21 };

extern const char *const sp_copilot_fields[]; /* beside name, description, model and tools; NULL ends them */
extern const sp_tool_name sp_copilot_tools[SP_COPILOT_TOOL_COUNT];

#endif
