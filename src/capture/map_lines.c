/*
 * map_lines.c - which line of which source each line of the texts is.
 *
 * Every longest run that a text shares with the sources is a candidate. The one with the most letters is decided first,
 * and takes its lines; what is left of others is put back. Where a run occurs several times, the client's own text
 * before it may name the file; then files count more that go on in the client's lines beside it, then lines that no
 * text has had yet, then files that are predicted, then those that go on from what is decided beside it. Lines at
 * either end that say little, such as blank ones, may be the client's, so they do not decide where the run is from.
 */
#include "base/base.h"
#include "base/types.h"
#include "capture/automaton.h"
#include "capture/lines.h"
#include "capture/map.h"
#include "capture/mapper.h"

enum {
    MAX_PLACES = 32,      /* of a run that are looked at */
    LETTERS_EXPECTED = 8, /* a shorter run of a file that is predicted may be a coincidence, */
    LETTERS_OTHER = 24,   /* of any other file too, */
    LETTERS_AGAIN = 48,   /* and of lines that a text has had */
    LETTERS_WHOLE = 3,    /* but not a whole file that is predicted */
    LETTERS_WHOLE_OTHER = 12,
    SKIPPED_LINES = 64, /* that may be missing in the middle of a file */
};

/* Lines begin to end of the texts. */
typedef struct candidate {
    uint32_t begin;
    uint32_t end;
    uint64_t letters;
} candidate;

typedef struct heap {
    candidate *items;
    size_t count;
    size_t capacity;
} heap;

typedef struct search {
    sp_mapper *m;
    uint64_t *letters_before; /* of each asked line: in all lines before it */
    uint32_t *states;         /* of the automaton, after each asked line */
    heap heap;
} search;

/* ---- the heap: the most letters first, then the first ---------------------------------------------- */

static bool is_before(const candidate *a, const candidate *b)
{
    return a->letters != b->letters ? a->letters > b->letters : a->begin < b->begin;
}

static void swap(candidate *a, candidate *b)
{
    candidate kept = *a;
    *a = *b;
    *b = kept;
}

static bool push(search *s, candidate c)
{
    heap *h = &s->heap;
    if (!sp_list_grow(s->m->arena, (void **)&h->items, h->count, &h->capacity, sizeof c))
        return false;
    h->items[h->count] = c;
    for (size_t at = h->count++; at > 0 && is_before(&h->items[at], &h->items[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&h->items[at], &h->items[(at - 1) / 2]);
    return true;
}

static candidate pop(heap *h)
{
    candidate top = h->items[0];
    h->items[0] = h->items[--h->count];
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < h->count && is_before(&h->items[child + 1], &h->items[child]))
            child++;
        if (child >= h->count || !is_before(&h->items[child], &h->items[at]))
            return top;
        swap(&h->items[child], &h->items[at]);
        at = child;
    }
}

/* ---- candidates --------------------------------------------------------------------------------------- */

static uint64_t letters_of(const search *s, uint32_t begin, uint32_t end)
{
    return s->letters_before[end] - s->letters_before[begin];
}

static bool add_candidate(search *s, uint32_t end, sp_automaton_at at)
{
    candidate c = { end - at.length, end, 0 };
    c.letters = letters_of(s, c.begin, c.end);
    return c.letters == 0 || push(s, c);
}

/* A run is as long as it can be where the next line does not go on with it. */
static sp_status find_candidates(search *s, sp_err *err)
{
    const sp_lines *asked = &s->m->asked;
    sp_automaton_at at = { 0, 0 };
    for (uint32_t i = 0; i < asked->count; i++) {
        const sp_line *line = &asked->items[i];
        bool goes_on = i > 0 && asked->items[i - 1].text == line->text;
        sp_automaton_at root = { 0, 0 };
        sp_automaton_at next =
            line->id == SP_NONE ? root : sp_automaton_follow(&s->m->automaton, goes_on ? at : root, line->id);
        bool is_longer = goes_on && next.length == at.length + 1;
        if (at.length > 0 && !is_longer && !add_candidate(s, i, at))
            return sp_err_memory(err);
        at = next;
        s->states[i] = at.state;
    }
    if (at.length > 0 && !add_candidate(s, (uint32_t)asked->count, at))
        return sp_err_memory(err);
    return SP_OK;
}

/* ---- where a run is from -------------------------------------------------------------------------------- */

