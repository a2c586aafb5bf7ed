/*
 * markdown_paths.c - import references by rule import.path: an @ that no letter, digit or underscore is before, and
 * after it a path with an extension.
 *
 * Fenced code and code spans have none; indented code, comments and text in quotes or parentheses do. A path is made of
 * letters, digits and ._-/, and periods at its end are not part of it.
 */
#include "syntax/markdown_private.h"

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

static void add(sp_text_scan *scan, size_t at, size_t end)
{
    sp_str path = sp_str_slice(scan->text, at + 1, end);
    bool is_inside = at > 0 && is_word(scan->text.ptr[at - 1]);
    if (!is_inside && has_extension(path))
        sp_md_add_import(scan, (sp_import_ref){ .begin = at, .end = end, .path = path });
}

static void find_in(sp_text_scan *scan, const sp_block *block)
{
    sp_str text = scan->text;
    for (size_t at = block->begin; at < block->end && !scan->failed;) {
        if (text.ptr[at] == '`') {
            at = sp_md_skip_code_span(scan, at, block->end);
            continue;
        }
        size_t end = text.ptr[at] == '@' ? path_end(text, at + 1, block->end) : at + 1;
        if (text.ptr[at] == '@')
            add(scan, at, end);
        at = end;
    }
}

sp_status sp_markdown_scan_paths(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret, sp_err *err)
{
    sp_text_scan scan = { .arena = arena, .text = text };
    SP_TRY(sp_markdown_scan(arena, text, begin, ret, err));
    for (uint32_t i = 0; i < ret->block_count; i++)
        if (ret->blocks[i].kind != SP_BLOCK_FENCED_CODE)
            find_in(&scan, &ret->blocks[i]);
    return sp_md_take_imports(&scan, ret, err);
}
