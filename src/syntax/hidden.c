/*
 * hidden.c - finds characters that nobody sees.
 *
 * A table has every range of them, each with its kind and with a test that finds it harmless by what is around it. Two
 * neighbours and the last character that is none of them are enough for most; marks of direction and blank Braille
 * patterns ask about the whole line, which is read once more then. A run of three is harmless nowhere but where the
 * test says so: no script needs one, and it could spell anything.
 */
#include "syntax/hidden.h"
#include "base/base.h"
#include "base/types.h"

#include <utf8proc.h>

/* ---- characters around ------------------------------------------------------------------------------ */

typedef struct code_range {
    uint32_t first;
    uint32_t last;
} code_range;

/* Scripts that are written from right to left. */
static const code_range right_to_left[] = {
    { 0x0590, 0x061B }, { 0x061D, 0x065F }, { 0x066E, 0x06EF },   { 0x06FA, 0x08FF },
    { 0xFB1D, 0xFDFF }, { 0xFE70, 0xFEFC }, { 0x10800, 0x10FFF }, { 0x1E800, 0x1EFFF },
};

/* Scripts whose letters take other shapes with a joiner or without: Arabic to N'Ko, those of India and around. */
static const code_range joining[] = {
    { 0x0600, 0x08FF }, { 0x0900, 0x0DFF }, { 0x0F00, 0x109F }, { 0x1780, 0x18AF },   { 0x1900, 0x1CFF },
    { 0xA800, 0xABFF }, { 0xFB50, 0xFDFF }, { 0xFE70, 0xFEFC }, { 0x10A00, 0x11FFF }, { 0x1E900, 0x1E95F },
};

/* Scripts that put no space between words: Thai, Lao, Tibetan, Myanmar, Khmer, New Tai Lue to Tai Tham, Javanese. */
static const code_range unspaced[] = {
    { 0x0E00, 0x0EFF }, { 0x0F00, 0x0FFF }, { 0x1000, 0x109F },
    { 0x1780, 0x17FF }, { 0x1950, 0x1AAF }, { 0xA980, 0xA9FF },
};

static const code_range ideographs[] = {
    { 0x3400, 0x4DBF },
    { 0x4E00, 0x9FFF },
    { 0xF900, 0xFAFF },
    { 0x20000, 0x3FFFF },
};

static const code_range hebrew[] = { { 0x0590, 0x05FF }, { 0xFB1D, 0xFB4F } };
static const code_range jamo[] = { { 0x1100, 0x115E }, { 0x1161, 0x11FF }, { 0xA960, 0xA97C }, { 0xD7B0, 0xD7FB } };
static const code_range mongolian[] = { { 0x1807, 0x1807 }, { 0x1820, 0x18AA } };
/* What else has standardized variants of the first three selectors: full stops and commas of CJK, the digit zero,
 * letters of Myanmar and Phags-pa. */
static const code_range varied[] = {
    { 0x30, 0x30 }, { 0x1000, 0x109F }, { 0x3001, 0x3002 }, { 0xA840, 0xA877 }, { 0xAA60, 0xAA7F }, { 0xFF01, 0xFF1F },
};

