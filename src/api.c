/* api.c - public functions that only hand on to the folder that knows. */
#include "base/file.h"
#include "base/near.h"

#include <stdlib.h>

const char *sp_version(void)
{
    return SP_VERSION;
}

size_t sp_nearest_name(sp_str name, const sp_str *candidates, size_t count)
{
    return sp_near(name, candidates, count);
}

/* ---- files --------------------------------------------------------------------------------------- */

static sp_status load_regular(sp_str path, sp_buf *buf, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_file file;
    sp_status status =
        sp_reader_read(&sp_reader_disk, &arena, path, (sp_read_limits){ .max_bytes = UINT64_MAX }, &file, err);
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
