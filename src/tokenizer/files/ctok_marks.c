/*
 * ctok_marks.c - a text, rewritten with marks.
 *
 * The text is made NFC, without control characters, with every space an ordinary one. A word (letters and the marks on
 * them) is put between two marks. A sign has a mark on each side where it borders on a space, which its own kind and
 * its neighbours decide: runs of signs need not be known. In the end a space between the end of one thing and the
 * beginning of the next is left out: the two marks say it.
 */
#include "base/types.h"
#include "tokenizer/files/ctok.h"

#include "tokenizer/files/ctok_unicode.h"

#include <stdlib.h>
#include <utf8proc.h>

typedef enum char_kind {
    KIND_ALONE,
    KIND_WORD,
    KIND_DIGIT, /* of ASCII */
    KIND_SPACE,
    KIND_SIGN,   /* punctuation, symbols, marks that stand outside words, what is not assigned */
    KIND_DIGITS, /* decimal, of other scripts */
    KIND_NUMBER, /* of other kinds, as fractions */
    KIND_RIDER,  /* a variation selector: a sign with the character before it */
} char_kind;

/* A character of the text as it is after all of that. */
typedef struct character {
    uint32_t code : 24;
    uint32_t kind : 8;
    uint32_t end; /* in the original */
} character;

typedef struct marker {
    const sp_ctok_rules *rules;
    character *chars;
    size_t count;
    size_t capacity;
    sp_ctok_take *take;
    void *context;
    bool is_after_end; /* the last symbol was SP_CTOK_END */
    bool has_space;    /* and a space behind it is held back */
    size_t space_end;
} marker;

/* ---- kinds of characters ----------------------------------------------------------------------------------- */

static char_kind kind_of_ascii(uint32_t c)
{
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return KIND_WORD;
    if (c >= '0' && c <= '9')
        return KIND_DIGIT;
    return c == ' ' || c == '\n' || c == '\t' ? KIND_SPACE : KIND_SIGN;
}

/* Those that are not of the kind that their category says, in order. */
static const struct {
    uint16_t first;
    uint16_t last;
    uint16_t kind;
} exceptions[] = {
    { 0x0660, 0x0669, KIND_SIGN },                                  /* Arabic-Indic digits */
    { 0x06F0, 0x06F9, KIND_SIGN },  { 0x16EE, 0x16F0, KIND_WORD },  /* Runic letters that are numbers */
    { 0x2160, 0x2188, KIND_WORD },                                  /* Roman numerals */
    { 0x24B6, 0x24E9, KIND_WORD },                                  /* letters in circles */
    { 0x3000, 0x3000, KIND_SPACE },                                 /* ideographic space */
    { 0x3001, 0x3029, KIND_ALONE },                                 /* CJK punctuation and numerals */
    { 0x3030, 0x303F, KIND_ALONE }, { 0x3400, 0x4DBF, KIND_ALONE }, /* Han */
    { 0x4E00, 0x9FFF, KIND_ALONE }, { 0xA6E6, 0xA6EF, KIND_WORD },  /* Bamum letters that are numbers */
    { 0xAC00, 0xD7A3, KIND_ALONE },                                 /* Hangul syllables; Jamo are words */
    { 0xF900, 0xFA6D, KIND_ALONE }, { 0xFA70, 0xFAD9, KIND_ALONE }, { 0xFE00, 0xFE0F, KIND_RIDER },
};

static bool is_mark_outside_words(uint32_t c)
{
    size_t low = 0, high = SP_COUNT_OF(sp_marks_outside_words);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > sp_marks_outside_words[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < SP_COUNT_OF(sp_marks_outside_words) && c >= sp_marks_outside_words[low].first;
}

static char_kind kind_of_category(uint32_t c)
{
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return KIND_WORD;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return is_mark_outside_words(c) ? KIND_SIGN : KIND_WORD;
    case UTF8PROC_CATEGORY_ND:
        return KIND_DIGITS;
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return KIND_NUMBER;
    default:
        return KIND_SIGN;
    }
}

static char_kind kind_of(uint32_t c)
{
    if (c < 0x80)
        return kind_of_ascii(c);
    if (c > 0xFFFF)
        return KIND_ALONE;
    for (size_t i = 0; i < SP_COUNT_OF(exceptions) && c >= exceptions[i].first; i++)
        if (c <= exceptions[i].last)
            return (char_kind)exceptions[i].kind;
    return kind_of_category(c);
}

/* ---- normal form ----------------------------------------------------------------------------------------- */

