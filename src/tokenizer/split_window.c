/*
 * split_window.c - where pieces end, for 64 bytes at a time.
 *
 * A window begins where a piece begins, so nothing before it matters. What its bytes are is held in masks, a bit for
 * each byte (masks.h), and the patterns become arithmetic on them: `a & ~(a << 1)` is where runs of a begin, and a
 * sum carries from the first bit of a run to the bit after its last. All boundaries that the window itself decides are
 * kept, and the next window begins at the last of them. What a window cannot decide is left to split.c, which is also
 * the definition: a piece of more than a window, white space and numbers beyond ASCII, a mark that follows no letter.
 *
 * A boundary at byte b is decided by the bytes up to b, with these exceptions, where it is not kept unless the window
 * shows enough: inside white space, which has to be seen up to its end; and before upper-case letters that follow a
 * caseless one (o200k), which have to be seen up to theirs.
 */
#include "tokenizer/masks.h"
#include "tokenizer/vocab.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

enum {
    LETTERS = SP_CLASS_UPPER | SP_CLASS_LOWER | SP_CLASS_LETTER,
    MAX_CHAR = 4,
};

/* A window. Characters that are not ASCII have all their bits set; those past the end of it, the ones before that. */
typedef struct window {
    const uint8_t *bytes;
    sp_masks at;
    uint64_t caseless; /* Lm, Lo, and marks that follow a letter: only o200k tells */
    unsigned known;    /* bytes from the first on that the masks speak of */
    unsigned limit;    /* boundaries up to here are decided */
} window;

SP_MASKS_INLINE uint64_t bit(unsigned i)
{
    return i < SP_WINDOW_BYTES ? (uint64_t)1 << i : 0;
}

SP_MASKS_INLINE uint64_t bits_below(unsigned i)
{
    return i < SP_WINDOW_BYTES ? ((uint64_t)1 << i) - 1 : UINT64_MAX;
}

