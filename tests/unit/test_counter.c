/*
 * test_counter.c - a counter that remembers pieces counts like one that does not, and goes on when memory was short.
 *
 *   test_counter                         about 300 texts for each encoding and each path, and some of several megabytes
 *   test_counter --texts 20000 --seed 7  more of them
 *
 * What is expected is found without any of the memory: the pieces of split.c, merged one by one.
 */
#include "base/types.h"
#include "nasty.h"
#include "paths.h"
#include "tokenizer/cache.h"
#include "tokenizer/engine.h"
#include "tokenizer/tokens.h"

#include <pthread.h>
#include <stdio.h>

static uint32_t text_count = 300;

enum {
    ENCODINGS = 6,
    MB = 1 << 20,
};

/* ---- memory that runs out: the linker puts these before the C library's ---------------------------------- */

static uint32_t fail_in; /* allocations from now, from 1; 0: none fails */
static bool fail_forever;
static bool has_failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t number, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t number, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static bool fails_now(void)
{
    if (fail_in == 0)
        return false;
    bool fails = fail_in == 1;
    if (fail_in > 1 || (fails && !fail_forever))
        fail_in--;
    has_failed |= fails;
    return fails;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    return fails_now() ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

/* ---- what is expected ------------------------------------------------------------------------------------------ */

static void add_ids(sp_ids *ids, const uint32_t *more, size_t count)
{
    if (ids->capacity - ids->count < count) {
        ids->capacity = 2 * (ids->capacity + count);
        ids->ids = realloc(ids->ids, ids->capacity * sizeof *ids->ids);
        assert_non_null(ids->ids);
    }
    memcpy(ids->ids + ids->count, more, count * sizeof *more);
    ids->count += count;
}

/* Of valid UTF-8 without special tokens. */
static void expect_ordinary(const sp_vocab *vocab, sp_merger *merger, sp_str text, sp_ids *ids)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    size_t ends[64];
    for (size_t at = 0; at < text.len;) {
        size_t count = sp_split(vocab, bytes, at, text.len, ends, 64);
        for (size_t i = 0; i < count; at = ends[i++]) {
            assert_true(sp_merge(vocab, merger, bytes + at, ends[i] - at) > 0);
            add_ids(ids, merger->tokens, merger->count);
        }
    }
}

static sp_ids expect(const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_ids ids = { 0 };
    sp_vocab vocab;
    sp_merger merger;
    sp_vocab_open(&vocab, encoding, SP_PATH_SCALAR);
    sp_merger_init(&merger);
    size_t at = 0, begin, len;
    uint32_t id;
    while (special == SP_SPECIAL_ALLOW && sp_special_find(encoding, text, at, &begin, &len, &id)) {
        expect_ordinary(&vocab, &merger, sp_str_slice(text, at, begin), &ids);
        add_ids(&ids, &id, 1);
        at = begin + len;
    }
    expect_ordinary(&vocab, &merger, sp_str_slice(text, at, text.len), &ids);
    sp_merger_release(&merger);
    return ids;
}

/* ---- texts ---------------------------------------------------------------------------------------------------------
 */

/* A text in a block of exactly its size, and its number of tokens. */
typedef struct sample {
    sp_str text;
    size_t tokens;
} sample;

/* Many pieces again and again, many only once. */
static sp_str large_text(size_t len)
{
    char *text = malloc(len);
    assert_non_null(text);
    size_t used = 0, part_len;
    while (used < len) {
        size_t room = len - used, back = nasty_random(MB);
        if (used > back + 4096 && room > 4096 && nasty_random(2)) { /* what was there before, cut anywhere */
            memcpy(text + used, text + used - back - 4096, 4096);
            used += 4096;
            continue;
        }
        char *part = nasty_text(room < 300 ? room : 300, &part_len);
        if (part_len == 0)
            part[part_len++] = 'x';
        memcpy(text + used, part, part_len);
        used += part_len;
        free(part);
    }
    for (size_t bad = 0; (bad = sp_utf8_find_invalid((sp_str){ text, len }, bad)) < len;)
        text[bad] = '?';
    return (sp_str){ text, len };
}

static sp_str some_text(void)
{
    size_t len;
    if (nasty_random(100) == 0)
        return large_text(1 + nasty_random(40000));
    char *text = nasty_text(nasty_random(nasty_random(4) ? 80 : 2000), &len);
    return (sp_str){ text, len };
}

/* Bytes that are no UTF-8, here and there. */
static void break_text(sp_str text)
{
    for (uint32_t i = 0; text.len > 0 && i <= text.len / 100; i++)
        ((char *)(uintptr_t)text.ptr)[nasty_random((uint32_t)text.len)] = (char)(0x80 + nasty_random(0x80));
}

