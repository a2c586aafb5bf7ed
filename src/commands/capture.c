/* capture.c - recorded requests, mapped to the files that they are made of. */
#include "base/types.h"
#include "commands/commands.h"

cli_exit cli_capture(const cli_options *options)
{
    if (options->from.count == 0)
        return cli_usage_error(options, "name a file of recorded requests: sysprompt capture --from FILE");
    return cli_usage_error(options, "recorded requests are not read yet");
}
