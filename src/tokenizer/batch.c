/* batch.c - looking up a batch of pieces: one by one, or eight at a time. */
#include "tokenizer/batch.h"
#include "tokenizer/estimate.h"
#include "tokenizer/targets.h"

/* What else is kept there. */
static void prefetch_ids(const sp_cache *cache, const sp_batch *b, size_t count)
{
    for (size_t i = 0; cache->ids && i < count; i++)
        __builtin_prefetch(&cache->ids[b->places[i]]);
}

static void find_from(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t i, size_t count)
{
    for (; i < count; i++) {
        size_t len = b->bounds[i + 1] - b->bounds[i];
        b->reach[i] = 0;
        if (cache->has_findings)
            sp_batch_list_if(&b->may_reach, i, len >= SP_CACHE_PAD || sp_estimate_may_reach(text, b->bounds[i + 1]));
        sp_cache_key key = sp_cache_key_of(text + b->bounds[i], len);
        b->lows[i] = key.low;
        b->highs[i] = key.high;
        b->places[i] = sp_cache_place(cache, key);
        __builtin_prefetch(&cache->keys[b->places[i]]);
    }
}

/* Without a branch. Goes on with the list of those that were missed. */
static size_t count_from(const sp_cache *cache, sp_batch *b, size_t i, size_t count)
{
    size_t sum = 0;
    for (; i < count; i++) {
        size_t known = sp_cache_tokens(sp_cache_at(cache, b->places[i]), sp_batch_key(b, i));
        sum += known;
        sp_batch_list_if(&b->missed, i, known == 0);
    }
    return sum;
}

static void find_portable(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t count)
{
    b->may_reach.count = 0;
    find_from(cache, b, text, 0, count);
    prefetch_ids(cache, b, count);
}

static size_t count_portable(const sp_cache *cache, sp_batch *b, size_t count)
{
    b->missed.count = 0;
    return count_from(cache, b, 0, count);
}

/* The same of findings. In more sums than one of a kind, so that none waits for the one before it. */
static void sum_from(const sp_cache *cache, sp_batch *b, size_t i, size_t count, uint64_t kinds[SP_KINDS])
{
    enum { SUMS = 4 };
    uint64_t sums[SUMS][1 << SP_FINDING_KIND_BITS] = { 0 };
    for (; i < count; i++) {
        uint32_t found = sp_cache_finding(sp_cache_at(cache, b->places[i]), sp_batch_key(b, i));
        sums[i % SUMS][found & SP_FINDING_KIND_MASK] += found >> SP_FINDING_KIND_BITS;
        sp_batch_list_if(&b->missed, i, found == 0);
    }
    for (size_t kind = 0; kind < SP_KINDS; kind++)
        for (size_t j = 0; j < SUMS; j++)
            kinds[kind] += sums[j][kind];
}

static void sum_portable(const sp_cache *cache, sp_batch *b, size_t count, uint64_t kinds[SP_KINDS])
{
    b->missed.count = 0;
    sum_from(cache, b, 0, count, kinds);
}

#if defined(__x86_64__)

/* ---- AVX-512: eight pieces a step ------------------------------------------------------------------------
 * Another thread may be putting a key into its place, as in sp_cache_at. Here a key is read at once: 16 bytes that are
 * aligned are one access where there is AVX ("Access Atomicity" in volume 2 of AMD's manual; Intel's, volume 3,
 * "Guaranteed Atomic Operations", says so of plain moves only). Were it two, it could be mistaken only for a piece that
 * begins with eight NULs. The thread sanitizer cannot know that. */

enum { STEP = 8 };

#define MAY_RACE __attribute__((no_sanitize("thread")))

typedef struct eight_keys {
    __m512i lows, highs;
} eight_keys;

