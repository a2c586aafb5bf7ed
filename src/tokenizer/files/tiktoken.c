/*
 * tiktoken.c - .tiktoken files: a line for each token, its bytes in base64, a blank, its rank.
 *
 * The rank is the id, and says which merge goes first. What two tokens merge into is not in the file: any two whose
 * bytes, one behind the other, are a token do.
 */
#include "base/base64.h"
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    MAX_TOKEN_BYTES = 1 << 16,
};

typedef struct line {
    uint32_t rank;
    size_t begin; /* of the token's bytes */
    size_t len;
    size_t offset; /* in the file */
} line;

typedef struct reader {
    const sp_vocab_file *file;
    sp_str text;
    size_t at;
    line *lines;
    size_t count;
    char *bytes; /* of the tokens, decoded */
    size_t used;
    sp_err *err;
} reader;

static bool fail(reader *r, size_t at, const char *what)
{
    (void)sp_err_at(r->err, SP_ERR_INPUT, r->file->path, r->text, at, "tokenizer.tiktoken", "%s", what);
    return false;
}

/* The base64 of a token, up to the blank behind it. */
static bool take_bytes(reader *r, line *l)
{
    size_t begin = r->at;
    bool is_whole;
    l->begin = r->used;
    l->len = sp_base64_decode(r->text, &r->at, r->bytes + r->used, &is_whole);
    r->used += l->len;
    if (!is_whole)
        return fail(r, begin, "expected a token in base64, a blank and its rank, as in \"aGVsbG8= 15339\"");
    if (l->len > MAX_TOKEN_BYTES)
        return fail(r, begin, "this token has more than 65,536 bytes");
    return true;
}

static bool take_rank(reader *r, line *l)
{
    size_t begin = r->at;
    uint64_t rank = 0;
    for (; r->at < r->text.len && r->text.ptr[r->at] >= '0' && r->text.ptr[r->at] <= '9' && rank <= UINT32_MAX; r->at++)
        rank = rank * 10 + (uint64_t)(r->text.ptr[r->at] - '0');
    if (r->at == begin)
        return fail(r, begin, "expected the rank of the token here, a number");
    if (rank >= SP_LEXICON_MAX_ID)
        return fail(r, begin, "this rank is too large; up to 16,777,215 can be used");
    l->rank = (uint32_t)rank;
    return true;
}

static bool take_line(reader *r)
{
    line *l = &r->lines[r->count];
    l->offset = r->at;
    if (!take_bytes(r, l))
        return false;
    if (r->at >= r->text.len || r->text.ptr[r->at] != ' ')
        return fail(r, r->at, "expected a blank and the rank of the token here");
    r->at++;
    if (!take_rank(r, l))
        return false;
    r->at += r->at < r->text.len && r->text.ptr[r->at] == '\r';
    if (r->at < r->text.len && r->text.ptr[r->at] != '\n')
        return fail(r, r->at, "expected the end of the line here");
    r->at++;
    r->count++;
    return true;
}

static bool take_lines(reader *r)
{
    while (r->at < r->text.len) {
        if (r->text.ptr[r->at] == '\n' || r->text.ptr[r->at] == '\r')
            r->at++;
        else if (!take_line(r))
            return false;
    }
    return true;
}

static int by_rank(const void *a, const void *b)
{
    const line *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return (left->offset > right->offset) - (left->offset < right->offset);
}

/* ---- lines -> lexicon ------------------------------------------------------------------------------------ */

static bool add_tokens(reader *r, sp_lexicon *l)
{
    for (size_t i = 0; i < r->count; i++) {
        if (i > 0 && r->lines[i].rank == r->lines[i - 1].rank)
            return fail(r, r->lines[i].offset, "another token has this rank");
        sp_lexicon_add(l, r->lines[i].rank, (sp_str){ r->bytes + r->lines[i].begin, r->lines[i].len });
    }
    for (uint32_t i = 0; i < r->count; i++)
        if (sp_lexicon_index(l, i) != SP_LEXICON_NONE)
            return fail(r, r->lines[i].offset, "this token is there twice, with two ranks");
    return true;
}

static bool find_bytes(reader *r, sp_lexicon *l)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        l->bytes[byte] = sp_lexicon_find(l, (sp_str){ &c, 1 });
        if (l->bytes[byte] == SP_LEXICON_NONE) {
            (void)sp_err_at(r->err, SP_ERR_INPUT, r->file->path, (sp_str){ 0 }, 0, "tokenizer.tiktoken",
                            "has no token for the single byte 0x%02x; each of the 256 needs one, so that every text "
                            "can be written in tokens",
                            byte);
            return false;
        }
    }
    return true;
}

