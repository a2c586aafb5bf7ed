/*
 * api.c - the provider's own count: what is sent, when it is sent again, and what an answer means.
 *
 * The key is in one place, api->header, and goes to one function, the transport's post. No message has it in it: what
 * the endpoint says is searched for its beginning, as an endpoint may say anything, and what it says may be cut off.
 */
#include "base/base.h"
#include "base/numbers.h"
#include "base/system.h"
#include "base/types.h"
#include "compose/request_body.h"
#include "model/prompt.h"
#include "remote/kept.h"
#include "remote/provider.h"
#include "remote/remote.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    CONNECT_TIMEOUT_MS = 10 * 1000,
    TIMEOUT_MS = 60 * 1000,
    ATTEMPTS = 5,
    FIRST_PAUSE_MS = 500,
    MAX_PAUSE_MS = 30 * 1000,
    MAX_ASKED_PAUSE_S = 60,
    MAX_KEY_BYTES = 4096,
    MAX_URL_BYTES = 1024,
    MAX_REQUEST_BYTES = 32 << 20, /* platform.claude.com/docs/en/api/errors: 32 MB */
};

#define PATH "/v1/messages/count_tokens"

struct sp_api {
    sp_transport *transport;
    const sp_models *models;
    char *url;    /* without a slash at the end */
    char *header; /* "x-api-key: KEY", or NULL */
    char *ca_file;
    char *cache_dir;
    bool is_direct;
    bool cached_only;
    uint32_t timeout_ms;
    unsigned attempts;
    uint32_t first_pause_ms;
    uint32_t today;
    sp_api_pause *on_pause;
    void *context;
};

/* ---- options ----------------------------------------------------------------------------------------------- */

static bool is_printable(sp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return text.len > 0;
}

/* Of the part of an address between // and the next slash. */
static bool is_this_machine(sp_str authority)
{
    static const char *const names[] = { "localhost", "[::1]", "127.0.0.1" };
    size_t colon = sp_str_find(authority, SP_STR(":"), sp_str_starts(authority, SP_STR("[")) ? 5 : 0);
    sp_str host = sp_str_slice(authority, 0, colon == SIZE_MAX ? authority.len : colon);
    for (size_t i = 0; i < SP_COUNT_OF(names); i++)
        if (sp_str_eq_nocase(host, sp_str_of(names[i])))
            return true;
    return false;
}

static sp_status check_url(sp_api *api, sp_str url, bool allow_http, sp_err *err)
{
    static const char form[] = "an address such as https://api.anthropic.com";
    bool is_plain = sp_str_starts(url, SP_STR("http://"));
    size_t scheme = is_plain ? 7 : 8;
    if (memchr(url.ptr, '@', url.len)) /* not shown: what stands before it may be a password */
        return sp_err_set(err, SP_ERR_USAGE, "the endpoint's address has a user name in it; it needs %s", form);
    if (url.len > MAX_URL_BYTES || !is_printable(url) || !(is_plain || sp_str_starts(url, SP_STR("https://"))))
        return sp_err_set(err, SP_ERR_USAGE, "the endpoint needs %s, not \"%.200s\"", form, url.ptr);
    sp_str rest = sp_str_slice(url, scheme, url.len);
    size_t slash = sp_str_find(rest, SP_STR("/"), 0);
    sp_str authority = sp_str_slice(rest, 0, slash == SIZE_MAX ? rest.len : slash);
    if (authority.len == 0 || memchr(url.ptr, '?', url.len) || memchr(url.ptr, '#', url.len))
        return sp_err_set(err, SP_ERR_USAGE, "the endpoint needs %s, without ? and #, not \"%.200s\"", form, url.ptr);
    api->is_direct = is_plain && is_this_machine(authority);
    if (is_plain && !api->is_direct && !allow_http)
        return sp_err_set(err, SP_ERR_USAGE,
                          "http shows the key to everyone between here and %.*s; use https, or --allow-http",
                          SP_STR_ARG(authority));
    return SP_OK;
}

