/*
 * regex.h - regular expressions that vocabularies bring along, by PCRE2.
 *
 * PCRE2 is loaded when the first expression is made, so that a program that needs none does not wait for it. Its
 * classes of characters are those of its own version of Unicode.
 */
#ifndef SP_VOCABULARY_REGEX_H
#define SP_VOCABULARY_REGEX_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_regex sp_regex;

/* Where lines are told apart: ^ and $ are about every line, or only about the whole. */
typedef enum sp_regex_flavour {
    SP_REGEX_RUST,      /* as tiktoken reads it */
    SP_REGEX_ONIGURUMA, /* as tokenizer.json means it */
} sp_regex_flavour;

/* *ret_regex is the caller's, to be dropped with sp_regex_free (NULL is fine). SP_ERR_INPUT for what is no regular
 * expression, or where there is no PCRE2: the message is a sentence without its subject, and column is where in the
 * pattern it is wrong, from 1, or 0. */
SP_MUST_USE sp_status sp_regex_new(sp_str pattern, sp_regex_flavour flavour, sp_regex **ret_regex, sp_err *err);
void sp_regex_free(sp_regex *regex);

/* What a thread needs to match with a regex. NULL when memory is short. */
void *sp_regex_scratch_new(const sp_regex *regex);
void sp_regex_scratch_free(const sp_regex *regex, void *scratch);

/* Text of len_bytes is to be matched in, from now on and all together: what its matches may take goes by that, and is
 * 1 second and 2 us for each byte. */
void sp_regex_begin(void *scratch, size_t len_bytes);
/* Behind SP_REGEX_TOO_HARD: which expression it was and where, a sentence. */
const char *sp_regex_problem(const void *scratch);

typedef enum sp_regex_found {
    SP_REGEX_NONE,
    SP_REGEX_FOUND,
    SP_REGEX_TOO_HARD, /* it would take too long, or memory is short */
} sp_regex_found;

/* The first match in text at or after from; text is UTF-8. What lies before from is looked at by what looks behind. */
sp_regex_found sp_regex_find(const sp_regex *regex, void *scratch, sp_str text, size_t from, size_t *ret_begin,
                             size_t *ret_end);

#endif
