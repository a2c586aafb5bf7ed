/* calibrate.c - how far an estimate is off on texts of which the user has the counts: count --calibrate. */
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known after all pairs. */
typedef struct tally {
    double *errors; /* of each pair, in percent; room for one a line */
    size_t count;
    size_t within;
    double sum;
    double worst;
    uint64_t worst_line;
} tally;

static sp_str view(const char *text, const char *otherwise)
{
    const char *found = text ? text : otherwise;
    return (sp_str){ found, strlen(found) };
}

static cli_exit bad_pair(const cli_options *options, uint64_t line, uint32_t column, const char *problem)
{
    sp_err err = { .status = SP_ERR_INPUT, .line = (uint32_t)line, .column = column, .rule = "count.calibrate" };
    snprintf(err.path, sizeof err.path, "%.500s",
             strcmp(options->calibrate, "-") == 0 ? "<stdin>" : options->calibrate);
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
    double error = ((double)estimate / tokens - 1) * 100;
    t->errors[t->count++] = fabs(error);
    t->within += tokens >= (double)range.low && tokens <= (double)range.high;
    t->sum += error;
    if (t->count == 1 || fabs(error) > fabs(t->worst)) {
        t->worst = error;
        t->worst_line = line;
    }
}

static cli_exit take_pair(const cli_options *options, sp_counter *counter, sp_str record, uint64_t line, tally *t)
{
    static const char no_text[] = "this record has no such text; --field names the member that holds it";
    static const char no_tokens[] =
        "this record has no whole number of tokens above 0; --tokens-field names the member that holds it";
    sp_record text, tokens;
    sp_err err;
    size_t estimate;
    double counted;
    cli_exit code = CLI_OK;
    char *scratch = malloc(2 * record.len + 1);
    const sp_str_list none = { NULL, 0 };
    err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    if (!scratch)
        return cli_fail(options, &err);
    if (sp_record_read(record, view(options->field, "text"), none, scratch, &text, &err) != SP_OK ||
        sp_record_read(record, view(options->tokens_field, "tokens"), none, scratch + record.len, &tokens, &err) !=
            SP_OK)
        code = bad_pair(options, line, err.column, err.message);
    else if (text.state != SP_RECORD_TEXT)
        code = bad_pair(options, line, 1, no_text);
    else if (!parse_tokens(record, &tokens, &counted))
        code = bad_pair(options, line, 1, no_tokens);
    else if (sp_counter_count(counter, text.text, &estimate, &err) != SP_OK)
        code = cli_fail(options, &err);
    else
        add_pair(t, line, counted, estimate, sp_counter_range(counter));
    free(scratch);
    return code;
}

static cli_exit take_pairs(const cli_options *options, sp_counter *counter, sp_str all, tally *t)
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
            code = take_pair(options, counter, record, line, t);
    }
    return code;
}

/* ---- what is printed ------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static cli_exit report(const cli_options *options, const sp_encoding *encoding, tally *t)
{
    cli_text out = { 0 };
    if (t->count == 0)
        return cli_usage_error("%s holds no pairs: lines such as {\"text\": \"...\", \"tokens\": 12}",
                               options->calibrate);
    qsort(t->errors, t->count, sizeof *t->errors, compare);
    double median = t->errors[t->count / 2], high = t->errors[t->count * 95 / 100], mean = t->sum / (double)t->count;
    const char *name = sp_encoding_name(encoding);
    if (options->json)
        cli_add(&out,
                "{\n  \"schema\": \"sysprompt.calibrate/1\",\n  \"encoding\": \"%s\",\n  \"texts\": %zu,\n"
                "  \"median_percent\": %.2f,\n  \"p95_percent\": %.2f,\n  \"worst_percent\": %.2f,\n"
                "  \"worst_line\": %llu,\n  \"mean_percent\": %.2f,\n  \"within_range\": %zu\n}\n",
                name, t->count, median, high, t->worst, (unsigned long long)t->worst_line, mean, t->within);
    else
        cli_add(&out,
                "%zu texts, estimated by %s\n"
                "error: median %.2f %%, 95th percentile %.2f %%, worst %+.2f %% (line %llu), mean %+.2f %%\n"
                "within the range: %zu (%.1f %%)\n",
                t->count, name, median, high, t->worst, (unsigned long long)t->worst_line, mean, t->within,
                (double)t->within * 100 / (double)t->count);
    return cli_write_text(options, &out);
}

cli_exit cli_calibrate(const cli_options *options, const sp_encoding *encoding)
{
    char *bytes;
    size_t len, lines = 1;
    sp_err err;
    sp_counter *counter = NULL;
    tally t = { 0 };
    if (options->operand_count > 0)
        return cli_usage_error("--calibrate takes its texts from its file; leave out \"%s\"", options->operands[0]);
    if (!encoding || sp_encoding_is_exact(encoding))
        return cli_usage_error("--calibrate needs an estimate to judge: --encoding=claude-v3 or claude-4.7, or --model "
                               "with a Claude model");
    if (sp_file_load(options->calibrate, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    t.errors = malloc(lines * sizeof *t.errors);
    err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    cli_exit code = CLI_OK;
    if (!t.errors || sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err) != SP_OK)
        code = cli_fail(options, &err);
    if (code == CLI_OK)
        code = take_pairs(options, counter, (sp_str){ bytes, len }, &t);
    if (code == CLI_OK)
        code = report(options, encoding, &t);
    sp_counter_free(counter);
    free(t.errors);
    free(bytes);
    return code;
}
