/*
 * test_merge.c - merging against the definition of byte-pair encoding: join the two neighbours whose token has the
 * lowest rank, the leftmost first, until no two have one.
 *
 *   test_merge                          the pieces below
 *   test_merge --pieces 50000 --seed 7  more random ones, and more that repeat
 *
 * The definition is written out here, and slow. All it knows is what bytes a token has, from sp_decode: it shares no
 * other table with what it checks.
 */
#include "base/types.h"
#include "nasty.h"
#include "paths.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

static uint32_t pieces = 400;

static const char *const names[] = { "r50k_base", "p50k_base", "cl100k_base", "o200k_base" };

#define NAMES (sizeof names / sizeof *names)

/* ---- the vocabulary, by its bytes -------------------------------------------------------------------------- */

enum {
    SLOT_BITS = 20,
    SLOTS = 1 << SLOT_BITS,
    MAX_TOKENS = 201000,
};

typedef struct spelling {
    uint8_t bytes[SP_TOKEN_MAX_BYTES];
    size_t len;
} spelling;

typedef struct book {
    const sp_encoding *encoding;
    spelling *tokens;
    uint32_t *slots; /* token + 1 by a hash of its bytes; 0: none */
    sp_vocab vocab;
    sp_merger merger;
    uint32_t bytes[256];
} book;

static uint32_t slot_of(const uint8_t *bytes, size_t len)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return (uint32_t)((hash * 0x9E3779B97F4A7C15u) >> (64 - SLOT_BITS));
}

/* The token that is spelled so; or SP_NO_TOKEN. */
static uint32_t token_of(const book *b, const uint8_t *bytes, size_t len)
{
    for (uint32_t slot = slot_of(bytes, len); b->slots[slot]; slot = (slot + 1) % SLOTS) {
        const spelling *token = &b->tokens[b->slots[slot] - 1];
        if (token->len == len && memcmp(token->bytes, bytes, len) == 0)
            return b->slots[slot] - 1;
    }
    return SP_NO_TOKEN;
}

static void add_token(book *b, uint32_t token)
{
    sp_err err;
    char *bytes;
    size_t len;
    if (!sp_token_is_ordinary(b->encoding, token))
        return;
    assert_int_equal(sp_decode(b->encoding, &token, 1, &bytes, &len, &err), SP_OK);
    assert_in_range(len, 1, SP_TOKEN_MAX_BYTES);
    memcpy(b->tokens[token].bytes, bytes, len);
    b->tokens[token].len = len;
    assert_int_equal(token_of(b, (uint8_t *)bytes, len), SP_NO_TOKEN);
    uint32_t slot = slot_of((uint8_t *)bytes, len);
    while (b->slots[slot])
        slot = (slot + 1) % SLOTS;
    b->slots[slot] = token + 1;
    if (len == 1)
        b->bytes[(uint8_t)*bytes] = token;
    free(bytes);
}

static book books[NAMES];

static void open_book(book *b, const char *name)
{
    b->encoding = sp_encoding_find(sp_str_of(name));
    b->tokens = calloc(MAX_TOKENS, sizeof *b->tokens);
    b->slots = calloc(SLOTS, sizeof *b->slots);
    assert_true(b->encoding && b->tokens && b->slots);
    for (uint32_t token = 0; token < MAX_TOKENS; token++)
        add_token(b, token);
    sp_vocab_open(&b->vocab, b->encoding, SP_PATH_BEST);
    sp_merger_init(&b->merger);
}

static int open_books(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++)
        open_book(&books[i], names[i]);
    return 0;
}

static int close_books(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        sp_merger_release(&books[i].merger);
        free(books[i].tokens);
        free(books[i].slots);
    }
    return 0;
}

/* ---- the definition ----------------------------------------------------------------------------------------- */

/* The token that two join into; or SP_NO_TOKEN. */
static uint32_t joined(const book *b, uint32_t left, uint32_t right)
{
    uint8_t both[2 * SP_TOKEN_MAX_BYTES];
    const spelling *l = &b->tokens[left], *r = &b->tokens[right];
    if (l->len + r->len > SP_TOKEN_MAX_BYTES)
        return SP_NO_TOKEN;
    memcpy(both, l->bytes, l->len);
    memcpy(both + l->len, r->bytes, r->len);
    return token_of(b, both, l->len + r->len);
}

