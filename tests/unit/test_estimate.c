/*
 * test_estimate.c - estimates: what has to hold for any text, and that they are near what was measured.
 */
#include "base/types.h"
#include "nasty.h"
#include "paths.h"
#include "tokenizer/cache.h"
#include "tokenizer/estimate.h"
#include "tokenizer/tokens.h"

#define TEXT(literal) ((sp_str){ (literal), sizeof(literal) - 1 })

enum { LEN = 4096 };

static size_t count(const sp_encoding *encoding, sp_str text, sp_range *ret_range)
{
    sp_err err;
    sp_counter *counter;
    size_t tokens = SIZE_MAX;
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, text, &tokens, &err), SP_OK);
    *ret_range = sp_counter_range(counter);
    sp_counter_free(counter);
    return tokens;
}

/* ---- what has to hold --------------------------------------------------------------------------------------- */

static sp_counted counted_of(const sp_encoding *encoding, sp_str text)
{
    sp_err err;
    sp_counter *counter;
    size_t tokens;
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, text, &tokens, &err), SP_OK);
    sp_counted counted = sp_counter_counted(counter);
    sp_counter_free(counter);
    return counted;
}

/* The parts add up to the tick, which the rounded numbers do not show. */
static void check_cuts(const sp_encoding *encoding, sp_str text)
{
    sp_counted whole = counted_of(encoding, text), sum = { 0 };
    for (size_t at = 0; at < text.len;) {
        sp_str rest = { text.ptr + at, text.len - at };
        size_t cut = sp_cut_after(encoding, rest, text.len / 5);
        sp_counted part = counted_of(encoding, (sp_str){ rest.ptr, cut });
        sp_counted_add(&sum, &part);
        at += cut;
    }
    assert_int_equal(sum.tokens, whole.tokens);
    assert_memory_equal(sum.kinds, whole.kinds, sizeof whole.kinds);
}

static void check_truncate(const sp_encoding *encoding, sp_str text, size_t max)
{
    sp_err err;
    sp_range range;
    size_t len, tokens;
    assert_int_equal(sp_truncate(encoding, text, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err), SP_OK);
    assert_in_range(len, 0, text.len);
    assert_int_equal(tokens, count(encoding, (sp_str){ text.ptr, len }, &range));
    assert_in_range(range.high, 0, max);
}

static void check_until(const sp_encoding *encoding, sp_str text, sp_range range)
{
    sp_err err;
    size_t tokens;
    bool fits;
    assert_int_equal(sp_count_until(encoding, text, SP_SPECIAL_AS_TEXT, range.high, &tokens, &fits, &err), SP_OK);
    assert_true(fits);
    if (range.high == 0)
        return;
    assert_int_equal(sp_count_until(encoding, text, SP_SPECIAL_AS_TEXT, range.high - 1, &tokens, &fits, &err), SP_OK);
    assert_false(fits);
}

static void check_text(const sp_encoding *encoding, sp_str text)
{
    sp_range range;
    size_t tokens = count(encoding, text, &range);
    assert_in_range(tokens, range.low, range.high);
    assert_in_range(tokens, text.len / SP_TOKEN_MAX_BYTES / 2, 3 * text.len + 2);
    check_cuts(encoding, text);
    check_until(encoding, text, range);
    check_truncate(encoding, text, tokens / 2);
}

static void any_text(void **state)
{
    (void)state;
    for (size_t e = 0; sp_estimate_at(e); e++) {
        check_text(sp_estimate_at(e), (sp_str){ NULL, 0 });
        for (int i = 0; i < 300; i++) {
            size_t len;
            char *text = nasty_text(nasty_random(LEN), &len);
            check_text(sp_estimate_at(e), (sp_str){ text, len });
            free(text);
        }
    }
}

/* A nasty text and then spaces after signs, numbers and line ends, words of any length of a key, and rare kinds. */
static char *mixed_text(size_t *ret_len)
{
    static const char parts[][16] = {
        " the",
        " \"",
        "1 a",
        "\r a",
        "; ",
        " abcdefghijkl",
        "\n",
        "9 ",
        " useAB",
        "\xE4\xBD\xA0",
        "\xD0\xB0\xD0\xB1 ",
        "\xE2\x80\x94 ",
        "    ",
        "...",
    };
    size_t len;
    char *text = realloc(nasty_text(nasty_random(LEN / 2), &len), LEN + sizeof *parts);
    assert_non_null(text);
    while (len < LEN) {
        const char *part = parts[nasty_random(sizeof parts / sizeof *parts)];
        memcpy(text + len, part, strlen(part));
        len += strlen(part);
    }
    *ret_len = len;
    return text;
}