static sample *make_samples(const sp_encoding *encoding, sp_special special)
{
    sample *samples = malloc(text_count * sizeof *samples);
    assert_non_null(samples);
    for (uint32_t i = 0; i < text_count; i++) {
        samples[i].text = some_text();
        bool is_broken = i % 8 == 0;
        if (is_broken)
            break_text(samples[i].text);
        sp_ids ids = { 0 };
        sp_err err;
        if (is_broken)
            assert_int_equal(sp_encode(encoding, samples[i].text, special, &ids, &err), SP_OK);
        else
            ids = expect(encoding, samples[i].text, special);
        samples[i].tokens = ids.count;
        sp_ids_release(&ids);
    }
    return samples;
}

static void free_samples(sample *samples)
{
    for (uint32_t i = 0; i < text_count; i++)
        free((char *)(uintptr_t)samples[i].text.ptr);
    free(samples);
}

static sp_counter *counter_of(const sp_encoding *encoding, sp_special special)
{
    return counter_by(encoding, special, SP_PATH_BEST);
}

static void check_sample(sp_counter *counter, const sample *s)
{
    sp_err err;
    size_t tokens = SIZE_MAX;
    assert_int_equal(sp_counter_count(counter, s->text, &tokens, &err), SP_OK);
    if (tokens != s->tokens) {
        print_error("%s: %zu tokens, expected %zu: ", sp_encoding_name(counter->encoding), tokens, s->tokens);
        nasty_print(s->text.ptr, s->text.len < 500 ? s->text.len : 500);
        fail();
    }
}

/* ---- sequences
 * ------------------------------------------------------------------------------------------------------- */

/* One counter sees all texts, in order, backwards and at random; each is as long as if it were the only one. */
static void test_any_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ENCODINGS * PATH_COUNT; i++) {
        const sp_encoding *encoding = sp_encoding_at(i / 2 % ENCODINGS);
        sp_special special = i % 2 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT;
        sp_path path = path_names[i / 2 / ENCODINGS].path;
        if (!sp_path_exists(path))
            continue;
        sample *samples = make_samples(encoding, special);
        sp_counter *counter = counter_by(encoding, special, path);
        for (uint32_t j = 0; j < text_count; j++)
            check_sample(counter, &samples[j]);
        for (uint32_t j = text_count; j-- > 0;)
            check_sample(counter, &samples[j]);
        for (uint32_t j = 0; j < text_count; j++) {
            sp_err err;
            size_t tokens;
            const sample *s = &samples[nasty_random(text_count)];
            check_sample(counter, s);
            assert_int_equal(sp_count(encoding, s->text, special, &tokens, &err), SP_OK);
            assert_int_equal(tokens, s->tokens);
        }
        sp_counter_free(counter);
        free_samples(samples);
    }
}

/* More than are wanted: it stops soon, and what it had put off is not left to the next text. */
static void test_stopping(void **state)
{
    (void)state;
    enum { SOON = 20000 }; /* tokens: a batch has less */
    sp_str text = large_text(120000);
    for (size_t i = 0; i < ENCODINGS * PATH_COUNT; i++) {
        sp_path path = path_names[i / ENCODINGS].path;
        if (!sp_path_exists(path))
            continue;
        const sp_encoding *encoding = sp_encoding_at(i % ENCODINGS);
        sp_ids expected = expect(encoding, text, SP_SPECIAL_AS_TEXT);
        assert_true(expected.count > 2 * SOON);
        for (size_t max = 0; max < 6000; max += 1 + nasty_random(1000)) {
            sp_counter *counter = counter_by(encoding, SP_SPECIAL_AS_TEXT, path);
            counter->max_tokens = max;
            assert_true(sp_counter_add(counter, text));
            assert_true(counter->tokens > max && counter->tokens < max + SOON);
            counter->max_tokens = SIZE_MAX;
            check_sample(counter, &(sample){ text, expected.count });
            sp_counter_free(counter);
        }
        sp_ids_release(&expected);
    }
    free((char *)(uintptr_t)text.ptr);
}

/* The table grows from its smallest to its largest while it is in use. */
static void test_growing(void **state)
{
    (void)state;
    static const size_t lens[] = { 0,  1,   15,   16,   17,   31,   32,    33, 63,    64,
                                   65, 500, 1023, 1024, 1025, 5000, 70000, MB, 9 * MB };
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        const sp_encoding *encoding = sp_encoding_at(lens[i] >= MB ? 4 - i % 2 : i % ENCODINGS);
        sp_counter *counter = counter_of(encoding, SP_SPECIAL_AS_TEXT);
        for (size_t j = 0; j <= i; j++) {
            if (lens[j] >= MB && j < i)
                continue;
            sample s = { large_text(lens[j]), 0 };
            sp_ids ids = expect(encoding, s.text, SP_SPECIAL_AS_TEXT);
            s.tokens = ids.count;
            check_sample(counter, &s);
            check_sample(counter, &s);
            sp_ids_release(&ids);
            free((char *)(uintptr_t)s.text.ptr);
        }
        sp_counter_free(counter);
    }
}

