/*
 * ctok_marks.c - a text, rewritten with marks.
 *
 * It is made NFC, without control characters, with every blank an ordinary one. Then it is taken a run at a time: a
 * word (letters and the marks on them), digits, punctuation, white space, and whatever else, each character by itself.
 * A word stands between marks; punctuation has them where it borders on exactly one blank. In the end a blank between
 * the end of one thing and the beginning of the next is left out: the two marks say it.
 */
#include "base/types.h"
#include "tokenizer/files/ctok.h"

#include <stdlib.h>
#include <utf8proc.h>

/* A character of the text as it is after all of that. */
typedef struct character {
    uint32_t code;
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
    bool has_blank;    /* and a blank behind it is held back */
    size_t blank_end;
} marker;

/* ---- normal form ----------------------------------------------------------------------------------------- */

static bool add_char(marker *m, uint32_t code, size_t end)
{
    if (!sp_heap_grow((void **)&m->chars, m->count, &m->capacity, sizeof *m->chars))
        return false;
    m->chars[m->count++] = (character){ code, end > UINT32_MAX ? UINT32_MAX : (uint32_t)end };
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
    bool is_blank =
        category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
    if (is_blank && c != 0x3000)
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

static size_t skip_ascii(sp_str text, size_t at)
{
    while (at < text.len && (unsigned char)text.ptr[at] < 0x80)
        at++;
    return at;
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
        size_t bad = 0, ascii = skip_ascii(text, at);
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

/* ---- kinds of characters ----------------------------------------------------------------------------------- */

typedef enum char_kind {
    KIND_WORD,
    KIND_DIGIT,
    KIND_PUNCTUATION,
    KIND_BLANK,
    KIND_SIGN, /* a mark that stands outside of words, as a virama does: it borders like punctuation */
    KIND_ALONE,
} char_kind;

static bool is_ideograph(uint32_t c)
{
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x1100 && c <= 0x11FF) || (c >= 0x3130 && c <= 0x318F) || (c >= 0xA960 && c <= 0xA97F) ||
           (c >= 0xAC00 && c <= 0xD7FF);
}

static char_kind kind_of_ascii(uint32_t c)
{
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return KIND_WORD;
    if (c >= '0' && c <= '9')
        return KIND_DIGIT;
    return c == ' ' || c == '\n' || c == '\t' ? KIND_BLANK : KIND_PUNCTUATION;
}

/* Accents, viramas, nuktas and tones close the word before them. */
static bool closes_word(uint32_t c)
{
    int class = utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
    return (c >= 0x0300 && c <= 0x0362 && c != 0x0345) || class == 7 || class == 9 || class == 107 || class == 122;
}

static char_kind kind_of(uint32_t c)
{
    if (c < 0x80)
        return kind_of_ascii(c);
    if (c == 0x3000)
        return KIND_BLANK;
    if (c > 0xFFFF || is_ideograph(c) || (c >= 0x3001 && c <= 0x303F) || (c >= 0xFE00 && c <= 0xFE0F))
        return KIND_ALONE;
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
        return closes_word(c) ? KIND_SIGN : KIND_WORD;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_CF:
        return KIND_PUNCTUATION;
    default:
        return KIND_ALONE;
    }
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

/* A blank behind SP_CTOK_END is held back until it is known whether SP_CTOK_BEGIN follows, which says it too. */
static bool put(marker *m, uint32_t symbol, size_t end)
{
    if (m->has_blank) {
        m->has_blank = false;
        if (symbol != SP_CTOK_BEGIN && !is_case_mark(symbol) && !put_now(m, ' ', m->blank_end))
            return false;
    }
    if (symbol == ' ' && m->is_after_end) {
        m->is_after_end = false;
        m->has_blank = true;
        m->blank_end = end;
        return true;
    }
    return put_now(m, symbol, end);
}

static bool put_plain(marker *m, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        if (!put(m, m->chars[i].code, m->chars[i].end))
            return false;
    return true;
}

/* Where what comes before character i ends in the original. */
static size_t end_before(const marker *m, size_t i)
{
    return i > 0 ? m->chars[i - 1].end : 0;
}

static bool is_blank_at(const marker *m, size_t i)
{
    return i < m->count && kind_of(m->chars[i].code) == KIND_BLANK;
}

/* Exactly one blank on the left, as which the beginning of a request may count. */
static bool borders_left(const marker *m, size_t begin)
{
    if (begin == 0)
        return m->rules->frame_begins_word;
    return m->chars[begin - 1].code == ' ' && !(begin > 1 && is_blank_at(m, begin - 2));
}

static bool borders_right(const marker *m, size_t end)
{
    return end < m->count && m->chars[end].code == ' ' && !is_blank_at(m, end + 1);
}

static bool put_bordered(marker *m, size_t begin, size_t end)
{
    if (borders_left(m, begin) && !put(m, SP_CTOK_BEGIN, end_before(m, begin)))
        return false;
    return put_plain(m, begin, end) && (!borders_right(m, end) || put(m, SP_CTOK_END, m->chars[end - 1].end));
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static uint32_t lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

/* SP_CTOK_SHIFT, SP_CTOK_CAPS, or 0 for a word that is written as it is. */
static uint32_t case_mark(const marker *m, size_t begin, size_t end)
{
    size_t capitals = 0;
    for (size_t i = begin; i < end; i++)
        capitals += lower(m->chars[i].code) != m->chars[i].code;
    bool begins_with_one = lower(m->chars[begin].code) != m->chars[begin].code;
    if (capitals == 1 && begins_with_one)
        return SP_CTOK_SHIFT;
    return m->rules->caps_min && capitals == end - begin && capitals >= m->rules->caps_min ? SP_CTOK_CAPS : 0;
}

/* 's, 't and their like behind a word: the apostrophe and the word are one thing. */
static bool is_contraction(const marker *m, size_t begin, size_t end)
{
    static const char *const suffixes[] = { "s", "t", "d", "m", "ll", "re", "ve" };
    bool is_behind = begin >= 2 && m->chars[begin - 1].code == '\'' && kind_of(m->chars[begin - 2].code) == KIND_WORD;
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

/* ---- runs ------------------------------------------------------------------------------------------------------- */

static bool put_run(marker *m, char_kind kind, size_t begin, size_t end)
{
    switch (kind) {
    case KIND_WORD:
        return put_word(m, begin, end);
    case KIND_PUNCTUATION:
    case KIND_SIGN:
        return put_bordered(m, begin, end);
    default:
        return put_plain(m, begin, end);
    }
}

static bool put_runs(marker *m, size_t begin)
{
    for (size_t end; begin < m->count; begin = end) {
        char_kind kind = kind_of(m->chars[begin].code);
        end = begin + 1;
        while (kind != KIND_ALONE && end < m->count && kind_of(m->chars[end].code) == kind)
            end++;
        if (!put_run(m, kind, begin, end))
            return false;
    }
    return true;
}

static bool is_dropped_at_end(const sp_ctok_rules *rules, uint32_t c)
{
    return c == '\n' || (rules->drops_end_blanks && (c == ' ' || c == '\t'));
}

/* The mark before a text takes a blank, and where nothing else takes it up it is there by itself. */
static bool put_beginning(marker *m, size_t *ret_begin)
{
    *ret_begin = 0;
    if (!m->rules->frame_begins_word || m->count == 0)
        return true;
    if (m->chars[0].code == ' ' && !is_blank_at(m, 1))
        *ret_begin = 1;
    if (*ret_begin == m->count)
        return true;
    char_kind kind = kind_of(m->chars[*ret_begin].code);
    bool takes_it = kind == KIND_WORD || kind == KIND_PUNCTUATION || kind == KIND_SIGN;
    return takes_it || put(m, SP_CTOK_BEGIN, 0);
}

bool sp_ctok_mark(const sp_ctok_rules *rules, sp_str text, sp_ctok_take *take, void *context)
{
    marker m = { .rules = rules, .take = take, .context = context };
    size_t begin;
    bool is_fine = normalise(&m, text);
    while (m.count > 0 && is_dropped_at_end(rules, m.chars[m.count - 1].code))
        m.count--;
    is_fine = is_fine && put_beginning(&m, &begin) && put_runs(&m, begin);
    is_fine = is_fine && (!m.has_blank || put_now(&m, ' ', m.blank_end));
    free(m.chars);
    return is_fine;
}
