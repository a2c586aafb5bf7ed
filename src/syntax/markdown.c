/*
 * markdown.c - the block structure of CommonMark 0.30, line by line.
 *
 * The approach is the one of the specification's appendix, reduced to what we ask: of the tree of blocks only the
 * open branch is kept. It is a stack of containers (quotes and list items) and, at its tip, at most one open leaf.
 * For every line:
 *
 *   1. match     go down the stack, each container taking its marker or its indentation off the line
 *   2. continue  if all of them matched, code and HTML just take the line
 *   3. open      otherwise see what begins here: any number of containers, then one leaf (the table `openers`)
 *   4. text      what nothing claimed is paragraph text. It goes on with an open paragraph even if containers
 *                did not match (a lazy continuation), or closes them and begins a new one
 *
 * Every line is thereby added to the last block of the list or begins a new one, so the blocks follow one another
 * without a gap. A list is not an object of its own here: which items form one list makes no difference to leaves.
 *
 * Differences to cmark 0.30.2, each on purpose, are listed in tests/unit/test_markdown_cmark.c.
 *
 * Time is linear. Bytes of a line are taken by one container each; what is known about the blanks ahead and about a
 * thematic break that failed is kept; and the stack is bounded, because a blank line costs one step for each
 * open item without holding a byte for it.
 */
#include "base/types.h"
#include "model/source.h"
#include "rules/profile.h"
#include "syntax/markdown_private.h"

enum {
    TAB_STOP = 4,
    CODE_INDENT = 4, /* columns that make a line indented code */
    MAX_DEPTH = 64,  /* containers inside one another; a marker beyond that is plain text */
    MAX_FENCE_INDENT = 3,
    MAX_LIST_DIGITS = 9,
    MAX_LEVEL = 6,
};

/* The headings that are open, by level; at[0] is unused. What stands under which follows from it. */
typedef struct outline {
    uint32_t at[MAX_LEVEL + 1];
} outline;

typedef struct container {
    bool is_quote;         /* else a list item */
    bool has_child;        /* an item that begins with a blank line may not be continued by another one */
    size_t content_indent; /* of an item: columns from where its parent's content begins to its own */
    outline before;        /* a heading in a quote or an item reaches no further than to its end */
} container;

/* The line being looked at. `at` moves on as containers take their part of it. */
typedef struct line {
    uint32_t number;
    size_t begin;
    size_t end;  /* of its content: before the line end */
    size_t next; /* begin of the next line */
    size_t at;
    size_t column;          /* of at; inside a tab that is used up only in part, it says how far */
    size_t first;           /* the first byte at or behind `at` that is neither space nor tab */
    size_t first_column;    /* of it */
    size_t indent;          /* columns from at to it */
    bool is_blank;          /* nothing but blanks from at on */
    size_t no_break_before; /* a thematic break cannot begin before this offset */
} line;

typedef enum leaf_kind {
    LEAF_NONE,
    LEAF_PARAGRAPH,
    LEAF_FENCE,
    LEAF_INDENTED,
    LEAF_HTML,
} leaf_kind;

typedef struct leaf {
    leaf_kind kind;
    size_t text_begin; /* first byte of content */
    size_t text_end;   /* end of the content of its last line */
    char fence;        /* ` or ~ */
    size_t fence_length;
    sp_html_kind html;
    size_t line_begin;   /* of an HTML block: begin of its first line */
    bool keeps_comments; /* of an HTML block: it is not at the top level for the clients that remove comments */
} leaf;

typedef struct scanner {
    sp_arena *arena;
    sp_str text;
    size_t next_newline; /* the first \n at or behind the current line's begin, or text.len */
    line line;
    container stack[MAX_DEPTH];
    size_t depth;   /* open containers */
    size_t matched; /* those the current line goes on with */
    leaf leaf;
    outline outline;
    sp_list(sp_block) blocks;
    bool is_full; /* the last block takes all that follows */
    sp_list(sp_span) comments;
    sp_list(sp_span) definitions;
    size_t unclosed_comment;
    sp_text_scan imports;
    bool failed; /* memory was short */
} scanner;

