/* steps.h - the steps of a load, which load.c takes one after the other. */
#ifndef SP_LOAD_STEPS_H
#define SP_LOAD_STEPS_H

#include "base/types.h"
#include "load/load.h"
#include "sources/loader.h"

/* A file that was not picked, with the rule that says so. */
typedef struct sp_passed {
    const sp_location *place;
    sp_str path;
    sp_rule_key rule;
    sp_str why;
    sp_str instead; /* the file that is read in its place; ptr NULL: none, or another reason */
} sp_passed;

/* The files beside the instructions that were not picked: AGENTS.md where a CLAUDE.md counts. */
typedef struct sp_bystanders {
    sp_passed *items;
    size_t count;
    size_t capacity;
} sp_bystanders;

/* Our own wording: what the request's texts_dir holds, and the built-in text for the rest. */
SP_MUST_USE sp_status sp_load_texts(sp_loader *loader, sp_str texts[SP_TEXT_COUNT], sp_err *err);
/* Whether the request asks for the wording that was learned, */
bool sp_wants_learned(const sp_request *request);
/* and that wording. Errors: SP_ERR_INPUT where there is none. */
SP_MUST_USE sp_status sp_load_learned(sp_loader *loader, sp_docs *docs, sp_err *err);
/* What docs->is_chain_last is, once the agent is known. */
bool sp_learned_chain_is_last(const sp_loader *loader);
/* What options add to the end of the system prompt. */
SP_MUST_USE sp_status sp_load_appended(sp_loader *loader, sp_err *err);
/* What the environment section says. */
SP_MUST_USE sp_status sp_load_environment(sp_loader *loader, sp_docs *docs, sp_err *err);
/* The chain of instruction files. */
SP_MUST_USE sp_status sp_load_chain(sp_loader *loader, sp_bystanders *beside, sp_err *err);
/* Follows the imports of a source that has just been loaded, depth first, where the client has rule import.order. */
SP_MUST_USE sp_status sp_load_imports_at_once(sp_loader *loader, uint32_t index, sp_err *err);
/* For the other clients: follows the imports of every loaded source from that one on, and of those they bring in, until
 * there are no more. */
SP_MUST_USE sp_status sp_load_imports(sp_loader *loader, uint32_t first, sp_err *err);
/* The same for one source. */
SP_MUST_USE sp_status sp_load_imports_of(sp_loader *loader, uint32_t index, sp_err *err);
/* Once all is loaded: an import that was left out, such as one that was too deep, may name a file that a later one
 * brought in. Then it is no longer reported as missing from the prompt. */
SP_MUST_USE sp_status sp_load_settle_imports(sp_loader *loader, sp_err *err);
/* The sources that touched files load, in the order of the prompt. */
typedef struct sp_on_demand {
    uint32_t first_new; /* the first source that a touched file brought in */
    uint32_t *items;
    size_t count;
    size_t capacity;
} sp_on_demand;

/* Loads what each of the request's touched files asks for; docs keeps the directories that were looked at. */
SP_MUST_USE sp_status sp_load_touched(sp_loader *loader, sp_bystanders *beside, sp_docs *docs, sp_on_demand *ret,
                                      sp_err *err);
/* Whether the files of a scope are kept from the agent: omitClaudeMd drops all but managed files of the start, and of
 * those a managed agent gets none. What files that the agent reads ask for is_touched, and is dropped only where the
 * client gives subagents no instructions. */
bool sp_chain_omits(const sp_loader *loader, sp_scope scope, bool is_touched);
/* A file of the chain: a source, or on the list of what is left out with the reason. */
SP_MUST_USE sp_status sp_chain_add_file(sp_loader *loader, const sp_wanted *wanted, sp_err *err);
/* The files that the client's own configuration names. */
SP_MUST_USE sp_status sp_load_configured(sp_loader *loader, sp_err *err);
/* Adds those files that are there, as sources that are not loaded. */
SP_MUST_USE sp_status sp_load_bystanders(sp_loader *loader, const sp_bystanders *beside, sp_err *err);

/* Which of the places are looked at. */
typedef enum sp_look_part {
    SP_LOOK_ALL,
    SP_LOOK_FILES,     /* single files but for */
    SP_LOOK_FALLBACKS, /* those that load only where others are not */
    SP_LOOK_RULES,
} sp_look_part;

/* How the places in some folders are looked at. */
typedef struct sp_look {
    const char *reason;
    sp_str trigger; /* as in sp_wanted */
    bool is_nested; /* each folder for itself: what counts in one says nothing about another */
    sp_look_part part;
    sp_rule_key hold;
    sp_str hold_why;
    const sp_listing *listing; /* of the one folder, which spares looking for what it lacks; NULL: not known */
} sp_look;
/* Looks for places of one anchor in these folders, the outermost first. */
SP_MUST_USE sp_status sp_loader_look(sp_loader *loader, sp_bystanders *beside, const sp_location *places, size_t count,
                                     const sp_paths *folders, const sp_look *look, sp_err *err);
/* Whether the files of that directory below the launch directory were looked for already. */
bool sp_docs_has_nested(const sp_docs *docs, sp_str folder);
/* Why claudeMdExcludes keeps the file out; ptr NULL when it does not. */
SP_MUST_USE sp_status sp_loader_find_exclusion(sp_arena *arena, const sp_place *here, const sp_wanted *wanted,
                                               const sp_file *file, sp_str *ret, sp_err *err);

/* The names of the values in the environment section, for listings; NULL past the last one. */
const char *sp_environment_name_at(size_t index);

#endif
