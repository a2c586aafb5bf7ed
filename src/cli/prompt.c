/* prompt.c - from options to a prompt, for the commands that look at one. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sp_str view(const char *text)
{
    return (sp_str){ text, text ? strlen(text) : 0 };
}

cli_exit cli_choose_encoding(const cli_options *options, const sp_encoding **ret)
{
    sp_err err;
    if (sp_encoding_choose(view(options->encoding), view(options->model), ret, &err) != SP_OK)
        return cli_fail(options, &err);
    return CLI_OK;
}

/* $HOME, unless only what lies in --root is to be seen and it does not. */
static const char *home_of(const cli_options *options, char **to_free)
{
    const char *home = options->home ? options->home : getenv("HOME");
    if (options->home || !options->root || !home)
        return home && *home ? home : NULL;
    char *root = realpath(options->root, NULL);
    char *real = realpath(home, NULL);
    size_t length = root ? strlen(root) : 0;
    bool is_inside = root && real && strncmp(real, root, length) == 0 &&
                     (real[length] == '/' || real[length] == '\0' || strcmp(root, "/") == 0);
    free(root);
    *to_free = real;
    return is_inside ? real : NULL;
}

static bool has_finding(const sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->diagnostic_count; i++)
        if (prompt->diagnostics[i].level == SP_FINDING)
            return true;
    return false;
}

static cli_exit build(const cli_options *options, sp_request *request, sp_prompt **ret)
{
    sp_err err;
    if (sp_prompt_build(request, ret, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit printed = cli_print_diagnostics(options, *ret);
    if (printed == CLI_OK && (*ret)->message_count == 0)
        printed = cli_note(options, "the prompt is empty%s",
                           (*ret)->agent ? ""
                                         : ": no instructions or memory load here; name an agent, or a directory with "
                                           "-C");
    if (printed == CLI_OK)
        return has_finding(*ret) ? CLI_FINDING : CLI_OK;
    sp_prompt_free(*ret);
    *ret = NULL;
    return printed;
}

static cli_exit build_from_stdin(const cli_options *options, sp_request *request, sp_prompt **ret)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_file_load("-", &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    request->agent = NULL;
    request->agent_text = (sp_str){ bytes, len };
    cli_exit code = build(options, request, ret);
    free(bytes);
    return code;
}

/* Standard input is read once, whoever asks for it. */
static cli_exit check_stdin(const cli_options *options)
{
    int uses = options->operand_count && strcmp(options->operands[0], "-") == 0;
    uses += options->memory && strcmp(options->memory, "-") == 0;
    for (size_t i = 0; i < options->instruction_count; i++)
        uses += strcmp(options->instructions[i], "-") == 0;
    if (uses > 1)
        return cli_usage_error("- stands for standard input, which can be read only once");
    if (uses == 1 && isatty(STDIN_FILENO))
        return cli_usage_error("- reads standard input, which is a terminal; pipe a file into it");
    return CLI_OK;
}

static const char *named(const char *path)
{
    return path && strcmp(path, "-") == 0 ? "/dev/stdin" : path;
}

cli_exit cli_make_prompt(const cli_options *options, sp_prompt **ret)
{
    sp_profile *profile = NULL;
    cli_exit code = cli_open_profile(options, options->profile, &profile);
    if (code == CLI_OK)
        code = cli_make_prompt_with(options, profile, ret);
    sp_profile_free(profile);
    return code;
}

cli_exit cli_make_prompt_with(const cli_options *options, const sp_profile *profile, sp_prompt **ret)
{
    char *home_to_free = NULL;
    const char *instructions[CLI_MAX_INSTRUCTIONS];
    if (options->operand_count > 1)
        return cli_usage_error("one agent at a time; \"%s\" is one too many", options->operands[1]);
    if (options->operand_count == 1 && !*options->operands[0])
        return cli_usage_error("the agent is an empty text; give a path, a name, or - for standard input");
    if (check_stdin(options) != CLI_OK)
        return CLI_USAGE;
    for (size_t i = 0; i < options->instruction_count; i++)
        instructions[i] = named(options->instructions[i]);
    sp_request request = {
        .profile = profile,
        .agent = options->operand_count ? options->operands[0] : NULL,
        .launch_dir = options->directory,
        .home_dir = home_of(options, &home_to_free),
        .root_dir = options->root,
        .memory_file = named(options->memory),
        .instruction_files = options->instruction_count ? instructions : NULL,
        .instruction_file_count = options->instruction_count,
        .texts_dir = options->texts,
        .layout = options->layout == SP_LAYOUT_SPLIT ? SP_LAYOUT_SPLIT : SP_LAYOUT_FLAT,
        .strict = options->strict,
        .allow_external_imports = options->external_imports != 0,
        .replace_invalid_utf8 = options->invalid_utf8 != 0,
    };
    cli_exit code = cli_choose_encoding(options, &request.encoding);
    if (code == CLI_OK) {
        bool from_stdin = request.agent && strcmp(request.agent, "-") == 0;
        code = from_stdin ? build_from_stdin(options, &request, ret) : build(options, &request, ret);
    }
    free(home_to_free);
    return code;
}
