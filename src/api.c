/* api.c - public functions that only hand on to the folder that knows. */
#include "base/file.h"
#include "base/near.h"
#include "profile/profile.h"

#include <stdlib.h>

const char *sp_version(void)
{
    return SP_VERSION;
}

size_t sp_nearest_name(sp_str name, const sp_str *candidates, size_t count)
{
    return sp_near(name, candidates, count);
}

/* ---- encodings ----------------------------------------------------------------------------------- */

static sp_status choose_by_name(sp_str name, const sp_encoding **ret, sp_err *err)
{
    sp_str names[16];
    size_t count = 0;
    const sp_encoding *found = sp_encoding_find(name);
    if (found) {
        *ret = found;
        return SP_OK;
    }
    for (; count < SP_COUNT_OF(names) && sp_encoding_at(count); count++)
        names[count] = sp_str_of(sp_encoding_name(sp_encoding_at(count)));
    size_t nearest = sp_near(name, names, count);
    if (nearest != SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "there is no encoding %.*s; did you mean %.*s?", SP_STR_ARG(name),
                          SP_STR_ARG(names[nearest]));
    return sp_err_set(err, SP_ERR_USAGE,
                      "there is no encoding %.*s; there are r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base "
                      "and o200k_harmony",
                      SP_STR_ARG(name));
}

static sp_status choose_by_model(sp_str model, const sp_encoding **ret, sp_err *err)
{
    static const sp_str known[] = {
        { "gpt-5", 5 },   { "gpt-4.1", 7 }, { "gpt-4o", 6 },        { "gpt-4o-mini", 11 }, { "gpt-4", 5 },
        { "o1", 2 },      { "o3", 2 },      { "o4-mini", 7 },       { "o3-mini", 7 },      { "gpt-4-turbo", 11 },
        { "gpt-oss", 7 }, { "gpt-2", 5 },   { "gpt-3.5-turbo", 13 }
    };
    *ret = sp_encoding_for_model(model);
    if (*ret)
        return SP_OK;
    if (sp_model_is_claude(model))
        return sp_err_set(err, SP_ERR_USAGE,
                          "the tokenizer of %.*s is not public, and this version has no estimate of it; "
                          "--encoding o200k_base counts with OpenAI's, and current Claude models need 1.5 to 1.8 times "
                          "as many tokens",
                          SP_STR_ARG(model));
    size_t nearest = sp_near(model, known, SP_COUNT_OF(known));
    if (nearest != SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "there is no model %.*s; did you mean %.*s?", SP_STR_ARG(model),
                          SP_STR_ARG(known[nearest]));
    return sp_err_set(
        err, SP_ERR_USAGE,
        "there is no model %.*s in the table; name its encoding instead, for example --encoding o200k_base",
        SP_STR_ARG(model));
}

sp_status sp_encoding_choose(sp_str encoding, sp_str model, const sp_encoding **ret_encoding, sp_err *err)
{
    const sp_encoding *found = NULL;
    if (encoding.ptr)
        SP_TRY(choose_by_name(encoding, &found, err));
    else if (model.ptr)
        SP_TRY(choose_by_model(model, &found, err));
    *ret_encoding = found;
    return SP_OK;
}

/* ---- files --------------------------------------------------------------------------------------- */

static sp_status load_regular(sp_str path, sp_buf *buf, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_file file;
    sp_status status = sp_reader_disk.read(&arena, path, (sp_read_limits){ .max_bytes = UINT64_MAX }, &file, err);
    if (status == SP_OK && file.state == SP_FILE_READ)
        sp_buf_add(buf, file.bytes);
    else if (status == SP_OK)
        status = sp_err_unread(err, path, &file);
    sp_arena_release(&arena);
    return status;
}

sp_status sp_file_load(const char *path, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf buf = { 0 };
    sp_str name = sp_str_of(path);
    int descriptor = sp_descriptor_of(name);
    if (sp_str_eq(name, SP_STR("-")))
        name = SP_STR("<stdin>");
    sp_status status =
        descriptor >= 0 ? sp_read_descriptor(descriptor, name, UINT64_MAX, &buf, err) : load_regular(name, &buf, err);
    size_t length = buf.len;
    if (status == SP_OK) {
        sp_buf_add_char(&buf, '\0'); /* never NULL, also for an empty file */
        if (buf.failed)
            status = sp_err_memory(err);
    }
    if (status != SP_OK) {
        sp_buf_release(&buf);
        return status;
    }
    *ret_bytes = buf.ptr;
    *ret_len = length;
    return SP_OK;
}
