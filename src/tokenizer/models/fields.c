/* fields.c - what a file may say of a model, and where that stands in sp_model. */
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"

#include <stddef.h>

#define FIELD(group, name, type, member)                                                                               \
    {                                                                                                                  \
        group, name, #member, type, offsetof(sp_model, member)                                                         \
    }

const sp_model_field sp_model_fields[] = {
    FIELD(NULL, "id", SP_MODEL_TEXT, id),
    FIELD(NULL, "prefix", SP_MODEL_FLAG, is_prefix),
    FIELD(NULL, "aliases", SP_MODEL_NAMES, aliases),
    FIELD("tokenizer", "encoding", SP_MODEL_ENCODING, tokenizer),
    FIELD("tokenizer", "edges", SP_MODEL_EDGES, edges),
    FIELD("tokenizer", "file", SP_MODEL_TEXT, tokenizer_file),
    FIELD("tokenizer", "get", SP_MODEL_TEXT, tokenizer_get),
    FIELD("tokenizer", "verified", SP_MODEL_TEXT, tokenizer_verified),
    FIELD("tokenizer", "as_of", SP_MODEL_DATE, tokenizer_as_of),
    FIELD("tokenizer", "source", SP_MODEL_TEXT, tokenizer_source),
    FIELD("released", "date", SP_MODEL_DATE, released),
    FIELD("released", "as_of", SP_MODEL_DATE, released_as_of),
    FIELD("released", "source", SP_MODEL_TEXT, released_source),
    FIELD("limits", "window_tokens", SP_MODEL_NUMBER, window_tokens),
    FIELD("limits", "output_tokens", SP_MODEL_NUMBER, output_tokens),
    FIELD("limits", "cache_minimum_tokens", SP_MODEL_NUMBER, cache_minimum_tokens),
    FIELD("limits", "as_of", SP_MODEL_DATE, limits_as_of),
    FIELD("limits", "source", SP_MODEL_TEXT, limits_source),
    FIELD("prices", "input", SP_MODEL_PRICE, input_price),
    FIELD("prices", "output", SP_MODEL_PRICE, output_price),
    FIELD("prices", "cache_write_5m", SP_MODEL_PRICE, cache_write_5m_price),
    FIELD("prices", "cache_write_1h", SP_MODEL_PRICE, cache_write_1h_price),
    FIELD("prices", "cache_read", SP_MODEL_PRICE, cache_read_price),
    FIELD("prices", "step_tokens", SP_MODEL_NUMBER, step_tokens),
    FIELD("prices", "step_input", SP_MODEL_PRICE, step_input_price),
    FIELD("prices", "step_output", SP_MODEL_PRICE, step_output_price),
    FIELD("prices", "step_cache_write_5m", SP_MODEL_PRICE, step_cache_write_5m_price),
    FIELD("prices", "step_cache_write_1h", SP_MODEL_PRICE, step_cache_write_1h_price),
    FIELD("prices", "step_cache_read", SP_MODEL_PRICE, step_cache_read_price),
    FIELD("prices", "as_of", SP_MODEL_DATE, prices_as_of),
    FIELD("prices", "source", SP_MODEL_TEXT, prices_source),
    FIELD("request", "frame_tokens", SP_MODEL_NUMBER, frame_tokens),
    FIELD("request", "message_tokens", SP_MODEL_NUMBER, message_tokens),
    FIELD("request", "margin_tokens", SP_MODEL_NUMBER, margin_tokens),
    FIELD("request", "exchange_tokens", SP_MODEL_NUMBER, exchange_tokens),
    FIELD("request", "tools_tokens", SP_MODEL_NUMBER, tools_tokens),
    FIELD("request", "forced_tools_tokens", SP_MODEL_NUMBER, forced_tools_tokens),
    FIELD("request", "function_tokens", SP_MODEL_NUMBER, function_tokens),
    FIELD("request", "as_of", SP_MODEL_DATE, request_as_of),
    FIELD("request", "source", SP_MODEL_TEXT, request_source),
    FIELD("retires", "date", SP_MODEL_DATE, retires),
    FIELD("retires", "not_before", SP_MODEL_DATE, not_before),
    FIELD("retires", "as_of", SP_MODEL_DATE, retires_as_of),
    FIELD("retires", "source", SP_MODEL_TEXT, retires_source),
};
const size_t sp_model_field_count = SP_COUNT_OF(sp_model_fields);

_Static_assert(SP_COUNT_OF(sp_model_fields) <= SP_MODEL_FIELD_ROOM, "a bit for each");
