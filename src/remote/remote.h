/*
 * remote.h - the only part of the library that uses the network: the provider's own count (sp_api in sysprompt.h).
 *
 * api.c decides what to send and what an answer means, curl.c carries it. Nothing in here runs unless it is asked for.
 */
#ifndef SP_REMOTE_H
#define SP_REMOTE_H

#include "remote/provider.h"
#include "remote/transport.h"

/* The rules of sysprompt.h's errors. */
#define SP_API_REQUEST "api.request"
#define SP_API_NOT_CACHED "api.not-cached"
#define SP_API_ENDPOINT "api.endpoint"

/* What goes to the endpoint instead of libcurl, for tests. It is api's from now on, closed with it. */
void sp_api_use(sp_api *api, sp_transport *transport);

#endif
