/* explain.c - where the prompt comes from, what it costs, and what is not in it. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

cli_exit cli_explain(const cli_options *options)
{
    sp_prompt *prompt = NULL;
    cli_exit code = cli_make_prompt(options, &prompt);
    if (code != CLI_OK && !(code == CLI_FINDING && options->best_effort)) {
        sp_prompt_free(prompt);
        return code;
    }
    char *bytes;
    size_t len;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = options->json ? SP_FORMAT_EXPLAIN_JSON : SP_FORMAT_EXPLAIN;
    cli_exit written;
    if (sp_prompt_render(prompt, format, &style, &bytes, &len, &err) != SP_OK) {
        written = cli_fail(options, &err);
    } else {
        written = cli_write(options, options->output, bytes, len);
        free(bytes);
    }
    sp_prompt_free(prompt);
    return written != CLI_OK ? written : code;
}
