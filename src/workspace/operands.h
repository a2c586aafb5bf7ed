/* operands.h - what git writes in one word: REV..REV, REV...REV and REV:PATH. */
#ifndef SP_OPERANDS_H
#define SP_OPERANDS_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_revision_range {
    const char *from; /* NULL: the word is no range */
    const char *to;
    bool is_of_ancestor; /* ... */
} sp_revision_range;

typedef struct sp_revision_path {
    const char *revision; /* NULL: the word has none */
    const char *path;     /* from the top of the repository, or from the current folder with ./ or ../ before it */
} sp_revision_path;

/* Both live in arena and fail only with SP_ERR_NO_MEMORY. What is left out at an end of a range is HEAD. */
SP_MUST_USE sp_status sp_revision_range_parse(sp_arena *arena, const char *word, sp_revision_range *ret, sp_err *err);
SP_MUST_USE sp_status sp_revision_path_parse(sp_arena *arena, const char *word, sp_revision_path *ret, sp_err *err);

#endif
