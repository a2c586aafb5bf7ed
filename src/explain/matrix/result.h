/* result.h - files down, clients (or directories, or agents) across: what becomes of each file in each prompt. */
#ifndef SP_EXPLAIN_MATRIX_RESULT_H
#define SP_EXPLAIN_MATRIX_RESULT_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/kinds.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

/* What the columns are. */
typedef enum sp_matrix_by {
    SP_MATRIX_BY_CLIENT,
    SP_MATRIX_BY_DIRECTORY,
    SP_MATRIX_BY_AGENT,
} sp_matrix_by;

typedef enum sp_cell_state {
    SP_CELL_UNREAD,  /* the client does not read it, or is not documented to */
    SP_CELL_LOADS,   /* whole: at the start, or for a file that is touched */
    SP_CELL_PART,    /* so, too, but some of it is omitted */
    SP_CELL_DEMAND,  /* later: when a file is touched, the model asks for it, or somebody names it */
    SP_CELL_HIDDEN,  /* another file is read in its place */
    SP_CELL_OMITTED, /* a limit or a switch keeps all of it out */
    SP_CELL_SAME,    /* it is another file of the prompt by another path, which loads once */
} sp_cell_state;

/* What a prompt says of one of its files, without the file's text. */
typedef struct sp_matrix_file {
    sp_str path;      /* as in sp_matrix_row */
    sp_str name;      /* as in sp_source */
    sp_str real_path; /* with every link resolved; ptr NULL: not known */
    sp_str trigger;   /* the touched file that it loads for, or ptr NULL */
    sp_source_kind kind;
    bool is_loaded;
    bool is_blank;   /* nothing but white space */
    bool is_omitted; /* it, or a part of it, for this reason: */
    uint32_t first_line;
    sp_rule_key rule;
    sp_str why;
    size_t tokens;
    uint32_t text; /* the same number for files of the prompt with the same text; SP_NONE: it is short, or not read */
} sp_matrix_file;

typedef struct sp_matrix_cell {
    sp_cell_state state;
    sp_source_kind kind; /* as what it was found: a file may be an import for one client only */
    unsigned times;      /* how often its text is in the prompt */
    size_t tokens;       /* of all of these */
    uint32_t order;      /* among the files that load, from 1; 0: it does not */
    uint32_t line;       /* PART: the first one that is omitted */
    sp_rule_key rule;    /* unless it loads whole: what says so, SP_RULE_NONE for UNREAD, */
    sp_str why;          /* and a sentence, or ptr NULL */
    sp_str trigger;      /* LOADS, PART: the touched file that it loads for; ptr NULL: it loads at the start */
    uint32_t rival;      /* HIDDEN: the row that is read in its place, as far as it is known; SP_NONE */
    uint32_t text;       /* LOADS, PART: as in sp_matrix_file */
} sp_matrix_cell;

typedef struct sp_matrix_row {
    sp_str path;           /* as in sp_source, or with ~/ */
    sp_str real_path;      /* with every link resolved; ptr NULL: not known */
    bool is_empty;         /* nothing but white space */
    sp_matrix_cell *cells; /* one for each column */
} sp_matrix_row;

typedef struct sp_matrix_column {
    sp_str name;               /* of the client with its version, the directory or the agent */
    const sp_profile *profile; /* whose rules */
    sp_matrix_file *files;     /* of the prompt, in its order */
    size_t file_count;
    sp_diagnostic *diagnostics; /* those of the prompt that are worth a finding */
    size_t diagnostic_count;
    bool is_measured; /* the client was measured; else its rules are from documents */
    size_t tokens;    /* of files */
    uint32_t same_as; /* the first column with equal cells; its own index for that one */
    sp_str problem;   /* why the client does not start; ptr NULL: it does */
} sp_matrix_column;

/* What is worth knowing beyond the cells. */
typedef struct sp_matrix_finding {
    sp_rule_key rule;
    sp_level level;
    uint32_t row;      /* SP_NONE: it is about a file without a row: */
    sp_str path;       /* that one; of others ptr NULL */
    uint32_t line;     /* in that file; 0: the whole file */
    uint32_t *columns; /* that it is about */
    size_t column_count;
    sp_str text; /* a sentence without its subject, which is the file: "is empty and hides AGENTS.md" */
} sp_matrix_finding;

typedef struct sp_matrix {
    sp_matrix_by by;
    sp_str place;                /* the launch directory, as it was given; BY_DIRECTORY: "." */
    sp_str current;              /* the current directory, which paths are relative to */
    const sp_encoding *encoding; /* of all columns */
    bool exact;
    sp_matrix_column *columns;
    size_t column_count;
    size_t distinct_count; /* of columns that no other is folded into */
    sp_matrix_row *rows;
    size_t row_count;
    sp_matrix_finding *findings;
    size_t finding_count;
    void *owner; /* what all of the above lives in; for sp_matrix_free */
} sp_matrix;

#endif
