#include "tokenizer/reading.h"

#include "base/types.h"
#include "tokenizer/compositions.h"
#include "tokenizer/tokenize.h"

/* ---- composing ---------------------------------------------------------------------------------------------- */

/* Hangul syllables are numbered by their Jamo: a leading consonant, a vowel, and perhaps another consonant. */
static uint32_t compose_syllable(uint32_t first, uint32_t second)
{
    enum { LEADS = 19, VOWELS = 21, ENDS = 28, SYLLABLES = LEADS * VOWELS * ENDS };
    uint32_t lead = first - 0x1100, vowel = second - 0x1161, syllable = first - 0xAC00, end = second - 0x11A7;
    if (lead < LEADS && vowel < VOWELS)
        return 0xAC00 + (lead * VOWELS + vowel) * ENDS;
    if (syllable < SYLLABLES && syllable % ENDS == 0 && end > 0 && end < ENDS)
        return first + end;
    return 0;
}

/* What two characters are together; 0 if two. */
static uint32_t compose(uint32_t first, uint32_t second)
{
    size_t low = 0, high = SP_COUNT_OF(compositions);
    if (second >= 0x1161 && second <= 0x11C2)
        return compose_syllable(first, second);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = compositions[middle].second != second ? compositions[middle].second < second
                                                               : compositions[middle].first < first;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    bool is_pair =
        low < SP_COUNT_OF(compositions) && compositions[low].second == second && compositions[low].first == first;
    return is_pair ? compositions[low].whole : 0;
}

/* Can the character at p, of UTF-8, be the second of two? By its first bytes, which of most characters say that not. */
static bool may_be_second(const uint8_t *p)
{
    switch (p[0]) {
    case 0xCC:
    case 0xCD:
        return true;
    case 0xD9:
        return p[1] >= 0x93 && p[1] <= 0x95;
    case 0xE0:
        return p[1] <= 0xB7; /* scripts of India */
    case 0xE1:
        return p[1] == 0x80 || p[1] == 0xAC || (p[1] >= 0x85 && p[1] <= 0x87);
    case 0xE3:
        return p[1] == 0x82 && (p[2] == 0x99 || p[2] == 0x9A);
    default:
        return false;
    }
}

/* ---- walking ------------------------------------------------------------------------------------------------- */

typedef struct walk {
    sp_str text;
    size_t at;      /* all before it has been read */
    size_t invalid; /* the first byte from there on that is not UTF-8, or the end */
} walk;

/* A stretch of the original that is read as it is, and one character behind it that is not. */
typedef struct stretch {
    size_t same;  /* bytes */
    size_t other; /* bytes of the original; 0 at its end */
    char read[4]; /* as what those are read, */
    size_t read_len;
} stretch;

static size_t find_invalid(sp_str text, size_t from)
{
    size_t at = sp_utf8_find_invalid(text, from);
    return at == SIZE_MAX ? text.len : at;
}

static uint32_t code_at(sp_str text, size_t at, size_t *ret_len)
{
    uint32_t code = 0;
    size_t bad;
    *ret_len = sp_utf8_decode(text, at, &code, &bad);
    return code;
}

static uint32_t code_before(sp_str text, size_t *at)
{
    size_t len;
    do
        --*at;
    while (!sp_utf8_begins(text.ptr[*at]));
    return code_at(text, *at, &len);
}

static size_t skip_ascii(const uint8_t *bytes, size_t at, size_t stop)
{
    uint64_t eight;
    while (stop - at > sizeof eight) {
        memcpy(&eight, bytes + at, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
        at += sizeof eight;
    }
    while (at < stop && bytes[at] < 0x80)
        at++;
    return at;
}

/* Where a character begins that composes with the next, both of them before stop; else stop. */
static size_t find_composed(sp_str text, size_t from, size_t stop)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    size_t at = skip_ascii(bytes, from, stop);
    for (size_t len; at < stop; at = skip_ascii(bytes, at + sp_char_len(bytes[at]), stop)) {
        if (!may_be_second(bytes + at) || at == from)
            continue;
        size_t first = at;
        uint32_t before = code_before(text, &first);
        if (compose(before, code_at(text, at, &len)) > 0)
            return first;
    }
    return stop;
}

/* What the character at at and those behind it that compose with it are read as. */
static void read_composed(const walk *w, size_t at, stretch *s)
{
    size_t end = at, len;
    uint32_t code = 0, whole = code_at(w->text, at, &len);
    while (whole > 0) {
        code = whole;
        end += len;
        whole = end < w->invalid ? compose(code, code_at(w->text, end, &len)) : 0;
    }
    s->other = end - at;
    s->read_len = sp_utf8_encode(code, s->read);
}

static stretch next_stretch(walk *w)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    stretch s = { .same = find_composed(w->text, w->at, w->invalid) - w->at };
    size_t at = w->at + s.same;
    if (at < w->invalid) {
        read_composed(w, at, &s);
    } else if (at < w->text.len) {
        uint32_t code;
        (void)sp_utf8_decode(w->text, at, &code, &s.other);
        s.read_len = sizeof replacement - 1;
        memcpy(s.read, replacement, s.read_len);
    }
    w->at = at + s.other;
    if (w->at > w->invalid)
        w->invalid = find_invalid(w->text, w->at);
    return s;
}

static walk walk_of(sp_str text)
{
    return (walk){ text, 0, find_invalid(text, 0) };
}

/* ---- readings --------------------------------------------------------------------------------------------------- */

bool sp_reading_init(sp_reading *reading, sp_str text)
{
    *reading = (sp_reading){ .text = text };
    walk w = walk_of(text);
    while (w.at < text.len) {
        size_t begin = w.at;
        stretch s = next_stretch(&w);
        if (s.same == text.len)
            return true;
        sp_buf_add(&reading->owned, sp_str_slice(text, begin, begin + s.same));
        sp_buf_add(&reading->owned, (sp_str){ s.read, s.read_len });
    }
    reading->text = text.len > 0 ? sp_buf_str(&reading->owned) : text;
    return !reading->owned.failed;
}

void sp_reading_release(sp_reading *reading)
{
    sp_buf_release(&reading->owned);
}

size_t sp_reading_origin(const sp_reading *reading, sp_str original, size_t at)
{
    if (reading->text.ptr == original.ptr)
        return at;
    walk w = walk_of(original);
    for (size_t read = 0; w.at < original.len;) {
        size_t begin = w.at;
        stretch s = next_stretch(&w);
        if (at <= read + s.same)
            return begin + (at - read);
        read += s.same + s.read_len;
    }
    return original.len;
}

void sp_reading_places(const sp_reading *reading, sp_str original, const size_t *offsets, size_t count, size_t *ret)
{
    walk w = walk_of(original);
    size_t i = 0;
    for (size_t read = 0; w.at < original.len;) {
        size_t begin = w.at;
        stretch s = next_stretch(&w);
        for (; i < count && offsets[i] <= begin + s.same; i++)
            ret[i] = read + (offsets[i] - begin);
        read += s.same + s.read_len;
        for (; i < count && offsets[i] < w.at; i++)
            ret[i] = read;
    }
    while (i < count)
        ret[i++] = reading->text.len;
}
