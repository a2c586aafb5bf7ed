/*
 * load.h - what the client would read: a request becomes sources, each parsed.
 *
 * A worklist runs to a fixpoint: the agent's fields ask for its memory, the launch directory for the instruction
 * chain, each file's imports for more files. Everything that was looked at and not loaded is a source too, with the
 * rule that kept it out.
 */
#ifndef SP_LOAD_H
#define SP_LOAD_H

#include "base/diag.h"
#include "base/file.h"
#include "load/markdown.h"
#include "load/patterns.h"
#include "profile/client.h"
#include "profile/texts.h"

/* Whether such a file is one of the chain: it has imports, and loads once. The others are asked for by the
 * agent, or by an option. */
static inline bool sp_is_of_chain(sp_source_kind kind)
{
    return kind == SP_SOURCE_INSTRUCTIONS || kind == SP_SOURCE_RULE || kind == SP_SOURCE_IMPORT;
}

/* What the loader found in a source, beside the public sp_source. */
typedef struct sp_parsed {
    sp_markdown markdown;
    sp_span *invalid; /* NUL, and what is not UTF-8, in order; only with replace_invalid_utf8 */
    size_t invalid_count;
    bool strips_comments;   /* block comments of this file are not sent */
    sp_rule_key front_rule; /* why bytes before content_begin are not sent */
    sp_rule_key skip_rule;  /* why it is not loaded, with the sentence that says so */
    sp_str skip_why;
    sp_patterns patterns;   /* of a rule that is not loaded: for what files it will be */
    sp_str base;            /* of a rule: the folder that its patterns are relative to */
    sp_str rules_folder;    /* and the one that it was found in */
    bool is_on_demand;      /* loaded because a file was touched, not at the start */
    sp_rule_key limit_rule; /* the most that is sent of it, or SP_RULE_NONE */
    uint32_t import_ref;    /* of an import: which of the importer's it is */
    bool is_twin;           /* not loaded, because the very file is loaded elsewhere: nothing is lost */
    bool is_external;       /* not read, because a link leads to it out of the repository */
    uint64_t device;
    uint64_t inode;
    uint32_t asked_by; /* the last source that imports it */
} sp_parsed;

typedef struct sp_docs {
    sp_agent *agent;             /* NULL for a main session */
    sp_str model;                /* that the agent, or the session, comes to; ptr NULL: nothing names one */
    sp_str model_reason;         /* who named it */
    uint32_t agent_source;       /* SP_NONE without an agent */
    uint32_t memory_source;      /* SP_NONE when there is no memory file */
    bool has_memory;             /* the prompt has a memory section, even if the file is missing */
    sp_str texts[SP_TEXT_COUNT]; /* our own wording, built in or replaced */
    sp_str memory_path;          /* absolute: where the agent's memory folder is on this machine; may be ptr NULL */
    sp_str memory_folder;        /* of an agent's memory, as the prompt names it; ptr NULL for memory that was named */
    sp_source *sources;          /* in load order: a file's imports before the file */
    sp_parsed *parsed;           /* parallel to sources */
    uint32_t count;
    sp_str environment;   /* the section on the environment, filled in; ptr NULL: none */
    sp_str git_status;    /* the same for the git status */
    bool has_chain_bytes; /* the client's configuration has a limit of its own on all instruction files */
    int64_t chain_bytes;
    sp_why *why; /* what was asked about one file; NULL: nothing */
} sp_docs;

/* Loads all that request asks for, by the rules of the profile. Everything lives in the arena. Errors as for
 * sp_prompt_build. */
SP_MUST_USE sp_status sp_load(sp_arena *arena, const sp_profile *profile, const sp_request *request,
                              const sp_reader *reader, sp_diags *diags, sp_docs *ret, sp_err *err);

/* Every skill of every place, but for the counts of tokens, and the budget of their listing: characters, with the
 * sentence that says where it comes from. Errors as for sp_skill_list_build. */
SP_MUST_USE sp_status sp_load_skill_list(sp_arena *arena, const sp_profile *profile, const sp_request *request,
                                         const sp_reader *reader, sp_diags *diags, sp_skill_list *ret, sp_err *err);

/* Every agent of every place, but for the counts of tokens. Everything lives in the arena. Errors as for
 * sp_agent_list_build. */
SP_MUST_USE sp_status sp_load_agents(sp_arena *arena, const sp_profile *profile, const sp_request *request,
                                     const sp_reader *reader, sp_diags *diags, sp_listed_agent **ret, size_t *ret_count,
                                     sp_err *err);

#endif
