/*
 * ctok.c - how few pieces tile a text's symbols.
 *
 * The least number up to a symbol follows from those up to the symbols before it, as far back as a piece can reach. So
 * symbols are taken one at a time, with the last 128 of them at hand, and the pieces that end in the new one are found
 * from their end to their beginning in a tree. The time is linear, with the longest piece as its factor.
 */
#include "tokenizer/files/ctok.h"

#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

/* ---- tiling ------------------------------------------------------------------------------------------------ */

enum { WINDOW = 256 }; /* above SP_CTOK_MAX_PIECE, and a power of two */

/* How the best way to a symbol ends: in a piece of so many symbols, with so many tokens. */
typedef struct last_step {
    uint32_t end;
    uint8_t len;
    uint8_t tokens;
} last_step;

typedef struct tiling {
    const sp_ctok_tree *tree;
    const sp_ctok_rules *rules;
    size_t count;
    size_t least[WINDOW]; /* tokens up to that symbol */
    uint32_t symbols[WINDOW];
    bool wants_steps;
    last_step *steps;
    size_t capacity;
} tiling;

/* A character that is no piece: its bytes, of which the first ones may go together. */
static size_t cost_alone(const sp_ctok_tree *tree, uint32_t symbol)
{
    char bytes[4];
    sp_ctok_way way = { .node = SP_CTOK_BYTES };
    if (symbol >= SP_CTOK_BEGIN || symbol < 0x80)
        return 1;
    size_t len = sp_utf8_encode(symbol, bytes), together = 1;
    for (size_t i = 0; i < len && sp_ctok_step(tree, &way, SP_CTOK_SYMBOLS + (uint8_t)bytes[i]); i++)
        together = way.is_piece ? i + 1 : together;
    return 1 + len - together;
}

static bool is_digit(uint32_t symbol)
{
    return symbol >= '0' && symbol <= '9';
}

static void try_step(const tiling *t, size_t len, size_t tokens, size_t *least, last_step *step)
{
    size_t before = len <= t->count ? t->least[(t->count - len) % WINDOW] : SIZE_MAX;
    if (before == SIZE_MAX || before + tokens >= *least)
        return;
    *least = before + tokens;
    step->len = (uint8_t)len;
    step->tokens = (uint8_t)tokens;
}

static bool keep_step(tiling *t, last_step step)
{
    if (!sp_heap_grow((void **)&t->steps, t->count - 1, &t->capacity, sizeof *t->steps))
        return false;
    t->steps[t->count - 1] = step;
    return true;
}

static bool take_symbol(void *context, uint32_t symbol, size_t end)
{
    tiling *t = context;
    size_t least = SIZE_MAX;
    last_step step = { .end = end > UINT32_MAX ? UINT32_MAX : (uint32_t)end };
    t->count++;
    t->symbols[t->count % WINDOW] = symbol;
    sp_ctok_way way = { .node = SP_CTOK_PIECES };
    bool is_number = true, goes_on = true;
    for (size_t len = 1; len <= t->count && len <= SP_CTOK_MAX_PIECE; len++) {
        uint32_t at = t->symbols[(t->count - len + 1) % WINDOW];
        goes_on = goes_on && sp_ctok_step(t->tree, &way, at);
        is_number = is_number && len <= t->rules->digits_of_a_token && is_digit(at);
        if (!goes_on && !is_number)
            break;
        if (is_number || way.is_piece)
            try_step(t, len, 1, &least, &step);
    }
    try_step(t, 1, cost_alone(t->tree, symbol), &least, &step);
    t->least[t->count % WINDOW] = least;
    return !t->wants_steps || keep_step(t, step);
}

/* How many tokens line ends at the end of a text add to the FRAME_LINES that a request has there. */
static size_t count_end_lines(const tiling *of, size_t lines)
{
    enum { FRAME_LINES = 2 };
    tiling t = { .tree = of->tree, .rules = of->rules };
    size_t alone = 0;
    if (lines == 0)
        return 0;
    for (size_t i = 0; i < lines + FRAME_LINES; i++) {
        take_symbol(&t, '\n', 0); /* keeps no steps, so it cannot fail */
        alone = i + 1 == FRAME_LINES ? t.least[t.count % WINDOW] : alone;
    }
    return t.least[t.count % WINDOW] - alone;
}

/* Where the pieces end, from the last to the first; there is one at least, and a place for each. */
static void write_ends(const tiling *t, uint32_t *ends, size_t tokens, size_t text_len)
{
    size_t at = t->count, place = tokens;
    while (at > 0) {
        const last_step *step = &t->steps[at - 1];
        for (size_t i = 0; i < step->tokens; i++)
            ends[--place] = step->end;
        at -= step->len;
    }
    ends[tokens - 1] = (uint32_t)text_len;
}

