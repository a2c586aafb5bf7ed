/* yaml_copy.h - a text as libyaml has to see it to read it as YAML 1.2 in UTF-8, with the way back. */
#ifndef SP_YAML_COPY_H
#define SP_YAML_COPY_H

#include "base/types.h"
#include "syntax/front_matter_parts.h"

typedef struct sp_yaml_shift {
    size_t copy_at; /* from here on an offset in the copy, */
    size_t text_at; /* and the same place in the text */
} sp_yaml_shift;

typedef struct sp_yaml_copy {
    sp_str text; /* ptr NULL: the text needs no copy */
    sp_list(sp_yaml_shift) shifts;
} sp_yaml_copy;

/* Copies text[begin..end) if it holds bytes that are not UTF-8 (U+FFFD takes their place), U+0085, U+2028 or U+2029,
 * which end lines in YAML 1.1 only, or, is_lenient, what libyaml does not take for YAML: escapes of surrogates, and
 * what yaml_lenient.h says. The copy lives in the arena. */
SP_MUST_USE sp_status sp_yaml_copy_make(sp_arena *arena, sp_str text, size_t begin, size_t end, bool is_lenient,
                                        sp_yaml_copy *ret, sp_err *err);
/* The place in the text of an offset in the copy. */
size_t sp_yaml_copy_offset(const sp_yaml_copy *copy, size_t offset);
/* Gives keys and values their own characters back, and all of them their places in the text. */
SP_MUST_USE sp_status sp_yaml_copy_restore(sp_arena *arena, const sp_yaml_copy *copy, sp_field_list *fields,
                                           sp_err *err);

#endif
