/* models.c - what is known of models: a table for people, sysprompt.models/1 for scripts. */
#include "base/json.h"
#include "base/types.h"
#include "report/format.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "tokenizer/models/model.h"

#include <stdio.h>

enum { MILLION = 1000000, PRICE_SIZE = 32 };

/* Millionths of a dollar as "6.25" or "0.125"; nothing for 0. */
static sp_str price_text(char buffer[PRICE_SIZE], uint64_t price)
{
    if (price == 0)
        return SP_STR("");
    int len = snprintf(buffer, PRICE_SIZE, "%llu.%06llu", (unsigned long long)(price / MILLION),
                       (unsigned long long)(price % MILLION));
    while (buffer[len - 1] == '0' && buffer[len - 3] != '.')
        len--;
    return (sp_str){ buffer, (size_t)len };
}

/* ---- the table ------------------------------------------------------------------------------------- */

static sp_str number_text(char buffer[32], uint64_t number)
{
    return number ? sp_number_text(buffer, number) : SP_STR("");
}

static void add_names(sp_buf *out, const sp_model *model)
{
    sp_buf_add(out, SP_MODEL_STR(model, id));
    if (model->is_prefix)
        sp_buf_add_char(out, '*');
    sp_str alias = { NULL, 0 };
    while ((alias = sp_model_next_alias(model, alias)).ptr)
        sp_buf_format(out, ", %.*s", SP_STR_ARG(alias));
}

static void add_row(sp_table *table, const sp_model *model)
{
    char window[32], output[32], cached[32], input_price[PRICE_SIZE], output_price[PRICE_SIZE];
    sp_buf names = { 0 };
    sp_buf retires = { 0 };
    add_names(&names, model);
    if (SP_MODEL_STR(model, retires).ptr)
        sp_buf_add(&retires, SP_MODEL_STR(model, retires));
    else if (SP_MODEL_STR(model, not_before).ptr)
        sp_buf_format(&retires, "not before %.*s", SP_STR_ARG(SP_MODEL_STR(model, not_before)));
    sp_str tokenizer =
        SP_MODEL_STR(model, tokenizer).ptr ? SP_MODEL_STR(model, tokenizer) : SP_MODEL_STR(model, tokenizer_file);
    table->out->failed = table->out->failed || names.failed || retires.failed;
    sp_table_row(table, (sp_str[]){ sp_buf_str(&names), tokenizer, number_text(window, model->window_tokens),
                                    number_text(output, model->output_tokens),
                                    number_text(cached, model->cache_minimum_tokens),
                                    price_text(input_price, model->input_price),
                                    price_text(output_price, model->output_price), sp_buf_str(&retires) });
    sp_buf_release(&names);
    sp_buf_release(&retires);
}

