/* environment.c - what the environment section says of this machine and this day, unless --env-value says otherwise. */
#include "base/numbers.h"
#include "commands/commands.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

/* The time of SOURCE_DATE_EPOCH, with which builds are reproducible, or the clock's. */
static time_t now_or_fixed(bool *ret_is_fixed)
{
    static const long long year_10000 = 253402300800; /* what is yyyymmdd has no later day */
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    long long seconds = epoch && isdigit((unsigned char)*epoch) ? strtoll(epoch, &end, 10) : 0;
    *ret_is_fixed = end && *end == '\0' && seconds < year_10000;
    return *ret_is_fixed ? (time_t)seconds : time(NULL);
}

uint32_t cli_today(void)
{
    bool is_fixed;
    return sp_day_of(now_or_fixed(&is_fixed));
}

/* A day that is fixed is one of UTC. */
static void set_date(cli_environment *environment)
{
    bool is_fixed;
    time_t now = now_or_fixed(&is_fixed);
    struct tm day;
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
        *c = sp_lower(*c);
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
