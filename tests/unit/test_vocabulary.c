/*
 * test_vocabulary.c - tokenizers from files: where tokens end in a text that is changed on the way, prefixes held to
 * every shorter one, and the vocabularies that are built in, read as files.
 */
#include "base/file.h"
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static sp_encoding *open_file(const char *path, const char *pattern)
{
    sp_encoding *encoding = NULL;
    sp_err err;
    if (sp_encoding_open(path, pattern, NULL, &encoding, &err) != SP_OK)
        fail_msg("%s:%u: %s", err.path, err.line, err.message);
    return encoding;
}

/* ---- ends ---------------------------------------------------------------------------------------------------- */

struct ends_example {
    const char *file;
    const char *text;
    uint32_t ends[12];
    size_t count;
};

static void test_ends(void **state)
{
    (void)state;
    static const struct ends_example examples[] = {
        /* NFC makes one letter of e and an accent: its token ends behind both */
        { "bytes", "fe\xCC\x81 x", { 1, 4, 5, 6 }, 4 },
        /* and of a letter that two tokens stand for, the first ends where it begins */
        { "bytes", "a\xCC\x80.", { 0, 3, 4 }, 3 },
        /* the mark that is put before a text has no place in it; blanks become marks */
        { "marks", "the world", { 3, 9 }, 2 },
        { "marks", "Q", { 0, 1 }, 2 },
        /* a character of several bytes that stand for themselves */
        { "marks", "\xC3\xA4", { 0, 1, 2 }, 3 },
        /* what is taken away goes to the token behind it, at the end to the last one */
        { "words", "  THE\xCC\x81 world  ", { 5, 15 }, 2 },
        { "words", "\xE4\xB8\xAD\xE4\xB8\xAD", { 3, 6 }, 2 },
        { "words", "a\xFF, b", { 1, 3, 5 }, 3 },
        /* one character that NFKC makes two of */
        { "scores", "\xEF\xAC\x81", { 0, 0, 3 }, 3 },
    };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        char path[64];
        uint32_t *ends;
        size_t count;
        sp_err err;
        snprintf(path, sizeof path, "tests/vocabularies/%s.json", examples[i].file);
        sp_encoding *encoding = open_file(path, NULL);
        assert_int_equal(sp_token_ends(encoding, sp_str_of(examples[i].text), SP_SPECIAL_AS_TEXT, &ends, &count, &err),
                         SP_OK);
        bool is_right = count == examples[i].count && memcmp(ends, examples[i].ends, count * sizeof *ends) == 0;
        for (size_t k = 0; !is_right && k < count; k++)
            print_message("%u ", ends[k]);
        if (!is_right)
            fail_msg("%s: \"%s\" has other ends", examples[i].file, examples[i].text);
        free(ends);
        sp_encoding_close(encoding);
    }
}

/* ---- prefixes ------------------------------------------------------------------------------------------------- */

static size_t count_of(const sp_encoding *encoding, sp_str text)
{
    size_t tokens;
    sp_err err;
    assert_int_equal(sp_count(encoding, text, SP_SPECIAL_AS_TEXT, &tokens, &err), SP_OK);
    return tokens;
}

/* The longest prefix with at most max tokens, by trying all. */
static size_t longest(const sp_encoding *encoding, sp_str text, size_t max)
{
    for (size_t len = text.len; len > 0; len--) {
        bool is_boundary = len == text.len || sp_utf8_begins(text.ptr[len]);
        if (is_boundary && count_of(encoding, sp_str_slice(text, 0, len)) <= max)
            return len;
    }
    return 0;
}

static void check_prefixes(const sp_encoding *encoding, sp_str text)
{
    size_t all = count_of(encoding, text);
    for (size_t max = 0; max <= all; max++) {
        size_t len, tokens;
        sp_err err;
        assert_int_equal(sp_truncate(encoding, text, SP_SPECIAL_AS_TEXT, max, &len, &tokens, &err), SP_OK);
        size_t expected = longest(encoding, text, max);
        if (len != expected || tokens != count_of(encoding, sp_str_slice(text, 0, len)))
            fail_msg("%s: %zu bytes with at most %zu tokens, not %zu", sp_encoding_name(encoding), len, max, expected);
    }
}

static void test_prefixes(void **state)
{
    (void)state;
    static const char *const texts[] = { "hello the  world, thing in the inning.  ",
                                         "caf\xC3\xA9 \xE4\xB8\xAD\xE4\xB8\xAD the\xCC\x81 x", "   \n\n  the",
                                         "hellohellohelloworldtheinnings" };
    static const char *const files[] = { "bytes", "marks", "words", "scores" };
    for (size_t i = 0; i < SP_COUNT_OF(files); i++) {
        char path[64];
        snprintf(path, sizeof path, "tests/vocabularies/%s.json", files[i]);
        sp_encoding *encoding = open_file(path, NULL);
        for (size_t k = 0; k < SP_COUNT_OF(texts); k++)
            check_prefixes(encoding, sp_str_of(texts[k]));
        sp_encoding_close(encoding);
    }
}

