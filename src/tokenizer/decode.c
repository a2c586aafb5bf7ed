/*
 * decode.c - tokens back to bytes.
 *
 * The image holds no spellings: a token is spelled by undoing the merges that made it, down to single bytes.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/tokens.h"
#include "tokenizer/vocab.h"

#include <stdlib.h>

/* Writes the bytes of a token and returns how many. The left half is followed at once and the right half kept
 * for later; a token of 128 bytes never has more than 128 halves waiting. */
static size_t spell(const sp_vocab *v, uint32_t token, char *out)
{
    uint32_t waiting[SP_TOKEN_MAX_BYTES];
    size_t depth = 0, len = 0;
    for (;;) {
        uint64_t record = v->records[token];
        if (sp_record_len(record) > 1) {
            waiting[depth++] = sp_record_right(record);
            token = sp_record_left(record);
        } else {
            out[len++] = (char)v->byte_values[token];
            if (depth == 0)
                return len;
            token = waiting[--depth];
        }
    }
}

/* Total length of the tokens, or an error that names the first that is none. */
static sp_status measure(const sp_encoding *encoding, const sp_vocab *v, const uint32_t *ids, size_t count,
                         size_t *ret_len, sp_err *err)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        char buffer[32];
        sp_str special = { NULL, 0 };
        if (sp_token_is_ordinary(encoding, ids[i]))
            len += sp_record_len(v->records[ids[i]]);
        else if ((special = sp_special_text(encoding, ids[i], buffer)).ptr)
            len += special.len;
        else
            return sp_err_set(err, SP_ERR_INPUT, "%s has no token with the id %u (number %zu of the list)",
                              encoding->name, ids[i], i + 1);
    }
    *ret_len = len;
    return SP_OK;
}

sp_status sp_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, char **ret_bytes, size_t *ret_len,
                    sp_err *err)
{
    if (sp_engine_of(encoding))
        return sp_engine_decode(encoding, ids, count, ret_bytes, ret_len, err);
    if (encoding->family != SP_EXACT)
        return sp_err_set(err, SP_ERR_USAGE, "%s is an estimate of how many tokens there are: it has no ids",
                          encoding->name);
    sp_vocab vocab;
    sp_vocab_open(&vocab, encoding, SP_PATH_BEST);
    size_t len = 0;
    SP_TRY(measure(encoding, &vocab, ids, count, &len, err));
    char *bytes = len ? malloc(len) : NULL;
    if (len && !bytes)
        return sp_err_memory(err);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        char buffer[32];
        if (sp_token_is_ordinary(encoding, ids[i])) {
            at += spell(&vocab, ids[i], bytes + at);
        } else {
            sp_str special = sp_special_text(encoding, ids[i], buffer);
            memcpy(bytes + at, special.ptr, special.len);
            at += special.len;
        }
    }
    *ret_bytes = bytes;
    *ret_len = len;
    return SP_OK;
}
