/* batch.c - looking up a batch of pieces: one by one, or several a step. */
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
    if (cache->has_findings)
        find_keys(cache, b, text, i, count, true);
    else
        find_keys(cache, b, text, i, count, false);
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

/* In more sums than one of a kind, so that none waits for the one before it. */
static void sum_portable(const sp_cache *cache, sp_batch *b, size_t count, uint64_t kinds[SP_KINDS])
{
    enum { SUMS = 4 };
    uint64_t sums[SUMS][1 << SP_FINDING_KIND_BITS] = { 0 };
    b->missed.count = 0;
    for (size_t i = 0; i < count; i++) {
        sp_finding found = sp_cache_finding(sp_cache_kept(sp_cache_at(cache, b->places[i]), sp_batch_key(b, i)));
        sums[i % SUMS][found.kind] += found.ticks;
        sp_batch_list_if(&b->missed, i, found.ticks == 0);
    }
    for (size_t kind = 0; kind < SP_KINDS; kind++)
        for (size_t j = 0; j < SUMS; j++)
            kinds[kind] += sums[j][kind];
}

/* sp_cache_found, or find_in_group_avx2. */
typedef sp_finding finder(const sp_cache *cache, uint32_t place, sp_cache_key key);

/* Sums and counts are its own, so that they need not be stored for each piece. */
static inline __attribute__((always_inline)) void sum_groups(const sp_cache *cache, sp_batch *b,
                                                             uint64_t kinds[SP_KINDS], finder *find)
{
    size_t missed = 0, longs = 0;
    uint64_t sums[1 << SP_FINDING_KIND_BITS] = { 0 };
    for (size_t j = 0; j < b->missed.count; j++) {
        size_t i = b->missed.pieces[j];
        sp_cache_key key = sp_batch_key(b, i);
        sp_finding found = find(cache, b->places[i], key);
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

#if defined(__x86_64__)

/* ---- several pieces a step ------------------------------------------------------------------------------- */

#define MAY_RACE __attribute__((no_sanitize("thread")))
#define LOAD_TEXT(base, at, i) _mm_loadu_si128((const __m128i *)(const void *)((base) + (at)[i]))
#define LOAD_KEY(base, at, i) _mm_load_si128((const __m128i *)(const void *)((base) + (at)[i]))

/* Sums of three kinds are side by side in a word, each of the findings in a lane of a batch. */
enum { SUM_BITS = 21, SUMS_OF_WORD = 3, COMMON_KINDS = 2 * SUMS_OF_WORD };

_Static_assert(SUMS_OF_WORD *SUM_BITS >= 63, "of a later kind no more than a bit stays, above the sums");
_Static_assert(COMMON_KINDS <= 8, "the others are told by a shift");
_Static_assert(SP_KINDS <= 5 * SUMS_OF_WORD, "there is a sum for each kind");

#define LANES 4
#define TARGET SP_TARGET_AVX2
#define OF(name) name##_avx2
#include "tokenizer/lanes.inc"

#define LANES 8
#define TARGET SP_TARGET_AVX512
#define OF(name) name##_avx512
#include "tokenizer/lanes.inc"

/* Those of the two entries that are wanted, and zeros for others. Two loads of 16 bytes: one of 32 need not be one
 * access. */
static inline SP_TARGET_AVX2 MAY_RACE __m256i find_two(const sp_cache_key *entries, __m256i wanted)
{
    static const uint8_t at[2] = { 0, 1 };
    const __m256i of_key = _mm256_set_epi64x((long long)SP_CACHE_FOUND_KEY, -1, (long long)SP_CACHE_FOUND_KEY, -1);
    __m256i in_table =
        _mm256_inserti128_si256(_mm256_castsi128_si256(LOAD_KEY(entries, at, 0)), LOAD_KEY(entries, at, 1), 1);
    __m256i other = _mm256_and_si256(_mm256_xor_si256(in_table, wanted), of_key);
    __m256i same = _mm256_cmpeq_epi64(other, _mm256_setzero_si256());
    same = _mm256_and_si256(same, _mm256_shuffle_epi32(same, _MM_SHUFFLE(1, 0, 3, 2)));
    return _mm256_and_si256(same, in_table);
}

/* As sp_cache_found, without a branch. The finding comes from the same load as its key: a place that is claimed looks
 * like the key of a long piece until it is filled. */
static inline SP_TARGET_AVX2 MAY_RACE sp_finding find_in_group_avx2(const sp_cache *cache, uint32_t place,
                                                                    sp_cache_key key)
{
    const sp_cache_key *group = cache->keys + (place & ~(SP_CACHE_GROUP - 1u));
    __m256i wanted = _mm256_broadcastsi128_si256(_mm_set_epi64x((long long)key.high, (long long)key.low));
    __m256i found = _mm256_or_si256(find_two(group, wanted), find_two(group + 2, wanted));
    __m128i one = _mm_or_si128(_mm256_castsi256_si128(found), _mm256_extracti128_si256(found, 1));
    return sp_cache_finding((uint64_t)_mm_extract_epi64(one, 1));
}

static SP_TARGET_AVX2 MAY_RACE void sum_groups_avx2(const sp_cache *cache, sp_batch *b, uint64_t kinds[SP_KINDS])
{
    sum_groups(cache, b, kinds, find_in_group_avx2);
}

#endif

/* ---- by path ---------------------------------------------------------------------------------------------- */

const sp_lookup *sp_lookup_of(sp_path path)
{
    static const sp_lookup portable = { find_portable, count_portable, sum_portable, sum_groups_portable };
#if defined(__x86_64__)
    static const sp_lookup avx512 = { find_avx512, count_avx512, sum_avx512, sum_groups_avx2 };
    static const sp_lookup avx2 = { find_avx2, count_avx2, sum_avx2, sum_groups_avx2 };
    if (sp_path_taken(path) == SP_PATH_AVX512)
        return &avx512;
    if (sp_path_taken(path) == SP_PATH_AVX2)
        return &avx2;
#else
    (void)path;
#endif
    return &portable;
}
