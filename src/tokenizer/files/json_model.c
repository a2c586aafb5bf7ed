/*
 * json_model.c - the model of a tokenizer.json: its tokens, and what merges into them.
 *
 * Where the pre-tokenizer writes bytes as letters (ByteLevel), the spellings are turned back into bytes here, and no
 * text ever has to be written in those letters.
 */
#include "base/types.h"
#include "tokenizer/files/json.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_MERGES = 1 << 23,
    MAX_TOKEN_BYTES = 1 << 16,
    LETTERS = 0x144, /* the letters that bytes are written in are below */
};

/* A token as it stands in the file. */
typedef struct entry {
    sp_str spelling; /* in the arena, or in the file */
    size_t offset;
    double score;
    uint32_t id;
    bool is_bytes; /* it can be found: where it is to be bytes, it is */
} entry;

typedef struct reader {
    const sp_json_reader *json;
    sp_token_model *model;
    int16_t bytes[LETTERS]; /* by letter; -1: it stands for none */
    bool is_byte_level;
    entry *entries;
    size_t count;
    size_t capacity;
    sp_lexicon_pair *pairs;
    size_t pair_count;
    size_t pair_capacity;
    sp_buf left, right;
    /* the values of the model */
    sp_json_node type, vocab, merges, unknown, unknown_id, prefix, suffix, max_chars, dropout;
    sp_json_node fuses_unknown, byte_fallback, ignores_merges;
} reader;

static void reader_release(reader *r)
{
    free(r->entries);
    free(r->pairs);
    sp_buf_release(&r->left);
    sp_buf_release(&r->right);
}

/* ---- bytes as letters ----------------------------------------------------------------------------------------------
 */

/* 21..7E, A1..AC and AE..FF stand for themselves, the others for 100.. in their order. */
static void fill_letters(reader *r)
{
    int next = 0x100;
    memset(r->bytes, 0xFF, sizeof r->bytes);
    for (int byte = 0; byte < 256; byte++) {
        bool is_itself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
        r->bytes[is_itself ? byte : next++] = (int16_t)byte;
    }
}

/* Adds what a spelling stands for. False if it is not written in those letters. */
static bool add_spelled(const reader *r, sp_str spelling, sp_buf *out)
{
    for (size_t at = 0, len; r->is_byte_level && at < spelling.len; at += len) {
        uint32_t code;
        len = sp_char_at(spelling, at, &code);
        if (code >= LETTERS || r->bytes[code] < 0)
            return false;
        sp_buf_add_char(out, (char)r->bytes[code]);
    }
    if (!r->is_byte_level)
        sp_buf_add(out, spelling);
    return true;
}

/* ---- tokens
 * ----------------------------------------------------------------------------------------------------------- */

static sp_status add_entry(reader *r, sp_str key, size_t offset, uint32_t id, double score)
{
    sp_arena *arena = r->json->arena;
    entry e = { .spelling = key, .offset = offset, .score = score, .id = id };
    if (r->count == SP_LEXICON_MAX_TOKENS)
        return sp_json_fail(r->json, offset, "/model/vocab: has more than the 4,194,304 tokens that are read");
    if (key.len > MAX_TOKEN_BYTES)
        return sp_json_fail(r->json, offset, "/model/vocab: this token has more than 65,536 bytes");
    r->left.len = 0;
    e.is_bytes = add_spelled(r, key, &r->left);
    if (e.is_bytes && r->is_byte_level)
        e.spelling = sp_str_dup(arena, sp_buf_str(&r->left));
    if (!sp_heap_grow((void **)&r->entries, r->count, &r->capacity, sizeof *r->entries))
        return sp_err_memory(r->json->err);
    r->entries[r->count++] = e;
    return r->left.failed || !e.spelling.ptr ? sp_err_memory(r->json->err) : SP_OK;
}