static char byte_at(const scanner *s, size_t at)
{
    return s->text.ptr[at];
}

/* ---- lines and columns --------------------------------------------------------------------------- */

static size_t find_newline(sp_str text, size_t from)
{
    const char *newline = memchr(text.ptr + from, '\n', text.len - from);
    return newline ? (size_t)(newline - text.ptr) : text.len;
}

/* Sets line to the one that begins at `begin`. A line ends in \n, \r\n or \r. The next \n is kept and not looked for
 * again on each line, because a text whose lines end in \r may hold none. */
static void line_start(scanner *s, size_t begin)
{
    if (s->next_newline < begin)
        s->next_newline = find_newline(s->text, begin);
    size_t end = s->next_newline;
    size_t next = end < s->text.len ? end + 1 : end;
    const char *cr = begin < end ? memchr(s->text.ptr + begin, '\r', end - begin) : NULL;
    if (cr) {
        end = (size_t)(cr - s->text.ptr);
        next = end + 1 == s->next_newline ? next : end + 1;
    }
    s->line =
        (line){ .number = s->line.number + 1, .begin = begin, .end = end, .next = next, .at = begin, .first = begin };
}

static size_t column_after(size_t column, char blank)
{
    return blank == '\t' ? column + TAB_STOP - column % TAB_STOP : column + 1;
}

/* Finds the first byte that is not blank, from where the last look ended if that is still ahead. */
static void line_look(scanner *s)
{
    line *l = &s->line;
    if (l->first < l->at) {
        l->first = l->at;
        l->first_column = l->column;
    }
    while (l->first < l->end && sp_md_is_blank(byte_at(s, l->first)))
        l->first_column = column_after(l->first_column, byte_at(s, l->first++));
    l->indent = l->first_column - l->column;
    l->is_blank = l->first == l->end;
}

/* Takes at most that many columns of blanks. A tab may be taken in part. */
static void line_take_columns(scanner *s, size_t columns)
{
    line *l = &s->line;
    while (columns > 0 && l->at < l->end && sp_md_is_blank(byte_at(s, l->at))) {
        size_t width = column_after(l->column, byte_at(s, l->at)) - l->column;
        size_t taken = columns < width ? columns : width;
        l->column += taken;
        columns -= taken;
        l->at += taken == width;
    }
}

/* Takes the blanks in front of the first other byte, and length bytes from there. */
static void line_take_marker(scanner *s, size_t length)
{
    s->line.at = s->line.first + length;
    s->line.column = s->line.first_column + length;
}

static bool line_is_indented(const scanner *s)
{
    return s->line.indent >= CODE_INDENT;
}

/* The first byte that is not blank; NUL on a blank line. */
static char line_first(const scanner *s)
{
    if (s->line.is_blank)
        return 0;
    return byte_at(s, s->line.first);
}

/* ---- blocks ---------------------------------------------------------------------------------------- */

static uint32_t parent_heading(const outline *headings, size_t level)
{
    while (--level > 0)
        if (headings->at[level] != SP_NONE)
            return headings->at[level];
    return SP_NONE;
}

static void outline_add(outline *headings, size_t level, uint32_t block)
{
    headings->at[level] = block;
    for (size_t deeper = level + 1; deeper <= MAX_LEVEL; deeper++)
        headings->at[deeper] = SP_NONE;
}

/* Adds the line to the last block. */
static void block_add_line(scanner *s)
{
    if (s->failed)
        return;
    sp_block *block = &s->blocks.items[s->blocks.count - 1];
    block->end = s->line.next;
    if (!s->line.is_blank)
        block->last_line = s->line.number;
    s->leaf.text_end = s->line.end;
}

