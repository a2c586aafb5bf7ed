/* escape.h - text from outside, for a terminal. */
#ifndef SP_BASE_ESCAPE_H
#define SP_BASE_ESCAPE_H

#include "base/base.h"
#include "base/types.h"

/* Whether a reader cannot see a character, or it changes what he sees around it: controls, bidirectional and other
 * format characters, tags, variation selectors, private and unassigned ones, letters without ink. */
bool sp_is_hidden(uint32_t code);

/* text with everything that could steer a terminal or mislead a reader spelled out: control characters as \x1b, bytes
 * that are not UTF-8 as \xff, bidirectional controls and other invisible characters as <U+202E>. Tabs stay.
 * *ret is malloc'd and ends in NUL. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_text_escape(sp_str text, char **ret, size_t *ret_len, sp_err *err);

/* The same line by line: line feeds stay, too. */
SP_MUST_USE sp_status sp_text_escape_lines(sp_str text, char **ret, size_t *ret_len, sp_err *err);

/* Adds an argument as a shell takes it: in single quotes, unless all of it is letters, digits and harmless signs. */
void sp_text_add_shell_word(sp_buf *out, sp_str word);

#endif