static sp_status take_url(sp_api *api, const sp_api_options *options, sp_err *err)
{
    sp_str url = sp_str_of(options->url ? options->url : "https://api.anthropic.com");
    SP_TRY(check_url(api, url, options->allow_http, err));
    while (sp_str_ends(url, SP_STR("/")))
        url.len--;
    api->url = strndup(url.ptr, url.len);
    return api->url ? SP_OK : sp_err_memory(err);
}

static sp_status take_key(sp_api *api, const char *key, sp_err *err)
{
    if (!key)
        return SP_OK;
    if (strlen(key) > MAX_KEY_BYTES || !is_printable(sp_str_of(key)))
        return sp_err_set(err, SP_ERR_INPUT,
                          "the key for the endpoint is not one: it has to be one word of at most %d ASCII characters",
                          MAX_KEY_BYTES);
    if (asprintf(&api->header, "x-api-key: %s", key) < 0) {
        api->header = NULL;
        return sp_err_memory(err);
    }
    return SP_OK;
}

static sp_status take_options(sp_api *api, const sp_api_options *options, sp_err *err)
{
    api->models = options->models;
    api->cached_only = options->cached_only;
    api->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
    api->attempts = options->attempts ? options->attempts : ATTEMPTS;
    api->first_pause_ms = options->first_pause_ms ? options->first_pause_ms : FIRST_PAUSE_MS;
    api->today = options->today ? options->today : sp_day_of(time(NULL));
    api->on_pause = options->on_pause;
    api->context = options->context;
    SP_TRY(take_url(api, options, err));
    SP_TRY(take_key(api, options->key, err));
    if (options->cache_dir && !(api->cache_dir = strdup(options->cache_dir)))
        return sp_err_memory(err);
    if (options->ca_file && !(api->ca_file = strdup(options->ca_file)))
        return sp_err_memory(err);
    return sp_transport_curl(&api->transport, err);
}

sp_status sp_api_open(const sp_api_options *options, sp_api **ret_api, sp_err *err)
{
    sp_api *api = calloc(1, sizeof *api);
    if (!api)
        return sp_err_memory(err);
    sp_status status = take_options(api, options, err);
    if (status == SP_OK)
        *ret_api = api;
    else
        sp_api_close(api);
    return status;
}

void sp_api_use(sp_api *api, sp_transport *transport)
{
    api->transport->close(api->transport);
    api->transport = transport;
}

void sp_api_close(sp_api *api)
{
    if (!api)
        return;
    if (api->transport)
        api->transport->close(api->transport);
    if (api->header)
        sp_wipe(api->header, strlen(api->header));
    free(api->header);
    free(api->url);
    free(api->ca_file);
    free(api->cache_dir);
    free(api);
}

/* ---- what is sent ------------------------------------------------------------------------------------------- */

static sp_status fail(sp_err *err, const char *rule, const char *format, ...) SP_PRINTF(3, 4);
static sp_status fail(sp_err *err, const char *rule, const char *format, ...)
{
    va_list args;
    char message[sizeof err->message];
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return sp_err_at(err, SP_ERR_INPUT, (sp_str){ NULL, 0 }, (sp_str){ NULL, 0 }, 0, rule, "%s", message);
}

/* The name that the endpoint knows: as it was given where that can be one, else the id of its row. */
static sp_status choose_model(const sp_api *api, sp_str name, char ret[64], sp_err *err)
{
    const sp_encoding *encoding;
    const sp_model *model = sp_model_find(api->models, name);
    sp_str id = name;
    if (!model) /* which says what is near */
        return sp_encoding_choose((sp_str){ NULL, 0 }, name, api->models, &encoding, err);
    if (!sp_str_starts(SP_MODEL_STR(model, tokenizer), SP_STR("claude-")))
        return sp_err_set(err, SP_ERR_USAGE, "the endpoint counts for Claude models, and %.*s is none",
                          SP_STR_ARG(name));
    if (sp_str_ends(id, SP_STR("[1m]")))
        id.len -= 4;
    if (!sp_str_starts(id, SP_STR("claude-")))
        id = SP_MODEL_STR(model, id);
    if (!is_printable(id) || id.len >= 64)
        return sp_err_set(err, SP_ERR_USAGE, "the name of the model is too long for the endpoint, or has blanks in it");
    snprintf(ret, 64, "%.*s", SP_STR_ARG(id));
    return SP_OK;
}

