/* explain.c - where the prompt comes from, what it costs, and what is not in it; or what another profile changes; or
 * what one file has to do with it. */
#include "base/types.h"
#include "clients/profiles.h"
#include "commands/commands.h"
#include "explain/duplicates/result.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "report/format.h"
#include "report/reports.h"
#include "workspace/products.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *target_of(const cli_options *options)
{
    return options->page ? options->page : options->output;
}

static cli_exit write_rendered(const cli_options *options, sp_status status, const sp_err *err, char *bytes, size_t len)
{
    if (status != SP_OK)
        return cli_fail(options, err);
    cli_exit code = cli_write(options, target_of(options), bytes, len);
    free(bytes);
    return code;
}

static cli_exit explain(const cli_options *options, const sp_prompt *prompt)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = options->page   ? SP_FORMAT_PAGE
                       : options->why  ? options->json ? SP_FORMAT_WHY_JSON : SP_FORMAT_WHY
                       : options->json ? SP_FORMAT_EXPLAIN_JSON
                                       : SP_FORMAT_EXPLAIN;
    sp_status status = sp_prompt_render(prompt, format, &style, &bytes, &len, &err);
    cli_exit code = write_rendered(options, status, &err, bytes, len);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? explain(&as_json, prompt) : code;
}

static cli_exit compare(const cli_options *options, const sp_prompt *prompt, const sp_prompt *other)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    sp_status status = sp_prompts_compare(prompt, other, format, &style, &bytes, &len, &err);
    cli_exit code = write_rendered(options, status, &err, bytes, len);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? compare(&as_json, prompt, other) : code;
}

static cli_exit explain_duplicates(const cli_options *options, const sp_prompt *prompt)
{
    sp_waste *waste = NULL;
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    sp_status status = sp_waste_find(prompt, &waste, &err);
    if (status == SP_OK)
        status = sp_waste_render(prompt, waste, format, &style, &bytes, &len, &err);
    sp_waste_free(waste);
    cli_exit code = write_rendered(options, status, &err, bytes, len);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? explain_duplicates(&as_json, prompt) : code;
}

/* Learned wording is the client's: nothing but build prints it. */
static cli_exit mask(const cli_options *options, sp_prompt *prompt)
{
    sp_err err;
    bool recounts = options->standalone || options->marginal || options->straddling;
    if (prompt->templates.ptr && recounts)
        return cli_usage_error(options,
                               "--standalone, --marginal and --straddling count the client's text again, which "
                               "explain does not print; leave them out, or --templates=learned");
    return sp_prompt_mask(prompt, &err) == SP_OK ? CLI_OK : cli_fail(options, &err);
}

/* The other prompt's warnings would pass for those of the first: only what refuses it is said. Both have the tokenizer
 * of the first, whatever the other profile's would be. */
static cli_exit explain_versus(const cli_options *options, const sp_prompt *prompt)
{
    cli_options *quietly = cli_copy_options(options, 1);
    if (!quietly)
        return CLI_SYSTEM;
    if (!options->opened)
        quietly->encoding = sp_encoding_name(prompt->encoding);
    sp_profile *profile = NULL;
    sp_prompt *other = NULL;
    quietly->quiet = true;
    cli_exit code = cli_open_profile(options, options->vs, &profile);
    if (code == CLI_OK)
        code = cli_make_prompt_with(quietly, profile, &other);
    if (other && mask(options, other) != CLI_OK)
        code = CLI_SYSTEM;
    if (profile && !other && cli_note(options, "that prompt is the one of --vs=%s", options->vs) != CLI_OK)
        code = CLI_SYSTEM;
    if (other && (code == CLI_OK || code == CLI_FINDING)) {
        cli_exit written = compare(options, prompt, other);
        code = written != CLI_OK ? written : code;
    }
    sp_prompt_free(other);
    sp_profile_free(profile);
    free(quietly);
    return code;
}

static cli_exit show(const cli_options *options, const sp_prompt *prompt)
{
    if (options->vs)
        return explain_versus(options, prompt);
    if (options->cache)
        return cli_explain_cache(options, prompt);
    return options->duplicates ? explain_duplicates(options, prompt) : explain(options, prompt);
}

static cli_exit explain_with(cli_options *options)
{
    options->finds_unread = !options->duplicates && !options->cache;
    options->with_whole = options->finds_unread;
    sp_prompt *prompt = NULL;
    cli_tree tree;
    bool is_tree = cli_wants_tree(options);
    if (is_tree && cli_read_tree(options, &tree) != CLI_OK)
        return CLI_USAGE;
    bool recounts = options->standalone || options->marginal || options->straddling;
    if (options->capture && recounts && !options->client_text)
        return cli_usage_error(options, "--standalone, --marginal and --straddling count the client's text again; with "
                                        "--capture add --client-text");
    if (options->against && cli_is_descriptor(options->against))
        return cli_usage_error(options, "--against takes the name of an agent or a file, not %s", options->against);
    if (options->vs && options->operand_count && strcmp(options->operands[0], "-") == 0)
        return cli_usage_error(options,
                               "--vs builds the prompt twice, and standard input can be read only once; name a file");
    cli_exit code = cli_check_via(options);
    if (code == CLI_OK)
        code = cli_make_prompt(options, &prompt);
    if (code != CLI_OK && code != CLI_FINDING) {
        sp_prompt_free(prompt);
        return code;
    }
    cli_exit written = cli_refuse_source(options, prompt, target_of(options));
    if (written == CLI_OK)
        written = cli_count_prompt_via(options, prompt);
    if (written != CLI_OK) {
        sp_prompt_free(prompt);
        return written;
    }
    written = mask(options, prompt);
    if (written != CLI_OK) {
        sp_prompt_free(prompt);
        return written;
    }
    written = is_tree ? cli_write_tree(options, prompt, &tree) : show(options, prompt);
    if (prompt->why && !prompt->why->is_in_prompt)
        code = CLI_FINDING;
    sp_prompt_free(prompt);
    return written != CLI_OK ? written : code;
}

cli_exit cli_explain(const cli_options *given)
{
    cli_options *copy = cli_copy_options(given, 1);
    cli_exit code = copy ? explain_with(copy) : CLI_SYSTEM;
    free(copy);
    return code;
}
