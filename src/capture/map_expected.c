/*
 * map_expected.c - lines that say too little to be found by themselves, at the place where the prediction has them.
 *
 * A line such as "Yes." may be anybody's, so nothing else looks for it. Here it is looked for where the lines are that
 * are predicted before and after it; of a message of which nothing was found, the text is looked for that has most of
 * it in that order. A line of the client may hold such a line at its beginning or end only.
 */
#include "base/base.h"
#include "base/types.h"
#include "capture/lines.h"
#include "capture/map.h"
#include "capture/mapper.h"

#include <stdlib.h>

enum {
    LEAST_LETTERS = 3,   /* of one that does not have a line of the request for itself */
    LEAST_TOGETHER = 8,  /* of all those of a message of which nothing was found before */
    EFFORT_PER_BYTE = 16 /* bytes that are compared, for each byte of texts and sources */
};

/* A line that is predicted, or the part of one that a client sends as it is. A file may be a million of them. */
typedef struct piece {
    sp_str text;
    sp_str sent; /* the same as it is looked for: as it is, and then with the escapes of XML */
    uint32_t letters;
    uint32_t source;
    uint32_t message; /* of the prediction */
    uint32_t begin;   /* in the source */
    uint32_t found;   /* the text that has it, or SP_NONE, */
    uint32_t at;      /* and where */
} piece;

typedef struct looking {
    const sp_map_input *input;
    sp_arena *arena;
    const sp_spans *spans;       /* that are there already, by text */
    const sp_span_of *by_source; /* the same, sorted by the place in their sources */
    sp_list(piece) pieces;       /* of malloc's */
    sp_list(sp_span_of) added;
    uint64_t effort; /* bytes that may still be compared */
} looking;

/* Bytes of a text. */
typedef struct window {
    uint32_t text;
    size_t begin;
    size_t end;
    size_t reach;   /* so many bytes that no span has may be passed over */
    bool is_strict; /* a piece needs a line of its own */
} window;

/* ---- what is predicted ------------------------------------------------------------------------------------ */

static bool is_kept(uint32_t code)
{
    return (code >= ' ' && code != 0x7F) || code == '\t';
}

/* How many bytes of a line a client sends as they are: up to one that is not text. */
static size_t kept_bytes(sp_str line)
{
    size_t at = 0;
    while (at < line.len) {
        uint32_t code;
        size_t bad, length = sp_utf8_decode(line, at, &code, &bad);
        if (length == 0 || !is_kept(code))
            break;
        at += length;
    }
    return at;
}

static sp_status add_line(looking *l, const sp_mapped_stretch *of, sp_str line, sp_err *err)
{
    for (size_t at = 0; at < line.len;) {
        size_t len = kept_bytes(sp_str_slice(line, at, line.len));
        sp_str text = sp_str_trim(sp_str_slice(line, at, at + len));
        at += len + 1;
        if (text.len == 0)
            continue;
        if (!sp_heap_grow((void **)&l->pieces.items, l->pieces.count, &l->pieces.capacity, sizeof *l->pieces.items))
            return sp_err_memory(err);
        uint32_t begin = (uint32_t)(text.ptr - l->input->sources[of->source].bytes.ptr);
        l->pieces.items[l->pieces.count++] =
            (piece){ text, text, sp_count_letters(text), of->source, of->message, begin, SP_NONE, 0 };
    }
    return SP_OK;
}

static sp_status list_pieces(looking *l, sp_err *err)
{
    for (size_t i = 0; i < l->input->expected_count; i++) {
        const sp_mapped_stretch *stretch = &l->input->expected[i];
        sp_str text = sp_str_slice(l->input->sources[stretch->source].bytes, 0, stretch->end);
        for (size_t at = stretch->begin; at < stretch->end;) {
            size_t end = sp_line_end(text, at);
            SP_TRY(add_line(l, stretch, sp_str_slice(text, at, end), err));
            at = end + 1;
        }
    }
    return SP_OK;
}

/* ---- what of it was found before -------------------------------------------------------------------------- */

