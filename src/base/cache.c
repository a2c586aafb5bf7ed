#include "base/cache.h"

#include "base/file.h"
#include "base/system.h"
#include "base/types.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool join(char path[PATH_MAX], const char *folder, const char *name, const char *end)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, end);
    return length > 0 && length < PATH_MAX;
}

sp_status sp_cache_read(sp_arena *arena, const char *folder, const char *name, uint64_t max_bytes, sp_str *ret,
                        sp_err *err)
{
    char path[PATH_MAX];
    sp_file file = { .state = SP_FILE_ABSENT };
    *ret = (sp_str){ NULL, 0 };
    if (!join(path, folder, name, ""))
        return SP_OK;
    sp_status status =
        sp_reader_read(&sp_reader_disk, arena, sp_str_of(path), (sp_read_limits){ .max_bytes = max_bytes }, &file, err);
    if (status == SP_OK && file.state == SP_FILE_READ)
        *ret = file.bytes;
    return status == SP_ERR_NO_MEMORY ? status : SP_OK;
}

bool sp_cache_make(const char *folder)
{
    char path[PATH_MAX];
    size_t length = strlen(folder);
    if (length >= sizeof path)
        return false;
    memcpy(path, folder, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        path[i] = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return false;
        path[i] = folder[i];
    }
    return true;
}

static bool write_all(int descriptor, sp_str bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(descriptor, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes = sp_str_slice(bytes, (size_t)written, bytes.len);
    }
    return true;
}

bool sp_cache_write(const char *folder, const char *name, sp_str bytes)
{
    char path[PATH_MAX];
    char beside[PATH_MAX];
    if (!join(path, folder, name, "") || !join(beside, folder, name, ".XXXXXX") || !sp_cache_make(folder))
        return false;
    int descriptor = sp_temporary(beside);
    if (descriptor < 0)
        return false;
    bool is_whole = write_all(descriptor, bytes);
    is_whole = close(descriptor) == 0 && is_whole;
    if (is_whole && rename(beside, path) == 0)
        return true;
    unlink(beside);
    return false;
}
