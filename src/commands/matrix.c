/* matrix.c - which client, directory or agent has which file in its prompt. */
#include "report/matrix.h"
#include "base/base.h"
#include "base/types.h"
#include "clients/profiles.h"
#include "commands/commands.h"
#include "model/request.h"
#include "tokenizer/tokens.h"
#include "workspace/matrix.h"
#include "workspace/products.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CLIENTS = 64 };

typedef struct clients {
    sp_profile *profiles[MAX_CLIENTS];
    size_t count;
} clients;

static cli_exit add_client(const cli_options *options, sp_str name, clients *ret)
{
    sp_err err;
    if (ret->count == MAX_CLIENTS)
        return cli_usage_error(options, "--clients names more than %d clients", MAX_CLIENTS);
    if (sp_profile_open(name, &ret->profiles[ret->count], &err) != SP_OK)
        return cli_fail(options, &err);
    ret->count++;
    return CLI_OK;
}

/* Of --clients, in its order; else every client. What documents say of a client that was measured, and the convention
 * that no client is, have to be named. */
static cli_exit open_clients(const cli_options *options, clients *ret)
{
    cli_exit code = CLI_OK;
    for (const char *at = options->clients; at && code == CLI_OK;) {
        size_t length = strcspn(at, ",");
        if (length == 0)
            return cli_usage_error(options, "--clients has an empty name; expected a list such as claude-code,codex");
        code = add_client(options, (sp_str){ at, length }, ret);
        at = at[length] ? at + length + 1 : NULL;
    }
    const char *name;
    for (size_t i = 0; !options->clients && code == CLI_OK && (name = sp_profile_at(i)) != NULL; i++)
        if (!strchr(name, ':') && strcmp(name, "agents-md") != 0)
            code = add_client(options, (sp_str){ name, strlen(name) }, ret);
    return code;
}

static cli_exit print(const cli_options *options, const sp_matrix *matrix)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = options->json         ? SP_FORMAT_JSON
                       : options->format < 0 ? SP_FORMAT_TEXT
                                             : (sp_format)options->format;
    if (sp_matrix_render(matrix, format, &style, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? print(&as_json, matrix) : code;
}

static cli_exit build_and_print(const cli_options *options, sp_request *request, const clients *all)
{
    sp_matrix *matrix = NULL;
    sp_err err;
    const sp_profile *profiles[MAX_CLIENTS];
    for (size_t i = 0; i < all->count; i++)
        profiles[i] = all->profiles[i];
    const sp_matrix_request wanted = {
        .request = request,
        .by = (sp_matrix_by)options->matrix_by,
        .profiles = profiles,
        .profile_count = all->count,
        .names = options->operands,
        .name_count = options->operand_count,
    };
    if (sp_matrix_run(&wanted, &matrix, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = print(options, matrix);
    sp_matrix_free(matrix);
    return code;
}

static cli_exit check_options(const cli_options *options)
{
    if (options->matrix_by != SP_MATRIX_BY_CLIENT && options->clients)
        return cli_usage_error(options, "--clients is for --by=client; --profile names the client of directories and "
                                        "agents");
    if (options->matrix_by == SP_MATRIX_BY_CLIENT && options->operand_count > 0)
        return cli_usage_error(options,
                               "--by=client takes no operands; name clients with --clients=%s, or use "
                               "--by=directory or --by=agent",
                               options->operands[0]);
    /* That of sysprompt.yaml is for the other commands. */
    if (options->matrix_by == SP_MATRIX_BY_CLIENT && cli_is_given(options, "profile"))
        return cli_usage_error(options, "--profile is for --by=directory and --by=agent; use --clients=%s",
                               options->profile);
    return CLI_OK;
}

cli_exit cli_matrix(const cli_options *options)
{
    cli_lenders lenders = { .models = NULL };
    sp_request request = { 0 };
    sp_revision *revision = NULL;
    clients all = { .count = 0 };
    cli_exit code = check_options(options);
    if (code == CLI_OK)
        code = cli_fill_request(options, &request, &lenders);
    request.touched_files = options->touched.items;
    request.touched_file_count = options->touched.count;
    if (code == CLI_OK)
        code = cli_open_revision(options, &request, &revision);
    if (code == CLI_OK && options->matrix_by == SP_MATRIX_BY_CLIENT)
        code = open_clients(options, &all);
    if (code == CLI_OK && !request.encoding && !request.model && options->matrix_by == SP_MATRIX_BY_CLIENT)
        request.encoding = sp_encoding_find(SP_STR("o200k_base"));
    if (code == CLI_OK)
        code = build_and_print(options, &request, &all);
    for (size_t i = 0; i < all.count; i++)
        sp_profile_free(all.profiles[i]);
    sp_revision_free(revision);
    cli_close_lenders(&lenders);
    return code;
}
