/* source.h - a file as it was read, and its leaf blocks. */
#ifndef SP_MODEL_SOURCE_H
#define SP_MODEL_SOURCE_H

#include "base/types.h"

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

/* A leaf block of Markdown (CommonMark 0.30). The blocks of a source follow one another without a gap:
 * every line belongs to exactly one, a blank line to the block before it, and the markers of the lists and
 * quotes around a block to the block whose line they stand on. */
typedef struct sp_block {
    sp_block_kind kind;
    uint8_t level;       /* 1 to 6 for a heading, else 0 */
    uint32_t first_line; /* from 1 */
    uint32_t last_line;  /* the last one that is not blank (or first_line) */
    uint32_t heading;    /* index of the heading block this one stands under (a heading: its parent), or SP_NONE */
    size_t begin;        /* byte offsets into the source */
    size_t end;
} sp_block;

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
    SP_SCOPE_PLUGIN,  /* an agent that comes with a plugin */
} sp_scope;

/* A file as it was read, with what was found in it. */
struct sp_parsed;

/* A file as it was read, with what was found in it. */
typedef struct sp_source {
    sp_source_kind kind;
    sp_scope scope;
    sp_str path;      /* relative to the current directory when below it, else absolute; "<stdin>" for - */
    sp_str name;      /* as the prompt names it: relative to the launch directory, or ~/..., or absolute */
    sp_str real_path; /* with every link resolved */
    sp_str reason; /* why it is here: "agent", "named", "session_start", "include", "agent_memory", "path_glob_match",
                    * "nested_traversal", ... */
    sp_str bytes;  /* the whole file; empty when it was not read (was_read) */
    bool was_read;
    bool is_loaded;         /* false: nothing of it is in the prompt, and a cut says why */
    uint64_t size_bytes;    /* of the file, also when it was not read */
    uint32_t importer;      /* index of the source that asks for it, or SP_NONE */
    uint32_t importer_line; /* the line of its @path */
    uint32_t depth;         /* imports between it and the file that started the chain */
    sp_str trigger;         /* the touched file that it loads for; ptr NULL for what loads at the start */
    sp_str pattern;         /* and the pattern of its front matter that matches that file, or ptr NULL */
    size_t content_begin;   /* where the text begins: after a BOM and front matter that is not sent */
    const sp_block *blocks;
    uint32_t block_count;
    size_t tokens;            /* of all segments that are slices of it */
    struct sp_parsed *parsed; /* what a load found in it; NULL in a saved result */
} sp_source;

#endif
