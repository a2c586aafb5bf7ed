/*
 * yaml_copy.c - libyaml reads YAML 1.1, and clients read 1.2: line ends of the former become characters that nobody
 * uses (the last ones of plane 16), and the other way round in what was read.
 */
#include "syntax/yaml_copy.h"
#include "syntax/yaml_lenient.h"

static const struct {
    const char *own;
    const char *stand_in;
} line_ends[] = {
    { "\xC2\x85", "\xF4\x8F\xBF\xBB" },     /* U+0085, U+10FFFB */
    { "\xE2\x80\xA8", "\xF4\x8F\xBF\xBC" }, /* U+2028, U+10FFFC */
    { "\xE2\x80\xA9", "\xF4\x8F\xBF\xBD" }, /* U+2029, U+10FFFD */
};

static bool take_line_end(sp_str text, size_t at, sp_yaml_piece *ret)
{
    for (size_t i = 0; i < SP_COUNT_OF(line_ends); i++) {
        if (!sp_str_starts(sp_str_slice(text, at, text.len), sp_str_of(line_ends[i].own)))
            continue;
        *ret = (sp_yaml_piece){ .len = strlen(line_ends[i].own), .count = 4 };
        memcpy(ret->bytes, line_ends[i].stand_in, ret->count);
        return true;
    }
    return false;
}

static bool take_invalid(sp_str text, size_t at, sp_yaml_piece *ret)
{
    uint32_t code;
    size_t bad = 1;
    if (sp_utf8_decode(text, at, &code, &bad))
        return false;
    *ret = (sp_yaml_piece){ .len = bad, .bytes = "\xEF\xBF\xBD", .count = 3 };
    return true;
}

/* The value of \uXXXX at that place; -1 if there is none. */
static int32_t escaped(sp_str text, size_t at)
{
    int32_t value = 0;
    if (text.len < 6 || at > text.len - 6 || text.ptr[at] != '\\' || text.ptr[at + 1] != 'u')
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text.ptr[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* A pair is one character, and half of one is U+FFFD. */
static bool take_surrogates(sp_str text, size_t at, sp_yaml_piece *ret)
{
    int32_t high = escaped(text, at);
    if (high < 0xD800 || high > 0xDFFF)
        return false;
    int32_t low = escaped(text, at + 6);
    bool is_pair = high < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF;
    uint32_t code = is_pair ? 0x10000u + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00) : 0xFFFDu;
    *ret = (sp_yaml_piece){ .len = is_pair ? 12 : 6 };
    ret->count = sp_utf8_encode(code, ret->bytes);
    return true;
}

static bool take(sp_str text, size_t at, bool is_lenient, sp_yaml_piece *ret)
{
    unsigned char c = (unsigned char)text.ptr[at];
    if (c == '\\')
        return is_lenient && take_surrogates(text, at, ret);
    return c >= 0x80 && (take_line_end(text, at, ret) || take_invalid(text, at, ret));
}

static sp_status add_shift(sp_arena *arena, sp_yaml_copy *copy, size_t copy_at, size_t text_at, sp_err *err)
{
    sp_yaml_shift *slot = SP_LIST_PUSH(arena, &copy->shifts);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_yaml_shift){ copy_at, text_at };
    return SP_OK;
}

static size_t step(sp_str text, size_t at)
{
    uint32_t code;
    size_t bad = 1;
    size_t len = sp_utf8_decode(text, at, &code, &bad);
    return len ? len : bad;
}

/* ---- what needs no copy ------------------------------------------------------------------------------------ */

/* Whether only spaces and indicators are before it on its line. */
static bool is_at_head(sp_str text, size_t begin, size_t at)
{
    while (at > begin && text.ptr[at - 1] == ' ')
        at--;
    return at == begin || strchr("\r\n-?:", text.ptr[at - 1]) != NULL;
}

static bool may_begin(sp_str text, size_t begin, size_t at)
{
    switch (text.ptr[at]) {
    case '\t':
        return true;
    case '\\':
        return at + 1 < text.len && text.ptr[at + 1] == 'u';
    case '&':
    case '*':
    case '!':
        return at == begin || strchr(" \r\n,[]{}", text.ptr[at - 1]) != NULL;
    case ':':
        return is_at_head(text, begin, at);
    default:
        return false;
    }
}

/* Whether surely nothing is replaced, as in most texts: found out without following the lines. */
static bool is_common(sp_str text, size_t begin, bool is_lenient)
{
    for (size_t at = begin; at < text.len;) {
        uint32_t code = (unsigned char)text.ptr[at];
        size_t bad;
        size_t len = code < 0x80 ? 1 : sp_utf8_decode(text, at, &code, &bad);
        if (len == 0 || code == 0x85 || code == 0x2028 || code == 0x2029 || (is_lenient && may_begin(text, begin, at)))
            return false;
        at += len;
    }
    return true;
}

