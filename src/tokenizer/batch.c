/* batch.c - looking up a batch of pieces: one by one, or eight at a time. */
#include "tokenizer/batch.h"
#include "tokenizer/targets.h"

/* What else is kept there. */
static void prefetch_ids(const sp_cache *cache, const sp_batch *b, size_t count)
{
    for (size_t i = 0; cache->ids && i < count; i++)
        __builtin_prefetch(&cache->ids[b->places[i]]);
}

static inline void find_keys(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t i, size_t count,
                             bool reaches)
{
    for (; i < count; i++) {
        size_t len = reaches ? sp_batch_len(b, i) : b->bounds[i + 1] - b->bounds[i];
        sp_cache_key key = sp_cache_key_of(text + b->bounds[i], len);
        b->lows[i] = key.low;
        b->highs[i] = key.high;
        b->places[i] = sp_cache_place(cache, key);
        __builtin_prefetch(&cache->keys[b->places[i]]);
    }
}

static void find_from(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t i, size_t count)
{
    if (cache->has_findings) {
        find_keys(cache, b, text, i, count, true);
    } else {
        find_keys(cache, b, text, i, count, false);
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

/* sp_cache_found, or find_in_group. */
typedef uint32_t finder(const sp_cache *cache, uint32_t place, sp_cache_key key);

/* Sums and counts are its own, so that they need not be stored for each piece. */
static inline __attribute__((always_inline)) void sum_groups(const sp_cache *cache, sp_batch *b,
                                                             uint64_t kinds[SP_KINDS], finder *find)
{
    size_t missed = 0, longs = 0;
    uint64_t sums[1 << SP_FINDING_KIND_BITS] = { 0 };
    for (size_t j = 0; j < b->missed.count; j++) {
        size_t i = b->missed.pieces[j];
        sp_cache_key key = sp_batch_key(b, i);
        sp_finding found = sp_finding_unpack(find(cache, b->places[i], key));
        bool is_short = sp_cache_word(key).len - 1 < SP_CACHE_MAX_FOUND; /* nor 0 */
        sums[found.kind] += found.ticks;
        b->longs.pieces[longs] = (uint16_t)i;
        longs += !is_short;
        b->missed.pieces[missed] = (uint16_t)i;
        missed += is_short & (found.ticks == 0);
    }
    b->missed.count = missed;
    b->longs.count = longs;
    for (size_t kind = 0; kind < SP_KINDS; kind++)
        kinds[kind] += sums[kind];
}

static void sum_groups_portable(const sp_cache *cache, sp_batch *b, uint64_t kinds[SP_KINDS])
{
    sum_groups(cache, b, kinds, sp_cache_found);
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

/* As sp_cache_key_of and sp_cache_place. */
static inline __attribute__((always_inline)) SP_TARGET_AVX512 void
find_eights(const sp_cache *cache, sp_batch *b, const uint8_t *text, size_t count, bool reaches)
{
    const sp_cache_key *keys = cache->keys;
    const __m512i none = _mm512_set1_epi64(1), max = _mm512_set1_epi64(SP_CACHE_MAX_PIECE);
    const __m128i shift = _mm_cvtsi32_si128(64 - (int)cache->bits);
    const uint8_t *reach = (const uint8_t *)b->reach.does;
    size_t i = 0;
    for (; count - i >= STEP; i += STEP) {
        eight_keys words = LOAD_EIGHT(LOAD_TEXT, text, b->bounds + i);
        __m512i begins = _mm512_loadu_si512(b->bounds + i), ends = _mm512_loadu_si512(b->bounds + i + 1);
        __m512i lens = _mm512_min_epu64(_mm512_sub_epi64(ends, begins), _mm512_set1_epi64(SP_CACHE_MAX_PIECE + 1));
        if (reaches)
            lens = _mm512_mask_add_epi64(lens, reach[i / STEP], lens, _mm512_set1_epi64(1));
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

/* Sums of three kinds are side by side in a word: of each kind a batch has no more than SP_BATCH / STEP findings in it.
 * The last one has the bits that are left. */
enum { SUM_BITS = 22, SUMS_OF_WORD = 3, COMMON_KINDS = 2 * SUMS_OF_WORD };

_Static_assert(SP_BATCH / STEP * SP_CACHE_MAX_TICKS >> (64 - (SUMS_OF_WORD - 1) * SUM_BITS) == 0, "each sum has room");
_Static_assert(SUMS_OF_WORD *SUM_BITS >= 64, "a later kind is shifted out of the word");
_Static_assert(SP_KINDS <= 5 * SUMS_OF_WORD, "there is a sum for each kind");

/* offsets: the kind of each, in bits of a sum. To shift by less than 0 or more than 63 leaves nothing. */
static inline SP_TARGET_AVX512 __m512i add_kinds(__m512i sum, __m512i offsets, __m512i ticks, long long first_kind)
{
    __m512i shift = _mm512_sub_epi64(offsets, _mm512_set1_epi64(first_kind * SUM_BITS));
    return _mm512_add_epi64(sum, _mm512_sllv_epi64(ticks, shift));
}

static inline SP_TARGET_AVX512 void add_sums(uint64_t kinds[SP_KINDS], size_t first_kind, __m512i sum)
{
    const __m512i mask = _mm512_set1_epi64((1 << SUM_BITS) - 1);
    for (size_t kind = first_kind; kind < first_kind + SUMS_OF_WORD && kind < SP_KINDS; kind++) {
        kinds[kind] += (uint64_t)_mm512_reduce_add_epi64(_mm512_and_si512(sum, mask));
        sum = _mm512_srli_epi64(sum, SUM_BITS);
    }
}

/* As sum_portable. */
static SP_TARGET_AVX512 MAY_RACE void sum_avx512(const sp_cache *cache, sp_batch *b, size_t count,
                                                 uint64_t kinds[SP_KINDS])
{
    __m512i sum0 = _mm512_setzero_si512(), sum3 = sum0, sum6 = sum0, sum9 = sum0, sum12 = sum0;
    __m512i numbers = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    size_t missed = 0, i = 0;
    for (; count - i >= STEP; i += STEP) {
        eight_keys in_table = LOAD_EIGHT(LOAD_KEY, cache->keys, b->places + i);
        __m512i other_low = _mm512_xor_si512(in_table.lows, _mm512_loadu_si512(b->lows + i));
        __m512i other_high = _mm512_xor_si512(in_table.highs, _mm512_loadu_si512(b->highs + i));
        other_high = _mm512_and_si512(other_high, _mm512_set1_epi64((long long)SP_CACHE_FOUND_KEY));
        __m512i other = _mm512_or_si512(other_low, other_high);
        __mmask8 is_there = _mm512_testn_epi64_mask(other, other);
        __m512i kind = _mm512_srli_epi64(in_table.highs, SP_CACHE_KIND_AT);
        __m512i ticks = _mm512_maskz_and_epi64(is_there, _mm512_srli_epi64(in_table.highs, SP_CACHE_TICKS_AT),
                                               _mm512_set1_epi64(SP_CACHE_TICKS_MASK));
        __m512i offsets = _mm512_mul_epu32(kind, _mm512_set1_epi64(SUM_BITS));
        sum0 = add_kinds(sum0, offsets, ticks, 0);
        sum3 = add_kinds(sum3, offsets, ticks, 3);
        if (_mm512_mask_cmpge_epu64_mask(is_there, kind, _mm512_set1_epi64(COMMON_KINDS))) {
            sum6 = add_kinds(sum6, offsets, ticks, 6);
            sum9 = add_kinds(sum9, offsets, ticks, 9);
            sum12 = add_kinds(sum12, offsets, ticks, 12);
        }
        __mmask8 is_missed = _mm512_testn_epi64_mask(ticks, ticks);
        _mm_storeu_si128((__m128i *)(void *)(b->missed.pieces + missed),
                         _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(is_missed, numbers)));
        missed += (size_t)__builtin_popcount(is_missed);
        numbers = _mm512_add_epi64(numbers, _mm512_set1_epi64(STEP));
    }
    b->missed.count = missed;
    add_sums(kinds, 0, sum0);
    add_sums(kinds, 3, sum3);
    add_sums(kinds, 6, sum6);
    add_sums(kinds, 9, sum9);
    add_sums(kinds, 12, sum12);
    sum_from(cache, b, i, count, kinds);
}

/* As sp_cache_found, in all places of the group at once. Each key is one load, as above: one of the whole group need
 * not be one access. The finding comes from the same load as its key: a place that is claimed looks like the key of a
 * long piece until it is filled. */
static inline SP_TARGET_AVX512 MAY_RACE uint32_t find_in_group(const sp_cache *cache, uint32_t place, sp_cache_key key)
{
    static const uint8_t at[SP_CACHE_GROUP] = { 0, 1, 2, 3 };
    const sp_cache_key *group = cache->keys + (place & ~(SP_CACHE_GROUP - 1u));
    __m512i in_table =
        join_four(LOAD_KEY(group, at, 0), LOAD_KEY(group, at, 1), LOAD_KEY(group, at, 2), LOAD_KEY(group, at, 3));
    __m512i wanted = _mm512_broadcast_i32x4(_mm_set_epi64x((long long)key.high, (long long)key.low));
    __m512i of_key = _mm512_broadcast_i32x4(_mm_set_epi64x((long long)SP_CACHE_FOUND_KEY, -1));
    __m512i other = _mm512_and_si512(_mm512_xor_si512(in_table, wanted), of_key);
    unsigned same = _mm512_testn_epi64_mask(other, other), same_highs = same & same << 1 & 0xAA;
    __m512i found = _mm512_maskz_compress_epi64((__mmask8)same_highs, in_table); /* 0 if there is none */
    return sp_cache_kept((uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(found)));
}

static SP_TARGET_AVX512 MAY_RACE void sum_groups_avx512(const sp_cache *cache, sp_batch *b, uint64_t kinds[SP_KINDS])
{
    sum_groups(cache, b, kinds, find_in_group);
}

#endif

/* ---- by path ---------------------------------------------------------------------------------------------- */

const sp_lookup *sp_lookup_of(sp_path path)
{
    static const sp_lookup portable = { find_portable, count_portable, sum_portable, sum_groups_portable };
#if defined(__x86_64__)
    static const sp_lookup avx512 = { find_avx512, count_avx512, sum_avx512, sum_groups_avx512 };
    if (sp_path_taken(path) == SP_PATH_AVX512)
        return &avx512;
#else
    (void)path;
#endif
    return &portable;
}
