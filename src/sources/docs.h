/* docs.h - all that was loaded for one prompt. */
#ifndef SP_DOCS_H
#define SP_DOCS_H

#include "base/types.h"
#include "model/agent.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/templates.h"
#include "rules/wording.h"
#include "sources/paths.h"
#include "sources/source.h"

typedef struct sp_docs {
    sp_agent *agent;             /* NULL for a main session */
    sp_str model;                /* that the agent, or the session, comes to; ptr NULL: nothing names one */
    sp_str model_reason;         /* who named it */
    uint32_t agent_source;       /* SP_NONE without an agent */
    uint32_t memory_source;      /* SP_NONE when there is no memory file */
    uint32_t session_memory;     /* with an agent: the session's memory file, or SP_NONE */
    bool has_memory;             /* the prompt has a memory section, even if the file is missing */
    sp_str texts[SP_TEXT_COUNT]; /* our own wording, built in or replaced */
    const sp_wording *wording;   /* of the client, as it was learned; NULL: our own is used */
    sp_wording_place wording_place;
    bool is_chain_last;       /* with wording: no text of the client follows the instructions before the question */
    sp_str memory_path;       /* absolute: where the agent's memory folder is on this machine; may be ptr NULL */
    sp_str memory_folder;     /* of an agent's memory, as the prompt names it; ptr NULL for memory that was named */
    sp_str memory_dir;        /* absolute: where MEMORY.md is looked for, of agent or session; ptr NULL: nowhere */
    uint32_t first_on_demand; /* from this source on, files that load on demand */
    sp_source *sources;       /* in load order: a file's imports next to it (rule import.order) */
    uint32_t count;
    sp_paths nested;      /* directories below the launch directory that touched files had looked at */
    sp_str environment;   /* the section on the environment, filled in; ptr NULL: none */
    sp_str git_status;    /* the same for the git status */
    bool is_as_session;   /* the agent's prompt is that of a session that is started as it */
    sp_str first_turn;    /* of such a session, by the agent's front matter; ptr NULL: none */
    bool has_chain_bytes; /* the client's configuration has a limit of its own on all instruction files */
    int64_t chain_bytes;
    sp_why *why; /* what was asked about one file; NULL: nothing */
} sp_docs;

#endif
