/*
 * diag.h - a list of diagnostics that grows while a prompt is built.
 *
 * It remembers the place of the last one: the next is most often further down in the same text, and looking for its
 * line from the top each time would take a file with many of them the square of its length.
 */
#ifndef SP_DIAG_H
#define SP_DIAG_H

#include "base/base.h"
#include "base/diagnostic.h"
#include "base/types.h"

typedef struct sp_last_place {
    const char *text;
    size_t offset;
    sp_position place;
    sp_str line;
} sp_last_place;

typedef struct sp_diags {
    sp_arena *arena;
    sp_diagnostic *items;
    size_t count;
    size_t capacity;
    sp_last_place last;
} sp_diags;

#define SP_WHOLE_FILE SIZE_MAX

/* Adds a message about the character at offset in text, or about the whole file with SP_WHOLE_FILE. path and text
 * are borrowed for as long as the list lives. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_diag_add(sp_diags *diags, sp_err *err, sp_level level, sp_str path, sp_str text, size_t offset,
                                  sp_rule_key rule, const char *format, ...) SP_PRINTF(8, 9);
SP_MUST_USE sp_status sp_diag_vadd(sp_diags *diags, sp_err *err, sp_level level, sp_str path, sp_str text,
                                   size_t offset, sp_rule_key rule, const char *format, va_list args) SP_PRINTF(8, 0);
/* An error as a finding, without its rule, which is a string there. Borrows from err. */
sp_diagnostic sp_diagnostic_of(const sp_err *err);
/* Takes out every diagnostic whose message was set to ptr NULL. */
void sp_diags_forget(sp_diags *diags);

#endif
