/* calibrate.c - how far an estimate is off on texts of which the user has the counts: count --calibrate. */
#include "base/file.h"
#include "base/record.h"
#include "base/types.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "remote/provider.h"
#include "report/reports.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known after all pairs. */
typedef struct tally {
    sp_calibration known; /* but for median and the like */
    double *errors;       /* of each pair, in percent; room for one a line */
    double sum;
} tally;

/* How pairs are taken. */
typedef struct judge {
    const cli_options *options;
    sp_counter *counter;
    sp_api *api; /* NULL without --via: every pair has its tokens */
    size_t frame_tokens;
} judge;

static sp_str view(const char *text, const char *otherwise)
{
    const char *found = text ? text : otherwise;
    return (sp_str){ found, strlen(found) };
}

static void name_file(const cli_options *options, sp_err *err)
{
    snprintf(err->path, sizeof err->path, "%.500s",
             strcmp(options->calibrate, "-") == 0 ? "<stdin>" : options->calibrate);
}

static cli_exit bad_pair(const cli_options *options, uint64_t line, uint32_t column, const char *problem)
{
    sp_err err = { .status = SP_ERR_INPUT, .line = (uint32_t)line, .column = column, .rule = "count.calibrate" };
    name_file(options, &err);
    snprintf(err.message, sizeof err.message, "%.1000s", problem);
    return cli_fail(options, &err);
}

static bool parse_tokens(sp_str record, const sp_record *found, double *ret)
{
    size_t at = found->at, digits = 0;
    *ret = 0;
    for (; at < record.len && record.ptr[at] >= '0' && record.ptr[at] <= '9' && digits < 15; at++, digits++)
        *ret = *ret * 10 + (record.ptr[at] - '0');
    bool is_whole = at == record.len || !strchr("0123456789.eE", record.ptr[at]);
    return found->state == SP_RECORD_NO_TEXT && digits > 0 && is_whole && *ret > 0;
}

static void add_pair(tally *t, uint64_t line, double tokens, size_t estimate, sp_range range)
{
    sp_calibration *known = &t->known;
    double error = ((double)estimate / tokens - 1) * 100;
    t->errors[known->text_count++] = fabs(error);
    known->within_count += tokens >= (double)range.low && tokens <= (double)range.high;
    t->sum += error;
    if (known->text_count == 1 || fabs(error) > fabs(known->worst_percent)) {
        known->worst_percent = error;
        known->worst_line = line;
    }
}

static void note_count(sp_calibration *known, const sp_api_count *count)
{
    if (known->asked_count++ == 0 || strcmp(count->counted_on, known->counted_from) < 0)
        memcpy(known->counted_from, count->counted_on, sizeof known->counted_from);
    if (strcmp(count->counted_on, known->counted_until) > 0)
        memcpy(known->counted_until, count->counted_on, sizeof known->counted_until);
    memcpy(known->model, count->model, sizeof known->model);
}

/* Of the provider's rules, those that speak of the endpoint do not speak of the text. */
static bool is_about_text(const sp_err *err)
{
    return strncmp(err->rule, "api.", 4) == 0 && strcmp(err->rule, "api.endpoint") != 0;
}

/* Lets the provider count a pair's text. The frame of the request is not part of the text. */
static cli_exit ask(const judge *j, sp_str text, uint64_t line, sp_calibration *known, double *ret)
{
    const cli_options *options = j->options;
    sp_api_count count;
    sp_err err;
    if (sp_api_count_text(j->api, view(options->model, ""), text, &count, &err) != SP_OK) {
        if (is_about_text(&err)) {
            err.line = (uint32_t)line;
            err.column = 1;
            name_file(options, &err);
        }
        return cli_fail(options, &err);
    }
    if (count.tokens <= j->frame_tokens)
        return bad_pair(options, line, 1, "the endpoint counts no token more than the frame of a request has");
    note_count(known, &count);
    *ret = (double)(count.tokens - j->frame_tokens);
    return CLI_OK;
}

static cli_exit judge_pair(const judge *j, sp_str record, uint64_t line, const sp_record *text, const sp_record *tokens,
                           tally *t)
{
    static const char no_text[] = "this record has no such text; --field names the member that holds it";
    static const char no_tokens[] =
        "this record has no whole number of tokens above 0; --tokens-field names the member "
        "that holds it, and where there is none, --via=anthropic asks for it";
    size_t estimate;
    double counted = 0;
    sp_err err;
    cli_exit code = CLI_OK;
    if (text->state != SP_RECORD_TEXT)
        return bad_pair(j->options, line, 1, no_text);
    if (j->api && tokens->state == SP_RECORD_NO_FIELD)
        code = ask(j, text->text, line, &t->known, &counted);
    else if (!parse_tokens(record, tokens, &counted))
        return bad_pair(j->options, line, 1, no_tokens);
    if (code != CLI_OK)
        return code;
    if (sp_counter_count(j->counter, text->text, &estimate, &err) != SP_OK)
        return cli_fail(j->options, &err);
    add_pair(t, line, counted, estimate, sp_counter_range(j->counter));
    return CLI_OK;
}

