/*
 * Counts with ctok data: against tiling done the slow way, and that counts add up where they are said to. The
 * vocabularies are made up here.
 */
#include "base/types.h"
#include "tokenizer/files/ctok.h"
#include "tokenizer/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { VOCABULARIES = 60, TEXTS = 60, MAX_TEXT = 64, MAX_SYMBOLS = 512 };

static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 33) % below;
}

/* ---- made-up vocabularies ------------------------------------------------------------------------------------ */

static void add_piece(sp_buf *json)
{
    static const char *const insides[] = {
        "a", "b", "the", "A", "é", "й", "1", "ing", "(", ".", "-", "中", "e\xCC\x81"
    };
    static const char *const openings[] = { "", "", "⟨bow⟩", "⟨shift⟩⟨bow⟩", "⟨caps⟩⟨bow⟩" };
    sp_buf_format(json, "\"%s", openings[draw(5)]);
    for (uint32_t i = 0, count = 1 + draw(3); i < count; i++)
        sp_buf_format(json, "%s", insides[draw(SP_COUNT_OF(insides))]);
    sp_buf_format(json, "%s\"", draw(2) ? "⟨eow⟩" : "");
}

static void write_vocabulary(sp_buf *json, bool is_v3)
{
    sp_buf_format(json,
                  "{\"meta\": {\"family\": \"%s\", \"message_overhead\": 7, \"fold_quotes\": %s, \"allcaps_min\": %s, "
                  "\"digit_group\": %u}, \"tokens\": {\"pieces\": [\"⟨bow⟩\"",
                  is_v3 ? "v3" : "v4.7", is_v3 ? "true" : "false", is_v3 ? "4" : "null", draw(4));
    for (int i = 0; i < 25; i++) {
        sp_buf_add(json, SP_STR(", "));
        add_piece(json);
    }
    if (draw(4) == 0) /* pieces that go beyond what is usual */
        sp_buf_add(json, SP_STR(", \"-⟨bow⟩a\", \"a⟨eow⟩\\n\", \".⟨shift⟩\""));
    sp_buf_add(json,
               SP_STR("], \"spaces\": {\" \": {}, \"\\n\": {}, \"\\n\\n\": {}}, \"contractions\": [\"'s\", \"'t\"], "
                      "\"bytes_fallback\": [\"e4b8\", \"d0\", \"f09f\", \"f09f98\"]}}"));
}

static size_t write_text(char text[MAX_TEXT + 8])
{
    static const char *const parts[] = { "a",  "b",  "the",       "The", "THEM",     "aB", " ",    " ",   "  ", "\n",
                                         "\t", "12", "3",         "(",   ".",        "-",  "'s",   "'",   "é",  "й",
                                         "中", "😀",  "e\xCC\x81", "\r",  "\xC2\xA0", "“",  "\xFF", "ing", "क्ष", "́" };
    size_t len = 0, wanted = draw(MAX_TEXT);
    while (len < wanted) {
        const char *part = parts[draw(SP_COUNT_OF(parts))];
        if (len + strlen(part) > MAX_TEXT)
            break;
        memcpy(text + len, part, strlen(part));
        len += strlen(part);
    }
    return len;
}

/* ---- the slow way -------------------------------------------------------------------------------------------- */

typedef struct symbols {
    uint32_t items[MAX_SYMBOLS];
    size_t ends[MAX_SYMBOLS];
    size_t count;
} symbols;

static bool take(void *context, uint32_t symbol, size_t end)
{
    symbols *s = context;
    assert_true(s->count < MAX_SYMBOLS);
    assert_true(s->count == 0 || end >= s->ends[s->count - 1]);
    s->ends[s->count] = end;
    s->items[s->count++] = symbol;
    return true;
}

static bool is_piece(const sp_ctok_tree *tree, const uint32_t *items, size_t count)
{
    sp_ctok_way way = { .node = SP_CTOK_PIECES };
    for (size_t i = count; i-- > 0;)
        if (!sp_ctok_step(tree, &way, items[i]))
            return false;
    return way.is_piece;
}

static bool is_number(const uint32_t *items, size_t count, unsigned most)
{
    for (size_t i = 0; i < count; i++)
        if (items[i] < '0' || items[i] > '9')
            return false;
    return count <= most;
}