/* The same with ids, which are kept elsewhere. */
static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENCODINGS; i++) {
        const sp_encoding *encoding = sp_encoding_at(i);
        sp_ids ids = { 0 };
        sp_counter counter;
        sp_counter_init(&counter, encoding, SP_SPECIAL_ALLOW, &ids, SP_PATH_BEST);
        for (uint32_t j = 0; j < text_count; j++) {
            sp_str text = j == text_count / 2 ? large_text(MB / 2) : some_text();
            sp_ids expected = expect(encoding, text, SP_SPECIAL_ALLOW);
            size_t before = counter.tokens;
            ids.count = 0;
            assert_true(sp_counter_add(&counter, text));
            assert_int_equal(counter.tokens - before, ids.count);
            assert_int_equal(ids.count, expected.count);
            if (ids.count > 0)
                assert_memory_equal(ids.ids, expected.ids, ids.count * sizeof *ids.ids);
            sp_ids_release(&expected);
            free((char *)(uintptr_t)text.ptr);
        }
        sp_counter_release(&counter);
        sp_ids_release(&ids);
    }
}

/* ---- pieces of every length, with NUL at every place --------------------------------------------------------------
 */

static void check_alone_and_amid(sp_counter *counter, const char *piece, size_t len)
{
    char text[1024];
    size_t used = 0;
    for (size_t i = 0; i < 3; i++) { /* behind a number, before one: there it is a piece */
        text[used++] = '1';
        memcpy(text + used, piece, len);
        used += len;
    }
    memcpy(text + used, "1 and some more", 15);
    used += 15;
    sp_str both[] = { { piece, len }, { text, used } };
    for (size_t i = 0; i < 2; i++) {
        sp_ids expected = expect(counter->encoding, both[i], SP_SPECIAL_AS_TEXT);
        sample s = { both[i], expected.count };
        check_sample(counter, &s);
        sp_ids_release(&expected);
    }
}

/* A piece that ends in NUL is not the one without; neither is one that is NUL alone nothing. The lengths are those up
 * to and past which pieces are remembered in one way or another. */
static void test_nul(void **state)
{
    (void)state;
    static const size_t lens[] = { 1, 2, 3, 7, 8, 9, 14, 15, 16, 17, 125, 126, 127, 128 };
    for (size_t i = 0; i < ENCODINGS; i++) {
        sp_counter *counter = counter_of(sp_encoding_at(i), SP_SPECIAL_AS_TEXT);
        for (size_t j = 0; j < sizeof lens / sizeof *lens; j++) {
            char piece[128];
            size_t len = lens[j];
            memset(piece, '!', len);
            check_alone_and_amid(counter, piece, len);
            for (size_t at = 0; at < len; at++) {
                piece[at] = '\0';
                check_alone_and_amid(counter, piece, len);
                piece[at] = '!';
            }
            for (size_t at = len; at-- > 0;) { /* and more and more of them at the end */
                piece[at] = '\0';
                check_alone_and_amid(counter, piece, len);
            }
        }
        sp_counter_free(counter);
    }
}

/* Pieces that differ in one byte only, at every place, of every length; in the smallest table, where they stand side by
 * side. */
static void test_near_pieces(void **state)
{
    (void)state;
    char piece[130];
    for (size_t len = 1; len <= sizeof piece; len++)
        for (size_t at = 0; at < len; at++) {
            const sp_encoding *encoding = sp_encoding_at((len + at) % ENCODINGS);
            sp_counter *counter = counter_of(encoding, SP_SPECIAL_AS_TEXT);
            for (size_t i = 0; i < 4; i++) {
                memset(piece, 'a', len);
                piece[at] = i % 2 ? 'b' : 'a';
                sp_ids expected = expect(encoding, (sp_str){ piece, len }, SP_SPECIAL_AS_TEXT);
                check_sample(counter, &(sample){ { piece, len }, expected.count });
                sp_ids_release(&expected);
            }
            sp_counter_free(counter);
        }
}

/* Two pieces have the same key if they are the same, whatever stands behind them; too long a one is never found. */
static void test_keys(void **state)
{
    (void)state;
    uint8_t one[2 * SP_CACHE_PAD], other[2 * SP_CACHE_PAD];
    for (uint32_t i = 0; i < 400 * text_count; i++) {
        for (size_t j = 0; j < sizeof one; j++) {
            one[j] = (uint8_t)(nasty_random(3) ? 0 : nasty_random(256));
            other[j] = nasty_random(10) ? one[j] : (uint8_t)nasty_random(256);
        }
        size_t len = 1 + nasty_random(SP_CACHE_MAX_PIECE + 2), other_len = nasty_random(2) ? len : len + 1;
        sp_cache_key key = sp_cache_key_of(one, len), in_table = key;
        bool is_same = len == other_len && len <= SP_CACHE_MAX_PIECE && memcmp(one, other, len) == 0;
        in_table.high |= (uint64_t)(1 + i % SP_CACHE_MAX_TOKENS) << 60;
        if (len <= SP_CACHE_MAX_PIECE) {
            size_t found = sp_cache_tokens(in_table, sp_cache_key_of(other, other_len));
            assert_int_equal(found, is_same ? 1 + i % SP_CACHE_MAX_TOKENS : 0);
        }
        assert_int_equal(sp_cache_tokens((sp_cache_key){ 0, 0 }, key), 0);
    }
}