static cli_exit take_pair(const judge *j, sp_str record, uint64_t line, tally *t)
{
    sp_record text, tokens;
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    const cli_options *options = j->options;
    char *scratch = malloc(2 * record.len + 1);
    const sp_str_list none = { NULL, 0 };
    cli_exit code;
    if (!scratch)
        return cli_fail(options, &err);
    if (sp_record_read(record, view(options->field, "text"), none, scratch, &text, &err) != SP_OK ||
        sp_record_read(record, view(options->tokens_field, "tokens"), none, scratch + record.len, &tokens, &err) !=
            SP_OK)
        code = bad_pair(options, line, err.column, err.message);
    else
        code = judge_pair(j, record, line, &text, &tokens, t);
    free(scratch);
    return code;
}

static cli_exit take_pairs(const judge *j, sp_str all, tally *t)
{
    uint64_t line = 0;
    cli_exit code = CLI_OK;
    for (size_t at = 0, end; at < all.len && code == CLI_OK; at = end + 1) {
        const char *found = memchr(all.ptr + at, '\n', all.len - at);
        end = found ? (size_t)(found - all.ptr) : all.len;
        line++;
        sp_str record = { all.ptr + at, end - at };
        while (record.len > 0 && strchr(" \t\r", record.ptr[record.len - 1]))
            record.len--;
        if (record.len > 0)
            code = take_pair(j, record, line, t);
    }
    return code;
}

/* ---- what is printed ------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static cli_exit report(const cli_options *options, tally *t)
{
    sp_calibration *known = &t->known;
    size_t count = known->text_count, len;
    char *bytes;
    sp_err err;
    if (count == 0)
        return cli_usage_error(options, "%s holds no pairs: lines such as {\"text\": \"...\", \"tokens\": 12}",
                               options->calibrate);
    qsort(t->errors, count, sizeof *t->errors, compare);
    known->median_percent = (t->errors[(count - 1) / 2] + t->errors[count / 2]) / 2;
    known->p95_percent = t->errors[count * 95 / 100];
    known->mean_percent = t->sum / (double)count;
    if (sp_calibration_render(known, cli_format(options), &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? report(&as_json, t) : code;
}

static cli_exit judge_all(judge *j, const sp_encoding *encoding, sp_str all)
{
    size_t lines = 1;
    tally t = { .known = { .encoding = encoding, .asks_provider = j->options->via } };
    for (size_t i = 0; i < all.len; i++)
        lines += all.ptr[i] == '\n';
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    t.errors = malloc(lines * sizeof *t.errors);
    cli_exit code = CLI_OK;
    if (!t.errors || sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &j->counter, &err) != SP_OK)
        code = cli_fail(j->options, &err);
    if (code == CLI_OK)
        code = take_pairs(j, all, &t);
    if (code == CLI_OK)
        code = report(j->options, &t);
    sp_counter_free(j->counter);
    free(t.errors);
    return code;
}

/* The way to the provider, and what of its counts is no text. */
static cli_exit open_api(judge *j, cli_api *api)
{
    const cli_options *options = j->options;
    if (options->via && !options->model)
        return cli_usage_error(options, "--via needs to know for which model to count: --model=NAME");
    cli_exit code = cli_api_open(options, api);
    const sp_model *model = code == CLI_OK && api->api ? sp_model_find(api->models, view(options->model, "")) : NULL;
    j->api = api->api;
    j->frame_tokens = model ? (size_t)model->frame_tokens : 0;
    if (model && j->frame_tokens == 0)
        return cli_usage_error(options,
                               "--calibrate cannot take the frame of a request off the counts of %s: it is not known",
                               options->model);
    return code;
}

cli_exit cli_calibrate(const cli_options *options, const sp_encoding *encoding)
{
    char *bytes;
    size_t len;
    sp_err err;
    judge j = { .options = options };
    cli_api api = { 0 };
    if (options->operand_count > 0)
        return cli_usage_error(options, "--calibrate takes its texts from its file; leave out \"%s\"",
                               options->operands[0]);
    if (!encoding || sp_encoding_is_exact(encoding))
        return cli_usage_error(options,
                               "--calibrate needs an estimate to judge: --encoding=claude-v3 or claude-4.7, --model "
                               "with a Claude model, or --tokenizer with ctok's data");
    if (cli_load_named(options, options->calibrate, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = open_api(&j, &api);
    if (code == CLI_OK)
        code = judge_all(&j, encoding, (sp_str){ bytes, len });
    cli_api_close(&api);
    free(bytes);
    return code;
}