/* Joins those that join into rank, which is the lowest there is, from left to right. As nothing to the left of a join
 * can have become rank (it would be longer), the next one is the leftmost again, unless two neighbours now join into
 * less: then it is left at that, and the rest is only moved up. Returns how many tokens there are. */
static size_t join_rank(const book *b, uint32_t rank, uint32_t *tokens, uint32_t *next, size_t count)
{
    size_t to = 0;
    bool is_lowest = true;
    for (size_t from = 0; from < count; to++) {
        bool joins = is_lowest && next[from] == rank;
        tokens[to] = joins ? rank : tokens[from];
        next[to] = next[from];
        from += joins ? 2 : 1;
        if (joins) {
            next[to] = from < count ? joined(b, rank, tokens[from]) : SP_NO_TOKEN;
            is_lowest = next[to] > rank;
        }
        if (joins && to > 0) {
            next[to - 1] = joined(b, tokens[to - 1], rank);
            is_lowest = is_lowest && next[to - 1] > rank;
        }
    }
    return to;
}

/* Overwrites tokens, which are those of the single bytes, with what they are joined into, and returns how many. next is
 * room for what each joins into with the one after it. */
static size_t join_all(const book *b, uint32_t *tokens, uint32_t *next, size_t count)
{
    for (size_t i = 0; i < count; i++)
        next[i] = i + 1 < count ? joined(b, tokens[i], tokens[i + 1]) : SP_NO_TOKEN;
    for (;;) {
        uint32_t lowest = SP_NO_TOKEN;
        for (size_t i = 0; i < count; i++)
            lowest = next[i] < lowest ? next[i] : lowest;
        if (lowest == SP_NO_TOKEN)
            return count;
        count = join_rank(b, lowest, tokens, next, count);
    }
}

static void check_piece(book *b, const uint8_t *piece, size_t len)
{
    uint32_t *expected = malloc(2 * len * sizeof *expected);
    assert_non_null(expected);
    for (size_t i = 0; i < len; i++)
        expected[i] = b->bytes[piece[i]];
    size_t expected_count = join_all(b, expected, expected + len, len);
    size_t only_count = sp_merge_count(&b->vocab, &b->merger, piece, len);
    size_t count = sp_merge(&b->vocab, &b->merger, piece, len);
    assert_int_equal(only_count, count);
    if (count != expected_count || memcmp(expected, b->merger.tokens, count * sizeof *expected) != 0) {
        print_error("%s: %zu bytes are %zu tokens, and by definition %zu:\n", sp_encoding_name(b->encoding), len, count,
                    expected_count);
        nasty_print((const char *)piece, len < 2000 ? len : 2000);
        fail();
    }
    free(expected);
}

/* In a block of its own, so that a sanitizer sees a look beyond it. */
static void check_everywhere(const uint8_t *piece, size_t len)
{
    uint8_t *exact = malloc(len);
    assert_non_null(exact);
    memcpy(exact, piece, len);
    for (size_t i = 0; i < NAMES; i++)
        check_piece(&books[i], exact, len);
    free(exact);
}

/* ---- random pieces -------------------------------------------------------------------------------------------- */

/* Of tokens, of few letters, of nasty texts, of any bytes: pieces need not be such as the patterns make. */
static size_t random_piece(uint8_t *piece, size_t len)
{
    static const char *const alphabets[] = { "ab", "aB ", "etaoin", "0123456789", " \n\t", "-=*#", "\xE4\xB8\xAD\x96" };
    const char *alphabet = alphabets[nasty_random(sizeof alphabets / sizeof *alphabets)];
    const book *b = &books[nasty_random(NAMES)];
    uint32_t kind = nasty_random(4);
    size_t used = 0;
    while (used < len) {
        uint32_t token = nasty_random(nasty_random(2) ? 2000 : 50000);
        const spelling *s = &b->tokens[token];
        if (kind == 0)
            piece[used++] = (uint8_t)nasty_random(256);
        else if (kind == 1)
            piece[used++] = (uint8_t)alphabet[nasty_random((uint32_t)strlen(alphabet))];
        else if (kind == 2 && s->len <= len - used) {
            memcpy(piece + used, s->bytes, s->len);
            used += s->len;
        } else
            piece[used++] = (uint8_t)(kind == 2 ? ' ' : 'a' + nasty_random(26));
    }
    return used;
}

