/* cache.c - what of a prompt can be cached, what it shares with another one, and a request with breakpoints. */
#include "base/file.h"
#include "base/record.h"
#include "base/types.h"
#include "commands/commands.h"
#include "explain/caching/result.h"
#include "model/prompt.h"
#include "report/format.h"
#include "report/reports.h"
#include "tokenizer/models/model.h"
#include "workspace/products.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sp_str view(const char *text)
{
    return (sp_str){ text, text ? strlen(text) : 0 };
}

/* The model that the prompt is for is only borrowed from the models, so all that needs it is done here. */
static cli_exit render(const cli_options *options, const sp_prompt *prompt, sp_format format)
{
    sp_models *models = NULL;
    sp_caching *caching = NULL;
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    cli_exit code = cli_open_models(options, &models);
    if (code != CLI_OK)
        return code;
    sp_str name = options->model ? view(options->model) : prompt->own_model;
    const sp_model *model = name.ptr ? sp_model_find(models, name) : NULL;
    sp_status status = sp_caching_find(prompt, model, &caching, &err);
    if (status == SP_OK)
        status = sp_caching_render(prompt, caching, format, &style, &bytes, &len, &err);
    code = status == SP_OK ? cli_write(options, options->output, bytes, len) : cli_fail(options, &err);
    if (code == CLI_OK && format == SP_FORMAT_ANTHROPIC && caching->break_count == 0)
        code = cli_note(options, "no breakpoint: a prefix of less than %zu tokens is not cached%s",
                        caching->minimum_tokens,
                        caching->minimum_is_known ? "" : " by every model; --model names the one");
    if (code == CLI_OK && caching->input_price)
        code = cli_note_old_figure(options, model, "prices", SP_MODEL_STR(model, prices_as_of));
    free(bytes);
    sp_caching_free(caching);
    sp_models_free(models);
    cli_options as_json;
    bool has_result = code == CLI_OK && format != SP_FORMAT_ANTHROPIC && cli_wants_result(options, &as_json);
    return has_result ? render(&as_json, prompt, SP_FORMAT_JSON) : code;
}

cli_exit cli_build_cached(const cli_options *options, const sp_prompt *prompt)
{
    return render(options, prompt, SP_FORMAT_ANTHROPIC);
}

/* ---- against another prompt ------------------------------------------------------------------------------ */

static cli_exit compare(const cli_options *options, const sp_prompt *prompt, const sp_prompt *other)
{
    sp_prefix shared;
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    sp_status status = sp_prompts_share(prompt, other, &shared, &err);
    if (status == SP_OK)
        status = sp_prefix_render(prompt, other, view(options->against), &shared, format, &style, &bytes, &len, &err);
    if (status != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? compare(&as_json, prompt, other) : code;
}

enum { MAX_MESSAGES = 2 };

/* A prompt that build --json printed: its messages. They borrow from saved and from scratch. */
typedef struct saved_prompt {
    char *scratch[MAX_MESSAGES];
    sp_message messages[MAX_MESSAGES];
    size_t count;
} saved_prompt;

static sp_status read_field(sp_str saved, const char *field, char *scratch, sp_record *ret, sp_err *err)
{
    return sp_record_read(saved, view(field), (sp_str_list){ NULL, 0 }, scratch, ret, err);
}

static cli_exit read_message(const cli_options *options, sp_str saved, saved_prompt *ret)
{
    static const char *const fields[MAX_MESSAGES][2] = { { "/messages/0/text", "/messages/0/role" },
                                                         { "/messages/1/text", "/messages/1/role" } };
    sp_message *message = &ret->messages[ret->count];
    char *scratch = malloc(saved.len + 1);
    sp_record text;
    sp_record role;
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    ret->scratch[ret->count] = scratch;
    if (!scratch || read_field(saved, fields[ret->count][1], scratch, &role, &err) != SP_OK)
        return cli_fail(options, &err);
    if (role.state != SP_RECORD_TEXT)
        return CLI_OK;
    message->role = role.text.len == 4 && memcmp(role.text.ptr, "user", 4) == 0 ? SP_ROLE_USER : SP_ROLE_SYSTEM;
    if (read_field(saved, fields[ret->count][0], scratch, &text, &err) != SP_OK)
        return cli_fail(options, &err);
    if (text.state == SP_RECORD_TEXT) {
        message->text = text.text;
        ret->count++;
    }
    return CLI_OK;
}

static cli_exit read_saved(const cli_options *options, sp_str saved, saved_prompt *ret)
{
    static const char schema[] = "sysprompt.build/1";
    char *scratch = malloc(saved.len + 1);
    sp_record record = { .state = SP_RECORD_NO_FIELD };
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    sp_status status = scratch ? read_field(saved, "schema", scratch, &record, &err) : SP_ERR_NO_MEMORY;
    bool is_build = status == SP_OK && record.state == SP_RECORD_TEXT && record.text.len == strlen(schema) &&
                    memcmp(record.text.ptr, schema, record.text.len) == 0;
    free(scratch);
    if (status == SP_ERR_NO_MEMORY)
        return cli_fail(options, &err);
    if (!is_build)
        return cli_usage_error(options, "%s is no agent and no prompt that build --json printed", options->against);
    for (size_t i = 0; i < MAX_MESSAGES; i++) {
        cli_exit code = read_message(options, saved, ret);
        if (code != CLI_OK || ret->count == i)
            return code;
    }
    return CLI_OK;
}

static cli_exit compare_saved(const cli_options *options, const sp_prompt *prompt, sp_str saved)
{
    saved_prompt read = { .count = 0 };
    cli_exit code = read_saved(options, saved, &read);
    sp_prompt other = { .messages = read.messages, .message_count = read.count };
    if (code == CLI_OK)
        code = compare(options, prompt, &other);
    for (size_t i = 0; i < MAX_MESSAGES; i++)
        free(read.scratch[i]);
    return code;
}

static cli_exit compare_agent(const cli_options *options, const sp_prompt *prompt)
{
    cli_options there = *options;
    const char *operands[] = { options->against, NULL };
    sp_prompt *other = NULL;
    there.operands = operands;
    there.operand_count = 1;
    there.quiet = true;
    cli_exit code = cli_make_prompt(&there, &other);
    if (code == CLI_OK || code == CLI_FINDING) {
        cli_exit written = compare(options, prompt, other);
        code = written != CLI_OK ? written : code;
    }
    sp_prompt_free(other);
    return code;
}

/* JSON begins with a brace, and no agent does. */
static bool is_json(const char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\t' || bytes[at] == '\r'))
        at++;
    return at < len && bytes[at] == '{';
}

cli_exit cli_explain_cache(const cli_options *options, const sp_prompt *prompt)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    if (!options->against)
        return render(options, prompt, cli_format(options));
    sp_status status = cli_load_named(options, options->against, &bytes, &len, &err);
    if (status == SP_ERR_NO_MEMORY)
        return cli_fail(options, &err);
    bool is_saved = status == SP_OK && is_json(bytes, len);
    cli_exit code = is_saved ? compare_saved(options, prompt, (sp_str){ bytes, len }) : compare_agent(options, prompt);
    if (status == SP_OK)
        free(bytes);
    return code;
}