static void check_path(const sp_encoding *encoding, sp_str text, const path_name *path, const sp_counted *expected)
{
    sp_counter *counter = counter_by(encoding, SP_SPECIAL_AS_TEXT, path->path);
    for (int times = 0; times < 2; times++) { /* in an empty cache, and in one that knows the text */
        sp_err err;
        size_t tokens;
        assert_int_equal(sp_counter_count(counter, text, &tokens, &err), SP_OK);
        sp_counted counted = sp_counter_counted(counter);
        if (counted.tokens == expected->tokens && memcmp(counted.kinds, expected->kinds, sizeof counted.kinds) == 0)
            continue;
        print_error("%s: an estimate unlike that by %s\n", path->name, path_names[0].name);
        nasty_print(text.ptr, text.len);
        fail();
    }
    sp_counter_free(counter);
}

static sp_counted count_by_scalar(const sp_encoding *encoding, sp_str text)
{
    sp_err err;
    size_t tokens;
    sp_counter *counter = counter_by(encoding, SP_SPECIAL_AS_TEXT, SP_PATH_SCALAR);
    assert_int_equal(sp_counter_count(counter, text, &tokens, &err), SP_OK);
    sp_counted counted = sp_counter_counted(counter);
    sp_counter_free(counter);
    return counted;
}

/* Each path finds the same as the one that goes a character at a time. */
static void paths_agree(void **state)
{
    (void)state;
    enum { TEXTS = 100 };
    for (size_t i = 0; i < 2 * TEXTS; i++) {
        size_t len;
        char *text = mixed_text(&len);
        const sp_encoding *encoding = sp_estimate_at(i % 2);
        sp_counted expected = count_by_scalar(encoding, (sp_str){ text, len });
        for (size_t j = 0; j < PATH_COUNT; j++)
            if (sp_path_exists(path_names[j].path))
                check_path(encoding, (sp_str){ text, len }, &path_names[j], &expected);
        free(text);
    }
    assert_null(sp_estimate_at(2));
}

static void a_counter_forgets_the_last_text(void **state)
{
    (void)state;
    sp_err err;
    sp_counter *counter;
    size_t first, again, other;
    const sp_encoding *encoding = sp_estimate_at(1);
    assert_int_equal(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, TEXT("One text, and another."), &first, &err), SP_OK);
    sp_range range = sp_counter_range(counter);
    assert_int_equal(sp_counter_count(counter, TEXT("1 2 3"), &other, &err), SP_OK);
    assert_int_equal(sp_counter_count(counter, TEXT("One text, and another."), &again, &err), SP_OK);
    assert_int_equal(first, again);
    assert_int_equal(range.high, sp_counter_range(counter).high);
    sp_counter_free(counter);
}

/* A blank is in the piece before it or in the one after it, not in both. */
static void a_blank_counts_once(void **state)
{
    (void)state;
    static const char *const before[] = { "a\f", "a\v", "a\t", "x;\r\f" };
    for (size_t e = 0; sp_estimate_at(e); e++)
        for (size_t i = 0; i < SP_COUNT_OF(before); i++) {
            sp_buf buf = { 0 };
            sp_buf_format(&buf, "%s b", before[i]);
            size_t left = counted_of(sp_estimate_at(e), sp_str_of(before[i])).tokens;
            size_t right = counted_of(sp_estimate_at(e), TEXT(" b")).tokens;
            assert_int_equal(counted_of(sp_estimate_at(e), sp_buf_str(&buf)).tokens, left + right);
            sp_buf_release(&buf);
        }
}

/* What tokens cost of their own does not cancel all the rest, where no text of the fit has so many of them. */
static void long_runs_cost_something(void **state)
{
    (void)state;
    static const char *const units[] = { "\u00E9", "\u2500\u2550", "\u0301", "ia", "ing" };
    enum { TIMES = 4000 };
    for (size_t e = 0; sp_estimate_at(e); e++)
        for (size_t i = 0; i < SP_COUNT_OF(units); i++) {
            sp_buf buf = { 0 };
            sp_range range;
            for (size_t j = 0; j < TIMES; j++)
                sp_buf_add(&buf, sp_str_of(units[i]));
            assert_true(count(sp_estimate_at(e), sp_buf_str(&buf), &range) > TIMES / 5);
            sp_buf_release(&buf);
        }
    sp_range range;
    for (size_t e = 0; sp_estimate_at(e); e++) {
        assert_int_equal(count(sp_estimate_at(e), TEXT("\u00E9"), &range), 1);
        assert_true(range.low == 1);
    }
}

