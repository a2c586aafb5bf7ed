/*
 * split.c - cuts text into pieces, as the patterns of tiktoken 0.14.0 do.
 *
 * Written by hand instead of with a regex engine, because the patterns are most of what a tokenizer spends its
 * time on. One function a pattern returns where the piece that starts at p ends; each follows the order of the
 * alternatives, and says which one it stands for. Nothing recurses and nothing is read more than three times.
 *
 * Two things of the patterns that are easy to get wrong:
 *   - a run of white space before a word leaves its last character to the word (\s+(?!\S)), unless it ends in
 *     a line feed (cl100k, o200k) or the text ends there;
 *   - in o200k a run of upper-case and caseless letters and marks is given back up to its last caseless letter
 *     or mark when no lower-case letter follows (the first alternative wins before the second is tried).
 */
#include "tokenizer/vocab.h"

#include <assert.h>

enum {
    LETTERS = SP_CLASS_UPPER | SP_CLASS_LOWER | SP_CLASS_LETTER,   /* \p{L} */
    NOT_SYMBOLS = LETTERS | SP_CLASS_NUMBER | SP_CLASS_SPACE,      /* \s\p{L}\p{N} */
    SYMBOLS = SP_CLASS_OTHER | SP_CLASS_MARK,                      /* [^\s\p{L}\p{N}] */
    SPACES = SP_CLASS_SPACE,                                       /* \s */
    NUMBERS = SP_CLASS_NUMBER,                                     /* \p{N} */
    UPPER_WORD = SP_CLASS_UPPER | SP_CLASS_LETTER | SP_CLASS_MARK, /* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
    LOWER_WORD = SP_CLASS_LOWER | SP_CLASS_LETTER | SP_CLASS_MARK, /* [\p{Ll}\p{Lm}\p{Lo}\p{M}] */
    CASELESS = SP_CLASS_LETTER | SP_CLASS_MARK,                    /* in both of them */
};

typedef const uint8_t *place;

/* ---- characters ----------------------------------------------------------------------------------- */

typedef struct text {
    const uint8_t *class_values; /* the first 128 are ASCII's */
    const uint8_t *class_blocks;
    place end;
    sp_split_rules rules;
} text;

