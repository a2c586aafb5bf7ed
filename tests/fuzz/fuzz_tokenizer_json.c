/*
 * fuzz_tokenizer_json.c - any bytes as a vocabulary, and a text for it: behind the first NUL, if there is one.
 *
 * Either an error that says where, or an encoding whose ids, ends and counts are about the same tokens.
 */
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    MAX_TEXT = 256, /* bytes: a regular expression may take its time for every one of them */
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_ids ids = { 0 };
    sp_err err;
    uint32_t *ends = NULL;
    size_t count = 0, tokens = 0, len = 0;
    char *bytes = NULL;
    if (sp_encode(encoding, text, special, &ids, &err) == SP_OK) {
        require(sp_token_ends(encoding, text, special, &ends, &count, &err) == SP_OK && count == ids.count);
        for (size_t i = 0; i < count; i++)
            require(ends[i] <= text.len && (i == 0 || ends[i] >= ends[i - 1]));
        require(count == 0 || ends[count - 1] == text.len);
        require(sp_count(encoding, text, special, &tokens, &err) == SP_OK && tokens == count);
        require(sp_decode(encoding, ids.ids, ids.count, &bytes, &len, &err) == SP_OK);
        require(sp_truncate(encoding, text, special, count / 2, &len, &tokens, &err) == SP_OK && tokens <= count / 2);
        size_t cut = sp_cut_after(encoding, text, 0), left = 0, right = 0;
        if (cut < text.len)
            require(sp_count(encoding, sp_str_slice(text, 0, cut), special, &left, &err) == SP_OK &&
                    sp_count(encoding, sp_str_slice(text, cut, text.len), special, &right, &err) == SP_OK &&
                    left + right == count);
    } else {
        require(err.status == SP_ERR_INPUT && err.message[0]);
    }
    free(ends);
    free(bytes);
    sp_ids_release(&ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str all = { (const char *)data, size };
    size_t end = sp_str_find(all, (sp_str){ "", 1 }, 0);
    end = end == SIZE_MAX ? size : end;
    sp_str text = sp_str_slice(all, end + (end < size), size);
    text.len = text.len < MAX_TEXT ? text.len : (size_t)MAX_TEXT;
    sp_encoding *encoding = NULL;
    sp_err err;
    const char *pattern = size > 0 && data[0] != '{' ? "cl100k_base" : NULL;
    if (sp_encoding_read("fuzz", sp_str_slice(all, 0, end), pattern, NULL, &encoding, &err) == SP_OK) {
        check_text(encoding, text, SP_SPECIAL_AS_TEXT);
        check_text(encoding, text, SP_SPECIAL_ALLOW);
    } else {
        require(err.message[0] && err.status != SP_OK);
    }
    sp_encoding_close(encoding);
    return 0;
}
