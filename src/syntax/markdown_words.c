/*
 * markdown_words.c - import references of a client that takes a word after an @ for one.
 *
 * Such a client looks at characters, not at Markdown. A reference begins with an @ at the start of the text or after a
 * space or a line end; its path begins with a letter, a dot or a slash, and ends at the next space or line end. Only
 * backticks make code: as many as there are, up to the next place with as many; if there is none, fewer.
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
    size_t run; /* the first that does not end before the place where the scan is */
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

/* The reference at the @, if it is one. The scan goes on inside of it: its path may have backticks that begin code. */
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

sp_status sp_markdown_find_words(sp_arena *arena, sp_str text, size_t begin, sp_markdown *markdown, sp_err *err)
{
    word_scan scan = { .arena = arena, .text = text, .found = { .arena = arena, .text = text } };
    SP_TRY(find_runs(&scan, begin, err));
    size_t at = begin;
    while (at < text.len) {
        while (scan.run < scan.runs.count && scan.runs.items[scan.run].end <= at)
            scan.run++;
        if (text.ptr[at] == '@')
            add_reference(&scan, at);
        at = text.ptr[at] == '`' ? skip_code(&scan, at) : at + 1;
    }
    return sp_md_take_imports(&scan.found, markdown, err);
}
