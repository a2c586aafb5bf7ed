/* caching.c - the stable prefix of a prompt, what cuts it short, and where breakpoints are worth their place. */
#include "explain/caching/caching.h"
#include "base/types.h"
#include "explain/caching/result.h"
#include "explain/duplicates/duplicates.h"
#include "model/prompt.h"
#include "model/source.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

typedef struct finder {
    sp_arena *arena;
    sp_caching *caching;
    sp_list(sp_volatile) volatiles;
    const sp_prompt *prompt;
    const sp_piece *pieces;
    size_t piece_count;
    sp_changes changes; /* the most of all so far */
    size_t tokens;      /* that begin before the piece */
    size_t volatile_tokens;
} finder;

/* ---- what changes ---------------------------------------------------------------------------------------- */

static sp_volatile_key kind_of_piece(const sp_prompt *prompt, const sp_piece *piece)
{
    if (piece->kind == SP_SEGMENT_ENVIRONMENT)
        return SP_VOLATILE_ENVIRONMENT;
    if (piece->source == SP_NONE)
        return SP_VOLATILE_COUNT;
    if (prompt->sources[piece->source].trigger.ptr)
        return SP_VOLATILE_TOUCHED;
    return prompt->sources[piece->source].kind == SP_SOURCE_MEMORY ? SP_VOLATILE_MEMORY : SP_VOLATILE_COUNT;
}

static sp_status add_volatile(finder *f, const sp_piece *piece, sp_volatile_key key, size_t begin, size_t end,
                              uint32_t line, size_t tokens, sp_err *err)
{
    sp_volatile *found = SP_LIST_PUSH(f->arena, &f->volatiles);
    if (!found)
        return sp_err_memory(err);
    *found = (sp_volatile){ .kind = sp_volatile_kind_at((size_t)key),
                            .source = piece->source,
                            .first_line = line,
                            .last_line = line,
                            .message = piece->message,
                            .begin = begin,
                            .end = end,
                            .tokens_before = f->tokens,
                            .tokens = tokens };
    return SP_OK;
}

/* A section that changes is one row, however many blocks it has. */
static sp_status add_section(finder *f, const sp_piece *piece, sp_volatile_key key, sp_err *err)
{
    size_t count = f->volatiles.count;
    sp_volatile *last = count ? &f->volatiles.items[count - 1] : NULL;
    if (last && last->kind == sp_volatile_kind_at((size_t)key) && last->message == piece->message &&
        last->end == piece->begin && last->source == piece->source) {
        last->end = piece->end;
        last->last_line = piece->last_line;
        last->tokens += piece->weight;
        return SP_OK;
    }
    SP_TRY(add_volatile(f, piece, key, piece->begin, piece->end, piece->first_line, piece->weight, err));
    f->volatiles.items[count].last_line = piece->last_line;
    return SP_OK;
}

/* What code shows is an example: nobody keeps its date up to date. */
static bool is_code(const sp_prompt *prompt, const sp_piece *piece)
{
    sp_block_kind kind = prompt->sources[piece->source].blocks[piece->block].kind;
    return kind == SP_BLOCK_FENCED_CODE || kind == SP_BLOCK_INDENTED_CODE;
}

/* The lines of a block of which one holds a date or the like. *ret_key is the strongest of them. */
static sp_status scan_piece(finder *f, const sp_piece *piece, sp_volatile_key *ret_key, sp_err *err)
{
    sp_str text = sp_str_slice(f->prompt->messages[piece->message].text, piece->begin, piece->end);
    uint32_t line = piece->first_line;
    for (size_t begin = 0, end; begin < text.len; begin = end, line++) {
        size_t from = 0;
        size_t to = 0;
        for (end = begin; end < text.len && !sp_ends_line(text, end);)
            end++;
        sp_volatile_key key = sp_volatile_in_line(sp_str_slice(text, begin, end), &from, &to);
        if (key == SP_VOLATILE_STAMP && is_code(f->prompt, piece))
            key = SP_VOLATILE_DATE;
        if (key != SP_VOLATILE_COUNT)
            SP_TRY(add_volatile(f, piece, key, piece->begin + begin + from, piece->begin + begin + to, line,
                                piece->weight, err));
        *ret_key = key < *ret_key ? key : *ret_key;
        end += end < text.len;
    }
    return SP_OK;
}

/* ---- breakpoints ----------------------------------------------------------------------------------------- */

