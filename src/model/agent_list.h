/* agent_list.h - the agents that a client finds. */
#ifndef SP_MODEL_AGENT_LIST_H
#define SP_MODEL_AGENT_LIST_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/kinds.h"
#include "model/source.h"
#include "tokenizer/tokens.h"

/* An agent, or a file among the agents that is none. */
typedef struct sp_listed_agent {
    sp_agent agent; /* source is SP_NONE; all absent for a file that was not read */
    sp_str name;    /* as the client calls it: plugin:folder:name for a plugin's; ptr NULL: it has none */
    sp_str path;    /* as in sp_source; "FILE#NAME" for one from --agents */
    sp_scope scope;
    sp_agent_status status;
    uint32_t winner;  /* SP_AGENT_SHADOWED: index of the one that has the name; else SP_NONE */
    sp_rule_key rule; /* unless it loads: the rule that says so, */
    sp_str why;       /* a sentence that says why and what to do, */
    uint32_t line;    /* and its place; 0 for the whole file */
    uint32_t column;
    bool replaces_built_in;            /* the client comes with an agent of that name, and this one takes its place */
    sp_str body;                       /* the prompt as the file has it, without front matter */
    size_t warning_count;              /* diagnostics about the file of level SP_WARNING and above */
    const sp_encoding *model_encoding; /* that would count it by itself, where that is not the list's; else NULL */
    size_t body_tokens;                /* of body without leading blank lines and trailing white space */
    size_t description_tokens; /* of name and description, each counted on its own: what the parent's context holds */
} sp_listed_agent;

typedef struct sp_agent_list {
    sp_str model; /* of the session, by its settings; ptr NULL: none is named */
    const sp_encoding *encoding;
    sp_str encoding_note; /* as in sp_prompt */
    bool exact;
    sp_listed_agent
        *agents; /* in the order in which the client asks for a name; in one folder by path, what is none last */
    size_t agent_count;
    size_t loaded_count;             /* agents with status SP_AGENT_LOADS or SP_AGENT_REFUSED */
    size_t description_tokens;       /* of those together */
    size_t description_limit_tokens; /* above it the client shows a notice; 0: it never does */
    sp_range description_range;      /* of these tokens; both ends are the same where they are exact */
    const sp_diagnostic *diagnostics;
    size_t diagnostic_count;
    void *owner; /* what all of the above lives in; for sp_agent_list_free */
} sp_agent_list;

#endif
