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

static size_t tile_lines(const sp_ctok_vocabulary *v, size_t lines)
{
    static symbols s;
    for (s.count = 0; s.count < lines; s.count++)
        s.items[s.count] = '\n';
    return tile_slowly(v, &s);
}

static size_t tile_end_lines(const sp_ctok_vocabulary *v, size_t lines)
{
    return lines ? tile_lines(v, lines + 2) - tile_lines(v, 2) : 0;
}

/* ---- marks ---------------------------------------------------------------------------------------------------- */

static const sp_ctok_rules frames[] = {
    { .folds_quotes = true, .caps_min = 4, .frame_begins_word = true, .digits_of_a_token = 3 },
    { .frame_begins_word = true, .digits_of_a_token = 3 },
    { .drops_end_spaces = true, .digits_of_a_token = 3 },
};

/* A text and what it is written as for Claude 3, for Opus 4.7 and for Claude 5, which may be as the one before it: < is
 * the mark that begins a word, > that which ends it, ^ that of a capital, ! that of capitals only. */
static const struct {
    const char *text;
    const char *marked[3];
} marked_texts[] = {
    /* spaces beside signs */
    { "y 'w", { "<y> '<w>" } },
    { "a  ;", { "<a>  <;" } },
    { "a ; b", { "<a><;><b>" } },
    { ";  b", { "<;  <b>", NULL, ";  <b>" } },
    { "; \n", { "<;> ", NULL, ";" } },
    { "; \tb", { "<;> \t<b>", NULL, ";> \t<b>" } },
    { ")  ' ", { "<)  <'> ", NULL, ")  <'" } },
    { "12 ;", { "<12 <;", NULL, "12 <;" } },
    { "\n ,", { "<\n <,", NULL, "\n <," } },
    /* apostrophes: 's and its like are one thing also after a space, but not after another sign */
    { "a 's", { "<a> 's>" } },
    { "x're", { "<x>'re>" } },
    { "x'd", { "<x>'d>" } },
    { "x'm", { "<x>'m>" } },
    { "x'll", { "<x>'ll>" } },
    { "x've", { "<x>'ve>" } },
    { "x's", { "<x>'s>" } },
    { "x't", { "<x>'t>" } },
    { "\"x", { "<\"<x>", NULL, "\"<x>" } },
    { "a \"x", { "<a><\"<x>" } },
    { "1's", { "<1's>", NULL, "1's>" } },
    { "\n't", { "<\n't>", NULL, "\n't>" } },
    { "漢's", { "<漢's>", NULL, "漢's>" } },
    { "'s", { " 's>", NULL, "'s>" } },
    { ".'s", { "<.'<s>", NULL, ".'<s>" } },
    { "☃'s", { "<☃'<s>", NULL, "☃'<s>" } },
    { "²'s", { "<²'<s>", NULL, "²'<s>" } },
    { "Ⓐ's", { "^<ⓐ>'<s>" } },
    { "'x", { " '<x>", NULL, "'<x>" } },
    { " 'x", { " '<x>" } },
    { "a ' b", { "<a><'><b>" } },
    { "a ‘x", { "<a> '<x>", "<a><‘<x>" } },
    /* combining marks */
    { "a \u0301 b", { "<a><\u0301><b>" } },
    { "a \u094D b", { "<a><\u094D><b>" } },
    { "क\u093F", { "<क\u093F>" } },
    { "क\u094D", { "<क>\u094D" } },
    { "x \u0345 b", { "<x><\u0345><b>" } },
    { "\u0363 b", { "<\u0363><b>" } },
    { "a \u302A b", { "<a><\u302A><b>" } },
    { "a☃\uFE0F b", { "<a>☃\uFE0F><b>" } },
    { "漢\uFE0F b", { "<漢\uFE0F><b>", NULL, "漢\uFE0F><b>" } },
    { "x\u1DD3 b", { "<x\u1DD3><b>" } },
    { "x\u1DE6 b", { "<x\u1DE6><b>" } },
    { "x\u1DD2 b", { "<x>\u1DD2><b>" } },
    { "\u0E40\u0E01\u0E47\u0E1A", { "<\u0E40\u0E01>\u0E47<\u0E1A>" } },
    { "\u0E41\u0E25\u0E49\u0E27", { "<\u0E41\u0E25>\u0E49<\u0E27>" } },
    { "\u0E01\u0E33 \u0E4D", { "<\u0E01\u0E33><\u0E4D>" } },
    { "fa\u02BBahinga", { "<fa\u02BBahinga>" } },
    /* letters and what is alone */
    { "\u1100", { "<\u1100>" } },
    { "\u11FF", { "<\u11FF>" } },
    { "\uA960", { "<\uA960>" } },
    { "\uD7B0", { "<\uD7B0>" } },
    { "\u3031", { "<\u3031", NULL, "\u3031" } },
    { "\u3035", { "<\u3035", NULL, "\u3035" } },
    { "\u303B", { "<\u303B", NULL, "\u303B" } },
    { "\u303C", { "<\u303C", NULL, "\u303C" } },
    { "a \u3006 b", { "<a> \u3006 <b>" } },
    { "\u16EE", { "<\u16EE>" } },
    { "\uA6E6", { "<\uA6E6>" } },
    { "ㄱㄴ", { "<ㄱㄴ>" } },
    { "한국", { "<한국", NULL, "한국" } },
    { "a 々 b", { "<a> 々 <b>" } },
    { "a 、 b", { "<a> 、 <b>" } },
    { "a 〒 b", { "<a> 〒 <b>" } },
    { "Ⅳ", { "^<ⅳ>" } },
    { "THEMↀ", { "!<themↀ>", "<THEMↀ>" } },
    { "a 😀 b", { "<a> 😀 <b>" } },
    /* numbers, and what is not assigned */
    { "a ² b", { "<a><²><b>" } },
    { "a ²3 b", { "<a><²3 <b>" } },
    { "a 3² b", { "<a> 3²><b>" } },
    { "a ٣ b", { "<a><٣><b>" } },
    { "a \u0967 b", { "<a><\u0967><b>" } },
    { "a \u00B2\u0967 b", { "<a> \u00B2\u0967 <b>" } },
    { "a \u0967\u00B2 b", { "<a> \u0967\u00B2 <b>" } },
    { "a \u00B2\u0663 b", { "<a><\u00B2\u0663><b>" } },
    { "a \u00B2\u06F3 b", { "<a><\u00B2\u06F3><b>" } },
    { "a \u00B2\u0967's", { "<a> \u00B2\u0967's>" } },
    { "a 3\u0663 b", { "<a> 3\u0663><b>" } },
    { "a \u06F33 b", { "<a><\u06F33 <b>" } },
    { "\u00B2\uFE0F", { "<\u00B2\uFE0F", NULL, "\u00B2\uFE0F" } },
    { "a \u00B2\uFE0F b", { "<a> \u00B2\uFE0F><b>" } },
    { "a \u0378 b", { "<a><\u0378><b>" } },
    /* case */
    { "NASA", { "!<nasa>", "<NASA>" } },
    { "ABC", { "<ABC>" } },
    { "Hello aBc", { "^<hello><aBc>" } },
    { "İstanbul", { "<İstanbul>" } },
    { "Aİ", { "^<aİ>" } },
    { "A\u03F4", { "^<a\u03F4>" } },
    { "\u03F4a", { "<\u03F4a>" } },
    { "STRAẞE", { "<STRAẞE>" } },
    { "ǅ", { "<ǅ>" } },
    /* the beginning and the end */
    { " a", { "<a>", NULL, " <a>" } },
    { "  a", { "  <a>" } },
    { "\u00A0a", { " <a>" } },
    { " ", { "<", NULL, "" } },
    { "   ", { "   ", NULL, "" } },
    { "\n a", { "<\n <a>", NULL, "\n <a>" } },
    { "a\u00A0", { "<a> " } },
    { "a\u00A0\n", { "<a> " } },
    { "a \n", { "<a> ", NULL, "<a>" } },
    { "a\n\n", { "<a>" } },
};

