/*
 * model.c - the models of tokenizer.json, each as its reference does it: Hugging Face's tokenizers 0.23.
 */
#include "tokenizer/files/model.h"

#include "base/types.h"
#include "tokenizer/files/chars.h"

#include <stdlib.h>

void sp_token_model_release(sp_token_model *m)
{
    if (!m->lexicon.is_borrowed)
        free(m->scores);
    sp_lexicon_release(&m->lexicon);
}

void sp_token_model_borrow(sp_token_model *m, const sp_token_model *from)
{
    m->lexicon = from->lexicon;
    m->lexicon.is_borrowed = true;
    m->scores = from->scores;
    m->unknown_score = from->unknown_score;
    memcpy(m->joins_mark, from->joins_mark, sizeof m->joins_mark);
}

void sp_token_model_work_release(sp_token_model_work *w)
{
    sp_bpe_release(&w->result);
    sp_buf_release(&w->key);
    free(w->nodes);
}

/* ---- what is not in the vocabulary -------------------------------------------------------------------------- */

static bool has_bytes(const sp_token_model *m, sp_str text)
{
    if (!m->byte_fallback)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (m->lexicon.bytes[(uint8_t)text.ptr[i]] == SP_LEXICON_NONE)
            return false;
    return true;
}

/* Adds what stands for text: its bytes, or the unknown token, or, where there is none, nothing (with byte-pair
 * encoding; the other models need one). Then its length goes to the token before it. */
static bool add_unknown(const sp_token_model *m, sp_token_model_work *w, sp_str text)
{
    sp_bpe *out = &w->result;
    if (has_bytes(m, text)) {
        for (size_t i = 0; i < text.len; i++)
            if (!sp_bpe_add(out, m->lexicon.bytes[(uint8_t)text.ptr[i]], 1))
                return false;
        return true;
    }
    if (m->unknown == SP_LEXICON_NONE && m->kind != SP_TOKEN_MODEL_BYTES && m->kind != SP_TOKEN_MODEL_CHARS) {
        w->problem = "the text has a character that is not in the vocabulary, which has no token for such ones";
        return false;
    }
    bool goes_on = out->count > 0 && (m->unknown == SP_LEXICON_NONE ||
                                      (m->fuses_unknown && out->symbols[out->count - 1].token == m->unknown));
    if (goes_on)
        out->symbols[out->count - 1].len += (uint32_t)text.len;
    else if (m->unknown != SP_LEXICON_NONE)
        return sp_bpe_add(out, m->unknown, (uint32_t)text.len);
    return true;
}

/* ---- byte-pair encoding ----------------------------------------------------------------------------------------- */

static bool add_bytes(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        uint32_t token = m->lexicon.bytes[(uint8_t)piece.ptr[i]];
        if (token == SP_LEXICON_NONE ? !add_unknown(m, w, sp_str_slice(piece, i, i + 1))
                                     : !sp_bpe_add(&w->result, token, 1))
            return false;
    }
    return true;
}

static uint32_t find_char(const sp_token_model *m, sp_token_model_work *w, sp_str piece, size_t at, size_t len)
{
    sp_str text = sp_str_slice(piece, at, at + len);
    bool has_prefix = at > 0 && m->prefix.len > 0, has_suffix = at + len == piece.len && m->suffix.len > 0;
    if (!has_prefix && !has_suffix)
        return sp_lexicon_find(&m->lexicon, text);
    w->key.len = 0;
    if (has_prefix)
        sp_buf_add(&w->key, m->prefix);
    sp_buf_add(&w->key, text);
    if (has_suffix)
        sp_buf_add(&w->key, m->suffix);
    return w->key.failed ? SP_LEXICON_NONE : sp_lexicon_find(&m->lexicon, sp_buf_str(&w->key));
}

static bool add_chars(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    for (size_t at = 0, len; at < piece.len; at += len) {
        uint32_t code;
        len = sp_char_at(piece, at, &code);
        uint32_t token = find_char(m, w, piece, at, len);
        if (token == SP_LEXICON_NONE ? !add_unknown(m, w, sp_str_slice(piece, at, at + len))
                                     : !sp_bpe_add(&w->result, token, (uint32_t)len))
            return false;
    }
    return !w->key.failed;
}

