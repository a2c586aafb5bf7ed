/* open.c - from a file to an encoding. */
#include "base/file.h"
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    MAX_BYTES = 512 << 20,     /* of a file; the largest that are in use have 35 MB */
    WORTH_KEEPING = 256 << 10, /* a smaller one is read in a few milliseconds */
};

const sp_vocab_format sp_vocab_formats[] = {
    { "a .tiktoken file", true, sp_is_tiktoken, sp_tiktoken_open },
    { "a ctok data file", true, sp_is_ctok, sp_ctok_open },
    { "a tokenizer.json", false, sp_is_tokenizer_json, sp_tokenizer_json_open }, /* any other JSON */
};
const size_t sp_vocab_format_count = SP_COUNT_OF(sp_vocab_formats);

static sp_str name_of(sp_arena *arena, const char *path, sp_str label, sp_packed_key key)
{
    const char *slash = strrchr(path, '/');
    sp_str base = sp_str_of(slash && slash[1] ? slash + 1 : path);
    return sp_str_format(arena, "%.*s%.*s@%08x", SP_STR_ARG(label), SP_STR_ARG(base), (unsigned)(key.words[0] >> 32));
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

static sp_status choose_format(const sp_vocab_file *file, const sp_vocab_format **ret, sp_err *err)
{
    *ret = format_of(file->bytes);
    if (file->bytes.len > MAX_BYTES)
        return sp_err_at(err, SP_ERR_INPUT, file->path, (sp_str){ 0 }, 0, "tokenizer.format",
                         "is larger than the 512 MiB that are read");
    if (!*ret)
        return unknown_format(file->path, err);
    if (file->pattern.ptr && !(*ret)->takes_pattern)
        return sp_err_at(err, SP_ERR_USAGE, file->path, (sp_str){ 0 }, 0, NULL,
                         "is %s, which says itself how texts are cut: leave --pattern out", (*ret)->name);
    return SP_OK;
}

/* The file without its tokens and merges, of which only the brackets stay. */
static bool take_rest(const sp_tokenizer *t, sp_str bytes, sp_buf *out)
{
    size_t first = t->bulk[0] <= t->bulk[2] ? 0 : 2;
    size_t at = 0;
    for (size_t i = 0; i < 2; i++) {
        const size_t *range = &t->bulk[i == 0 ? first : 2 - first];
        if (range[1] <= range[0])
            continue;
        bool has_brackets = bytes.ptr[range[0]] == '{' || bytes.ptr[range[0]] == '[';
        sp_buf_add(out, sp_str_slice(bytes, at, range[0] + has_brackets));
        at = range[1] - has_brackets;
    }
    sp_buf_add(out, sp_str_slice(bytes, at, bytes.len));
    return !out->failed;
}

static void keep(const char *folder, sp_packed_key key, const sp_tokenizer *t, sp_str bytes)
{
    sp_buf rest = { 0 };
    if (take_rest(t, bytes, &rest))
        sp_packed_write(folder, key, &t->model, sp_buf_str(&rest));
    sp_buf_release(&rest);
}

/* Opens what was kept of the file. *ret_done is false if it was nothing that can be used. */
static sp_status open_packed(const sp_vocab_format *format, sp_vocab_file file, const char *folder, sp_packed_key key,
                             sp_encoding **ret, bool *ret_done, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_packed packed;
    *ret_done = false;
    sp_status status = sp_packed_read(&arena, folder, key, &packed, ret_done, err);
    if (status == SP_OK && *ret_done) {
        file.packed = &packed;
        file.bytes = packed.rest;
        status = format->open(&file, ret, err);
        *ret_done = status == SP_OK;
    }
    if (status == SP_OK && *ret_done)
        ((sp_tokenizer *)*ret)->packed = arena;
    else
        sp_arena_release(&arena);
    return status == SP_ERR_NO_MEMORY ? status : SP_OK;
}

static sp_status open_file(sp_vocab_file *file, const char *folder, sp_packed_key key, sp_encoding **ret, sp_err *err)
{
    const sp_vocab_format *format = NULL;
    SP_TRY(choose_format(file, &format, err));
    bool is_kept = folder && file->bytes.len >= WORTH_KEEPING, is_done = false;
    if (is_kept)
        SP_TRY(open_packed(format, *file, folder, key, ret, &is_done, err));
    if (is_done)
        return SP_OK;
    SP_TRY(format->open(file, ret, err));
    if (is_kept && sp_engine_of(*ret) == &sp_tokenizer_engine)
        keep(folder, key, (const sp_tokenizer *)*ret, file->bytes);
    return SP_OK;
}

static sp_status read_labelled(const char *path, sp_str label, sp_str bytes, const char *pattern, const char *cache_dir,
                               sp_encoding **ret, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_packed_key key = sp_packed_key_of(bytes);
    sp_vocab_file file = { sp_str_of(path), bytes, name_of(&arena, path, label, key), sp_str_of(pattern), NULL };
    sp_status status = file.name.ptr ? open_file(&file, cache_dir, key, ret, err) : sp_err_memory(err);
    sp_arena_release(&arena);
    return status;
}

sp_status sp_encoding_read(const char *path, sp_str bytes, const char *pattern, const char *cache_dir,
                           sp_encoding **ret, sp_err *err)
{
    return read_labelled(path, SP_STR(""), bytes, pattern, cache_dir, ret, err);
}

sp_status sp_encoding_open_labelled(const char *path, sp_str label, const char *pattern, const char *cache_dir,
                                    sp_encoding **ret, sp_err *err)
{
    char *bytes;
    size_t len;
    SP_TRY(sp_file_load(path, &bytes, &len, err));
    sp_status status = read_labelled(path, label, (sp_str){ bytes, len }, pattern, cache_dir, ret, err);
    free(bytes);
    return status;
}

sp_status sp_encoding_open(const char *path, const char *pattern, const char *cache_dir, sp_encoding **ret_encoding,
                           sp_err *err)
{
    return sp_encoding_open_labelled(path, SP_STR(""), pattern, cache_dir, ret_encoding, err);
}

void sp_encoding_close(sp_encoding *encoding)
{
    if (encoding)
        sp_engine_of(encoding)->free(encoding);
}