/* ---- several counters
 * -------------------------------------------------------------------------------------------------- */

static void test_interleaved(void **state)
{
    (void)state;
    sample *samples[ENCODINGS];
    sp_counter *counters[2 * ENCODINGS];
    for (size_t i = 0; i < ENCODINGS; i++) {
        samples[i] = make_samples(sp_encoding_at(i), SP_SPECIAL_AS_TEXT);
        counters[2 * i] = counter_of(sp_encoding_at(i), SP_SPECIAL_AS_TEXT);
        counters[2 * i + 1] = counter_of(sp_encoding_at(i), SP_SPECIAL_AS_TEXT);
    }
    for (uint32_t i = 0; i < 4 * text_count; i++) {
        uint32_t which = nasty_random(2 * ENCODINGS);
        check_sample(counters[which], &samples[which / 2][nasty_random(text_count)]);
    }
    for (size_t i = 0; i < ENCODINGS; i++) {
        sp_counter_free(counters[2 * i]);
        sp_counter_free(counters[2 * i + 1]);
        free_samples(samples[i]);
    }
}

typedef struct job {
    pthread_t thread;
    const sp_encoding *encoding;
    sp_shared_cache *shared; /* or NULL */
    sp_path path;
    const sample *samples;
    uint32_t count;
    uint32_t first;
    size_t wrong;
    unsigned shared_bits; /* of the table that it shared behind the last text that it did so */
    bool has_left;        /* it went on with its own, for that was full, at the end of a text or within one */
} job;

static sp_status job_counter(const job *j, sp_counter **ret, sp_err *err)
{
    sp_status status = j->shared ? sp_counter_new_sharing(j->shared, SP_SPECIAL_AS_TEXT, ret, err)
                                 : sp_counter_new(j->encoding, SP_SPECIAL_AS_TEXT, ret, err);
    if (status == SP_OK && j->path != SP_PATH_BEST) {
        sp_shared_cache *shared = (*ret)->cache.shared;
        sp_counter_init(*ret, j->encoding, SP_SPECIAL_AS_TEXT, NULL, j->path);
        (*ret)->cache.shared = shared;
        (*ret)->cache.goes_on = true;
    }
    return status;
}

/* No cmocka in here: it is for one thread. */
static void *count_all(void *argument)
{
    job *j = argument;
    sp_err err;
    sp_counter *counter;
    if (job_counter(j, &counter, &err) != SP_OK)
        return NULL;
    j->wrong = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        const sample *s = &j->samples[(j->first + i) % j->count];
        size_t tokens = 0, again = 0;
        j->wrong += sp_counter_count(counter, s->text, &tokens, &err) != SP_OK || tokens != s->tokens;
        j->wrong += sp_count(j->encoding, s->text, SP_SPECIAL_AS_TEXT, &again, &err) != SP_OK || again != s->tokens;
        if (counter->cache.table)
            j->shared_bits = counter->cache.bits;
    }
    j->has_left = j->shared && !counter->cache.shared;
    sp_counter_free(counter);
    return NULL;
}

/* Each begins somewhere else. */
static void run_jobs(job *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        jobs[i].first = i * jobs[i].count / count;
        jobs[i].wrong = SIZE_MAX;
        assert_int_equal(pthread_create(&jobs[i].thread, NULL, count_all, &jobs[i]), 0);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
        assert_int_equal(jobs[i].wrong, 0);
    }
}

static sp_shared_cache *shared_of(const sp_encoding *encoding)
{
    sp_shared_cache *shared;
    sp_err err;
    assert_int_equal(sp_shared_cache_new(encoding, &shared, &err), SP_OK);
    return shared;
}

/* Four threads for each encoding, which share what they know, or not. */
static void check_threads(bool is_shared)
{
    enum { THREADS = 4 * ENCODINGS };
    job jobs[THREADS];
    sample *samples[ENCODINGS];
    sp_shared_cache *shared[ENCODINGS] = { 0 };
    for (size_t i = 0; i < ENCODINGS; i++) {
        samples[i] = make_samples(sp_encoding_at(i), SP_SPECIAL_AS_TEXT);
        shared[i] = is_shared ? shared_of(sp_encoding_at(i)) : NULL;
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        size_t which = i % ENCODINGS;
        jobs[i] = (job){ .encoding = sp_encoding_at(which), .shared = shared[which], .samples = samples[which] };
        jobs[i].count = text_count;
        /* the thread sanitizer does not see all of the others */
        jobs[i].path = i / ENCODINGS % 2 ? SP_PATH_SCALAR : SP_PATH_BEST;
    }
    run_jobs(jobs, THREADS);
    for (uint32_t i = 0; i < THREADS; i++)
        assert_int_equal(jobs[i].shared_bits > 0, is_shared);
    for (size_t i = 0; i < ENCODINGS; i++) {
        sp_shared_cache_free(shared[i]);
        free_samples(samples[i]);
    }
}

