#include "base/types.h"
#include "explain/caching/caching.h"
#include "explain/caching/result.h"

static const sp_volatile_kind kinds[] = {
#define SP_VOLATILE(key, name, changes, ends_prefix, confidence, source, advice)                                       \
    { name, changes, ends_prefix, confidence, source, advice },
#include "explain/caching/volatile.def"
#undef SP_VOLATILE
};

const sp_volatile_kind *sp_volatile_kind_at(size_t index)
{
    return index < SP_COUNT_OF(kinds) ? &kinds[index] : NULL;
}

/* ---- shapes ---------------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What goes on a word, so that no shape begins or ends beside it. */
static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

/* How long the text at offset at is if it has that shape, else 0: 9 is a digit, x a hexadecimal one. */
static size_t shape_at(sp_str text, size_t at, const char *shape)
{
    size_t i = 0;
    for (; shape[i]; i++) {
        char c = at + i < text.len ? text.ptr[at + i] : '\0';
        bool fits = shape[i] == '9' ? is_digit(c) : shape[i] == 'x' ? is_hex(c) : c == shape[i];
        if (!fits)
            return 0;
    }
    return i;
}

static unsigned two_digits(const char *text)
{
    return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
}

static size_t date_at(sp_str text, size_t at)
{
    size_t length = shape_at(text, at, "9999-99-99");
    const char *digits = text.ptr + at;
    if (length == 0 || (two_digits(digits) != 19 && two_digits(digits) != 20))
        return 0;
    unsigned month = two_digits(digits + 5);
    unsigned day = two_digits(digits + 8);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? length : 0;
}

/* A time of day behind a date: "T14:05", " 14:05:59Z". */
static size_t time_behind(sp_str text, size_t at)
{
    size_t length = shape_at(text, at, "T99:99");
    length = length ? length : shape_at(text, at, " 99:99");
    return length && shape_at(text, at + length, ":99") ? length + 3 : length;
}

/* SHA-1 or SHA-256: digits alone are a number, letters alone a word. */
static size_t hash_at(sp_str text, size_t at)
{
    size_t length = 0;
    bool has_digit = false;
    bool has_letter = false;
    for (; at + length < text.len && is_hex(text.ptr[at + length]); length++) {
        has_digit = has_digit || is_digit(text.ptr[at + length]);
        has_letter = has_letter || !is_digit(text.ptr[at + length]);
    }
    return has_digit && has_letter && (length == 40 || length == 64) ? length : 0;
}

static sp_volatile_key kind_at(sp_str line, size_t at, size_t *ret_length)
{
    size_t time;
    if ((*ret_length = date_at(line, at)) != 0) {
        time = time_behind(line, at + *ret_length);
        *ret_length += time;
        return time ? SP_VOLATILE_TIME : SP_VOLATILE_DATE;
    }
    if ((*ret_length = shape_at(line, at, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")) != 0)
        return SP_VOLATILE_UUID;
    *ret_length = hash_at(line, at);
    return *ret_length ? SP_VOLATILE_HASH : SP_VOLATILE_COUNT;
}

/* ---- lines ----------------------------------------------------------------------------------------------- */

/* Whether words such as "last updated" stand on a line: a date there says when the text was written. */
static bool has_stamp_word(sp_str line)
{
    static const char *const words[] = { "updated",     "generated", "as of",        "today",
                                         "last change", "modified",  "current date", "last edit" };
    for (size_t at = 0; at < line.len; at++)
        for (size_t i = 0; i < SP_COUNT_OF(words); i++) {
            sp_str word = sp_str_of(words[i]);
            if (word.len <= line.len - at && sp_str_eq_nocase(sp_str_slice(line, at, at + word.len), word))
                return true;
        }
    return false;
}

sp_volatile_key sp_volatile_in_line(sp_str line, size_t *ret_begin, size_t *ret_end)
{
    sp_volatile_key best = SP_VOLATILE_COUNT;
    for (size_t at = 0, length; at < line.len; at++) {
        bool begins = is_word(line.ptr[at]) && (at == 0 || !is_word(line.ptr[at - 1]));
        sp_volatile_key found = begins ? kind_at(line, at, &length) : SP_VOLATILE_COUNT;
        if (found >= best || (at + length < line.len && is_word(line.ptr[at + length])))
            continue;
        best = found;
        *ret_begin = at;
        *ret_end = at + length;
    }
    bool is_date = best == SP_VOLATILE_DATE || best == SP_VOLATILE_TIME;
    return is_date && has_stamp_word(line) ? SP_VOLATILE_STAMP : best;
}