/* Of the bytes of a character that is no piece the first so many are one token. */
static size_t alone(uint32_t symbol)
{
    if (symbol < 0x80 || symbol >= SP_CTOK_BEGIN)
        return 1;
    if (symbol >= 0x4E00 && symbol < 0x4E40) /* e4b8 */
        return 2;
    if (symbol >= 0x400 && symbol < 0x440) /* d0, which is as good as none */
        return 2;
    if (symbol >= 0x1F600 && symbol < 0x1F640) /* f09f98 */
        return 2;
    return symbol < 0x800 ? 2 : symbol < 0x10000 ? 3 : 4;
}

static size_t tile_slowly(const sp_ctok_vocabulary *v, const symbols *s)
{
    size_t least[MAX_SYMBOLS + 1] = { 0 };
    for (size_t i = 1; i <= s->count; i++) {
        least[i] = least[i - 1] + alone(s->items[i - 1]);
        for (size_t j = 0; j < i; j++) {
            bool is_one =
                is_piece(&v->tree, s->items + j, i - j) || is_number(s->items + j, i - j, v->rules.digits_of_a_token);
            if (is_one && least[j] + 1 < least[i])
                least[i] = least[j] + 1;
        }
    }
    return least[s->count];
}

/* ---- the test ------------------------------------------------------------------------------------------------ */

static size_t count(const sp_encoding *encoding, sp_str text)
{
    size_t tokens;
    sp_err err;
    assert_int_equal(sp_count(encoding, text, SP_SPECIAL_AS_TEXT, &tokens, &err), SP_OK);
    return tokens;
}

static void check_text(const sp_encoding *encoding, const sp_ctok_vocabulary *v, sp_str text)
{
    static symbols s;
    size_t shares[3], total, ends[3] = { text.len / 3, text.len / 2, text.len };
    sp_range range;
    sp_err err;
    s.count = 0;
    assert_true(sp_ctok_mark(&v->rules, text, take, &s));
    size_t tokens = count(encoding, text);
    assert_int_equal(tokens, tile_slowly(v, &s));
    for (size_t at = sp_cut_after(encoding, text, 1); at < text.len; at = sp_cut_after(encoding, text, at + 1))
        assert_int_equal(count(encoding, sp_str_slice(text, 0, at)) + count(encoding, sp_str_slice(text, at, text.len)),
                         tokens);
    assert_int_equal(sp_estimate_shares(encoding, text, ends, 3, shares, &total, &range, &err), SP_OK);
    assert_int_equal(total, tokens);
    assert_int_equal(shares[0] + shares[1] + shares[2], tokens);
    assert_in_range(tokens, range.low, range.high);
}

static void tilings_are_the_least(void **unused)
{
    (void)unused;
    static const char *const frames[] = { NULL, "claude-4.7", "claude-5" };
    char text[MAX_TEXT + 8];
    for (int i = 0; i < VOCABULARIES; i++) {
        sp_buf json = { 0 };
        sp_encoding *encoding = NULL;
        sp_ctok_vocabulary v = { .joins_words = false };
        sp_err err = { .message = "" };
        bool is_v3 = draw(2);
        write_vocabulary(&json, is_v3);
        sp_vocab_file file = { .path = SP_STR("made"), .bytes = sp_buf_str(&json), .name = SP_STR("made") };
        file.pattern = sp_str_of(is_v3 ? NULL : frames[draw(3)]);
        assert_true(sp_is_ctok(file.bytes));
        assert_int_equal(sp_ctok_read(&file, &v, &err), SP_OK);
        assert_int_equal(sp_ctok_open(&file, &encoding, &err), SP_OK);
        for (int j = 0; j < TEXTS; j++)
            check_text(encoding, &v, (sp_str){ text, write_text(text) });
        sp_encoding_close(encoding);
        sp_ctok_tree_release(&v.tree);
        sp_buf_release(&json);
    }
}

/* What is wrong in a file is told, whatever it is: cut it anywhere, or change a byte. */
static void broken_files(void **unused)
{
    (void)unused;
    sp_buf json = { 0 };
    write_vocabulary(&json, true);
    for (size_t len = 0; len < json.len; len++) {
        sp_encoding *encoding;
        sp_err err;
        sp_vocab_file file = { .path = SP_STR("made"), .bytes = { json.ptr, len }, .name = SP_STR("made") };
        assert_int_equal(sp_ctok_open(&file, &encoding, &err), SP_ERR_INPUT);
        char was = json.ptr[len];
        json.ptr[len] = (char)draw(256);
        file.bytes = sp_buf_str(&json);
        if (sp_ctok_open(&file, &encoding, &err) == SP_OK)
            sp_encoding_close(encoding);
        json.ptr[len] = was;
    }
    sp_buf_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tilings_are_the_least), cmocka_unit_test(broken_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
