/*
 * wording.h - the wording of an installed client around the user's files, as capture --learn found it on this machine.
 *
 * A client sends files in runs: instruction files one after the other, an agent's body and its memory. Such a run is
 * one text of a request. Its wording is what stands before the first file, between two files and after the last one.
 * A file's class is its kind and scope, such as "instructions-user": clients word these differently. What was seen
 * between two classes is kept as it was; for those that were not seen together there are pieces (the footer of what
 * ends, a gap, the header of what begins).
 *
 * The text is the client's: it lies in the user's data directory alone. {{file.path}} in it stands for the path of the
 * file that begins, {{before.path}} for that of the one that ends; see sp_wording_values.
 */
#ifndef SP_RULES_WORDING_H
#define SP_RULES_WORDING_H

#include "base/base.h"
#include "base/sha256.h"
#include "base/types.h"
#include "model/source.h"
#include "rules/templates.h"

typedef enum sp_run_family {
    SP_RUN_INSTRUCTIONS, /* what loads at the start, with the session's memory */
    SP_RUN_TOUCHED,      /* what loads on demand */
    SP_RUN_AGENT,        /* an agent's body and memory */
    SP_RUN_SKILL,        /* a preloaded skill */
    SP_RUN_COUNT
} sp_run_family;

typedef struct sp_wording_text {
    sp_str name; /* "instructions.begin.instructions-user", as its file is called up to the hash */
    sp_str text;
} sp_wording_text;

typedef struct sp_wording {
    sp_str client; /* "claude-code" */
    sp_str version;
    sp_str folder; /* where it was read from */
    char sha256[SP_SHA256_HEX];
    const sp_wording_text *texts;
    size_t count;
} sp_wording;

/* Whether templates can be kept under that version: a digit, then letters, digits, hyphens and single dots, as in
 * 1.0.0-rc.1. A version becomes part of a path, and it comes from a client or from a file that others wrote. */
bool sp_wording_is_version(sp_str version);

/* "instructions", "touched", "agent", "skill". */
sp_str sp_run_name(sp_run_family family);
/* The family of a run that this file begins. */
sp_run_family sp_run_of(const sp_source *source, bool is_on_demand);
/* Whether it is an AGENTS.md that loads on demand, or was imported by one: clients word these differently. sources are
 * those that importers are indices of. */
bool sp_wording_is_agents_md(const sp_source *sources, const sp_source *source);
/* "import-project", "memory-user"; "agents-project" for an AGENTS.md on demand; "setting-managed" for instructions in
 * settings; "agent", "skill" and "command" (preloaded as a skill) alone. ptr NULL: memory is short. */
sp_str sp_wording_class(sp_arena *arena, const sp_source *sources, const sp_source *source);

/* The file of a text: its name, and the beginning of its hash, so that new texts lie beside those of the manifest until
 * there is a new one. ptr NULL: memory is short. */
sp_str sp_wording_file(sp_arena *arena, sp_str name, const char *sha256);

/* The text of that name; ptr NULL: there is none. */
sp_str sp_wording_find(const sp_wording *wording, sp_str name);
/* Whether texts of the family are known. */
bool sp_wording_has(const sp_wording *wording, sp_run_family family);

/* A text, and whether it is that of another scope, as this one's was not learned. */
typedef struct sp_worded {
    sp_str text; /* ptr NULL: not learned, or has_failed */
    bool is_borrowed;
    bool has_failed; /* memory is short */
} sp_worded;

/* Before the first file, which is of that class; between two files; after the last one. A class that begins with
 * "last." is that of the last file of a request that has several such texts, and of instructions that no other text of
 * the client follows before the question. */
sp_worded sp_wording_begin(sp_arena *arena, const sp_wording *wording, sp_run_family family, sp_str class);
sp_worded sp_wording_between(sp_arena *arena, const sp_wording *wording, sp_run_family family, sp_str before,
                             sp_str class);
sp_worded sp_wording_end(sp_arena *arena, const sp_wording *wording, sp_run_family family, sp_str before);

/* A model's id as names of texts have it: small letters, without the date or "[1m]" at its end. ret->ptr NULL: it has
 * characters that no name has, or none at all. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_wording_model(sp_arena *arena, sp_str id, sp_str *ret, sp_err *err);
/* Changes *end, that of an agent's run for the model that all was learned with, to that for another model: there may be
 * more after it, or its last part is another. *ret_is_known: whether that model's was learned; if not, *end stays as it
 * is. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_wording_end_for(sp_arena *arena, const sp_wording *wording, sp_str model, sp_str *end,
                                         bool *ret_is_known, sp_err *err);

/* What stands after a memory file that was cut, for that kind of cut (sp_memory_cut). */
sp_str sp_wording_cut(const sp_wording *wording, const char *kind);

/* Whether the texts of a family are only what stands next to files: the client has more before or after it, which
 * differs each time. */
bool sp_wording_is_partial(const sp_wording *wording, sp_run_family family);

/* Which ends of a file's text lose their white space. */
typedef struct sp_wording_trims {
    bool begin;
    bool end;
} sp_wording_trims;

sp_wording_trims sp_wording_trims_of(const sp_wording *wording, sp_run_family family);

/* What the placeholders stand for. A value with ptr NULL is not filled in. */
typedef struct sp_wording_place {
    sp_str launch;
    sp_str repository;
    sp_str home;
    sp_str found;   /* path that the file was found under, through a link; ptr NULL: its own */
    sp_str agent;   /* its name */
    sp_str memory;  /* the directory of its memory */
    uint32_t today; /* as yyyymmdd; 0: not known */
} sp_wording_place;

enum { SP_WORDING_VALUES = 20 };

/* Fills in the names and values; before and file may be NULL. Returns their number, or 0 where memory is short. Values
 * that may lie in others come after those. */
size_t sp_wording_values(sp_arena *arena, const sp_wording_place *place, const sp_source *before, const sp_source *file,
                         sp_text_value values[SP_WORDING_VALUES]);

enum { SP_WORDING_CUT_VALUES = 6 };

/* The same for the text after a memory file that was cut: {{cut.lines}}, {{cut.text}} and others. */
size_t sp_wording_cut_values(const sp_memory_cut *cut, sp_text_value values[SP_WORDING_CUT_VALUES]);

/* The hash over names and texts, in their order. */
void sp_wording_hash(sp_wording *wording);

#endif
