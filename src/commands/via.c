/* via.c - the provider's own count: where it is asked, with which key, and what is said of it. */
#include "base/diagnostic.h"
#include "base/file.h"
#include "base/system.h"
#include "base/types.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "remote/provider.h"
#include "report/reports.h"
#include "tokenizer/models/model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static sp_str view(const char *text)
{
    return (sp_str){ text, text ? strlen(text) : 0 };
}

/* ---- options ------------------------------------------------------------------------------------------------ */

cli_exit cli_check_via(const cli_options *options)
{
    if (options->via && options->calibrate) /* one of them is judged by what the provider counts */
        return CLI_OK;
    if (options->via && options->encoding)
        return cli_usage_error(options, "--via counts for a model, not by --encoding=%s; leave that out",
                               options->encoding);
    if (options->via && options->tokenizer)
        return cli_usage_error(options, "--via lets the provider count, and --tokenizer a file; leave out one of them");
    return CLI_OK;
}

/* Seconds, with up to three digits behind the point. */
static cli_exit parse_timeout(const cli_options *options, const char *text, uint32_t *ret_ms)
{
    enum { MAX_SECONDS = 3600 };
    char *end = NULL;
    double seconds = text && isdigit((unsigned char)*text) ? strtod(text, &end) : 0;
    if (text && (!end || *end || seconds < 0.001 || seconds > MAX_SECONDS))
        return cli_usage_error(options, "--timeout takes seconds, up to %d, not \"%s\"", MAX_SECONDS, text);
    *ret_ms = (uint32_t)(seconds * 1000);
    return CLI_OK;
}

static cli_exit warn_of_readers(const cli_options *options)
{
    struct stat info;
    if (options->quiet || stat(options->key_file, &info) != 0 || !S_ISREG(info.st_mode) || !(info.st_mode & 077))
        return CLI_OK;
    sp_diagnostic warning = { .level = SP_WARNING,
                              .path = view(options->key_file),
                              .message = view("other users may read this key; chmod 600 takes that from them") };
    return cli_print_diagnostics(options, &warning, 1);
}

