/* prompt.h - the prompt: messages of segments, and what was left out. */
#ifndef SP_MODEL_PROMPT_H
#define SP_MODEL_PROMPT_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/kinds.h"
#include "model/profile.h"
#include "model/source.h"
#include "tokenizer/tokens.h"

/* A run of output: a slice of one source inside one leaf block, or text the library wrote itself
 * (source is SP_NONE and the offsets and lines are 0). */
typedef struct sp_segment {
    sp_segment_kind kind;
    sp_role role; /* what the client sends it as; a flat layout puts it into the system message all the same */
    uint32_t source;
    uint32_t block;
    uint32_t first_line;
    uint32_t last_line;
    size_t begin; /* byte offsets into the source */
    size_t end;
    sp_str text;                 /* the bytes themselves, borrowed from the source or the prompt */
    size_t tokens;               /* tokens whose first byte lies in this segment */
    const char *priority_reason; /* "instructions", "keep at CLAUDE.md:3", "trim rule 2" */
    uint8_t priority;            /* what has less goes first: 0 to SP_PRIORITY_MAX */
    bool pinned;                 /* no budget takes it away; own text goes with what it belongs to */
    uint32_t frame;              /* the source under whose header and above whose footer it stands, or SP_NONE */
    uint32_t place_source;       /* own text in the place of a part of a block: that block. Else SP_NONE */
    uint32_t place_block;
    bool is_learned;   /* own text in the client's wording, as it was learned: it is private as the client's is */
    bool is_ambiguous; /* of a recorded request: another place of the files explains it as well */
} sp_segment;

/* What was left out of the prompt. */
typedef struct sp_cut {
    uint32_t source;
    uint32_t first_line; /* 0 when the file was not read */
    uint32_t last_line;
    size_t begin;
    size_t end;
    bool tokens_known; /* false for a file that was not read */
    size_t tokens;     /* of the slice, counted on its own */
    sp_rule_key rule;  /* that left it out */
    sp_str why;        /* a sentence that says why, and what to do about it */
} sp_cut;

/* One message of the prompt: a run of segments. Its text is their concatenation, tokenised on its own. */
typedef struct sp_message {
    sp_role role;
    size_t first_segment;
    size_t segment_count;
    sp_str text;
    size_t tokens;
} sp_message;

/* What becomes of an @path on the line that was asked about. */
typedef struct sp_why_import {
    sp_str text;       /* as it is written, with its @ */
    uint32_t source;   /* index of what it asks for, loaded or not, or SP_NONE for nothing */
    sp_rule_key rule;  /* unless it is loaded: the rule that says so (0: none), */
    sp_str why;        /* and a sentence */
    sp_str_list tried; /* unless it is there: the paths that were looked for. The client tries the first; the others
                        * are what may have been meant */
} sp_why_import;

/* One reading of a front matter. */
typedef struct sp_why_reading {
    bool is_tried;
    bool is_read;
    sp_str_list keys;
    sp_str problem; /* where it is not read */
    uint32_t line;  /* of the problem */
} sp_why_reading;

/* A field that the client reads otherwise than this program, or one of them alone. */
typedef struct sp_why_difference {
    sp_str key;
    uint32_t line;
} sp_why_difference;

/* How front matter is read: by the client, by its second attempt, and here. */
typedef struct sp_why_front {
    sp_why_reading first;
    sp_why_reading second;
    sp_why_reading ours;
    sp_why_difference *differences; /* between ours and the last that the client makes */
    size_t difference_count;
} sp_why_front;

/* The answer to sp_request.why: what a file, or a line of it, has to do with the prompt. Its sources, segments and cuts
 * are those of the prompt; what else is known is in here. */
typedef struct sp_why {
    sp_str asked;           /* as it was asked */
    sp_str path;            /* as in sp_source */
    uint32_t line;          /* 0: the whole file */
    uint32_t source;        /* index of what was found there, loaded or not; SP_NONE: nothing asked for it */
    bool is_in_prompt;      /* something of the file, or of the line, is */
    sp_rule_key rule;       /* without a source: the rule that keeps it out (0: none), */
    sp_str why;             /* a sentence that says why, */
    sp_str advice;          /* and one that says what would make it load; empty: nothing would */
    sp_why_import *imports; /* of a line: what stands behind each @ on it */
    size_t import_count;
    sp_why_front *front; /* how its front matter is read; NULL: it has none, or nobody reads it */
} sp_why;