/* The tables of the image have what the estimate finds out without them. */
static void tables_have_what_is_found(void **state)
{
    (void)state;
    static sp_estimator e;
    for (size_t i = 0; sp_estimate_at(i); i++) {
        sp_estimator_init(&e, sp_estimate_at(i), SP_PATH_BEST);
        uint32_t tokens = e.narrow.image->token_count;
        size_t known = 0;
        for (uint32_t token = 0; token < tokens; token++)
            for (unsigned asking = 0; asking < SP_IMAGE_COSTS; asking++) {
                int64_t cost = sp_estimate_cost(&e, asking, token);
                int16_t in_table = e.costs[asking * (size_t)tokens + token];
                assert_true(in_table == cost ||
                            (in_table == SP_IMAGE_NO_COST && (cost < -INT16_MAX || cost > INT16_MAX)));
            }
        for (unsigned is_long = 0; is_long < 2; is_long++)
            for (uint32_t slot = 0; slot < e.narrow.words[is_long].hash->slots; slot++) {
                const uint64_t *key = e.narrow.words[is_long].keys + ((size_t)slot << is_long);
                uint8_t piece[2 * sizeof *key + SP_CACHE_PAD] = { 0 };
                memcpy(piece, key, sizeof *key << is_long);
                sp_finding found;
                if (e.of_tokens[is_long][slot] == 0)
                    continue;
                assert_true(sp_estimate_piece(&e, piece, strlen((const char *)piece), NULL, &found));
                assert_int_equal(sp_finding_pack(found), e.of_tokens[is_long][slot]);
                known++;
            }
        assert_in_range(known, 90000, tokens);
        sp_estimator_release(&e);
    }
}

/* Linear, and within reason, for what nobody writes. */
static void one_thing_a_million_times(void **state)
{
    (void)state;
    static const char *const units[] = { "a",
                                         "A",
                                         "aB",
                                         "-",
                                         " ",
                                         "\n",
                                         "\t",
                                         "1",
                                         "{}",
                                         "\xE6\x97\xA5",
                                         "\xF0\x9F\x98\x80",
                                         "\xFF",
                                         "\xE0\xB8\x81",
                                         "=?",
                                         "\xCC\x81" };
    enum { MILLION = 1000000 };
    char *text = malloc(MILLION);
    assert_non_null(text);
    for (size_t u = 0; u < SP_COUNT_OF(units); u++) {
        size_t unit = strlen(units[u]), len = MILLION / unit * unit;
        sp_range range;
        for (size_t i = 0; i < len; i++)
            text[i] = units[u][i % unit];
        size_t tokens = count(sp_estimate_at(u % 2), (sp_str){ text, len }, &range);
        assert_in_range(tokens, len / SP_TOKEN_MAX_BYTES, 3 * len);
        assert_in_range(tokens, range.low, range.high);
    }
    free(text);
}

/* An estimate is of what reading.h says. */
static void readings(void **state)
{
    (void)state;
    static const struct {
        sp_str text;
        sp_str read;
    } pairs[] = {
        { TEXT("one \xFF two"), TEXT("one \uFFFD two") },
        { TEXT("\xFF\xFF\xFF\xFF, \xE2\x82"), TEXT("\uFFFD\uFFFD\uFFFD\uFFFD, \uFFFD") },
        { TEXT("re\u0301sume\u0301"), TEXT("r\u00E9sum\u00E9") },
        { TEXT("\u1112\u1161\u11AB\u1100\u1173\u11AF"), TEXT("\uD55C\uAE00") },
    };
    for (size_t e = 0; sp_estimate_at(e); e++)
        for (size_t i = 0; i < SP_COUNT_OF(pairs); i++) {
            sp_range range, expected;
            size_t tokens = count(sp_estimate_at(e), pairs[i].text, &range);
            assert_int_equal(tokens, count(sp_estimate_at(e), pairs[i].read, &expected));
            assert_int_equal(range.low, expected.low);
            assert_int_equal(range.high, expected.high);
        }
}

