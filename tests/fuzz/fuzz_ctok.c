/*
 * fuzz_ctok.c - any bytes as a ctok file, and a text for it: behind the first NUL, if there is one. A 4 or a 5 before
 * the file chooses the request around the text.
 *
 * Either an error that says what is wrong, or an estimate that agrees with itself.
 */
#include "base/types.h"
#include "estimate.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

enum {
    MAX_TEXT = 512, /* bytes */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *frame_of(sp_str all)
{
    if (sp_str_starts(all, SP_STR("4")))
        return "claude-4.7";
    return sp_str_starts(all, SP_STR("5")) ? "claude-5" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str all = { (const char *)data, size };
    const char *frame = frame_of(all);
    size_t begin = frame != NULL, end = sp_str_find(all, (sp_str){ "", 1 }, 0);
    end = end == SIZE_MAX ? size : end;
    sp_str text = sp_str_slice(all, end + (end < size), size);
    text.len = text.len < MAX_TEXT ? text.len : (size_t)MAX_TEXT;
    sp_encoding *encoding = NULL;
    sp_err err;
    sp_vocab_file file = { .path = SP_STR("fuzz"), .name = SP_STR("fuzz"), .pattern = sp_str_of(frame) };
    file.bytes = sp_str_slice(all, begin, end < begin ? begin : end);
    if (sp_ctok_open(&file, &encoding, &err) == SP_OK) {
        check_estimate(encoding, text, 1 + size % 150, 0);
        sp_encoding_close(encoding);
    } else {
        require(err.message[0] && (err.status == SP_ERR_INPUT || err.status == SP_ERR_USAGE));
    }
    return 0;
}