/* The input tokens of a request that sends a prompt to a model: its texts and the frame around them; of a recorded one
 * also the definitions of its tools. What is not in it, because nothing here knows it, is listed. */
typedef struct sp_request_tokens {
    bool is_known; /* false: the frame of the model is not known, or the prompt is counted by another encoding; the rest
                    * is 0 then */
    size_t tokens;
    sp_range range;
    size_t frame_tokens;        /* of these */
    size_t tools_tokens;        /* on top once there is a tool, beside what describes it; 0: not known */
    size_t forced_tools_tokens; /* the same where a tool has to be used */
    size_t function_tokens;     /* for each function, beside what describes it; 0: not known */
    bool has_definitions;       /* its tools are at hand: */
    size_t definition_count;    /* so many functions, */
    size_t definition_tokens;   /* with so many of the tokens, tools_tokens and function_tokens included */
    const char *not_estimated[4];
    size_t not_estimated_count;
    char model[64]; /* the id of the model */
} sp_request_tokens;

/* How a prompt is started. */
typedef enum sp_start {
    SP_START_SESSION,    /* the main session */
    SP_START_AGENT,      /* a subagent of it */
    SP_START_AS_SESSION, /* a session that is started as an agent */
} sp_start;

/* A part of the whole request. */
typedef struct sp_whole_part {
    sp_str name;    /* "tools", "system prompt", ..., or the path of a file */
    bool is_client; /* the client's own, as it was measured; else the user can change it */
    size_t count;   /* of tools, or of entries of a listing; else 1 */
    size_t tokens;
} sp_whole_part;

/* The first request that the client sends, as far as it can be told from files and from measurements of the client: no
 * text, only sums. Of the prompt it has the files' part; a measured part stands in for a template. Not in it: the
 * user's own message, MCP servers, and what hooks and plugins add. */
typedef struct sp_whole {
    bool is_known;
    sp_str problem; /* unless it is known: a sentence that says why */
    size_t tokens;
    sp_range range;       /* of counting alone */
    size_t file_tokens;   /* of these: from files, listings included */
    size_t client_tokens; /* and the client's own */
    sp_start start;
    size_t window_tokens;    /* of the model that was measured, or 0 */
    const char *version;     /* of the client that was measured, */
    const char *model;       /* with which model, */
    const char *measured_on; /* "2026-11-22" */
    sp_whole_part *parts;    /* the largest first */
    size_t part_count;
    sp_str_list tools; /* that the request has */
} sp_whole;

/* An agent or a skill that a request names to the model. */
typedef struct sp_list_entry {
    sp_str name;
    sp_str description;
    sp_str path;    /* as in sp_source */
    unsigned group; /* entries of one group are sorted by name */
    size_t tokens;  /* of name and description, each counted on its own */
} sp_list_entry;

/* A list of them beside the prompt: names and descriptions, without the client's words around them. */
typedef struct sp_client_list {
    const char *of;               /* "skills" or "agents" */
    sp_role role;                 /* SP_ROLE_SYSTEM, SP_ROLE_USER, or SP_ROLE_TOOLS: in the definition of a tool */
    bool is_before;               /* before the instructions, if they are in that message, too */
    const sp_list_entry *entries; /* in the client's order */
    size_t count;
    size_t tokens;
} sp_client_list;

/* What Anthropic's counting endpoint says of a request. Anthropic calls that an estimate itself: what is billed may
 * differ by a few tokens. */
typedef struct sp_api_count {
    size_t tokens;       /* of the whole request, its frame included; 0: nothing was counted */
    char model[64];      /* as it was named to the endpoint */
    char counted_on[12]; /* "2026-11-21" (UTC) */
    bool is_cached;      /* it was counted by an earlier call; nothing was sent */
    bool has_carrier;    /* no text goes to the user message, without which the endpoint counts nothing: it is "." */
} sp_api_count;