/* ---- the copy ---------------------------------------------------------------------------------------------- */

sp_status sp_yaml_copy_make(sp_arena *arena, sp_str text, size_t begin, size_t end, bool is_lenient, sp_yaml_copy *ret,
                            sp_err *err)
{
    sp_str part = sp_str_slice(text, 0, end);
    sp_buf copy = { 0 };
    size_t done = begin;
    *ret = (sp_yaml_copy){ 0 };
    sp_yaml_lenient walk = sp_yaml_lenient_begin(begin);
    sp_status status = add_shift(arena, ret, 0, begin, err);
    if (status != SP_OK || is_common(part, begin, is_lenient))
        return status;
    for (size_t at = begin; at < end && status == SP_OK;) {
        sp_yaml_piece found;
        bool is_other = is_lenient && sp_yaml_lenient_step(&walk, part, begin, at, &found);
        if (!is_other && !take(part, at, is_lenient, &found)) {
            at += step(part, at);
            continue;
        }
        sp_buf_add(&copy, sp_str_slice(part, done, at));
        sp_buf_add(&copy, (sp_str){ found.bytes, found.count });
        done = at + found.len;
        at += found.len ? found.len : step(part, at);
        status = add_shift(arena, ret, copy.len, done, err);
    }
    if (status != SP_OK || ret->shifts.count == 1) {
        sp_buf_release(&copy);
        return status;
    }
    sp_buf_add(&copy, sp_str_slice(part, done, end));
    ret->text = sp_buf_move(&copy, arena);
    return ret->text.ptr ? SP_OK : sp_err_memory(err);
}

size_t sp_yaml_copy_offset(const sp_yaml_copy *copy, size_t offset)
{
    size_t low = 0; /* the last shift that is not after the offset; the first one is at 0 */
    for (size_t high = copy->shifts.count; high - low > 1;) {
        size_t middle = low + (high - low) / 2;
        if (copy->shifts.items[middle].copy_at <= offset)
            low = middle;
        else
            high = middle;
    }
    return copy->shifts.items[low].text_at + (offset - copy->shifts.items[low].copy_at);
}

/* A string with the text's own line ends. */
static sp_status restore(sp_arena *arena, sp_str *s, sp_err *err)
{
    sp_buf out = { 0 };
    if (sp_str_find(*s, SP_STR("\xF4\x8F\xBF"), 0) == SIZE_MAX)
        return SP_OK;
    for (size_t at = 0; at < s->len;) {
        size_t i = 0;
        while (i < SP_COUNT_OF(line_ends) &&
               !sp_str_starts(sp_str_slice(*s, at, s->len), sp_str_of(line_ends[i].stand_in)))
            i++;
        if (i < SP_COUNT_OF(line_ends)) {
            sp_buf_add(&out, sp_str_of(line_ends[i].own));
            at += 4;
        } else {
            sp_buf_add_char(&out, s->ptr[at++]);
        }
    }
    *s = sp_buf_move(&out, arena);
    return s->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status restore_items(sp_arena *arena, const sp_yaml_copy *copy, sp_field *field, sp_err *err)
{
    size_t *offsets = SP_ARENA_ARRAY(arena, size_t, field->items.count);
    sp_str *items = SP_ARENA_ARRAY(arena, sp_str, field->items.count);
    if (!offsets || !items)
        return sp_err_memory(err);
    for (size_t i = 0; i < field->items.count; i++) {
        items[i] = field->items.items[i];
        SP_TRY(restore(arena, &items[i], err));
        offsets[i] = sp_yaml_copy_offset(copy, field->item_offsets[i]);
    }
    field->items.items = items;
    field->item_offsets = offsets;
    return SP_OK;
}

sp_status sp_yaml_copy_restore(sp_arena *arena, const sp_yaml_copy *copy, sp_field_list *fields, sp_err *err)
{
    for (size_t i = 0; i < fields->count; i++) {
        sp_field *field = &fields->items[i];
        SP_TRY(restore(arena, &field->key, err));
        SP_TRY(restore(arena, &field->value, err));
        field->key_offset = sp_yaml_copy_offset(copy, field->key_offset);
        field->value_offset = sp_yaml_copy_offset(copy, field->value_offset);
        if (field->items.count)
            SP_TRY(restore_items(arena, copy, field, err));
    }
    return SP_OK;
}
