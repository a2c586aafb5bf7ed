#include "rules/templates.h"
#include "base/types.h"
#include "embed.h"

#define SP_TEXT(key, file) SP_EMBED(text_##key, "rules/templates/" file)
#include "rules/templates.def"
#undef SP_TEXT

typedef struct builtin_text {
    const char *file;
    const char *bytes;
    const uint32_t *length;
} builtin_text;

static const uint32_t no_length;

static const builtin_text texts[SP_TEXT_COUNT] = {
    [SP_TEXT_NONE] = { "", "", &no_length },
#define SP_TEXT(key, file) [SP_TEXT_##key] = { file, text_##key, &text_##key##_length },
#include "rules/templates.def"
#undef SP_TEXT
};

const char *sp_text_file(sp_text_key key)
{
    return texts[key].file;
}

sp_str sp_text_trimmed(sp_str text)
{
    if (sp_str_ends(text, SP_STR("\n")))
        text.len--;
    if (sp_str_ends(text, SP_STR("\r")))
        text.len--;
    return text;
}

sp_str sp_text_builtin(sp_text_key key)
{
    return sp_text_trimmed((sp_str){ texts[key].bytes, *texts[key].length });
}

static const sp_text_value *find_value(sp_str name, const sp_text_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(name, sp_str_of(values[i].name)))
            return &values[i];
    return NULL;
}

sp_str sp_text_fill(sp_arena *arena, sp_str text, const sp_text_value *values, size_t count)
{
    sp_buf out = { 0 };
    size_t plain = 0;
    for (size_t at = 0; (at = sp_str_find(text, SP_STR("{{"), at)) != SIZE_MAX;) {
        size_t end = sp_str_find(text, SP_STR("}}"), at);
        if (end == SIZE_MAX)
            break;
        const sp_text_value *value = find_value(sp_str_slice(text, at + 2, end), values, count);
        if (!value) {
            at += 2;
            continue;
        }
        sp_buf_add(&out, sp_str_slice(text, plain, at));
        sp_buf_add_valid_utf8(&out, value->value, false);
        at = plain = end + 2;
    }
    sp_buf_add(&out, sp_str_slice(text, plain, text.len));
    return sp_buf_move(&out, arena);
}
