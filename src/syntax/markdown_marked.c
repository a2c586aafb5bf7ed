/*
 * markdown_marked.c - import references, @path, where the client finds them.
 *
 * Claude Code divides the text of a block as the Markdown parser marked does without its GitHub dialect: at code spans,
 * tags, escapes, links, images and emphasis. In each piece of text an @ counts at the begin and after white space, and
 * its path goes on to the next white space or to the end of the piece; a # ends it. The text of a list item is searched
 * once more as it is written, so there code spans hold imports, too. Measured with the fixture import-text.
 *
 * Links are looked for a bounded way ahead, so that a text of brackets takes no more than linear time.
 */
#include "base/types.h"
#include "syntax/markdown_private.h"

enum { FAR_AHEAD = 2000 }; /* bytes that a link, or an image, may have */

typedef struct piece_scan {
    sp_text_scan *scan;
    size_t begin; /* of the block */
    size_t end;
    size_t piece;      /* where the piece of text begins */
    size_t next_mark;  /* index of the first delimiter run that was not passed */
    size_t link_close; /* of the link whose text this is, or SIZE_MAX */
    size_t link_end;
} piece_scan;

static char byte_at(const piece_scan *s, size_t at)
{
    return s->scan->text.ptr[at];
}

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* ---- emphasis ------------------------------------------------------------------------------------ */

static bool is_space_at(const piece_scan *s, size_t at)
{
    return at >= s->end || sp_md_space_length(s->scan->text, at) > 0;
}

static bool is_punctuation_at(const piece_scan *s, size_t at)
{
    return at < s->end && is_punctuation(byte_at(s, at));
}

/* Takes in a run of * or _: one that closes an open run of its character makes both of them marks. */
static void add_run(piece_scan *s, size_t at, size_t after)
{
    sp_text_scan *scan = s->scan;
    bool is_first = at == s->begin;
    bool space_before = is_first || sp_md_is_space_before(scan->text, s->begin, at);
    bool punctuation_before = !is_first && is_punctuation(byte_at(s, at - 1));
    bool opens = !is_space_at(s, after) && (!is_punctuation_at(s, after) || space_before || punctuation_before);
    bool closes = !space_before && (!punctuation_before || is_space_at(s, after) || is_punctuation_at(s, after));
    bool is_underscore = byte_at(s, at) == '_';
    bool may_open = opens && (!is_underscore || !closes || punctuation_before);
    bool may_close = closes && (!is_underscore || !opens || is_punctuation_at(s, after));
    sp_md_mark *marks = scan->marks.items;
    size_t open = scan->open_marks[is_underscore];
    bool is_closed = may_close && open != SIZE_MAX;
    if (is_closed) {
        marks[open].is_matched = true;
        scan->open_marks[is_underscore] = marks[open].before;
    }
    sp_md_mark *mark = SP_LIST_PUSH(scan->arena, &scan->marks);
    scan->failed |= mark == NULL;
    if (!mark)
        return;
    *mark = (sp_md_mark){ .begin = at, .end = after, .is_matched = is_closed };
    if (may_open && !is_closed) {
        mark->before = scan->open_marks[is_underscore];
        scan->open_marks[is_underscore] = scan->marks.count - 1;
    }
}

static void find_marks(piece_scan *s)
{
    sp_text_scan *scan = s->scan;
    scan->marks.count = 0;
    scan->open_marks[0] = scan->open_marks[1] = SIZE_MAX;
    for (size_t at = s->begin; at < s->end;) {
        char c = byte_at(s, at);
        size_t after = at + 1;
        if (c == '`') {
            after = sp_md_skip_code_span(scan, at, s->end);
        } else if (c == '<') {
            after = sp_md_skip_markup(scan, at, s->end);
        } else if (c == '\\') {
            after = at + 2;
        } else if (c == '*' || c == '_') {
            after = sp_md_skip_run(scan->text, at, s->end, c);
            add_run(s, at, after);
        }
        at = after > at ? after : at + 1;
    }
}

