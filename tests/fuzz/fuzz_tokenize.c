/*
 * fuzz_tokenize.c - any bytes, in every encoding: the functions agree with each other, and so do all paths.
 *
 * The first byte chooses the encoding, or with 0x40 an estimate, and how special tokens are read, the second a number
 * of tokens, and by which variant of the rules the text is also split.
 */
#include "base/types.h"
#include "estimate.h"
#include "paths.h"
#include "tokenizer/tokens.h"

#include <stdint.h>
#include <string.h>

enum { IS_ESTIMATE = 0x40, ESTIMATES = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_err err;
    size_t tokens = 0;
    require(sp_count(encoding, text, special, &tokens, &err) == SP_OK);
    return tokens;
}

static void check_truncate(const sp_encoding *encoding, sp_str text, sp_special special, size_t max, size_t total)
{
    sp_err err;
    size_t len = 0, tokens = 0;
    require(sp_truncate(encoding, text, special, max, &len, &tokens, &err) == SP_OK);
    require(len <= text.len && tokens <= max);
    if (sp_utf8_find_invalid(text, 0) == SIZE_MAX)
        require(sp_utf8_find_invalid((sp_str){ text.ptr, len }, 0) == SIZE_MAX);
    require(count(encoding, (sp_str){ text.ptr, len }, special) == tokens);
    if (total <= max)
        require(len == text.len && tokens == total);
    for (size_t longer = len + 1; longer <= text.len && longer < len + 12; longer++) {
        int boundary = longer == text.len || ((unsigned char)text.ptr[longer] & 0xC0) != 0x80;
        require(!boundary || count(encoding, (sp_str){ text.ptr, longer }, special) > max);
    }
}

/* Counted in parts, from one place where counts add up to the next, it is the same. */
static void check_parts(const sp_encoding *encoding, sp_str text, size_t step, size_t total)
{
    size_t sum = 0;
    for (size_t at = 0; at < text.len;) {
        sp_str rest = { text.ptr + at, text.len - at };
        size_t cut = sp_cut_after(encoding, rest, step);
        require(cut > 0 && cut <= rest.len);
        sum += count(encoding, (sp_str){ rest.ptr, cut }, SP_SPECIAL_AS_TEXT);
        at += cut;
    }
    require(sum == total);
}

/* Cuts the part of text that is UTF-8 by another one's rules, and adds where the pieces end to a hash: nothing here is
 * as long as the text, so that long ones are no slower. */
static uint64_t hash_of_split(const sp_encoding *encoding, sp_str text, sp_path path, unsigned variant)
{
    static const uint8_t number_lens[] = { 0, 1, 3 };
    sp_vocab vocab;
    sp_vocab_open(&vocab, encoding, path);
    vocab.rules.number_len = number_lens[variant % 3];
    vocab.rules.contractions = variant / 3 % 2;
    size_t ends[256], max = 1 + variant, end = sp_utf8_find_invalid(text, 0);
    uint64_t hash = 1;
    end = end < text.len ? end : text.len;
    for (size_t at = 0; at < end;) {
        size_t count = sp_split(&vocab, (const uint8_t *)text.ptr, at, end, ends, max);
        require(count > 0 && count <= max);
        for (size_t i = 0; i < count; at = ends[i++]) {
            require(ends[i] > at && ends[i] <= end);
            hash = (hash ^ ends[i]) * 0x9E3779B97F4A7C15u;
        }
    }
    return hash;
}

static void check_path(const sp_encoding *encoding, sp_str text, sp_special special, sp_path path,
                       const sp_ids *expected)
{
    sp_ids ids = { 0 };
    sp_counter counter;
    sp_counter_init(&counter, encoding, special, &ids, path);
    require(sp_counter_add(&counter, text) && ids.count == expected->count && counter.tokens == ids.count);
    require(ids.count == 0 || memcmp(ids.ids, expected->ids, ids.count * sizeof *ids.ids) == 0);
    sp_counter_release(&counter);
    sp_ids_release(&ids);
    sp_counter_init(&counter, encoding, special, NULL, path);
    for (size_t i = 1; i <= 2; i++) /* when it comes again, all of it is known */
        require(sp_counter_add(&counter, text) && counter.tokens == i * expected->count);
    sp_counter_release(&counter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const sp_encoding *encoding = sp_encoding_at(data[0] % 6);
    sp_special special = data[0] & 0x80 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT;
    sp_str text = { (const char *)data + 2, size - 2 };
    sp_err err;
    if (data[0] & IS_ESTIMATE) {
        check_estimate(sp_estimate_at(data[0] % ESTIMATES), text, data[1], 1);
        return 0;
    }

    size_t tokens = count(encoding, text, special);
    sp_ids ids = { 0 };
    require(sp_encode(encoding, text, special, &ids, &err) == SP_OK);
    require(ids.count == tokens);

    uint32_t *ends = NULL;
    size_t end_count = 0;
    require(sp_token_ends(encoding, text, special, &ends, &end_count, &err) == SP_OK);
    require(end_count == tokens && (tokens == 0) == (ends == NULL));
    for (size_t i = 0; i < tokens; i++)
        require(ends[i] > (i > 0 ? ends[i - 1] : 0));
    require(tokens == 0 || ends[tokens - 1] == text.len);

    char *bytes = NULL;
    size_t len = 0;
    require(sp_decode(encoding, ids.ids, ids.count, &bytes, &len, &err) == SP_OK);
    /* in harmony one id has two names, and decodes to one of them */
    if (special == SP_SPECIAL_AS_TEXT || encoding != sp_encoding_at(5))
        require(len == text.len && (len == 0 || memcmp(bytes, text.ptr, len) == 0));

    uint64_t split = hash_of_split(encoding, text, SP_PATH_SCALAR, data[1]);
    for (size_t i = 0; i < PATH_COUNT; i++)
        if (sp_path_exists(path_names[i].path)) {
            check_path(encoding, text, special, path_names[i].path, &ids);
            require(hash_of_split(encoding, text, path_names[i].path, data[1]) == split);
        }

    check_truncate(encoding, text, special, tokens * data[1] / 128, tokens);
    if (special == SP_SPECIAL_AS_TEXT)
        check_parts(encoding, text, data[1], tokens);
    free(bytes);
    free(ends);
    sp_ids_release(&ids);
    return 0;
}