/* What is left of a source, or of our own wording, where a budget cannot be met. */
typedef struct sp_trim_rest {
    uint32_t source; /* SP_NONE: our own wording */
    size_t tokens;
    bool pinned;        /* some of it is, and then reason says why; else to leave it out would save nothing */
    const char *reason; /* as priority_reason of its first segment that is pinned, or of its first one */
} sp_trim_rest;

/* How a prompt meets a budget, so that anyone can check it: sp_prompt_trim with this budget gives this again; with
 * next_budget_tokens more stays, and with one token less than that it does not. */
typedef struct sp_trim {
    size_t budget_tokens;
    sp_bound bound;       /* which number of an estimate fits or does not: of the request */
    size_t whole_tokens;  /* of the prompt before anything is cut */
    sp_range whole_range; /* of these */
    size_t tokens;        /* afterwards, counted anew from the final bytes; if nothing fits, the smallest there is */
    sp_range range;       /* of these */
    bool fits;
    bool is_applied;    /* the prompt is what is left; else this is only a plan */
    const sp_cut *cuts; /* what is left out, in the order of the prompt; neighbours are one cut */
    size_t cut_count;
    size_t unit_count;         /* blocks, and parts of large ones, that are left out */
    sp_cut next;               /* if there are any: the one that comes back first */
    size_t next_budget_tokens; /* with this budget, and with none below */
    const sp_trim_rest *rest;  /* unless it fits: what is left, the largest part first */
    size_t rest_count;
    char sha256[65]; /* of the text afterwards, all messages one after the other */
} sp_trim;

typedef struct sp_prompt {
    const sp_profile *profile; /* whose rules these are */
    const sp_encoding *encoding;
    const sp_encoding *model_encoding; /* of own_model; NULL: it is not named, or not known */
    sp_str encoding_note; /* a sentence, where encoding may not be the tokenizer of the client's model: why, and how to
                           * count with that; else ptr NULL */
    bool exact;           /* the tokens are counted, not estimated */
    size_t tokens;        /* of all messages */
    sp_range range;       /* of tokens; both ends are tokens where they are exact */
    sp_bound bound;       /* of the request, for budgets */
    size_t window_tokens; /* of the model that the prompt goes to, or 0 where it is not known */
    sp_str model;         /* what that model is called; ptr NULL: nothing names one */
    sp_str own_model;     /* the model of the agent, or by the settings of the main session; ptr NULL: none is named */
    sp_str own_model_reason; /* who named it: "front matter", or a setting or variable with its place */
    size_t generated_tokens; /* of the segments the library wrote itself */
    sp_request_tokens request;
    const sp_whole *whole; /* NULL: not asked for */
    const sp_client_list *lists;
    size_t list_count;
    sp_api_count api_count; /* tokens is 0 until sp_api_count_prompt */
    const sp_agent *agent;  /* NULL when there is none */
    sp_source *sources;     /* in load order */
    uint32_t source_count;
    sp_message *messages;
    size_t message_count;
    sp_segment *segments;
    size_t segment_count;
    sp_cut *cuts;
    size_t cut_count;
    const sp_diagnostic *diagnostics;
    size_t diagnostic_count;
    const sp_why *why;   /* the answer to sp_request.why; NULL: nothing was asked */
    const sp_trim *trim; /* NULL until sp_prompt_trim */
    sp_str templates;    /* whose learned wording it is in: "claude-code@2.1.330 HASH"; ptr NULL: ours, or the user's */
    sp_str unfiled_agent; /* the name of one that no file has, of a recorded request; ptr NULL: there is none */
    bool is_recorded;     /* a request that a client sent. Its own text and its tools are sources without a file */
    bool is_masked;       /* and their bytes are not here, but as many others */
    void *owner;          /* what all of the above lives in; for sp_prompt_free */
} sp_prompt;

/* Of its text: all messages together. */
static inline size_t sp_prompt_bytes(const sp_prompt *prompt)
{
    size_t bytes = 0;
    for (size_t i = 0; i < prompt->message_count; i++)
        bytes += prompt->messages[i].text.len;
    return bytes;
}

#endif