/* The end of the mark that begins at `at`, or 0 where none does. */
static size_t mark_end(piece_scan *s, size_t at)
{
    const sp_md_mark *marks = s->scan->marks.items;
    while (s->next_mark < s->scan->marks.count && marks[s->next_mark].begin < at)
        s->next_mark++;
    bool is_it = s->next_mark < s->scan->marks.count && marks[s->next_mark].begin == at;
    return is_it && marks[s->next_mark].is_matched ? marks[s->next_mark].end : 0;
}

/* ---- links --------------------------------------------------------------------------------------- */

/* The bracket that closes the one at `at`, or SIZE_MAX. */
static size_t find_close(piece_scan *s, size_t at, char open, char close)
{
    size_t depth = 0;
    size_t end = s->end - at > FAR_AHEAD ? at + FAR_AHEAD : s->end;
    for (; at < end; at++) {
        char c = byte_at(s, at);
        if (c == '\\')
            at++;
        else if (c == open)
            depth++;
        else if (c == close && --depth == 0)
            return at;
    }
    return SIZE_MAX;
}

/* A link's text ends at *ret_close, and the link at *ret_end. References count as if they were defined. */
static bool find_link(piece_scan *s, size_t at, size_t *ret_close, size_t *ret_end)
{
    size_t close = find_close(s, at, '[', ']');
    if (close == SIZE_MAX || close + 1 >= s->end)
        return false;
    char next = byte_at(s, close + 1);
    size_t end = next == '('   ? find_close(s, close + 1, '(', ')')
                 : next == '[' ? find_close(s, close + 1, '[', ']')
                               : SIZE_MAX;
    *ret_close = close;
    *ret_end = end + 1;
    return end != SIZE_MAX;
}

/* ---- one reference --------------------------------------------------------------------------------- */

static bool begins_path(const piece_scan *s, size_t at)
{
    if (at >= s->end)
        return false;
    char c = byte_at(s, at);
    return sp_md_is_alnum(c) || sp_md_is_one_of(c, "._-/") ||
           (c == '~' && at + 1 < s->end && byte_at(s, at + 1) == '/');
}

/* Where the piece of text ends for a path that has come to `at`. */
static bool ends_piece(piece_scan *s, size_t at)
{
    size_t ignored;
    switch (byte_at(s, at)) {
    case '`':
        return true;
    case '<':
        return sp_md_skip_markup(s->scan, at, s->end) > at;
    case '*':
    case '_':
        return mark_end(s, at) > 0;
    case ']':
        return at == s->link_close;
    case '[':
        return s->link_close == SIZE_MAX && find_link(s, at, &ignored, &ignored);
    default:
        return false;
    }
}

static bool is_escaped_space(const piece_scan *s, size_t at)
{
    return byte_at(s, at) == '\\' && at + 1 < s->end && byte_at(s, at + 1) == ' ';
}

/* The end of the path that begins at `at`. */
static size_t path_end(piece_scan *s, size_t at, bool is_raw)
{
    while (at < s->end && !is_space_at(s, at)) {
        if (byte_at(s, at) == '\\' && !is_escaped_space(s, at))
            break;
        if (!is_raw && ends_piece(s, at))
            break;
        at += is_escaped_space(s, at) ? 2 : 1;
    }
    return at;
}

/* Adds the reference at the @, if there is one, and returns the end of it. */
static size_t take_reference(piece_scan *s, size_t at, bool is_raw)
{
    size_t stop = begins_path(s, at + 1) ? path_end(s, at + 1, is_raw) : at + 1;
    if (stop == at + 1)
        return stop;
    size_t fragment = at + 1;
    while (fragment < stop && byte_at(s, fragment) != '#')
        fragment++;
    sp_text_add_import(s->scan, at, stop, at + 1, fragment, is_raw);
    return stop;
}

static bool begins_here(const piece_scan *s, size_t at)
{
    return at == s->piece || sp_md_is_space_before(s->scan->text, s->piece, at) ||
           sp_md_is_behind_markers(s->scan, s->begin, at);
}

