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

/* Backticks one after the other, of which no run after them has as many. */
typedef struct ticks {
    size_t begin;
    size_t count;
} ticks;

/* References are found as the search for code goes on, so that neither code nor words need a list. */
typedef struct word_scan {
    sp_arena *arena;
    sp_str text;
    sp_list(ticks) longest; /* each has fewer than the one before it: 2,828 of them take 4 MB of text */
    size_t next_longest;    /* the first that begins after the place where the search for code is */
    size_t at;              /* before it, all references were found */
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

/* Finds the references before a code that ends there. Codes come in order. */
static void pass_code(word_scan *scan, size_t begin, size_t end)
{
    while (scan->at < begin) {
        const char *sign = memchr(scan->text.ptr + scan->at, '@', begin - scan->at);
        if (!sign)
            break;
        scan->at = (size_t)(sign - scan->text.ptr);
        add_reference(scan, scan->at++);
    }
    scan->at = end > scan->at ? end : scan->at;
}

/* ---- between backticks ------------------------------------------------------------------------------------- */

static size_t next_tick(sp_str text, size_t at)
{
    const char *tick = at < text.len ? memchr(text.ptr + at, '`', text.len - at) : NULL;
    return tick ? (size_t)(tick - text.ptr) : text.len;
}

static size_t count_ticks(sp_str text, size_t at)
{
    size_t end = at;
    while (end < text.len && text.ptr[end] == '`')
        end++;
    return end - at;
}

static sp_status find_longest(word_scan *scan, size_t begin, sp_err *err)
{
    for (size_t at = next_tick(scan->text, begin); at < scan->text.len; at = next_tick(scan->text, at)) {
        size_t count = count_ticks(scan->text, at);
        while (scan->longest.count && scan->longest.items[scan->longest.count - 1].count <= count)
            scan->longest.count--;
        ticks *slot = SP_LIST_PUSH(scan->arena, &scan->longest);
        if (!slot)
            return sp_err_memory(err);
        *slot = (ticks){ .begin = at, .count = count };
        at += count;
    }
    return SP_OK;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Past the code that the backtick at `at` begins; past the backtick where it begins none. */
static size_t skip_code(word_scan *scan, size_t at)
{
    while (scan->next_longest < scan->longest.count && scan->longest.items[scan->next_longest].begin <= at)
        scan->next_longest++;
    bool is_last = scan->next_longest == scan->longest.count;
    size_t left = count_ticks(scan->text, at);
    size_t count = smaller(left, is_last ? 0 : scan->longest.items[scan->next_longest].count);
    if (count <= left / 2)
        return left < 2 ? at + 1 : at + left / 2 * 2; /* it opens and closes in one run */
    for (size_t length = left; at < scan->text.len; length = count_ticks(scan->text, at)) {
        at = next_tick(scan->text, at + length);
        if (count_ticks(scan->text, at) >= count)
            break;
    }
    return at + count;
}

static sp_status pass_ticked(word_scan *scan, size_t begin, sp_err *err)
{
    SP_TRY(find_longest(scan, begin, err));
    for (size_t at = next_tick(scan->text, begin); at < scan->text.len; at = next_tick(scan->text, at)) {
        size_t end = skip_code(scan, at);
        pass_code(scan, at, end);
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

static void pass_spans(word_scan *scan, size_t at, size_t end)
{
    while (at < end) {
        char c = scan->text.ptr[at];
        size_t begin = at;
        if (c == '`') {
            at = sp_md_skip_code_span(&scan->found, at, end);
            pass_code(scan, begin, at);
        } else if (c == '<') {
            at = sp_md_skip_markup(&scan->found, at, end);
            at += at == begin;
        } else {
            at += c == '\\' ? 2 : 1;
        }
    }
}

static void pass_blocks(word_scan *scan, const sp_markdown *markdown)
{
    for (uint32_t i = 0; i < markdown->block_count; i++) {
        const sp_block *block = &markdown->blocks[i];
        if (block->is_in_item || (block->is_in_quote && block->first_line < block->last_line))
            continue;
        if (block->kind == SP_BLOCK_FENCED_CODE || block->kind == SP_BLOCK_INDENTED_CODE)
            pass_code(scan, block->begin, block->end);
        else if (block->kind == SP_BLOCK_PARAGRAPH)
            pass_spans(scan, block->begin, table_begin(scan->text, block));
        else if (block->kind == SP_BLOCK_HEADING)
            pass_spans(scan, block->begin, block->end);
    }
}

sp_status sp_markdown_find_words(sp_arena *arena, sp_str text, size_t begin, bool has_markdown_code,
                                 sp_markdown *markdown, sp_err *err)
{
    word_scan scan = { .arena = arena, .text = text, .at = begin, .found = { .arena = arena, .text = text } };
    if (has_markdown_code)
        pass_blocks(&scan, markdown);
    else
        SP_TRY(pass_ticked(&scan, begin, err));
    pass_code(&scan, text.len, text.len);
    return sp_md_take_imports(&scan.found, markdown, err);
}