/* Calls add for every two tokens that are a third; or only counts them. */
static size_t each_pair(sp_lexicon *l, bool adds)
{
    size_t count = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        sp_str whole = sp_lexicon_spelling(l, i);
        for (size_t middle = 1; middle < whole.len; middle++) {
            uint32_t left = sp_lexicon_find(l, sp_str_slice(whole, 0, middle));
            uint32_t right =
                left == SP_LEXICON_NONE ? left : sp_lexicon_find(l, sp_str_slice(whole, middle, whole.len));
            if (right == SP_LEXICON_NONE)
                continue;
            count++;
            if (adds)
                sp_lexicon_add_pair(l, (sp_lexicon_pair){ left, right, l->ids[i], i });
        }
    }
    return count;
}

static sp_status fill_lexicon(reader *r, sp_lexicon *l)
{
    if (!sp_lexicon_reserve(l, r->count, r->used))
        return sp_err_memory(r->err);
    if (!add_tokens(r, l) || !find_bytes(r, l))
        return SP_ERR_INPUT;
    if (!sp_lexicon_reserve_pairs(l, each_pair(l, false)))
        return sp_err_memory(r->err);
    (void)each_pair(l, true);
    return SP_OK;
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

bool sp_is_tiktoken(sp_str bytes)
{
    size_t at = 0;
    while (at < bytes.len && sp_base64_is_digit(bytes.ptr[at]))
        at++;
    size_t digits = at;
    while (at < bytes.len && bytes.ptr[at] == '=')
        at++;
    return digits > 0 && at + 1 < bytes.len && bytes.ptr[at] == ' ' && bytes.ptr[at + 1] >= '0' &&
           bytes.ptr[at + 1] <= '9';
}

/* As a regular expression it would match nothing but itself: it is a name that is not known. */
static sp_status refuse_word(sp_str word, sp_arena *arena, sp_err *err)
{
    sp_str names = sp_pattern_names(arena);
    if (!names.ptr)
        return sp_err_memory(err);
    return sp_err_set(err, SP_ERR_USAGE,
                      "--pattern %.*s is the name of no pattern; there are %.*s, or write a regular "
                      "expression",
                      SP_STR_ARG(word), SP_STR_ARG(names));
}

static sp_status choose_cutter(const sp_vocab_file *file, sp_tokenizer *t, sp_err *err)
{
    if (!file->pattern.ptr)
        return sp_err_at(err, SP_ERR_USAGE, file->path, (sp_str){ 0 }, 0, NULL,
                         "a .tiktoken file does not say how texts are cut before they are merged: give --pattern, the "
                         "regular expression, or the name of one that is known, such as cl100k_base or llama3");
    t->cutters = SP_ARENA_NEW(&t->arena, sp_cutter);
    if (!t->cutters)
        return sp_err_memory(err);
    t->cutter_count = 1;
    t->cuts_at_blanks = sp_pattern_find(file->pattern, &t->cutters->rules);
    if (t->cuts_at_blanks)
        return SP_OK;
    if (sp_pattern_is_word(file->pattern))
        return refuse_word(file->pattern, &t->arena, err);
    t->cutters->kind = SP_CUT_REGEX;
    sp_status status = sp_regex_new(file->pattern, SP_REGEX_RUST, &t->cutters->regex, err);
    if (status != SP_OK && status != SP_ERR_NO_MEMORY) {
        sp_err why = *err;
        return sp_err_set(err, SP_ERR_USAGE, "--pattern %s", why.message);
    }
    return status;
}

static sp_status read_lines(reader *r)
{
    size_t lines = 1;
    for (size_t i = 0; i < r->text.len; i++)
        lines += r->text.ptr[i] == '\n';
    r->lines = calloc(lines, sizeof *r->lines);
    r->bytes = malloc(r->text.len + 1);
    if (!r->lines || !r->bytes)
        return sp_err_memory(r->err);
    if (!take_lines(r))
        return SP_ERR_INPUT;
    qsort(r->lines, r->count, sizeof *r->lines, by_rank);
    return SP_OK;
}

sp_status sp_tiktoken_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err)
{
    reader r = { .file = file, .text = file->bytes, .err = err };
    sp_tokenizer *tokenizer = sp_tokenizer_new(file->name);
    if (!tokenizer)
        return sp_err_memory(err);
    tokenizer->model.whole_pieces = true;
    tokenizer->model.unknown = SP_LEXICON_NONE;
    sp_status status = choose_cutter(file, tokenizer, err);
    if (status == SP_OK && file->packed)
        sp_token_model_borrow(&tokenizer->model, &file->packed->model);
    else if (status == SP_OK)
        status = read_lines(&r);
    if (status == SP_OK && !file->packed)
        status = fill_lexicon(&r, &tokenizer->model.lexicon);
    if (status == SP_OK && file->packed)
        status = find_bytes(&r, &tokenizer->model.lexicon) ? SP_OK : SP_ERR_INPUT;
    tokenizer->bulk[1] = file->bytes.len; /* all of it */
    free(r.lines);
    free(r.bytes);
    if (status != SP_OK) {
        sp_tokenizer_free(tokenizer);
        return status;
    }
    *ret = &tokenizer->base.encoding;
    return SP_OK;
}
