/* utf8.c - decoding as Unicode 16.0, table 3-7, has it, and places in a text. */
#include "base/base.h"
#include "base/types.h"

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

bool sp_code_is_space(uint32_t code)
{
    switch (code) {
    case ' ':
    case 0x00A0: /* no-break space */
    case 0x1680: /* Ogham space mark */
    case 0x2028: /* line separator */
    case 0x2029: /* paragraph separator */
    case 0x202F: /* narrow no-break space */
    case 0x205F: /* medium mathematical space */
    case 0x3000: /* ideographic space */
    case 0xFEFF: /* byte order mark */
        return true;
    default:
        return (code >= '\t' && code <= '\r') || (code >= 0x2000 && code <= 0x200A);
    }
}

/* ---- is it UTF-8? -------------------------------------------------------------------------------------
 * Where there are vectors, 64 bytes at a time: what each byte is becomes a bit, and what has to follow it is those bits
 * moved up. */

enum {
    BLOCK = 64, /* bytes */
};

#if defined(__SSE2__)

#include <emmintrin.h>

typedef struct block {
    __m128i a, b, c, d;
} block;

static inline __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline block load_block(const char *p)
{
    return (block){ load(p), load(p + 16), load(p + 32), load(p + 48) };
}

/* The top bits of the bytes. */
static inline uint64_t bits_of(block is)
{
    unsigned low = (unsigned)_mm_movemask_epi8(is.a) | (unsigned)_mm_movemask_epi8(is.b) << 16;
    unsigned high = (unsigned)_mm_movemask_epi8(is.c) | (unsigned)_mm_movemask_epi8(is.d) << 16;
    return low | (uint64_t)high << 32;
}

static inline bool is_ascii(const block *b)
{
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(b->a, b->b), _mm_or_si128(b->c, b->d))) == 0;
}

/* Bits of the bytes from value on, which is above 0x80, and of ASCII: bytes are compared as signed numbers. */
static inline uint64_t from(const block *b, unsigned char value)
{
    __m128i last = _mm_set1_epi8((char)(value - 1));
    return bits_of((block){ _mm_cmpgt_epi8(b->a, last), _mm_cmpgt_epi8(b->b, last), _mm_cmpgt_epi8(b->c, last),
                            _mm_cmpgt_epi8(b->d, last) });
}

static inline uint64_t equal(const block *b, unsigned char value)
{
    __m128i it = _mm_set1_epi8((char)value);
    return bits_of((block){ _mm_cmpeq_epi8(b->a, it), _mm_cmpeq_epi8(b->b, it), _mm_cmpeq_epi8(b->c, it),
                            _mm_cmpeq_epi8(b->d, it) });
}

/* Second bytes that do not go with the first: see second_byte_range. */
static inline uint64_t bad_seconds(const block *b)
{
    uint64_t from_90 = from(b, 0x90), from_a0 = from(b, 0xA0);
    return (equal(b, 0xE0) << 1 & ~from_a0) | (equal(b, 0xED) << 1 & from_a0) | (equal(b, 0xF0) << 1 & ~from_90) |
           (equal(b, 0xF4) << 1 & from_90);
}

/* Bytes of a block that are well-formed characters, from its first byte on: all of it but for a character that goes on
 * behind it. 0 if there is anything else. */
static inline size_t block_valid(const block *b)
{
    uint64_t wide = bits_of(*b), leads = from(b, 0xC2) & wide;
    uint64_t three_up = from(b, 0xE0) & wide, four_up = from(b, 0xF0) & wide;
    uint64_t follow = wide & ~from(b, 0xC0), wanted = leads << 1 | three_up << 2 | four_up << 3;
    if (wanted != follow || (leads | follow) != wide || (from(b, 0xF5) & wide) || (three_up && bad_seconds(b)))
        return 0;
    bool goes_on = leads >> 63 | three_up >> 62 | four_up >> 61;
    return goes_on ? BLOCK - 1 - (size_t)__builtin_clzll(leads) : BLOCK;
}

/* Everything from at to the place that is returned, which begins a character, is UTF-8. */
static size_t skip_valid(sp_str s, size_t at)
{
    for (size_t step = BLOCK; step > 0 && s.len - at >= BLOCK; at += step) {
        block b = load_block(s.ptr + at);
        step = is_ascii(&b) ? BLOCK : block_valid(&b);
    }
    return at;
}

/* As below, a block at a time. */
static size_t skip_ascii_blocks(sp_str s, size_t at)
{
    for (block b; s.len - at >= BLOCK && (b = load_block(s.ptr + at), is_ascii(&b));)
        at += BLOCK;
    return at;
}

#else

static size_t skip_valid(sp_str s, size_t at)
{
    (void)s;
    return at;
}

static size_t skip_ascii_blocks(sp_str s, size_t at)
{
    (void)s;
    return at;
}

#endif

size_t sp_utf8_find_invalid(sp_str s, size_t from)
{
    const uint64_t tops = 0x8080808080808080u;
    uint32_t code;
    size_t none;
    if (from < s.len && (unsigned char)s.ptr[from] >= 0x80 && sp_utf8_decode(s, from, &code, &none) == 0)
        return from; /* where one byte is broken the next often is: a whole block would be looked at for each */
    for (size_t at = skip_valid(s, from), length; at < s.len; at += length) {
        uint64_t word;
        if (s.len - at >= sizeof word && (memcpy(&word, s.ptr + at, sizeof word), (word & tops) == 0)) {
            length = sizeof word;
            continue;
        }
        size_t bad;
        length = sp_utf8_decode(s, at, &code, &bad);
        if (length == 0)
            return at;
    }
    return SIZE_MAX;
}

size_t sp_utf8_skip_ascii(sp_str s, size_t from)
{
    const uint64_t tops = 0x8080808080808080u;
    uint64_t word;
    from = skip_ascii_blocks(s, from);
    while (s.len - from >= sizeof word && (memcpy(&word, s.ptr + from, sizeof word), (word & tops) == 0))
        from += sizeof word;
    while (from < s.len && (unsigned char)s.ptr[from] < 0x80)
        from++;
    return from;
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

sp_position sp_position_after(sp_str text, sp_position place, size_t from, size_t offset)
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
sp_position sp_position_of(sp_str text, size_t offset)
{
    sp_position place = { 1, 1 };
    size_t line_begin = 0;
    for (size_t at = 0; at < offset && at < text.len; at++)
        if (sp_ends_line(text, at)) {
            place.line++;
            line_begin = at + 1;
        }
    return sp_position_after(text, place, line_begin, offset);
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
