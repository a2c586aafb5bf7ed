/* result.h - what to compare, and what changed. */
#ifndef SP_DIFF_RESULT_H
#define SP_DIFF_RESULT_H

#include "base/types.h"
#include "model/request.h"
#include "tokenizer/tokens.h"

typedef enum sp_change {
    SP_CHANGE_NONE,
    SP_CHANGE_EDITED,
    SP_CHANGE_NEW,
    SP_CHANGE_GONE,
    SP_CHANGE_MOVED, /* it has another heading, path or place; perhaps edited as well */
    SP_CHANGE_LEFT,  /* of a heading: it moved to another file, which has it as SP_CHANGE_MOVED */
} sp_change;

/* What is compared. */
typedef enum sp_base_kind {
    SP_BASE_WORKING_TREE,
    SP_BASE_REVISION,
    SP_BASE_FOLDER,  /* the prompt that is started there */
    SP_BASE_FILE,    /* a text by itself, of the disk or of a revision */
    SP_BASE_RESULT,  /* a saved sysprompt.build/1 */
    SP_BASE_CAPTURE, /* a recorded request */
} sp_base_kind;

typedef struct sp_base {
    sp_base_kind kind;
    sp_str name; /* as it was asked for; the working tree: ptr NULL; a file at a revision: REV:PATH, from the top */
    sp_str id;   /* of a revision's commit; with the others below as in sp_revision. Else ptr NULL */
    sp_str short_id;
    sp_str date;
    sp_str subject;
    bool lacks_text; /* a saved result that does not say where the texts of its segments are: only numbers are compared
                      */
} sp_base;

/* The commit that added the most tokens to a heading. */
typedef struct sp_blame {
    sp_str id; /* ptr NULL: it is not committed yet; the others are as in sp_revision */
    sp_str short_id;
    sp_str date;
    sp_str subject;
    size_t added_tokens;
} sp_blame;

/* The text right under a heading, without what stands under headings below it; that before the first heading of a file
 * has none, and of our own wording each kind is one. */
typedef struct sp_diff_row {
    sp_str_list headings; /* from the outermost on */
    sp_change change;
    size_t old_tokens;
    size_t new_tokens;
    sp_str other_path;          /* moved: the file where it was; left: where it went. As in sp_diff_file */
    sp_str_list other_headings; /* and the headings there */
    const sp_blame *blame;      /* NULL: nobody was asked, or nothing added any */
} sp_diff_row;

/* A file of one prompt or of both, with all its rows. */
typedef struct sp_diff_file {
    sp_str path; /* as the prompt names it; ptr NULL: our own wording */
    sp_change change;
    sp_str old_path; /* of a file that moved */
    size_t old_tokens;
    size_t new_tokens;
    const sp_diff_row *rows;
    size_t row_count;
} sp_diff_file;

/* Two prompts. The files sum to both totals, and the rows of a file to the file. */
typedef struct sp_diff_prompt {
    sp_str agent;                      /* ptr NULL: the main session, or a text */
    sp_change change;                  /* new or gone: there is no such agent on the other side */
    const sp_encoding *encoding;       /* of both sides */
    const sp_encoding *model_encoding; /* with all_agents: as in sp_listed_agent */
    bool exact;
    size_t old_tokens;
    size_t new_tokens;
    sp_range old_range;
    sp_range new_range;
    const sp_diff_file *files; /* those of the new prompt in its order, then what is gone */
    size_t file_count;
} sp_diff_prompt;

typedef struct sp_diff {
    sp_base old_base;
    sp_base new_base;
    sp_str encoding_note; /* as in sp_prompt */
    const sp_diff_prompt *prompts;
    size_t prompt_count;
    size_t commit_count;    /* blame: that lie between the two, along first parents */
    size_t looked_at_count; /* the newest of them, which were looked at */
    size_t built_count;     /* those that could change the prompt, so that it was built */
    size_t failed_count;    /* those of them where it could not be: what they added is the next one's */
    sp_str failed_id;       /* short, of the last of these; and why, as a message would say it */
    sp_str failed_why;
    bool is_blamed;
    void *owner; /* what all of the above lives in; for sp_diff_free */
} sp_diff;

enum { SP_BLAME_MAX_COMMITS = 1000 };

typedef struct sp_diff_request {
    /* What to build: its agent (NULL beside a saved result: the agent of that; another one is SP_ERR_USAGE), and how;
     * revision and agent_text are not looked at. */
    const sp_request *request;
    /* A file, a folder, a saved result (- is standard input), or a revision; with new NULL also two revisions (and
     * never files) with .. between them, or with ... : the common ancestor of both and the second. NULL for both is
     * HEAD. REV:PATH is a file at a revision, and a revision beside a file that is no saved result is that file's
     * text there; one file alone is compared with its text in HEAD, and REV:PATH alone with the one on the disk. */
    const char *old_base;
    const char *new_base; /* the same; NULL: the working tree. Behind a range: the file, as below */
    size_t number;        /* of the request to take of a recording, from 1; 0: as sp_capture_build chooses */
    const char *capture;  /* compare the working tree's prediction with this recorded request; or NULL. Without bases */
    const char *file;     /* with two revisions: compare nothing but this file; or NULL. It may be on one side only */
    bool all_agents;      /* the main session and every agent that loads on one of the sides, not only request's */
    bool blame;           /* name the commits; the old side is a revision, the new one too or the working tree */
} sp_diff_request;

#endif
