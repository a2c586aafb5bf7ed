/* caching.c - what of a prompt can be cached: a table for people, sysprompt.cache/1 for scripts, and a request with
 * breakpoints; what two prompts share, sysprompt.prefix/1. */
#include "base/json.h"
#include "base/types.h"
#include "explain/caching/result.h"
#include "model/prompt.h"
#include "report/encodings.h"
#include "report/format.h"
#include "report/parts.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

static const sp_style plain = { 0 };

/* ---- what changes ---------------------------------------------------------------------------------------- */

static const char *name_of_changes(sp_changes changes)
{
    static const char *const names[] = { "never", "when it is written", "every session" };
    return names[changes];
}

static void add_volatile_row(sp_table *table, const sp_prompt *prompt, const sp_volatile *v)
{
    char before[32];
    char behind[32];
    sp_buf place = { 0 };
    size_t rest = prompt->tokens - v->tokens_before;
    if (v->source == SP_NONE)
        sp_buf_add(&place, SP_STR("(sysprompt)"));
    else
        sp_buf_format(&place, "%.*s:%u", SP_STR_ARG(prompt->sources[v->source].path), v->first_line);
    if (v->source != SP_NONE && v->last_line > v->first_line)
        sp_buf_format(&place, "-%u", v->last_line);
    table->out->failed = table->out->failed || place.failed;
    sp_table_row(table, (sp_str[]){ sp_estimate_text(before, prompt->exact, v->tokens_before),
                                    sp_estimate_text(behind, prompt->exact, rest), sp_buf_str(&place),
                                    sp_str_of(v->kind->name),
                                    sp_str_of(v->kind->ends_prefix ? name_of_changes(v->kind->changes) : "perhaps"),
                                    sp_str_of(v->kind->advice) });
    sp_buf_release(&place);
}

enum { MAX_ROWS = 20 }; /* of what only may change, unless all are asked for */