/* Every block costs memory in each later stage: there is a most of them (rule text.blocks). */
static void block_begin(scanner *s, sp_block_kind kind)
{
    if (s->is_full) {
        block_add_line(s);
        return;
    }
    sp_block *block = SP_LIST_PUSH(s->arena, &s->blocks);
    s->failed |= block == NULL;
    s->is_full = s->blocks.count == (size_t)sp_own_limit(SP_RULE_TEXT_BLOCKS);
    if (!block)
        return;
    *block = (sp_block){ .kind = s->is_full ? SP_BLOCK_PARAGRAPH : kind,
                         .first_line = s->line.number,
                         .last_line = s->line.number,
                         .heading = parent_heading(&s->outline, MAX_LEVEL + 1),
                         .begin = s->line.begin,
                         .end = s->line.next };
    for (size_t i = 0; i < s->depth; i++) {
        block->is_in_item |= !s->stack[i].is_quote;
        block->is_in_quote |= s->stack[i].is_quote;
    }
}

/* Makes the last block a heading. */
static void block_make_heading(scanner *s, uint8_t level)
{
    if (s->failed || s->is_full)
        return;
    sp_block *block = &s->blocks.items[s->blocks.count - 1];
    block->kind = SP_BLOCK_HEADING;
    block->level = level;
    block->heading = parent_heading(&s->outline, level);
    outline_add(&s->outline, level, (uint32_t)(s->blocks.count - 1));
}

static void add_blank_line(scanner *s)
{
    if (s->blocks.count == 0)
        block_begin(s, SP_BLOCK_BLANK);
    else
        block_add_line(s);
}

/* Opens a leaf at the tip of the stack, its text beginning at the first byte that is not blank. */
static void leaf_open(scanner *s, leaf_kind kind, sp_block_kind block)
{
    if (s->depth > 0)
        s->stack[s->depth - 1].has_child = true;
    s->leaf = (leaf){ .kind = kind, .text_begin = s->line.first, .text_end = s->line.end, .line_begin = s->line.begin };
    block_begin(s, block);
}

static void note_unclosed_comment(scanner *s, size_t at)
{
    if (s->unclosed_comment == SIZE_MAX)
        s->unclosed_comment = at;
}

/* Link definitions at the begin of the leaf, up to `end`, which may lie in the indentation of the line after them. */
static void add_definitions(scanner *s, size_t end)
{
    const leaf *l = &s->leaf;
    if (s->depth > 0 || end == l->text_begin)
        return;
    while (end < l->text_end && !sp_md_is_line_end(s->text.ptr[end - 1]))
        end--;
    while (end < s->text.len && sp_md_is_line_end(s->text.ptr[end]))
        end++;
    sp_span *definitions = SP_LIST_PUSH(s->arena, &s->definitions);
    s->failed |= definitions == NULL;
    if (definitions)
        *definitions = (sp_span){ l->line_begin, end };
}

/* The text of a paragraph after its link definitions is looked through for imports. */
static void close_marked_paragraph(scanner *s)
{
    const leaf *l = &s->leaf;
    size_t begin = sp_link_definitions_end(s->text, l->text_begin, l->text_end);
    add_definitions(s, begin);
    sp_text_scan_marked(&s->imports, begin, l->text_end, s->depth > 0 && !s->stack[s->depth - 1].is_quote);
}

/* The leaf is complete: its text is looked through for imports. HTML that is a program, a style sheet, a document
 * type or preformatted text holds none. */
static void leaf_close(scanner *s)
{
    const leaf *l = &s->leaf;
    bool is_marked = s->imports.is_marked;
    if (is_marked && l->kind == LEAF_PARAGRAPH)
        close_marked_paragraph(s);
    else if (l->kind == LEAF_PARAGRAPH)
        sp_text_scan_run(&s->imports, l->text_begin, l->text_end, true);
    else if (!is_marked && l->kind == LEAF_HTML && l->html >= SP_HTML_BLOCK_TAG)
        sp_text_scan_run(&s->imports, l->text_begin, l->text_end, false);
    s->leaf.kind = LEAF_NONE;
}

/* An HTML comment that ends because its container does. */
static void leaf_break_off(scanner *s)
{
    if (s->leaf.kind == LEAF_HTML && s->leaf.html == SP_HTML_COMMENT)
        note_unclosed_comment(s, s->leaf.text_begin);
    leaf_close(s);
}