static void write_marked(const symbols *s, sp_buf *out)
{
    static const char signs[] = "<>^!";
    for (size_t i = 0; i < s->count; i++) {
        char bytes[4];
        if (s->items[i] >= SP_CTOK_BEGIN)
            sp_buf_add(out, (sp_str){ signs + (s->items[i] - SP_CTOK_BEGIN), 1 });
        else
            sp_buf_add(out, (sp_str){ bytes, sp_utf8_encode(s->items[i], bytes) });
    }
}

static void marks_follow_the_rules(void **unused)
{
    (void)unused;
    static symbols s;
    for (size_t i = 0; i < SP_COUNT_OF(marked_texts); i++) {
        const char *wanted = NULL;
        for (size_t j = 0; j < SP_COUNT_OF(frames); j++) {
            sp_buf out = { 0 };
            size_t lines;
            wanted = marked_texts[i].marked[j] ? marked_texts[i].marked[j] : wanted;
            s.count = 0;
            assert_true(sp_ctok_mark(&frames[j], sp_str_of(marked_texts[i].text), take, &s, &lines));
            write_marked(&s, &out);
            sp_buf_add(&out, (sp_str){ "", 1 });
            assert_string_equal(out.ptr, wanted);
            sp_buf_release(&out);
        }
    }
}

/* ---- tilings --------------------------------------------------------------------------------------------------- */

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
    size_t tokens = count(encoding, text), lines;
    s.count = 0;
    assert_true(sp_ctok_mark(&v->rules, text, take, &s, &lines));
    assert_int_equal(tokens, tile_slowly(v, &s) + tile_end_lines(v, lines));
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
    static const char *const names[] = { NULL, "claude-4.7", "claude-5" };
    char text[MAX_TEXT + 8];
    for (int i = 0; i < VOCABULARIES; i++) {
        sp_buf json = { 0 };
        sp_encoding *encoding = NULL;
        sp_ctok_vocabulary v = { .joins_words = false };
        sp_err err = { .message = "" };
        bool is_v3 = draw(2);
        write_vocabulary(&json, is_v3);
        sp_vocab_file file = { .path = SP_STR("made"), .bytes = sp_buf_str(&json), .name = SP_STR("made") };
        file.pattern = sp_str_of(is_v3 ? NULL : names[draw(3)]);
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(marks_follow_the_rules),
                                        cmocka_unit_test(tilings_are_the_least), cmocka_unit_test(broken_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
