/*
 * glob.h - path patterns as editors and agents write them, such as "src/{api,web}/main.[ch]".
 *
 *   sp_glob glob;
 *   sp_glob_budget budget = { 1000, 4 << 20 };
 *   SP_TRY(sp_glob_compile(arena, pattern, &budget, &glob, err));
 *   if (sp_glob_match(&glob, path, true)) ...
 *
 * ?, * and [a-z] stay within a part of the path, ** as a whole part stands for any number of parts, also none.
 * {a,b} and {1..3} are alternatives, a backslash takes a character for itself. Case counts. There is no negation, and
 * parentheses stand for themselves.
 */
#ifndef SP_GLOB_H
#define SP_GLOB_H

#include "base/base.h"
#include "base/types.h"

typedef enum sp_glob_state {
    SP_GLOB_FINE,
    SP_GLOB_INVALID,     /* a [ that nothing closes: matches nothing */
    SP_GLOB_OVER_BUDGET, /* more alternatives than the budget has left: its braces stand for themselves */
    SP_GLOB_OVER_BYTES,  /* the same for their bytes */
} sp_glob_state;

typedef struct sp_glob {
    sp_glob_state state;
    const sp_str *patterns; /* without braces */
    size_t count;
} sp_glob;

/* What the patterns of one list may expand to together. Patterns without braces take nothing from it. */
typedef struct sp_glob_budget {
    uint64_t patterns;
    uint64_t bytes;
} sp_glob_budget;

/* Prepares a pattern; *budget is charged. pattern is borrowed for as long as the result lives. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_glob_compile(sp_arena *arena, sp_str pattern, sp_glob_budget *budget, sp_glob *ret,
                                      sp_err *err);

/* Whether the whole path matches. Without with_hidden a wildcard at the head of a part does not match a dot there. At
 * most the length of the path times that of the pattern in steps, for each alternative. */
bool sp_glob_match(const sp_glob *glob, sp_str path, bool with_hidden);

#endif
