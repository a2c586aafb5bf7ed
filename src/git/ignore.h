/*
 * ignore.h - the patterns of a .gitignore file, with the meaning that git 2.39 gives them.
 *
 *   sp_ignore_list list;
 *   SP_TRY(sp_ignore_parse(&arena, text, SP_STR("docs/"), &list, err));
 *   sp_ignore_ask(&list, SP_STR("docs/a.tmp"), false) == SP_IGNORE_YES
 *
 * A list knows the folder its file stands in (base). A path is asked about as a whole, not about the folders it lies
 * in: who walks does not go into a folder that is ignored.
 *
 * The loose dialect is that of a client that chooses files with such patterns. It has characters instead of bytes, case
 * does not count, a pattern that begins with # is a comment, a slash and two stars are dropped before a slash at the
 * end, and [...] has neither negation nor classes.
 */
#ifndef SP_IGNORE_H
#define SP_IGNORE_H

#include "base/base.h"
#include "base/types.h"

typedef enum sp_ignore_answer {
    SP_IGNORE_SILENT, /* no pattern is about this path */
    SP_IGNORE_YES,
    SP_IGNORE_NO, /* a pattern that begins with ! takes it back in */
} sp_ignore_answer;

struct sp_ignore_rule;

typedef struct sp_ignore_list {
    const struct sp_ignore_rule *rules;
    size_t count;
    sp_str base;
    uint64_t *scratch; /* for matching: a list is asked by one thread at a time */
} sp_ignore_list;

/* Any text is a list of patterns; what makes no sense matches nothing, as in git. base is empty or ends in a slash;
 * paths that are asked about begin with it. Lives in the arena, and borrows base. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_ignore_parse(sp_arena *arena, sp_str text, sp_str base, sp_ignore_list *ret, sp_err *err);

/* The same for one pattern to a string, in which # and trailing blanks are nothing special. */
SP_MUST_USE sp_status sp_ignore_parse_each(sp_arena *arena, sp_str_list patterns, sp_str base, sp_ignore_list *ret,
                                           sp_err *err);

/* The same in the loose dialect; paths are asked about from where the patterns are seen. */
SP_MUST_USE sp_status sp_ignore_parse_loosely(sp_arena *arena, sp_str_list patterns, sp_ignore_list *ret, sp_err *err);

/* False: the pattern of that index makes no sense (nothing closes its [, for one), so it matches nothing. */
bool sp_ignore_is_sound(const sp_ignore_list *list, size_t index);

/* For paths that nobody walks to: the index of the pattern that takes in the outermost directory on the way to the
 * file, or else the file. SIZE_MAX if none does, or later ones take it back. */
size_t sp_ignore_find(const sp_ignore_list *list, sp_str path);

/* Whether the pattern of that index alone matches the file or a directory on the way to it. */
bool sp_ignore_matches(const sp_ignore_list *list, size_t index, sp_str path);

/* What the last pattern that matches says. The time is at most the length of the patterns times that of the path. */
sp_ignore_answer sp_ignore_ask(const sp_ignore_list *list, sp_str path, bool is_folder);

#endif
