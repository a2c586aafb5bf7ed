/* agent.h - an agent's fields, and what the client makes of them. */
#ifndef SP_MODEL_AGENT_H
#define SP_MODEL_AGENT_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/kinds.h"

/* A tool that an agent does not get, and the rule that says so. */
typedef struct sp_removed_tool {
    sp_str tool;
    sp_rule_key rule;
    sp_str why;
} sp_removed_tool;

/* What the agent's front matter says, and what the client makes of it. A field that is absent has ptr NULL. */
typedef struct sp_agent {
    uint32_t source;
    sp_front_matter_state front_matter;
    sp_str name;
    sp_str description;
    sp_str model;
    sp_str memory; /* "user", "project" or "local"; another value is reported and counts as absent */
    sp_str color;
    sp_str permission_mode;
    sp_str_list tools;
    sp_str_list disallowed_tools;
    sp_str_list skills;          /* to be preloaded */
    const size_t *skill_offsets; /* of each of them in the text that lists it */
    sp_str initial_prompt;       /* the first turn of a session that is started as the agent */
    bool has_tools;              /* an empty list is not the same as none */
    bool omit_claude_md;
    bool in_background;
    bool is_unlisted; /* the client offers it to the user alone, not to the model */
    /* resolved */
    bool inherits_tools;        /* all of the session's, but for tools_removed and what no subagent gets */
    sp_str_list tools_resolved; /* without inherits_tools: all there are, by name, each once */
    const sp_removed_tool *tools_removed;
    size_t tools_removed_count;
    sp_str model_resolved; /* ptr NULL: the session's, which nothing here names */
    sp_str model_reason;   /* who named it: "front matter", or a setting or variable with its place */
} sp_agent;

#endif
