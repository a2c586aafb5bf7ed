/* engine.c - the calls of sysprompt.h, made of what an engine can do. */
#include "tokenizer/engine.h"
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- tokens ------------------------------------------------------------------------------------------- */

bool sp_tokens_add(sp_tokens *tokens, uint32_t id, size_t end)
{
    tokens->count++;
    return (!tokens->ids || sp_ids_add(tokens->ids, id)) && (!tokens->ends || sp_ids_add(tokens->ends, (uint32_t)end));
}

bool sp_tokens_fail(sp_tokens *tokens, const char *problem)
{
    snprintf(tokens->problem, sizeof tokens->problem, "%s", problem ? problem : "");
    return false;
}

sp_status sp_engine_failed(const sp_encoding *encoding, const char *problem, sp_err *err)
{
    return problem[0] ? sp_err_set(err, SP_ERR_INPUT, "%s cannot count this: %s", sp_encoding_name(encoding), problem)
                      : sp_err_memory(err);
}

/* The tokens of one text, by a hand of their own. */
static sp_status find_tokens(const sp_encoding *encoding, sp_str text, sp_special special, sp_tokens *tokens,
                             sp_err *err)
{
    const sp_engine *engine = sp_engine_of(encoding);
    if (tokens->ends && text.len > UINT32_MAX)
        return sp_err_set(err, SP_ERR_INPUT, "the text has 4 GiB or more; token ends are given for shorter ones only");
    if (text.len == 0)
        return SP_OK;
    void *hand = engine->hand_new(encoding);
    bool done = hand && engine->add(hand, text, special, tokens);
    if (hand)
        engine->hand_free(hand);
    return done ? SP_OK : sp_engine_failed(encoding, tokens->problem, err);
}

sp_status sp_engine_token_ends(const sp_encoding *encoding, sp_str text, sp_special special, uint32_t **ret_ends,
                               size_t *ret_count, sp_err *err)
{
    sp_ids ends = { 0 };
    sp_tokens tokens = { .ends = &ends, .max_tokens = SIZE_MAX };
    if (!sp_engine_of(encoding)->is_exact)
        return sp_err_set(err, SP_ERR_USAGE, "%s is an estimate of how many tokens there are: it has no ids",
                          sp_encoding_name(encoding));
    sp_status status = find_tokens(encoding, text, special, &tokens, err);
    if (status != SP_OK) {
        sp_ids_release(&ends);
        return status;
    }
    if (ends.count > 0)
        ends.ids[ends.count - 1] = (uint32_t)text.len;
    *ret_ends = ends.ids;
    *ret_count = ends.count;
    return SP_OK;
}

sp_status sp_engine_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, char **ret_bytes,
                           size_t *ret_len, sp_err *err)
{
    const sp_engine *engine = sp_engine_of(encoding);
    sp_buf out = { 0 };
    if (!engine->decode)
        return sp_err_set(err, SP_ERR_USAGE, "%s is an estimate of how many tokens there are: it has no ids",
                          sp_encoding_name(encoding));
    size_t decoded = engine->decode(encoding, ids, count, &out);
    sp_status status = out.failed ? sp_err_memory(err) : SP_OK;
    if (status == SP_OK && decoded < count)
        status = sp_err_set(err, SP_ERR_INPUT, "%s has no token with the id %u (number %zu of the list)",
                            sp_encoding_name(encoding), ids[decoded], decoded + 1);
    if (status != SP_OK) {
        sp_buf_release(&out);
        return status;
    }
    *ret_bytes = out.ptr;
    *ret_len = out.len;
    return SP_OK;
}

/* A token belongs to the part of its first byte. */
sp_status sp_engine_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                           size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err)
{
    sp_ids token_ends = { 0 };
    sp_tokens tokens = { .ends = &token_ends, .max_tokens = SIZE_MAX };
    size_t part = 0, begin = 0;
    sp_status status = find_tokens(encoding, text, SP_SPECIAL_AS_TEXT, &tokens, err);
    if (status == SP_OK)
        memset(ret_tokens, 0, count * sizeof *ret_tokens);
    for (size_t i = 0; status == SP_OK && i < token_ends.count; begin = token_ends.ids[i++]) {
        while (part + 1 < count && begin >= ends[part])
            part++;
        ret_tokens[part]++;
    }
    sp_ids_release(&token_ends);
    if (status != SP_OK)
        return status;
    *ret_total = tokens.count;
    *ret_range = sp_engine_of(encoding)->is_exact ? (sp_range){ tokens.count, tokens.count } : tokens.range;
    return SP_OK;
}

size_t sp_engine_cut_after(const sp_encoding *encoding, sp_str text, size_t from)
{
    const sp_engine *engine = sp_engine_of(encoding);
    size_t at = from > 0 ? from : 1;
    while (at < text.len && !engine->is_cut(encoding, text, at))
        at++;
    return at < text.len ? at : text.len;
}

