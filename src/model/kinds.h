/* kinds.h - the enumerations of the model, and nothing else: a list (packaging/members.mk). */
#ifndef SP_MODEL_KINDS_H
#define SP_MODEL_KINDS_H

typedef enum sp_block_kind {
    SP_BLOCK_PARAGRAPH, /* also link definitions, and the empty line of a quote */
    SP_BLOCK_HEADING,   /* ATX and setext */
    SP_BLOCK_FENCED_CODE,
    SP_BLOCK_INDENTED_CODE,
    SP_BLOCK_HTML,
    SP_BLOCK_THEMATIC_BREAK,
    SP_BLOCK_BLANK, /* blank lines with no block before them */
    SP_BLOCK_FRONT_MATTER,
    SP_BLOCK_LIST_ITEM, /* the paragraph that an item begins with, perhaps empty; its further ones are paragraphs */
} sp_block_kind;

typedef enum sp_source_kind {
    SP_SOURCE_AGENT,
    SP_SOURCE_MEMORY,
    SP_SOURCE_INSTRUCTIONS, /* a file of the CLAUDE.md chain, or one that was named with --instructions */
    SP_SOURCE_RULE,         /* a file in a rules folder */
    SP_SOURCE_IMPORT,       /* a file that another one asks for with @path */
    SP_SOURCE_SKILL,        /* a skill that the agent lists */
    SP_SOURCE_APPENDED,     /* text that the user adds to the system prompt */
    SP_SOURCE_CLIENT,       /* of a recorded request: what no file explains of one part of it */
    SP_SOURCE_TOOL,         /* and the definition of a tool */
} sp_source_kind;

/* Whose text it is: the client's memory types, NAMED for a file the user named outright, and what only agents and
 * added directories have. */
typedef enum sp_scope {
    SP_SCOPE_NAMED,
    SP_SCOPE_MANAGED,
    SP_SCOPE_USER,
    SP_SCOPE_PROJECT,
    SP_SCOPE_LOCAL,
    SP_SCOPE_SESSION, /* an agent from --agents */
    SP_SCOPE_ADDED,   /* from a directory that was added with --add-dir */
    SP_SCOPE_PLUGIN,  /* from a plugin or an extension: an agent, a skill, a file of instructions */
} sp_scope;

typedef enum sp_role {
    SP_ROLE_SYSTEM,
    SP_ROLE_USER,
    SP_ROLE_ASSISTANT, /* of a recorded request only, as the next one */
    SP_ROLE_TOOLS,     /* the definitions of the tools */
} sp_role;

typedef enum sp_segment_kind {
    SP_SEGMENT_BODY,
    SP_SEGMENT_MEMORY,
    SP_SEGMENT_INSTRUCTIONS,
    SP_SEGMENT_RULE,
    SP_SEGMENT_IMPORT,
    SP_SEGMENT_SKILL,
    SP_SEGMENT_HEADER,      /* our own: headings, separators, memory instructions */
    SP_SEGMENT_MARKER,      /* our own: stands where something was cut */
    SP_SEGMENT_ENVIRONMENT, /* our own: working directory, platform and the like, and the git status */
    SP_SEGMENT_APPENDED,
    SP_SEGMENT_CLIENT,  /* of a recorded request: text that no file explains */
    SP_SEGMENT_TOOL,    /* and the definition of a tool */
    SP_SEGMENT_LISTING, /* and a file's entry in the client's list of agents or skills */
} sp_segment_kind;

typedef enum sp_front_matter_state {
    SP_FRONT_MATTER_NONE,
    SP_FRONT_MATTER_STRICT,    /* valid YAML */
    SP_FRONT_MATTER_RECOVERED, /* not valid YAML; read line by line */
} sp_front_matter_state;

typedef enum sp_agent_status {
    SP_AGENT_LOADS,
    SP_AGENT_REFUSED,  /* has its name, but the client refuses to start it */
    SP_AGENT_SHADOWED, /* another one has the name */
    SP_AGENT_SKIPPED,  /* the client does not load the file */
} sp_agent_status;

typedef enum sp_skill_status {
    SP_SKILL_LISTED,    /* the session lists its name and its description */
    SP_SKILL_NAME_ONLY, /* just its name: a setting says so */
    SP_SKILL_HIDDEN,    /* the model does not see it: disable-model-invocation, or a setting */
    SP_SKILL_SHADOWED,  /* another one has the name */
    SP_SKILL_SKIPPED,   /* the client does not load it */
} sp_skill_status;

typedef enum sp_layout {
    SP_LAYOUT_FLAT,  /* one system message: body, memory, environment, appended text, instructions, skills */
    SP_LAYOUT_SPLIT, /* what the client sends: a system message (body, memory, environment, appended text), then a user
                      * message (instructions, skills) */
} sp_layout;

#endif
