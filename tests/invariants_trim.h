/*
 * invariants_trim.h - what holds for every prompt and every budget.
 *
 *   char why[INV_ROOM];
 *   if (!inv_trim(prompt, 20, why))
 *       puts(why);
 *
 * It fits or nothing does; the same budget gives the same again; a larger one keeps what a smaller one kept; the
 * certificate's next budget brings something back, and one token less does not; no character is split, and no block
 * that is small enough to be one unit.
 */
#ifndef TESTS_INVARIANTS_TRIM_H
#define TESTS_INVARIANTS_TRIM_H

#include "base/types.h"
#include "invariants.h"
#include "model/prompt.h"
#include "model/source.h"
#include "sources/source.h"
#include "syntax/headings.h"
#include "tokenizer/tokens.h"
#include "trim/budget.h"
#include "workspace/products.h"

#include <utf8proc.h>

/* Which bytes of the sources are not in a prompt because of its budget. */
typedef struct inv_missing {
    uint8_t *bytes; /* of all sources, one after the other */
    size_t len;
} inv_missing;

static inline size_t inv_offset(const sp_prompt *prompt, uint32_t source)
{
    size_t offset = 0;
    for (uint32_t i = 0; i < source; i++)
        offset += prompt->sources[i].bytes.len;
    return offset;
}

static inline bool inv_mark_missing(const sp_prompt *prompt, inv_missing *missing)
{
    missing->len = inv_offset(prompt, prompt->source_count);
    missing->bytes = calloc(missing->len + 1, 1);
    for (size_t i = 0; missing->bytes && i < prompt->trim->cut_count; i++) {
        const sp_cut *cut = &prompt->trim->cuts[i];
        memset(missing->bytes + inv_offset(prompt, cut->source) + cut->begin, 1, cut->end - cut->begin);
    }
    return missing->bytes != NULL;
}

/* Whether a character as people see it ends at offset at of the text that begins at begin. */
static inline bool inv_is_boundary(sp_str text, size_t begin, size_t at)
{
    utf8proc_int32_t state = 0;
    uint32_t last = 0;
    for (size_t i = begin; i < text.len;) {
        uint32_t code = 0xFFFD;
        size_t bad = 0;
        size_t len = sp_utf8_decode(text, i, &code, &bad);
        bool is_boundary =
            i == begin || utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)code, &state);
        if (i >= at)
            return i == at && is_boundary;
        last = code;
        i += len ? len : bad;
    }
    return at >= text.len;
}

/* Whether an @path ends there: a client may send the text of the file next. */
static inline bool inv_is_import_end(const sp_source *source, size_t at)
{
    const sp_markdown *markdown = source->parsed ? &source->parsed->markdown : NULL;
    for (size_t i = 0; markdown && i < markdown->import_count; i++)
        if (markdown->imports[i].end == at)
            return true;
    return false;
}

/* An end of a cut: of a block, of a comment or the like, of an @path whose text comes next, or, in a large one, of a
 * character. */
static inline bool inv_cut_end(const sp_prompt *prompt, const sp_cut *cut, size_t at, char *why)
{
    const sp_source *source = &prompt->sources[cut->source];
    uint32_t index = sp_block_at(source, at);
    const sp_block *block = &source->blocks[index];
    if (at == source->bytes.len || at == block->begin)
        return true;
    for (size_t i = 0; i < prompt->cut_count; i++) {
        const sp_cut *other = &prompt->cuts[i];
        if (other->source == cut->source && other->rule != cut->rule && (other->begin == at || other->end == at))
            return true;
    }
    if (inv_is_import_end(source, at))
        return true;
    INV(block->end - block->begin > (size_t)sp_own_limit(SP_RULE_BUDGET_PART_BYTES),
        "%.*s: a block of %zu bytes is cut at %zu", SP_STR_ARG(source->path), block->end - block->begin, at);
    INV(inv_is_boundary(source->bytes, block->begin, at), "%.*s: a character is cut at %zu", SP_STR_ARG(source->path),
        at);
    return true;
}

/* What a prompt has that a budget is about. */
static inline size_t inv_bound(const sp_prompt *prompt)
{
    return sp_bound_tokens(prompt->bound, prompt->tokens, prompt->range);
}

/* The range, counted anew from the final bytes. */
static inline bool inv_range(const sp_prompt *prompt, char *why)
{
    sp_range range = { 0, 0 };
    sp_counter *counter;
    sp_err err;
    size_t tokens;
    INV(sp_counter_new(prompt->encoding, SP_SPECIAL_AS_TEXT, &counter, &err) == SP_OK, "%s", err.message);
    for (size_t i = 0; i < prompt->message_count; i++) {
        bool is_counted = sp_counter_count(counter, prompt->messages[i].text, &tokens, &err) == SP_OK;
        range.low += is_counted ? sp_counter_range(counter).low : 0;
        range.high += is_counted ? sp_counter_range(counter).high : 0;
    }
    sp_counter_free(counter);
    INV(range.low == prompt->trim->range.low && range.high == prompt->trim->range.high,
        "the range is %zu..%zu, not %zu..%zu", range.low, range.high, prompt->trim->range.low,
        prompt->trim->range.high);
    return true;
}

