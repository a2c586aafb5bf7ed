/*
 * markdown_private.h - what the parts of the Markdown scanner share. Only markdown*.c include it.
 *
 *   markdown.c        lines -> containers and leaf blocks; calls the other three
 *   markdown_html.c   where an HTML block begins and ends, and how long a tag is
 *   markdown_links.c  how far the link definitions at the start of a paragraph reach
 *   markdown_text.c   the import references in the text of one leaf block
 */
#ifndef SP_MARKDOWN_PRIVATE_H
#define SP_MARKDOWN_PRIVATE_H

#include "base/types.h"
#include "syntax/markdown.h"

/* ---- bytes ------------------------------------------------------------------------------------ */

static inline bool sp_md_is_blank(char c)
{
    return c == ' ' || c == '\t';
}
static inline bool sp_md_is_line_end(char c)
{
    return c == '\n' || c == '\r';
}
static inline bool sp_md_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool sp_md_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool sp_md_is_alnum(char c)
{
    return sp_md_is_letter(c) || sp_md_is_digit(c);
}

static inline bool sp_md_is_one_of(char c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

/* First offset in [at, end) that does not hold c, or end. */
static inline size_t sp_md_skip_run(sp_str text, size_t at, size_t end, char c)
{
    while (at < end && text.ptr[at] == c)
        at++;
    return at;
}

/* First offset in [at, end) that holds neither space nor tab, or end. */
static inline size_t sp_md_skip_blanks(sp_str text, size_t at, size_t end)
{
    while (at < end && sp_md_is_blank(text.ptr[at]))
        at++;
    return at;
}

/* Offset of the first needle that lies inside [from, end), or SIZE_MAX. */
static inline size_t sp_md_find(sp_str text, sp_str needle, size_t from, size_t end)
{
    return from > end ? SIZE_MAX : sp_str_find((sp_str){ text.ptr, end }, needle, from);
}

/* ---- markdown_html.c --------------------------------------------------------------------------- */

/* The seven start conditions of CommonMark 0.30, section 4.6, by their numbers there. */
typedef enum sp_html_kind {
    SP_HTML_NONE = 0,
    SP_HTML_RAW = 1, /* script, pre, style, textarea */
    SP_HTML_COMMENT = 2,
    SP_HTML_INSTRUCTION = 3, /* <? */
    SP_HTML_DECLARATION = 4, /* <!DOCTYPE */
    SP_HTML_CDATA = 5,
    SP_HTML_BLOCK_TAG = 6, /* div, table, ... */
    SP_HTML_ANY_TAG = 7,   /* any other tag that has its line to itself */
} sp_html_kind;

/* What kind of HTML block the line [at, end) begins, at being its first byte that is not blank. */
sp_html_kind sp_html_block_start(sp_str text, size_t at, size_t end);

/* Whether a block of that kind (1 to 5) ends with the line [at, end). */
bool sp_html_block_ends(sp_html_kind kind, sp_str text, size_t at, size_t end);

/* Offset past the complete opening or closing tag that begins at `at`, or 0 where there is none before end. */
size_t sp_html_tag_end(sp_str text, size_t at, size_t end);

/* ---- markdown_links.c -------------------------------------------------------------------------- */

/* Offset of the first byte in [at, end) that is not part of a link definition; end when all of it is. */
size_t sp_link_definitions_end(sp_str text, size_t at, size_t end);

/* ---- markdown_text.c --------------------------------------------------------------------------- */

/* Longer runs of backticks never open a code span; cmark has the same bound (MAXBACKTICKS). */
enum { SP_MD_LONGEST_BACKTICKS = 80 };

/* A run of * or _ that may be a mark of emphasis. */
typedef struct sp_md_mark {
    size_t begin;
    size_t end;
    size_t before; /* the run of the same character that was open before it, or SIZE_MAX */
    bool is_matched;
} sp_md_mark;

typedef struct sp_text_scan {
    sp_arena *arena;
    sp_str text;
    sp_list(sp_import_ref) imports;
    size_t more_imports; /* 1 + where the first one begins that was too many, or 0 */
    bool failed;         /* memory was short */
    /* What is known about the text ahead, so that a search that cannot succeed is never made twice. Offsets are
     * those of the whole text and only grow, so nothing has to be reset between blocks. */
    size_t last_backticks[SP_MD_LONGEST_BACKTICKS + 1]; /* 1 + where the last run of that length begins, or 0 */
    size_t backticks_known_to;                          /* runs before this offset are in last_backticks */
    size_t no_comment_end_before;                       /* there is no --> from the last search up to here */
    size_t line_end;                                    /* of the line that a tag was last looked for on */
    bool is_marked;                                     /* references as Claude Code finds them */
    sp_list(sp_md_mark) marks;                          /* of the block that is being searched */
    size_t open_marks[2];                               /* the last open one of * and of _, or SIZE_MAX */
} sp_text_scan;

/* Adds the import references in [begin, end), the text of one leaf block from its first byte of content on.
 * has_code_spans is false for HTML blocks, where backticks mean nothing. */
void sp_text_scan_run(sp_text_scan *scan, size_t begin, size_t end, bool has_code_spans);

/* Adds a reference, if there are not too many. */
void sp_md_add_import(sp_text_scan *scan, sp_import_ref ref);

/* Replaces the imports by those that were found. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_md_take_imports(const sp_text_scan *scan, sp_markdown *markdown, sp_err *err);

/* Parts of that search. */
size_t sp_md_skip_code_span(sp_text_scan *scan, size_t at, size_t end);
size_t sp_md_skip_markup(sp_text_scan *scan, size_t at, size_t end);
size_t sp_md_space_length(sp_str text, size_t at);
bool sp_md_is_space_before(sp_str text, size_t begin, size_t at);
bool sp_md_is_behind_markers(const sp_text_scan *scan, size_t begin, size_t at);
/* Adds the reference in quotes or parentheses at the @, and returns its end; 0 where there is none. */
size_t sp_md_quoted_reference(sp_text_scan *scan, size_t begin, size_t at, size_t end);
/* Adds the reference [begin, end) with that path, its spaces unescaped. */
void sp_text_add_import(sp_text_scan *scan, size_t begin, size_t end, size_t path_begin, size_t path_end, bool is_raw);

/* ---- markdown_marked.c ------------------------------------------------------------------------- */

/* The same as sp_text_scan_run, by the rules of the client. is_item: it is the text of a list item. */
void sp_text_scan_marked(sp_text_scan *scan, size_t begin, size_t end, bool is_item);

#endif
