/* diff.c - what grew between two sides, by file and heading, and whether it grew too much. */
#include "base/types.h"
#include "commands/commands.h"
#include "diff/result.h"
#include "model/request.h"
#include "report/format.h"
#include "report/reports.h"
#include "workspace/products.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 20 }; /* for people, of files and in each file, unless --rows says otherwise */

/* ---- --fail-over ------------------------------------------------------------------------------------ */

typedef struct allowance {
    bool is_set;
    bool is_percent;
    uint64_t thousandths; /* of a token, or of one in a hundred */
} allowance;

enum { MAX_THOUSANDTHS = 1000000000 }; /* so that nothing overflows: a million tokens, or per cent */

/* "+200", "200", "+5%", "2.5%" */
static bool parse_allowance(const char *text, allowance *ret)
{
    uint64_t value = 0;
    unsigned decimals = 0;
    const char *at = text + (*text == '+');
    const char *point = NULL;
    if (*at < '0' || *at > '9')
        return false;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = at;
            continue;
        }
        if (value > UINT32_MAX || (point && ++decimals > 3))
            return false;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    for (; decimals < 3; decimals++)
        value *= 10;
    if (value > MAX_THOUSANDTHS)
        return false;
    *ret = (allowance){ true, *at == '%', value };
    return at[*at == '%'] == '\0' && (*at == '%' || !point);
}

static bool is_over(const allowance *allowed, const sp_diff_prompt *prompt)
{
    if (!allowed->is_set || prompt->new_tokens <= prompt->old_tokens)
        return false;
    uint64_t growth = prompt->new_tokens - prompt->old_tokens;
    if (allowed->is_percent)
        return growth * 100000 > allowed->thousandths * prompt->old_tokens;
    return growth * 1000 > allowed->thousandths;
}

/* There is nothing that it could have grown by a part of. */
static cli_exit note_new_agent(const cli_options *options, const sp_diff_prompt *prompt, cli_exit code)
{
    cli_exit noted = cli_note(
        options, "agent %.*s is new, with %s%zu tokens; --fail-over=%s is no limit for it, as +N is",
        (int)prompt->agent.len, prompt->agent.ptr, prompt->exact ? "" : "~", prompt->new_tokens, options->fail_over);
    return noted == CLI_OK ? code : noted;
}

static cli_exit judge(const cli_options *options, const allowance *allowed, const sp_diff *diff)
{
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < diff->prompt_count && code != CLI_SYSTEM; i++) {
        const sp_diff_prompt *prompt = &diff->prompts[i];
        sp_err err = { .status = SP_ERR_INPUT };
        if (!is_over(allowed, prompt))
            continue;
        if (allowed->is_percent && prompt->change == SP_CHANGE_NEW) {
            code = note_new_agent(options, prompt, code);
            continue;
        }
        snprintf(err.message, sizeof err.message, "%s%.*s grew by %s%zu tokens, and --fail-over allows %s",
                 prompt->agent.ptr ? "agent " : "the main session", (int)prompt->agent.len,
                 prompt->agent.ptr ? prompt->agent.ptr : "", prompt->exact ? "" : "~",
                 prompt->new_tokens - prompt->old_tokens, options->fail_over);
        code = cli_fail(options, &err) == CLI_SYSTEM ? CLI_SYSTEM : CLI_FINDING;
    }
    return code;
}

/* What options say in numbers. */
typedef struct limits {
    allowance growth;
    size_t rows;
    size_t request; /* of a recording, from 1; 0: none is named */
} limits;

/* ---- the command ------------------------------------------------------------------------------------ */

static cli_exit print(const cli_options *options, size_t rows, const sp_diff *diff)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_diff_options view = { .max_rows = rows };
    sp_format format = options->json         ? SP_FORMAT_JSON
                       : options->format < 0 ? SP_FORMAT_TEXT
                                             : (sp_format)options->format;
    if (sp_diff_render(diff, format, &view, &style, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? print(&as_json, rows, diff) : code;
}

static cli_exit compare(const cli_options *options, const sp_request *request, const limits *allowed)
{
    const sp_diff_request wanted = {
        .request = request,
        .old_base = options->operand_count > 0 ? options->operands[0] : NULL,
        .new_base = options->operand_count > 1 ? options->operands[1] : NULL,
        .file = options->operand_count > 2 ? options->operands[2] : NULL,
        .number = allowed->request,
        .capture = options->capture,
        .all_agents = options->all_agents,
        .blame = options->blame,
    };
    const char *const inputs[] = { wanted.old_base, wanted.new_base, wanted.capture };
    sp_diff *diff = NULL;
    sp_err err;
    for (size_t i = 0; i < SP_COUNT_OF(inputs); i++)
        if (cli_refuse_input(options, inputs[i]) != CLI_OK)
            return CLI_USAGE;
    if (sp_diff_run(&wanted, &diff, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = print(options, allowed->rows, diff);
    if (code == CLI_OK)
        code = judge(options, &allowed->growth, diff);
    sp_diff_free(diff);
    return code;
}

static cli_exit check_options(const cli_options *options, limits *ret)
{
    if (options->capture && options->operand_count > 0)
        return cli_usage_error(options,
                               "--capture compares the prediction with a recorded request; leave out \"%s\", or name "
                               "both sides as operands",
                               options->operands[0]);
    if (options->operand_count > 3)
        return cli_usage_error(options,
                               "diff compares two sides, perhaps one file of them; \"%s\" is one too many (--agent "
                               "names an agent)",
                               options->operands[3]);
    if (options->fail_over && !parse_allowance(options->fail_over, &ret->growth))
        return cli_usage_error(options,
                               "--fail-over takes up to a million tokens (+200) or per cent (+5%%), not \"%s\"",
                               options->fail_over);
    if (cli_choose_request(options, &ret->request) != CLI_OK)
        return CLI_USAGE;
    if (options->rows && !cli_parse_number(options->rows, &ret->rows))
        return cli_usage_error(options, "--rows takes a number of rows, or 0 for all, not \"%s\"", options->rows);
    if (options->json && options->format >= 0 && options->format != SP_FORMAT_JSON)
        return cli_usage_error(options, "--json and --format ask for two formats; give one of them");
    if (options->rows && (options->json || options->format == SP_FORMAT_JSON))
        return cli_usage_error(options, "JSON has every row, so --rows says nothing about it; leave out one of them");
    return CLI_OK;
}

cli_exit cli_diff(const cli_options *options)
{
    cli_lenders lenders = { .models = NULL };
    limits allowed = { .rows = ROWS };
    sp_request request = {
        .agent = options->agent,
        .texts_dir = options->texts,
        .touched_files = options->touched.items,
        .touched_file_count = options->touched.count,
        .layout = options->layout == SP_LAYOUT_SPLIT ? SP_LAYOUT_SPLIT : SP_LAYOUT_FLAT,
        .allow_external_imports = options->external_imports != 0,
        .is_directory_order = options->order != 0,
        .refuse_invalid_utf8 = options->invalid_utf8 != 0,
    };
    cli_exit code = check_options(options, &allowed);
    if (code == CLI_OK)
        code = cli_fill_request(options, &request, &lenders);
    if (code == CLI_OK)
        code = compare(options, &request, &allowed);
    cli_close_lenders(&lenders);
    return code;
}
