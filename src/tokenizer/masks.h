/*
 * masks.h - what 64 bytes of text are, as bit masks: bit i speaks of byte i.
 *
 * The same masks can be made eight bytes at a time by plain arithmetic, or 16, 32 or 64 at a time by SSE2, AVX2 and
 * AVX-512. Everything after them is the same 64-bit arithmetic on every machine (split_window.c).
 */
#ifndef SP_TOKENIZE_MASKS_H
#define SP_TOKENIZE_MASKS_H

#include "tokenizer/targets.h"

#define SP_WINDOW_BYTES 64u

typedef struct sp_masks {
    uint64_t letters; /* ASCII ones, here and in upper, numbers and spaces; split_window.c adds the others */
    uint64_t upper;
    uint64_t numbers;
    uint64_t spaces; /* blank, tab, LF, VT, FF, CR */
    uint64_t blanks; /* U+0020 alone */
    uint64_t line_ends;
    uint64_t apostrophes;
    uint64_t slashes;
    uint64_t wide;          /* bytes of 0x80 and above */
    uint64_t continuations; /* of them, those that go on with a character */
} sp_masks;

#define SP_MASKS_INLINE static inline __attribute__((always_inline))

/* ---- any machine: eight bytes a step ----------------------------------------------------------------- */

/* For every byte of eight below 0x80: is it in [first, last]? The answer stands in its top bit. */
SP_MASKS_INLINE uint64_t sp_eight_in_range(uint64_t eight, uint8_t first, uint8_t last)
{
    const uint64_t ones = 0x0101010101010101u, top = ones << 7;
    uint64_t at_least = eight + ones * (0x80u - first), above = eight + ones * (0x7Fu - last);
    return (at_least & ~above) & top;
}

/* The top bits of eight bytes, gathered. */
SP_MASKS_INLINE uint64_t sp_eight_bits(uint64_t tops)
{
    return (tops >> 7) * 0x0102040810204080u >> 56;
}

SP_MASKS_INLINE void sp_masks_portable(sp_masks *m, const uint8_t *p)
{
    const uint64_t tops = 0x8080808080808080u;
    *m = (sp_masks){ 0 };
    for (unsigned i = 0; i < SP_WINDOW_BYTES; i += 8) {
        uint64_t eight;
        memcpy(&eight, p + i, sizeof eight);
        uint64_t wide = eight & tops, low = eight & ~tops, ascii = ~eight & tops;
        uint64_t upper = sp_eight_in_range(low, 'A', 'Z') & ascii;
        uint64_t lower = sp_eight_in_range(low, 'a', 'z') & ascii;
        uint64_t blanks = sp_eight_in_range(low, ' ', ' ') & ascii;
        uint64_t line_ends = (sp_eight_in_range(low, '\n', '\n') | sp_eight_in_range(low, '\r', '\r')) & ascii;
        m->letters |= sp_eight_bits(upper | lower) << i;
        m->upper |= sp_eight_bits(upper) << i;
        m->numbers |= sp_eight_bits(sp_eight_in_range(low, '0', '9') & ascii) << i;
        m->spaces |= sp_eight_bits((sp_eight_in_range(low, '\t', '\r') & ascii) | blanks) << i;
        m->blanks |= sp_eight_bits(blanks) << i;
        m->line_ends |= sp_eight_bits(line_ends) << i;
        m->apostrophes |= sp_eight_bits(sp_eight_in_range(low, '\'', '\'') & ascii) << i;
        m->slashes |= sp_eight_bits(sp_eight_in_range(low, '/', '/') & ascii) << i;
        m->wide |= sp_eight_bits(wide) << i;
        m->continuations |= sp_eight_bits(wide & ~(eight << 1)) << i;
    }
}

#if defined(__x86_64__)

/* ---- x86: the same comparisons with wider registers ----------------------------------------------------
 * Bytes are compared as signed numbers, so 0x80 and above are below everything else. */

SP_MASKS_INLINE uint64_t sp_bits_sse2(__m128i bytes)
{
    return (uint32_t)_mm_movemask_epi8(bytes);
}

SP_MASKS_INLINE __m128i sp_range_sse2(__m128i bytes, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(first - 1))),
                         _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), bytes));
}

SP_MASKS_INLINE __m128i sp_equal_sse2(__m128i bytes, char value)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(value));
}