static void test_threads(void **state)
{
    (void)state;
    check_threads(false);
}

static void test_threads_sharing(void **state)
{
    (void)state;
    check_threads(true);
}

/* As many words as said that are in no other text, or in all, in turn. */
static sample sample_of_words(const sp_encoding *encoding, uint32_t words, uint32_t seed)
{
    enum { WORD = 7 };
    char *text = malloc((size_t)words * WORD);
    assert_non_null(text);
    for (uint32_t i = 0; i < words; i++) {
        uint32_t rest = (i % 2 ? i : i + seed) * 2654435761u;
        text[(size_t)i * WORD] = ' ';
        for (size_t j = 1; j < WORD; j++, rest /= 26)
            text[(size_t)i * WORD + j] = (char)('a' + rest % 26);
    }
    sample s = { { text, (size_t)words * WORD }, 0 };
    if (sp_is_weighed(encoding)) { /* which has no other definition; test_estimate holds it to that of pieces */
        sp_err err;
        assert_int_equal(sp_count(encoding, s.text, SP_SPECIAL_AS_TEXT, &s.tokens, &err), SP_OK);
        return s;
    }
    sp_ids ids = expect(encoding, s.text, SP_SPECIAL_AS_TEXT);
    s.tokens = ids.count;
    sp_ids_release(&ids);
    return s;
}

/* More pieces than the largest table holds: it is shared until it is full. */
static void check_sharing_much(const sp_encoding *encoding)
{
    enum { THREADS = 4, SAMPLES = 8, WORDS = 100000 };
    sample samples[SAMPLES];
    job jobs[THREADS];
    size_t left = 0;
    for (uint32_t i = 0; i < SAMPLES; i++)
        samples[i] = sample_of_words(encoding, WORDS, (i + 1) * WORDS);
    sp_shared_cache *shared = shared_of(encoding);
    for (uint32_t i = 0; i < THREADS; i++)
        jobs[i] = (job){ .encoding = encoding,
                         .shared = shared,
                         .path = i % 2 ? SP_PATH_SCALAR : SP_PATH_BEST,
                         .samples = samples,
                         .count = SAMPLES };
    run_jobs(jobs, THREADS);
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_true(jobs[i].shared_bits == 19 || jobs[i].has_left);
        left += jobs[i].has_left;
    }
    assert_true(left > 0);
    sp_shared_cache_free(shared);
    for (uint32_t i = 0; i < SAMPLES; i++)
        free((char *)(uintptr_t)samples[i].text.ptr);
}

static void test_sharing_much(void **state)
{
    (void)state;
    check_sharing_much(sp_encoding_find(SP_STR("cl100k_base")));
}

static void test_sharing_many_estimates(void **state)
{
    (void)state;
    check_sharing_much(sp_encoding_find(SP_STR("claude-v3")));
}

