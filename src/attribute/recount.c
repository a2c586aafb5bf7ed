/*
 * recount.c - ranges of a message put together.
 *
 * A message is counted once, with a mark at some of the places where counts add up (tokenizer/cut.c) and the tokens
 * before each. From the first mark in a range to the last its count is a difference; only what is around the joints is
 * counted again, a few words for each. Whether a place is a mark is told by the byte before it and a few behind it, so
 * it stays one whatever stands around the range.
 */
#include "attribute/recount.h"

#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

enum {
    STEP = 64, /* bytes from one mark to the next, or a little more */
    SEEN = 6,  /* bytes behind a place that tell whether it is a mark, at most */
    MOST_BYTES = 256 << 20,
};

typedef struct mark {
    size_t at;
    size_t counted; /* before it */
} mark;

typedef struct sp_ruler {
    sp_str text;
    mark *marks; /* the first is at 0 */
    size_t count;
} sp_ruler;

static sp_status count(sp_recount *r, sp_str text, size_t *counted, sp_err *err)
{
    size_t tokens;
    if (text.len == 0)
        return SP_OK;
    r->work_bytes += text.len;
    SP_TRY(sp_counter_count(r->counter, text, &tokens, err));
    *counted += r->counter->tokens;
    return SP_OK;
}

/* ---- marks ------------------------------------------------------------------------------------------------------ */

static sp_status measure(sp_recount *r, sp_str text, sp_ruler *ret, sp_err *err)
{
    const sp_encoding *encoding = r->prompt->encoding;
    ret->text = text;
    ret->marks = SP_ARENA_ARRAY(&r->arena, mark, text.len / STEP + 2);
    if (!ret->marks)
        return sp_err_memory(err);
    mark *last = &ret->marks[0];
    for (ret->count = 1;; last = &ret->marks[ret->count++]) {
        sp_str rest = sp_str_slice(text, last->at, text.len);
        size_t step = rest.len > STEP ? sp_cut_after(encoding, rest, STEP) : rest.len;
        if (step >= rest.len)
            return SP_OK;
        last[1] = (mark){ last->at + step, last->counted };
        SP_TRY(count(r, sp_str_slice(rest, 0, step), &last[1].counted, err));
    }
}

static sp_status measure_all(sp_recount *r, sp_err *err)
{
    const sp_prompt *prompt = r->prompt;
    SP_TRY(sp_counter_new(prompt->encoding, SP_SPECIAL_AS_TEXT, &r->counter, err));
    r->rulers = SP_ARENA_ARRAY(&r->arena, sp_ruler, prompt->message_count + 1);
    if (!r->rulers)
        return sp_err_memory(err);
    for (size_t i = 0; i < prompt->message_count; i++)
        SP_TRY(measure(r, prompt->messages[i].text, &r->rulers[i], err));
    r->work_bytes = 0;
    return SP_OK;
}

sp_status sp_recount_init(sp_recount *recount, const sp_prompt *prompt, sp_err *err)
{
    *recount = (sp_recount){ .prompt = prompt };
    sp_status status = measure_all(recount, err);
    if (status != SP_OK)
        sp_recount_release(recount);
    return status;
}

void sp_recount_release(sp_recount *recount)
{
    sp_arena_release(&recount->arena);
    sp_buf_release(&recount->joint);
    sp_counter_free(recount->counter);
    *recount = (sp_recount){ .prompt = NULL };
}

/* The first mark behind an offset; their number if there is none. */
static size_t mark_behind(const sp_ruler *ruler, size_t at)
{
    size_t low = 0;
    size_t high = ruler->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ruler->marks[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- ranges ----------------------------------------------------------------------------------------------------- */

static sp_status close_joint(sp_recount *r, sp_err *err)
{
    if (r->joint.failed)
        return sp_err_memory(err);
    SP_TRY(count(r, sp_buf_str(&r->joint), &r->counted, err));
    r->joint.len = 0;
    return SP_OK;
}

sp_status sp_recount_add(sp_recount *recount, size_t message, size_t begin, size_t end, sp_err *err)
{
    const sp_ruler *ruler = &recount->rulers[message];
    size_t first = mark_behind(ruler, begin);
    size_t last = end < SEEN ? 0 : mark_behind(ruler, end - SEEN);
    if (begin >= end)
        return SP_OK;
    if (last <= first) { /* the last mark that stays one is the one before it */
        sp_buf_add(&recount->joint, sp_str_slice(ruler->text, begin, end));
        return SP_OK;
    }
    sp_buf_add(&recount->joint, sp_str_slice(ruler->text, begin, ruler->marks[first].at));
    SP_TRY(close_joint(recount, err));
    recount->counted += ruler->marks[last - 1].counted - ruler->marks[first].counted;
    sp_buf_add(&recount->joint, sp_str_slice(ruler->text, ruler->marks[last - 1].at, end));
    return SP_OK;
}

sp_status sp_recount_end(sp_recount *recount, size_t *ret_tokens, sp_err *err)
{
    SP_TRY(close_joint(recount, err));
    *ret_tokens = sp_tokens_of(recount->prompt->encoding, recount->counted);
    recount->counted = 0;
    return SP_OK;
}

bool sp_recount_is_too_much(const sp_recount *recount)
{
    return recount->work_bytes > MOST_BYTES;
}
