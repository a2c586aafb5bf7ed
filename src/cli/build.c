/* build.c - the prompt on stdout, and nothing else on stdout. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static cli_exit render_to(const cli_options *options, const sp_prompt *prompt, sp_format format, const char *path)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_prompt_render(prompt, format, NULL, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, path, bytes, len);
    free(bytes);
    return code;
}

/* --json is --format=json, and a split prompt cannot be one text. */
static cli_exit choose_format(const cli_options *options, sp_format *ret)
{
    bool is_split = options->layout == SP_LAYOUT_SPLIT;
    if (options->json && options->format >= 0 && options->format != SP_FORMAT_JSON)
        return cli_usage_error("--json and --format say different things; give one of them");
    if (is_split && options->format == SP_FORMAT_TEXT)
        return cli_usage_error("a split layout has two messages, which one text cannot hold; "
                               "use --format=json, anthropic or openai");
    if (options->format >= 0)
        *ret = (sp_format)options->format;
    else
        *ret = options->json || is_split ? SP_FORMAT_JSON : SP_FORMAT_TEXT;
    return CLI_OK;
}

static bool is_stdout(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

static bool is_same_place(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;
    while (a[0] == '.' && a[1] == '/')
        a += 2;
    while (b[0] == '.' && b[1] == '/')
        b += 2;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* Two results must not land in one place, and none of them on a file that the prompt is made of. */
static cli_exit check_target(const cli_options *options, const sp_prompt *prompt, const char *path)
{
    char *real = is_stdout(path) ? NULL : realpath(path, NULL);
    bool is_source = false;
    for (uint32_t i = 0; real && i < prompt->source_count; i++)
        is_source = is_source || (prompt->sources[i].real_path.len == strlen(real) &&
                                  memcmp(prompt->sources[i].real_path.ptr, real, strlen(real)) == 0);
    free(real);
    if (is_source)
        return cli_usage_error("%s is one of the files the prompt is made of; write to another", path);
    if (path == options->map && options->map &&
        (is_stdout(options->map) ? is_stdout(options->output)
                                 : options->output && is_same_place(options->output, options->map)))
        return cli_usage_error("the prompt and its map would go to the same place; give -o and --map different files");
    return CLI_OK;
}

/* What the document will cost when it is sent, which is not in it. */
static cli_exit note_request(const cli_options *options, const sp_request_tokens *request)
{
    char tools[96] = "";
    if (!request->is_known)
        return CLI_OK;
    if (request->tools_tokens)
        snprintf(tools, sizeof tools, "%zu tokens and ", request->tools_tokens);
    return cli_note(
        options,
        "as input of %s this has ~%zu (%zu..%zu) tokens, %zu of them the frame of a request; your own message "
        "comes on top, and with tools %swhat describes them",
        request->model, request->tokens, request->range.low, request->range.high, request->frame_tokens, tools);
}

cli_exit cli_build(const cli_options *options)
{
    sp_prompt *prompt = NULL;
    sp_format format = SP_FORMAT_TEXT;
    cli_exit code = choose_format(options, &format);
    if (code != CLI_OK)
        return code;
    code = cli_make_prompt(options, &prompt);
    bool may_print = code == CLI_OK || (code == CLI_FINDING && options->best_effort);
    cli_exit written = CLI_OK;
    if (may_print)
        written = check_target(options, prompt, options->output);
    if (may_print && written == CLI_OK && options->map)
        written = check_target(options, prompt, options->map);
    if (may_print && written == CLI_OK && options->map)
        written = render_to(options, prompt, SP_FORMAT_MAP, options->map);
    if (may_print && written == CLI_OK)
        written = render_to(options, prompt, format, options->output);
    if (may_print && written == CLI_OK && format == SP_FORMAT_ANTHROPIC)
        written = note_request(options, &prompt->request);
    sp_prompt_free(prompt);
    return written != CLI_OK ? written : code;
}