static bool add_char(marker *m, uint32_t code, size_t end)
{
    if (!sp_heap_grow((void **)&m->chars, m->count, &m->capacity, sizeof *m->chars))
        return false;
    m->chars[m->count++] =
        (character){ code & 0xFFFFFF, kind_of(code) & 0xFF, end > UINT32_MAX ? UINT32_MAX : (uint32_t)end };
    return true;
}

static bool is_dropped(uint32_t c)
{
    bool is_control = (c < 0x20 && c != '\t' && c != '\n' && c != 0) || (c >= 0x7F && c < 0xA0);
    return is_control || (c >= 0xE000 && c <= 0xF8FF);
}

static uint32_t fold(const sp_ctok_rules *rules, uint32_t c)
{
    if (c == 0)
        return ' ';
    if (c < 0x80)
        return c;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    bool is_space =
        category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
    if (is_space && c != 0x3000)
        return ' ';
    if (rules->folds_quotes && (c == 0x2018 || c == 0x2019))
        return '\'';
    if (rules->folds_quotes && (c == 0x201C || c == 0x201D))
        return '"';
    return c;
}

/* Adds a stretch that begins with a character nothing before it combines with. Where the normal form has as many
 * characters as the stretch, each ends where its own does; else they end where the stretch does. */
static bool add_normal(marker *m, sp_str text, size_t begin, size_t stop)
{
    utf8proc_uint8_t *normal = NULL;
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    sp_str part = sp_str_slice(text, begin, stop);
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)part.ptr, (utf8proc_ssize_t)part.len, &normal, options);
    if (len < 0)
        return false;
    sp_str made = { (const char *)normal, (size_t)len };
    bool is_same = made.len == part.len && memcmp(made.ptr, part.ptr, part.len) == 0, is_fine = true;
    for (size_t at = 0; at < made.len && is_fine;) {
        uint32_t code;
        size_t bad;
        at += sp_utf8_decode(made, at, &code, &bad);
        code = fold(m->rules, code);
        is_fine = is_dropped(code) || add_char(m, code, is_same ? begin + at : stop);
    }
    free(normal);
    return is_fine;
}

/* Whether it combines with nothing before it: only marks do, and the later parts of Hangul syllables. */
static bool begins_anew(uint32_t code)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    bool is_mark =
        category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
    return !is_mark && !(code >= 0x1100 && code <= 0x11FF);
}

/* The end of a stretch of characters that are not ASCII, which is cut after 64 bytes where that changes nothing.
 * *ret_bad is how many bytes behind it are not UTF-8. */
static size_t stretch_end(sp_str text, size_t at, size_t *ret_bad)
{
    enum { ENOUGH = 64 };
    size_t begin = at;
    uint32_t code;
    *ret_bad = 0;
    while (at < text.len && (unsigned char)text.ptr[at] >= 0x80) {
        size_t bad = 0, len = sp_utf8_decode(text, at, &code, &bad);
        if (len == 0) {
            *ret_bad = bad;
            return at;
        }
        if (at - begin >= ENOUGH && begins_anew(code))
            return at;
        at += len;
    }
    return at;
}

static bool normalise(marker *m, sp_str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t bad = 0, ascii = sp_utf8_skip_ascii(text, at);
        size_t alone = ascii < text.len && ascii > at ? ascii - 1 : ascii; /* the last one may combine */
        for (; at < alone; at++) {
            uint32_t code = fold(m->rules, (unsigned char)text.ptr[at]);
            if (!is_dropped(code) && !add_char(m, code, at + 1))
                return false;
        }
        size_t stop = ascii < text.len ? stretch_end(text, ascii, &bad) : ascii;
        if (stop > at && !add_normal(m, text, at, stop))
            return false;
        if (bad && !add_char(m, 0xFFFD, stop + bad))
            return false;
        at = stop + bad;
    }
    return true;
}

/* ---- symbols ------------------------------------------------------------------------------------------------- */

static bool put_now(marker *m, uint32_t symbol, size_t end)
{
    m->is_after_end = symbol == SP_CTOK_END;
    return m->take(m->context, symbol, end);
}

static bool is_case_mark(uint32_t symbol)
{
    return symbol == SP_CTOK_SHIFT || symbol == SP_CTOK_CAPS;
}

/* A space behind SP_CTOK_END is held back until it is known whether SP_CTOK_BEGIN follows, which says it too. */
static bool put(marker *m, uint32_t symbol, size_t end)
{
    if (m->has_space) {
        m->has_space = false;
        if (symbol != SP_CTOK_BEGIN && !is_case_mark(symbol) && !put_now(m, ' ', m->space_end))
            return false;
    }
    if (symbol == ' ' && m->is_after_end) {
        m->is_after_end = false;
        m->has_space = true;
        m->space_end = end;
        return true;
    }
    return put_now(m, symbol, end);
}