static void add_user_message(sp_json *json, sp_str text)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "role", SP_STR("user"));
    sp_json_str(json, "content", text);
    sp_json_end(json);
}

static void write_text_request(sp_buf *body, const char *model, sp_str text)
{
    sp_json json = { .out = body };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "model", sp_str_of(model));
    sp_json_begin(&json, "messages", '[');
    add_user_message(&json, text);
    sp_json_end(&json);
    sp_json_end(&json);
}

/* Returns whether the user message is a carrier. */
static bool write_prompt_request(sp_buf *body, const char *model, const sp_prompt *prompt)
{
    sp_json json = { .out = body };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "model", sp_str_of(model));
    sp_part_system(&json, prompt);
    sp_json_begin(&json, "messages", '[');
    bool has_user = sp_part_user_messages(&json, prompt);
    if (!has_user)
        add_user_message(&json, SP_STR("."));
    sp_json_end(&json);
    sp_json_end(&json);
    return !has_user;
}

/* ---- what is answered ----------------------------------------------------------------------------------------- */

static bool tells_key(const sp_api *api, sp_str text)
{
    enum { TELLING_BYTES = 16 }; /* what keys of one provider have in common is shorter */
    sp_str key = sp_str_of(api->header ? api->header + strlen("x-api-key: ") : NULL);
    sp_str beginning = sp_str_slice(key, 0, key.len < TELLING_BYTES ? key.len : TELLING_BYTES);
    return beginning.len > 0 && sp_str_find(text, beginning, 0) != SIZE_MAX;
}

/* What the endpoint says of an error, as "type: message", without the key and in one line; "" for nothing. */
static void read_complaint(const sp_api *api, const sp_reply *reply, char ret[400])
{
    sp_arena arena = { 0 };
    sp_json_node *root = NULL;
    sp_json_problem problem;
    sp_err err;
    ret[0] = '\0';
    if (sp_json_parse(&arena, sp_buf_str(&reply->body), 16, &root, &problem, &err) == SP_OK && root) {
        const sp_json_node *error = sp_json_member(root, "error");
        const sp_json_node *type = error ? sp_json_member(error, "type") : NULL;
        const sp_json_node *message = error ? sp_json_member(error, "message") : NULL;
        bool has_both = type && message && type->kind == SP_JSON_TEXT && message->kind == SP_JSON_TEXT;
        if (has_both)
            snprintf(ret, 400, "%.*s: %.*s", SP_STR_ARG(type->text), SP_STR_ARG(message->text));
        if (has_both && (tells_key(api, message->text) || tells_key(api, type->text)))
            snprintf(ret, 400, "it repeats the key, so what it says is not shown");
    }
    sp_arena_release(&arena);
}

static bool is_json(const sp_reply *reply)
{
    sp_str type = sp_str_of(reply->content_type);
    sp_str wanted = SP_STR("application/json");
    return type.len >= wanted.len && sp_str_eq_nocase(sp_str_slice(type, 0, wanted.len), wanted) &&
           (type.len == wanted.len || type.ptr[wanted.len] == ';' || type.ptr[wanted.len] == ' ');
}

/* {"input_tokens": N}; further members are fine, another N is not. */
static sp_status read_tokens(const sp_api *api, const sp_reply *reply, size_t *ret_tokens, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_json_node *root = NULL;
    sp_json_problem problem;
    size_t tokens = 0;
    bool is_shown = reply->content_type[0] && !tells_key(api, sp_str_of(reply->content_type));
    if (!is_json(reply))
        return fail(err, SP_API_ENDPOINT, "%s answers with %s, not with JSON; is it the right address?", api->url,
                    is_shown ? reply->content_type : "something of no type");
    sp_status status = sp_json_parse(&arena, sp_buf_str(&reply->body), 16, &root, &problem, err);
    if (status == SP_OK && !(root && sp_kept_number(sp_json_member(root, "input_tokens"), &tokens)))
        status = fail(err, SP_API_ENDPOINT, "%s answers with no count: {\"input_tokens\": N} is expected", api->url);
    sp_arena_release(&arena);
    if (status == SP_OK)
        *ret_tokens = tokens;
    return status;
}