static bool parse_id(sp_str text, uint32_t *ret)
{
    uint64_t id = 0;
    for (size_t i = 0; i < text.len && id < SP_LEXICON_MAX_ID; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        id = id * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = (uint32_t)id;
    return text.len > 0 && id < SP_LEXICON_MAX_ID;
}

static sp_status read_ids(reader *r)
{
    sp_json_walk walk;
    sp_json_node child = { 0 };
    sp_json_walk_init(&walk, r->json->arena, r->json->file->bytes, r->vocab.offset);
    while (sp_json_walk_next(&walk, &child)) {
        uint32_t id;
        if (child.kind != SP_JSON_NUMBER || !parse_id(child.text, &id))
            return sp_json_fail(r->json, child.offset,
                                "/model/vocab: the id of a token is a number from 0 to 16,777,215");
        SP_TRY(add_entry(r, child.key, child.key_offset, id, 0));
    }
    return sp_json_walk_failed(r->json, &walk);
}

/* The power of ten, as a constant would be. */
static double pow10_of(long exponent)
{
    char text[16];
    snprintf(text, sizeof text, "1e%ld", exponent);
    return strtod(text, NULL);
}

/* A number as the reference reads it, which does not round to the nearest where there are many digits: two ways that
 * are as good are often told by that. It is what serde_json does: digits that 64 bits have room for, and one
 * multiplication or division by a power of ten. */
static double parse_score(sp_str text)
{
    uint64_t digits = 0;
    long exponent = 0, given = 0;
    size_t at = text.len > 0 && text.ptr[0] == '-';
    bool is_behind = false, is_full = false, is_down = false;
    for (; at < text.len && text.ptr[at] != 'e' && text.ptr[at] != 'E'; at++) {
        if (text.ptr[at] == '.') {
            is_behind = true;
            continue;
        }
        unsigned digit = (unsigned)(text.ptr[at] - '0');
        is_full = is_full || digits > UINT64_MAX / 10 || (digits == UINT64_MAX / 10 && digit > UINT64_MAX % 10);
        exponent += is_full ? !is_behind : -(long)is_behind;
        digits = is_full ? digits : digits * 10 + digit;
    }
    for (at++; at < text.len && given < 10000; at++) {
        is_down = is_down || text.ptr[at] == '-';
        given = text.ptr[at] == '-' || text.ptr[at] == '+' ? given : given * 10 + (text.ptr[at] - '0');
    }
    exponent += is_down ? -given : given;
    double value = (double)digits;
    for (; exponent < -308 && value > 0; exponent += 308)
        value /= 1e308;
    if (exponent < 0)
        value /= pow10_of(exponent < -308 ? 308 : -exponent);
    else
        value *= pow10_of(exponent > 308 ? 308 : exponent);
    return text.ptr[0] == '-' ? -value : value;
}

/* ["token", -12.5] */
static sp_status read_scored(reader *r, const sp_json_node *item)
{
    static const char expected[] = "/model/vocab: expected a token and its score here, as in [\"the\", -3.5]";
    sp_json_walk walk;
    sp_json_node token = { 0 }, score = { 0 }, more;
    if (item->kind != SP_JSON_ARRAY)
        return sp_json_fail(r->json, item->offset, expected);
    sp_json_walk_init(&walk, r->json->arena, r->json->file->bytes, item->offset);
    bool is_fine = sp_json_walk_next(&walk, &token) && sp_json_walk_next(&walk, &score) &&
                   !sp_json_walk_next(&walk, &more) && token.kind == SP_JSON_TEXT && score.kind == SP_JSON_NUMBER;
    SP_TRY(sp_json_walk_failed(r->json, &walk));
    if (!is_fine)
        return sp_json_fail(r->json, item->offset, expected);
    return add_entry(r, token.text, token.offset, (uint32_t)r->count, parse_score(score.text));
}

static sp_status read_scores(reader *r)
{
    sp_json_walk walk;
    sp_json_node child = { 0 };
    sp_json_walk_init(&walk, r->json->arena, r->json->file->bytes, r->vocab.offset);
    while (sp_json_walk_next(&walk, &child))
        SP_TRY(read_scored(r, &child));
    return sp_json_walk_failed(r->json, &walk);
}

static int by_id(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return (left->offset > right->offset) - (left->offset < right->offset);
}

static sp_status index_tokens(reader *r)
{
    sp_lexicon *l = &r->model->lexicon;
    for (uint32_t i = 0; i < r->count; i++) {
        const entry *e = &r->entries[i];
        if (i > 0 && e->id == r->entries[i - 1].id)
            return sp_json_fail(r->json, e->offset, "/model/vocab: the id %u is that of another token, too", e->id);
        sp_lexicon_add(l, e->id, e->spelling);
    }
    for (uint32_t i = 0; i < r->count; i++)
        if (r->entries[i].is_bytes && sp_lexicon_index(l, i) != SP_LEXICON_NONE)
            return sp_json_fail(r->json, r->entries[i].offset, "/model/vocab: this token is there twice");
    return SP_OK;
}

static sp_status fill_scores(reader *r)
{
    double least = 0;
    if (r->model->kind != SP_TOKEN_MODEL_UNIGRAM)
        return SP_OK;
    r->model->scores = malloc((r->count + 1) * sizeof *r->model->scores);
    if (!r->model->scores)
        return sp_err_memory(r->json->err);
    for (size_t i = 0; i < r->count; i++) {
        r->model->scores[i] = r->entries[i].score;
        least = i == 0 || r->entries[i].score < least ? r->entries[i].score : least;
    }
    r->model->unknown_score = least - 10; /* the reference's kUnkPenalty */
    return SP_OK;
}

static sp_status fill_lexicon(reader *r)
{
    size_t bytes = 0;
    if (r->json->file->packed) {
        sp_token_model_borrow(r->model, &r->json->file->packed->model);
        if (r->model->kind == SP_TOKEN_MODEL_UNIGRAM && !r->model->scores) /* then the file itself is read */
            return sp_json_fail(r->json, r->vocab.offset, "/model/vocab: its scores are not in the cache");
        return SP_OK;
    }
    if (r->count == 0)
        return sp_json_fail(r->json, r->vocab.offset, "/model/vocab: has no tokens, so that nothing could be counted");
    for (size_t i = 0; i < r->count; i++)
        bytes += r->entries[i].spelling.len;
    if (bytes > SP_LEXICON_MAX_BYTES || !sp_lexicon_reserve(&r->model->lexicon, r->count, bytes))
        return sp_err_memory(r->json->err);
    if (r->count > 1)
        qsort(r->entries, r->count, sizeof *r->entries, by_id);
    SP_TRY(index_tokens(r));
    return fill_scores(r);
}

/* ---- merges
 * ------------------------------------------------------------------------------------------------------------- */

/* "a b" or ["a", "b"] */
static sp_status take_pair(reader *r, const sp_json_node *item, sp_str *left, sp_str *right)
{
    static const char expected[] = "/model/merges: expected two tokens here, as in \"a b\" or [\"a\", \"b\"]";
    sp_json_walk walk;
    sp_json_node first = { 0 }, second = { 0 }, more;
    if (item->kind == SP_JSON_TEXT) {
        size_t blank = sp_str_find(item->text, SP_STR(" "), 0);
        if (blank == SIZE_MAX || sp_str_find(item->text, SP_STR(" "), blank + 1) != SIZE_MAX)
            return sp_json_fail(r->json, item->offset, expected);
        *left = sp_str_slice(item->text, 0, blank);
        *right = sp_str_slice(item->text, blank + 1, item->text.len);
        return SP_OK;
    }
    if (item->kind != SP_JSON_ARRAY)
        return sp_json_fail(r->json, item->offset, expected);
    sp_json_walk_init(&walk, r->json->arena, r->json->file->bytes, item->offset);
    bool is_fine = sp_json_walk_next(&walk, &first) && sp_json_walk_next(&walk, &second) &&
                   !sp_json_walk_next(&walk, &more) && first.kind == SP_JSON_TEXT && second.kind == SP_JSON_TEXT;
    SP_TRY(sp_json_walk_failed(r->json, &walk));
    if (!is_fine)
        return sp_json_fail(r->json, item->offset, expected);
    *left = first.text;
    *right = second.text;
    return SP_OK;
}

static sp_status unknown_token(const reader *r, size_t offset, sp_str token)
{
    return sp_json_fail(r->json, offset, "/model/merges: \"%.*s\" is not in the vocabulary", SP_STR_ARG(token));
}

static bool push_pair(reader *r, sp_lexicon_pair pair)
{
    if (!sp_heap_grow((void **)&r->pairs, r->pair_count, &r->pair_capacity, sizeof *r->pairs))
        return false;
    r->pairs[r->pair_count++] = pair;
    return true;
}

static sp_status add_merge(reader *r, const sp_json_node *item, uint32_t rank)
{
    const sp_lexicon *l = &r->model->lexicon;
    sp_str left = { NULL, 0 }, right = { NULL, 0 };
    sp_lexicon_pair pair = { .rank = rank };
    SP_TRY(take_pair(r, item, &left, &right));
    r->left.len = r->right.len = 0;
    if (!add_spelled(r, left, &r->left) || !add_spelled(r, right, &r->right))
        return SP_OK; /* nothing can be written so */
    if (r->left.failed || r->right.failed)
        return sp_err_memory(r->json->err);
    pair.left = sp_lexicon_find(l, sp_buf_str(&r->left));
    if (pair.left == SP_LEXICON_NONE)
        return unknown_token(r, item->offset, left);
    pair.right = sp_lexicon_find(l, sp_buf_str(&r->right));
    if (pair.right == SP_LEXICON_NONE)
        return unknown_token(r, item->offset, right);
    sp_str rest = sp_buf_str(&r->right);
    size_t prefix = r->model->prefix.len < rest.len ? r->model->prefix.len : rest.len;
    sp_buf_add(&r->left, sp_str_slice(rest, prefix, rest.len));
    pair.token = sp_lexicon_find(l, sp_buf_str(&r->left));
    if (r->left.failed)
        return sp_err_memory(r->json->err);
    if (pair.token == SP_LEXICON_NONE)
        return sp_json_fail(r->json, item->offset,
                            "/model/merges: what \"%.*s\" and \"%.*s\" merge into is not in the vocabulary",
                            SP_STR_ARG(left), SP_STR_ARG(right));
    return push_pair(r, pair) ? SP_OK : sp_err_memory(r->json->err);
}

static sp_status read_merges(reader *r)
{
    sp_json_walk walk;
    sp_json_node child = { 0 };
    uint32_t rank = 0;
    if (r->json->file->packed)
        return SP_OK;
    if (r->merges.kind != SP_JSON_ARRAY)
        return sp_json_fail(r->json, r->merges.offset, "/model/merges: a BPE model needs a list of merges");
    sp_json_walk_init(&walk, r->json->arena, r->json->file->bytes, r->merges.offset);
    for (; sp_json_walk_next(&walk, &child); rank++) {
        if (rank == MAX_MERGES)
            return sp_json_fail(r->json, child.offset, "/model/merges: has more than the 8,388,608 that are read");
        SP_TRY(add_merge(r, &child, rank));
    }
    SP_TRY(sp_json_walk_failed(r->json, &walk));
    if (r->pair_count > 0 && !sp_lexicon_reserve_pairs(&r->model->lexicon, r->pair_count))
        return sp_err_memory(r->json->err);
    for (size_t i = 0; i < r->pair_count; i++)
        sp_lexicon_add_pair(&r->model->lexicon, r->pairs[i]);
    return SP_OK;
}

/* ---- the values beside
 * ------------------------------------------------------------------------------------------------------ */

static bool is_given(const sp_json_node *node)
{
    return node->text.ptr && node->kind != SP_JSON_NULL;
}

static sp_status take_text(reader *r, const sp_json_node *node, const char *key, const char *missing, sp_str *ret)
{
    *ret = sp_str_of(missing);
    if (!is_given(node))
        return SP_OK;
    if (node->kind != SP_JSON_TEXT)
        return sp_json_fail(r->json, node->offset, "/model/%s: expected a text, not %s", key,
                            sp_json_kind_name(node->kind));
    *ret = sp_json_keep(r->json, node->text);
    return ret->ptr ? SP_OK : sp_err_memory(r->json->err);
}

static sp_status take_unknown(reader *r, const char *missing)
{
    sp_str text;
    SP_TRY(take_text(r, &r->unknown, "unk_token", missing, &text));
    r->model->unknown = SP_LEXICON_NONE;
    if (!text.ptr)
        return SP_OK;
    r->left.len = 0;
    bool is_spelled = add_spelled(r, text, &r->left);
    if (r->left.failed)
        return sp_err_memory(r->json->err);
    if (is_spelled)
        r->model->unknown = sp_lexicon_find(&r->model->lexicon, sp_buf_str(&r->left));
    if (r->model->unknown == SP_LEXICON_NONE)
        return sp_json_fail(r->json, r->unknown.offset, "/model/unk_token: \"%.*s\" is not in the vocabulary",
                            SP_STR_ARG(text));
    return SP_OK;
}

static sp_status take_bool(reader *r, const sp_json_node *node, const char *key, bool *ret)
{
    *ret = node->is_true;
    if (is_given(node) && node->kind != SP_JSON_BOOL)
        return sp_json_fail(r->json, node->offset, "/model/%s: expected true or false, not %s", key,
                            sp_json_kind_name(node->kind));
    return SP_OK;
}

/* The token of each byte: that byte, or what is written <0x0A> where bytes only stand for what is unknown. */
static void fill_bytes(reader *r)
{
    static const char digits[] = "0123456789ABCDEF";
    sp_lexicon *l = &r->model->lexicon;
    for (unsigned byte = 0; byte < 256; byte++) {
        char single = (char)byte;
        char named[] = { '<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>' };
        bool is_single = r->model->kind == SP_TOKEN_MODEL_BYTES;
        l->bytes[byte] = sp_lexicon_find(l, is_single ? (sp_str){ &single, 1 } : (sp_str){ named, sizeof named });
    }
}

/* ---- the models
 * -------------------------------------------------------------------------------------------------------------- */

static sp_status need_vocab(const reader *r, sp_json_kind kind)
{
    if (r->vocab.kind == kind && r->vocab.text.ptr)
        return SP_OK;
    return sp_json_fail(r->json, r->vocab.offset, "/model/vocab: expected %s of the tokens here",
                        sp_json_kind_name(kind));
}

static sp_status read_bpe(reader *r)
{
    sp_token_model *m = r->model;
    m->kind = r->is_byte_level ? SP_TOKEN_MODEL_BYTES : SP_TOKEN_MODEL_CHARS;
    if (is_given(&r->dropout))
        return sp_json_fail(r->json, r->dropout.offset,
                            "/model/dropout: leaves out merges by chance, so there is no count to give");
    SP_TRY(need_vocab(r, SP_JSON_OBJECT));
    SP_TRY(take_text(r, &r->prefix, "continuing_subword_prefix", "", &m->prefix));
    SP_TRY(take_text(r, &r->suffix, "end_of_word_suffix", "", &m->suffix));
    if (r->is_byte_level && m->prefix.len + m->suffix.len > 0)
        return sp_json_fail(r->json, m->prefix.len ? r->prefix.offset : r->suffix.offset,
                            "/model: a prefix or a suffix of tokens together with ByteLevel is not supported");
    SP_TRY(take_bool(r, &r->fuses_unknown, "fuse_unk", &m->fuses_unknown));
    SP_TRY(take_bool(r, &r->byte_fallback, "byte_fallback", &m->byte_fallback));
    SP_TRY(take_bool(r, &r->ignores_merges, "ignore_merges", &m->whole_pieces));
    SP_TRY(read_ids(r));
    SP_TRY(fill_lexicon(r));
    SP_TRY(take_unknown(r, NULL));
    fill_bytes(r);
    return read_merges(r);
}

static sp_status need_short_tokens(const reader *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->entries[i].spelling.len > SP_TOKEN_MODEL_MAX_TOKEN)
            return sp_json_fail(
                r->json, r->entries[i].offset,
                "/model/vocab: this token has more than the 512 bytes that can be used in such a model");
    return SP_OK;
}

