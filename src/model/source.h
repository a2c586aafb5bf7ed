/* source.h - a file as it was read, and its leaf blocks. */
#ifndef SP_MODEL_SOURCE_H
#define SP_MODEL_SOURCE_H

#include "base/types.h"
#include "model/kinds.h"

/* A leaf block of Markdown (CommonMark 0.30). The blocks of a source follow one another without a gap:
 * every line belongs to exactly one, a blank line to the block before it, and the markers of the lists and
 * quotes around a block to the block whose line they stand on. */
typedef struct sp_block {
    sp_block_kind kind;
    uint8_t level;   /* 1 to 6 for a heading, else 0 */
    bool is_in_item; /* of a list */
    bool is_in_quote;
    uint32_t first_line; /* from 1 */
    uint32_t last_line;  /* the last one that is not blank (or first_line) */
    uint32_t heading;    /* index of the heading block this one stands under (a heading: its parent), or SP_NONE */
    size_t begin;        /* byte offsets into the source */
    size_t end;
} sp_block;

/* A file as it was read, with what was found in it. */
struct sp_parsed;

/* What a client may tell of a MEMORY.md that it cut: figures as it writes them. */
typedef struct sp_memory_cut {
    const char *kind; /* which limits were exceeded, and where: "lines", "size-inside", "both-blank", ... */
    size_t end;       /* where what is kept ends, as an offset in the file */
    sp_str lines;     /* of the whole text */
    sp_str lost;      /* lines that are left out */
    sp_str line;      /* number of the first of these */
    sp_str size;      /* of the whole text, with a unit: "29.4KB" */
    sp_str units;     /* the same in UTF-16 units */
    sp_str text;      /* the first line that is left out, shortened; empty: it is blank, or a part of it is kept */
} sp_memory_cut;

/* A file as it was read, with what was found in it. */
typedef struct sp_source {
    sp_source_kind kind;
    sp_scope scope;
    sp_str path;      /* relative to the current directory when below it, else absolute; "<stdin>" for - */
    sp_str name;      /* relative to the launch directory, or ~/..., or absolute */
    sp_str sent_name; /* as the prompt names it where that differs: a rule behind a link; else ptr NULL */
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
    size_t tokens;                   /* of all segments that are slices of it */
    const sp_memory_cut *memory_cut; /* of a memory file that does not fit; else NULL */
    struct sp_parsed *parsed;        /* what a load found in it; NULL in a saved result */
} sp_source;

/* As the prompt names it. Borrowed from source. */
static inline sp_str sp_source_sent_name(const sp_source *source)
{
    return source->sent_name.ptr ? source->sent_name : source->name;
}

/* Of a recorded request: text or a tool of the client, which is in no file. */
static inline bool sp_source_is_client(const sp_source *source)
{
    return source->kind == SP_SOURCE_CLIENT || source->kind == SP_SOURCE_TOOL;
}

#endif
