/*
 * cutter.c - each cutter first says what it finds in a piece; what the pieces become of that is one matter for all.
 */
#include "tokenizer/files/cutter.h"
#include "base/types.h"

#include <stdlib.h>

enum {
    BATCH = 256,
};

void sp_pretokens_release(sp_pretokens *p)
{
    free(p->items);
    *p = (sp_pretokens){ 0 };
}

void sp_pretokens_add(sp_pretokens *p, size_t begin, size_t end)
{
    p->failed = p->failed || !sp_heap_grow((void **)&p->items, p->count, &p->capacity, sizeof *p->items);
    if (!p->failed)
        p->items[p->count++] = (sp_pretoken){ begin, end };
}

void sp_cutting_release(sp_cutting *c)
{
    sp_pretokens_release(&c->pieces);
    sp_pretokens_release(&c->found);
    sp_pretokens_release(&c->next);
    sp_flow_release(&c->flows[0]);
    sp_flow_release(&c->flows[1]);
}

/* ---- what is found: each adds the matches in text[begin..end) to found ------------------------------------------ */

static void find_by_rules(sp_cutting *c, const sp_cutter *cutter, size_t begin, size_t end)
{
    size_t ends[BATCH], at = begin;
    sp_vocab vocab = *c->classes;
    vocab.rules = cutter->rules;
    vocab.windows = sp_split_windows_of(SP_PATH_BEST, cutter->rules.pattern);
    while (at < end) {
        size_t count = sp_split(&vocab, (const uint8_t *)c->view.text.ptr, at, end, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++])
            sp_pretokens_add(&c->found, at, ends[i]);
    }
}

static bool find_by_regex(sp_cutting *c, const sp_cutter *cutter, size_t begin, size_t end)
{
    sp_str piece = sp_str_slice(c->view.text, begin, end);
    for (size_t at = 0, first, last; at <= piece.len;) {
        sp_regex_found found = sp_regex_find(cutter->regex, c->scratch, piece, at, &first, &last);
        if (found != SP_REGEX_FOUND)
            return found == SP_REGEX_NONE;
        sp_pretokens_add(&c->found, begin + first, begin + last);
        at = last > at || last > first ? last : at;
        if (last == first) /* an empty match; it cuts all the same */
            at = last + (last < piece.len ? sp_char_at(piece, last, &(uint32_t){ 0 }) : 1);
    }
    return true;
}

static void find_by_text(sp_cutting *c, const sp_cutter *cutter, size_t begin, size_t end)
{
    sp_str piece = sp_str_slice(c->view.text, begin, end);
    if (cutter->text.len == 0)
        return;
    for (size_t at = sp_str_find(piece, cutter->text, 0); at != SIZE_MAX;
         at = sp_str_find(piece, cutter->text, at + cutter->text.len))
        sp_pretokens_add(&c->found, begin + at, begin + at + cutter->text.len);
}

static void find_by_chars(sp_cutting *c, const sp_cutter *cutter, size_t begin, size_t end)
{
    for (size_t at = begin, len; at < end; at += len) {
        uint32_t code;
        len = sp_char_at(c->view.text, at, &code);
        if (cutter->is_in(code))
            sp_pretokens_add(&c->found, at, at + len);
    }
}

static void find_by_runs(sp_cutting *c, const sp_cutter *cutter, size_t begin, size_t end)
{
    size_t run = begin;
    int kind = 0; /* of the run */
    for (size_t at = begin, len; at < end; at += len) {
        uint32_t code;
        len = sp_char_at(c->view.text, at, &code);
        int next = cutter->is_in(code) ? 1 : cutter->is_in2 && cutter->is_in2(code) ? 2 : 0;
        if (next == kind)
            continue;
        if (kind != 0)
            sp_pretokens_add(&c->found, run, at);
        kind = next;
        run = at;
    }
    if (kind != 0)
        sp_pretokens_add(&c->found, run, end);
}

static bool find_matches(sp_cutting *c, const sp_cutter *cutter, sp_pretoken piece)
{
    c->found.count = 0;
    switch (cutter->kind) {
    case SP_CUT_RULES:
        find_by_rules(c, cutter, piece.begin, piece.end);
        break;
    case SP_CUT_REGEX:
        return find_by_regex(c, cutter, piece.begin, piece.end);
    case SP_CUT_TEXT:
    case SP_CUT_METASPACE:
        find_by_text(c, cutter, piece.begin, piece.end);
        break;
    case SP_CUT_CHARS:
        find_by_chars(c, cutter, piece.begin, piece.end);
        break;
    case SP_CUT_RUNS:
        find_by_runs(c, cutter, piece.begin, piece.end);
        break;
    case SP_CUT_BLANK_BEFORE:
        break;
    }
    return true;
}

/* ---- what becomes of it ------------------------------------------------------------------------------------------ */