/* Closes the leaf, and the containers that the line does not go on with. */
static void close_unmatched(scanner *s)
{
    leaf_break_off(s);
    if (s->matched < s->depth)
        s->outline = s->stack[s->matched].before;
    s->depth = s->matched;
}

/* ---- comments --------------------------------------------------------------------------------------- */

static void add_comment(scanner *s, size_t begin, size_t end)
{
    if (s->leaf.keeps_comments)
        return;
    sp_span *comment = SP_LIST_PUSH(s->arena, &s->comments);
    s->failed |= comment == NULL;
    if (comment)
        *comment = (sp_span){ begin, end };
}

static bool is_blank_between(const scanner *s, size_t begin, size_t end)
{
    return sp_md_skip_blanks(s->text, begin, end) == end;
}

/* The comments from index first on stand on one line or, the first of them, on several. If nothing else does, they
 * take the whole lines, each the blanks behind it and the first one its indentation too. */
static void take_whole_lines(scanner *s, size_t first, size_t line_begin)
{
    if (s->failed || s->comments.count == first)
        return;
    sp_span *spans = s->comments.items + first;
    size_t count = s->comments.count - first;
    bool is_alone =
        is_blank_between(s, line_begin, spans[0].begin) && is_blank_between(s, spans[count - 1].end, s->line.end);
    for (size_t i = 1; i < count && is_alone; i++)
        is_alone = is_blank_between(s, spans[i - 1].end, spans[i].begin);
    if (!is_alone)
        return;
    spans[0].begin = line_begin;
    for (size_t i = 1; i < count; i++)
        spans[i - 1].end = spans[i].begin;
    spans[count - 1].end = s->line.next;
}

/* The rest of the line on which a comment ended: text, and possibly further comments. One that does not end on this
 * line never does: the block is over. */
static void scan_behind_comment(scanner *s, size_t at)
{
    for (;;) {
        size_t open = sp_md_find(s->text, SP_STR("<!--"), at, s->line.end);
        size_t text_end = open == SIZE_MAX ? s->line.end : open;
        if (s->imports.is_marked)
            sp_text_scan_marked(&s->imports, at, text_end, false);
        else
            sp_text_scan_run(&s->imports, at, text_end, true);
        if (open == SIZE_MAX)
            return;
        size_t close = sp_md_find(s->text, SP_STR("-->"), open + 4, s->line.end);
        if (close == SIZE_MAX) {
            note_unclosed_comment(s, open);
            return;
        }
        add_comment(s, open, close + 3);
        at = close + 3;
    }
}

/* Looks for the end of the open comment on this line, from `from` on; true if it is there and the block with it. */
static bool end_comment_block(scanner *s, size_t from)
{
    size_t close = sp_md_find(s->text, SP_STR("-->"), from, s->line.end);
    if (close == SIZE_MAX)
        return false;
    size_t first = s->comments.count;
    /* <!--> ends the block, but what is removed goes on to the next --> on its line */
    if (close < s->leaf.text_begin + 4)
        close = sp_md_find(s->text, SP_STR("-->"), s->leaf.text_begin + 4, s->line.end);
    if (close == SIZE_MAX)
        return true;
    add_comment(s, s->leaf.text_begin, close + 3);
    scan_behind_comment(s, close + 3);
    take_whole_lines(s, first, s->leaf.line_begin);
    return true;
}

/* ---- step 1: the containers ------------------------------------------------------------------------- */

static void take_quote_marker(scanner *s)
{
    line_take_marker(s, 1);
    line_take_columns(s, 1);
}

static bool container_continues(scanner *s, const container *c)
{
    line_look(s);
    if (c->is_quote) {
        if (line_is_indented(s) || line_first(s) != '>')
            return false;
        take_quote_marker(s);
        return true;
    }
    if (s->line.indent >= c->content_indent) {
        line_take_columns(s, c->content_indent);
        return true;
    }
    if (!s->line.is_blank || !c->has_child)
        return false;
    line_take_marker(s, 0);
    return true;
}

