/*
 * hidden_decode.c - what hidden characters spell.
 *
 * Tags repeat ASCII, and of variation selectors each is a byte; of everything else the values are guessed. The
 * characters that occur are digits, as many as differ, in the order of their codes or against it, and 7, 8 or 16 bits
 * of them make a character; or one of them separates groups of the others. The first reading that gives text is taken.
 * Other encodings, compressed or encrypted ones among them, stay undeciphered, and the find has its characters' names.
 */
#include "base/base.h"
#include "base/types.h"
#include "syntax/hidden.h"

#include <utf8proc.h>

enum {
    SHORTEST = 2,       /* characters: less could be chance */
    FEWEST_PRIVATE = 5, /* of them: icons are of private use, too */
    MOST_DIGITS = 6,    /* that differ */
    NO_DIGIT = 0xFF,    /* a symbol that separates */
};

/* ---- is it text? --------------------------------------------------------------------------------------- */

static bool is_readable_code(uint32_t code)
{
    if (code < 0x80)
        return (code >= ' ' && code < 0x7F) || code == '\n' || code == '\t';
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
        return false;
    default:
        return true;
    }
}

static bool is_readable(sp_str text)
{
    size_t count = 0, length;
    for (size_t at = 0; at < text.len; at += length, count++) {
        uint32_t code = 0;
        size_t bad;
        length = sp_utf8_decode(text, at, &code, &bad);
        if (length == 0 || !is_readable_code(code))
            return false;
    }
    return count >= SHORTEST;
}

static void add_code(sp_buf *out, uint32_t code)
{
    char bytes[4];
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        code = 0; /* which is not readable */
    sp_buf_add(out, (sp_str){ bytes, sp_utf8_encode(code, bytes) });
}

/* Takes back from out all behind begin unless it is text. */
static bool keep_readable(sp_buf *out, size_t begin)
{
    if (!out->failed && is_readable(sp_str_slice(sp_buf_str(out), begin, out->len)))
        return true;
    out->len = out->failed ? out->len : begin;
    return false;
}

/* ---- one value each ------------------------------------------------------------------------------------ */

static bool decode_tags(const sp_hidden *found, sp_buf *out)
{
    size_t begin = out->len;
    for (size_t i = 0; i < found->symbol_count; i++) {
        uint32_t code = found->symbols[i] & 0x7F;
        if (code >= ' ' && code < 0x7F)
            sp_buf_add_char(out, (char)code);
    }
    return out->len > begin;
}

/* ASCII in the last bytes of private-use characters that have the others in common, as tags have. A few icons of a
 * font are letters of Latin-1 in that way, so these are none. */
static bool decode_private(const sp_hidden *found, sp_buf *out)
{
    size_t begin = out->len;
    if (found->count < FEWEST_PRIVATE)
        return false;
    for (size_t i = 0; i < found->symbol_count; i++) {
        bool is_ascii = found->symbols[i] >> 8 == found->symbols[0] >> 8 && (found->symbols[i] & 0x80) == 0;
        add_code(out, is_ascii ? found->symbols[i] & 0x7F : 0);
    }
    return keep_readable(out, begin);
}

static uint32_t byte_of_selector(uint32_t code)
{
    return code >= 0xE0100 ? code - 0xE0100 + 16 : code & 0x0F;
}

static bool decode_selectors(const sp_hidden *found, sp_buf *out)
{
    size_t begin = out->len;
    for (size_t i = 0; i < found->symbol_count; i++)
        sp_buf_add_char(out, (char)byte_of_selector(found->symbols[i]));
    if (keep_readable(out, begin))
        return true;
    for (size_t i = 0; i + 1 < found->symbol_count; i += 2)
        sp_buf_add_char(
            out, (char)(byte_of_selector(found->symbols[i]) << 4 | (byte_of_selector(found->symbols[i + 1]) & 0x0F)));
    return keep_readable(out, begin);
}

/* A terminal's sequence, as it is. */
static bool decode_sequence(const sp_hidden *found, sp_buf *out)
{
    bool is_one = false;
    for (size_t i = 0; i < found->symbol_count; i++)
        is_one |= found->symbols[i] == 0x1B || found->symbols[i] == 0x9B;
    for (size_t i = 0; i < found->symbol_count && is_one; i++)
        add_code(out, found->symbols[i]);
    return is_one;
}

/* ---- digits -------------------------------------------------------------------------------------------- */

typedef struct digits {
    uint8_t values[SP_HIDDEN_SYMBOLS];
    size_t count;
    uint32_t codes[MOST_DIGITS]; /* the symbols, by code */
    unsigned radix;
} digits;

