#include "attribute/attribute.h"

#include "base/types.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

/* Both lists run from left to right, so one walk over them is enough. */
static sp_status share_exactly(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                               size_t *ret_tokens, size_t *ret_total, sp_err *err)
{
    uint32_t *token_ends;
    size_t part = 0;
    size_t token_begin = 0;
    SP_TRY(sp_token_ends(encoding, text, SP_SPECIAL_AS_TEXT, &token_ends, ret_total, err));
    memset(ret_tokens, 0, count * sizeof *ret_tokens);
    for (size_t i = 0; i < *ret_total; token_begin = token_ends[i++]) {
        while (token_begin >= ends[part])
            part++;
        ret_tokens[part]++;
    }
    free(token_ends);
    return SP_OK;
}

sp_status sp_attribute_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                              size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err)
{
    if (!sp_encoding_is_exact(encoding))
        return sp_estimate_shares(encoding, text, ends, count, ret_tokens, ret_total, ret_range, err);
    SP_TRY(share_exactly(encoding, text, ends, count, ret_tokens, ret_total, err));
    *ret_range = (sp_range){ *ret_total, *ret_total };
    return SP_OK;
}

static sp_status count_message(const sp_encoding *encoding, sp_prompt *prompt, sp_message *message, sp_err *err)
{
    sp_range range = { 0, 0 };
    size_t *ends = calloc(2 * (message->segment_count + 1), sizeof *ends);
    size_t end = 0;
    sp_segment *segments = prompt->segments + message->first_segment;
    if (!ends)
        return sp_err_memory(err);
    size_t *tokens = ends + message->segment_count + 1;
    for (size_t i = 0; i < message->segment_count; i++)
        ends[i] = end += segments[i].text.len;
    sp_status status = sp_attribute_shares(encoding, message->text, ends, message->segment_count, tokens,
                                           &message->tokens, &range, err);
    for (size_t i = 0; i < message->segment_count && status == SP_OK; i++)
        segments[i].tokens = tokens[i];
    free(ends);
    prompt->tokens += message->tokens;
    prompt->range.low += range.low;
    prompt->range.high += range.high;
    return status;
}

static void sum_up(sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[i];
        if (segment->source == SP_NONE)
            prompt->generated_tokens += segment->tokens;
        else
            prompt->sources[segment->source].tokens += segment->tokens;
    }
}

/* All by one counter: one for each would ask the system for its pages and give them back ten thousand times. */
static sp_status count_cuts(const sp_encoding *encoding, sp_prompt *prompt, sp_err *err)
{
    sp_counter *counter = NULL;
    sp_status status = SP_OK;
    for (size_t i = 0; i < prompt->cut_count && status == SP_OK; i++) {
        sp_cut *cut = &prompt->cuts[i];
        const sp_source *source = &prompt->sources[cut->source];
        if (!source->was_read)
            continue;
        if (!counter)
            status = sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, err);
        if (status == SP_OK)
            status = sp_counter_count(counter, sp_str_slice(source->bytes, cut->begin, cut->end), &cut->tokens, err);
        cut->tokens_known = status == SP_OK;
    }
    sp_counter_free(counter);
    return status;
}

const sp_model *sp_attribute_target(const sp_request *request, sp_str own)
{
    sp_str name = request->model ? sp_str_of(request->model) : own;
    return name.ptr ? sp_model_find(request->models, name) : NULL;
}

const sp_encoding *sp_attribute_encoding_of(const sp_model *model)
{
    return model ? sp_encoding_find(SP_MODEL_STR(model, tokenizer)) : NULL;
}

static const sp_encoding *encoding_named(const sp_request *request, sp_str own)
{
    return request->encoding ? request->encoding : sp_attribute_encoding_of(sp_attribute_target(request, own));
}

/* Of the client's default model, as --models may have another one. */
static const sp_encoding *encoding_of_client(const sp_request *request, const sp_client *client)
{
    const sp_model *model =
        client->default_model ? sp_model_find(request->models, sp_str_of(client->default_model)) : NULL;
    return model ? sp_attribute_encoding_of(model) : sp_encoding_find(sp_str_of(client->default_encoding));
}

sp_counted_with sp_attribute_choose(const sp_request *request, const sp_profile *profile, sp_str own)
{
    sp_counted_with chosen = { .encoding = encoding_named(request, own) };
    if (!chosen.encoding) {
        chosen.encoding = encoding_of_client(request, profile->client);
        chosen.note = sp_str_of(profile->client->encoding_note);
    }
    return chosen;
}

const sp_encoding *sp_attribute_other(const sp_request *request, const sp_profile *profile, const sp_encoding *encoding,
                                      sp_str own)
{
    const sp_encoding *alone = sp_attribute_choose(request, profile, own).encoding;
    return alone == encoding ? NULL : alone;
}

sp_status sp_attribute(const sp_encoding *encoding, sp_prompt *prompt, sp_err *err)
{
    prompt->encoding = encoding;
    prompt->exact = sp_encoding_is_exact(encoding);
    for (size_t i = 0; i < prompt->message_count; i++)
        SP_TRY(count_message(encoding, prompt, &prompt->messages[i], err));
    SP_TRY(count_cuts(encoding, prompt, err));
    sum_up(prompt);
    return SP_OK;
}