static sp_counter *counter_sharing(sp_shared_cache *shared)
{
    sp_counter *counter;
    sp_err err;
    assert_int_equal(sp_counter_new_sharing(shared, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    return counter;
}

static void count_text_of(sp_counter *counter, const char *text)
{
    sp_err err;
    size_t tokens;
    assert_int_equal(sp_counter_count(counter, (sp_str){ text, strlen(text) }, &tokens, &err), SP_OK);
}

static size_t known_in(const sp_counter *counter, const char *piece)
{
    uint8_t padded[2 * SP_CACHE_PAD] = { 0 };
    memcpy(padded, piece, strlen(piece));
    sp_cache_key key = sp_cache_key_of(padded, strlen(piece));
    uint32_t place = sp_cache_place(&counter->cache, key);
    return counter->cache.has_findings ? sp_cache_found(&counter->cache, place, key).ticks
                                       : sp_cache_known(&counter->cache, place, key);
}

/* The others find each piece that one of them merged or estimated, also in a larger table. */
static void check_sharing_finds(const sp_encoding *encoding)
{
    sp_shared_cache *shared = shared_of(encoding);
    sp_counter *one = counter_sharing(shared), *other = counter_sharing(shared), *alone = counter_of(encoding, 0);
    count_text_of(one, "zyxwvq");
    count_text_of(other, "a");
    count_text_of(alone, "a");
    assert_true(known_in(one, "zyxwvq") > 1);
    assert_int_equal(known_in(other, "zyxwvq"), known_in(one, "zyxwvq"));
    assert_int_equal(known_in(alone, "zyxwvq"), 0);
    sample large = sample_of_words(encoding, 5000, 5000);
    unsigned bits = other->cache.bits;
    for (int i = 0; i < 2; i++)
        check_sample(other, &large);
    count_text_of(one, "a");
    assert_true(other->cache.bits > bits);
    assert_int_equal(one->cache.bits, other->cache.bits);
    assert_true(known_in(one, "zyxwvq") > 1 && known_in(other, "zyxwvq") > 1);
    assert_ptr_equal(one->cache.keys, other->cache.keys);
    free((char *)(uintptr_t)large.text.ptr);
    sp_counter_free(one);
    sp_counter_free(other);
    sp_counter_free(alone);
    sp_shared_cache_free(shared);
}

static void test_sharing_finds(void **state)
{
    (void)state;
    check_sharing_finds(sp_encoding_find(SP_STR("cl100k_base")));
    check_sharing_finds(sp_encoding_find(SP_STR("claude-v3")));
}

/* A table grows however few places each counter takes of it. */
static void test_sharing_in_turn(void **state)
{
    (void)state;
    enum { MAX_COUNTERS = 100, WORDS = 4000, WORD = 7, TEXT = 4 * WORD };
    const sp_encoding *encoding = sp_encoding_find(SP_STR("o200k_base"));
    sample words = sample_of_words(encoding, WORDS, WORDS);
    for (uint32_t count = 1; count <= MAX_COUNTERS; count = count * 3 + 1) {
        sp_counter *counters[MAX_COUNTERS];
        sp_shared_cache *shared = shared_of(encoding);
        for (uint32_t i = 0; i < count; i++)
            counters[i] = counter_sharing(shared);
        for (uint32_t i = 0; i < 2 * words.text.len / TEXT; i++) {
            size_t at = i * (size_t)TEXT % (words.text.len - TEXT), tokens;
            sp_err err;
            sp_str text = sp_str_slice(words.text, at, at + TEXT);
            assert_int_equal(sp_counter_count(counters[i % count], text, &tokens, &err), SP_OK);
        }
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(counters[i]->cache.bits, 13);
            sp_counter_free(counters[i]);
        }
        sp_shared_cache_free(shared);
    }
    free((char *)(uintptr_t)words.text.ptr);
}

/* A piece that is too long for a key is not taken for one that another thread is putting there. */
static void test_shared_long_pieces(void **state)
{
    (void)state;
    static const char *const names[] = { "cl100k_base", "claude-v3" };
    static const char text[] = "supercalifragilisticexpialidocious supercalifragilisticexpialidocious "
                               "supercalifragilisticexpialidocious supercalifragilisticexpialidocious "
                               "supercalifragilisticexpialidocious supercalifragilisticexpialidocious "
                               "supercalifragilisticexpialidocious supercalifragilisticexpialidocious";
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        sp_err err;
        size_t tokens, expected;
        const sp_encoding *encoding = sp_encoding_find(sp_str_of(names[i]));
        sp_shared_cache *shared = shared_of(encoding);
        sp_counter *counter = counter_sharing(shared);
        count_text_of(counter, "a");
        const sp_cache_key never_found = sp_cache_key_of((const uint8_t *)text, SP_CACHE_MAX_PIECE + 1);
        counter->cache.keys[sp_cache_place(&counter->cache, never_found)] = (sp_cache_key){ 0, 1 };
        assert_int_equal(sp_counter_count(counter, sp_str_of(text), &tokens, &err), SP_OK);
        assert_int_equal(sp_count(encoding, sp_str_of(text), SP_SPECIAL_AS_TEXT, &expected, &err), SP_OK);
        assert_int_equal(tokens, expected);
        sp_counter_free(counter);
        sp_shared_cache_free(shared);
    }
}

/* What stands in a place stays there, and nothing is put where another thread is at it. */
static void test_shared_places(void **state)
{
    (void)state;
    sp_shared_cache *shared = shared_of(sp_encoding_find(SP_STR("cl100k_base")));
    sp_counter *counter = counter_sharing(shared);
    count_text_of(counter, "a");
    sp_cache *cache = &counter->cache;
    uint32_t place = 0;
    while (cache->keys[place].high || cache->keys[place ^ 1].high || cache->keys[place ^ 2].high ||
           cache->keys[place ^ 3].high)
        place++;
    const sp_cache_key being_put = { 0, 1 };
    cache->keys[place ^ 1] = being_put;
    for (uint64_t i = 1; i <= 5; i++) {
        sp_cache_key entry = { i, (uint64_t)2 << 60 | (uint64_t)8 << 56 };
        static const uint32_t places[] = { 0, 0, 2, 3, 0, 0 };
        assert_int_equal(sp_cache_put(cache, place, entry, NULL, 0), place ^ places[i]);
        assert_int_equal(sp_cache_put(cache, place, entry, NULL, 0), place ^ places[i]);
    }
    assert_memory_equal(&cache->keys[place ^ 1], &being_put, sizeof being_put);
    static const uint64_t lows[] = { 1, 0, 2, 3 };
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(cache->keys[place ^ i].low, lows[i]);
    sp_counter_free(counter);
    sp_shared_cache_free(shared);
}