static inline SP_TARGET_AVX512 __m512i join_four(__m128i first, __m128i second, __m128i third, __m128i fourth)
{
    __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
    __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(third), fourth, 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/* Keys 0, 2, 4, 6 and 1, 3, 5, 7 in order, their words apart. */
static inline SP_TARGET_AVX512 eight_keys zip(__m512i even, __m512i odd)
{
    return (eight_keys){ _mm512_unpacklo_epi64(even, odd), _mm512_unpackhi_epi64(even, odd) };
}

/* What stands at base[at[0]] to base[at[7]]. A gather takes twice the time. */
#define LOAD_EIGHT(load, base, at)                                                                                     \
    zip(join_four(load(base, at, 0), load(base, at, 2), load(base, at, 4), load(base, at, 6)),                         \
        join_four(load(base, at, 1), load(base, at, 3), load(base, at, 5), load(base, at, 7)))
#define LOAD_TEXT(base, at, i) _mm_loadu_si128((const __m128i *)(const void *)((base) + (at)[i]))
#define LOAD_KEY(base, at, i) _mm_load_si128((const __m128i *)(const void *)((base) + (at)[i]))

/* Words from the byte at skip on of pieces with so many bytes: what is behind them becomes zeros. */
static inline SP_TARGET_AVX512 __m512i cut(__m512i words, __m512i lens, int skip)
{
    __m512i unused = _mm512_subs_epu16(_mm512_set1_epi64(64 + 8LL * skip), _mm512_slli_epi64(lens, 3));
    return _mm512_and_si512(words, _mm512_srlv_epi64(_mm512_set1_epi64(-1), unused));
}

static inline SP_TARGET_AVX512 __mmask8 lie_between(__m128i bytes, char first, char last)
{
    __m128i from_first = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    return (__mmask8)_mm_cmple_epu8_mask(from_first, _mm_set1_epi8((char)(last - first)));
}

/* The last byte of pieces with so many bytes, up to 16. */
static inline SP_TARGET_AVX512 __m128i last_bytes(eight_keys words, __m512i lens)
{
    __m512i bits = _mm512_slli_epi64(lens, 3); /* a shift by less than 0 or more than 63 gives 0 */
    __m512i low = _mm512_srlv_epi64(words.lows, _mm512_sub_epi64(bits, _mm512_set1_epi64(8)));
    __m512i high = _mm512_srlv_epi64(words.highs, _mm512_sub_epi64(bits, _mm512_set1_epi64(72)));
    return _mm512_cvtepi64_epi8(_mm512_or_si512(low, high));
}

/* Which pieces of less than SP_CACHE_PAD - 1 bytes are followed by one blank alone. They end where the next one begins.
 */
static inline SP_TARGET_AVX512 __mmask8 precede_blanks(eight_keys words, const uint8_t *text, const size_t *bounds)
{
    uint16_t after;
    size_t readable = bounds[STEP - 1] + SP_CACHE_PAD - sizeof after;
    memcpy(&after, text + (bounds[STEP] < readable ? bounds[STEP] : readable), sizeof after);
    __m128i next = _mm_srli_si128(_mm512_cvtepi64_epi16(words.lows), sizeof after);
    __m128i no_blanks = _mm_xor_si128(_mm_insert_epi16(next, (short)after, STEP - 1), _mm_set1_epi8(' '));
    return _mm_mask_test_epi16_mask(_mm_testn_epi16_mask(no_blanks, _mm_set1_epi16(0xFF)), no_blanks,
                                    _mm_set1_epi16((short)0xFF00));
}

/* As sp_estimate_reach of those that end in a letter, a blank or a sign of ASCII: adds it to lens. Returns
 * the others that may reach, and those that are too long to tell. */
static inline SP_TARGET_AVX512 __mmask8 add_reach(eight_keys words, const uint8_t *text, const size_t *bounds,
                                                  __m512i *lens, uint8_t *ret_reach)
{
    __mmask8 can_tell = _mm512_cmple_epu64_mask(*lens, _mm512_set1_epi64(SP_CACHE_PAD - 2));
    __mmask8 may = can_tell & precede_blanks(words, text, bounds);
    __m128i last = last_bytes(words, *lens);
    __mmask8 is_letter = lie_between(_mm_or_si128(last, _mm_set1_epi8(' ')), 'a', 'z');
    __mmask8 is_sign = lie_between(last, '!', '~') & (__mmask8) ~(is_letter | lie_between(last, '0', '9'));
    __mmask8 is_blank = (__mmask8)_mm_cmpeq_epi8_mask(last, _mm_set1_epi8(' '));
    __mmask8 does = may & is_sign;
    *lens = _mm512_mask_add_epi64(*lens, does, *lens, _mm512_set1_epi64(1));
    _mm_storel_epi64((__m128i *)(void *)ret_reach, _mm_maskz_set1_epi8(does, 1));
    return (__mmask8)((may & ~(does | is_letter | is_blank)) | ~can_tell);
}

/* As sp_cache_key_of and sp_cache_place. */
static inline __attribute__((always_inline)) SP_TARGET_AVX512 void
find_eights(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t count, bool reaches)
{
    const sp_cache_key *keys = cache->keys;
    const __m512i none = _mm512_set1_epi64(1), max = _mm512_set1_epi64(SP_CACHE_MAX_PIECE);
    const __m128i shift = _mm_cvtsi32_si128(64 - (int)cache->bits);
    __m512i numbers = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    size_t i = 0;
    b->may_reach.count = 0;
    for (; count - i >= STEP; i += STEP) {
        eight_keys words = LOAD_EIGHT(LOAD_TEXT, text, b->bounds + i);
        __m512i begins = _mm512_loadu_si512(b->bounds + i), ends = _mm512_loadu_si512(b->bounds + i + 1);
        __m512i lens = _mm512_min_epu64(_mm512_sub_epi64(ends, begins), _mm512_set1_epi64(SP_CACHE_MAX_PIECE + 1));
        if (reaches) {
            __mmask8 may = add_reach(words, text, b->bounds + i, &lens, b->reach + i);
            _mm_storeu_si128((__m128i *)(void *)(b->may_reach.pieces + b->may_reach.count),
                             _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(may, numbers)));
            b->may_reach.count += (size_t)__builtin_popcount(may);
            numbers = _mm512_add_epi64(numbers, _mm512_set1_epi64(STEP));
        }
        __mmask8 has_key = _mm512_cmple_epu64_mask(lens, max);
        __m512i low = _mm512_maskz_mov_epi64(has_key, cut(words.lows, lens, 0));
        __m512i high = cut(words.highs, lens, 8);
        high = _mm512_mask_or_epi64(none, has_key, high, _mm512_slli_epi64(lens, 56));
        __m512i mixed = _mm512_xor_si512(low, _mm512_rol_epi64(high, SP_CACHE_TURN));
        mixed = _mm512_mullo_epi64(mixed, _mm512_set1_epi64((long long)SP_CACHE_FACTOR));
        _mm512_storeu_si512(b->lows + i, low);
        _mm512_storeu_si512(b->highs + i, high);
        _mm256_storeu_si256((__m256i *)(void *)(b->places + i), _mm512_cvtepi64_epi32(_mm512_srl_epi64(mixed, shift)));
#pragma GCC unroll 8
        for (size_t j = 0; j < STEP; j++)
            __builtin_prefetch(&keys[b->places[i + j]]);
    }
    find_from(cache, b, text, i, count);
    prefetch_ids(cache, b, count);
}