typedef struct place {
    uint32_t known; /* line that the run begins with */
    unsigned named; /* how well the text before names the file */
    unsigned glued; /* ends of the run, 0 to 2, where the file goes on in the client's line beside it */
    bool is_new;
    bool is_unsure; /* a text has it, but perhaps another place was meant */
    bool goes_on;
    bool is_whole; /* the run is all of a file */
    bool has_ends; /* what was taken off at the ends is there as well */
    bool is_expected;
} place;

static uint32_t source_of(const sp_mapper *m, uint32_t known)
{
    return m->known.items[known].text;
}

static bool is_letter(char c)
{
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'z';
}

/* Whether text has name, and not as a part of a longer one. */
static bool names(sp_str text, sp_str name)
{
    if (name.len == 0)
        return false;
    for (size_t at = sp_str_find(text, name, 0); at != SIZE_MAX; at = sp_str_find(text, name, at + 1)) {
        char before = at > 0 ? text.ptr[at - 1] : ' ';
        char after = at + name.len < text.len ? text.ptr[at + name.len] : ' ';
        bool is_inside = before == '/' || before == '.' || before == '-' || before == '_' || after == '/' ||
                         is_letter(before) || is_letter(after);
        if (!is_inside)
            return true;
    }
    return false;
}

/* The client's own text before a line: after what is decided, and not too long. */
static sp_str text_before(const sp_mapper *m, uint32_t asked)
{
    const sp_line *line = &m->asked.items[asked];
    size_t begin = line->begin;
    for (uint32_t i = asked; i > 0 && line->begin - begin < SP_HINT_BYTES; i--) {
        if (m->asked.items[i - 1].text != line->text || m->owner[i - 1] != SP_NONE)
            break;
        begin = m->asked.items[i - 1].start;
    }
    begin = line->begin - begin > SP_HINT_BYTES ? line->begin - SP_HINT_BYTES : begin;
    return sp_str_slice(m->texts[line->text], begin, line->begin);
}

unsigned sp_map_naming(const sp_mapper *m, sp_str before, uint32_t index)
{
    const sp_mapped_source *source = &m->input->sources[index];
    if (names(before, source->path))
        return 3;
    if (names(before, source->name))
        return 2;
    size_t slash = source->path.len;
    while (slash > 0 && source->path.ptr[slash - 1] != '/')
        slash--;
    return source->path.ptr && names(before, sp_str_slice(source->path, slash, source->path.len));
}

/* The known line that the nearest decided line before goes on with, past blank lines; and the same after. */
static bool goes_on(const sp_mapper *m, const candidate *c, uint32_t known)
{
    uint32_t length = c->end - c->begin;
    uint32_t first = m->first_known[source_of(m, known)];
    uint32_t last = m->first_known[source_of(m, known) + 1];
    uint32_t before = known;
    uint32_t after = known + length;
    while (before > first && sp_line_is_blank(&m->known.items[before - 1]))
        before--;
    while (after < last && sp_line_is_blank(&m->known.items[after]))
        after++;
    uint32_t text = m->asked.items[c->begin].text;
    for (uint32_t i = c->begin; i > 0 && c->begin - i < 3 && m->asked.items[i - 1].text == text; i--)
        if (m->owner[i - 1] != SP_NONE)
            return before > first && m->owner[i - 1] == before - 1;
    for (uint32_t i = c->end; i < m->asked.count && i - c->end < 3 && m->asked.items[i].text == text; i++)
        if (m->owner[i] != SP_NONE)
            return after < last && m->owner[i] == after;
    return false;
}

/* The first line of a run that is not blank; that after its end: there is none. */
static uint32_t first_said(const sp_mapper *m, uint32_t known, uint32_t length)
{
    uint32_t end = known + length;
    while (known < end && sp_line_is_blank(&m->known.items[known]))
        known++;
    return known;
}

static bool is_whole(const sp_mapper *m, uint32_t known, uint32_t length)
{
    uint32_t first = m->first_known[source_of(m, known)];
    uint32_t end = m->first_known[source_of(m, known) + 1];
    while (first < end && sp_map_leads(m, first))
        first++;
    while (end > first && sp_line_is_blank(&m->known.items[end - 1]))
        end--;
    return known <= first && end <= known + length;
}

/* Of what tells a place from another. */
static unsigned worth(const place *p)
{
    return p->named * 128u + p->glued * 32u + p->is_new * 16u + p->is_expected * 8u + p->goes_on * 4u +
           p->is_whole * 2u + p->has_ends;
}

/* The most that a place may be worth, without what is a guess: that all of a file was sent, or the blank lines beside
 * a run with it. */