static void test_random(void **state)
{
    (void)state;
    uint8_t piece[3000];
    for (uint32_t i = 0; i < 10 * pieces; i++) {
        size_t limit = i % 100 == 0 ? sizeof piece : i % 10 == 0 ? 300 : 40;
        check_everywhere(piece, random_piece(piece, 1 + nasty_random((uint32_t)limit)));
    }
}

/* ---- words side by side ----------------------------------------------------------------------------------------- */

/* As many as there is room for, or fewer, each as if it were alone. */
static void check_words(book *b, const sp_vocab *vocab, unsigned room)
{
    static sp_words words;
    uint8_t pieces_of[SP_WORDS_MAX][SP_WORDS_LONG];
    size_t lens[SP_WORDS_MAX];
    unsigned count = 1 + nasty_random(SP_WORDS_PLACES / room);
    sp_words_init(&words, room);
    for (unsigned i = 0; i < count; i++) {
        bool is_again = i > 0 && nasty_random(10) == 0;
        lens[i] = is_again ? lens[i - 1] : random_piece(pieces_of[i], 1 + nasty_random(room - 1));
        memcpy(pieces_of[i], pieces_of[is_again ? i - 1 : i], lens[i]);
        sp_words_add(vocab, &words, pieces_of[i], lens[i]);
    }
    vocab->merge_words(vocab, &words);
    for (unsigned i = 0; i < count; i++) {
        uint32_t ids[SP_WORDS_LONG];
        check_piece(b, pieces_of[i], lens[i]);
        assert_int_equal(sp_words_tokens(&words, i), b->merger.count);
        assert_int_equal(sp_words_ids(&words, i, ids), b->merger.count);
        assert_memory_equal(ids, b->merger.tokens, b->merger.count * sizeof *ids);
    }
}

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES * PATH_COUNT; i++) {
        sp_vocab vocab;
        if (!sp_path_exists(path_names[i / NAMES].path))
            continue;
        sp_vocab_open(&vocab, books[i % NAMES].encoding, path_names[i / NAMES].path);
        for (uint32_t j = 0; j < pieces / 5; j++)
            check_words(&books[i % NAMES], &vocab, j % 2 ? SP_WORDS_SHORT : SP_WORDS_LONG);
    }
}

static void test_nasty(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5 * pieces; i++) {
        size_t len;
        char *text = nasty_text(1 + nasty_random(i % 50 == 0 ? 3000 : 200), &len);
        if (len > 0)
            check_everywhere((const uint8_t *)text, len);
        free(text);
    }
}

/* ---- pieces that repeat ------------------------------------------------------------------------------------------ */

enum {
    MAX_UNIT = 40,
    MAX_REPEATED = 6000,
};

static size_t random_unit(uint8_t *unit, size_t len)
{
    static const char *const alphabets[] = { "a", "ab", "abc", "=-", " \n", "aA", "the ", "\xE4\xB8\xAD" };
    const char *alphabet = alphabets[nasty_random(sizeof alphabets / sizeof *alphabets)];
    for (size_t i = 0; i < len; i++)
        unit[i] = (uint8_t)alphabet[nasty_random((uint32_t)strlen(alphabet))];
    return len;
}

static size_t put_random(uint8_t *piece, size_t at, size_t len)
{
    return at + random_piece(piece + at, len);
}

static size_t put_repeated(uint8_t *piece, size_t at, const uint8_t *unit, size_t unit_len, size_t len)
{
    for (size_t i = 0; i < len; i++)
        piece[at + i] = unit[i % unit_len];
    return at + len;
}

/* Something irregular, a unit again and again, perhaps something irregular and the unit again, and a tail. */
static void check_repeated(size_t unit_len, size_t len, size_t tail)
{
    static uint8_t piece[3 * MAX_REPEATED];
    uint8_t unit[MAX_UNIT], other[MAX_UNIT];
    random_unit(unit, unit_len);
    size_t other_len = random_unit(other, 1 + nasty_random(MAX_UNIT));
    size_t end = nasty_random(2) ? put_random(piece, 0, 1 + nasty_random(60)) : 0;
    end = put_repeated(piece, end, unit, unit_len, len);
    switch (nasty_random(4)) {
    case 0:
        end = put_random(piece, end, 1 + nasty_random(20));
        end = put_repeated(piece, end, unit, unit_len, len);
        break;
    case 1: /* another unit, and the first one from another place on */
        end = put_repeated(piece, end, other, other_len, 1 + nasty_random((uint32_t)len));
        end = put_repeated(piece, end, unit, unit_len, 1 + nasty_random((uint32_t)len));
        break;
    default:
        break;
    }
    if (nasty_random(2))
        end = put_repeated(piece, end, other, other_len, tail);
    else if (tail > 0)
        end = put_random(piece, end, tail);
    check_everywhere(piece, end);
}

