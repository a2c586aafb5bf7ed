/*
 * fuzz_ignore.c - any patterns on any path: an answer, in bounded time, and the same as a plain search gives for a
 * pattern without wildcards. The first line is the path.
 */
#include "base/types.h"
#include "git/ignore.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str all = { (const char *)data, size };
    size_t end = sp_str_find(all, SP_STR("\n"), 0);
    if (end == SIZE_MAX || end > 512 || size > 4096)
        return 0;
    sp_str path = sp_str_slice(all, 0, end);
    sp_str patterns = sp_str_slice(all, end + 1, all.len);
    sp_arena arena = { 0 };
    sp_ignore_list list;
    sp_err err;
    require(sp_ignore_parse(&arena, patterns, SP_STR(""), &list, &err) == SP_OK);
    sp_ignore_answer as_file = sp_ignore_ask(&list, path, false);
    sp_ignore_answer as_folder = sp_ignore_ask(&list, path, true);
    require(as_file <= SP_IGNORE_NO && as_folder <= SP_IGNORE_NO);
    require(list.count > 0 || as_folder == SP_IGNORE_SILENT);
    sp_str whole = patterns;
    require(sp_ignore_parse_loosely(&arena, (sp_str_list){ &whole, 1 }, &list, &err) == SP_OK);
    size_t found = sp_ignore_find(&list, path);
    require(found == SIZE_MAX || (found == 0 && sp_ignore_matches(&list, 0, path) && sp_ignore_is_sound(&list, 0)));
    sp_str one = { "**", 2 };
    require(sp_ignore_parse_each(&arena, (sp_str_list){ &one, 1 }, SP_STR(""), &list, &err) == SP_OK);
    require(sp_ignore_ask(&list, path, false) == SP_IGNORE_YES);
    sp_arena_release(&arena);
    return 0;
}
