/*
 * fuzz_markdown.c - any bytes through the Markdown scanner, with each rule of imports; what it promises about its lists
 * has to hold.
 *
 * The first byte says where in the rest the scan begins, so that offsets and line numbers are tried with a part left
 * out in front. Seeds are files whose first byte is therefore a newline: begin at 0.
 */
#include "base/base.h"
#include "base/types.h"
#include "model/source.h"
#include "syntax/markdown.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_blocks(const sp_markdown *found, sp_str text, size_t begin)
{
    size_t at = begin;
    uint32_t line = 0;
    for (uint32_t i = 0; i < found->block_count; i++) {
        const sp_block *block = &found->blocks[i];
        require(block->begin == at && block->end > block->begin && block->end <= text.len);
        require(block->first_line > line && block->last_line >= block->first_line);
        require((block->kind == SP_BLOCK_HEADING) == (block->level > 0) && block->level <= 6);
        require(block->kind != SP_BLOCK_BLANK || i == 0);
        require(block->heading == SP_NONE ||
                (block->heading < i && found->blocks[block->heading].kind == SP_BLOCK_HEADING));
        if (block->kind == SP_BLOCK_HEADING) {
            sp_str heading = sp_markdown_heading_text(text, block);
            require(heading.ptr >= text.ptr + block->begin && heading.ptr + heading.len <= text.ptr + block->end);
        }
        at = block->end;
        line = block->last_line;
    }
    require(at == text.len);
}

static bool is_line_start(sp_str text, size_t at)
{
    return at == 0 || text.ptr[at - 1] == '\n' || text.ptr[at - 1] == '\r';
}

static void check_comments(const sp_markdown *found, sp_str text, size_t begin)
{
    size_t at = begin;
    uint32_t block = 0;
    for (size_t i = 0; i < found->comment_count; i++) {
        sp_span comment = found->comments[i];
        require(comment.begin >= at && comment.end >= comment.begin + 5 && comment.end <= text.len);
        while (found->blocks[block].end <= comment.begin)
            block++;
        require(found->blocks[block].kind == SP_BLOCK_HTML && comment.end <= found->blocks[block].end);
        require(text.ptr[comment.begin] == '<' || comment.begin == begin || is_line_start(text, comment.begin));
        at = comment.end;
    }
    require(found->unclosed_comment == SIZE_MAX ||
            sp_str_starts(sp_str_slice(text, found->unclosed_comment, text.len), SP_STR("<!--")));
}

/* No import inside code or a comment that is stripped, and none over the end of a line. */
static void check_imports(const sp_markdown *found, sp_str text, size_t begin)
{
    size_t at = begin;
    uint32_t block = 0;
    size_t comment = 0;
    for (size_t i = 0; i < found->import_count; i++) {
        const sp_import_ref *ref = &found->imports[i];
        require(ref->begin >= at && ref->end > ref->begin + 1 && ref->end <= text.len && text.ptr[ref->begin] == '@');
        require(ref->path.len > 0 && ref->path.len < ref->end - ref->begin);
        require(!memchr(text.ptr + ref->begin, '\n', ref->end - ref->begin));
        while (found->blocks[block].end <= ref->begin)
            block++;
        require(found->blocks[block].kind == SP_BLOCK_PARAGRAPH || found->blocks[block].kind == SP_BLOCK_HEADING ||
                found->blocks[block].kind == SP_BLOCK_LIST_ITEM || found->blocks[block].kind == SP_BLOCK_HTML);
        while (comment < found->comment_count && found->comments[comment].end <= ref->begin)
            comment++;
        require(comment == found->comment_count || found->comments[comment].begin >= ref->end);
        at = ref->end;
    }
}

/* The imports of another rule, for the same blocks. */
static void check_references(const sp_markdown *found, const sp_markdown *first, sp_str text, size_t begin)
{
    require(found->block_count == first->block_count && found->comment_count == first->comment_count);
    size_t at = begin;
    for (size_t i = 0; i < found->import_count; i++) {
        const sp_import_ref *ref = &found->imports[i];
        require(ref->begin >= at && ref->end > ref->begin + 1 && ref->end <= text.len && text.ptr[ref->begin] == '@');
        require(ref->path.len > 0 && ref->path.len < ref->end - ref->begin);
        at = ref->begin + 1;
    }
}

/* Words do not overlap, begin after white space and hold none. */
static void check_words(const sp_markdown *found, sp_str text, size_t begin)
{
    size_t at = begin;
    for (size_t i = 0; i < found->import_count; i++) {
        const sp_import_ref *ref = &found->imports[i];
        require(ref->begin >= at && ref->path.ptr == text.ptr + ref->begin + 1);
        require(ref->begin == 0 || strchr(" \t\r\n", text.ptr[ref->begin - 1]));
        for (size_t j = 0; j < ref->path.len; j++)
            require(!ref->path.ptr[j] || !strchr(" \t\r\n", ref->path.ptr[j]));
        at = ref->end;
    }
}

static void check_other_rules(sp_arena *arena, const sp_markdown *first, sp_str text, size_t begin)
{
    sp_markdown found;
    sp_err err;
    require(sp_markdown_scan_marked(arena, text, begin, &found, &err) == SP_OK);
    check_references(&found, first, text, begin);
    require(sp_markdown_scan_paths(arena, text, begin, &found, &err) == SP_OK);
    check_references(&found, first, text, begin);
    for (int has_markdown_code = 0; has_markdown_code < 2; has_markdown_code++) {
        require(sp_markdown_find_words(arena, text, begin, has_markdown_code, &found, &err) == SP_OK);
        check_references(&found, first, text, begin);
        check_words(&found, text, begin);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t begin = data[0] == '\n' ? 0 : data[0] % size;
    /* An exact copy, so that the sanitizer sees a read of one byte too many. */
    char *copy = malloc(size - 1 ? size - 1 : 1);
    require(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    sp_str text = { copy, size - 1 };
    sp_arena arena = { 0 };
    sp_markdown found;
    sp_err err;
    require(sp_markdown_scan(&arena, text, begin, &found, &err) == SP_OK);
    check_blocks(&found, text, begin);
    check_comments(&found, text, begin);
    check_imports(&found, text, begin);
    check_other_rules(&arena, &found, text, begin);
    sp_arena_release(&arena);
    free(copy);
    return 0;
}