static void match_containers(scanner *s)
{
    s->matched = 0;
    while (s->matched < s->depth && container_continues(s, &s->stack[s->matched]))
        s->matched++;
    line_look(s);
}

/* ---- step 2: code and HTML -------------------------------------------------------------------------- */

static bool is_closing_fence(const scanner *s)
{
    const line *l = &s->line;
    if (l->indent > MAX_FENCE_INDENT || line_first(s) != s->leaf.fence)
        return false;
    size_t behind = sp_md_skip_run(s->text, l->first, l->end, s->leaf.fence);
    return behind - l->first >= s->leaf.fence_length && is_blank_between(s, behind, l->end);
}

static bool html_ends(scanner *s, size_t from)
{
    if (s->leaf.html == SP_HTML_COMMENT)
        return end_comment_block(s, from);
    return sp_html_block_ends(s->leaf.html, s->text, s->line.first, s->line.end);
}

/* Gives the line to the open leaf if that is code or HTML and goes on. A paragraph is not asked here: other blocks
 * can interrupt it. */
static bool leaf_takes_line(scanner *s)
{
    bool ends = false;
    switch (s->leaf.kind) {
    case LEAF_NONE:
    case LEAF_PARAGRAPH:
        return false;
    case LEAF_FENCE:
        ends = is_closing_fence(s);
        break;
    case LEAF_INDENTED:
        if (!line_is_indented(s) && !s->line.is_blank)
            return false;
        break;
    case LEAF_HTML:
        if (s->line.is_blank && s->leaf.html >= SP_HTML_BLOCK_TAG)
            return false;
        ends = html_ends(s, s->line.first);
        break;
    }
    block_add_line(s);
    if (ends)
        leaf_close(s);
    return true;
}

/* ---- step 3: what begins here ----------------------------------------------------------------------- */

typedef enum opened {
    OPENED_NOTHING,
    OPENED_CONTAINER, /* more may begin inside it, on the same line */
    OPENED_LEAF,
} opened;

/* Whether the line would go on with an open paragraph whose containers all matched. */
static bool is_in_paragraph(const scanner *s)
{
    return s->leaf.kind == LEAF_PARAGRAPH && s->matched == s->depth;
}

static bool container_open(scanner *s, container c)
{
    if (s->matched == MAX_DEPTH)
        return false;
    close_unmatched(s);
    if (s->depth > 0)
        s->stack[s->depth - 1].has_child = true;
    c.before = s->outline;
    s->stack[s->depth++] = c;
    s->matched = s->depth;
    return true;
}

static opened open_quote(scanner *s)
{
    if (line_first(s) != '>' || !container_open(s, (container){ .is_quote = true }))
        return OPENED_NOTHING;
    take_quote_marker(s);
    return OPENED_CONTAINER;
}

static opened open_atx_heading(scanner *s)
{
    const line *l = &s->line;
    size_t behind = sp_md_skip_run(s->text, l->first, l->end, '#');
    size_t level = behind - l->first;
    if (level < 1 || level > MAX_LEVEL || (behind < l->end && !sp_md_is_blank(byte_at(s, behind))))
        return OPENED_NOTHING;
    close_unmatched(s);
    leaf_open(s, LEAF_PARAGRAPH, SP_BLOCK_HEADING);
    block_make_heading(s, (uint8_t)level);
    leaf_close(s);
    return OPENED_LEAF;
}

static opened open_fence(scanner *s)
{
    const line *l = &s->line;
    char fence = line_first(s);
    if (fence != '`' && fence != '~')
        return OPENED_NOTHING;
    size_t behind = sp_md_skip_run(s->text, l->first, l->end, fence);
    if (behind - l->first < 3 || (fence == '`' && memchr(s->text.ptr + behind, '`', l->end - behind)))
        return OPENED_NOTHING;
    close_unmatched(s);
    leaf_open(s, LEAF_FENCE, SP_BLOCK_FENCED_CODE);
    s->leaf.fence = fence;
    s->leaf.fence_length = behind - l->first;
    return OPENED_LEAF;
}

