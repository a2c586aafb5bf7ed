/*
 * invariants_cache.h - what holds for what is said about caching any prompt.
 *
 * Tokens before and behind are those of the segments, breakpoints are at most four, in order, at ends of blocks and
 * behind enough text, and a prompt shares all of itself with itself, and with another one just what is said.
 */
#ifndef TESTS_INVARIANTS_CACHE_H
#define TESTS_INVARIANTS_CACHE_H

#include "base/types.h"
#include "explain/caching/result.h"
#include "invariants.h"
#include "model/prompt.h"
#include "tokenizer/models/model.h"

/* The tokens of segments that begin before an offset of a message; *ret_is_end: one ends there, and its block, or what
 * we say ourselves of its kind. */
static inline size_t inv_tokens_until(const sp_prompt *prompt, size_t message, size_t offset, bool *ret_is_end)
{
    size_t tokens = 0;
    *ret_is_end = false;
    for (size_t m = 0; m <= message; m++) {
        const sp_message *at = &prompt->messages[m];
        size_t end = 0;
        for (size_t i = at->first_segment; i < at->first_segment + at->segment_count; i++) {
            const sp_segment *segment = &prompt->segments[i];
            const sp_segment *next = i + 1 < at->first_segment + at->segment_count ? segment + 1 : NULL;
            if (m == message && end >= offset)
                break;
            tokens += segment->tokens;
            end += segment->text.len;
            *ret_is_end = m == message && end == offset &&
                          (!next || next->source != segment->source || next->block != segment->block ||
                           next->kind != segment->kind);
        }
    }
    return tokens;
}

static inline bool inv_breaks(const sp_prompt *prompt, const sp_caching *caching, char *why)
{
    INV(caching->break_count <= SP_CACHE_BREAKS, "%zu breakpoints", caching->break_count);
    for (size_t i = 0; i < caching->break_count; i++) {
        const sp_cache_break *b = &caching->breaks[i];
        bool is_end;
        INV(b->message < prompt->message_count && b->end > 0 && b->end <= prompt->messages[b->message].text.len,
            "breakpoint %zu is nowhere", i);
        INV(inv_tokens_until(prompt, b->message, b->end, &is_end) == b->tokens, "breakpoint %zu says %zu tokens", i,
            b->tokens);
        INV(is_end, "breakpoint %zu is inside a block", i);
        INV(b->tokens >= caching->minimum_tokens, "breakpoint %zu behind %zu tokens", i, b->tokens);
        INV(i == 0 || b[-1].tokens < b->tokens, "breakpoint %zu is not behind the one before", i);
    }
    return true;
}

static inline bool inv_volatiles(const sp_prompt *prompt, const sp_caching *caching, char *why)
{
    size_t first = prompt->tokens;
    INV(caching->stable_tokens <= caching->best_tokens && caching->best_tokens <= prompt->tokens,
        "%zu tokens are stable, %zu at best, of %zu", caching->stable_tokens, caching->best_tokens, prompt->tokens);
    for (size_t i = 0; i < caching->volatile_count; i++) {
        const sp_volatile *v = &caching->volatiles[i];
        INV(v->message < prompt->message_count && v->begin < v->end && v->end <= prompt->messages[v->message].text.len,
            "%s %zu is nowhere", v->kind->name, i);
        if (v->kind->ends_prefix && v->tokens_before < first)
            first = v->tokens_before;
        if (v->source == SP_NONE || v->kind->ends_prefix)
            continue;
        sp_str line = sp_str_slice(prompt->messages[v->message].text, v->begin, v->end);
        sp_str bytes = prompt->sources[v->source].bytes;
        size_t at = sp_str_find(bytes, line, 0);
        while (at != SIZE_MAX && sp_position_of(bytes, at).line != v->first_line)
            at = sp_str_find(bytes, line, at + 1);
        INV(at != SIZE_MAX, "%.*s is not on line %u of %.*s", SP_STR_ARG(line), v->first_line,
            SP_STR_ARG(prompt->sources[v->source].path));
    }
    INV(first == caching->stable_tokens, "%zu tokens are stable, and the first change is behind %zu",
        caching->stable_tokens, first);
    return true;
}

static inline bool inv_caching(const sp_prompt *prompt, char *why)
{
    static const sp_model small = { .id = { 0, 5 }, .cache_minimum_tokens = 1, .texts = "small" };
    const sp_model *models[] = { NULL, &small };
    for (size_t i = 0; i < SP_COUNT_OF(models); i++) {
        sp_caching *caching;
        sp_err err;
        INV(sp_caching_find(prompt, models[i], &caching, &err) == SP_OK, "%s", err.message);
        bool hold = inv_breaks(prompt, caching, why) && inv_volatiles(prompt, caching, why);
        sp_caching_free(caching);
        if (!hold)
            return false;
    }
    return true;
}

/* What two prompts share, found again byte by byte. */
static inline bool inv_prefix(const sp_prompt *a, const sp_prompt *b, char *why)
{
    sp_prefix found;
    sp_err err;
    size_t bytes = 0;
    bool goes_on = true;
    for (size_t m = 0; m < a->message_count && m < b->message_count && goes_on; m++) {
        sp_str x = a->messages[m].text;
        sp_str y = b->messages[m].text;
        size_t at = 0;
        for (; at < x.len && at < y.len && x.ptr[at] == y.ptr[at] && a->messages[m].role == b->messages[m].role;)
            at++;
        bytes += at;
        goes_on = at == x.len && at == y.len && a->messages[m].role == b->messages[m].role;
    }
    INV(sp_prompts_share(a, b, &found, &err) == SP_OK, "%s", err.message);
    INV(found.bytes == bytes, "%zu bytes are shared, not %zu", bytes, found.bytes);
    INV(found.is_same == (goes_on && a->message_count == b->message_count), "the same, or not");
    INV(!found.is_same || !a->exact || found.tokens == a->tokens, "%zu of %zu tokens of the same prompt", found.tokens,
        a->tokens);
    INV(found.tokens <= a->tokens, "%zu of %zu tokens", found.tokens, a->tokens);
    if (found.is_same || found.here.source == SP_NONE || found.here.is_end)
        return true;
    sp_str line = sp_line_at(a->messages[found.here.message].text, found.here.offset);
    sp_str bytes_of = a->sources[found.here.source].bytes;
    sp_str behind = sp_str_slice(a->messages[found.here.message].text, found.here.offset, found.here.offset + 1);
    for (size_t at = 0; at < bytes_of.len; at++) {
        if (!sp_utf8_begins(bytes_of.ptr[at]))
            continue;
        sp_position place = sp_position_of(bytes_of, at);
        if (place.line == found.here.line && place.column >= found.here.column) {
            INV(bytes_of.ptr[at] == behind.ptr[0] || !sp_utf8_begins(behind.ptr[0]), "%.*s:%u:%u is not in \"%.*s\"",
                SP_STR_ARG(a->sources[found.here.source].path), place.line, place.column, SP_STR_ARG(line));
            return true;
        }
    }
    INV(false, "%.*s has no line %u", SP_STR_ARG(a->sources[found.here.source].path), found.here.line);
}

#endif
