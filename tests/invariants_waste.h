/*
 * invariants_waste.h - what holds for the copies that are found in any prompt.
 *
 *   char why[INV_ROOM];
 *   if (!inv_waste(prompt, why))
 *       puts(why);
 *
 * Places lie in the prompt and on the lines they name, copies do not overlap, and a copy has its original's text. What
 * they are said to cost is what a text without them has fewer, counted whole.
 */
#ifndef TESTS_INVARIANTS_WASTE_H
#define TESTS_INVARIANTS_WASTE_H

#include "base/types.h"
#include "explain/duplicates/result.h"
#include "invariants.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

/* The tokens of the prompt without what keeps says no to. */
typedef bool inv_goes(const sp_waste *waste, size_t copy, size_t which);

static inline bool inv_count_without(const sp_prompt *prompt, const sp_waste *waste, inv_goes *goes, size_t which,
                                     size_t *ret_tokens)
{
    bool done = true;
    sp_err err;
    *ret_tokens = 0;
    for (size_t m = 0; m < prompt->message_count && done; m++) {
        sp_buf text = { 0 };
        size_t at = 0, tokens;
        for (size_t i = 0; i < waste->copy_count; i++) {
            const sp_copy_place *place = &waste->copies[i].place;
            if (place->message != m || !goes(waste, i, which))
                continue;
            sp_buf_add(&text, sp_str_slice(prompt->messages[m].text, at, place->begin));
            at = place->end;
        }
        sp_buf_add(&text, sp_str_slice(prompt->messages[m].text, at, prompt->messages[m].text.len));
        done =
            !text.failed && sp_count(prompt->encoding, sp_buf_str(&text), SP_SPECIAL_AS_TEXT, &tokens, &err) == SP_OK;
        *ret_tokens += done ? tokens : 0;
        sp_buf_release(&text);
    }
    return done;
}

static inline bool inv_goes_one(const sp_waste *waste, size_t copy, size_t which)
{
    (void)waste;
    return copy == which;
}

static inline bool inv_goes_exact(const sp_waste *waste, size_t copy, size_t which)
{
    (void)which;
    return waste->copies[copy].kind != SP_COPY_SIMILAR;
}

static inline bool inv_goes_any(const sp_waste *waste, size_t copy, size_t which)
{
    (void)waste;
    (void)copy;
    (void)which;
    return true;
}

/* Whether two texts are the same but for white space. */
static inline bool inv_same_text(sp_str a, sp_str b)
{
    size_t i = 0, j = 0;
    for (;; i++, j++) {
        while (i < a.len && strchr(" \t\r\n\f\v", a.ptr[i]) && a.ptr[i])
            i++;
        while (j < b.len && strchr(" \t\r\n\f\v", b.ptr[j]) && b.ptr[j])
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (a.ptr[i] != b.ptr[j])
            return false;
    }
}

static inline sp_str inv_text_at(const sp_prompt *prompt, const sp_copy_place *place)
{
    return sp_str_slice(prompt->messages[place->message].text, place->begin, place->end);
}

static inline bool inv_place(const sp_prompt *prompt, const sp_copy_place *place, char *why)
{
    INV(place->source < prompt->source_count && place->message < prompt->message_count, "a place is nowhere");
    INV(place->begin < place->end && place->end <= prompt->messages[place->message].text.len,
        "%.*s:%u: bytes %zu to %zu", SP_STR_ARG(prompt->sources[place->source].path), place->first_line, place->begin,
        place->end);
    INV(place->first_line > 0 && place->first_line <= place->last_line, "lines %u to %u", place->first_line,
        place->last_line);
    return true;
}

static inline bool inv_copy(const sp_prompt *prompt, const sp_waste *waste, size_t index, char *why)
{
    const sp_copy *copy = &waste->copies[index];
    const sp_copy *before = index ? copy - 1 : NULL;
    size_t left;
    if (!inv_place(prompt, &copy->first, why) || !inv_place(prompt, &copy->place, why))
        return false;
    INV(!before || before->place.message < copy->place.message || before->place.end <= copy->place.begin,
        "copies %zu and %zu overlap", index - 1, index);
    INV(copy->first.message < copy->place.message || copy->first.end <= copy->place.begin,
        "copy %zu stands before its original", index);
    INV(copy->kind != SP_COPY_TEXT ||
            inv_same_text(inv_text_at(prompt, &copy->first), inv_text_at(prompt, &copy->place)),
        "copy %zu is another text", index);
    INV((copy->kind == SP_COPY_SIMILAR) == (copy->similar_percent < 100), "copy %zu is %u%% the same", index,
        copy->similar_percent);
    if (!copy->is_counted)
        return true;
    INV(inv_count_without(prompt, waste, inv_goes_one, index, &left), "memory");
    INV((int64_t)prompt->tokens - (int64_t)left == copy->tokens, "copy %zu: %lld tokens, and %zu of %zu are left",
        index, (long long)copy->tokens, left, prompt->tokens);
    return true;
}

static inline bool inv_waste_holds(const sp_prompt *prompt, const sp_waste *waste, char *why)
{
    size_t exact_left, left;
    for (size_t i = 0; i < waste->copy_count; i++)
        if (!inv_copy(prompt, waste, i, why))
            return false;
    INV(inv_count_without(prompt, waste, inv_goes_exact, 0, &exact_left) &&
            inv_count_without(prompt, waste, inv_goes_any, 0, &left),
        "memory");
    INV((int64_t)prompt->tokens - (int64_t)exact_left == waste->tokens, "%zu of %zu tokens are left, not %lld fewer",
        exact_left, prompt->tokens, (long long)waste->tokens);
    INV((int64_t)exact_left - (int64_t)left == waste->similar_tokens, "%zu of %zu tokens are left, not %lld fewer",
        left, exact_left, (long long)waste->similar_tokens);
    INV(waste->tokens + waste->similar_tokens <= (int64_t)prompt->tokens, "more waste than prompt");
    return true;
}

static inline bool inv_waste(const sp_prompt *prompt, char *why)
{
    sp_waste *waste;
    sp_err err;
    INV(sp_waste_find(prompt, &waste, &err) == SP_OK, "%s", err.message);
    bool hold = inv_waste_holds(prompt, waste, why);
    sp_waste_free(waste);
    return hold;
}

#endif
