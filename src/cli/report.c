/* report.c - everything that goes to stderr. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

sp_status cli_print_message(void *context, const sp_document_message *message)
{
    const sp_options *options = context;
    const char *color = options ? sp_options_get(options, "color") : NULL;
    cli_terminal terminal = cli_look_at(STDERR_FILENO, color);
    char *bytes;
    size_t len;
    sp_err err;
    bool is_printed = sp_message_render(message, isatty(STDERR_FILENO), terminal.color, terminal.width_columns, &bytes,
                                        &len, &err) == SP_OK;
    if (is_printed)
        fwrite(bytes, 1, len, stderr);
    else
        fprintf(stderr, "sysprompt: error: out of memory\n");
    if (is_printed)
        sp_free(bytes);
    if (message->help_of)
        fprintf(stderr, "Try sysprompt %s%s--help.\n", message->help_of, *message->help_of ? " " : "");
    return is_printed ? SP_OK : SP_ERR_NO_MEMORY;
}

static sp_str view(const char *text)
{
    return (sp_str){ text, strlen(text) };
}

static cli_exit exit_code(sp_status status)
{
    return status == SP_ERR_NO_MEMORY || status == SP_ERR_OUTPUT ? CLI_SYSTEM : CLI_USAGE;
}

cli_exit cli_print_error(const sp_options *options, const sp_err *err, const char *help_of)
{
    const sp_document_message message = {
        .level = SP_MESSAGE_ERROR,
        .line = err->line,
        .column = err->column,
        .path = view(err->path),
        .message = view(err->message),
        .rule = view(err->rule),
        .help_of = help_of,
    };
    bool is_printed = cli_print_message((void *)options, &message) == SP_OK;
    return is_printed ? exit_code(err->status) : CLI_SYSTEM;
}
