#include "base/diag.h"
#include "base/diagnostic.h"
#include "base/types.h"

static void find_place(sp_last_place *last, sp_str text, size_t offset)
{
    bool is_further = last->text && last->text == text.ptr && offset >= last->offset;
    sp_position place =
        is_further ? sp_position_after(text, last->place, last->offset, offset) : sp_position_of(text, offset);
    if (!is_further || place.line != last->place.line)
        last->line = sp_line_at(text, offset);
    last->text = text.ptr;
    last->offset = offset;
    last->place = place;
}

sp_status sp_diag_add(sp_diags *diags, sp_err *err, sp_level level, sp_str path, sp_str text, size_t offset,
                      sp_rule_key rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_status status = sp_diag_vadd(diags, err, level, path, text, offset, rule, format, args);
    va_end(args);
    return status;
}

sp_status sp_diag_vadd(sp_diags *diags, sp_err *err, sp_level level, sp_str path, sp_str text, size_t offset,
                       sp_rule_key rule, const char *format, va_list args)
{
    sp_str message = sp_str_vformat(diags->arena, format, args);
    sp_diagnostic *diagnostic = message.ptr ? SP_LIST_PUSH(diags->arena, diags) : NULL;
    if (!diagnostic)
        return sp_err_memory(err);
    *diagnostic = (sp_diagnostic){ .level = level, .path = path, .message = message, .rule = rule };
    if (offset != SP_WHOLE_FILE) {
        find_place(&diags->last, text, offset);
        diagnostic->line = diags->last.place.line;
        diagnostic->column = diags->last.place.column;
        diagnostic->source_line = diags->last.line;
    }
    return SP_OK;
}

sp_diagnostic sp_diagnostic_of(const sp_err *err)
{
    return (sp_diagnostic){
        .level = SP_FINDING,
        .line = err->line,
        .column = err->column,
        .path = sp_str_of(err->path),
        .message = sp_str_of(err->message),
    };
}

void sp_diags_forget(sp_diags *diags)
{
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].message.ptr)
            diags->items[kept++] = diags->items[i];
    diags->count = kept;
}