static unsigned claim(const place *p)
{
    place q = *p;
    q.is_new = q.is_new || q.is_unsure;
    q.is_whole = q.has_ends = false;
    return worth(&q);
}

/* Whether the asked line is the known one, and of the source that core is of. */
static bool is_same_line(const sp_mapper *m, uint32_t asked, uint32_t known, uint32_t source)
{
    return known < m->known.count && source_of(m, known) == source &&
           m->known.items[known].id == m->asked.items[asked].id;
}

static bool has_ends(const sp_mapper *m, const candidate *c, const candidate *core, uint32_t known)
{
    uint32_t source = source_of(m, known);
    for (uint32_t i = 1; i <= core->begin - c->begin; i++)
        if (known < i || !is_same_line(m, core->begin - i, known - i, source))
            return false;
    for (uint32_t i = core->end; i < c->end; i++)
        if (!is_same_line(m, i, known + (i - core->begin), source))
            return false;
    return true;
}

/* At how many ends of the run the file goes on within a line of the client's. */
static unsigned count_glued(const sp_mapper *m, const candidate *c, uint32_t known)
{
    uint32_t last = known + (c->end - c->begin) - 1;
    return sp_map_is_glued_before(m, c->begin, known) + sp_map_is_glued_after(m, c->end - 1, last);
}

static place look_at(const sp_mapper *m, const candidate *c, const candidate *core, uint32_t known, sp_str before)
{
    uint32_t length = core->end - core->begin;
    uint32_t said = first_said(m, known, length);
    bool is_blank = said == known + length;
    bool all = has_ends(m, c, core, known);
    return (place){ .known = known,
                    .named = sp_map_naming(m, before, source_of(m, known)),
                    .glued = all ? count_glued(m, c, known - (core->begin - c->begin)) : 0,
                    .is_new = is_blank || !m->is_used[said],
                    .is_unsure = !is_blank && m->is_unsure[said],
                    .goes_on = goes_on(m, core, known),
                    .is_whole = is_whole(m, known, length),
                    .has_ends = all,
                    .is_expected = m->input->sources[source_of(m, known)].is_expected };
}

/* Of places that are as good the one that is predicted first. */
static bool is_earlier(const sp_mapper *m, uint32_t a, uint32_t b)
{
    return m->rank[a] != m->rank[b] ? m->rank[a] < m->rank[b] : a < b;
}

/* The best of the places that were looked at, and one more than the most that another may be worth. */
typedef struct choice {
    place best;
    unsigned rival;
} choice;

static void weigh(const sp_mapper *m, choice *so_far, place other)
{
    unsigned best = worth(&so_far->best), now = worth(&other);
    if (other.known == so_far->best.known)
        return;
    if (now > best || (now == best && is_earlier(m, other.known, so_far->best.known))) {
        place lost = so_far->best;
        so_far->best = other;
        other = lost;
    }
    unsigned rival = claim(&other) + 1;
    so_far->rival = rival > so_far->rival ? rival : so_far->rival;
}

static bool is_run_at(const sp_mapper *m, const candidate *c, uint32_t known)
{
    for (uint32_t i = c->begin; i < c->end; i++)
        if (!is_same_line(m, i, known + (i - c->begin), source_of(m, known)))
            return false;
    return true;
}

/* Where a run occurs too often to look at every place, at those that are predicted. */
static void weigh_expected(const sp_mapper *m, const candidate *c, const candidate *core, sp_str before, choice *so_far)
{
    uint32_t known = m->expected[m->asked.items[core->begin].id];
    for (size_t i = 0; i < MAX_PLACES && known != SP_NONE; i++, known = m->next[known])
        if (is_run_at(m, core, known))
            weigh(m, so_far, look_at(m, c, core, known, before));
}

static place choose(const search *s, const candidate *c, const candidate *core, bool *ret_is_ambiguous)
{
    const sp_mapper *m = s->m;
    uint32_t ends[MAX_PLACES];
    bool has_more;
    uint32_t length = core->end - core->begin;
    uint32_t state = sp_automaton_shorten(&m->automaton, s->states[core->end - 1], length);
    size_t count = sp_automaton_ends(&m->automaton, state, ends, MAX_PLACES, &has_more);
    sp_str before = count > 1 || has_more ? text_before(m, core->begin) : SP_STR("");
    choice so_far = { look_at(m, c, core, m->line_of[ends[0]] - (length - 1), before), 0 };
    for (size_t i = 1; i < count; i++)
        weigh(m, &so_far, look_at(m, c, core, m->line_of[ends[i]] - (length - 1), before));
    if (has_more)
        weigh_expected(m, c, core, before, &so_far);
    *ret_is_ambiguous = so_far.rival > claim(&so_far.best) || (has_more && !so_far.best.named && !so_far.best.goes_on);
    return so_far.best;
}