/* One budget, by itself. */
static inline bool inv_trimmed(const sp_prompt *prompt, char *why)
{
    const sp_trim *trim = prompt->trim;
    size_t tokens = 0;
    sp_err err;
    for (size_t i = 0; i < prompt->message_count; i++) {
        size_t more = 0;
        INV(sp_count(prompt->encoding, prompt->messages[i].text, SP_SPECIAL_AS_TEXT, &more, &err) == SP_OK, "%s",
            err.message);
        tokens += more;
    }
    INV(tokens == trim->tokens && tokens == prompt->tokens, "there are %zu tokens, not %zu", tokens, trim->tokens);
    if (!inv_range(prompt, why))
        return false;
    INV(trim->fits == (inv_bound(prompt) <= trim->budget_tokens), "%zu tokens, a budget of %zu: fits is %d",
        inv_bound(prompt), trim->budget_tokens, trim->fits);
    INV((trim->unit_count == 0) == (trim->cut_count == 0) || trim->unit_count > 0, "%zu cuts of no units",
        trim->cut_count);
    for (size_t i = 0; i < trim->cut_count; i++)
        if (!inv_cut_end(prompt, &trim->cuts[i], trim->cuts[i].begin, why) ||
            !inv_cut_end(prompt, &trim->cuts[i], trim->cuts[i].end, why))
            return false;
    size_t rest = 0;
    for (size_t i = 0; i < trim->rest_count; i++)
        rest += trim->rest[i].tokens;
    INV(trim->fits ? rest == 0 : rest == tokens, "%zu tokens are said to be left of %zu", rest, tokens);
    return inv_prompt(prompt, why);
}

static inline bool inv_trim_to(sp_prompt *prompt, size_t budget, sp_trim_mode mode, char *why)
{
    sp_err err;
    INV(sp_prompt_trim(prompt, budget, mode, &err) == SP_OK, "budget %zu: %s", budget, err.message);
    return true;
}

/* The certificate is checked as its reader would: by other runs. */
static inline bool inv_certificate(sp_prompt *prompt, char *why)
{
    const sp_trim trim = *prompt->trim;
    if (trim.unit_count == 0)
        return true;
    INV(trim.next_budget_tokens > trim.budget_tokens || !trim.fits, "%zu tokens are enough, and %zu bring more back",
        trim.budget_tokens, trim.next_budget_tokens);
    if (!inv_trim_to(prompt, trim.next_budget_tokens, SP_TRIM_APPLY, why))
        return false;
    INV(prompt->trim->unit_count < trim.unit_count && inv_bound(prompt) == trim.next_budget_tokens,
        "with the next budget, %zu, there are %zu tokens", trim.next_budget_tokens, inv_bound(prompt));
    if (!inv_trim_to(prompt, trim.next_budget_tokens - 1, SP_TRIM_SMALLEST, why))
        return false;
    INV(strcmp(prompt->trim->sha256, trim.sha256) == 0, "a token less than the next budget of %zu is something else",
        trim.next_budget_tokens);
    return true;
}

static inline bool inv_budget(sp_prompt *prompt, size_t budget, inv_missing *larger, char *why)
{
    char first[65];
    inv_missing missing;
    if (!inv_trim_to(prompt, budget, SP_TRIM_SMALLEST, why) || !inv_trimmed(prompt, why) ||
        !inv_mark_missing(prompt, &missing))
        return false;
    bool is_kept = true;
    for (size_t i = 0; larger->bytes && i < missing.len; i++)
        is_kept = is_kept && (!larger->bytes[i] || missing.bytes[i]);
    free(larger->bytes);
    *larger = missing;
    INV(is_kept, "a budget of %zu keeps what a larger one does not", budget);
    memcpy(first, prompt->trim->sha256, sizeof first);
    if (!inv_trim_to(prompt, budget, SP_TRIM_SMALLEST, why))
        return false;
    INV(strcmp(first, prompt->trim->sha256) == 0, "the second time, a budget of %zu gives something else", budget);
    return inv_certificate(prompt, why);
}

/* That many budgets, from the whole size down to the smallest, and one below. prompt is the smallest afterwards. */
static inline bool inv_trim(sp_prompt *prompt, size_t count, char *why)
{
    size_t whole = inv_bound(prompt);
    inv_missing larger = { 0 };
    if (!inv_trim_to(prompt, 0, SP_TRIM_SMALLEST, why))
        return false;
    size_t smallest = inv_bound(prompt);
    INV(smallest <= whole, "the smallest has %zu tokens, the whole %zu", smallest, whole);
    bool hold = inv_budget(prompt, whole, &larger, why);
    if (hold && prompt->trim->cut_count > 0) {
        inv_say(why, "something is cut where all fits");
        hold = false;
    }
    for (size_t i = 1; hold && i <= count; i++)
        hold = inv_budget(prompt, whole - (whole - smallest) * i / count, &larger, why);
    if (hold && smallest > 0)
        hold = inv_budget(prompt, smallest - 1, &larger, why);
    free(larger.bytes);
    return hold;
}

#endif