/* What is in the file, without white space around it; that it is one word is looked at where it is used. */
static cli_exit read_key(const cli_options *options, char **ret)
{
    sp_err err;
    size_t len, begin = 0;
    char *bytes;
    if (cli_load_named(options, options->key_file, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    while (begin < len && isspace((unsigned char)bytes[begin]))
        begin++;
    while (len > begin && isspace((unsigned char)bytes[len - 1]))
        len--;
    bool is_text = len > begin && !memchr(bytes, '\0', len);
    bytes[len] = '\0';
    memmove(bytes, bytes + begin, len - begin + 1);
    sp_wipe(bytes + len - begin, begin); /* or the end of the key would stay there */
    *ret = bytes;
    if (is_text)
        return warn_of_readers(options);
    err = (sp_err){ .status = SP_ERR_INPUT, .message = "holds no key" };
    snprintf(err.path, sizeof err.path, "%.500s", options->key_file);
    return cli_fail(options, &err);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* A user who waits wants to know what for. */
static void say_pause(void *context, const char *why, uint32_t pause_ms, unsigned attempt)
{
    unsigned tenths = (pause_ms + 99) / 100;
    (void)cli_note(context, "the endpoint cannot count now: %s; attempt %u in %u.%u s", why, attempt, tenths / 10,
                   tenths % 10);
}

cli_exit cli_api_open(const cli_options *options, cli_api *ret)
{
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    bool failed = false;
    sp_api_options asked = { .allow_http = options->allow_http,
                             .cached_only = options->cached_only,
                             .on_pause = say_pause,
                             .context = (void *)options };
    *ret = (cli_api){ 0 };
    if (!options->via)
        return CLI_OK;
    asked.today = cli_today();
    cli_exit code = parse_timeout(options, options->timeout, &asked.timeout_ms);
    if (code == CLI_OK)
        code = cli_open_models(options, &ret->models);
    if (code == CLI_OK && options->key_file)
        code = read_key(options, &ret->key);
    if (code != CLI_OK)
        return code;
    char *cache = cli_cache_dir(&failed);
    asked.url = options->api_url ? options->api_url : variable("ANTHROPIC_BASE_URL");
    asked.key = ret->key ? ret->key : variable("ANTHROPIC_API_KEY");
    asked.ca_file = variable("CURL_CA_BUNDLE"); /* as curl's command line takes them */
    asked.ca_file = asked.ca_file ? asked.ca_file : variable("SSL_CERT_FILE");
    asked.cache_dir = cache;
    asked.models = ret->models;
    if (failed || sp_api_open(&asked, &ret->api, &err) != SP_OK)
        code = cli_fail(options, &err);
    free(cache);
    return code;
}

void cli_api_close(cli_api *api)
{
    sp_api_close(api->api);
    sp_models_free(api->models);
    if (api->key)
        sp_wipe(api->key, strlen(api->key));
    free(api->key);
}

/* ---- prompts ------------------------------------------------------------------------------------------------ */

static cli_exit count_prompt(const cli_options *options, sp_api *api, sp_prompt *prompt)
{
    sp_err err;
    sp_str model = options->model ? view(options->model) : prompt->own_model;
    if (!model.ptr)
        return cli_usage_error(options, "--via needs to know for which model to count: --model=NAME");
    if (sp_api_count_prompt(api, model, prompt, &err) != SP_OK)
        return cli_fail(options, &err);
    return CLI_OK;
}

cli_exit cli_count_prompt_via(const cli_options *options, sp_prompt *prompt)
{
    cli_api api;
    cli_exit code = cli_api_open(options, &api);
    if (code == CLI_OK && api.api)
        code = count_prompt(options, api.api, prompt);
    cli_api_close(&api);
    return code;
}

/* ---- files -------------------------------------------------------------------------------------------------- */

/* Whether the failure is about this file alone, so that the others may fare better. */
static bool is_about_file(const sp_err *err)
{
    return err->status == SP_ERR_INPUT && strcmp(err->rule, "api.endpoint") != 0;
}

static cli_exit count_input(const cli_options *options, sp_api *api, const cli_input *input, sp_file_count *ret,
                            bool *ret_goes_on)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err = { .status = SP_OK };
    if (input->failure)
        err = *input->failure;
    else if (sp_file_load(input->path, &bytes, &len, &err) == SP_OK &&
             sp_api_count_text(api, view(options->model), (sp_str){ bytes, len }, &ret->api, &err) == SP_OK)
        err.status = SP_OK;
    free(bytes);
    ret->path = view(input->path);
    ret->bytes = len;
    ret->tokens = ret->api.tokens;
    ret->is_unread = err.status != SP_OK;
    if (err.status == SP_OK)
        return CLI_OK;
    *ret_goes_on = is_about_file(&err);
    if (!err.path[0] && strncmp(err.rule, "api.", 4) == 0 && *ret_goes_on)
        snprintf(err.path, sizeof err.path, "%.500s", strcmp(input->path, "-") == 0 ? "<stdin>" : input->path);
    return cli_fail(options, &err);
}

/* What cannot be counted is told, and the others are counted; where the endpoint does not answer, that would only
 * repeat itself. */
static cli_exit count_inputs(const cli_counting *c, sp_api *api, const cli_inputs *inputs, sp_file_count *files)
{
    cli_exit code = CLI_OK;
    bool goes_on = true;
    size_t counted = 0;
    for (size_t i = 0; i < inputs->count; i++) {
        cli_exit one = count_input(c->options, api, &inputs->items[i], &files[i], &goes_on);
        code = one == CLI_OK ? code : one;
        counted += one == CLI_OK;
        if (!goes_on || code == CLI_SYSTEM)
            return code;
    }
    cli_exit printed = counted > 0 || inputs->count == 0 ? cli_print_counts(c, files, inputs->count) : CLI_OK;
    return printed == CLI_OK ? code : printed;
}

cli_exit cli_count_via(const cli_counting *counting, const cli_inputs *inputs)
{
    cli_api api;
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    const cli_options *options = counting->options;
    if (!options->model)
        return cli_usage_error(options, "--via needs to know for which model to count: --model=NAME");
    sp_file_count *files = calloc(inputs->count + 1, sizeof *files);
    if (!files)
        return cli_fail(options, &err);
    cli_exit code = cli_api_open(options, &api);
    if (code == CLI_OK)
        code = count_inputs(counting, api.api, inputs, files);
    cli_api_close(&api);
    free(files);
    return code;
}
