/* source.h - what is known of a source beside the public sp_source. */
#ifndef SP_SOURCE_H
#define SP_SOURCE_H

#include "base/types.h"
#include "model/source.h"
#include "sources/patterns.h"
#include "syntax/markdown.h"

/* Whether such a file is one of the chain: it has imports, and loads once. The others are asked for by the
 * agent, or by an option. */
static inline bool sp_is_of_chain(sp_source_kind kind)
{
    return kind == SP_SOURCE_INSTRUCTIONS || kind == SP_SOURCE_RULE || kind == SP_SOURCE_IMPORT;
}

/* What the loader found in a source, beside the public sp_source. */
typedef struct sp_parsed {
    sp_markdown markdown;
    sp_span *invalid; /* NUL, and what is not UTF-8, in order */
    size_t invalid_count;
    size_t replaced_count;  /* sequences in all of them */
    bool strips_comments;   /* block comments of this file are not sent */
    bool drops_returns;     /* CR and CRLF of this file are sent as LF */
    size_t trimmed_bytes;   /* white space at its end that is not sent */
    sp_rule_key front_rule; /* why bytes before content_begin are not sent */
    sp_rule_key skip_rule;  /* why it is not loaded, with the sentence that says so */
    sp_str skip_why;
    sp_patterns patterns;   /* of a rule that is not loaded: for what files it will be */
    sp_str description;     /* of a rule, in its front matter; ptr NULL for none */
    sp_str base;            /* of a rule: the folder that its patterns are relative to */
    sp_str rules_folder;    /* and the one that it was found in */
    bool is_on_demand;      /* loaded because a file was touched, not at the start */
    sp_rule_key limit_rule; /* the most that is sent of it, or SP_RULE_NONE */
    bool is_plain;          /* @path in it imports nothing */
    uint32_t import_ref;    /* of an import: which of the importer's it is */
    sp_str found_path;      /* absolute, of a file behind a link that the client calls by the link; else ptr NULL */
    sp_str skill_dir;   /* of a skill that is preloaded: its directory, as the client sees it; of a command: ptr NULL */
    sp_str project_dir; /* and the project's; ptr NULL: variables of a skill stay as they are */
    sp_str_list arguments; /* and the names of its arguments */
    bool is_twin;          /* not loaded, because the very file is loaded elsewhere: nothing is lost */
    uint32_t start_number; /* of the sources in the order in which they are found at the start, from 1; 0: on demand */
    bool is_external;      /* not read, because a link leads to it out of the repository */
    size_t warning;        /* of an import that is left out: the number of its diagnostic, from 1, or 0 */
    uint64_t device;
    uint64_t inode;
} sp_parsed;

/* Whether it is the file of the session's output style: appended, but to the first message of the user. */
static inline bool sp_is_output_style(const sp_source *source)
{
    return source->kind == SP_SOURCE_APPENDED && sp_str_eq(source->reason, SP_STR("output_style"));
}

/* Where the text that is sent ends, before any limit. */
static inline size_t sp_source_text_end(const sp_source *source)
{
    return source->bytes.len - source->parsed->trimmed_bytes;
}

#endif
