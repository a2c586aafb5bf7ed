/* imports.h - what imports.c and import_missing.c share: one @path that is being followed. */
#ifndef SP_IMPORTS_H
#define SP_IMPORTS_H

#include "base/types.h"
#include "load/steps.h"
#include "model/source.h"

/* A hostile file could name a hundred thousand files that are not there: after these, the rest is only counted. */
enum { SP_IMPORT_MAX_REPORTED = 50 };

typedef struct sp_import_request {
    uint32_t importer;
    sp_import_ref *ref;
    size_t *reported; /* messages about imports of this file */
    sp_paths *tried;  /* gets every path that is looked for, in that order; NULL: nobody asks */
    sp_wanted wanted;
    sp_str within[2];
} sp_import_request;

/* What the @path asks for, and where that may lie. r->wanted.within points into *r. *ret_is_path is false for what
 * cannot be a path. */
SP_MUST_USE sp_status sp_import_prepare(const sp_loader *loader, uint32_t importer, size_t ref_index, uint32_t line,
                                        sp_import_request *r, bool *ret_is_path, sp_err *err);
/* The absolute path that an @path in that source stands for; ptr NULL when memory is short. */
sp_str sp_import_target(sp_arena *arena, const sp_place *here, const sp_source *importer, sp_str path);

/* Adds a message about the @path, up to the limit; *ret_was_said is whether it was within. why.ptr NULL means that
 * memory was short. */
SP_MUST_USE sp_status sp_import_say(sp_loader *loader, const sp_import_request *r, sp_rule_key rule, sp_str why,
                                    bool *ret_was_said, sp_err *err);
/* The same, and adds what it asks for to the sources that are not loaded, both up to the limit. */
SP_MUST_USE sp_status sp_import_drop(sp_loader *loader, const sp_import_request *r, sp_rule_key rule, sp_str why,
                                     sp_err *err);

/* Whether Claude Code imports files with that extension, or without one (rule import.extension). */
bool sp_import_has_text_extension(sp_str path);
/* Whether somebody who wrote this meant a file. */
bool sp_import_looks_like_a_file(sp_str path);
/* The same but for punctuation at its end. */
bool sp_import_is_meant_for_a_file(sp_str path);
/* Whether it is the address of a web page, which no client imports. */
bool sp_import_is_address(sp_str path);

/* Why nothing is there, and what was probably meant; why.ptr NULL when no file was meant. */
SP_MUST_USE sp_status sp_import_explain_missing(sp_loader *loader, const sp_import_request *r, sp_rule_key *ret_rule,
                                                sp_str *ret_why, sp_err *err);
/* Says it, up to the limit. */
SP_MUST_USE sp_status sp_import_report_missing(sp_loader *loader, const sp_import_request *r, sp_err *err);
/* The same for a path in quotes or parentheses, which is never imported. */
SP_MUST_USE sp_status sp_import_report_quoted(sp_loader *loader, const sp_import_request *r, sp_err *err);

/* The folder that the @path is relative to. Borrowed from the loader. */
sp_str sp_import_folder(const sp_sources *sources, const sp_import_request *r);

#endif