static SP_TARGET_AVX512 void find_avx512(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t count)
{
    if (cache->has_findings)
        find_eights(cache, b, text, count, true);
    else
        find_eights(cache, b, text, count, false);
}

/* As count_portable. */
static SP_TARGET_AVX512 MAY_RACE size_t count_avx512(const sp_cache *cache, sp_batch *b, size_t count)
{
    __m512i sum = _mm512_setzero_si512();
    __m512i numbers = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    size_t missed = 0, i = 0;
    for (; count - i >= STEP; i += STEP) {
        eight_keys found = LOAD_EIGHT(LOAD_KEY, cache->keys, b->places + i);
        __m512i other_low = _mm512_xor_si512(found.lows, _mm512_loadu_si512(b->lows + i));
        __m512i other_high = _mm512_slli_epi64(_mm512_xor_si512(found.highs, _mm512_loadu_si512(b->highs + i)), 4);
        __m512i other = _mm512_or_si512(other_low, other_high);
        __mmask8 is_there = _mm512_testn_epi64_mask(other, other);
        __m512i known = _mm512_maskz_srli_epi64(is_there, found.highs, 60);
        __mmask8 is_missed = _mm512_testn_epi64_mask(known, known);
        sum = _mm512_add_epi64(sum, known);
        _mm_storeu_si128((__m128i *)(void *)(b->missed.pieces + missed),
                         _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(is_missed, numbers)));
        missed += (size_t)__builtin_popcount(is_missed);
        numbers = _mm512_add_epi64(numbers, _mm512_set1_epi64(STEP));
    }
    b->missed.count = missed;
    return (size_t)_mm512_reduce_add_epi64(sum) + count_from(cache, b, i, count);
}

