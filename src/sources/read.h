/* read.h - a file that may become a source, and how it is read. */
#ifndef SP_READ_H
#define SP_READ_H

#include "base/file.h"
#include "base/types.h"
#include "model/source.h"
#include "rules/profile.h"
#include "sources/place.h"

/* A file to load. */
typedef struct sp_wanted {
    sp_str path; /* absolute */
    sp_source_kind kind;
    sp_scope scope;
    const char *reason;
    uint32_t importer;
    uint32_t importer_line;
    uint32_t import_ref; /* which of the importer's imports it is */
    uint32_t depth;
    sp_rule_key limit;  /* the most that is sent of it, or SP_RULE_NONE */
    bool is_plain;      /* it imports nothing */
    sp_places within;   /* where its real path may lie, besides what --root says */
    bool hides_outside; /* as of sp_read_limits */
    sp_origin origin;   /* SP_ORIGIN_SEARCH: what kind and scope say */
    sp_str base;        /* of a rule: the directory that its patterns are relative to */
    sp_str folder;      /* and the directory of rules that it lies in */
    sp_str trigger;     /* the touched file that it loads for, or ptr NULL */
    sp_rule_key hold;   /* SP_RULE_NONE, or it does not load for this reason, if for no other */
    sp_str hold_why;
} sp_wanted;

/* The rule that says how large a file of that kind may be. */
sp_rule_key sp_place_size_rule(const sp_place *here, sp_source_kind kind);
/* The limits for reading it: its size, and how far links may lead. */
sp_read_limits sp_place_limits(const sp_place *here, const sp_wanted *wanted);
/* Reads the file at wanted->path. */
SP_MUST_USE sp_status sp_place_read(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_file *ret,
                                    sp_err *err);
/* The same for a file that the user named, which may be an open descriptor (-, /dev/fd/3). One that cannot be read is
 * an error that says why. */
SP_MUST_USE sp_status sp_place_read_named(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_file *ret,
                                          sp_err *err);
/* Reads a file of patterns of ignored files. *ret_text is empty where there is none, and where it is not read, which is
 * a warning. */
SP_MUST_USE sp_status sp_place_read_ignored(sp_arena *arena, const sp_place *here, sp_str path, sp_diags *diags,
                                            sp_str *ret_text, sp_err *err);
/* The same for the patterns of this clone alone, .git/info/exclude of the repository. */
SP_MUST_USE sp_status sp_place_read_exclude(sp_arena *arena, const sp_place *here, sp_diags *diags, sp_str *ret_text,
                                            sp_err *err);
/* The error for a file that must be read and was not. */
SP_MUST_USE sp_status sp_place_refuse(sp_arena *arena, const sp_place *here, const sp_wanted *wanted,
                                      const sp_file *file, sp_err *err);
/* Reads an open descriptor to its end; *ret_is_one is false where the path names none. */
SP_MUST_USE sp_status sp_place_read_stream(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_file *ret,
                                           bool *ret_is_one, sp_err *err);

#endif
