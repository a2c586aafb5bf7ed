/* api.c - the version, and memory that callers got. */
#include "sysprompt.h"

#include <stdlib.h>

const char *sp_version(void)
{
    return SP_VERSION;
}

void sp_free(void *bytes)
{
    free(bytes);
}
