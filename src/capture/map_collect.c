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

static bool can_glue(const sp_mapper *m, uint32_t known, uint32_t source)
{
    return known < m->known.count && m->known.items[known].text == source && !m->is_used[known] &&
           m->known.items[known].end - m->known.items[known].begin >= LEAST_GLUED;
}

/* The line before the first one of a run may end with the file's line before it, after words of the client. */
static bool add_glued_before(sp_mapper *m, sp_spans *spans, uint32_t asked, uint32_t known)
{
    if (asked == 0 || known == 0 || m->owner[asked - 1] != SP_NONE ||
        m->asked.items[asked - 1].text != m->asked.items[asked].text ||
        !can_glue(m, known - 1, m->known.items[known].text))
        return true;
    const sp_line *a = &m->asked.items[asked - 1];
    const sp_line *k = &m->known.items[known - 1];
    sp_str content = bytes_of(m, known - 1, k->begin, k->end);
    const sp_span_of *last = spans->count ? &spans->items[spans->count - 1] : NULL;
    size_t begin = last && last->text == a->text && last->end > a->begin ? last->end : a->begin;
    /* The run before may have taken the beginning of the line already. */
    if (!sp_str_ends(sp_str_slice(m->texts[a->text], begin, a->end), content))
        return true;
    m->is_used[known - 1] = true;
    return add(m, spans,
               (sp_span_of){ .text = a->text,
                             .begin = a->end - content.len,
                             .end = a->end,
                             .source = k->text,
                             .source_begin = k->begin,
                             .source_end = k->end });
}

static bool add_glued_after(sp_mapper *m, sp_spans *spans, uint32_t asked, uint32_t known)
{
    if (asked + 1 >= m->asked.count || m->owner[asked + 1] != SP_NONE ||
        m->asked.items[asked + 1].text != m->asked.items[asked].text ||
        !can_glue(m, known + 1, m->known.items[known].text))
        return true;
    const sp_line *a = &m->asked.items[asked + 1];
    const sp_line *k = &m->known.items[known + 1];
    sp_str content = bytes_of(m, known + 1, k->begin, k->end);
    if (!sp_str_starts(sp_str_slice(m->texts[a->text], a->begin, a->end), content))
        return true;
    m->is_used[known + 1] = true;
    return add(m, spans,
               (sp_span_of){ .text = a->text,
                             .begin = a->begin,
                             .end = a->begin + content.len,
                             .source = k->text,
                             .source_begin = k->begin,
                             .source_end = k->end });
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