static sp_status read_wordpiece(reader *r)
{
    sp_token_model *m = r->model;
    uint32_t max_chars = 100;
    m->kind = SP_TOKEN_MODEL_WORDPIECE;
    SP_TRY(need_vocab(r, SP_JSON_OBJECT));
    SP_TRY(take_text(r, &r->prefix, "continuing_subword_prefix", "##", &m->prefix));
    if (is_given(&r->max_chars) && !parse_id(r->max_chars.text, &max_chars))
        return sp_json_fail(r->json, r->max_chars.offset,
                            "/model/max_input_chars_per_word: expected a number up to 16,777,215");
    m->max_chars = max_chars;
    SP_TRY(read_ids(r));
    SP_TRY(need_short_tokens(r));
    SP_TRY(fill_lexicon(r));
    return take_unknown(r, "[UNK]");
}

static sp_status read_wordlevel(reader *r)
{
    r->model->kind = SP_TOKEN_MODEL_WORDLEVEL;
    SP_TRY(need_vocab(r, SP_JSON_OBJECT));
    SP_TRY(read_ids(r));
    SP_TRY(fill_lexicon(r));
    return take_unknown(r, "<unk>");
}

static sp_status read_unigram(reader *r)
{
    sp_token_model *m = r->model;
    uint32_t id;
    m->kind = SP_TOKEN_MODEL_UNIGRAM;
    m->fuses_unknown = true;
    m->unknown = SP_LEXICON_NONE;
    SP_TRY(need_vocab(r, SP_JSON_ARRAY));
    SP_TRY(take_bool(r, &r->byte_fallback, "byte_fallback", &m->byte_fallback));
    SP_TRY(read_scores(r));
    SP_TRY(need_short_tokens(r));
    SP_TRY(fill_lexicon(r));
    if (is_given(&r->unknown_id)) {
        if (!parse_id(r->unknown_id.text, &id) || id >= r->model->lexicon.count)
            return sp_json_fail(r->json, r->unknown_id.offset,
                                "/model/unk_id: there is no such token in the vocabulary");
        m->unknown = id;
    }
    fill_bytes(r);
    return SP_OK;
}