/* ---- decisions -------------------------------------------------------------------------------------------- */

static bool is_enough(const candidate *c, const place *p)
{
    if (!p->is_new)
        return c->letters >= LETTERS_AGAIN;
    if (p->is_expected)
        return c->letters >= (p->is_whole ? LETTERS_WHOLE : LETTERS_EXPECTED);
    return c->letters >= (p->is_whole ? LETTERS_WHOLE_OTHER : LETTERS_OTHER);
}

static void own(sp_mapper *m, uint32_t asked, uint32_t known, bool is_ambiguous)
{
    m->owner[asked] = known;
    m->is_ambiguous[asked] = is_ambiguous;
    m->is_used[known] = true;
    m->is_unsure[known] = is_ambiguous;
}

enum { LETTERS_OF_END = 6 };

/* The run without lines that say little at its ends, unless it has no others. */
static candidate core_of(const search *s, const candidate *c)
{
    const sp_line *lines = s->m->asked.items;
    candidate core = *c;
    while (core.begin < core.end && lines[core.begin].letters <= LETTERS_OF_END)
        core.begin++;
    while (core.end > core.begin && lines[core.end - 1].letters <= LETTERS_OF_END)
        core.end--;
    core.letters = letters_of(s, core.begin, core.end);
    return core.letters >= LETTERS_EXPECTED ? core : *c;
}

/* The lines that are decided: all of the run where its ends are there as well, else its core. */
static void take(sp_mapper *m, const candidate *c, const candidate *core, const place *p, bool is_ambiguous)
{
    const candidate *taken = p->has_ends ? c : core;
    for (uint32_t i = taken->begin; i < taken->end; i++)
        own(m, i, p->known + i - core->begin, is_ambiguous);
}

static bool decide(search *s, candidate c)
{
    sp_mapper *m = s->m;
    uint32_t begin = c.begin;
    uint32_t end = c.end;
    while (c.begin < c.end && m->owner[c.begin] != SP_NONE)
        c.begin++;
    while (c.end > c.begin && m->owner[c.end - 1] != SP_NONE)
        c.end--;
    if (c.begin == c.end)
        return true;
    c.letters = letters_of(s, c.begin, c.end);
    if (c.begin != begin || c.end != end)
        return c.letters == 0 || push(s, c);
    bool is_ambiguous;
    candidate core = core_of(s, &c);
    if (m->owner[core.begin] != SP_NONE) /* by a run with the same core, and what else that has is a few letters */
        return true;
    place p = choose(s, &c, &core, &is_ambiguous);
    if (is_enough(&core, &p))
        take(m, &c, &core, &p, is_ambiguous);
    return true;
}

/* ---- short lines between decided ones ----------------------------------------------------------------------- */

/* The only line of that number among some; SP_NONE: there is none, or more than one. */
static uint32_t find_only(const sp_line *lines, uint32_t begin, uint32_t end, uint32_t id)
{
    uint32_t found = SP_NONE;
    for (uint32_t i = begin; i < end; i++) {
        if (lines[i].id == id && found != SP_NONE)
            return SP_NONE;
        found = lines[i].id == id ? i : found;
    }
    return found;
}

/* Lines of the file may be missing, such as comments: then the line is the only one of its kind near by. */
static uint32_t find_near(const sp_mapper *m, uint32_t begin, uint32_t end, const sp_line *line)
{
    uint32_t found = line->letters >= LETTERS_WHOLE ? find_only(m->known.items, begin, end, line->id) : SP_NONE;
    return found != SP_NONE && !m->is_used[found] ? found : SP_NONE;
}

/* Lines right after a decided one go on in its source; blank ones may be missing on either side. Returns the first that
 * does not. */
static uint32_t fill_forward(sp_mapper *m, uint32_t begin, uint32_t end)
{
    uint32_t last = m->owner[begin - 1];
    uint32_t source_end = m->first_known[source_of(m, last) + 1];
    for (uint32_t i = begin; i < end; i++) {
        const sp_line *line = &m->asked.items[i];
        bool is_blank = sp_line_is_blank(line);
        uint32_t next = last + 1;
        while (!is_blank && next < source_end && sp_line_is_blank(&m->known.items[next]))
            next++;
        bool is_same = next < source_end && m->known.items[next].id == line->id && !m->is_used[next];
        uint32_t far = source_end - last > SKIPPED_LINES ? last + SKIPPED_LINES : source_end;
        if (!is_same && !is_blank)
            next = find_near(m, last + 1, far, line);
        if (!is_same && !is_blank && next == SP_NONE)
            return i;
        if (is_same || !is_blank)
            own(m, i, last = next, false);
    }
    return end;
}

