/* report.c - what a command has to say, told to its document. */
#include "base/diag.h"
#include "base/types.h"
#include "commands/commands.h"
#include "report/format.h"
#include "report/reports.h"
#include "rules/ids.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

sp_style cli_style(const cli_options *options, int descriptor)
{
    sp_style style = descriptor == STDERR_FILENO ? options->screen.error_style : options->screen.output_style;
    style.shows_all = options->all_rows;
    return style;
}

sp_format cli_format(const cli_options *options)
{
    return options->json ? SP_FORMAT_JSON : SP_FORMAT_TEXT;
}

/* CLI_SYSTEM when it could not be told. */
static cli_exit tell(const cli_options *options, const sp_diagnostic *diagnostic, sp_str rule, const char *help_of)
{
    const cli_message message = { *diagnostic, rule, help_of };
    return cli_document_tell(options->document, &message) == SP_OK ? CLI_OK : CLI_SYSTEM;
}

static sp_str view(const char *text)
{
    return (sp_str){ text, strlen(text) };
}

static cli_exit exit_code(sp_status status)
{
    switch (status) {
    case SP_OK:
        return CLI_OK;
    case SP_ERR_USAGE:
    case SP_ERR_INPUT:
        return CLI_USAGE;
    case SP_ERR_NO_MEMORY:
    case SP_ERR_OUTPUT:
        return CLI_SYSTEM;
    }
    return CLI_SYSTEM;
}

cli_exit cli_fail(const cli_options *options, const sp_err *err)
{
    if (options->failure) {
        *options->failure = *err;
        return exit_code(err->status);
    }
    sp_diagnostic diagnostic = sp_diagnostic_of(err);
    cli_document_fail(options->document, err);
    cli_exit told = tell(options, &diagnostic, view(err->rule), NULL);
    return told == CLI_OK ? exit_code(err->status) : told;
}

cli_exit cli_usage_error(const cli_options *options, const char *format, ...)
{
    sp_err err = { .status = SP_ERR_USAGE };
    va_list args;
    va_start(args, format);
    vsnprintf(err.message, sizeof err.message, format, args);
    va_end(args);
    if (options->failure) {
        *options->failure = err;
        return CLI_USAGE;
    }
    sp_diagnostic diagnostic = { .level = SP_FINDING, .message = view(err.message) };
    cli_document_fail(options->document, &err);
    cli_exit told = tell(options, &diagnostic, (sp_str){ NULL, 0 }, options->command ? options->command->name : "");
    return told == CLI_OK ? CLI_USAGE : told;
}

cli_exit cli_print_diagnostics(const cli_options *options, const sp_diagnostic *diagnostics, size_t count)
{
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < count; i++) {
        sp_diagnostic shown = diagnostics[i];
        shown.level = sp_rule_severity(shown.rule, shown.level);
        bool is_wanted = !options->failure && (!options->quiet || shown.level == SP_FINDING);
        if (is_wanted && tell(options, &shown, sp_rule_name(shown.rule), NULL) != CLI_OK)
            return CLI_SYSTEM;
        code = diagnostics[i].level == SP_FINDING ? CLI_FINDING : code;
    }
    return code;
}

cli_exit cli_note(const cli_options *options, const char *format, ...)
{
    char message[1024];
    va_list args;
    if (options->quiet)
        return CLI_OK;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    sp_diagnostic diagnostic = { .level = SP_NOTE, .message = view(message) };
    return tell(options, &diagnostic, (sp_str){ NULL, 0 }, NULL);
}
