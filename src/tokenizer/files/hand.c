/*
 * hand.c - text -> tokens, by a vocabulary that was read from a file.
 *
 * A text is taken a stretch at a time, each up to a place where counts add up, so that what is in hand stays small and
 * near. A stretch is made valid UTF-8, and cut into pieces, and each piece becomes tokens: from a cache of the pieces
 * that came before, or by merging.
 */
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    STRETCH = 32 << 10,      /* bytes, or a little more */
    MAX_GROWTH = 64,         /* of a text by its normalizers; one character is 18 at most where nothing is made up */
    GROWTH_BYTES = 64 << 10, /* that are always fine */
    CACHE_BITS = 14,
    CACHED_BYTES = 22,
    CACHED_TOKENS = 8,
};

/* A piece that has come before: a cache line. */
typedef struct cached {
    uint8_t len; /* 0: none */
    uint8_t count;
    char bytes[CACHED_BYTES];
    uint32_t tokens[CACHED_TOKENS];
    uint8_t lens[CACHED_TOKENS];
} cached;

typedef struct hand {
    const sp_tokenizer *tokenizer;
    sp_vocab classes; /* for split.c */
    const sp_regex *regex;
    void *scratch; /* for regexes; NULL: there are none */
    sp_token_model_work work;
    cached *cache;
    sp_flow valid;
    sp_flow normalized[2];
    sp_cutting cutting;
    /* of the text at hand */
    sp_tokens *out;
    size_t base;  /* where in it the stretch begins */
    sp_view view; /* of what was made of the stretch, and is cut */
    bool with_special;
} hand;

const sp_regex *sp_tokenizer_regex(const sp_tokenizer *t)
{
    for (size_t i = 0; i < t->normalizer_count; i++)
        if (t->normalizers[i].regex)
            return t->normalizers[i].regex;
    for (size_t i = 0; i < t->cutter_count; i++)
        if (t->cutters[i].regex)
            return t->cutters[i].regex;
    return NULL;
}

static void hand_free(void *opaque)
{
    hand *h = opaque;
    if (h->scratch)
        sp_regex_scratch_free(h->regex, h->scratch);
    sp_token_model_work_release(&h->work);
    sp_flow_release(&h->valid);
    sp_flow_release(&h->normalized[0]);
    sp_flow_release(&h->normalized[1]);
    sp_cutting_release(&h->cutting);
    free(h->cache);
    free(h);
}

static void *hand_new(const sp_encoding *encoding)
{
    hand *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->tokenizer = (const sp_tokenizer *)encoding;
    h->regex = sp_tokenizer_regex(h->tokenizer);
    h->scratch = h->regex ? sp_regex_scratch_new(h->regex) : NULL;
    h->cache = calloc((size_t)1 << CACHE_BITS, sizeof *h->cache);
    if (!h->cache || (h->regex && !h->scratch)) {
        hand_free(h);
        return NULL;
    }
    sp_vocab_open(&h->classes, sp_encoding_find(SP_STR("cl100k_base")), SP_PATH_BEST);
    h->cutting.classes = &h->classes;
    h->cutting.scratch = h->scratch;
    return h;
}

/* ---- pieces -> tokens ------------------------------------------------------------------------------------ */

static bool put_token(hand *h, uint32_t token, size_t end)
{
    return sp_tokens_add(h->out, h->tokenizer->model.lexicon.ids[token], h->base + sp_view_end(h->view, end));
}

static cached *cache_place(const hand *h, sp_str piece)
{
    uint64_t words[3] = { 0 };
    memcpy(words, piece.ptr, piece.len);
    uint64_t mixed = (words[0] ^ words[1] << 23 ^ words[1] >> 41) * 0x9E3779B97F4A7C15u + words[2] + piece.len;
    return &h->cache[mixed * 0xC2B2AE3D27D4EB4Fu >> (64 - CACHE_BITS)];
}

static void remember(cached *place, sp_str piece, const sp_bpe *bpe)
{
    if (bpe->count > CACHED_TOKENS)
        return;
    place->len = (uint8_t)piece.len;
    place->count = (uint8_t)bpe->count;
    memcpy(place->bytes, piece.ptr, piece.len);
    for (size_t i = 0; i < bpe->count; i++) {
        place->tokens[i] = bpe->symbols[i].token;
        place->lens[i] = (uint8_t)bpe->symbols[i].len;
    }
}

