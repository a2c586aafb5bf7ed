/*
 * lint_duplicates.c - the same text twice in one prompt.
 *
 * Runs of blocks that stand somewhere before are found as explain --duplicates finds them (waste/), here in the
 * sources: nothing is counted yet. What two files have in common is one message, however many runs it is. Front matter
 * and comments are not sent, and a file that is known to be another one is not loaded a second time: neither counts.
 */
#include "check/lint.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/source.h"

/* What a source has in common with an earlier one. */
typedef struct overlap {
    uint32_t source;
    const sp_repeat *match; /* the first one */
    size_t blocks;
    size_t bytes;
} overlap;

/* Sources are numbered through: those of the site, then those of the agent. */
typedef struct reporter {
    const sp_source *shared;
    uint32_t shared_count;
    const sp_source *own; /* or NULL */
    const sp_pieces *pieces;
    sp_diags *diags;
    sp_err *err;
} reporter;

static const sp_source *source_at(const reporter *r, uint32_t index)
{
    return index < r->shared_count ? &r->shared[index] : &r->own[index - r->shared_count];
}

static sp_status report(const reporter *r, const overlap *o)
{
    const sp_piece *here = &r->pieces->list.items[o->match->copy];
    const sp_piece *there = &r->pieces->list.items[o->match->first];
    const sp_source *source = source_at(r, here->source);
    sp_str other = source_at(r, o->source)->path;
    if (here->source == there->source && here->block == there->block)
        return sp_diag_add(r->diags, r->err, SP_WARNING, source->path, source->bytes, SP_WHOLE_FILE,
                           SP_RULE_CHECK_DUPLICATE, "duplicate text: the request repeats it from line %u on (%s bytes)",
                           here->first_line, SP_NUMBER(o->bytes));
    if (sp_repeat_is_file(r->pieces, o->match))
        return sp_diag_add(
            r->diags, r->err, SP_WARNING, source->path, source->bytes, SP_WHOLE_FILE, SP_RULE_CHECK_DUPLICATE,
            "has the same text as %.*s, and the prompt holds both; import one of them, or make it a link",
            SP_STR_ARG(other));
    return sp_diag_add(
        r->diags, r->err, SP_NOTE, source->path, source->bytes, source->blocks[here->block].begin,
        SP_RULE_CHECK_DUPLICATE, "duplicate text: the prompt also has it at %.*s:%u (%s block%s of %s bytes in all)",
        SP_STR_ARG(other), there->first_line, SP_NUMBER(o->blocks), o->blocks == 1 ? "" : "s", SP_NUMBER(o->bytes));
}

enum { MAX_OVERLAPS = 8 }; /* files that one file has text in common with; more are not told apart */

static overlap *find_overlap(overlap *overlaps, size_t *count, uint32_t source)
{
    for (size_t i = 0; i < *count; i++)
        if (overlaps[i].source == source)
            return &overlaps[i];
    if (*count == MAX_OVERLAPS)
        return NULL;
    overlaps[*count] = (overlap){ .source = source };
    return &overlaps[(*count)++];
}

static void add_match(const reporter *r, overlap *o, const sp_repeat *match)
{
    o->match = o->match ? o->match : match;
    o->blocks += match->copy_count;
    for (uint32_t i = 0; i < match->copy_count; i++)
        o->bytes += r->pieces->list.items[match->copy + i].weight;
}

/* Matches are in the order of the pieces, so those of a source follow one another. */
static sp_status report_all(const reporter *r, const sp_repeats *matches)
{
    const sp_piece *pieces = r->pieces->list.items;
    for (size_t i = 0; i < matches->list.count;) {
        overlap overlaps[MAX_OVERLAPS];
        size_t count = 0;
        uint32_t source = pieces[matches->list.items[i].copy].source;
        for (; i < matches->list.count && pieces[matches->list.items[i].copy].source == source; i++) {
            const sp_repeat *match = &matches->list.items[i];
            overlap *o = find_overlap(overlaps, &count, pieces[match->first].source);
            if (o)
                add_match(r, o, match);
        }
        for (size_t o = 0; o < count; o++)
            SP_TRY(report(r, &overlaps[o]));
    }
    return SP_OK;
}

/* Finds and reports what pieces from that index on are copies of. */
static sp_status find_and_report(sp_arena *arena, const reporter *r, uint32_t from)
{
    sp_repeats matches = { .list = { .count = 0 } };
    size_t least = (size_t)sp_own_limit(SP_RULE_CHECK_DUPLICATE);
    SP_TRY(sp_copies_find(arena, r->pieces, from, least, &matches, r->err));
    return report_all(r, &matches);
}

/* What all agents get: not the session's memory, and not an agent's own text. */
static bool is_of_chain(const sp_source *source)
{
    return source->is_loaded && source->kind != SP_SOURCE_MEMORY && source->kind != SP_SOURCE_AGENT;
}

static sp_status add_source(sp_arena *arena, sp_pieces *pieces, const sp_docs *docs, uint32_t index, uint32_t base,
                            sp_err *err)
{
    const sp_parsed *parsed = docs->sources[index].parsed;
    size_t comments = parsed->strips_comments ? parsed->markdown.comment_count : 0;
    return sp_pieces_add_source(arena, pieces, base + index, &docs->sources[index], parsed->markdown.comments, comments,
                                err);
}

sp_status sp_lint_duplicates(sp_lint *lint, sp_err *err)
{
    const sp_docs *docs = &lint->site->shared->docs;
    for (uint32_t i = 0; i < docs->count; i++)
        if (is_of_chain(&docs->sources[i]))
            SP_TRY(add_source(lint->arena, &lint->pieces, docs, i, 0, err));
    reporter r = { docs->sources, docs->count, NULL, &lint->pieces, lint->diags, err };
    return find_and_report(lint->arena, &r, 0);
}

/* The agent's own text and its memory; the chain behind them was looked at. */
sp_status sp_lint_agent_duplicates(sp_lint *lint, sp_arena *arena, sp_diags *diags, const sp_docs *docs, sp_err *err)
{
    const sp_docs *shared = &lint->site->shared->docs;
    sp_pieces pieces = { .class_count = 0 };
    if (!docs->agent->omit_claude_md)
        SP_TRY(sp_pieces_copy(arena, &lint->pieces, &pieces, err));
    uint32_t own = (uint32_t)pieces.list.count;
    SP_TRY(add_source(arena, &pieces, docs, docs->agent_source, shared->count, err));
    if (docs->memory_source != SP_NONE)
        SP_TRY(add_source(arena, &pieces, docs, docs->memory_source, shared->count, err));
    reporter r = { shared->sources, shared->count, docs->sources, &pieces, diags, err };
    return find_and_report(arena, &r, own);
}

/* By bytes, as other duplicates of a check. */
sp_status sp_lint_request_duplicates(sp_arena *arena, sp_diags *diags, const sp_prompt *prompt, sp_err *err)
{
    sp_pieces pieces = { .class_count = 0 };
    reporter r = { prompt->sources, prompt->source_count, NULL, &pieces, diags, err };
    SP_TRY(sp_pieces_of_prompt(arena, prompt, &pieces, err));
    for (size_t i = 0; i < pieces.list.count; i++)
        pieces.list.items[i].weight = pieces.list.items[i].text.len;
    return find_and_report(arena, &r, 0);
}