static bool is_in(const code_range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

#define IS_IN(ranges, code) is_in((ranges), SP_COUNT_OF(ranges), (code))

static bool is_pictograph(uint32_t code)
{
    return code > 0x7F &&
           utf8proc_get_property((utf8proc_int32_t)code)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_symbol(uint32_t code)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return code > 0x7F &&
           (is_pictograph(code) || (category >= UTF8PROC_CATEGORY_SM && category <= UTF8PROC_CATEGORY_SO));
}

/* The character at at, with its length, which is 1 for a byte that is not UTF-8; U+FFFD stands for that. */
static uint32_t read_code(sp_str text, size_t at, size_t *ret_length)
{
    uint32_t code = 0xFFFD;
    size_t bad = 1;
    size_t length = sp_utf8_decode(text, at, &code, &bad);
    *ret_length = length ? length : bad;
    return code;
}

/* Of an emoji, between its first character and a joiner. */
static bool is_modifier(uint32_t code)
{
    return code == 0x20E3 || (code >= 0x1F3FB && code <= 0x1F3FF);
}

/* A candidate with what is around it. */
typedef struct spot {
    sp_hidden_scan *scan;
    size_t at;
    uint32_t code;
    uint32_t after; /* 0 at the end of the text */
} spot;

/* ---- whole lines ------------------------------------------------------------------------------------- */

/* The deepest nesting that Unicode lets a line have; below it nothing counts as balanced. */
enum { DEEPEST = 125 };

typedef struct nesting {
    char closers[DEEPEST]; /* 'f' for U+202C, 'i' for U+2069 */
    size_t depth;
    bool is_broken;
} nesting;

static void open_level(nesting *n, char closer)
{
    if (n->depth < DEEPEST)
        n->closers[n->depth++] = closer;
    else
        n->is_broken = true;
}

static void close_level(nesting *n, char closer)
{
    if (n->depth && n->closers[n->depth - 1] == closer)
        n->depth--;
    else
        n->is_broken = true;
}

static void nest(nesting *n, uint32_t code)
{
    if (code == 0x202A || code == 0x202B)
        open_level(n, 'f');
    else if (code >= 0x2066 && code <= 0x2068)
        open_level(n, 'i');
    else if (code == 0x202C || code == 0x2069)
        close_level(n, code == 0x202C ? 'f' : 'i');
}

static const sp_hidden_line *look_at_line(sp_hidden_scan *scan)
{
    sp_hidden_line *line = &scan->line;
    nesting levels = { .depth = 0 };
    if (line->is_known)
        return line;
    size_t end = sp_line_end(scan->text, scan->line_begin), length;
    for (size_t at = scan->line_begin; at < end; at += length) {
        uint32_t code = read_code(scan->text, at, &length);
        line->has_right_to_left |= IS_IN(right_to_left, code);
        line->has_braille |= code > 0x2800 && code <= 0x28FF;
        nest(&levels, code);
    }
    line->is_known = true;
    line->is_balanced = levels.depth == 0 && !levels.is_broken;
    return line;
}

/* ---- harmless ------------------------------------------------------------------------------------------ */

typedef bool harmless_fn(const spot *s);

static bool at_begin(const spot *s)
{
    return s->at == 0;
}

static bool at_line_begin(const spot *s)
{
    return s->at == s->scan->line_begin;
}

static bool few(const spot *s)
{
    return s->scan->run < 3;
}

/* An emoji of several, or a letter whose shape it changes. */
static bool joins(const spot *s)
{
    const sp_hidden_scan *scan = s->scan;
    bool is_after_emoji = is_pictograph(scan->base) &&
                          (scan->before == scan->base || scan->before == 0xFE0F || is_modifier(scan->before));
    if (is_after_emoji && is_pictograph(s->after))
        return true;
    return scan->run == 1 && (IS_IN(joining, scan->before) || IS_IN(joining, s->after));
}

static bool separates_letters(const spot *s)
{
    return s->scan->run == 1 && IS_IN(joining, s->scan->before);
}

static bool separates_words(const spot *s)
{
    return s->scan->run == 1 && IS_IN(unspaced, s->scan->before) && IS_IN(unspaced, s->after);
}

static bool in_hebrew(const spot *s)
{
    return s->scan->run == 1 && IS_IN(hebrew, s->scan->before);
}

static bool in_mongolian(const spot *s)
{
    return s->scan->run == 1 && IS_IN(mongolian, s->scan->before);
}

static bool in_syllable(const spot *s)
{
    return few(s) && (IS_IN(jamo, s->scan->base) || IS_IN(jamo, s->after));
}

static bool beside_right_to_left(const spot *s)
{
    return few(s) && look_at_line(s->scan)->has_right_to_left;
}

static bool is_closed(const spot *s)
{
    const sp_hidden_line *line = look_at_line(s->scan);
    return few(s) && line->has_right_to_left && line->is_balanced;
}

static bool in_braille(const spot *s)
{
    return look_at_line(s->scan)->has_braille;
}

/* A selector belongs to the character right before it, and there is one at most. */
static bool has_base(const spot *s)
{
    bool is_second = s->scan->before != s->scan->base && !is_modifier(s->scan->before);
    bool is_followed = (s->after >= 0xFE00 && s->after <= 0xFE0F) || (s->after >= 0xE0100 && s->after <= 0xE01EF);
    return !is_second && !is_followed;
}

static bool is_emoji_style(const spot *s)
{
    uint32_t base = s->scan->base;
    bool is_keycap = s->after == 0x20E3 && ((base >= '0' && base <= '9') || base == '#' || base == '*');
    return has_base(s) && (is_keycap || is_symbol(base));
}

static bool is_variant(const spot *s)
{
    uint32_t base = s->scan->base;
    return s->code <= 0xFE02 && has_base(s) &&
           (IS_IN(ideographs, base) || IS_IN(varied, base) || (is_symbol(base) && !is_pictograph(base)));
}

/* The longest lists of variants that are registered have about 30. */
static bool is_ideograph_variant(const spot *s)
{
    return s->code < 0xE0130 && has_base(s) && IS_IN(ideographs, s->scan->base);
}

/* ---- the table ----------------------------------------------------------------------------------------- */

typedef struct hidden_range {
    uint32_t first;
    uint32_t last;
    sp_hidden_kind kind;
    const char *name;
    harmless_fn *is_harmless; /* NULL: nowhere */
} hidden_range;

/* By code. NUL and bytes that are not UTF-8 have rules of their own. */
static const hidden_range ranges[] = {
    { 0x0001, 0x0008, SP_HIDDEN_CONTROL, "control character", NULL },
    { 0x000B, 0x000B, SP_HIDDEN_CONTROL, "vertical tab", NULL },
    { 0x000C, 0x000C, SP_HIDDEN_CONTROL, "form feed", at_line_begin },
    { 0x000E, 0x001A, SP_HIDDEN_CONTROL, "control character", NULL },
    { 0x001B, 0x001B, SP_HIDDEN_CONTROL, "escape", NULL },
    { 0x001C, 0x001F, SP_HIDDEN_CONTROL, "control character", NULL },
    { 0x007F, 0x007F, SP_HIDDEN_CONTROL, "delete", NULL },
    { 0x0080, 0x009F, SP_HIDDEN_CONTROL, "control character", NULL },
    { 0x00AD, 0x00AD, SP_HIDDEN_INVISIBLE, "soft hyphen", NULL },
    { 0x034F, 0x034F, SP_HIDDEN_INVISIBLE, "combining grapheme joiner", in_hebrew },
    { 0x061C, 0x061C, SP_HIDDEN_INVISIBLE, "Arabic letter mark", beside_right_to_left },
    { 0x115F, 0x1160, SP_HIDDEN_INVISIBLE, "Hangul filler", in_syllable },
    { 0x17B4, 0x17B5, SP_HIDDEN_INVISIBLE, "Khmer inherent vowel", NULL },
    { 0x180B, 0x180D, SP_HIDDEN_SELECTOR, "Mongolian variation selector", in_mongolian },
    { 0x180E, 0x180E, SP_HIDDEN_INVISIBLE, "Mongolian vowel separator", in_mongolian },
    { 0x180F, 0x180F, SP_HIDDEN_SELECTOR, "Mongolian variation selector", in_mongolian },
    { 0x2000, 0x200A, SP_HIDDEN_INVISIBLE, "space of another width", few },
    { 0x200B, 0x200B, SP_HIDDEN_INVISIBLE, "zero width space", separates_words },
    { 0x200C, 0x200C, SP_HIDDEN_INVISIBLE, "zero width non-joiner", separates_letters },
    { 0x200D, 0x200D, SP_HIDDEN_INVISIBLE, "zero width joiner", joins },
    { 0x200E, 0x200E, SP_HIDDEN_INVISIBLE, "left-to-right mark", beside_right_to_left },
    { 0x200F, 0x200F, SP_HIDDEN_INVISIBLE, "right-to-left mark", beside_right_to_left },
    { 0x2028, 0x2028, SP_HIDDEN_CONTROL, "line separator", NULL },
    { 0x2029, 0x2029, SP_HIDDEN_CONTROL, "paragraph separator", NULL },
    { 0x202A, 0x202A, SP_HIDDEN_BIDI, "left-to-right embedding", is_closed },
    { 0x202B, 0x202B, SP_HIDDEN_BIDI, "right-to-left embedding", is_closed },
    { 0x202C, 0x202C, SP_HIDDEN_BIDI, "end of direction", is_closed },
    { 0x202D, 0x202D, SP_HIDDEN_BIDI, "left-to-right override", NULL },
    { 0x202E, 0x202E, SP_HIDDEN_BIDI, "right-to-left override", NULL },
    { 0x202F, 0x202F, SP_HIDDEN_INVISIBLE, "narrow no-break space", few },
    { 0x205F, 0x205F, SP_HIDDEN_INVISIBLE, "mathematical space", few },
    { 0x2060, 0x2060, SP_HIDDEN_INVISIBLE, "word joiner", NULL },
    { 0x2061, 0x2064, SP_HIDDEN_INVISIBLE, "invisible operator", NULL },
    { 0x2065, 0x2065, SP_HIDDEN_INVISIBLE, "unassigned character without width", NULL },
    { 0x2066, 0x2066, SP_HIDDEN_BIDI, "left-to-right isolate", is_closed },
    { 0x2067, 0x2067, SP_HIDDEN_BIDI, "right-to-left isolate", is_closed },
    { 0x2068, 0x2068, SP_HIDDEN_BIDI, "first strong isolate", is_closed },
    { 0x2069, 0x2069, SP_HIDDEN_BIDI, "end of isolate", is_closed },
    { 0x206A, 0x206F, SP_HIDDEN_INVISIBLE, "deprecated format character", NULL },
    { 0x2800, 0x2800, SP_HIDDEN_INVISIBLE, "blank Braille pattern", in_braille },
    { 0x3164, 0x3164, SP_HIDDEN_INVISIBLE, "Hangul filler", NULL },
    { 0xE000, 0xF8FF, SP_HIDDEN_PRIVATE, "", NULL },
    { 0xFE00, 0xFE0D, SP_HIDDEN_SELECTOR, "", is_variant },
    { 0xFE0E, 0xFE0F, SP_HIDDEN_SELECTOR, "", is_emoji_style },
    { 0xFEFF, 0xFEFF, SP_HIDDEN_INVISIBLE, "byte order mark", at_begin },
    { 0xFFA0, 0xFFA0, SP_HIDDEN_INVISIBLE, "Hangul filler", NULL },
    { 0xFFF0, 0xFFF8, SP_HIDDEN_INVISIBLE, "unassigned character without width", NULL },
    { 0xFFF9, 0xFFFB, SP_HIDDEN_INVISIBLE, "annotation mark", NULL },
    { 0x1BCA0, 0x1BCA3, SP_HIDDEN_INVISIBLE, "shorthand format character", NULL },
    { 0x1D173, 0x1D17A, SP_HIDDEN_INVISIBLE, "musical format character", NULL },
    { 0xE0000, 0xE007F, SP_HIDDEN_TAG, "", NULL },
    { 0xE0080, 0xE00FF, SP_HIDDEN_INVISIBLE, "unassigned character without width", NULL },
    { 0xE0100, 0xE01EF, SP_HIDDEN_SELECTOR, "", is_ideograph_variant },
    { 0xE01F0, 0xE0FFF, SP_HIDDEN_INVISIBLE, "unassigned character without width", NULL },
    { 0xF0000, 0x10FFFF, SP_HIDDEN_PRIVATE, "", NULL },
};

static const struct {
    const char *one;
    const char *many;
} kinds[SP_HIDDEN_KINDS] = {
    [SP_HIDDEN_TAG] = { "tag character", "tag characters" },
    [SP_HIDDEN_SELECTOR] = { "stray variation selector", "stray variation selectors" },
    [SP_HIDDEN_INVISIBLE] = { "invisible character", "invisible characters" },
    [SP_HIDDEN_BIDI] = { "bidirectional control", "bidirectional controls" },
    [SP_HIDDEN_CONTROL] = { "control character", "control characters" },
    [SP_HIDDEN_PRIVATE] = { "private-use character", "private-use characters" },
};

static const hidden_range *find_range(uint32_t code)
{
    size_t low = 0, high = SP_COUNT_OF(ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < SP_COUNT_OF(ranges) && code >= ranges[low].first ? &ranges[low] : NULL;
}

/* ---- one line ------------------------------------------------------------------------------------------ */

/* Flags of England, Scotland and Wales: the only ones that are spelled in tags. 0: none begins here. */
static size_t flag_length(sp_str text, size_t at)
{
#define TAG(letter) "\xF3\xA0\x81" letter
#define FLAG(a, b, c) "\xF0\x9F\x8F\xB4" TAG("\xA7") TAG("\xA2") TAG(a) TAG(b) TAG(c) TAG("\xBF")
    static const char flags[][29] = { FLAG("\xA5", "\xAE", "\xA7"), FLAG("\xB3", "\xA3", "\xB4"),
                                      FLAG("\xB7", "\xAC", "\xB3") };
#undef FLAG
#undef TAG
    for (size_t i = 0; i < SP_COUNT_OF(flags); i++)
        if (text.len - at >= sizeof flags[i] - 1 && memcmp(text.ptr + at, flags[i], sizeof flags[i] - 1) == 0)
            return sizeof flags[i] - 1;
    return 0;
}

/* How many candidates are side by side around at, which begins one: 3 stands for more. */
static void measure_run(sp_hidden_scan *scan, size_t at)
{
    size_t count = 0, length;
    bool goes_on = at == scan->run_end && scan->run == 3;
    for (scan->run_end = at; count < 3 && scan->run_end < scan->text.len; scan->run_end += length, count++)
        if (!find_range(read_code(scan->text, scan->run_end, &length)))
            break;
    scan->run = goes_on ? 3 : count;
}

static void add_symbol(sp_hidden *found, uint32_t code)
{
    if (found->symbol_count < SP_HIDDEN_SYMBOLS)
        found->symbols[found->symbol_count++] = code;
}

static void add(sp_hidden *found, size_t at, uint32_t code)
{
    unsigned i = 0;
    if (found->count++ == 0)
        found->begin = at;
    found->last = at;
    add_symbol(found, code);
    while (i < found->code_count && found->codes[i] != code)
        i++;
    if (i == SP_HIDDEN_CODES)
        found->has_more_codes = true;
    else if (i == found->code_count)
        found->codes[found->code_count++] = code;
}

/* The rest of a control sequence, which is visible: a terminal would take it as well. Returns where it ends. */
static size_t add_sequence(sp_hidden *found, sp_str text, size_t at, uint32_t code)
{
    enum { LONGEST = 64 };
    size_t end = at, most = text.len - at > LONGEST ? at + LONGEST : text.len;
    char kind = '[';
    if (code != 0x1B && code != 0x9B)
        return at;
    if (code == 0x1B && (at == most || text.ptr[at] <= ' ' || text.ptr[at] >= 0x7F))
        return at;
    if (code == 0x1B)
        kind = text.ptr[end++];
    if (kind != '[' && kind != ']')
        most = end;
    while (end < most && text.ptr[end] >= ' ' && text.ptr[end] < 0x7F)
        if (text.ptr[end++] >= '@' && kind == '[')
            break;
    for (size_t i = at; i < end; i++)
        add_symbol(found, (unsigned char)text.ptr[i]);
    return end;
}

/* Returns where the next character begins. */
static size_t take_candidate(sp_hidden_scan *scan, const hidden_range *range, uint32_t code, size_t at, size_t next)
{
    size_t length, end = next;
    if (at >= scan->run_end)
        measure_run(scan, at);
    const spot here = { scan, at, code, next < scan->text.len ? read_code(scan->text, next, &length) : 0 };
    if (!range->is_harmless || !range->is_harmless(&here)) {
        add(&scan->found[range->kind], at, code);
        if (range->kind == SP_HIDDEN_CONTROL)
            end = add_sequence(&scan->found[SP_HIDDEN_CONTROL], scan->text, next, code);
    }
    scan->before = end > next ? (unsigned char)scan->text.ptr[end - 1] : code;
    return end;
}

static size_t take(sp_hidden_scan *scan, size_t at)
{
    size_t length;
    uint32_t code = read_code(scan->text, at, &length);
    size_t flag = code == 0x1F3F4 ? flag_length(scan->text, at) : 0;
    const hidden_range *range = find_range(code);
    if (range)
        return take_candidate(scan, range, code, at, at + length);
    scan->before = code;
    if (!is_modifier(code))
        scan->base = code;
    return at + (flag ? flag : length);
}

/* Looks at the line that begins at scan->at. Returns whether it hides anything. */
static bool look_for(sp_hidden_scan *scan)
{
    size_t end = sp_line_end(scan->text, scan->at), at = scan->at;
    bool is_found = false;
    scan->line_begin = at;
    scan->line = (sp_hidden_line){ .is_known = false };
    scan->before = scan->base = '\n';
    while (at < end) {
        unsigned char c = (unsigned char)scan->text.ptr[at];
        if (c >= ' ' && c < 0x7F) {
            scan->before = scan->base = c;
            at++;
        } else {
            at = take(scan, at);
        }
    }
    scan->at = end < scan->text.len ? end + 1 : end;
    for (size_t i = 0; i < SP_HIDDEN_KINDS; i++)
        is_found |= scan->found[i].count > 0;
    return is_found;
}

/* ---- finds --------------------------------------------------------------------------------------------- */

void sp_hidden_begin(sp_hidden_scan *scan, sp_str text)
{
    *scan = (sp_hidden_scan){ .text = text };
    for (size_t i = 0; i < SP_HIDDEN_KINDS; i++)
        scan->found[i].kind = (sp_hidden_kind)i;
}

static sp_hidden *first_of_line(sp_hidden_scan *scan)
{
    sp_hidden *first = NULL;
    for (size_t i = 0; i < SP_HIDDEN_KINDS; i++)
        if (scan->found[i].count && (!first || scan->found[i].begin < first->begin))
            first = &scan->found[i];
    return first;
}

/* Leaves the symbols as they are: they are many, and symbol_count says how many count. */
static void forget(sp_hidden *found)
{
    found->count = found->symbol_count = 0;
    found->code_count = 0;
    found->has_more_codes = false;
}

const sp_hidden *sp_hidden_next(sp_hidden_scan *scan)
{
    if (scan->told)
        forget(scan->told);
    scan->told = first_of_line(scan);
    while (!scan->told && scan->at < scan->text.len)
        if (look_for(scan))
            scan->told = first_of_line(scan);
    return scan->told;
}

const char *sp_hidden_noun(const sp_hidden *found)
{
    return found->count == 1 ? kinds[found->kind].one : kinds[found->kind].many;
}

const char *sp_hidden_name(uint32_t code)
{
    const hidden_range *range = find_range(code);
    return range ? range->name : "character";
}