static bool put_cached(hand *h, const cached *place, size_t at)
{
    if (!h->out->ids && !h->out->ends) {
        h->out->count += place->count;
        return true;
    }
    for (size_t i = 0; i < place->count; i++) {
        at += place->lens[i];
        if (!put_token(h, place->tokens[i], at))
            return false;
    }
    return true;
}

/* The piece of the stretch from at to end. */
static bool add_piece(hand *h, size_t at, size_t end)
{
    sp_str piece = sp_str_slice(h->view.text, at, end);
    bool is_short = piece.len <= CACHED_BYTES;
    cached *place = is_short ? cache_place(h, piece) : NULL;
    if (is_short && place->len == piece.len && memcmp(place->bytes, piece.ptr, piece.len) == 0)
        return put_cached(h, place, at);
    if (!sp_token_model_tokens(&h->tokenizer->model, &h->work, piece))
        return sp_tokens_fail(h->out, h->work.problem);
    const sp_bpe *found = &h->work.result;
    if (is_short)
        remember(place, piece, found);
    for (size_t i = 0; i < found->count; i++) {
        at += found->symbols[i].len;
        if (!put_token(h, found->symbols[i].token, at))
            return false;
    }
    return true;
}

/* ---- stretches ------------------------------------------------------------------------------------------ */

static bool too_hard(hand *h)
{
    return sp_tokens_fail(h->out, sp_regex_problem(h->scratch));
}

/* What is not UTF-8 is read as U+FFFD, one for each maximal subpart. */
static bool make_valid(hand *h, sp_str text)
{
    sp_view original = { text, NULL };
    sp_flow_clear(&h->valid, h->out->ends);
    for (size_t at = 0; at < text.len;) {
        uint32_t code;
        size_t bad = 0, stop = sp_utf8_find_invalid(text, at);
        stop = stop == SIZE_MAX ? text.len : stop;
        sp_flow_copy(&h->valid, original, at, stop);
        if (stop < text.len)
            (void)sp_utf8_decode(text, stop, &code, &bad);
        sp_flow_put(&h->valid, bad ? SP_STR("\xEF\xBF\xBD") : (sp_str){ NULL, 0 }, original, stop, stop + bad);
        at = stop + bad;
    }
    h->view = sp_flow_view(&h->valid);
    return !h->valid.failed;
}

/* Steps that each replace a letter by many of it would fill any memory, were there no end to it. */
static bool normalize(hand *h)
{
    const sp_tokenizer *t = h->tokenizer;
    size_t max_len = h->view.text.len * MAX_GROWTH + GROWTH_BYTES;
    for (size_t i = 0; i < t->normalizer_count; i++) {
        sp_flow *out = &h->normalized[i % 2];
        sp_flow_clear(out, h->out->ends);
        out->max_len = max_len;
        if (!sp_normalize(&t->normalizers[i], h->scratch, h->view, out))
            return too_hard(h);
        if (out->is_too_long)
            return sp_tokens_fail(h->out, "its normalizer makes this text more than 64 times as long");
        if (out->failed)
            return false;
        h->view = sp_flow_view(out);
    }
    return true;
}

/* A piece that no cutter divides any more. */
static bool add_whole(hand *h, size_t at, size_t end)
{
    if (!h->tokenizer->cuts_at_marks)
        return add_piece(h, at, end);
    sp_str text = sp_str_slice(h->view.text, 0, end);
    for (size_t stop; at < end; at = stop) {
        stop = sp_token_model_mark_cut(&h->tokenizer->model, text, at + 1);
        if (!add_piece(h, at, stop))
            return false;
    }
    return true;
}

/* What is normalised, from begin to end, without added tokens in it. */
static bool add_segment(hand *h, size_t begin, size_t end, bool is_first)
{
    sp_cutting *c = &h->cutting;
    const sp_tokenizer *t = h->tokenizer;
    sp_view whole = h->view;
    if (begin >= end)
        return true;
    c->view = whole;
    c->is_first = is_first;
    c->pieces.count = 0;
    c->pieces.failed = false;
    sp_flow_clear(&c->flows[0], h->out->ends);
    sp_flow_clear(&c->flows[1], h->out->ends);
    sp_pretokens_add(&c->pieces, begin, end);
    for (size_t i = 0; i < t->cutter_count; i++)
        if (!sp_cut_pieces(c, &t->cutters[i]))
            return c->pieces.failed ? false : too_hard(h);
    h->view = c->view;
    bool done = !c->pieces.failed;
    for (size_t i = 0; done && i < c->pieces.count; i++)
        done = add_whole(h, c->pieces.items[i].begin, c->pieces.items[i].end);
    h->view = whole;
    return done;
}

