/*
 * patterns.h - the path patterns in the front matter of a rule, which say for what files it loads.
 *
 *   SP_TRY(sp_patterns_read(loader, source, field, &patterns, err));
 *   sp_str pattern = sp_patterns_match(&patterns, base, touched_path);
 *
 * They are globs (base/glob.h), each for itself; or by rule rules.gitignore the lines of a .gitignore, where a later
 * pattern may take back what an earlier one matches (git/ignore.h, in its loose dialect).
 */
#ifndef SP_PATTERNS_H
#define SP_PATTERNS_H

#include "base/glob.h"
#include "base/types.h"
#include "git/ignore.h"
#include "model/source.h"
#include "syntax/front_matter.h"

struct sp_loader;

typedef struct sp_patterns {
    sp_str *texts;   /* as they are written */
    size_t *offsets; /* and where, in the source */
    size_t count;
    bool is_everything;   /* they say nothing, or no more than **: by rule rules.pattern-all the rule is not scoped */
    bool has_names;       /* one without a slash is about the name of a file */
    sp_glob *globs;       /* one for each, or NULL: */
    sp_ignore_list lines; /* those of a .gitignore, without braces, */
    uint32_t *writers;    /* and which of the texts each of them comes from */
} sp_patterns;

/* The patterns of a list, or of a text with commas between them; a comma in braces belongs to its pattern. What is
 * wrong with them becomes a diagnostic. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_patterns_read(struct sp_loader *loader, const sp_source *source, const sp_field *field,
                                       sp_patterns *ret, sp_err *err);

/* The pattern because of which path, which is absolute, matches, as seen from the folder base; ptr NULL for none. */
sp_str sp_patterns_match(const sp_patterns *patterns, sp_str base, sp_str path);

/* The index of that pattern for a path that is relative to base, or SIZE_MAX. */
size_t sp_patterns_find(const sp_patterns *patterns, sp_str below);

/* Whether the pattern of that index, one that takes back included, is about such a path, whatever the others say. */
bool sp_patterns_has_match(const sp_patterns *patterns, size_t index, sp_str below);

/* "*.c, *.h, *.S and 3 more", or ptr NULL when memory is short. */
sp_str sp_patterns_list(sp_arena *arena, const sp_patterns *patterns);

#endif
