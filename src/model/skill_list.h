/* skill_list.h - the skills that a client finds. */
#ifndef SP_MODEL_SKILL_LIST_H
#define SP_MODEL_SKILL_LIST_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/kinds.h"
#include "model/source.h"
#include "tokenizer/tokens.h"

/* A skill, or what lies among the skills and is none. */
typedef struct sp_listed_skill {
    sp_str name; /* as the client calls it: plugin:name for a plugin's; ptr NULL: it has none */
    sp_str path; /* as in sp_source */
    sp_scope scope;
    bool is_command; /* a file in a commands folder */
    sp_skill_status status;
    uint32_t winner;    /* index of the one that has the name, or is the same file; else SP_NONE */
    sp_rule_key rule;   /* unless it is listed: the rule that says so, */
    sp_str why;         /* a sentence that says why and what to do, */
    uint32_t line;      /* and its place; 0 for the whole file */
    sp_str description; /* what there is to list: description and when_to_use, or else the first line of the text */
    sp_str listed;      /* as much of it as one skill may have; empty where only the name is listed, or nothing */
    size_t description_chars;
    size_t listed_chars;  /* of name and listed; 0 where nothing is listed */
    size_t listed_tokens; /* of name and listed, each counted on its own */
    bool is_omitted;      /* over the budget: the client lists its name alone, unless it was used more than others */
    sp_str body;          /* the text without front matter */
    size_t body_tokens;
    size_t warning_count; /* diagnostics about it of level SP_WARNING and above */
} sp_listed_skill;

/* Where no limit of the client is known. */
#define SP_SKILLS_NO_LIMIT SIZE_MAX

typedef struct sp_skill_list {
    sp_str model; /* of the session, by its settings; ptr NULL: none is named */
    const sp_encoding *encoding;
    bool exact;
    sp_listed_skill *skills; /* in the order in which a name is looked up */
    size_t skill_count;
    size_t listed_count; /* those whose name is listed */
    size_t listed_chars;
    size_t listed_tokens;
    sp_range listed_range; /* of these tokens; both ends are the same where they are exact */
    size_t budget_chars;
    size_t built_in_chars;        /* of these, the skills that come with the client have so many; 0: it is not known */
    size_t entry_chars;           /* what each entry has beside its name and description, such as "- " */
    sp_str budget_reason;         /* where that comes from */
    size_t max_description_chars; /* of one skill */
    size_t dropped_least;         /* over the budget: how many descriptions the client has to drop at least, */
    size_t dropped_most;          /* and at most; which depends on how often each is used */
    const sp_diagnostic *diagnostics;
    size_t diagnostic_count;
    void *owner; /* what all of the above lives in; for sp_skill_list_free */
} sp_skill_list;

#endif
