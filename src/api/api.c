/* api.c - public functions that only hand on to the folder that knows. */
#include "base/near.h"
#include "base/types.h"
#include "base/version.h"

const char *sp_version(void)
{
    return SP_VERSION;
}

size_t sp_nearest_name(sp_str name, const sp_str *candidates, size_t count)
{
    return sp_near(name, candidates, count);
}
