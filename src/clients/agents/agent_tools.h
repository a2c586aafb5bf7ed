/*
 * agent_tools.h - the client's tools, and which of them an agent gets.
 *
 *   const sp_tool *tool = sp_tool_find(sp_tool_of(entry));   "Bash" of "Bash(git push *)"
 */
#ifndef SP_AGENT_TOOLS_H
#define SP_AGENT_TOOLS_H

#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "rules/profile.h"

typedef struct sp_tool {
    sp_str name;
    const char *remark;    /* what to say about an old one, "" for the others */
    bool is_for_subagents; /* rule agent.no-subagent-tool */
} sp_tool;

/* The built-in tool of that name, or NULL. */
const sp_tool *sp_tool_find(sp_str name);
/* The built-in tool whose name is near, or NULL. */
const sp_tool *sp_tool_near(sp_str name);

/* The tool an entry of tools or disallowedTools is about. */
sp_str sp_tool_of(sp_str entry);
bool sp_tool_is_mcp(sp_str name);
/* Whether the agent lacks a tool that its session has. NULL is the session, which lacks none. */
bool sp_tool_is_removed(const sp_agent *agent, sp_str name);
/* Whether the agent has that tool of its session's. */
bool sp_tool_is_given(const sp_agent *agent, sp_str name);
/* One word that begins with a capital: how built-in tools are named. There may be some that we do not know. */
bool sp_tool_looks_built_in(sp_str name);

/* Fills in what agent gets: tools_resolved and tools_removed. with_memory: its memory is on, and brings its tools
 * along. as_session: it is the main session's, not a subagent. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_tools_resolve(sp_arena *arena, const sp_profile *profile, bool with_memory, bool as_session,
                                       sp_agent *agent, sp_err *err);

/* The same for a client whose table has the names of its tools. */
SP_MUST_USE sp_status sp_tools_resolve_by_table(sp_arena *arena, const sp_profile *profile, sp_agent *agent,
                                                sp_err *err);

#endif