/* ---- what is built in ------------------------------------------------------------------------------------------- */

static void test_built_in(void **state)
{
    (void)state;
    static const char *const names[] = { "r50k_base", "p50k_base", "cl100k_base", "o200k_base" };
    char *bytes;
    size_t len;
    sp_err err;
    assert_int_equal(sp_file_load("README.md", &bytes, &len, &err), SP_OK);
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        char path[64];
        sp_ids ids = { 0 }, expected = { 0 };
        snprintf(path, sizeof path, "build/gen/%s.tiktoken", names[i]);
        sp_encoding *encoding = open_file(path, names[i]);
        const sp_encoding *known = sp_encoding_find(sp_str_of(names[i]));
        assert_int_equal(sp_encode(encoding, (sp_str){ bytes, len }, SP_SPECIAL_AS_TEXT, &ids, &err), SP_OK);
        assert_int_equal(sp_encode(known, (sp_str){ bytes, len }, SP_SPECIAL_AS_TEXT, &expected, &err), SP_OK);
        assert_int_equal(ids.count, expected.count);
        assert_memory_equal(ids.ids, expected.ids, ids.count * sizeof *ids.ids);
        sp_ids_release(&ids);
        sp_ids_release(&expected);
        sp_encoding_close(encoding);
    }
    free(bytes);
}

/* ---- what is kept ------------------------------------------------------------------------------------------- */

static bool find_kept(const char *folder, sp_packed_key key)
{
    sp_arena arena = { 0 };
    sp_packed packed;
    bool found = false;
    sp_err err;
    assert_int_equal(sp_packed_read(&arena, folder, key, &packed, &found, &err), SP_OK);
    sp_arena_release(&arena);
    return found;
}

static void write_bytes(const char *path, sp_str bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

/* Each byte of such a file, its header's too, is checked: a wrong one would be a wrong count. */
static void test_kept_bytes(void **state)
{
    (void)state;
    char folder[] = "/tmp/sysprompt-test-XXXXXX", path[128], *bytes;
    sp_token_model model = { .unknown_score = -10 };
    double scores[2] = { -1, -2 };
    size_t len;
    sp_err err;
    const sp_packed_key key = { { 1, 2 } };
    assert_non_null(mkdtemp(folder));
    assert_true(sp_lexicon_reserve(&model.lexicon, 2, 16));
    sp_lexicon_add(&model.lexicon, 3, SP_STR("the"));
    sp_lexicon_add(&model.lexicon, 7, SP_STR("a"));
    assert_int_equal(sp_lexicon_index(&model.lexicon, 0), SP_LEXICON_NONE);
    assert_int_equal(sp_lexicon_index(&model.lexicon, 1), SP_LEXICON_NONE);
    model.scores = scores;
    sp_packed_write(folder, key, &model, SP_STR("{}"));
    sp_lexicon_release(&model.lexicon);
    snprintf(path, sizeof path, "%s/vocabulary-%016x%016x", folder, 1, 2);
    assert_true(find_kept(folder, key));
    assert_int_equal(sp_file_load(path, &bytes, &len, &err), SP_OK);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 1;
        write_bytes(path, (sp_str){ bytes, len });
        bytes[i] ^= 1;
        if (find_kept(folder, key))
            fail_msg("nobody notices that byte %zu of %zu is another one", i, len);
    }
    free(bytes);
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(folder), 0);
}

/* Looked up length by length, up or down, a token is the one that is found on its own. */
static void test_lookups_by_length(void **state)
{
    (void)state;
    enum { COUNT = SP_LEXICON_MAX_PREFIX };
    char text[COUNT];
    sp_lexicon l = { 0 };
    memset(text, 'a', sizeof text);
    text[COUNT - 3] = 'b';
    assert_true(sp_lexicon_reserve(&l, COUNT, (size_t)COUNT * COUNT));
    for (uint32_t len = 1; len <= COUNT; len += 1 + len % 3)
        sp_lexicon_add(&l, len, (sp_str){ text, len });
    for (uint32_t i = 0; i < l.count; i++)
        assert_int_equal(sp_lexicon_index(&l, i), SP_LEXICON_NONE);
    sp_lexicon_prefixes up = { .text = text };
    for (size_t len = 1; len <= COUNT; len++) {
        sp_lexicon_prefixes at_once = { .text = text };
        uint32_t token = sp_lexicon_find(&l, (sp_str){ text, len });
        assert_int_equal(sp_lexicon_find_prefix(&l, &up, len), token);
        assert_int_equal(sp_lexicon_find_prefix(&l, &at_once, len), token);
        assert_true(token == SP_LEXICON_NONE || l.ids[token] == len);
    }
    for (size_t len = COUNT; len > 0; len--)
        assert_int_equal(sp_lexicon_find_prefix(&l, &up, len), sp_lexicon_find(&l, (sp_str){ text, len }));
    sp_lexicon_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ends), cmocka_unit_test(test_prefixes),
                                        cmocka_unit_test(test_built_in), cmocka_unit_test(test_lookups_by_length),
                                        cmocka_unit_test(test_kept_bytes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
