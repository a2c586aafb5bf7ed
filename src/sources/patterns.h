/*
 * patterns.h - the path patterns in the front matter of a rule, which say for what files it loads.
 *
 *   SP_TRY(sp_patterns_read(loader, source, field, &patterns, err));
 *   if (sp_patterns_match(loader, &patterns, base, touched_path, &pattern)) ...
 */
#ifndef SP_PATTERNS_H
#define SP_PATTERNS_H

#include "base/glob.h"
#include "base/types.h"
#include "model/source.h"
#include "syntax/front_matter.h"

struct sp_loader;

typedef struct sp_patterns {
    sp_str *texts; /* as they are written */
    sp_glob *globs;
    size_t count;
} sp_patterns;

/* The patterns of a list, or of a text with commas between them; a comma in braces belongs to its pattern. What is
 * wrong with them becomes a diagnostic. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_patterns_read(struct sp_loader *loader, const sp_source *source, const sp_field *field,
                                       sp_patterns *ret, sp_err *err);

/* The first pattern that matches path, which is absolute, as seen from the folder base; ptr NULL for none. */
sp_str sp_patterns_match(const struct sp_loader *loader, const sp_patterns *patterns, sp_str base, sp_str path);

/* "*.c, *.h, *.S and 3 more", or ptr NULL when memory is short. */
sp_str sp_patterns_list(sp_arena *arena, const sp_patterns *patterns);

#endif