/* ---- the run --------------------------------------------------------------------------------------- */

static size_t step_bracket(piece_scan *s, size_t at)
{
    size_t close, end;
    bool is_image = at > s->begin && byte_at(s, at - 1) == '!';
    if (s->link_close != SIZE_MAX || !find_link(s, at, &close, &end))
        return at + 1;
    if (is_image)
        return s->piece = end;
    s->link_close = close;
    s->link_end = end;
    return s->piece = at + 1;
}

/* Past what begins at `at`, which may begin a new piece. */
static size_t step(piece_scan *s, size_t at)
{
    size_t after = at + 1;
    switch (byte_at(s, at)) {
    case '@':
        if (begins_here(s, at) && begins_path(s, after))
            return take_reference(s, at, false);
        after = sp_md_quoted_reference(s->scan, s->begin, at, s->end);
        return after ? after : at + 1;
    case '`':
        after = sp_md_skip_code_span(s->scan, at, s->end);
        break;
    case '<':
        after = sp_md_skip_markup(s->scan, at, s->end);
        if (after == at)
            return at + 1;
        break;
    case '\\':
        if (after >= s->end || !is_punctuation(byte_at(s, after)))
            return after;
        after++;
        break;
    case '*':
    case '_':
        after = mark_end(s, at);
        if (!after)
            return sp_md_skip_run(s->scan->text, at, s->end, byte_at(s, at));
        break;
    case '[':
        return step_bracket(s, at);
    case ']':
        if (at != s->link_close)
            return after;
        s->link_close = SIZE_MAX;
        after = s->link_end;
        break;
    default:
        return after;
    }
    return s->piece = after;
}

static void scan_pieces(sp_text_scan *scan, size_t begin, size_t end)
{
    piece_scan s = { .scan = scan, .begin = begin, .end = end, .piece = begin, .link_close = SIZE_MAX };
    find_marks(&s);
    for (size_t at = begin; at < end && !scan->failed;)
        at = step(&s, at);
}

static void scan_raw(sp_text_scan *scan, size_t begin, size_t end)
{
    piece_scan s = { .scan = scan, .begin = begin, .end = end, .piece = begin, .link_close = SIZE_MAX };
    for (size_t at = begin; at < end && !scan->failed;)
        at = byte_at(&s, at) == '@' && begins_here(&s, at) ? take_reference(&s, at, true) : at + 1;
}

/* Puts the references from first on, those before middle of one search and those after it of the other, in the order of
 * the text. Of two at one place the second search's counts. */
static void merge(sp_text_scan *scan, size_t first, size_t middle)
{
    size_t count = scan->imports.count - first;
    sp_import_ref *copy = SP_ARENA_ARRAY(scan->arena, sp_import_ref, count + 1);
    scan->failed |= copy == NULL;
    if (!copy || middle == first || middle == scan->imports.count)
        return;
    memcpy(copy, scan->imports.items + first, count * sizeof *copy);
    size_t a = 0, b = middle - first, kept = first;
    const size_t a_end = b;
    while (a < a_end || b < count) {
        bool is_same = a < a_end && b < count && copy[a].begin == copy[b].begin;
        bool takes_a = !is_same && a < a_end && (b == count || copy[a].begin < copy[b].begin);
        scan->imports.items[kept++] = takes_a ? copy[a] : copy[b];
        a += takes_a || is_same;
        b += !takes_a;
    }
    scan->imports.count = kept;
}

void sp_text_scan_marked(sp_text_scan *scan, size_t begin, size_t end, bool is_item)
{
    if (!memchr(scan->text.ptr + begin, '@', end - begin))
        return;
    size_t first = scan->imports.count;
    if (is_item)
        scan_raw(scan, begin, end);
    size_t middle = scan->imports.count;
    scan_pieces(scan, begin, end);
    if (is_item)
        merge(scan, first, middle);
}
