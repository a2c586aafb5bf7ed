/* build.c - the prompt on stdout, and nothing else on stdout. */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "model/request.h"
#include "report/format.h"
#include "report/reports.h"
#include "rules/keys.h"
#include "workspace/products.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Said where a shell may be about to make an argument of it, "$(sysprompt build ...)": into a file or on a terminal it
 * is not asked for. */
static cli_exit note_argument(const cli_options *options, size_t len)
{
    char message[256], bytes[SP_TOKENS_ROOM];
    if (!sp_exceeds_argument(len) || !options->screen.output_is_pipe)
        return CLI_OK;
    snprintf(
        message, sizeof message,
        "the prompt has %s bytes: a client can read it from this pipe, but no shell can make an argument of it, as "
        "\"$(...)\" does; -o FILE writes a file",
        sp_tokens_text(bytes, true, len, (sp_range){ 0, 0 }));
    const sp_diagnostic note = { .level = SP_NOTE,
                                 .message = { message, strlen(message) },
                                 .rule = SP_RULE_OUTPUT_ARGUMENT };
    return cli_print_diagnostics(options, &note, 1);
}

static cli_exit render_to(const cli_options *options, const sp_prompt *prompt, sp_format format, const char *path)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_prompt_render(prompt, format, NULL, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = format == SP_FORMAT_TEXT && cli_is_stdout(path) ? note_argument(options, len) : CLI_OK;
    if (code == CLI_OK && format == SP_FORMAT_TEXT)
        code = cli_write_verbatim(options, path, bytes, len);
    else if (code == CLI_OK)
        code = cli_write(options, path, bytes, len);
    free(bytes);
    return code;
}

/* --json is --format=json, and a split prompt cannot be one text. */
static cli_exit choose_format(const cli_options *options, sp_format *ret)
{
    bool is_split = options->layout == SP_LAYOUT_SPLIT;
    if (options->json && options->format >= 0 && options->format != SP_FORMAT_JSON)
        return cli_usage_error(options, "--json and --format say different things; give one of them");
    if (is_split && options->format == SP_FORMAT_TEXT && !options->plan)
        return cli_usage_error(options, "a split layout has two messages, which one text cannot hold; "
                                        "use --format=json, anthropic or openai");
    if (options->plan)
        *ret = options->json || options->format == SP_FORMAT_JSON ? SP_FORMAT_PLAN_JSON : SP_FORMAT_PLAN;
    else if (options->format >= 0)
        *ret = (sp_format)options->format;
    else
        *ret = options->json || is_split ? SP_FORMAT_JSON : SP_FORMAT_TEXT;
    return CLI_OK;
}

/* What the document will cost when it is sent, which is not in it. A budget is one of the prompt in any format: the
 * same number of tokens lets the same text through. */
static cli_exit note_request(const cli_options *options, const sp_request_tokens *request)
{
    char tools[96] = "", tokens[SP_TOKENS_ROOM], functions[64] = "";
    if (!request->is_known)
        return CLI_OK;
    if (request->function_tokens)
        snprintf(functions, sizeof functions, ", %zu for each function", request->function_tokens);
    if (request->tools_tokens)
        snprintf(tools, sizeof tools, "%zu tokens%s and ", request->tools_tokens, functions);
    return cli_note(options,
                    "as input of %s this has %s tokens, %zu of them the frame of a request; your own message comes on "
                    "top, and with tools %swhat describes them%s",
                    request->model,
                    sp_tokens_text(tokens, request->range.low == request->range.high, request->tokens, request->range),
                    request->frame_tokens, tools, options->budget ? "; --budget counts the prompt without these" : "");
}

/* The same by the provider, whose count of it is known. */
static cli_exit note_api_count(const cli_options *options, const sp_prompt *prompt)
{
    const sp_api_count *count = &prompt->api_count;
    char estimate[SP_TOKENS_ROOM + 32] = "", here[SP_TOKENS_ROOM], counted[SP_TOKENS_ROOM];
    if (prompt->request.is_known)
        snprintf(estimate, sizeof estimate, "; the estimate here is %s",
                 sp_tokens_text(here, false, prompt->request.tokens, prompt->request.range));
    return cli_note(options, "api-count %s: as input of %s this has %s tokens, the frame of a request included%s%s",
                    count->counted_on, count->model,
                    sp_tokens_text(counted, true, count->tokens, (sp_range){ count->tokens, count->tokens }),
                    count->has_carrier ? ", and \".\" as the user message that a request has to have" : "", estimate);
}

