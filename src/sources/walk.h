/* walk.h - every file below a directory, by path; each directory once, however many links lead to it. */
#ifndef SP_WALK_H
#define SP_WALK_H

#include "base/diag.h"
#include "base/file.h"
#include "base/types.h"
#include "sources/place.h"

typedef struct sp_walk {
    sp_paths files;
    sp_paths others;   /* files with another ending, but for hidden ones */
    sp_paths outside;  /* links to a place that is not allowed, or to nothing, where a directory was looked for */
    sp_paths external; /* the same for a link that leads out of the repository */
    sp_paths again;    /* directories that another path had led to before */
    bool is_file;      /* there is a file where the directory should be */
} sp_walk;

typedef struct sp_walk_options {
    const char *ending; /* of the files; "" finds all, also hidden ones */
    sp_places within;   /* where real paths may lie, besides what --root says */
    sp_diags *lenient;  /* takes a warning about a directory that cannot be listed; NULL: that is an error */
    sp_origin origin;
    bool is_unsorted;          /* files as the file system lists them, those of a directory where it stands */
    bool ignores_case;         /* of the ending */
    bool sorts_each_directory; /* a/x.md comes before a.md */
} sp_walk_options;

SP_MUST_USE sp_status sp_place_walk_with(sp_arena *arena, const sp_place *here, sp_str folder,
                                         const sp_walk_options *options, sp_walk *ret, sp_err *err);
/* The same for *.md files. */
SP_MUST_USE sp_status sp_place_walk(sp_arena *arena, const sp_place *here, sp_str folder, sp_places within,
                                    sp_walk *ret, sp_err *err);

#endif
