/* terminal.c - whether the output goes to a terminal, how wide it is, and whether it has colour. */
#include "cli/cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0: what is no terminal has no width, unless COLUMNS says so. */
static unsigned terminal_width(int descriptor, bool is_terminal)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    char *end;
    if (is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
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

cli_terminal cli_look_at(int descriptor, const char *color)
{
    const char *name = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool is_device = isatty(descriptor);
    bool is_terminal = is_device && !(name && strcmp(name, "dumb") == 0);
    cli_terminal terminal = { .color = is_terminal && !(no_color && *no_color) };
    if (color && strcmp(color, "auto") != 0)
        terminal.color = strcmp(color, "always") == 0;
    terminal.width_columns = terminal_width(descriptor, is_device);
    terminal.has_bars = is_terminal || terminal.color;
    return terminal;
}

static sp_status set_stream(sp_options *options, const char *stream, int descriptor, sp_err *err)
{
    char name[32], columns[32];
    sp_status status = SP_OK;
    cli_terminal terminal = cli_look_at(descriptor, sp_options_get(options, "color"));
    snprintf(name, sizeof name, "%s-color", stream);
    if (terminal.color)
        status = sp_options_set(options, name, NULL, err);
    snprintf(name, sizeof name, "%s-columns", stream);
    snprintf(columns, sizeof columns, "%u", terminal.width_columns);
    if (status == SP_OK)
        status = sp_options_set(options, name, columns, err);
    snprintf(name, sizeof name, "%s-bars", stream);
    if (status == SP_OK && terminal.has_bars)
        status = sp_options_set(options, name, is_utf8_locale() ? "blocks" : "ascii", err);
    return status;
}

sp_status cli_set_terminal(sp_options *options, sp_err *err)
{
    struct stat info;
    sp_status status = set_stream(options, "stdout", STDOUT_FILENO, err);
    if (status == SP_OK)
        status = set_stream(options, "stderr", STDERR_FILENO, err);
    if (status == SP_OK && fstat(STDOUT_FILENO, &info) == 0 && S_ISFIFO(info.st_mode))
        status = sp_options_set(options, "stdout-is-pipe", NULL, err);
    if (status == SP_OK && isatty(STDOUT_FILENO))
        status = sp_options_set(options, "stdout-is-terminal", NULL, err);
    if (status == SP_OK && isatty(STDERR_FILENO))
        status = sp_options_set(options, "stderr-is-terminal", NULL, err);
    if (status == SP_OK && isatty(STDIN_FILENO))
        status = sp_options_set(options, "stdin-is-terminal", NULL, err);
    return status == SP_OK ? sp_options_set(options, "all-processors", NULL, err) : status;
}