SP_MASKS_INLINE unsigned lowest(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

SP_MASKS_INLINE unsigned highest(uint64_t bits)
{
    return SP_WINDOW_BYTES - 1 - (unsigned)__builtin_clzll(bits);
}

SP_MASKS_INLINE uint64_t starts_of(uint64_t runs)
{
    return runs & ~(runs << 1);
}

/* Those runs that have their first bit in starts. */
SP_MASKS_INLINE uint64_t runs_from(uint64_t runs, uint64_t starts)
{
    return runs & ~(runs + (starts & runs));
}

/* ---- characters that are not ASCII ---------------------------------------------------------------------- */

static void know_less(window *w, unsigned known)
{
    if (known < w->known)
        w->known = known;
}

/* A mark is as good as a caseless letter, also where it could be the character before a word: the same pieces come of
 * it. After symbols it depends on how many they are. */
static void add_marks(window *w, uint64_t marks)
{
    uint64_t symbols = ~(w->at.letters | w->at.numbers | w->at.spaces | marks);
    uint64_t bad = starts_of(marks) & (symbols << 1);
    if (bad)
        know_less(w, lowest(bad));
    w->at.letters |= marks;
    w->caseless |= marks;
}

static __attribute__((noinline)) void add_wide(window *w, const sp_vocab *vocab, bool has_case)
{
    uint64_t starts = w->at.wide & ~w->at.continuations, marks = 0;
    for (; starts; starts &= starts - 1) {
        unsigned i = lowest(starts);
        uint64_t bits = bits_below((unsigned)sp_char_len(w->bytes[i])) << i;
        sp_class class = sp_class_at(vocab, w->bytes + i);
        if (class & LETTERS)
            w->at.letters |= bits;
        if (class & (SP_CLASS_NUMBER | SP_CLASS_SPACE)) {
            know_less(w, i);
            break;
        }
        w->at.upper |= class == SP_CLASS_UPPER ? bits : 0;
        w->caseless |= class == SP_CLASS_LETTER ? bits : 0;
        marks |= class == SP_CLASS_MARK ? bits : 0;
    }
    if (has_case && marks)
        add_marks(w, marks);
}

/* ---- what the patterns have in common --------------------------------------------------------------------- */

/* White space that has to be seen to its end: the run that the window ends with. */
SP_MASKS_INLINE unsigned decided(uint64_t spaces, unsigned known)
{
    uint64_t others = ~spaces & bits_below(known);
    unsigned run = others ? highest(others) + 1 : 0;
    return run < known ? run : known - 1;
}

/* \s*[\r\n]|\s+(?!\S)|\s : a run of white space is one piece up to its last line end and one after it, but for its
 * last character, if that is no line end. lines is empty where line ends are like any other white space. */
SP_MASKS_INLINE uint64_t space_boundaries(uint64_t spaces, uint64_t lines)
{
    uint64_t tails = spaces & ~lines;
    uint64_t found = starts_of(spaces) | (tails & (lines << 1));
    for (uint64_t ends = lines & (tails << 1); ends; ends &= ends - 1) {
        /* blanks before a line end begin no piece */
        unsigned end = lowest(ends);
        uint64_t before = ~tails & bits_below(end);
        unsigned begin = before ? highest(before) + 1 : 0;
        if (lines & (bit(begin) >> 1))
            found &= ~bit(begin);
    }
    return found | (tails & ~(spaces >> 1));
}

/* \p{N}{1,len}; any length for 0 */
SP_MASKS_INLINE uint64_t number_boundaries(uint64_t numbers, unsigned len)
{
    uint64_t found = starts_of(numbers);
    if (len == 1)
        return numbers;
    if (len == 3) {
        uint64_t four = numbers & (numbers >> 1);
        four &= four >> 2;
        for (uint64_t next = (found & four) << 3; next; next = (next & four) << 3)
            found |= next;
    }
    return found;
}

/* Where the second character stands of the runs that begin at starts. */
SP_MASKS_INLINE uint64_t seconds(const window *w, uint64_t starts)
{
    uint64_t next = starts << 1, inside = w->at.continuations;
    return (next & ~inside) | ((inside + (next & inside)) & ~inside);
}

/* Length of 's, 't, 're, 've, 'm, 'll or 'd, or 0. Three bytes can be read past the window. */
static unsigned contraction_len(const uint8_t *p, bool any_case)
{
    uint8_t fold = any_case ? 0x20 : 0;
    uint8_t first = p[1] | fold, second = p[2] | fold;
    if (first == 's' || first == 't' || first == 'm' || first == 'd')
        return 2;
    if (any_case && p[1] == 0xC5 && p[2] == 0xBF)
        return 3; /* the long s */
    return (first == 'l' && second == 'l') || ((first == 'r' || first == 'v') && second == 'e') ? 3 : 0;
}

/* Ends of the contractions that begin at one of candidates, and the bytes inside them. A suffix belongs to the word
 * before it, so its apostrophe is inside too, and there is only one to a word. */
SP_MASKS_INLINE uint64_t contractions(const window *w, uint64_t candidates, bool any_case, bool is_suffix,
                                      uint64_t *ret_inside)
{
    uint64_t ends = 0, inside = 0;
    for (; candidates; candidates &= candidates - 1) {
        unsigned i = lowest(candidates), len = contraction_len(w->bytes + i, any_case);
        if (len && !(is_suffix && (ends & bit(i)))) {
            ends |= bit(i + len);
            inside |= bits_below(i + len) & ~bits_below(is_suffix ? i : i + 1);
        }
    }
    *ret_inside = inside;
    return ends;
}

/* ---- the patterns: see split.c for their texts ---------------------------------------------------------------- */

SP_MASKS_INLINE uint64_t boundaries_r50k(window *w, const sp_split_rules *rules)
{
    const sp_masks *at = &w->at;
    uint64_t others = ~(at->letters | at->numbers | at->spaces) & bits_below(w->known);
    uint64_t after_blank = at->blanks << 1, symbols = starts_of(others) & ~after_blank;
    uint64_t words = starts_of(at->letters) & ~after_blank;
    uint64_t numbers = number_boundaries(at->numbers, rules->number_len) & ~after_blank;
    uint64_t inside = 0, ends = 0, alone = at->apostrophes & symbols & (at->letters >> 1);
    if (alone && rules->contractions)
        ends = contractions(w, alone, false, false, &inside);
    return ((symbols | words | numbers) & ~inside) | ends | space_boundaries(at->spaces, 0);
}

SP_MASKS_INLINE uint64_t boundaries_cl100k(window *w, const sp_split_rules *rules)
{
    const sp_masks *at = &w->at;
    uint64_t others = ~(at->letters | at->numbers | at->spaces) & bits_below(w->known);
    uint64_t after_others = runs_from(at->line_ends, others << 1); /* line ends that go with the symbols before */
    uint64_t lines = at->line_ends & ~after_others, spaces = at->spaces & ~after_others;
    uint64_t after_blank = at->blanks << 1, after_space = (spaces & ~lines) << 1;
    uint64_t symbols = starts_of(others) & ~after_blank;
    uint64_t words = starts_of(at->letters) & ~after_space & ~seconds(w, symbols);
    uint64_t numbers = number_boundaries(at->numbers, rules->number_len);
    uint64_t inside, ends = 0, alone = at->apostrophes & symbols & (at->letters >> 1);
    if (alone && rules->contractions)
        ends = contractions(w, alone, true, false, &inside);
    return symbols | words | numbers | ends | space_boundaries(spaces, lines);
}

/* [\r\n/]* after symbols: line ends, and slashes after line ends. */
SP_MASKS_INLINE uint64_t after_symbols(const sp_masks *at, uint64_t others)
{
    uint64_t starts = at->line_ends & (others << 1);
    uint64_t found = runs_from(at->line_ends, starts);
    if (!(at->slashes & (found << 1)))
        return found;
    uint64_t through = at->line_ends | at->slashes;
    for (unsigned step = 1; step < SP_WINDOW_BYTES; step *= 2) {
        starts |= through & (starts << step);
        through &= through << step;
    }
    return starts;
}

/* Upper-case letters after a caseless one, before any lower-case letter: a word of their own if that is how the letters
 * end. */
SP_MASKS_INLINE uint64_t upper_tails(window *w, uint64_t candidates)
{
    uint64_t found = 0;
    for (; candidates; candidates &= candidates - 1) {
        unsigned i = lowest(candidates);
        uint64_t rest = ~w->at.upper & ~bits_below(i) & bits_below(w->known);
        if (!rest) {
            w->limit = i - 1 < w->limit ? i - 1 : w->limit;
            break;
        }
        found |= w->at.letters & bit(lowest(rest)) ? 0 : bit(i);
    }
    return found;
}

SP_MASKS_INLINE uint64_t boundaries_o200k(window *w, const sp_split_rules *rules)
{
    const sp_masks *at = &w->at;
    uint64_t all_others = ~(at->letters | at->numbers | at->spaces) & bits_below(w->known);
    uint64_t absorbed = after_symbols(at, all_others), others = all_others & ~absorbed;
    uint64_t lines = at->line_ends & ~absorbed, spaces = at->spaces & ~absorbed;
    uint64_t inside = 0, ends = 0;
    uint64_t suffixes = at->apostrophes & (at->letters << 1);
    if (suffixes && rules->contractions)
        ends = contractions(w, suffixes, true, true, &inside);
    uint64_t after_blank = at->blanks << 1, after_space = (spaces & ~lines) << 1;
    uint64_t symbols = starts_of(others) & ~after_blank & ~inside;
    uint64_t words = starts_of(at->letters) & ~after_space & ~seconds(w, symbols);
    uint64_t lower = at->letters & ~at->upper & ~w->caseless;
    uint64_t after_lower = lower | runs_from(w->caseless, (lower << 1) & ~ends);
    uint64_t humps = at->upper & (after_lower << 1);
    if (at->upper & (w->caseless << 1) & ~humps)
        humps |= upper_tails(w, at->upper & (w->caseless << 1) & ~humps);
    uint64_t found = symbols | words | humps | number_boundaries(at->numbers, rules->number_len);
    return (found & ~inside) | ends | space_boundaries(spaces, lines);
}

typedef uint64_t boundaries_of(window *, const sp_split_rules *);

/* Boundaries in the window that begins at p, as bits; 0 if it decides none. */
SP_MASKS_INLINE uint64_t look(window *w, const sp_vocab *vocab, boundaries_of *boundaries, bool has_case)
{
    w->caseless = 0;
    w->known = SP_WINDOW_BYTES;
    if (w->at.wide) {
        add_wide(w, vocab, has_case);
        if (w->known == 0)
            return 0;
        if (w->known < SP_WINDOW_BYTES) {
            uint64_t known = bits_below(w->known);
            w->at.letters &= known;
            w->at.upper &= known;
            w->at.numbers &= known;
            w->at.spaces &= known;
            w->at.blanks &= known;
            w->at.line_ends &= known;
            w->at.apostrophes &= known;
            w->at.slashes &= known;
            w->caseless &= known;
        }
    }
    w->limit = decided(w->at.spaces, w->known);
    uint64_t found = boundaries(w, &vocab->rules);
    return found & bits_below(w->limit + 1) & ~(uint64_t)1;
}

/* ---- the reach of pieces --------------------------------------------------------------------------------------- */

/* The bits that are also found, packed into as many low bits as are found. Most often a step is enough, so its branch
 * is guessed right. */
static inline uint64_t gather(uint64_t bits, uint64_t found)
{
    enum { STEP = 4 };
    uint64_t gathered = 0;
    for (bits &= found; bits;)
        for (int i = 0; i < STEP; i++) {
            uint64_t first = bits & -bits;
            gathered |= (uint64_t)(bits != 0) << (__builtin_popcountll(found & (first - 1)) & 63);
            bits ^= first;
        }
    return gathered;
}

#if defined(__x86_64__)

/* The same in one instruction, which processors that have it without AVX-512 may be slow at. */
static inline SP_TARGET_AVX512 uint64_t gather_avx512(uint64_t bits, uint64_t found)
{
    return _pext_u64(bits, found);
}

#endif

typedef uint64_t gatherer(uint64_t bits, uint64_t found);

/* Puts bits after the first count ones. */
SP_MASKS_INLINE void append(uint64_t *words, size_t count, uint64_t bits)
{
    words[count / 64] |= bits << count % 64;
    words[count / 64 + 1] |= bits >> 1 >> (63 - count % 64);
}

/* As sp_estimate_reach of the pieces that end at found, the first of which is number count. Those that end before one
 * blank alone reach it, if they end in a sign. If in a letter or in white space, they do not; but with a number, a line
 * end or beyond ASCII they are left to sp_estimate_reach. The byte after the window is in the text: see WINDOWS.
 */
SP_MASKS_INLINE void see_reach(const window *w, uint64_t found, size_t count, sp_reach *reach, gatherer *gather_by)
{
    const sp_masks *at = &w->at;
    uint64_t next = (uint64_t)(w->bytes[SP_WINDOW_BYTES] == ' ') << (SP_WINDOW_BYTES - 1);
    uint64_t before_blank = at->blanks & ~(at->blanks >> 1 | next);
    uint64_t signs = ~(at->letters | at->numbers | at->spaces | at->wide);
    uint64_t others = at->numbers | at->line_ends | at->wide;
    append(reach->does, count, gather_by(before_blank & signs << 1, found));
    append(reach->may, count, gather_by(before_blank & others << 1, found));
}

/* ---- windows one after the other -------------------------------------------------------------------------------- */

/* Writes the bits as places in the text; the number of them is guessed right most of the time, and no branch. */
SP_MASKS_INLINE size_t write_ends(uint64_t found, size_t at, size_t *ends)
{
    enum { STEP = 16 };
    size_t count = (size_t)__builtin_popcountll(found);
    for (size_t done = 0; done < count; done += STEP)
        for (size_t i = done; i < done + STEP; i++) {
            ends[i] = at + (unsigned)__builtin_ctzll(found | (uint64_t)1 << 63);
            found &= found - 1;
        }
    return count;
}

#if defined(__x86_64__)

/* The same, sixteen at a time. */
SP_MASKS_AVX512 size_t write_ends_avx512(uint64_t found, size_t at, size_t *ends)
{
    enum { STEP = 16 };
    static const uint8_t numbers[SP_WINDOW_BYTES] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    };
    const __m512i begin = _mm512_set1_epi64((long long)at);
    __m512i places = _mm512_maskz_compress_epi8(found, _mm512_loadu_si512(numbers));
    size_t count = (size_t)__builtin_popcountll(found);
    for (size_t done = 0; done < count; done += STEP) {
        __m128i low = _mm512_castsi512_si128(places), high = _mm_unpackhi_epi64(low, low);
        _mm512_storeu_si512(ends + done, _mm512_add_epi64(_mm512_cvtepu8_epi64(low), begin));
        _mm512_storeu_si512(ends + done + STEP / 2, _mm512_add_epi64(_mm512_cvtepu8_epi64(high), begin));
        places = _mm512_alignr_epi32(places, places, STEP / sizeof(uint32_t));
    }
    return count;
}