static bool add_ends(const tiling *t, sp_ids *ends, size_t tokens, size_t text_len)
{
    size_t begin = ends->count;
    for (size_t i = 0; i < tokens; i++)
        if (!sp_ids_add(ends, 0))
            return false;
    if (tokens > 0)
        write_ends(t, ends->ids + begin, tokens, text_len);
    return true;
}

static bool repeat_end(sp_ids *ends, size_t count, size_t text_len)
{
    for (size_t i = 0; i < count; i++)
        if (!sp_ids_add(ends, (uint32_t)text_len))
            return false;
    return true;
}

/* ---- the engine ----------------------------------------------------------------------------------------------- */

typedef struct ctok_encoding {
    sp_engine_encoding base; /* first */
    sp_ctok_vocabulary vocabulary;
    sp_arena arena;
} ctok_encoding;

/* With the data of the reconstruction that this follows, all of 14,000 counts by it and by the provider are met. One
 * token for the joint of a text and what the request has beside it. */
static sp_range range_of(size_t tokens)
{
    return (sp_range){ tokens > 1 ? tokens - 1 : tokens, tokens + 1 };
}

/* What the spaces at the end of a text would count as. */
static size_t count_end(const sp_ctok_vocabulary *v, sp_str text)
{
    tiling t = { .tree = &v->tree, .rules = &v->rules };
    size_t begin = text.len;
    while (begin > 0 && (text.ptr[begin - 1] == ' ' || text.ptr[begin - 1] == '\t' || text.ptr[begin - 1] == '\n'))
        begin--;
    for (size_t i = begin; i < text.len; i++)
        take_symbol(&t, (uint8_t)text.ptr[i], 0);
    return t.least[t.count % WINDOW];
}

static void *hand_new(const sp_encoding *encoding)
{
    const ctok_encoding **hand = malloc(sizeof(ctok_encoding *));
    if (hand)
        *hand = (const ctok_encoding *)encoding;
    return hand;
}

static bool add(void *hand, sp_str text, sp_special special, sp_tokens *tokens)
{
    const sp_ctok_vocabulary *v = &(*(const ctok_encoding **)hand)->vocabulary;
    tiling t = { .tree = &v->tree, .rules = &v->rules, .wants_steps = tokens->ends != NULL };
    size_t end_lines = 0;
    (void)special;
    bool is_fine = sp_ctok_mark(&v->rules, text, take_symbol, &t, &end_lines);
    size_t count = is_fine ? t.least[t.count % WINDOW] : 0, more = count_end_lines(&t, end_lines);
    is_fine = is_fine && (!tokens->ends ||
                          (add_ends(&t, tokens->ends, count, text.len) && repeat_end(tokens->ends, more, text.len)));
    free(t.steps);
    count += more;
    sp_range range = range_of(count);
    tokens->count += count;
    tokens->range.low += range.low;
    tokens->range.high += count ? range.high : 0;
    tokens->range.high += v->rules.end_may_count ? count_end(v, text) : 0;
    return is_fine;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Between punctuation and a word, where the two have no mark in common; and where the frame has no mark either, before
 * a line end. */
static bool is_cut(const sp_encoding *encoding, sp_str text, size_t at)
{
    const sp_ctok_vocabulary *v = &((const ctok_encoding *)encoding)->vocabulary;
    char before = text.ptr[at - 1], behind = text.ptr[at];
    bool is_punctuation =
        before > ' ' && before < 0x7F && before != '\'' && !is_letter(before) && !is_digit((uint8_t)before);
    if (is_punctuation && is_letter(behind))
        return !v->joins_words;
    bool is_lower = before >= 'a' && before <= 'z';
    return is_lower && behind == '\n' && !v->rules.frame_begins_word && !v->joins_lines;
}

static void free_encoding(sp_encoding *encoding)
{
    ctok_encoding *made = (ctok_encoding *)encoding;
    sp_ctok_tree_release(&made->vocabulary.tree);
    sp_arena_release(&made->arena);
    free(made);
}

static const sp_engine engine = { false, hand_new, free, add, is_cut, NULL, free_encoding };

sp_status sp_ctok_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err)
{
    ctok_encoding *made = calloc(1, sizeof *made);
    sp_status status = made ? SP_OK : sp_err_memory(err);
    if (!made)
        return status;
    sp_str name = sp_str_dup(&made->arena, file->name);
    made->base = (sp_engine_encoding){ .encoding = { .family = SP_ENGINE }, .engine = &engine, .name = name.ptr };
    status = name.ptr ? sp_ctok_read(file, &made->vocabulary, err) : sp_err_memory(err);
    if (status == SP_OK)
        *ret = &made->base.encoding;
    else
        free_encoding(&made->base.encoding);
    return status;
}