static sp_status find_values(reader *r, const sp_json_node *model)
{
    const struct {
        const char *key;
        sp_json_node *node;
    } wanted[] = {
        { "type", &r->type },
        { "vocab", &r->vocab },
        { "merges", &r->merges },
        { "unk_token", &r->unknown },
        { "unk_id", &r->unknown_id },
        { "continuing_subword_prefix", &r->prefix },
        { "end_of_word_suffix", &r->suffix },
        { "max_input_chars_per_word", &r->max_chars },
        { "dropout", &r->dropout },
        { "fuse_unk", &r->fuses_unknown },
        { "byte_fallback", &r->byte_fallback },
        { "ignore_merges", &r->ignores_merges },
    };
    sp_json_walk walk;
    sp_json_node child = { 0 };
    r->type.offset = r->vocab.offset = r->merges.offset = model->offset;
    sp_json_walk_init(&walk, r->json->arena, r->json->file->bytes, model->offset);
    while (sp_json_walk_next(&walk, &child))
        for (size_t i = 0; i < SP_COUNT_OF(wanted); i++)
            if (sp_str_eq(child.key, sp_str_of(wanted[i].key)))
                *wanted[i].node = child;
    return sp_json_walk_failed(r->json, &walk);
}

/* Old files do not name the type. */
static sp_str type_of(const reader *r)
{
    if (is_given(&r->type))
        return r->type.text;
    return r->merges.text.ptr               ? SP_STR("BPE")
           : r->vocab.kind == SP_JSON_ARRAY ? SP_STR("Unigram")
           : r->max_chars.text.ptr          ? SP_STR("WordPiece")
                                            : SP_STR("WordLevel");
}

