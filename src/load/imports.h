/* imports.h - what imports.c and import_missing.c share: one @path that is being followed. */
#ifndef SP_IMPORTS_H
#define SP_IMPORTS_H

#include "load/loader.h"

/* A hostile file could name a hundred thousand files that are not there: after these, the rest is only counted. */
enum { SP_IMPORT_MAX_REPORTED = 50 };

typedef struct sp_import_request {
    uint32_t importer;
    sp_import_ref *ref;
    size_t *reported; /* messages about imports of this file */
    sp_wanted wanted;
    sp_str within[2];
} sp_import_request;

/* Adds a message about the @path, up to the limit. message.ptr NULL means that memory was short. */
SP_MUST_USE sp_status sp_import_say(sp_loader *loader, const sp_import_request *r, sp_rule_key rule, sp_str message,
                                    sp_err *err);

/* Whether somebody who wrote this meant a file. */
bool sp_import_looks_like_a_file(sp_str path);

/* Says why nothing is there, and what was probably meant; nothing when no file was meant. */
SP_MUST_USE sp_status sp_import_report_missing(sp_loader *loader, const sp_import_request *r, sp_err *err);
/* The same for a path in quotes or parentheses, which is never imported. */
SP_MUST_USE sp_status sp_import_report_quoted(sp_loader *loader, const sp_import_request *r, sp_err *err);

/* The folder that the @path is relative to. Borrowed from the loader. */
sp_str sp_import_folder(const sp_loader *loader, const sp_import_request *r);

#endif