/* ---- the longest prefix of N tokens ---------------------------------------------------------------------
 * Up to a cut the whole has the tokens of the prefix. So the prefix ends between two cuts, and only what lies between
 * these has to be counted again, for every end that is tried: from the last one down. Where cuts are far apart, that
 * starts a little behind the token that is the last of them in the whole. */

enum {
    SHORT_STRETCH = 1024, /* bytes of which every end is tried */
    REACH = 128,          /* how far behind the last token of a longer one */
};

typedef struct prefix {
    size_t at;
    size_t tokens;
} prefix;

static bool is_boundary(sp_str text, size_t at)
{
    return at == 0 || at >= text.len || sp_utf8_begins(text.ptr[at]);
}

/* The last cut with at most max of the tokens before it, and the first behind it. */
static prefix last_cut(const sp_encoding *encoding, sp_str text, const sp_ids *ends, size_t max, size_t *ret_next)
{
    prefix found = { 0, 0 };
    size_t tokens = 0;
    for (;;) {
        size_t cut = sp_engine_cut_after(encoding, text, found.at + 1);
        while (tokens < ends->count && ends->ids[tokens] <= cut)
            tokens++;
        *ret_next = cut;
        if (cut == text.len || tokens > max)
            return found;
        found = (prefix){ cut, tokens };
    }
}

/* The longest stretch from begin on, at most up to last, that has at most max tokens. */
static sp_status fit_stretch(const sp_encoding *encoding, sp_str text, sp_special special, size_t begin, size_t last,
                             size_t max, prefix *ret, sp_err *err)
{
    *ret = (prefix){ begin, 0 };
    for (size_t at = last; at > begin; at--) {
        sp_tokens tokens = { .max_tokens = SIZE_MAX };
        if (!is_boundary(text, at))
            continue;
        SP_TRY(find_tokens(encoding, sp_str_slice(text, begin, at), special, &tokens, err));
        if (tokens.count <= max) {
            *ret = (prefix){ at, tokens.count };
            return SP_OK;
        }
    }
    return SP_OK;
}

static sp_status fit_exact(const sp_encoding *encoding, sp_str text, sp_special special, const sp_ids *ends, size_t max,
                           prefix *ret, sp_err *err)
{
    size_t next;
    prefix rest, cut = last_cut(encoding, text, ends, max, &next);
    size_t last = next;
    if (next - cut.at > SHORT_STRETCH) {
        size_t end = max > 0 ? ends->ids[max - 1] : 0;
        last = end > cut.at ? end + REACH : cut.at + REACH;
        last = last < next ? last : next;
    }
    SP_TRY(fit_stretch(encoding, text, special, cut.at, last, max - cut.tokens, &rest, err));
    *ret = (prefix){ rest.at, cut.tokens + rest.tokens };
    return SP_OK;
}

/* An estimate is cut at one of its cuts, by the upper bound of its range, which grows with the text. */
static sp_status fit_estimate(const sp_encoding *encoding, sp_str text, size_t max, prefix *ret, sp_err *err)
{
    size_t low = 0, high = text.len;
    *ret = (prefix){ 0, 0 };
    while (low < high) {
        size_t cut = sp_engine_cut_after(encoding, text, low + (high - low) / 2 + 1);
        sp_tokens tokens = { .max_tokens = SIZE_MAX };
        SP_TRY(find_tokens(encoding, sp_str_slice(text, 0, cut), SP_SPECIAL_AS_TEXT, &tokens, err));
        if (tokens.range.high > max) {
            high = low + (high - low) / 2;
        } else {
            *ret = (prefix){ cut, tokens.count };
            low = cut;
        }
    }
    return SP_OK;
}

sp_status sp_engine_truncate(const sp_encoding *encoding, sp_str text, sp_special special, size_t max_tokens,
                             size_t *ret_len, size_t *ret_tokens, sp_err *err)
{
    sp_ids ends = { 0 };
    bool is_exact = sp_engine_of(encoding)->is_exact;
    sp_tokens tokens = { .ends = is_exact ? &ends : NULL, .max_tokens = SIZE_MAX };
    sp_status status = find_tokens(encoding, text, special, &tokens, err);
    prefix found = { text.len, tokens.count };
    bool fits = (is_exact ? tokens.count : tokens.range.high) <= max_tokens;
    if (status == SP_OK && !fits && is_exact)
        status = fit_exact(encoding, text, special, &ends, max_tokens, &found, err);
    else if (status == SP_OK && !fits)
        status = fit_estimate(encoding, text, max_tokens, &found, err);
    sp_ids_release(&ends);
    if (status != SP_OK)
        return status;
    *ret_len = found.at;
    *ret_tokens = found.tokens;
    return SP_OK;
}