static int compare_by_source(const void *x, const void *y)
{
    const sp_span_of *a = x;
    const sp_span_of *b = y;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->source_begin != b->source_begin)
        return a->source_begin < b->source_begin ? -1 : 1;
    if (a->text != b->text)
        return a->text < b->text ? -1 : 1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

static sp_status sort_by_source(looking *l, sp_err *err)
{
    size_t count = l->spans->count;
    sp_span_of *sorted = SP_ARENA_ARRAY(l->arena, sp_span_of, count + 1);
    if (!sorted)
        return sp_err_memory(err);
    if (count > 0)
        memcpy(sorted, l->spans->items, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_by_source);
    l->by_source = sorted;
    return SP_OK;
}

enum { MAX_TIMES = 16 }; /* that a line is in the texts: so many are looked at */

/* Where a span has the piece: in the text of the last one that was found, after it, if there is such a place. */
static void find_span(const looking *l, const piece *last, piece *ret)
{
    size_t low = 0;
    for (size_t high = l->spans->count; low < high;) {
        size_t middle = (low + high) / 2;
        const sp_span_of *span = &l->by_source[middle];
        bool is_before =
            span->source < ret->source || (span->source == ret->source && span->source_begin <= ret->begin);
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    for (size_t i = low; i > 0 && low - i < MAX_TIMES && l->by_source[i - 1].source == ret->source; i--) {
        const sp_span_of *span = &l->by_source[i - 1];
        if (span->source_end < ret->begin + ret->text.len)
            continue;
        bool is_next = last && span->text == last->found && span->begin >= last->at;
        bool was_next = last && ret->found == last->found && ret->at >= last->at;
        if (ret->found != SP_NONE && was_next && (!is_next || span->begin > ret->at))
            continue;
        ret->found = span->text;
        ret->at = (uint32_t)span->begin;
        if (span->match == SP_SPAN_VERBATIM)
            ret->at += ret->begin - (uint32_t)span->source_begin;
    }
}

static void find_spans(looking *l)
{
    const piece *last = NULL;
    for (size_t i = 0; i < l->pieces.count; i++) {
        piece *p = &l->pieces.items[i];
        find_span(l, last && last->message == p->message ? last : NULL, p);
        last = p->found != SP_NONE ? p : last;
    }
}

/* ---- a piece in bytes that no span has ---------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* A word goes on there; what clients put in the place of bytes that are not text ends it. */
static bool goes_on(sp_str text, size_t at)
{
    bool is_replaced = text.len - at >= 3 && memcmp(text.ptr + at, "\xEF\xBF\xBD", 3) == 0;
    return sp_is_letter(text.ptr[at]) && !is_replaced;
}

/* Also where there is no effort left to look. */
static bool is_taken(looking *l, uint32_t text, size_t begin, size_t end)
{
    if (l->effort <= l->added.count) {
        l->effort = 0;
        return true;
    }
    l->effort -= l->added.count;
    for (size_t i = 0; i < l->added.count; i++)
        if (l->added.items[i].text == text && l->added.items[i].begin < end && begin < l->added.items[i].end)
            return true;
    return false;
}

/* Whether bytes of a gap between two spans are at one end of a line, or next to a span, and not a part of a word; or
 * have a line for themselves. */
static bool is_apart(sp_str gap, size_t begin, size_t end, bool is_whole)
{
    if ((begin > 0 && sp_is_letter(gap.ptr[begin - 1]) && sp_is_letter(gap.ptr[begin])) ||
        (end < gap.len && goes_on(gap, end) && sp_is_letter(gap.ptr[end - 1])))
        return false;
    while (begin > 0 && is_space(gap.ptr[begin - 1]))
        begin--;
    while (end < gap.len && is_space(gap.ptr[end]))
        end++;
    bool begins = begin == 0 || gap.ptr[begin - 1] == '\n';
    bool ends = end == gap.len || gap.ptr[end] == '\n';
    return is_whole ? begins && ends : begins || ends;
}

/* Where the piece is within bytes begin to end of a gap, which lies at that offset of its text: the first place, or the
 * last one. SIZE_MAX: nowhere. */
static size_t find_in_gap(looking *l, const piece *p, const window *w, size_t offset, sp_str gap, size_t begin,
                          size_t end, bool is_last)
{
    size_t found = SIZE_MAX;
    bool is_whole = w->is_strict || p->letters < LEAST_LETTERS;
    if (end - begin >= l->effort) {
        l->effort = 0;
        return found;
    }
    l->effort -= end - begin + 1;
    sp_str searched = sp_str_slice(gap, 0, end);
    for (size_t at = sp_str_find(searched, p->sent, begin);
         at != SIZE_MAX && l->effort > 0 && (is_last || found == SIZE_MAX);
         at = sp_str_find(searched, p->sent, at + 1)) {
        bool fits = is_apart(gap, at, at + p->sent.len, is_whole) &&
                    !is_taken(l, w->text, offset + at, offset + at + p->sent.len);
        found = fits ? at : found;
    }
    return found;
}

/* The first span of a text that ends after an offset. */
static size_t first_span(const sp_spans *spans, uint32_t text, size_t at)
{
    size_t low = 0;
    for (size_t high = spans->count; low < high;) {
        size_t middle = (low + high) / 2;
        const sp_span_of *span = &spans->items[middle];
        bool is_before = span->text < text || (span->text == text && span->end <= at);
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

/* The bytes between span i - 1 and span i of a text. */
static void gap_before(const looking *l, uint32_t text, size_t i, size_t *ret_begin, size_t *ret_end)
{
    const sp_span_of *spans = l->spans->items;
    bool has_before = i > 0 && spans[i - 1].text == text;
    bool has_after = i < l->spans->count && spans[i].text == text;
    *ret_begin = has_before ? spans[i - 1].end : 0;
    *ret_end = has_after ? spans[i].begin : l->input->texts[text].len;
}

static sp_status add(looking *l, piece *p, uint32_t text, size_t at, sp_err *err)
{
    sp_span_of *span = SP_LIST_PUSH(l->arena, &l->added);
    if (!span)
        return sp_err_memory(err);
    *span = (sp_span_of){ .text = text,
                          .begin = at,
                          .end = at + p->sent.len,
                          .source = p->source,
                          .source_begin = p->begin,
                          .source_end = p->begin + p->text.len,
                          .match = p->sent.ptr == p->text.ptr ? SP_SPAN_VERBATIM : SP_SPAN_ESCAPED };
    p->found = text;
    p->at = (uint32_t)at;
    return SP_OK;
}

/* The first place of the window that has the piece. */
static sp_status look_forward(looking *l, piece *p, const window *w, sp_err *err)
{
    size_t left = w->reach;
    size_t begin, end;
    for (size_t i = first_span(l->spans, w->text, w->begin); left > 0; i++) {
        if (l->effort == 0)
            return SP_OK;
        l->effort--;
        gap_before(l, w->text, i, &begin, &end);
        if (begin >= w->end)
            return SP_OK;
        size_t from = begin > w->begin ? begin : w->begin;
        size_t to = end < w->end ? end : w->end;
        sp_str gap = sp_str_slice(l->input->texts[w->text], begin, end);
        if (from < to) {
            to = to - from > left ? from + left : to;
            size_t at = find_in_gap(l, p, w, begin, gap, from - begin, to - begin, false);
            if (at != SIZE_MAX)
                return add(l, p, w->text, begin + at, err);
            left -= to - from;
        }
        if (i >= l->spans->count || l->spans->items[i].text != w->text)
            return SP_OK;
    }
    return SP_OK;
}

/* The last one. */
static sp_status look_backward(looking *l, piece *p, const window *w, sp_err *err)
{
    size_t left = w->reach;
    size_t begin, end;
    for (size_t i = w->end > 0 ? first_span(l->spans, w->text, w->end - 1) : 0; left > 0 && w->end > 0; i--) {
        if (l->effort == 0)
            return SP_OK;
        l->effort--;
        gap_before(l, w->text, i, &begin, &end);
        size_t to = end < w->end ? end : w->end;
        sp_str gap = sp_str_slice(l->input->texts[w->text], begin, end);
        if (begin < to) {
            size_t from = to - begin > left ? to - left : begin;
            size_t at = find_in_gap(l, p, w, begin, gap, from - begin, to - begin, true);
            if (at != SIZE_MAX)
                return add(l, p, w->text, begin + at, err);
            left -= to - from;
        }
        if (begin == 0)
            return SP_OK;
    }
    return SP_OK;
}

/* ---- what was not found, between what was ---------------------------------------------------------------------- */

static sp_status look_after(looking *l, const piece *last, size_t begin, size_t end, window w, sp_err *err)
{
    w.text = last->found;
    w.begin = last->at;
    for (size_t i = begin; i < end; i++) {
        piece *p = &l->pieces.items[i];
        if (p->found == SP_NONE)
            SP_TRY(look_forward(l, p, &w, err));
        if (p->found == w.text && p->at >= w.begin)
            w.begin = p->at + p->sent.len;
    }
    return SP_OK;
}

static sp_status look_before(looking *l, size_t begin, size_t end, window w, sp_err *err)
{
    for (size_t i = end; i > begin; i--) {
        piece *p = &l->pieces.items[i - 1];
        if (p->found == SP_NONE)
            SP_TRY(look_backward(l, p, &w, err));
        else
            w.text = p->found;
        if (p->found != SP_NONE)
            w.end = p->at;
    }
    return SP_OK;
}

/* Pieces begin to end were not found; those on both sides were, unless they are of another message. */
static sp_status look_between(looking *l, size_t begin, size_t end, sp_err *err)
{
    const piece *pieces = l->pieces.items;
    uint32_t message = pieces[begin].message;
    const piece *last = begin > 0 && pieces[begin - 1].message == message ? &pieces[begin - 1] : NULL;
    const piece *next = end < l->pieces.count && pieces[end].message == message ? &pieces[end] : NULL;
    if (last && next && last->found == next->found && last->at <= next->at)
        return look_after(l, last, begin, end, (window){ .end = next->at, .reach = SIZE_MAX }, err);
    if (last)
        SP_TRY(look_after(l, last, begin, end,
                          (window){ .end = l->input->texts[last->found].len, .reach = SP_HINT_BYTES }, err));
    if (next)
        SP_TRY(
            look_before(l, begin, end, (window){ .text = next->found, .end = next->at, .reach = SP_HINT_BYTES }, err));
    if (last)
        SP_TRY(look_after(l, last, begin, end,
                          (window){ .end = l->input->texts[last->found].len, .reach = SIZE_MAX, .is_strict = true },
                          err));
    return SP_OK;
}

/* ---- a message of which nothing was found ------------------------------------------------------------------------ */

static size_t letters_of(const looking *l, size_t begin, size_t end, bool are_found)
{
    size_t letters = 0;
    for (size_t i = begin; i < end; i++)
        if (!are_found || l->pieces.items[i].found != SP_NONE)
            letters += l->pieces.items[i].letters;
    return letters;
}

static void forget(looking *l, size_t begin, size_t end, size_t added)
{
    l->added.count = added;
    for (size_t i = begin; i < end; i++)
        l->pieces.items[i].found = SP_NONE;
}

static sp_status look_in_text(looking *l, size_t begin, size_t end, uint32_t text, sp_err *err)
{
    const piece first = { .found = text };
    return look_after(l, &first, begin, end, (window){ .end = l->input->texts[text].len, .reach = SIZE_MAX }, err);
}

/* The text that has most of its letters in order has the message, if it has more than half of them. */
static sp_status look_everywhere(looking *l, size_t begin, size_t end, sp_err *err)
{
    size_t added = l->added.count;
    size_t all = letters_of(l, begin, end, false);
    size_t most = 0;
    uint32_t best = 0;
    if (all < LEAST_TOGETHER)
        return SP_OK;
    for (uint32_t text = 0; text < l->input->text_count && most < all; text++) {
        SP_TRY(look_in_text(l, begin, end, text, err));
        size_t letters = letters_of(l, begin, end, true);
        forget(l, begin, end, added);
        best = letters > most ? text : best;
        most = letters > most ? letters : most;
    }
    return most >= LEAST_TOGETHER && 2 * most > all ? look_in_text(l, begin, end, best, err) : SP_OK;
}

static sp_status look_beside(looking *l, size_t begin, size_t end, sp_err *err)
{
    for (size_t i = begin; i < end;) {
        size_t after = i;
        while (after < end && l->pieces.items[after].found == SP_NONE)
            after++;
        if (after > i)
            SP_TRY(look_between(l, i, after, err));
        i = after + 1;
    }
    return SP_OK;
}

static sp_str escaped(sp_arena *arena, sp_str text)
{
    static const struct {
        char meaning;
        const char *entity;
    } entities[] = { { '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { '"', "&quot;" } };
    sp_buf out = { 0 };
    for (size_t i = 0; i < text.len; i++) {
        size_t e = 0;
        while (e < SP_COUNT_OF(entities) && entities[e].meaning != text.ptr[i])
            e++;
        if (e < SP_COUNT_OF(entities))
            sp_buf_add(&out, sp_str_of(entities[e].entity));
        else
            sp_buf_add_char(&out, text.ptr[i]);
    }
    return sp_buf_move(&out, arena);
}

/* Those that were not found, if that makes a difference to any of them. */
static sp_status escape_pieces(looking *l, size_t begin, size_t end, bool *ret, sp_err *err)
{
    *ret = false;
    for (size_t i = begin; i < end; i++) {
        piece *p = &l->pieces.items[i];
        sp_str sent = p->found == SP_NONE ? escaped(l->arena, p->text) : p->sent;
        if (!sent.ptr)
            return sp_err_memory(err);
        *ret = *ret || sent.len != p->sent.len;
        p->sent = sent.len != p->text.len ? sent : p->sent;
    }
    return SP_OK;
}

static sp_status look_for_message(looking *l, size_t begin, size_t end, sp_err *err)
{
    size_t found = begin;
    bool is_escaped;
    while (found < end && l->pieces.items[found].found == SP_NONE)
        found++;
    if (found == end)
        return look_everywhere(l, begin, end, err);
    SP_TRY(look_beside(l, begin, end, err));
    SP_TRY(escape_pieces(l, begin, end, &is_escaped, err));
    return is_escaped ? look_beside(l, begin, end, err) : SP_OK;
}

static sp_status look_for_all(looking *l, sp_err *err)
{
    const sp_map_input *input = l->input;
    SP_TRY(list_pieces(l, err));
    SP_TRY(sort_by_source(l, err));
    for (size_t i = 0; i < input->text_count; i++)
        l->effort += input->texts[i].len;
    for (size_t i = 0; i < input->source_count; i++)
        l->effort += input->sources[i].bytes.len;
    l->effort *= EFFORT_PER_BYTE;
    find_spans(l);
    for (size_t begin = 0; begin < l->pieces.count;) {
        size_t end = begin;
        while (end < l->pieces.count && l->pieces.items[end].message == l->pieces.items[begin].message)
            end++;
        SP_TRY(look_for_message(l, begin, end, err));
        begin = end;
    }
    return SP_OK;
}

sp_status sp_map_expected(sp_arena *arena, const sp_map_input *input, sp_spans *spans, sp_err *err)
{
    looking l = { .input = input, .arena = arena, .spans = spans };
    sp_status status = look_for_all(&l, err);
    free(l.pieces.items);
    for (size_t i = 0; status == SP_OK && i < l.added.count; i++) {
        sp_span_of *span = SP_LIST_PUSH(arena, spans);
        if (!span)
            return sp_err_memory(err);
        *span = l.added.items[i];
    }
    if (l.added.count > 0)
        sp_spans_sort(spans);
    return status;
}