static void there_are_no_ids(void **state)
{
    (void)state;
    sp_err err;
    sp_ids ids = { 0 };
    uint32_t *ends, id = 1;
    char *bytes;
    size_t n;
    const sp_encoding *encoding = sp_estimate_at(0);
    assert_int_equal(sp_encode(encoding, TEXT("text"), SP_SPECIAL_AS_TEXT, &ids, &err), SP_ERR_USAGE);
    assert_string_equal(err.message, "claude-v3 is an estimate of how many tokens there are: it has no ids");
    assert_int_equal(sp_decode(encoding, &id, 1, &bytes, &n, &err), SP_ERR_USAGE);
    assert_int_equal(sp_token_ends(encoding, TEXT("text"), SP_SPECIAL_AS_TEXT, &ends, &n, &err), SP_ERR_USAGE);
    assert_false(sp_encoding_is_exact(encoding));
    assert_true(sp_encoding_is_exact(sp_encoding_at(0)));
    assert_null(sp_estimate_at(2));
}

/* ---- what is known -------------------------------------------------------------------------------------------- */

/* The ticks of each kind in a text, a piece at a time. */
static void find_kinds(const sp_encoding *encoding, sp_str text, uint64_t kinds[SP_KINDS])
{
    static sp_estimator estimator;
    size_t ends[64];
    sp_estimator_init(&estimator, encoding, SP_PATH_BEST);
    for (size_t at = 0; at < text.len;) {
        size_t pieces = sp_split(&estimator.narrow, (const uint8_t *)text.ptr, at, text.len, ends, 64);
        for (size_t i = 0; i < pieces; at = ends[i++]) {
            sp_finding found;
            size_t seen = ends[i] + sp_estimate_reach(&estimator.narrow, (const uint8_t *)text.ptr, ends[i], text.len);
            assert_true(sp_estimate_piece(&estimator, (const uint8_t *)text.ptr + at, seen - at, NULL, &found));
            kinds[found.kind] += found.ticks;
        }
    }
    sp_estimator_release(&estimator);
}

static void expect_sum_of_pieces(sp_str text)
{
    for (size_t e = 0; sp_estimate_at(e); e++) {
        sp_counted counted = counted_of(sp_estimate_at(e), text);
        uint64_t kinds[SP_KINDS] = { 0 }, all = 0;
        find_kinds(sp_estimate_at(e), text, kinds);
        assert_memory_equal(kinds, counted.kinds, sizeof kinds);
        for (size_t k = 0; k < SP_KINDS; k++)
            all += kinds[k];
        assert_int_equal(all, counted.tokens);
    }
}

/* What is known of a piece from its last time, and what is found side by side, is what one piece alone gets. */
static void pieces_add_up(void **state)
{
    (void)state;
    sp_buf buf = { 0 };
    for (unsigned i = 0; i < 6000; i++)
        sp_buf_format(&buf, "%s%c%u-%s ", i % 3 ? "The agent" : "getElementById", 'a' + i * i % 26, i % 97,
                      i % 7 ? "reviews" : "r\xC3\xA9vise");
    expect_sum_of_pieces(sp_buf_str(&buf));
    sp_buf_release(&buf);
}

/* The same of words of any length and shape, after any sign. */
static void words_add_up(void **state)
{
    (void)state;
    static const char *const signs[] = { " ", "\t", "'",    "\"",   "(",      "_",      "/",
                                         "@", "$",  "\x01", "\x7F", "\u00A0", "\u00E9", "\u2014" };
    sp_buf buf = { 0 };
    uint32_t random = 1;
    for (unsigned i = 0; i < 30000; i++) {
        random = random * 1664525 + 1013904223;
        unsigned len = 1 + (random >> 24) % 17, shape = (random >> 20) % 8;
        if (shape == 7)
            sp_buf_format(&buf, "%u", random % 1000);
        else if ((random >> 16) % 8)
            sp_buf_add(&buf, sp_str_of(signs[(random >> 8) % SP_COUNT_OF(signs)]));
        for (unsigned j = 0; j < len; j++) {
            random = random * 1664525 + 1013904223;
            bool is_capital = shape == 1 ? j == 0 : shape == 2 ? true : shape == 3 && (random >> 30) == 0;
            char letter = (char)((is_capital ? 'A' : 'a') + (random >> 24) % (j % 2 ? 5 : 26));
            sp_buf_add(&buf, (sp_str){ &letter, 1 });
        }
    }
    expect_sum_of_pieces(sp_buf_str(&buf));
    sp_buf_release(&buf);
}