/* ---- when memory is short
 * ------------------------------------------------------------------------------------------------ */

/* Small texts, and one for which everything has to grow. */
typedef struct growth {
    const sp_encoding *encoding;
    sample small, large;
} growth;

static growth growth_of(const sp_encoding *encoding)
{
    growth g = { .encoding = encoding };
    sample *both[] = { &g.small, &g.large };
    for (size_t i = 0; i < 2; i++) {
        both[i]->text = large_text(i == 0 ? 200 : 20000);
        break_text((sp_str){ both[i]->text.ptr + both[i]->text.len / 2, 1 });
        sp_err err;
        assert_int_equal(sp_count(encoding, both[i]->text, SP_SPECIAL_ALLOW, &both[i]->tokens, &err), SP_OK);
    }
    return g;
}

static void growth_release(growth *g)
{
    free((char *)(uintptr_t)g->small.text.ptr);
    free((char *)(uintptr_t)g->large.text.ptr);
}

/* A piece stands in one place, however often it comes before it is there, and is counted there once. */
static void test_counter_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENCODINGS; i++) {
        if (sp_engine_of(sp_encoding_at(i)))
            continue;
        static const char words[] = " the cat, zyxwvq and xqzpt";
        char text[1000 * (sizeof words - 1)];
        for (size_t at = 0; at < sizeof text; at += sizeof words - 1)
            memcpy(text + at, words, sizeof words - 1);
        sp_counter *counter = counter_of(sp_encoding_at(i), SP_SPECIAL_AS_TEXT);
        size_t tokens, taken = 0;
        sp_err err;
        assert_int_equal(sp_counter_count(counter, (sp_str){ text, sizeof text }, &tokens, &err), SP_OK);
        for (size_t place = 0; place >> counter->cache.bits == 0; place++)
            taken += counter->cache.keys[place].high != 0;
        assert_int_equal(taken, 6);
        assert_int_equal(counter->cache.used, taken);
        sp_counter_free(counter);
    }
}

/* Each allocation fails once, alone or with all that follow, until none is left to fail. */
typedef struct fault {
    uint32_t at;
    bool forever;
} fault;

static void begin_fault(fault f)
{
    fail_in = f.at;
    fail_forever = f.forever;
    has_failed = false;
}

static bool end_fault(fault *f)
{
    fail_in = 0;
    if (has_failed)
        f->at++;
    else if (!f->forever)
        *f = (fault){ 1, true };
    else
        return false;
    return true;
}

static void test_counter_without_memory(void **state)
{
    (void)state;
    size_t survivals_sharing = 0;
    for (size_t i = 0; i < 2 * ENCODINGS; i++) {
        growth g = growth_of(sp_encoding_at(i / 2));
        size_t failures = 0, survivals = 0;
        fault f = { 1, false };
        do {
            sp_err err;
            size_t tokens = 12345;
            sp_shared_cache *shared = shared_of(g.encoding);
            sp_counter *counter, *other;
            assert_int_equal(sp_counter_new_sharing(shared, SP_SPECIAL_ALLOW, &other, &err), SP_OK);
            if (i % 2)
                assert_int_equal(sp_counter_new_sharing(shared, SP_SPECIAL_ALLOW, &counter, &err), SP_OK);
            else
                counter = counter_of(g.encoding, SP_SPECIAL_ALLOW);
            if (f.at % 2)
                check_sample(i % 2 && f.at % 4 == 3 ? other : counter, &g.small);
            begin_fault(f);
            sp_status status = sp_counter_count(counter, g.large.text, &tokens, &err);
            fail_in = 0;
            /* it may do without: the old cache serves where a larger one cannot be had */
            assert_true(status == SP_OK || (status == SP_ERR_NO_MEMORY && has_failed));
            assert_int_equal(tokens, status != SP_OK ? 12345 : g.large.tokens);
            failures += status != SP_OK;
            survivals += has_failed && status == SP_OK;
            check_sample(counter, &g.small);
            check_sample(counter, &g.large);
            check_sample(other, &g.large);
            sp_counter_free(counter);
            sp_counter_free(other);
            sp_shared_cache_free(shared);
        } while (end_fault(&f));
        assert_true(f.at > 2 && failures > 0 && (survivals > 0 || i % 2));
        survivals_sharing += i % 2 ? survivals : 0;
        growth_release(&g);
    }
    assert_true(survivals_sharing > 0);
}

