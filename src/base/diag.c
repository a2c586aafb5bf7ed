#include "base/diag.h"

sp_status sp_diag_add(sp_diags *diags, sp_err *err, sp_level level, sp_str path, sp_str text, size_t offset,
                      const char *rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_str message = sp_str_vformat(diags->arena, format, args);
    va_end(args);
    sp_diagnostic *diagnostic = message.ptr ? SP_LIST_PUSH(diags->arena, diags) : NULL;
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