/* Measured: tokens of texts that are one word. */
static void words_alone(void **state)
{
    (void)state;
    static const struct {
        const char *encoding, *word;
        size_t tokens;
    } measured[] = {
        { "claude-v3", "review", 1 },   { "claude-4.7", "review", 1 },        { "claude-v3", "the", 1 },
        { "claude-4.7", "the", 1 },     { "claude-4.7", "configuration", 3 }, { "claude-4.7", "infrastructure", 5 },
        { "claude-v3", "useState", 1 }, { "claude-v3", "Supabase", 4 },       { "claude-v3", "and", 1 },
    };
    for (size_t i = 0; i < SP_COUNT_OF(measured); i++) {
        sp_range range;
        (void)count(sp_encoding_find(sp_str_of(measured[i].encoding)), sp_str_of(measured[i].word), &range);
        assert_in_range(measured[i].tokens, range.low, range.high);
    }
}

static uint64_t width_of(const sp_encoding *encoding, uint64_t words, uint64_t names, uint64_t symbols)
{
    sp_counted counted = { .tokens = (words + names + symbols) * SP_TICKS };
    counted.kinds[SP_KIND_WORDS] = words * SP_TICKS;
    counted.kinds[SP_KIND_NAMES] = names * SP_TICKS;
    counted.kinds[SP_KIND_SYMBOLS] = symbols * SP_TICKS;
    sp_range range = sp_counted_range(encoding, &counted);
    return range.high - range.low;
}

/* A range is narrow for prose with the names and signs that prose has, and wide for code; it never ends lower for more
 * text. */
static void ranges_of_code(void **state)
{
    (void)state;
    static const char *const names[] = { "claude-v3", "claude-4.7" };
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        const sp_encoding *encoding = sp_encoding_find(sp_str_of(names[i]));
        assert_in_range(width_of(encoding, 1500, 150, 350), 1, 2000 * 8 / 100);
        assert_true(width_of(encoding, 600, 500, 900) > width_of(encoding, 1500, 150, 350) * 5 / 4);
        uint64_t high = 0;
        for (uint64_t words = 0; words < 3000; words += 10) {
            sp_counted counted = { .tokens = (words + 1000) * SP_TICKS };
            counted.kinds[SP_KIND_WORDS] = words * SP_TICKS;
            counted.kinds[SP_KIND_SYMBOLS] = 1000 * SP_TICKS;
            sp_range range = sp_counted_range(encoding, &counted);
            assert_true(range.high >= high);
            high = range.high;
        }
    }
}

static void shares(void **state)
{
    (void)state;
    static const char text[] = "Parts of a text: one, two (three), \xE5\x9B\x9B \xFF e\u0301.\n\nAnd more of it here.";
    for (size_t e = 0; sp_estimate_at(e); e++) {
        const size_t ends[] = { 5, 5, 17, 36, sizeof text - 1 };
        size_t tokens[SP_COUNT_OF(ends)], total = 0, sum = 0;
        sp_range range, whole;
        sp_err err;
        assert_int_equal(
            sp_estimate_shares(sp_estimate_at(e), TEXT(text), ends, SP_COUNT_OF(ends), tokens, &total, &range, &err),
            SP_OK);
        for (size_t i = 0; i < SP_COUNT_OF(ends); i++)
            sum += tokens[i];
        assert_int_equal(sum, total);
        assert_int_equal(total, count(sp_estimate_at(e), TEXT(text), &whole));
        assert_int_equal(range.high, whole.high);
        assert_int_equal(tokens[1], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_text),
        cmocka_unit_test(paths_agree),
        cmocka_unit_test(a_counter_forgets_the_last_text),
        cmocka_unit_test(a_blank_counts_once),
        cmocka_unit_test(long_runs_cost_something),
        cmocka_unit_test(tables_have_what_is_found),
        cmocka_unit_test(one_thing_a_million_times),
        cmocka_unit_test(readings),
        cmocka_unit_test(there_are_no_ids),
        cmocka_unit_test(shares),
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(words_add_up),
        cmocka_unit_test(words_alone),
        cmocka_unit_test(ranges_of_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
