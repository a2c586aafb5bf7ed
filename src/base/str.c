/* str.c - verbs on borrowed text, and text that grows. */
#include "base/base.h"
#include "base/types.h"

#include <stdio.h>
#include <stdlib.h>

bool sp_str_eq(sp_str a, sp_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool sp_str_eq_nocase(sp_str a, sp_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (sp_lower(a.ptr[i]) != sp_lower(b.ptr[i]))
            return false;
    return true;
}

int sp_str_cmp(sp_str a, sp_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool sp_str_starts(sp_str s, sp_str prefix)
{
    return s.len >= prefix.len && sp_str_eq(sp_str_slice(s, 0, prefix.len), prefix);
}

bool sp_str_ends(sp_str s, sp_str suffix)
{
    return s.len >= suffix.len && sp_str_eq(sp_str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool sp_str_is_part(sp_str s, sp_str whole)
{
    uintptr_t begin = (uintptr_t)s.ptr - (uintptr_t)whole.ptr; /* a part of other memory begins far behind */
    return whole.ptr && s.len <= whole.len && begin <= whole.len - s.len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

sp_str sp_str_trim(sp_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = sp_str_slice(s, 1, s.len);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

size_t sp_str_find(sp_str s, sp_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (needle.len == 0)
        return from;
    const char *hit = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

/* ---- sp_buf ----------------------------------------------------------------------------------- */

void sp_buf_release(sp_buf *buf)
{
    free(buf->ptr);
    *buf = (sp_buf){ 0 };
}

sp_str sp_buf_move(sp_buf *buf, sp_arena *arena)
{
    sp_str text = { NULL, 0 };
    if (!buf->failed)
        text = sp_str_dup(arena, sp_buf_str(buf));
    sp_buf_release(buf);
    return text;
}

static bool reserve(sp_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (more <= buf->capacity - buf->len)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : 256;
    while (capacity - buf->len < more) {
        if (capacity > SIZE_MAX / 2) {
            buf->failed = true;
            return false;
        }
        capacity *= 2;
    }
    char *grown = realloc(buf->ptr, capacity);
    if (!grown) {
        buf->failed = true;
        return false;
    }
    buf->ptr = grown;
    buf->capacity = capacity;
    return true;
}

void sp_buf_add(sp_buf *buf, sp_str s)
{
    if (s.len && reserve(buf, s.len)) {
        memcpy(buf->ptr + buf->len, s.ptr, s.len);
        buf->len += s.len;
    }
}

void sp_buf_add_char(sp_buf *buf, char c)
{
    sp_buf_add(buf, (sp_str){ &c, 1 });
}

static const char replacement[] = "\xEF\xBF\xBD";
enum { REPLACEMENT_BYTES = sizeof replacement - 1 };

/* How long s is as valid UTF-8; with out, which has room for it, that is written there. */
static size_t make_valid(sp_str s, bool keeps_nul, char *out)
{
    size_t made = 0;
    for (size_t at = 0; at < s.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(s, at, &code, &bad);
        bool is_valid = length > 0 && (code != 0 || keeps_nul);
        if (out && is_valid)
            memcpy(out + made, s.ptr + at, length);
        else if (out)
            memcpy(out + made, replacement, REPLACEMENT_BYTES);
        made += is_valid ? length : REPLACEMENT_BYTES;
        at += length ? length : bad;
    }
    return made;
}

void sp_buf_add_valid_utf8(sp_buf *buf, sp_str s, bool keeps_nul)
{
    size_t bytes = make_valid(s, keeps_nul, NULL);
    if (bytes && reserve(buf, bytes))
        buf->len += make_valid(s, keeps_nul, buf->ptr + buf->len);
}

sp_str sp_str_valid_utf8(sp_arena *arena, sp_str s, bool keeps_nul)
{
    size_t bytes = make_valid(s, keeps_nul, NULL);
    char *made = sp_arena_alloc(arena, bytes + 1, 1);
    if (!made)
        return (sp_str){ NULL, 0 };
    make_valid(s, keeps_nul, made);
    made[bytes] = '\0';
    return (sp_str){ made, bytes };
}

void sp_buf_format(sp_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0 || !reserve(buf, (size_t)length + 1)) {
        buf->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(buf->ptr + buf->len, (size_t)length + 1, format, args);
    va_end(args);
    buf->len += (size_t)length;
}