static bool merge(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    uint32_t whole = m->whole_pieces ? sp_lexicon_find(&m->lexicon, piece) : SP_LEXICON_NONE;
    if (whole != SP_LEXICON_NONE)
        return sp_bpe_add(&w->result, whole, (uint32_t)piece.len);
    bool is_filled = m->kind == SP_TOKEN_MODEL_BYTES ? add_bytes(m, w, piece) : add_chars(m, w, piece);
    return is_filled && sp_bpe_merge(&w->result, &m->lexicon);
}

/* ---- WordPiece ----------------------------------------------------------------------------------------------------
 */

/* Bytes of the longest token of a model that is looked up length by length; what is kept of a file may say anything. */
static size_t longest_of(const sp_token_model *m)
{
    return m->lexicon.longest < SP_TOKEN_MODEL_MAX_TOKEN ? m->lexicon.longest : (size_t)SP_TOKEN_MODEL_MAX_TOKEN;
}

/* The longest token that piece goes on with from at on; *ret_len is 0 where there is none. */
static uint32_t longest_token(const sp_token_model *m, sp_token_model_work *w, sp_str piece, size_t at, size_t *ret_len)
{
    sp_str prefix = at > 0 ? m->prefix : (sp_str){ NULL, 0 };
    size_t room = longest_of(m) > prefix.len ? longest_of(m) - prefix.len : 0;
    size_t len = piece.len - at < room ? piece.len - at : room;
    w->key.len = 0;
    sp_buf_add(&w->key, prefix);
    sp_buf_add(&w->key, sp_str_slice(piece, at, at + len));
    sp_lexicon_prefixes prefixes;
    prefixes.text = w->key.ptr; /* the rest need not be cleared */
    prefixes.words = 0;
    for (; len > 0 && !w->key.failed; len--) {
        if (at + len < piece.len && !sp_utf8_begins(piece.ptr[at + len]))
            continue;
        uint32_t token = sp_lexicon_find_prefix(&m->lexicon, &prefixes, prefix.len + len);
        if (token != SP_LEXICON_NONE) {
            *ret_len = len;
            return token;
        }
    }
    *ret_len = 0;
    return SP_LEXICON_NONE;
}

static bool all_unknown(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    sp_bpe_clear(&w->result);
    return sp_bpe_add(&w->result, m->unknown, (uint32_t)piece.len);
}

static bool match_longest(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    if (sp_utf8_count(piece) > m->max_chars)
        return all_unknown(m, w, piece);
    for (size_t at = 0, len; at < piece.len; at += len) {
        uint32_t token = longest_token(m, w, piece, at, &len);
        if (w->key.failed)
            return false;
        if (token == SP_LEXICON_NONE)
            return all_unknown(m, w, piece);
        if (!sp_bpe_add(&w->result, token, (uint32_t)len))
            return false;
    }
    return true;
}

/* ---- Unigram ------------------------------------------------------------------------------------------------------
 */

/* The best way to the end of a prefix of the piece. */
typedef struct sp_token_model_node {
    double score;
    uint32_t token; /* the last one; SP_LEXICON_NONE: one that is unknown */
    uint32_t len;   /* of it; 0: there is no way yet */
} node;

static bool reserve_nodes(sp_token_model_work *w, size_t count)
{
    if (count > w->node_capacity) {
        node *grown = count < UINT32_MAX ? realloc(w->nodes, count * sizeof *grown) : NULL;
        if (!grown)
            return false;
        w->nodes = grown;
        w->node_capacity = count;
    }
    memset(w->nodes, 0, count * sizeof *w->nodes);
    return true;
}

static void offer(node *to, double score, uint32_t token, size_t len)
{
    if (to->len == 0 || score > to->score)
        *to = (node){ score, token, (uint32_t)len };
}

/* All ways that go on from at, where a character of char_len bytes begins. */
static void go_on(const sp_token_model *m, sp_token_model_work *w, sp_str piece, size_t at, size_t char_len)
{
    size_t room = piece.len - at < longest_of(m) ? piece.len - at : longest_of(m);
    sp_lexicon_prefixes prefixes;
    prefixes.text = piece.ptr + at; /* the rest need not be cleared */
    prefixes.words = 0;
    bool has_char = false;
    for (size_t len = char_len; len <= room; len++) {
        if (at + len < piece.len && !sp_utf8_begins(piece.ptr[at + len]))
            continue;
        uint32_t token = sp_lexicon_find_prefix(&m->lexicon, &prefixes, len);
        if (token == SP_LEXICON_NONE)
            continue;
        has_char |= len == char_len;
        offer(&w->nodes[at + len], w->nodes[at].score + m->scores[token], token, len);
    }
    if (!has_char)
        offer(&w->nodes[at + char_len], w->nodes[at].score + m->unknown_score, SP_LEXICON_NONE, char_len);
}

