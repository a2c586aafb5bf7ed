#include "attribute/without.h"

#include "tokenize/tokenize.h"

#include <stdlib.h>

static sp_status count(sp_without *without, sp_str text, size_t *ret, sp_err *err)
{
    size_t tokens;
    SP_TRY(sp_counter_count(without->counter, text, &tokens, err));
    *ret = sp_counter_counted(without->counter).tokens;
    return SP_OK;
}

static sp_status count_messages(sp_without *without, sp_err *err)
{
    for (size_t i = 0; i < without->prompt->message_count; i++)
        SP_TRY(count(without, without->prompt->messages[i].text, &without->counted[i], err));
    return SP_OK;
}

sp_status sp_without_init(sp_without *without, const sp_prompt *prompt, sp_err *err)
{
    *without = (sp_without){ .prompt = prompt };
    SP_TRY(sp_counter_new(prompt->encoding, SP_SPECIAL_AS_TEXT, &without->counter, err));
    without->counted = calloc(prompt->message_count + 1, sizeof *without->counted);
    sp_status status = without->counted ? count_messages(without, err) : sp_err_memory(err);
    if (status != SP_OK)
        sp_without_release(without);
    return status;
}

void sp_without_release(sp_without *without)
{
    sp_counter_free(without->counter);
    sp_buf_release(&without->text);
    free(without->counted);
    *without = (sp_without){ 0 };
}

/* Of all messages, where one has another number. */
static size_t tokens_with(const sp_without *without, size_t message, size_t counted)
{
    size_t tokens = 0;
    for (size_t i = 0; i < without->prompt->message_count; i++)
        tokens += sp_tokens_of(without->prompt->encoding, i == message ? counted : without->counted[i]);
    return tokens;
}

static sp_status count_text(sp_without *without, size_t *ret, sp_err *err)
{
    return without->text.failed ? sp_err_memory(err) : count(without, sp_buf_str(&without->text), ret, err);
}

sp_status sp_without_part(sp_without *without, sp_part part, size_t *ret_left, sp_err *err)
{
    const sp_encoding *encoding = without->prompt->encoding;
    sp_str text = without->prompt->messages[part.message].text;
    size_t left = sp_cut_before(encoding, text, part.begin);
    size_t right = part.end + sp_cut_after(encoding, sp_str_slice(text, part.end, text.len), 0);
    size_t before = 0;
    size_t after = 0;
    SP_TRY(count(without, sp_str_slice(text, left, right), &before, err));
    without->text.len = 0;
    sp_buf_add(&without->text, sp_str_slice(text, left, part.begin));
    sp_buf_add(&without->text, sp_str_slice(text, part.end, right));
    SP_TRY(count_text(without, &after, err));
    *ret_left = tokens_with(without, part.message, without->counted[part.message] - before + after);
    return SP_OK;
}

sp_status sp_without_parts(sp_without *without, const sp_part *parts, size_t count, size_t *ret_left, sp_err *err)
{
    size_t next = 0;
    size_t tokens = 0;
    for (size_t i = 0; i < without->prompt->message_count; i++) {
        sp_str text = without->prompt->messages[i].text;
        size_t at = 0;
        size_t counted = 0;
        without->text.len = 0;
        for (; next < count && parts[next].message == i; at = parts[next++].end)
            sp_buf_add(&without->text, sp_str_slice(text, at, parts[next].begin));
        sp_buf_add(&without->text, sp_str_slice(text, at, text.len));
        SP_TRY(count_text(without, &counted, err));
        tokens += sp_tokens_of(without->prompt->encoding, counted);
    }
    *ret_left = tokens;
    return SP_OK;
}