/* What each status means for who asked. */
static const struct {
    unsigned status;
    const char *rule;
    const char *meaning;
} meanings[] = {
    { 400, SP_API_REQUEST, "refuses to count this request" },
    { 401, SP_API_ENDPOINT, "does not take the key; look at ANTHROPIC_API_KEY or --key-file" },
    { 403, SP_API_ENDPOINT, "does not let this key count tokens" },
    { 404, SP_API_ENDPOINT, "does not know this model, or counts no tokens at this address" },
    { 413, SP_API_REQUEST, "takes no request as large as this one; Anthropic's takes 32 MiB" },
    { 429, SP_API_ENDPOINT, "takes no more requests for now; try again in a minute" },
    { 529, SP_API_ENDPOINT, "has too much to do for now; try again later" },
};

static sp_status refuse(const sp_api *api, const char *model, const sp_reply *reply, sp_err *err)
{
    char complaint[400];
    const char *rule = SP_API_ENDPOINT;
    const char *meaning = reply->status >= 500 ? "has a problem of its own; try again later" : "gives no count";
    if (reply->status >= 300 && reply->status < 400)
        meaning = "points to another address, which is not followed, as the key would go along; give the right one "
                  "with --api-url";
    for (size_t i = 0; i < SP_COUNT_OF(meanings); i++)
        if (meanings[i].status == reply->status) {
            rule = meanings[i].rule;
            meaning = meanings[i].meaning;
        }
    read_complaint(api, reply, complaint);
    return fail(err, rule, "%s %s (%u%s%s; the model is %s)", api->url, meaning, reply->status,
                complaint[0] ? ", " : "", complaint, model);
}

/* ---- attempts -------------------------------------------------------------------------------------------------- */

/* Half of it is left to chance, so that many who were refused at once do not come back at once. */
static uint32_t choose_pause(const sp_api *api, unsigned attempt)
{
    uint64_t pause = api->first_pause_ms;
    uint32_t chance = 0;
    for (unsigned i = 1; i < attempt && pause < MAX_PAUSE_MS; i++)
        pause *= 2;
    if (pause > MAX_PAUSE_MS)
        pause = MAX_PAUSE_MS;
    if (!sp_random(&chance, sizeof chance))
        chance = 0;
    return (uint32_t)(pause / 2 + chance % (pause / 2 + 1));
}

static bool is_worth_another(const sp_reply *reply)
{
    if (reply->problem[0])
        return reply->may_pass;
    return (reply->status == 429 || reply->status >= 500) && reply->retry_after_s <= MAX_ASKED_PAUSE_S;
}

static void wait_for_next(const sp_api *api, const sp_reply *reply, unsigned attempt)
{
    char why[sizeof reply->problem];
    uint32_t pause = reply->retry_after_s ? (uint32_t)reply->retry_after_s * 1000 : choose_pause(api, attempt);
    if (reply->problem[0])
        snprintf(why, sizeof why, "%s", reply->problem);
    else
        snprintf(why, sizeof why, "%u%s", reply->status,
                 reply->status == 429   ? " (too many requests)"
                 : reply->status == 529 ? " (overloaded)"
                                        : " (a problem of its own)");
    if (api->on_pause)
        api->on_pause(api->context, why, pause, attempt + 1);
    api->transport->pause(api->transport, pause);
}

static sp_status judge(const sp_api *api, const char *model, const sp_reply *reply, size_t *ret_tokens, sp_err *err)
{
    if (reply->problem[0])
        return fail(err, SP_API_ENDPOINT, "cannot count at %s: %s", api->url, reply->problem);
    if (reply->status == 200)
        return read_tokens(api, reply, ret_tokens, err);
    if (reply->retry_after_s > MAX_ASKED_PAUSE_S)
        return fail(err, SP_API_ENDPOINT, "%s asks to try again only after %llu seconds (%u)", api->url,
                    (unsigned long long)reply->retry_after_s, reply->status);
    return refuse(api, model, reply, err);
}

