/* explain.c - where the prompt comes from, what it costs, and what is not in it; or what another profile changes; or
 * what one file has to do with it. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static cli_exit write_rendered(const cli_options *options, sp_status status, const sp_err *err, char *bytes, size_t len)
{
    if (status != SP_OK)
        return cli_fail(options, err);
    cli_exit code = cli_write(options, options->page ? options->page : options->output, bytes, len);
    free(bytes);
    return code;
}

/* A page is a view of its own, of one prompt. */
static cli_exit refuse_beside_page(const cli_options *options)
{
    const struct {
        bool is_given;
        const char *name;
    } others[] = { { options->json, "--json" },
                   { options->why != NULL, "--why" },
                   { options->vs != NULL, "--vs" },
                   { cli_wants_tree(options), "a tree (--tree, --by and their like)" },
                   { options->output != NULL, "-o" } };
    for (size_t i = 0; options->page && i < sizeof others / sizeof others[0]; i++)
        if (others[i].is_given)
            return cli_usage_error("--html=FILE is one output, and %s another; leave out one of them", others[i].name);
    return CLI_OK;
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
    return write_rendered(options, status, &err, bytes, len);
}

static cli_exit compare(const cli_options *options, const sp_prompt *prompt, const sp_prompt *other)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = options->json ? SP_FORMAT_JSON : SP_FORMAT_TEXT;
    sp_status status = sp_prompts_compare(prompt, other, format, &style, &bytes, &len, &err);
    return write_rendered(options, status, &err, bytes, len);
}

/* The other prompt's warnings would pass for those of the first: only what refuses it is said. */
static cli_exit explain_versus(const cli_options *options, const sp_prompt *prompt)
{
    cli_options quietly = *options;
    sp_profile *profile = NULL;
    sp_prompt *other = NULL;
    quietly.quiet = true;
    cli_exit code = cli_open_profile(options, options->vs, &profile);
    if (code == CLI_OK)
        code = cli_make_prompt_with(&quietly, profile, &other);
    if (profile && !other && cli_note(options, "that prompt is the one of --vs=%s", options->vs) != CLI_OK)
        code = CLI_SYSTEM;
    if (other && (code == CLI_OK || code == CLI_FINDING)) {
        cli_exit written = compare(options, prompt, other);
        code = written != CLI_OK ? written : code;
    }
    sp_prompt_free(other);
    sp_profile_free(profile);
    return code;
}

cli_exit cli_explain(const cli_options *given)
{
    cli_options with_unread = *given;
    const cli_options *options = &with_unread;
    with_unread.finds_unread = true;
    sp_prompt *prompt = NULL;
    cli_tree tree;
    bool is_tree = cli_wants_tree(options);
    if (refuse_beside_page(options) != CLI_OK || (is_tree && cli_read_tree(options, &tree) != CLI_OK))
        return CLI_USAGE;
    if (options->vs && options->why)
        return cli_usage_error("--vs compares two prompts, and --why looks into one; leave out one of them");
    if (options->vs && options->operand_count && strcmp(options->operands[0], "-") == 0)
        return cli_usage_error("--vs builds the prompt twice, and standard input can be read only once; name a file");
    if (options->via && (options->vs || options->why))
        return cli_usage_error("--via counts a whole prompt, and --%s is not about one; leave out one of them",
                               options->vs ? "vs" : "why");
    cli_exit code = cli_check_via(options);
    if (code == CLI_OK)
        code = cli_make_prompt(options, &prompt);
    bool is_refused = code == CLI_FINDING && !options->best_effort && !options->vs;
    if ((code != CLI_OK && code != CLI_FINDING) || is_refused) {
        sp_prompt_free(prompt);
        return code;
    }
    cli_exit counted = cli_count_prompt_via(options, prompt);
    if (counted != CLI_OK) {
        sp_prompt_free(prompt);
        return counted;
    }
    cli_exit written = is_tree       ? cli_write_tree(options, prompt, &tree)
                       : options->vs ? explain_versus(options, prompt)
                                     : explain(options, prompt);
    if (prompt->why && !prompt->why->is_in_prompt)
        code = CLI_FINDING;
    sp_prompt_free(prompt);
    return written != CLI_OK ? written : code;
}
