/* map_collect.c - lines that were decided become spans of bytes. */
#include "base/base.h"
#include "base/types.h"
#include "capture/lines.h"
#include "capture/map.h"
#include "capture/mapper.h"

#include <stdlib.h>

static int compare_spans(const void *a, const void *b)
{
    const sp_span_of *x = a;
    const sp_span_of *y = b;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

void sp_spans_sort(sp_spans *spans)
{
    qsort(spans->items, spans->count, sizeof *spans->items, compare_spans);
}

static sp_str bytes_of(const sp_mapper *m, uint32_t known, size_t begin, size_t end)
{
    return sp_str_slice(m->input->sources[m->known.items[known].text].bytes, begin, end);
}

/* Goes on with the last span, where that is the same file's bytes right before; else adds one. */
static bool add(sp_mapper *m, sp_spans *spans, sp_span_of span)
{
    sp_span_of *last = spans->count ? &spans->items[spans->count - 1] : NULL;
    bool is_verbatim = span.match == SP_SPAN_VERBATIM;
    if (last && is_verbatim && last->match == span.match && last->text == span.text && last->end == span.begin &&
        last->source == span.source && last->source_end == span.source_begin &&
        last->is_ambiguous == span.is_ambiguous) {
        last->end = span.end;
        last->source_end = span.source_end;
        return true;
    }
    sp_span_of *made = SP_LIST_PUSH(m->arena, spans);
    if (made)
        *made = span;
    return made != NULL;
}

/* The line as a span. White space before and after it belongs to it where the file has the same. */
static sp_span_of span_of(const sp_mapper *m, uint32_t asked, uint32_t known)
{
    const sp_line *a = &m->asked.items[asked];
    const sp_line *k = &m->known.items[known];
    sp_str text = m->texts[a->text];
    sp_str source = m->input->sources[k->text].bytes;
    sp_span_of span = { .text = a->text,
                        .begin = a->start,
                        .end = a->next,
                        .source = k->text,
                        .source_begin = k->start,
                        .source_end = k->next,
                        .is_ambiguous = m->is_ambiguous[asked] };
    if (sp_str_eq(sp_str_slice(text, a->start, a->next), sp_str_slice(source, k->start, k->next)))
        return span;
    size_t indent = a->begin - a->start;
    bool has_indent = k->begin >= k->start + indent && sp_str_eq(sp_str_slice(text, a->start, a->begin),
                                                                 sp_str_slice(source, k->begin - indent, k->begin));
    span.begin = has_indent ? a->start : a->begin;
    span.source_begin = has_indent ? k->begin - indent : k->begin;
    span.end = a->end;
    span.source_end = k->end;
    bool is_same_end = sp_str_eq(sp_str_slice(text, a->end, a->next), sp_str_slice(source, k->end, k->next));
    if (is_same_end) {
        span.end = a->next;
        span.source_end = k->next;
    }
    if (!has_indent || !is_same_end)
        span.match = SP_SPAN_TRIMMED;
    if (span.source_end - span.source_begin == span.end - span.begin)
        span.match = SP_SPAN_VERBATIM;
    return span;
}

/* The line end after a run of lines that go on in the file belongs to the file, in whatever form. */
static void take_line_end(const sp_mapper *m, uint32_t asked, sp_span_of *span)
{
    bool goes_on = asked + 1 < m->asked.count && m->owner[asked + 1] != SP_NONE &&
                   m->asked.items[asked + 1].text == m->asked.items[asked].text &&
                   m->owner[asked + 1] == m->owner[asked] + 1;
    if (!goes_on || span->end == m->asked.items[asked].next)
        return;
    span->end = m->asked.items[asked].next;
    span->source_end = m->known.items[m->owner[asked]].next;
    span->match = SP_SPAN_TRIMMED;
}

enum { LEAST_GLUED = 4 };

/* What the line of a text that is no source's as a whole holds: asked beside the one that was decided. */
static sp_str client_line(const sp_mapper *m, uint32_t beside, uint32_t asked)
{
    const sp_line *line = &m->asked.items[asked];
    bool is_open = m->owner[asked] == SP_NONE && line->text == m->asked.items[beside].text;
    return is_open ? sp_str_slice(m->texts[line->text], line->begin, line->end) : SP_STR("");
}

/* The bytes of a known line that may be glued: of the same source as the one beside it, and of no text yet. */
static sp_str glued_line(const sp_mapper *m, uint32_t beside, uint32_t known)
{
    const sp_line *line = &m->known.items[known];
    bool is_open = line->text == m->known.items[beside].text && !m->is_used[known];
    return is_open && line->end - line->begin >= LEAST_GLUED ? bytes_of(m, known, line->begin, line->end) : SP_STR("");
}

bool sp_map_is_glued_before(const sp_mapper *m, uint32_t asked, uint32_t known)
{
    if (asked == 0 || known == 0)
        return false;
    sp_str content = glued_line(m, known, known - 1);
    return content.len > 0 && sp_str_ends(client_line(m, asked, asked - 1), content);
}

bool sp_map_is_glued_after(const sp_mapper *m, uint32_t asked, uint32_t known)
{
    if (asked + 1 >= m->asked.count || known + 1 >= m->known.count)
        return false;
    sp_str content = glued_line(m, known, known + 1);
    return content.len > 0 && sp_str_starts(client_line(m, asked, asked + 1), content);
}

/* A known line that is glued to words of the client, in the text from begin on. It is as sure as the line beside it. */
static bool add_glued(sp_mapper *m, sp_spans *spans, uint32_t beside, size_t begin, uint32_t known)
{
    const sp_line *k = &m->known.items[known];
    m->is_used[known] = true;
    return add(m, spans,
               (sp_span_of){ .text = m->asked.items[beside].text,
                             .begin = begin,
                             .end = begin + (k->end - k->begin),
                             .source = k->text,
                             .source_begin = k->begin,
                             .source_end = k->end,
                             .is_ambiguous = m->is_ambiguous[beside] });
}

/* The line before the first one of a run may end with the file's line before it. */
static bool add_glued_before(sp_mapper *m, sp_spans *spans, uint32_t asked, uint32_t known)
{
    if (!sp_map_is_glued_before(m, asked, known))
        return true;
    const sp_line *k = &m->known.items[known - 1];
    size_t begin = m->asked.items[asked - 1].end - (k->end - k->begin);
    const sp_span_of *last = spans->count ? &spans->items[spans->count - 1] : NULL;
    /* The run before may have taken the beginning of the line already. */
    bool is_taken = last && last->text == m->asked.items[asked].text && last->end > begin;
    return is_taken || add_glued(m, spans, asked, begin, known - 1);
}

static bool add_glued_after(sp_mapper *m, sp_spans *spans, uint32_t asked, uint32_t known)
{
    return !sp_map_is_glued_after(m, asked, known) ||
           add_glued(m, spans, asked, m->asked.items[asked + 1].begin, known + 1);
}

sp_status sp_map_collect(sp_mapper *m, sp_spans *ret, sp_err *err)
{
    for (uint32_t i = 0; i < m->asked.count; i++) {
        uint32_t known = m->owner[i];
        bool is_first = known != SP_NONE && (i == 0 || m->owner[i - 1] == SP_NONE);
        bool is_last = known != SP_NONE && (i + 1 == m->asked.count || m->owner[i + 1] == SP_NONE);
        if (known == SP_NONE)
            continue;
        sp_span_of span = span_of(m, i, known);
        take_line_end(m, i, &span);
        if ((is_first && !add_glued_before(m, ret, i, known)) || (span.end > span.begin && !add(m, ret, span)) ||
            (is_last && !add_glued_after(m, ret, i, known)))
            return sp_err_memory(err);
    }
    return SP_OK;
}
