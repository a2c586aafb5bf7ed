/* decode.c - tokens back to a text. */
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/tokens.h"

static sp_str added_content(const sp_added_set *set, uint32_t id)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].id == id)
            return set->items[i].content;
    return (sp_str){ NULL, 0 };
}

/* The spelling of a token; ptr is NULL for an id that there is none of. */
static sp_str spelling_of(const sp_tokenizer *t, uint32_t id, bool *ret_is_added)
{
    sp_str added = added_content(&t->added, id);
    added = added.ptr ? added : added_content(&t->added_normalized, id);
    *ret_is_added = added.ptr;
    if (added.ptr)
        return added;
    uint32_t token = sp_lexicon_find_id(&t->model.lexicon, id);
    return token == SP_LEXICON_NONE ? added : sp_lexicon_spelling(&t->model.lexicon, token);
}

static void replace(sp_buf *text, sp_str what, sp_str with)
{
    sp_buf out = { 0 };
    size_t at = 0;
    for (size_t found = sp_str_find(sp_buf_str(text), what, 0); what.len > 0 && found != SIZE_MAX;
         found = sp_str_find(sp_buf_str(text), what, at)) {
        sp_buf_add(&out, sp_str_slice(sp_buf_str(text), at, found));
        sp_buf_add(&out, with);
        at = found + what.len;
    }
    sp_buf_add(&out, sp_str_slice(sp_buf_str(text), at, text->len));
    out.failed |= text->failed;
    sp_buf_release(text);
    *text = out;
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void to_byte(sp_buf *text)
{
    bool is_byte = text->len == 6 && memcmp(text->ptr, "<0x", 3) == 0 && text->ptr[5] == '>' &&
                   hex(text->ptr[3]) >= 0 && hex(text->ptr[4]) >= 0;
    if (!is_byte)
        return;
    text->ptr[0] = (char)(hex(text->ptr[3]) * 16 + hex(text->ptr[4]));
    text->len = 1;
}

static void join_word(sp_buf *text, const sp_decoder *d, bool is_first)
{
    sp_str word = sp_buf_str(text);
    sp_buf out = { 0 };
    bool goes_on = sp_str_starts(word, d->what);
    if (is_first)
        return;
    if (!goes_on)
        sp_buf_add_char(&out, ' ');
    sp_buf_add(&out, goes_on ? sp_str_slice(word, d->what.len, word.len) : word);
    out.failed |= text->failed;
    sp_buf_release(text);
    *text = out;
}

static void decode_token(const sp_tokenizer *t, sp_buf *text, bool is_first, bool is_last)
{
    for (size_t i = 0; i < t->decoder_count; i++) {
        const sp_decoder *d = &t->decoders[i];
        if (d->kind == SP_DECODE_REPLACE)
            replace(text, d->what, d->with);
        else if (d->kind == SP_DECODE_BYTES)
            to_byte(text);
        else if (d->kind == SP_DECODE_WORDPIECE)
            join_word(text, d, is_first);
        else if (d->kind == SP_DECODE_SUFFIX)
            replace(text, d->what, is_last ? (sp_str){ "", 0 } : SP_STR(" "));
    }
}

static void strip_begin(const sp_tokenizer *t, sp_buf *out, size_t begin)
{
    for (size_t i = 0; i < t->decoder_count; i++) {
        const sp_decoder *d = &t->decoders[i];
        for (size_t n = 0; d->kind == SP_DECODE_STRIP && n < d->times && !out->failed; n++) {
            if (!sp_str_starts(sp_str_slice(sp_buf_str(out), begin, out->len), d->what))
                break;
            memmove(out->ptr + begin, out->ptr + begin + d->what.len, out->len - begin - d->what.len);
            out->len -= d->what.len;
        }
    }
}

size_t sp_tokenizer_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, sp_buf *out)
{
    const sp_tokenizer *t = (const sp_tokenizer *)encoding;
    size_t begin = out->len, done = 0;
    sp_buf text = { 0 };
    for (; done < count; done++) {
        bool is_added;
        sp_str spelling = spelling_of(t, ids[done], &is_added);
        if (!spelling.ptr)
            break;
        text.len = 0;
        sp_buf_add(&text, spelling);
        decode_token(t, &text, done == 0, done + 1 == count);
        sp_buf_add(out, sp_buf_str(&text));
        out->failed |= text.failed;
    }
    sp_buf_release(&text);
    strip_begin(t, out, begin);
    return done;
}