/* The ids there were stay, and no new ones come. */
static void test_encode_without_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENCODINGS; i++) {
        growth g = growth_of(sp_encoding_at(i));
        sp_err err;
        sp_ids expected = { 0 };
        assert_int_equal(sp_encode(g.encoding, g.small.text, SP_SPECIAL_ALLOW, &expected, &err), SP_OK);
        assert_int_equal(sp_encode(g.encoding, g.large.text, SP_SPECIAL_ALLOW, &expected, &err), SP_OK);
        fault f = { 1, false };
        do {
            sp_ids ids = { 0 };
            assert_int_equal(sp_encode(g.encoding, g.small.text, SP_SPECIAL_ALLOW, &ids, &err), SP_OK);
            begin_fault(f);
            sp_status status = sp_encode(g.encoding, g.large.text, SP_SPECIAL_ALLOW, &ids, &err);
            fail_in = 0;
            assert_true(status == SP_OK || (status == SP_ERR_NO_MEMORY && has_failed));
            assert_int_equal(ids.count, status == SP_OK ? expected.count : g.small.tokens);
            if (status != SP_OK)
                assert_int_equal(sp_encode(g.encoding, g.large.text, SP_SPECIAL_ALLOW, &ids, &err), SP_OK);
            assert_int_equal(ids.count, expected.count);
            assert_memory_equal(ids.ids, expected.ids, ids.count * sizeof *ids.ids);
            sp_ids_release(&ids);
        } while (end_fault(&f));
        sp_ids_release(&expected);
        growth_release(&g);
    }
}

/* Nothing is given back, and nothing is left behind: the latter a sanitizer sees. */
static void test_the_rest_without_memory(void **state)
{
    (void)state;
    enum { CALLS = 5 };
    for (size_t i = 0; i < ENCODINGS; i++) {
        growth g = growth_of(sp_encoding_at(i));
        sp_shared_cache *shared = shared_of(g.encoding);
        size_t failures[CALLS] = { 0 }, third_len, third_tokens;
        sp_err fine;
        assert_int_equal(sp_truncate(g.encoding, g.large.text, SP_SPECIAL_ALLOW, g.large.tokens / 3, &third_len,
                                     &third_tokens, &fine),
                         SP_OK);
        fault f = { 1, false };
        bool goes_on = true;
        for (uint32_t what = 0; goes_on || what % CALLS; what++) {
            sp_err err;
            uint32_t *ends = NULL;
            sp_counter *counter = NULL;
            sp_shared_cache *other = NULL;
            size_t count = 0, len = 0, tokens = 0;
            sp_status status = SP_OK;
            begin_fault(f);
            switch (what % CALLS) {
            case 0:
                status = sp_token_ends(g.encoding, g.large.text, SP_SPECIAL_ALLOW, &ends, &count, &err);
                break;
            case 1:
                status =
                    sp_truncate(g.encoding, g.large.text, SP_SPECIAL_ALLOW, g.large.tokens / 3, &len, &tokens, &err);
                break;
            case 2:
                status = sp_counter_new(g.encoding, SP_SPECIAL_ALLOW, &counter, &err);
                break;
            case 3:
                status = sp_shared_cache_new(g.encoding, &other, &err);
                break;
            default:
                status = sp_counter_new_sharing(shared, SP_SPECIAL_ALLOW, &counter, &err);
            }
            bool failed = has_failed;
            fail_in = 0;
            /* as above: in the first two an old cache may serve */
            assert_int_equal(status, failed && (status != SP_OK || what % CALLS > 1) ? SP_ERR_NO_MEMORY : SP_OK);
            assert_true(status == SP_OK || (!ends && !counter && !other && len == 0));
            assert_int_equal(count, status == SP_OK && what % CALLS == 0 ? g.large.tokens : 0);
            assert_int_equal(len, status == SP_OK && what % CALLS == 1 ? third_len : 0);
            failures[what % CALLS] += status != SP_OK;
            free(ends);
            sp_counter_free(counter);
            sp_shared_cache_free(other);
            if (what % CALLS == 0)
                goes_on = end_fault(&f);
        }
        for (size_t call = 0; call < CALLS; call++)
            assert_true(failures[call] > 0);
        sp_shared_cache_free(shared);
        growth_release(&g);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--texts") == 0 && i + 1 < argc)
            text_count = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            nasty_seed = strtoull(argv[++i], NULL, 10) | (uint64_t)1 << 32;
        else {
            fprintf(stderr, "usage: %s [--texts N] [--seed N]\n", argv[0]);
            return 2;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_growing),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_near_pieces),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_interleaved),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_sharing),
        cmocka_unit_test(test_sharing_much),
        cmocka_unit_test(test_sharing_many_estimates),
        cmocka_unit_test(test_sharing_finds),
        cmocka_unit_test(test_sharing_in_turn),
        cmocka_unit_test(test_shared_long_pieces),
        cmocka_unit_test(test_shared_places),
        cmocka_unit_test(test_counter_places),
        cmocka_unit_test(test_counter_without_memory),
        cmocka_unit_test(test_encode_without_memory),
        cmocka_unit_test(test_the_rest_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
