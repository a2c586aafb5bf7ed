/*
 * templates.h - what the prompt says in our own words: headers, markers, memory instructions.
 *
 * Every such text is a file in texts/ that is linked into the program as it is. {{name}} in it is a placeholder.
 */
#ifndef SP_TEXTS_H
#define SP_TEXTS_H

#include "base/base.h"
#include "base/types.h"

typedef enum sp_text_key {
    SP_TEXT_NONE, /* is empty, and in no file */
#define SP_TEXT(key, file) SP_TEXT_##key,
#include "rules/templates.def"
#undef SP_TEXT
    SP_TEXT_COUNT
} sp_text_key;

/* The file's name, for example "file-header.md". */
const char *sp_text_file(sp_text_key key);
/* The built-in text. */
sp_str sp_text_builtin(sp_text_key key);
/* text without its last line end. */
sp_str sp_text_trimmed(sp_str text);

typedef struct sp_text_value {
    const char *name; /* of the placeholder, without braces */
    sp_str value;
} sp_text_value;

/* The text with its placeholders filled in; one that is not among the values stays as it is. A value is a path or a
 * name from outside: what of it is not UTF-8 becomes U+FFFD. ptr is NULL when memory is short. */
sp_str sp_text_fill(sp_arena *arena, sp_str text, const sp_text_value *values, size_t count);

#endif