static bool add_stretch(hand *h, sp_str stretch, bool is_first)
{
    h->view = (sp_view){ stretch, NULL };
    if (sp_utf8_find_invalid(stretch, 0) != SIZE_MAX && !make_valid(h, stretch))
        return false;
    if (!normalize(h))
        return false;
    size_t at = 0;
    sp_added_match match = { 0 };
    while (sp_added_find(&h->tokenizer->added_normalized, h->view.text, match.next, at, h->with_special, &match)) {
        size_t end = match.end > at ? match.end : at; /* it can lie in what the one before it has taken along */
        if (!add_segment(h, at, match.begin, is_first && at == 0) ||
            !sp_tokens_add(h->out, match.token->id, h->base + sp_view_end(h->view, end)))
            return false;
        at = match.end;
    }
    return add_segment(h, at, h->view.text.len, is_first && at == 0);
}

/* ---- texts ------------------------------------------------------------------------------------------------ */

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_cut(const sp_encoding *encoding, sp_str text, size_t at)
{
    const sp_tokenizer *tokenizer = (const sp_tokenizer *)encoding;
    return tokenizer->cuts_at_blanks && text.ptr[at] == ' ' && is_letter_or_digit(text.ptr[at - 1]);
}

/* What lies between two added tokens, a stretch at a time. */
static bool add_section(hand *h, sp_str text, size_t at, size_t end)
{
    for (size_t stop; at < end && h->out->count <= h->out->max_tokens; at = stop) {
        stop = end - at > STRETCH ? at + STRETCH : end;
        while (stop < end && !is_cut(&h->tokenizer->base.encoding, text, stop))
            stop++;
        h->base = at;
        if (!add_stretch(h, sp_str_slice(text, at, stop), at == 0))
            return false;
    }
    return true;
}

static bool add(void *opaque, sp_str text, sp_special special, sp_tokens *tokens)
{
    hand *h = opaque;
    size_t at = 0;
    sp_added_match match = { 0 };
    h->out = tokens;
    h->with_special = special == SP_SPECIAL_ALLOW;
    if (h->scratch)
        sp_regex_begin(h->scratch, text.len);
    while (sp_added_find(&h->tokenizer->added, text, match.next, at, h->with_special, &match)) {
        if (!add_section(h, text, at, match.begin) ||
            !sp_tokens_add(tokens, match.token->id, match.end > at ? match.end : at))
            return false;
        at = match.end;
    }
    return add_section(h, text, at, text.len);
}

static void free_encoding(sp_encoding *encoding)
{
    sp_tokenizer_free((sp_tokenizer *)encoding);
}

const sp_engine sp_tokenizer_engine = { true, hand_new, hand_free, add, is_cut, sp_tokenizer_decode, free_encoding };

/* ---- tokenizers ------------------------------------------------------------------------------------------- */

sp_tokenizer *sp_tokenizer_new(sp_str name)
{
    sp_tokenizer *t = calloc(1, sizeof *t);
    sp_str copy = { NULL, 0 };
    if (t)
        copy = sp_str_dup(&t->arena, name);
    if (!copy.ptr) {
        sp_tokenizer_free(t);
        return NULL;
    }
    t->base =
        (sp_engine_encoding){ .encoding = { .family = SP_ENGINE }, .engine = &sp_tokenizer_engine, .name = copy.ptr };
    return t;
}

void sp_tokenizer_free(sp_tokenizer *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->normalizer_count; i++)
        sp_regex_free(t->normalizers[i].regex);
    for (size_t i = 0; i < t->cutter_count; i++)
        sp_regex_free(t->cutters[i].regex);
    sp_token_model_release(&t->model);
    sp_arena_release(&t->packed);
    sp_arena_release(&t->arena);
    free(t);
}