/* The pieces of one, as they come: matches, and what lies between. */
typedef struct joining {
    sp_pretokens *out;
    sp_cutter_behavior behavior;
    size_t first;   /* of the pieces of this one, in out */
    bool was_match; /* the last one */
} joining;

static void join(joining *j, size_t begin, size_t end, bool is_match)
{
    bool has_last = j->out->count > j->first;
    bool goes_on = false;
    if (j->behavior == SP_CUT_REMOVED && is_match)
        return;
    if (j->behavior == SP_CUT_WITH_PREVIOUS)
        goes_on = is_match && !j->was_match && has_last;
    else if (j->behavior == SP_CUT_WITH_NEXT)
        goes_on = !is_match && j->was_match && has_last;
    else if (j->behavior == SP_CUT_CONTIGUOUS)
        goes_on = is_match == j->was_match && has_last;
    if (goes_on && !j->out->failed)
        j->out->items[j->out->count - 1].end = end;
    else
        sp_pretokens_add(j->out, begin, end);
    j->was_match = is_match;
}

static void join_matches(sp_cutting *c, const sp_cutter *cutter, sp_pretoken piece)
{
    joining j = { .out = &c->next, .behavior = cutter->behavior, .first = c->next.count };
    size_t at = piece.begin;
    for (size_t i = 0; i < c->found.count; i++) {
        sp_pretoken match = c->found.items[i];
        if (match.begin > at)
            join(&j, at, match.begin, cutter->inverts);
        join(&j, match.begin, match.end, !cutter->inverts);
        at = match.end;
    }
    if (at < piece.end)
        join(&j, at, piece.end, cutter->inverts);
}

static void drop_empty(sp_pretokens *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].end > p->items[i].begin)
            p->items[count++] = p->items[i];
    p->count = count;
}

static void use_next(sp_cutting *c)
{
    sp_pretokens old = c->pieces;
    c->pieces = c->next;
    c->next = old;
    c->pieces.failed |= c->next.failed | c->found.failed;
}

static bool cut_all(sp_cutting *c, const sp_cutter *cutter)
{
    c->next.count = 0;
    for (size_t i = 0; i < c->pieces.count; i++) {
        if (!find_matches(c, cutter, c->pieces.items[i]))
            return false;
        join_matches(c, cutter, c->pieces.items[i]);
    }
    drop_empty(&c->next);
    use_next(c);
    return !c->pieces.failed;
}

/* ---- cutters that change the text ---------------------------------------------------------------------------------
 */

static bool takes_mark(const sp_cutting *c, const sp_cutter *cutter, sp_pretoken piece)
{
    sp_str text = sp_str_slice(c->view.text, piece.begin, piece.end);
    if (cutter->kind == SP_CUT_BLANK_BEFORE)
        return !sp_str_starts(text, SP_STR(" "));
    bool has_mark = sp_str_starts(text, cutter->text) || text.ptr[0] == ' ';
    bool is_first = c->is_first && piece.begin == 0;
    return !has_mark && (cutter->prepend == SP_PREPEND_ALWAYS || (cutter->prepend == SP_PREPEND_FIRST && is_first));
}

static void put_marked(const sp_cutting *c, const sp_cutter *cutter, sp_pretoken piece, sp_flow *out)
{
    size_t kept = piece.begin;
    for (size_t at = piece.begin; cutter->kind == SP_CUT_METASPACE && at < piece.end; at++) {
        if (c->view.text.ptr[at] != ' ')
            continue;
        sp_flow_copy(out, c->view, kept, at);
        sp_flow_put(out, cutter->text, c->view, at, at + 1);
        kept = at + 1;
    }
    sp_flow_copy(out, c->view, kept, piece.end);
}

static bool change_all(sp_cutting *c, const sp_cutter *cutter)
{
    static const sp_str blank = { " ", 1 };
    c->in_second = !c->in_second;
    sp_flow *out = &c->flows[c->in_second];
    sp_flow_clear(out, c->flows[0].wants_ends);
    for (size_t i = 0; i < c->pieces.count; i++) {
        sp_pretoken *piece = &c->pieces.items[i];
        size_t begin = out->len;
        if (takes_mark(c, cutter, *piece))
            sp_flow_put(out, cutter->kind == SP_CUT_METASPACE ? cutter->text : blank, c->view, piece->begin,
                        piece->begin);
        put_marked(c, cutter, *piece, out);
        *piece = (sp_pretoken){ begin, out->len };
    }
    c->view = sp_flow_view(out);
    c->pieces.failed |= out->failed;
    return !out->failed;
}

bool sp_cut_pieces(sp_cutting *c, const sp_cutter *cutter)
{
    bool changes = cutter->kind == SP_CUT_METASPACE || cutter->kind == SP_CUT_BLANK_BEFORE;
    if (changes && !change_all(c, cutter))
        return false;
    bool cuts = cutter->kind == SP_CUT_METASPACE ? cutter->splits : cutter->kind != SP_CUT_BLANK_BEFORE;
    return !cuts || cut_all(c, cutter);
}