static opened open_html(scanner *s)
{
    sp_html_kind kind = sp_html_block_start(s->text, s->line.first, s->line.end);
    if (kind == SP_HTML_NONE || (kind == SP_HTML_ANY_TAG && s->leaf.kind == LEAF_PARAGRAPH))
        return OPENED_NOTHING;
    /* a paragraph is interrupted by a comment at the margin only */
    bool is_below_text = s->leaf.kind == LEAF_PARAGRAPH && s->line.first > s->line.begin;
    close_unmatched(s);
    leaf_open(s, LEAF_HTML, SP_BLOCK_HTML);
    s->leaf.html = kind;
    s->leaf.keeps_comments = s->depth > 0 || is_below_text;
    if (html_ends(s, s->line.first + 2)) /* <!--> and <!---> are whole comments */
        leaf_close(s);
    return OPENED_LEAF;
}

/* A line of = or - under a paragraph makes that a heading, unless nothing but link definitions would be in it. */
static opened open_setext_heading(scanner *s)
{
    const line *l = &s->line;
    char mark = line_first(s);
    if (!is_in_paragraph(s) || (mark != '=' && mark != '-'))
        return OPENED_NOTHING;
    if (!is_blank_between(s, sp_md_skip_run(s->text, l->first, l->end, mark), l->end))
        return OPENED_NOTHING;
    if (sp_link_definitions_end(s->text, s->leaf.text_begin, s->leaf.text_end) == s->leaf.text_end)
        return OPENED_NOTHING;
    leaf_close(s);
    block_add_line(s);
    block_make_heading(s, mark == '=' ? 1 : 2);
    return OPENED_LEAF;
}

/* Three or more of one of * - _ and nothing else but blanks. "* * * a" opens an item per star, and each time this is
 * asked again: the answer for the first star holds for all. */
static bool is_thematic_break(scanner *s)
{
    line *l = &s->line;
    char mark = line_first(s);
    if ((mark != '*' && mark != '-' && mark != '_') || l->first < l->no_break_before)
        return false;
    size_t count = 0;
    size_t at = l->first;
    for (; at < l->end && (byte_at(s, at) == mark || sp_md_is_blank(byte_at(s, at))); at++)
        count += byte_at(s, at) == mark;
    if (at < l->end)
        l->no_break_before = at;
    return at == l->end && count >= 3;
}

static opened open_thematic_break(scanner *s)
{
    if (!is_thematic_break(s))
        return OPENED_NOTHING;
    close_unmatched(s);
    leaf_open(s, LEAF_NONE, SP_BLOCK_THEMATIC_BREAK);
    return OPENED_LEAF;
}

/* Length of the list marker at `at`, or 0. A blank or the end of the line has to follow it. */
static size_t list_marker_length(sp_str text, size_t at, size_t end)
{
    size_t stop = at;
    while (stop < end && stop - at < MAX_LIST_DIGITS && sp_md_is_digit(text.ptr[stop]))
        stop++;
    bool is_bullet = stop == at && at < end && sp_md_is_one_of(text.ptr[at], "-+*");
    bool is_ordered = stop > at && stop < end && sp_md_is_one_of(text.ptr[stop], ".)");
    stop++;
    bool is_delimited = stop >= end || sp_md_is_blank(text.ptr[stop]);
    return (is_bullet || is_ordered) && is_delimited ? stop - at : 0;
}

/* A paragraph is interrupted only by an item with content, and of numbered ones only by the number 1. */
static bool marker_interrupts_paragraph(const scanner *s, size_t length)
{
    const line *l = &s->line;
    if (is_blank_between(s, l->first + length, l->end))
        return false;
    size_t number = 0;
    for (size_t at = l->first; sp_md_is_digit(byte_at(s, at)); at++)
        number = number * 10 + (size_t)(byte_at(s, at) - '0');
    return length == 1 || number == 1;
}

/* An item's content begins where the first byte behind the marker stands, but one column behind the marker if that
 * byte is five or more columns away (indented code) or missing. */
