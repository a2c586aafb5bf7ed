/*
 * markdown_words.c - import references of a client that takes a word after an @ for one.
 *
 * Such a client looks at characters, not at Markdown. A reference begins with an @ at the start of the text or after a
 * space or a line end; its path begins with a letter, a dot or a slash, and ends at the next space or line end. In code
 * there is none. What is code, two clients say in two ways: the one takes backticks alone, as many as there are, up to
 * the next place with as many, and if there is none, fewer. The other takes the code of Markdown where it finds the
 * text of a block unchanged: not in lists and tables, and in quotes only in blocks of one line.
 */
#include "base/types.h"
#include "syntax/markdown_private.h"

/* Backticks one after the other, and the length of the longest such run after them. */
typedef struct ticks {
    size_t begin;
    size_t end;
    size_t longest_after;
} ticks;

typedef struct word_scan {
    sp_arena *arena;
    sp_str text;
    sp_list(ticks) runs;
    size_t run;            /* the first that does not end before the place where the search for code is */
    sp_list(sp_span) code; /* in order */
    sp_text_scan found;
} word_scan;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool begins_path(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
}

static sp_status add_code(word_scan *scan, size_t begin, size_t end, sp_err *err)
{
    sp_span *slot = SP_LIST_PUSH(scan->arena, &scan->code);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_span){ begin, end };
    return SP_OK;
}

/* ---- between backticks ------------------------------------------------------------------------------------- */