/* Where what comes before character i ends in the original. */
static size_t end_before(const marker *m, size_t i)
{
    return i > 0 ? m->chars[i - 1].end : 0;
}

static bool is_kind(const marker *m, size_t i, char_kind kind)
{
    return i < m->count && m->chars[i].kind == kind;
}

static bool is_space_at(const marker *m, size_t i)
{
    return i < m->count && m->chars[i].code == ' ';
}

static bool is_sign(const marker *m, size_t i)
{
    return i < m->count && m->chars[i].kind >= KIND_SIGN;
}

/* ---- signs ----------------------------------------------------------------------------------------------------- */

/* An apostrophe before a word, as in 'tis, does not begin anything itself. */
static bool opens_word(const marker *m, size_t i)
{
    return m->chars[i].code == '\'' && is_kind(m, i + 1, KIND_WORD);
}

/* Numbers of two kinds side by side have no marks between them and the outside. */
static bool is_mixed(const marker *m, size_t i, size_t beside)
{
    if (is_kind(m, i, KIND_DIGITS))
        return is_kind(m, beside, KIND_NUMBER);
    return is_kind(m, i, KIND_NUMBER) && is_kind(m, beside, KIND_DIGITS);
}

/* A space on the left, as which the beginning of a request may count. */
static bool borders_left(const marker *m, size_t i)
{
    bool is_number = is_kind(m, i, KIND_DIGITS) || is_kind(m, i, KIND_NUMBER);
    if (opens_word(m, i) || is_mixed(m, i, i + 1) || (is_number && is_kind(m, i + 1, KIND_RIDER)))
        return false;
    return i == 0 ? m->rules->frame_begins_word : is_space_at(m, i - 1);
}

/* A space on the right that is not the first of two. */
static bool borders_right(const marker *m, size_t i)
{
    return is_space_at(m, i + 1) && !is_space_at(m, i + 2) && !(i > 0 && is_mixed(m, i, i - 1));
}

