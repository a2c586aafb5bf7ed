/* environment.c - what the environment section says of this machine and this day, unless --env-value says otherwise. */
#include "cli/cli.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

/* Today, or the day of SOURCE_DATE_EPOCH (in UTC), with which builds are reproducible. */
static void set_date(cli_environment *environment)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    time_t now = epoch && isdigit((unsigned char)*epoch) ? (time_t)strtoll(epoch, &end, 10) : time(NULL);
    struct tm day;
    bool is_fixed = end && !*end;
    if (is_fixed ? gmtime_r(&now, &day) != NULL : localtime_r(&now, &day) != NULL)
        strftime(environment->date, sizeof environment->date, "date=%Y-%m-%d", &day);
}

static void set_system(cli_environment *environment)
{
    struct utsname names;
    if (uname(&names) != 0)
        return;
    snprintf(environment->os, sizeof environment->os, "os=%s %s", names.sysname, names.release);
    snprintf(environment->platform, sizeof environment->platform, "platform=%s", names.sysname);
    for (char *c = environment->platform + strlen("platform="); *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

static void set_shell(cli_environment *environment)
{
    const char *shell = getenv("SHELL");
    const char *slash = shell ? strrchr(shell, '/') : NULL;
    if (shell && *shell)
        snprintf(environment->shell, sizeof environment->shell, "shell=%s", slash ? slash + 1 : shell);
}

void cli_fill_environment(const cli_options *options, cli_environment *ret)
{
    const char *const found[] = { ret->date, ret->platform, ret->os, ret->shell };
    set_date(ret);
    set_system(ret);
    set_shell(ret);
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++)
        if (*found[i])
            ret->values[ret->count++] = found[i];
    for (size_t i = 0; i < options->env_values.count; i++)
        ret->values[ret->count++] = options->env_values.items[i];
}