static void add_volatiles(sp_buf *out, const sp_prompt *prompt, const sp_caching *caching, const sp_style *style)
{
    static const sp_column columns[] = { { "kept", true },  { "lost", true },     { "what changes", false },
                                         { "kind", false }, { "changes", false }, { "what to do", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    size_t possible = 0;
    char number[32];
    for (size_t i = 0; i < caching->volatile_count; i++) {
        const sp_volatile *v = &caching->volatiles[i];
        possible += !v->kind->ends_prefix;
        if (v->kind->ends_prefix || possible <= MAX_ROWS || style->shows_all)
            add_volatile_row(&table, prompt, v);
    }
    sp_table_end_apart(&table);
    if (possible > MAX_ROWS && !style->shows_all) {
        sp_buf_add(out, sp_number_text(number, possible - MAX_ROWS));
        sp_buf_add(out, SP_STR(" more places that change perhaps: --all lists them.\n"));
    }
}

/* ---- what it is worth ------------------------------------------------------------------------------------ */

/* A price is in millionths of a dollar for a million tokens. */
static void format_dollars(char buffer[40], uint64_t price, size_t tokens)
{
    snprintf(buffer, 40, "%.6f", (double)price * (double)tokens / 1e12);
}

static void add_price(sp_buf *out, const sp_caching *caching)
{
    char read[40];
    char input[40];
    char write[40];
    if (caching->input_price == 0)
        return;
    format_dollars(input, caching->input_price, caching->stable_tokens);
    format_dollars(read, caching->read_price, caching->stable_tokens);
    format_dollars(write, caching->write_price, caching->stable_tokens);
    sp_buf_format(out, "As input of %s that prefix is $%s a request", caching->model, input);
    if (caching->read_price)
        sp_buf_format(out, ", read from the cache $%s", read);
    else
        sp_buf_add(out, SP_STR("; the price of reading it from the cache is not known"));
    if (caching->write_price)
        sp_buf_format(out, ", and $%s when it is written there", write);
    sp_buf_add(out, SP_STR(".\n"));
}

static void add_minimum(sp_buf *out, const sp_prompt *prompt, const sp_caching *caching)
{
    char number[32];
    size_t low = prompt->tokens ? prompt->range.low * caching->stable_tokens / prompt->tokens : 0;
    size_t high = prompt->tokens ? prompt->range.high * caching->stable_tokens / prompt->tokens : 0;
    if (caching->minimum_is_known)
        sp_buf_format(out, "%s caches prefixes of ", caching->model);
    else if (*caching->model)
        sp_buf_format(out, "The minimum of %s is not known; the largest of any is ", caching->model);
    else
        sp_buf_add(out, SP_STR("No model is known (--model=NAME names one); the largest minimum of any is "));
    sp_buf_add(out, sp_number_text(number, caching->minimum_tokens));
    sp_buf_format(out, " tokens%s: the stable prefix %s; tools stand before it and count too.\n",
                  caching->minimum_is_known ? " and more" : "",
                  low >= caching->minimum_tokens    ? "is long enough"
                  : high >= caching->minimum_tokens ? "may be too short"
                                                    : "alone is too short");
}

static void add_breaks(sp_buf *out, const sp_prompt *prompt, const sp_caching *caching)
{
    char number[32];
    sp_buf_add(out, SP_STR("Breakpoints (build --format=anthropic --cache-breakpoints): "));
    for (size_t i = 0; i < caching->break_count; i++) {
        sp_buf_add(out, i ? SP_STR(", ") : SP_STR("behind "));
        sp_buf_add(out, sp_estimate_text(number, prompt->exact, caching->breaks[i].tokens));
    }
    sp_buf_add(out, caching->break_count ? SP_STR(" tokens.\n") : SP_STR("none.\n"));
}

static void add_text(sp_buf *out, const sp_prompt *prompt, const sp_caching *caching, const sp_style *style)
{
    char number[32];
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, prompt->exact, caching->stable_tokens));
    sp_buf_add(out, SP_STR(" of "));
    sp_buf_add(out, sp_estimate_text(number, prompt->exact, prompt->tokens));
    sp_buf_format(out, " tokens (%s) stand before anything that changes", sp_encoding_name(prompt->encoding));
    if (caching->best_tokens > caching->stable_tokens) {
        sp_buf_add(out, SP_STR("; with what changes at the end "));
        sp_buf_add(out, sp_estimate_text(number, prompt->exact, caching->best_tokens));
        sp_buf_add(out, SP_STR(" would"));
    }
    sp_buf_add(out, SP_STR("\n"));
    sp_part_encoding_note(out, prompt->encoding_note);
    add_minimum(out, prompt, caching);
    add_price(out, caching);
    add_breaks(out, prompt, caching);
    add_volatiles(out, prompt, caching, style);
}

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static void add_json_path(sp_json *json, const sp_prompt *prompt, uint32_t source)
{
    sp_json_path(json, "path", source == SP_NONE ? (sp_str){ NULL, 0 } : prompt->sources[source].path);
}

static void add_json_volatile(sp_json *json, const sp_prompt *prompt, const sp_volatile *v)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "kind", sp_str_of(v->kind->name));
    sp_json_str(json, "changes", sp_str_of(name_of_changes(v->kind->changes)));
    sp_json_bool(json, "ends_prefix", v->kind->ends_prefix);
    sp_json_str(json, "confidence", (sp_str){ &v->kind->confidence, 1 });
    sp_json_str(json, "source", sp_str_of(v->kind->source));
    sp_json_str(json, "advice", sp_str_of(v->kind->advice));
    add_json_path(json, prompt, v->source);
    sp_part_lines(json, v->first_line, v->last_line);
    sp_json_uint(json, "message", v->message);
    sp_json_pair(json, "bytes", v->begin, v->end);
    sp_json_uint(json, "tokens", v->tokens);
    sp_json_uint(json, "tokens_before", v->tokens_before);
    sp_json_uint(json, "tokens_behind", prompt->tokens - v->tokens_before);
    sp_json_end(json);
}

static void add_json_dollars(sp_json *json, const char *key, uint64_t price, size_t tokens)
{
    char number[40];
    format_dollars(number, price, tokens);
    if (price)
        sp_json_number(json, key, sp_str_of(number));
    else
        sp_json_null(json, key);
}