static bool is_unknown(const sp_token_model *m, uint32_t token)
{
    return token == SP_LEXICON_NONE || token == m->unknown;
}

/* The tokens of the best way, from the first on: nodes[at].token and len are turned round on the way back. */
static bool take_way(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    size_t at = piece.len, behind = 0;
    while (at > 0) { /* nodes[begin].score is not needed any more: it keeps where its token ends */
        size_t begin = at - w->nodes[at].len;
        w->nodes[begin].score = (double)at;
        at = begin;
    }
    for (; at < piece.len; at = behind) {
        behind = (size_t)w->nodes[at].score;
        uint32_t token = w->nodes[behind].token;
        while (is_unknown(m, token) && behind < piece.len &&
               is_unknown(m, w->nodes[(size_t)w->nodes[behind].score].token))
            behind = (size_t)w->nodes[behind].score;
        if (is_unknown(m, token)) /* all of it is looked up once more, as the reference does */
            token = sp_lexicon_find(&m->lexicon, sp_str_slice(piece, at, behind));
        if (token != SP_LEXICON_NONE ? !sp_bpe_add(&w->result, token, (uint32_t)(behind - at))
                                     : !add_unknown(m, w, sp_str_slice(piece, at, behind)))
            return false;
    }
    return true;
}

static bool find_best(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    if (!reserve_nodes(w, piece.len + 1))
        return false;
    for (size_t at = 0, len; at < piece.len; at += len) {
        uint32_t code;
        len = sp_char_at(piece, at, &code);
        go_on(m, w, piece, at, len);
    }
    return take_way(m, w, piece);
}

/* ---- all of them ----------------------------------------------------------------------------------------------------
 */

bool sp_token_model_tokens(const sp_token_model *m, sp_token_model_work *w, sp_str piece)
{
    w->problem = NULL;
    sp_bpe_clear(&w->result);
    if (piece.len >= UINT32_MAX) {
        w->problem = "a piece of the text has 4 GiB or more";
        return false;
    }
    switch (m->kind) {
    case SP_TOKEN_MODEL_BYTES:
    case SP_TOKEN_MODEL_CHARS:
        return merge(m, w, piece);
    case SP_TOKEN_MODEL_WORDPIECE:
        return match_longest(m, w, piece);
    case SP_TOKEN_MODEL_UNIGRAM:
        return find_best(m, w, piece);
    case SP_TOKEN_MODEL_WORDLEVEL:
        break;
    }
    uint32_t token = sp_lexicon_find(&m->lexicon, piece);
    return token == SP_LEXICON_NONE ? add_unknown(m, w, piece) : sp_bpe_add(&w->result, token, (uint32_t)piece.len);
}

/* ---- where tokens cannot lie across ---------------------------------------------------------------------------------
 */

static const sp_str mark = { "\xE2\x96\x81", 3 };

void sp_token_model_find_marks(sp_token_model *m)
{
    bool has_mark = sp_lexicon_find(&m->lexicon, mark) != SP_LEXICON_NONE;
    memset(m->joins_mark, !has_mark, sizeof m->joins_mark);
    for (uint32_t i = 0; i < m->lexicon.count; i++) {
        sp_str text = sp_lexicon_spelling(&m->lexicon, i);
        for (size_t at = sp_str_find(text, mark, 1); at != SIZE_MAX; at = sp_str_find(text, mark, at + 1))
            if (!sp_str_ends(sp_str_slice(text, 0, at), mark))
                m->joins_mark[(uint8_t)text.ptr[at - 1]] = true;
    }
}

size_t sp_token_model_mark_cut(const sp_token_model *m, sp_str text, size_t from)
{
    for (size_t at = sp_str_find(text, mark, from); at != SIZE_MAX; at = sp_str_find(text, mark, at + 1))
        if (!m->joins_mark[(uint8_t)text.ptr[at - 1]] && !sp_str_ends(sp_str_slice(text, 0, at), mark))
            return at;
    return text.len;
}
