#include "check/meter.h"
#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

void sp_meter_release(sp_meter *meter)
{
    sp_counter_free(meter->counter);
    sp_buf_release(&meter->tail);
    *meter = (sp_meter){ 0 };
}

static sp_status prepare(sp_meter *meter, const sp_encoding *encoding, sp_err *err)
{
    if (meter->encoding == encoding)
        return SP_OK;
    sp_meter_release(meter);
    SP_TRY(sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &meter->counter, err));
    meter->encoding = encoding;
    return SP_OK;
}

/* As the counter has it: the parts of an estimate are finer than tokens, and add up. */
static sp_status count(const sp_meter *meter, sp_str text, sp_counted *sum, sp_err *err)
{
    size_t tokens;
    if (text.len == 0)
        return SP_OK;
    SP_TRY(sp_counter_count(meter->counter, text, &tokens, err));
    sp_counted counted = sp_counter_counted(meter->counter);
    sp_counted_add(sum, &counted);
    return SP_OK;
}

static void add_size(const sp_encoding *encoding, const sp_counted *counted, sp_size *sum)
{
    sp_range range = sp_counted_range(encoding, counted);
    sum->tokens += sp_tokens_of(encoding, counted->tokens);
    sum->range.low += range.low;
    sum->range.high += range.high;
}

static sp_status count_tail(sp_meter *meter, sp_str tail, sp_counted *sum, sp_err *err)
{
    if (!sp_str_eq(sp_buf_str(&meter->tail), tail)) {
        meter->tail.len = 0;
        sp_buf_add(&meter->tail, tail);
        meter->tail_counted = (sp_counted){ 0 };
        if (meter->tail.failed)
            return sp_err_memory(err);
        SP_TRY(count(meter, tail, &meter->tail_counted, err));
    }
    sp_counted_add(sum, &meter->tail_counted);
    return SP_OK;
}

/* Where the instructions begin; the message's end where there are none. */
static size_t find_instructions(const sp_prompt *prompt, const sp_message *message)
{
    size_t at = 0;
    for (size_t i = 0; i < message->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[message->first_segment + i];
        if (segment->role == SP_ROLE_USER)
            return at;
        at += segment->text.len;
    }
    return at;
}

sp_status sp_meter_text(sp_meter *meter, const sp_encoding *encoding, sp_str text, sp_size *ret, sp_err *err)
{
    sp_counted counted = { 0 };
    SP_TRY(prepare(meter, encoding, err));
    SP_TRY(count(meter, text, &counted, err));
    *ret = (sp_size){ 0 };
    add_size(encoding, &counted, ret);
    return SP_OK;
}

sp_status sp_meter_prompt(sp_meter *meter, const sp_encoding *encoding, const sp_prompt *prompt, sp_size *ret,
                          sp_err *err)
{
    SP_TRY(prepare(meter, encoding, err));
    *ret = (sp_size){ 0 };
    for (size_t i = 0; i < prompt->message_count; i++) {
        sp_str text = prompt->messages[i].text;
        size_t cut = sp_cut_after(encoding, text, find_instructions(prompt, &prompt->messages[i]));
        sp_counted counted = { 0 };
        SP_TRY(count(meter, sp_str_slice(text, 0, cut), &counted, err));
        SP_TRY(count_tail(meter, sp_str_slice(text, cut, text.len), &counted, err));
        add_size(encoding, &counted, ret);
    }
    return SP_OK;
}