/* Two results must not land in one place, and none of them on a file that the prompt is made of. */
static cli_exit check_targets(const cli_options *options, const sp_prompt *prompt)
{
    cli_exit code = cli_refuse_source(options, prompt, options->output);
    if (code == CLI_OK && options->map)
        code = cli_refuse_source(options, prompt, options->map);
    if (code == CLI_OK && options->lock)
        code = cli_refuse_source(options, prompt, options->lock);
    if (code == CLI_OK && options->map && cli_is_same_place(options->map, options->output))
        code = cli_usage_error(options,
                               "the prompt and its map would go to the same place; give -o and --map different files");
    if (code == CLI_OK && options->lock && cli_is_same_place(options->lock, options->output))
        code = cli_usage_error(
            options, "the prompt and its lock would go to the same place; give -o and --lock different files");
    if (code == CLI_OK && options->lock && options->map && cli_is_same_place(options->lock, options->map))
        code = cli_usage_error(
            options, "the map and the lock would go to the same place; give --map and --lock different files");
    return code;
}

/* ---- budgets --------------------------------------------------------------------------------------------- */

static cli_exit check_budget_options(const cli_options *options)
{
    if (options->plan && options->format >= 0 && options->format != SP_FORMAT_TEXT && options->format != SP_FORMAT_JSON)
        return cli_usage_error(options, "--plan is printed as text or, with --json, as JSON");
    return CLI_OK;
}

