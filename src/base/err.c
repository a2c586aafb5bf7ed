/* err.c - filling in an sp_err, once, where the failure is found. */
#include "base/base.h"
#include "base/types.h"

#include <stdio.h>

/* vsnprintf cuts at a byte; a message must not end inside a character. */
static void cut_at_character(char *text, size_t capacity, int wanted_length)
{
    if (wanted_length < 0 || (size_t)wanted_length < capacity)
        return;
    static const char ellipsis[] = "...";
    size_t end = capacity - sizeof ellipsis;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, ellipsis, sizeof ellipsis);
}

static void copy_path(char *out, size_t capacity, sp_str path)
{
    if (path.len < capacity) {
        memcpy(out, path.ptr ? path.ptr : "", path.len);
        out[path.len] = '\0';
        return;
    }
    size_t from = path.len - (capacity - 4);
    while (from < path.len && ((unsigned char)path.ptr[from] & 0xC0) == 0x80)
        from++;
    snprintf(out, capacity, "...%.*s", (int)(path.len - from), path.ptr + from);
}

SP_PRINTF(3, 0)
static sp_status fill(sp_err *err, sp_status status, const char *format, va_list args)
{
    *err = (sp_err){ .status = status };
    int length = vsnprintf(err->message, sizeof err->message, format, args);
    cut_at_character(err->message, sizeof err->message, length);
    return status;
}

sp_status sp_err_set(sp_err *err, sp_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, status, format, args);
    va_end(args);
    return status;
}

sp_status sp_err_memory(sp_err *err)
{
    return sp_err_set(err, SP_ERR_NO_MEMORY, "out of memory");
}

sp_status sp_err_at(sp_err *err, sp_status status, sp_str path, sp_str text, size_t offset, const char *rule,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_err_vat(err, status, path, text, offset, rule, format, args);
    va_end(args);
    return status;
}

sp_status sp_err_vat(sp_err *err, sp_status status, sp_str path, sp_str text, size_t offset, const char *rule,
                     const char *format, va_list args)
{
    fill(err, status, format, args);
    if (text.ptr) {
        sp_position place = sp_position_of(text, offset);
        err->line = place.line;
        err->column = place.column;
    }
    copy_path(err->path, sizeof err->path, path);
    snprintf(err->rule, sizeof err->rule, "%s", rule ? rule : "");
    return status;
}
