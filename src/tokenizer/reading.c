#include "tokenizer/reading.h"

#include "base/types.h"
#include "tokenizer/nfc.h"
#include "tokenizer/tokenize.h"

#include <stdlib.h>

/* ---- characters ---------------------------------------------------------------------------------------------- */

/* Hangul syllables are numbered by their Jamo: a leading consonant, a vowel, and perhaps another consonant. */
enum {
    LEAD = 0x1100,
    VOWEL = 0x1161,
    TAIL = 0x11A7, /* for none */
    SYLLABLE = 0xAC00,
    LEADS = 19,
    VOWELS = 21,
    TAILS = 28,
    SYLLABLES = LEADS * VOWELS * TAILS,
};

static uint32_t compose_syllable(uint32_t first, uint32_t second)
{
    uint32_t lead = first - LEAD, vowel = second - VOWEL, syllable = first - SYLLABLE, tail = second - TAIL;
    if (lead < LEADS && vowel < VOWELS)
        return SYLLABLE + (lead * VOWELS + vowel) * TAILS;
    return syllable < SYLLABLES && syllable % TAILS == 0 && tail > 0 && tail < TAILS ? first + tail : 0;
}

static int compare_codes(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_second(const void *code, const void *row)
{
    return compare_codes(*(const uint32_t *)code, ((const struct composition *)row)->second);
}

static int compare_both(const void *both, const void *row)
{
    const uint32_t *codes = both;
    const struct composition *composition = row;
    int seconds = compare_codes(codes[1], composition->second);
    return seconds != 0 ? seconds : compare_codes(codes[0], composition->first);
}

static int compare_range(const void *code, const void *row)
{
    uint32_t mark = *(const uint32_t *)code;
    const struct mark_rank *range = row;
    return mark < range->first ? -1 : mark > range->last;
}

static int compare_whole(const void *code, const void *row)
{
    return compare_codes(*(const uint32_t *)code, ((const struct decomposition *)row)->whole);
}

/* The character that the two compose to, or 0. */
static uint32_t compose(uint32_t first, uint32_t second)
{
    const uint32_t both[] = { first, second };
    const struct composition *found =
        bsearch(both, compositions, SP_COUNT_OF(compositions), sizeof *compositions, compare_both);
    return found ? found->whole : compose_syllable(first, second);
}

/* Does it compose with any character before it? */
static bool may_be_second(uint32_t code)
{
    return code - VOWEL < VOWELS || (code > TAIL && code - TAIL < TAILS) ||
           bsearch(&code, compositions, SP_COUNT_OF(compositions), sizeof *compositions, compare_second);
}

/* The rank of its combining class; 0 for class 0, which is never reordered. */
static uint8_t rank_of(uint32_t code)
{
    const struct mark_rank *found =
        bsearch(&code, mark_ranks, SP_COUNT_OF(mark_ranks), sizeof *mark_ranks, compare_range);
    return found ? found->rank : 0;
}

/* NULL if it does not decompose. */
static const struct decomposition *find_decomposition(uint32_t code)
{
    return bsearch(&code, decompositions, SP_COUNT_OF(decompositions), sizeof *decompositions, compare_whole);
}

/* Is it neither composed nor reordered with what is before it? */
static bool begins_anew(uint32_t code)
{
    for (const struct decomposition *d; (d = find_decomposition(code));)
        code = d->first;
    return rank_of(code) == 0 && !may_be_second(code);
}

/* ---- clusters --------------------------------------------------------------------------------------------------
 * A character with those after it that may be reordered or composed with it. */

enum {
    CLUSTER_CHARS = 32,
    CHAR_PARTS = 4, /* that one decomposes to, at most */
};

typedef struct cluster {
    uint32_t codes[CLUSTER_CHARS * CHAR_PARTS];
    uint8_t ranks[CLUSTER_CHARS * CHAR_PARTS];
    size_t count;
} cluster;

/* Marks go after those of the same rank and below. */
static void add_in_order(cluster *c, uint32_t code)
{
    size_t i = c->count++;
    uint8_t rank = rank_of(code);
    for (; i > 0 && rank > 0 && c->ranks[i - 1] > rank; i--) {
        c->codes[i] = c->codes[i - 1];
        c->ranks[i] = c->ranks[i - 1];
    }
    c->codes[i] = code;
    c->ranks[i] = rank;
}

static void add_decomposed(cluster *c, uint32_t code)
{
    uint32_t later[CHAR_PARTS], syllable = code - SYLLABLE;
    size_t count = 0;
    if (syllable < SYLLABLES) {
        add_in_order(c, LEAD + syllable / (VOWELS * TAILS));
        add_in_order(c, VOWEL + syllable / TAILS % VOWELS);
        if (syllable % TAILS > 0)
            add_in_order(c, TAIL + syllable % TAILS);
        return;
    }
    for (const struct decomposition *d; (d = find_decomposition(code)); code = d->first)
        if (d->second > 0)
            later[count++] = d->second;
    add_in_order(c, code);
    while (count > 0)
        add_in_order(c, later[--count]);
}

/* A character composes with the last one of rank 0, if what is between them has a rank that is lower, and above 0. */
static void compose_all(cluster *c)
{
    size_t made = 0, starter = SIZE_MAX;
    for (size_t i = 0; i < c->count; i++) {
        bool is_blocked = starter == SIZE_MAX || (made > starter + 1 && c->ranks[made - 1] >= c->ranks[i]);
        uint32_t whole = is_blocked ? 0 : compose(c->codes[starter], c->codes[i]);
        if (whole > 0) {
            c->codes[starter] = whole;
            continue;
        }
        starter = c->ranks[i] == 0 ? made : starter;
        c->codes[made] = c->codes[i];
        c->ranks[made++] = c->ranks[i];
    }
    c->count = made;
}

/* ---- walking ------------------------------------------------------------------------------------------------- */

typedef struct walk {
    sp_str text;
    size_t at;      /* all before it has been read */
    size_t invalid; /* the first byte from there on that is not UTF-8, or the end */
} walk;

/* A stretch of the original that is read as it is written, and what follows, which is not. */
typedef struct stretch {
    size_t same;                               /* bytes */
    size_t other;                              /* bytes of the original; 0 at its end */
    char read[CLUSTER_CHARS * CHAR_PARTS * 3]; /* as what those are read, */
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

/* May NFC change the character at p, which is not ASCII, or what is before it? Its last byte has the last six bits of
 * its code, and those before it have the number of its block. */
static bool is_special(const uint8_t *p)
{
    if (p[0] >= 0xF0)
        return false;
    bool is_short = p[0] < 0xE0;
    size_t block = is_short ? p[0] & 0x1F : (size_t)(p[0] & 0x0F) << 6 | (p[1] & 0x3F);
    return special_bits[special_blocks[block]] >> (p[is_short ? 1 : 2] & 0x3F) & 1;
}

static size_t find_special(sp_str text, size_t from, size_t stop)
{
    sp_str before = sp_str_slice(text, 0, stop);
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    size_t at = from;
    while (at < stop && (bytes[at] < 0x80 || !is_special(bytes + at)))
        at = bytes[at] < 0x80 ? sp_utf8_skip_ascii(before, at) : at + sp_char_len(bytes[at]);
    return at;
}

/* The cluster that begins at begin, before stop. Returns where it ends. */
static size_t read_cluster(sp_str text, size_t begin, size_t stop, stretch *s)
{
    cluster c = { .count = 0 };
    size_t end = begin, len;
    for (size_t chars = 0; end < stop && chars < CLUSTER_CHARS; end += len, chars++) {
        uint32_t code = code_at(text, end, &len);
        bool joins = chars == 0 || (code >= 0x80 && is_special((const uint8_t *)text.ptr + end) && !begins_anew(code));
        if (!joins)
            break;
        add_decomposed(&c, code);
    }
    compose_all(&c);
    s->read_len = 0;
    for (size_t i = 0; i < c.count; i++)
        s->read_len += sp_utf8_encode(c.codes[i], s->read + s->read_len);
    return end;
}

/* The first cluster from w->at on that is not in NFC, before the next byte that is not UTF-8. False if there is none.
 */
static bool find_cluster(const walk *w, stretch *s)
{
    size_t from = w->at, at, len;
    while ((at = find_special(w->text, from, w->invalid)) < w->invalid) {
        size_t begin = at;
        if (at > from && !begins_anew(code_at(w->text, at, &len)))
            do
                begin--;
            while (!sp_utf8_begins(w->text.ptr[begin]));
        from = read_cluster(w->text, begin, w->invalid, s);
        s->same = begin - w->at;
        s->other = from - begin;
        if (s->other != s->read_len || memcmp(w->text.ptr + begin, s->read, s->read_len) != 0)
            return true;
    }
    return false;
}

static stretch next_stretch(walk *w)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    stretch s;
    if (!find_cluster(w, &s)) {
        uint32_t code;
        bool is_bad = w->invalid < w->text.len;
        s.same = w->invalid - w->at;
        s.other = 0;
        if (is_bad)
            (void)sp_utf8_decode(w->text, w->invalid, &code, &s.other);
        s.read_len = is_bad ? sizeof replacement - 1 : 0;
        memcpy(s.read, replacement, s.read_len);
    }
    w->at += s.same + s.other;
    if (w->at > w->invalid)
        w->invalid = find_invalid(w->text, w->at);
    return s;
}

static walk walk_of(sp_str text)
{
    return (walk){ text, 0, find_invalid(text, 0) };
}

/* ---- readings --------------------------------------------------------------------------------------------------- */

bool sp_reading_init(sp_reading *reading, sp_str original)
{
    *reading = (sp_reading){ .text = original, .original = original };
    walk w = walk_of(original);
    while (w.at < original.len) {
        size_t begin = w.at;
        stretch s = next_stretch(&w);
        if (s.same == original.len)
            return true;
        sp_buf_add(&reading->owned, sp_str_slice(original, begin, begin + s.same));
        sp_buf_add(&reading->owned, (sp_str){ s.read, s.read_len });
        reading->text = sp_buf_str(&reading->owned);
    }
    return !reading->owned.failed;
}

void sp_reading_release(sp_reading *reading)
{
    sp_buf_release(&reading->owned);
}

static bool is_as_written(const sp_reading *reading)
{
    return reading->text.ptr == reading->original.ptr;
}

size_t sp_reading_origin(const sp_reading *reading, size_t *at)
{
    if (is_as_written(reading))
        return *at;
    walk w = walk_of(reading->original);
    for (size_t read = 0; w.at < w.text.len;) {
        size_t begin = w.at;
        stretch s = next_stretch(&w);
        if (*at < read + s.same + s.read_len) {
            *at = *at < read + s.same ? *at : read + s.same;
            return begin + (*at - read);
        }
        read += s.same + s.read_len;
    }
    return w.text.len;
}

void sp_reading_places(const sp_reading *reading, const size_t *offsets, size_t count, size_t *ret)
{
    walk w = walk_of(reading->original);
    size_t i = 0;
    if (is_as_written(reading))
        w.at = w.text.len;
    for (size_t read = 0; w.at < w.text.len && i < count;) {
        size_t begin = w.at;
        stretch s = next_stretch(&w);
        for (; i < count && offsets[i] <= begin + s.same; i++)
            ret[i] = read + (offsets[i] - begin);
        read += s.same + s.read_len;
        for (; i < count && offsets[i] < w.at; i++)
            ret[i] = read;
    }
    for (; i < count; i++)
        ret[i] = is_as_written(reading) ? offsets[i] : reading->text.len;
}