/* False: more differ than a code of digits has. */
static bool add_digit_code(digits *d, uint32_t code)
{
    unsigned at = 0;
    while (at < d->radix && d->codes[at] < code)
        at++;
    if (at < d->radix && d->codes[at] == code)
        return true;
    if (d->radix == MOST_DIGITS)
        return false;
    for (unsigned i = d->radix++; i > at; i--)
        d->codes[i] = d->codes[i - 1];
    d->codes[at] = code;
    return true;
}

static unsigned digit_of(const digits *d, uint32_t code)
{
    unsigned at = 0;
    while (at + 1 < d->radix && d->codes[at] != code)
        at++;
    return at;
}

static bool read_digits(const sp_hidden *found, digits *d)
{
    d->radix = 0;
    d->count = found->symbol_count;
    for (size_t i = 0; i < d->count; i++)
        if (!add_digit_code(d, found->symbols[i]))
            return false;
    for (size_t i = 0; i < d->count; i++)
        d->values[i] = (uint8_t)digit_of(d, found->symbols[i]);
    return d->radix >= 2;
}

static unsigned digits_for(unsigned radix, unsigned bits)
{
    unsigned count = 0;
    for (uint64_t values = 1; values < (uint64_t)1 << bits; values *= radix)
        count++;
    return count;
}

/* Groups of as many digits as so many bits need; a group of 8 bits is a byte, of others a character. */
static bool decode_groups(const digits *d, unsigned bits, bool is_reversed, sp_buf *out)
{
    size_t begin = out->len, size = digits_for(d->radix, bits);
    if (d->count % size != 0 && d->count < SP_HIDDEN_SYMBOLS)
        return false;
    for (size_t i = 0; i + size <= d->count; i += size) {
        uint32_t value = 0;
        for (size_t k = 0; k < size; k++)
            value = value * d->radix + (is_reversed ? d->radix - 1 - d->values[i + k] : d->values[i + k]);
        if (bits == 8 && value < 0x100)
            sp_buf_add_char(out, (char)value);
        else
            add_code(out, value);
    }
    return keep_readable(out, begin);
}

static bool decode_digits(const digits *d, sp_buf *out)
{
    static const unsigned bits[] = { 8, 16, 7 };
    for (size_t i = 0; i < SP_COUNT_OF(bits); i++)
        if (decode_groups(d, bits[i], false, out) || decode_groups(d, bits[i], true, out))
            return true;
    return false;
}

/* Characters of two digits, as many as each needs, with the third symbol between them. */
static bool decode_separated(const digits *d, unsigned separator, bool is_reversed, sp_buf *out)
{
    const unsigned low = separator == 0 ? 1 : 0, high = separator == 2 ? 1 : 2;
    size_t begin = out->len, length = 0;
    uint32_t value = 0;
    for (size_t i = 0; i <= d->count; i++) {
        if (i < d->count && d->values[i] != separator) {
            value = (value << 1 | (d->values[i] == (is_reversed ? low : high))) & 0x1FFFFF;
            length++;
        } else if (length) {
            add_code(out, value);
            value = 0;
            length = 0;
        }
    }
    return keep_readable(out, begin);
}

/* The same without the symbol, which marks begin and end, or each character. */
static bool decode_without(const digits *d, unsigned separator, sp_buf *out)
{
    digits rest = { .count = 0, .radix = 2 };
    for (size_t i = 0; i < d->count; i++)
        if (d->values[i] != separator)
            rest.values[rest.count++] = d->values[i] > separator ? d->values[i] - 1 : d->values[i];
    return decode_digits(&rest, out);
}

static bool decode_invisible(const sp_hidden *found, sp_buf *out)
{
    digits d;
    if (!read_digits(found, &d))
        return false;
    if (decode_digits(&d, out))
        return true;
    for (unsigned separator = 0; separator < 3 && d.radix == 3; separator++)
        if (decode_without(&d, separator, out) || decode_separated(&d, separator, false, out) ||
            decode_separated(&d, separator, true, out))
            return true;
    return false;
}

bool sp_hidden_decode(const sp_hidden *found, sp_buf *out)
{
    static bool (*const decoders[SP_HIDDEN_KINDS])(const sp_hidden *, sp_buf *) = {
        [SP_HIDDEN_TAG] = decode_tags,
        [SP_HIDDEN_SELECTOR] = decode_selectors,
        [SP_HIDDEN_INVISIBLE] = decode_invisible,
        [SP_HIDDEN_CONTROL] = decode_sequence,
        [SP_HIDDEN_PRIVATE] = decode_private,
    };
    return decoders[found->kind] && decoders[found->kind](found, out);
}