#endif

/* One for each pattern and each way to make masks. */
#define WINDOWS(name, target, make_masks, write, gather_by, boundaries, has_case)                                      \
    static target size_t name(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end, size_t *ends,         \
                              size_t count, size_t max, sp_reach *reach)                                               \
    {                                                                                                                  \
        while (end - at >= SP_WINDOW_BYTES + MAX_CHAR && max - count >= SP_WINDOW_BYTES) {                             \
            window w = { .bytes = text + at };                                                                         \
            make_masks(&w.at, w.bytes);                                                                                \
            uint64_t found = look(&w, vocab, boundaries, has_case);                                                    \
            if (!found)                                                                                                \
                break;                                                                                                 \
            if (reach)                                                                                                 \
                see_reach(&w, found, count, reach, gather_by);                                                         \
            count += write(found, at, ends + count);                                                                   \
            at += highest(found);                                                                                      \
        }                                                                                                              \
        return count;                                                                                                  \
    }

#define WINDOWS_OF_ALL(path, target, write, gather_by)                                                                 \
    WINDOWS(r50k_##path, target, sp_masks_##path, write, gather_by, boundaries_r50k, false)                            \
    WINDOWS(cl100k_##path, target, sp_masks_##path, write, gather_by, boundaries_cl100k, false)                        \
    WINDOWS(o200k_##path, target, sp_masks_##path, write, gather_by, boundaries_o200k, true)

#define ROW(path)                                                                                                      \
    {                                                                                                                  \
        r50k_##path, cl100k_##path, o200k_##path                                                                       \
    }

WINDOWS_OF_ALL(portable, , write_ends, gather)
#if defined(__x86_64__)
WINDOWS_OF_ALL(sse2, , write_ends, gather)
WINDOWS_OF_ALL(avx2, SP_TARGET_AVX2, write_ends, gather)
WINDOWS_OF_ALL(avx512, SP_TARGET_AVX512, write_ends_avx512, gather_avx512)
#endif

static sp_split_windows *const windows[][3] = {
    [SP_PATH_PORTABLE] = ROW(portable),
#if defined(__x86_64__)
    [SP_PATH_SSE2] = ROW(sse2),
    [SP_PATH_AVX2] = ROW(avx2),
    [SP_PATH_AVX512] = ROW(avx512),
#endif
};

#if defined(__x86_64__)
enum { HAS_AVX2 = 1, HAS_AVX512 = 2, IS_KNOWN = 4 };

/* The register that says which registers the system saves. */
static unsigned saved_registers(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static unsigned ask_processor(void)
{
    const unsigned popcnt = 1u << 23, osxsave = 1u << 27;              /* leaf 1, ecx */
    const unsigned avx2 = 1u << 3 | 1u << 5 | 1u << 8;                 /* leaf 7, ebx: with bmi, bmi2 */
    const unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* f, dq, bw, vl */
    const unsigned vbmi2 = 1u << 6;                                    /* leaf 7, ecx */
    const unsigned ymm = 0x06, zmm = 0xe6;
    unsigned a, b, c, d, features, more;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (popcnt | osxsave)) != (popcnt | osxsave) ||
        !__get_cpuid_count(7, 0, &a, &features, &more, &d))
        return IS_KNOWN;
    unsigned saved = saved_registers();
    if ((features & avx2) != avx2 || (saved & ymm) != ymm)
        return IS_KNOWN;
    bool has_avx512 = (features & avx512) == avx512 && (more & vbmi2) != 0 && (saved & zmm) == zmm;
    return IS_KNOWN | HAS_AVX2 | (has_avx512 ? HAS_AVX512 : 0);
}

/* Not __builtin_cpu_supports, whose table a static program may come without. Asked once: under a hypervisor the answer
 * takes microseconds. */
static unsigned processor(void)
{
    static _Atomic unsigned known;
    unsigned has = known;
    if (!has)
        known = has = ask_processor();
    return has;
}
#endif

bool sp_path_exists(sp_path path)
{
    if (path == SP_PATH_BEST || path == SP_PATH_PORTABLE || path == SP_PATH_SCALAR)
        return true;
#if defined(__x86_64__)
    if (path == SP_PATH_SSE2)
        return true;
    if (path == SP_PATH_AVX2)
        return (processor() & HAS_AVX2) != 0;
    if (path == SP_PATH_AVX512)
        return (processor() & HAS_AVX512) != 0;
#endif
    return false;
}

sp_path sp_path_taken(sp_path path)
{
    for (sp_path best = SP_PATH_AVX512; path == SP_PATH_BEST; best--)
        if (sp_path_exists(best))
            path = best;
    return path;
}

sp_split_windows *sp_split_windows_of(sp_path path, sp_pattern pattern)
{
    path = sp_path_taken(path);
    return path == SP_PATH_SCALAR ? NULL : windows[path][pattern];
}