static void add_json(sp_buf *out, const sp_prompt *prompt, const sp_caching *caching)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.cache/1"));
    sp_part_agent(&json, prompt);
    sp_part_count(&json, prompt);
    sp_json_uint(&json, "stable_tokens", caching->stable_tokens);
    sp_json_uint(&json, "best_tokens", caching->best_tokens);
    sp_json_str(&json, "model", *caching->model ? sp_str_of(caching->model) : (sp_str){ NULL, 0 });
    sp_json_uint_or_null(&json, "minimum_tokens", caching->minimum_is_known ? caching->minimum_tokens : 0);
    add_json_dollars(&json, "input_dollars", caching->input_price, caching->stable_tokens);
    add_json_dollars(&json, "read_dollars", caching->read_price, caching->stable_tokens);
    add_json_dollars(&json, "write_dollars", caching->write_price, caching->stable_tokens);
    sp_json_begin(&json, "breakpoints", '[');
    for (size_t i = 0; i < caching->break_count; i++) {
        sp_json_begin_line(&json, NULL, '{');
        sp_json_uint(&json, "message", caching->breaks[i].message);
        sp_json_uint(&json, "end", caching->breaks[i].end);
        sp_json_uint(&json, "tokens", caching->breaks[i].tokens);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_begin(&json, "volatile", '[');
    for (size_t i = 0; i < caching->volatile_count; i++)
        add_json_volatile(&json, prompt, &caching->volatiles[i]);
    sp_json_end(&json);
    sp_json_end(&json);
}

/* ---- a request ------------------------------------------------------------------------------------------- */

static void add_block(sp_json *json, sp_str text, bool is_break)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "type", SP_STR("text"));
    sp_json_str(json, "text", text);
    if (is_break) {
        sp_json_begin_line(json, "cache_control", '{');
        sp_json_str(json, "type", SP_STR("ephemeral"));
        sp_json_end(json);
    }
    sp_json_end(json);
}

/* The text of a message, a block up to each breakpoint and one for the rest. */
static void add_blocks(sp_json *json, const sp_prompt *prompt, size_t message, const sp_caching *caching)
{
    sp_str text = prompt->messages[message].text;
    size_t at = 0;
    for (size_t i = 0; i < caching->break_count; i++) {
        if (caching->breaks[i].message != message)
            continue;
        add_block(json, sp_str_slice(text, at, caching->breaks[i].end), true);
        at = caching->breaks[i].end;
    }
    if (at < text.len)
        add_block(json, sp_str_slice(text, at, text.len), false);
}

static void add_request(sp_buf *out, const sp_prompt *prompt, const sp_caching *caching)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_begin(&json, "system", '[');
    for (size_t i = 0; i < prompt->message_count; i++)
        if (prompt->messages[i].role == SP_ROLE_SYSTEM)
            add_blocks(&json, prompt, i, caching);
    sp_json_end(&json);
    sp_json_begin(&json, "messages", '[');
    for (size_t i = 0; i < prompt->message_count; i++) {
        if (prompt->messages[i].role != SP_ROLE_USER)
            continue;
        sp_json_begin(&json, NULL, '{');
        sp_json_str(&json, "role", sp_name_of_role(SP_ROLE_USER));
        sp_json_begin(&json, "content", '[');
        add_blocks(&json, prompt, i, caching);
        sp_json_end(&json);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_end(&json);
}

