/* report.c - everything that goes to stderr. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "cli/cli.h"
#include "report/reports.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* 0: what is no terminal has no width, unless COLUMNS says so. */
static unsigned terminal_width(int descriptor)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    char *end;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    unsigned long width = columns && *columns >= '0' && *columns <= '9' ? strtoul(columns, &end, 10) : 0;
    return width > 0 && *end == '\0' && width <= USHRT_MAX ? (unsigned)width : 0;
}

/* What the locale says, as setlocale would read it. */
static bool is_utf8_locale(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    const char *locale = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !(locale && *locale); i++)
        locale = getenv(names[i]);
    return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

sp_style cli_style(const cli_options *options, int descriptor)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool is_terminal = isatty(descriptor) && !(terminal && strcmp(terminal, "dumb") == 0);
    bool wants_color = is_terminal && !(no_color && *no_color);
    if (options->color != CLI_COLOR_AUTO)
        wants_color = options->color == CLI_COLOR_ALWAYS;
    sp_style style = { .color = wants_color, .width_columns = terminal_width(descriptor) };
    if (is_terminal || wants_color)
        style.bars = is_utf8_locale() ? SP_BARS_BLOCKS : SP_BARS_ASCII;
    return style;
}

sp_format cli_format(const cli_options *options)
{
    return options->json ? SP_FORMAT_JSON : SP_FORMAT_TEXT;
}

/* CLI_SYSTEM when memory was too short to say it. */
static cli_exit print_diagnostic(const cli_options *options, const sp_diagnostic *diagnostic)
{
    sp_style style = cli_style(options, STDERR_FILENO);
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_diagnostic_render(diagnostic, isatty(STDERR_FILENO), &style, &bytes, &len, &err) != SP_OK) {
        fprintf(stderr, "sysprompt: error: out of memory\n");
        return CLI_SYSTEM;
    }
    fwrite(bytes, 1, len, stderr);
    free(bytes);
    return CLI_OK;
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
    sp_diagnostic diagnostic = {
        .level = SP_FINDING,
        .line = err->line,
        .column = err->column,
        .path = view(err->path),
        .message = view(err->message),
        .rule = view(err->rule),
    };
    cli_exit printed = print_diagnostic(options, &diagnostic);
    return printed == CLI_OK ? exit_code(err->status) : printed;
}

static const cli_command *help_of;

void cli_set_command(const cli_command *command)
{
    help_of = command;
}

cli_exit cli_usage_error(const char *format, ...)
{
    static const cli_options defaults = { 0 };
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    sp_diagnostic diagnostic = { .level = SP_FINDING, .message = view(message) };
    cli_exit printed = print_diagnostic(&defaults, &diagnostic);
    fprintf(stderr, "Try sysprompt %s%s--help.\n", help_of ? help_of->name : "", help_of ? " " : "");
    return printed == CLI_OK ? CLI_USAGE : printed;
}

cli_exit cli_print_diagnostics(const cli_options *options, const sp_diagnostic *diagnostics, size_t count)
{
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < count; i++) {
        bool is_finding = diagnostics[i].level == SP_FINDING;
        bool is_wanted = !options->failure && (!options->quiet || is_finding);
        if (is_wanted && print_diagnostic(options, &diagnostics[i]) != CLI_OK)
            return CLI_SYSTEM;
        code = is_finding ? CLI_FINDING : code;
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
    return print_diagnostic(options, &diagnostic);
}