enum { COMMON_KINDS = SP_KIND_STRANGE_WORDS }; /* those of ASCII that most pieces are */

static inline SP_TARGET_AVX512 __m512i add_kind(__m512i sum, __mmask8 is_there, __m512i kinds, __m512i ticks,
                                                size_t kind)
{
    __mmask8 is_kind = _mm512_mask_cmpeq_epi64_mask(is_there, kinds, _mm512_set1_epi64((long long)kind));
    return _mm512_mask_add_epi64(sum, is_kind, sum, ticks);
}

/* As sum_portable. */
static SP_TARGET_AVX512 MAY_RACE void sum_avx512(const sp_cache *cache, sp_batch *b, size_t count,
                                                 uint64_t kinds[SP_KINDS])
{
    __m512i sums[SP_KINDS] = { 0 };
    __m512i numbers = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    size_t missed = 0, i = 0;
    for (; count - i >= STEP; i += STEP) {
        eight_keys in_table = LOAD_EIGHT(LOAD_KEY, cache->keys, b->places + i);
        __m512i other_low = _mm512_xor_si512(in_table.lows, _mm512_loadu_si512(b->lows + i));
        __m512i other_high = _mm512_xor_si512(in_table.highs, _mm512_loadu_si512(b->highs + i));
        other_high = _mm512_and_si512(other_high, _mm512_set1_epi64((long long)SP_CACHE_FOUND_KEY));
        __m512i other = _mm512_or_si512(other_low, other_high);
        __mmask8 is_there = _mm512_testn_epi64_mask(other, other);
        __m512i lower = _mm512_and_si512(_mm512_srli_epi64(in_table.highs, 40), _mm512_set1_epi64(0xFFFF));
        __m512i upper = _mm512_and_si512(_mm512_srli_epi64(in_table.highs, 44), _mm512_set1_epi64(0x70000));
        __m512i found = _mm512_or_si512(lower, upper);
        __m512i kind = _mm512_and_si512(found, _mm512_set1_epi64(SP_FINDING_KIND_MASK));
        __m512i ticks = _mm512_srli_epi64(found, SP_FINDING_KIND_BITS);
#pragma GCC unroll 4
        for (size_t k = 0; k < COMMON_KINDS; k++)
            sums[k] = add_kind(sums[k], is_there, kind, ticks, k);
        if (_mm512_mask_cmpge_epu64_mask(is_there, kind, _mm512_set1_epi64(COMMON_KINDS)))
            for (size_t k = COMMON_KINDS; k < SP_KINDS; k++)
                sums[k] = add_kind(sums[k], is_there, kind, ticks, k);
        __mmask8 is_missed = (__mmask8)~_mm512_mask_test_epi64_mask(is_there, found, found);
        _mm_storeu_si128((__m128i *)(void *)(b->missed.pieces + missed),
                         _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(is_missed, numbers)));
        missed += (size_t)__builtin_popcount(is_missed);
        numbers = _mm512_add_epi64(numbers, _mm512_set1_epi64(STEP));
    }
    b->missed.count = missed;
#pragma GCC unroll 16
    for (size_t k = 0; k < SP_KINDS; k++)
        kinds[k] += (uint64_t)_mm512_reduce_add_epi64(sums[k]);
    sum_from(cache, b, i, count, kinds);
}

#endif

/* ---- by path ---------------------------------------------------------------------------------------------- */

const sp_lookup *sp_lookup_of(sp_path path)
{
    static const sp_lookup portable = { find_portable, count_portable, sum_portable };
#if defined(__x86_64__)
    static const sp_lookup avx512 = { find_avx512, count_avx512, sum_avx512 };
    if (sp_path_taken(path) == SP_PATH_AVX512)
        return &avx512;
#else
    (void)path;
#endif
    return &portable;
}
