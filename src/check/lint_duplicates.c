/*
 * lint_duplicates.c - the same text twice in one prompt.
 *
 * Leaf blocks of some length are looked up in a table of those that came before. What two files have in common is one
 * message, however many blocks it is. Front matter is not sent, and a file that is known to be another one is not
 * loaded a second time: neither counts.
 */
#include "check/lint.h"

/* A block that is known: its source and itself, in one number of the map. */
typedef struct known_block {
    const sp_source *source;
    uint32_t block;
} known_block;

typedef struct finder {
    sp_arena *arena;
    sp_diags *diags;
    const sp_map *known; /* of the site, or NULL */
    const known_block *known_blocks;
    sp_map own;
    sp_list(known_block) own_blocks;
    sp_err *err;
} finder;

/* What a source has in common with an earlier one. */
typedef struct overlap {
    const sp_source *source;
    size_t blocks;
    size_t bytes;
    uint32_t here;  /* the first block */
    uint32_t there; /* and its twin */
} overlap;

static sp_str text_of(const sp_source *source, const sp_block *block)
{
    return sp_str_trim(sp_str_slice(source->bytes, block->begin, block->end));
}

static bool is_candidate(const sp_source *source, const sp_block *block)
{
    return block->kind != SP_BLOCK_FRONT_MATTER && block->begin >= source->content_begin &&
           text_of(source, block).len >= (size_t)sp_own_limit(SP_RULE_CHECK_DUPLICATE);
}

/* The block with that text that came before; source NULL: there is none, and this one is known from now on. */
static sp_status find_twin(finder *f, const sp_source *source, uint32_t index, known_block *ret)
{
    sp_str text = text_of(source, &source->blocks[index]);
    uint32_t known = f->known ? sp_map_find(f->known, text) : SP_NONE;
    *ret = (known_block){ NULL, 0 };
    if (known != SP_NONE) {
        *ret = f->known_blocks[known];
        return SP_OK;
    }
    uint32_t *slot = sp_map_slot(f->arena, &f->own, text);
    if (!slot)
        return sp_err_memory(f->err);
    if (*slot != SP_NONE) {
        *ret = f->own_blocks.items[*slot];
        return SP_OK;
    }
    known_block *block = SP_LIST_PUSH(f->arena, &f->own_blocks);
    if (!block)
        return sp_err_memory(f->err);
    *block = (known_block){ source, index };
    *slot = (uint32_t)(f->own_blocks.count - 1);
    return SP_OK;
}

static sp_status report(const finder *f, const sp_source *source, const overlap *o)
{
    const sp_block *here = &source->blocks[o->here];
    const sp_block *there = &o->source->blocks[o->there];
    sp_str whole = sp_str_trim(sp_str_slice(source->bytes, source->content_begin, source->bytes.len));
    sp_str other = sp_str_trim(sp_str_slice(o->source->bytes, o->source->content_begin, o->source->bytes.len));
    bool is_whole = source != o->source && sp_str_eq(whole, other);
    if (is_whole)
        return sp_diag_add(
            f->diags, f->err, SP_WARNING, source->path, source->bytes, SP_WHOLE_FILE,
            sp_rule_id(SP_RULE_CHECK_DUPLICATE),
            "has the same text as %.*s, and the prompt holds both; import one of them, or make it a link",
            SP_STR_ARG(o->source->path));
    return sp_diag_add(f->diags, f->err, SP_NOTE, source->path, source->bytes, here->begin,
                       sp_rule_id(SP_RULE_CHECK_DUPLICATE),
                       "the prompt holds this text twice: it stands at %.*s:%u too (%zu block%s of %zu bytes in all)",
                       SP_STR_ARG(o->source->path), there->first_line, o->blocks, o->blocks == 1 ? "" : "s", o->bytes);
}

static overlap *find_overlap(overlap *overlaps, size_t *count, size_t room, const sp_source *source)
{
    for (size_t i = 0; i < *count; i++)
        if (overlaps[i].source == source)
            return &overlaps[i];
    if (*count == room)
        return NULL;
    overlaps[*count] = (overlap){ .source = source };
    return &overlaps[(*count)++];
}

enum { MAX_OVERLAPS = 8 }; /* files that one file has text in common with; more are not told apart */

static sp_status compare_source(finder *f, const sp_source *source)
{
    overlap overlaps[MAX_OVERLAPS];
    size_t count = 0;
    for (uint32_t i = 0; i < source->block_count; i++) {
        known_block twin;
        if (!is_candidate(source, &source->blocks[i]))
            continue;
        SP_TRY(find_twin(f, source, i, &twin));
        overlap *o = twin.source ? find_overlap(overlaps, &count, MAX_OVERLAPS, twin.source) : NULL;
        if (!o)
            continue;
        if (o->blocks++ == 0) {
            o->here = i;
            o->there = twin.block;
        }
        o->bytes += text_of(source, &source->blocks[i]).len;
    }
    for (size_t i = 0; i < count; i++)
        SP_TRY(report(f, source, &overlaps[i]));
    return SP_OK;
}

/* What all agents get: not the session's memory, and not an agent's own text. */
static bool is_of_chain(const sp_source *source)
{
    return source->is_loaded && source->kind != SP_SOURCE_MEMORY && source->kind != SP_SOURCE_AGENT;
}

sp_status sp_lint_duplicates(sp_lint *lint, sp_err *err)
{
    const sp_docs *docs = &lint->site->shared.docs;
    finder f = { .arena = lint->arena, .diags = lint->diags, .err = err };
    for (uint32_t i = 0; i < docs->count; i++)
        if (is_of_chain(&docs->sources[i]))
            SP_TRY(compare_source(&f, &docs->sources[i]));
    lint->texts = f.own;
    lint->blocks = f.own_blocks.items;
    return SP_OK;
}

/* The agent's own text and its memory; the chain behind them was looked at. */
sp_status sp_lint_agent_duplicates(sp_lint *lint, sp_arena *arena, sp_diags *diags, const sp_docs *docs, sp_err *err)
{
    bool has_chain = !docs->agent->omit_claude_md;
    finder f = { .arena = arena, .diags = diags, .err = err };
    if (has_chain) {
        f.known = &lint->texts;
        f.known_blocks = lint->blocks;
    }
    SP_TRY(compare_source(&f, &docs->sources[docs->agent_source]));
    return docs->memory_source == SP_NONE ? SP_OK : compare_source(&f, &docs->sources[docs->memory_source]);
}