static opened open_item(scanner *s)
{
    line *l = &s->line;
    size_t length = list_marker_length(s->text, l->first, l->end);
    if (length == 0)
        return OPENED_NOTHING;
    if (is_in_paragraph(s) && !marker_interrupts_paragraph(s, length))
        return OPENED_NOTHING;
    size_t marker_indent = l->indent;
    if (!container_open(s, (container){ .is_quote = false }))
        return OPENED_NOTHING;
    line_take_marker(s, length);
    line_look(s);
    size_t padding = l->is_blank || l->indent > CODE_INDENT ? 1 : l->indent;
    line_take_columns(s, padding);
    s->stack[s->depth - 1].content_indent = marker_indent + length + padding;
    return OPENED_CONTAINER;
}

static opened open_indented_code(scanner *s)
{
    if (!line_is_indented(s) || s->line.is_blank || s->leaf.kind == LEAF_PARAGRAPH)
        return OPENED_NOTHING;
    close_unmatched(s);
    leaf_open(s, LEAF_INDENTED, SP_BLOCK_INDENTED_CODE);
    return OPENED_LEAF;
}

/* In the order of precedence. All but the last want to stand less than four columns in. */
static opened (*const openers[])(scanner *) = {
    open_quote, open_atx_heading, open_fence, open_html, open_setext_heading, open_thematic_break, open_item,
};

static opened open_one(scanner *s)
{
    line_look(s);
    if (line_is_indented(s))
        return open_indented_code(s);
    opened result = OPENED_NOTHING;
    for (size_t i = 0; i < SP_COUNT_OF(openers) && result == OPENED_NOTHING && !s->line.is_blank; i++)
        result = openers[i](s);
    return result;
}

/* ---- step 4, and all of them -------------------------------------------------------------------------- */

/* What a paragraph at the tip of the stack is. */
static sp_block_kind paragraph_kind(const scanner *s, bool has_opened)
{
    return has_opened && !s->stack[s->depth - 1].is_quote ? SP_BLOCK_LIST_ITEM : SP_BLOCK_PARAGRAPH;
}

/* A line on which no leaf began. A line of markers alone is a block of its own if it opened a container, and else
 * like a blank one. */
static void add_text_line(scanner *s, bool has_opened)
{
    if (s->line.is_blank) {
        close_unmatched(s);
        if (has_opened)
            block_begin(s, paragraph_kind(s, true));
        else
            add_blank_line(s);
    } else if (s->leaf.kind == LEAF_PARAGRAPH) {
        block_add_line(s); /* lazily, if not all containers matched */
    } else {
        close_unmatched(s);
        leaf_open(s, LEAF_PARAGRAPH, paragraph_kind(s, has_opened));
    }
}

static void scan_line(scanner *s)
{
    match_containers(s);
    if (s->matched == s->depth && leaf_takes_line(s))
        return;
    if (s->leaf.kind != LEAF_PARAGRAPH)
        close_unmatched(s);
    bool has_opened = false;
    opened result = open_one(s);
    while (result == OPENED_CONTAINER) {
        has_opened = true;
        result = open_one(s);
    }
    if (result == OPENED_NOTHING)
        add_text_line(s, has_opened);
}

/* Number of the line that ends right before begin. */
static uint32_t lines_before(sp_str text, size_t begin)
{
    uint32_t count = 0;
    for (size_t at = 0; at < begin; at++)
        count += sp_ends_line(text, at);
    return count;
}

/* Empty lines after a comment go with it; lines of blanks do not. */
static void take_empty_lines(scanner *s)
{
    for (size_t i = 0; i < s->comments.count; i++) {
        sp_span *comment = &s->comments.items[i];
        size_t at = comment->end;
        bool ends_line = at > comment->begin && sp_md_is_line_end(s->text.ptr[at - 1]);
        while (ends_line && at < s->text.len && sp_md_is_line_end(s->text.ptr[at]))
            at++;
        comment->end = at;
    }
}

