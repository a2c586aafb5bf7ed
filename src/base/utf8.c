/* utf8.c - decoding as Unicode 16.0, table 3-7, has it, and places in a text. */
#include "base/base.h"

/* The second byte's range depends on the first; the rest are 80..BF. */
static void second_byte_range(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
}

static size_t length_of_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

size_t sp_utf8_decode(sp_str s, size_t at, uint32_t *ret_code, size_t *ret_bad)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t room = s.len - at;
    size_t length = length_of_lead(p[0]);
    if (length == 1) {
        *ret_code = p[0];
        return 1;
    }
    if (length == 0) {
        *ret_bad = 1;
        return 0;
    }
    uint32_t code = p[0] & (0x7Fu >> length);
    unsigned char low, high;
    second_byte_range(p[0], &low, &high);
    for (size_t i = 1; i < length; i++) {
        if (i >= room || p[i] < low || p[i] > high) {
            *ret_bad = i;
            return 0;
        }
        code = code << 6 | (p[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *ret_code = code;
    return length;
}

/* Length of the well-formed character of two or three bytes at p, of which four can be read, or 0: for the scripts that
 * most text is in. Four bytes are compared at once, the first one lowest. */
static inline size_t common_char_len(const char *p)
{
    uint32_t four;
    memcpy(&four, p, sizeof four);
    if ((four & 0xC0E0u) == 0x80C0u)
        return (four & 0x1Eu) != 0 ? 2 : 0; /* not C0 and C1 */
    if ((four & 0xC0C0F0u) != 0x8080E0u)
        return 0;
    uint32_t first_bits = four & 0x200Fu; /* not 0 above E0, and not a surrogate's after ED */
    return first_bits != 0 && first_bits != 0x200Du ? 3 : 0;
}

size_t sp_utf8_find_invalid(sp_str s, size_t from)
{
    const uint64_t tops = 0x8080808080808080u;
    size_t at = from;
    while (at < s.len) {
        uint64_t word[4];
        if (s.len - at >= sizeof word) { /* most text is ASCII */
            memcpy(word, s.ptr + at, sizeof word);
            uint64_t first = word[0] & tops;
            if (!first) {
                at += (word[1] | word[2] | word[3]) & tops ? sizeof *word : sizeof word;
                continue;
            }
            at += (size_t)__builtin_ctzll(first) / 8;
            size_t length = common_char_len(s.ptr + at);
            if (length > 0) {
                at += length;
                continue;
            }
        }
        uint32_t code;
        size_t bad;
        size_t length = sp_utf8_decode(s, at, &code, &bad);
        if (length == 0)
            return at;
        at += length;
    }
    return SIZE_MAX;
}

size_t sp_utf8_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)((0xF00u >> length & 0xFF) | code);
    return length;
}

size_t sp_utf8_count(sp_str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.len; at++)
        count += sp_utf8_begins(s.ptr[at]);
    return count;
}

size_t sp_utf8_after(sp_str s, size_t begin, size_t characters)
{
    size_t at = begin;
    for (size_t count = 0; at < s.len; at++)
        if (sp_utf8_begins(s.ptr[at]) && count++ == characters)
            break;
    return at;
}

sp_place sp_place_after(sp_str text, sp_place place, size_t from, size_t offset)
{
    for (size_t at = from; at < offset && at < text.len;) {
        uint32_t code;
        size_t bad = 1;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        place.column++;
        if (sp_ends_line(text, at)) {
            place.line++;
            place.column = 1;
        }
        at += length ? length : bad;
    }
    return place;
}

/* Only the last line is looked at by characters. */
sp_place sp_place_of(sp_str text, size_t offset)
{
    sp_place place = { 1, 1 };
    size_t line_begin = 0;
    for (size_t at = 0; at < offset && at < text.len; at++)
        if (sp_ends_line(text, at)) {
            place.line++;
            line_begin = at + 1;
        }
    return sp_place_after(text, place, line_begin, offset);
}

/* The lowest top bit that is set stands in the lowest byte of word that is the one asked for. */
static uint64_t marks_of(uint64_t word, unsigned char byte)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t differences = word ^ ones * byte;
    return (differences - ones) & ~differences & ones << 7;
}

size_t sp_line_end(sp_str text, size_t from)
{
    size_t at = from;
    for (uint64_t word; text.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        uint64_t found = marks_of(word, '\n') | marks_of(word, '\r');
        if (found)
            return at + (size_t)__builtin_ctzll(found) / 8;
    }
    while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r')
        at++;
    return at;
}

sp_str sp_line_at(sp_str text, size_t offset)
{
    size_t begin = offset < text.len ? offset : text.len;
    while (begin > 0 && !sp_ends_line(text, begin - 1))
        begin--;
    return sp_str_slice(text, begin, sp_line_end(text, begin));
}
