/* run.c - one command, from its options to its exit code. */
#include "commands/commands.h"

#include <stdlib.h>

cli_options *cli_copy_options(const cli_options *options, size_t count)
{
    static const sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    cli_options *copies = malloc(count * sizeof *copies);
    for (size_t i = 0; copies && i < count; i++)
        copies[i] = *options;
    if (!copies)
        (void)cli_fail(options, &err);
    return copies;
}

cli_exit cli_run_here(const cli_command *command, cli_options *options)
{
    cli_exit code = cli_configure(command, options);
    if (code == CLI_OK)
        code = cli_open_tokenizer(options);
    return code == CLI_OK ? command->run(options) : code;
}

/* Whether capture runs a client, which has a sandbox of its own. */
static bool runs_client(const cli_command *command, const cli_options *options)
{
    return cli_takes_command(command) && options->from.count == 0;
}

cli_exit cli_run(const cli_command *command, cli_options *options)
{
    bool is_untrusted;
    cli_exit code = cli_check_untrusted(options, &is_untrusted);
    if (code == CLI_OK && is_untrusted && options->untrusted.value && runs_client(command, options))
        code = cli_usage_error(options,
                               "--untrusted=required: capture runs a client, which has a sandbox of its own; give "
                               "--untrusted, or --from");
    if (code == CLI_OK)
        code = is_untrusted && !runs_client(command, options) ? cli_run_untrusted(command, options)
                                                              : cli_run_here(command, options);
    options->document->exit_code = (int)code;
    return code;
}