/* A long text gets room for all of its blocks at once: of its lines, each can begin one. */
static bool make_room(scanner *s, sp_str text, size_t begin)
{
    enum { LONG_BYTES = 256 << 10 };
    if (text.len - begin < LONG_BYTES)
        return true;
    size_t lines = 1;
    for (const char *at = text.ptr + begin, *end = text.ptr + text.len; at < end; at++, lines++)
        if (!(at = memchr(at, '\n', (size_t)(end - at))))
            break;
    return SP_LIST_RESERVE(s->arena, &s->blocks, lines);
}

static sp_status scan_all(sp_arena *arena, sp_str text, size_t begin, bool is_marked, sp_markdown *ret, sp_err *err)
{
    scanner s = { .arena = arena, .text = text, .imports = { .arena = arena, .text = text, .is_marked = is_marked } };
    s.unclosed_comment = SIZE_MAX;
    outline_add(&s.outline, 0, SP_NONE);
    if (begin < text.len) {
        s.line.number = lines_before(text, begin);
        s.next_newline = find_newline(text, begin);
        s.failed = !make_room(&s, text, begin);
    }
    for (size_t at = begin; at < text.len && !s.failed && !s.imports.failed; at = s.line.next) {
        line_start(&s, at);
        scan_line(&s);
    }
    s.matched = 0;
    close_unmatched(&s);
    if (s.failed || s.imports.failed)
        return sp_err_memory(err);
    take_empty_lines(&s);
    *ret = (sp_markdown){
        .blocks = s.blocks.items,
        .block_count = (uint32_t)s.blocks.count,
        .has_more_blocks = s.is_full,
        .comments = s.comments.items,
        .comment_count = s.comments.count,
        .definitions = s.definitions.items,
        .definition_count = s.definitions.count,
        .unclosed_comment = s.unclosed_comment,
        .imports = s.imports.imports.items,
        .import_count = s.imports.imports.count,
        .more_imports = s.imports.more_imports ? s.imports.more_imports - 1 : SIZE_MAX,
    };
    return SP_OK;
}

sp_status sp_markdown_scan(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret, sp_err *err)
{
    return scan_all(arena, text, begin, false, ret, err);
}

sp_status sp_markdown_scan_marked(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret, sp_err *err)
{
    return scan_all(arena, text, begin, true, ret, err);
}

/* ---- headings ------------------------------------------------------------------------------------------ */

static size_t skip_container_markers(sp_str text, size_t at, size_t end)
{
    for (;;) {
        at = sp_md_skip_blanks(text, at, end);
        size_t length = at < end && text.ptr[at] == '>' ? 1 : list_marker_length(text, at, end);
        if (length == 0)
            return at;
        at += length;
    }
}

static size_t line_end_from(sp_str text, size_t at)
{
    while (at < text.len && !sp_md_is_line_end(text.ptr[at]))
        at++;
    return at;
}

/* The closing #s of an ATX heading count only behind a blank. */
static size_t cut_closing_hashes(sp_str text, size_t begin, size_t end)
{
    while (end > begin && sp_md_is_blank(text.ptr[end - 1]))
        end--;
    size_t at = end;
    while (at > begin && text.ptr[at - 1] == '#')
        at--;
    return at == begin || sp_md_is_blank(text.ptr[at - 1]) ? at : end;
}

sp_str sp_markdown_heading_text(sp_str text, const sp_block *heading)
{
    size_t end = line_end_from(text, heading->begin);
    size_t begin = skip_container_markers(text, heading->begin, end);
    if (heading->first_line == heading->last_line) { /* ATX: a setext heading has at least two lines */
        begin = sp_md_skip_run(text, begin, end, '#');
        end = cut_closing_hashes(text, begin, end);
    }
    for (uint32_t n = heading->first_line + 1; n < heading->last_line; n++) {
        bool is_crlf = text.ptr[end] == '\r' && text.ptr[end + 1] == '\n';
        end = line_end_from(text, end + 1 + is_crlf);
    }
    return sp_str_trim(sp_str_slice(text, begin, end));
}
