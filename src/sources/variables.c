/* variables.c - variables that the client is started with, and what they switch off. */
#include "base/types.h"
#include "model/request.h"
#include "sources/client.h"
#include "sources/place.h"

const char *sp_place_variable(const sp_request *request, const char *name)
{
    size_t length = strlen(name);
    for (const char *const *v = request->client_env; v && *v; v++)
        if (strncmp(*v, name, length) == 0 && (*v)[length] == '=' && (*v)[length + 1])
            return *v + length + 1;
    return NULL;
}

bool sp_place_is_on(const sp_request *request, const char *name)
{
    const char *value = sp_place_variable(request, name);
    return value && (strcmp(value, "1") == 0 || sp_str_eq_nocase(sp_str_of(value), SP_STR("true")));
}

const char *sp_place_off_by(const sp_place *here, unsigned bits)
{
    const sp_client *client = here->profile->client;
    for (size_t i = 0; i < client->toggle_count && bits; i++)
        if ((client->toggles[i].bits & bits) && sp_place_is_on(here->request, client->toggles[i].variable))
            return client->toggles[i].variable;
    return NULL;
}
