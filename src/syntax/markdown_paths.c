/*
 * markdown_paths.c - import references by rule import.path: an @ that no letter, digit or underscore is before, and
 * after it a path with an extension.
 *
 * Fenced code and code spans have none; indented code, comments and text in quotes or parentheses do. A path is made of
 * letters, digits and ._-/, and periods at its end are not part of it.
 */
#include "syntax/markdown.h"

typedef sp_list(sp_import_ref) refs;

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_of_path(char c)
{
    return is_word(c) || c == '.' || c == '-' || c == '/' || (unsigned char)c >= 0x80;
}

static size_t path_end(sp_str text, size_t begin, size_t end)
{
    size_t at = begin;
    while (at < end && is_of_path(text.ptr[at]))
        at++;
    while (at > begin && text.ptr[at - 1] == '.')
        at--;
    return at;
}

/* Whether the last part of the path has an extension. */
static bool has_extension(sp_str path)
{
    for (size_t at = path.len; at > 1 && path.ptr[at - 1] != '/'; at--)
        if (path.ptr[at - 1] == '.')
            return at < path.len && path.ptr[at - 2] != '/';
    return false;
}

/* Past the code span that begins at a backtick, or past its backticks where nothing closes it. */
static size_t past_code(sp_str text, size_t at, size_t end)
{
    size_t run = at;
    while (run < end && text.ptr[run] == '`')
        run++;
    size_t length = run - at;
    for (size_t close = run; close < end; close++) {
        size_t begin = close;
        while (close < end && text.ptr[close] == '`')
            close++;
        if (close - begin == length)
            return close;
    }
    return run;
}

static sp_status add(sp_arena *arena, sp_str text, size_t at, size_t end, refs *found, sp_err *err)
{
    sp_str path = sp_str_slice(text, at + 1, end);
    bool is_inside = at > 0 && is_word(text.ptr[at - 1]);
    if (is_inside || !has_extension(path))
        return SP_OK;
    sp_import_ref *slot = SP_LIST_PUSH(arena, found);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_import_ref){ .begin = at, .end = end, .path = path };
    return SP_OK;
}

static sp_status find_in(sp_arena *arena, sp_str text, const sp_block *block, refs *found, sp_err *err)
{
    for (size_t at = block->begin; at < block->end;) {
        if (text.ptr[at] == '`') {
            at = past_code(text, at, block->end);
            continue;
        }
        size_t end = text.ptr[at] == '@' ? path_end(text, at + 1, block->end) : at + 1;
        if (text.ptr[at] == '@')
            SP_TRY(add(arena, text, at, end, found, err));
        at = end;
    }
    return SP_OK;
}

sp_status sp_markdown_scan_paths(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret, sp_err *err)
{
    refs found = { 0 };
    SP_TRY(sp_markdown_scan(arena, text, begin, ret, err));
    for (uint32_t i = 0; i < ret->block_count; i++)
        if (ret->blocks[i].kind != SP_BLOCK_FENCED_CODE)
            SP_TRY(find_in(arena, text, &ret->blocks[i], &found, err));
    ret->imports = found.items;
    ret->import_count = found.count;
    return SP_OK;
}
