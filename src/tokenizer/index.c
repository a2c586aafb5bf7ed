/*
 * index.c - how many tokens a part of a text has, again and again, without counting the part.
 *
 * A part is a text of its own, so it can be split in another way than it is inside the whole: near where it begins,
 * and near where it ends. In between it is split alike, and what is there was counted when the index was made:
 *
 *   - no pattern looks back. As soon as a piece of the part, split from its own beginning, ends where a piece of the
 *     whole ends, all that follows is the same;
 *   - where a group of pieces begins (truncate.c), a piece begins in every text that is cut off behind it, and what is
 *     before is split alike.
 *
 * So the index is a list of beginnings of groups, one in a few hundred bytes, with the tokens before each. A part costs
 * a look for the first and the last of them in it, and the counting of two stretches of some hundred bytes: more only
 * where a single piece or a run of white space is longer than that.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/tokens.h"
#include "tokenizer/vocab.h"

#include <stdlib.h>

enum {
    BATCH = 256,
    STEP = 256, /* bytes from one mark to the next, or a little more */
};

/* The beginning of a group, and the tokens before it. */
typedef struct mark {
    size_t at;
    size_t tokens;
} mark;

struct sp_index {
    const sp_encoding *encoding;
    sp_str text;
    size_t valid_end; /* what is behind the first byte that is not UTF-8 is not in here */
    mark *marks;      /* the first is { 0, 0 } */
    size_t count;
};

static bool is_space(const sp_vocab *vocab, const uint8_t *p)
{
    return sp_class_at(vocab, p) == SP_CLASS_SPACE;
}

bool sp_piece_is_blank(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end)
{
    size_t second = at + sp_char_len(text[at]);
    return is_space(vocab, text + at) && (second >= end || is_space(vocab, text + second));
}

/* ---- making it ------------------------------------------------------------------------------------------- */

static bool add_mark(sp_index *index, size_t at, size_t tokens)
{
    if ((index->count & (index->count - 1)) == 0) { /* a power of two: full */
        size_t room = index->count ? 2 * index->count : 1;
        mark *marks = realloc(index->marks, room * sizeof *marks);
        if (!marks)
            return false;
        index->marks = marks;
    }
    index->marks[index->count++] = (mark){ at, tokens };
    return true;
}

static bool add_marks(sp_index *index, sp_counter *c)
{
    const uint8_t *text = (const uint8_t *)index->text.ptr;
    size_t ends[BATCH], at = 0, counted = 0, tokens = 0;
    bool after_blanks = false;
    while (at < index->valid_end) {
        size_t count = sp_split(&c->vocab, text, at, index->valid_end, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++]) {
            if (!after_blanks && at >= index->marks[index->count - 1].at + STEP) {
                if (!sp_count_range(c, text, counted, at, index->valid_end, &tokens) || !add_mark(index, at, tokens))
                    return false;
                counted = at;
            }
            after_blanks = sp_piece_is_blank(&c->vocab, text, at, ends[i]);
        }
    }
    return true;
}

sp_status sp_index_new(const sp_encoding *encoding, sp_str text, sp_index **ret_index, sp_err *err)
{
    sp_index *index = calloc(1, sizeof *index);
    if (!index)
        return sp_err_memory(err);
    size_t invalid = text.len ? sp_utf8_find_invalid(text, 0) : SIZE_MAX;
    if (sp_engine_of(encoding))
        invalid = 0; /* every part is counted */
    *index = (sp_index){ .encoding = encoding, .text = text, .valid_end = invalid == SIZE_MAX ? text.len : invalid };
    sp_counter *counter = sp_counter_once(encoding, SP_SPECIAL_AS_TEXT, NULL);
    bool done = counter && add_mark(index, 0, 0) && add_marks(index, counter);
    sp_counter_free(counter);
    if (!done) {
        sp_index_free(index);
        return sp_err_memory(err);
    }
    *ret_index = index;
    return SP_OK;
}

void sp_index_free(sp_index *index)
{
    if (index)
        free(index->marks);
    free(index);
}

/* ---- asking ------------------------------------------------------------------------------------------------- */

/* The last mark at or before at. */
static const mark *mark_before(const sp_index *index, size_t at)
{
    size_t low = 0, high = index->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (index->marks[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return &index->marks[low];
}

/* Pieces one by one. */
typedef struct pieces {
    const sp_vocab *vocab;
    const uint8_t *text;
    size_t at; /* the end of the last one */
    size_t end;
    size_t next;
    size_t count;
    size_t ends[16];
} pieces;

static void pieces_next(pieces *p)
{
    if (p->next == p->count) {
        p->count = sp_split(p->vocab, p->text, p->at, p->end, p->ends, SP_COUNT_OF(p->ends));
        p->next = 0;
    }
    p->at = p->ends[p->next++];
}

/* The first place from begin to stop where a piece ends both in text[begin..end) and in the whole, of which pieces end
 * at from and at stop. SIZE_MAX if there is none. */
static size_t meet(const sp_index *index, const sp_vocab *vocab, size_t from, size_t begin, size_t stop, size_t end)
{
    const uint8_t *text = (const uint8_t *)index->text.ptr;
    pieces whole = { .vocab = vocab, .text = text, .at = from, .end = index->valid_end };
    pieces part = { .vocab = vocab, .text = text, .at = begin, .end = end };
    while (whole.at != part.at && part.at < stop)
        pieces_next(whole.at < part.at ? &whole : &part);
    return whole.at == part.at ? part.at : SIZE_MAX;
}

static bool count_slice(const sp_index *index, sp_counter *c, size_t begin, size_t end, size_t *tokens)
{
    const uint8_t *text = (const uint8_t *)index->text.ptr;
    const mark *first = mark_before(index, begin), *last = mark_before(index, end);
    size_t met = last->at > begin ? meet(index, &c->vocab, first->at, begin, last->at, end) : SIZE_MAX;
    if (met == SIZE_MAX)
        return sp_count_range(c, text, begin, end, end, tokens);
    size_t before = first->tokens;
    if (!sp_count_range(c, text, first->at, met, index->valid_end, &before))
        return false;
    *tokens += last->tokens - before;
    return sp_count_range(c, text, begin, met, end, tokens) && sp_count_range(c, text, last->at, end, end, tokens);
}

static bool is_inside_char(const sp_index *index, size_t at)
{
    return at < index->text.len && (index->text.ptr[at] & 0xC0) == 0x80;
}

sp_status sp_index_count(const sp_index *index, size_t begin, size_t end, size_t *ret_tokens, sp_err *err)
{
    if (end > index->valid_end || sp_engine_of(index->encoding) || is_inside_char(index, begin) ||
        is_inside_char(index, end))
        return sp_count(index->encoding, sp_str_slice(index->text, begin, end), SP_SPECIAL_AS_TEXT, ret_tokens, err);
    size_t tokens = 0;
    sp_counter *counter = sp_counter_once(index->encoding, SP_SPECIAL_AS_TEXT, NULL);
    bool done = counter && count_slice(index, counter, begin, end, &tokens);
    sp_counter_free(counter);
    if (!done)
        return sp_err_memory(err);
    *ret_tokens = sp_tokens_of(index->encoding, tokens);
    return SP_OK;
}
