/*
 * hand.c - text -> tokens, by a vocabulary that was read from a file.
 *
 * A text is taken a stretch at a time, each up to a place where counts add up, so that what is in hand stays small and
 * near. A stretch is made valid UTF-8, and cut into pieces, and each piece becomes tokens: from a cache of the pieces
 * that came before, or by merging.
 */
#include "vocabulary/bpe.h"
#include "vocabulary/flow.h"
#include "vocabulary/vocabulary.h"

#include <stdlib.h>

enum {
    STRETCH = 32 << 10, /* bytes, or a little more */
    BATCH = 256,
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
    sp_vocab classes; /* for sp_split */
    sp_bpe bpe;
    cached *cache;
    sp_flow valid;
    /* of the text at hand */
    sp_tokens *out;
    sp_view view; /* of the stretch */
    size_t base;  /* where it begins */
} hand;

static void *hand_new(const sp_encoding *encoding)
{
    hand *h = calloc(1, sizeof *h);
    cached *cache = calloc((size_t)1 << CACHE_BITS, sizeof *cache);
    if (!h || !cache) {
        free(h);
        free(cache);
        return NULL;
    }
    h->tokenizer = (const sp_tokenizer *)encoding;
    h->cache = cache;
    sp_vocab_open(&h->classes, sp_encoding_find(SP_STR("cl100k_base")), SP_PATH_BEST);
    h->classes.rules = h->tokenizer->cutter.rules;
    h->classes.windows = sp_split_windows_of(SP_PATH_BEST, h->classes.rules.pattern);
    return h;
}

static void hand_free(void *opaque)
{
    hand *h = opaque;
    sp_bpe_release(&h->bpe);
    sp_flow_release(&h->valid);
    free(h->cache);
    free(h);
}

/* ---- pieces -> tokens ------------------------------------------------------------------------------------ */

static bool put_token(hand *h, uint32_t token, size_t end)
{
    return sp_tokens_add(h->out, h->tokenizer->lexicon.ids[token], h->base + sp_view_end(h->view, end));
}

static bool merge_piece(hand *h, sp_str piece)
{
    const sp_lexicon *l = &h->tokenizer->lexicon;
    sp_bpe_clear(&h->bpe);
    uint32_t whole = h->tokenizer->whole_pieces ? sp_lexicon_find(l, piece) : SP_LEXICON_NONE;
    if (whole != SP_LEXICON_NONE)
        return sp_bpe_add(&h->bpe, whole, (uint32_t)piece.len);
    for (size_t i = 0; i < piece.len; i++)
        if (!sp_bpe_add(&h->bpe, l->bytes[(uint8_t)piece.ptr[i]], 1))
            return false;
    return sp_bpe_merge(&h->bpe, l);
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
    if (!merge_piece(h, piece))
        return false;
    if (is_short)
        remember(place, piece, &h->bpe);
    for (size_t i = 0; i < h->bpe.count; i++) {
        at += h->bpe.symbols[i].len;
        if (!put_token(h, h->bpe.symbols[i].token, at))
            return false;
    }
    return true;
}

/* ---- stretches ------------------------------------------------------------------------------------------ */

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

static bool add_pieces(hand *h)
{
    size_t ends[BATCH], at = 0;
    const uint8_t *bytes = (const uint8_t *)h->view.text.ptr;
    while (at < h->view.text.len) {
        size_t count = sp_split(&h->classes, bytes, at, h->view.text.len, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++])
            if (!add_piece(h, at, ends[i]))
                return false;
    }
    return true;
}

static bool add_stretch(hand *h, sp_str stretch)
{
    h->view = (sp_view){ stretch, NULL };
    if (sp_utf8_find_invalid(stretch, 0) != SIZE_MAX && !make_valid(h, stretch))
        return false;
    return add_pieces(h);
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_cut(const sp_encoding *encoding, sp_str text, size_t at)
{
    const sp_tokenizer *tokenizer = (const sp_tokenizer *)encoding;
    return tokenizer->cuts_at_blanks && text.ptr[at] == ' ' && is_letter_or_digit(text.ptr[at - 1]);
}

static bool add(void *opaque, sp_str text, sp_special special, sp_tokens *tokens)
{
    hand *h = opaque;
    size_t before = tokens->ends ? tokens->ends->count : 0;
    (void)special;
    h->out = tokens;
    for (size_t at = 0, stop; at < text.len && tokens->count <= tokens->max_tokens; at = stop) {
        stop = at + STRETCH;
        while (stop < text.len && !is_cut(&h->tokenizer->base.encoding, text, stop))
            stop++;
        stop = stop < text.len ? stop : text.len;
        h->base = at;
        if (!add_stretch(h, sp_str_slice(text, at, stop)))
            return false;
    }
    if (tokens->ends && tokens->ends->count > before)
        tokens->ends->ids[tokens->ends->count - 1] = (uint32_t)text.len;
    return true;
}

/* ---- the other way ---------------------------------------------------------------------------------------- */

static size_t decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, sp_buf *out)
{
    const sp_lexicon *l = &((const sp_tokenizer *)encoding)->lexicon;
    for (size_t i = 0; i < count; i++) {
        uint32_t token = sp_lexicon_find_id(l, ids[i]);
        if (token == SP_LEXICON_NONE)
            return i;
        sp_buf_add(out, sp_lexicon_spelling(l, token));
    }
    return count;
}

static void free_encoding(sp_encoding *encoding)
{
    sp_tokenizer_free((sp_tokenizer *)encoding);
}

const sp_engine sp_tokenizer_engine = { true, hand_new, hand_free, add, is_cut, decode, free_encoding };

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
    sp_lexicon_release(&t->lexicon);
    sp_arena_release(&t->arena);
    free(t);
}
