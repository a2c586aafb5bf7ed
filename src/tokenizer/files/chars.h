/* chars.h - kinds of characters, as the parts of a tokenizer.json tell them apart. By Unicode 15. */
#ifndef SP_VOCABULARY_CHARS_H
#define SP_VOCABULARY_CHARS_H

#include "base/base.h"
#include "base/types.h"

typedef bool sp_char_test(uint32_t code);

bool sp_char_is_space(uint32_t code);           /* White_Space */
bool sp_char_is_number(uint32_t code);          /* Nd, Nl, No */
bool sp_char_is_punctuation(uint32_t code);     /* P, and the symbols of ASCII */
bool sp_char_is_mark(uint32_t code);            /* M */
bool sp_char_is_nonspacing_mark(uint32_t code); /* Mn */
bool sp_char_is_control(uint32_t code);         /* as Bert cleans texts: C, but for tab and line ends */
bool sp_char_is_han(uint32_t code);             /* as Bert puts blanks around them */
bool sp_char_is_word(uint32_t code);            /* \w */
bool sp_char_is_not_word(uint32_t code);        /* [^\w\s] */

/* The character at s[at], and its length; for a byte that is not UTF-8 U+FFFD, and 1. */
size_t sp_char_at(sp_str s, size_t at, uint32_t *ret_code);
/* Where the character before s[at] begins; at is above 0. */
size_t sp_char_before(sp_str s, size_t at);

#endif
