/*
 * map_inside.c - lines of sources, and phrases, that stand within a line of the client's.
 *
 * Where the first bytes of one occur is found with a rolling hash, once for long ones and once for short ones, in the
 * bytes that no span has.
 */
#include "base/base.h"
#include "base/types.h"
#include "capture/lines.h"
#include "capture/map.h"
#include "capture/mapper.h"

enum {
    LONG_BYTES = 12, /* of the beginning that is looked for */
    SHORT_BYTES = 6,
    MAX_TRIES = 64,       /* of things with one beginning, at one place */
    SHORTENED_BYTES = 24, /* of a phrase that the client has cut */
    WORK_PER_BYTE = 64    /* bytes that are compared, for each byte of texts and sources: what repeats ends there */
};

typedef struct pattern {
    sp_str text;
    uint32_t source;
    size_t begin;
    size_t end;
    uint32_t known; /* the line, or SP_NONE for a phrase */
    uint32_t next;  /* with the same hash, or SP_NONE */
    bool is_used;
} pattern;

typedef struct patterns {
    pattern *items;
    size_t count;
    uint32_t *table;
    size_t mask;
    size_t window;
    uint64_t work; /* bytes that may still be compared */
    uint64_t top;  /* the factor of the byte that leaves the window */
} patterns;

enum { FACTOR = 257 };

static uint64_t hash_of(const char *bytes, size_t len)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < len; i++)
        hash = hash * FACTOR + (unsigned char)bytes[i];
    return hash;
}

static size_t slot(const patterns *p, uint64_t hash)
{
    return (size_t)((hash * 0x9e3779b97f4a7c15u) >> 24) & p->mask;
}

/* ---- what is looked for ----------------------------------------------------------------------------------- */

static void add(patterns *p, sp_str text, uint32_t source, size_t begin, size_t end, uint32_t known)
{
    if (text.len < p->window || (p->window == SHORT_BYTES && text.len >= LONG_BYTES))
        return;
    size_t at = slot(p, hash_of(text.ptr, p->window));
    p->items[p->count] = (pattern){ text, source, begin, end, known, p->table[at], false };
    p->table[at] = (uint32_t)p->count++;
}

/* Whether a line by itself tells where it is from: long enough, or all that its file has. */
static bool is_telling(const sp_mapper *m, uint32_t known)
{
    const sp_line *line = &m->known.items[known];
    uint32_t first = m->first_known[line->text];
    while (first < known && sp_map_leads(m, first))
        first++;
    bool is_alone = m->first_known[line->text + 1] - first == 1;
    if (m->is_used[known])
        return false;
    if (!m->input->sources[line->text].is_expected)
        return line->letters >= 24;
    return line->letters >= 8 || (is_alone && line->end - line->begin >= SHORT_BYTES);
}

static sp_status gather(const sp_mapper *m, size_t window, patterns *ret, sp_err *err)
{
    size_t room = m->known.count + m->input->phrase_count + 1;
    size_t slots = 64;
    while (slots < 2 * room)
        slots *= 2;
    patterns p = { .mask = slots - 1, .window = window, .top = 1 };
    for (uint32_t i = 0; i < m->text_count; i++)
        p.work += m->texts[i].len;
    for (size_t i = 0; i < m->input->source_count; i++)
        p.work += m->input->sources[i].bytes.len;
    p.work *= WORK_PER_BYTE;
    p.items = SP_ARENA_ARRAY(m->arena, pattern, room);
    p.table = SP_ARENA_ARRAY(m->arena, uint32_t, slots);
    if (!p.items || !p.table)
        return sp_err_memory(err);
    memset(p.table, 0xFF, slots * sizeof *p.table);
    for (size_t i = 1; i < window; i++)
        p.top *= FACTOR;
    for (size_t i = m->known.count; i-- > 0;) {
        const sp_line *line = &m->known.items[i];
        sp_str source = m->input->sources[line->text].bytes;
        if (is_telling(m, (uint32_t)i))
            add(&p, sp_str_slice(source, line->begin, line->end), line->text, line->begin, line->end, (uint32_t)i);
    }
    for (size_t i = m->input->phrase_count; i-- > 0;) {
        const sp_mapped_phrase *phrase = &m->input->phrases[i];
        add(&p, phrase->text, phrase->source, phrase->begin, phrase->end, SP_NONE);
    }
    *ret = p;
    return SP_OK;
}

/* ---- where it is -------------------------------------------------------------------------------------------- */

static size_t shared(sp_str a, sp_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    size_t at = 0;
    while (at < len && a.ptr[at] == b.ptr[at])
        at++;
    return at;
}

/* Not in the middle of a word. */
static bool stands_alone(sp_str text, size_t begin, size_t end)
{
    bool joins_before = begin > 0 && sp_is_letter(text.ptr[begin - 1]) && sp_is_letter(text.ptr[begin]);
    bool joins_after = end < text.len && sp_is_letter(text.ptr[end - 1]) && sp_is_letter(text.ptr[end]);
    return !joins_before && !joins_after;
}

/* How many bytes of the text at an offset are the pattern; 0: it is not there. */
static size_t matched(patterns *all, const pattern *p, sp_str text, size_t at, size_t end)
{
    size_t most = end - at < p->text.len ? end - at : p->text.len;
    if (most > all->work)
        return 0;
    size_t len = shared(p->text, sp_str_slice(text, at, end));
    all->work -= len;
    if (len == p->text.len)
        return stands_alone(text, at, at + len) ? len : 0;
    while (len > 0 && !sp_utf8_begins(p->text.ptr[len]))
        len--;
    return p->known == SP_NONE && len >= SHORTENED_BYTES && stands_alone(text, at, at + 1) ? len : 0;
}

