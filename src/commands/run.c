/* run.c - one command, from its options to its exit code. */
#include "commands/commands.h"

cli_exit cli_run(const cli_command *command, cli_options *options)
{
    cli_exit code = cli_configure(command, options);
    if (code == CLI_OK)
        code = cli_open_tokenizer(options);
    if (code == CLI_OK)
        code = command->run(options);
    options->document->exit_code = (int)code;
    return code;
}