sp_status sp_caching_render(const sp_prompt *prompt, const sp_caching *caching, sp_format format, const sp_style *style,
                            char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    if (format == SP_FORMAT_TEXT)
        add_text(&out, prompt, caching, style ? style : &plain);
    else if (format == SP_FORMAT_JSON)
        add_json(&out, prompt, caching);
    else if (format == SP_FORMAT_ANTHROPIC)
        add_request(&out, prompt, caching);
    else
        return sp_err_set(err, SP_ERR_USAGE, "what can be cached has no format %d", (int)format);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

/* ---- two prompts ----------------------------------------------------------------------------------------- */

/* A line may be of any length: of a long one what stands beside the byte. */
static void add_line_around(sp_buf *out, sp_str text, size_t offset)
{
    enum { LONG = 240, BEFORE = 40, BEHIND = 80 }; /* bytes, and what completes a character */
    sp_str line = sp_line_at(text, offset);
    size_t at = (size_t)(text.ptr + offset - line.ptr);
    bool is_long = line.len > LONG;
    size_t begin = is_long && at > BEFORE ? at - BEFORE : 0;
    size_t end = is_long && line.len > at + BEHIND ? at + BEHIND : line.len;
    while (begin > 0 && !sp_utf8_begins(line.ptr[begin]))
        begin--;
    while (end < line.len && !sp_utf8_begins(line.ptr[end]))
        end++;
    if (line.len == 0)
        sp_buf_add(out, SP_STR("(blank line)"));
    sp_buf_add(out, begin > 0 ? SP_STR("...") : SP_STR(""));
    sp_table_text(out, sp_str_slice(line, begin, end));
    sp_buf_add(out, end < line.len ? SP_STR("...") : SP_STR(""));
}

static void add_side(sp_buf *out, const sp_prompt *prompt, const sp_prefix_side *side, const char *name)
{
    sp_buf_format(out, "%s ", name);
    if (side->message >= prompt->message_count) {
        sp_buf_add(out, SP_STR("ends there\n"));
        return;
    }
    if (side->source != SP_NONE) {
        sp_table_text(out, prompt->sources[side->source].path);
        sp_buf_format(out, ":%u:%u, ", side->line, side->column);
    }
    sp_str text = prompt->messages[side->message].text;
    sp_buf_format(out, "line %u, byte %zu of the %.*s message", side->output_line, side->offset,
                  SP_STR_ARG(sp_name_of_role(prompt->messages[side->message].role)));
    if (side->is_end) {
        sp_buf_add(out, SP_STR(", which ends there\n"));
        return;
    }
    sp_buf_add(out, SP_STR(": "));
    add_line_around(out, text, side->offset);
    sp_buf_add_char(out, '\n');
}

static void add_shared(sp_buf *out, const sp_prompt *prompt, const sp_prompt *other, sp_str other_name,
                       const sp_prefix *shared, const sp_style *style)
{
    char number[32];
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_estimate_text(number, prompt->exact, shared->tokens));
    sp_buf_add(out, SP_STR(" of "));
    sp_buf_add(out, sp_estimate_text(number, prompt->exact, prompt->tokens));
    sp_buf_format(out, " tokens (%s) and ", sp_encoding_name(prompt->encoding));
    sp_buf_add(out, sp_number_text(number, shared->bytes));
    sp_buf_add(out, SP_STR(" bytes are the beginning of "));
    sp_table_text(out, other_name);
    sp_buf_add(out,
               shared->is_same ? SP_STR(" too: the two are the same\n") : SP_STR(" too; the first other byte:\n\n"));
    if (shared->is_same)
        return;
    add_side(out, prompt, &shared->here, "here ");
    add_side(out, other, &shared->there, "there");
}

static void add_json_side(sp_json *json, const char *key, const sp_prompt *prompt, const sp_prefix_side *side)
{
    bool is_there = side->message < prompt->message_count;
    if (!is_there) {
        sp_json_null(json, key);
        return;
    }
    sp_json_begin_line(json, key, '{');
    add_json_path(json, prompt, side->source);
    sp_json_uint_or_null(json, "line", side->line);
    sp_json_uint_or_null(json, "column", side->column);
    sp_json_uint(json, "message", side->message);
    sp_json_uint(json, "byte", side->offset);
    sp_json_uint(json, "output_line", side->output_line);
    sp_json_bool(json, "ends", side->is_end);
    sp_json_end(json);
}

static void add_shared_json(sp_buf *out, const sp_prompt *prompt, const sp_prompt *other, sp_str other_name,
                            const sp_prefix *shared)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.prefix/1"));
    sp_json_str(&json, "against", other_name);
    sp_part_encoding(&json, prompt->encoding, prompt->exact, prompt->encoding_note);
    sp_json_uint(&json, "tokens", prompt->tokens);
    sp_json_bool(&json, "same", shared->is_same);
    sp_json_uint(&json, "shared_bytes", shared->bytes);
    sp_json_uint(&json, "shared_tokens", shared->tokens);
    if (shared->is_same) {
        sp_json_null(&json, "here");
        sp_json_null(&json, "there");
    } else {
        add_json_side(&json, "here", prompt, &shared->here);
        add_json_side(&json, "there", other, &shared->there);
    }
    sp_json_end(&json);
}

sp_status sp_prefix_render(const sp_prompt *prompt, const sp_prompt *other, sp_str other_name, const sp_prefix *shared,
                           sp_format format, const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "what two prompts share has no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        add_shared_json(&out, prompt, other, other_name, shared);
    else
        add_shared(&out, prompt, other, other_name, shared, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