sp_status sp_json_read_model(const sp_json_reader *json, const sp_json_node *model)
{
    static const struct {
        sp_str type;
        sp_status (*read)(reader *r);
    } models[] = { { { "BPE", 3 }, read_bpe },
                   { { "WordPiece", 9 }, read_wordpiece },
                   { { "WordLevel", 9 }, read_wordlevel },
                   { { "Unigram", 7 }, read_unigram } };
    reader r = { .json = json, .model = &json->tokenizer->model, .is_byte_level = json->is_byte_level };
    fill_letters(&r);
    sp_status status = find_values(&r, model);
    sp_str type = type_of(&r);
    sp_status (*read)(reader * reader) = NULL;
    for (size_t i = 0; i < SP_COUNT_OF(models); i++)
        if (sp_str_eq(type, models[i].type))
            read = models[i].read;
    if (status == SP_OK && !read)
        status = sp_json_fail(json, r.type.offset,
                              "/model/type: \"%.*s\" is not supported; BPE, WordPiece, WordLevel and "
                              "Unigram are",
                              SP_STR_ARG(type));
    if (status == SP_OK)
        status = read(&r);
    reader_release(&r);
    if (status == SP_OK && !json->file->packed)
        sp_token_model_find_marks(&json->tokenizer->model);
    size_t *bulk = json->tokenizer->bulk;
    bulk[0] = r.vocab.offset;
    bulk[1] = r.vocab.offset + r.vocab.text.len;
    bulk[2] = r.merges.offset;
    bulk[3] = r.merges.offset + r.merges.text.len;
    return status;
}