typedef struct hit {
    pattern *pattern;
    size_t len;
    bool is_ambiguous;
} hit;

/* Where a search is: the gap that it goes through, and the known line that was found last. */
typedef struct spot {
    sp_str text;
    size_t begin;
    size_t at;
    size_t end;
    uint32_t last;
} spot;

/* Of two things that are equally long, whether b is told apart from a: the text before names its file better, or it
 * goes on from what was found last. */
static int compare_hits(const sp_mapper *m, const spot *s, const pattern *a, const pattern *b)
{
    size_t begin = s->at - s->begin > SP_HINT_BYTES ? s->at - SP_HINT_BYTES : s->begin;
    sp_str before = sp_str_slice(s->text, begin, s->at);
    unsigned names_a = sp_map_naming(m, before, a->source);
    unsigned names_b = sp_map_naming(m, before, b->source);
    if (names_a != names_b)
        return names_b > names_a ? 1 : -1;
    bool next_a = s->last != SP_NONE && a->known == s->last + 1;
    bool next_b = s->last != SP_NONE && b->known == s->last + 1;
    return (int)next_b - (int)next_a;
}

/* Whether other lines of the sources are the same, and nothing tells that it is this one: even if they were found
 * elsewhere, it may have been this one there. The name of a file tells nothing of lines that it has twice. */
static bool is_one_of_many(const sp_mapper *m, const spot *s, const pattern *p)
{
    if (p->known == SP_NONE || m->times[m->known.items[p->known].id] < 2)
        return false;
    size_t begin = s->at - s->begin > SP_HINT_BYTES ? s->at - SP_HINT_BYTES : s->begin;
    bool is_next = s->last != SP_NONE && p->known == s->last + 1;
    bool is_named = sp_map_naming(m, sp_str_slice(s->text, begin, s->at), p->source) >= 2;
    return !is_next && (m->is_repeated[p->known] || !is_named);
}

/* The longest; of those that are as long the one that is told apart, else the first. */
static hit best_at(const sp_mapper *m, patterns *p, uint64_t hash, const spot *s)
{
    hit best = { NULL, 0, false };
    uint32_t i = p->table[slot(p, hash)];
    for (unsigned tries = 0; i != SP_NONE && tries < MAX_TRIES; tries++, i = p->items[i].next) {
        pattern *candidate = &p->items[i];
        size_t len = candidate->is_used ? 0 : matched(p, candidate, s->text, s->at, s->end);
        int better = len > 0 && len == best.len ? compare_hits(m, s, best.pattern, candidate) : 0;
        if (len > 0 && len == best.len && better == 0)
            best.is_ambiguous = true;
        if (len > best.len || better > 0)
            best = (hit){ candidate, len, false };
    }
    best.is_ambiguous = best.is_ambiguous || (best.pattern && is_one_of_many(m, s, best.pattern));
    return best;
}

static sp_status add_hit(sp_mapper *m, sp_spans *spans, uint32_t text, size_t at, const hit *h, sp_err *err)
{
    sp_span_of *span = SP_LIST_PUSH(m->arena, spans);
    const pattern *p = h->pattern;
    if (!span)
        return sp_err_memory(err);
    *span = (sp_span_of){ .text = text,
                          .begin = at,
                          .end = at + h->len,
                          .source = p->source,
                          .source_begin = p->begin,
                          .source_end = p->end,
                          .match = p->known == SP_NONE ? SP_SPAN_PHRASE : SP_SPAN_VERBATIM,
                          .is_ambiguous = h->is_ambiguous };
    h->pattern->is_used = true;
    if (p->known != SP_NONE)
        m->is_used[p->known] = true;
    return SP_OK;
}

static sp_status search(sp_mapper *m, patterns *p, uint32_t index, size_t begin, size_t end, sp_spans *spans,
                        sp_err *err)
{
    spot s = { m->texts[index], begin, begin, end, SP_NONE };
    if (end - begin < p->window)
        return SP_OK;
    uint64_t hash = hash_of(s.text.ptr + begin, p->window);
    for (;;) {
        hit h = best_at(m, p, hash, &s);
        size_t next = s.at + 1;
        if (h.pattern) {
            SP_TRY(add_hit(m, spans, index, s.at, &h, err));
            s.last = h.pattern->known;
            next = s.at + h.len;
        }
        if (next > end || end - next < p->window)
            return SP_OK;
        if (next == s.at + 1)
            hash = (hash - p->top * (unsigned char)s.text.ptr[s.at]) * FACTOR +
                   (unsigned char)s.text.ptr[s.at + p->window];
        else
            hash = hash_of(s.text.ptr + next, p->window);
        s.at = next;
    }
}

/* In every stretch of bytes that no span has. */
static sp_status search_gaps(sp_mapper *m, patterns *p, sp_spans *spans, sp_err *err)
{
    size_t count = spans->count;
    size_t next = 0;
    for (uint32_t text = 0; text < m->text_count; text++) {
        size_t at = 0;
        for (; next < count && spans->items[next].text == text; next++) {
            sp_span_of span = spans->items[next];
            SP_TRY(search(m, p, text, at, span.begin, spans, err));
            at = span.end;
        }
        SP_TRY(search(m, p, text, at, m->texts[text].len, spans, err));
    }
    if (spans->count > count)
        sp_spans_sort(spans);
    return SP_OK;
}

sp_status sp_map_inside(sp_mapper *m, sp_spans *spans, sp_err *err)
{
    static const size_t windows[] = { LONG_BYTES, SHORT_BYTES };
    for (size_t i = 0; i < SP_COUNT_OF(windows); i++) {
        patterns p = { .items = NULL };
        SP_TRY(gather(m, windows[i], &p, err));
        if (p.count > 0)
            SP_TRY(search_gaps(m, &p, spans, err));
    }
    return SP_OK;
}