/* Lines between two decided ones of one source: as many as in the file, or such as are there only once. */
static void fill_between(sp_mapper *m, uint32_t begin, uint32_t end)
{
    uint32_t first = m->owner[begin - 1] + 1;
    uint32_t last = m->owner[end];
    bool is_as_long = last - first == end - begin;
    if (last <= first || last - first > SKIPPED_LINES || end - begin > SKIPPED_LINES)
        return;
    for (uint32_t i = begin; i < end; i++) {
        const sp_line *line = &m->asked.items[i];
        uint32_t known = first + (i - begin);
        if (line->id == SP_NONE || (!is_as_long && sp_line_is_blank(line)))
            continue;
        if (!is_as_long)
            known = find_only(m->known.items, first, last, line->id);
        bool is_only = is_as_long || find_only(m->asked.items, begin, end, line->id) == i;
        if (known != SP_NONE && is_only && m->known.items[known].id == line->id && !m->is_used[known]) {
            own(m, i, known, false);
            first = is_as_long ? first : known + 1;
        }
    }
}

static void fill_backward(sp_mapper *m, uint32_t begin, uint32_t end)
{
    uint32_t first = m->owner[end];
    uint32_t source_begin = m->first_known[source_of(m, first)];
    for (uint32_t i = end; i > begin && first > source_begin; i--) {
        const sp_line *line = &m->asked.items[i - 1];
        bool is_same = line->id == m->known.items[first - 1].id && !m->is_used[first - 1];
        uint32_t far = first - source_begin > SKIPPED_LINES ? first - SKIPPED_LINES : source_begin;
        uint32_t found = is_same ? first - 1 : find_near(m, far, first, line);
        if (found == SP_NONE && !sp_line_is_blank(line))
            return;
        if (found != SP_NONE)
            own(m, i - 1, first = found, false);
    }
}

/* Whether a decided line of the same source is further down in it. */
static bool goes_on_after(const sp_mapper *m, uint32_t begin, uint32_t end)
{
    return m->owner[end] > m->owner[begin - 1] && source_of(m, m->owner[end]) == source_of(m, m->owner[begin - 1]);
}

static void fill_gap(sp_mapper *m, uint32_t begin, uint32_t end)
{
    uint32_t text = m->asked.items[begin].text;
    bool has_before = begin > 0 && m->owner[begin - 1] != SP_NONE && m->asked.items[begin - 1].text == text;
    bool has_after = end < m->asked.count && m->owner[end] != SP_NONE && m->asked.items[end].text == text;
    uint32_t left = has_before ? fill_forward(m, begin, end) : begin;
    if (left < end && has_after)
        fill_backward(m, left, end);
    while (left < end && m->owner[end - 1] != SP_NONE)
        end--;
    while (left > begin && m->owner[left - 1] == SP_NONE)
        left--;
    if (left < end && has_before && has_after && m->owner[left - 1] != SP_NONE && goes_on_after(m, left, end))
        fill_between(m, left, end);
}

static void fill_gaps(sp_mapper *m)
{
    uint32_t count = (uint32_t)m->asked.count;
    for (uint32_t begin = 0; begin < count;) {
        uint32_t end = begin;
        while (end < count && m->owner[end] == SP_NONE && m->asked.items[end].text == m->asked.items[begin].text)
            end++;
        if (end > begin)
            fill_gap(m, begin, end);
        begin = end > begin ? end : begin + 1;
    }
}

sp_status sp_map_lines(sp_mapper *m, sp_err *err)
{
    search s = { .m = m, .letters_before = SP_ARENA_ARRAY(m->arena, uint64_t, m->asked.count + 1) };
    s.states = SP_ARENA_ARRAY(m->arena, uint32_t, m->asked.count + 1);
    if (!s.letters_before || !s.states)
        return sp_err_memory(err);
    for (size_t i = 0; i < m->asked.count; i++)
        s.letters_before[i + 1] = s.letters_before[i] + m->asked.items[i].letters;
    SP_TRY(find_candidates(&s, err));
    while (s.heap.count > 0)
        if (!decide(&s, pop(&s.heap)))
            return sp_err_memory(err);
    fill_gaps(m);
    return SP_OK;
}