static inline uint32_t char_code(place p)
{
    if (p[0] < 0xE0)
        return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    if (p[0] < 0xF0)
        return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

static inline unsigned wide_set(const text *t, place p)
{
    uint32_t code = char_code(p);
    unsigned block = t->class_blocks[code >> SP_CLASS_BLOCK_BITS];
    return t->class_values[block << SP_CLASS_BLOCK_BITS | (code & ((1u << SP_CLASS_BLOCK_BITS) - 1))];
}

/* The class of the character at p, as a set of one. */
static inline unsigned set_at(const text *t, place p)
{
    return *p < 0x80 ? t->class_values[*p] : wide_set(t, p);
}

static inline place skip(const text *t, place p, unsigned set)
{
    while (p < t->end && (set_at(t, p) & set))
        p += sp_char_len(*p);
    return p;
}

static inline bool is_line_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

/* ---- what the patterns have in common -------------------------------------------------------------- */

/* \p{N}{1,3}, or as many as the rules say */
static place skip_numbers(const text *t, place p)
{
    unsigned len = t->rules.number_len;
    if (len == 0)
        return skip(t, p, NUMBERS);
    for (unsigned i = 0; i < len && p < t->end && (set_at(t, p) & NUMBERS); i++)
        p += sp_char_len(*p);
    return p;
}

/* A run of white space: where it ends, where its last character begins, and where its last line ends (NULL if
 * there is no line end in it). */
typedef struct blanks {
    place end;
    place last;
    place line_end;
} blanks;

static blanks skip_blanks(const text *t, place p)
{
    blanks run = { p, p, NULL };
    while (run.end < t->end && (set_at(t, run.end) & SPACES)) {
        run.last = run.end;
        run.end += sp_char_len(*run.end);
        if (is_line_end(*run.last))
            run.line_end = run.end;
    }
    return run;
}

/* \s+(?!\S)|\s : all but the last of several, or the only one */
static place before_word(const blanks *run, place p)
{
    return run->last > p ? run->last : run->end;
}

/* The end of 's, 't, 're, 've, 'm, 'll or 'd at p, or p. The long s folds to s when case is ignored. */
static place contraction(const text *t, place p, bool any_case)
{
    size_t room = (size_t)(t->end - p);
    if (room < 2 || p[0] != '\'' || !t->rules.contractions)
        return p;
    uint8_t fold = any_case ? 0x20 : 0;
    uint8_t first = p[1] | fold;
    if (first == 's' || first == 't' || first == 'm' || first == 'd')
        return p + 2;
    if (room < 3)
        return p;
    if (any_case && p[1] == 0xC5 && p[2] == 0xBF)
        return p + 3;
    uint8_t second = p[2] | fold;
    bool two = (first == 'l' && second == 'l') || ((first == 'r' || first == 'v') && second == 'e');
    return two ? p + 3 : p;
}

/* ---- r50k, p50k ------------------------------------------------------------------------------------
 * '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s */

static inline place piece_r50k(const text *t, place p)
{
    if (*p == '\'') {
        place end = contraction(t, p, false);
        if (end > p)
            return end;
    }
    place q = p + (*p == ' ');
    if (q < t->end) {
        unsigned set = set_at(t, q);
        if (set & LETTERS)
            return skip(t, q, LETTERS);
        if (set & NUMBERS)
            return skip_numbers(t, q);
        if (set & SYMBOLS)
            return skip(t, q, SYMBOLS);
    }
    blanks run = skip_blanks(t, p);
    return run.end == t->end ? run.end : before_word(&run, p);
}

/* ---- cl100k ----------------------------------------------------------------------------------------
 * '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]
 * |\s+(?!\S)|\s */

static inline place skip_symbols_and_lines(const text *t, place p)
{
    p = skip(t, p, SYMBOLS);
    while (p < t->end && is_line_end(*p))
        p++;
    return p;
}

static inline place piece_cl100k(const text *t, place p)
{
    unsigned set = set_at(t, p);
    if (set & LETTERS)
        return skip(t, p, LETTERS);
    if (set & NUMBERS)
        return skip_numbers(t, p);
    if (*p == '\'') {
        place end = contraction(t, p, true);
        if (end > p)
            return end;
    }
    place next = p + sp_char_len(*p);
    unsigned next_set = next < t->end ? set_at(t, next) : 0;
    if ((next_set & LETTERS) && !is_line_end(*p))
        return skip(t, next, LETTERS);
    if (set & SYMBOLS)
        return skip_symbols_and_lines(t, p);
    if (*p == ' ' && (next_set & SYMBOLS))
        return skip_symbols_and_lines(t, next);
    blanks run = skip_blanks(t, p);
    if (run.end == t->end && !(t->rules.lines_first && run.line_end))
        return run.end;
    return run.line_end ? run.line_end : before_word(&run, p);
}

/* ---- o200k -------------------------------------------------------------------------------------------
 * With U for [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], W for [\p{Ll}\p{Lm}\p{Lo}\p{M}], C for the contractions:
 *   [^\r\n\p{L}\p{N}]?U*W+C?|[^\r\n\p{L}\p{N}]?U+W*C?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+ */

/* The first two alternatives from p on, without the leading character: U*W+, and U+W* where that fails
 * (only_first leaves it out). Returns p if nothing matches. */
static inline place skip_word(const text *t, place p, bool only_first)
{
    place after_caseless = NULL; /* in the run of U */
    place q = p;
    unsigned set = 0;
    while (q < t->end) {
        set = set_at(t, q);
        if (!(set & UPPER_WORD))
            break;
        q += sp_char_len(*q);
        if (set & CASELESS)
            after_caseless = q;
    }
    if (q < t->end && (set & LOWER_WORD))
        return skip(t, q, LOWER_WORD);
    if (after_caseless)
        return after_caseless; /* U* gives back up to a character that W+ can start with, and end with */
    return only_first ? p : q;
}

static inline place piece_o200k_word(const text *t, place p, unsigned set)
{
    place end = p;
    if (set & LETTERS) {
        end = skip_word(t, p, false);
    } else {
        place next = p + sp_char_len(*p);
        unsigned next_set = next < t->end ? set_at(t, next) : 0;
        if (next_set & (LETTERS | SP_CLASS_MARK)) {
            /* A mark can be the leading character, or the word itself, and the first alternative is tried both
             * ways before the second one is. Tried the second way it is a word of its own, and ends at next,
             * which is also what skip_word returns then. */
            end = skip_word(t, next, set & SP_CLASS_MARK);
        } else if (set & SP_CLASS_MARK) {
            end = next;
        }
    }
    return end > p ? contraction(t, end, true) : p;
}

static inline place piece_o200k(const text *t, place p)
{
    unsigned set = set_at(t, p);
    if (!(set & NUMBERS) && !is_line_end(*p)) {
        place end = piece_o200k_word(t, p, set);
        if (end > p)
            return end;
    }
    if (set & NUMBERS)
        return skip_numbers(t, p);
    place symbols = p + (*p == ' ');
    if (symbols < t->end && (set_at(t, symbols) & SYMBOLS)) {
        place q = skip(t, symbols, SYMBOLS);
        while (q < t->end && (is_line_end(*q) || *q == '/'))
            q++;
        return q;
    }
    blanks run = skip_blanks(t, p);
    if (run.line_end)
        return run.line_end;
    return run.end == t->end ? run.end : before_word(&run, p);
}

sp_class sp_class_at(const sp_vocab *vocab, const uint8_t *p)
{
    uint32_t code = *p < 0x80 ? *p : char_code(p);
    unsigned block = vocab->class_blocks[code >> SP_CLASS_BLOCK_BITS];
    return (sp_class)vocab->class_values[block << SP_CLASS_BLOCK_BITS | (code & ((1u << SP_CLASS_BLOCK_BITS) - 1))];
}

/* ---- all three ------------------------------------------------------------------------------------------ */

static place piece(const text *t, place p)
{
    switch (t->rules.pattern) {
    case SP_PATTERN_R50K:
        return piece_r50k(t, p);
    case SP_PATTERN_CL100K:
        return piece_cl100k(t, p);
    case SP_PATTERN_O200K:
        break;
    }
    return piece_o200k(t, p);
}

enum {
    WINDOW = 64, /* what sp_split_windows needs room for */
};

static size_t split(const sp_vocab *vocab, const uint8_t *bytes, size_t at, size_t end, size_t *ends, size_t max,
                    sp_reach *reach)
{
    text t = { vocab->class_values, vocab->class_blocks, bytes + end, vocab->rules };
    size_t count = 0;
    while (at < end && count < max) {
        size_t before = count;
        count = vocab->windows ? vocab->windows(vocab, bytes, at, end, ends, count, max, reach) : count;
        at = count > before ? ends[count - 1] : at;
        if (count > 0 && max - count < WINDOW && max > WINDOW)
            break;
        for (size_t next = at + WINDOW; at < end && at < next && count < max; ends[count++] = at) {
            at = (size_t)(piece(&t, bytes + at) - bytes);
            if (reach && at < end && bytes[at] == ' ')
                reach->may[count / 64] |= (uint64_t)1 << count % 64;
        }
    }
    return count;
}

size_t sp_split(const sp_vocab *vocab, const uint8_t *bytes, size_t at, size_t end, size_t *ends, size_t max)
{
    return split(vocab, bytes, at, end, ends, max, NULL);
}

size_t sp_split_reaching(const sp_vocab *vocab, const uint8_t *bytes, size_t at, size_t end, size_t *ends, size_t max,
                         sp_reach *ret_reach)
{
    assert(max <= SP_SPLIT_MAX);
    *ret_reach = (sp_reach){ 0 };
    return split(vocab, bytes, at, end, ends, max, ret_reach);
}