static void add_table(sp_buf *out, const sp_models *models, const sp_style *style)
{
    static const sp_column columns[] = { { "model", false }, { "tokenizer", false },  { "window", true },
                                         { "output", true }, { "cached from", true }, { "$ in", true },
                                         { "$ out", true },  { "retires", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    const sp_model *model;
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++)
        add_row(&table, model);
    sp_table_end(&table);
    sp_buf_add(out, SP_STR("Sizes are tokens, prices US dollars a million tokens; --json has when and where each was "
                           "looked up.\n"));
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void add_price(sp_json *json, const char *key, uint64_t price)
{
    char buffer[PRICE_SIZE];
    if (price)
        sp_json_number(json, key, price_text(buffer, price));
    else
        sp_json_null(json, key);
}

static void end_group(sp_json *json, sp_str as_of, sp_str source)
{
    sp_json_str(json, "as_of", as_of);
    sp_json_str(json, "source", source);
    sp_json_end(json);
}

static void add_limits(sp_json *json, const sp_model *model)
{
    sp_json_begin_line(json, "limits", '{');
    sp_json_uint_or_null(json, "window_tokens", model->window_tokens);
    sp_json_uint_or_null(json, "output_tokens", model->output_tokens);
    sp_json_uint_or_null(json, "cache_minimum_tokens", model->cache_minimum_tokens);
    end_group(json, SP_MODEL_STR(model, limits_as_of), SP_MODEL_STR(model, limits_source));
}

static void add_request(sp_json *json, const sp_model *model)
{
    sp_json_begin_line(json, "request", '{');
    sp_json_uint_or_null(json, "frame_tokens", model->frame_tokens);
    sp_json_uint_or_null(json, "message_tokens", model->message_tokens);
    sp_json_uint_or_null(json, "margin_tokens", model->margin_tokens);
    sp_json_uint_or_null(json, "exchange_tokens", model->exchange_tokens);
    sp_json_uint_or_null(json, "tools_tokens", model->tools_tokens);
    sp_json_uint_or_null(json, "forced_tools_tokens", model->forced_tools_tokens);
    sp_json_uint_or_null(json, "function_tokens", model->function_tokens);
    end_group(json, SP_MODEL_STR(model, request_as_of), SP_MODEL_STR(model, request_source));
}

static void add_prices(sp_json *json, const sp_model *model)
{
    sp_json_begin_line(json, "prices", '{');
    add_price(json, "input", model->input_price);
    add_price(json, "output", model->output_price);
    add_price(json, "cache_write_5m", model->cache_write_5m_price);
    add_price(json, "cache_write_1h", model->cache_write_1h_price);
    add_price(json, "cache_read", model->cache_read_price);
    sp_json_uint_or_null(json, "step_tokens", model->step_tokens);
    add_price(json, "step_input", model->step_input_price);
    add_price(json, "step_output", model->step_output_price);
    add_price(json, "step_cache_write_5m", model->step_cache_write_5m_price);
    add_price(json, "step_cache_write_1h", model->step_cache_write_1h_price);
    add_price(json, "step_cache_read", model->step_cache_read_price);
    end_group(json, SP_MODEL_STR(model, prices_as_of), SP_MODEL_STR(model, prices_source));
}

static void add_model(sp_json *json, const sp_model *model)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "id", SP_MODEL_STR(model, id));
    sp_json_bool(json, "prefix", model->is_prefix);
    sp_json_begin_line(json, "aliases", '[');
    sp_str alias = { NULL, 0 };
    while ((alias = sp_model_next_alias(model, alias)).ptr)
        sp_json_str(json, NULL, alias);
    sp_json_end(json);
    sp_json_begin_line(json, "tokenizer", '{');
    sp_json_str(json, "encoding", SP_MODEL_STR(model, tokenizer));
    sp_json_str(json, "edges", SP_MODEL_STR(model, edges));
    sp_json_str(json, "file", SP_MODEL_STR(model, tokenizer_file));
    sp_json_str(json, "get", SP_MODEL_STR(model, tokenizer_get));
    sp_json_str(json, "verified", SP_MODEL_STR(model, tokenizer_verified));
    end_group(json, SP_MODEL_STR(model, tokenizer_as_of), SP_MODEL_STR(model, tokenizer_source));
    sp_json_begin_line(json, "released", '{');
    sp_json_str(json, "date", SP_MODEL_STR(model, released));
    end_group(json, SP_MODEL_STR(model, released_as_of), SP_MODEL_STR(model, released_source));
    add_limits(json, model);
    add_request(json, model);
    add_prices(json, model);
    sp_json_begin_line(json, "retires", '{');
    sp_json_str(json, "date", SP_MODEL_STR(model, retires));
    sp_json_str(json, "not_before", SP_MODEL_STR(model, not_before));
    end_group(json, SP_MODEL_STR(model, retires_as_of), SP_MODEL_STR(model, retires_source));
    sp_json_end(json);
}

static void add_json(sp_buf *out, const sp_models *models)
{
    sp_json json = { .out = out };
    const sp_model *model;
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.models/1"));
    sp_json_str(&json, "as_of", sp_models_as_of());
    sp_json_begin(&json, "models", '[');
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++)
        add_model(&json, model);
    sp_json_end(&json);
    sp_json_end(&json);
}

sp_status sp_models_render(const sp_models *models, sp_format format, const sp_style *style, char **ret_bytes,
                           size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { .width_columns = 80 };
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "models have no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        add_json(&out, models);
    else
        add_table(&out, models, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