static void test_repeated(void **state)
{
    (void)state;
    for (size_t unit_len = 1; unit_len <= MAX_UNIT; unit_len++)
        for (uint32_t i = 0; i < pieces / 80; i++)
            check_repeated(unit_len, 1024 + nasty_random(i == 0 ? 4000 : 1000), nasty_random(200));
    for (size_t tail = 0; tail <= 200; tail++)
        check_repeated(1 + nasty_random(8), 1024 + nasty_random(500), tail);
}

/* The same run between others of the same letter, which are as long as what is remembered of it, or not quite. */
static void test_runs_of_runs(void **state)
{
    (void)state;
    static uint8_t piece[8 * 2000];
    for (uint32_t i = 0; i < pieces / 10; i++) {
        size_t end = 0;
        for (uint32_t runs = 2 + nasty_random(5); runs > 0; runs--) {
            size_t len = 1 + nasty_random(nasty_random(2) ? 2000 : 700);
            memset(piece + end, 'a', len);
            end += len;
            piece[end++] = (uint8_t)('a' + nasty_random(3));
        }
        check_everywhere(piece, end);
    }
}

/* ---- runs of every length --------------------------------------------------------------------------------------- */

/* Each with one vocabulary, or with all of them where more is asked for. */
static void test_every_length(void **state)
{
    (void)state;
    static const char *const units[] = { "-", "=", "*", "#", " ", "a", "\n", "ab", "\u4e2d" };
    enum { MOST = 3000 };
    static uint8_t piece[MOST];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        put_repeated(piece, 0, (const uint8_t *)units[i], strlen(units[i]), MOST);
        for (size_t len = 1; len <= MOST; len++) {
            if (pieces > 1000)
                check_everywhere(piece, len);
            else
                check_piece(&books[(len + i) % NAMES], piece, len);
        }
    }
}

/* ---- a token before -------------------------------------------------------------------------------------------------
 */

/* What sp_merge_after adds is the rest of the encoding of the whole; and it says so where there is no such rest. */
static void test_after(void **state)
{
    (void)state;
    uint8_t piece[200];
    size_t kept = 0, changed = 0;
    for (uint32_t i = 0; i < 10 * pieces; i++) {
        book *b = &books[i % NAMES];
        size_t len = random_piece(piece, 2 + nasty_random(60)), cut = 1 + nasty_random((uint32_t)len - 1);
        uint32_t first[200], whole[200];
        size_t first_count = sp_merge(&b->vocab, &b->merger, piece, cut);
        memcpy(first, b->merger.tokens, first_count * sizeof *first);
        size_t count = sp_merge(&b->vocab, &b->merger, piece, len);
        memcpy(whole, b->merger.tokens, count * sizeof *whole);
        bool is_begin = count > first_count && memcmp(first, whole, first_count * sizeof *first) == 0;
        size_t more = sp_merge_after(&b->vocab, &b->merger, first[first_count - 1], piece + cut, len - cut);
        assert_int_equal(more, is_begin ? count - first_count : 0);
        assert_memory_equal(b->merger.tokens, whole + first_count, more * sizeof *whole);
        kept += is_begin;
        changed += !is_begin;
    }
    assert_true(kept > pieces / 10 && changed > pieces / 10);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--pieces") == 0 && i + 1 < argc)
            pieces = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            nasty_seed = strtoull(argv[++i], NULL, 10) | (uint64_t)1 << 32;
        else {
            fprintf(stderr, "usage: %s [--pieces N] [--seed N]\n", argv[0]);
            return 2;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),    cmocka_unit_test(test_random),       cmocka_unit_test(test_nasty),
        cmocka_unit_test(test_repeated), cmocka_unit_test(test_runs_of_runs), cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_after),
    };
    return cmocka_run_group_tests(tests, open_books, close_books);
}
