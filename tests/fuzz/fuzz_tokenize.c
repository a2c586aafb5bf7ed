/*
 * fuzz_tokenize.c - any bytes, in every encoding: the functions agree with each other.
 *
 * The first byte chooses the encoding and how special tokens are read, the second a number of tokens.
 */
#include "sysprompt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

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
    require(count(encoding, (sp_str){ text.ptr, len }, special) == tokens);
    if (total <= max)
        require(len == text.len && tokens == total);
    for (size_t longer = len + 1; longer <= text.len && longer < len + 12; longer++) {
        int boundary = longer == text.len || ((unsigned char)text.ptr[longer] & 0xC0) != 0x80;
        require(!boundary || count(encoding, (sp_str){ text.ptr, longer }, special) > max);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const sp_encoding *encoding = sp_encoding_at(data[0] % 6);
    sp_special special = data[0] & 0x80 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT;
    sp_str text = { (const char *)data + 2, size - 2 };
    sp_err err;

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

    check_truncate(encoding, text, special, tokens * data[1] / 128, tokens);
    free(bytes);
    free(ends);
    sp_ids_release(&ids);
    return 0;
}
