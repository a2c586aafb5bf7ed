#include "base/diag.h"

#include <stdio.h>

SP_PRINTF(3, 0)
static bool format_message(sp_arena *arena, sp_str *ret, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : sp_arena_alloc(arena, (size_t)length + 1, 1);
    if (!text)
        return false;
    vsnprintf(text, (size_t)length + 1, format, args);
    *ret = (sp_str){ text, (size_t)length };
    return true;
}

sp_status sp_diag_add(sp_diags *diags, sp_err *err, sp_level level, sp_str path, sp_str text, size_t offset,
                      const char *rule, const char *format, ...)
{
    sp_str message;
    va_list args;
    va_start(args, format);
    bool formatted = format_message(diags->arena, &message, format, args);
    va_end(args);
    sp_diagnostic *diagnostic = formatted ? SP_LIST_PUSH(diags->arena, diags) : NULL;
    if (!diagnostic)
        return sp_err_memory(err);
    *diagnostic = (sp_diagnostic){ .level = level, .path = path, .message = message, .rule = sp_str_of(rule) };
    if (offset != SP_WHOLE_FILE) {
        sp_place place = sp_place_of(text, offset);
        diagnostic->line = place.line;
        diagnostic->column = place.column;
        diagnostic->source_line = sp_line_at(text, offset);
    }
    return SP_OK;
}