static sp_status post_until_answered(sp_api *api, const char *model, sp_str body, size_t *ret_tokens, sp_err *err)
{
    const char *const headers[] = { api->header, "anthropic-version: 2023-06-01", "content-type: application/json",
                                    "accept: application/json", "expect:" };
    char url[MAX_URL_BYTES + sizeof PATH];
    snprintf(url, sizeof url, "%s" PATH, api->url);
    sp_post post = {
        url, headers, SP_COUNT_OF(headers), body, CONNECT_TIMEOUT_MS, api->timeout_ms, api->is_direct, api->ca_file
    };
    for (unsigned attempt = 1;; attempt++) {
        sp_reply reply = { .status = 0 };
        sp_status status = api->transport->post(api->transport, &post, &reply, err);
        bool is_last = status != SP_OK || attempt >= api->attempts || !is_worth_another(&reply);
        if (is_last && status == SP_OK)
            status = judge(api, model, &reply, ret_tokens, err);
        else if (!is_last)
            wait_for_next(api, &reply, attempt);
        sp_buf_release(&reply.body);
        if (is_last)
            return status;
    }
}

/* ---- counting -----------------------------------------------------------------------------------------------------
 */

static sp_status ask(sp_api *api, sp_str body, sp_api_count *count, sp_err *err)
{
    if (api->cached_only)
        return fail(err, SP_API_NOT_CACHED,
                    "the count of this request for %s is not in the cache, and --cached-only forbids to ask %s; count "
                    "it once without",
                    count->model, api->url);
    if (!api->header)
        return fail(err, SP_API_ENDPOINT,
                    "the endpoint needs a key: set ANTHROPIC_API_KEY, or name a file that holds it with --key-file");
    SP_TRY(post_until_answered(api, count->model, body, &count->tokens, err));
    snprintf(count->counted_on, sizeof count->counted_on, "%04u-%02u-%02u", api->today / 10000 % 10000,
             api->today / 100 % 100, api->today % 100);
    return SP_OK;
}

static sp_status count_body(sp_api *api, sp_str body, sp_api_count *count, sp_err *err)
{
    char hash[SP_SHA256_HEX];
    if (body.len > MAX_REQUEST_BYTES)
        return fail(err, SP_API_REQUEST, "this makes a request of %s bytes; the endpoint takes at most 32 MiB",
                    SP_NUMBER(body.len));
    sp_kept_hash(api->url, body, hash);
    if (api->cache_dir)
        SP_TRY(sp_kept_read(api->cache_dir, hash, count, err));
    if (count->is_cached)
        return SP_OK;
    SP_TRY(ask(api, body, count, err));
    if (api->cache_dir) /* if that cannot be written, the next run asks again */
        sp_kept_write(api->cache_dir, api->url, hash, count);
    return SP_OK;
}

static sp_status count_and_release(sp_api *api, sp_buf *body, sp_api_count *count, sp_err *err)
{
    sp_status status = body->failed ? sp_err_memory(err) : count_body(api, sp_buf_str(body), count, err);
    sp_buf_release(body);
    return status;
}

sp_status sp_api_count_text(sp_api *api, sp_str model, sp_str text, sp_api_count *ret, sp_err *err)
{
    sp_api_count count = { .tokens = 0 };
    sp_buf body = { 0 };
    SP_TRY(choose_model(api, model, count.model, err));
    if (text.len == 0)
        return fail(err, SP_API_REQUEST, "is empty, and the endpoint counts no empty message");
    size_t bad = sp_utf8_find_invalid(text, 0);
    if (bad != SIZE_MAX)
        return sp_err_at(err, SP_ERR_INPUT, (sp_str){ NULL, 0 }, text, bad, SP_API_REQUEST,
                         "this is not UTF-8, and the endpoint counts nothing else");
    write_text_request(&body, count.model, text);
    SP_TRY(count_and_release(api, &body, &count, err));
    *ret = count;
    return SP_OK;
}

sp_status sp_api_count_prompt(sp_api *api, sp_str model, sp_prompt *prompt, sp_err *err)
{
    sp_api_count count = { .tokens = 0 };
    sp_buf body = { 0 };
    SP_TRY(choose_model(api, model, count.model, err));
    if (prompt->message_count == 0)
        return fail(err, SP_API_REQUEST, "the prompt is empty, so there is nothing to count");
    count.has_carrier = write_prompt_request(&body, count.model, prompt);
    SP_TRY(count_and_release(api, &body, &count, err));
    prompt->api_count = count;
    return SP_OK;
}
