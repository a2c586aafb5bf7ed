/* provider.h - the provider's own count. */
#ifndef SP_REMOTE_PROVIDER_H
#define SP_REMOTE_PROVIDER_H

#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/models/model.h"

/* Told before a request is repeated: why ("529 overloaded_error"), how long the pause is, and which attempt is next. */
typedef void sp_api_pause(void *context, const char *why, uint32_t pause_ms, unsigned attempt);

/* Where to count, and how. Strings are borrowed for the call of sp_api_open. */
typedef struct sp_api_options {
    const char *url;         /* https, or http to this machine; NULL: https://api.anthropic.com */
    const char *key;         /* for x-api-key. NULL: what is cached is still found */
    bool allow_http;         /* http to other machines too, which shows them and whoever is between them the key */
    const char *ca_file;     /* PEM: the certificates to trust; NULL: those that libcurl trusts */
    const char *cache_dir;   /* a folder for what was counted, made when it is needed; NULL keeps nothing */
    bool cached_only;        /* send nothing */
    uint32_t timeout_ms;     /* of one attempt; 0: 60,000. To connect may take 10,000 of them */
    unsigned attempts;       /* at most; 0: 5 */
    uint32_t first_pause_ms; /* it doubles with each attempt; 0: 500 */
    uint32_t today;          /* as yyyymmdd, for what is counted; 0: the clock's day (UTC) */
    const sp_models *models; /* that are known; NULL: those that are built in. Borrowed until sp_api_close */
    sp_api_pause *on_pause;  /* or NULL */
    void *context;
} sp_api_options;

/* A way to the endpoint. For one thread at a time. */
typedef struct sp_api sp_api;

/* Checks the options; opens no connection and loads no library yet. On success *ret_api is the caller's, to be dropped
 * with sp_api_close (NULL is fine), which also wipes its copy of the key. SP_ERR_USAGE for an address that is none, has
 * a user name or a query in it, or is http to another machine; SP_ERR_INPUT for a key that no header can hold;
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_api_open(const sp_api_options *options, sp_api **ret_api, sp_err *err);

void sp_api_close(sp_api *api);

/* The only functions of this library that use the network, and only for what is not in the cache: POST
 * {url}/v1/messages/count_tokens, with libcurl, which is loaded for it. model is a name that sp_model_find knows, of a
 * Claude model. 429, 529 and 5xx are tried again after the pause that retry-after asks for (at most 60 s), else after
 * one that doubles; redirects are not followed.
 *
 * sp_api_count_text: a request with text as its one user message.
 * sp_api_count_prompt: the request that SP_FORMAT_ANTHROPIC renders, which is put in prompt->api_count.
 *
 * Errors: SP_ERR_USAGE for a model that is not known or is no Claude model; SP_ERR_NO_MEMORY; otherwise SP_ERR_INPUT,
 * with the rule
 * - api.request: this request cannot be counted: not UTF-8, empty, over 32 MiB, or refused by the endpoint (400, 413)
 * - api.not-cached: it is not in the cache, and options forbid to send it
 * - api.endpoint: anything else: no key, no libcurl, no connection, no answer in time, or one that is no count */
SP_MUST_USE sp_status sp_api_count_text(sp_api *api, sp_str model, sp_str text, sp_api_count *ret, sp_err *err);

SP_MUST_USE sp_status sp_api_count_prompt(sp_api *api, sp_str model, sp_prompt *prompt, sp_err *err);

#endif
