/* open.c - from a file to an encoding. */
#include "vocabulary/vocabulary.h"

#include <stdlib.h>

enum {
    MAX_BYTES = 512 << 20, /* of a file; the largest that are in use have 35 MB */
};

const sp_vocab_format sp_vocab_formats[] = {
    { "a .tiktoken file", true, sp_is_tiktoken, sp_tiktoken_open },
    { "a tokenizer.json", false, sp_is_tokenizer_json, sp_tokenizer_json_open },
};
const size_t sp_vocab_format_count = SP_COUNT_OF(sp_vocab_formats);

/* Told apart by content: two files of one name have two names as encodings. */
static uint64_t hash_of(sp_str bytes)
{
    uint64_t mixed = bytes.len * 0x9E3779B97F4A7C15u;
    for (size_t at = 0; at < bytes.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = bytes.len - at;
        memcpy(&word, bytes.ptr + at, left < sizeof word ? left : sizeof word);
        mixed = (mixed ^ word) * 0x9E3779B97F4A7C15u;
        mixed ^= mixed >> 29;
    }
    return mixed;
}

static sp_str name_of(sp_arena *arena, const char *path, sp_str bytes)
{
    const char *slash = strrchr(path, '/');
    sp_str base = sp_str_of(slash && slash[1] ? slash + 1 : path);
    return sp_str_format(arena, "%.*s@%08x", SP_STR_ARG(base), (unsigned)(hash_of(bytes) >> 32));
}

static const sp_vocab_format *format_of(sp_str bytes)
{
    for (size_t i = 0; i < sp_vocab_format_count; i++)
        if (sp_vocab_formats[i].matches(bytes))
            return &sp_vocab_formats[i];
    return NULL;
}

static sp_status unknown_format(sp_str path, sp_err *err)
{
    sp_buf names = { 0 };
    for (size_t i = 0; i < sp_vocab_format_count; i++)
        sp_buf_format(&names, "%s%s", i ? ", nor " : "", sp_vocab_formats[i].name);
    sp_status status =
        names.failed ? sp_err_memory(err)
                     : sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, "tokenizer.format",
                                 "is no vocabulary that can be read: it is not %.*s", SP_STR_ARG(sp_buf_str(&names)));
    sp_buf_release(&names);
    return status;
}

static sp_status open_bytes(sp_arena *arena, const char *path, sp_str bytes, const char *pattern, sp_encoding **ret,
                            sp_err *err)
{
    sp_vocab_file file = { sp_str_of(path), bytes, name_of(arena, path, bytes), sp_str_of(pattern) };
    const sp_vocab_format *format = format_of(bytes);
    if (!file.name.ptr)
        return sp_err_memory(err);
    if (bytes.len > MAX_BYTES)
        return sp_err_at(err, SP_ERR_INPUT, file.path, (sp_str){ 0 }, 0, "tokenizer.format",
                         "is larger than the 512 MiB that are read");
    if (!format)
        return unknown_format(file.path, err);
    if (pattern && !format->takes_pattern)
        return sp_err_at(err, SP_ERR_USAGE, file.path, (sp_str){ 0 }, 0, NULL,
                         "is %s, which says itself how texts are cut: leave --pattern out", format->name);
    return format->open(&file, ret, err);
}

sp_status sp_encoding_open(const char *path, const char *pattern, sp_encoding **ret_encoding, sp_err *err)
{
    char *bytes;
    size_t len;
    sp_arena arena = { 0 };
    SP_TRY(sp_file_load(path, &bytes, &len, err));
    sp_status status = open_bytes(&arena, path, (sp_str){ bytes, len }, pattern, ret_encoding, err);
    sp_arena_release(&arena);
    free(bytes);
    return status;
}

void sp_encoding_close(sp_encoding *encoding)
{
    if (encoding)
        sp_engine_of(encoding)->free(encoding);
}