static sp_status find_runs(word_scan *scan, size_t at, sp_err *err)
{
    while (at < scan->text.len) {
        const char *tick = memchr(scan->text.ptr + at, '`', scan->text.len - at);
        if (!tick)
            break;
        size_t begin = (size_t)(tick - scan->text.ptr);
        for (at = begin; at < scan->text.len && scan->text.ptr[at] == '`';)
            at++;
        ticks *run = SP_LIST_PUSH(scan->arena, &scan->runs);
        if (!run)
            return sp_err_memory(err);
        *run = (ticks){ .begin = begin, .end = at };
    }
    size_t longest = 0;
    for (size_t i = scan->runs.count; i-- > 0;) {
        size_t length = scan->runs.items[i].end - scan->runs.items[i].begin;
        scan->runs.items[i].longest_after = longest;
        longest = length > longest ? length : longest;
    }
    return SP_OK;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Past the code that the backtick at `at` begins, which is in the current run; past the backtick where it begins none.
 */
static size_t skip_code(word_scan *scan, size_t at)
{
    const ticks *run = &scan->runs.items[scan->run];
    size_t left = run->end - at;
    size_t count = smaller(left, run->longest_after);
    if (count <= left / 2)
        return left < 2 ? at + 1 : at + left / 2 * 2; /* it opens and closes in one run */
    size_t i = scan->run + 1;
    while (scan->runs.items[i].end - scan->runs.items[i].begin < count)
        i++;
    return scan->runs.items[i].begin + count;
}

static sp_status find_ticked(word_scan *scan, size_t begin, sp_err *err)
{
    SP_TRY(find_runs(scan, begin, err));
    for (size_t at = begin; at < scan->text.len;) {
        while (scan->run < scan->runs.count && scan->runs.items[scan->run].end <= at)
            scan->run++;
        if (scan->run == scan->runs.count)
            break;
        if (at < scan->runs.items[scan->run].begin)
            at = scan->runs.items[scan->run].begin;
        size_t end = skip_code(scan, at);
        SP_TRY(add_code(scan, at, end, err));
        at = end;
    }
    return SP_OK;
}

/* ---- in Markdown --------------------------------------------------------------------------------------------- */

static size_t line_end(sp_str text, size_t at, size_t end)
{
    while (at < end && !sp_md_is_line_end(text.ptr[at]))
        at++;
    return at;
}

static size_t next_line(sp_str text, size_t at, size_t end)
{
    at = line_end(text, at, end);
    at += at + 1 < end && text.ptr[at] == '\r' && text.ptr[at + 1] == '\n';
    return at < end ? at + 1 : end;
}

/* How many cells a row of a table has. */
static size_t count_cells(sp_str row)
{
    size_t cells = 1;
    row = sp_str_trim(row);
    row = sp_str_slice(row, sp_str_starts(row, SP_STR("|")), row.len);
    for (size_t i = 0; i + 1 < row.len; i++)
        cells += row.ptr[i] == '|' && (i == 0 || row.ptr[i - 1] != '\\');
    return cells;
}

/* Whether it is the row of a table that divides its head from the others. */
static bool is_divider(sp_str row)
{
    bool has_dash = false;
    bool has_mark = false;
    for (size_t i = 0; i < row.len; i++) {
        has_dash |= row.ptr[i] == '-';
        has_mark |= row.ptr[i] == '|' || row.ptr[i] == ':';
        if (!sp_md_is_one_of(row.ptr[i], "|:- \t"))
            return false;
    }
    return has_dash && has_mark;
}

/* Where a table begins in a paragraph, which it ends; else the paragraph's end. */
static size_t table_begin(sp_str text, const sp_block *block)
{
    for (size_t above = block->begin, at = next_line(text, above, block->end); at < block->end;) {
        sp_str head = sp_str_slice(text, above, line_end(text, above, block->end));
        sp_str row = sp_str_slice(text, at, line_end(text, at, block->end));
        if (is_divider(row) && count_cells(head) == count_cells(row))
            return above;
        above = at;
        at = next_line(text, at, block->end);
    }
    return block->end;
}

static sp_status find_spans(word_scan *scan, size_t at, size_t end, sp_err *err)
{
    while (at < end) {
        char c = scan->text.ptr[at];
        size_t begin = at;
        if (c == '`') {
            at = sp_md_skip_code_span(&scan->found, at, end);
            SP_TRY(add_code(scan, begin, at, err));
        } else if (c == '<') {
            at = sp_md_skip_markup(&scan->found, at, end);
            at += at == begin;
        } else {
            at += c == '\\' ? 2 : 1;
        }
    }
    return SP_OK;
}

static sp_status find_in_blocks(word_scan *scan, const sp_markdown *markdown, sp_err *err)
{
    for (uint32_t i = 0; i < markdown->block_count; i++) {
        const sp_block *block = &markdown->blocks[i];
        if (block->is_in_item || (block->is_in_quote && block->first_line < block->last_line))
            continue;
        if (block->kind == SP_BLOCK_FENCED_CODE || block->kind == SP_BLOCK_INDENTED_CODE)
            SP_TRY(add_code(scan, block->begin, block->end, err));
        else if (block->kind == SP_BLOCK_PARAGRAPH)
            SP_TRY(find_spans(scan, block->begin, table_begin(scan->text, block), err));
        else if (block->kind == SP_BLOCK_HEADING)
            SP_TRY(find_spans(scan, block->begin, block->end, err));
    }
    return SP_OK;
}

/* ---- words --------------------------------------------------------------------------------------------------- */

/* The reference at the @, if it is one. */
static void add_reference(word_scan *scan, size_t begin)
{
    size_t end = begin + 1;
    bool is_start = begin == 0 || is_space(scan->text.ptr[begin - 1]);
    if (!is_start || end == scan->text.len || !begins_path(scan->text.ptr[end]))
        return;
    while (end < scan->text.len && !is_space(scan->text.ptr[end]))
        end++;
    sp_str path = sp_str_slice(scan->text, begin + 1, end);
    sp_md_add_import(&scan->found, (sp_import_ref){ .begin = begin, .end = end, .path = path });
}

sp_status sp_markdown_find_words(sp_arena *arena, sp_str text, size_t begin, bool has_markdown_code,
                                 sp_markdown *markdown, sp_err *err)
{
    word_scan scan = { .arena = arena, .text = text, .found = { .arena = arena, .text = text } };
    SP_TRY(has_markdown_code ? find_in_blocks(&scan, markdown, err) : find_ticked(&scan, begin, err));
    size_t code = 0;
    for (size_t at = begin; at < text.len; at++) {
        while (code < scan.code.count && scan.code.items[code].end <= at)
            code++;
        if (code < scan.code.count && scan.code.items[code].begin <= at)
            at = scan.code.items[code].end - 1;
        else if (text.ptr[at] == '@')
            add_reference(&scan, at);
    }
    return sp_md_take_imports(&scan.found, markdown, err);
}