/* Why it does not fit, and the plan, on stderr. */
static cli_exit print_over_budget(const cli_options *options, const sp_prompt *prompt)
{
    const sp_trim *trim = prompt->trim;
    char message[512], whole[SP_TOKENS_ROOM], budget[SP_TOKENS_ROOM], left[SP_TOKENS_ROOM];
    snprintf(message, sizeof message,
             trim->fits ? "the prompt has %s tokens, over the budget of %s; --trim cuts it to %s"
                        : "the prompt has %s tokens, and the budget of %s cannot be met: the smallest that can be "
                          "reached is %s",
             sp_tokens_text(whole, prompt->exact, trim->whole_tokens, trim->whole_range),
             sp_tokens_text(budget, true, trim->budget_tokens, trim->range),
             sp_tokens_text(left, prompt->exact, trim->tokens, trim->range));
    sp_diagnostic over = { .level = SP_FINDING, .message = { message, strlen(message) }, .rule = SP_RULE_BUDGET_OVER };
    cli_exit code = cli_print_diagnostics(options, &over, 1);
    if (code == CLI_SYSTEM || options->quiet)
        return code;
    char *bytes;
    size_t len;
    sp_err err;
    sp_style style = cli_style(options, STDERR_FILENO);
    if (sp_prompt_render(prompt, SP_FORMAT_PLAN, &style, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit written = cli_write_stderr(options, bytes, len);
    free(bytes);
    return written == CLI_OK ? code : written;
}

/* The provider's count decides: the one here is for choosing what to cut. */
static cli_exit judge_api_count(const cli_options *options, const sp_prompt *prompt)
{
    char message[512], counted[SP_TOKENS_ROOM], allowed[SP_TOKENS_ROOM];
    size_t budget = 0;
    const sp_api_count *count = &prompt->api_count;
    cli_exit code = cli_choose_budget(options, prompt, &budget);
    if (code != CLI_OK || count->tokens <= budget)
        return code;
    snprintf(message, sizeof message, "as input of %s the prompt has %s tokens (api-count %s), over the budget of %s",
             count->model, sp_tokens_text(counted, true, count->tokens, (sp_range){ count->tokens, count->tokens }),
             count->counted_on, sp_tokens_text(allowed, true, budget, (sp_range){ budget, budget }));
    sp_diagnostic over = { .level = SP_FINDING, .message = { message, strlen(message) }, .rule = SP_RULE_BUDGET_OVER };
    return cli_print_diagnostics(options, &over, 1);
}

static cli_exit print_trimmed(const cli_options *options, const sp_prompt *prompt)
{
    const sp_trim *trim = prompt->trim;
    char whole[SP_TOKENS_ROOM], budget[SP_TOKENS_ROOM], left[SP_TOKENS_ROOM];
    if (trim->cut_count == 0)
        return CLI_OK;
    return cli_note(options, "%s of %s tokens are left for the budget of %s; --plan says what was cut",
                    sp_tokens_text(left, prompt->exact, trim->tokens, trim->range),
                    sp_tokens_text(whole, prompt->exact, trim->whole_tokens, trim->whole_range),
                    sp_tokens_text(budget, true, trim->budget_tokens, trim->range));
}

/* CLI_FINDING when the prompt is over its budget. */
static cli_exit apply_budget(const cli_options *options, sp_prompt *prompt)
{
    cli_exit code = cli_trim(options, prompt);
    if (code != CLI_OK)
        return code;
    const sp_trim *trim = prompt->trim;
    if (options->plan)
        return trim->fits ? CLI_OK : CLI_FINDING;
    if (trim->fits && (options->trim || trim->cut_count == 0))
        return print_trimmed(options, prompt);
    return print_over_budget(options, prompt);
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static cli_exit write_map(const cli_options *options, const sp_prompt *prompt, cli_output *ret)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_prompt_render(prompt, SP_FORMAT_MAP, NULL, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_output_begin(options, options->map, bytes, len, ret);
    free(bytes);
    return code;
}

/* Map and lock are whole before the prompt is printed, so that no prompt is printed without them, and take their places
 * last, so that they tell of a prompt that was printed, or that its reader had enough of. */
static cli_exit write_results(const cli_options *options, const sp_prompt *prompt, sp_format format)
{
    cli_output waiting[2] = { { .options = options }, { .options = options } };
    size_t count = 0;
    cli_exit code = check_targets(options, prompt);
    if (code == CLI_OK && options->map) {
        code = write_map(options, prompt, &waiting[count]);
        count += code == CLI_OK;
    }
    if (code == CLI_OK && options->lock) {
        code = cli_write_lock(options, prompt, &waiting[count]);
        count += code == CLI_OK;
    }
    if (code == CLI_OK)
        code = options->cache_breakpoints ? cli_build_cached(options, prompt)
                                          : render_to(options, prompt, format, options->output);
    for (size_t i = 0; i < count; i++) {
        cli_exit closed = cli_output_close(&waiting[i], code == CLI_OK);
        code = code == CLI_OK ? closed : code;
    }
    return code;
}

/* CLI_FINDING when it is over its budget: by the count here, or the provider's where that is asked for. */
static cli_exit measure(const cli_options *options, sp_prompt *prompt)
{
    bool counts_here = options->budget && (!options->via || options->trim);
    cli_exit code = counts_here ? apply_budget(options, prompt) : CLI_OK;
    if (!options->via || code == CLI_USAGE || code == CLI_SYSTEM)
        return code;
    cli_exit counted = cli_count_prompt_via(options, prompt);
    if (counted == CLI_OK)
        counted = note_api_count(options, prompt);
    if (counted == CLI_OK && options->budget && code == CLI_OK)
        counted = judge_api_count(options, prompt);
    return counted == CLI_OK ? code : counted;
}

/* Whether the format is a request that has more than the prompt to note. */
static bool is_sent_as(sp_format format, const sp_prompt *prompt)
{
    return format == SP_FORMAT_ANTHROPIC || (format == SP_FORMAT_OPENAI && prompt->request.function_tokens);
}

static cli_exit build(cli_options *options, cli_options *as_json)
{
    sp_prompt *prompt = NULL;
    sp_format format = SP_FORMAT_TEXT;
    if (options->operand_count > 0 && cli_is_json(options->operands[0]))
        return cli_usage_error(options,
                               "%s holds JSON and is no agent; a recorded request is an operand of explain, check and "
                               "diff, and count takes it by --capture",
                               options->operands[0]);
    cli_exit code = choose_format(options, &format);
    options->with_whole = format == SP_FORMAT_JSON;
    if (code == CLI_OK)
        code = check_budget_options(options);
    if (code == CLI_OK)
        code = cli_check_via(options);
    if (code == CLI_OK && options->lock)
        code = cli_check_lockable(options);
    if (code != CLI_OK)
        return code;
    code = cli_make_prompt(options, &prompt);
    bool is_made = code == CLI_OK || code == CLI_FINDING;
    cli_exit kept = is_made ? measure(options, prompt) : CLI_OK;
    if (kept != CLI_OK && kept != CLI_FINDING)
        is_made = false;
    code = kept == CLI_OK ? code : kept;
    cli_exit written = CLI_OK;
    bool may_print = is_made && (code == CLI_OK || options->best_effort || options->plan);
    if (may_print)
        written = write_results(options, prompt, format);
    if (may_print && written == CLI_OK && cli_wants_result(options, as_json))
        written = render_to(as_json, prompt, options->plan ? SP_FORMAT_PLAN_JSON : SP_FORMAT_JSON, NULL);
    if (may_print && written == CLI_OK && is_sent_as(format, prompt) && !options->via)
        written = note_request(options, &prompt->request);
    if (is_made && !may_print && sp_prompt_refusal(prompt))
        written = cli_note(options, "the client refuses this agent, so nothing is printed; --best-effort prints it");
    sp_prompt_free(prompt);
    return written != CLI_OK ? written : code;
}

cli_exit cli_build(const cli_options *given)
{
    cli_options *copies = cli_copy_options(given, 2);
    cli_exit code = copies ? build(&copies[0], &copies[1]) : CLI_SYSTEM;
    free(copies);
    return code;
}