/* Up to that piece the prompt stays the same for longer than with it: the end of what is before it. */
static void add_break(finder *f, size_t piece)
{
    sp_caching *caching = f->caching;
    const sp_piece *before = piece ? &f->pieces[piece - 1] : NULL;
    size_t high = f->prompt->range.high;
    size_t low = high ? f->prompt->range.low * f->tokens / (f->prompt->tokens ? f->prompt->tokens : 1) : 0;
    bool is_there = before && caching->break_count && caching->breaks[caching->break_count - 1].tokens == f->tokens;
    if (!before || is_there || low < caching->minimum_tokens || caching->break_count == SP_CACHE_BREAKS)
        return;
    caching->breaks[caching->break_count++] = (sp_cache_break){ before->message, before->end, f->tokens };
}

/* A piece that changes more often than all before it ends what they have in common. */
static void step_to(finder *f, size_t piece, sp_volatile_key key)
{
    const sp_volatile_kind *kind = key == SP_VOLATILE_COUNT ? NULL : sp_volatile_kind_at((size_t)key);
    if (!kind || !kind->ends_prefix)
        return;
    f->volatile_tokens += f->pieces[piece].weight;
    if (kind->changes <= f->changes)
        return;
    if (f->changes == SP_CHANGES_NEVER)
        f->caching->stable_tokens = f->tokens;
    f->changes = kind->changes;
    add_break(f, piece);
}

static sp_status walk(finder *f, sp_err *err)
{
    for (size_t i = 0; i < f->piece_count; i++) {
        const sp_piece *piece = &f->pieces[i];
        sp_volatile_key key = kind_of_piece(f->prompt, piece);
        if (i && piece->message != f->pieces[i - 1].message)
            add_break(f, i);
        if (key != SP_VOLATILE_COUNT)
            SP_TRY(add_section(f, piece, key, err));
        else if (piece->source != SP_NONE)
            SP_TRY(scan_piece(f, piece, &key, err));
        step_to(f, i, key);
        f->tokens += piece->weight;
    }
    if (f->changes == SP_CHANGES_NEVER)
        f->caching->stable_tokens = f->tokens;
    add_break(f, f->piece_count);
    return SP_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static size_t largest_minimum(void)
{
    size_t largest = 0;
    const sp_model *model;
    for (size_t i = 0; (model = sp_model_at(NULL, i)) != NULL; i++)
        largest = model->cache_minimum_tokens > largest ? (size_t)model->cache_minimum_tokens : largest;
    return largest;
}

static void describe_model(sp_caching *caching, const sp_prompt *prompt, const sp_model *model)
{
    caching->minimum_is_known = model && model->cache_minimum_tokens;
    caching->minimum_tokens = caching->minimum_is_known ? (size_t)model->cache_minimum_tokens : largest_minimum();
    if (!model)
        return;
    snprintf(caching->model, sizeof caching->model, "%.*s", SP_STR_ARG(SP_MODEL_STR(model, id)));
    bool counts_it = sp_str_eq(SP_MODEL_STR(model, tokenizer), sp_str_of(sp_encoding_name(prompt->encoding)));
    if (!counts_it)
        return; /* other tokens than are paid for */
    if (model->step_tokens && prompt->tokens > model->step_tokens) {
        caching->input_price = model->step_input_price;
        caching->read_price = model->step_cache_read_price;
        caching->write_price = model->step_cache_write_5m_price;
        return;
    }
    caching->input_price = model->input_price;
    caching->read_price = model->cache_read_price;
    caching->write_price = model->cache_write_5m_price;
}

static sp_status find(finder *f, const sp_model *model, sp_arena *scratch, sp_err *err)
{
    sp_pieces pieces = { .class_count = 0 };
    describe_model(f->caching, f->prompt, model);
    SP_TRY(sp_pieces_of_prompt(scratch, f->prompt, &pieces, err));
    f->pieces = pieces.list.items;
    f->piece_count = pieces.list.count;
    SP_TRY(walk(f, err));
    f->caching->best_tokens = f->tokens - f->volatile_tokens;
    f->caching->volatiles = f->volatiles.items;
    f->caching->volatile_count = f->volatiles.count;
    return SP_OK;
}

/* What is asked for. */
typedef struct question {
    const sp_prompt *prompt;
    const sp_model *model;
} question;

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const question *q = asked;
    sp_arena scratch = { 0 };
    finder f = { .arena = arena, .caching = made, .prompt = q->prompt };
    f.caching->owner = arena;
    sp_status status = find(&f, q->model, &scratch, err);
    sp_arena_release(&scratch);
    return status;
}

sp_status sp_caching_find(const sp_prompt *prompt, const sp_model *model, sp_caching **ret_caching, sp_err *err)
{
    const question q = { prompt, model };
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_caching, make, &q, &made, err));
    *ret_caching = made;
    return SP_OK;
}

void sp_caching_free(sp_caching *caching)
{
    if (caching)
        sp_arena_free(caching->owner);
}