static bool put_sign(marker *m, size_t i)
{
    if (borders_left(m, i) && !put(m, SP_CTOK_BEGIN, end_before(m, i)))
        return false;
    return put(m, m->chars[i].code, m->chars[i].end) && (!borders_right(m, i) || put(m, SP_CTOK_END, m->chars[i].end));
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

enum { CAPITAL_DOTTED_I = 0x130, CAPITAL_THETA_SYMBOL = 0x3F4, CAPITAL_SHARP_S = 0x1E9E };

static uint32_t lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    bool is_kept = c == CAPITAL_DOTTED_I || c == CAPITAL_THETA_SYMBOL;
    return is_kept ? c : (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

typedef enum letter_case { CASE_NONE, CASE_CAPITAL, CASE_NUMBER, CASE_LITERAL } letter_case;

/* Titlecase letters are no capitals. CASE_LITERAL: a capital that is not written as a mark and a small letter, and with
 * it all of its word. */
static letter_case case_of(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? CASE_CAPITAL : CASE_NONE;
    if (c == CAPITAL_DOTTED_I || c == CAPITAL_THETA_SYMBOL)
        return CASE_NONE;
    if (c == CAPITAL_SHARP_S)
        return CASE_LITERAL;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    if (lower(c) != c)
        return category == UTF8PROC_CATEGORY_LT ? CASE_NONE : CASE_CAPITAL;
    if (category == UTF8PROC_CATEGORY_LU)
        return CASE_LITERAL;
    bool is_small = utf8proc_toupper((utf8proc_int32_t)c) != (utf8proc_int32_t)c;
    return category == UTF8PROC_CATEGORY_NL && !is_small ? CASE_NUMBER : CASE_NONE;
}

/* SP_CTOK_SHIFT, SP_CTOK_CAPS, or 0 for a word that is written as it is. */
static uint32_t case_mark(const marker *m, size_t begin, size_t end)
{
    size_t counts[CASE_LITERAL + 1] = { 0 }, len = end - begin;
    for (size_t i = begin; i < end; i++)
        counts[case_of(m->chars[i].code)]++;
    if (counts[CASE_LITERAL] > 0 || counts[CASE_CAPITAL] == 0)
        return 0;
    if (counts[CASE_CAPITAL] == 1 && case_of(m->chars[begin].code) == CASE_CAPITAL)
        return SP_CTOK_SHIFT;
    bool all = counts[CASE_CAPITAL] + counts[CASE_NUMBER] == len;
    return all && m->rules->caps_min && len >= m->rules->caps_min ? SP_CTOK_CAPS : 0;
}

/* Whether an apostrophe behind character i, and a word behind that, may be one thing: not behind a sign, also where it
 * makes words, as a letter in a circle does. */
static bool allows_contraction(const marker *m, size_t i)
{
    bool is_circled = m->chars[i].code >= 0x24B6 && m->chars[i].code <= 0x24E9;
    return (!is_sign(m, i) && !is_circled) || (i > 0 && is_mixed(m, i, i - 1));
}

/* 's, 't and their like: the apostrophe and the word are one thing. */
static bool is_contraction(const marker *m, size_t begin, size_t end)
{
    static const char *const suffixes[] = { "s", "t", "d", "m", "ll", "re", "ve" };
    bool is_behind = begin >= 1 && m->chars[begin - 1].code == '\'' && (begin == 1 || allows_contraction(m, begin - 2));
    for (size_t i = 0; is_behind && i < SP_COUNT_OF(suffixes); i++) {
        size_t same = 0, len = strlen(suffixes[i]);
        while (end - begin == len && same < len && m->chars[begin + same].code == (unsigned char)suffixes[i][same])
            same++;
        if (same == len)
            return true;
    }
    return false;
}

static bool put_word(marker *m, size_t begin, size_t end)
{
    uint32_t mark = case_mark(m, begin, end);
    size_t before = end_before(m, begin);
    if ((mark && !put(m, mark, before)) || (!is_contraction(m, begin, end) && !put(m, SP_CTOK_BEGIN, before)))
        return false;
    for (size_t i = begin; i < end; i++)
        if (!put(m, mark ? lower(m->chars[i].code) : m->chars[i].code, m->chars[i].end))
            return false;
    return put(m, SP_CTOK_END, m->chars[end - 1].end);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static bool put_thing(marker *m, size_t begin, size_t end)
{
    if (m->chars[begin].kind == KIND_WORD)
        return put_word(m, begin, end);
    return is_sign(m, begin) ? put_sign(m, begin) : put(m, m->chars[begin].code, m->chars[begin].end);
}

static bool put_things(marker *m, size_t begin)
{
    for (size_t end; begin < m->count; begin = end) {
        end = begin + 1;
        while (m->chars[begin].kind == KIND_WORD && is_kind(m, end, KIND_WORD))
            end++;
        if (!put_thing(m, begin, end))
            return false;
    }
    return true;
}

/* The mark before a text takes a space, and where nothing else takes it up it is there by itself. Not where the text
 * begins with more spaces, or with a word in quotes: then the space is written. */
static bool put_beginning(marker *m, sp_str text, size_t *ret_begin)
{
    *ret_begin = 0;
    if (!m->rules->frame_begins_word || text.len == 0)
        return true;
    bool is_plain_space = text.len > 0 && text.ptr[0] == ' ';
    if (is_space_at(m, 0) && (!is_plain_space || is_space_at(m, 1)))
        return true;
    size_t first = is_space_at(m, 0);
    *ret_begin = first;
    if (first < m->count && opens_word(m, first))
        return put(m, ' ', end_before(m, first));
    bool takes_it =
        first < m->count && (m->chars[first].kind == KIND_WORD || (is_sign(m, first) && borders_left(m, first)));
    return takes_it || put(m, SP_CTOK_BEGIN, end_before(m, first));
}

/* ASCII white space at the end of the text as it was written, but not a character that was made a space. */
static size_t without_end_spaces(const marker *m, sp_str text)
{
    size_t len = text.len, kept = m->count;
    while (len > 0 && strchr(" \t\n\r\f\v", text.ptr[len - 1]) && text.ptr[len - 1] != '\0')
        len--;
    while (kept > 0 && m->chars[kept - 1].end > len)
        kept--;
    return kept;
}

bool sp_ctok_mark(const sp_ctok_rules *rules, sp_str text, sp_ctok_take *take, void *context, size_t *ret_end_lines)
{
    marker m = { .rules = rules, .take = take, .context = context };
    size_t begin;
    bool is_fine = normalise(&m, text);
    size_t count = m.count;
    if (rules->drops_end_spaces)
        m.count = without_end_spaces(&m, text);
    while (!rules->drops_end_spaces && m.count > 0 && m.chars[m.count - 1].code == '\n')
        m.count--;
    *ret_end_lines = rules->drops_end_spaces ? 0 : count - m.count;
    is_fine = is_fine && put_beginning(&m, text, &begin) && put_things(&m, begin);
    is_fine = is_fine && (!m.has_space || put_now(&m, ' ', m.space_end));
    free(m.chars);
    return is_fine;
}
