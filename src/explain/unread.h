/* unread.h - what is looked for only to be told that it does not load: shared by unread.c and below.c. */
#ifndef SP_UNREAD_H
#define SP_UNREAD_H

#include "base/types.h"
#include "load/steps.h"
#include "model/source.h"

/* A file, or a folder of files, that other clients read in a folder of a project. */
typedef struct sp_other_place {
    sp_str path;
    sp_source_kind kind;
    sp_str readers[2]; /* the first clients that read it; ptr NULL for none */
    size_t reader_count;
    sp_rule_key rule;
} sp_other_place;

typedef struct sp_unread {
    sp_loader *loader;
    const sp_docs *docs;
    sp_list(sp_other_place) others;
} sp_unread;

/* A file that is there, and was neither loaded nor told, is told with this reason. What is no file is nothing. */
SP_MUST_USE sp_status sp_unread_tell(const sp_unread *unread, sp_wanted wanted, sp_rule_key rule, sp_str why,
                                     sp_err *err);
/* Files of other clients in that folder, whose entries are listed. */
SP_MUST_USE sp_status sp_unread_others_in(const sp_unread *unread, sp_str folder, const sp_listing *listing,
                                          sp_err *err);
/* Notes beside memory files, and files of other clients from the repository's root down; fills in the others. */
SP_MUST_USE sp_status sp_unread_above(sp_unread *unread, sp_err *err);
/* Follows the imports of a file that loads on demand: what they bring in loads with it. */
SP_MUST_USE sp_status sp_unread_follow(const sp_unread *unread, uint32_t index, sp_err *err);
/* Walks through the folders below the launch directory, for the profile's own files and those of others. */
SP_MUST_USE sp_status sp_unread_below(const sp_unread *unread, sp_err *err);

#endif