SP_MASKS_INLINE void sp_masks_sse2(sp_masks *m, const uint8_t *p)
{
    *m = (sp_masks){ 0 };
    for (unsigned i = 0; i < SP_WINDOW_BYTES; i += sizeof(__m128i)) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i blanks = sp_equal_sse2(bytes, ' ');
        m->letters |= sp_bits_sse2(sp_range_sse2(folded, 'a', 'z')) << i;
        m->upper |= sp_bits_sse2(sp_range_sse2(bytes, 'A', 'Z')) << i;
        m->numbers |= sp_bits_sse2(sp_range_sse2(bytes, '0', '9')) << i;
        m->spaces |= sp_bits_sse2(_mm_or_si128(blanks, sp_range_sse2(bytes, '\t', '\r'))) << i;
        m->blanks |= sp_bits_sse2(blanks) << i;
        m->line_ends |= sp_bits_sse2(_mm_or_si128(sp_equal_sse2(bytes, '\n'), sp_equal_sse2(bytes, '\r'))) << i;
        m->apostrophes |= sp_bits_sse2(sp_equal_sse2(bytes, '\'')) << i;
        m->slashes |= sp_bits_sse2(sp_equal_sse2(bytes, '/')) << i;
        m->wide |= sp_bits_sse2(bytes) << i;
        m->continuations |= sp_bits_sse2(_mm_cmpgt_epi8(_mm_set1_epi8((char)0xC0), bytes)) << i;
    }
}

#define SP_MASKS_AVX2 static inline SP_TARGET_AVX2 __attribute__((always_inline))

SP_MASKS_AVX2 uint64_t sp_bits_avx2(__m256i bytes)
{
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

SP_MASKS_AVX2 __m256i sp_range_avx2(__m256i bytes, char first, char last)
{
    return _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8((char)(first - 1))),
                            _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(last + 1)), bytes));
}

SP_MASKS_AVX2 __m256i sp_equal_avx2(__m256i bytes, char value)
{
    return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(value));
}

SP_MASKS_AVX2 void sp_masks_avx2(sp_masks *m, const uint8_t *p)
{
    *m = (sp_masks){ 0 };
    for (unsigned i = 0; i < SP_WINDOW_BYTES; i += sizeof(__m256i)) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        __m256i blanks = sp_equal_avx2(bytes, ' ');
        __m256i line_ends = _mm256_or_si256(sp_equal_avx2(bytes, '\n'), sp_equal_avx2(bytes, '\r'));
        m->letters |= sp_bits_avx2(sp_range_avx2(folded, 'a', 'z')) << i;
        m->upper |= sp_bits_avx2(sp_range_avx2(bytes, 'A', 'Z')) << i;
        m->numbers |= sp_bits_avx2(sp_range_avx2(bytes, '0', '9')) << i;
        m->spaces |= sp_bits_avx2(_mm256_or_si256(blanks, sp_range_avx2(bytes, '\t', '\r'))) << i;
        m->blanks |= sp_bits_avx2(blanks) << i;
        m->line_ends |= sp_bits_avx2(line_ends) << i;
        m->apostrophes |= sp_bits_avx2(sp_equal_avx2(bytes, '\'')) << i;
        m->slashes |= sp_bits_avx2(sp_equal_avx2(bytes, '/')) << i;
        m->wide |= sp_bits_avx2(bytes) << i;
        m->continuations |= sp_bits_avx2(_mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), bytes)) << i;
    }
}

#define SP_MASKS_AVX512 static inline SP_TARGET_AVX512 __attribute__((always_inline))

/* In [first, first + count), as unsigned numbers. */
SP_MASKS_AVX512 uint64_t sp_range_avx512(__m512i bytes, char first, char count)
{
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8(first)), _mm512_set1_epi8(count));
}

SP_MASKS_AVX512 uint64_t sp_equal_avx512(__m512i bytes, char value)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(value));
}

SP_MASKS_AVX512 void sp_masks_avx512(sp_masks *m, const uint8_t *p)
{
    __m512i bytes = _mm512_loadu_si512((const void *)p);
    m->letters = sp_range_avx512(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), 'a', 26);
    m->upper = sp_range_avx512(bytes, 'A', 26);
    m->numbers = sp_range_avx512(bytes, '0', 10);
    m->blanks = sp_equal_avx512(bytes, ' ');
    m->spaces = sp_range_avx512(bytes, '\t', 5) | m->blanks;
    m->line_ends = sp_equal_avx512(bytes, '\n') | sp_equal_avx512(bytes, '\r');
    m->apostrophes = sp_equal_avx512(bytes, '\'');
    m->slashes = sp_equal_avx512(bytes, '/');
    m->wide = (uint64_t)_mm512_movepi8_mask(bytes);
    m->continuations = _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8((char)0xC0));
}

#endif
#endif
